/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One sequence on both: on our core first, which says what is expected of KVM,
 * then in a guest.
 */
#ifndef DIFFERENTIAL_BOTH_H
#define DIFFERENTIAL_BOTH_H

#include "differences.h"

/* How a sequence is run */
enum {
    LOOK_EACH = 1,              /* at KVM's registers after each step */
    UNDO_EACH = 2,              /* take an INTA back and do it once more */
    LOAD_EACH = 4,              /* save and load our core before each step */
    WAYS = 8,
};

/* A step and what must come of it */
typedef struct Expected {
    Step step;
    I8259Pair before;
    uint16_t word;              /* ours, or NO_WORD */
    uint16_t kvm_word;
    PICRegisters ours, kvm;
    bool put;                   /* they differ: put ours into KVM */
} Expected;

typedef struct Both {
    unsigned ways;
    bool old_poll;              /* KVMPIC's */
    I8259Pair pair;
    PICRegisters kvm;
    Expected step[SEQUENCE_MAX];
    unsigned n;
    /* How often each difference counted */
    uint64_t amended[DIFFERENCES_MAX], refused[DIFFERENCES_MAX];
    /* Words compared, vectors among them; times registers were compared */
    uint64_t answers, interrupts, compared;
    unsigned looked, words;     /* steps and words compared so far */
    /* What disagreed: the step, and KVM's side of it; -1: nothing */
    int wrong;
    bool wrong_word;            /* the word, else the registers */
    uint16_t got_word;
    PICRegisters got;
} Both;

/* All registers zero, no steps; the counts stay. @ways: LOOK_EACH and others */
void both_begin(Both *b, unsigned ways);
/* False: the step is refused, nothing has happened. */
bool both_step(Both *b, const Step *s);
/* Run it all in the guest; the first that disagrees is in wrong. */
void both_compare(Both *b, KVMPIC *k);

/* Our core alone: one step, and its word */
uint16_t our_step(I8259Pair *p, const Step *s, I8259Inta *taken);
/* One step of KVM's sequence */
void emit_step(KVMPIC *k, const Step *s);

#endif /* DIFFERENTIAL_BOTH_H */
