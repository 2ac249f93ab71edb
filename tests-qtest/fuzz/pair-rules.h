/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the datasheet says of an 8259A pair, in registers: what must hold in
 * every state, and what each action makes of the registers before it. The
 * formulas are none of the core's; see i8259-core.h for the sources.
 */
#ifndef FUZZ_PAIR_RULES_H
#define FUZZ_PAIR_RULES_H

#include "../../hw-intc/i8259-core.h"

typedef struct Registers {
    I8259Saved chip[I8259_CHIPS];
} Registers;

Registers pair_registers(const I8259Pair *p);
/* Which IRs of the chip are level triggered */
uint8_t level_bits(const I8259Saved *s);
/* ... and which in service count, in special mask mode too */
uint8_t service_bits(const I8259Saved *s);
/* The IR that raises INT, by the registers alone, or -1 */
int pair_winner(const Registers *r, I8259Which which);

/* Ranges, outputs, requests, what peek says; that looking changes nothing */
void check_pair(const I8259Pair *p);
/* Nothing but IRR and pins may differ, and of these not @lines */
void check_registers(const Registers *got, const Registers *want,
                     I8259Which which, uint8_t lines);

/* The registers of a chip after its @ir was acknowledged */
void rule_acknowledge(I8259Saved *s, unsigned ir);
/* ... after a write. The lines are left out: ICW1 clears edges. */
void rule_write(I8259Saved *s, unsigned a0, uint8_t val);

#endif /* FUZZ_PAIR_RULES_H */
