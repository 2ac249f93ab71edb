/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequences of bus cycles, line changes and moments with IF = 1.
 */
#ifndef DIFFERENTIAL_SEQUENCE_H
#define DIFFERENTIAL_SEQUENCE_H

#include "i8259-core.h"

#define SEQUENCE_MAX 256

typedef enum StepKind {
    STEP_OUT,
    STEP_IN,
    STEP_LINE,                  /* line reg of chip to val */
    STEP_WINDOW,                /* IF = 1 until one interrupt, if there is */
    STEP_INTA,                  /* as if INT had just fallen: fixed only */
} StepKind;

/* A chip's three ports */
enum {
    REG_A0_LOW,
    REG_A0_HIGH,
    REG_ELCR,
};

typedef struct Step {
    uint8_t kind;
    uint8_t chip;               /* I8259Which */
    uint8_t reg;
    uint8_t val;
} Step;

uint16_t step_port(const Step *s);

/* What the step is, for a reader; @before is the state it meets. */
void step_words(const Step *s, const I8259Pair *before, char *to, size_t size);

/* A stream of numbers of its own for each seed */
typedef struct Random {
    uint64_t state;
} Random;

/* The next step of a random sequence, after @done steps led to @now. */
Step sequence_next(Random *r, const I8259Pair *now, unsigned done);
/* How long a random sequence shall be; call it first. */
unsigned sequence_length(Random *r);

/*
 * A fixed sequence from words; returns the number of steps:
 *   m0=11 s1=70 m4=08   write: chip, A0 = 0, A0 = 1 or ELCR
 *   m0? s1? m4?         read
 *   +13 -13             drive a line (decimal)
 *   w                   window;   i  INTA whatever INT is now
 */
unsigned sequence_parse(const char *words, Step *steps);

#endif /* DIFFERENTIAL_SEQUENCE_H */
