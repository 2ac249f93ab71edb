/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a scenario of Arm. Their words are explained in the file
 * scenarios-arm.
 */
#include "qemu/osdep.h"
#include "arm-scenario.h"

static unsigned number(const char *word)
{
    return word ? g_ascii_strtoull(word, NULL, 0) : 0;
}

static void saw(ArmRun *r, ArmIntid i)
{
    for (unsigned n = 0; n < r->n_seen; n++) {
        if (r->seen[n].vcpu == i.vcpu && r->seen[n].intid == i.intid) {
            return;
        }
    }
    if (r->n_seen < ARM_SEEN_MAX) {
        r->seen[r->n_seen++] = i;
    }
}

/* Lines */

static int move(ArmRun *r, unsigned type, unsigned vcpu, unsigned nr,
                const char *level)
{
    uint32_t word = type << KVM_MODEL_ARM_TYPE_SHIFT | nr;

    if (r->end->config.layout1) {
        word |= vcpu << KVM_MODEL_ARM_VCPU_SHIFT;
    } else {
        word |= (vcpu & KVM_MODEL_ARM_VCPU_MASK) << KVM_MODEL_ARM_VCPU_SHIFT |
                vcpu >> 8 << KVM_MODEL_ARM_VCPU2_SHIFT;
    }
    return r->end->ops->irq_line(r->end, word, number(level));
}

static int do_spi(ArmRun *r, char **argv, char *result)
{
    return move(r, KVM_MODEL_ARM_SPI, 0, number(argv[0]), argv[1]);
}

static int do_ppi(ArmRun *r, char **argv, char *result)
{
    ArmIntid i = arm_intid(argv[0]);

    return move(r, KVM_MODEL_ARM_PPI, i.vcpu, i.intid, argv[1]);
}

static int do_irq(ArmRun *r, char **argv, char *result)
{
    return move(r, KVM_MODEL_ARM_CPU, number(argv[0]), KVM_MODEL_ARM_IRQ,
                argv[1]);
}

static int do_fiq(ArmRun *r, char **argv, char *result)
{
    return move(r, KVM_MODEL_ARM_CPU, number(argv[0]), KVM_MODEL_ARM_FIQ,
                argv[1]);
}

static int do_word(ArmRun *r, char **argv, char *result)
{
    return r->end->ops->irq_line(r->end, number(argv[0]), number(argv[1]));
}

/* The GIC */

static int do_get(ArmRun *r, char **argv, char *result)
{
    for (; *argv; argv++) {
        saw(r, arm_intid(*argv));
    }
    return 0;
}

/* FIELD INTID 0|1 */
static int do_set(ArmRun *r, char **argv, char *result)
{
    ArmIntid i = arm_intid(argv[1]);

    saw(r, i);
    return arm_field_set(r->end, argv[0], i, number(argv[2]));
}

/* GROUP ATTR [VALUE] */
static int do_attr(ArmRun *r, char **argv, char *result)
{
    uint64_t attr = g_ascii_strtoull(argv[1], NULL, 0);
    uint32_t value = number(argv[2]);
    int ret = r->end->ops->attr(r->end, number(argv[0]), attr, &value, argv[2]);

    if (!ret && !argv[2]) {
        snprintf(result, ARM_RESULT_SIZE, "0x%x", value);
    }
    return ret;
}

static int do_init(ArmRun *r, char **argv, char *result)
{
    uint32_t none = 0;

    return r->end->ops->attr(r->end, KVM_MODEL_ARM_GRP_CTRL,
                             KVM_MODEL_ARM_CTRL_INIT, &none, true);
}

static int do_irqs(ArmRun *r, char **argv, char *result)
{
    uint32_t value = number(argv[0]);

    return r->end->ops->attr(r->end, KVM_MODEL_ARM_GRP_NR_IRQS, 0, &value,
                             true);
}

static int do_irqfd(ArmRun *r, char **argv, char *result)
{
    return r->end->ops->irqfd(r->end, number(argv[0]), argv[1] != NULL);
}

static int do_signal(ArmRun *r, char **argv, char *result)
{
    r->end->ops->irqfd_signal(r->end, number(argv[0]));
    return 0;
}

static int do_resampled(ArmRun *r, char **argv, char *result)
{
    return r->end->ops->resampled(r->end);
}

/* The guest */

static int do_iar(ArmRun *r, char **argv, char *result)
{
    unsigned intid = r->end->ops->iar(r->end, number(argv[0]));

    if (intid == ARM_HUNG) {
        snprintf(result, ARM_RESULT_SIZE, "hung");
    } else if (intid == KVM_MODEL_ARM_SPURIOUS) {
        snprintf(result, ARM_RESULT_SIZE, "none");
    }
    return intid;
}

static int do_eoi(ArmRun *r, char **argv, char *result)
{
    ArmIntid i = arm_intid(argv[0]);

    r->end->ops->eoi(r->end, i.vcpu, i.intid);
    return 0;
}

static int do_pins(ArmRun *r, char **argv, char *result)
{
    static const char *const names[] = { "none", "irq", "fiq", "irq+fiq" };
    unsigned pins = r->end->ops->pins(r->end, number(argv[0]));

    if (pins == ARM_HUNG) {
        snprintf(result, ARM_RESULT_SIZE, "hung");
    } else if ((pins & 3) == pins >> 2) {
        snprintf(result, ARM_RESULT_SIZE, "%s", names[pins & 3]);
    } else {
        snprintf(result, ARM_RESULT_SIZE, "%s,took:%s", names[pins & 3],
                 names[pins >> 2 & 3]);
    }
    return 0;
}

static int do_vcpu_init(ArmRun *r, char **argv, char *result)
{
    return r->end->ops->vcpu_init(r->end, number(argv[0]));
}

static int do_cpu_on(ArmRun *r, char **argv, char *result)
{
    return r->end->ops->cpu_on(r->end, number(argv[0]));
}

static const struct {
    const char *name;
    unsigned args;              /* at least */
    int (*step)(ArmRun *r, char **argv, char *result);
} steps[] = {
    { "spi", 2, do_spi }, { "ppi", 2, do_ppi }, { "irq", 2, do_irq },
    { "fiq", 2, do_fiq }, { "word", 2, do_word }, { "get", 1, do_get },
    { "set", 3, do_set }, { "attr", 2, do_attr }, { "init", 0, do_init },
    { "irqs", 1, do_irqs }, { "irqfd", 1, do_irqfd },
    { "signal", 1, do_signal }, { "resampled", 0, do_resampled },
    { "iar", 0, do_iar }, { "eoi", 1, do_eoi }, { "pins", 1, do_pins },
    { "vcpu-init", 1, do_vcpu_init }, { "cpu-on", 1, do_cpu_on },
};

bool arm_step_do(ArmRun *r, char **argv, char result[ARM_RESULT_SIZE])
{
    *result = 0;
    for (size_t i = 0; argv[0] && i < G_N_ELEMENTS(steps); i++) {
        if (!strcmp(steps[i].name, argv[0]) &&
            g_strv_length(argv) > steps[i].args) {
            int ret = steps[i].step(r, argv + 1, result);

            if (!*result) {
                show_errno(ret, result, ARM_RESULT_SIZE);
            }
            return true;
        }
    }
    return false;
}
