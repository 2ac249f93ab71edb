/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs a scenario of Arm on an end.
 */
#ifndef CONTRACT_ARM_SCENARIO_H
#define CONTRACT_ARM_SCENARIO_H

#include "arm-end.h"
#include "outcome.h"
#include "parse.h"

#define ARM_RESULT_SIZE     80
#define ARM_SEEN_MAX        8

/* A scenario on one of the GICs that it is for */
typedef struct ArmTest {
    const Scenario *scenario;
    KVMModelGIC gic;
    unsigned since, before;     /* the Linux that it is about */
} ArmTest;

/* An interrupt: 40, or 1:20 of vCPU 1 */
typedef struct ArmIntid {
    unsigned vcpu, intid;
} ArmIntid;

typedef struct ArmRun {
    ArmEnd *end;
    const ArmTest *test;
    Outcome *out;
    ArmIntid seen[ARM_SEEN_MAX];
    unsigned n_seen;
} ArmRun;

/*
 * Carry out @argv, a step without its "-> ...", and write what it resulted in
 * to @result. False: there is no such step.
 */
bool arm_step_do(ArmRun *r, char **argv, char result[ARM_RESULT_SIZE]);

/* "40" or "1:20" */
ArmIntid arm_intid(const char *word);
/*
 * What user space can read of an interrupt, "0" or "1": enabled, pending
 * (GICD_ISPENDR), active, edge, high (LEVEL_INFO); 0, or -errno of the reading;
 * -ESRCH: no such field
 */
int arm_field_get(ArmEnd *end, const char *name, ArmIntid i, unsigned *value);
/* The same, written */
int arm_field_set(ArmEnd *end, const char *name, ArmIntid i, bool value);

void arm_scenario_run(const ArmTest *test, const ArmEndOps *ops,
                      unsigned linux_version, Outcome *out);

/*
 * What @s says of itself: its Linux is put into *@test, and the GICs, a bit
 * each, by KVMModelGIC, are returned
 */
unsigned arm_scenario_gics(const Scenario *s, ArmTest *test);

#endif /* CONTRACT_ARM_SCENARIO_H */
