/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step of both, as the differences look at it, and what can be said of it.
 */
#ifndef DIFFERENTIAL_TURN_H
#define DIFFERENTIAL_TURN_H

#include "sequence.h"
#include "kvm-pic.h"

#define NO_WORD                 0xffff  /* the step logs nothing */

#define M                       I8259_MASTER
#define S                       I8259_SLAVE
#define IR2                     (1u << I8259_CASCADE)

#define ICW1                    0x10
#define ICW1_LTIM               0x08
#define ICW1_SNGL               0x02
#define ICW1_IC4                0x01
#define OCW3                    0x08
#define OCW3_POLL               0x04
#define POLL_INTERRUPT          0x80
#define POLL_NOTHING            0x07

typedef struct Turn {
    const Step *step;
    const I8259Pair *before;    /* ours */
    const I8259Pair *after;
    uint16_t word;              /* what ours answered */
    bool ir2_taken;             /* by INTA */
    const PICRegisters *was;    /* KVM's before */
    PICRegisters *now;          /* KVM's after: comes in as ours */
    uint16_t *kvm_word;         /* what KVM answers: comes in as word */
    bool *put;                  /* what is not in its registers differs */
} Turn;

/* Our registers in KVM's form */
void pic_registers(const I8259Pair *p, PICRegisters *regs);
/* What KVM_SET_IRQCHIP makes of registers: the slave's INT sets IR2 */
void pic_settle(PICRegisters *regs);

/* By KVM's rules: whether the slave drives its INT; the master's IR, or -1 */
bool slave_asks(const PICRegisters *r);
int master_asks(const PICRegisters *r);

bool is_out(const Turn *t, unsigned reg);
bool is_icw1(const Turn *t);
bool is_icw1_of(const Turn *t, I8259Which which);
bool is_ocw3(const Turn *t);
/* A read that is a poll */
bool is_poll(const Turn *t);
/* The bit of what a poll acknowledged, or 0 */
uint8_t polled(const Turn *t);
/* The chip has not had its last ICW */
bool in_init(const Turn *t, I8259Which which);
/* KVM computes INT and the cascade anew in this step */
bool looks_again(const Turn *t);
/* Nothing in this step clears KVM's IR2 */
bool keeps_ir2(const Turn *t);

#endif /* DIFFERENTIAL_TURN_H */
