/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of what is sent to local APICs: pins, and what the vCPU's
 * thread finds.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model-lapic.h"
#include "lapic-send-bench.h"

/* Nothing but what it is about is touched by KVM_SET_VCPU_EVENTS */
static void nmi_meanwhile(void)
{
    kvm_model_vcpu_ioctl(&model, TO, KVM_NMI, NULL);
}

static void busy(bool payload)
{
    setup(IN_SMM);
    model.config.payload = payload;
    cpu[TO].exc_pending = payload;
    cpu[TO].exc_injected = !payload;
    cpu[TO].exc_nr = 14;
    cpu[TO].exc_has_error = 1;
    model.regs[TO].exc_error = 6;
    cpu[TO].int_injected = 1;
    cpu[TO].int_nr = 0x77;
    cpu[TO].shadow = KVM_MODEL_SHADOW_STI;
    cpu[TO].nmi_pending = cpu[TO].nmi_masked = 1;
    cpu[TO].smi_pending = 1;
    cpu[TO].pev = 0x30;
}

static void test_events(void)
{
    for (int payload = 0; payload < 2; payload++) {
        busy(payload);
        cpu[TO].init_pending = 1;
        keep();
        cpu[TO].init_pending = 0;
        g_assert_cmpint(lapic_pin_init(&sender, TO), ==, 0);
        threads();
        g_assert_cmpstr(way->str, ==, "| before events set-events mp");
        g_assert_cmpuint(vcpus[TO].init, ==, 1);
        same();
        /* SMM keeps it latched */
        mp_state(TO);
        same();
    }
    /* Another thread's NMI between the two */
    busy(true);
    cpu[TO].nmi_pending = 0;
    hook_request = KVM_SET_VCPU_EVENTS;
    hook = nmi_meanwhile;
    lapic_pin_init(&sender, TO);
    threads();
    g_assert_cmpint(cpu[TO].nmi_pending, ==, 1);
    g_assert_cmpint(cpu[TO].init_pending, ==, 1);
}

/* Pins */

typedef struct Lint1 {
    uint32_t lvt1;
    State state;
    bool nmi;
} Lint1;

static void test_pin_nmi(void)
{
    static const Lint1 lines[] = {
        { 0x400, ON, true },
        { 0x400, HALTED, true },
        { 0x400, WAITS, true },
        { 0x400, X2APIC, true },
        { 0x400, RENUMBERED, true },
        { 0x400, SW_OFF, true },
        { 0xe4ff, ON, true },
        { 0x10400, ON, false },
        { 0x10000, ON, false },
        { 0x000, ON, false },
        { 0x051, ON, false },
        { 0x200, ON, false },
        { 0x500, ON, false },
        { 0x700, ON, false },
        { 0x10400, HW_OFF, true },
        { 0x700, HW_OFF, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        const Lint1 *l = &lines[i];

        setup(l->state);
        apic[TO].lvt[4] = l->lvt1;
        keep();
        g_assert_cmpint(lapic_pin_nmi(&sender, TO), ==, 0);
        same();
        threads();
        g_assert_cmpstr(way->str, ==, l->state == HW_OFF ? "| nmi" :
                        l->nmi ? "| lapic nmi" : "| lapic");
        g_assert_cmpint(cpu[TO].nmi_pending, ==, l->nmi);
        g_assert_cmpuint(vcpus[TO].nmi, ==, l->nmi);
        g_assert_cmpuint(vcpus[TO].masked, ==, !l->nmi);
        cpu[TO].nmi_pending = cpu[TO].req_nmi = 0;
        same();
    }
}

/* Everybody's: two ioctls a vCPU, where stock has 17 */
static void test_pin_nmi_all(void)
{
    setup_vm(4, false, false, ON);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpint(lapic_pin_nmi(&sender, i), ==, 0);
    }
    threads();
    g_assert_cmpstr(way->str, ==, "| lapic nmi | lapic nmi | lapic nmi "
                    "| lapic nmi");
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpint(cpu[i].nmi_pending, ==, 1);
    }
}

static void test_pin_init(void)
{
    for (State state = ON; state < STATES; state++) {
        setup(state);
        cpu[TO].intf = 1;
        g_assert_cmpint(lapic_pin_init(&sender, TO), ==, 0);
        g_assert_cmpuint(waiting, ==, 1);
        threads();
        g_assert_cmpstr(way->str, ==, "| before events set-events mp");
        g_assert_cmpuint(before_inits, ==, 1);
        g_assert_cmpuint(mp_state(TO), ==, state == IN_SMM ?
                         KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_INIT_RECEIVED);
        g_assert_cmpint(cpu[TO].init_pending, ==, state == IN_SMM);
        g_assert_cmpint(cpu[TO].intf, ==, state == IN_SMM);
        /* Nobody else */
        g_assert_cmpuint(mp_state(0), ==, KVM_MP_STATE_RUNNABLE);
        g_assert_cmphex(apic[0].svr, ==, 0x1ff);
        g_assert_cmphex(apic[2].svr, ==, 0x1ff);
    }
}

static void test_pin_smi(void)
{
    LapicFault f = { };
    LapicMsg msg = self(LAPIC_SMI);

    setup(HW_OFF);
    g_assert_cmpint(lapic_pin_smi(&sender, TO), ==, 0);
    threads();
    g_assert_cmpstr(way->str, ==, "| smi");
    g_assert_cmpint(cpu[TO].smi_pending, ==, 1);
    g_assert_cmpuint(vcpus[TO].smi, ==, 1);
    setup(ON);
    sender.smm = false;
    keep();
    g_assert_cmpint(lapic_pin_smi(&sender, TO), ==, -ENOTSUP);
    g_assert_cmpint(lapic_send_self(&sender, TO, &msg, &f), ==, -ENOTSUP);
    g_assert_cmpint(f.err, ==, -ENOTSUP);
    g_assert_cmpstr(f.field, ==, "delivery mode");
    g_assert_cmpuint(f.value, ==, LAPIC_SMI);
    msg.shorthand = LAPIC_NO_SHORTHAND;
    msg.dest = TO;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, -ENOTSUP);
    g_assert_cmpuint(waiting, ==, 0);
    g_assert_cmpstr(way->str, ==, "");
    same();
}

/* At most one call is on its way, and all is done in it */
static void test_merge(void)
{
    setup(HW_OFF);
    for (int i = 0; i < 3; i++) {
        lapic_pin_nmi(&sender, TO);
        lapic_pin_init(&sender, TO);
        lapic_pin_smi(&sender, TO);
        send_self(LAPIC_NMI);
        send_self(LAPIC_INIT);
        send_self(LAPIC_SMI);
        send_self(LAPIC_STARTUP);
        send_self(LAPIC_FIXED);
    }
    g_assert_cmpuint(waiting, ==, 1);
    g_string_truncate(way, 0);
    threads();
    g_assert_cmpstr(way->str, ==, "| before events set-events mp events"
                    " set-events mp events set-events set-mp smi smi nmi"
                    " nmi");
    g_assert_cmpuint(vcpus[TO].nmi, ==, 2);
    g_assert_cmpuint(vcpus[TO].init, ==, 2);
    g_assert_cmpuint(vcpus[TO].smi, ==, 2);
    g_assert_cmpuint(vcpus[TO].startup, ==, 1);
    g_assert_cmpuint(vcpus[TO].lost, ==, 1);
    g_assert_cmpuint(vcpus[TO].work, ==, 0);
    /* Another vCPU's is another call */
    lapic_pin_nmi(&sender, 0);
    lapic_pin_nmi(&sender, 2);
    g_assert_cmpuint(waiting, ==, 2);
    threads();
    g_assert_cmpuint(vcpus[TO].nmi, ==, 2);
    g_assert_cmpuint(vcpus[0].nmi + vcpus[2].nmi, ==, 2);
}

/* All vectors in one call; once each */
static void test_vectors(void)
{
    setup(RENUMBERED);
    for (int twice = 0; twice < 2; twice++) {
        for (unsigned v = 16; v < 256; v++) {
            LapicMsg msg = self(LAPIC_FIXED);

            msg.vector = v;
            g_assert_cmpint(lapic_send_self(&sender, TO, &msg, NULL), ==, 0);
        }
    }
    g_assert_cmpuint(waiting, ==, 1);
    g_assert_cmphex(apic[TO].irr[0] | apic[TO].irr[3], ==, 0);
    threads();
    g_assert_cmpuint(vcpus[TO].fixed, ==, 240);
    for (unsigned v = 0; v < 256; v++) {
        g_assert_cmpint(in(apic[TO].irr, v), ==, v >= 16);
    }
    /* And no more of them */
    lapic_pin_nmi(&sender, TO);
    threads();
    g_assert_cmpuint(vcpus[TO].fixed, ==, 240);
}

/* An INIT undoes a SIPI before it; the SIPI after it starts the vCPU */
static void test_order(void)
{
    setup(HW_OFF);
    send_self(LAPIC_STARTUP);
    send_self(LAPIC_INIT);
    threads();
    g_assert_cmpuint(vcpus[TO].startup, ==, 0);
    g_assert_cmpuint(mp_state(TO), ==, KVM_MP_STATE_INIT_RECEIVED);
    send_self(LAPIC_STARTUP);
    threads();
    g_assert_cmpuint(mp_state(TO), ==, KVM_MP_STATE_RUNNABLE);
    g_assert_cmphex(cpu[TO].sipi_vector, ==, SIPI);
    setup(HW_OFF);
    send_self(LAPIC_STARTUP);
    lapic_pin_init(&sender, TO);
    send_self(LAPIC_STARTUP);
    g_assert_cmpuint(waiting, ==, 1);
    threads();
    g_assert_cmpuint(mp_state(TO), ==, KVM_MP_STATE_RUNNABLE);
    g_assert_cmphex(cpu[TO].sipi_vector, ==, SIPI);
    setup(HW_OFF);
    send_self(LAPIC_STARTUP);
    lapic_pin_init(&sender, TO);
    threads();
    g_assert_cmpuint(mp_state(TO), ==, KVM_MP_STATE_INIT_RECEIVED);
}

/* What comes while the thread works has a call of its own */
static void pin_again(void)
{
    lapic_pin_nmi(&sender, TO);
}

static void vector_again(void)
{
    send_self(LAPIC_FIXED);
}

static void test_meanwhile(void)
{
    setup(ON);
    hook_request = KVM_GET_LAPIC;
    hook = pin_again;
    lapic_pin_nmi(&sender, TO);
    threads();
    g_assert_cmpstr(way->str, ==, "| lapic nmi | lapic nmi");
    setup(HW_OFF);
    hook_request = KVM_NMI;
    hook = pin_again;
    lapic_pin_nmi(&sender, TO);
    threads();
    g_assert_cmpstr(way->str, ==, "| nmi | nmi");
    setup(RENUMBERED);
    hook_request = KVM_GET_LAPIC;
    hook = vector_again;
    send_self(LAPIC_FIXED);
    threads();
    g_assert_cmpstr(way->str, ==, "msi | lapic msi msi | lapic msi");
    g_assert_cmpuint(vcpus[TO].fixed, ==, 2);
}

/* The vCPU's thread may be faster than the one that sends */
static void test_at_once(void)
{
    setup(RENUMBERED);
    defer_now = true;
    send_self(LAPIC_FIXED);
    g_assert_cmpstr(way->str, ==, "msi | lapic msi");
    g_assert_true(in(apic[TO].irr, V));
    setup(HW_OFF);
    defer_now = true;
    lapic_pin_init(&sender, TO);
    send_self(LAPIC_STARTUP);
    g_assert_cmphex(cpu[TO].sipi_vector, ==, SIPI);
    g_assert_cmpuint(mp_state(TO), ==, KVM_MP_STATE_RUNNABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    bench_init();
    g_test_add_func("/lapic-send/events", test_events);
    g_test_add_func("/lapic-send/pin-nmi", test_pin_nmi);
    g_test_add_func("/lapic-send/pin-nmi-all", test_pin_nmi_all);
    g_test_add_func("/lapic-send/pin-init", test_pin_init);
    g_test_add_func("/lapic-send/pin-smi", test_pin_smi);
    g_test_add_func("/lapic-send/merge", test_merge);
    g_test_add_func("/lapic-send/vectors", test_vectors);
    g_test_add_func("/lapic-send/order", test_order);
    g_test_add_func("/lapic-send/meanwhile", test_meanwhile);
    g_test_add_func("/lapic-send/at-once", test_at_once);
    return g_test_run();
}
