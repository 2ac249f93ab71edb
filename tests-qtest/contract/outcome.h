/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a scenario on one end.
 */
#ifndef CONTRACT_OUTCOME_H
#define CONTRACT_OUTCOME_H

#include <glib.h>

typedef struct Outcome {
    char *skip;                 /* why, or NULL */
    bool clock;                 /* a timer runs: the log is nobody else's */
    GString *failures;          /* a line each */
    GString *log;               /* every step and the state after it */
} Outcome;

void outcome_init(Outcome *out);
void outcome_free(Outcome *out);

/* It is the running test's result. False: skipped, or failed */
bool outcome_judge(const Outcome *out);
/* The test fails where the logs differ */
void outcome_compare(const Outcome *real, const Outcome *model);

#endif /* CONTRACT_OUTCOME_H */
