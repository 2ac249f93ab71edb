/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What user space reads and writes of an interrupt.
 */
#include "qemu/osdep.h"
#include "arm-scenario.h"

typedef struct Field {
    const char *name;
    unsigned offset;            /* of the register; 0: LEVEL_INFO */
    unsigned clear;             /* of the one that clears it, or 0 */
} Field;

static const Field fields[] = {
    { "enabled", KVM_MODEL_ARM_ISENABLER, KVM_MODEL_ARM_ICENABLER },
    { "pending", KVM_MODEL_ARM_ISPENDR, KVM_MODEL_ARM_ICPENDR },
    { "active", KVM_MODEL_ARM_ISACTIVER, KVM_MODEL_ARM_ICACTIVER },
    { "edge", KVM_MODEL_ARM_ICFGR, 0 },
    { "high", 0, 0 },
};

ArmIntid arm_intid(const char *word)
{
    const char *colon = strchr(word, ':');

    return (ArmIntid) {
        .vcpu = colon ? g_ascii_strtoull(word, NULL, 0) : 0,
        .intid = g_ascii_strtoull(colon ? colon + 1 : word, NULL, 0),
    };
}

/* A GICv2 has banks; a GICv3 redistributors, named by affinity */
static uint64_t of_vcpu(const ArmEnd *end, unsigned vcpu)
{
    uint32_t who = vcpu;

    if (end->config.gic == KVM_MODEL_GICV3) {
        who = (vcpu & 0xf) | vcpu >> 4 << 8;
    }
    return (uint64_t)who << KVM_MODEL_ARM_ATTR_VCPU_SHIFT;
}

typedef struct Place {
    unsigned group;
    uint64_t attr;
    unsigned bit;
} Place;

static Place place(const ArmEnd *end, const Field *f, unsigned offset,
                   ArmIntid i)
{
    Place p = { KVM_MODEL_ARM_GRP_LEVEL_INFO, i.intid & ~31u, i.intid % 32 };

    if (f->offset) {
        bool two = offset == KVM_MODEL_ARM_ICFGR;

        p.group = KVM_MODEL_ARM_GRP_DIST;
        p.attr = offset + i.intid / (two ? 16 : 32) * 4;
        p.bit = two ? i.intid % 16 * 2 + 1 : i.intid % 32;
        if (end->config.gic == KVM_MODEL_GICV3 &&
            i.intid < KVM_MODEL_ARM_PRIVATE) {
            p.group = KVM_MODEL_ARM_GRP_REDIST;
            p.attr += KVM_MODEL_ARM_REDIST_SGI;
        }
    }
    p.attr |= of_vcpu(end, i.vcpu);
    return p;
}

static const Field *find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (!strcmp(fields[i].name, name)) {
            return &fields[i];
        }
    }
    return NULL;
}

int arm_field_get(ArmEnd *end, const char *name, ArmIntid i, unsigned *value)
{
    const Field *f = find(name);
    uint32_t reg = 0;
    Place p;
    int ret;

    if (!f) {
        return -ESRCH;
    }
    p = place(end, f, f->offset, i);
    ret = end->ops->attr(end, p.group, p.attr, &reg, false);
    *value = reg >> p.bit & 1;
    return ret;
}

/*
 * GICD_ICFGR, LEVEL_INFO, and GICD_ISPENDR of a GICv3: a register with all of
 * the state. The others set or clear where there is a 1.
 */
static bool is_whole(const ArmEnd *end, const Field *f)
{
    return !f->clear || (f->offset == KVM_MODEL_ARM_ISPENDR &&
                         end->config.gic == KVM_MODEL_GICV3);
}

int arm_field_set(ArmEnd *end, const char *name, ArmIntid i, bool value)
{
    const Field *f = find(name);
    uint32_t reg = 0;
    Place p;
    int ret;

    if (!f) {
        return -ESRCH;
    }
    if (!is_whole(end, f)) {
        p = place(end, f, value ? f->offset : f->clear, i);
        reg = 1u << p.bit;
    } else {
        p = place(end, f, f->offset, i);
        ret = end->ops->attr(end, p.group, p.attr, &reg, false);
        if (ret) {
            return ret;
        }
        reg = value ? reg | 1u << p.bit : reg & ~(1u << p.bit);
    }
    return end->ops->attr(end, p.group, p.attr, &reg, true);
}
