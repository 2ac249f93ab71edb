/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of the model of KVM's Arm GIC: the guest's side of a line, user
 * space's registers, irqfds, and the port on the model.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "kvm-model-arm-port.h"

#define VCPUS   20
#define SPI     40
#define PPI     20

#define ATTR(vcpu, offset) \
    ((uint64_t)(vcpu) << KVM_MODEL_ARM_ATTR_VCPU_SHIFT | (offset))
/* The register and the bit of interrupt SPI */
#define SPI_REG(offset)     ((offset) + SPI / 32 * 4)
#define SPI_BIT             (1u << SPI % 32)

static KVMModelArm arm;
static KVMModelArmVCPU vcpus[VCPUS];

static void vm(KVMModelGIC gic, unsigned spis)
{
    kvm_model_arm_init(&arm, gic, spis, vcpus, VCPUS);
}

static void spi(bool level)
{
    g_assert_cmpint(kvm_model_arm_irq_line(&arm, 1 << 24 | SPI, level), ==, 0);
}

static void set(unsigned group, uint64_t attr, uint32_t value)
{
    g_assert_cmpint(kvm_model_arm_set_attr(&arm, group, attr, value), ==, 0);
}

static uint32_t get(unsigned group, uint64_t attr)
{
    uint32_t value = 0xa5a5a5a5;

    g_assert_cmpint(kvm_model_arm_get_attr(&arm, group, attr, &value), ==, 0);
    return value;
}

/* All but the guest's own vCPU and the enabled interrupts are left alone */
static void test_iar(void)
{
    vm(KVM_MODEL_GICV3, 64);
    kvm_model_arm_gic_init(&arm);
    spi(true);
    g_assert_cmpuint(kvm_model_arm_iar(&arm, 0), ==, KVM_MODEL_ARM_SPURIOUS);
    set(KVM_MODEL_ARM_GRP_DIST, SPI_REG(KVM_MODEL_ARM_ISENABLER), SPI_BIT);
    g_assert_cmpuint(kvm_model_arm_iar(&arm, 1), ==, KVM_MODEL_ARM_SPURIOUS);
    g_assert_cmpuint(kvm_model_arm_iar(&arm, 0), ==, SPI);
    spi(true);
    g_assert_cmpuint(kvm_model_arm_iar(&arm, 0), ==, KVM_MODEL_ARM_SPURIOUS);
    kvm_model_arm_eoi(&arm, 0, SPI);
    g_assert_cmpuint(kvm_model_arm_iar(&arm, 0), ==, SPI);
    set(KVM_MODEL_ARM_GRP_DIST, SPI_REG(KVM_MODEL_ARM_ICACTIVER), SPI_BIT);
    set(KVM_MODEL_ARM_GRP_DIST, SPI_REG(KVM_MODEL_ARM_ICENABLER), SPI_BIT);
    spi(true);
    g_assert_cmpuint(kvm_model_arm_iar(&arm, 0), ==, KVM_MODEL_ARM_SPURIOUS);
    /* There is no SGI, and no interrupt beyond the last */
    kvm_model_arm_eoi(&arm, 0, 3);
    kvm_model_arm_eoi(&arm, 0, 96);
    kvm_model_arm_own(&arm, 0, 3);
}

/* A private register of each vCPU is where its GIC has it, and only there */
static void private_regs(KVMModelGIC gic, unsigned group, unsigned base,
                         unsigned vcpu, unsigned who)
{
    vm(gic, 64);
    kvm_model_arm_gic_init(&arm);
    set(group, ATTR(who, base + KVM_MODEL_ARM_ISENABLER), ~0u);
    for (unsigned i = 0; i < VCPUS; i++) {
        g_assert_cmphex(*kvm_model_arm_line(&arm, i, PPI), ==,
                        KVM_MODEL_LINE_LEVEL |
                        (i == vcpu ? KVM_MODEL_LINE_ENABLED : 0));
    }
    g_assert_cmphex(get(group, ATTR(who, base + KVM_MODEL_ARM_ISENABLER)), ==,
                    0xffff0000);
    g_assert_cmphex(get(group, ATTR(who, base + KVM_MODEL_ARM_ICENABLER)), ==,
                    0xffff0000);
    /* SGIs are edges, PPIs levels, and stay so */
    set(group, ATTR(who, base + KVM_MODEL_ARM_ICFGR + 4), ~0u);
    g_assert_cmphex(get(group, ATTR(who, base + KVM_MODEL_ARM_ICFGR)), ==,
                    0xaaaaaaaa);
    g_assert_cmphex(get(group, ATTR(who, base + KVM_MODEL_ARM_ICFGR + 4)), ==,
                    0);
}

static void test_private(void)
{
    private_regs(KVM_MODEL_GICV2, KVM_MODEL_ARM_GRP_DIST, 0, 7, 7);
    private_regs(KVM_MODEL_GICV3, KVM_MODEL_ARM_GRP_REDIST,
                 KVM_MODEL_ARM_REDIST_SGI, 7, 7);
    private_regs(KVM_MODEL_GICV3, KVM_MODEL_ARM_GRP_REDIST,
                 KVM_MODEL_ARM_REDIST_SGI, 18, 0x102);
    /* A GICv3's distributor and redistributor have the one or the other */
    set(KVM_MODEL_ARM_GRP_DIST, KVM_MODEL_ARM_ISPENDR, ~0u);
    g_assert_cmphex(get(KVM_MODEL_ARM_GRP_DIST, KVM_MODEL_ARM_ISPENDR), ==, 0);
    g_assert_cmphex(get(KVM_MODEL_ARM_GRP_DIST, KVM_MODEL_ARM_ICFGR), ==, 0);
    g_assert_cmphex(get(KVM_MODEL_ARM_GRP_DIST, KVM_MODEL_ARM_ICFGR + 8), ==,
                    0xaaaaaaaa);
    set(KVM_MODEL_ARM_GRP_REDIST, KVM_MODEL_ARM_REDIST_SGI +
        SPI_REG(KVM_MODEL_ARM_ISENABLER), ~0u);
    g_assert_cmphex(get(KVM_MODEL_ARM_GRP_DIST,
                        SPI_REG(KVM_MODEL_ARM_ISENABLER)), ==, 0);
}

static void test_attr_errno(void)
{
    static const struct {
        KVMModelGIC gic;
        bool write;
        unsigned group;
        uint64_t attr;
        uint32_t value;
        int ret;
    } rows[] = {
        { KVM_MODEL_NO_GIC, true, KVM_MODEL_ARM_GRP_CTRL, 0, 0, -ENODEV },
        { KVM_MODEL_NO_GIC, false, KVM_MODEL_ARM_GRP_DIST, 0, 0, -ENODEV },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_CTRL, 1, 0, -ENXIO },
        { KVM_MODEL_GICV2, false, KVM_MODEL_ARM_GRP_CTRL, 0, 0, -ENXIO },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_REDIST, 0, 0, -ENXIO },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_LEVEL_INFO, 0, 0, -ENXIO },
        { KVM_MODEL_GICV3, true, KVM_MODEL_ARM_GRP_DIST, 0, 0, -EBUSY },
        { KVM_MODEL_GICV3, true, KVM_MODEL_ARM_GRP_REDIST,
          ATTR(0x200, 0x10100), 0, -EINVAL },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_DIST, ATTR(VCPUS, 0x100), 0,
          -EINVAL },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_NR_IRQS, 0, 32, -EINVAL },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_NR_IRQS, 0, 70, -EINVAL },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_NR_IRQS, 0, 1024, -EINVAL },
        { KVM_MODEL_GICV2, true, KVM_MODEL_ARM_GRP_NR_IRQS, 0, 992, 0 },
        { KVM_MODEL_GICV3, true, 9, 0, 0, -ENXIO },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint32_t value = rows[i].value;

        vm(rows[i].gic, KVM_MODEL_ARM_SPIS_UNSET);
        g_assert_cmpint(rows[i].write ?
                        kvm_model_arm_set_attr(&arm, rows[i].group,
                                               rows[i].attr, value) :
                        kvm_model_arm_get_attr(&arm, rows[i].group,
                                               rows[i].attr, &value),
                        ==, rows[i].ret);
    }
}

static void test_irqfd(void)
{
    vm(KVM_MODEL_GICV3, 64);
    g_assert_cmpint(kvm_model_arm_irqfd(&arm, SPI - 32, true), ==, -EAGAIN);
    kvm_model_arm_gic_init(&arm);
    /* There is none such, and nothing comes of it */
    g_assert_cmpint(kvm_model_arm_irqfd(&arm, 64, true), ==, 0);
    kvm_model_arm_irqfd_signal(&arm, 64);
    g_assert_cmpuint(arm.queued, ==, 0);
    kvm_model_arm_configure(&arm, 0, SPI, true);
    g_assert_cmpint(kvm_model_arm_irqfd(&arm, SPI - 32, false), ==, 0);
    kvm_model_arm_irqfd_signal(&arm, SPI - 32);
    kvm_model_arm_ack(&arm, 0, SPI);
    g_assert_true(kvm_model_arm_pending(&arm, 0, SPI));
    g_assert_cmpuint(arm.resampled, ==, 0);
    g_assert_cmpint(kvm_model_arm_irqfd(&arm, SPI - 32, true), ==, 0);
    kvm_model_arm_ack(&arm, 0, SPI);
    g_assert_false(kvm_model_arm_pending(&arm, 0, SPI));
    g_assert_cmpuint(arm.resampled, ==, 1);
    /* An edge has no end that anybody hears of */
    kvm_model_arm_configure(&arm, 0, SPI, false);
    kvm_model_arm_ack(&arm, 0, SPI);
    g_assert_cmpuint(arm.resampled, ==, 1);
}

static int issue(KVMModelArmPort *p, uint32_t word, bool level)
{
    return p->port.ops->irq_line(&p->port, word, level);
}

static void test_port(void)
{
    static KVMModelArmPort p;

    vm(KVM_MODEL_GICV2, 64);
    kvm_model_arm_port_init(&p, &arm);
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, false), ==, 0);
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, true), ==, 0);
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, true), ==, 0);
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, false), ==, 0);
    g_assert_cmpuint(p.repeated_lowers, ==, 1);
    g_assert_cmpuint(p.repeated_raises, ==, 1);
    /* PPIs of two vCPUs are two lines */
    g_assert_cmpint(issue(&p, 2 << 24 | PPI, true), ==, 0);
    g_assert_cmpint(issue(&p, 2 << 24 | 1 << 16 | PPI, true), ==, 0);
    g_assert_cmpint(issue(&p, 2 << 24 | (PPI + 1), false), ==, 0);
    g_assert_cmpuint(p.repeated_lowers, ==, 2);
    g_assert_cmpuint(p.repeated_raises, ==, 1);
    g_assert_cmpuint(p.refused, ==, 0);

    /* What is refused has moved nothing */
    p.fail = EIO;
    p.fail_times = 2;
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, true), ==, -EIO);
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, true), ==, -EIO);
    g_assert_cmpint(issue(&p, 1 << 24 | SPI, true), ==, 0);
    g_assert_cmpuint(p.repeated_raises, ==, 1);
    p.fail = EINTR;
    for (int i = 0; i < 5; i++) {
        g_assert_cmpint(issue(&p, 7, false), ==, -EINTR);
    }
    p.fail = 0;
    g_assert_cmpint(issue(&p, 7, false), ==, -ENXIO);
    g_assert_cmpuint(p.refused, ==, 8);
    g_assert_cmpuint(p.ioctls, ==, 16);
    g_assert_cmphex(p.last, ==, 7);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm-model/arm-gic/iar", test_iar);
    g_test_add_func("/kvm-model/arm-gic/private", test_private);
    g_test_add_func("/kvm-model/arm-gic/attr-errno", test_attr_errno);
    g_test_add_func("/kvm-model/arm-gic/irqfd", test_irqfd);
    g_test_add_func("/kvm-model/arm-gic/port", test_port);
    return g_test_run();
}
