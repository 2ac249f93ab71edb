/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port's end on the model of KVM_IRQ_LINE on Arm.
 */
#include "qemu/osdep.h"
#include "kvm-model-arm-port.h"

/* @level of bit @nr in *@bits; false: it was there already */
static bool move(uint32_t *bits, unsigned nr, bool level)
{
    uint32_t bit = 1u << nr;
    bool was = *bits & bit;

    *bits = level ? *bits | bit : *bits & ~bit;
    return was != level;
}

/* The call was taken: was it one more of the same? */
static void count(KVMModelArmPort *p, uint32_t irq, bool level)
{
    unsigned vcpu = kvm_model_arm_word_vcpu(p->model, irq);
    unsigned nr = irq & KVM_MODEL_ARM_NUM_MASK;
    bool changed;

    if (kvm_model_arm_word_type(p->model, irq) == KVM_MODEL_ARM_SPI) {
        uint8_t *high = &p->spi_high[nr - KVM_MODEL_ARM_PRIVATE];

        changed = *high != level;
        *high = level;
    } else {
        changed = move(&p->vcpu_high[vcpu], nr, level);
    }
    p->repeated_lowers += !changed && !level;
    p->repeated_raises += !changed && level;
}

static int model_irq_line(KVMPort *port, uint32_t irq, bool level)
{
    KVMModelArmPort *p = (KVMModelArmPort *)((char *)port -
                                             offsetof(KVMModelArmPort, port));
    int ret = -p->fail;

    p->ioctls++;
    p->last = irq;
    if (!ret) {
        ret = kvm_model_arm_irq_line(p->model, irq, level);
    } else if (p->fail_times && !--p->fail_times) {
        p->fail = 0;
    }
    if (ret) {
        p->refused++;
    } else {
        count(p, irq, level);
    }
    return ret;
}

static const KVMPortOps model_ops = {
    .irq_line = model_irq_line,
};

void kvm_model_arm_port_init(KVMModelArmPort *p, KVMModelArm *model)
{
    *p = (KVMModelArmPort) {
        .port.ops = &model_ops,
        .model = model,
    };
}
