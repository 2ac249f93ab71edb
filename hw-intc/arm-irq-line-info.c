/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm-irq-line, for a user: the list of SPIs, counters, "info irq", "info pic".
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/cutils.h"
#include "hw/intc/intc.h"
#include "arm-irq-line-int.h"

/* level-spis */

static bool parse_spi(const char **p, uint64_t *spi)
{
    return g_ascii_isdigit(**p) && !qemu_strtou64(*p, p, 10, spi);
}

/* "33" or "40-47" */
static bool parse_range(const char *item, uint64_t *first, uint64_t *last)
{
    const char *p = item;

    if (!parse_spi(&p, first)) {
        return false;
    }
    *last = *first;
    if (*p == '-') {
        p++;
        if (!parse_spi(&p, last)) {
            return false;
        }
    }
    return !*p && *first <= *last;
}

static bool check_spi(const IrqLineRules *rules, uint64_t spi, Error **errp)
{
    if (!rules->spis) {
        error_setg(errp, "level-spis: SPI %" PRIu64 ": the VM has no SPIs",
                   spi);
        return false;
    }
    if (spi < rules->spi_first || spi - rules->spi_first >= rules->spis) {
        error_setg(errp, "level-spis: SPI %" PRIu64 " is out of range %u..%u",
                   spi, rules->spi_first, rules->spi_first + rules->spis - 1);
        return false;
    }
    return true;
}

bool arm_irq_line_level_spis(IrqLevels *levels, const char *list, Error **errp)
{
    g_auto(GStrv) items = g_strsplit(list ?: "", ",", 0);
    IrqLine line = { .type = IRQ_LINE_SPI };
    uint64_t first, last;

    for (unsigned i = 0; items[i]; i++) {
        if (!parse_range(items[i], &first, &last)) {
            error_setg(errp, "level-spis: '%s' is no SPI and no range of them "
                       "(33 or 40-47)", items[i]);
            return false;
        }
        if (!check_spi(&levels->rules, first, errp) ||
            !check_spi(&levels->rules, last, errp)) {
            return false;
        }
        for (line.number = first; line.number <= last; line.number++) {
            irq_levels_trigger(levels, &line, true);
        }
    }
    return true;
}

/* Counters */

static const struct {
    const char *name;
    size_t offset;
} counters[] = {
    { "inputs", offsetof(IrqLevels, inputs) },
    { "issued", offsetof(IrqLevels, issued) },
    { "saved-lower", offsetof(IrqLevels, saved_lower) },
    { "saved-raise", offsetof(IrqLevels, saved_raise) },
    { "reissued", offsetof(IrqLevels, reissued) },
    { "refused", offsetof(IrqLevels, refused) },
};

static uint64_t counter(const ArmIrqLineState *s, size_t offset)
{
    return *(const uint64_t *)((const char *)&s->levels + offset);
}

static void get_counter(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    uint64_t val = counter(ARM_IRQ_LINE(obj), *(const size_t *)opaque);

    visit_type_uint64(v, name, &val, errp);
}

/* info irq */

void arm_irq_line_count(ArmIrqLineState *s, const IrqLine *line)
{
    unsigned i = line->type == IRQ_LINE_CPU ? line->vcpu * 2 + line->number :
                 line->number;

    s->raises[i]++;
}

static bool get_statistics(InterruptStatsProvider *obj, uint64_t **counts,
                           unsigned *n)
{
    ArmIrqLineState *s = ARM_IRQ_LINE(obj);

    *counts = s->raises;
    *n = s->n_raises;
    return true;
}

/* info pic */

static void print_vm(const ArmIrqLineState *s, GString *buf)
{
    const IrqLineRules *rules = &s->levels.rules;

    if (rules->gic) {
        g_string_append_printf(buf, "arm-irq-line: GICv%u in the kernel, "
                               "%u SPIs, ", rules->gic, rules->spis);
    } else {
        g_string_append(buf, "arm-irq-line: no GIC in the kernel, ");
    }
    g_string_append_printf(buf, "vCPUs: %u, level-memory=%s\n", rules->vcpus,
                           s->levels.off ? "off" : "on");
}

/* Lines that are high: @name, and a number for each */
static void print_high(const ArmIrqLineState *s, IrqLine *line, unsigned first,
                       unsigned n, GString *buf)
{
    char text[IRQ_LINE_TEXT_MAX];

    for (unsigned i = 0; i < n; i++) {
        line->number = first + i;
        if (irq_levels_get(&s->levels, line) == IRQ_LEVEL_HIGH) {
            g_string_append_printf(buf, "  %s\n", irq_line_text(line, text));
        }
    }
}

static void print_info(InterruptStatsProvider *obj, GString *buf)
{
    const ArmIrqLineState *s = ARM_IRQ_LINE(obj);
    const IrqLineRules *rules = &s->levels.rules;
    IrqLine line = { .type = IRQ_LINE_SPI };

    print_vm(s, buf);
    for (unsigned i = 0; i < ARRAY_SIZE(counters); i++) {
        g_string_append_printf(buf, "%s%s=%" PRIu64, i ? " " : "  ",
                               counters[i].name,
                               counter(s, counters[i].offset));
    }
    g_string_append(buf, "\nhigh:\n");
    print_high(s, &line, rules->spi_first, rules->spis, buf);
    for (line.vcpu = 0; line.vcpu < rules->vcpus; line.vcpu++) {
        line.type = IRQ_LINE_PPI;
        print_high(s, &line, 0, ARM_IRQ_LINE_PRIVATE, buf);
        line.type = IRQ_LINE_CPU;
        print_high(s, &line, IRQ_LINE_CPU_IRQ, 2, buf);
    }
}

void arm_irq_line_info_class_init(ObjectClass *oc)
{
    InterruptStatsProviderClass *ic = INTERRUPT_STATS_PROVIDER_CLASS(oc);

    for (unsigned i = 0; i < ARRAY_SIZE(counters); i++) {
        object_class_property_add(oc, counters[i].name, "uint64", get_counter,
                                  NULL, NULL, (void *)&counters[i].offset);
    }
    object_class_property_set_description(oc, "issued",
        "KVM_IRQ_LINE ioctls that were done");
    ic->get_statistics = get_statistics;
    ic->print_info = print_info;
}
