/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A software model of KVM_IRQ_LINE on Arm: the processors' lines and those of
 * the vgic (arch/arm64/kvm/arm.c, vgic/vgic.c, as read; no Arm host has been
 * asked). A test instrument, see kvm-model.h; it does not know more of the GIC
 * than what becomes of a line.
 */
#ifndef ACCEL_KVM_KVM_MODEL_ARM_H
#define ACCEL_KVM_KVM_MODEL_ARM_H

/* kvm_irq_level.irq, as linux/kvm.h has it on Arm only */
#define KVM_MODEL_ARM_TYPE_SHIFT    24
#define KVM_MODEL_ARM_TYPE_MASK     0xfu
#define KVM_MODEL_ARM_VCPU_SHIFT    16
#define KVM_MODEL_ARM_VCPU_MASK     0xffu
#define KVM_MODEL_ARM_VCPU2_SHIFT   28
#define KVM_MODEL_ARM_VCPU2_MASK    0xfu
#define KVM_MODEL_ARM_NUM_MASK      0xffffu
/* Before KVM_CAP_ARM_IRQ_LINE_LAYOUT_2 the type had all of the upper byte */
#define KVM_MODEL_ARM_TYPE_MASK_OLD 0xffu

#define KVM_MODEL_ARM_CPU   0
#define KVM_MODEL_ARM_SPI   1
#define KVM_MODEL_ARM_PPI   2

#define KVM_MODEL_ARM_IRQ   0
#define KVM_MODEL_ARM_FIQ   1

#define KVM_MODEL_ARM_SGIS      16
#define KVM_MODEL_ARM_PRIVATE   32
#define KVM_MODEL_ARM_SPIS      988     /* 32..1019 */

typedef enum KVMModelGIC {
    KVM_MODEL_NO_GIC,           /* it is in user space */
    KVM_MODEL_GICV2,
    KVM_MODEL_GICV3,
} KVMModelGIC;

/* A line of the vgic, and a pin of a processor */
#define KVM_MODEL_LINE_HIGH     1   /* line_level, of a level line */
#define KVM_MODEL_LINE_LATCH    2   /* pending_latch, of an edge line */
#define KVM_MODEL_LINE_LEVEL    4   /* is a level line; else edge */
#define KVM_MODEL_LINE_OWNED    8   /* a device of the kernel's drives it */

typedef struct KVMModelArmVCPU {
    uint8_t pins;               /* bit KVM_MODEL_ARM_IRQ, _FIQ */
    uint8_t ppi[KVM_MODEL_ARM_PRIVATE - KVM_MODEL_ARM_SGIS];
    uint8_t spare[3];           /* 0 */
    uint32_t kicks;             /* by its pins */
} KVMModelArmVCPU;

typedef struct KVMModelArm {
    KVMModelGIC gic;
    bool initialized;           /* the GIC */
    bool layout2;               /* KVM_CAP_ARM_IRQ_LINE_LAYOUT_2 */
    unsigned spis;              /* how many the GIC has, 0..988 */
    uint32_t queued;            /* interrupts that a line made pending */
    unsigned vcpus;
    KVMModelArmVCPU *vcpu;      /* [vcpus], the caller's; by vCPU id */
    uint8_t spi[KVM_MODEL_ARM_SPIS];
} KVMModelArm;

/* Interrupts are as vgic_init() leaves them: PPIs level, SPIs edge */
void kvm_model_arm_init(KVMModelArm *m, KVMModelGIC gic, unsigned spis,
                        KVMModelArmVCPU *vcpu, unsigned vcpus);
/* KVM_DEV_ARM_VGIC_CTRL_INIT */
int kvm_model_arm_gic_init(KVMModelArm *m);
/* What a word names, as far as the VM's layout goes */
unsigned kvm_model_arm_word_type(const KVMModelArm *m, uint32_t irq);
unsigned kvm_model_arm_word_vcpu(const KVMModelArm *m, uint32_t irq);
/* KVM_IRQ_LINE */
int kvm_model_arm_irq_line(KVMModelArm *m, uint32_t irq, bool level);
/* KVM_ARM_VCPU_INIT: the pins of the processor are low again */
void kvm_model_arm_vcpu_init(KVMModelArm *m, unsigned vcpu);

/* GICD_ICFGR: @intid of @vcpu (PPI) or of all (SPI) becomes level or edge */
void kvm_model_arm_configure(KVMModelArm *m, unsigned vcpu, unsigned intid,
                             bool level);
/* kvm_vgic_set_owner: user space cannot move it any more, and is not told */
void kvm_model_arm_own(KVMModelArm *m, unsigned vcpu, unsigned intid);
/* irq_is_pending */
bool kvm_model_arm_pending(const KVMModelArm *m, unsigned vcpu,
                           unsigned intid);
/* The guest acknowledges it: an edge is over, a level stands */
void kvm_model_arm_ack(KVMModelArm *m, unsigned vcpu, unsigned intid);

#endif /* ACCEL_KVM_KVM_MODEL_ARM_H */
