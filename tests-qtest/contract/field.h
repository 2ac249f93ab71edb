/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scenario says of a vCPU's state, as words: if=1 irr=0x40 mp=halted
 */
#ifndef CONTRACT_FIELD_H
#define CONTRACT_FIELD_H

#include "end.h"

#define FIELD_SIZE  80

/* The field's value as the scenarios write it; 0, or -errno: none such */
int field_get(End *end, unsigned vcpu, const char *name,
              char value[FIELD_SIZE]);
/* 0 or -errno; -ESRCH: no such field; -EDOM: no such value */
int field_set(End *end, unsigned vcpu, const char *name, const char *value);

/* All that may differ between two ends, a line */
void field_line(End *end, unsigned vcpu, bool io, char *buf, size_t size);

/* Everything of a vCPU that can be read */
typedef struct Everything {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp;
    struct kvm_debugregs debugregs;
    uint64_t msrs[8];
    struct kvm_lapic_state lapic;
} Everything;

void field_keep(End *end, unsigned vcpu, Everything *all);
/* What differs, in words; "" if nothing does. TMCCT, a clock, may. */
void field_compare(const Everything *a, const Everything *b,
                   char *buf, size_t size);

#endif /* CONTRACT_FIELD_H */
