/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * APIC IDs that are not the vCPU's index, or more than an xAPIC can have, in
 * the model.
 */
#include "qemu/osdep.h"
#include "lapic-model-test.h"
#include "lapic-model-vm.h"

enum {
    SVR_ON = 0x1ff,
    X2APIC = 0xfee00c00,
    FIRST_VECTOR = 0x20,
    PIN = 20,                   /* of the IOAPIC; no device has it */
};

/* cpu_index is not the APIC ID: two sockets of three */
static void test_topology(void)
{
    Vm vm = vm_start("pc", "6,sockets=2,cores=3,threads=1", 6, "");

    for (unsigned i = 0; i < 6; i++) {
        unsigned id = i / 3 * 4 + i % 3;
        g_autofree char *json = g_strdup_printf(
            "{'delivery': 'fixed', 'vector': 49, 'destination': %u}", id);
        g_autofree char *self = g_strdup_printf(
            "{'delivery': 'fixed', 'vector': 50, 'cpu': %u}", i);
        g_autofree char *smi = g_strdup_printf(
            "{'delivery': 'smi', 'cpu': %u}", i);

        g_assert_cmpuint(vm_number(&vm, i, "vcpu-id"), ==, id);
        vm_set(&vm, i, "svr", SVR_ON);
        vm_remember(&vm);
        vm_sent(&vm, json);
        vm_sent(&vm, self);
        vm_sent(&vm, smi);
        vm_same(&vm, i, "irr,smi-pending,done-smi");
        g_assert_true(vm_flag(&vm, i, "smi-pending"));
        g_assert_true(vm_vector(&vm, i, "irr", 49));
        g_assert_true(vm_vector(&vm, i, "irr", 50));
    }
    vm_refuses(&vm, "{'delivery': 'nmi', 'destination': 3}", "local APIC");
    vm_stop(&vm);
}

/* More than an xAPIC can name: the destination has 32 bits */
static void test_many(void)
{
    static const unsigned x2[] = { 1, 100, 254, 255, 256, 259 };
    Vm vm = vm_start("q35", "260", 260, "-cpu qemu64,+x2apic");
    g_autofree char *who = NULL;
    unsigned reached = 0;

    for (int i = 0; i < G_N_ELEMENTS(x2); i++) {
        vm_set(&vm, x2[i], "apicbase", X2APIC);
        vm_set(&vm, x2[i], "svr", SVR_ON);
    }
    vm_remember(&vm);
    for (int i = 0; i < G_N_ELEMENTS(x2); i++) {
        unsigned vector = FIRST_VECTOR + 4 * i;
        g_autofree char *json = g_strdup_printf(
            "{'delivery': 'fixed', 'vector': %u, 'destination': %u}", vector,
            x2[i]);
        g_autofree char *logical = g_strdup_printf(
            "{'delivery': 'fixed', 'vector': %u, 'logical': true,"
            "'destination': %u}", vector + 1,
            x2[i] / 16 << 16 | 1 << x2[i] % 16);
        g_autofree char *self = g_strdup_printf(
            "{'delivery': 'fixed', 'vector': %u, 'cpu': %u}", vector + 2,
            x2[i]);

        vm_sent(&vm, json);
        vm_sent(&vm, logical);
        vm_sent(&vm, self);
    }
    vm_sent(&vm, "{'delivery': 'fixed', 'vector': 99,"
            "'destination': 4294967295}");
    vm_refuses(&vm, "{'delivery': 'nmi', 'destination': 260}", "local APIC");
    vm_same(&vm, VM_ALL, "irr,done-fixed");
    for (unsigned i = 0; i < vm.vcpus; i++) {
        g_autofree char *irr = vm_vectors(&vm, i, "irr");
        unsigned vector = FIRST_VECTOR + 4 * reached;
        g_autofree char *want = g_strdup_printf("%u %u %u 99", vector,
                                                vector + 1, vector + 2);
        bool is = reached < G_N_ELEMENTS(x2) && i == x2[reached];

        g_assert_cmpstr(irr, ==, is ? want : "");
        reached += is;
    }
    g_assert_cmpint(reached, ==, G_N_ELEMENTS(x2));

    /* With an xAPIC that has a logical address 255 is all xAPICs', too */
    vm_set(&vm, 2, "svr", SVR_ON);
    vm_set(&vm, 2, "ldr", 0x80000000);
    vm_sent(&vm, "{'delivery': 'fixed', 'vector': 100, 'destination': 255}");
    g_assert_true(vm_vector(&vm, 255, "irr", 100));
    g_assert_true(vm_vector(&vm, 2, "irr", 100));
    vm_set_entry(&vm, PIN, 0xffull << 56 | 101);
    who = vm_route(&vm, PIN);
    g_assert_cmpstr(who, ==, "2 255");
    vm_stop(&vm);
}

void lapic_model_ids_tests(void)
{
    qtest_add_func("lapic-model/ids/topology", test_topology);
    qtest_add_func("lapic-model/ids/many", test_many);
}
