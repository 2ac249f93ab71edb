/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages and pins of local APICs that live in the kernel.
 *
 * What the kernel takes from any thread goes there at once (KVM_SIGNAL_MSI).
 * What is an ioctl of the vCPU, or has to look at its local APIC first, is
 * remembered in a bit and done on the vCPU's own thread; nobody waits for it.
 * A pin that is asserted twice before it was looked at is asserted once.
 *
 * Plain C over the port: no allocation, no global, no lock.
 */
#ifndef TARGET_I386_LAPIC_SEND_H
#define TARGET_I386_LAPIC_SEND_H

#include "accel/kvm/intack/kvm-port.h"
#include "lapic-dest.h"

typedef struct LapicSendVCPU {
    uint32_t id;                /* KVM's vcpu_id = the initial APIC ID */
    bool present;               /* unplugged: nothing is sent to it */
    uint32_t work;              /* atomic: what its thread has to do */
    /* Counters, for a look at them */
    uint64_t nmi, init, smi;    /* done on its own thread */
    uint64_t masked;            /* NMI pin: LVT1 did not let it through */
    uint64_t failed;            /* the kernel refused it there */
} LapicSendVCPU;

/* What the shell knows without asking the kernel */
typedef struct LapicSendHost {
    /* MSR_IA32_APICBASE says that the APIC is on. vCPU's thread. */
    bool (*enabled)(void *opaque, unsigned vcpu);
    /* Before an INIT: what is not to survive it. vCPU's thread. May be NULL */
    void (*before_init)(void *opaque, unsigned vcpu);
    void *opaque;
} LapicSendHost;

typedef struct LapicSend {
    KVMPort *port;
    LapicSendHost host;
    LapicSendVCPU *vcpu;        /* [vcpus], by cpu_index; the caller's */
    unsigned vcpus;
    bool x2apic_ids;            /* KVM_CAP_X2APIC_API: 32-bit IDs in MSIs */
    bool smm;                   /* KVM_CAP_X86_SMM */
    int icr;                    /* KVM_INTERRUPT takes an ICR word: 1, 0; */
                                /* -1: not yet probed */
    uint64_t sent, refused;     /* messages; atomic */
} LapicSend;

/* The rest of *@s is zeroed, but for what the caller sets afterwards. */
void lapic_send_init(LapicSend *s, KVMPort *port, const LapicSendHost *host,
                     LapicSendVCPU *vcpu, unsigned vcpus);

/*
 * A message as a device would write it (an MSI): KVM finds the destination.
 * 0: some local APIC took it; -ENOENT: none did (no such APIC, or it is off);
 * other: refused, as in *@fault (may be NULL). Any thread.
 */
int lapic_send(LapicSend *s, const LapicMsg *msg, LapicFault *fault);

/*
 * A message to @vcpu's own local APIC, as the 2013 proposal has it: @msg's
 * shorthand must be LAPIC_SELF. Fixed, LowestPrio, NMI, INIT and STARTUP arrive
 * at once, SMI on the vCPU's thread. A Fixed message to an APIC that is off is
 * -ENOENT, an INIT reaches it on the vCPU's thread. Any thread.
 */
int lapic_send_self(LapicSend *s, unsigned vcpu, const LapicMsg *msg,
                    LapicFault *fault);

/*
 * The pins. NMI: through LVT1 as the guest has it, KVM_GET_LAPIC and KVM_NMI
 * are all it costs. INIT#: whatever the APIC is; RAM, devices and other vCPUs
 * are left alone. SMI#: -ENOTSUP without KVM_CAP_X86_SMM. Any thread.
 */
int lapic_pin_nmi(LapicSend *s, unsigned vcpu);
int lapic_pin_init(LapicSend *s, unsigned vcpu);
int lapic_pin_smi(LapicSend *s, unsigned vcpu);

/* Does KVM_INTERRUPT take an ICR word? Probed by one that does nothing. */
bool lapic_send_probe(LapicSend *s, unsigned vcpu);

#endif /* TARGET_I386_LAPIC_SEND_H */
