# SPDX-License-Identifier: GPL-2.0-or-later
#
# The PIT runs while LINT0 is masked. P_FLAGS: spin, halt or poll the PIC,
# with IF = 0 or 1. Once the host writes P_GO (and sends an NMI to a halted
# guest) the ticks must come in as usual. F_TAKE: they also do so before.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_masked
scn_masked:
    call    sources_start
    movl    P_FLAGS, %ebx
    testw   $F_TAKE, %bx
    jz      2f
    call    lint0_unmask
    sti
1:  pause
    cmpl    $100, R_COUNT
    jb      1b
    cli
    call    lint0_mask
    movl    $0, R_COUNT
2:  movl    $ST_GO, R_STATE
    print   "masked\n"
    testw   $F_CLI, %bx
    jnz     1f
    sti
1:  incl    R_BEAT
    testw   $F_POLL, %bx
    jz      2f
    out8    PIC0, OCW3_POLL
    inb     $PIC0, %al
    testb   $0x80, %al
    jz      2f
    incl    R_POLLED
    out8    PIC0, OCW2_EOI
2:  testw   $F_HALT, %bx
    jz      3f
    hlt
3:  pause
    cmpl    $0, P_GO
    je      1b

    step    1                   # nothing may have come in so far
    testw   $F_HALT, %bx
    jnz     4f
    cmpl    $0, R_COUNT
    jne     fail
4:  call    lint0_unmask
    sti
5:  pause
    cmpl    $100, R_COUNT
    jb      5b
    call    print_counts
    jmp     pass
