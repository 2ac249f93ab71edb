/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port's real end: ioctls and the shared kvm_run area.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "qemu/notify.h"
#include "qemu/rcu.h"
#include "hw/core/cpu.h"
#include "system/kvm.h"
#include "kvm-drain.h"
#include "kvm-port.h"

/* A vCPU works on itself nearly always: no walk through the list of CPUs. */
static CPUState *kvm_port_cpu(unsigned vcpu)
{
    if (current_cpu && current_cpu->cpu_index == (int)vcpu) {
        return current_cpu;
    }
    return qemu_get_cpu(vcpu);
}

static int kvm_port_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    struct kvm_interrupt intr = { .irq = vector };

    return kvm_vcpu_ioctl(kvm_port_cpu(vcpu), KVM_INTERRUPT, &intr);
}

static bool kvm_port_ready(KVMPort *port, unsigned vcpu)
{
    return kvm_port_cpu(vcpu)->kvm_run->ready_for_interrupt_injection;
}

static void kvm_port_unready(KVMPort *port, unsigned vcpu)
{
    kvm_port_cpu(vcpu)->kvm_run->ready_for_interrupt_injection = 0;
}

static void kvm_port_window(KVMPort *port, unsigned vcpu, bool open)
{
    kvm_port_cpu(vcpu)->kvm_run->request_interrupt_window = open;
}

static bool kvm_port_leaving(KVMPort *port, unsigned vcpu)
{
    CPUState *cpu = kvm_port_cpu(vcpu);

    return qatomic_read(&cpu->kvm_run->immediate_exit) ||
           qatomic_load_acquire(&cpu->exit_request);
}

static void kvm_port_leave(KVMPort *port, unsigned vcpu)
{
    qatomic_set(&kvm_port_cpu(vcpu)->kvm_run->immediate_exit, 1);
}

static void kvm_port_kick(KVMPort *port, unsigned vcpu)
{
    CPUState *cpu = kvm_port_cpu(vcpu);

    if (cpu) {
        qemu_cpu_kick(cpu);
    }
}

static int kvm_port_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                          void *arg)
{
    return kvm_vcpu_ioctl(kvm_port_cpu(vcpu), request, arg);
}

static int kvm_port_finish(KVMPort *port, unsigned vcpu)
{
    CPUState *cpu = kvm_port_cpu(vcpu);

    kvm_port_leave(port, vcpu);
    return kvm_vcpu_ioctl(cpu, KVM_RUN, NULL);
}

static int kvm_port_drain(KVMPort *port, unsigned vcpu)
{
    CPUState *cpu = kvm_port_cpu(vcpu);
    int ret = kvm_drain(cpu->kvm_fd, cpu->kvm_run, SIG_IPI);

    if (!ret && cpu->kvm_run->exit_reason == KVM_EXIT_IOAPIC_EOI) {
        /* What the guest did before it was stopped: the kernel tells once */
        kvm_arch_handle_exit(cpu, cpu->kvm_run);
    }
    kvm_port_leave(port, vcpu);
    return ret;
}

static void kvm_port_debug(KVMPort *port, unsigned vcpu, bool on)
{
    CPUState *cpu = kvm_port_cpu(vcpu);
    struct kvm_guest_debug off = { };

    if (!cpu->singlestep_enabled && !kvm_sw_breakpoints_active(cpu)) {
        return;
    }
    if (on) {
        kvm_update_guest_debug(cpu, 0);
    } else {
        kvm_vcpu_ioctl(cpu, KVM_SET_GUEST_DEBUG, &off);
    }
}

static int kvm_port_vm_ioctl(KVMPort *port, unsigned long request, void *arg)
{
    return kvm_vm_ioctl(kvm_state, request, arg);
}

static int kvm_port_irq_line(KVMPort *port, uint32_t irq, bool level)
{
    struct kvm_irq_level line = { .irq = irq, .level = level };

    return kvm_vm_ioctl(kvm_state, KVM_IRQ_LINE, &line);
}

typedef struct KVMPortWork {
    void (*work)(void *opaque, unsigned vcpu);
    void *opaque;
} KVMPortWork;

static void kvm_port_work(CPUState *cpu, run_on_cpu_data data)
{
    g_autofree KVMPortWork *w = data.host_ptr;

    w->work(w->opaque, cpu->cpu_index);
}

static bool kvm_port_defer(KVMPort *port, unsigned vcpu,
                           void (*work)(void *opaque, unsigned vcpu),
                           void *opaque)
{
    CPUState *cpu;
    KVMPortWork *w;

    RCU_READ_LOCK_GUARD();
    cpu = kvm_port_cpu(vcpu);
    if (!cpu || cpu->unplug) {
        /* Its kvm_run goes before it does, and the kick's signal wants that */
        return false;
    }
    w = g_new(KVMPortWork, 1);
    *w = (KVMPortWork) { .work = work, .opaque = opaque };
    async_run_on_cpu(cpu, kvm_port_work, RUN_ON_CPU_HOST_PTR(w));
    return true;
}

static const KVMPortOps kvm_port_ops = {
    .interrupt = kvm_port_interrupt,
    .ready = kvm_port_ready,
    .unready = kvm_port_unready,
    .window = kvm_port_window,
    .leaving = kvm_port_leaving,
    .leave = kvm_port_leave,
    .kick = kvm_port_kick,
    .ioctl = kvm_port_ioctl,
    .finish = kvm_port_finish,
    .drain = kvm_port_drain,
    .debug = kvm_port_debug,
    .vm_ioctl = kvm_port_vm_ioctl,
    .irq_line = kvm_port_irq_line,
    .defer = kvm_port_defer,
};

KVMPort *kvm_port(void)
{
    static KVMPort port = { .ops = &kvm_port_ops };

    return &port;
}

static NotifierList kvm_port_irqfd_notifiers =
    NOTIFIER_LIST_INITIALIZER(kvm_port_irqfd_notifiers);

void kvm_port_add_irqfd_notifier(Notifier *n)
{
    notifier_list_add(&kvm_port_irqfd_notifiers, n);
}

void kvm_port_irqfd(unsigned gsi, bool assigned)
{
    KVMPortIrqfd irqfd = { .gsi = gsi, .assigned = assigned };

    notifier_list_notify(&kvm_port_irqfd_notifiers, &irqfd);
}
