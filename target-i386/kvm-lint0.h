/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR for an LVT0 in Fixed mode, under KVM with a split irqchip:
 * -machine lint0-fixed=on, see lint0.h.
 */
#ifndef TARGET_I386_KVM_LINT0_H
#define TARGET_I386_KVM_LINT0_H

#include "lint0.h"

#ifdef CONFIG_KVM

extern bool kvm_lint0_attached;

/* INTR's pin is watched. Any thread. */
static inline bool kvm_lint0_active(void)
{
    return unlikely(kvm_lint0_attached);
}

/*
 * For vCPUs with a cpu_index below @vcpus. Machine init, BQL held, once, after
 * kvm_extint_attach().
 */
void kvm_lint0_attach(unsigned vcpus);
/* As SplitPICPin has them */
void kvm_lint0_publish(bool level);
void kvm_lint0_written(void);
void kvm_lint0_rise(void);
void kvm_lint0_forget(void);
/* The machine is going to be reset. All vCPUs paused, BQL held. */
void kvm_lint0_before_reset(void);
/* Unplug. BQL held. */
void kvm_lint0_gone(CPUState *cpu);
/* Reads only. BQL held. */
const Lint0 *kvm_lint0_state(void);

#else

static inline bool kvm_lint0_active(void)
{
    return false;
}

static inline void kvm_lint0_attach(unsigned vcpus)
{
    g_assert_not_reached();
}

static inline void kvm_lint0_publish(bool level)
{
    g_assert_not_reached();
}

static inline void kvm_lint0_written(void)
{
    g_assert_not_reached();
}

static inline void kvm_lint0_rise(void)
{
    g_assert_not_reached();
}

static inline void kvm_lint0_forget(void)
{
    g_assert_not_reached();
}

static inline void kvm_lint0_before_reset(void)
{
    g_assert_not_reached();
}

static inline const Lint0 *kvm_lint0_state(void)
{
    g_assert_not_reached();
}

#endif /* CONFIG_KVM */

#endif /* TARGET_I386_KVM_LINT0_H */
