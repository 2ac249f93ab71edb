/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's other end: the model of the kernel.
 */
#include "qemu/osdep.h"
#include "kvm-model-lapic.h"
#include "kvm-model-port.h"
#include "end.h"

typedef struct ModelEnd {
    End end;
    KVMModel model;
    KVMModelPort port;
    KVMModelVCPU vcpu[GUEST_VCPUS];
    KVMModelRegs regs[GUEST_VCPUS];
    KVMModelLAPIC lapic[GUEST_VCPUS];
} ModelEnd;

static ModelEnd *of_end(End *end)
{
    return (ModelEnd *)((char *)end - offsetof(ModelEnd, end));
}

static bool fetch(void *opaque, unsigned vcpu, uint64_t rip,
                  KVMModelInsn *insn)
{
    ModelEnd *e = opaque;

    return guest_fetch(&e->end.guests[vcpu], vcpu, rip, insn);
}

static End *model_open(const EndConfig *config, const Guest *guests)
{
    ModelEnd *e = calloc(1, sizeof(*e));
    KVMModelConfig c = {
        .vcpus = config->vcpus,
        .pic_in_kernel = config->pic_in_kernel,
        .payload = config->payload,
        .smm = true,
        /* QEMU's, and the other end's kick */
        .handler = true,
        .handlers = GUEST_HANDLERS,
        .stride = GUEST_STRIDE,
        .fetch = fetch,
        .opaque = e,
    };

    kvm_model_init(&e->model, &c, e->vcpu, e->regs, e->lapic);
    kvm_model_port_init(&e->port, &e->model);
    e->end = (End) { &model_end_ops, &e->port.port, guests, *config };
    return &e->end;
}

static void model_close(End *end)
{
    free(of_end(end));
}

static void model_load(End *end)
{
}

static void model_run(End *end, unsigned vcpu, EndExit *x)
{
    ModelEnd *e = of_end(end);
    KVMModelVCPU *v = &e->vcpu[vcpu];
    bool leaving = v->immediate_exit;

    *x = (EndExit) { };
    x->ret = kvm_model_vcpu_ioctl(&e->model, vcpu, KVM_RUN, NULL);
    x->reason = v->exit_reason;
    x->blocked = x->ret == -EINTR && !leaving &&
                 v->mp_state != KVM_MP_STATE_RUNNABLE;
    x->hung = x->ret == -EINTR && !leaving && !x->blocked;
    v->immediate_exit = 0;
    if (!x->ret && x->reason == KVM_EXIT_IO) {
        x->detail = v->io_port;
        e->regs[vcpu].io_data = END_IN_DATA;
    }
}

static bool model_ready(End *end, unsigned vcpu)
{
    return of_end(end)->vcpu[vcpu].ready;
}

static bool model_if_flag(End *end, unsigned vcpu)
{
    return of_end(end)->vcpu[vcpu].if_flag;
}

static int model_vm_ioctl(End *end, unsigned long request, void *arg)
{
    return kvm_model_vm_ioctl(&of_end(end)->model, request, arg);
}

/* An irqfd is a message from elsewhere */
static int model_irqfd(End *end, const struct kvm_msi *msi)
{
    struct kvm_msi copy = *msi;

    kvm_model_vm_ioctl(&of_end(end)->model, KVM_SIGNAL_MSI, &copy);
    return 0;
}

static void model_expire(End *end, unsigned vcpu)
{
    kvm_model_timer_expire(&of_end(end)->model, vcpu);
}

static bool model_can(End *end, unsigned cap)
{
    return true;
}

static void model_debug(End *end, const struct kvm_guest_debug *debug)
{
    of_end(end)->port.debug_control = debug->control;
}

const EndOps model_end_ops = {
    .name = "model",
    .open = model_open,
    .close = model_close,
    .load = model_load,
    .run = model_run,
    .ready = model_ready,
    .if_flag = model_if_flag,
    .vm_ioctl = model_vm_ioctl,
    .irqfd = model_irqfd,
    .expire = model_expire,
    .debug = model_debug,
    .can = model_can,
};
