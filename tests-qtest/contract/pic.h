/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PIC of one vector for the contract test, and the shipped injector on it.
 */
#ifndef CONTRACT_PIC_H
#define CONTRACT_PIC_H

#include "extint.h"
#include "guest.h"

typedef struct Pic {
    ExtInt x;
    ExtIntVCPU vcpu[GUEST_VCPUS];
    int vector;                 /* requested, or EXTINT_NOTHING */
    int taken;                  /* of the last INTA cycle */
    unsigned inta, undone;
} Pic;

void pic_init(Pic *pic, KVMPort *port, unsigned vcpus);
/* Request @vector, and kick whoever is to be kicked. */
void pic_raise(Pic *pic, int vector);

#endif /* CONTRACT_PIC_H */
