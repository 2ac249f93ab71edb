/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: local APICs and what is sent to them. A test
 * instrument, see kvm-model.h.
 */
#ifndef ACCEL_KVM_KVM_MODEL_LAPIC_H
#define ACCEL_KVM_KVM_MODEL_LAPIC_H

#include "kvm-model.h"

/* Registers, by their offset in the page; MSR 0x800 + offset / 16 */
#define KVM_MODEL_APIC_ID       0x020
#define KVM_MODEL_APIC_VERSION  0x030
#define KVM_MODEL_APIC_TPR      0x080
#define KVM_MODEL_APIC_PPR      0x0a0
#define KVM_MODEL_APIC_EOI      0x0b0
#define KVM_MODEL_APIC_LDR      0x0d0
#define KVM_MODEL_APIC_DFR      0x0e0
#define KVM_MODEL_APIC_SVR      0x0f0
#define KVM_MODEL_APIC_ISR      0x100
#define KVM_MODEL_APIC_TMR      0x180
#define KVM_MODEL_APIC_IRR      0x200
#define KVM_MODEL_APIC_ESR      0x280
#define KVM_MODEL_APIC_ICR      0x300
#define KVM_MODEL_APIC_ICR2     0x310
#define KVM_MODEL_APIC_LVTT     0x320
#define KVM_MODEL_APIC_LVT0     0x350
#define KVM_MODEL_APIC_LVT1     0x360
#define KVM_MODEL_APIC_LVTERR   0x370
#define KVM_MODEL_APIC_TMICT    0x380
#define KVM_MODEL_APIC_TMCCT    0x390
#define KVM_MODEL_APIC_TDCR     0x3e0
#define KVM_MODEL_APIC_SELF     0x3f0

typedef enum KVMModelDelivery {
    KVM_MODEL_FIXED = 0,
    KVM_MODEL_LOWEST = 1,
    KVM_MODEL_SMI_MSG = 2,
    KVM_MODEL_REMOTE_READ = 3,  /* KVM's way to wake a vCPU from HLT */
    KVM_MODEL_NMI_MSG = 4,
    KVM_MODEL_INIT_MSG = 5,
    KVM_MODEL_STARTUP = 6,
    KVM_MODEL_EXTINT_MSG = 7,
} KVMModelDelivery;

/* As in the ICR's bits 19:18 */
typedef enum KVMModelShorthand {
    KVM_MODEL_NOSHORT,
    KVM_MODEL_SELF,
    KVM_MODEL_ALL,
    KVM_MODEL_OTHERS,
} KVMModelShorthand;

/* struct kvm_lapic_irq */
typedef struct KVMModelMsg {
    uint32_t dest;
    uint8_t vector;
    uint8_t mode;               /* KVMModelDelivery */
    bool logical;
    bool level;
    bool trigger;               /* level-triggered */
    bool redirect;              /* MSI's redirection hint */
    uint8_t shorthand;          /* KVMModelShorthand */
} KVMModelMsg;

/*
 * Send @msg; @source is the vCPU whose ICR it is, or -1 for an MSI. How many
 * local APICs took it, -1 if it found none (kvm_irq_delivery_to_apic).
 */
int kvm_model_deliver_msg(KVMModel *m, int source, const KVMModelMsg *msg);
/* The local APIC of @vcpu gets @msg: did it take it (__apic_accept_irq)? */
bool kvm_model_accept_irq(KVMModel *m, unsigned vcpu, const KVMModelMsg *msg);
/* MSI's address and data (kvm_set_msi_irq) */
KVMModelMsg kvm_model_msi(uint32_t address, uint32_t data);

/* The timer's count reaches 0; nothing if it does not run */
void kvm_model_timer_expire(KVMModel *m, unsigned vcpu);

/*
 * The vCPU to which a device's interrupt may be posted without the kernel, or
 * -1: Fixed or LowestPrio, and exactly one destination (kvm_irq_is_postable,
 * kvm_intr_is_single_vcpu).
 */
int kvm_model_postable(const KVMModel *m, const KVMModelMsg *msg);

/* What a posted interrupt takes to be seen */
typedef enum KVMModelPosted {
    KVM_MODEL_POSTED_ALREADY,   /* the vector stands, or ON was set */
    KVM_MODEL_POSTED_NOTIFY,    /* notification vector: the vCPU runs */
    KVM_MODEL_POSTED_KICK,      /* it does not */
} KVMModelPosted;

/* Post @vector to @vcpu (vmx_deliver_posted_interrupt) */
KVMModelPosted kvm_model_post(KVMModel *m, unsigned vcpu, unsigned vector);

#endif /* ACCEL_KVM_KVM_MODEL_LAPIC_H */
