/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequences: their words, and the grammar of random ones.
 */
#include "qemu/osdep.h"
#include "sequence.h"

#define ICW1                    0x10
#define ICW1_LTIM_SNGL          0x0a
#define OCW3                    0x08
#define OCW3_POLL               0x04

uint16_t step_port(const Step *s)
{
    static const uint16_t ports[I8259_CHIPS][3] = {
        [I8259_MASTER] = { 0x20, 0x21, 0x4d0 },
        [I8259_SLAVE] = { 0xa0, 0xa1, 0x4d1 },
    };

    return ports[s->chip][s->reg];
}

static const char *command_word(const Step *s, const I8259Chip *c)
{
    static const char *const a0_high[] = { "OCW1", "ICW2", "ICW3", "ICW4" };
    static const char *const ocw2[] = {
        "OCW2 rotate in AEOI off", "OCW2 EOI", "OCW2 no operation",
        "OCW2 specific EOI", "OCW2 rotate in AEOI on", "OCW2 rotate on EOI",
        "OCW2 set priority", "OCW2 rotate on specific EOI",
    };

    if (s->reg == REG_ELCR) {
        return "ELCR";
    }
    if (s->reg == REG_A0_HIGH) {
        return a0_high[c->init];
    }
    if (s->val & ICW1) {
        return "ICW1";
    }
    if (s->val & OCW3) {
        return s->val & OCW3_POLL ? "OCW3 poll" : "OCW3";
    }
    return ocw2[s->val >> 5];
}

static const char *register_name(const Step *s, const I8259Chip *c)
{
    if (s->reg == REG_ELCR) {
        return "ELCR";
    }
    if (c->poll) {
        return "poll";
    }
    if (s->reg == REG_A0_HIGH) {
        return "IMR";
    }
    return c->read_isr ? "ISR" : "IRR";
}

void step_words(const Step *s, const I8259Pair *before, char *to, size_t size)
{
    const char *chip = s->chip == I8259_SLAVE ? "slave" : "master";
    const I8259Chip *c = &before->chip[s->chip];

    switch (s->kind) {
    case STEP_OUT:
        snprintf(to, size, "%c%u=%02x  %s: %s", chip[0],
                 s->reg == REG_ELCR ? 4 : s->reg, s->val, chip,
                 command_word(s, c));
        break;
    case STEP_IN:
        snprintf(to, size, "%c%u?  %s: read %s", chip[0],
                 s->reg == REG_ELCR ? 4 : s->reg, chip, register_name(s, c));
        break;
    case STEP_LINE:
        snprintf(to, size, "%c%u  line %u %s", s->val ? '+' : '-',
                 s->chip * 8 + s->reg, s->chip * 8 + s->reg,
                 s->val ? "up" : "down");
        break;
    default:
        snprintf(to, size, "w  window");
        break;
    }
}

/* SplitMix64: any seed will do, neighbours too */
static uint64_t draw(Random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static unsigned below(Random *r, unsigned n)
{
    return (unsigned)(draw(r) % n);
}

static bool percent(Random *r, unsigned n)
{
    return below(r, 100) < n;
}

static Step out(unsigned chip, unsigned reg, unsigned val)
{
    return (Step) { STEP_OUT, (uint8_t)chip, (uint8_t)reg, (uint8_t)val };
}

static Step in(unsigned chip, unsigned reg)
{
    return (Step) { STEP_IN, (uint8_t)chip, (uint8_t)reg };
}

/* Bits 7 to 5 and 2 are the MCS-80's; LTIM and SNGL are refused later */
static Step icw1(Random *r, unsigned chip)
{
    unsigned val = ICW1 | (draw(r) & (percent(r, 30) ? 0xe4 : 0));

    val |= percent(r, 4) ? draw(r) & ICW1_LTIM_SNGL : 0;
    return out(chip, REG_A0_LOW, val | percent(r, 85));
}

static Step next_icw(Random *r, unsigned chip, I8259Init init)
{
    unsigned val = below(r, 256);

    if (init == I8259_WANT_ICW3 && percent(r, 90)) {
        val = chip == I8259_SLAVE ? I8259_CASCADE : 1 << I8259_CASCADE;
    }
    if (init == I8259_WANT_ICW4) {
        val = 1 | (percent(r, 20) << 1) | (percent(r, 30) << 4) |
              (percent(r, 10) ? below(r, 4) << 2 : 0);
    }
    return out(chip, REG_A0_HIGH, val);
}

static Step line(Random *r, const I8259Pair *now, unsigned chip)
{
    unsigned ir = below(r, 8);
    bool high = now->chip[chip].pins >> ir & 1;

    /* Line 2, which no device of a PC drives, now and then */
    if (chip == I8259_MASTER && ir == I8259_CASCADE && percent(r, 80)) {
        ir = 3 + below(r, 5);
        high = now->chip[chip].pins >> ir & 1;
    }
    return (Step) { STEP_LINE, (uint8_t)chip, (uint8_t)ir,
                    percent(r, 90) ? !high : high };
}

/* One of the set bits if there is one, mostly; else any */
static unsigned level_of(Random *r, uint8_t bits)
{
    unsigned ir = below(r, 8), i;

    for (i = 0; i < 8 && percent(r, 97); i++) {
        if (bits >> ((ir + i) & 7) & 1) {
            return (ir + i) & 7;
        }
    }
    return ir;
}

static Step ocw2(Random *r, const I8259Pair *now, unsigned chip)
{
    static const uint8_t often[] = {
        OCW2_EOI, OCW2_EOI, OCW2_EOI, OCW2_SPECIFIC_EOI, OCW2_SPECIFIC_EOI,
        OCW2_ROTATE_EOI, OCW2_ROTATE_SPECIFIC_EOI, OCW2_SET_PRIORITY,
        OCW2_ROTATE_AEOI_SET, OCW2_ROTATE_AEOI_CLEAR, OCW2_NOP,
    };
    unsigned command = often[below(r, sizeof(often))];

    return out(chip, REG_A0_LOW,
               command << 5 | level_of(r, now->chip[chip].isr));
}

static Step ocw1(Random *r, const I8259Pair *now, unsigned chip)
{
    unsigned val = now->chip[chip].imr;

    switch (below(r, 4)) {
    case 0:
        val = below(r, 256) & below(r, 256);
        break;
    case 1:
        val = percent(r, 20) ? 0xff : 0;
        break;
    default:
        val ^= 1u << below(r, 8);
        break;
    }
    return out(chip, REG_A0_HIGH, val);
}

static Step ocw3(Random *r, unsigned chip)
{
    static const uint8_t often[] = { 0x0a, 0x0b, 0x0b, 0x0c, 0x68, 0x48 };
    unsigned val = often[below(r, sizeof(often))];

    return out(chip, REG_A0_LOW,
               percent(r, 20) ? OCW3 | (draw(r) & 0xe7) : val);
}

Step sequence_next(Random *r, const I8259Pair *now, unsigned done)
{
    unsigned chip = below(r, I8259_CHIPS), choice = below(r, 100), i;

    if (done == 0) {
        return icw1(r, I8259_MASTER);
    }
    for (i = 0; i < I8259_CHIPS; i++) {
        I8259Init init = now->chip[i].init;

        if (init != I8259_READY && (done < 9 || percent(r, 60))) {
            return next_icw(r, i, init);
        }
        if (now->chip[i].poll && percent(r, 50)) {
            return in(i, below(r, 2));
        }
    }
    if (done < 6) {
        return icw1(r, I8259_SLAVE);
    }
    if (choice < 30) {
        return line(r, now, chip);
    } else if (choice < 53) {
        return (Step) { STEP_WINDOW };
    } else if (choice < 70) {
        return ocw2(r, now, chip);
    } else if (choice < 77) {
        return ocw1(r, now, chip);
    } else if (choice < 86) {
        return ocw3(r, chip);
    } else if (choice < 95) {
        return in(chip, percent(r, 80) ? REG_A0_LOW : REG_A0_HIGH);
    } else if (choice < 96) {
        return in(chip, REG_ELCR);
    } else if (choice < 98) {
        return out(chip, REG_ELCR, below(r, 256) & below(r, 256));
    }
    return icw1(r, chip);
}

unsigned sequence_length(Random *r)
{
    return 16 + below(r, 200);
}

/* One word; returns its length. */
static int parse_word(const char *word, Step *s)
{
    unsigned number = 0;
    int length = 1;

    *s = (Step) { .chip = *word == 's' };
    switch (*word) {
    case '+':
    case '-':
        sscanf(word + 1, "%u%n", &number, &length);
        *s = (Step) { STEP_LINE, number >> 3 & 1, number & 7, *word == '+' };
        return 1 + length;
    case 'w':
        s->kind = STEP_WINDOW;
        return 1;
    case 'i':
        s->kind = STEP_INTA;
        return 1;
    default:
        s->reg = word[1] == '4' ? REG_ELCR : word[1] & 1;
        if (word[2] == '?') {
            s->kind = STEP_IN;
            return 3;
        }
        sscanf(word + 3, "%x%n", &number, &length);
        s->kind = STEP_OUT;
        s->val = (uint8_t)number;
        return 3 + length;
    }
}

unsigned sequence_parse(const char *words, Step *steps)
{
    unsigned n = 0;

    while (*words && n < SEQUENCE_MAX) {
        words += parse_word(words, &steps[n++]);
        words += strspn(words, " ");
    }
    return n;
}
