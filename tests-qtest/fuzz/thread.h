/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vCPU's thread in its run loop, step by step, and the guest in it.
 */
#ifndef FUZZ_THREAD_H
#define FUZZ_THREAD_H

#include "machine.h"

/* What the guest does between two looks of the kernel */
typedef enum GuestOp {
    NOP, CLI, STI, POPF, HLT, MOV_SS, OPEN_LVT0, MASK_LVT0, FIXED_LVT0,
    APIC_OFF, APIC_ON, IO_EXIT, DO_EOI, IRET_NMI, INIT, LEAVE,
} GuestOp;

KernelVCPU *kernel_vcpu(unsigned vcpu);
/*
 * One step of the vCPU's thread. In the guest that is one turn of the kernel's
 * loop, and then @op; @late: it injects before it sees the signal.
 */
void step(unsigned vcpu, GuestOp op, bool late);
/* The thread leaves its loop, wherever it is */
void pause_vcpu(unsigned vcpu, bool late);

#endif /* FUZZ_THREAD_H */
