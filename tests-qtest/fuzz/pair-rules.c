/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the datasheet says of an 8259A pair, in registers.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "pair-rules.h"

#define IR2 (1u << I8259_CASCADE)

Registers pair_registers(const I8259Pair *p)
{
    Registers r;

    i8259_pair_save(p, I8259_MASTER, &r.chip[I8259_MASTER]);
    i8259_pair_save(p, I8259_SLAVE, &r.chip[I8259_SLAVE]);
    return r;
}

uint8_t level_bits(const I8259Saved *s)
{
    return s->ltim ? 0xff : s->elcr;
}

/* The register as the priority resolver sees it: bit 0 is the highest */
static unsigned by_priority(const I8259Saved *s, unsigned bits)
{
    return 0xff & (bits << 8 | bits) >> s->priority_add;
}

static unsigned lowest_bit(unsigned bits)
{
    return bits & -bits;
}

uint8_t service_bits(const I8259Saved *s)
{
    return s->isr & (s->special_mask ? (uint8_t)~s->imr : 0xff);
}

static unsigned ir_of(const I8259Saved *s, unsigned priority_bit)
{
    return ((unsigned)__builtin_ctz(priority_bit) + s->priority_add) & 7;
}

int pair_winner(const Registers *r, I8259Which which)
{
    const I8259Saved *s = &r->chip[which];
    unsigned request = lowest_bit(by_priority(s, s->irr & ~(unsigned)s->imr));
    unsigned service = lowest_bit(by_priority(s, service_bits(s)));
    bool nested = which == I8259_MASTER && s->special_fully_nested_mode &&
        !s->single_mode;

    if (!request || s->init_state) {
        return -1;
    }
    if (!service || request < service ||
        (request == service && nested && ir_of(s, request) == I8259_CASCADE)) {
        return (int)ir_of(s, request);
    }
    return -1;
}

static void check_ranges(const I8259Saved *s, const I8259Chip *c)
{
    CHECK(c->top < 8);
    CHECK(!(c->base & 7));
    CHECK(c->init <= I8259_WANT_ICW4);
    CHECK(!(c->elcr & ~c->elcr_mask));
    CHECK(!(c->edge & level_bits(s)));
    CHECK(s->read_reg_select <= 1 && s->poll <= 1 && s->special_mask <= 1);
    CHECK(s->auto_eoi <= 1 && s->rotate_on_auto_eoi <= 1 && s->init4 <= 1);
    CHECK(s->special_fully_nested_mode <= 1);
    CHECK(!(s->single_mode & ~2) && !(s->ltim & ~8));
}

/* INTR's pin is INTR once all edges whose line is low again are withdrawn */
static void check_pin(const I8259Pair *p)
{
    I8259Pair q = *p;
    unsigned i;

    for (i = 0; i < I8259_CHIPS; i++) {
        q.chip[i].edge &= q.chip[i].pins;
    }
    /* Nothing new in it: the outputs follow */
    i8259_pair_elcr_write(&q, I8259_MASTER, p->chip[I8259_MASTER].elcr);
    CHECK(i8259_pair_pin(p) == q.intr);
    CHECK(i8259_pair_pin(&q) == q.intr);
}

/* Whose vector an INTA cycle reads, and that a masked line's never is */
static void check_inta(const I8259Pair *p, const Registers *r, I8259Inta inta)
{
    I8259Which which = I8259_MASTER;
    int ir = pair_winner(r, which);

    if (ir == I8259_CASCADE && !r->chip[which].single_mode) {
        which = I8259_SLAVE;
        ir = pair_winner(r, which);
    }
    CHECK(inta.irq < I8259_LINES);
    CHECK((inta.irq >= 8) == (which == I8259_SLAVE));
    CHECK(inta.vector == r->chip[which].irq_base + (inta.irq & 7));
    CHECK(inta.spurious || (inta.irq & 7) == ir);
    CHECK(!inta.spurious || (inta.irq & 7) == 7);
    CHECK(!inta.spurious || ir < 0 || p->withdrawn_is_spurious);
    CHECK(inta.spurious || !(r->chip[which].imr & 1u << (inta.irq & 7)));
}

void check_pair(const I8259Pair *p)
{
    I8259Pair before = *p;
    I8259Inta inta = i8259_pair_peek(p);
    Registers r = pair_registers(p);
    unsigned i;

    for (i = 0; i < I8259_CHIPS; i++) {
        const I8259Saved *s = &r.chip[i];
        unsigned own = i == I8259_MASTER ? 0xff & ~IR2 : 0xff;

        check_ranges(s, &p->chip[i]);
        CHECK((s->last_irr & own) == (p->chip[i].pins & own));
        CHECK((s->irr & own) == (((p->chip[i].pins & level_bits(s)) |
                                  p->chip[i].edge) & own));
        CHECK(i8259_pair_int(p, i) == (pair_winner(&r, i) >= 0));
        CHECK(i8259_pair_irr(p, i) == s->irr);
        CHECK(i8259_pair_elcr_read(p, i) == s->elcr);
    }
    CHECK(p->intr == i8259_pair_int(p, I8259_MASTER));
    if (p->slave_int && !r.chip[I8259_MASTER].single_mode) {
        CHECK(r.chip[I8259_MASTER].irr & IR2);
    }
    check_inta(p, &r, inta);
    check_pin(p);
    CHECK(!memcmp(&before, p, sizeof(before)));
}

void check_registers(const Registers *got, const Registers *want,
                     I8259Which which, uint8_t lines)
{
    I8259Saved g = got->chip[which], w = want->chip[which];

    g.irr &= (uint8_t)~lines;
    w.irr &= (uint8_t)~lines;
    g.last_irr &= (uint8_t)~lines;
    w.last_irr &= (uint8_t)~lines;
    CHECK(!memcmp(&g, &w, sizeof(g)));
}

void rule_acknowledge(I8259Saved *s, unsigned ir)
{
    s->irr &= (uint8_t)(~(1u << ir) | level_bits(s));
    if (!s->auto_eoi) {
        s->isr |= (uint8_t)(1u << ir);
    } else if (s->rotate_on_auto_eoi) {
        s->priority_add = (ir + 1) & 7;
    }
}

/* OCW2, its bits as the datasheet names them */
static void rule_ocw2(I8259Saved *s, uint8_t val)
{
    bool rotate = val & 0x80, specific = val & 0x40, eoi = val & 0x20;
    unsigned top = lowest_bit(by_priority(s, service_bits(s)));
    unsigned ir = specific || !top ? val & 7u : ir_of(s, top);

    if (!specific && !eoi) {
        s->rotate_on_auto_eoi = rotate;
        return;
    }
    if (!specific && !top) {
        return;
    }
    if (eoi) {
        s->isr &= (uint8_t)~(1u << ir);
    }
    if (rotate) {
        s->priority_add = (ir + 1) & 7;
    }
}

static void rule_ocw3(I8259Saved *s, uint8_t val)
{
    if (val & 0x40) {
        s->special_mask = !!(val & 0x20);
    }
    if (val & 2) {
        s->read_reg_select = val & 1;
    }
    s->poll = !!(val & 4);
}

static void rule_icw1(I8259Saved *s, uint8_t val)
{
    *s = (I8259Saved) {
        .irr = s->irr,
        .last_irr = s->last_irr,
        .irq_base = s->irq_base,
        .elcr = s->elcr,
        .ltim = val & 8,
        .single_mode = val & 2,
        .init4 = val & 1,
        .init_state = 1,
    };
}

/* The words after ICW1, and OCW1 */
static void rule_data(I8259Saved *s, uint8_t val)
{
    uint8_t last = s->init4 ? 3 : 0;

    switch (s->init_state) {
    case 0:
        s->imr = val;
        break;
    case 1:
        s->irq_base = val & 0xf8;
        s->init_state = s->single_mode ? last : 2;
        break;
    case 2:
        s->init_state = last;
        break;
    case 3:
        s->special_fully_nested_mode = !!(val & 0x10);
        s->auto_eoi = !!(val & 2);
        s->init_state = 0;
        break;
    }
}

void rule_write(I8259Saved *s, unsigned a0, uint8_t val)
{
    if (a0) {
        rule_data(s, val);
    } else if (val & 0x10) {
        rule_icw1(s, val);
    } else if (val & 8) {
        rule_ocw3(s, val);
    } else {
        rule_ocw2(s, val);
    }
}
