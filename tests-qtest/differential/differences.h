/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where KVM's in-kernel PIC deviates from the datasheet and we do not follow:
 * a table, and the only place that allows the two to differ.
 *
 * An amendment says for one step, from the registers before it, which bits of
 * KVM's registers or which answer differ from ours, and how; they are compared
 * with what it says, and all others with ours. Then the host puts our registers
 * into KVM, so that the difference ends with the step. A refusal keeps a step
 * out that would lead where the two differ for longer than that.
 */
#ifndef DIFFERENTIAL_DIFFERENCES_H
#define DIFFERENTIAL_DIFFERENCES_H

#include "turn.h"

typedef struct Difference {
    const char *name;
    const char *section;        /* of the 8259A datasheet */
    const char *what;           /* KVM does */
    void (*amend)(Turn *t);
    /* Whether the step is to be kept out; after all amendments */
    bool (*refuse)(const Turn *t);
    /* A sequence that shows it, and what the guest sees of us and of KVM */
    const char *words, *ours, *theirs;
} Difference;

#define DIFFERENCES_MAX 32

extern const Difference differences[];
extern const unsigned differences_count;

#endif /* DIFFERENTIAL_DIFFERENCES_H */
