/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for fuzz-extint: the real 8259 core and extint on the kernel of
 * kernel.h, and the fate of every INTA cycle: the guest takes its vector once
 * or the PIC takes it back once.
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "kernel.h"
#include "pair-rules.h"

#define SERIALS 1024

typedef enum Fate {
    NOT_YET,
    IN_KERNEL,                  /* KVM_INTERRUPT and commit are done */
    DELIVERED,
    RECALLED,                   /* out of the kernel, not yet undone */
    UNDONE,
    DISCARDED,                  /* by a reset, or lost where recall cannot be */
} Fate;

/* Where the vCPU's thread is */
typedef enum Where {
    USER,
    ENTERED,                    /* extint_enter() is done, KVM_RUN is next */
    GUEST,                      /* in KVM_RUN */
} Where;

typedef struct Machine {
    Kernel k;
    I8259Pair pic;
    ExtInt x;
    ExtIntVCPU xv[VCPUS];
    unsigned vcpus;
    Where where[VCPUS];
    bool parked[VCPUS];
    bool handler[VCPUS];        /* the guest is in an interrupt's handler */
    bool locked;
    I8259Inta inta;
    I8259Receipt receipt[VCPUS];
    unsigned receipt_serial[VCPUS];
    unsigned serial;            /* of the last INTA cycle */
    unsigned undone;            /* serial of the last undo; they go down */
    unsigned in_kernel;         /* how many fates are that */
    unsigned delivered;         /* how many vectors the guest has taken */
    uint8_t fate[SERIALS];
    uint64_t kicks, losses;     /* of proofs; in this life */
    bool refused;               /* KVM_INTERRUPT was, for no good reason */
} Machine;

extern Machine machine;

void machine_init(unsigned vcpus);
/* After every action */
void machine_check(void);

void pic_line(unsigned irq, bool level);
/* Ports; @self is the vCPU that does it, or EXTINT_NOBODY */
void pic_write(I8259Which which, unsigned a0, uint8_t val, int self);
void pic_read(I8259Which which, unsigned a0, int self);
void pic_elcr(I8259Which which, uint8_t val, int self);
void pic_reset(void);
void pic_power_on(int self, uint8_t icw4);
/* The pair is what another one has saved */
void pic_move(bool slave_first);
void pic_publish(void);

/* extint's calls, each with what must hold of it */
void machine_wake(int whom);
void machine_enter(unsigned vcpu);
int machine_empty(unsigned vcpu, unsigned lazy);
void machine_give_back(void);
void machine_gone(unsigned vcpu);
/* The vCPU's injected vector, if any, meets @fate */
void machine_end(Slot *slot, Fate fate);

#endif /* FUZZ_MACHINE_H */
