# SPDX-License-Identifier: GPL-2.0-or-later
#
# A keyboard interrupt, and nothing else that could heal a lost one, pends
# with IF = 0 until the host writes P_GO, perhaps in another QEMU. Then it
# must be taken, once, and the PIT must tick. The second scenario here writes
# ExtINT redirection entries instead of migrating.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_pending, scn_ioapic
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

# IOAPIC register %bl = %eax
ioapic_write:
    pushl   %edi
    movl    $IOAPIC, %edi
    movb    %bl, (%edi)
    movl    %eax, IOAPIC_WIN(%edi)
    popl    %edi
    ret

# An ExtINT entry, masked or idle, may be written at any time: no INTA comes
# of it, and no end of QEMU where there is no PIC
scn_ioapic:
    movw    $~2, %ax
    call    pic_unmask
    call    lint0_unmask
    call    kbd_raise
    movl    $24, %ecx
    movb    $0x10, %bl
1:  movl    $0x10700, %eax
    call    ioapic_write
    cmpl    $8, %ecx            # the last 8 are idle
    ja      2f
    movl    $0x00700, %eax
    call    ioapic_write
    movl    $0x10700, %eax
    call    ioapic_write
2:  addb    $2, %bl
    loop    1b
    testl   $F_NOPIC, P_FLAGS
    jnz     pass
    step    1
    call    pic_isr
    testw   %ax, %ax
    jnz     fail
    step    2
    call    pic_irr
    testb   $2, %al
    jz      fail
    step    3
    sti
    movl    $20000, %ecx
    call    spin
    cli
    cmpl    $1, R_COUNT + 4
    jne     fail
    jmp     pass
