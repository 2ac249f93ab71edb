/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port to the kernel: the model's operations, and the kick.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "explore.h"

static int port_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    struct kvm_interrupt arg = { .irq = vector };
    Cpu *c = &w.cpu[vcpu];
    int ret;

    if (hook_replay(&ret)) {
        return ret;
    }
    if (w.g.refuse && !run.alone) {
        ret = -EINVAL;
    } else {
        if (!run.alone && !kvm_model_ready(&model, vcpu)) {
            wrong("vCPU %u is handed a vector that it would not take", vcpu);
        }
        ret = kvm_model_vcpu_ioctl(&model, vcpu, KVM_INTERRUPT, &arg);
    }
    if (!run.alone && w.g.pic_lock == run.self) {
        /* An injection; else it is the recall's probe */
        if (!ret) {
            c->uncommitted = (int16_t)vector;
            c->out[c->out[0] != EXTINT_NOTHING] = (int16_t)vector;
            say("; hands vector 0x%02x to KVM", vector);
        } else {
            say("; KVM refuses vector 0x%02x: %s", vector, strerror(-ret));
        }
    }
    hook_done(ret);
    return ret;
}

static bool port_ready(KVMPort *port, unsigned vcpu)
{
    int val;

    if (!hook_replay(&val)) {
        val = w.k[vcpu].ready;
        hook_done(val);
    }
    run.ready = val;
    return val;
}

static void port_unready(KVMPort *port, unsigned vcpu)
{
    if (!hook_replay(NULL)) {
        w.k[vcpu].ready = 0;
        hook_done(0);
    }
}

static void port_window(KVMPort *port, unsigned vcpu, bool open)
{
    if (!hook_replay(NULL)) {
        if (w.k[vcpu].window != open) {
            say(open ? "; arms its window" : "; disarms its window");
        }
        w.k[vcpu].window = open;
        hook_done(0);
    }
}

static bool port_leaving(KVMPort *port, unsigned vcpu)
{
    int val;

    if (!hook_replay(&val)) {
        hook_gate();
        val = w.k[vcpu].immediate_exit || w.cpu[vcpu].exit_request;
        say(val ? "; is about to leave, takes nothing" : "");
        hook_done(val);
    }
    run.passed |= !val;
    return val;
}

static void port_leave(KVMPort *port, unsigned vcpu)
{
    if (!hook_replay(NULL)) {
        w.k[vcpu].immediate_exit = 1;
        hook_done(0);
    }
}

static void port_kick(KVMPort *port, unsigned vcpu)
{
    if (hook_replay(NULL)) {
        return;
    }
    hook_gate();
    if (!run.bql) {
        wrong("a kick without the BQL");
    }
    if (w.g.pic_lock == run.self) {
        wrong("a kick under the PIC's lock");
    }
    if (!run.alone && !run.rose && !run.withdrew) {
        wrong("vCPU %u is kicked without a rise of INTR", vcpu);
    }
    if (!run.saw[vcpu]) {
        wrong("vCPU %u is kicked and has proved nothing", vcpu);
    }
    say("; kicks vCPU %u%s", vcpu, w.cpu[vcpu].thread_kicked ?
        ", which is kicked already" : "");
    kick(vcpu);
    hook_done(0);
}

/* What only the recall uses: the vCPU's own, nobody sees it */
static int port_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                      void *arg)
{
    return kvm_model_vcpu_ioctl(&model, vcpu, request, arg);
}

static int port_finish(KVMPort *port, unsigned vcpu)
{
    w.k[vcpu].immediate_exit = 1;
    kvm_model_enter(&model, vcpu);
    return w.k[vcpu].ret;
}

static int port_drain(KVMPort *port, unsigned vcpu)
{
    KVMModelVCPU *k = &w.k[vcpu];

    k->blocked = 1;
    k->immediate_exit = 0;
    k->sigmask = KVM_MODEL_SIGMASK_OPEN;
    k->signal = 1;
    kvm_model_enter(&model, vcpu);
    k->signal = 0;
    k->sigmask = KVM_MODEL_SIGMASK_NONE;
    k->blocked = 0;
    k->immediate_exit = 1;
    return k->ret;
}

static void port_debug(KVMPort *port, unsigned vcpu, bool on)
{
}

const KVMPortOps explore_port_ops = {
    .interrupt = port_interrupt,
    .ready = port_ready,
    .unready = port_unready,
    .window = port_window,
    .leaving = port_leaving,
    .leave = port_leave,
    .kick = port_kick,
    .ioctl = port_ioctl,
    .finish = port_finish,
    .drain = port_drain,
    .debug = port_debug,
};
