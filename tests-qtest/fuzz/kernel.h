/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's end of the port with a will of its own: within its contract it does
 * what the input says, and follows each accepted vector by a serial number
 * until the guest takes it or it is taken back.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <linux/kvm.h>
#include "fuzz.h"
#include "../../target-i386/extint.h"

#define VCPUS 4
#define NO_VECTOR (-1)
#define RFLAGS_IF       0x200u
#define APICBASE_ENABLE 0x800u
#define APICBASE_EXTD   0x400u
#define LAPIC_VECTOR 0xe0       /* of the one local interrupt there is */

#define LAPIC_SERIAL (~0u)

/* A vector in the kernel; serial 0 is nobody's, a probe */
typedef struct Slot {
    int vector;                 /* or NO_VECTOR */
    unsigned serial;
} Slot;

typedef struct KernelVCPU {
    struct kvm_regs regs;
    struct kvm_vcpu_events events;      /* interrupt.* aside, see injected */
    struct kvm_lapic_state lapic;
    uint32_t mp_state;
    uint64_t apicbase;
    bool lapic_irr;             /* LAPIC_VECTOR waits */
    bool l2, gif, protected;
    Slot pev, injected, read;   /* read: injected as last seen by user space */
    bool ready, window;         /* kvm_run */
    bool immediate_exit, exit_request, signal;
    int refuse;                 /* errno that KVM_INTERRUPT answers with */
    unsigned lazy;              /* drains that do nothing first */
    unsigned kicks;
} KernelVCPU;

typedef struct Kernel {
    KVMPort port;
    KernelVCPU vcpu[VCPUS];
    unsigned next;              /* serial of what KVM_INTERRUPT takes */
    /* The guest has taken a vector; a kick was sent */
    void (*delivered)(unsigned vcpu, Slot what);
    void (*kicked)(unsigned vcpu);
    bool in_guest[VCPUS];
} Kernel;

extern const KVMPortOps kernel_port_ops;

void kernel_init(Kernel *k);
bool kernel_accepts_pic(const KernelVCPU *v);
bool kernel_interrupt_allowed(const KernelVCPU *v);
bool kernel_is_ready(const KernelVCPU *v);
/* A halted vCPU has something to do */
bool kernel_wakes(const KernelVCPU *v);
/* KVM_RUN returns: what it writes into kvm_run */
void kernel_return(Kernel *k, unsigned vcpu);
/* Hand an event over, as before an entry */
void kernel_inject(KernelVCPU *v);
/* The entry: the guest takes what is injected */
void kernel_deliver(Kernel *k, unsigned vcpu);
/* A guest's accesses to its local APIC */
uint32_t kernel_lvt0(const KernelVCPU *v);
void kernel_set_lvt0(KernelVCPU *v, uint32_t val);
void kernel_set_svr(KernelVCPU *v, bool enabled);
void kernel_set_apic_id(KernelVCPU *v, uint8_t id);
void kernel_set_apicbase(KernelVCPU *v, unsigned vcpu, uint64_t val);

#endif /* FUZZ_KERNEL_H */
