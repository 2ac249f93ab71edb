/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches.
 *
 * Plain C: no allocation, no global, no lock; any thread. The rules are the
 * SDM's ("Determining IPI Destination", "Logical Destination Mode", "Lowest
 * Priority Delivery"); where KVM's differ, KVM's, for it is KVM that delivers:
 * kvm_irq_delivery_to_apic_fast(), kvm_apic_match_dest(),
 * kvm_recalculate_apic_map(), kvm_intr_is_single_vcpu().
 */
#ifndef TARGET_I386_LAPIC_DEST_H
#define TARGET_I386_LAPIC_DEST_H

#include "lapic-msg.h"

/* A local APIC as far as it decides who takes a message */
typedef struct LapicView {
    uint32_t vcpu_id;           /* KVM's vcpu_id = the initial APIC ID */
    uint32_t id;                /* xAPIC: 0..255, the guest may change it */
    uint32_t ldr;               /* the register: xAPIC in 31:24 */
    uint32_t dfr;               /* the register: flat ffffffffh */
    bool present;               /* there is such a vCPU */
    bool enabled;               /* MSR_IA32_APICBASE: in hardware */
    bool x2apic;
    bool software;              /* SVR bit 8 */
} LapicView;

/* From struct kvm_lapic_state's page and MSR_IA32_APICBASE */
LapicView lapic_view(uint32_t vcpu_id, uint64_t apicbase, const void *page);

/*
 * The vCPUs whose local APIC is addressed by @msg. @source: index of the vCPU
 * whose ICR it is, or -1 for an MSI or the IOAPIC (then there is no
 * shorthand). Bit i % 64 of @who[i / 64] is views[i]; all of
 * LAPIC_DEST_WORDS(n) words are written. How many; for a message that goes to
 * one of several (LowestPrio, redirection hint) these are the candidates.
 */
#define LAPIC_DEST_WORDS(n) (((n) + 63) / 64)
unsigned lapic_dest(const LapicView *views, unsigned n, int source,
                    const LapicMsg *msg, uint64_t *who);

/*
 * The one that takes it of those candidates, as KVM arbitrates with vector
 * hashing (kvm_vector_to_index); -1: nobody. For a message that goes to all
 * that it addresses, and is addressed to one, that one; to several, -1.
 */
int lapic_dest_one(const LapicView *views, unsigned n, int source,
                   const LapicMsg *msg);

/*
 * To which vCPU a device's interrupt may be posted without the kernel, or -1:
 * Fixed or LowestPrio to exactly one.
 */
int lapic_postable(const LapicView *views, unsigned n, const LapicMsg *msg);

#endif /* TARGET_I386_LAPIC_DEST_H */
