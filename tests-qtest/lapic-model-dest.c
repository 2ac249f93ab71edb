/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches: read from the local APICs of the model. What is
 * expected is computed from the message's words, by the SDM's tables and KVM's
 * choice among several.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "lapic-model-test.h"
#include "lapic-model-vm.h"

enum {
    SVR_ON = 0x1ff,
    X2APIC = 0xfee00c00,
    XAPIC_OFF = 0xfee00000,
    FIRST_VECTOR = 0x20,
    VCPUS = 4,
    EVERYBODY = (1 << VCPUS) - 1,
};

typedef struct Dest {
    Vm vm;
    unsigned vector;            /* of the next message: each has its own */
} Dest;

static Dest dest_start(void)
{
    return (Dest) { vm_start("pc", "4", VCPUS, "-cpu qemu64,+x2apic") };
}

/* All xAPICs, enabled, with their first numbers */
static void dest_begin(Dest *d)
{
    vm_reset(&d->vm);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d->vm, i, "svr", SVR_ON);
    }
    d->vector = FIRST_VECTOR;
}

/* The vCPUs that have the vector now */
static uint32_t dest_who(Dest *d, unsigned vector)
{
    uint32_t who = 0;

    for (unsigned i = 0; i < VCPUS; i++) {
        who |= (uint32_t)vm_vector(&d->vm, i, "irr", vector) << i;
    }
    return who;
}

/* @more: of the arguments; @want: whom it reaches, 0: nobody, as is said */
static void dest_row(Dest *d, const char *delivery, uint32_t dest,
                     const char *more, uint32_t want)
{
    g_autofree char *json = g_strdup_printf(
        "{'delivery': '%s', 'vector': %u, 'destination': %u%s}", delivery,
        d->vector, dest, more);
    g_autofree char *error = vm_send(&d->vm, json);
    uint32_t who = dest_who(d, d->vector);

    if (who != want || !error != !!want ||
        (error && !strstr(error, "local APIC"))) {
        g_error("%s: reached 0x%x, not 0x%x (%s)", json, who, want,
                error ?: "taken");
    }
    g_assert_cmpuint(d->vector, <, 255);
    d->vector++;
}

#define LOGICAL ", 'logical': true"

/* Of the bits of @mask the one that KVM's hash chooses for the vector */
static uint32_t chosen(uint32_t mask, unsigned vector)
{
    for (unsigned n = vector % ctpop32(mask); n; n--) {
        mask &= mask - 1;
    }
    return mask & -mask;
}

static void test_physical(void)
{
    Dest d = dest_start();

    dest_begin(&d);
    for (unsigned i = 0; i < VCPUS; i++) {
        dest_row(&d, "fixed", i, "", 1 << i);
        dest_row(&d, "lowest-priority", i, "", 1 << i);
    }
    dest_row(&d, "fixed", VCPUS, "", 0);
    dest_row(&d, "fixed", 254, "", 0);
    dest_row(&d, "fixed", 255, "", EVERYBODY);
    /* The guest numbers one anew, then two the same */
    vm_set(&d.vm, 1, "id", 9u << 24);
    dest_row(&d, "fixed", 9, "", 1 << 1);
    dest_row(&d, "fixed", 1, "", 0);
    vm_set(&d.vm, 2, "id", 9u << 24);
    dest_row(&d, "fixed", 9, "", 1 << 1 | 1 << 2);
    vm_stop(&d.vm);
}

static void test_flat(void)
{
    Dest d = dest_start();

    dest_begin(&d);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d.vm, i, "ldr", 1u << (24 + i));
    }
    for (uint32_t m = 0; m < 32; m++) {
        dest_row(&d, "fixed", m, LOGICAL, m & EVERYBODY);
        dest_row(&d, "lowest-priority", m, LOGICAL,
                 m ? chosen(m, d.vector) & EVERYBODY : 0);
        dest_row(&d, "fixed", m, LOGICAL ", 'redirect': true",
                 m ? chosen(m, d.vector) & EVERYBODY : 0);
    }
    dest_row(&d, "fixed", 255, LOGICAL, EVERYBODY);
    for (int i = 0; i < VCPUS; i++) {
        dest_row(&d, "lowest-priority", 255, LOGICAL,
                 chosen(EVERYBODY, d.vector));
    }
    vm_stop(&d.vm);
}

/* Two clusters of two */
static void test_cluster(void)
{
    Dest d = dest_start();

    dest_begin(&d);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d.vm, i, "dfr", 0x0fffffff);
        vm_set(&d.vm, i, "ldr", (i / 2) << 28 | 1u << (24 + i % 2));
    }
    for (uint32_t cluster = 0; cluster < 3; cluster++) {
        for (uint32_t m = 0; m < 8; m++) {
            uint32_t here = cluster < 2 ? 3 << cluster * 2 : 0;

            dest_row(&d, "fixed", cluster << 4 | m, LOGICAL,
                     m << cluster * 2 & here);
            dest_row(&d, "lowest-priority", cluster << 4 | m, LOGICAL,
                     m ? chosen(m, d.vector) << cluster * 2 & here : 0);
        }
    }
    dest_row(&d, "fixed", 255, LOGICAL, EVERYBODY);
    vm_stop(&d.vm);
}

/* Two in clusters, two flat: KVM asks each of them */
static void test_mixed(void)
{
    static const uint32_t ldr[VCPUS] = { 0x11, 0x21, 0x40, 0x80 };
    static const struct {
        uint32_t dest, who;
    } rows[] = {
        { 0x11, 1 << 0 }, { 0x13, 1 << 0 }, { 0x12, 0 }, { 0x21, 1 << 1 },
        { 0x31, 0 }, { 0x51, 1 << 2 }, { 0x91, 1 << 3 },
        { 0xc0, 1 << 2 | 1 << 3 }, { 0xff, EVERYBODY },
    };
    Dest d = dest_start();

    dest_begin(&d);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d.vm, i, "dfr", i < 2 ? 0x0fffffff : 0xffffffff);
        vm_set(&d.vm, i, "ldr", ldr[i] << 24);
    }
    for (int r = 0; r < G_N_ELEMENTS(rows); r++) {
        uint32_t who = rows[r].who;

        dest_row(&d, "fixed", rows[r].dest, LOGICAL, who);
        dest_row(&d, "lowest-priority", rows[r].dest, LOGICAL,
                 who ? chosen(who, d.vector) : 0);
    }
    vm_stop(&d.vm);
}

/* Of x2APICs an MSI's 8 bits can name the first eight of cluster 0 */
static void test_x2apic(void)
{
    Dest d = dest_start();

    dest_begin(&d);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d.vm, i, "apicbase", i ? X2APIC : X2APIC | 0x100);
        g_assert_cmphex(vm_number(&d.vm, i, "ldr"), ==, 1 << i);
    }
    for (uint32_t m = 0; m < 32; m++) {
        dest_row(&d, "fixed", m, LOGICAL, m & EVERYBODY);
        dest_row(&d, "lowest-priority", m, LOGICAL,
                 m ? chosen(m, d.vector) & EVERYBODY : 0);
    }
    for (unsigned i = 0; i < VCPUS; i++) {
        dest_row(&d, "fixed", i, "", 1 << i);
    }
    dest_row(&d, "fixed", VCPUS, "", 0);
    dest_row(&d, "fixed", 255, "", EVERYBODY);
    vm_stop(&d.vm);
}

/* Those that are off are not reached, nor counted among the candidates */
static void test_off(void)
{
    Dest d = dest_start();

    dest_begin(&d);
    vm_set(&d.vm, 1, "svr", 0xff);
    vm_set(&d.vm, 2, "apicbase", XAPIC_OFF);
    dest_row(&d, "fixed", 0, "", 1);
    dest_row(&d, "fixed", 1, "", 0);
    dest_row(&d, "fixed", 2, "", 0);
    dest_row(&d, "fixed", 255, "", 1 | 1 << 3);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d.vm, i == 2 ? 0 : i, "ldr", 1u << (24 + (i == 2 ? 0 : i)));
    }
    for (int i = 0; i < VCPUS; i++) {
        uint32_t want = d.vector % 2 ? 1 << 3 : 1;

        dest_row(&d, "lowest-priority", 255, LOGICAL, want);
    }
    vm_stop(&d.vm);
}

/* NMI, INIT and SMI go the same way */
static void test_all(void)
{
    static const struct {
        const char *json, *field;
    } rows[] = {
        { "{'delivery': 'nmi', 'destination': 255}", "nmi-pending" },
        { "{'delivery': 'init', 'destination': 255}", "init-pending" },
        { "{'delivery': 'smi', 'destination': 255}", "smi-pending" },
    };
    Dest d = dest_start();

    for (int r = 0; r < G_N_ELEMENTS(rows); r++) {
        dest_begin(&d);
        vm_set(&d.vm, 3, "apicbase", XAPIC_OFF);
        vm_remember(&d.vm);
        vm_sent(&d.vm, rows[r].json);
        vm_same(&d.vm, VM_ALL, rows[r].field);
        for (unsigned i = 0; i < VCPUS; i++) {
            QDict *state = vm_state(&d.vm, i);
            bool is = r ? qdict_get_bool(state, rows[r].field) :
                          qdict_get_int(state, rows[r].field);

            g_assert_cmpint(is, ==, i != 3);
            qobject_unref(state);
        }
    }
    vm_stop(&d.vm);
}

/* MSIs of devices and of the IOAPIC arrive as well, and where the routes say */
static void test_device(void)
{
    enum { PIN = 20, LOGICAL_MODE = 0x800 };
    Dest d = dest_start();

    dest_begin(&d);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&d.vm, i, "ldr", 1u << (24 + i));
    }
    for (uint32_t m = 1; m <= EVERYBODY; m++) {
        g_autoptr(GString) want = g_string_new("");
        g_autofree char *who = NULL;
        unsigned vector = d.vector++;

        qtest_writel(d.vm.qts, 0xfee00004 | m << 12, vector);
        g_assert_cmphex(dest_who(&d, vector), ==, m);
        vm_set_entry(&d.vm, PIN, (uint64_t)m << 56 | LOGICAL_MODE |
                     (vector + 100));
        for (unsigned i = 0; i < VCPUS; i++) {
            if (m >> i & 1) {
                g_string_append_printf(want, "%s%u", want->len ? " " : "", i);
            }
        }
        who = vm_route(&d.vm, PIN);
        g_assert_cmpstr(who, ==, want->str);
        qtest_set_irq_in(d.vm.qts, "ioapic", NULL, PIN, 1);
        qtest_set_irq_in(d.vm.qts, "ioapic", NULL, PIN, 0);
        g_assert_cmphex(dest_who(&d, vector + 100), ==, m);
    }
    vm_stop(&d.vm);
}

void lapic_model_dest_tests(void)
{
    qtest_add_func("lapic-model/dest/physical", test_physical);
    qtest_add_func("lapic-model/dest/flat", test_flat);
    qtest_add_func("lapic-model/dest/cluster", test_cluster);
    qtest_add_func("lapic-model/dest/mixed", test_mixed);
    qtest_add_func("lapic-model/dest/x2apic", test_x2apic);
    qtest_add_func("lapic-model/dest/off", test_off);
    qtest_add_func("lapic-model/dest/all", test_all);
    qtest_add_func("lapic-model/dest/device", test_device);
}
