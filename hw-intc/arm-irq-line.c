/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device through which every KVM_IRQ_LINE of an Arm VM goes.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "hw/intc/intc.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "arm-irq-line-int.h"
#include "arm-irq-line-model.h"
#include "class-data.h"
#include "trace.h"

static ArmIrqLineState *the_device;

ArmIrqLineState *arm_irq_line(void)
{
    return the_device;
}

/* An input that is refused may come at any rate: it is reported once */
static void arm_irq_line_refuse(ArmIrqLineState *s, const IrqLine *line,
                                const char *why)
{
    char text[IRQ_LINE_TEXT_MAX];

    irq_line_text(line, text);
    trace_arm_irq_line_refused(text, why);
    if (!s->refused) {
        s->refused = true;
        error_report("arm-irq-line: %s cannot be moved: %s (all that follow "
                     "are counted only)", text, why);
    }
}

/* KVM_IRQ_LINE. A refusal is counted, and the VM goes on */
static void arm_irq_line_issue(ArmIrqLineState *s, const IrqLine *line,
                               bool level)
{
    IrqLineFault fault;
    uint32_t word;
    int ret = irq_line_encode(&s->levels.rules, line, &word, &fault);

    if (ret < 0) {
        char text[IRQ_LINE_TEXT_MAX];

        arm_irq_line_refuse(s, line, irq_line_fault_text(&fault, text));
    } else {
        ret = s->port->ops->irq_line(s->port, word, level);
        if (ret < 0) {
            g_autofree char *why = g_strdup_printf("KVM: %s", strerror(-ret));

            arm_irq_line_refuse(s, line, why);
        } else if (level) {
            arm_irq_line_count(s, line);
        }
    }
    irq_levels_done(&s->levels, line, level, ret);
}

static void arm_irq_line_move(ArmIrqLineState *s, IrqLineType type,
                              unsigned vcpu, unsigned number, bool level)
{
    static const char *const verdicts[] = {
        [IRQ_LEVEL_ISSUE] = "issue",
        [IRQ_LEVEL_SAVE_LOWER] = "save this lower",
        [IRQ_LEVEL_SAVE_RAISE] = "save this raise",
    };
    IrqLine line = { .type = type, .vcpu = vcpu, .number = number };
    IrqLevelVerdict verdict;

    assert(bql_locked());
    verdict = irq_levels_look(&s->levels, &line, level);
    trace_arm_irq_line_set(irq_line_type_name(type), vcpu, number, level,
                           verdicts[verdict]);
    if (verdict == IRQ_LEVEL_ISSUE) {
        arm_irq_line_issue(s, &line, level);
    }
}

/* The line has to be there, by state that was loaded */
static void arm_irq_line_restore(ArmIrqLineState *s, const IrqLine *line,
                                 bool level)
{
    char text[IRQ_LINE_TEXT_MAX];

    if (irq_levels_restore(&s->levels, line, level)) {
        trace_arm_irq_line_reissue(irq_line_text(line, text), level);
        arm_irq_line_issue(s, line, level);
    }
}

/* The inputs of the device */

static void arm_irq_line_spi(void *opaque, int n, int level)
{
    ArmIrqLineState *s = opaque;

    arm_irq_line_move(s, IRQ_LINE_SPI, 0, n + ARM_IRQ_LINE_PRIVATE, level);
}

static void arm_irq_line_ppi(void *opaque, int n, int level)
{
    ArmIrqLineState *s = opaque;

    arm_irq_line_move(s, IRQ_LINE_PPI, n / ARM_IRQ_LINE_PRIVATE,
                      n % ARM_IRQ_LINE_PRIVATE, level);
}

static void arm_irq_line_cpu(void *opaque, int n, int level)
{
    ArmIrqLineState *s = opaque;

    if (s->model) {
        arm_irq_line_model_input(s->model, n / 2, n % 2, level);
    }
    arm_irq_line_move(s, IRQ_LINE_CPU, n / 2, n % 2, level);
}

/* Those of the GICs and the CPUs */

void arm_irq_line_gic_input(int irq, int level)
{
    ArmIrqLineState *s = the_device;

    if (!s) {
        return;
    }
    if (irq < (int)s->levels.rules.spis) {
        arm_irq_line_spi(s, irq, level);
    } else {
        arm_irq_line_ppi(s, irq - s->levels.rules.spis, level);
    }
}

void arm_irq_line_cpu_input(unsigned vcpu, unsigned number, bool level)
{
    if (the_device) {
        arm_irq_line_move(the_device, IRQ_LINE_CPU, vcpu, number, level);
    }
}

/* Where the kernel's lines change by other means */

void arm_irq_line_vcpu_init(unsigned vcpu)
{
    if (the_device) {
        trace_arm_irq_line_vcpu_init(vcpu);
        irq_levels_vcpu_init(&the_device->levels, vcpu);
    }
}

void arm_irq_line_vcpu_put(unsigned vcpu, bool irq, bool fiq)
{
    ArmIrqLineState *s = the_device;
    IrqLine line = { .type = IRQ_LINE_CPU, .vcpu = vcpu };

    if (!s || s->levels.rules.gic) {
        return;
    }
    line.number = IRQ_LINE_CPU_IRQ;
    arm_irq_line_restore(s, &line, irq);
    line.number = IRQ_LINE_CPU_FIQ;
    arm_irq_line_restore(s, &line, fiq);
}

void arm_irq_line_gicv3_put(ArmIrqLineLevel level, void *opaque)
{
    ArmIrqLineState *s = the_device;
    IrqLine line = { .type = IRQ_LINE_SPI };

    if (!s) {
        return;
    }
    trace_arm_irq_line_reread(s->levels.rules.spis);
    /* The PPIs' were put as well */
    irq_levels_forget(&s->levels);
    for (unsigned i = 0; i < s->levels.rules.spis; i++) {
        line.number = i + ARM_IRQ_LINE_PRIVATE;
        irq_levels_set(&s->levels, &line, level(opaque, line.number) ?
                       IRQ_LEVEL_HIGH : IRQ_LEVEL_LOW);
    }
}

static void arm_irq_line_gicv2(bool level, ArmIrqLineLevel high, void *opaque)
{
    ArmIrqLineState *s = the_device;
    IrqLine line = { .type = IRQ_LINE_SPI };

    if (!s) {
        return;
    }
    for (unsigned i = 0; i < s->levels.rules.spis; i++) {
        line.number = i + ARM_IRQ_LINE_PRIVATE;
        if (high(opaque, line.number) == level) {
            arm_irq_line_restore(s, &line, level);
        }
    }
}

void arm_irq_line_gicv2_load(ArmIrqLineLevel high, void *opaque)
{
    arm_irq_line_gicv2(false, high, opaque);
}

void arm_irq_line_gicv2_put(ArmIrqLineLevel high, void *opaque)
{
    arm_irq_line_gicv2(true, high, opaque);
}

bool arm_irq_line_high(unsigned intid)
{
    IrqLine line = { .type = IRQ_LINE_SPI, .number = intid };

    return the_device &&
           irq_levels_get(&the_device->levels, &line) == IRQ_LEVEL_HIGH;
}

void arm_irq_line_irqfd(unsigned gsi, bool assigned)
{
    ArmIrqLineState *s = the_device;
    IrqLine line = { .type = IRQ_LINE_SPI };

    /* Other GSIs are routes of MSIs */
    if (s && gsi < s->levels.rules.spis) {
        trace_arm_irq_line_irqfd(gsi + ARM_IRQ_LINE_PRIVATE, assigned);
        line.number = gsi + ARM_IRQ_LINE_PRIVATE;
        irq_levels_shared(&s->levels, &line, assigned);
    }
}

/* The device */

static void arm_irq_line_realize(DeviceState *dev, Error **errp)
{
    ArmIrqLineState *s = ARM_IRQ_LINE(dev);
    IrqLineRules rules;

    if (the_device) {
        error_setg(errp, "arm-irq-line: the VM has one already");
        return;
    }
    if (s->kvm_model) {
        if (!arm_irq_line_model_init(s, errp)) {
            return;
        }
    } else if (!s->port) {
        error_setg(errp, "arm-irq-line: made by the machine; with -accel qtest "
                   "set x-kvm-model=on");
        return;
    }
    if (irq_line_rules(&rules, s->gic, !s->layout1, s->vcpus, s->spis, NULL)) {
        error_setg(errp, "arm-irq-line: KVM has no GICv%u with %u vCPUs and %u "
                   "SPIs", s->gic, s->vcpus, s->spis);
        return;
    }
    s->storage = g_malloc(irq_levels_size(&rules));
    irq_levels_init(&s->levels, &rules, s->storage);
    s->levels.off = !s->level_memory;
    if (!arm_irq_line_level_spis(&s->levels, s->level_spis, errp)) {
        return;
    }
    s->n_raises = rules.gic ? ARM_IRQ_LINE_PRIVATE + rules.spis :
                  rules.vcpus * 2;
    s->raises = g_new0(uint64_t, s->n_raises);
    qdev_init_gpio_in_named(dev, arm_irq_line_spi, "spi",
                            ARM_IRQ_LINE_SPIS_MAX);
    qdev_init_gpio_in_named(dev, arm_irq_line_ppi, "ppi",
                            rules.vcpus * ARM_IRQ_LINE_PRIVATE);
    qdev_init_gpio_in_named(dev, arm_irq_line_cpu, "cpu", rules.vcpus * 2);
    the_device = s;
}

static void arm_irq_line_finalize(Object *obj)
{
    ArmIrqLineState *s = ARM_IRQ_LINE(obj);

    if (the_device == s) {
        the_device = NULL;
    }
    arm_irq_line_model_free(s);
    g_free(s->storage);
    g_free(s->raises);
}

static const Property arm_irq_line_properties[] = {
    DEFINE_PROP_BOOL("level-memory", ArmIrqLineState, level_memory, true),
    DEFINE_PROP_STRING("level-spis", ArmIrqLineState, level_spis),
    DEFINE_PROP_BOOL("x-kvm-model", ArmIrqLineState, kvm_model, false),
    DEFINE_PROP_UINT32("gic-version", ArmIrqLineState, gic, 3),
    DEFINE_PROP_UINT32("vcpus", ArmIrqLineState, vcpus, 1),
    DEFINE_PROP_UINT32("spis", ArmIrqLineState, spis, 256),
    DEFINE_PROP_BOOL("x-layout1", ArmIrqLineState, layout1, false),
};

static void arm_irq_line_class_init(ObjectClass *oc, IntackClassData *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->realize = arm_irq_line_realize;
    dc->desc = "Lines into the GIC or the CPUs of an Arm VM (KVM_IRQ_LINE)";
    /* For -device help and its properties; realize refuses all but a test */
    dc->user_creatable = true;
    dc->hotpluggable = false;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, arm_irq_line_properties);
    arm_irq_line_info_class_init(oc);
    arm_irq_line_model_class_init(oc);
}

static const TypeInfo arm_irq_line_types[] = {
    {
        .name = TYPE_ARM_IRQ_LINE,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(ArmIrqLineState),
        .instance_finalize = arm_irq_line_finalize,
        .class_init = arm_irq_line_class_init,
        .interfaces = (InterfaceInfo[]) {
            { TYPE_INTERRUPT_STATS_PROVIDER },
            { }
        },
    },
};

DEFINE_TYPES(arm_irq_line_types)
