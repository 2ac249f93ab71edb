/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR of a PIC in user space, under KVM with a split irqchip.
 *
 * One PIC per machine attaches itself; from then on the run loop injects by
 * extint.h and CPU_INTERRUPT_HARD carries nothing but, while the VM is
 * stopped, INTR's level for a stock QEMU at the other end of a migration.
 */
#ifndef TARGET_I386_KVM_EXTINT_H
#define TARGET_I386_KVM_EXTINT_H

#include "extint.h"

struct kvm_run;

#ifdef CONFIG_KVM

extern bool kvm_extint_attached;

/* A PIC injects through extint. Any thread. */
static inline bool kvm_extint_active(void)
{
    return unlikely(kvm_extint_attached);
}

/*
 * @pic becomes the machine's source of external interrupts, for vCPUs with a
 * cpu_index below @vcpus. Machine init, BQL held, once.
 */
void kvm_extint_attach(const ExtIntPIC *pic, unsigned vcpus);

/* Publish INTR; PIC's lock held. Returns what kvm_extint_kick() takes. */
int kvm_extint_publish(bool level);
/* After the PIC's lock was dropped. Takes the BQL if there is cause. */
void kvm_extint_kick(int vcpu);
/* Reads only; the counters move while it is read. */
const ExtInt *kvm_extint_state(void);

/* The run loop. vCPU's thread; pre_run and window_open without the BQL. */
void kvm_extint_pre_run(CPUState *cpu);
void kvm_extint_window_open(CPUState *cpu);
/* The vCPU's registers have been written; see extint_forget(). */
void kvm_extint_forget(CPUState *cpu, bool blocked);
/*
 * A vector that the vCPU has not taken is to be the PIC's again: its life ends,
 * the PIC's does not (INIT). That it was ready for one is forgotten. vCPU's
 * thread, BQL held.
 */
void kvm_extint_return(CPUState *cpu);
/* Unplug. vCPU's thread, BQL held. */
void kvm_extint_gone(CPUState *cpu);
/*
 * Recall what the kernel holds of the PIC's vectors and give it back to the
 * PIC. All vCPUs paused; main thread, BQL held and dropped for a while. With
 * nothing held this is no ioctl.
 */
void kvm_extint_recall(void);

#else

static inline bool kvm_extint_active(void)
{
    return false;
}

static inline void kvm_extint_attach(const ExtIntPIC *pic, unsigned vcpus)
{
    g_assert_not_reached();
}

static inline int kvm_extint_publish(bool level)
{
    g_assert_not_reached();
}

static inline void kvm_extint_kick(int vcpu)
{
    g_assert_not_reached();
}

static inline const ExtInt *kvm_extint_state(void)
{
    g_assert_not_reached();
}

static inline void kvm_extint_recall(void)
{
    g_assert_not_reached();
}

#endif /* CONFIG_KVM */

#endif /* TARGET_I386_KVM_EXTINT_H */
