/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the lines that KVM_IRQ_LINE moves, to save the ioctls that
 * cannot matter and none that can.
 *
 * "Low" means: the kernel's line_level (vgic) or HCR_EL2.VI/VF bit (a CPU's
 * line) is 0. "High": it was last moved to 1. So
 * - a lower of a low line is saved, of every kind of line: kvm_vgic_inject_irq
 *   and vcpu_interrupt_line do nothing then;
 * - a raise of a high line is saved for the lines of CPUs and for those known
 *   to be level-triggered. KVM latches an edge-triggered SPI at every raise
 *   (vgic_validate_injection), and the guest makes it so or not (GICD_ICFGR)
 *   without telling us. A GICv2's or GICv3's PPIs are level-triggered for good:
 *   KVM ignores GICD_ICFGR for them (vgic_mmio_write_config). A GICv5's are
 *   not: the one that user space may drive, SW_PPI, is edge-triggered;
 * - nothing is saved for a line that is unknown, or that an irqfd moves too.
 * Refused lines (irq_line_check()) are not lines here: nothing is known of them
 * and nothing is saved.
 *
 * Plain C; storage is the caller's. All calls on one IrqLevels under one lock
 * (the device: the BQL).
 */
#ifndef TARGET_ARM_IRQ_LEVEL_H
#define TARGET_ARM_IRQ_LEVEL_H

#include "irq-line.h"

typedef enum IrqLevel {
    IRQ_LEVEL_UNKNOWN,
    IRQ_LEVEL_LOW,
    IRQ_LEVEL_HIGH,
} IrqLevel;

typedef enum IrqLevelVerdict {
    IRQ_LEVEL_ISSUE,
    IRQ_LEVEL_SAVE_LOWER,
    IRQ_LEVEL_SAVE_RAISE,
} IrqLevelVerdict;

typedef struct IrqLevels {
    IrqLineRules rules;
    bool off;                   /* every input is issued, as stock QEMU does */
    /* Counters */
    uint64_t inputs;            /* irq_levels_look() */
    uint64_t issued;            /* done with 0, reissued ones as well */
    uint64_t saved_lower, saved_raise;
    uint64_t reissued;          /* irq_levels_restore() that were true */
    uint64_t refused;           /* done with an error */
    uint8_t *line;              /* the caller's, irq_levels_size() bytes */
} IrqLevels;

/* Bytes of storage for these rules; below 1 MiB */
size_t irq_levels_size(const IrqLineRules *rules);

/*
 * All lines are low: a new VM, a new GIC. @storage: irq_levels_size() bytes
 * that live as long as @l.
 */
void irq_levels_init(IrqLevels *l, const IrqLineRules *rules, uint8_t *storage);

/*
 * Somebody moved @line, which irq_line_check() has accepted, to @level: what to
 * do? Counts the input and what is saved; nothing else changes.
 */
IrqLevelVerdict irq_levels_look(IrqLevels *l, const IrqLine *line, bool level);

/*
 * The ioctl was done and returned @ret. The line is known if that was 0, and
 * unknown otherwise.
 */
void irq_levels_done(IrqLevels *l, const IrqLine *line, bool level, int ret);

IrqLevel irq_levels_get(const IrqLevels *l, const IrqLine *line);

/* What the kernel's state is now known to be, or UNKNOWN. No ioctl */
void irq_levels_set(IrqLevels *l, const IrqLine *line, IrqLevel level);

/* All lines are unknown */
void irq_levels_forget(IrqLevels *l);

/*
 * KVM_ARM_VCPU_INIT: those lines of @vcpu that were not low are unknown. Before
 * Linux 6.11 they were low then; since then they stay, if the vCPU has run
 * (vcpu_reset_hcr).
 */
void irq_levels_vcpu_init(IrqLevels *l, unsigned vcpu);

/*
 * The line has to be at @level although nobody moved it: state was loaded.
 * True: it has to be issued; then irq_levels_done(). Counts as reissued. Not
 * for one that is edge-triggered by that state: KVM would take it for an edge.
 */
bool irq_levels_restore(IrqLevels *l, const IrqLine *line, bool level);

/*
 * The SPI (GICv5: or PPI) is known to be level-triggered, by one who knows the
 * guest. A high one becomes unknown: KVM may have taken its raise for an edge.
 */
void irq_levels_trigger(IrqLevels *l, const IrqLine *line, bool level);

/*
 * An irqfd moves the line as well, or does no more: unknown, while it does and
 * when it ends. Counted: as many ends as beginnings.
 */
void irq_levels_shared(IrqLevels *l, const IrqLine *line, bool shared);

#endif /* TARGET_ARM_IRQ_LEVEL_H */
