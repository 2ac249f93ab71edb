/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches.
 *
 * Plain C: no allocation, no global, no lock; any thread. The rules are the
 * SDM's ("Determining IPI Destination", "Logical Destination Mode", "Lowest
 * Priority Delivery"); where KVM's differ, KVM's, for it is KVM that delivers:
 * kvm_irq_delivery_to_apic_fast(), kvm_apic_match_dest(),
 * kvm_recalculate_apic_map(), kvm_intr_is_single_vcpu(). The differences are
 * in docs/lapic-messages.rst. Time: proportional to the number of vCPUs.
 */
#ifndef TARGET_I386_LAPIC_DEST_H
#define TARGET_I386_LAPIC_DEST_H

#include "lapic-msg.h"

/*
 * A local APIC as far as it decides who takes a message. An array of them is
 * in the order in which the vCPUs were created, for KVM arbitrates by that.
 */
typedef struct LapicView {
    uint32_t vcpu_id;           /* KVM's vcpu_id = the initial APIC ID */
    uint32_t id;                /* 0..255, the guest may change it */
    uint32_t ldr;               /* the register */
    uint32_t dfr;               /* the register: flat ffffffffh */
    bool present;               /* there is such a vCPU */
    bool enabled;               /* MSR_IA32_APICBASE: in hardware */
    bool x2apic;                /* id, ldr and dfr are not looked at */
    bool software;              /* SVR bit 8 */
    bool x2apic_api;            /* KVM_CAP_X2APIC_API, with both its flags: */
                                /* the VM's, so it is the same in all */
} LapicView;

/* From struct kvm_lapic_state's page and MSR_IA32_APICBASE; not x2apic_api */
LapicView lapic_view(uint32_t vcpu_id, uint64_t apicbase, const void *page);

/*
 * The vCPUs that take @msg, as they are now: it is addressed to them, and their
 * local APIC is in a state to accept it. @source: index of the vCPU whose ICR
 * it is, or -1 for an MSI or the IOAPIC, which have no shorthand and always
 * assert. Bit i % 64 of @who[i / 64] is views[i]; all of LAPIC_DEST_WORDS(n)
 * words are written. How many; for a message that goes to one of several
 * (LowestPrio, redirection hint) these are the candidates. An SMI is taken
 * where KVM has SMM, which is not looked at here.
 */
#define LAPIC_DEST_WORDS(n) (((n) + 63) / 64)
unsigned lapic_dest(const LapicView *views, unsigned n, int source,
                    const LapicMsg *msg, uint64_t *who);

/*
 * The one that takes it of those candidates, as KVM arbitrates with vector
 * hashing (kvm_vector_to_index); -1: nobody, which is possible though there are
 * candidates: KVM chooses among the bits of a logical destination and drops the
 * message if the bit is nobody's. For a message that goes to all that it
 * addresses, and is addressed to one, that one; to several, -1.
 */
int lapic_dest_one(const LapicView *views, unsigned n, int source,
                   const LapicMsg *msg);

/*
 * To which vCPU a device's interrupt may be posted without the kernel, or -1:
 * Fixed or LowestPrio to exactly one. KVM does not ask here whether the APIC is
 * enabled by software.
 */
int lapic_postable(const LapicView *views, unsigned n, const LapicMsg *msg);

#endif /* TARGET_I386_LAPIC_DEST_H */
