/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines into the Arm GIC that KVM has in the kernel, and into the vCPUs
 * where the GIC is in user space: one device for a VM, through which every
 * KVM_IRQ_LINE goes. QOM path /machine/arm-irq-line.
 *
 * GPIO inputs:
 *   "spi"  n: the SPI with INTID n + 32
 *   "ppi"  vcpu * 32 + INTID
 *   "cpu"  vcpu * 2 + IRQ_LINE_CPU_IRQ or IRQ_LINE_CPU_FIQ
 * An input that the VM has no line for is refused: one Error, a counter, and
 * the VM goes on.
 *
 * Properties: "level-memory" (bool, on), "level-spis" (string, INTIDs and
 * ranges of them: "33,40-47"; empty); counters, read-only, uint64: "inputs",
 * "issued", "saved-lower", "saved-raise", "reissued", "refused". Under qtest
 * also "x-kvm-model", "gic-version", "vcpus", "spis".
 *
 * All functions: BQL held. Without the device they do nothing.
 */
#ifndef HW_INTC_ARM_IRQ_LINE_H
#define HW_INTC_ARM_IRQ_LINE_H

#include "qom/object.h"

#define TYPE_ARM_IRQ_LINE "arm-irq-line"
OBJECT_DECLARE_SIMPLE_TYPE(ArmIrqLineState, ARM_IRQ_LINE)

/*
 * KVM is there: the device will be, whatever board this is. kernel-irqchip=off:
 * at once.
 */
void arm_irq_line_kvm_init(void);

/*
 * Make the VM's device. @gic: the version of the GIC in the kernel, whose
 * realize calls this; 0: there is none. @spis: how many it has. False with
 * *@errp set: a property is wrong.
 */
bool arm_irq_line_create(unsigned gic, unsigned spis, Error **errp);

/*
 * The inputs as the GICs number theirs: 0..spis-1 the SPIs, then 32 for each
 * vCPU, 0..15 of which are SGIs, which have no lines.
 */
void arm_irq_line_gic_input(int irq, int level);

/* A CPU's IRQ or FIQ */
void arm_irq_line_cpu_input(unsigned vcpu, unsigned number, bool level);

/* KVM_ARM_VCPU_INIT was done */
void arm_irq_line_vcpu_init(unsigned vcpu);

/*
 * The vCPU's state was put into the kernel (KVM_PUT_RESET_STATE or more): its
 * lines have to be at these levels.
 */
void arm_irq_line_vcpu_put(unsigned vcpu, bool irq, bool fiq);

/* What an SPI's line is */
typedef bool (*ArmIrqLineLevel)(void *opaque, unsigned intid);

/* A GICv3's LEVEL_INFO was written with these levels */
void arm_irq_line_gicv3_put(ArmIrqLineLevel level, void *opaque);

/*
 * A GICv2 has no such register. State that was loaded is about to be put into
 * it, and has been put: first the lines are lowered that are not @high in it,
 * while the kernel still has them level-triggered or not as they were when they
 * rose; afterwards those are raised that are. An edge-triggered one is not
 * @high: its raise would be an edge.
 */
void arm_irq_line_gicv2_load(ArmIrqLineLevel high, void *opaque);
void arm_irq_line_gicv2_put(ArmIrqLineLevel high, void *opaque);

/* What the line was last moved to, for the GICv2's saved state */
bool arm_irq_line_high(unsigned intid);

/* An irqfd moves SPI @gsi + 32, or does no more */
void arm_irq_line_irqfd(unsigned gsi, bool assigned);

#endif /* HW_INTC_ARM_IRQ_LINE_H */
