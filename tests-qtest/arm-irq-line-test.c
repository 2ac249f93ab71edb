/*
 * The device of KVM_IRQ_LINE under -accel qtest, on the model of the kernel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the GPIO inputs to the ioctl all is as shipped; what the kernel would
 * make of that is read from the model.
 *
 * QTEST_QEMU_BINARY   qemu-system-arm or qemu-system-aarch64
 */

#include "qemu/osdep.h"
#include "arm-irq-line-test.h"
#include "libqtest.h"

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    arm_irq_line_reach_tests();
    arm_irq_line_refused_tests();
    arm_irq_line_level_tests();
    arm_irq_line_life_tests();
    arm_irq_line_migrate_tests();
    arm_irq_line_errors_tests();
    arm_irq_line_monitor_tests();
    return g_test_run();
}
