/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port's end on the model of KVM_IRQ_LINE on Arm: a test instrument, see
 * kvm-model.h. An Arm device calls irq_line and nothing else; the port's other
 * operations are NULL.
 */
#ifndef ACCEL_KVM_KVM_MODEL_ARM_PORT_H
#define ACCEL_KVM_KVM_MODEL_ARM_PORT_H

#include "accel/kvm/intack/kvm-port.h"
#include "kvm-model-arm.h"

#define KVM_MODEL_ARM_VCPUS_MAX 4096    /* what a word can name */

typedef struct KVMModelArmPort {
    KVMPort port;
    KVMModelArm *model;
    /*
     * Errors of a test: errno @fail (positive) in place of the kernel's answer
     * to the next @fail_times calls; 0 times: until @fail is 0 again
     */
    int fail;
    unsigned fail_times;
    /* Every call, and those of them that were answered with an error */
    uint64_t ioctls, refused;
    uint32_t last;              /* the word of the last call */
    /*
     * Calls that moved a line to where the call before had left it. By what
     * user space asked, whatever became of the line between: a witness of its
     * own, that knows nothing of the kernel.
     */
    uint64_t repeated_lowers, repeated_raises;
    /* Where those calls left it: PPIs, IRQ and FIQ as bits 0 and 1; SPIs */
    uint32_t vcpu_high[KVM_MODEL_ARM_VCPUS_MAX];
    uint8_t spi_high[KVM_MODEL_ARM_SPIS];
} KVMModelArmPort;

/* All lines are low, the rest of *@p is zeroed. */
void kvm_model_arm_port_init(KVMModelArmPort *p, KVMModelArm *model);

#endif /* ACCEL_KVM_KVM_MODEL_ARM_PORT_H */
