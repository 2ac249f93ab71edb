/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: KVM_IRQ_LINE on Arm.
 */
#include "qemu/osdep.h"
#include "kvm-model-arm.h"

uint8_t *kvm_model_arm_line(KVMModelArm *m, unsigned vcpu, unsigned intid)
{
    if (intid < KVM_MODEL_ARM_SGIS) {
        return NULL;
    }
    if (intid < KVM_MODEL_ARM_PRIVATE) {
        return &m->vcpu[vcpu].ppi[intid - KVM_MODEL_ARM_SGIS];
    }
    intid -= KVM_MODEL_ARM_PRIVATE;
    return intid < m->spis ? &m->spi[intid] : NULL;
}

/* vcpu_interrupt_line: test and set, and only a change disturbs the vCPU */
static int cpu_line(KVMModelArm *m, unsigned vcpu, unsigned nr, bool level)
{
    KVMModelArmVCPU *v = &m->vcpu[vcpu];
    uint8_t bit = 1u << nr;

    if (!!(v->pins & bit) == level) {
        return 0;
    }
    v->pins ^= bit;
    v->kicks++;
    return 0;
}

/* vgic_lazy_init: only a GICv2 starts by itself */
static int lazy_init(KVMModelArm *m)
{
    if (!m->initialized && m->gic != KVM_MODEL_GICV2) {
        return -EBUSY;
    }
    return kvm_model_arm_gic_init(m);
}

/* kvm_vgic_inject_irq */
static int inject(KVMModelArm *m, unsigned vcpu, unsigned intid, bool level)
{
    int ret = lazy_init(m);
    uint8_t *l;

    if (ret) {
        return ret;
    }
    l = kvm_model_arm_line(m, vcpu, intid);
    if (!l) {
        return -EINVAL;
    }
    if (*l & KVM_MODEL_LINE_OWNED) {
        return 0;
    }
    if (!(*l & KVM_MODEL_LINE_LEVEL)) {
        /* Every 1 is an edge, also after a 1 */
        if (level) {
            *l |= KVM_MODEL_LINE_LATCH;
            m->queued++;
        }
        return 0;
    }
    if (!!(*l & KVM_MODEL_LINE_HIGH) != level) {
        *l ^= KVM_MODEL_LINE_HIGH;
        m->queued += level;
    }
    return 0;
}

static int lazy_init_first(KVMModelArm *m)
{
    return m->linux_version < KVM_MODEL_ARM_LINUX(7, 2) ? 0 : lazy_init(m);
}

unsigned kvm_model_arm_word_type(const KVMModelArm *m, uint32_t irq)
{
    return irq >> KVM_MODEL_ARM_TYPE_SHIFT &
           (m->layout2 ? KVM_MODEL_ARM_TYPE_MASK : KVM_MODEL_ARM_TYPE_MASK_OLD);
}

unsigned kvm_model_arm_word_vcpu(const KVMModelArm *m, uint32_t irq)
{
    unsigned vcpu = irq >> KVM_MODEL_ARM_VCPU_SHIFT & KVM_MODEL_ARM_VCPU_MASK;

    if (m->layout2) {
        vcpu += (irq >> KVM_MODEL_ARM_VCPU2_SHIFT & KVM_MODEL_ARM_VCPU2_MASK) *
                (KVM_MODEL_ARM_VCPU_MASK + 1);
    }
    return vcpu;
}

int kvm_model_arm_irq_line(KVMModelArm *m, uint32_t irq, bool level)
{
    unsigned vcpu = kvm_model_arm_word_vcpu(m, irq);
    unsigned nr = irq & KVM_MODEL_ARM_NUM_MASK;
    int ret;

    switch (kvm_model_arm_word_type(m, irq)) {
    case KVM_MODEL_ARM_CPU:
        if (m->gic != KVM_MODEL_NO_GIC) {
            return -ENXIO;
        }
        if (vcpu >= m->vcpus || nr > KVM_MODEL_ARM_FIQ) {
            return -EINVAL;
        }
        return cpu_line(m, vcpu, nr, level);
    case KVM_MODEL_ARM_SPI:
        if (m->gic == KVM_MODEL_NO_GIC) {
            return -ENXIO;
        }
        ret = lazy_init_first(m);
        if (ret || nr < KVM_MODEL_ARM_PRIVATE) {
            return ret ? ret : -EINVAL;
        }
        /* The vCPU's field is not looked at */
        return inject(m, 0, nr, level);
    case KVM_MODEL_ARM_PPI:
        if (m->gic == KVM_MODEL_NO_GIC) {
            return -ENXIO;
        }
        ret = lazy_init_first(m);
        if (ret || vcpu >= m->vcpus || nr < KVM_MODEL_ARM_SGIS ||
            nr >= KVM_MODEL_ARM_PRIVATE) {
            return ret ? ret : -EINVAL;
        }
        return inject(m, vcpu, nr, level);
    default:
        return -EINVAL;
    }
}

/* vgic_init: what is not said by now has its default */
int kvm_model_arm_gic_init(KVMModelArm *m)
{
    if (m->gic == KVM_MODEL_NO_GIC) {
        return -ENODEV;
    }
    if (m->spis_unset) {
        m->spis = KVM_MODEL_ARM_SPIS_DEFAULT;
        m->spis_unset = false;
    }
    m->initialized = true;
    return 0;
}

/* vcpu_reset_hcr: HCR_EL2.VI and VF */
void kvm_model_arm_vcpu_init(KVMModelArm *m, unsigned vcpu)
{
    KVMModelArmVCPU *v = &m->vcpu[vcpu];

    if (!v->has_run || m->linux_version < KVM_MODEL_ARM_LINUX(6, 11)) {
        v->pins = 0;
    }
}

/* kvm_irqfd */
int kvm_model_arm_irqfd(KVMModelArm *m, unsigned gsi, bool resample)
{
    uint8_t *l;

    if (!m->initialized) {
        return -EAGAIN;
    }
    l = kvm_model_arm_line(m, 0, gsi + KVM_MODEL_ARM_PRIVATE);
    if (l && resample) {
        *l |= KVM_MODEL_LINE_RESAMPLE;
    }
    return 0;
}

/*
 * irqfd_wakeup: kvm_arch_set_irq_inatomic raises, and irqfd_inject, which would
 * lower again, is not called
 */
void kvm_model_arm_irqfd_signal(KVMModelArm *m, unsigned gsi)
{
    inject(m, 0, gsi + KVM_MODEL_ARM_PRIVATE, true);
}

void kvm_model_arm_configure(KVMModelArm *m, unsigned vcpu, unsigned intid,
                             bool level)
{
    uint8_t *l = kvm_model_arm_line(m, vcpu, intid);

    if (l && intid >= KVM_MODEL_ARM_PRIVATE) {
        *l = level ? *l | KVM_MODEL_LINE_LEVEL : *l & ~KVM_MODEL_LINE_LEVEL;
    }
}

void kvm_model_arm_own(KVMModelArm *m, unsigned vcpu, unsigned intid)
{
    uint8_t *l = kvm_model_arm_line(m, vcpu, intid);

    if (l) {
        *l |= KVM_MODEL_LINE_OWNED;
    }
}

static bool is_pending(uint8_t l)
{
    return (l & KVM_MODEL_LINE_LATCH) ||
           ((l & KVM_MODEL_LINE_LEVEL) && (l & KVM_MODEL_LINE_HIGH));
}

bool kvm_model_arm_pending(const KVMModelArm *m, unsigned vcpu,
                           unsigned intid)
{
    const uint8_t *l = kvm_model_arm_line((KVMModelArm *)m, vcpu, intid);

    return l && is_pending(*l);
}

/* kvm_timer_enable */
void kvm_model_arm_first_run(KVMModelArm *m, unsigned vcpu)
{
    m->vcpu[vcpu].has_run = true;
    if (m->gic != KVM_MODEL_NO_GIC) {
        kvm_model_arm_own(m, vcpu, KVM_MODEL_ARM_PPI_VTIMER);
        kvm_model_arm_own(m, vcpu, KVM_MODEL_ARM_PPI_PTIMER);
    }
}

/* All are of one priority, so none is taken while one is active */
unsigned kvm_model_arm_iar(KVMModelArm *m, unsigned vcpu)
{
    unsigned found = KVM_MODEL_ARM_SPURIOUS;
    unsigned end = KVM_MODEL_ARM_PRIVATE + (vcpu ? 0 : m->spis);

    for (unsigned i = KVM_MODEL_ARM_SGIS; i < end; i++) {
        uint8_t l = *kvm_model_arm_line(m, vcpu, i);

        if (l & KVM_MODEL_LINE_ACTIVE) {
            return KVM_MODEL_ARM_SPURIOUS;
        }
        if (found == KVM_MODEL_ARM_SPURIOUS && (l & KVM_MODEL_LINE_ENABLED) &&
            is_pending(l)) {
            found = i;
        }
    }
    if (found != KVM_MODEL_ARM_SPURIOUS) {
        uint8_t *l = kvm_model_arm_line(m, vcpu, found);

        *l |= KVM_MODEL_LINE_ACTIVE;
        if (!(*l & KVM_MODEL_LINE_LEVEL)) {
            *l &= ~KVM_MODEL_LINE_LATCH;
        }
    }
    return found;
}

/*
 * vgic_v3_fold_lr_state: a level's latch is over when it is neither pending nor
 * active in the list register, and that is what a resamplefd hears
 */
void kvm_model_arm_eoi(KVMModelArm *m, unsigned vcpu, unsigned intid)
{
    uint8_t *l = kvm_model_arm_line(m, vcpu, intid);

    if (!l) {
        return;
    }
    *l &= ~KVM_MODEL_LINE_ACTIVE;
    if (!(*l & KVM_MODEL_LINE_LEVEL)) {
        return;
    }
    *l &= ~KVM_MODEL_LINE_LATCH;
    if (*l & KVM_MODEL_LINE_RESAMPLE) {
        inject(m, vcpu, intid, false);
        m->resampled++;
    }
}

void kvm_model_arm_ack(KVMModelArm *m, unsigned vcpu, unsigned intid)
{
    uint8_t *l = kvm_model_arm_line(m, vcpu, intid);

    if (l) {
        *l &= ~KVM_MODEL_LINE_LATCH;
        kvm_model_arm_eoi(m, vcpu, intid);
    }
}

void kvm_model_arm_init(KVMModelArm *m, KVMModelGIC gic, unsigned spis,
                        KVMModelArmVCPU *vcpu, unsigned vcpus)
{
    bool unset = spis == KVM_MODEL_ARM_SPIS_UNSET;

    assert(unset || spis <= KVM_MODEL_ARM_SPIS);
    *m = (KVMModelArm) {
        .gic = gic,
        .linux_version = KVM_MODEL_ARM_NEWEST,
        .layout2 = true,
        .spis_unset = unset,
        .spis = unset ? 0 : spis,
        .vcpus = vcpus,
        .vcpu = vcpu,
    };
    memset(vcpu, 0, vcpus * sizeof(*vcpu));
    for (unsigned i = 0; i < vcpus; i++) {
        memset(vcpu[i].ppi, KVM_MODEL_LINE_LEVEL, sizeof(vcpu[i].ppi));
    }
}
