/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's real end: a port on raw files.
 */
#include "qemu/osdep.h"
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include "kvm-drain.h"
#include "kvm-end.h"

/* No drain takes that long; one that enters the guest may never end */
#define DRAIN_USEC  500000

static RealEnd *port_end(KVMPort *port)
{
    return (RealEnd *)((char *)port - offsetof(RealEnd, port));
}

static RealVCPU *of_port(KVMPort *port, unsigned vcpu)
{
    RealEnd *e = port_end(port);

    assert(vcpu < e->end.config.vcpus);
    return &e->vcpu[vcpu];
}

void kvm_end_watch(unsigned usec)
{
    struct itimerval timer = { { 0, usec }, { 0, usec } };

    setitimer(ITIMER_REAL, &timer, NULL);
}

static int port_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    struct kvm_interrupt intr = { .irq = vector };

    return kvm_end_result(ioctl(of_port(port, vcpu)->fd, KVM_INTERRUPT, &intr));
}

static bool port_ready(KVMPort *port, unsigned vcpu)
{
    return of_port(port, vcpu)->run->ready_for_interrupt_injection;
}

static void port_unready(KVMPort *port, unsigned vcpu)
{
    of_port(port, vcpu)->run->ready_for_interrupt_injection = 0;
}

static void port_window(KVMPort *port, unsigned vcpu, bool open)
{
    of_port(port, vcpu)->run->request_interrupt_window = open;
}

static bool port_leaving(KVMPort *port, unsigned vcpu)
{
    return of_port(port, vcpu)->run->immediate_exit;
}

/* One thread runs all vCPUs in turn: a kick is for the next KVM_RUN */
static void port_leave(KVMPort *port, unsigned vcpu)
{
    of_port(port, vcpu)->run->immediate_exit = 1;
}

static int port_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                      void *arg)
{
    return kvm_end_result(ioctl(of_port(port, vcpu)->fd, request, arg));
}

static int port_finish(KVMPort *port, unsigned vcpu)
{
    RealVCPU *v = of_port(port, vcpu);

    port_leave(port, vcpu);
    return kvm_end_result(ioctl(v->fd, KVM_RUN, 0));
}

static int port_drain(KVMPort *port, unsigned vcpu)
{
    RealVCPU *v = of_port(port, vcpu);
    int ret;

    kvm_end_watch(DRAIN_USEC);
    ret = kvm_drain(v->fd, v->run, SIGUSR1);
    kvm_end_watch(0);
    port_leave(port, vcpu);
    return ret;
}

static void port_debug(KVMPort *port, unsigned vcpu, bool on)
{
    struct kvm_guest_debug off = { };
    struct kvm_guest_debug *debug = &port_end(port)->debug;

    if (debug->control) {
        ioctl(of_port(port, vcpu)->fd, KVM_SET_GUEST_DEBUG,
              on ? debug : &off);
    }
}

static int port_vm_ioctl(KVMPort *port, unsigned long request, void *arg)
{
    return kvm_end_result(ioctl(port_end(port)->vm, request, arg));
}

/* All vCPUs are this thread's, and none is in KVM_RUN */
static bool port_defer(KVMPort *port, unsigned vcpu,
                       void (*work)(void *opaque, unsigned vcpu), void *opaque)
{
    if (vcpu >= port_end(port)->end.config.vcpus) {
        return false;
    }
    work(opaque, vcpu);
    return true;
}

const KVMPortOps kvm_end_port_ops = {
    .interrupt = port_interrupt,
    .ready = port_ready,
    .unready = port_unready,
    .window = port_window,
    .leaving = port_leaving,
    .leave = port_leave,
    .kick = port_leave,
    .ioctl = port_ioctl,
    .finish = port_finish,
    .drain = port_drain,
    .debug = port_debug,
    .vm_ioctl = port_vm_ioctl,
    .defer = port_defer,
};
