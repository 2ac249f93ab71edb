/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The encoding of an ID register, for QEMU 10.2, whose own table is there for
 * AArch64 only. Any thread.
 */
#ifndef TARGET_ARM_KVM_IDREGS_H
#define TARGET_ARM_KVM_IDREGS_H

#include "target/arm/cpu-sysregs.h"

ARMSysRegs kvm_idreg(ARMIDRegisterIdx index);

#endif /* TARGET_ARM_KVM_IDREGS_H */
