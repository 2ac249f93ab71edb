/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The word of KVM_IRQ_LINE on Arm: bits, and what KVM refuses.
 *
 * KVM asks in this order: is there such a type, has the VM a GIC for it or
 * against it, is there such a vCPU, is there such a number. A GICv3 or GICv5
 * that is not initialised yet refuses all its lines with EBUSY, between the
 * range of all GICs and that of this one; that is no matter of a word, and the
 * one who issues it gets to know.
 */
#include "qemu/osdep.h"
#include "irq-line.h"

#define NUMBER_MASK     0xffffu
#define VCPU_SHIFT      16
#define VCPU_MASK       0xffu
#define TYPE_SHIFT      24
#define TYPE_MASK1      0xffu
#define TYPE_MASK2      0xfu
#define VCPU2_SHIFT     28
#define VCPU2_MASK      0xfu

#define SPI_FIRST       32          /* GICv2, GICv3 */
#define SPIS_MAX        988         /* to INTID 1019 */
#define SPIS_MAX_V5     65536
#define PPIS            0xffff0000u /* GICv2, GICv3: 16..31 */

int irq_line_rules(IrqLineRules *rules, unsigned gic, bool layout2,
                   unsigned vcpus, unsigned spis, const uint64_t *ppis)
{
    *rules = (IrqLineRules) {
        .gic = gic, .layout2 = layout2, .vcpus = vcpus,
    };
    if (!vcpus || vcpus > IRQ_LINE_VCPUS_MAX) {
        return -EINVAL;
    }
    switch (gic) {
    case 0:
        return 0;
    case 2:
    case 3:
        rules->spi_first = SPI_FIRST;
        rules->spis = spis;
        rules->ppis[0] = PPIS;
        return spis > SPIS_MAX ? -EINVAL : 0;
    case 5:
        if (!ppis || spis > SPIS_MAX_V5) {
            return -EINVAL;
        }
        rules->spis = spis;
        memcpy(rules->ppis, ppis, sizeof(rules->ppis));
        return 0;
    default:
        return -EINVAL;
    }
}

static int refuse(IrqLineFault *fault, const IrqLineRules *rules,
                  const IrqLine *line, IrqLineField field, int err,
                  unsigned min, unsigned max)
{
    if (fault) {
        *fault = (IrqLineFault) {
            .field = field, .err = err, .type = line->type,
            .value = field == IRQ_LINE_FIELD_TYPE ? line->type :
                     field == IRQ_LINE_FIELD_VCPU ? line->vcpu : line->number,
            .min = min, .max = max, .rules = rules,
        };
    }
    return err;
}

static int check_type(const IrqLineRules *rules, const IrqLine *line,
                      IrqLineFault *fault)
{
    if (line->type >= IRQ_LINE_TYPES) {
        return refuse(fault, rules, line, IRQ_LINE_FIELD_TYPE, -EINVAL,
                      0, IRQ_LINE_TYPES - 1);
    }
    if (rules->gic && line->type == IRQ_LINE_CPU) {
        return refuse(fault, rules, line, IRQ_LINE_FIELD_TYPE, -ENXIO,
                      IRQ_LINE_SPI, IRQ_LINE_PPI);
    }
    if (!rules->gic && line->type != IRQ_LINE_CPU) {
        return refuse(fault, rules, line, IRQ_LINE_FIELD_TYPE, -ENXIO,
                      IRQ_LINE_CPU, IRQ_LINE_CPU);
    }
    return 0;
}

static int check_vcpu(const IrqLineRules *rules, const IrqLine *line,
                      IrqLineFault *fault)
{
    unsigned vcpus = rules->vcpus;

    if (line->type == IRQ_LINE_SPI) {
        return 0;
    }
    if (!rules->layout2 && vcpus > IRQ_LINE_VCPUS_MAX1) {
        vcpus = IRQ_LINE_VCPUS_MAX1;
    }
    return line->vcpu < vcpus ? 0 :
        refuse(fault, rules, line, IRQ_LINE_FIELD_VCPU, -EINVAL, 0, vcpus - 1);
}

static bool has_ppi(const IrqLineRules *rules, unsigned number)
{
    return number < IRQ_LINE_PPIS_MAX &&
           rules->ppis[number / 64] >> number % 64 & 1;
}

static int check_ppi(const IrqLineRules *rules, const IrqLine *line,
                     IrqLineFault *fault)
{
    unsigned min = 0, max = IRQ_LINE_PPIS_MAX - 1;

    if (has_ppi(rules, line->number)) {
        return 0;
    }
    while (min < IRQ_LINE_PPIS_MAX && !has_ppi(rules, min)) {
        min++;
    }
    while (max && !has_ppi(rules, max)) {
        max--;
    }
    return refuse(fault, rules, line, IRQ_LINE_FIELD_NUMBER, -EINVAL, min, max);
}

static int check_number(const IrqLineRules *rules, const IrqLine *line,
                        IrqLineFault *fault)
{
    unsigned first = 0, count = 2;

    if (line->type == IRQ_LINE_PPI) {
        return check_ppi(rules, line, fault);
    }
    if (line->type == IRQ_LINE_SPI) {
        first = rules->spi_first;
        count = rules->spis;
    }
    /* Below the first this is more than any count */
    if (line->number - first < count) {
        return 0;
    }
    return refuse(fault, rules, line, IRQ_LINE_FIELD_NUMBER, -EINVAL,
                  count ? first : 1, count ? first + count - 1 : 0);
}

int irq_line_check(const IrqLineRules *rules, const IrqLine *line,
                   IrqLineFault *fault)
{
    int err = check_type(rules, line, fault);

    if (!err) {
        err = check_vcpu(rules, line, fault);
    }
    if (!err) {
        err = check_number(rules, line, fault);
    }
    if (!err && fault) {
        *fault = (IrqLineFault) { .type = line->type, .rules = rules };
    }
    return err;
}

int irq_line_encode(const IrqLineRules *rules, const IrqLine *line,
                    uint32_t *word, IrqLineFault *fault)
{
    int err = irq_line_check(rules, line, fault);

    if (err) {
        return err;
    }
    *word = (uint32_t)line->type << TYPE_SHIFT | line->number;
    if (line->type != IRQ_LINE_SPI) {
        *word |= (line->vcpu & VCPU_MASK) << VCPU_SHIFT |
                 line->vcpu / IRQ_LINE_VCPUS_MAX1 << VCPU2_SHIFT;
    }
    return 0;
}

void irq_line_decode(bool layout2, uint32_t word, IrqLine *line)
{
    *line = (IrqLine) {
        .type = word >> TYPE_SHIFT & (layout2 ? TYPE_MASK2 : TYPE_MASK1),
        .number = word & NUMBER_MASK,
    };
    if (line->type == IRQ_LINE_SPI) {
        return;
    }
    line->vcpu = word >> VCPU_SHIFT & VCPU_MASK;
    if (layout2) {
        line->vcpu += (word >> VCPU2_SHIFT & VCPU2_MASK) * IRQ_LINE_VCPUS_MAX1;
    }
}

bool irq_line_ignored(bool layout2, uint32_t word)
{
    /* In layout 1 bits 31:28 are the type's, and 0 where that is SPI */
    uint32_t mask = VCPU_MASK << VCPU_SHIFT | VCPU2_MASK << VCPU2_SHIFT;
    IrqLine line;

    irq_line_decode(layout2, word, &line);
    return line.type == IRQ_LINE_SPI && word & mask;
}
