/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages and pins of local APICs that live in the kernel: what goes there
 * at once, and what is for the vCPU's own thread.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "lapic-deliver.h"

/* LapicSendVCPU.work: a bit a delivery mode of messages, and the pins' */
#define WORK_MSG(delivery)  (1u << (delivery))
#define WORK_PIN_NMI        0x100u
#define WORK_PIN_INIT       0x200u
#define WORK_PIN_SMI        0x400u

#define BROADCAST           0xffu

/* INIT, level-triggered, level 0, to self */
#define ICR_NOTHING         0x48500u

void lapic_send_init(LapicSend *s, KVMPort *port, const LapicSendHost *host,
                     LapicSendVCPU *vcpu, unsigned vcpus)
{
    *s = (LapicSend) {
        .port = port,
        .host = *host,
        .vcpu = vcpu,
        .vcpus = vcpus,
        .icr = -1,
    };
    memset(vcpu, 0, vcpus * sizeof(*vcpu));
}

void lapic_send_forget(LapicSend *s, unsigned vcpu)
{
    LapicSendVCPU *v = &s->vcpu[vcpu];

    qatomic_xchg(&v->work, 0);
    for (unsigned i = 0; i < LAPIC_SEND_WORDS; i++) {
        qatomic_xchg(&v->vectors[i], 0);
    }
}

static bool is_present(const LapicSend *s, unsigned vcpu)
{
    return vcpu < s->vcpus && qatomic_read(&s->vcpu[vcpu].present);
}

/* On the vCPU's own thread */

static void count(LapicSendVCPU *v, int ret, uint64_t *done, uint64_t *none)
{
    ++*(ret > 0 ? done : ret ? &v->failed : none);
}

static void work_msg(LapicSend *s, unsigned vcpu, LapicDelivery delivery,
                     uint64_t *done)
{
    LapicSendVCPU *v = &s->vcpu[vcpu];
    LapicMsg msg = {
        .delivery = delivery,
        .vector = delivery == LAPIC_STARTUP ? qatomic_read(&v->sipi) : 0,
    };

    count(v, lapic_deliver(s, vcpu, &msg), done, &v->lost);
}

static void work_vectors(LapicSend *s, unsigned vcpu)
{
    LapicSendVCPU *v = &s->vcpu[vcpu];

    for (unsigned i = 0; i < LAPIC_SEND_WORDS; i++) {
        uint32_t set = qatomic_xchg(&v->vectors[i], 0);

        for (; set; set &= set - 1) {
            LapicMsg msg = { .vector = i * 32 + __builtin_ctz(set) };

            count(v, lapic_deliver(s, vcpu, &msg), &v->fixed, &v->lost);
        }
    }
}

/* INIT first: a SIPI that is still there came after it */
static void work(void *opaque, unsigned vcpu)
{
    LapicSend *s = opaque;
    LapicSendVCPU *v = &s->vcpu[vcpu];
    uint32_t todo = qatomic_xchg(&v->work, 0);

    if (!is_present(s, vcpu)) {
        lapic_send_forget(s, vcpu);
        return;
    }
    if (s->host.flush) {
        s->host.flush(s->host.opaque, vcpu);
    }
    if (todo & WORK_PIN_INIT) {
        count(v, lapic_deliver_pin_init(s, vcpu), &v->init, &v->lost);
    }
    if (todo & WORK_MSG(LAPIC_INIT)) {
        work_msg(s, vcpu, LAPIC_INIT, &v->init);
    }
    if (todo & WORK_MSG(LAPIC_STARTUP)) {
        work_msg(s, vcpu, LAPIC_STARTUP, &v->startup);
    }
    if (todo & WORK_MSG(LAPIC_FIXED)) {
        work_vectors(s, vcpu);
    }
    if (todo & WORK_PIN_SMI) {
        count(v, lapic_deliver_pin_smi(s, vcpu), &v->smi, &v->lost);
    }
    if (todo & WORK_MSG(LAPIC_SMI)) {
        work_msg(s, vcpu, LAPIC_SMI, &v->smi);
    }
    if (todo & WORK_PIN_NMI) {
        count(v, lapic_deliver_pin_nmi(s, vcpu), &v->nmi, &v->masked);
    }
    if (todo & WORK_MSG(LAPIC_NMI)) {
        work_msg(s, vcpu, LAPIC_NMI, &v->nmi);
    }
}

/* On any thread */

/*
 * Whoever finds nothing to do asks for the call. The call takes all there is
 * at once, first thing, so that what comes later asks for one of its own.
 */
static int post(LapicSend *s, unsigned vcpu, uint32_t todo, uint32_t undone)
{
    LapicSendVCPU *v = &s->vcpu[vcpu];
    uint32_t old;

    if (!is_present(s, vcpu)) {
        return -ENOENT;
    }
    do {
        old = qatomic_read(&v->work);
    } while (qatomic_cmpxchg(&v->work, old, (old & ~undone) | todo) != old);
    if (old || s->port->ops->defer(s->port, vcpu, work, s)) {
        return 0;
    }
    lapic_send_forget(s, vcpu);
    return -ENOENT;
}

static int post_msg(LapicSend *s, unsigned vcpu, const LapicMsg *msg)
{
    LapicSendVCPU *v = &s->vcpu[vcpu];
    unsigned n = msg->vector;

    switch (msg->delivery) {
    case LAPIC_INIT:
        if (!msg->assert) {
            return 0;
        }
        return post(s, vcpu, WORK_MSG(LAPIC_INIT), WORK_MSG(LAPIC_STARTUP));
    case LAPIC_STARTUP:
        qatomic_set(&v->sipi, n);
        return post(s, vcpu, WORK_MSG(LAPIC_STARTUP), 0);
    case LAPIC_FIXED:
    case LAPIC_LOWEST:
        qatomic_fetch_or(&v->vectors[n / 32], 1u << n % 32);
        return post(s, vcpu, WORK_MSG(LAPIC_FIXED), 0);
    default:
        return post(s, vcpu, WORK_MSG(msg->delivery), 0);
    }
}

static int refuse(LapicSend *s, LapicFault *fault, LapicFault is)
{
    qatomic_inc(&s->refused);
    if (fault) {
        *fault = is;
    }
    return is.err;
}

static int check(LapicSend *s, const LapicMsg *msg, LapicForm form,
                 LapicFault *fault)
{
    LapicFault is = { };

    if (lapic_msg_check(msg, form, &is)) {
        return refuse(s, fault, is);
    }
    if (msg->delivery == LAPIC_SMI && !s->smm) {
        return refuse(s, fault, (LapicFault) {
            -ENOTSUP, "delivery mode", LAPIC_SMI, 1, 0, "KVM has no SMM here",
        });
    }
    return 0;
}

static int refuse_dest(LapicSend *s, LapicFault *fault, int err, uint32_t dest)
{
    return refuse(s, fault, (LapicFault) {
        err, "destination", dest, 1, 0,
        err == -ENOENT ? "no local APIC takes it" : "KVM refuses the message",
    });
}

int lapic_send(LapicSend *s, const LapicMsg *msg, LapicFault *fault)
{
    LapicForm form = lapic_msi_form(s, msg->dest);
    int ret = check(s, msg, form, fault);

    if (ret) {
        return ret;
    }
    ret = lapic_signal(s, msg, form);
    if (ret <= 0) {
        return refuse_dest(s, fault, ret ?: -ENOENT, msg->dest);
    }
    qatomic_inc(&s->sent);
    return 0;
}

/*
 * KVM_SIGNAL_MSI takes it, and the vCPU's first number is only its own. An INIT
 * level de-assert would be an assert to it.
 */
static bool at_once(const LapicSend *s, uint32_t id, const LapicMsg *msg)
{
    return msg->delivery != LAPIC_SMI && msg->assert &&
           qatomic_read(&s->icr) != 1 &&
           (id < BROADCAST || (id > BROADCAST && s->x2apic_ids));
}

int lapic_send_self(LapicSend *s, unsigned vcpu, const LapicMsg *msg,
                    LapicFault *fault)
{
    int ret = check(s, msg, LAPIC_FORM_SELF, fault);
    uint32_t id;

    if (ret) {
        return ret;
    }
    if (!is_present(s, vcpu)) {
        return refuse(s, fault, (LapicFault) {
            -ENOENT, "vCPU", vcpu, 1, 0, "there is no such vCPU",
        });
    }
    id = s->vcpu[vcpu].id;
    ret = at_once(s, id, msg) ? lapic_signal_dest(s, msg, id) : 0;
    if (!ret) {
        ret = post_msg(s, vcpu, msg);
    }
    if (ret < 0) {
        return refuse_dest(s, fault, ret, id);
    }
    qatomic_inc(&s->sent);
    return 0;
}

int lapic_pin_nmi(LapicSend *s, unsigned vcpu)
{
    return post(s, vcpu, WORK_PIN_NMI, 0);
}

int lapic_pin_init(LapicSend *s, unsigned vcpu)
{
    return post(s, vcpu, WORK_PIN_INIT, WORK_MSG(LAPIC_STARTUP));
}

int lapic_pin_smi(LapicSend *s, unsigned vcpu)
{
    return s->smm ? post(s, vcpu, WORK_PIN_SMI, 0) : -ENOTSUP;
}

bool lapic_send_probe(LapicSend *s, unsigned vcpu)
{
    if (qatomic_read(&s->icr) < 0) {
        qatomic_set(&s->icr, lapic_deliver_icr(s, vcpu, ICR_NOTHING) > 0);
    }
    return qatomic_read(&s->icr) == 1;
}
