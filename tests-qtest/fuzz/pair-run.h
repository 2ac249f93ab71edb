/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pair of 8259As under actions that an input names, each checked against
 * pair-rules.h and against what this run remembers of the actions before.
 */
#ifndef FUZZ_PAIR_RUN_H
#define FUZZ_PAIR_RUN_H

#include "fuzz.h"
#include "pair-rules.h"

#define RECEIPTS 4
/* An action is two bytes; longer inputs find nothing that these do not */
#define ACTIONS 120

/* An INTA cycle that may still be undone, and what it was seen to change */
typedef struct Acknowledge {
    I8259Receipt receipt;
    unsigned number;
    I8259Inta inta;
    bool line2;                 /* answered line 2 as well */
    unsigned life[I8259_CHIPS];
    unsigned owner[I8259_CHIPS];        /* of the ISR bit, before */
    uint8_t bit[I8259_CHIPS];   /* the ISR bit that is this one's */
    uint8_t isr[I8259_CHIPS];   /* set by it */
    uint8_t edge[I8259_CHIPS];  /* used up by it */
    uint8_t top[I8259_CHIPS], new_top[I8259_CHIPS];
} Acknowledge;

typedef struct PairRun {
    I8259Pair p;
    Acknowledge ack[RECEIPTS];  /* the oldest first */
    unsigned acks;
    unsigned numbers;           /* of acknowledges, polls included */
    unsigned life[I8259_CHIPS]; /* ICW1s, resets and loads so far */
    unsigned owner[I8259_CHIPS][8];     /* number of who set the ISR bit */
    uint64_t answered[I8259_LINES];     /* by INTA or poll, less undone */
    uint64_t spurious[I8259_CHIPS];
    uint8_t levelled[I8259_CHIPS];      /* has been level triggered */
} PairRun;

/* The first byte of an input: the property and the chips' wiring */
void pair_run_begin(PairRun *r, Input *in);
void pair_run_load(PairRun *r, I8259Which which, const I8259Saved *s);
/* ICW1 to ICW4 as a PC's firmware gives them */
void pair_run_power_on(PairRun *r);
/* Actions to the end of the input */
void pair_run_actions(PairRun *r, Input *in);

/* Line 2 requests by itself: answered along with the slave, or alone */
bool pair_run_line2(const I8259Pair *p, const Registers *r);
void pair_run_inta(PairRun *r);
/* Undo the newest INTA that has not been taken */
void pair_run_undo(PairRun *r);
/* The @i-th oldest has */
void pair_run_taken(PairRun *r, unsigned i);

#endif /* FUZZ_PAIR_RUN_H */
