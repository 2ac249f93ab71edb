/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of the model of KVM_IRQ_LINE on Arm.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "kvm-model-arm.h"

#define VCPUS 300

static KVMModelArm arm;
static KVMModelArmVCPU vcpus[VCPUS];

static int line(unsigned type, unsigned vcpu, unsigned nr, bool level)
{
    uint32_t irq = (vcpu / 256) << 28 | type << 24 | (vcpu % 256) << 16 | nr;

    return kvm_model_arm_irq_line(&arm, irq, level);
}

typedef struct Row {
    KVMModelGIC gic;
    bool initialized;
    unsigned type, vcpu, nr;
    int ret;
} Row;

/* With 64 SPIs (32..95) and 300 vCPUs, before Linux 7.2 */
static const Row rows[] = {
    /* The pins of a processor, only without a GIC */
    { KVM_MODEL_NO_GIC, false, 0, 0, 0, 0 },
    { KVM_MODEL_NO_GIC, false, 0, 299, 1, 0 },
    { KVM_MODEL_NO_GIC, false, 0, 300, 0, -EINVAL },
    { KVM_MODEL_NO_GIC, false, 0, 0, 2, -EINVAL },
    { KVM_MODEL_GICV2, true, 0, 0, 0, -ENXIO },
    { KVM_MODEL_GICV2, true, 0, 4000, 9, -ENXIO },
    { KVM_MODEL_GICV3, false, 0, 0, 0, -ENXIO },
    /* SPIs */
    { KVM_MODEL_NO_GIC, false, 1, 0, 32, -ENXIO },
    { KVM_MODEL_NO_GIC, false, 1, 0, 3, -ENXIO },
    { KVM_MODEL_GICV2, true, 1, 0, 31, -EINVAL },
    { KVM_MODEL_GICV2, true, 1, 0, 32, 0 },
    { KVM_MODEL_GICV2, true, 1, 0, 95, 0 },
    { KVM_MODEL_GICV2, true, 1, 0, 96, -EINVAL },
    { KVM_MODEL_GICV3, true, 1, 0, 1019, -EINVAL },
    { KVM_MODEL_GICV3, true, 1, 0, 8192, -EINVAL },
    { KVM_MODEL_GICV3, true, 1, 4000, 40, 0 },
    /* A GICv2 starts by itself; the number is looked at before, and after */
    { KVM_MODEL_GICV2, false, 1, 0, 40, 0 },
    { KVM_MODEL_GICV2, false, 1, 0, 96, -EINVAL },
    { KVM_MODEL_GICV3, false, 1, 0, 40, -EBUSY },
    { KVM_MODEL_GICV3, false, 1, 0, 96, -EBUSY },
    { KVM_MODEL_GICV3, false, 1, 0, 31, -EINVAL },
    /* PPIs */
    { KVM_MODEL_NO_GIC, false, 2, 0, 20, -ENXIO },
    { KVM_MODEL_GICV2, true, 2, 0, 15, -EINVAL },
    { KVM_MODEL_GICV2, true, 2, 0, 16, 0 },
    { KVM_MODEL_GICV3, true, 2, 299, 31, 0 },
    { KVM_MODEL_GICV3, true, 2, 0, 32, -EINVAL },
    { KVM_MODEL_GICV3, true, 2, 300, 20, -EINVAL },
    { KVM_MODEL_GICV3, false, 2, 300, 20, -EINVAL },
    { KVM_MODEL_GICV3, false, 2, 0, 20, -EBUSY },
    /* There are no others */
    { KVM_MODEL_NO_GIC, false, 3, 0, 0, -EINVAL },
    { KVM_MODEL_GICV3, true, 15, 0, 40, -EINVAL },
};

static void test_errno(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *r = &rows[i];

        for (int level = 0; level < 2; level++) {
            kvm_model_arm_init(&arm, r->gic, 64, vcpus, VCPUS);
            arm.initialized = r->initialized;
            arm.linux_version = KVM_MODEL_ARM_LINUX(7, 1);
            g_assert_cmpint(line(r->type, r->vcpu, r->nr, level), ==, r->ret);
            g_assert_cmpint(arm.initialized, ==, r->initialized ||
                            (r->gic == KVM_MODEL_GICV2 && r->type == 1 &&
                             r->nr >= 32));
        }
    }
}

/* Since then the GIC's initialisation comes before all but type and GIC */
static void test_busy(void)
{
    static const Row later[] = {
        { KVM_MODEL_GICV3, false, 1, 0, 31, -EBUSY },
        { KVM_MODEL_GICV3, false, 2, 300, 20, -EBUSY },
        { KVM_MODEL_GICV3, false, 2, 0, 15, -EBUSY },
        { KVM_MODEL_GICV3, false, 0, 0, 0, -ENXIO },
        { KVM_MODEL_GICV3, false, 3, 0, 0, -EINVAL },
        { KVM_MODEL_NO_GIC, false, 1, 0, 31, -ENXIO },
        { KVM_MODEL_GICV3, true, 1, 0, 31, -EINVAL },
        { KVM_MODEL_GICV3, true, 2, 300, 20, -EINVAL },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(later); i++) {
        const Row *r = &later[i];

        kvm_model_arm_init(&arm, r->gic, 64, vcpus, VCPUS);
        arm.initialized = r->initialized;
        g_assert_cmpint(line(r->type, r->vcpu, r->nr, true), ==, r->ret);
    }
    kvm_model_arm_init(&arm, KVM_MODEL_GICV2, 64, vcpus, VCPUS);
    g_assert_cmpint(line(1, 0, 31, true), ==, -EINVAL);
    g_assert_true(arm.initialized);
}

/* The old layout: the type is the whole byte, vCPUs end at 255 */
static void test_layout(void)
{
    kvm_model_arm_init(&arm, KVM_MODEL_NO_GIC, 64, vcpus, VCPUS);
    g_assert_cmpint(line(0, 256, 0, true), ==, 0);
    g_assert_cmphex(vcpus[256].pins, ==, 1);
    g_assert_cmphex(vcpus[0].pins, ==, 0);
    arm.layout2 = false;
    g_assert_cmpint(line(0, 256, 0, false), ==, -EINVAL);
    g_assert_cmpint(line(0, 255, 0, true), ==, 0);
    g_assert_cmphex(vcpus[256].pins, ==, 1);
}

/* A vCPU is kicked for a change of its pins only; its reset drops them */
static void test_pins(void)
{
    static const struct {
        unsigned nr;
        bool level;
        unsigned pins, kicks;
    } steps[] = {
        { 0, false, 0, 0 }, { 0, true, 1, 1 }, { 0, true, 1, 1 },
        { 1, true, 3, 2 }, { 0, false, 2, 3 }, { 0, false, 2, 3 },
        { 1, false, 0, 4 }, { 0, true, 1, 5 },
    };

    kvm_model_arm_init(&arm, KVM_MODEL_NO_GIC, 0, vcpus, VCPUS);
    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_assert_cmpint(line(0, 7, steps[i].nr, steps[i].level), ==, 0);
        g_assert_cmphex(vcpus[7].pins, ==, steps[i].pins);
        g_assert_cmpuint(vcpus[7].kicks, ==, steps[i].kicks);
    }
    kvm_model_arm_vcpu_init(&arm, 7);
    g_assert_cmphex(vcpus[7].pins, ==, 0);
    /* Raised once more it is a change again */
    g_assert_cmpint(line(0, 7, 0, true), ==, 0);
    g_assert_cmpuint(vcpus[7].kicks, ==, 6);
    /* It had not run. Since Linux 6.11 they stay, if it has */
    kvm_model_arm_first_run(&arm, 7);
    kvm_model_arm_vcpu_init(&arm, 7);
    g_assert_cmphex(vcpus[7].pins, ==, 1);
    arm.linux_version = KVM_MODEL_ARM_LINUX(6, 10);
    kvm_model_arm_vcpu_init(&arm, 7);
    g_assert_cmphex(vcpus[7].pins, ==, 0);
}

/*
 * Each 1 on an edge line is an edge; on a level line only a change counts. A
 * PPI is a level line, whatever the guest writes.
 */
static void lines(unsigned type, unsigned vcpu, unsigned nr, bool is_level)
{
    kvm_model_arm_init(&arm, KVM_MODEL_GICV3, 64, vcpus, VCPUS);
    g_assert_cmpint(kvm_model_arm_gic_init(&arm), ==, 0);
    kvm_model_arm_configure(&arm, vcpu, nr, is_level && type == 1);

    line(type, vcpu, nr, false);
    g_assert_false(kvm_model_arm_pending(&arm, vcpu, nr));
    line(type, vcpu, nr, true);
    g_assert_true(kvm_model_arm_pending(&arm, vcpu, nr));
    g_assert_cmpuint(arm.queued, ==, 1);
    kvm_model_arm_ack(&arm, vcpu, nr);
    g_assert_cmpint(kvm_model_arm_pending(&arm, vcpu, nr), ==, is_level);
    line(type, vcpu, nr, true);
    g_assert_true(kvm_model_arm_pending(&arm, vcpu, nr));
    g_assert_cmpuint(arm.queued, ==, is_level ? 1 : 2);
    line(type, vcpu, nr, false);
    g_assert_cmpint(kvm_model_arm_pending(&arm, vcpu, nr), ==, !is_level);
    kvm_model_arm_ack(&arm, vcpu, nr);
    g_assert_false(kvm_model_arm_pending(&arm, vcpu, nr));
}

static void test_lines(void)
{
    lines(1, 0, 32, false);
    lines(1, 0, 95, true);
    lines(2, 299, 16, true);
    lines(2, 299, 31, true);
}

/* What they are before the guest says anything */
static void test_reset(void)
{
    kvm_model_arm_init(&arm, KVM_MODEL_GICV2, 64, vcpus, VCPUS);
    line(1, 0, 40, true);
    line(1, 0, 40, true);
    g_assert_cmpuint(arm.queued, ==, 2);
    line(2, 3, 20, true);
    line(2, 3, 20, true);
    g_assert_cmpuint(arm.queued, ==, 3);
    /* A PPI is one vCPU's */
    g_assert_true(kvm_model_arm_pending(&arm, 3, 20));
    g_assert_false(kvm_model_arm_pending(&arm, 2, 20));
    /* The timer's is the kernel's */
    kvm_model_arm_own(&arm, 3, 27);
    g_assert_cmpint(line(2, 3, 27, true), ==, 0);
    g_assert_false(kvm_model_arm_pending(&arm, 3, 27));
    g_assert_cmpint(line(2, 2, 27, true), ==, 0);
    g_assert_true(kvm_model_arm_pending(&arm, 2, 27));
    kvm_model_arm_init(&arm, KVM_MODEL_NO_GIC, 0, vcpus, VCPUS);
    g_assert_cmpint(kvm_model_arm_gic_init(&arm), ==, -ENODEV);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm-model/arm/errno", test_errno);
    g_test_add_func("/kvm-model/arm/busy", test_busy);
    g_test_add_func("/kvm-model/arm/layout", test_layout);
    g_test_add_func("/kvm-model/arm/pins", test_pins);
    g_test_add_func("/kvm-model/arm/lines", test_lines);
    g_test_add_func("/kvm-model/arm/reset", test_reset);
    return g_test_run();
}
