/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A software model of KVM_IRQ_LINE on Arm: the processors' lines and those of
 * the vgic (arch/arm64/kvm/arm.c and vgic/). A test instrument, see
 * kvm-model.h; tests-qtest/contract/scenarios-arm holds it to the kernel. It
 * does not know more of the GIC than what becomes of a line: interrupts are of
 * one priority, SPIs go to vCPU 0.
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
#define KVM_MODEL_ARM_SPIS      988     /* 32..1019; KVM's end at 991 */
/* What vgic_init() takes if KVM_DEV_ARM_VGIC_GRP_NR_IRQS was not written */
#define KVM_MODEL_ARM_SPIS_DEFAULT  224
#define KVM_MODEL_ARM_SPIS_UNSET    (~0u)
#define KVM_MODEL_ARM_SPURIOUS  1023

/* The timers' PPIs, which they own from the vCPU's first KVM_RUN on */
#define KVM_MODEL_ARM_PPI_VTIMER    27
#define KVM_MODEL_ARM_PPI_PTIMER    30

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
#define KVM_MODEL_LINE_ENABLED  16
#define KVM_MODEL_LINE_ACTIVE   32
#define KVM_MODEL_LINE_RESAMPLE 64  /* an irqfd with a resamplefd */

/*
 * Linux's version. What differs: before 6.11 (vcpu_reset_hcr) the pins were low
 * after every KVM_ARM_VCPU_INIT; before 7.2 (kvm_vm_ioctl_irq_line) the number
 * and the vCPU were looked at before the GIC's initialisation.
 */
#define KVM_MODEL_ARM_LINUX(major, minor) ((major) * 100 + (minor))
#define KVM_MODEL_ARM_NEWEST    KVM_MODEL_ARM_LINUX(7, 3)

typedef struct KVMModelArmVCPU {
    uint8_t pins;               /* bit KVM_MODEL_ARM_IRQ, _FIQ */
    uint8_t ppi[KVM_MODEL_ARM_PRIVATE - KVM_MODEL_ARM_SGIS];
    bool has_run;
    uint8_t spare[2];           /* 0 */
    uint32_t kicks;             /* by its pins */
} KVMModelArmVCPU;

typedef struct KVMModelArm {
    KVMModelGIC gic;
    unsigned linux_version;     /* KVM_MODEL_ARM_LINUX() */
    bool initialized;           /* the GIC */
    bool layout2;               /* KVM_CAP_ARM_IRQ_LINE_LAYOUT_2 */
    bool spis_unset;            /* nobody has said how many SPIs there are */
    unsigned spis;              /* how many the GIC has, 0..988 */
    uint32_t queued;            /* interrupts that a line made pending */
    uint32_t resampled;         /* signals of resamplefds */
    unsigned vcpus;
    KVMModelArmVCPU *vcpu;      /* [vcpus], the caller's; by vCPU id */
    uint8_t spi[KVM_MODEL_ARM_SPIS];
} KVMModelArm;

/*
 * Interrupts are as vgic_init() leaves them: PPIs level, SPIs edge, none of
 * them enabled. @spis may be KVM_MODEL_ARM_SPIS_UNSET. The newest Linux.
 */
void kvm_model_arm_init(KVMModelArm *m, KVMModelGIC gic, unsigned spis,
                        KVMModelArmVCPU *vcpu, unsigned vcpus);
/* KVM_DEV_ARM_VGIC_CTRL_INIT */
int kvm_model_arm_gic_init(KVMModelArm *m);
/* What a word names, as far as the VM's layout goes */
unsigned kvm_model_arm_word_type(const KVMModelArm *m, uint32_t irq);
unsigned kvm_model_arm_word_vcpu(const KVMModelArm *m, uint32_t irq);
/* KVM_IRQ_LINE */
int kvm_model_arm_irq_line(KVMModelArm *m, uint32_t irq, bool level);
/* KVM_ARM_VCPU_INIT: the pins are low again, if the vCPU has not run yet */
void kvm_model_arm_vcpu_init(KVMModelArm *m, unsigned vcpu);

/* KVM_IRQFD: @gsi is the INTID less 32. -EAGAIN: the GIC is not initialised */
int kvm_model_arm_irqfd(KVMModelArm *m, unsigned gsi, bool resample);
/* Its eventfd is signalled: a raise. The lower is up to others */
void kvm_model_arm_irqfd_signal(KVMModelArm *m, unsigned gsi);

/* The line of @intid, KVM_MODEL_LINE_*; NULL: there is none (vgic_get_irq) */
uint8_t *kvm_model_arm_line(KVMModelArm *m, unsigned vcpu, unsigned intid);
/*
 * GICD_ICFGR: @intid of all becomes level or edge. Those of SGIs and PPIs
 * cannot be written (vgic_mmio_write_config).
 */
void kvm_model_arm_configure(KVMModelArm *m, unsigned vcpu, unsigned intid,
                             bool level);
/* kvm_vgic_set_owner: user space cannot move it any more, and is not told */
void kvm_model_arm_own(KVMModelArm *m, unsigned vcpu, unsigned intid);
/* irq_is_pending */
bool kvm_model_arm_pending(const KVMModelArm *m, unsigned vcpu,
                           unsigned intid);

/* The guest */

/* The vCPU's first KVM_RUN */
void kvm_model_arm_first_run(KVMModelArm *m, unsigned vcpu);
/* It acknowledges what it is given: an INTID or KVM_MODEL_ARM_SPURIOUS */
unsigned kvm_model_arm_iar(KVMModelArm *m, unsigned vcpu);
void kvm_model_arm_eoi(KVMModelArm *m, unsigned vcpu, unsigned intid);
/* iar and eoi of this one, whatever else there is, in one */
void kvm_model_arm_ack(KVMModelArm *m, unsigned vcpu, unsigned intid);

/*
 * KVM_SET_DEVICE_ATTR and KVM_GET_DEVICE_ATTR of the GIC: groups as in
 * linux/kvm.h of Arm, and the registers of an interrupt's enabled, pending,
 * active and trigger bits. Other registers read as 0. 0 or -errno.
 */
#define KVM_MODEL_ARM_GRP_DIST          1
#define KVM_MODEL_ARM_GRP_NR_IRQS       3
#define KVM_MODEL_ARM_GRP_CTRL          4
#define KVM_MODEL_ARM_GRP_REDIST        5   /* GICv3 */
#define KVM_MODEL_ARM_GRP_LEVEL_INFO    7   /* GICv3 */
#define KVM_MODEL_ARM_CTRL_INIT         0

#define KVM_MODEL_ARM_ISENABLER         0x100
#define KVM_MODEL_ARM_ICENABLER         0x180
#define KVM_MODEL_ARM_ISPENDR           0x200
#define KVM_MODEL_ARM_ICPENDR           0x280
#define KVM_MODEL_ARM_ISACTIVER         0x300
#define KVM_MODEL_ARM_ICACTIVER         0x380
#define KVM_MODEL_ARM_ICFGR             0xc00
/* Of a redistributor, its page with the private interrupts */
#define KVM_MODEL_ARM_REDIST_SGI        0x10000
/* Whose redistributor, whose bank of a GICv2's private interrupts */
#define KVM_MODEL_ARM_ATTR_VCPU_SHIFT   32

int kvm_model_arm_set_attr(KVMModelArm *m, unsigned group, uint64_t attr,
                           uint32_t value);
int kvm_model_arm_get_attr(KVMModelArm *m, unsigned group, uint64_t attr,
                           uint32_t *value);

#endif /* ACCEL_KVM_KVM_MODEL_ARM_H */
