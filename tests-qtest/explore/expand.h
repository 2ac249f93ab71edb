/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All steps out of a state */
#ifndef EXPLORE_EXPAND_H
#define EXPLORE_EXPAND_H

#include "explore.h"

/* w is the state after a step of thread @who, run.wrong what is wrong in it */
typedef bool ExpandFn(unsigned who, bool system);

void expand_table(const Table *t);
unsigned expand(const World *base, bool verbose, ExpandFn *fn);

#endif /* EXPLORE_EXPAND_H */
