/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs that live in the kernel, as the machine reaches them.
 */
#ifndef TARGET_I386_KVM_LAPIC_H
#define TARGET_I386_KVM_LAPIC_H

#include "hw/intc/intack/x86-lapic.h"
#include "lapic-send.h"

#ifdef CONFIG_KVM

/*
 * The kernel has the vCPU's registers when this returns: what is sent to it now
 * is neither overwritten by them nor missing from what is saved. vCPU's thread,
 * BQL held.
 */
void kvm_lapic_flush(CPUState *cpu);

/* KVM with the local APICs in the kernel. Machine made; BQL held. */
const X86LapicOps *kvm_lapic_ops(void);

#else

static inline const X86LapicOps *kvm_lapic_ops(void)
{
    g_assert_not_reached();
}

#endif /* CONFIG_KVM */

#endif /* TARGET_I386_KVM_LAPIC_H */
