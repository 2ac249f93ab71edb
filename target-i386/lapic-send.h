/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages and pins of local APICs that live in the kernel.
 *
 * What the kernel takes from any thread goes there at once (KVM_SIGNAL_MSI).
 * What is an ioctl of the vCPU, or has to look at its local APIC first, is
 * remembered and done on the vCPU's own thread; nobody waits for it. At most
 * one call is on its way to a vCPU, whatever it has to do: a pin that is
 * asserted twice before it was looked at is asserted once, as is a vector, and
 * an INIT undoes a SIPI before it.
 *
 * Any thread may call whatever does not say otherwise, on any vCPU, with or
 * without the BQL: the only state that threads share are atomic bits.
 *
 * On the vCPU's thread an INIT and a SIPI are KVM_SET_VCPU_EVENTS. Whoever
 * holds the vCPU's registers to write them back later writes over that, and so
 * gives them to the kernel first: LapicSendHost.flush.
 *
 * Plain C over the port: no allocation, no global, no lock.
 */
#ifndef TARGET_I386_LAPIC_SEND_H
#define TARGET_I386_LAPIC_SEND_H

#include "accel/kvm/intack/kvm-port.h"
#include "lapic-dest.h"

#define LAPIC_SEND_WORDS 8      /* of 32 bits: a bit a vector */

typedef struct LapicSendVCPU {
    uint32_t id;                /* KVM's vcpu_id = the initial APIC ID */
    bool present;               /* unplugged: nothing is sent to it */
    uint32_t work;              /* atomic: what its thread has to do */
    uint32_t sipi;              /* atomic: the vector of such a SIPI, */
    uint32_t vectors[LAPIC_SEND_WORDS]; /* and of Fixed ones, atomic */
    /* Counters, for a look at them: done on its own thread */
    uint64_t nmi, init, smi, startup, fixed;
    uint64_t masked;            /* NMI pin: LVT1 did not let it through */
    uint64_t lost;              /* Fixed: the APIC is off, or not unique */
    uint64_t failed;            /* the kernel refused it there */
} LapicSendVCPU;

/* What the shell knows without asking the kernel. vCPU's thread, all. */
typedef struct LapicSendHost {
    /* The kernel is to have the vCPU's registers. May be NULL */
    void (*flush)(void *opaque, unsigned vcpu);
    /* MSR_IA32_APICBASE says that the APIC is on */
    bool (*enabled)(void *opaque, unsigned vcpu);
    /* Before the INIT pin: what is not to survive it. May be NULL */
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
    int icr;                    /* atomic: KVM_INTERRUPT takes an ICR word: */
                                /* 1, 0; -1: not yet probed */
    uint64_t sent, refused;     /* messages; atomic */
} LapicSend;

/*
 * The rest of *@s and of the vCPUs is zeroed, but for what the caller sets
 * afterwards; no vCPU is present.
 */
void lapic_send_init(LapicSend *s, KVMPort *port, const LapicSendHost *host,
                     LapicSendVCPU *vcpu, unsigned vcpus);

/*
 * What vCPU @vcpu's thread was still to do is not done: it is plugged,
 * unplugged, or reset. Its thread, or the vCPU stopped.
 */
void lapic_send_forget(LapicSend *s, unsigned vcpu);

/*
 * A message as a device would write it (an MSI): KVM finds the destination.
 * 0: some local APIC took it; -ENOENT: none did (no such APIC, or it is off);
 * other: refused, as in *@fault (may be NULL): lapic_msg_check()'s, -ENOTSUP
 * for an SMI without KVM_CAP_X86_SMM, or the kernel's.
 */
int lapic_send(LapicSend *s, const LapicMsg *msg, LapicFault *fault);

/*
 * A message to @vcpu's own local APIC, as the 2013 proposal has it: @msg's
 * shorthand must be LAPIC_SELF, else -EINVAL. It arrives as if the vCPU had
 * written it to its ICR, which is left alone: so Fixed and LowestPrio want an
 * APIC that is on in hardware and software, the others reach the processor
 * whatever the APIC is.
 *
 * 0: it has arrived, or will on the vCPU's thread: SMI always; whatever
 * KVM_SIGNAL_MSI did not find the APIC for, because it is off or the guest has
 * numbered it anew; with the proposal in the kernel, all. A Fixed message that
 * finds the APIC off there is counted as lost. An INIT level de-assert is
 * nothing. -ENOENT: no such vCPU; other: refused, as lapic_send().
 *
 * The number that KVM_SIGNAL_MSI is given is the vCPU's first one. A guest that
 * gives it to another of its xAPICs has the message there, as an MSI would.
 */
int lapic_send_self(LapicSend *s, unsigned vcpu, const LapicMsg *msg,
                    LapicFault *fault);

/*
 * The pins; -ENOENT: no such vCPU. NMI: through LVT1 as the guest has it, and
 * only if that is in NMI mode, as stock has it (the SDM's LINT1 could also be
 * Fixed, SMI or INIT); an APIC that is off leaves it the processor's. At most
 * KVM_GET_LAPIC and KVM_NMI. INIT#: whatever the APIC is; RAM, devices and
 * other vCPUs are left alone. SMI#: -ENOTSUP without KVM_CAP_X86_SMM.
 */
int lapic_pin_nmi(LapicSend *s, unsigned vcpu);
int lapic_pin_init(LapicSend *s, unsigned vcpu);
int lapic_pin_smi(LapicSend *s, unsigned vcpu);

/*
 * Does KVM_INTERRUPT take an ICR word? Asked once, by an INIT level de-assert,
 * which does nothing where it is taken. vCPU's thread.
 */
bool lapic_send_probe(LapicSend *s, unsigned vcpu);

#endif /* TARGET_I386_LAPIC_SEND_H */
