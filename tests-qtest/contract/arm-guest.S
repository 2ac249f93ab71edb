/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of a scenario of Arm, see arm-guest.h. EL1, MMU off; the first is
 * VBAR_EL1.
 */
#include "arm-guest.h"

#define ICC_IAR1_EL1    S3_0_C12_C12_0
#define ICC_EOIR1_EL1   S3_0_C12_C12_1
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_PMR_EL1     S3_0_C4_C6_0

#define GICC_CTLR       0x0
#define GICC_PMR        0x4
#define GICC_IAR        0xc
#define GICC_EOIR       0x10

#define PRIORITIES      0xf0
#define PSCI_CPU_ON     0xc4000003

#define SPSR_F          0x40
#define SPSR_I          0x80

        .section .rodata
        .balign 2048
        .global arm_guest, arm_guest_end

        .macro routine name
        .global arm_guest_\name
arm_guest_\name:
        nop
        .endm

        .macro report
        str     w0, [x19, ARM_GUEST_RESULT]
        b       .
        .endm

/* What else comes is not part of the scenario */
        .macro unexpected
        .balign 128
        str     w0, [x19, ARM_GUEST_TRAPPED]
        b       .
        .endm

/* Note it in X1, and go on without it */
        .macro noted bit, mask
        .balign 128
        orr     x1, x1, \bit
        mrs     x2, spsr_el1
        orr     x2, x2, \mask
        msr     spsr_el1, x2
        eret
        .endm

arm_guest:
        .rept 5
        unexpected
        .endr
        noted   (1 << 16), SPSR_I
        noted   (2 << 16), SPSR_F
        .rept 9
        unexpected
        .endr

        .balign 128
routine pins
        mrs     x0, isr_el1
        mov     x1, xzr
        msr     daifclr, 2
        isb
        nop
        msr     daifset, 2
        msr     daifclr, 1
        isb
        nop
        msr     daifset, 1
        orr     x0, x0, x1
        report

routine cpu_on
        mov     x1, x0
        mov     w0, (PSCI_CPU_ON & 0xffff)
        movk    w0, (PSCI_CPU_ON >> 16), lsl 16
        adr     x2, arm_guest_cpu_on
        mov     x3, xzr
        hvc     0
        report

routine start2
        mov     w0, 1
        str     w0, [x20, GICC_CTLR]
        mov     w0, PRIORITIES
        str     w0, [x20, GICC_PMR]
        report

routine start3
        mov     x0, 1
        msr     ICC_IGRPEN1_EL1, x0
        mov     x0, PRIORITIES
        msr     ICC_PMR_EL1, x0
        isb
        report

routine iar2
        ldr     w0, [x20, GICC_IAR]
        report

routine iar3
        isb
        mrs     x0, ICC_IAR1_EL1
        dsb     sy
        report

routine eoi2
        str     w0, [x20, GICC_EOIR]
        report

routine eoi3
        msr     ICC_EOIR1_EL1, x0
        isb
        report
arm_guest_end:
