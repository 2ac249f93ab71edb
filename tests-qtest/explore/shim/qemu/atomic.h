/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu/atomic.h as the explorer has it: each access is a call, before which
 * another thread may run.
 */
#ifndef EXPLORE_QEMU_ATOMIC_H
#define EXPLORE_QEMU_ATOMIC_H

#include <stdint.h>

uint64_t explore_read(const void *p, unsigned size);
void explore_set(void *p, uint64_t val);
uint64_t explore_xchg(void *p, uint64_t val);
void explore_add(void *p, int val);
void explore_mb(void);

#define qatomic_read(p) ((__typeof__(*(p)))explore_read(p, sizeof(*(p))))
#define qatomic_set(p, v) explore_set(p, v)
#define qatomic_xchg(p, v) \
    ({ (__typeof__(*(p)))explore_xchg(p, v); })
#define qatomic_inc(p) explore_add(p, 1)
#define qatomic_dec(p) explore_add(p, -1)
/* A full barrier: what this thread has stored is seen from here on */
#define smp_mb() explore_mb()

#endif /* EXPLORE_QEMU_ATOMIC_H */
