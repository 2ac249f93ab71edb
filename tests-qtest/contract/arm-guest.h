/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the guest of a scenario of Arm has what; for its assembler as well.
 * Each of its routines tells what it has found by a store to ARM_GUEST_REPORT
 * and is left there.
 */
#ifndef CONTRACT_ARM_GUEST_H
#define CONTRACT_ARM_GUEST_H

#define ARM_GUEST_CODE          0x40000000
#define ARM_GUEST_REPORT        0x10000000
#define ARM_GUEST_DIST          0x08000000
#define ARM_GUEST_GICC          0x08010000
#define ARM_GUEST_REDIST        0x080a0000

/* Offsets from the report: what it tells, or that an exception came */
#define ARM_GUEST_RESULT        0x0
#define ARM_GUEST_TRAPPED       0xc

#endif /* CONTRACT_ARM_GUEST_H */
