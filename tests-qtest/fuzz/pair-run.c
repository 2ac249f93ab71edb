/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pair of 8259As under actions that an input names.
 */
#include "qemu/osdep.h"
#include "pair-run.h"

#define IR2 (1u << I8259_CASCADE)

static const char *const chip_name[] = { "master", "slave" };

static void born(PairRun *r, I8259Which which)
{
    r->life[which]++;
    memset(r->owner[which], 0, sizeof(r->owner[which]));
}

/* After every action */
static void check_run(PairRun *r)
{
    const I8259Pair *p = &r->p;
    Registers now = pair_registers(p);
    unsigned irq;

    check_pair(p);
    for (irq = 0; irq < I8259_LINES; irq++) {
        unsigned chip = irq / 8;
        uint8_t bit = (uint8_t)(1u << irq % 8);

        r->levelled[chip] |= level_bits(&now.chip[chip]);
        CHECK(p->delivered[irq] == r->answered[irq]);
        if (!(r->levelled[chip] & bit)) {
            CHECK(p->raised[irq] == p->merged[irq] + p->dropped[irq] +
                                    p->delivered[irq] +
                                    !!(p->chip[chip].edge & bit));
        }
    }
    CHECK(p->spurious[I8259_MASTER] == r->spurious[I8259_MASTER]);
    CHECK(p->spurious[I8259_SLAVE] == r->spurious[I8259_SLAVE]);
}

static void do_line(PairRun *r, unsigned irq, bool level)
{
    I8259Pair before = r->p;
    Registers was = pair_registers(&before), now;
    unsigned i;

    TRACE("line %u %s\n", irq, level ? "up" : "down");
    i8259_pair_set_line(&r->p, irq, level);
    now = pair_registers(&r->p);
    if (irq >= I8259_LINES) {
        CHECK(!memcmp(&before, &r->p, sizeof(before)));
        return;
    }
    for (i = 0; i < I8259_CHIPS; i++) {
        uint8_t own = irq / 8 == i ? (uint8_t)(1u << irq % 8) : 0;

        check_registers(&now, &was, i, own | (i == I8259_MASTER ? IR2 : 0));
    }
    CHECK(r->p.raised[irq] - before.raised[irq] ==
          (level && !(before.chip[irq / 8].pins & 1u << irq % 8)));
}

static void do_write(PairRun *r, I8259Which which, unsigned a0, uint8_t val)
{
    Registers want = pair_registers(&r->p), now;
    I8259Which other = which == I8259_MASTER ? I8259_SLAVE : I8259_MASTER;
    bool icw1 = !a0 && (val & 0x10);

    TRACE("write %s A0=%u 0x%02x\n", chip_name[which], a0, val);
    i8259_pair_write(&r->p, which, a0, val);
    now = pair_registers(&r->p);
    rule_write(&want.chip[which], a0, val);
    check_registers(&now, &want, which, icw1 ? 0xff : IR2);
    check_registers(&now, &want, other, IR2);
    if (icw1) {
        CHECK(!r->p.chip[which].edge);
        born(r, which);
    }
}

static void do_read(PairRun *r, I8259Which which, unsigned a0)
{
    I8259Pair before = r->p;
    Registers want = pair_registers(&before), now;
    I8259Saved *s = &want.chip[which];
    int ir = pair_winner(&want, which);
    uint8_t val = i8259_pair_read(&r->p, which, a0);
    unsigned irq;

    TRACE("read %s A0=%u: 0x%02x\n", chip_name[which], a0, val);
    if (!s->poll) {
        CHECK(val == (a0 ? s->imr : s->read_reg_select ? s->isr : s->irr));
        CHECK(!memcmp(&before, &r->p, sizeof(before)));
        return;
    }
    now = pair_registers(&r->p);
    s->poll = 0;
    if (val) {
        CHECK(ir >= 0 && val == (0x80 | ir));
        irq = (unsigned)ir + (which == I8259_SLAVE ? 8 : 0);
        rule_acknowledge(s, (unsigned)ir);
        r->numbers++;
        if (!s->auto_eoi) {
            r->owner[which][ir] = r->numbers;
        }
        r->answered[irq] += irq != I8259_CASCADE ||
                            pair_run_line2(&before, &want);
    } else {
        CHECK(ir < 0 || before.withdrawn_is_spurious);
        s->irr = now.chip[which].irr;
    }
    check_registers(&now, &want, which, which == I8259_MASTER ? IR2 : 0);
    check_registers(&now, &want, which ^ 1, which ? IR2 : 0);
}

static void do_elcr(PairRun *r, I8259Which which, uint8_t val)
{
    Registers want = pair_registers(&r->p), now;

    TRACE("elcr %s 0x%02x\n", chip_name[which], val);
    i8259_pair_elcr_write(&r->p, which, val);
    now = pair_registers(&r->p);
    want.chip[which].elcr = val & r->p.chip[which].elcr_mask;
    check_registers(&now, &want, which, 0xff);
    check_registers(&now, &want, which ^ 1, IR2);
}

static void do_reset(PairRun *r, I8259Which which)
{
    Registers want = pair_registers(&r->p), now;

    TRACE("reset %s\n", chip_name[which]);
    i8259_pair_reset_chip(&r->p, which);
    now = pair_registers(&r->p);
    want.chip[which] = (I8259Saved) { };
    check_registers(&now, &want, which, which == I8259_MASTER ? IR2 : 0);
    check_registers(&now, &want, which ^ 1, IR2);
    born(r, which);
}

void pair_run_load(PairRun *r, I8259Which which, const I8259Saved *s)
{
    TRACE("load %s\n", chip_name[which]);
    i8259_pair_load(&r->p, which, s);
    born(r, which);
    check_run(r);
}

/* What a chip has saved is nothing new to it; line 2 alone is not saved */
static void do_load_own(PairRun *r, I8259Which which)
{
    Registers want = pair_registers(&r->p), now;
    bool line2 = (r->p.chip[I8259_MASTER].pins |
                  r->p.chip[I8259_MASTER].edge) & IR2;

    pair_run_load(r, which, &want.chip[which]);
    now = pair_registers(&r->p);
    check_registers(&now, &want, which, line2 ? IR2 : 0);
    check_registers(&now, &want, which ^ 1, 0);
}

/* Another machine goes on with what this one has saved */
static void do_move(PairRun *r, bool slave_first)
{
    Registers want = pair_registers(&r->p), now;
    PairRun other = { };
    bool line2 = (r->p.chip[I8259_MASTER].pins |
                  r->p.chip[I8259_MASTER].edge) & IR2;

    TRACE("move, %s first\n", chip_name[slave_first]);
    i8259_pair_init(&other.p, r->p.chip[I8259_MASTER].elcr_mask,
                    r->p.chip[I8259_SLAVE].elcr_mask);
    other.p.withdrawn_is_spurious = r->p.withdrawn_is_spurious;
    pair_run_load(&other, slave_first, &want.chip[slave_first]);
    pair_run_load(&other, !slave_first, &want.chip[!slave_first]);
    now = pair_registers(&other.p);
    check_registers(&now, &want, I8259_MASTER, line2 ? IR2 : 0);
    check_registers(&now, &want, I8259_SLAVE, 0);
    CHECK(line2 || other.p.intr == r->p.intr);
    CHECK(other.p.slave_int == r->p.slave_int);
    *r = other;
}

static void do_init(PairRun *r, I8259Which which, uint8_t how)
{
    uint8_t icw1 = 0x10 | (how & 0x0b);

    do_write(r, which, 0, icw1);
    do_write(r, which, 1, which == I8259_SLAVE ? 0x28 : 0x20);
    if (!(icw1 & 2)) {
        do_write(r, which, 1, which == I8259_SLAVE ? 2 : 4);
    }
    if (icw1 & 1) {
        do_write(r, which, 1, how >> 3);
    }
}

void pair_run_power_on(PairRun *r)
{
    do_init(r, I8259_MASTER, 1);
    do_init(r, I8259_SLAVE, 1);
}

void pair_run_begin(PairRun *r, Input *in)
{
    uint8_t how = input_byte(in);
    bool wide = how & 2;

    memset(r, 0, sizeof(*r));
    i8259_pair_init(&r->p, wide ? 0xff : 0xf8, wide ? 0xff : 0xde);
    r->p.withdrawn_is_spurious = how & 1;
}

static void action(PairRun *r, uint8_t what, uint8_t arg)
{
    I8259Which which = what & 0x10 ? I8259_SLAVE : I8259_MASTER;
    unsigned a0 = !!(what & 0x20);

    switch (what & 0x0f) {
    case 0:
    case 1:
        do_line(r, arg & 0x0f, what & 1);
        break;
    case 2:
        do_line(r, arg & 0x0f, true);
        do_line(r, arg & 0x0f, false);
        break;
    case 3:
        do_line(r, arg + I8259_LINES, what & 0x10);
        break;
    case 4:
    case 5:
        pair_run_inta(r);
        break;
    case 6:
    case 7:
        pair_run_undo(r);
        break;
    case 8:
        if (r->acks) {
            pair_run_taken(r, arg % r->acks);
        }
        break;
    case 9:
        do_write(r, which, a0, arg);
        break;
    case 10:
        do_write(r, which, 0, arg & 0xe7);
        break;
    case 11:
        do_write(r, which, 0, 8 | (arg & 0x63));
        break;
    case 12:
        do_write(r, which, 0, 0x0c);
        do_read(r, which, a0);
        break;
    case 13:
        do_read(r, which, a0);
        break;
    case 14:
        do_init(r, which, arg);
        break;
    default:
        switch (arg & 3) {
        case 0:
            do_elcr(r, which, arg & 0xfc);
            break;
        case 1:
            do_reset(r, which);
            break;
        case 2:
            do_load_own(r, which);
            break;
        case 3:
            do_move(r, which);
            break;
        }
    }
}

void pair_run_actions(PairRun *r, Input *in)
{
    unsigned i;

    check_run(r);
    for (i = 0; i < ACTIONS && !input_empty(in); i++) {
        uint8_t what = input_byte(in);

        action(r, what, input_byte(in));
        check_run(r);
    }
}
