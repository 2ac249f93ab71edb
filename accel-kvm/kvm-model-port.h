/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port's end on the model of the kernel: a test instrument, see
 * kvm-model.h. All vCPUs' threads are the caller's one thread.
 */
#ifndef ACCEL_KVM_KVM_MODEL_PORT_H
#define ACCEL_KVM_KVM_MODEL_PORT_H

#include "accel/kvm/intack/kvm-port.h"
#include "kvm-model.h"

typedef struct KVMModelPort {
    KVMPort port;
    KVMModel *model;
    /* leaving() is also true for a vCPU whose bit is set: exit_request */
    uint64_t exit_request;
    /*
     * Kicks sent; NULL: kvm_model_kick(). A caller that lets the kick arrive
     * later has one of its own.
     */
    void (*kick)(void *opaque, unsigned vcpu);
    void *opaque;
    /*
     * Work for a vCPU's thread; NULL: it is done at once. A caller that lets it
     * happen later has one of its own.
     */
    bool (*defer)(void *opaque, unsigned vcpu,
                  void (*work)(void *opaque, unsigned vcpu), void *data);
    /* What the debugger asked for; control 0: there is none */
    uint32_t debug_control;
} KVMModelPort;

/* The rest of *@p is zeroed. */
void kvm_model_port_init(KVMModelPort *p, KVMModel *model);

#endif /* ACCEL_KVM_KVM_MODEL_PORT_H */
