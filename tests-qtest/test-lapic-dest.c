/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches: the table, and against the model of the kernel.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model-lapic.h"
#include "lapic-dest.h"
#include "lapic/rows.h"

#define VCPUS       4
#define VECTOR      0x40

static void test_row(const void *opaque)
{
    const LapicRow *row = opaque;
    LapicView views[LAPIC_ROW_VCPUS];
    unsigned n = lapic_row_views(row->machine, views);
    uint64_t who = ~0ull;

    g_assert_cmpuint(lapic_dest(views, n, row->source, &row->msg, &who), ==,
                     __builtin_popcount(row->set));
    g_assert_cmphex(who, ==, row->set);
    g_assert_cmpint(lapic_dest_one(views, n, row->source, &row->msg), ==,
                    row->one);
    if (row->source < 0) {
        g_assert_cmpint(lapic_postable(views, n, &row->msg), ==,
                        row->postable);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (unsigned i = 0; i < lapic_rows_count; i++) {
        char *path = g_strdup_printf("/lapic-dest/rows/%s",
                                     lapic_rows[i].name);

        g_test_add_data_func(path, &lapic_rows[i], test_row);
        g_free(path);
    }
    return g_test_run();
}
