/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two VMs on the model of the kernel that see the same, for the tests of the
 * level memory: one gets every input, the other what the memory lets through.
 */
#ifndef TESTS_QTEST_IRQ_LEVEL_PAIR_H
#define TESTS_QTEST_IRQ_LEVEL_PAIR_H

#include "irq-level.h"
#include "kvm-model-arm.h"

#define PAIR_VCPUS 3
#define PAIR_SPIS  40

typedef struct PairVM {
    KVMModelArm arm;
    KVMModelArmVCPU vcpus[PAIR_VCPUS];
} PairVM;

/* Gets every input; gets what the memory issues */
extern PairVM every, some;
extern IrqLevels levels;

/* @ready: a GICv3 is initialised */
void pair_start(unsigned gic, bool ready);

int pair_issue(PairVM *vm, const IrqLine *line, bool level);

/* An input moves; true if it was issued */
bool pair_move(const IrqLine *line, bool level);

/* Loaded state has the line at @level; issued to the first in any case */
void pair_restore(const IrqLine *line, bool level);

/* Of both */
void pair_configure(const IrqLine *line, bool level);
void pair_ack(const IrqLine *line);

/* Nothing that the kernel knows differs */
void pair_check_same(void);

#endif /* TESTS_QTEST_IRQ_LEVEL_PAIR_H */
