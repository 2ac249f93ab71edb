/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port through which an interrupt controller talks to KVM.
 *
 * A controller is given a KVMPort and never includes linux/kvm.h. The port in
 * kvm-port.c issues the real ioctls; a test gives the same controller a port
 * of its own. vCPUs are named by their cpu_index.
 *
 * Nothing here takes a lock. The caller holds what the function names.
 *
 * Two levels: the operations of the run loop, which are made for it, and below
 * them the vCPU's ioctls as the kernel has them, for what is done rarely.
 */
#ifndef ACCEL_KVM_KVM_PORT_H
#define ACCEL_KVM_KVM_PORT_H

typedef struct KVMPort KVMPort;

typedef struct KVMPortOps {
    /*
     * KVM_INTERRUPT: queue external interrupt @vector (0..255) on @vcpu.
     * 0; -EEXIST: the kernel still holds the previous one; -EINVAL: vector
     * above 255; -ENXIO: the PIC is in the kernel (kvm_vcpu_ioctl_interrupt).
     * Any refusal leaves the kernel as it was. vCPU's thread.
     */
    int (*interrupt)(KVMPort *port, unsigned vcpu, unsigned vector);
    /*
     * run->ready_for_interrupt_injection: at the last return of KVM_RUN the
     * vCPU would have taken a vector at once
     * (kvm_vcpu_ready_for_interrupt_injection: IF, no shadow, LINT0 accepts,
     * slot empty, nothing injected). vCPU's thread.
     */
    bool (*ready)(KVMPort *port, unsigned vcpu);
    /*
     * That return of KVM_RUN says nothing about the vCPU any more: ready()
     * is false until KVM_RUN has returned again. vCPU's thread, or the vCPU
     * stopped.
     */
    void (*unready)(KVMPort *port, unsigned vcpu);
    /*
     * run->request_interrupt_window: leave KVM_RUN with
     * KVM_EXIT_IRQ_WINDOW_OPEN as soon as the vCPU is ready. While its LINT0
     * does not accept, the kernel ignores it. vCPU's thread.
     */
    void (*window)(KVMPort *port, unsigned vcpu, bool open);
    /*
     * KVM_RUN will return at once, whatever is injected: something waits for
     * the vCPU in user space. vCPU's thread.
     */
    bool (*leaving)(KVMPort *port, unsigned vcpu);
    /* Make the next KVM_RUN return at once. vCPU's thread. */
    void (*leave)(KVMPort *port, unsigned vcpu);
    /* Make @vcpu leave KVM_RUN. Any thread; BQL held. */
    void (*kick)(KVMPort *port, unsigned vcpu);

    /*
     * An ioctl of the vCPU's file, KVM_RUN aside, with the structures of
     * linux/kvm.h: 0 or more, or -errno. vCPU's thread.
     */
    int (*ioctl)(KVMPort *port, unsigned vcpu, unsigned long request,
                 void *arg);
    /*
     * KVM_RUN with immediate_exit: completes I/O that waits for its answer
     * and returns without an entry. -EINTR. vCPU's thread.
     */
    int (*finish)(KVMPort *port, unsigned vcpu);
    /*
     * KVM_RUN with a signal pending that only the kernel's mask for KVM_RUN
     * lets through: the kernel injects what there is to inject, finds the
     * signal before the entry and returns -EINTR. No instruction of the guest
     * runs. The next real KVM_RUN returns at once, for a kick may have come
     * meanwhile and been eaten. vCPU's thread.
     */
    int (*drain)(KVMPort *port, unsigned vcpu);
    /*
     * KVM_SET_GUEST_DEBUG: nothing, or again what the debugger has asked
     * for. vCPU's thread.
     */
    void (*debug)(KVMPort *port, unsigned vcpu, bool on);

    /*
     * An ioctl of the VM's file, with the structures of linux/kvm.h: 0 or more,
     * or -errno. Any thread.
     */
    int (*vm_ioctl)(KVMPort *port, unsigned long request, void *arg);
    /*
     * KVM_IRQ_LINE: move the line that @irq names, in the architecture's
     * encoding, to @level. 0, or -errno. Any thread.
     */
    int (*irq_line)(KVMPort *port, uint32_t irq, bool level);
    /*
     * Call @work on the vCPU's thread, soon; it is made to leave KVM_RUN, and
     * enters the guest no more before that. Never waits. False: there is no
     * such vCPU, nothing will be called. Any thread; @work runs with the BQL.
     */
    bool (*defer)(KVMPort *port, unsigned vcpu,
                  void (*work)(void *opaque, unsigned vcpu), void *opaque);
} KVMPortOps;

struct KVMPort {
    const KVMPortOps *ops;
};

/* The real kernel. */
KVMPort *kvm_port(void);

/* GSI @gsi is moved by an irqfd too, or no more by that one */
typedef struct KVMPortIrqfd {
    unsigned gsi;
    bool assigned;
} KVMPortIrqfd;

struct Notifier;
/* @n is called with a KVMPortIrqfd. BQL held. */
void kvm_port_add_irqfd_notifier(struct Notifier *n);
/* KVM_IRQFD was done. BQL held. */
void kvm_port_irqfd(unsigned gsi, bool assigned);

#endif /* ACCEL_KVM_KVM_PORT_H */
