/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every delivery mode to a vCPU in every state: what becomes of it in the
 * model.
 */
#include "qemu/osdep.h"
#include "lapic-model-test.h"
#include "lapic-model-vm.h"

enum {
    SVR_ON = 0x1ff,
    X2APIC = 0xfee00c00,
    XAPIC_OFF = 0xfee00000,
    VECTOR = 0x31,
};

typedef enum State {
    ON, SOFTWARE_OFF, HARDWARE_OFF, IN_X2APIC, WAITS, STATES
} State;

static const char *const state_names[STATES] = {
    "on", "software-off", "hardware-off", "x2apic", "wait-for-sipi",
};

/* What is to come of it */
typedef enum Effect {
    REFUSED,                    /* with the field's name */
    NOBODY,                     /* no local APIC took it */
    IRR, SMI, NMI, INIT, SIPI,
    QUEUED_SMI, QUEUED_NMI, QUEUED_INIT, /* by an ioctl of the vCPU */
    LOST,                       /* queued, and then nobody took it */
    IGNORED,                    /* queued SIPI: the vCPU does not wait for it */
    EFFECTS
} Effect;

/* Which fields it changes; the first of them is true, or not 0, afterwards */
static const char *const changes[EFFECTS] = {
    [REFUSED] = "",
    [NOBODY] = "",
    [IRR] = "irr",
    [SMI] = "smi-pending",
    [NMI] = "nmi-pending",
    [INIT] = "init-pending",
    [SIPI] = "sipi-pending,sipi-vector",
    [QUEUED_SMI] = "smi-pending,done-smi",
    [QUEUED_NMI] = "nmi-pending,done-nmi",
    [QUEUED_INIT] = "init-pending,done-init",
    [LOST] = "lost",
    [IGNORED] = "done-startup",
};

static const struct {
    const char *delivery;
    unsigned vector;
    const char *field;          /* where it is refused */
    Effect msi[STATES];         /* by its destination */
    Effect self[STATES];        /* by cpu */
} deliveries[] = {
    { "fixed", VECTOR, NULL,
      { IRR, NOBODY, NOBODY, IRR, IRR }, { IRR, LOST, LOST, IRR, IRR } },
    { "lowest-priority", VECTOR, NULL,
      { IRR, NOBODY, NOBODY, IRR, IRR }, { IRR, LOST, LOST, IRR, IRR } },
    { "smi", 0, NULL, { SMI, SMI, NOBODY, SMI, SMI },
      { QUEUED_SMI, QUEUED_SMI, QUEUED_SMI, QUEUED_SMI, QUEUED_SMI } },
    { "reserved", VECTOR, "delivery mode", { REFUSED }, { REFUSED } },
    { "nmi", 0, NULL,
      { NMI, NMI, NOBODY, NMI, NMI }, { NMI, NMI, QUEUED_NMI, NMI, NMI } },
    { "init", 0, NULL,
      { INIT, INIT, NOBODY, INIT, INIT },
      { INIT, INIT, QUEUED_INIT, INIT, INIT } },
    { "startup", VECTOR, NULL,
      { SIPI, SIPI, NOBODY, SIPI, SIPI }, { SIPI, SIPI, IGNORED, SIPI, SIPI } },
    { "extint", VECTOR, "delivery mode", { REFUSED }, { REFUSED } },
};

/* vCPU 1 is brought into the state; all but WAITS run */
static void bring(Vm *vm, State state)
{
    vm_reset(vm);
    vm_sent(vm, "{'delivery': 'init', 'cpu': 1}");
    vm_set(vm, 1, "run", 2);
    if (state != WAITS) {
        vm_sent(vm, "{'delivery': 'startup', 'vector': 18, 'cpu': 1}");
        vm_set(vm, 1, "run", 2);
    }
    if (state == IN_X2APIC) {
        vm_set(vm, 1, "apicbase", X2APIC);
    }
    vm_set(vm, 1, "svr", state == SOFTWARE_OFF ? 0xff : SVR_ON);
    if (state == HARDWARE_OFF) {
        vm_set(vm, 1, "apicbase", XAPIC_OFF);
    }
}

static void has_effect(Vm *vm, Effect effect, const char *error,
                       const char *field)
{
    g_auto(GStrv) names = g_strsplit(changes[effect], ",", -1);
    QDict *state;

    vm_same(vm, 1, changes[effect]);
    if (effect == REFUSED || effect == NOBODY) {
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error, field ?: "local APIC"));
        return;
    }
    g_assert_cmpstr(error, ==, NULL);
    if (effect == IRR) {
        g_assert_true(vm_vector(vm, 1, "irr", VECTOR));
        return;
    }
    state = vm_state(vm, 1);
    for (int i = 0; names[i]; i++) {
        g_assert_false(qobject_is_equal(qdict_get(vm->before[1], names[i]),
                                        qdict_get(state, names[i])));
    }
    qobject_unref(state);
}

static void test_deliveries(void)
{
    Vm vm = vm_start("pc", "2", 2, "-cpu qemu64,+x2apic");

    for (int d = 0; d < G_N_ELEMENTS(deliveries); d++) {
        for (State s = 0; s < STATES; s++) {
            for (int self = 0; self < 2; self++) {
                g_autofree char *json = g_strdup_printf(
                    "{'delivery': '%s', 'vector': %u, '%s': 1}",
                    deliveries[d].delivery, deliveries[d].vector,
                    self ? "cpu" : "destination");
                g_autofree char *error = NULL;
                uint64_t ioctls;

                g_test_message("%s, %s", json, state_names[s]);
                bring(&vm, s);
                vm_remember(&vm);
                ioctls = vm_ioctls(&vm, "total");
                error = vm_send(&vm, json);
                /* Looked for, and then not even asked for its number */
                if (s == HARDWARE_OFF && deliveries[d].self[s] == LOST) {
                    g_assert_cmpint(vm_ioctls(&vm, "total"), ==, ioctls + 1);
                }
                has_effect(&vm, self ? deliveries[d].self[s] :
                                       deliveries[d].msi[s],
                           error, deliveries[d].field);
            }
        }
    }
    vm_stop(&vm);
}

/*
 * The same once more on a kernel with the KVM_INTERRUPT of 2013, by one ioctl:
 * the ends are the same. A SIPI that the vCPU does not wait for leaves its
 * vector there, which nothing ever looks at.
 */
static void test_proposal(void)
{
    static const char counts[] = "runs,lost,sipi-vector,took-init,took-sipi,"
        "took-nmi,took-smi,done-init,done-startup,done-nmi,done-smi,done-fixed";
    Vm vm = vm_start("pc", "2", 2, "-cpu qemu64,+x2apic");

    for (int d = 0; d < G_N_ELEMENTS(deliveries); d++) {
        for (State s = 0; s < STATES; s++) {
            g_autofree char *json = g_strdup_printf(
                "{'delivery': '%s', 'vector': %u, 'cpu': 1}",
                deliveries[d].delivery, deliveries[d].vector);
            uint64_t before;

            if (deliveries[d].field) {
                continue;
            }
            g_test_message("%s, %s", json, state_names[s]);
            vm_set_model(&vm, "icr-interrupt", "false");
            bring(&vm, s);
            vm_sent(&vm, json);
            vm_set(&vm, 1, "run", 2);
            vm_remember(&vm);

            bring(&vm, s);
            vm_set_model(&vm, "icr-interrupt", "true");
            before = vm_ioctls(&vm, "total");
            vm_sent(&vm, json);
            g_assert_cmpint(vm_ioctls(&vm, "total") - before, ==, 1);
            vm_set(&vm, 1, "run", 2);
            vm_same(&vm, 1, counts);
        }
    }
    vm_stop(&vm);
}

/* The trigger mode is kept with the vector; an MSI's level means nothing */
static void test_level(void)
{
    static const char *const level[] = { "", ", 'deassert': true" };
    Vm vm = vm_start("pc", "2", 2, "");

    for (int l = 0; l < G_N_ELEMENTS(level); l++) {
        g_autofree char *json = g_strdup_printf(
            "{'delivery': 'fixed', 'vector': %u, 'level': true,"
            "'destination': 1%s}", VECTOR, level[l]);

        bring(&vm, ON);
        vm_remember(&vm);
        vm_sent(&vm, json);
        g_assert_true(vm_vector(&vm, 1, "irr", VECTOR));
        g_assert_true(vm_vector(&vm, 1, "tmr", VECTOR));
        vm_same(&vm, 1, "irr,tmr");
        vm_sent(&vm, "{'delivery': 'fixed', 'vector': 49, 'destination': 1}");
        vm_same(&vm, 1, "irr");
    }
    vm_stop(&vm);
}

/* The guest takes what has arrived */
static void test_taken(void)
{
    Vm vm = vm_start("pc", "2", 2, "");
    g_autofree char *mp = NULL;

    bring(&vm, ON);
    vm_remember(&vm);
    g_assert_cmpint(vm_number(&vm, 1, "took-init"), ==, 1);
    g_assert_cmpint(vm_number(&vm, 1, "took-sipi"), ==, 1);
    vm_sent(&vm, "{'delivery': 'smi', 'cpu': 1}");
    vm_set(&vm, 1, "run", 1);
    g_assert_cmpint(vm_number(&vm, 1, "took-smi"), ==, 1);
    g_assert_true(vm_flag(&vm, 1, "smm"));
    vm_same(&vm, 1, "runs,took-smi,smm,nmi-masked,done-smi");

    bring(&vm, ON);
    vm_sent(&vm, "{'delivery': 'nmi', 'cpu': 1}");
    vm_sent(&vm, "{'delivery': 'nmi', 'destination': 1}");
    vm_set(&vm, 1, "run", 3);
    g_assert_cmpint(vm_number(&vm, 1, "took-nmi"), ==, 1);
    g_assert_cmpint(vm_number(&vm, 1, "nmi-pending"), ==, 1);

    /* A SIPI before the INIT is undone by it */
    bring(&vm, WAITS);
    vm_sent(&vm, "{'delivery': 'startup', 'vector': 18, 'cpu': 1}");
    vm_sent(&vm, "{'delivery': 'init', 'cpu': 1}");
    vm_set(&vm, 1, "run", 3);
    mp = vm_text(&vm, 1, "mp-state");
    g_assert_cmpstr(mp, ==, "wait-for-sipi");
    vm_stop(&vm);
}

void lapic_model_delivery_tests(void)
{
    qtest_add_func("lapic-model/deliveries", test_deliveries);
    qtest_add_func("lapic-model/proposal", test_proposal);
    qtest_add_func("lapic-model/level", test_level);
    qtest_add_func("lapic-model/taken", test_taken);
}
