/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * External interrupts of a PIC in user space: which vCPU takes INTR, and when.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "extint.h"
#include "recall.h"

void extint_init(ExtInt *x, KVMPort *port, const ExtIntPIC *pic,
                 ExtIntVCPU *vcpu, unsigned vcpus)
{
    *x = (ExtInt) {
        .port = port,
        .pic = *pic,
        .vcpu = vcpu,
        .vcpus = vcpus,
    };
    for (unsigned i = 0; i < vcpus; i++) {
        vcpu[i] = (ExtIntVCPU) { .held = EXTINT_NOTHING };
    }
}

static bool extint_accepts(const ExtInt *x, unsigned vcpu)
{
    return qatomic_read(&x->vcpu[vcpu].accepts);
}

bool extint_holds(const ExtInt *x, unsigned vcpu)
{
    return x->vcpu[vcpu].held != EXTINT_NOTHING;
}

static void extint_prove(ExtInt *x, unsigned vcpu, bool accepts)
{
    ExtIntVCPU *v = &x->vcpu[vcpu];

    if (v->accepts == accepts) {
        return;
    }
    qatomic_set(&v->accepts, accepts);
    if (accepts) {
        qatomic_inc(&x->proofs);
    } else {
        qatomic_dec(&x->proofs);
    }
    /* Dekker, see extint.h: the proof is seen before INTR is looked at. */
    smp_mb();
}

/* Who is to be woken for an INTR that is up. */
static int extint_pick(const ExtInt *x)
{
    unsigned last = qatomic_read(&x->last);

    if (!qatomic_read(&x->proofs)) {
        return EXTINT_NOBODY;
    }
    if (extint_accepts(x, last)) {
        return (int)last;
    }
    for (unsigned i = 0; i < x->vcpus; i++) {
        if (extint_accepts(x, i)) {
            return (int)i;
        }
    }
    return EXTINT_NOBODY;
}

int extint_publish(ExtInt *x, bool level, int self)
{
    /* Only the PIC's lock holder writes it: a plain look before the exchange */
    if (qatomic_read(&x->intr) == level) {
        return EXTINT_NOBODY;
    }
    qatomic_xchg(&x->intr, level);
    if (!level) {
        return EXTINT_NOBODY;
    }
    x->rises++;
    if (self != EXTINT_NOBODY && extint_accepts(x, (unsigned)self)) {
        return EXTINT_NOBODY;
    }
    return extint_pick(x);
}

void extint_kick(ExtInt *x, int vcpu)
{
    if (vcpu == EXTINT_NOBODY) {
        return;
    }
    qatomic_inc(&x->vcpu[vcpu].kicks);
    x->port->ops->kick(x->port, (unsigned)vcpu);
}

/*
 * Not ready: withdraw the proof. If that was one, INTR's rise may have been
 * this vCPU's to take, and is now another's. A vCPU that had none was asked
 * for nothing and asks nobody, however often it comes here.
 */
static int extint_pass_on(ExtInt *x, unsigned vcpu)
{
    if (!extint_accepts(x, vcpu)) {
        return EXTINT_NOBODY;
    }
    extint_prove(x, vcpu, false);
    return qatomic_read(&x->intr) ? extint_pick(x) : EXTINT_NOBODY;
}

/* Peek, inject, commit. */
static void extint_take(ExtInt *x, unsigned vcpu, ExtIntEnter *e)
{
    ExtIntVCPU *v = &x->vcpu[vcpu];

    x->pic.lock(x->pic.opaque);
    e->vector = x->pic.peek(x->pic.opaque);
    if (e->vector >= 0) {
        e->refused = x->port->ops->interrupt(x->port, vcpu,
                                             (unsigned)e->vector);
        if (!e->refused) {
            qatomic_set(&x->last, vcpu);
            v->inta++;
            v->row = 0;
            v->held = e->vector;
            v->taken = ++x->taken;
            x->pic.commit(x->pic.opaque, vcpu);
        }
    }
    x->pic.unlock(x->pic.opaque);

    if (e->vector >= 0) {
        /* Taken, the slot is full; refused, the kernel knows better. */
        x->port->ops->unready(x->port, vcpu);
    }
    if (e->refused) {
        v->refused++;
        v->row += e->refused != -EEXIST;
    }
    if (e->refused || (e->vector >= 0 && qatomic_read(&x->intr))) {
        /* It is not ready now for what INTR still stands for, in AEOI say */
        e->kick = extint_pass_on(x, vcpu);
    }
}

ExtIntEnter extint_enter(ExtInt *x, unsigned vcpu)
{
    const KVMPortOps *ops = x->port->ops;
    ExtIntVCPU *v = &x->vcpu[vcpu];
    ExtIntEnter e = { .kick = EXTINT_NOBODY, .vector = -1 };
    bool ready = ops->ready(x->port, vcpu);

    if (ready) {
        v->held = EXTINT_NOTHING;
    }
    if (v->closing) {
        if (!extint_holds(x, vcpu)) {
            ops->leave(x->port, vcpu);
        }
        ops->window(x->port, vcpu, extint_holds(x, vcpu));
        return e;
    }
    if (v->stale) {
        v->stale = false;
        ops->leave(x->port, vcpu);
    } else if (ready) {
        extint_prove(x, vcpu, true);
    }
    if (qatomic_read(&x->intr) && !ops->leaving(x->port, vcpu)) {
        if (ready) {
            extint_take(x, vcpu, &e);
        } else {
            e.kick = extint_pass_on(x, vcpu);
        }
    }
    if (e.refused && e.refused != -EEXIST && v->row < EXTINT_RETRIES) {
        /* Ask again; a halted vCPU would open no window for it */
        ops->leave(x->port, vcpu);
    }
    /*
     * A full slot empties itself. A kernel that keeps refusing for another
     * reason is asked again at the vCPU's next exit, not by a window that
     * would be open for ever.
     */
    ops->window(x->port, vcpu,
                (!e.refused || v->row < EXTINT_RETRIES) &&
                (!v->accepts || qatomic_read(&x->intr)));
    return e;
}

void extint_window(ExtInt *x, unsigned vcpu)
{
    x->vcpu[vcpu].windows++;
}

void extint_forget(ExtInt *x, unsigned vcpu, bool blocked)
{
    x->port->ops->unready(x->port, vcpu);
    x->vcpu[vcpu].stale = blocked;
}

int extint_empty(ExtInt *x, unsigned vcpu)
{
    ExtIntVCPU *v = &x->vcpu[vcpu];
    bool halted;
    int ret;

    if (!extint_holds(x, vcpu)) {
        return 0;
    }
    if (x->port->ops->ready(x->port, vcpu)) {
        /* It ran and has not passed extint_enter() since */
        v->held = EXTINT_NOTHING;
        return 0;
    }
    ret = extint_recall(x->port, vcpu, (unsigned)v->held, &halted);
    if (ret < 0) {
        return ret;
    }
    v->held = EXTINT_NOTHING;
    v->back = ret;
    v->recalled += ret;
    /* The kernel has told what it thought of a state that was not the guest's */
    extint_forget(x, vcpu, halted);
    return ret;
}

void extint_close(ExtInt *x, unsigned vcpu)
{
    x->vcpu[vcpu].closing = true;
}

bool extint_closed(ExtInt *x, unsigned vcpu)
{
    x->vcpu[vcpu].closing = false;
    x->vcpu[vcpu].stuck += extint_holds(x, vcpu);
    return !extint_holds(x, vcpu);
}

static ExtIntVCPU *extint_newest_back(ExtInt *x)
{
    ExtIntVCPU *newest = NULL;

    for (unsigned i = 0; i < x->vcpus; i++) {
        ExtIntVCPU *v = &x->vcpu[i];

        if (v->back && (!newest || v->taken > newest->taken)) {
            newest = v;
        }
    }
    return newest;
}

int extint_give_back(ExtInt *x)
{
    int kick = EXTINT_NOBODY;
    ExtIntVCPU *v;

    while ((v = extint_newest_back(x))) {
        int whom;

        v->back = false;
        x->pic.lock(x->pic.opaque);
        whom = x->pic.undo(x->pic.opaque, (unsigned)(v - x->vcpu));
        x->pic.unlock(x->pic.opaque);
        kick = whom == EXTINT_NOBODY ? kick : whom;
    }
    return kick;
}

int extint_gone(ExtInt *x, unsigned vcpu)
{
    int kick, instead;

    if (extint_empty(x, vcpu) < 0) {
        x->vcpu[vcpu].stuck++;
    }
    /* No acceptor any more before INTR may rise: it is not the one to kick */
    extint_forget(x, vcpu, false);
    instead = extint_pass_on(x, vcpu);
    kick = extint_give_back(x);
    return kick == EXTINT_NOBODY ? instead : kick;
}
