/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cores use of QEMU's qemu/atomic.h, with the same meaning. */
#ifndef SHIM_QEMU_ATOMIC_H
#define SHIM_QEMU_ATOMIC_H

#define qatomic_read(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define qatomic_set(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define qatomic_xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define qatomic_fetch_or(p, v) __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST)
/* What was there */
#define qatomic_cmpxchg(p, old, new) ({ \
    __typeof__(*(p)) old_ = (old); \
    __atomic_compare_exchange_n(p, &old_, new, false, __ATOMIC_SEQ_CST, \
                                __ATOMIC_SEQ_CST); \
    old_; \
})
#define qatomic_inc(p) ((void)__atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST))
#define qatomic_dec(p) ((void)__atomic_fetch_sub(p, 1, __ATOMIC_SEQ_CST))
/* A full barrier, as QEMU's */
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#endif /* SHIM_QEMU_ATOMIC_H */
