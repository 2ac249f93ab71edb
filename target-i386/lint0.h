/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR of a PIC in user space, for local APICs in the kernel whose LVT0 does
 * not have it acknowledged: Fixed, NMI, SMI and INIT mode (SDM volume 3,
 * "Local Vector Table": "Delivery Mode", "Trigger Mode", "Remote IRR Flag").
 *
 * KVM looks at LVT0 for ExtINT only. So here INTR's pin is watched, and what
 * LVT0 makes of it is sent as a message, by these rules:
 *
 *  - LVT0 is asked for at each delivery, on the vCPU's own thread, by
 *    KVM_GET_LAPIC. What is delivered is what LVT0 says then. One question is
 *    on its way to a vCPU at most; a rise that comes meanwhile merges with the
 *    one before, as it would in IRR.
 *  - A vCPU that was found closed (LVT0 masked, ExtINT, or the APIC off) is
 *    asked again at a rise LINT0_AGAIN_NS later, or after the guest has written
 *    an ICW or OCW1, unless somebody has answered the rise before by an INTA.
 *    So a guest that polls the PIC is left alone. One that INTR wakes anyway,
 *    as ExtINT, is asked at each rise.
 *  - While the pin stays high a timer asks in place of rises.
 *  - Edge-triggered, a rise delivers once, whatever the pin does afterwards.
 *  - Level-triggered, the vector is delivered while the pin is high and the
 *    vector is neither in IRR nor in ISR: what "Remote IRR" means. KVM does not
 *    tell of this EOI, so the timer looks: after LINT0_LEVEL_NS, and if the
 *    vector is still in service after twice the time, up to LINT0_SLOW_NS.
 *  - LVT0's polarity is not looked at: INTR is active high, as on the board.
 *
 * Plain C: no QEMU, no KVM, no allocation, no global. But for publish and
 * written, all is called with the BQL held.
 */
#ifndef TARGET_I386_LINT0_H
#define TARGET_I386_LINT0_H

#include "accel/kvm/intack/kvm-port.h"
#include "lapic-msg.h"

#define LINT0_AGAIN_NS      100000000
#define LINT0_LEVEL_NS      1000000
#define LINT0_SLOW_NS       64000000

#define LINT0_FIRST_VECTOR  16
#define LINT0_SVR_ENABLE    0x100u

typedef struct Lint0Host {
    void *opaque;
    /* What QEMU holds of the vCPU's registers goes back. vCPU's thread. */
    void (*flush)(void *opaque, unsigned vcpu);
    /* MSR_IA32_APICBASE says that the APIC is on. vCPU's thread. */
    bool (*enabled)(void *opaque, unsigned vcpu);
    /* Does INTR wake this vCPU, to take it as ExtINT? */
    bool (*extint)(void *opaque, unsigned vcpu);
    /* Interrupts that have been taken as ExtINT, by any vCPU */
    uint64_t (*taken)(void *opaque);
    /* ns, of a clock that stands still while the VM does */
    int64_t (*now)(void *opaque);
    /* Call lint0_alarm() then, or sooner if that was asked for before */
    void (*alarm)(void *opaque, int64_t when);
} Lint0Host;

typedef struct Lint0VCPU {
    bool edge;                  /* a rise it has not been told of */
    bool queued;                /* its thread has been asked to look */
    /* What the last look has found; known: there was one in this life */
    bool known;
    bool open;                  /* LVT0 passes INTR on, not as ExtINT */
    bool level;                 /* ... Fixed and level-triggered */
    uint32_t writes;            /* Lint0.writes when it looked */
    int64_t looked;             /* and the time */
    /*
     * Counters. Of each rise a vCPU has one of missed, merged, closed, sent or
     * failed; level-triggered, sent and failed count deliveries instead.
     */
    uint64_t looks;
    uint64_t sent;              /* messages: a vector, NMI, SMI, INIT */
    uint64_t missed;            /* not asked (second rule), or forgotten */
    uint64_t merged;            /* the one before: not looked at, or in IRR */
    uint64_t closed;            /* LVT0 did not let it through */
    uint64_t failed;            /* a vector below 16; the kernel refused */
} Lint0VCPU;

typedef struct Lint0 {
    uint32_t pin;               /* atomic: the published level */
    uint32_t writes;            /* atomic: of ICWs and OCW1 */
    uint64_t rises;
    uint64_t taken;             /* host.taken() at the last rise, */
    bool answered;              /* ... more than at the one before */
    bool armed;                 /* alarm() was called */
    int64_t wait;               /* level-triggered: the next look, in ns */
    unsigned vcpus;
    Lint0VCPU *vcpu;            /* by cpu_index, [vcpus], owned by the caller */
    KVMPort *port;
    Lint0Host host;
} Lint0;

/* Does LVT0 pass INTR on as something else than ExtINT? */
static inline bool lint0_open(const LapicLVT *lvt0, uint32_t svr)
{
    return (svr & LINT0_SVR_ENABLE) && !lvt0->masked &&
           (lvt0->delivery == LAPIC_FIXED || lvt0->delivery == LAPIC_NMI ||
            lvt0->delivery == LAPIC_SMI || lvt0->delivery == LAPIC_INIT);
}

/* Of an open one: NMI, SMI and INIT are edge-triggered whatever it says */
static inline bool lint0_level(const LapicLVT *lvt0)
{
    return lvt0->delivery == LAPIC_FIXED && lvt0->level;
}

void lint0_init(Lint0 *l, KVMPort *port, const Lint0Host *host,
                Lint0VCPU *vcpu, unsigned vcpus);

/* The pin's level. PIC's lock held. */
void lint0_publish(Lint0 *l, bool level);
/* The guest writes an ICW or OCW1. PIC's lock held. */
void lint0_written(Lint0 *l);
/* The pin rose, and that is published. */
void lint0_rise(Lint0 *l);
/* The time that host.alarm() was given has come. */
void lint0_alarm(Lint0 *l);
/* Reset or load: rises and looks of before are void, the level stands. */
void lint0_forget(Lint0 *l);
/* The vCPU is unplugged; so for one that comes in its place. */
void lint0_gone(Lint0 *l, unsigned vcpu);

#endif /* TARGET_I386_LINT0_H */
