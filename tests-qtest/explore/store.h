/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The set of states that were reached. A state is a tuple of numbers, each of
 * which names one part of the world in a pool of its kind: parts are few, what
 * is many is how they come together. Nothing is compared by its hash alone.
 */
#ifndef EXPLORE_STORE_H
#define EXPLORE_STORE_H

#include "explore.h"

#define PARTS (3 + 2 * VCPUS)

typedef struct State {
    uint32_t part[PARTS];
} State;

void store_init(void);
void store_clear(void);
/* The number of the state that w is, w canonical; *is_new: it was not known */
uint32_t store_put(bool *is_new);
void store_get(uint32_t n, World *to);
uint32_t store_count(void);
/* How many parts of each kind there are, to stderr */
void store_tell(void);
size_t store_bytes(void);

#endif /* EXPLORE_STORE_H */
