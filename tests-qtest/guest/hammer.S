# SPDX-License-Identifier: GPL-2.0-or-later
#
# All vCPUs on the PIC's ports at once, while its interrupts come in.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_hammer, hammer

# One round over every register that can be read, and writes that mean
# nothing: OCW2's no operation, OCW1 and ELCR with what is there already. Two
# vCPUs may select different registers, so what is read is not looked at.
hammer:
    pushal
    out8    PIC0, OCW3_ISR
    inb     $PIC0, %al
    out8    PIC1, OCW3_ISR
    inb     $PIC1, %al
    out8    PIC0, OCW3_IRR
    inb     $PIC0, %al
    out8    PIC1, OCW3_IRR
    inb     $PIC1, %al
    out8    PIC0, OCW2_NOP
    out8    PIC1, OCW2_NOP
    inb     $PIC0 + 1, %al
    outb    %al, $PIC0 + 1
    inb     $PIC1 + 1, %al
    outb    %al, $PIC1 + 1
    movw    $ELCR0, %dx
    inw     %dx, %ax
    outw    %ax, %dx
    incl    %gs:C_HAMMER
    popal
    ret

# The boot CPU takes P_COUNT ticks and hammers in between, the others hammer
scn_hammer:
    call    aps_start
    call    lint0_unmask
    call    sources_start
    movl    $CMD_HAMMER, %eax
    call    aps_command
    sti
    print   "hammer\n"
    movl    P_COUNT, %edx
3:  incl    R_BEAT
    call    hammer
    cmpl    %edx, R_COUNT
    jb      3b
    movl    $CMD_MASK, %eax
    call    aps_command
    call    drain
    movl    P_CPUS, %ecx
    xorl    %ebx, %ebx
6:  step    1                   # each of them was at it
    cmpl    $16, PERCPU + C_HAMMER(%ebx)
    jb      fail
    addl    $1 << PERCPU_SHIFT, %ebx
    loop    6b
    call    print_counts
    jmp     pass
