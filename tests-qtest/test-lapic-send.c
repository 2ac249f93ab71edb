/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of what is sent to local APICs: messages, and which way each
 * goes.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model-lapic.h"
#include "lapic-send-bench.h"

/* Messages to one vCPU */

typedef struct Row {
    LapicDelivery delivery;
    State state;
    const char *way;
} Row;

static const Row rows[] = {
    { LAPIC_FIXED, ON, "msi" },
    { LAPIC_FIXED, SW_OFF, "msi | lapic msi" },
    { LAPIC_FIXED, HW_OFF, "msi |" },
    { LAPIC_FIXED, HALTED, "msi" },
    { LAPIC_FIXED, WAITS, "msi" },
    { LAPIC_FIXED, IN_SMM, "msi" },
    { LAPIC_FIXED, X2APIC, "msi" },
    { LAPIC_FIXED, RENUMBERED, "msi | lapic msi" },
    { LAPIC_LOWEST, ON, "msi" },
    { LAPIC_LOWEST, SW_OFF, "msi | lapic msi" },
    { LAPIC_LOWEST, HW_OFF, "msi |" },
    { LAPIC_LOWEST, HALTED, "msi" },
    { LAPIC_LOWEST, WAITS, "msi" },
    { LAPIC_LOWEST, IN_SMM, "msi" },
    { LAPIC_LOWEST, X2APIC, "msi" },
    { LAPIC_LOWEST, RENUMBERED, "msi | lapic msi" },
    { LAPIC_SMI, ON, "| smi" },
    { LAPIC_SMI, SW_OFF, "| smi" },
    { LAPIC_SMI, HW_OFF, "| smi" },
    { LAPIC_SMI, HALTED, "| smi" },
    { LAPIC_SMI, WAITS, "| smi" },
    { LAPIC_SMI, IN_SMM, "| smi" },
    { LAPIC_SMI, X2APIC, "| smi" },
    { LAPIC_SMI, RENUMBERED, "| smi" },
    { LAPIC_NMI, ON, "msi" },
    { LAPIC_NMI, SW_OFF, "msi" },
    { LAPIC_NMI, HW_OFF, "msi | nmi" },
    { LAPIC_NMI, HALTED, "msi" },
    { LAPIC_NMI, WAITS, "msi" },
    { LAPIC_NMI, IN_SMM, "msi" },
    { LAPIC_NMI, X2APIC, "msi" },
    { LAPIC_NMI, RENUMBERED, "msi | nmi" },
    { LAPIC_INIT, ON, "msi" },
    { LAPIC_INIT, SW_OFF, "msi" },
    { LAPIC_INIT, HW_OFF, "msi | events set-events" },
    { LAPIC_INIT, HALTED, "msi" },
    { LAPIC_INIT, WAITS, "msi" },
    { LAPIC_INIT, IN_SMM, "msi" },
    { LAPIC_INIT, X2APIC, "msi" },
    { LAPIC_INIT, RENUMBERED, "msi | events set-events" },
    { LAPIC_STARTUP, ON, "msi" },
    { LAPIC_STARTUP, SW_OFF, "msi" },
    { LAPIC_STARTUP, HW_OFF, "msi | mp" },
    { LAPIC_STARTUP, HALTED, "msi" },
    { LAPIC_STARTUP, WAITS, "msi" },
    { LAPIC_STARTUP, IN_SMM, "msi" },
    { LAPIC_STARTUP, X2APIC, "msi" },
    { LAPIC_STARTUP, RENUMBERED, "msi | mp" },
};

/*
 * What the vCPU has got is what its APIC makes of the message by itself. A SIPI
 * that nobody waits for leaves its vector behind or not.
 */
static void expect(const Row *row)
{
    bool ignored = row->delivery == LAPIC_STARTUP && row->state != WAITS;
    KVMModelMsg msg = {
        .mode = row->delivery,
        .vector = self(row->delivery).vector,
        .level = true,
    };
    uint8_t vector;

    mp_state(TO);
    keep();
    vector = cpu[TO].sipi_vector;
    setup(row->state);
    kvm_model_accept_irq(&model, TO, &msg);
    mp_state(TO);
    if (ignored) {
        cpu[TO].sipi_vector = vector;
    }
    same();
}

static void test_messages(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];

        g_test_message("mode %d, %s", row->delivery, state_name(row->state));
        setup(row->state);
        g_assert_cmpint(send_self(row->delivery), ==, 0);
        g_assert_cmpuint(waiting, <=, 1);
        threads();
        g_assert_cmpstr(way->str, ==, row->way);
        g_assert_cmpuint(vcpus[TO].lost, ==, row->delivery <= LAPIC_LOWEST &&
                         (row->state == SW_OFF || row->state == HW_OFF));
        g_assert_cmpuint(vcpus[TO].failed, ==, 0);
        g_assert_cmpuint(sender.sent, ==, 1);
        expect(row);
    }
    g_assert_cmpuint(G_N_ELEMENTS(rows), ==, STATES * 6);
}

/* A kernel with the proposal: another way to the same state */
static void test_proposal(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];

        setup_vm(3, false, true, row->state);
        keep();
        g_assert_true(lapic_send_probe(&sender, TO));
        same();
        g_assert_cmpint(send_self(row->delivery), ==, 0);
        same();
        g_assert_cmpuint(waiting, ==, 1);
        threads();
        g_assert_cmpstr(way->str, ==, "interrupt | interrupt");
        expect(row);
    }
}

static void test_probe(void)
{
    setup(ON);
    keep();
    g_assert_cmpint(sender.icr, ==, -1);
    g_assert_false(lapic_send_probe(&sender, TO));
    g_assert_false(lapic_send_probe(&sender, TO));
    g_assert_cmpint(sender.icr, ==, 0);
    g_assert_cmpstr(way->str, ==, "interrupt");
    same();
    /* The slot for the PIC's vectors is another matter */
    setup_vm(3, false, true, ON);
    cpu[TO].pev = 0x30;
    keep();
    g_assert_true(lapic_send_probe(&sender, TO));
    g_assert_true(lapic_send_probe(&sender, TO));
    g_assert_cmpstr(way->str, ==, "interrupt");
    same();
    model.config.icr_interrupt = false;
    model.config.pic_in_kernel = true;
    sender.icr = -1;
    g_assert_false(lapic_send_probe(&sender, TO));
}

/* An MSI, whoever it is for */
static void test_send(void)
{
    LapicMsg msg = self(LAPIC_FIXED);
    LapicFault f = { };

    setup(ON);
    msg.shorthand = LAPIC_NO_SHORTHAND;
    msg.dest = 2;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, 0);
    g_assert_true(in(apic[2].irr, V));
    msg.dest = 0xff;
    msg.level = true;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, 0);
    g_assert_true(in(apic[0].irr, V) && in(apic[TO].irr, V));
    g_assert_true(in(apic[2].tmr, V));
    msg.level = false;
    g_assert_cmpuint(sender.sent, ==, 2);
    g_assert_cmpint(f.err, ==, 0);
    /* Nobody has that number: 0; nobody is on: -1 */
    keep();
    msg.dest = 7;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, -ENOENT);
    g_assert_cmpint(f.err, ==, -ENOENT);
    g_assert_cmpuint(f.value, ==, 7);
    same();
    setup(ON);
    for (unsigned i = 0; i < 3; i++) {
        set_apicbase(i, 0xfee00000);
    }
    msg.dest = 0xff;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, -ENOENT);
    g_assert_cmpuint(sender.refused, ==, 1);
    g_assert_cmpuint(sender.sent, ==, 0);
    g_assert_cmpuint(waiting, ==, 0);
    g_assert_cmpint(lapic_send(&sender, &msg, NULL), ==, -ENOENT);
}

/* INIT level de-assert: nothing, though the kernel would take it for an INIT */
static void test_deassert(void)
{
    LapicMsg msg = self(LAPIC_INIT);

    setup(ON);
    keep();
    msg.level = true;
    msg.assert = false;
    g_assert_cmpint(lapic_send_self(&sender, TO, &msg, NULL), ==, 0);
    msg.shorthand = LAPIC_NO_SHORTHAND;
    msg.dest = TO;
    g_assert_cmpint(lapic_send(&sender, &msg, NULL), ==, -EINVAL);
    g_assert_cmpuint(waiting, ==, 0);
    g_assert_cmpstr(way->str, ==, "");
    same();
}

/* 32-bit numbers */
static void test_x2apic_ids(void)
{
    LapicMsg msg = self(LAPIC_FIXED);

    setup_vm(VCPUS, true, false, ON);
    for (unsigned i = 0; i < VCPUS; i++) {
        set_apicbase(i, 0xfee00c00 | (i ? 0 : 0x100));
    }
    g_assert_cmpint(lapic_send_self(&sender, 300, &msg, NULL), ==, 0);
    g_assert_cmphex(last_msi.address_lo, ==, 0xfee2c000);
    g_assert_cmphex(last_msi.address_hi, ==, 0x100);
    g_assert_cmphex(last_msi.data & ~0x4000u, ==, V);
    g_assert_true(in(apic[300].irr, V));
    g_assert_false(in(apic[44].irr, V));
    g_assert_cmpstr(way->str, ==, "msi");
    msg.shorthand = LAPIC_NO_SHORTHAND;
    msg.dest = 256;
    g_assert_cmpint(lapic_send(&sender, &msg, NULL), ==, 0);
    g_assert_true(in(apic[256].irr, V));
    g_assert_false(in(apic[0].irr, V));
    /* 255 is also everybody's: only its own thread knows it for an x2APIC's */
    msg = self(LAPIC_FIXED);
    g_string_truncate(way, 0);
    g_assert_cmpint(lapic_send_self(&sender, 255, &msg, NULL), ==, 0);
    threads();
    g_assert_cmpstr(way->str, ==, "| lapic msi");
    g_assert_true(in(apic[255].irr, V));
    g_assert_false(in(apic[254].irr, V));
    g_assert_cmpuint(vcpus[255].fixed, ==, 1);
}

/* As an xAPIC's it is; and without the capability no number is above it */
static void test_255(void)
{
    LapicMsg msg = self(LAPIC_FIXED);

    for (int api = 0; api < 2; api++) {
        setup_vm(VCPUS, api, false, ON);
        keep();
        g_assert_cmpint(lapic_send_self(&sender, 255, &msg, NULL), ==, 0);
        threads();
        g_assert_cmpstr(way->str, ==, "| lapic");
        g_assert_cmpuint(vcpus[255].lost, ==, 1);
        same();
        msg.delivery = LAPIC_NMI;
        msg.vector = 0;
        g_assert_cmpint(lapic_send_self(&sender, 255, &msg, NULL), ==, 0);
        threads();
        g_assert_cmpint(cpu[255].nmi_pending, ==, 1);
        g_assert_cmpint(cpu[0].nmi_pending, ==, 0);
        msg = self(LAPIC_FIXED);
    }
    /* The guest's doing */
    setup(ON);
    apic[TO].id = 0xff000000;
    g_assert_cmpint(send_self(LAPIC_FIXED), ==, 0);
    threads();
    g_assert_cmpuint(vcpus[TO].lost, ==, 1);
    g_assert_false(in(apic[0].irr, V));
    setup_vm(VCPUS, false, false, ON);
    g_assert_cmpint(lapic_send_self(&sender, 300, &msg, NULL), ==, 0);
    g_assert_cmpstr(way->str, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    bench_init();
    g_test_add_func("/lapic-send/messages", test_messages);
    g_test_add_func("/lapic-send/proposal", test_proposal);
    g_test_add_func("/lapic-send/probe", test_probe);
    g_test_add_func("/lapic-send/send", test_send);
    g_test_add_func("/lapic-send/deassert", test_deassert);
    g_test_add_func("/lapic-send/x2apic-ids", test_x2apic_ids);
    g_test_add_func("/lapic-send/255", test_255);
    return g_test_run();
}
