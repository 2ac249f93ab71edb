/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x-lapic-send under real KVM and, as the witness, TCG: INIT, NMI, SMI,
 * interrupts, and what is refused.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "lapic-vm.h"

#define KVM KVM_SPLIT ",queued-nmi=on"

/* The other CPU does not notice, nor does RAM; then it is started again */
static void test_init_ap(const void *data)
{
    static const uint32_t lapic[2] = { };
    const char *machine = data;
    QTestState *qts;
    uint32_t old, beat;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 2, lapic);
    for (int i = 0; i < 3; i++) {
        old = cpu_data(1);
        beat = word(cpu_data(0) + C_BEAT);
        send_msg(qts, "'delivery': 'init', 'destination': 1");
        g_assert_true(cpu_rests(1));
        g_assert_true(reaches(cpu_data(0) + C_BEAT, beat + 1000));
        g_assert_true(cpu_data(1) == old);
        if (i == 0) {
            set_word(P_GO, 1);
        } else if (i == 1) {
            send_msg(qts, "'delivery': 'startup', 'destination': 1,"
                     " 'vector': 240");
        } else {
            send_msg(qts, "'delivery': 'startup', 'cpu': 1, 'vector': 240");
        }
        g_assert_true(cpu_starts(1, old));
        g_assert_true(cpu_beats(1));
    }
    g_assert_cmpuint(word(R_BOOTS), ==, 1);
    g_assert_cmpuint(word(R_APS), ==, 4);
    guest_quit(qts);
}

/* The boot CPU is at the reset vector again, in the same RAM */
static void test_init_bsp(const void *data)
{
    static const uint32_t lapic[2] = { };
    const char *machine = data;
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 2, lapic);
    for (int i = 1; i <= 3; i++) {
        g_assert_cmpuint(word(R_BOOTS), ==, i);
        send_msg(qts, "'delivery': 'init', 'destination': 0");
        g_assert_true(reaches(R_BOOTS, i + 1));
        g_assert_true(cpu_starts(0, 0));
        g_assert_true(cpu_starts(1, 0));
        g_assert_true(cpu_beats(0) && cpu_beats(1));
    }
    guest_quit(qts);
}

/* No message of the bus reaches an APIC that is off; the CPU's own wires do */
static void test_init_off(const void *data)
{
    static const uint32_t lapic[2] = { 0, L_OFF };
    const char *machine = data;
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 2, lapic);
    send_msg(qts, "'delivery': 'init', 'cpu': 1");
    g_assert_true(cpu_rests(1));
    g_assert_true(cpu_beats(0));
    send_msg(qts, "'delivery': 'startup', 'cpu': 1, 'vector': 240");
    /* Its number is not to be read from an APIC that is off */
    g_assert_true(reaches(R_APS, 2));
    g_assert_true(reaches(PERCPU + 2 * 256 + C_BEAT, 100));
    guest_quit(qts);
}

/* Interrupts, SMI */

static void test_fixed(const void *data)
{
    static const uint32_t lapic[2] = { 0, L_HALT };
    const char *machine = data;
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 2, lapic);
    g_assert_true(cpu_rests(1));
    for (int i = 1; i <= 6; i += 2) {
        send_msg(qts, "'delivery': 'fixed', 'vector': 96, 'destination': 1");
        g_assert_true(reaches(cpu_data(1) + C_IPI, i));
        send_msg(qts, "'delivery': 'fixed', 'vector': 96, 'cpu': 1");
        g_assert_true(reaches(cpu_data(1) + C_IPI, i + 1));
    }
    g_usleep(50000);
    g_assert_cmpuint(word(cpu_data(1) + C_IPI), ==, 6);
    g_assert_cmpuint(word(cpu_data(0) + C_IPI), ==, 0);
    guest_quit(qts);
}

/* What the CPUs have taken in all, once that is as much as this */
static uint32_t all_take(uint32_t *n, unsigned cpus, uint32_t least)
{
    int64_t end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    uint32_t sum;

    do {
        g_usleep(20000);
        sum = 0;
        for (unsigned i = 0; i < cpus; i++) {
            n[i] = word(cpu_data(i) + C_IPI);
            sum += n[i];
        }
    } while (sum < least && g_get_monotonic_time() < end);
    return sum;
}

/* One takes it, whoever that is; a broadcast is everybody's */
static void test_lowest(const void *data)
{
    static const uint32_t lapic[4] = { 0, L_CLI | L_OFF, 0, L_HALT };
    const char *machine = data;
    uint32_t n[4];
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 4, lapic);
    for (int round = 1; round <= 5; round++) {
        send_msg(qts, "'delivery': 'lowest-priority', 'vector': 96,"
                 " 'logical': true, 'destination': 13");
        g_assert_cmpuint(all_take(n, 4, round), ==, round);
        for (int i = 0; i < 4; i++) {
            g_assert_true(n[i] == 0 || n[i] == round);
        }
    }
    send_msg(qts, "'delivery': 'lowest-priority', 'vector': 96,"
             " 'destination': 255");
    g_assert_cmpuint(all_take(n, 4, 5 + 3), ==, 5 + 3);
    g_assert_true(n[0] && !n[1] && n[2] && n[3]);
    guest_quit(qts);
}

static void test_nmi_msg(const void *data)
{
    static const uint32_t lapic[4] = { 0, L_MASKED, L_HALT | L_CLI, L_FIXED };
    const char *machine = data;
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 4, lapic);
    for (int i = 0; i < 4; i++) {
        /* LVT1 is for the pin alone */
        qtest_qmp_assert_success(qts, "{'execute': 'x-lapic-send',"
                                 " 'arguments': {'delivery': 'nmi',"
                                 " 'destination': %d}}", i);
        g_assert_true(reaches(cpu_data(i) + C_NMI, 1));
    }
    g_usleep(50000);
    for (int i = 0; i < 4; i++) {
        g_assert_cmpuint(word(cpu_data(i) + C_NMI), ==, 1);
    }
    guest_quit(qts);
}

static void test_smi(const void *data)
{
    static const uint32_t lapic[2] = { 0, L_HALT };
    const char *machine = data;
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 2, lapic);
    if (!has_smm && g_str_equal(machine, KVM)) {
        refused(qts, "'delivery': 'smi', 'destination': 1", "SMM");
        refused(qts, "'delivery': 'smi', 'cpu': 1", "SMM");
        g_assert_cmpuint(word(R_SMI), ==, 0);
        guest_quit(qts);
        g_test_skip("this KVM has no KVM_CAP_X86_SMM");
        return;
    }
    send_msg(qts, "'delivery': 'smi', 'destination': 1");
    g_assert_true(reaches(R_SMI, 1));
    send_msg(qts, "'delivery': 'smi', 'cpu': 1");
    g_assert_true(reaches(R_SMI, 2));
    g_usleep(50000);
    g_assert_cmpuint(word(R_SMI), ==, 2);
    g_assert_true(cpu_beats(0));
    guest_quit(qts);
}

/* Nothing changes: no count, no CPU's way of life, no RAM */
static void test_refused(const void *data)
{
    static const struct {
        const char *args;
        const char *why;
    } bad[] = {
        { "'delivery': 'fixed', 'vector': 7, 'destination': 1", "vector" },
        { "'delivery': 'fixed', 'vector': 256, 'destination': 1", "vector" },
        { "'delivery': 'lowest-priority', 'vector': 15", "vector" },
        { "'delivery': 'reserved', 'destination': 1", "delivery" },
        { "'delivery': 'extint', 'destination': 1", "delivery" },
        { "'delivery': 'smi', 'vector': 5, 'destination': 1", "vector" },
        { "'delivery': 'fixed', 'vector': 96, 'shorthand': 'all'",
          "shorthand" },
        { "'delivery': 'nmi', 'cpu': 1, 'shorthand': 'others'", "19:18" },
        { "'delivery': 'nmi', 'cpu': 1, 'shorthand': 'none'", "19:18" },
        { "'delivery': 'nmi', 'cpu': 1, 'destination': 1", "destination" },
        { "'delivery': 'nmi', 'destination': 300", "dest" },
        { "'delivery': 'init', 'destination': 1, 'level': true,"
          " 'deassert': true", "trigger mode" },
        { "'delivery': 'nmi', 'destination': 9", "no local APIC took" },
        { "'delivery': 'init', 'destination': 2", "no local APIC took" },
        { "'delivery': 'fixed', 'vector': 96, 'destination': 2",
          "no local APIC took" },
        { "'delivery': 'fixed', 'vector': 96, 'destination': 3",
          "no local APIC took" },
        { "'delivery': 'nmi', 'cpu': 4", "cpu" },
    };
    static const uint32_t lapic[4] = { 0, 0, L_OFF, L_SOFT };
    uint32_t before[4];
    const char *machine = data;
    QTestState *qts;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 4, lapic);
    for (int i = 0; i < 4; i++) {
        before[i] = cpu_data(i);
    }
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        refused(qts, bad[i].args, bad[i].why);
    }
    /* No harm, and no effect */
    send_msg(qts, "'delivery': 'init', 'cpu': 1, 'level': true,"
             " 'deassert': true");
    for (int i = 0; i < 4; i++) {
        g_assert_true(cpu_beats(i));
        g_assert_true(cpu_data(i) == before[i]);
        g_assert_cmpuint(word(cpu_data(i) + C_NMI), ==, 0);
        g_assert_cmpuint(word(cpu_data(i) + C_IPI), ==, 0);
    }
    g_assert_cmpuint(word(R_SMI), ==, 0);
    g_assert_cmpuint(word(R_BOOTS), ==, 1);
    guest_quit(qts);
}

/* A vCPU that comes later can be reached; before, there is none */
static void test_hotplug(const void *data)
{
    static const uint32_t lapic[2] = { };
    const char *machine = data;
    QTestState *qts;
    QDict *rsp, *cpu, *args;

    if (skip(machine)) {
        return;
    }
    qts = guest_start(machine, 2, lapic);
    refused(qts, "'delivery': 'init', 'cpu': 2", "cpu");
    inject_nmi(qts);
    g_assert_true(reaches(cpu_data(0) + C_NMI, 1));
    rsp = qtest_qmp(qts, "{'execute': 'query-hotpluggable-cpus'}");
    cpu = qobject_to(QDict, qlist_peek(qdict_get_qlist(rsp, "return")));
    g_assert_false(qdict_haskey(cpu, "qom-path"));
    args = qdict_clone_shallow(qdict_get_qdict(cpu, "props"));
    qdict_put_str(args, "driver", qdict_get_str(cpu, "type"));
    qdict_put_str(args, "id", "hot");
    qobject_unref(rsp);
    qtest_qmp_assert_success(qts, "{'execute': 'device_add',"
                             " 'arguments': %p}", args);
    inject_nmi(qts);
    g_assert_true(reaches(cpu_data(0) + C_NMI, 2));
    send_msg(qts, "'delivery': 'init', 'destination': 2");
    send_msg(qts, "'delivery': 'startup', 'cpu': 2, 'vector': 240");
    g_assert_true(cpu_starts(2, 0));
    g_assert_cmpuint(word(cpu_data(2) + C_NMI), ==, 0);
    inject_nmi(qts);
    g_assert_true(reaches(cpu_data(2) + C_NMI, 1));
    guest_quit(qts);
}

void add_send_tests(void)
{
    static const struct {
        const char *name;
        void (*test)(const void *machine);
    } tests[] = {
        { "init/ap", test_init_ap },
        { "init/bsp", test_init_bsp },
        { "init/off", test_init_off },
        { "nmi-message", test_nmi_msg },
        { "fixed", test_fixed },
        { "lowest", test_lowest },
        { "smi", test_smi },
        { "refused", test_refused },
        { "hotplug", test_hotplug },
    };

    for (int i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *kvm = g_strdup_printf("lapic-kvm/send/kvm/%s",
                                               tests[i].name);
        g_autofree char *tcg = g_strdup_printf("lapic-kvm/send/tcg/%s",
                                               tests[i].name);

        qtest_add_data_func(kvm, KVM, tests[i].test);
        qtest_add_data_func(tcg, TCG ",queued-nmi=on", tests[i].test);
    }
}
