/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VM of a few vCPUs in real mode, each of which says by an OUT what reached
 * it. They run one after the other, on the caller's thread.
 */
#ifndef LAPIC_VM_H
#define LAPIC_VM_H

#include <linux/kvm.h>
#include "guest.h"
#include "lapic-dest.h"

#define LAPIC_VM_VCPUS  8
/* What a vCPU says while nothing has reached it */
#define LAPIC_VM_IDLE   GUEST_PORT
/* STARTUP's vector: there the vCPU says that number */
#define LAPIC_VM_SIPI   4

typedef struct LapicVM {
    int kvm, vm;
    unsigned n;
    size_t run_size;
    uint8_t *memory;
    struct {
        int fd;
        struct kvm_run *run;
        uint32_t id;
    } vcpu[LAPIC_VM_VCPUS];
} LapicVM;

bool lapic_vm_can(unsigned cap);

/* vCPUs with @ids, created in that order. Ends the test if KVM refuses. */
void lapic_vm_open(LapicVM *vm, const uint32_t *ids, unsigned n, bool api);
void lapic_vm_close(LapicVM *vm);

/* An ioctl of vCPU @i that has to succeed */
void lapic_vm_do(LapicVM *vm, unsigned i, unsigned long request, void *arg);

/* @guest is what vCPU @i runs from now on, RUNNABLE and with IF = 0. */
void lapic_vm_load(LapicVM *vm, unsigned i, const Guest *guest);
/* Run to the next OUT; its port: a vector, or LAPIC_VM_IDLE. */
unsigned lapic_vm_run(LapicVM *vm, unsigned i);
/* The same, but -1 if a signal came before it */
int lapic_vm_try_run(LapicVM *vm, unsigned i);

/* What the kernel has of the local APIC */
LapicView lapic_vm_view(LapicVM *vm, unsigned i);

#endif /* LAPIC_VM_H */
