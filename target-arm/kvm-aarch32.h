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

struct kvm_sw_breakpoint;

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

/*
 * Breakpoints of an AArch32 guest, for kvm_arch_insert_sw_breakpoint() and
 * its like. A length is gdb's kind: 4 of the A32 instruction set, 2 and 3 of
 * T32. 0 or a negative errno.
 */
int kvm_aarch32_insert_sw_breakpoint(CPUState *cs,
                                     struct kvm_sw_breakpoint *bp);
int kvm_aarch32_remove_sw_breakpoint(CPUState *cs,
                                     struct kvm_sw_breakpoint *bp);
int kvm_aarch32_insert_hw_breakpoint(uint64_t addr, uint64_t len);

/* What IFSR tells the guest of a debug exception that is its own */
uint32_t kvm_aarch32_debug_fsr(CPUState *cs);

#endif
