/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The level memory on the model of the kernel, in sequences that matter: what
 * may not be saved, and the one thing that is although it could matter.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-level-pair.h"

static bool pending(const PairVM *vm, const IrqLine *line)
{
    return kvm_model_arm_pending(&vm->arm, line->vcpu, line->number);
}

/*
 * virtio-mmio is edge-triggered, and raises a line that is high already: the
 * guest has taken the interrupt and cleared the cause it saw, then there is
 * another. What saves that raise loses it.
 */
static void test_race(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 48 };

    pair_start(3, true);
    g_assert_true(pair_move(&spi, true));
    g_assert_true(pending(&some, &spi));
    pair_ack(&spi);
    g_assert_false(pending(&some, &spi));
    g_assert_true(pair_move(&spi, true));
    g_assert_true(pending(&some, &spi));
    g_assert_cmpuint(some.arm.queued, ==, 2);
    pair_ack(&spi);

    /* The same for one that saves it because it knows a wrong thing */
    irq_levels_trigger(&levels, &spi, true);
    irq_levels_set(&levels, &spi, IRQ_LEVEL_HIGH);
    g_assert_false(pair_move(&spi, true));
    g_assert_true(pending(&every, &spi));
    g_assert_false(pending(&some, &spi));
}

/* A line that is level-triggered, and looked so from the first raise on */
static void test_level_spi(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 33 };

    pair_start(2, true);
    pair_configure(&spi, true);
    irq_levels_trigger(&levels, &spi, true);
    g_assert_true(pair_move(&spi, true));
    pair_ack(&spi);
    g_assert_false(pair_move(&spi, true));
    g_assert_true(pending(&some, &spi));
    g_assert_true(pair_move(&spi, false));
    g_assert_false(pending(&some, &spi));
    g_assert_false(pair_move(&spi, false));
}

/*
 * Why nobody is told to know that by himself: a line is edge-triggered until
 * the guest says otherwise. A raise before that is a latch, which is gone with
 * the first acknowledge, and it is the repeated raise that makes it a level.
 */
static void test_level_spi_too_early(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 33 };

    for (int known = 0; known < 2; known++) {
        pair_start(2, true);
        irq_levels_trigger(&levels, &spi, known);
        pair_move(&spi, true);
        pair_configure(&spi, true);
        pair_ack(&spi);
        g_assert_false(pending(&every, &spi));
        g_assert_cmpint(pair_move(&spi, true), ==, !known);
        g_assert_true(pending(&every, &spi));
        g_assert_cmpint(pending(&some, &spi), ==, !known);
        /* With the next change all is well */
        g_assert_true(pair_move(&spi, false));
        g_assert_true(pair_move(&spi, true));
        g_assert_true(pending(&some, &spi));
    }
}

/*
 * The one repeated lower that would matter. KVM does not look at a lower while
 * the line is edge-triggered, so one that went high as a level stays so inside:
 * it is back when the guest makes the line level-triggered again.
 */
static void test_edge_while_high(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 40 };

    pair_start(3, true);
    pair_configure(&spi, true);
    g_assert_true(pair_move(&spi, true));
    pair_configure(&spi, false);
    g_assert_false(pending(&every, &spi));
    g_assert_true(pair_move(&spi, false));
    pair_configure(&spi, true);
    /* Nobody holds it, and KVM says it is pending, whatever is issued */
    g_assert_true(pending(&every, &spi));
    g_assert_true(pending(&some, &spi));
    /* A device that says again that it is low heals it, without the memory */
    g_assert_false(pair_move(&spi, false));
    g_assert_false(pending(&every, &spi));
    g_assert_true(pending(&some, &spi));
    /* With it, the next interrupt does */
    g_assert_true(pair_move(&spi, true));
    g_assert_true(pair_move(&spi, false));
    g_assert_false(pending(&some, &spi));

    /* The other way round it is not there: lowered before it is an edge */
    pair_start(3, true);
    pair_configure(&spi, true);
    g_assert_true(pair_move(&spi, true));
    g_assert_true(pair_move(&spi, false));
    pair_configure(&spi, false);
    g_assert_false(pair_move(&spi, false));
    pair_configure(&spi, true);
    g_assert_false(pending(&every, &spi));
    g_assert_false(pending(&some, &spi));
    /* Nor for one that is an edge when it is raised */
    pair_start(3, true);
    g_assert_true(pair_move(&spi, true));
    pair_ack(&spi);
    pair_configure(&spi, true);
    pair_configure(&spi, false);
    g_assert_true(pair_move(&spi, false));
    pair_configure(&spi, true);
    g_assert_false(pair_move(&spi, false));
    g_assert_false(pending(&every, &spi));
    g_assert_false(pending(&some, &spi));
}

/*
 * A line that is high as an edge, and then a state is loaded that has it high
 * as a level: KVM holds nothing, so it has to be moved, known as it is.
 */
static void test_load_level_over_edge(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 40 };

    pair_start(2, true);
    g_assert_true(pair_move(&spi, true));
    pair_ack(&spi);
    pair_configure(&spi, true);
    g_assert_false(pending(&some, &spi));
    pair_restore(&spi, true);
    g_assert_true(pending(&every, &spi));
    g_assert_true(pending(&some, &spi));
    pair_ack(&spi);
    g_assert_true(pending(&some, &spi));
    g_assert_true(pair_move(&spi, false));
    g_assert_false(pending(&some, &spi));
}

/*
 * The other way round it is test_edge_while_high() by a load: KVM does not take
 * a lower once the line is an edge. So it has to be lowered before.
 */
static void test_load_edge_over_level(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 40 };

    for (int before = 0; before < 2; before++) {
        pair_start(2, true);
        pair_configure(&spi, true);
        g_assert_true(pair_move(&spi, true));
        if (before) {
            pair_restore(&spi, false);
        }
        /* The load; its device is low */
        pair_configure(&spi, false);
        g_assert_cmpint(pair_move(&spi, false), ==, !before);
        /* What the guest does one day */
        pair_configure(&spi, true);
        g_assert_cmpint(pending(&some, &spi), ==, !before);
        pair_check_same();
    }
}

/*
 * A vCPU that has run keeps its pins, since Linux 6.11. A GIC whose reset is
 * told before the vCPU's has them low all the same, and so has its next lower.
 */
static void test_vcpu_reset_kept(void)
{
    IrqLine irq = { IRQ_LINE_CPU, 1, IRQ_LINE_CPU_IRQ };
    IrqLine fiq = { IRQ_LINE_CPU, 1, IRQ_LINE_CPU_FIQ };

    pair_start(0, true);
    g_assert_true(pair_move(&irq, true));
    g_assert_true(pair_move(&fiq, true));
    kvm_model_arm_first_run(&some.arm, 1);
    kvm_model_arm_vcpu_init(&some.arm, 1);
    irq_levels_vcpu_init(&levels, 1);
    g_assert_cmphex(some.vcpus[1].pins, ==, 3);
    pair_restore(&irq, false);
    g_assert_cmphex(some.vcpus[1].pins, ==, 2);
    g_assert_true(pair_move(&fiq, false));
    g_assert_cmphex(some.vcpus[1].pins, ==, 0);
}

/* A vCPU's reset with its line held: stock leaves the pin low for good */
static void test_vcpu_reset(void)
{
    IrqLine irq = { IRQ_LINE_CPU, 1, IRQ_LINE_CPU_IRQ };

    pair_start(0, true);
    g_assert_true(pair_move(&irq, true));
    kvm_model_arm_vcpu_init(&some.arm, 1);
    irq_levels_vcpu_init(&levels, 1);
    g_assert_cmphex(some.vcpus[1].pins, ==, 0);
    pair_restore(&irq, true);
    g_assert_cmphex(some.vcpus[1].pins, ==, 1);
    g_assert_false(pair_move(&irq, true));
    g_assert_true(pair_move(&irq, false));
    g_assert_cmphex(some.vcpus[1].pins, ==, 0);
    g_assert_cmpuint(some.vcpus[1].kicks, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/irq-level/race", test_race);
    g_test_add_func("/irq-level/level-spi", test_level_spi);
    g_test_add_func("/irq-level/level-spi-too-early", test_level_spi_too_early);
    g_test_add_func("/irq-level/edge-while-high", test_edge_while_high);
    g_test_add_func("/irq-level/load-level-over-edge",
                    test_load_level_over_edge);
    g_test_add_func("/irq-level/load-edge-over-level",
                    test_load_edge_over_level);
    g_test_add_func("/irq-level/vcpu-reset", test_vcpu_reset);
    g_test_add_func("/irq-level/vcpu-reset-kept", test_vcpu_reset_kept);
    return g_test_run();
}
