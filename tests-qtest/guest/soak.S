# SPDX-License-Identifier: GPL-2.0-or-later
#
# A guest to be stopped, saved, moved and reset at any moment. All sources run
# for ever, and the boot CPU is found spinning, halted, with IF = 0 or with
# LINT0 masked.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_soak

# The host's wishes, in P_GO
.set GO_CLOSE,   1              # take no interrupt more, on any CPU
.set GO_CF9,     2              # reset by the chipset,
.set GO_KBD,     3              # by the keyboard controller,
.set GO_TRIPLE,  4              # by a triple fault

scn_soak:
    movl    $0xf0000000 + soak_nmi, 2 * 4
    call    aps_start
    movl    $CMD_EXTINT, %eax
    call    aps_command
    call    lint0_unmask
    sti
    movl    $2000, %ecx
    call    spin
    cli
    # Nothing is unmasked yet: this was for a life before, on any CPU
    movl    R_STRAY, %eax
    movw    $R_COUNT, %si
    movw    $16, %cx
1:  addl    (%si), %eax
    addw    $4, %si
    loop    1b
    addl    %eax, R_OLD
    movl    $ST_SOAK, R_STATE
    call    sources_start
    sti
    movl    $1, %ebp

next:
    incl    R_BEAT
    cmpl    $0, P_GO
    jne     wish
    imull   $1103515245, %ebp
    addl    $12345, %ebp
    movl    %ebp, %ecx
    shrl    $20, %ecx
    movl    %ebp, %ebx
    shrl    $17, %ebx
    andw    $14, %bx
    testl   $F_HALT, P_FLAGS
    jnz     halts
    jmp     *%cs:moods(%bx)

    .section .rodata
moods:
    .word   spins, spins, halts, halts, closed, masked, aps_halt, aps_spin

    .text
spins:
    incl    %ecx
    call    spin
    jmp     next

halts:
    hlt
    hlt
    jmp     next

closed:
    incl    %ecx
    cli
    call    spin
    sti
    jmp     next

# Another CPU's, if one accepts
masked:
    incl    %ecx
    cli
    call    lint0_mask
    call    spin
    call    lint0_unmask
    sti
    jmp     next

aps_halt:
    movl    $CMD_HALT, %eax
    jmp     1f
aps_spin:
    movl    $CMD_EXTINT, %eax
1:  call    aps_command
    jmp     next

# Longer than it takes to stop; every second one with LINT0 masked. What KVM
# held when the NMI came waits that long. F_CLI: longer than QEMU waits for it.
soak_nmi:
    pushal
    incl    %gs:C_NMI
    movl    $4000, %ecx
    testl   $F_CLI, P_FLAGS
    jz      3f
    movl    $400000, %ecx
3:  testl   $1, %gs:C_NMI
    jz      1f
    movl    $LAPIC, %edi
    pushl   LAPIC_LVT0(%edi)
    call    lint0_mask
    call    spin
    popl    LAPIC_LVT0(%edi)
    jmp     2f
1:  call    spin
2:  popal
    iret

wish:
    movl    P_GO, %eax
    cmpl    $GO_CF9, %eax
    je      reset_cf9
    cmpl    $GO_KBD, %eax
    je      reset_kbd
    cmpl    $GO_TRIPLE, %eax
    je      reset_triple
    # What was on its way to a CPU has run its handler when that CPU is closed
    movl    $CMD_MASK, %eax
    call    aps_command
    cli
    movl    $ST_GO, R_STATE
1:  pause
    cmpl    $0, P_GO
    jne     1b
    movl    $ST_SOAK, R_STATE
    sti
    movl    $CMD_EXTINT, %eax
    call    aps_command
    jmp     next

reset_cf9:
    out8    RESET_CF9, 0x02
    out8    RESET_CF9, 0x06
    jmp     .

reset_kbd:
    out8    0x64, 0xfe
    jmp     .

# No vector has a descriptor, that of the double fault neither. In protected
# mode: KVM's emulator of real mode does not look at the limit.
reset_triple:
    cli
    pushl   $0
    pushw   $0
    lidt    (%esp)
    movl    %cr0, %eax
    orb     $1, %al
    movl    %eax, %cr0
    xorw    %cx, %cx
    divw    %cx
    jmp     .
