/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Take a PIC's vector back from KVM.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "recall.h"

#define RFLAGS_IF           0x200u
#define MSR_APICBASE        0x1bu
#define MSR_X2APIC_LVT0     0x835u
#define APICBASE_ENABLE     0x800u
#define APICBASE_EXTD       0x400u
#define APIC_ID             0x20
#define APIC_SVR            0xf0
#define APIC_LVT0           0x350
#define SVR_ENABLED         0x100u
#define LVT_MODE            0x700u
#define LVT_EXTINT          0x700u
#define LVT_MASKED          0x10000u

/* The largest nested state is VMX's: a header and two pages */
#define NESTED_STATE_MAX    (sizeof(struct kvm_nested_state) + 2 * 4096)

/* One KVM_RUN is enough; the kernel may have had something of its own to do */
#define DRAINS              4

/* What is put aside */
typedef struct Kept {
    struct kvm_regs regs;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp;
    struct kvm_lapic_state lapic;
    uint64_t base;
    bool lapic_changed;
} Kept;

static int vcpu_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                      void *arg)
{
    int ret = port->ops->ioctl(port, vcpu, request, arg);

    return ret < 0 ? ret : 0;
}

static int set_mp_state(KVMPort *port, unsigned vcpu, const Kept *k,
                        uint32_t state)
{
    struct kvm_mp_state mp = { .mp_state = state };

    /* Nothing to change, nothing to put back */
    return k->mp.mp_state == KVM_MP_STATE_RUNNABLE ? 0 :
           vcpu_ioctl(port, vcpu, KVM_SET_MP_STATE, &mp);
}

static uint32_t lapic_reg(const struct kvm_lapic_state *lapic, unsigned offset)
{
    uint32_t val;

    memcpy(&val, lapic->regs + offset, sizeof(val));
    return val;
}

static int msr(KVMPort *port, unsigned vcpu, unsigned long request,
               uint32_t index, uint64_t *val)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } m = {
        .head.nmsrs = 1,
        .entry = { .index = index, .data = *val },
    };
    int ret = port->ops->ioctl(port, vcpu, request, &m);

    *val = m.entry.data;
    /* The kernel returns how many MSRs it took */
    return ret < 0 ? ret : ret == 1 ? 0 : -EINVAL;
}

/* kvm_nested_state: L2 runs, or SVM's GIF is clear */
static bool in_nested(KVMPort *port, unsigned vcpu)
{
    union {
        struct kvm_nested_state state;
        uint8_t bytes[NESTED_STATE_MAX];
    } n;
    int ret;

    memset(&n.state, 0, sizeof(n.state));
    n.state.size = sizeof(n);
    ret = port->ops->ioctl(port, vcpu, KVM_GET_NESTED_STATE, &n);
    if (ret < 0) {
        /* A kernel that cannot has none; one with more than VMX has, has */
        return ret == -E2BIG;
    }
    return (n.state.flags & KVM_STATE_NESTED_GUEST_MODE) ||
           (n.state.format == KVM_STATE_NESTED_FORMAT_SVM &&
            !(n.state.flags & KVM_STATE_NESTED_GIF_SET));
}

/*
 * mp_state first: reading it carries out an INIT or SIPI that is pending, which
 * changes the registers.
 */
static int keep(KVMPort *port, unsigned vcpu, Kept *k)
{
    return vcpu_ioctl(port, vcpu, KVM_GET_MP_STATE, &k->mp) ?:
           vcpu_ioctl(port, vcpu, KVM_GET_REGS, &k->regs) ?:
           vcpu_ioctl(port, vcpu, KVM_GET_VCPU_EVENTS, &k->events) ?:
           vcpu_ioctl(port, vcpu, KVM_GET_LAPIC, &k->lapic) ?:
           msr(port, vcpu, KVM_GET_MSRS, MSR_APICBASE, &k->base);
}

static bool lint0_accepts(const Kept *k)
{
    uint32_t lvt0 = lapic_reg(&k->lapic, APIC_LVT0);

    return !(k->base & APICBASE_ENABLE) ||
           (lvt0 & (LVT_MASKED | LVT_MODE)) == LVT_EXTINT;
}

/*
 * An x2APIC's LVT0 is an MSR and the rest of it can be left alone. Software has
 * to have enabled it: KVM does not unmask the LVT of one that is not.
 */
static bool lvt0_is_msr(const Kept *k)
{
    return (k->base & APICBASE_EXTD) &&
           (lapic_reg(&k->lapic, APIC_SVR) & SVR_ENABLED);
}

/*
 * LINT0 has to accept. Where it does, the APIC is left alone. An xAPIC is
 * switched off for the moment, which makes the PIC's INTR the processor's and
 * keeps IRR, ISR and a timer that runs or has expired.
 */
static int open_lint0(KVMPort *port, unsigned vcpu, Kept *k)
{
    uint64_t base = k->base & ~(uint64_t)(APICBASE_ENABLE | APICBASE_EXTD);
    uint64_t open = LVT_EXTINT;

    if (lint0_accepts(k)) {
        return 0;
    }
    k->lapic_changed = true;
    return lvt0_is_msr(k) ?
           msr(port, vcpu, KVM_SET_MSRS, MSR_X2APIC_LVT0, &open) :
           msr(port, vcpu, KVM_SET_MSRS, MSR_APICBASE, &base);
}

/*
 * Switching on writes the ID of the vCPU's number into an xAPIC. One that the
 * guest has numbered anew is written as a whole, which makes a one-shot timer
 * that has expired expire once more.
 */
static int close_lint0(KVMPort *port, unsigned vcpu, Kept *k)
{
    struct kvm_lapic_state now;
    uint64_t lvt0 = lapic_reg(&k->lapic, APIC_LVT0);
    uint64_t base = k->base;
    int ret;

    if (!k->lapic_changed) {
        return 0;
    }
    if (lvt0_is_msr(k)) {
        return msr(port, vcpu, KVM_SET_MSRS, MSR_X2APIC_LVT0, &lvt0);
    }
    ret = msr(port, vcpu, KVM_SET_MSRS, MSR_APICBASE, &base) ?:
          vcpu_ioctl(port, vcpu, KVM_GET_LAPIC, &now);
    if (ret || !memcmp(now.regs + APIC_ID, k->lapic.regs + APIC_ID, 4)) {
        return ret;
    }
    memcpy(now.regs + APIC_ID, k->lapic.regs + APIC_ID, 4);
    return vcpu_ioctl(port, vcpu, KVM_SET_LAPIC, &now);
}

/* Nothing that outranks an external interrupt or keeps it out */
static int clear(KVMPort *port, unsigned vcpu, const Kept *k)
{
    struct kvm_regs regs = k->regs;
    struct kvm_vcpu_events events = k->events;

    regs.rflags |= RFLAGS_IF;
    events.exception.injected = 0;
    events.exception.pending = 0;
    events.interrupt.injected = 0;
    events.interrupt.shadow = 0;
    events.nmi.injected = 0;
    events.nmi.pending = 0;
    events.smi.pending = 0;
    events.triple_fault.pending = 0;
    /* KVM_SET_REGS drops a pending exception: the events come after it */
    return vcpu_ioctl(port, vcpu, KVM_SET_REGS, &regs) ?:
           vcpu_ioctl(port, vcpu, KVM_SET_VCPU_EVENTS, &events) ?:
           set_mp_state(port, vcpu, k, KVM_MP_STATE_RUNNABLE);
}

/* All of it, also after a failure */
static int put_back(KVMPort *port, unsigned vcpu, Kept *k)
{
    int lint0 = close_lint0(port, vcpu, k);
    int regs = vcpu_ioctl(port, vcpu, KVM_SET_REGS, &k->regs);
    int events = vcpu_ioctl(port, vcpu, KVM_SET_VCPU_EVENTS, &k->events);
    int mp = set_mp_state(port, vcpu, k, k->mp.mp_state);

    return lint0 ?: regs ?: events ?: mp;
}

/*
 * The probe finds out whether the slot was full, and makes sure that there is
 * an ExtINT to inject: without one, KVM would acknowledge a vector of the
 * local APIC in its place.
 */
static int pull(KVMPort *port, unsigned vcpu, unsigned vector)
{
    int probe = port->ops->interrupt(port, vcpu, vector);
    struct kvm_vcpu_events events;

    if (probe && probe != -EEXIST) {
        return probe;
    }
    for (int i = 0; i < DRAINS; i++) {
        int ret;

        port->ops->drain(port, vcpu);
        ret = vcpu_ioctl(port, vcpu, KVM_GET_VCPU_EVENTS, &events);
        if (ret) {
            return ret;
        }
        if (events.interrupt.injected) {
            return events.interrupt.nr == vector ? probe == -EEXIST : -EIO;
        }
    }
    return -EIO;
}

/* KVM takes no SMI along with the wait for a SIPI, though it has both */
static int can_put_back(const Kept *k)
{
    return k->mp.mp_state == KVM_MP_STATE_INIT_RECEIVED &&
           (k->events.smi.smm || k->events.smi.pending) ? -EBUSY : 0;
}

int extint_recall(KVMPort *port, unsigned vcpu, unsigned vector, bool *halted)
{
    const KVMPortOps *ops = port->ops;
    Kept k = { };
    int ret, put;

    if (in_nested(port, vcpu)) {
        return -EBUSY;
    }
    /* Off first: KVM hides and sets TF and RF while it steps a guest */
    ops->debug(port, vcpu, false);
    ops->finish(port, vcpu);
    ret = keep(port, vcpu, &k) ?: can_put_back(&k);
    if (!ret) {
        *halted = k.mp.mp_state == KVM_MP_STATE_HALTED;
        ret = clear(port, vcpu, &k) ?: open_lint0(port, vcpu, &k) ?:
              pull(port, vcpu, vector);
        put = put_back(port, vcpu, &k);
        ret = put ?: ret;
    }
    ops->unready(port, vcpu);
    ops->debug(port, vcpu, true);
    return ret;
}
