/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's real end, and the port on it.
 */
#ifndef CONTRACT_KVM_END_H
#define CONTRACT_KVM_END_H

#include "end.h"

typedef struct RealVCPU {
    int fd;
    struct kvm_run *run;
} RealVCPU;

typedef struct RealEnd {
    End end;
    KVMPort port;
    int kvm, vm, eventfd;
    size_t run_size;
    uint8_t *memory;
    struct kvm_guest_debug debug;
    RealVCPU vcpu[GUEST_VCPUS];
} RealEnd;

extern const KVMPortOps kvm_end_port_ops;

/* Interrupt KVM_RUN again and again after @usec; 0: no more */
void kvm_end_watch(unsigned usec);

/* An ioctl's result as the port's */
static inline int kvm_end_result(int ret)
{
    return ret < 0 ? -errno : ret;
}

#endif /* CONTRACT_KVM_END_H */
