/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port's end on the kernel of kernel.h.
 */
#include "qemu/osdep.h"
#include "kernel.h"

#define MSR_APICBASE    0x1bu
#define MSR_X2APIC_LVT0 0x835u

static Kernel *the_kernel(KVMPort *port)
{
    return (Kernel *)((char *)port - offsetof(Kernel, port));
}

static KernelVCPU *the_vcpu(KVMPort *port, unsigned vcpu)
{
    CHECK(vcpu < VCPUS);
    return &the_kernel(port)->vcpu[vcpu];
}

static int port_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    Kernel *k = the_kernel(port);
    KernelVCPU *v = the_vcpu(port, vcpu);

    CHECK(vector < 256 && !k->in_guest[vcpu]);
    if (v->refuse) {
        return -v->refuse;
    }
    if (v->pev.vector != NO_VECTOR) {
        return -EEXIST;
    }
    v->pev = (Slot) { (int)vector, k->next };
    return 0;
}

static bool port_ready(KVMPort *port, unsigned vcpu)
{
    return the_vcpu(port, vcpu)->ready;
}

static void port_unready(KVMPort *port, unsigned vcpu)
{
    the_vcpu(port, vcpu)->ready = false;
}

static void port_window(KVMPort *port, unsigned vcpu, bool open)
{
    the_vcpu(port, vcpu)->window = open;
}

static bool port_leaving(KVMPort *port, unsigned vcpu)
{
    KernelVCPU *v = the_vcpu(port, vcpu);

    return v->immediate_exit || v->exit_request;
}

static void port_leave(KVMPort *port, unsigned vcpu)
{
    the_vcpu(port, vcpu)->immediate_exit = true;
}

static void port_kick(KVMPort *port, unsigned vcpu)
{
    Kernel *k = the_kernel(port);
    KernelVCPU *v = the_vcpu(port, vcpu);

    v->kicks++;
    if (k->in_guest[vcpu]) {
        v->signal = true;
    } else {
        v->immediate_exit = true;
    }
    k->kicked(vcpu);
}

static void get_events(KernelVCPU *v, struct kvm_vcpu_events *e)
{
    *e = v->events;
    e->flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW |
               KVM_VCPUEVENT_VALID_SMM | KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
    e->interrupt.injected = v->injected.vector != NO_VECTOR;
    e->interrupt.nr = e->interrupt.injected ? (uint8_t)v->injected.vector : 0;
    /* What is taken out is that of the slot; what is put back, the one read */
    if (e->interrupt.injected && v->read.vector == NO_VECTOR) {
        v->read = v->injected;
    }
}

static void set_events(KernelVCPU *v, const struct kvm_vcpu_events *e)
{
    struct kvm_vcpu_events old = v->events;

    v->events = *e;
    v->events.flags = 0;
    memset(&v->events.interrupt, 0, sizeof(v->events.interrupt));
    v->events.interrupt.shadow = e->flags & KVM_VCPUEVENT_VALID_SHADOW ?
        e->interrupt.shadow : old.interrupt.shadow;
    if (!(e->flags & KVM_VCPUEVENT_VALID_NMI_PENDING)) {
        v->events.nmi.pending = old.nmi.pending;
    }
    if (!(e->flags & KVM_VCPUEVENT_VALID_SMM)) {
        v->events.smi = old.smi;
    }
    if (!(e->flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT)) {
        v->events.triple_fault = old.triple_fault;
    }
    v->injected = (Slot) { NO_VECTOR };
    if (e->interrupt.injected) {
        v->injected.vector = e->interrupt.nr;
        if (v->read.vector == e->interrupt.nr) {
            v->injected.serial = v->read.serial;
        }
    }
}

static int port_msrs(KernelVCPU *v, unsigned vcpu, bool set,
                     struct kvm_msrs *msrs)
{
    uint64_t *val = (uint64_t *)&msrs->entries[0].data;

    CHECK(msrs->nmsrs == 1);
    switch (msrs->entries[0].index) {
    case MSR_APICBASE:
        if (set) {
            kernel_set_apicbase(v, vcpu, *val);
        } else {
            *val = v->apicbase;
        }
        return 1;
    case MSR_X2APIC_LVT0:
        if (!(v->apicbase & APICBASE_EXTD)) {
            return 0;
        } else if (set) {
            kernel_set_lvt0(v, (uint32_t)*val);
        } else {
            *val = kernel_lvt0(v);
        }
        return 1;
    }
    CHECK(!"an MSR that the recipe does not name");
    return 0;
}

static int port_nested(KernelVCPU *v, struct kvm_nested_state *n)
{
    memset(n, 0, sizeof(*n));
    n->size = sizeof(*n);
    n->format = KVM_STATE_NESTED_FORMAT_SVM;
    n->flags = (v->l2 ? KVM_STATE_NESTED_GUEST_MODE : 0) |
               (v->gif ? KVM_STATE_NESTED_GIF_SET : 0);
    return 0;
}

static int port_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                      void *arg)
{
    KernelVCPU *v = the_vcpu(port, vcpu);

    CHECK(!the_kernel(port)->in_guest[vcpu]);
    switch (request) {
    case KVM_GET_REGS:
        if (v->protected) {
            return -EINVAL;
        }
        memcpy(arg, &v->regs, sizeof(v->regs));
        return 0;
    case KVM_SET_REGS:
        CHECK(!v->protected);
        memcpy(&v->regs, arg, sizeof(v->regs));
        v->events.exception.pending = 0;
        return 0;
    case KVM_GET_VCPU_EVENTS:
        get_events(v, arg);
        return 0;
    case KVM_SET_VCPU_EVENTS:
        set_events(v, arg);
        return 0;
    case KVM_GET_MP_STATE:
        ((struct kvm_mp_state *)arg)->mp_state = v->mp_state;
        return 0;
    case KVM_SET_MP_STATE:
        v->mp_state = ((struct kvm_mp_state *)arg)->mp_state;
        return 0;
    case KVM_GET_LAPIC:
        memcpy(arg, &v->lapic, sizeof(v->lapic));
        return 0;
    case KVM_SET_LAPIC:
        memcpy(&v->lapic, arg, sizeof(v->lapic));
        return 0;
    case KVM_GET_MSRS:
    case KVM_SET_MSRS:
        return port_msrs(v, vcpu, request == KVM_SET_MSRS, arg);
    case KVM_GET_NESTED_STATE:
        return port_nested(v, arg);
    }
    CHECK(!"an ioctl that the recipe does not name");
    return -EINVAL;
}

static int port_finish(KVMPort *port, unsigned vcpu)
{
    KernelVCPU *v = the_vcpu(port, vcpu);

    v->ready = kernel_is_ready(v);
    v->immediate_exit = true;
    return -EINTR;
}

static int port_drain(KVMPort *port, unsigned vcpu)
{
    KernelVCPU *v = the_vcpu(port, vcpu);

    if (v->lazy) {
        v->lazy--;
    } else if (v->events.triple_fault.pending) {
        /* KVM_EXIT_SHUTDOWN, which nobody looks at here */
        v->events.triple_fault.pending = 0;
    } else if (v->mp_state == KVM_MP_STATE_RUNNABLE) {
        kernel_inject(v);
    }
    v->ready = kernel_is_ready(v);
    v->immediate_exit = true;
    return -EINTR;
}

static void port_debug(KVMPort *port, unsigned vcpu, bool on)
{
}

const KVMPortOps kernel_port_ops = {
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
