/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches: the table.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "lapic/rows.h"

#define MANY        4096
#define CLUSTER     0x0fffffffu

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

/* As many as there may be: no limit of ours is in the way */
static void test_many(void)
{
    g_autofree LapicView *views = g_new0(LapicView, MANY);
    uint64_t who[LAPIC_DEST_WORDS(MANY)];
    LapicMsg msg = { .dest = 0xffffffff, .vector = 200, .assert = true };

    for (unsigned i = 0; i < MANY; i++) {
        views[i] = (LapicView) {
            .vcpu_id = i, .id = i, .present = true, .enabled = true,
            .x2apic = true, .software = true, .x2apic_api = true,
        };
    }
    g_assert_cmpuint(lapic_dest(views, MANY, -1, &msg, who), ==, MANY);
    msg.delivery = LAPIC_LOWEST;
    g_assert_cmpint(lapic_dest_one(views, MANY, -1, &msg), ==, 200);
    msg.dest = MANY - 1;
    g_assert_cmpuint(lapic_dest(views, MANY, -1, &msg, who), ==, 1);
    g_assert_cmphex(who[MANY / 64 - 1], ==, 1ull << 63);
    g_assert_cmpint(lapic_postable(views, MANY, &msg), ==, MANY - 1);
    msg.dest = (MANY / 16 - 1) << 16 | 0x8001;
    msg.logical = true;
    g_assert_cmpuint(lapic_dest(views, MANY, -1, &msg, who), ==, 2);
    g_assert_cmphex(who[MANY / 64 - 1], ==, 0x8001ull << 48);
    g_assert_cmphex(who[0], ==, 0);
    g_assert_cmpint(lapic_dest_one(views, MANY, -1, &msg), ==, MANY - 16);
}

/* A shorthand is an ICR's, and nobody is nobody */
static void test_nobody(void)
{
    LapicView views[LAPIC_ROW_VCPUS];
    unsigned n = lapic_row_views(lapic_rows[0].machine, views);
    LapicMsg msg = { .shorthand = LAPIC_SELF, .vector = 49, .assert = true };
    uint64_t who = ~0ull;

    g_assert_cmpuint(lapic_dest(views, n, -1, &msg, &who), ==, 0);
    g_assert_cmphex(who, ==, 0);
    g_assert_cmpint(lapic_dest_one(views, n, -1, &msg), ==, -1);
    g_assert_cmpint(lapic_postable(views, n, &msg), ==, -1);
    msg.shorthand = LAPIC_ALL;
    g_assert_cmpint(lapic_postable(views, 1, &msg), ==, -1);
    msg.shorthand = LAPIC_NO_SHORTHAND;
    g_assert_cmpuint(lapic_dest(views, 0, -1, &msg, &who), ==, 0);
    g_assert_cmpint(lapic_dest_one(views, 0, -1, &msg), ==, -1);
    /* What is not there has an ID all the same */
    views[0].present = false;
    g_assert_cmpuint(lapic_dest(views, n, -1, &msg, &who), ==, 0);
    msg.delivery = LAPIC_NMI;
    msg.shorthand = LAPIC_SELF;
    g_assert_cmpuint(lapic_dest(views, n, 0, &msg, &who), ==, 0);
}

/* What the kernel's page and MSR say */
static void test_view(void)
{
    uint32_t page[256] = {
        [0x20 / 4] = 0x7000000, [0xd0 / 4] = 0x21000000,
        [0xe0 / 4] = CLUSTER, [0xf0 / 4] = 0x1ff,
    };
    LapicView v = lapic_view(3, 0xfee00900, page);

    g_assert_true(v.present && v.enabled && v.software && !v.x2apic);
    g_assert_cmphex(v.vcpu_id, ==, 3);
    g_assert_cmphex(v.id, ==, 7);
    g_assert_cmphex(v.ldr, ==, 0x21000000);
    g_assert_cmphex(v.dfr, ==, CLUSTER);
    page[0xf0 / 4] = 0x0ff;
    v = lapic_view(300, 0xfee00c00, page);
    g_assert_true(v.present && v.enabled && !v.software && v.x2apic);
    g_assert_cmphex(v.id, ==, 300);
    v = lapic_view(300, 0xfee00000, page);
    g_assert_true(v.present && !v.enabled && !v.x2apic);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < lapic_rows_count; i++) {
        char *path = g_strdup_printf("/lapic-dest/rows/%s",
                                     lapic_rows[i].name);

        g_test_add_data_func(path, &lapic_rows[i], test_row);
        g_free(path);
    }
    g_test_add_func("/lapic-dest/nobody", test_nobody);
    g_test_add_func("/lapic-dest/view", test_view);
    g_test_add_func("/lapic-dest/many", test_many);
    return g_test_run();
}
