/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PIC of an x86 machine: -machine split-pic=auto|on|off.
 */
#ifndef HW_INTC_SPLIT_PIC_X86_H
#define HW_INTC_SPLIT_PIC_X86_H

#include "hw/isa/isa.h"

/* Add the machine property to the x86 machine class. */
void x86_split_pic_class_init(ObjectClass *oc);

/*
 * Create the 8259 pair of the current machine where it lives in QEMU: ours or
 * the stock one, as split-pic says. Returns the 16 input lines, to be freed by
 * the caller. Machine init.
 */
qemu_irq *x86_i8259_init(ISABus *bus);

/*
 * Before the devices of a machine are reset: no vector of the life that ends
 * is left in the kernel. All vCPUs paused; BQL held.
 */
void x86_i8259_before_reset(void);

#endif /* HW_INTC_SPLIT_PIC_X86_H */
