/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LAPIC_KVM_TEST_H
#define LAPIC_KVM_TEST_H

#include "vm.h"

/* What has reached a vCPU */
typedef struct LapicGot {
    unsigned count;
    unsigned vector;            /* the last, NMI and STARTUP included */
    bool init, smi;
} LapicGot;

/* KVM arbitrates by the vector (its parameter vector_hashing) */
bool lapic_kvm_hashes(void);

/*
 * Two APICs with one address: KVM sends to both. Before Linux 6.3 it was one.
 */
bool lapic_kvm_shares(void);

/* @msg as an MSI; what KVM_SIGNAL_MSI returned, or -errno */
int lapic_kvm_msi(LapicVM *vm, const LapicMsg *msg, bool api);

/*
 * All vCPUs run at once, @last the last of all to begin (-1: none is), and
 * sleep until something reaches them. Fixed and NMI only. @send is called, if
 * not NULL, while they run; @expected is how many are to get something.
 */
void lapic_live(LapicVM *vm, int last, void (*send)(void *), void *opaque,
                unsigned expected, LapicGot got[LAPIC_VM_VCPUS]);

/* States by the ioctls and messages at random; add the tests */
void lapic_sweep_add(void);

#endif /* LAPIC_KVM_TEST_H */
