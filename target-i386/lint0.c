/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR of a PIC in user space, for an LVT0 that does not have it acknowledged.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qemu/atomic.h"
#include "lint0.h"

#define APIC_ID             0x020
#define APIC_SVR            0x0f0
#define APIC_ISR            0x100
#define APIC_IRR            0x200
#define APIC_LVT0           0x350
#define XAPIC_ID_SHIFT      24
#define BROADCAST           0xffu

/* Who was asked by the alarm before is due at this one */
#define AGAIN_LATER         (LINT0_AGAIN_NS + LINT0_LEVEL_NS)

void lint0_init(Lint0 *l, KVMPort *port, const Lint0Host *host,
                Lint0VCPU *vcpu, unsigned vcpus)
{
    *l = (Lint0) {
        .port = port,
        .host = *host,
        .vcpu = vcpu,
        .vcpus = vcpus,
        .wait = LINT0_LEVEL_NS,
    };
    memset(vcpu, 0, vcpus * sizeof(*vcpu));
}

static int64_t now(const Lint0 *l)
{
    return l->host.now(l->host.opaque);
}

static bool extint(const Lint0 *l, unsigned vcpu)
{
    return l->host.extint(l->host.opaque, vcpu);
}

static void alarm_in(Lint0 *l, int64_t ns)
{
    l->armed = true;
    l->host.alarm(l->host.opaque, now(l) + ns);
}

static uint32_t reg(const struct kvm_lapic_state *page, unsigned offset)
{
    uint32_t val;

    memcpy(&val, page->regs + offset, sizeof(val));
    return val;
}

static bool has_vector(const struct kvm_lapic_state *page, unsigned bitmap,
                       uint8_t vector)
{
    return reg(page, bitmap + vector / 32 * 16) >> vector % 32 & 1;
}

/*
 * To the APIC of that page. Its number is in 31:24, but for an x2APIC's of a
 * kernel that knows more than 8 bits; 255 of an xAPIC would be everybody's.
 */
static int signal_self(Lint0 *l, const struct kvm_lapic_state *page,
                       const LapicLVT *lvt0)
{
    uint32_t id = reg(page, APIC_ID);
    uint32_t dest = id << 8 ? id : id >> XAPIC_ID_SHIFT;
    LapicMsg msg = {
        .dest = dest,
        .vector = lvt0->delivery == LAPIC_FIXED ? lvt0->vector : 0,
        .delivery = lvt0->delivery,
        .level = lint0_level(lvt0),
        .assert = true,
    };
    LapicMSI msi = lapic_msg_to_msi(&msg, dest > BROADCAST ?
                                    LAPIC_FORM_MSI_X2 : LAPIC_FORM_MSI);
    struct kvm_msi arg = {
        .address_lo = (uint32_t)msi.address,
        .address_hi = msi.address >> 32,
        .data = msi.data,
    };

    if (dest == BROADCAST) {
        return -ENOENT;
    }
    return l->port->ops->vm_ioctl(l->port, KVM_SIGNAL_MSI, &arg) > 0 ? 0 :
           -ENOENT;
}

static int vcpu_ioctl(Lint0 *l, unsigned vcpu, unsigned long request, void *arg)
{
    return l->port->ops->ioctl(l->port, vcpu, request, arg);
}

/* What LVT0 makes of INTR, once */
static void deliver(Lint0 *l, unsigned vcpu,
                    const struct kvm_lapic_state *page, const LapicLVT *lvt0)
{
    Lint0VCPU *v = &l->vcpu[vcpu];
    int ret;

    switch (lvt0->delivery) {
    case LAPIC_NMI:
        ret = vcpu_ioctl(l, vcpu, KVM_NMI, NULL);
        break;
    case LAPIC_SMI:
        ret = vcpu_ioctl(l, vcpu, KVM_SMI, NULL);
        break;
    case LAPIC_FIXED:
        /* SDM, "Error Handling": "an illegal vector", and no interrupt */
        ret = lvt0->vector < LINT0_FIRST_VECTOR ? -EINVAL :
              signal_self(l, page, lvt0);
        break;
    default:
        ret = signal_self(l, page, lvt0);
    }
    v->sent += ret >= 0;
    v->failed += ret < 0;
}

/*
 * "this flag is set when the local APIC accepts the interrupt for servicing
 * and is reset when an EOI command is received": until then the level waits.
 */
static void deliver_level(Lint0 *l, unsigned vcpu,
                          const struct kvm_lapic_state *page,
                          const LapicLVT *lvt0)
{
    if (!qatomic_read(&l->pin)) {
        return;
    }
    if (!has_vector(page, APIC_IRR, lvt0->vector) &&
        !has_vector(page, APIC_ISR, lvt0->vector)) {
        deliver(l, vcpu, page, lvt0);
        l->wait = LINT0_LEVEL_NS;
    }
    alarm_in(l, l->wait);
}

/* What has become of LVT0, and of a rise that it has not been told of */
static void look_at(Lint0 *l, unsigned vcpu, bool edge)
{
    Lint0VCPU *v = &l->vcpu[vcpu];
    struct kvm_lapic_state page;
    LapicLVT lvt0;

    if (l->host.enabled(l->host.opaque, vcpu) &&
        vcpu_ioctl(l, vcpu, KVM_GET_LAPIC, &page) >= 0) {
        lvt0 = lapic_lvt_decode(reg(&page, APIC_LVT0), LAPIC_LVT_LINT0);
        v->open = lint0_open(&lvt0, reg(&page, APIC_SVR));
    }
    if (!v->open) {
        v->closed += edge;
        return;
    }
    v->level = lint0_level(&lvt0);
    if (v->level) {
        deliver_level(l, vcpu, &page, &lvt0);
    } else if (edge && lvt0.delivery == LAPIC_FIXED &&
               has_vector(&page, APIC_IRR, lvt0.vector)) {
        v->merged++;
    } else if (edge) {
        deliver(l, vcpu, &page, &lvt0);
    }
}

/* vCPU's thread */
static void look(void *opaque, unsigned vcpu)
{
    Lint0 *l = opaque;
    Lint0VCPU *v = &l->vcpu[vcpu];
    bool edge = v->edge;

    v->looks++;
    v->queued = v->edge = v->open = v->level = false;
    v->known = true;
    v->looked = now(l);
    v->writes = qatomic_read(&l->writes);
    l->host.flush(l->host.opaque, vcpu);
    look_at(l, vcpu, edge);
}

static void ask(Lint0 *l, unsigned vcpu)
{
    Lint0VCPU *v = &l->vcpu[vcpu];

    if (v->queued) {
        return;
    }
    v->queued = true;
    if (!l->port->ops->defer(l->port, vcpu, look, l)) {
        /* There is no such vCPU now */
        v->missed += v->edge;
        v->queued = v->edge = v->open = v->level = false;
        v->known = true;
        v->looked = now(l);
    }
}

/* Has LVT0 been unknown for long enough? */
static bool again(const Lint0 *l, unsigned vcpu)
{
    const Lint0VCPU *v = &l->vcpu[vcpu];

    return !v->known || now(l) - v->looked >= LINT0_AGAIN_NS ||
           (v->writes != qatomic_read(&l->writes) && !l->answered);
}

void lint0_publish(Lint0 *l, bool level)
{
    qatomic_set(&l->pin, level);
}

void lint0_written(Lint0 *l)
{
    qatomic_inc(&l->writes);
}

void lint0_rise(Lint0 *l)
{
    uint64_t taken = l->host.taken(l->host.opaque);
    unsigned i;

    l->rises++;
    l->answered = taken != l->taken;
    l->taken = taken;
    for (i = 0; i < l->vcpus; i++) {
        Lint0VCPU *v = &l->vcpu[i];

        if (!v->queued && !v->open && !extint(l, i) && !again(l, i)) {
            v->missed++;
            continue;
        }
        v->merged += v->edge;
        v->edge = true;
        ask(l, i);
    }
    if (!l->armed) {
        alarm_in(l, AGAIN_LATER);
    }
}

static bool any_level(const Lint0 *l)
{
    unsigned i;

    for (i = 0; i < l->vcpus; i++) {
        if (l->vcpu[i].level) {
            return true;
        }
    }
    return false;
}

void lint0_alarm(Lint0 *l)
{
    bool level = any_level(l);
    unsigned i;

    l->armed = false;
    if (!qatomic_read(&l->pin)) {
        l->wait = LINT0_LEVEL_NS;
        return;
    }
    if (level) {
        l->wait = l->wait < LINT0_SLOW_NS ? 2 * l->wait : LINT0_SLOW_NS;
    }
    alarm_in(l, level ? l->wait : AGAIN_LATER);
    for (i = 0; i < l->vcpus; i++) {
        /* Edge-triggered, this delivers nothing; it may be a level by now */
        if (l->vcpu[i].level || again(l, i)) {
            ask(l, i);
        }
    }
}

void lint0_forget(Lint0 *l)
{
    unsigned i;

    for (i = 0; i < l->vcpus; i++) {
        Lint0VCPU *v = &l->vcpu[i];

        v->missed += v->edge;
        v->edge = v->known = v->open = v->level = false;
    }
    l->wait = LINT0_LEVEL_NS;
    if (qatomic_read(&l->pin)) {
        alarm_in(l, l->wait);
    }
}

void lint0_gone(Lint0 *l, unsigned vcpu)
{
    l->vcpu[vcpu] = (Lint0VCPU) { };
}
