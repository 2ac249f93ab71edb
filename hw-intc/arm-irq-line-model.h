/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm-irq-line on the software model of KVM_IRQ_LINE: -device arm-irq-line,
 * x-kvm-model=on, with -accel qtest only. A test instrument: what QEMU's GICs
 * and CPUs do around the device in a VM is done here, on accel/kvm/intack/
 * kvm-model-arm.h in place of /dev/kvm.
 *
 * Properties of the VM: "gic-version" (0, 2, 3), "vcpus" (1..4096), "spis"
 * (0..988), "x-layout1" (bool). The model of a GIC is initialised.
 *
 *   x-model-word    uint32, rw: the line that the next ones are about, as
 *                   KVM_IRQ_LINE names it
 *   x-model-bits    uint32: KVM_MODEL_LINE_* of an SPI or PPI; KVM_MODEL_LINE_
 *                   HIGH of a CPU's pin
 *   x-model-pending bool: of an SPI or PPI
 *   x-model-high    string: the words in hex of all SPIs and PPIs that are
 *                   pending and all pins that are high
 *   x-model-kicks   uint32: of the line's vCPU, by its pins
 *   x-model-queued  uint32: interrupts that lines made pending
 *   x-model-ioctls  uint64: calls of KVM_IRQ_LINE, refused ones among them
 *   x-model-repeated-lowers, x-model-repeated-raises
 *                   uint64: those of them that moved a line to where the last
 *                   one had left it
 *   x-model-last    uint32: the word of the last of these
 *   x-model-fail    uint32, rw: errno with which all of them fail; 0: none
 *   x-model-do      string, written only; decimal numbers:
 *     "level"            GICD_ICFGR: the line becomes level-triggered,
 *     "edge"             or edge-triggered
 *     "ack"              the guest acknowledges it
 *     "own"              a device of the kernel's takes it
 *     "kernel LEVEL"     the kernel moves it, by an irqfd
 *     "gic N LEVEL"      arm_irq_line_gic_input()
 *     "cpu VCPU N LEVEL" arm_irq_line_cpu_input(), and QEMU's irq_line_state
 *     "vcpu-init VCPU"   KVM_ARM_VCPU_INIT, and its hook
 *     "irqfd GSI ON"     arm_irq_line_irqfd()
 *
 * A reset is that of QEMU: KVM_ARM_VCPU_INIT and a put of each vCPU, whose
 * irq_line_state is 0 then; all of the GIC is level-triggered and not pending;
 * LEVEL_INFO is 0 on a GICv3, lines stay on a GICv2.
 *
 * The stream has what QEMU's streams have of the lines: irq_line_state of each
 * vCPU; pending and trigger of each interrupt; levels by LEVEL_INFO from a
 * GICv3, and from a GICv2 by what the device knows. Loading puts it into the
 * kernel and calls the hooks. BQL held, everywhere.
 */
#ifndef HW_INTC_ARM_IRQ_LINE_MODEL_H
#define HW_INTC_ARM_IRQ_LINE_MODEL_H

#include "arm-irq-line-int.h"

/* Check the properties, and be @s's port. False: *@errp is set */
bool arm_irq_line_model_init(ArmIrqLineState *s, Error **errp);
void arm_irq_line_model_free(ArmIrqLineState *s);
/* A "cpu" input was moved: QEMU's irq_line_state */
void arm_irq_line_model_input(ArmIrqLineModel *m, unsigned vcpu,
                              unsigned number, bool level);
/* Its part of the class: x-* and the stream */
void arm_irq_line_model_class_init(ObjectClass *oc);

#endif /* HW_INTC_ARM_IRQ_LINE_MODEL_H */
