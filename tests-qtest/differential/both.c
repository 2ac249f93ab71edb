/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One sequence on both.
 */
#include "qemu/osdep.h"
#include "both.h"

static uint16_t our_inta(I8259Pair *p, I8259Inta *taken)
{
    *taken = i8259_pair_peek(p);
    i8259_pair_commit(p, *taken);
    return GUEST_VECTOR | taken->vector;
}

static uint16_t our_read(I8259Pair *p, const Step *s)
{
    return GUEST_BYTE | (s->reg == REG_ELCR ?
                         i8259_pair_elcr_read(p, s->chip) :
                         i8259_pair_read(p, s->chip, s->reg));
}

uint16_t our_step(I8259Pair *p, const Step *s, I8259Inta *taken)
{
    *taken = (I8259Inta) {};
    switch (s->kind) {
    case STEP_OUT:
        if (s->reg == REG_ELCR) {
            i8259_pair_elcr_write(p, s->chip, s->val);
        } else {
            i8259_pair_write(p, s->chip, s->reg, s->val);
        }
        return NO_WORD;
    case STEP_IN:
        return our_read(p, s);
    case STEP_LINE:
        i8259_pair_set_line(p, s->chip * 8 + s->reg, s->val);
        return NO_WORD;
    case STEP_WINDOW:
        return i8259_pair_int(p, I8259_MASTER) ? our_inta(p, taken) :
                                                 GUEST_NONE;
    default:
        return our_inta(p, taken);
    }
}

/* Through the stream, which has no place for line 2 */
static void save_and_load(I8259Pair *p)
{
    const I8259Chip *m = &p->chip[I8259_MASTER];
    I8259Saved saved[I8259_CHIPS];
    unsigned i;

    if ((m->pins | m->edge) & IR2) {
        return;
    }
    for (i = 0; i < I8259_CHIPS; i++) {
        i8259_pair_save(p, i, &saved[i]);
    }
    i8259_pair_init(p, ELCR_MASTER, ELCR_SLAVE);
    for (i = 0; i < I8259_CHIPS; i++) {
        i8259_pair_load(p, i, &saved[i]);
    }
}

/* An INTA cycle whose vector nobody took */
static void take_and_undo(I8259Pair *p)
{
    I8259Receipt r = i8259_pair_commit(p, i8259_pair_peek(p));

    i8259_pair_undo(p, &r);
}

void both_begin(Both *b, unsigned ways)
{
    b->ways = ways;
    i8259_pair_init(&b->pair, ELCR_MASTER, ELCR_SLAVE);
    pic_registers(&b->pair, &b->kvm);
    b->n = 0;
    b->wrong = -1;
}

static bool refused(Both *b, const Turn *t)
{
    unsigned i;

    for (i = 0; i < differences_count; i++) {
        if (differences[i].refuse && differences[i].refuse(t)) {
            b->refused[i]++;
            return true;
        }
    }
    return false;
}

/* Bit i: difference i counted */
static uint32_t amend(Turn *t)
{
    uint32_t which = 0;
    unsigned i;

    for (i = 0; i < differences_count; i++) {
        PICRegisters regs = *t->now;
        uint16_t word = *t->kvm_word;
        bool put = *t->put;

        if (!differences[i].amend) {
            continue;
        }
        differences[i].amend(t);
        if (memcmp(&regs, t->now, sizeof(regs)) || word != *t->kvm_word ||
            put != *t->put) {
            which |= 1u << i;
        }
    }
    return which;
}

bool both_step(Both *b, const Step *s)
{
    Expected *e = &b->step[b->n];
    I8259Pair after;
    I8259Inta taken;
    Turn t = {
        .step = &e->step, .before = &e->before, .after = &after,
        .was = &b->kvm, .now = &e->kvm, .kvm_word = &e->kvm_word,
        .put = &e->put,
    };
    PICRegisters settled;
    uint32_t counted;
    unsigned i;

    if (b->n == SEQUENCE_MAX) {
        return false;
    }
    *e = (Expected) { .step = *s, .before = b->pair };
    after = b->pair;
    if (b->ways & LOAD_EACH) {
        save_and_load(&after);
    }
    if ((b->ways & UNDO_EACH) && s->kind == STEP_WINDOW &&
        i8259_pair_int(&after, I8259_MASTER)) {
        take_and_undo(&after);
    }
    e->word = e->kvm_word = t.word = our_step(&after, s, &taken);
    t.ir2_taken = taken.irq >= 8;
    pic_registers(&after, &e->ours);
    e->kvm = e->ours;
    counted = amend(&t);
    if (refused(b, &t)) {
        return false;
    }
    for (i = 0; i < differences_count; i++) {
        b->amended[i] += counted >> i & 1;
    }
    if (b->old_poll && polled(&t)) {
        e->kvm_word &= (uint16_t)~POLL_INTERRUPT;
    }
    settled = e->ours;
    pic_settle(&settled);
    e->put |= memcmp(&settled, &e->kvm, sizeof(settled)) != 0;
    b->kvm = e->put ? settled : e->kvm;
    b->pair = after;
    b->n++;
    return true;
}

void emit_step(KVMPIC *k, const Step *s)
{
    switch (s->kind) {
    case STEP_OUT:
        kvm_pic_out(k, step_port(s), s->val);
        break;
    case STEP_IN:
        kvm_pic_in(k, step_port(s));
        break;
    case STEP_LINE:
        break;
    default:
        kvm_pic_window(k);
        break;
    }
}

static bool has_sync(const Both *b, unsigned i)
{
    const Expected *e = &b->step[i];

    return (b->ways & LOOK_EACH) || e->put || e->step.kind == STEP_LINE ||
           i + 1 == b->n;
}

static void emit_all(const Both *b, KVMPIC *k)
{
    unsigned i;

    kvm_pic_begin(k);
    for (i = 0; i < b->n; i++) {
        emit_step(k, &b->step[i].step);
        if (has_sync(b, i)) {
            kvm_pic_sync(k);
        }
    }
    kvm_pic_start(k);
}

/* The words of the steps up to @last that were not looked at yet */
static bool words_agree(Both *b, const uint16_t *log, unsigned last)
{
    for (; b->looked <= last; b->looked++) {
        const Expected *e = &b->step[b->looked];

        if (e->kvm_word == NO_WORD) {
            continue;
        }
        b->got_word = log[b->words++];
        b->answers++;
        b->interrupts += e->word >> 8 == GUEST_VECTOR >> 8;
        if (b->got_word != e->kvm_word) {
            return false;
        }
    }
    return true;
}

/* At the sync of step @i. False: something disagrees. */
static bool compare_at(Both *b, KVMPIC *k, unsigned i)
{
    const Expected *e = &b->step[i];
    const Step *s = &e->step;

    if (s->kind == STEP_LINE) {
        kvm_pic_line(k, s->chip * 8 + s->reg, s->val);
    }
    kvm_pic_get(k, &b->got);
    b->compared++;
    b->wrong_word = !words_agree(b, kvm_pic_log(k), i);
    if (b->wrong_word) {
        b->wrong = (int)b->looked;
    } else if (memcmp(&b->got, &e->kvm, sizeof(b->got))) {
        b->wrong = (int)i;
    }
    if (e->put) {
        kvm_pic_put(k, &e->ours);
    }
    return b->wrong < 0;
}

void both_compare(Both *b, KVMPIC *k)
{
    unsigned i;

    emit_all(b, k);
    b->wrong = -1;
    b->looked = b->words = 0;
    for (i = 0; i < b->n; i++) {
        if (!has_sync(b, i)) {
            continue;
        }
        if (!kvm_pic_go(k)) {
            b->wrong = (int)i;
            b->wrong_word = false;
            memset(&b->got, 0xff, sizeof(b->got));
            return;
        }
        if (!compare_at(b, k, i)) {
            return;
        }
    }
}
