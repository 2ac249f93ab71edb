/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold of the 8259 core in every state: saving and loading, streams
 * as stock QEMU makes them, counters, and random operation under an oracle
 * that reads registers and knows the priority rules by another formula.
 */
#include "qemu/osdep.h"
#include "i8259-test.h"

#define IR2     (1u << I8259_CASCADE)
#define STEPS   150000

typedef struct Random {
    uint64_t state;
} Random;

/* xorshift64*: the same numbers on every host */
static uint32_t draw(Random *r, uint32_t below)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (uint32_t)((r->state * 0x2545f4914f6cdd1dULL) >> 32) % below;
}

static void save_both(const I8259Pair *p, I8259Saved s[I8259_CHIPS])
{
    i8259_pair_save(p, I8259_MASTER, &s[I8259_MASTER]);
    i8259_pair_save(p, I8259_SLAVE, &s[I8259_SLAVE]);
}

/* The place of @ir in the order of priority, 0 the highest */
static unsigned place(const I8259Saved *s, unsigned ir)
{
    return (ir - s->priority_add) & 7;
}

/* The best place among the set bits of @irs, 8 if none */
static unsigned best(const I8259Saved *s, unsigned irs)
{
    unsigned found = 8;
    unsigned ir;

    for (ir = 0; ir < 8; ir++) {
        if ((irs & 1u << ir) && place(s, ir) < found) {
            found = place(s, ir);
        }
    }
    return found;
}

/* INT by the datasheet's words, out of the registers alone: the IR or -1 */
static int oracle(const I8259Saved *s, I8259Which chip)
{
    bool sfnm = chip == I8259_MASTER && s->special_fully_nested_mode &&
        !s->single_mode;
    unsigned service = s->isr & ~(s->special_mask ? s->imr : 0u);
    unsigned request = best(s, s->irr & ~(unsigned)s->imr);
    unsigned ir = (request + s->priority_add) & 7;

    if (s->init_state || request == 8) {
        return -1;
    }
    if (request < best(s, service) ||
        (sfnm && ir == I8259_CASCADE && request == best(s, service))) {
        return (int)ir;
    }
    return -1;
}

static uint8_t level_bits(const I8259Saved *s)
{
    return s->ltim ? 0xff : s->elcr;
}

/* What no sequence of calls and no stream may break */
static void check_invariants(const I8259Pair *p)
{
    I8259Saved s[I8259_CHIPS];
    I8259Inta inta = i8259_pair_peek(p);
    I8259Which chip;
    int ir;

    save_both(p, s);
    for (chip = 0; chip < I8259_CHIPS; chip++) {
        const I8259Chip *c = &p->chip[chip];
        uint8_t lines = chip == I8259_MASTER ? (uint8_t)~IR2 : 0xff;
        uint8_t level = level_bits(&s[chip]) & lines;

        g_assert_cmphex(c->edge & level_bits(&s[chip]), ==, 0);
        g_assert_cmphex(s[chip].irr & level, ==, s[chip].last_irr & level);
        g_assert_cmphex(s[chip].irr & lines & ~level, ==, c->edge & lines);
        g_assert_cmphex(c->elcr & ~c->elcr_mask, ==, 0);
        g_assert_cmpuint(c->top, <, 8);
        g_assert_cmpuint(c->init, <=, I8259_WANT_ICW4);
        g_assert_cmphex(c->base & 7, ==, 0);
        g_assert_cmpint(i8259_pair_int(p, chip), ==,
                        oracle(&s[chip], chip) >= 0);
    }
    if (!s[I8259_MASTER].single_mode && p->slave_int) {
        g_assert_cmphex(s[I8259_MASTER].irr & IR2, ==, IR2);
    }

    ir = oracle(&s[I8259_MASTER], I8259_MASTER);
    chip = I8259_MASTER;
    if (ir == I8259_CASCADE && !s[I8259_MASTER].single_mode) {
        chip = I8259_SLAVE;
        ir = oracle(&s[I8259_SLAVE], I8259_SLAVE);
    }
    if (ir < 0) {
        g_assert_true(inta.spurious);
    }
    if (inta.spurious) {
        ir = 7;
    }
    g_assert_cmpuint(inta.irq, ==, (unsigned)ir + (chip ? 8 : 0));
    g_assert_cmphex(inta.vector, ==, s[chip].irq_base + ir);
}

/* One chip's registers after its @ir is acknowledged, by the datasheet */
static void model_acknowledge(I8259Saved *s, unsigned ir)
{
    if (!s->auto_eoi) {
        s->isr |= (uint8_t)(1u << ir);
    } else if (s->rotate_on_auto_eoi) {
        s->priority_add = (ir + 1) & 7;
    }
    s->irr &= (uint8_t)~(1u << ir & ~(unsigned)level_bits(s));
}

/*
 * INTA, and nothing else changed but what the datasheet says. The master's
 * IR2 follows the slave's INT, so its IRR bit is compared by invariants.
 */
static I8259Inta exact_inta(I8259Pair *p)
{
    I8259Saved want[I8259_CHIPS], got[I8259_CHIPS];
    I8259Inta inta;

    save_both(p, want);
    inta = inta_cycle(p);
    save_both(p, got);
    if (inta.irq >= 8) {
        model_acknowledge(&want[I8259_MASTER], I8259_CASCADE);
    }
    if (!inta.spurious) {
        model_acknowledge(&want[inta.irq >= 8], inta.irq & 7u);
    } else if (p->withdrawn_is_spurious) {
        want[inta.irq >= 8].irr = got[inta.irq >= 8].irr;
    }
    got[I8259_MASTER].irr &= (uint8_t)~IR2;
    want[I8259_MASTER].irr &= (uint8_t)~IR2;
    got[I8259_MASTER].last_irr &= (uint8_t)~IR2;
    want[I8259_MASTER].last_irr &= (uint8_t)~IR2;
    g_assert_cmpmem(want, sizeof(want), got, sizeof(got));
    return inta;
}

/* What a random run may do beside lines, INTA, EOI, masks and polls */
enum {
    INIT_AGAIN = 1,             /* ICW1 to ICW4 of any kind */
    LEVELS = 2,                 /* ELCR, LTIM */
    LINE2 = 4,
    SINGLE = 8,
    RESET = 16,
    WITHDRAWN = 32,
    RAW = 64,                   /* any byte at any port */
    MOVE = 128,                 /* save, load */
};

typedef struct Mix {
    const char *name;
    unsigned may;
} Mix;

static const Mix mixes[] = {
    { "lines", 0 },
    { "line2", LINE2 },
    { "init", INIT_AGAIN | LINE2 },
    { "levels", LEVELS | LINE2 | INIT_AGAIN },
    { "single", SINGLE | LINE2 | INIT_AGAIN },
    { "withdrawn", WITHDRAWN | LINE2 | INIT_AGAIN },
    { "reset", RESET | INIT_AGAIN | LINE2 },
    { "move", MOVE | INIT_AGAIN },
    { "move-levels", MOVE | LEVELS | INIT_AGAIN },
    { "raw", RAW | RESET | LEVELS | LINE2 | SINGLE },
    { "raw-withdrawn", RAW | WITHDRAWN | LEVELS | LINE2 | SINGLE },
    { "everything", 0xff },
};

typedef struct Tally {
    bool level[I8259_LINES];            /* as the test drives the lines */
    uint64_t raised[I8259_LINES];
    uint64_t answered[I8259_LINES];     /* INTA or poll named this line */
} Tally;

static void random_line(I8259Pair *p, Random *r, unsigned may, Tally *t)
{
    unsigned irq = draw(r, I8259_LINES);
    bool level = draw(r, 2);

    if (irq == I8259_CASCADE && !(may & LINE2)) {
        return;
    }
    i8259_pair_set_line(p, irq, level);
    if (t) {
        t->raised[irq] += level && !t->level[irq];
        t->level[irq] = level;
    }
}

static void random_init(I8259Pair *p, Random *r, unsigned may, I8259Which chip)
{
    unsigned icw1 = 0x10 | draw(r, 2);

    icw1 |= (may & SINGLE) && draw(r, 2) ? 0x02 : 0;
    icw1 |= (may & LEVELS) && !draw(r, 4) ? 0x08 : 0;
    if (draw(r, 4)) {
        init_chip(p, chip, icw1, draw(r, 32));
    } else {
        cmd(p, chip, icw1);
    }
}

static void random_poll(I8259Pair *p, Random *r, I8259Which chip, Tally *t)
{
    bool line2 = p->chip[I8259_MASTER].edge & IR2;
    uint8_t word = poll_chip(p, chip);
    unsigned irq = (word & 7u) + (chip == I8259_SLAVE ? 8 : 0);

    g_assert_true(word == 0 || (word & 0xf8) == 0x80);
    if (t && word && (irq != I8259_CASCADE || line2)) {
        t->answered[irq]++;
    }
}

static void random_inta(I8259Pair *p, Tally *t)
{
    bool line2 = p->chip[I8259_MASTER].edge & IR2;
    I8259Inta inta = exact_inta(p);

    if (t && !inta.spurious && inta.irq != I8259_CASCADE) {
        t->answered[inta.irq]++;
    }
    if (t && line2 && (inta.irq >= 8 || inta.irq == I8259_CASCADE)) {
        t->answered[I8259_CASCADE]++;
    }
}

static void random_rare(I8259Pair *p, Random *r, unsigned may, Tally *t)
{
    I8259Which chip = draw(r, 2);

    switch (1u << draw(r, 8) & may) {
    case INIT_AGAIN:
    case SINGLE:
        random_init(p, r, may, chip);
        break;
    case LEVELS:
        i8259_pair_elcr_write(p, chip, (uint8_t)draw(r, 256));
        break;
    case RESET:
        i8259_pair_reset_chip(p, chip);
        for (unsigned i = 0; t && i < 8; i++) {
            t->level[i + (chip == I8259_SLAVE ? 8 : 0)] = false;
        }
        break;
    case WITHDRAWN:
        p->withdrawn_is_spurious = draw(r, 2);
        break;
    case RAW:
        i8259_pair_write(p, chip, draw(r, 2), (uint8_t)draw(r, 256));
        break;
    default:
        break;
    }
}

static void random_step(I8259Pair *p, Random *r, unsigned may, Tally *t)
{
    I8259Which chip = draw(r, 2);

    switch (draw(r, 10)) {
    case 0:
    case 1:
    case 2:
        random_line(p, r, may, t);
        break;
    case 3:
    case 4:
        random_inta(p, t);
        break;
    case 5:
        cmd(p, chip, draw(r, 8) << 5 | draw(r, 8));
        break;
    case 6:
        data(p, chip, draw(r, 256) & draw(r, 256));
        break;
    case 7:
        random_poll(p, r, chip, t);
        break;
    case 8:
        cmd(p, chip, 0x08 | (draw(r, 128) & 0x63));
        break;
    default:
        random_rare(p, r, may, t);
        break;
    }
}

static void test_random(gconstpointer opaque)
{
    const Mix *mix = opaque;
    Random r = { .state = 0x8259a + mix->may };
    I8259Pair p, other;
    unsigned i;

    power_on(&p);
    for (i = 0; i < STEPS && !g_test_failed(); i++) {
        random_step(&p, &r, mix->may, NULL);
        check_invariants(&p);
        if ((mix->may & MOVE) && !draw(&r, 16)) {
            i8259_pair_init(&other, MASTER_ELCR, SLAVE_ELCR);
            move_state(&p, &other, draw(&r, 2));
            p = other;
        }
    }
}

/* Every edge is answered, merged, dropped or waiting: none lost, none twice */
static void test_none_lost(gconstpointer opaque)
{
    const Mix *mix = opaque;
    Random r = { .state = 0x8259b + mix->may };
    Tally t = { };
    I8259Pair p;
    unsigned i, irq;

    power_on(&p);
    for (i = 0; i < STEPS && !g_test_failed(); i++) {
        random_step(&p, &r, mix->may & ~(LEVELS | MOVE | RAW), &t);
        for (irq = 0; irq < I8259_LINES; irq++) {
            bool waits = p.chip[irq >= 8].edge & 1u << (irq & 7);

            g_assert_cmpuint(p.raised[irq], ==, t.raised[irq]);
            g_assert_cmpuint(p.delivered[irq], ==, t.answered[irq]);
            g_assert_cmpuint(t.raised[irq], ==,
                             t.answered[irq] + p.merged[irq] +
                             p.dropped[irq] + waits);
        }
    }
    for (irq = 0; irq < I8259_LINES; irq++) {
        g_assert_true(irq == I8259_CASCADE || t.answered[irq] > 100);
    }
}

/* All that a guest or a device can tell of two pairs, and what it hides */
static void check_same(const I8259Pair *a, const I8259Pair *b)
{
    I8259Saved sa[I8259_CHIPS], sb[I8259_CHIPS];
    I8259Inta ia = i8259_pair_peek(a), ib = i8259_pair_peek(b);
    I8259Which chip;

    save_both(a, sa);
    save_both(b, sb);
    g_assert_cmpmem(sa, sizeof(sa), sb, sizeof(sb));
    g_assert_cmphex(ia.vector, ==, ib.vector);
    g_assert_cmpuint(ia.spurious, ==, ib.spurious);
    g_assert_cmpuint(a->intr, ==, b->intr);
    g_assert_cmpuint(a->slave_int, ==, b->slave_int);
    g_assert_cmpuint(a->slave_edge, ==, b->slave_edge);
    for (chip = 0; chip < I8259_CHIPS; chip++) {
        g_assert_cmphex(a->chip[chip].pins, ==, b->chip[chip].pins);
        g_assert_cmphex(a->chip[chip].edge, ==, b->chip[chip].edge);
        g_assert_cmphex(a->chip[chip].elcr_mask, ==, b->chip[chip].elcr_mask);
    }
}

/*
 * A moved pair and the one it came from stay the same whatever happens next,
 * whichever chip came first and whatever the target had been doing.
 */
static void test_round_trip(gconstpointer opaque)
{
    const Mix *mix = opaque;
    unsigned may = (mix->may | RAW) & ~LINE2;
    Random r = { .state = 0x8259c + mix->may };
    I8259Pair p, first, second;
    unsigned i, j;

    power_on(&p);
    power_on(&second);
    for (i = 0; i < 3000 && !g_test_failed(); i++) {
        for (j = draw(&r, 40); j; j--) {
            random_step(&p, &r, may, NULL);
        }
        i8259_pair_init(&first, MASTER_ELCR, SLAVE_ELCR);
        move_state(&p, &first, false);
        move_state(&p, &second, true);
        check_same(&p, &first);
        check_same(&p, &second);
        for (j = draw(&r, 40); j; j--) {
            Random ra = r, rb = r, rc = r;

            random_step(&p, &ra, may, NULL);
            random_step(&first, &rb, may, NULL);
            random_step(&second, &rc, may, NULL);
            check_same(&p, &first);
            check_same(&p, &second);
            r = ra;
        }
    }
}

/* Any bytes load; the state is a legal one and saves as what it is */
static void test_garbage(gconstpointer opaque)
{
    bool slave_first = GPOINTER_TO_INT(opaque);
    Random r = { .state = 0x8259d };
    I8259Saved s[I8259_CHIPS];
    I8259Pair p, again, other;
    unsigned i, j;

    power_on(&p);
    for (i = 0; i < STEPS && !g_test_failed(); i++) {
        uint8_t *bytes = (uint8_t *)s;

        for (j = 0; j < sizeof(s); j++) {
            bytes[j] = (uint8_t)(draw(&r, 2) ? draw(&r, 256) : draw(&r, 4));
        }
        i8259_pair_load(&p, (I8259Which)slave_first, &s[slave_first]);
        check_invariants(&p);
        i8259_pair_load(&p, (I8259Which)!slave_first, &s[!slave_first]);
        check_invariants(&p);

        i8259_pair_init(&other, MASTER_ELCR, SLAVE_ELCR);
        other.withdrawn_is_spurious = p.withdrawn_is_spurious;
        i8259_pair_load(&other, (I8259Which)!slave_first, &s[!slave_first]);
        i8259_pair_load(&other, (I8259Which)slave_first, &s[slave_first]);
        check_same(&p, &other);

        i8259_pair_init(&again, MASTER_ELCR, SLAVE_ELCR);
        move_state(&p, &again, slave_first);
        save_both(&again, s);
        move_state(&again, &other, slave_first);
        check_same(&again, &other);
        for (j = 0; j < 4; j++) {
            random_step(&p, &r, 0xff, NULL);
            check_invariants(&p);
        }
    }
}

/* Each field of the stream, with a value that no reset leaves behind */
static const struct {
    const char *name;
    size_t offset;
    uint8_t value;
} fields[] = {
    { "last_irr", offsetof(I8259Saved, last_irr), 0x21 },
    { "irr", offsetof(I8259Saved, irr), 0x21 },
    { "imr", offsetof(I8259Saved, imr), 0xa5 },
    { "isr", offsetof(I8259Saved, isr), 0x5a },
    { "priority_add", offsetof(I8259Saved, priority_add), 5 },
    { "irq_base", offsetof(I8259Saved, irq_base), 0xa8 },
    { "read_reg_select", offsetof(I8259Saved, read_reg_select), 1 },
    { "poll", offsetof(I8259Saved, poll), 1 },
    { "special_mask", offsetof(I8259Saved, special_mask), 1 },
    { "init_state", offsetof(I8259Saved, init_state), 3 },
    { "auto_eoi", offsetof(I8259Saved, auto_eoi), 1 },
    { "rotate_on_auto_eoi", offsetof(I8259Saved, rotate_on_auto_eoi), 1 },
    { "special_fully_nested_mode",
      offsetof(I8259Saved, special_fully_nested_mode), 1 },
    { "init4", offsetof(I8259Saved, init4), 1 },
    { "single_mode", offsetof(I8259Saved, single_mode), 2 },
    { "elcr", offsetof(I8259Saved, elcr), 0x58 },
    { "ltim", offsetof(I8259Saved, ltim), 8 },
};

typedef struct FieldCase {
    I8259Which chip;
    unsigned field;
} FieldCase;

/* The field, and only it, comes back; the other chip is not touched */
static void test_field(gconstpointer opaque)
{
    const FieldCase *f = opaque;
    I8259Saved zero = { }, in = { }, out;
    I8259Pair p;

    g_assert_cmpuint(sizeof(I8259Saved), ==, G_N_ELEMENTS(fields));
    ((uint8_t *)&in)[fields[f->field].offset] = fields[f->field].value;
    i8259_pair_init(&p, MASTER_ELCR, SLAVE_ELCR);
    i8259_pair_load(&p, f->chip, &in);
    i8259_pair_save(&p, f->chip, &out);
    if (f->chip == I8259_MASTER) {
        /* The master's bit 2 tells of the slave, which asks for nothing */
        out.last_irr |= in.last_irr & IR2;
    }
    g_assert_cmpmem(&in, sizeof(in), &out, sizeof(out));
    i8259_pair_save(&p, (I8259Which)!f->chip, &out);
    if (f->chip == I8259_SLAVE && p.slave_int) {
        g_assert_cmphex(out.last_irr & out.irr, ==, IR2);
        out.last_irr = out.irr = 0;
    }
    g_assert_cmpmem(&zero, sizeof(zero), &out, sizeof(out));
}

/* Bytes of chip registers at the end of an AT's initialisation, as stock has */
static void stock_at_rest(I8259Saved s[I8259_CHIPS])
{
    s[I8259_MASTER] = (I8259Saved) { .irq_base = MASTER_BASE, .init4 = 1 };
    s[I8259_SLAVE] = (I8259Saved) { .irq_base = SLAVE_BASE, .init4 = 1 };
}

static void load_both(I8259Pair *p, const I8259Saved s[I8259_CHIPS],
                      bool slave_first)
{
    i8259_pair_init(p, MASTER_ELCR, SLAVE_ELCR);
    i8259_pair_load(p, (I8259Which)slave_first, &s[slave_first]);
    i8259_pair_load(p, (I8259Which)!slave_first, &s[!slave_first]);
}

/*
 * Streams that stock QEMU makes and its own code would misread. The answer
 * is the vector of the next INTA, or none; then the lowered line's.
 */
#define NOTHING (-1)

static const struct {
    const char *name;
    I8259Saved master, slave;   /* added to the state at rest */
    int vector;
    int line;                   /* lowered, then raised again ... */
    int lowered, raised;        /* ... and the vectors then, EOI given */
} streams[] = {
    { "at-rest", { }, { }, NOTHING, 3, NOTHING, 0x0b },
    { "edge-pending", { .irr = 0x08, .last_irr = 0x08 }, { },
      0x0b, 3, NOTHING, 0x0b },
    { "edge-pending-pin-low", { .irr = 0x08 }, { }, 0x0b, 3, NOTHING, 0x0b },
    { "edge-acknowledged-pin-high", { .last_irr = 0x08 }, { },
      NOTHING, 3, NOTHING, 0x0b },
    { "level-line-high", { .irr = 0x10, .last_irr = 0x10, .elcr = 0x10 }, { },
      0x0c, 4, NOTHING, 0x0c },
    { "level-line-high-through-icw1", { .irr = 0x10, .elcr = 0x10 }, { },
      0x0c, 4, NOTHING, 0x0c },
    { "level-line-high-through-icw1-slave", { .irr = 0x04, .last_irr = 0x04 },
      { .irr = 0x10, .elcr = 0x10 }, 0x74, 12, NOTHING, 0x74 },
    { "ltim-line-high", { .irr = 0x08, .last_irr = 0x08, .ltim = 8 }, { },
      0x0b, 3, NOTHING, 0x0b },
    { "elcr-set-under-a-held-line", { .last_irr = 0x10, .elcr = 0x10 }, { },
      0x0c, 4, NOTHING, 0x0c },
    { "slave-pending", { .irr = 0x04, .last_irr = 0x04 },
      { .irr = 0x08, .last_irr = 0x08 }, 0x73, 11, NOTHING, 0x73 },
    { "slave-polled-leaves-ir2-latched", { .irr = 0x04 },
      { .last_irr = 0x08 }, NOTHING, 11, NOTHING, 0x73 },
    { "slave-level-withdrawn-leaves-ir2-latched", { .irr = 0x04 },
      { .elcr = 0x10 }, NOTHING, 12, NOTHING, 0x74 },
    { "slave-aeoi-second-request-lost", { .last_irr = 0x04 },
      { .irr = 0x20, .last_irr = 0x20, .auto_eoi = 1 },
      0x75, 13, NOTHING, 0x75 },
    { "slave-request-while-initialising", { .irr = 0x04, .last_irr = 0x04 },
      { .irr = 0x08, .last_irr = 0x08, .init_state = 1 },
      NOTHING, 3, NOTHING, 0x0b },
    { "ir2-pin-left-high", { .irr = 0x04, .last_irr = 0x04 }, { },
      NOTHING, 11, NOTHING, 0x73 },
    { "ir2-pin-left-high-ltim",
      { .irr = 0x04, .last_irr = 0x04, .ltim = 8 }, { },
      NOTHING, 11, NOTHING, 0x73 },
    { "single-master", { .irr = 0x04, .last_irr = 0x04, .single_mode = 2 },
      { .irr = 0x08, .last_irr = 0x08 }, 0x0a, 3, NOTHING, 0x0b },
    { "request-in-service", { .isr = 0x08, .irr = 0x10, .last_irr = 0x10 },
      { }, NOTHING, 0, NOTHING, 0x08 },
    { "special-mask-not-acted-on",
      { .isr = 0x02, .imr = 0x02, .special_mask = 1, .irr = 0x20 }, { },
      0x0d, 3, NOTHING, 0x0b },
};

typedef struct StreamCase {
    unsigned stream;
    bool slave_first;
} StreamCase;

static void expect_next(I8259Pair *p, int vector)
{
    I8259Inta inta;

    check_invariants(p);
    g_assert_cmpint(p->intr, ==, vector != NOTHING);
    if (vector != NOTHING) {
        inta = inta_cycle(p);
        g_assert_cmphex(inta.vector, ==, vector);
        g_assert_false(inta.spurious);
        if (inta.irq >= 8) {
            cmd(p, I8259_SLAVE, 0x60 | (inta.irq & 7u));
            cmd(p, I8259_MASTER, 0x60 | I8259_CASCADE);
        } else {
            cmd(p, I8259_MASTER, 0x60u | inta.irq);
        }
    }
}

static void add_saved(I8259Saved *to, const I8259Saved *more)
{
    uint8_t *bytes = (uint8_t *)to;
    unsigned i;

    for (i = 0; i < sizeof(*to); i++) {
        bytes[i] |= ((const uint8_t *)more)[i];
    }
}

static void test_stream(gconstpointer opaque)
{
    const StreamCase *c = opaque;
    I8259Saved s[I8259_CHIPS];
    I8259Pair p;

    stock_at_rest(s);
    add_saved(&s[I8259_MASTER], &streams[c->stream].master);
    add_saved(&s[I8259_SLAVE], &streams[c->stream].slave);
    load_both(&p, s, c->slave_first);
    expect_next(&p, streams[c->stream].vector);
    i8259_pair_set_line(&p, (unsigned)streams[c->stream].line, false);
    expect_next(&p, streams[c->stream].lowered);
    i8259_pair_set_line(&p, (unsigned)streams[c->stream].line, true);
    expect_next(&p, streams[c->stream].raised);
}

/* A line that a device drives again after a load, as many do, is no edge */
static void test_driven_again(gconstpointer opaque)
{
    unsigned irq = GPOINTER_TO_UINT(opaque);
    I8259Pair p, other;

    power_on(&p);
    i8259_pair_set_line(&p, irq, true);
    inta_cycle(&p);
    cmd(&p, I8259_SLAVE, 0x20);
    cmd(&p, I8259_MASTER, 0x20);
    i8259_pair_init(&other, MASTER_ELCR, SLAVE_ELCR);
    move_state(&p, &other, irq & 1);
    i8259_pair_set_line(&other, irq, true);
    g_assert_false(other.intr);
    i8259_pair_set_line(&other, irq, false);
    i8259_pair_set_line(&other, irq, true);
    g_assert_true(other.intr);
}

/* A stock QEMU that loads our stream needs these as it would have had them */
static void test_saves_as_stock(gconstpointer opaque)
{
    I8259Saved s[I8259_CHIPS];
    I8259Pair p;

    power_on(&p);
    i8259_pair_elcr_write(&p, I8259_SLAVE, 0x10);
    i8259_pair_set_line(&p, 3, true);
    i8259_pair_set_line(&p, 5, true);
    i8259_pair_set_line(&p, 5, false);
    i8259_pair_set_line(&p, 12, true);
    save_both(&p, s);
    g_assert_cmphex(s[I8259_MASTER].irr, ==, 0x2c);
    g_assert_cmphex(s[I8259_MASTER].last_irr, ==, 0x0c);
    g_assert_cmphex(s[I8259_SLAVE].irr, ==, 0x10);
    g_assert_cmphex(s[I8259_SLAVE].last_irr, ==, 0x10);
    g_assert_cmphex(s[I8259_SLAVE].elcr, ==, 0x10);
    inta_cycle(&p);
    save_both(&p, s);
    g_assert_cmphex(s[I8259_MASTER].isr, ==, 0x04);
    g_assert_cmphex(s[I8259_MASTER].last_irr, ==, 0x08);
    g_assert_cmphex(s[I8259_SLAVE].isr, ==, 0x10);
    init_chip(&p, I8259_MASTER, 0x1b, 0x01);
    save_both(&p, s);
    g_assert_cmphex(s[I8259_MASTER].single_mode, ==, 0x02);
    g_assert_cmphex(s[I8259_MASTER].ltim, ==, 0x08);
    g_assert_cmphex(s[I8259_MASTER].init4, ==, 0x01);
    g_assert_cmphex(s[I8259_MASTER].irr, ==, 0x08);
}

/* One event each, and the counter that has to tell of it */
static void test_counters(gconstpointer opaque)
{
    I8259Pair p;

    power_on(&p);
    i8259_pair_set_line(&p, 3, true);
    i8259_pair_set_line(&p, 3, true);
    g_assert_cmpuint(p.raised[3], ==, 1);
    i8259_pair_set_line(&p, 3, false);
    i8259_pair_set_line(&p, 3, true);
    g_assert_cmpuint(p.raised[3], ==, 2);
    g_assert_cmpuint(p.merged[3], ==, 1);
    inta_cycle(&p);
    g_assert_cmpuint(p.delivered[3], ==, 1);
    i8259_pair_set_line(&p, 12, true);
    init_chip(&p, I8259_SLAVE, 0x11, 0x01);
    g_assert_cmpuint(p.dropped[12], ==, 1);
    i8259_pair_set_line(&p, 14, true);
    i8259_pair_elcr_write(&p, I8259_SLAVE, 0x40);
    g_assert_cmpuint(p.dropped[14], ==, 1);
    i8259_pair_elcr_write(&p, I8259_SLAVE, 0x00);
    g_assert_cmpuint(p.dropped[14], ==, 1);
    i8259_pair_set_line(&p, 9, true);
    i8259_pair_reset_chip(&p, I8259_SLAVE);
    g_assert_cmpuint(p.dropped[9], ==, 1);
    i8259_pair_set_line(&p, 8, true);
    g_assert_cmphex(poll_chip(&p, I8259_SLAVE), ==, 0x80);
    g_assert_cmpuint(p.delivered[8], ==, 1);
    inta_cycle(&p);
    g_assert_cmpuint(p.spurious[I8259_MASTER], ==, 1);
    g_assert_cmpuint(p.spurious[I8259_SLAVE], ==, 0);
    cmd(&p, I8259_MASTER, 0x20);
    i8259_pair_set_line(&p, 2, true);
    inta_cycle(&p);
    g_assert_cmpuint(p.spurious[I8259_SLAVE], ==, 1);
    g_assert_cmpuint(p.raised[2], ==, 1);
    g_assert_cmpuint(p.delivered[2], ==, 1);
}

/* The slave's doings at IR2 are counted at the slave's line only */
static void test_counters_cascade(gconstpointer opaque)
{
    I8259Pair p;

    power_on(&p);
    i8259_pair_set_line(&p, 11, true);
    g_assert_cmpuint(p.raised[2], ==, 0);
    inta_cycle(&p);
    g_assert_cmpuint(p.delivered[2], ==, 0);
    g_assert_cmpuint(p.delivered[11], ==, 1);
    power_on(&p);
    i8259_pair_set_line(&p, 11, true);
    g_assert_cmphex(poll_chip(&p, I8259_MASTER), ==, 0x82);
    g_assert_cmpuint(p.delivered[2], ==, 0);
    g_assert_cmpuint(p.delivered[11], ==, 0);
}

/* A load keeps the sum right: latches brought are raised, replaced dropped */
static void test_counters_load(gconstpointer opaque)
{
    I8259Pair p, other;

    power_on(&p);
    power_on(&other);
    i8259_pair_set_line(&p, 3, true);
    i8259_pair_set_line(&p, 12, true);
    i8259_pair_set_line(&other, 5, true);
    move_state(&p, &other, false);
    g_assert_cmpuint(other.raised[3], ==, 1);
    g_assert_cmpuint(other.raised[12], ==, 1);
    g_assert_cmpuint(other.raised[2], ==, 0);
    g_assert_cmpuint(other.dropped[5], ==, 1);
    g_assert_cmpuint(other.dropped[3], ==, 0);
}

static void test_counters_withdrawn(gconstpointer opaque)
{
    I8259Pair p;

    power_on(&p);
    p.withdrawn_is_spurious = true;
    i8259_pair_set_line(&p, 11, true);
    i8259_pair_set_line(&p, 11, false);
    inta_cycle(&p);
    g_assert_cmpuint(p.spurious[I8259_SLAVE], ==, 1);
    g_assert_cmpuint(p.dropped[11], ==, 1);
    g_assert_cmpuint(p.delivered[11], ==, 0);
}

/* A reset chip is as at power-on, its counters and the other chip apart */
static void test_reset(gconstpointer opaque)
{
    I8259Which chip = GPOINTER_TO_UINT(opaque);
    Random r = { .state = 0x8259e };
    I8259Saved zero = { }, s, before, after;
    I8259Pair p;
    unsigned i, j;

    power_on(&p);
    for (i = 0; i < 2000 && !g_test_failed(); i++) {
        for (j = 0; j < 20; j++) {
            random_step(&p, &r, 0xff & ~(MOVE | RESET), NULL);
        }
        i8259_pair_save(&p, (I8259Which)!chip, &before);
        i8259_pair_reset_chip(&p, chip);
        i8259_pair_save(&p, (I8259Which)!chip, &after);
        i8259_pair_save(&p, chip, &s);
        if (chip == I8259_MASTER) {
            s.irr &= (uint8_t)~IR2;
            s.last_irr &= (uint8_t)~IR2;
        } else {
            before.irr = after.irr;
            before.last_irr = after.last_irr;
        }
        g_assert_cmpmem(&zero, sizeof(zero), &s, sizeof(s));
        g_assert_cmpmem(&before, sizeof(before), &after, sizeof(after));
        check_invariants(&p);
    }
}

static void add_mixes(const char *what, GTestDataFunc fn, unsigned without)
{
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(mixes); i++) {
        g_autofree char *path =
            g_strdup_printf("/i8259/%s/%s", what, mixes[i].name);

        if (!(mixes[i].may & without)) {
            g_test_add_data_func(path, &mixes[i], fn);
        }
    }
}

static void add_fields(void)
{
    FieldCase f;

    for (f.chip = 0; f.chip < I8259_CHIPS; f.chip++) {
        for (f.field = 0; f.field < G_N_ELEMENTS(fields); f.field++) {
            g_autofree char *path =
                g_strdup_printf("/i8259/save/%s/%s", chip_name[f.chip],
                                fields[f.field].name);

            g_test_add_data_func_full(path, g_memdup2(&f, sizeof(f)),
                                      test_field, g_free);
        }
    }
}

static void add_streams(void)
{
    StreamCase c;
    unsigned i;

    for (i = 0; i < 2 * G_N_ELEMENTS(streams); i++) {
        g_autofree char *path = NULL;

        c.stream = i / 2;
        c.slave_first = i & 1;
        path = g_strdup_printf("/i8259/stock-stream/%s/%s-first",
                               streams[c.stream].name,
                               chip_name[c.slave_first]);
        g_test_add_data_func_full(path, g_memdup2(&c, sizeof(c)), test_stream,
                                  g_free);
    }
}

static void add_driven_again(void)
{
    unsigned irq;

    for (irq = 0; irq < I8259_LINES; irq++) {
        g_autofree char *path =
            g_strdup_printf("/i8259/load/line-driven-again/irq%u", irq);

        if (irq != I8259_CASCADE) {
            g_test_add_data_func(path, GUINT_TO_POINTER(irq),
                                 test_driven_again);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    add_mixes("random", test_random, 0);
    add_mixes("none-lost", test_none_lost, RAW | MOVE | LEVELS);
    add_mixes("round-trip", test_round_trip, 0);
    add_fields();
    add_streams();
    add_driven_again();
    g_test_add_data_func("/i8259/load/garbage/master-first",
                         GINT_TO_POINTER(false), test_garbage);
    g_test_add_data_func("/i8259/load/garbage/slave-first",
                         GINT_TO_POINTER(true), test_garbage);
    g_test_add_data_func("/i8259/save/as-stock", NULL, test_saves_as_stock);
    g_test_add_data_func("/i8259/reset/master", GUINT_TO_POINTER(0),
                         test_reset);
    g_test_add_data_func("/i8259/reset/slave", GUINT_TO_POINTER(1),
                         test_reset);
    g_test_add_data_func("/i8259/counters/events", NULL, test_counters);
    g_test_add_data_func("/i8259/counters/cascade", NULL,
                         test_counters_cascade);
    g_test_add_data_func("/i8259/counters/load", NULL, test_counters_load);
    g_test_add_data_func("/i8259/counters/withdrawn", NULL,
                         test_counters_withdrawn);
    return g_test_run();
}
