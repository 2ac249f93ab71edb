/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scenario of Arm runs on: the kernel, or the model of its contract.
 */
#ifndef CONTRACT_ARM_END_H
#define CONTRACT_ARM_END_H

#include "kvm-model-arm.h"

/* The KVM_RUN did not come back */
#define ARM_HUNG            0xfffffffeu

/* What the guest's processor has of its pins */
#define ARM_PIN_IRQ         1u
#define ARM_PIN_FIQ         2u

typedef struct ArmConfig {
    KVMModelGIC gic;
    unsigned vcpus;
    unsigned irqs;              /* interrupts of the GIC; 0: its own number */
    bool off;                   /* all vCPUs but 0: KVM_ARM_VCPU_POWER_OFF */
    bool noinit;                /* the GIC has no address and is not started */
    bool layout1;
    unsigned linux_version;     /* KVM_MODEL_ARM_LINUX(), of the model */
} ArmConfig;

typedef struct ArmEnd ArmEnd;

typedef struct ArmEndOps {
    const char *name;
    /* A new VM. NULL: *@why says what this host lacks */
    ArmEnd *(*open)(const ArmConfig *config, const char **why);
    void (*close)(ArmEnd *end);
    int (*irq_line)(ArmEnd *end, uint32_t word, bool level);
    /* KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR; groups as the model's */
    int (*attr)(ArmEnd *end, unsigned group, uint64_t attr, uint32_t *value,
                bool write);
    int (*vcpu_init)(ArmEnd *end, unsigned vcpu);
    /* KVM_IRQFD; with a resamplefd it stays, else it is signalled and gone */
    int (*irqfd)(ArmEnd *end, unsigned gsi, bool resample);
    /* The resamplefd's irqfd is signalled; the line has moved then */
    void (*irqfd_signal)(ArmEnd *end, unsigned gsi);
    /* How often the resamplefd was signalled since it was asked last */
    unsigned (*resampled)(ArmEnd *end);

    /* The guest, each in a KVM_RUN of its own */

    /* Its CPU interface acknowledges: an INTID */
    unsigned (*iar)(ArmEnd *end, unsigned vcpu);
    void (*eoi)(ArmEnd *end, unsigned vcpu, unsigned intid);
    /* ARM_PIN_*: ISR_EL1, and shifted by 2 the exceptions that it took */
    unsigned (*pins)(ArmEnd *end, unsigned vcpu);
    /* vCPU 0 has PSCI start the other; 0 or PSCI's negative answer */
    int (*cpu_on)(ArmEnd *end, unsigned vcpu);
} ArmEndOps;

struct ArmEnd {
    const ArmEndOps *ops;
    ArmConfig config;
};

extern const ArmEndOps arm_kvm_end_ops;
extern const ArmEndOps arm_model_end_ops;

/* Why this machine's /dev/kvm cannot be used; NULL: it can */
const char *arm_kvm_end_missing(void);
/* The GICs that it has, a bit each, by KVMModelGIC */
unsigned arm_kvm_end_gics(void);
/* KVM_MODEL_ARM_LINUX() */
unsigned arm_kvm_end_linux(void);

#endif /* CONTRACT_ARM_END_H */
