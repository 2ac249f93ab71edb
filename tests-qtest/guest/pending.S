# SPDX-License-Identifier: GPL-2.0-or-later
#
# One keyboard interrupt, and nothing else that could heal a lost one: the PIT,
# which ticks from reset on, is stopped.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_pending, scn_ioapic, scn_poll, scn_wait

# The PIT's last edge is over, IRQ1 alone is unmasked
quiet:
    pushal
    call    pit_stop
    movl    $200000, %ecx
    call    spin
    movw    $~2, %ax
    call    pic_unmask
    popal
    ret

# It pends with IF = 0 until the host writes P_GO, perhaps in another QEMU.
# Then it must be taken, once, and the PIT must tick.
scn_pending:
    call    quiet
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

# It pends with LINT0 masked until the host writes P_GO: then a poll finds it,
# for no INTA can have come before. After that the guest is ready for anything,
# so that a host which goes back to the first half may believe it still is.
scn_poll:
    call    quiet
    call    kbd_raise
    print   "poll\n"
    movl    $ST_GO, R_STATE
1:  incl    R_BEAT
    pause
    cmpl    $0, P_GO
    je      1b
    step    3
    out8    PIC0, OCW3_POLL
    inb     $PIC0, %al
    cmpb    $0x81, %al
    jne     fail
    inb     $0x60, %al
    out8    PIC0, OCW2_EOI
    incl    R_POLLED
    call    lint0_unmask
    sti
2:  incl    R_BEAT
    pause
    jmp     2b

# The guest waits in HLT for keys that the host sends, perhaps in another QEMU
scn_wait:
    call    quiet
    call    lint0_unmask
    print   "wait\n"
    movl    $ST_GO, R_STATE
1:  sti
    hlt
    cli
    movl    P_COUNT, %eax
    cmpl    %eax, R_COUNT + 4
    jb      1b
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
