# SPDX-License-Identifier: GPL-2.0-or-later
#
# A keyboard interrupt, and nothing else that could heal a lost one, pends
# with IF = 0 until the host writes P_GO, perhaps in another QEMU. Then it
# must be taken, once, and the PIT must tick.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_pending
scn_pending:
    movw    $~3, %ax
    call    pic_unmask
    call    lint0_unmask
    call    kbd_raise
    print   "pending\n"
    movl    $ST_GO, R_STATE
1:  incl    R_BEAT
    pause
    cmpl    $0, P_GO
    je      1b
    sti
    movl    $20000, %ecx
    call    spin
    step    1
    cmpl    $1, R_COUNT + 4
    jne     fail
    step    2
    call    sources_start
2:  pause
    cmpl    $100, R_COUNT
    jb      2b
    call    print_counts
    jmp     pass
