/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two cascaded 8259A interrupt controllers of a PC, as plain C.
 *
 * Quotations are from the Intel 8259A datasheet (231468-003). The PC is an
 * 8086 system with fixed wiring, so ICW4 uPM, BUF and M/S and the value of
 * ICW3 change nothing here.
 */
#include "qemu/osdep.h"
#include "i8259-core.h"

#define IR2                     (1u << I8259_CASCADE)
#define IR_SPURIOUS             7u

#define ICW1_SELECT             0x10
#define ICW1_LTIM               0x08
#define ICW1_SNGL               0x02
#define ICW1_IC4                0x01
#define ICW2_BASE               0xf8
#define ICW4_SFNM               0x10
#define ICW4_AEOI               0x02
#define OCW2_LEVEL              0x07
#define OCW2_COMMAND_SHIFT      5
#define OCW3_SELECT             0x08
#define OCW3_ESMM               0x40
#define OCW3_SMM                0x20
#define OCW3_POLL               0x04
#define OCW3_RR                 0x02
#define OCW3_RIS                0x01
#define POLL_INTERRUPT          0x80

/* pic-common's stream is these fields and no others; see save and load */
_Static_assert(sizeof(I8259Saved) == 17, "save or load misses a field");

static uint8_t ir_bit(unsigned ir)
{
    return (uint8_t)(1u << (ir & 7));
}

static unsigned irq_number(I8259Which which, unsigned ir)
{
    return which == I8259_SLAVE ? ir + 8 : ir;
}

/* LTIM: "the 8259A will operate in the level interrupt mode" */
static uint8_t level_triggered(const I8259Chip *c)
{
    return c->ltim ? 0xff : c->elcr;
}

/* What the lines alone request: their level, or their latched edge */
static uint8_t line_requests(const I8259Chip *c)
{
    uint8_t level = level_triggered(c);

    return (uint8_t)((c->pins & level) | (c->edge & ~level));
}

/* Cascaded, IR2 follows the slave's INT; with SNGL it is an ordinary input */
static bool slave_requests(const I8259Pair *p)
{
    const I8259Chip *m = &p->chip[I8259_MASTER];
    bool follows = !m->sngl || (level_triggered(m) & IR2);

    return p->slave_int && (follows || p->slave_edge);
}

static uint8_t pin_levels(const I8259Pair *p, I8259Which which)
{
    bool ir2 = which == I8259_MASTER && p->slave_int;

    return (uint8_t)(p->chip[which].pins | (ir2 ? IR2 : 0));
}

uint8_t i8259_pair_irr(const I8259Pair *p, I8259Which which)
{
    bool ir2 = which == I8259_MASTER && slave_requests(p);

    return (uint8_t)(line_requests(&p->chip[which]) | (ir2 ? IR2 : 0));
}

bool i8259_pair_int(const I8259Pair *p, I8259Which which)
{
    return which == I8259_MASTER ? p->intr : p->slave_int;
}

/*
 * SMM: "inhibits further interrupts at that level and enables interrupts from
 * all other levels (lower as well as higher) that are not masked"
 */
static uint8_t in_service(const I8259Chip *c)
{
    return (uint8_t)(c->isr & (c->smm ? ~c->imr : 0xff));
}

/* SFNM: "this slave is not locked out from the master's priority logic" */
static uint8_t not_locked_out(const I8259Pair *p, I8259Which which)
{
    const I8259Chip *c = &p->chip[which];

    return which == I8259_MASTER && c->sfnm && !c->sngl ? IR2 : 0;
}

/*
 * The priority resolver: the IR of @irr that drives INT, or -1. "While the IS
 * bit is set, all further interrupts of the same or lower priority are
 * inhibited."
 */
static int resolve(const I8259Pair *p, I8259Which which, uint8_t irr)
{
    const I8259Chip *c = &p->chip[which];
    uint8_t request = irr & (uint8_t)~c->imr;
    uint8_t service = in_service(c);
    unsigned i;

    if (c->init != I8259_READY) {
        return -1;
    }
    for (i = 0; i < 8; i++) {
        unsigned ir = (c->top + i) & 7;
        uint8_t bit = ir_bit(ir);

        if ((request & bit) &&
            (!(service & bit) || (not_locked_out(p, which) & bit))) {
            return (int)ir;
        }
        if (service & bit) {
            return -1;
        }
    }
    return -1;
}

static int winner(const I8259Pair *p, I8259Which which)
{
    return resolve(p, which, i8259_pair_irr(p, which));
}

/* "the IR inputs must remain high until after the falling edge of INTA" */
static uint8_t held_requests(const I8259Chip *c)
{
    return line_requests(c) & c->pins;
}

bool i8259_pair_pin(const I8259Pair *p)
{
    const I8259Chip *slave = &p->chip[I8259_SLAVE];
    bool ir2 = slave_requests(p) &&
               resolve(p, I8259_SLAVE, held_requests(slave)) >= 0;
    uint8_t held = held_requests(&p->chip[I8259_MASTER]) | (ir2 ? IR2 : 0);

    return resolve(p, I8259_MASTER, held) >= 0;
}

/*
 * "If the IR input goes low before this time a DEFAULT IR7 will occur." Only
 * an edge can request with its pin low.
 */
static bool withdrawn(const I8259Pair *p, I8259Which which, unsigned ir)
{
    return p->withdrawn_is_spurious && !(pin_levels(p, which) & ir_bit(ir));
}

/* After every mutation: the slave's INT, its edge at IR2, the master's INT */
static void sync_outputs(I8259Pair *p)
{
    const I8259Chip *m = &p->chip[I8259_MASTER];
    bool slave_int = winner(p, I8259_SLAVE) >= 0;

    if (slave_int != p->slave_int) {
        p->slave_int = slave_int;
        p->slave_edge = slave_int && m->sngl && !(level_triggered(m) & IR2);
    }
    p->intr = winner(p, I8259_MASTER) >= 0;
}

/* The chip begins anew: no INTA cycle of before is undone in it */
static void bear(I8259Pair *p, I8259Which which)
{
    p->born[which] = p->acks;
}

/* Forget latched edges that nobody acknowledged */
static void drop_edges(I8259Pair *p, I8259Which which, uint8_t lines)
{
    I8259Chip *c = &p->chip[which];
    unsigned ir;

    for (ir = 0; ir < 8; ir++) {
        if (c->edge & lines & ir_bit(ir)) {
            p->dropped[irq_number(which, ir)]++;
        }
    }
    c->edge &= (uint8_t)~lines;
    if (which == I8259_MASTER && (lines & IR2)) {
        p->slave_edge = false;
    }
}

/* With "IR5 ... the bottom priority device, then IR6 will have the highest" */
static void make_lowest(I8259Chip *c, unsigned ir)
{
    c->top = (ir + 1) & 7;
}

/*
 * One chip's part of INTA or a poll. AEOI: "perform a non-specific EOI
 * operation at the trailing edge of the last interrupt acknowledge pulse".
 */
static void acknowledge(I8259Pair *p, I8259Which which, unsigned ir)
{
    I8259Chip *c = &p->chip[which];
    uint8_t bit = ir_bit(ir);

    /* The slave alone behind IR2 is counted by the slave's line, not here */
    if (line_requests(c) & bit) {
        p->delivered[irq_number(which, ir)]++;
    }
    c->edge &= (uint8_t)~bit;
    if (which == I8259_MASTER && bit == IR2) {
        p->slave_edge = false;
    }
    if (!c->aeoi) {
        c->isr |= bit;
        p->by[which][ir] = p->acks;
    } else if (c->rotate_aeoi) {
        make_lowest(c, ir);
    }
}

/*
 * "A normal IR7 interrupt will set the corresponding ISR bit, a default IR7
 * won't." The withdrawn edge that led here, if any, has had its answer.
 */
static void acknowledge_spurious(I8259Pair *p, I8259Which which)
{
    int ir = winner(p, which);

    p->spurious[which]++;
    if (ir >= 0) {
        drop_edges(p, which, ir_bit((unsigned)ir));
    }
}

static I8259Inta inta(const I8259Pair *p, I8259Which which, int ir)
{
    bool spurious = ir < 0 || withdrawn(p, which, (unsigned)ir);
    unsigned level = spurious ? IR_SPURIOUS : (unsigned)ir;

    return (I8259Inta) {
        .vector = (uint8_t)(p->chip[which].base | level),
        .irq = (uint8_t)irq_number(which, level),
        .spurious = spurious,
    };
}

I8259Inta i8259_pair_peek(const I8259Pair *p)
{
    int ir = winner(p, I8259_MASTER);

    if (ir == I8259_CASCADE && !p->chip[I8259_MASTER].sngl) {
        return inta(p, I8259_SLAVE, winner(p, I8259_SLAVE));
    }
    return inta(p, I8259_MASTER, ir);
}

/* One chip's part of the receipt: what differs after the INTA cycle */
static void receipt(I8259Receipt *r, I8259Which which, const I8259Pair *before,
                    const I8259Pair *after)
{
    const I8259Chip *old = &before->chip[which];
    const I8259Chip *new = &after->chip[which];
    unsigned ir;

    r->isr[which] = new->isr & (uint8_t)~old->isr;
    r->edge[which] = old->edge & (uint8_t)~new->edge;
    r->top[which] = old->top;
    r->new_top[which] = new->top;
    for (ir = 0; ir < 8; ir++) {
        unsigned irq = irq_number(which, ir);

        if (after->delivered[irq] != before->delivered[irq]) {
            r->counted[which] |= ir_bit(ir);
        }
        if (after->by[which][ir] != before->by[which][ir]) {
            r->by[which] = before->by[which][ir];
        }
    }
}

I8259Receipt i8259_pair_commit(I8259Pair *p, I8259Inta inta)
{
    I8259Which which = inta.irq < 8 ? I8259_MASTER : I8259_SLAVE;
    I8259Pair before = *p;
    I8259Receipt r = { .ack = ++p->acks, .inta = inta };

    if (which == I8259_SLAVE) {
        acknowledge(p, I8259_MASTER, I8259_CASCADE);
    }
    if (inta.spurious) {
        acknowledge_spurious(p, which);
    } else {
        acknowledge(p, which, inta.irq & 7);
    }
    receipt(&r, I8259_MASTER, &before, p);
    receipt(&r, I8259_SLAVE, &before, p);
    r.slave_edge = before.slave_edge && !p->slave_edge;
    sync_outputs(p);
    return r;
}

/* The edges that come back: latched, merged with a later one, or of no use */
static void give_edges_back(I8259Pair *p, I8259Which which, uint8_t edges,
                            bool born_since)
{
    I8259Chip *c = &p->chip[which];
    uint8_t useless = born_since ? 0xff : level_triggered(c);
    unsigned ir;

    for (ir = 0; ir < 8; ir++) {
        unsigned irq = irq_number(which, ir);

        if (!(edges & ir_bit(ir))) {
            continue;
        }
        if (useless & ir_bit(ir)) {
            p->dropped[irq]++;
        } else if (c->edge & ir_bit(ir)) {
            p->merged[irq]++;
        }
    }
    c->edge |= edges & (uint8_t)~useless;
}

/* Clear the IS bit of @service with the highest priority: its IR, or -1 */
static int end_highest(I8259Chip *c, uint8_t service)
{
    unsigned i;

    for (i = 0; i < 8; i++) {
        unsigned ir = (c->top + i) & 7;

        if (service & ir_bit(ir)) {
            c->isr &= (uint8_t)~ir_bit(ir);
            return (int)ir;
        }
    }
    return -1;
}

/*
 * Another processor's non-specific EOI found the IS bit of @r the highest. It
 * was meant for one that was in service before, lower, and ends that now.
 */
static void end_instead(I8259Pair *p, I8259Which which, unsigned ir,
                        const I8259Receipt *r)
{
    I8259Chip *c = &p->chip[which];
    uint8_t service = in_service(c) & (uint8_t)~ir_bit(ir);
    uint8_t before = 0;
    unsigned i;

    for (i = 0; i < 8; i++) {
        before |= p->by[which][i] < r->ack ? ir_bit(i) : 0;
    }
    if (service & before) {
        service &= before;
    }
    end_highest(c, service);
}

/* The IS bit goes; unless somebody has ended it, or SFNM uses it twice */
static void undo_service(I8259Pair *p, I8259Which which, unsigned ir,
                         const I8259Receipt *r)
{
    I8259Chip *c = &p->chip[which];
    uint8_t bit = ir_bit(ir);
    bool same = p->by[which][ir] == r->ack;
    bool twice = !same && (not_locked_out(p, which) & bit);

    if ((r->isr[which] & bit) && !twice && !(same && (c->isr & bit))) {
        end_instead(p, which, ir, r);
    }
    if (same) {
        c->isr &= (uint8_t)~(r->isr[which] & bit);
        p->by[which][ir] = r->by[which];
    }
}

static void undo_chip(I8259Pair *p, I8259Which which, const I8259Receipt *r)
{
    I8259Chip *c = &p->chip[which];
    bool born_since = p->born[which] >= r->ack;
    unsigned ir;

    for (ir = 0; ir < 8; ir++) {
        uint8_t bit = ir_bit(ir);
        unsigned irq = irq_number(which, ir);

        if (r->counted[which] & bit) {
            p->delivered[irq]--;
        } else if (r->edge[which] & bit) {
            /* Withdrawn: the default IR7 that it became was not taken */
            p->dropped[irq]--;
        }
        if (!born_since) {
            undo_service(p, which, ir, r);
        }
    }
    if (!born_since && c->top == r->new_top[which]) {
        c->top = r->top[which];
    }
    give_edges_back(p, which, r->edge[which], born_since);
    if (which == I8259_MASTER && !born_since && r->slave_edge) {
        p->slave_edge = p->slave_int && c->sngl &&
                        !(level_triggered(c) & IR2);
    }
}

void i8259_pair_undo(I8259Pair *p, const I8259Receipt *r)
{
    if (!r->ack) {
        return;
    }
    if (r->inta.spurious) {
        p->spurious[r->inta.irq < 8 ? I8259_MASTER : I8259_SLAVE]--;
    }
    undo_chip(p, I8259_MASTER, r);
    undo_chip(p, I8259_SLAVE, r);
    sync_outputs(p);
}

void i8259_pair_set_line(I8259Pair *p, unsigned irq, bool level)
{
    I8259Chip *c;
    uint8_t bit = ir_bit(irq);

    if (irq >= I8259_LINES) {
        return;
    }
    c = &p->chip[irq < 8 ? I8259_MASTER : I8259_SLAVE];
    if (!level) {
        c->pins &= (uint8_t)~bit;
    } else if (!(c->pins & bit)) {
        /* "recognized by a low to high transition on an IR input" */
        c->pins |= bit;
        p->raised[irq]++;
        p->merged[irq] += !!(c->edge & bit);
        c->edge |= bit & (uint8_t)~level_triggered(c);
    }
    sync_outputs(p);
}

void i8259_pair_elcr_write(I8259Pair *p, I8259Which which, uint8_t val)
{
    I8259Chip *c = &p->chip[which];

    c->elcr = val & c->elcr_mask;
    /* A line that is level triggered now has no use for an edge */
    drop_edges(p, which, level_triggered(c));
    sync_outputs(p);
}

uint8_t i8259_pair_elcr_read(const I8259Pair *p, I8259Which which)
{
    return p->chip[which].elcr;
}

/*
 * ICW1: "the edge sense circuit is reset", "the Interrupt Mask Register is
 * cleared", "IR7 input is assigned priority 7", "Special Mask Mode is cleared
 * and Status Read is set to IRR". Fully nested mode "is entered after
 * initialization", so nothing is in service and nothing rotates.
 */
static void icw1(I8259Pair *p, I8259Which which, uint8_t val)
{
    I8259Chip *c = &p->chip[which];

    drop_edges(p, which, 0xff);
    bear(p, which);
    *c = (I8259Chip) {
        .pins = c->pins,
        .base = c->base,
        .elcr = c->elcr,
        .elcr_mask = c->elcr_mask,
        .ltim = val & ICW1_LTIM,
        .sngl = val & ICW1_SNGL,
        .ic4 = val & ICW1_IC4,
        .init = I8259_WANT_ICW2,
    };
}

static I8259Init icw4_or_ready(const I8259Chip *c)
{
    return c->ic4 ? I8259_WANT_ICW4 : I8259_READY;
}

/* ICW2: "T7-T3 of interrupt vector address (8086/8088 mode)" */
static void icw2(I8259Chip *c, uint8_t val)
{
    c->base = val & ICW2_BASE;
    /* SNGL: "no ICW3 will be issued" */
    c->init = c->sngl ? icw4_or_ready(c) : I8259_WANT_ICW3;
}

/* ICW3: which IR has a slave; in a PC the wires say so, not this word */
static void icw3(I8259Chip *c, uint8_t val)
{
    c->init = icw4_or_ready(c);
}

/* ICW4: "If SFNM = 1 the special fully nested mode is programmed"; so AEOI */
static void icw4(I8259Chip *c, uint8_t val)
{
    c->sfnm = val & ICW4_SFNM;
    c->aeoi = val & ICW4_AEOI;
    c->init = I8259_READY;
}

/* OCW1: "M = 1 indicates the channel is masked (inhibited)" */
static void ocw1(I8259Chip *c, uint8_t val)
{
    c->imr = val;
}

/* A0 = 1 is the next word of the initialisation sequence, else OCW1 */
static void (*const a0_high[])(I8259Chip *c, uint8_t val) = {
    [I8259_READY] = ocw1,
    [I8259_WANT_ICW2] = icw2,
    [I8259_WANT_ICW3] = icw3,
    [I8259_WANT_ICW4] = icw4,
};

/*
 * Non-specific EOI: "reset the highest IS bit of those that are set", but an
 * IS bit "that is masked by an IMR bit will not be cleared" in SMM. Returns
 * the IR, or -1 if none was in service.
 */
static int ocw2_end_highest(I8259Chip *c)
{
    return end_highest(c, in_service(c));
}

static void ocw2_eoi(I8259Chip *c, unsigned ir)
{
    ocw2_end_highest(c);
}

/* "a device, after being serviced, receives the lowest priority" */
static void ocw2_rotate_eoi(I8259Chip *c, unsigned ir)
{
    int ended = ocw2_end_highest(c);

    if (ended >= 0) {
        make_lowest(c, (unsigned)ended);
    }
}

/* "L0-L2 is the binary level of the IS bit to be reset" */
static void ocw2_specific_eoi(I8259Chip *c, unsigned ir)
{
    c->isr &= (uint8_t)~ir_bit(ir);
}

static void ocw2_rotate_specific_eoi(I8259Chip *c, unsigned ir)
{
    ocw2_specific_eoi(c, ir);
    make_lowest(c, ir);
}

/* "L0-L2 is the binary priority level code of the bottom priority device" */
static void ocw2_set_priority(I8259Chip *c, unsigned ir)
{
    make_lowest(c, ir);
}

/* "set by (R = 1, SL = 0, EOI = 0)" */
static void ocw2_rotate_aeoi_set(I8259Chip *c, unsigned ir)
{
    c->rotate_aeoi = true;
}

/* "cleared by (R = 0, SL = 0, EOI = 0)" */
static void ocw2_rotate_aeoi_clear(I8259Chip *c, unsigned ir)
{
    c->rotate_aeoi = false;
}

static void ocw2_nop(I8259Chip *c, unsigned ir)
{
}

static void (*const ocw2[])(I8259Chip *c, unsigned ir) = {
    [OCW2_ROTATE_AEOI_CLEAR] = ocw2_rotate_aeoi_clear,
    [OCW2_EOI] = ocw2_eoi,
    [OCW2_NOP] = ocw2_nop,
    [OCW2_SPECIFIC_EOI] = ocw2_specific_eoi,
    [OCW2_ROTATE_AEOI_SET] = ocw2_rotate_aeoi_set,
    [OCW2_ROTATE_EOI] = ocw2_rotate_eoi,
    [OCW2_SET_PRIORITY] = ocw2_set_priority,
    [OCW2_ROTATE_SPECIFIC_EOI] = ocw2_rotate_specific_eoi,
};

/* OCW3: "When ESMM = 0 the SMM bit becomes a don't care"; so RIS if RR = 0 */
static void ocw3(I8259Chip *c, uint8_t val)
{
    if (val & OCW3_ESMM) {
        c->smm = val & OCW3_SMM;
    }
    if (val & OCW3_RR) {
        c->read_isr = val & OCW3_RIS;
    }
    c->poll = val & OCW3_POLL;
}

void i8259_pair_write(I8259Pair *p, I8259Which which, unsigned a0, uint8_t val)
{
    I8259Chip *c = &p->chip[which];

    if (a0) {
        a0_high[c->init](c, val);
    } else if (val & ICW1_SELECT) {
        icw1(p, which, val);
    } else if (val & OCW3_SELECT) {
        ocw3(c, val);
    } else {
        ocw2[val >> OCW2_COMMAND_SHIFT](c, val & OCW2_LEVEL);
    }
    sync_outputs(p);
}

/*
 * Poll: "treats the next RD pulse ... as an interrupt acknowledge, sets the
 * appropriate IS bit if there is a request, and reads the priority level".
 */
static uint8_t poll_word(I8259Pair *p, I8259Which which)
{
    int ir = winner(p, which);

    if (ir < 0) {
        return 0;
    }
    if (withdrawn(p, which, (unsigned)ir)) {
        drop_edges(p, which, ir_bit((unsigned)ir));
        return 0;
    }
    p->acks++;
    acknowledge(p, which, (unsigned)ir);
    return (uint8_t)(POLL_INTERRUPT | ir);
}

uint8_t i8259_pair_read(I8259Pair *p, I8259Which which, unsigned a0)
{
    I8259Chip *c = &p->chip[which];
    uint8_t val;

    if (c->poll) {
        c->poll = false;
        val = poll_word(p, which);
        sync_outputs(p);
        return val;
    }
    if (a0) {
        return c->imr;
    }
    return c->read_isr ? c->isr : i8259_pair_irr(p, which);
}

void i8259_pair_init(I8259Pair *p, uint8_t master_elcr_mask,
                     uint8_t slave_elcr_mask)
{
    memset(p, 0, sizeof(*p));
    p->chip[I8259_MASTER].elcr_mask = master_elcr_mask;
    p->chip[I8259_SLAVE].elcr_mask = slave_elcr_mask;
}

void i8259_pair_reset_chip(I8259Pair *p, I8259Which which)
{
    I8259Chip *c = &p->chip[which];

    drop_edges(p, which, 0xff);
    bear(p, which);
    *c = (I8259Chip) { .elcr_mask = c->elcr_mask };
    sync_outputs(p);
}

void i8259_pair_save(const I8259Pair *p, I8259Which which, I8259Saved *s)
{
    const I8259Chip *c = &p->chip[which];

    *s = (I8259Saved) {
        .last_irr = pin_levels(p, which),
        .irr = i8259_pair_irr(p, which),
        .imr = c->imr,
        .isr = c->isr,
        .priority_add = c->top,
        .irq_base = c->base,
        .read_reg_select = c->read_isr,
        .poll = c->poll,
        .special_mask = c->smm,
        .init_state = (uint8_t)c->init,
        .auto_eoi = c->aeoi,
        .rotate_on_auto_eoi = c->rotate_aeoi,
        .special_fully_nested_mode = c->sfnm,
        .init4 = c->ic4,
        /* These two as stock QEMU has them: the bit of ICW1 */
        .single_mode = c->sngl ? ICW1_SNGL : 0,
        .elcr = c->elcr,
        .ltim = c->ltim ? ICW1_LTIM : 0,
    };
}

/*
 * Pins and edges of the stream. Stock QEMU forgets a level line's last_irr at
 * ICW1, so a level line with its irr bit set is high. Bit 2 of the master is
 * the slave's INT there, often stale; line 2 itself, which no device of a PC
 * drives, is not told apart from it and comes in low.
 */
static void load_lines(I8259Pair *p, I8259Which which, const I8259Saved *s)
{
    I8259Chip *c = &p->chip[which];
    uint8_t level = level_triggered(c);
    uint8_t edge = s->irr & (uint8_t)~level;
    uint8_t lines = 0xff;
    unsigned ir;

    if (which == I8259_MASTER) {
        p->slave_edge = c->sngl && (edge & IR2);
        lines = (uint8_t)~IR2;
    }
    c->pins = (s->last_irr | (s->irr & level)) & lines;
    c->edge = edge & lines;
    for (ir = 0; ir < 8; ir++) {
        p->raised[irq_number(which, ir)] += !!(c->edge & ir_bit(ir));
    }
}

void i8259_pair_load(I8259Pair *p, I8259Which which, const I8259Saved *s)
{
    I8259Chip *c = &p->chip[which];
    bool known = s->init_state <= I8259_WANT_ICW4;

    drop_edges(p, which, 0xff);
    bear(p, which);
    *c = (I8259Chip) {
        .imr = s->imr,
        .isr = s->isr,
        .top = s->priority_add & 7,
        .base = s->irq_base & ICW2_BASE,
        .elcr = s->elcr & c->elcr_mask,
        .elcr_mask = c->elcr_mask,
        .init = known ? (I8259Init)s->init_state : I8259_READY,
        .ltim = s->ltim,
        .sngl = s->single_mode,
        .ic4 = s->init4,
        .sfnm = s->special_fully_nested_mode,
        .aeoi = s->auto_eoi,
        .rotate_aeoi = s->rotate_on_auto_eoi,
        .smm = s->special_mask,
        .read_isr = s->read_reg_select,
        .poll = s->poll,
    };
    load_lines(p, which, s);
    /* A restored INT is not a rise: what rose before is in the stream */
    p->slave_int = winner(p, I8259_SLAVE) >= 0;
    sync_outputs(p);
}
