/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR for an LVT0 in Fixed mode, with QEMU's own local APICs: TCG, qtest, KVM
 * with kernel-irqchip=off. The rules are those of target-i386/lint0.h, LVT0 is
 * at hand.
 */
#ifndef HW_INTC_LINT0_USER_H
#define HW_INTC_LINT0_USER_H

#include "hw/irq.h"
#include "target/i386/kvm/intack/lint0.h"

/*
 * INTR for vCPUs that take it as ExtINT, with a cpu_index below @vcpus, in
 * place of x86_allocate_cpu_irq(): there every update of a PIC whose INTR is
 * up delivers a Fixed LVT0's vector again. BQL held, as for all of these;
 * machine init, once.
 */
qemu_irq lint0_user_init(unsigned vcpus);
/* As SplitPICPin has them */
void lint0_user_publish(bool level);
void lint0_user_written(void);
void lint0_user_rise(void);
void lint0_user_forget(void);
bool lint0_user_hidden(void);
/* Counters; NULL if it was not initialised. */
const Lint0 *lint0_user_state(void);

#endif /* HW_INTC_LINT0_USER_H */
