/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of KVM_IRQ_LINE behind arm-irq-line, as a test sees it.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/cutils.h"
#include "arm-irq-line-model-int.h"

/* NULL, and *@errp: there is none behind this device */
static ArmIrqLineModel *model_of(Object *obj, const char *name, Error **errp)
{
    ArmIrqLineModel *m = ARM_IRQ_LINE(obj)->model;

    if (!m) {
        error_setg(errp, "%s: wants x-kvm-model=on", name);
    }
    return m;
}

/* The line of x-model-word */

static uint8_t *find_line(const ArmIrqLineModel *m, const IrqLine *line)
{
    bool vcpu = line->vcpu < m->kvm.vcpus;

    if (line->type == IRQ_LINE_SPI && line->number >= KVM_MODEL_ARM_PRIVATE &&
        line->number - KVM_MODEL_ARM_PRIVATE < m->kvm.spis) {
        return (uint8_t *)&m->kvm.spi[line->number - KVM_MODEL_ARM_PRIVATE];
    }
    if (line->type == IRQ_LINE_PPI && vcpu &&
        line->number >= KVM_MODEL_ARM_SGIS &&
        line->number < KVM_MODEL_ARM_PRIVATE) {
        return &m->kvm.vcpu[line->vcpu].ppi[line->number - KVM_MODEL_ARM_SGIS];
    }
    if (line->type == IRQ_LINE_CPU && vcpu &&
        line->number <= KVM_MODEL_ARM_FIQ) {
        return &m->kvm.vcpu[line->vcpu].pins;
    }
    return NULL;
}

static uint8_t *chosen_line(const ArmIrqLineModel *m, IrqLine *line,
                            const char *name, Error **errp)
{
    uint8_t *bits;

    irq_line_decode(m->kvm.layout2, m->word, line);
    bits = find_line(m, line);
    if (!bits) {
        error_setg(errp, "%s: x-model-word 0x%x names no line", name, m->word);
    }
    return bits;
}

static void get_bits(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);
    IrqLine line;
    uint8_t *bits = m ? chosen_line(m, &line, name, errp) : NULL;
    uint32_t val;

    if (bits) {
        val = *bits;
        if (line.type == IRQ_LINE_CPU) {
            val = val >> line.number & 1 ? KVM_MODEL_LINE_HIGH : 0;
        }
        visit_type_uint32(v, name, &val, errp);
    }
}

static void get_pending(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);
    IrqLine line;
    bool val;

    if (m && chosen_line(m, &line, name, errp)) {
        val = line.type != IRQ_LINE_CPU &&
              kvm_model_arm_pending(&m->kvm, line.vcpu, line.number);
        visit_type_bool(v, name, &val, errp);
    }
}

static void get_kicks(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);
    IrqLine line;

    if (m && chosen_line(m, &line, name, errp)) {
        visit_type_uint32(v, name, &m->kvm.vcpu[line.vcpu].kicks, errp);
    }
}

static void add_word(GString *list, unsigned type, unsigned vcpu, unsigned n)
{
    g_string_append_printf(list, "%s%x", list->len ? " " : "",
                           vcpu >> 8 << KVM_MODEL_ARM_VCPU2_SHIFT |
                           type << KVM_MODEL_ARM_TYPE_SHIFT |
                           (vcpu & KVM_MODEL_ARM_VCPU_MASK) <<
                           KVM_MODEL_ARM_VCPU_SHIFT | n);
}

static char *get_high(Object *obj, Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, "x-model-high", errp);
    GString *list;
    unsigned n;

    if (!m) {
        return NULL;
    }
    list = g_string_new("");
    for (n = KVM_MODEL_ARM_PRIVATE; n < KVM_MODEL_ARM_PRIVATE + m->kvm.spis;
         n++) {
        if (kvm_model_arm_pending(&m->kvm, 0, n)) {
            add_word(list, KVM_MODEL_ARM_SPI, 0, n);
        }
    }
    for (unsigned i = 0; i < m->kvm.vcpus; i++) {
        for (n = KVM_MODEL_ARM_SGIS; n < KVM_MODEL_ARM_PRIVATE; n++) {
            if (kvm_model_arm_pending(&m->kvm, i, n)) {
                add_word(list, KVM_MODEL_ARM_PPI, i, n);
            }
        }
        for (n = KVM_MODEL_ARM_IRQ; n <= KVM_MODEL_ARM_FIQ; n++) {
            if (m->kvm.vcpu[i].pins >> n & 1) {
                add_word(list, KVM_MODEL_ARM_CPU, i, n);
            }
        }
    }
    return g_string_free(list, false);
}

/* Numbers of the model */

static void get_count(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);
    uint64_t val;

    if (m) {
        val = !strcmp(name, "x-model-ioctls") ? m->port.ioctls :
              !strcmp(name, "x-model-repeated-lowers") ?
              m->port.repeated_lowers : m->port.repeated_raises;
        visit_type_uint64(v, name, &val, errp);
    }
}

static void get_number(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);
    uint32_t val;

    if (m) {
        val = !strcmp(name, "x-model-word") ? m->word :
              !strcmp(name, "x-model-fail") ? m->port.fail :
              !strcmp(name, "x-model-last") ? m->port.last : m->kvm.queued;
        visit_type_uint32(v, name, &val, errp);
    }
}

static void set_word(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);

    if (m) {
        visit_type_uint32(v, name, &m->word, errp);
    }
}

static void set_fail(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, name, errp);
    uint32_t val;

    if (!m || !visit_type_uint32(v, name, &val, errp)) {
        return;
    }
    if (val > 4095) {
        error_setg(errp, "%s: %u is out of range 0..4095", name, val);
        return;
    }
    m->port.fail = val;
}

/* x-model-do */

typedef struct Command {
    const char *name;
    unsigned args;
    bool line;                  /* it is about that of x-model-word */
    void (*run)(ArmIrqLineModel *m, const IrqLine *line, const unsigned *arg);
} Command;

static void do_level(ArmIrqLineModel *m, const IrqLine *line,
                     const unsigned *arg)
{
    kvm_model_arm_configure(&m->kvm, line->vcpu, line->number, true);
}

static void do_edge(ArmIrqLineModel *m, const IrqLine *line,
                    const unsigned *arg)
{
    kvm_model_arm_configure(&m->kvm, line->vcpu, line->number, false);
}

static void do_ack(ArmIrqLineModel *m, const IrqLine *line, const unsigned *arg)
{
    kvm_model_arm_ack(&m->kvm, line->vcpu, line->number);
}

static void do_own(ArmIrqLineModel *m, const IrqLine *line, const unsigned *arg)
{
    kvm_model_arm_own(&m->kvm, line->vcpu, line->number);
}

static void do_kernel(ArmIrqLineModel *m, const IrqLine *line,
                      const unsigned *arg)
{
    kvm_model_arm_irq_line(&m->kvm, m->word, arg[0]);
}

static void do_gic(ArmIrqLineModel *m, const IrqLine *line, const unsigned *arg)
{
    arm_irq_line_gic_input(arg[0], arg[1]);
}

static void do_cpu(ArmIrqLineModel *m, const IrqLine *line, const unsigned *arg)
{
    arm_irq_line_model_input(m, arg[0], arg[1], arg[2]);
    arm_irq_line_cpu_input(arg[0], arg[1], arg[2]);
}

static void do_vcpu_init(ArmIrqLineModel *m, const IrqLine *line,
                         const unsigned *arg)
{
    if (arg[0] < m->kvm.vcpus) {
        arm_irq_line_model_vcpu_init(m, arg[0]);
    }
}

static void do_irqfd(ArmIrqLineModel *m, const IrqLine *line,
                     const unsigned *arg)
{
    arm_irq_line_irqfd(arg[0], arg[1]);
}

static const Command commands[] = {
    { "level", 0, true, do_level },
    { "edge", 0, true, do_edge },
    { "ack", 0, true, do_ack },
    { "own", 0, true, do_own },
    { "kernel", 1, true, do_kernel },
    { "gic", 2, false, do_gic },
    { "cpu", 3, false, do_cpu },
    { "vcpu-init", 1, false, do_vcpu_init },
    { "irqfd", 2, false, do_irqfd },
};

/* The command, and its arguments into @arg. NULL: there is no such */
static const Command *parse(const char *text, unsigned arg[3])
{
    g_auto(GStrv) words = g_strsplit(text, " ", 0);
    unsigned n = g_strv_length(words);

    for (unsigned c = 0; n && c < ARRAY_SIZE(commands); c++) {
        const Command *cmd = &commands[c];
        unsigned i = 0;

        if (strcmp(cmd->name, words[0]) || cmd->args != n - 1) {
            continue;
        }
        while (i < cmd->args && !qemu_strtoui(words[i + 1], NULL, 10,
                                              &arg[i])) {
            i++;
        }
        return i == cmd->args ? cmd : NULL;
    }
    return NULL;
}

static void set_do(Object *obj, const char *text, Error **errp)
{
    ArmIrqLineModel *m = model_of(obj, "x-model-do", errp);
    const Command *cmd;
    IrqLine line = { };
    unsigned arg[3];

    if (!m) {
        return;
    }
    cmd = parse(text, arg);
    if (!cmd) {
        error_setg(errp, "x-model-do: there is no '%s'", text);
    } else if (!cmd->line || chosen_line(m, &line, "x-model-do", errp)) {
        cmd->run(m, &line, arg);
    }
}

void arm_irq_line_model_qom_class_init(ObjectClass *oc)
{
    static const struct {
        const char *name, *type;
        ObjectPropertyAccessor *get, *set;
    } properties[] = {
        { "x-model-word", "uint32", get_number, set_word },
        { "x-model-bits", "uint32", get_bits, NULL },
        { "x-model-pending", "bool", get_pending, NULL },
        { "x-model-kicks", "uint32", get_kicks, NULL },
        { "x-model-queued", "uint32", get_number, NULL },
        { "x-model-ioctls", "uint64", get_count, NULL },
        { "x-model-repeated-lowers", "uint64", get_count, NULL },
        { "x-model-repeated-raises", "uint64", get_count, NULL },
        { "x-model-last", "uint32", get_number, NULL },
        { "x-model-fail", "uint32", get_number, set_fail },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(properties); i++) {
        object_class_property_add(oc, properties[i].name, properties[i].type,
                                  properties[i].get, properties[i].set, NULL,
                                  NULL);
    }
    object_class_property_add_str(oc, "x-model-high", get_high, NULL);
    object_class_property_add_str(oc, "x-model-do", NULL, set_do);
}
