/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs a scenario on an end.
 */
#ifndef CONTRACT_SCENARIO_H
#define CONTRACT_SCENARIO_H

#include "field.h"
#include "outcome.h"
#include "parse.h"
#include "pic.h"
#include "send.h"

struct Run {
    End *end;
    const Scenario *scenario;
    unsigned vcpu;              /* the step's */
    bool io;                    /* the last KVM_RUN leaves open where RIP is */
    Guest guests[GUEST_VCPUS];
    Everything kept[GUEST_VCPUS];
    Pic pic;
    unsigned moment;            /* "during each": before which operation */
    bool moments_left;          /* and there are more of them */
    Sender sender;
    Outcome *out;
};

#define RESULT_SIZE 200

/*
 * Carry out @argv, a step without its "-> ..."; what it resulted in goes to
 * @result. False: there is no such step.
 */
bool step_do(Run *r, char **argv, char result[RESULT_SIZE]);

/* recall V [during each|OPERATION STEP...] */
int during_recall(Run *r, char **argv, char *result);

void scenario_run(const Scenario *s, const EndOps *ops, Outcome *out);

/* A delivery mode: "fixed", "nmi"; -1: it is none */
int mode_named(const char *word);

#endif /* CONTRACT_SCENARIO_H */
