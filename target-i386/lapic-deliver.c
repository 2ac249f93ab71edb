/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the kernel is told of a message or a pin.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include <linux/kvm.h>
#include "lapic-deliver.h"

#define APIC_ID         0x20
#define APIC_LVT1       0x360
#define XAPIC_ID        0xff000000u     /* its bits in the page */
#define BROADCAST       0xffu
#define LVT_MODE        0x700u
#define LVT_NMI         0x400u
#define LVT_MASKED      0x10000u

LapicForm lapic_msi_form(const LapicSend *s, uint32_t dest)
{
    return s->x2apic_ids && dest > BROADCAST ? LAPIC_FORM_MSI_X2 :
           LAPIC_FORM_MSI;
}

int lapic_signal(LapicSend *s, const LapicMsg *msg, LapicForm form)
{
    LapicMSI word = lapic_msg_to_msi(msg, form);
    struct kvm_msi msi = {
        .address_lo = (uint32_t)word.address,
        .address_hi = word.address >> 32,
        .data = word.data,
    };
    int ret = s->port->ops->vm_ioctl(s->port, KVM_SIGNAL_MSI, &msi);

    /* kvm_irq_delivery_to_apic: -1 if it found no destination to ask */
    return ret == -EPERM ? 0 : ret > 0 ? 1 : ret;
}

int lapic_signal_dest(LapicSend *s, const LapicMsg *msg, uint32_t dest)
{
    LapicMsg to = {
        .dest = dest,
        .vector = msg->vector,
        .delivery = msg->delivery,
        .assert = true,
    };

    return lapic_signal(s, &to, lapic_msi_form(s, dest));
}

static int vcpu_ioctl(LapicSend *s, unsigned vcpu, unsigned long request,
                      void *arg)
{
    int ret = s->port->ops->ioctl(s->port, vcpu, request, arg);

    return ret < 0 ? ret : 1;
}

static int get_reg(LapicSend *s, unsigned vcpu, unsigned reg, uint32_t *val)
{
    struct kvm_lapic_state page;
    int ret = vcpu_ioctl(s, vcpu, KVM_GET_LAPIC, &page);

    if (ret > 0) {
        memcpy(val, page.regs + reg, sizeof(*val));
    }
    return ret;
}

/*
 * Some of KVM_SET_VCPU_EVENTS. What only a flag writes and another thread may
 * have changed meanwhile is left out, as a pending NMI; but a pending exception
 * has to be told again.
 */
static int set_events(LapicSend *s, unsigned vcpu, uint32_t flag, uint8_t sipi)
{
    struct kvm_vcpu_events e = { };
    int ret = vcpu_ioctl(s, vcpu, KVM_GET_VCPU_EVENTS, &e);

    if (ret < 0) {
        return ret;
    }
    e.flags = (e.flags & KVM_VCPUEVENT_VALID_PAYLOAD) | flag;
    e.smi.latched_init = 1;
    e.sipi_vector = sipi;
    return vcpu_ioctl(s, vcpu, KVM_SET_VCPU_EVENTS, &e);
}

/* Needs no local APIC that is on, and no number of one. SMM keeps it latched */
static int latch_init(LapicSend *s, unsigned vcpu)
{
    return set_events(s, vcpu, KVM_VCPUEVENT_VALID_SMM, 0);
}

/*
 * Who does not wait for a SIPI ignores it. Reading the state carries out an
 * INIT that is latched.
 */
static int start_up(LapicSend *s, unsigned vcpu, uint8_t vector)
{
    struct kvm_mp_state mp;
    int ret = vcpu_ioctl(s, vcpu, KVM_GET_MP_STATE, &mp);

    if (ret < 0 || mp.mp_state != KVM_MP_STATE_INIT_RECEIVED) {
        return ret;
    }
    ret = set_events(s, vcpu, KVM_VCPUEVENT_VALID_SIPI_VECTOR, vector);
    if (ret < 0) {
        return ret;
    }
    mp.mp_state = KVM_MP_STATE_SIPI_RECEIVED;
    return vcpu_ioctl(s, vcpu, KVM_SET_MP_STATE, &mp);
}

/*
 * A vector wants an APIC that is on, by the number that it has now: in an
 * xAPIC's page 31:24; in an x2APIC's all, or 31:24 too if the kernel keeps to
 * 8 bits. An xAPIC's 255 is everybody's.
 */
static int send_vector(LapicSend *s, unsigned vcpu, const LapicMsg *msg)
{
    uint32_t id;
    int ret;

    if (!s->host.enabled(s->host.opaque, vcpu)) {
        return 0;
    }
    ret = get_reg(s, vcpu, APIC_ID, &id);
    if (ret < 0 || id == XAPIC_ID) {
        return ret < 0 ? ret : 0;
    }
    return lapic_signal_dest(s, msg, id & ~XAPIC_ID ? id : id >> 24);
}

int lapic_deliver_icr(LapicSend *s, unsigned vcpu, uint32_t icr)
{
    struct kvm_interrupt word = { .irq = icr };

    return vcpu_ioctl(s, vcpu, KVM_INTERRUPT, &word);
}

static int send_icr(LapicSend *s, unsigned vcpu, const LapicMsg *msg)
{
    LapicMsg own = {
        .vector = msg->vector,
        .delivery = msg->delivery,
        .shorthand = LAPIC_SELF,
        .assert = true,
    };

    return lapic_deliver_icr(s, vcpu, (uint32_t)lapic_msg_to_icr(&own, false));
}

int lapic_deliver(LapicSend *s, unsigned vcpu, const LapicMsg *msg)
{
    if (qatomic_read(&s->icr) == 1) {
        return send_icr(s, vcpu, msg);
    }
    switch (msg->delivery) {
    case LAPIC_SMI:
        return vcpu_ioctl(s, vcpu, KVM_SMI, NULL);
    case LAPIC_NMI:
        return vcpu_ioctl(s, vcpu, KVM_NMI, NULL);
    case LAPIC_INIT:
        return latch_init(s, vcpu);
    case LAPIC_STARTUP:
        return start_up(s, vcpu, msg->vector);
    default:
        return send_vector(s, vcpu, msg);
    }
}

/* With the APIC off the pin is the processor's */
int lapic_deliver_pin_nmi(LapicSend *s, unsigned vcpu)
{
    uint32_t lvt1 = LVT_NMI;

    if (s->host.enabled(s->host.opaque, vcpu)) {
        int ret = get_reg(s, vcpu, APIC_LVT1, &lvt1);

        if (ret < 0) {
            return ret;
        }
    }
    return (lvt1 & (LVT_MASKED | LVT_MODE)) == LVT_NMI ?
           vcpu_ioctl(s, vcpu, KVM_NMI, NULL) : 0;
}

/*
 * Carried out at once, by reading the state: what the kernel says of the vCPU
 * from now on, whether or not it has entered the guest, is of the new life.
 */
int lapic_deliver_pin_init(LapicSend *s, unsigned vcpu)
{
    struct kvm_mp_state mp;
    int ret;

    if (s->host.before_init) {
        s->host.before_init(s->host.opaque, vcpu);
    }
    ret = latch_init(s, vcpu);
    return ret < 0 ? ret : vcpu_ioctl(s, vcpu, KVM_GET_MP_STATE, &mp);
}

int lapic_deliver_pin_smi(LapicSend *s, unsigned vcpu)
{
    return vcpu_ioctl(s, vcpu, KVM_SMI, NULL);
}
