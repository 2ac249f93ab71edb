/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel on Arm: the GIC's state as user space reads and
 * writes it (vgic/vgic-kvm-device.c, vgic-mmio.c).
 */
#include "qemu/osdep.h"
#include "kvm-model-arm.h"

#define OFFSET_MASK         0xffffffffu
#define LEVEL_INFO_SHIFT    10
#define LEVEL_INFO_INTIDS   0x3ffu
#define NR_IRQS_MIN         64
#define NR_IRQS_MAX         1023    /* so 992, for it has to be a multiple */
#define REG_INTIDS          32
/* GICD_ICFGR, which has two bits for each */
#define CFG_INTIDS          16
#define CFG_EDGE            2u

/* What a register of 32 bits shows of each interrupt, and what writing does */
typedef struct Reg {
    unsigned offset;
    uint8_t bit;                /* KVM_MODEL_LINE_* */
    bool clear;                 /* written ones clear it */
} Reg;

static const Reg regs[] = {
    { KVM_MODEL_ARM_ISENABLER, KVM_MODEL_LINE_ENABLED, false },
    { KVM_MODEL_ARM_ICENABLER, KVM_MODEL_LINE_ENABLED, true },
    { KVM_MODEL_ARM_ISPENDR, KVM_MODEL_LINE_LATCH, false },
    { KVM_MODEL_ARM_ICPENDR, KVM_MODEL_LINE_LATCH, true },
    { KVM_MODEL_ARM_ISACTIVER, KVM_MODEL_LINE_ACTIVE, false },
    { KVM_MODEL_ARM_ICACTIVER, KVM_MODEL_LINE_ACTIVE, true },
};

/*
 * A GICv3 tells latch and line apart (vgic_uaccess_read_pending) and cannot
 * clear by ICPENDR, but by a 0 to ISPENDR (vgic_v3_uaccess_write_pending); a
 * GICv2 tells whether it is pending.
 */
static uint32_t read_reg(KVMModelArm *m, unsigned vcpu, const Reg *r,
                         unsigned intid)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < REG_INTIDS; i++) {
        const uint8_t *l = kvm_model_arm_line(m, vcpu, intid + i);
        bool set = l && (*l & r->bit);

        if (r->bit == KVM_MODEL_LINE_LATCH && m->gic == KVM_MODEL_GICV2) {
            set = kvm_model_arm_pending(m, vcpu, intid + i);
        } else if (r->bit == KVM_MODEL_LINE_LATCH && r->clear) {
            set = false;
        }
        value |= (uint32_t)set << i;
    }
    return value;
}

static void write_reg(KVMModelArm *m, unsigned vcpu, const Reg *r,
                      unsigned intid, uint32_t value)
{
    bool all = r->bit == KVM_MODEL_LINE_LATCH && m->gic == KVM_MODEL_GICV3;

    for (unsigned i = 0; i < REG_INTIDS; i++) {
        uint8_t *l = kvm_model_arm_line(m, vcpu, intid + i);
        bool one = value >> i & 1;

        if (!l || (all && r->clear) || (!all && !one)) {
            continue;
        }
        *l = one && !r->clear ? *l | r->bit : *l & ~r->bit;
    }
}

static uint32_t read_config(KVMModelArm *m, unsigned vcpu, unsigned intid)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < CFG_INTIDS; i++) {
        const uint8_t *l = kvm_model_arm_line(m, vcpu, intid + i);

        /* SGIs are edges */
        if (l ? !(*l & KVM_MODEL_LINE_LEVEL) : intid + i < KVM_MODEL_ARM_SGIS) {
            value |= CFG_EDGE << 2 * i;
        }
    }
    return value;
}

static void write_config(KVMModelArm *m, unsigned vcpu, unsigned intid,
                         uint32_t value)
{
    for (unsigned i = 0; i < CFG_INTIDS; i++) {
        kvm_model_arm_configure(m, vcpu, intid + i,
                                !(value >> 2 * i & CFG_EDGE));
    }
}

/* @offset is that of a distributor, and of one vCPU's private interrupts */
static void access_reg(KVMModelArm *m, unsigned vcpu, unsigned offset,
                       uint32_t *value, bool write)
{
    unsigned intid = (offset & 0x7f) * 8;

    for (unsigned i = 0; i < sizeof(regs) / sizeof(*regs); i++) {
        if (regs[i].offset != (offset & ~0x7fu)) {
            continue;
        }
        if (write) {
            write_reg(m, vcpu, &regs[i], intid, *value);
        } else {
            *value = read_reg(m, vcpu, &regs[i], intid);
        }
    }
    if ((offset & ~0xffu) == KVM_MODEL_ARM_ICFGR) {
        intid = (offset & 0xff) * 4;
        if (write) {
            write_config(m, vcpu, intid, *value);
        } else {
            *value = read_config(m, vcpu, intid);
        }
    }
}

/* Those of a GICv3's private interrupts are in the redistributors only */
static bool is_private(unsigned offset)
{
    return offset < KVM_MODEL_ARM_ICFGR ? !(offset & 0x7f) :
           !(offset & 0xf8);
}

/* vgic_read_irq_line_level_info, vgic_write_irq_line_level_info */
static int level_info(KVMModelArm *m, unsigned vcpu, uint32_t attr,
                      uint32_t *value, bool write)
{
    unsigned intid = attr & LEVEL_INFO_INTIDS;

    if (attr >> LEVEL_INFO_SHIFT || intid % REG_INTIDS) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < REG_INTIDS; i++) {
        uint8_t *l = kvm_model_arm_line(m, vcpu, intid + i);

        if (!l) {
            continue;
        }
        /* Written for edges as well, read for levels only */
        if (write) {
            *l = (*l & ~KVM_MODEL_LINE_HIGH) |
                 (*value >> i & 1 ? KVM_MODEL_LINE_HIGH : 0);
        } else if ((*l & KVM_MODEL_LINE_LEVEL) && (*l & KVM_MODEL_LINE_HIGH)) {
            *value |= 1u << i;
        }
    }
    return 0;
}

static int nr_irqs(KVMModelArm *m, uint32_t *value, bool write)
{
    if (!write) {
        *value = m->spis + KVM_MODEL_ARM_PRIVATE;
        return 0;
    }
    if (*value < NR_IRQS_MIN || *value > NR_IRQS_MAX || *value % REG_INTIDS) {
        return -EINVAL;
    }
    if (!m->spis_unset) {
        return -EBUSY;
    }
    m->spis_unset = false;
    m->spis = *value - KVM_MODEL_ARM_PRIVATE;
    return 0;
}

/* Aff3..Aff0 as the attributes have them; the model's have vCPU ids' */
static unsigned mpidr_vcpu(uint32_t mpidr)
{
    return (mpidr & 0xf) | (mpidr >> 8 & 0xff) << 4 |
           (mpidr >> 16 & 0xff) << 12;
}

static int access_regs(KVMModelArm *m, unsigned group, uint64_t attr,
                       uint32_t *value, bool write)
{
    uint32_t offset = attr & OFFSET_MASK;
    unsigned vcpu = attr >> KVM_MODEL_ARM_ATTR_VCPU_SHIFT;
    bool v3 = m->gic == KVM_MODEL_GICV3;

    if (v3) {
        vcpu = group == KVM_MODEL_ARM_GRP_DIST ? 0 : mpidr_vcpu(vcpu);
    }
    if (vcpu >= m->vcpus) {
        return -EINVAL;
    }
    if (v3 && !m->initialized) {
        return -EBUSY;
    }
    kvm_model_arm_gic_init(m);
    if (group == KVM_MODEL_ARM_GRP_LEVEL_INFO) {
        return level_info(m, vcpu, offset, value, write);
    }
    if (group == KVM_MODEL_ARM_GRP_REDIST) {
        offset -= KVM_MODEL_ARM_REDIST_SGI;
        if (!is_private(offset)) {
            return 0;
        }
    } else if (v3 && is_private(offset)) {
        return 0;
    }
    access_reg(m, vcpu, offset, value, write);
    return 0;
}

static int access_attr(KVMModelArm *m, unsigned group, uint64_t attr,
                       uint32_t *value, bool write)
{
    switch (group) {
    case KVM_MODEL_ARM_GRP_NR_IRQS:
        return nr_irqs(m, value, write);
    case KVM_MODEL_ARM_GRP_CTRL:
        return write && attr == KVM_MODEL_ARM_CTRL_INIT ?
               kvm_model_arm_gic_init(m) : -ENXIO;
    case KVM_MODEL_ARM_GRP_REDIST:
    case KVM_MODEL_ARM_GRP_LEVEL_INFO:
        if (m->gic != KVM_MODEL_GICV3) {
            return -ENXIO;
        }
        /* fall through */
    case KVM_MODEL_ARM_GRP_DIST:
        return access_regs(m, group, attr, value, write);
    default:
        return -ENXIO;
    }
}

int kvm_model_arm_set_attr(KVMModelArm *m, unsigned group, uint64_t attr,
                           uint32_t value)
{
    return m->gic == KVM_MODEL_NO_GIC ? -ENODEV :
           access_attr(m, group, attr, &value, true);
}

int kvm_model_arm_get_attr(KVMModelArm *m, unsigned group, uint64_t attr,
                           uint32_t *value)
{
    *value = 0;
    return m->gic == KVM_MODEL_NO_GIC ? -ENODEV :
           access_attr(m, group, attr, value, false);
}
