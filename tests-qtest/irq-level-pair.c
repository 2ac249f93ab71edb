/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two VMs on the model of the kernel that see the same.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-level-pair.h"

PairVM every, some;
IrqLevels levels;

static void start_vm(PairVM *vm, unsigned gic, bool ready)
{
    kvm_model_arm_init(&vm->arm, gic == 0 ? KVM_MODEL_NO_GIC :
                       gic == 2 ? KVM_MODEL_GICV2 : KVM_MODEL_GICV3,
                       gic ? PAIR_SPIS : 0, vm->vcpus, PAIR_VCPUS);
    if (ready) {
        kvm_model_arm_gic_init(&vm->arm);
    }
}

void pair_start(unsigned gic, bool ready)
{
    static uint8_t storage[4096];
    IrqLineRules rules;

    start_vm(&every, gic, ready);
    start_vm(&some, gic, ready);
    g_assert_cmpint(irq_line_rules(&rules, gic, true, PAIR_VCPUS, PAIR_SPIS,
                                   NULL), ==, 0);
    g_assert_cmpuint(irq_levels_size(&rules), <=, sizeof(storage));
    irq_levels_init(&levels, &rules, storage);
}

int pair_issue(PairVM *vm, const IrqLine *line, bool level)
{
    uint32_t word;

    g_assert_cmpint(irq_line_encode(&levels.rules, line, &word, NULL), ==, 0);
    return kvm_model_arm_irq_line(&vm->arm, word, level);
}

bool pair_move(const IrqLine *line, bool level)
{
    int ret = pair_issue(&every, line, level);

    if (irq_levels_look(&levels, line, level) != IRQ_LEVEL_ISSUE) {
        return false;
    }
    g_assert_cmpint(pair_issue(&some, line, level), ==, ret);
    irq_levels_done(&levels, line, level, ret);
    return true;
}

void pair_restore(const IrqLine *line, bool level)
{
    pair_issue(&every, line, level);
    if (irq_levels_restore(&levels, line, level)) {
        irq_levels_done(&levels, line, level, pair_issue(&some, line, level));
    }
}

void pair_configure(const IrqLine *line, bool level)
{
    kvm_model_arm_configure(&every.arm, line->vcpu, line->number, level);
    kvm_model_arm_configure(&some.arm, line->vcpu, line->number, level);
}

void pair_ack(const IrqLine *line)
{
    kvm_model_arm_ack(&every.arm, line->vcpu, line->number);
    kvm_model_arm_ack(&some.arm, line->vcpu, line->number);
}

void pair_check_same(void)
{
    g_assert_cmpmem(every.vcpus, sizeof(every.vcpus), some.vcpus,
                    sizeof(some.vcpus));
    g_assert_cmpmem(every.arm.spi, sizeof(every.arm.spi), some.arm.spi,
                    sizeof(some.arm.spi));
    g_assert_cmpuint(every.arm.queued, ==, some.arm.queued);
}
