/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the contract test's real end on Arm share.
 */
#ifndef CONTRACT_ARM_KVM_END_H
#define CONTRACT_ARM_KVM_END_H

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>
#include "arm-end.h"
#include "arm-guest.h"

typedef struct KVMEndVCPU {
    int fd;
    struct kvm_run *run;
    bool started;               /* its CPU interface is on */
} KVMEndVCPU;

typedef struct KVMEnd {
    ArmEnd end;
    union {
        struct {
            int kvm, vm, gic, event, resample;
        };
        int fds[5];             /* the same; -1: none */
    };
    size_t run_size;
    void *memory;
    KVMEndVCPU vcpu[];
} KVMEnd;

static inline KVMEnd *of_end(ArmEnd *end)
{
    return (KVMEnd *)((char *)end - offsetof(KVMEnd, end));
}

/*
 * arm-guest.S. X19 is ARM_GUEST_REPORT, X20 ARM_GUEST_GICC, X0 what the routine
 * is given. Before its first instruction is one that does nothing, for KVM_RUN
 * may have a store to finish first.
 */
extern const uint8_t arm_guest[], arm_guest_end[];
extern const uint8_t arm_guest_pins[];      /* ISR_EL1 and exceptions << 16 */
extern const uint8_t arm_guest_cpu_on[];    /* X0: MPIDR; what PSCI says */
extern const uint8_t arm_guest_start2[], arm_guest_start3[];
extern const uint8_t arm_guest_iar2[], arm_guest_iar3[];
extern const uint8_t arm_guest_eoi2[], arm_guest_eoi3[];    /* X0: INTID */

/* arm-kvm-guest.c: the last ones of ArmEndOps */
unsigned arm_kvm_iar(ArmEnd *end, unsigned vcpu);
void arm_kvm_eoi(ArmEnd *end, unsigned vcpu, unsigned intid);
unsigned arm_kvm_pins(ArmEnd *end, unsigned vcpu);
int arm_kvm_cpu_on(ArmEnd *end, unsigned vcpu);

#endif /* CONTRACT_ARM_KVM_END_H */
