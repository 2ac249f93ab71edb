/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of arm-irq-line-model share. */
#ifndef HW_INTC_ARM_IRQ_LINE_MODEL_INT_H
#define HW_INTC_ARM_IRQ_LINE_MODEL_INT_H

#include "accel/kvm/intack/kvm-model-arm-port.h"
#include "arm-irq-line-model.h"

struct ArmIrqLineModel {
    KVMModelArmPort port;
    KVMModelArm kvm;
    uint8_t *line_state;        /* [vcpus], bits as kvm.vcpu[].pins */
    bool level[KVM_MODEL_ARM_SPIS];     /* of SPIs, in what was loaded */
    uint32_t stream_size;
    uint8_t *stream;
    uint32_t word;              /* x-model-word */
};

/* KVM_ARM_VCPU_INIT, and its hook */
void arm_irq_line_model_vcpu_init(ArmIrqLineModel *m, unsigned vcpu);
/* Its properties x-model-* */
void arm_irq_line_model_qom_class_init(ObjectClass *oc);

#endif /* HW_INTC_ARM_IRQ_LINE_MODEL_INT_H */
