/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-system-arm under KVM: AArch32 vCPUs on an AArch64 host
 *
 * KVM_ARM_VCPU_EL1_32BIT gives the host's CPU in AArch32 state. MIDR and the
 * ID registers the guest reads are the host's under every model's name, so
 * every model that KVM runs here takes the host's registers and features.
 */
#ifndef TARGET_ARM_KVM_AARCH32_H
#define TARGET_ARM_KVM_AARCH32_H

#include "target/arm/cpu-qom.h"

/* No vCPU of this binary can be AArch64: true in qemu-system-arm */
bool kvm_aarch32_only(void);

/*
 * For kvm_arch_init(): 0, or -ENOTSUP with an error reported: the host's CPUs
 * cannot, or KVM lacks what the board is built on.
 */
int kvm_aarch32_init(MachineState *ms);

/* -cpu host and max */
void kvm_aarch32_host_initfn(Object *obj);

/*
 * A named model: the host's CPU, but @dtb_compatible in the device tree. False
 * where vCPUs may be AArch64: nothing is done then.
 */
bool kvm_aarch32_named_initfn(Object *obj, const char *dtb_compatible);

/* Whether KVM can run @cpu; for realize. True where vCPUs may be AArch64. */
bool kvm_aarch32_check(ARMCPU *cpu, Error **errp);

#endif
