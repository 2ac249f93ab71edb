/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's other end on Arm: the model of the kernel.
 */
#include "qemu/osdep.h"
#include "arm-end.h"

typedef struct ModelEnd {
    ArmEnd end;
    KVMModelArm model;
    uint32_t resampled;
    KVMModelArmVCPU vcpu[];
} ModelEnd;

static ModelEnd *of_end(ArmEnd *end)
{
    return (ModelEnd *)((char *)end - offsetof(ModelEnd, end));
}

static ArmEnd *model_open(const ArmConfig *config, const char **why)
{
    ModelEnd *e = calloc(1, sizeof(*e) + config->vcpus * sizeof(e->vcpu[0]));

    kvm_model_arm_init(&e->model, config->gic, KVM_MODEL_ARM_SPIS_UNSET,
                       e->vcpu, config->vcpus);
    e->model.linux_version = config->linux_version;
    e->model.layout2 = !config->layout1;
    if (config->irqs) {
        kvm_model_arm_set_attr(&e->model, KVM_MODEL_ARM_GRP_NR_IRQS, 0,
                               config->irqs);
    }
    if (config->gic != KVM_MODEL_NO_GIC && !config->noinit) {
        kvm_model_arm_gic_init(&e->model);
    }
    e->end = (ArmEnd) { &arm_model_end_ops, *config };
    return &e->end;
}

static void model_close(ArmEnd *end)
{
    free(of_end(end));
}

static int model_irq_line(ArmEnd *end, uint32_t word, bool level)
{
    return kvm_model_arm_irq_line(&of_end(end)->model, word, level);
}

static int model_attr(ArmEnd *end, unsigned group, uint64_t attr,
                      uint32_t *value, bool write)
{
    KVMModelArm *m = &of_end(end)->model;

    return write ? kvm_model_arm_set_attr(m, group, attr, *value) :
           kvm_model_arm_get_attr(m, group, attr, value);
}

static int model_vcpu_init(ArmEnd *end, unsigned vcpu)
{
    kvm_model_arm_vcpu_init(&of_end(end)->model, vcpu);
    return 0;
}

static int model_irqfd(ArmEnd *end, unsigned gsi, bool resample)
{
    KVMModelArm *m = &of_end(end)->model;
    int ret = kvm_model_arm_irqfd(m, gsi, resample);

    if (!ret && !resample) {
        kvm_model_arm_irqfd_signal(m, gsi);
    }
    return ret;
}

static void model_irqfd_signal(ArmEnd *end, unsigned gsi)
{
    kvm_model_arm_irqfd_signal(&of_end(end)->model, gsi);
}

static unsigned model_resampled(ArmEnd *end)
{
    ModelEnd *e = of_end(end);
    unsigned n = e->model.resampled - e->resampled;

    e->resampled = e->model.resampled;
    return n;
}

static unsigned model_iar(ArmEnd *end, unsigned vcpu)
{
    kvm_model_arm_first_run(&of_end(end)->model, vcpu);
    return kvm_model_arm_iar(&of_end(end)->model, vcpu);
}

static void model_eoi(ArmEnd *end, unsigned vcpu, unsigned intid)
{
    kvm_model_arm_eoi(&of_end(end)->model, vcpu, intid);
}

static unsigned model_pins(ArmEnd *end, unsigned vcpu)
{
    kvm_model_arm_first_run(&of_end(end)->model, vcpu);
    return of_end(end)->vcpu[vcpu].pins * (1 | 1 << 2);
}

/* kvm_reset_vcpu leaves HCR_EL2 alone */
static int model_cpu_on(ArmEnd *end, unsigned vcpu)
{
    kvm_model_arm_first_run(&of_end(end)->model, 0);
    return 0;
}

const ArmEndOps arm_model_end_ops = {
    .name = "model",
    .open = model_open,
    .close = model_close,
    .irq_line = model_irq_line,
    .attr = model_attr,
    .vcpu_init = model_vcpu_init,
    .irqfd = model_irqfd,
    .irqfd_signal = model_irqfd_signal,
    .resampled = model_resampled,
    .iar = model_iar,
    .eoi = model_eoi,
    .pins = model_pins,
    .cpu_on = model_cpu_on,
};
