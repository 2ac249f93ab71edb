/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port's end on the model of the kernel.
 */
#include "qemu/osdep.h"
#include <signal.h>
#include <linux/kvm.h>
#include "kvm-model-port.h"

static KVMModelPort *end(KVMPort *port)
{
    return (KVMModelPort *)((char *)port - offsetof(KVMModelPort, port));
}

static KVMModelVCPU *state(KVMPort *port, unsigned vcpu)
{
    return &end(port)->model->vcpu[vcpu];
}

static int model_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    struct kvm_interrupt intr = { .irq = vector };

    return kvm_model_vcpu_ioctl(end(port)->model, vcpu, KVM_INTERRUPT, &intr);
}

static bool model_ready(KVMPort *port, unsigned vcpu)
{
    return state(port, vcpu)->ready;
}

static void model_unready(KVMPort *port, unsigned vcpu)
{
    state(port, vcpu)->ready = 0;
}

static void model_window(KVMPort *port, unsigned vcpu, bool open)
{
    state(port, vcpu)->window = open;
}

static bool model_leaving(KVMPort *port, unsigned vcpu)
{
    return state(port, vcpu)->immediate_exit ||
           (end(port)->exit_request >> vcpu & 1);
}

static void model_leave(KVMPort *port, unsigned vcpu)
{
    state(port, vcpu)->immediate_exit = 1;
}

static void model_kick(KVMPort *port, unsigned vcpu)
{
    KVMModelPort *p = end(port);

    if (p->kick) {
        p->kick(p->opaque, vcpu);
    } else {
        kvm_model_kick(p->model, vcpu);
    }
}

static int model_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                       void *arg)
{
    return kvm_model_vcpu_ioctl(end(port)->model, vcpu, request, arg);
}

static int model_finish(KVMPort *port, unsigned vcpu)
{
    model_leave(port, vcpu);
    kvm_model_enter(end(port)->model, vcpu);
    return state(port, vcpu)->ret;
}

/* What kvm_drain() does, on the model's signal */
static int model_drain(KVMPort *port, unsigned vcpu)
{
    KVMModel *m = end(port)->model;
    KVMModelVCPU *v = state(port, vcpu);
    uint8_t blocked = v->blocked;

    v->blocked = 1;
    v->immediate_exit = 0;
    v->sigmask = KVM_MODEL_SIGMASK_OPEN;
    v->signal = 1;
    kvm_model_enter(m, vcpu);
    v->signal = 0;
    v->sigmask = KVM_MODEL_SIGMASK_NONE;
    v->blocked = blocked;
    model_leave(port, vcpu);
    return v->ret;
}

static void model_debug(KVMPort *port, unsigned vcpu, bool on)
{
    KVMModelPort *p = end(port);
    struct kvm_guest_debug d = { .control = on ? p->debug_control : 0 };

    if (p->debug_control) {
        kvm_model_vcpu_ioctl(p->model, vcpu, KVM_SET_GUEST_DEBUG, &d);
    }
}

static int model_vm_ioctl(KVMPort *port, unsigned long request, void *arg)
{
    return kvm_model_vm_ioctl(end(port)->model, request, arg);
}

static bool model_defer(KVMPort *port, unsigned vcpu,
                        void (*work)(void *opaque, unsigned vcpu), void *opaque)
{
    KVMModelPort *p = end(port);

    if (vcpu >= p->model->config.vcpus) {
        return false;
    }
    if (p->defer) {
        return p->defer(p->opaque, vcpu, work, opaque);
    }
    work(opaque, vcpu);
    return true;
}

static const KVMPortOps model_ops = {
    .interrupt = model_interrupt,
    .ready = model_ready,
    .unready = model_unready,
    .window = model_window,
    .leaving = model_leaving,
    .leave = model_leave,
    .kick = model_kick,
    .ioctl = model_ioctl,
    .finish = model_finish,
    .drain = model_drain,
    .debug = model_debug,
    .vm_ioctl = model_vm_ioctl,
    .defer = model_defer,
};

void kvm_model_port_init(KVMModelPort *p, KVMModel *model)
{
    *p = (KVMModelPort) {
        .port.ops = &model_ops,
        .model = model,
    };
}
