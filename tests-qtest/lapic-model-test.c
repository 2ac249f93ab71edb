/*
 * Messages to local APICs, on the model of KVM under -accel qtest
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The way of a message is the shipped one, from QMP and the chipset's pins to
 * the ioctl; what the kernel would make of it is read from the model.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_ROM_DIR      where intack-guest.rom is (it is never run here)
 */

#include "qemu/osdep.h"
#include "lapic-model-test.h"
#include "lapic-model-vm.h"

enum {
    SVR_ON = 0x1ff,
    X2APIC = 0xfee00c00,
    XAPIC_OFF = 0xfee00000,
};

/* What there is at power-on, whatever the number of vCPUs */
static void test_power_on(const void *machine)
{
    static const struct {
        const char *smp;
        unsigned vcpus, present;
    } sizes[] = {
        { "1", 1, 1 },
        { "2", 2, 2 },
        { "4", 4, 4 },
        { "1,maxcpus=3", 3, 1 },
    };

    for (int s = 0; s < G_N_ELEMENTS(sizes); s++) {
        Vm vm = vm_start(machine, sizes[s].smp, sizes[s].vcpus, "");

        for (unsigned i = 0; i < sizes[s].vcpus; i++) {
            QDict *state = vm_state(&vm, i);
            bool here = i < sizes[s].present;

            g_assert_cmpint(qdict_get_bool(state, "present"), ==, here);
            g_assert_cmpint(qdict_get_int(state, "cpu-index"), ==, i);
            g_assert_cmpint(qdict_get_int(state, "vcpu-id"), ==, i);
            g_assert_cmpstr(qdict_get_str(state, "mp-state"), ==,
                            i ? "uninitialized" : "runnable");
            g_assert_cmphex(qdict_get_int(state, "apicbase"), ==,
                            !here ? 0 : i ? 0xfee00800 : 0xfee00900);
            g_assert_cmphex(qdict_get_int(state, "id"), ==, i << 24);
            g_assert_cmphex(qdict_get_int(state, "svr"), ==, 0xff);
            g_assert_cmphex(qdict_get_int(state, "dfr"), ==, 0xffffffff);
            g_assert_cmphex(qdict_get_int(state, "lvt1"), ==, 0x10000);
            g_assert_cmpint(qdict_get_int(state, "pev"), ==, -1);
            g_assert_false(qdict_get_bool(state, "init-pending"));
            qobject_unref(state);
        }
        g_assert_cmpint(vm_ioctls(&vm, "total"), ==, 0);
        vm_stop(&vm);
    }
}

/* What is refused changes nothing, not even by an ioctl */

static const struct {
    const char *json, *text;
} refused[] = {
    { "{'delivery': 'fixed', 'vector': 15, 'destination': 1}", "vector" },
    { "{'delivery': 'fixed', 'destination': 1}", "vector" },
    { "{'delivery': 'fixed', 'vector': 15, 'cpu': 1}", "vector" },
    { "{'delivery': 'lowest-priority', 'vector': 7, 'destination': 1}",
      "vector" },
    { "{'delivery': 'fixed', 'vector': 256, 'destination': 1}", "vector" },
    { "{'delivery': 'fixed', 'vector': 4294967295, 'destination': 1}",
      "vector" },
    { "{'delivery': 'smi', 'vector': 49, 'destination': 1}", "vector" },
    { "{'delivery': 'smi', 'vector': 49, 'cpu': 1}", "vector" },
    { "{'delivery': 'reserved', 'vector': 49, 'destination': 1}",
      "delivery mode" },
    { "{'delivery': 'extint', 'vector': 49, 'destination': 1}",
      "delivery mode" },
    { "{'delivery': 'fixed', 'vector': 49, 'shorthand': 'all'}", "shorthand" },
    { "{'delivery': 'fixed', 'vector': 49, 'shorthand': 'self'}", "shorthand" },
    { "{'delivery': 'fixed', 'vector': 49, 'shorthand': 'all', 'cpu': 1}",
      "shorthand" },
    { "{'delivery': 'nmi', 'shorthand': 'others', 'cpu': 1}", "shorthand" },
    { "{'delivery': 'init', 'shorthand': 'none', 'cpu': 1}", "shorthand" },
    { "{'delivery': 'fixed', 'vector': 49, 'destination': 256}",
      "destination" },
    { "{'delivery': 'fixed', 'vector': 49, 'destination': 4294967295}",
      "destination" },
    { "{'delivery': 'fixed', 'vector': 49, 'destination': 1, 'cpu': 1}",
      "destination" },
    { "{'delivery': 'fixed', 'vector': 49, 'destination': -1}", "destination" },
    { "{'delivery': 'fixed', 'vector': 49, 'destination': 4294967296}",
      "destination" },
    { "{'delivery': 'init', 'level': true, 'destination': 1}",
      "trigger mode" },
    { "{'delivery': 'init', 'level': true, 'deassert': true,"
      "'destination': 1}", "trigger mode" },
    { "{'delivery': 'fixed', 'vector': 49, 'level': true, 'cpu': 1}",
      "trigger mode" },
    { "{'delivery': 'fixed', 'vector': 49, 'deassert': true, 'cpu': 1}",
      "level" },
    { "{'delivery': 'fixed', 'vector': 49, 'redirect': true, 'cpu': 1}",
      "redirection hint" },
    { "{'delivery': 'nmi', 'cpu': 2}", "cpu" },
    { "{'delivery': 'nmi', 'cpu': 4294967295}", "cpu" },
    { "{'delivery': 'nmi', 'cpu': 2147483648}", "cpu" },
    { "{'delivery': 'nmi', 'cpu': -1}", "cpu" },
    { "{'delivery': 'nmi', 'cpu': '1'}", "cpu" },
    { "{'delivery': 'nothing', 'cpu': 1}", "nothing" },
    { "{'vector': 49, 'cpu': 1}", "delivery" },
    { "{'delivery': 'nmi', 'cpu': 1, 'what': 1}", "what" },
};

static void test_refused(void)
{
    Vm vm = vm_start("pc", "2", 2, "-cpu qemu64,+x2apic");
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    uint64_t ioctls;

    vm_set(&vm, 0, "svr", SVR_ON);
    vm_set(&vm, 1, "svr", SVR_ON);
    vm_remember(&vm);
    before = vm_digest(&vm);
    ioctls = vm_ioctls(&vm, "total");
    for (int i = 0; i < G_N_ELEMENTS(refused); i++) {
        vm_refuses(&vm, refused[i].json, refused[i].text);
        vm_same(&vm, 0, NULL);
    }
    /* The INIT level de-assert is no error, and does nothing either */
    vm_sent(&vm, "{'delivery': 'init', 'level': true, 'deassert': true,"
            "'cpu': 1}");
    vm_same(&vm, 0, NULL);
    after = vm_digest(&vm);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpint(vm_ioctls(&vm, "total"), ==, ioctls);
    vm_stop(&vm);
}

/* A machine without SMM: KVM_SMI is not even tried */
static void test_no_smm(void)
{
    Vm vm = vm_start("pc,smm=off", "2", 2, "");

    vm_remember(&vm);
    vm_refuses(&vm, "{'delivery': 'smi', 'cpu': 1}", "delivery mode");
    vm_refuses(&vm, "{'delivery': 'smi', 'destination': 1}", "delivery mode");
    vm_same(&vm, 0, NULL);
    g_assert_cmpint(vm_ioctls(&vm, "total"), ==, 0);
    vm_stop(&vm);
}

/* The instrument's own arguments */
static void test_hostile(void)
{
    static const struct {
        const char *field, *val, *text;
    } bad[] = {
        { "svr", "4294967296", "svr" },
        { "svr", "-1", "svr" },
        { "svr", "'on'", "svr" },
        { "apicbase", "-1", "apicbase" },
        { "apicbase", "4276094977", "apicbase" },     /* bit 0 */
        { "apicbase", "4276095488", "apicbase" },     /* bit 9 */
        { "apicbase", "4276093952", "apicbase" },     /* x2APIC, not on */
        { "apicbase", "281479252803584", "apicbase" }, /* bit 48 */
        { "run", "0", "run 0: 1..1000" },
        { "run", "1001", "run 1001: 1..1000" },
        { "run", "-1", "run" },
        { "state", "{}", "state" },
        { "nothing", "1", "nothing" },
    };
    Vm vm = vm_start("pc", "2", 2, "-cpu qemu64,+x2apic");

    vm_remember(&vm);
    for (int i = 0; i < G_N_ELEMENTS(bad); i++) {
        vm_set_bad(&vm, 1, bad[i].field, bad[i].val, bad[i].text);
        vm_same(&vm, 0, NULL);
    }
    vm_set_bad(&vm, 2, "svr", "511", "kvm-model/vcpu[2]");
    vm_set_bad(&vm, 4294967295, "svr", "511", "kvm-model/vcpu[4294967295]");
    vm_set(&vm, 1, "apicbase", X2APIC);
    vm_set_bad(&vm, 1, "ldr", "16777216", "ldr");
    vm_set_bad(&vm, 1, "id", "16777216", "id");
    vm_set_bad(&vm, 1, "dfr", "268435455", "dfr");
    vm_set_bad(&vm, 1, "apicbase", "4276094976", "apicbase");
    vm_set(&vm, 1, "apicbase", XAPIC_OFF);
    vm_set_bad(&vm, 1, "svr", "511", "svr 0x1ff: no register is there");
    vm_stop(&vm);
}

/* The command line, and what else says no */
static void test_errors(void)
{
    static const struct {
        const char *command, *text;
    } bad[] = {
        { "-accel tcg -machine pc,x-kvm-model=on",
          "x-kvm-model=on: with -accel qtest only" },
        { "-accel qtest -machine pc,x-kvm-model=maybe", "x-kvm-model" },
        { "-accel qtest -only-migratable -machine pc,x-kvm-model=on",
          "x-kvm-model=on" },
    };
    Vm vm = vm_start("pc", "1", 1, "");
    g_autofree char *plain = g_strdup_printf(
        "-machine pc -nodefaults -bios %s/intack-guest.rom",
        getenv("INTACK_ROM_DIR") ?: ".");
    QTestState *off;
    QDict *rsp;

    for (int i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = vm_refused(bad[i].command);

        if (!strstr(text, bad[i].text)) {
            g_error("%s: \"%s\" is not in \"%s\"", bad[i].command, bad[i].text,
                    text);
        }
    }
    rsp = qtest_qmp_assert_failure_ref(
        vm.qts, "{'execute': 'migrate', 'arguments': {'uri': 'tcp:0:1'}}");
    g_assert_nonnull(strstr(qdict_get_str(rsp, "desc"), "x-kvm-model=on"));
    qobject_unref(rsp);
    rsp = qtest_qmp_assert_failure_ref(
        vm.qts, "{'execute': 'qom-set', 'arguments': {'path': '/machine',"
        "'property': 'x-kvm-model', 'value': false}}");
    g_assert_nonnull(strstr(qdict_get_str(rsp, "desc"), "x-kvm-model"));
    qobject_unref(rsp);
    vm_stop(&vm);

    /* Off, nothing of it is there */
    off = qtest_init(plain);
    rsp = qtest_qmp_assert_failure_ref(
        off, "{'execute': 'qom-list', 'arguments':"
        "{'path': '/machine/kvm-model'}}");
    qobject_unref(rsp);
    rsp = qtest_qmp_assert_failure_ref(
        off, "{'execute': 'qom-set', 'arguments': {'path': '/machine',"
        "'property': 'x-kvm-model', 'value': true}}");
    g_assert_nonnull(strstr(qdict_get_str(rsp, "desc"), "x-kvm-model"));
    qobject_unref(rsp);
    qtest_quit(off);
}

int main(int argc, char **argv)
{
    static const char *const machines[] = { "pc", "q35", "microvm" };

    g_test_init(&argc, &argv, NULL);
    for (int m = 0; m < G_N_ELEMENTS(machines); m++) {
        g_autofree char *path = g_strdup_printf("lapic-model/%s/power-on",
                                                machines[m]);

        qtest_add_data_func(path, machines[m], test_power_on);
    }
    qtest_add_func("lapic-model/refused", test_refused);
    qtest_add_func("lapic-model/no-smm", test_no_smm);
    qtest_add_func("lapic-model/hostile", test_hostile);
    qtest_add_func("lapic-model/errors", test_errors);
    lapic_model_delivery_tests();
    lapic_model_dest_tests();
    lapic_model_ids_tests();
    lapic_model_pins_tests();
    lapic_model_vcpus_tests();
    return g_test_run();
}
