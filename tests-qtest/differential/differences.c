/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where KVM's in-kernel PIC deviates from the datasheet and we do not follow.
 */
#include "qemu/osdep.h"
#include "differences.h"

static void amend_ir2_latch(Turn *t)
{
    uint8_t fell = t->was->chip[M].irr & ~t->now->chip[M].irr & IR2;

    if (keeps_ir2(t) && !slave_asks(t->now)) {
        t->now->chip[M].irr |= fell;
    }
}

static bool refuse_line_2(const Turn *t)
{
    PICRegisters ours;

    pic_registers(t->after, &ours);
    return (t->after->chip[M].pins & IR2) &&
           (slave_asks(t->now) || slave_asks(&ours));
}

static void amend_icw1_isr(Turn *t)
{
    unsigned i = t->step->chip;

    if (is_icw1(t)) {
        const struct kvm_pic_state *was = &t->was->chip[i];

        t->now->chip[i].isr = was->isr & (uint8_t)~(was->irr & ~was->elcr);
    }
}

static void amend_icw1_modes(Turn *t)
{
    const struct kvm_pic_state *was = &t->was->chip[t->step->chip];
    struct kvm_pic_state *now = &t->now->chip[t->step->chip];

    if (is_icw1(t)) {
        now->rotate_on_auto_eoi = was->rotate_on_auto_eoi;
    }
    if (is_icw1(t) && (t->step->val & ICW1_IC4)) {
        now->auto_eoi = was->auto_eoi;
        now->special_fully_nested_mode = was->special_fully_nested_mode;
    }
}

static void amend_icw1_pins(Turn *t)
{
    if (is_icw1(t)) {
        t->now->chip[t->step->chip].last_irr = 0;
    }
}

static void amend_icw1_ir2(Turn *t)
{
    if (is_icw1_of(t, M)) {
        t->now->chip[M].irr &= (uint8_t)~IR2;
    }
}

static void amend_icw1_poll(Turn *t)
{
    unsigned i = t->step->chip;

    if (is_icw1(t)) {
        t->now->chip[i].poll = t->was->chip[i].poll;
    }
}

/* Of what the next look would change, IR2 is seen in the registers */
static void amend_no_look(Turn *t)
{
    bool ends_init = is_out(t, REG_A0_HIGH) && t->step->chip == S;

    if (looks_again(t)) {
        return;
    }
    if ((ends_init || is_out(t, REG_ELCR)) && !(t->was->chip[M].irr & IR2)) {
        t->now->chip[M].irr &= (uint8_t)~IR2;
    }
    if ((master_asks(t->was) >= 0) != (master_asks(t->now) >= 0)) {
        *t->put = true;
    }
}

/* The slave asks the master in the middle of its initialisation */
static void amend_init(Turn *t)
{
    uint8_t ir2 = t->was->chip[M].irr & IR2;

    if (t->after->chip[S].init == I8259_READY) {
        return;
    }
    if (keeps_ir2(t)) {
        t->now->chip[M].irr |= ir2;
    }
    if (looks_again(t)) {
        pic_settle(t->now);
    }
}

/* A read of IRR that meets the slave's early request */
static void amend_init_irr(Turn *t)
{
    bool irr = t->step->kind == STEP_IN && t->step->chip == M &&
               t->step->reg == REG_A0_LOW && !is_poll(t) &&
               !t->was->chip[M].read_reg_select;

    if (irr && in_init(t, S)) {
        *t->kvm_word |= t->was->chip[M].irr & IR2;
    }
}

/* INTA or a poll that would answer in the middle of an initialisation */
static bool refuse_init(const Turn *t)
{
    bool slave = in_init(t, S) && slave_asks(t->was);
    bool master = in_init(t, M) && master_asks(t->was) >= 0;

    return (t->step->kind == STEP_WINDOW && (master || slave)) ||
           (is_poll(t) && (t->step->chip == M ? master || slave : slave));
}

static bool refuse_ltim(const Turn *t)
{
    return is_icw1(t) && (t->step->val & ICW1_LTIM);
}

static bool refuse_sngl(const Turn *t)
{
    return is_icw1(t) && (t->step->val & ICW1_SNGL);
}

/* What KVM keeps of IRR at a write to ELCR, among @lines */
static void keep_irr(Turn *t, uint8_t lines)
{
    unsigned i = t->step->chip;

    t->now->chip[i].irr &= (uint8_t)~lines;
    t->now->chip[i].irr |= t->was->chip[i].irr & lines;
}

static void amend_elcr_level(Turn *t)
{
    unsigned i = t->step->chip;

    if (is_out(t, REG_ELCR)) {
        keep_irr(t, t->now->chip[i].elcr & (uint8_t)~t->was->chip[i].elcr);
    }
}

static void amend_elcr_edge(Turn *t)
{
    unsigned i = t->step->chip;

    if (is_out(t, REG_ELCR)) {
        keep_irr(t, t->was->chip[i].elcr & (uint8_t)~t->now->chip[i].elcr);
    }
}

/* What is masked and in service is what SMM is about */
static bool refuse_smm(const Turn *t)
{
    unsigned i;

    for (i = 0; i < I8259_CHIPS; i++) {
        const I8259Chip *c = &t->after->chip[i];

        if (c->smm && (c->isr & c->imr)) {
            return true;
        }
    }
    return false;
}

static unsigned rank(const struct kvm_pic_state *c, unsigned ir)
{
    return (ir - c->priority_add) & 7;
}

static bool refuse_sfnm(const Turn *t)
{
    const struct kvm_pic_state *m = &t->was->chip[M];
    int ir = master_asks(t->was);

    return (t->step->kind == STEP_WINDOW ||
            (is_poll(t) && t->step->chip == M)) &&
           m->special_fully_nested_mode && (m->isr & IR2) && ir >= 0 &&
           rank(m, (unsigned)ir) > rank(m, I8259_CASCADE);
}

static void amend_poll_nothing(Turn *t)
{
    if (is_poll(t) && t->word == 0) {
        *t->kvm_word = POLL_NOTHING;
    }
}

static void amend_poll_isr(Turn *t)
{
    t->now->chip[t->step->chip].isr &= (uint8_t)~polled(t);
}

static void amend_poll_level(Turn *t)
{
    struct kvm_pic_state *c = &t->now->chip[t->step->chip];

    c->irr &= (uint8_t)~(polled(t) & c->elcr);
}

static void amend_poll_ir2(Turn *t)
{
    if (t->step->chip == M && polled(t) == IR2) {
        t->now->chip[M].irr &= (uint8_t)~IR2;
    }
}

/* With no IS bit set, a lower request of the slave asks at once */
static void amend_poll_slave(Turn *t)
{
    if (t->step->chip == S && polled(t)) {
        t->now->chip[M].isr &= (uint8_t)~IR2;
        t->now->chip[M].irr &= (uint8_t)~IR2;
        pic_settle(t->now);
    }
}

static void amend_poll_rotate(Turn *t)
{
    unsigned i = t->step->chip;

    if (polled(t)) {
        t->now->chip[i].priority_add = t->was->chip[i].priority_add;
    }
}

static void amend_poll_cancel(Turn *t)
{
    unsigned i = t->step->chip;

    if (is_ocw3(t) && !(t->step->val & OCW3_POLL)) {
        t->now->chip[i].poll = t->was->chip[i].poll;
    }
}

#define MASTER_INIT "m0=11 m1=08 m1=04 m1=01 "
#define SLAVE_INIT "s0=11 s1=70 s1=02 s1=01 "
#define INIT MASTER_INIT SLAVE_INIT

/* In the order of KVM's own work in a step: poll_rotate before poll_slave */
const Difference differences[] = {
    { "ir2-latch", "Cascade mode",
      "IR2 keeps a request that the slave has withdrawn: a spurious IRQ15",
      amend_ir2_latch, NULL,
      INIT "+11 s1=08 m0=0a m0? w", "00 --", "04 v77" },
    { "line-2", "Cascade mode",
      "line 2, held high, hides the slave's request",
      NULL, refuse_line_2,
      INIT "+2 w m0=20 +11 w", "v77 v73", "v77 --" },
    { "icw1-isr", "Initialization command words; Fully nested mode",
      "ICW1 keeps ISR bits, but those whose edge is latched again",
      amend_icw1_isr, NULL,
      INIT "+3 w " MASTER_INIT "m0=0b m0?", "v0b 00", "v0b 08" },
    { "icw1-modes", "Initialization command words",
      "ICW1 keeps rotate in AEOI mode, and SFNM and AEOI if an ICW4 follows",
      amend_icw1_modes, NULL,
      INIT "m0=80 m0=11 m1=08 m1=04 m1=03 +3 w +4 +0 w",
      "v0b v08", "v0b v0c" },
    { "icw1-pins", "Initialization command words",
      "ICW1 forgets the pins: a held line, driven once more, is an edge",
      amend_icw1_pins, NULL,
      INIT "+3 w m0=20 " MASTER_INIT "+3 w", "v0b --", "v0b v0b" },
    { "icw1-ir2", "Cascade mode",
      "ICW1 of the master forgets that the slave asks",
      amend_icw1_ir2, NULL,
      INIT "+11 " MASTER_INIT "m0=0a m0?", "04", "00" },
    { "icw1-poll", "Initialization command words; Poll command",
      "ICW1 keeps a poll command",
      amend_icw1_poll, NULL,
      INIT "m0=0c " MASTER_INIT "+3 m0?", "08", "83" },
    { "init-int", "Initialization command words",
      "INT rises in the middle of the initialisation",
      amend_init, refuse_init,
      INIT "m0=11 m1=08 +3 w m1=04 m1=01 w", "-- v0b", "v0b --" },
    { "init-irr", "Initialization command words; Cascade mode",
      "so does the slave's, which the master's IRR shows",
      amend_init_irr, NULL,
      INIT "s0=11 s1=70 +11 m0=0a m0? s1=02 s1=01 m0?", "00 04", "04 04" },
    { "ltim", "Initialization command words",
      "LTIM is ignored",
      NULL, refuse_ltim,
      "m0=19 m1=08 m1=04 m1=01 +3 w m0=20 w", "v0b v0b", "v0b --" },
    { "sngl", "Initialization command words",
      "SNGL is ignored: an ICW3 is expected",
      NULL, refuse_sngl,
      "m0=13 m1=08 m1=01 m1=a5 m1?", "a5", "00" },
    { "elcr-level", "Edge and level triggered modes",
      "a line that becomes level triggered requests on by its old edge, and "
      "not by its level",
      amend_elcr_level, NULL,
      INIT "+3 -3 m4=08 w m0=0a m0?", "-- 00", "v0b 08" },
    { "elcr-edge", "Edge and level triggered modes",
      "a line that is level triggered no more requests on by its level",
      amend_elcr_edge, NULL,
      INIT "m4=08 +3 m4=00 m0=0a m0?", "00", "08" },
    { "smm", "Special mask mode",
      "special mask mode is remembered and does nothing",
      NULL, refuse_smm,
      INIT "+1 w m1=02 m0=68 +5 w", "v09 v0d", "v09 --" },
    { "smm-eoi", "End of interrupt",
      "so a non-specific EOI ends masked levels too",
      NULL, NULL,
      INIT "+1 w m1=02 m0=68 m0=20 m0=0b m0?", "v09 02", "v09 00" },
    { "sfnm", "Special fully nested mode",
      "SFNM also lets IR3 to IR7 interrupt a slave in service",
      NULL, refuse_sfnm,
      "m0=11 m1=08 m1=04 m1=11 " SLAVE_INIT "+11 w +3 w",
      "v73 --", "v73 v0b" },
    { "poll-nothing", "Poll command",
      "a poll with nothing pending reads 07h",
      amend_poll_nothing, NULL, INIT "m0=0c m0?", "00", "07" },
    { "poll-isr", "Poll command",
      "a poll sets no IS bit",
      amend_poll_isr, NULL,
      INIT "+3 m0=0c m0? m0=0b m0?", "83 08", "83 00" },
    { "poll-level", "Poll command; Edge and level triggered modes",
      "a poll takes a level request away whose line is still high",
      amend_poll_level, NULL,
      INIT "m4=08 +3 m0=0c m0? m0=0a m0?", "83 08", "83 00" },
    { "poll-ir2", "Poll command; Cascade mode",
      "a poll of the master takes IR2 away while the slave still asks",
      amend_poll_ir2, NULL,
      INIT "+11 m0=0c m0? m0=0a m0?", "82 04", "82 00" },
    { "poll-rotate", "Poll command; Automatic rotation",
      "a poll in AEOI mode does not rotate",
      amend_poll_rotate, NULL,
      "m0=11 m1=08 m1=04 m1=03 m0=80 +3 m0=0c m0? +4 +0 w",
      "83 v0c", "83 v08" },
    { "poll-slave", "Poll command",
      "a poll of the slave clears the master's ISR2",
      amend_poll_slave, NULL,
      INIT "+12 w +11 s0=0c s0? m0=0b m0?", "v74 83 04", "v74 83 00" },
    { "poll-cancel", "Poll command; Operation command words",
      "OCW3 with P = 0 does not cancel a poll command",
      amend_poll_cancel, NULL,
      INIT "+3 m0=0c m0=0a m0?", "08", "83" },
    /* Last: it compares what all others have made of the registers */
    { "no-look", "Initialization command words",
      "ICWs and ELCR do not compute INT anew: it stays up after ICW1",
      amend_no_look, NULL,
      INIT "+3 " MASTER_INIT "w", "--", "v0f" },
};

const unsigned differences_count = sizeof(differences) / sizeof(*differences);

_Static_assert(sizeof(differences) / sizeof(*differences) <= DIFFERENCES_MAX,
               "counters for all");
