/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the lines that KVM_IRQ_LINE moves.
 */
#include "qemu/osdep.h"
#include "irq-level.h"

/* A line's byte */
#define LEVEL_MASK      3u      /* IrqLevel */
#define TRIGGER_LEVEL   4u      /* irq_levels_trigger() */
#define SHARE_ONE       8u      /* the rest counts irqfds */
#define SHARE_MASK      0xf8u   /* as many as this are never counted down */

#define CPU_LINES       2
#define PPIS            32      /* as many as there are usually */

static unsigned private_lines(const IrqLineRules *rules)
{
    if (!rules->gic) {
        return CPU_LINES;
    }
    return rules->ppis[0] >> PPIS || rules->ppis[1] ? IRQ_LINE_PPIS_MAX : PPIS;
}

size_t irq_levels_size(const IrqLineRules *rules)
{
    return rules->spis + (size_t)rules->vcpus * private_lines(rules);
}

/* NULL: there is no such line */
static uint8_t *find(const IrqLevels *l, const IrqLine *line)
{
    if (irq_line_check(&l->rules, line, NULL)) {
        return NULL;
    }
    if (line->type == IRQ_LINE_SPI) {
        return &l->line[line->number - l->rules.spi_first];
    }
    return &l->line[l->rules.spis + line->vcpu * private_lines(&l->rules) +
                    line->number];
}

/* A line whose trigger the guest or the GICv5's architecture decides */
static bool latches(const IrqLevels *l, const IrqLine *line)
{
    return line->type == IRQ_LINE_SPI ||
           (line->type == IRQ_LINE_PPI && l->rules.gic == 5);
}

/* A line that an irqfd moves as well is never known */
static void put(uint8_t *byte, IrqLevel level)
{
    if (*byte & SHARE_MASK) {
        level = IRQ_LEVEL_UNKNOWN;
    }
    *byte = (*byte & ~LEVEL_MASK) | level;
}

void irq_levels_init(IrqLevels *l, const IrqLineRules *rules, uint8_t *storage)
{
    *l = (IrqLevels) { .rules = *rules, .line = storage };
    memset(storage, IRQ_LEVEL_LOW, irq_levels_size(rules));
}

IrqLevelVerdict irq_levels_look(IrqLevels *l, const IrqLine *line, bool level)
{
    const uint8_t *byte = find(l, line);

    l->inputs++;
    if (!byte || l->off) {
        return IRQ_LEVEL_ISSUE;
    }
    if (!level && (*byte & LEVEL_MASK) == IRQ_LEVEL_LOW) {
        l->saved_lower++;
        return IRQ_LEVEL_SAVE_LOWER;
    }
    /* To KVM every 1 on an edge-triggered line is an edge, also after a 1 */
    if (level && (*byte & LEVEL_MASK) == IRQ_LEVEL_HIGH &&
        (!latches(l, line) || *byte & TRIGGER_LEVEL)) {
        l->saved_raise++;
        return IRQ_LEVEL_SAVE_RAISE;
    }
    return IRQ_LEVEL_ISSUE;
}

void irq_levels_done(IrqLevels *l, const IrqLine *line, bool level, int ret)
{
    uint8_t *byte = find(l, line);

    if (ret < 0) {
        l->refused++;
    } else {
        l->issued++;
    }
    if (byte) {
        put(byte, ret < 0 ? IRQ_LEVEL_UNKNOWN :
                  level ? IRQ_LEVEL_HIGH : IRQ_LEVEL_LOW);
    }
}

IrqLevel irq_levels_get(const IrqLevels *l, const IrqLine *line)
{
    const uint8_t *byte = find(l, line);

    return byte ? *byte & LEVEL_MASK : IRQ_LEVEL_UNKNOWN;
}

void irq_levels_set(IrqLevels *l, const IrqLine *line, IrqLevel level)
{
    uint8_t *byte = find(l, line);

    if (byte) {
        put(byte, level);
    }
}

void irq_levels_forget(IrqLevels *l)
{
    size_t size = irq_levels_size(&l->rules);

    for (size_t i = 0; i < size; i++) {
        put(&l->line[i], IRQ_LEVEL_UNKNOWN);
    }
}

void irq_levels_vcpu_init(IrqLevels *l, unsigned vcpu)
{
    IrqLine line = { .type = IRQ_LINE_CPU, .vcpu = vcpu };

    /* With a GIC in the kernel there are no such lines; PPIs stay */
    for (line.number = 0; line.number < CPU_LINES; line.number++) {
        if (irq_levels_get(l, &line) != IRQ_LEVEL_LOW) {
            irq_levels_set(l, &line, IRQ_LEVEL_UNKNOWN);
        }
    }
}

bool irq_levels_restore(IrqLevels *l, const IrqLine *line, bool level)
{
    IrqLevel known = irq_levels_get(l, line);

    /* One that latches may have gone high as an edge, before what was loaded */
    if (level ? known == IRQ_LEVEL_HIGH && !latches(l, line) :
                known == IRQ_LEVEL_LOW) {
        return false;
    }
    l->reissued++;
    return true;
}

void irq_levels_trigger(IrqLevels *l, const IrqLine *line, bool level)
{
    uint8_t *byte = find(l, line);

    if (!byte || !latches(l, line)) {
        return;
    }
    /* Perhaps it was edge-triggered when it went high: a latch, and no level */
    if (level && !(*byte & TRIGGER_LEVEL) &&
        (*byte & LEVEL_MASK) == IRQ_LEVEL_HIGH) {
        put(byte, IRQ_LEVEL_UNKNOWN);
    }
    *byte = level ? *byte | TRIGGER_LEVEL : *byte & ~TRIGGER_LEVEL;
}

void irq_levels_shared(IrqLevels *l, const IrqLine *line, bool shared)
{
    uint8_t *byte = find(l, line);

    if (!byte) {
        return;
    }
    if ((*byte & SHARE_MASK) != SHARE_MASK) {
        if (shared) {
            *byte += SHARE_ONE;
        } else if (*byte & SHARE_MASK) {
            *byte -= SHARE_ONE;
        }
    }
    put(byte, IRQ_LEVEL_UNKNOWN);
}
