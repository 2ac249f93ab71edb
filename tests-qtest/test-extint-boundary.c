/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of extint: what a vCPU holds when it stops, is reset or unplugged.
 * How a vector is recalled is not looked at here.
 */
#include "qemu/osdep.h"
#include "extint-test.h"
#include "../target-i386/recall.h"

int extint_recall(KVMPort *port, unsigned vcpu, unsigned vector, bool *halted)
{
    int slot = fake.cpu[vcpu].slot;

    fake.recalls++;
    if (fake.recall_error) {
        return fake.recall_error;
    }
    g_assert_true(slot < 0 || slot == (int)vector);
    fake.cpu[vcpu].slot = -1;
    *halted = fake.halted;
    return slot >= 0;
}

/* vCPU @i takes @irq; the vector stays in the kernel. */
static void hold(unsigned i, unsigned irq)
{
    ran(i, true);
    enter(i);
    ran(i, true);
    pulse(irq);
    g_assert_cmpint(enter(i).vector, ==, 0x20 + irq);
    g_assert_true(extint_holds(&fake.x, i));
}

static void test_recalled(void)
{
    setup();
    hold(0, 3);
    g_assert_cmpint(extint_empty(&fake.x, 0), ==, 1);
    /* Not given back before every vCPU has been asked */
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 8);
    extint_give_back(&fake.x);
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 0);
    g_assert_true(fake.pic.intr);
    g_assert_true(fake.x.intr);
    g_assert_cmpuint(fake.vcpu[0].recalled, ==, 1);
    g_assert_false(extint_holds(&fake.x, 0));
    /* Once */
    g_assert_cmpint(extint_empty(&fake.x, 0), ==, 0);
    extint_give_back(&fake.x);
    g_assert_cmpuint(fake.recalls, ==, 1);
    g_assert_cmpuint(fake.pic.delivered[3], ==, 0);
    /* The machine goes on: taken again, by a vCPU that has said ready anew */
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_true(fake.cpu[0].window);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x23);
    g_assert_cmpuint(fake.pic.delivered[3], ==, 1);
}

static void test_delivered(void)
{
    setup();
    hold(0, 3);
    fake.cpu[0].slot = -1;
    /* In its handler: not ready, so nobody knows */
    ran(0, false);
    enter(0);
    g_assert_true(extint_holds(&fake.x, 0));
    g_assert_cmpint(extint_empty(&fake.x, 0), ==, 0);
    extint_give_back(&fake.x);
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 8);
    g_assert_false(fake.pic.intr);
    g_assert_cmpuint(fake.vcpu[0].recalled, ==, 0);
}

/* Ready proves the slot empty, looked at in the run loop or not yet */
static void test_proved_empty(gconstpointer arg)
{
    setup();
    hold(0, 3);
    fake.cpu[0].slot = -1;
    ran(0, true);
    if (GPOINTER_TO_INT(arg)) {
        enter(0);
        ran(0, false);
    }
    g_assert_cmpint(extint_empty(&fake.x, 0), ==, 0);
    g_assert_cmpuint(fake.recalls, ==, 0);
    g_assert_false(extint_holds(&fake.x, 0));
}

static void test_nothing_held(void)
{
    setup();
    accepting(0);
    for (unsigned i = 0; i < VCPUS; i++) {
        g_assert_false(extint_holds(&fake.x, i));
        g_assert_cmpint(extint_empty(&fake.x, i), ==, 0);
    }
    fake.locks = 0;
    extint_give_back(&fake.x);
    g_assert_cmpuint(fake.recalls, ==, 0);
    g_assert_cmpuint(fake.locks, ==, 0);
}

/* A refused vector was never the kernel's */
static void test_refused_not_held(void)
{
    setup();
    ran(0, true);
    fake.cpu[0].refuse = EEXIST;
    pulse(0);
    enter(0);
    g_assert_false(extint_holds(&fake.x, 0));
}

/* Rotation tells the order: each INTA moved the priorities on */
static void test_newest_first(void)
{
    setup();
    port_write(I8259_MASTER, 0, 0x11, EXTINT_NOBODY);
    port_write(I8259_MASTER, 1, 0x20, EXTINT_NOBODY);
    port_write(I8259_MASTER, 1, 0x04, EXTINT_NOBODY);
    port_write(I8259_MASTER, 1, 0x03, EXTINT_NOBODY);
    port_write(I8259_MASTER, 0, 0x80, EXTINT_NOBODY);
    hold(2, 1);
    hold(0, 3);
    hold(3, 5);
    g_assert_cmpuint(fake.pic.chip[I8259_MASTER].top, ==, 6);
    for (unsigned i = 0; i < VCPUS; i++) {
        extint_empty(&fake.x, i);
    }
    extint_give_back(&fake.x);
    g_assert_cmpuint(fake.pic.chip[I8259_MASTER].top, ==, 0);
    g_assert_cmphex(i8259_pair_irr(&fake.pic, I8259_MASTER), ==, 0x2a);
}

static void test_halted(gconstpointer arg)
{
    setup();
    hold(0, 3);
    fake.halted = GPOINTER_TO_INT(arg);
    extint_empty(&fake.x, 0);
    extint_give_back(&fake.x);
    enter(0);
    /* A halted vCPU would sleep on: it has to come back and tell */
    g_assert_cmpint(fake.cpu[0].leaving, ==, fake.halted);
}

static void test_cannot(void)
{
    setup();
    hold(0, 3);
    fake.recall_error = -EBUSY;
    g_assert_cmpint(extint_empty(&fake.x, 0), ==, -EBUSY);
    extint_give_back(&fake.x);
    g_assert_true(extint_holds(&fake.x, 0));
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 8);
    g_assert_cmpuint(fake.vcpu[0].recalled, ==, 0);

    /* It runs on: the window is armed until it is ready, then it leaves */
    extint_close(&fake.x, 0);
    ran(0, false);
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_true(fake.cpu[0].window);
    g_assert_false(fake.cpu[0].leaving);
    fake.cpu[0].slot = -1;
    pulse(0);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_true(fake.cpu[0].leaving);
    g_assert_false(fake.cpu[0].window);
    g_assert_true(extint_closed(&fake.x, 0));
    g_assert_cmpuint(fake.vcpu[0].stuck, ==, 0);
    /* And afterwards it takes what came */
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x20);
}

static void test_stuck(void)
{
    setup();
    hold(0, 3);
    fake.recall_error = -EIO;
    extint_empty(&fake.x, 0);
    extint_close(&fake.x, 0);
    ran(0, false);
    enter(0);
    g_assert_false(extint_closed(&fake.x, 0));
    g_assert_cmpuint(fake.vcpu[0].stuck, ==, 1);
    /* It is tried again at the next boundary */
    fake.recall_error = 0;
    g_assert_cmpint(extint_empty(&fake.x, 0), ==, 1);
}

/* What the unplugged vCPU held is another's to take */
static void test_unplug(void)
{
    unsigned before;

    setup();
    accepting(1);
    hold(0, 3);
    before = fake.cpu[0].kicks;
    extint_kick(&fake.x, extint_gone(&fake.x, 0));
    g_assert_cmpuint(fake.cpu[1].kicks, ==, 1);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, before);
    ran(1, true);
    g_assert_cmpint(enter(1).vector, ==, 0x23);
    g_assert_cmpint(fake.cpu[0].slot, ==, -1);
}

static void test_unplug_cannot(void)
{
    setup();
    hold(0, 3);
    fake.recall_error = -EBUSY;
    g_assert_cmpint(extint_gone(&fake.x, 0), ==, EXTINT_NOBODY);
    g_assert_cmpuint(fake.vcpu[0].stuck, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/boundary/recalled", test_recalled);
    g_test_add_func("/boundary/delivered", test_delivered);
    g_test_add_data_func("/boundary/proved-empty/just-now",
                         GINT_TO_POINTER(false), test_proved_empty);
    g_test_add_data_func("/boundary/proved-empty/before",
                         GINT_TO_POINTER(true), test_proved_empty);
    g_test_add_func("/boundary/nothing-held", test_nothing_held);
    g_test_add_func("/boundary/refused", test_refused_not_held);
    g_test_add_func("/boundary/newest-first", test_newest_first);
    g_test_add_data_func("/boundary/halted", GINT_TO_POINTER(true),
                         test_halted);
    g_test_add_data_func("/boundary/running", GINT_TO_POINTER(false),
                         test_halted);
    g_test_add_func("/boundary/cannot", test_cannot);
    g_test_add_func("/boundary/stuck", test_stuck);
    g_test_add_func("/boundary/unplug", test_unplug);
    g_test_add_func("/boundary/unplug-cannot", test_unplug_cannot);
    return g_test_run();
}
