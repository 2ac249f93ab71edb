/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vCPUs' threads, vCPUs that come and go, and resets: on the local APICs of
 * the model.
 */
#include "qemu/osdep.h"
#include "lapic-model-test.h"
#include "lapic-model-vm.h"

enum {
    SVR_ON = 0x1ff,
    XAPIC_OFF = 0xfee00000,
    LVT_NMI = 0x400,
    VCPUS = 4,
};

static void inject_nmi(Vm *vm)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': 'inject-nmi'}");
}

/* INIT# of the chipset */
static void port92(Vm *vm)
{
    qtest_outb(vm->qts, 0x92, 0);
    qtest_outb(vm->qts, 0x92, 1);
}

static void test_reset(void)
{
    Vm vm = vm_start("pc", "3", 3, "");
    g_autofree char *power_on = vm_digest(&vm);
    g_autofree char *now = NULL;

    vm_set_model(&vm, "threads", "'held'");
    vm_set(&vm, 1, "svr", SVR_ON);
    vm_sent(&vm, "{'delivery': 'fixed', 'vector': 49, 'destination': 1}");
    vm_sent(&vm, "{'delivery': 'init', 'destination': 2}");
    vm_sent(&vm, "{'delivery': 'smi', 'cpu': 1}");
    g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 1);
    vm_reset(&vm);
    /* What was queued belonged to the life before */
    g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 0);
    vm_set_model(&vm, "threads", "'at-once'");
    now = vm_digest(&vm);
    g_assert_cmpstr(now, ==, power_on);
    vm_sent(&vm, "{'delivery': 'smi', 'cpu': 1}");
    g_assert_true(vm_flag(&vm, 1, "smi-pending"));
    vm_stop(&vm);
}

/* The vCPUs' threads */

static void smi(Vm *vm)
{
    vm_sent(vm, "{'delivery': 'smi', 'cpu': 1}");
}

/* What is asserted twice before the thread looked is asserted once */
static void test_merge(void)
{
    static const struct {
        void (*pin)(Vm *vm);
        const char *ioctl, *field;
        uint64_t ioctls;
    } rows[] = {
        { inject_nmi, "KVM_NMI", "done-nmi", 1 },
        { port92, "KVM_SET_VCPU_EVENTS", "done-init", 2 },
        { smi, "KVM_SMI", "done-smi", 1 },
    };
    Vm vm = vm_start("pc,queued-nmi=on,chipset-init=cpu", "2", 2, "");

    for (int r = 0; r < G_N_ELEMENTS(rows); r++) {
        vm_reset(&vm);
        vm_set(&vm, 1, "svr", SVR_ON);
        vm_set(&vm, 1, "lvt1", LVT_NMI);
        for (uint64_t round = 1; round <= 2; round++) {
            vm_set_model(&vm, "threads", "'held'");
            vm_remember(&vm);
            for (int i = 0; i < 3; i++) {
                rows[r].pin(&vm);
            }
            vm_same(&vm, VM_ALL, "queued");
            g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 1);
            g_assert_cmpint(vm_ioctls(&vm, rows[r].ioctl), ==,
                            (round - 1) * rows[r].ioctls);

            vm_set_model(&vm, "threads", "'at-once'");
            g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 0);
            g_assert_cmpint(vm_number(&vm, 1, rows[r].field), ==, round);
            g_assert_cmpint(vm_ioctls(&vm, rows[r].ioctl), ==,
                            round * rows[r].ioctls);
        }
    }
    vm_stop(&vm);
}

/* All at once: the INIT is first, and masks LVT1 before the NMI gets there */
static void test_init_first(void)
{
    Vm vm = vm_start("pc,queued-nmi=on,chipset-init=cpu", "2", 2, "");

    vm_set(&vm, 1, "svr", SVR_ON);
    vm_set(&vm, 1, "lvt1", LVT_NMI);
    vm_set_model(&vm, "threads", "'held'");
    inject_nmi(&vm);
    smi(&vm);
    port92(&vm);
    g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 1);
    g_assert_cmpint(vm_ioctls(&vm, "total"), ==, 0);
    vm_set_model(&vm, "threads", "'at-once'");
    g_assert_cmpint(vm_number(&vm, 1, "took-init"), ==, 1);
    g_assert_cmpint(vm_number(&vm, 1, "masked"), ==, 1);
    g_assert_cmpint(vm_number(&vm, 1, "nmi-pending"), ==, 0);
    g_assert_true(vm_flag(&vm, 1, "smi-pending"));
    vm_stop(&vm);
}

/* A stopped VM does not run on with something queued that is not saved */
static void test_stopped(void)
{
    Vm vm = vm_start("pc", "2", 2, "");

    qtest_qmp_assert_success(vm.qts, "{'execute': 'stop'}");
    vm_set_model(&vm, "threads", "'held'");
    smi(&vm);
    g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 1);
    vm_set_model(&vm, "threads", "'bottom-half'");
    smi(&vm);
    g_assert_cmpint(vm_number(&vm, 1, "queued"), ==, 0);
    g_assert_true(vm_flag(&vm, 1, "smi-pending"));
    vm_stop(&vm);
}

/*
 * With the APIC off both are the thread's work: an INIT undoes the SIPI before
 * it, and a SIPI comes after the INIT before it.
 */
static void test_sipi(void)
{
    static const char init[] = "{'delivery': 'init', 'cpu': 1}";
    static const char startup[] =
        "{'delivery': 'startup', 'vector': 18, 'cpu': 1}";
    static const struct {
        const char *first, *then, *mp_state;
    } rows[] = {
        { startup, init, "wait-for-sipi" },
        { init, startup, "runnable" },
        { startup, startup, "uninitialized" },
    };
    Vm vm = vm_start("pc", "2", 2, "");

    for (int r = 0; r < G_N_ELEMENTS(rows); r++) {
        g_autofree char *mp = NULL;

        vm_reset(&vm);
        vm_set(&vm, 1, "apicbase", XAPIC_OFF);
        vm_set_model(&vm, "threads", "'held'");
        vm_remember(&vm);
        vm_sent(&vm, rows[r].first);
        vm_sent(&vm, rows[r].then);
        vm_same(&vm, 1, "queued");
        vm_set_model(&vm, "threads", "'at-once'");
        vm_set(&vm, 1, "run", 2);
        mp = vm_text(&vm, 1, "mp-state");
        g_assert_cmpstr(mp, ==, rows[r].mp_state);
    }
    g_assert_cmpint(vm_number(&vm, 1, "sipi-vector"), ==, 0);
    vm_stop(&vm);
}

/* Until the threads have done what is queued to them */
static void let_run(Vm *vm, const char *threads)
{
    if (g_str_equal(threads, "'held'")) {
        g_assert_cmpint(vm_number(vm, 3, "queued"), ==, 1);
        vm_set_model(vm, "threads", "'bottom-half'");
    }
    for (unsigned i = 0; i < VCPUS; i++) {
        while (vm_number(vm, i, "queued")) {
            g_usleep(1000);
        }
    }
    vm_set_model(vm, "threads", threads);
}

/* The end is the same, whenever the threads do their part */
static void test_order(void)
{
    static const char *const threads[] = {
        "'at-once'", "'bottom-half'", "'held'",
    };
    g_autofree char *first = NULL;

    for (int t = 0; t < G_N_ELEMENTS(threads); t++) {
        Vm vm = vm_start("pc,queued-nmi=on,chipset-init=cpu", "4", VCPUS, "");
        g_autofree char *now = NULL;

        vm_set_model(&vm, "threads", threads[t]);
        port92(&vm);
        let_run(&vm, threads[t]);
        vm_set(&vm, 1, "svr", SVR_ON);
        vm_set(&vm, 1, "lvt1", LVT_NMI);
        vm_set(&vm, 3, "apicbase", XAPIC_OFF);
        vm_sent(&vm, "{'delivery': 'smi', 'cpu': 2}");
        vm_sent(&vm, "{'delivery': 'startup', 'vector': 18, 'cpu': 3}");
        inject_nmi(&vm);
        let_run(&vm, threads[t]);
        now = vm_digest(&vm);
        if (!first) {
            first = g_strdup(now);
        }
        g_assert_cmpstr(now, ==, first);
        g_assert_cmpint(vm_number(&vm, 1, "nmi-pending"), ==, 1);
        g_assert_true(vm_flag(&vm, 3, "sipi-pending"));
        vm_stop(&vm);
    }
}

/* vCPUs that come and go */

static void unplug(Vm *vm, unsigned i)
{
    enum { ACPI_CPU = 0xaf00, EJECT = 8 };

    /* What the guest's ACPI does: to the modern registers, then the eject */
    qtest_outl(vm->qts, ACPI_CPU, 0);
    qtest_qmp_device_del_send(vm->qts, "hot");
    qtest_outl(vm->qts, ACPI_CPU, i);
    qtest_outb(vm->qts, ACPI_CPU + 4, EJECT);
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
}

static void plug(Vm *vm, unsigned i)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': 'device_add', 'arguments':"
                             "{'driver': 'qemu64-x86_64-cpu', 'id': 'hot',"
                             "'socket-id': 0, 'die-id': 0, 'core-id': %u,"
                             "'module-id': 0, 'thread-id': 0}}", i);
}

static void test_hotplug(void)
{
    Vm vm = vm_start("pc,queued-nmi=on", "2,maxcpus=4,sockets=1,cores=4", 4,
                     "-cpu qemu64");
    static const char nmi[] = "{'delivery': 'nmi', 'cpu': 2}";

    g_assert_false(vm_flag(&vm, 2, "present"));
    g_assert_false(vm_flag(&vm, 3, "present"));
    vm_remember(&vm);
    vm_refuses(&vm, nmi, "2");
    vm_refuses(&vm, "{'delivery': 'nmi', 'destination': 2}", "local APIC");
    vm_set_bad(&vm, 2, "svr", "511", "svr: there is no vCPU 2");
    vm_set_bad(&vm, 2, "apicbase", "4276094976", "apicbase");
    vm_set_bad(&vm, 2, "run", "1", "run: there is no vCPU 2");
    vm_same(&vm, 0, NULL);

    plug(&vm, 2);
    g_assert_true(vm_flag(&vm, 2, "present"));
    g_assert_cmphex(vm_number(&vm, 2, "apicbase"), ==, 0xfee00800);
    vm_same(&vm, 2, "present,apicbase");
    vm_set_model(&vm, "threads", "'held'");
    inject_nmi(&vm);
    g_assert_cmpint(vm_number(&vm, 2, "queued"), ==, 1);
    vm_sent(&vm, "{'delivery': 'fixed', 'vector': 49, 'cpu': 2}");

    unplug(&vm, 2);
    g_assert_false(vm_flag(&vm, 2, "present"));
    g_assert_cmpint(vm_number(&vm, 2, "queued"), ==, 0);
    vm_refuses(&vm, nmi, "2");
    vm_set_model(&vm, "threads", "'at-once'");
    g_assert_cmpint(vm_ioctls(&vm, "KVM_GET_LAPIC"), ==, 2);
    inject_nmi(&vm);
    g_assert_cmpint(vm_ioctls(&vm, "KVM_GET_LAPIC"), ==, 4);
    /* As in the kernel: it is parked, not gone */
    vm_sent(&vm, "{'delivery': 'nmi', 'destination': 2}");

    plug(&vm, 2);
    vm_same(&vm, VM_ALL, "present,apicbase,masked");
    vm_sent(&vm, nmi);
    g_assert_cmpint(vm_number(&vm, 2, "nmi-pending"), ==, 1);
    vm_stop(&vm);
}

void lapic_model_vcpus_tests(void)
{
    qtest_add_func("lapic-model/reset", test_reset);
    qtest_add_func("lapic-model/threads/merge", test_merge);
    qtest_add_func("lapic-model/threads/init-first", test_init_first);
    qtest_add_func("lapic-model/threads/stopped", test_stopped);
    qtest_add_func("lapic-model/threads/sipi", test_sipi);
    qtest_add_func("lapic-model/threads/order", test_order);
    qtest_add_func("lapic-model/hotplug", test_hotplug);
}
