/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs that live in the software model of KVM: -machine
 * x-kvm-model=on, with -accel qtest only.
 *
 * A test instrument. What is sent to local APICs (x86-lapic.h) takes the way
 * that it takes with KVM, through lapic-send.h and the port to the kernel, and
 * ends in accel/kvm/intack/kvm-model.h in place of /dev/kvm. So do the MSIs of
 * devices and of the IOAPIC. /machine/kvm-model says what has arrived:
 *
 *   threads         when a vCPU's thread does what is queued to it: at-once,
 *                   bottom-half, or not before that is chosen again: held
 *   icr-interrupt   the kernel has the KVM_INTERRUPT that was proposed in 2013
 *   ioctls          how many there were since the last reset, by name
 *   digest          of all that the model holds, to compare with a later one
 *   vcpu[N]         by cpu_index, with
 *     state         its local APIC and what is pending, and what it has taken
 *     apicbase ...  registers, written by the rules that hold for the guest
 *     run           KVM_RUN so many times, of a guest without instructions
 *
 * vCPUs are at power-on after they were plugged and after a reset of the
 * machine. An unplugged one keeps its local APIC, as it does in the kernel. The
 * model is not migrated. BQL held, everywhere.
 */
#ifndef HW_INTC_LAPIC_MODEL_H
#define HW_INTC_LAPIC_MODEL_H

#include "hw/boards.h"
#include "hw/qdev-core.h"
#include "qemu/queue.h"
#include "accel/kvm/intack/kvm-model-port.h"
#include "target/i386/kvm/intack/lapic-send.h"
#include "x86-lapic.h"

#ifdef CONFIG_KVM

#define TYPE_LAPIC_MODEL "kvm-model"
OBJECT_DECLARE_SIMPLE_TYPE(LapicModel, LAPIC_MODEL)

#define TYPE_LAPIC_MODEL_VCPU "kvm-model-vcpu"
OBJECT_DECLARE_SIMPLE_TYPE(LapicModelVCPU, LAPIC_MODEL_VCPU)

typedef enum LapicModelThreads {
    LAPIC_MODEL_AT_ONCE,
    LAPIC_MODEL_BOTTOM_HALF,
    LAPIC_MODEL_HELD,
    LAPIC_MODEL_THREADS_MAX
} LapicModelThreads;

typedef struct LapicModelWork {
    void (*work)(void *opaque, unsigned vcpu);
    void *opaque;
    QSIMPLEQ_ENTRY(LapicModelWork) next;
} LapicModelWork;

struct LapicModelVCPU {
    Object parent_obj;

    LapicModel *owner;
    unsigned index;             /* cpu_index */
    unsigned id;                /* initial APIC ID, the model's number for it */
    bool present;
    QSIMPLEQ_HEAD(, LapicModelWork) queue;
    uint32_t queued;
    uint64_t runs;
    uint64_t taken[KVM_MODEL_SOFT + 1]; /* by KVMModelEvent */
};

#define LAPIC_MODEL_IOCTLS 20

struct LapicModel {
    Object parent_obj;

    KVMModel model;             /* by APIC ID */
    KVMModelPort port;          /* by cpu_index, with ops below */
    KVMPortOps ops;
    LapicSend send;
    LapicModelVCPU **vcpu;      /* [vcpus], by cpu_index, all possible ones */
    LapicModelVCPU **by_id;     /* [model.config.vcpus], NULL: no such ID */
    unsigned vcpus;
    int threads;                /* LapicModelThreads */
    QEMUBH *bh;
    uint64_t ioctls[LAPIC_MODEL_IOCTLS];
    /* As kvm_model_init() left them */
    KVMModelVCPU *on_vcpu;
    KVMModelRegs *on_regs;
    KVMModelLAPIC *on_lapic;
    MemoryRegion msi;
    DeviceListener listener;
};

/* Add the machine property x-kvm-model to the x86 machine class. */
void lapic_model_class_init(ObjectClass *oc);

/* lapic-model-port.c */

/* @m's port to @m's model, which has been made */
void lapic_model_port_init(LapicModel *m);
/* The name of ioctl counter @i, NULL: there are no more */
const char *lapic_model_ioctl_name(unsigned i);
/* Do what is queued to vCPUs' threads */
void lapic_model_settle(LapicModel *m);
/* Forget what is queued to the vCPU's thread; @call: do it first */
void lapic_model_drop(LapicModelVCPU *v, bool call);
void lapic_model_set_threads(LapicModel *m, LapicModelThreads threads);
/* Does KVM_INTERRUPT take an ICR's word, as was proposed in 2013? */
void lapic_model_set_icr(LapicModel *m, bool on);
/* MSR_IA32_APICBASE of vCPU @vcpu says that the APIC is on; LapicSendHost */
bool lapic_model_enabled(void *opaque, unsigned vcpu);
/* KVM_RUN, once */
void lapic_model_run(LapicModelVCPU *v);

#else

static inline void lapic_model_class_init(ObjectClass *oc)
{
}

#endif /* CONFIG_KVM */

#endif /* HW_INTC_LAPIC_MODEL_H */
