# SPDX-License-Identifier: GPL-2.0-or-later
#
# The interrupt vector table and the common handlers. They count, quieten the
# device and end the interrupt with non-specific EOIs.

    .include "guest.inc"
    .code16
    .text

    .globl  ivt_init, ivt_set

.macro eoi_master
    movb    P_EOI, %al
    orb     $OCW2_EOI, %al
    outb    %al, $PIC0
.endm

.macro eoi_slave
    movb    P_EOI, %al
    orb     $OCW2_EOI, %al
    outb    %al, $PIC1
    outb    %al, $PIC0
.endm

.macro count n
    lock incl R_COUNT + 4 * \n
    incl    %gs:C_IRQ + 4 * \n
.endm

irq0:
    pushal
    count   0
    testl   $S_KBD, P_SOURCES
    jz      1f
    testl   $7, R_COUNT
    jnz     1f
    call    kbd_raise
1:  eoi_master
    popal
    iret

irq1:
    pushal
    count   1
    inb     $0x60, %al
    eoi_master
    popal
    iret

irq3:
    pushal
    count   3
    out8    COM2 + 1, 0
    eoi_master
    popal
    iret

irq4:
    pushal
    count   4
    out8    COM1 + 1, 0
    eoi_master
    popal
    iret

# With no bit in service it is the spurious one, and takes no EOI
irq7:
    pushal
    out8    PIC0, OCW3_ISR
    inb     $PIC0, %al
    testb   $0x80, %al
    jnz     1f
    lock incl R_SPUR7
    popal
    iret
1:  count   7
    eoi_master
    popal
    iret

irq8:
    pushal
    count   8
    out8    0x70, 0x8c
    inb     $0x71, %al
    eoi_slave
    popal
    iret

irq12:
    pushal
    count   12
    inb     $0x60, %al
    eoi_slave
    popal
    iret

irq15:
    pushal
    out8    PIC1, OCW3_ISR
    inb     $PIC1, %al
    testb   $0x80, %al
    jnz     1f
    lock incl R_SPUR15
    eoi_master
    popal
    iret
1:  count   15
    eoi_slave
    popal
    iret

.macro plain n
irq\n:
    pushal
    count   \n
.if \n < 8
    eoi_master
.else
    eoi_slave
.endif
    popal
    iret
.endm

    plain   2
    plain   5
    plain   6
    plain   9
    plain   10
    plain   11
    plain   13
    plain   14

timer:
    pushal
    incl    R_RAISED4
    call    serial_raise
    jmp     1f

ipi:
    pushal
    lock incl %gs:C_IPI
1:  movl    $LAPIC, %edi
    movl    $0, LAPIC_EOI(%edi)
    popal
    iret

nmi:
    lock incl R_NMI
    incl    %gs:C_NMI
    pushal
    testl   $F_HALT, P_FLAGS
    jz      1f
    call    lint0_unmask
1:  popal
    iret

stray:
    lock incl R_STRAY
    iret

exceptions:
    .set n, 0
    .rept   32
    pushw   $n
    jmp     exception
    .balign 8
    .set n, n + 1
    .endr

# No way back from there
exception:
    popw    %cx
    print   "exception "
    movb    %cl, %al
    call    puthex
    popw    %cx
    print   " at "
    movb    %ch, %al
    call    puthex
    movb    %cl, %al
    call    puthex
    print   "\n"
    jmp     fail

    .section .rodata
irqs:
    .word   irq0, irq1, irq2, irq3, irq4, irq5, irq6, irq7
    .word   irq8, irq9, irq10, irq11, irq12, irq13, irq14, irq15

    .text
ivt_init:
    pushal
    xorw    %di, %di
    movl    $0xf0000000 + exceptions, %eax
    movw    $32, %cx
1:  stosl
    addl    $8, %eax
    loop    1b
    movl    $0xf0000000 + stray, %eax
    movw    $224, %cx
    rep stosl
    movw    $VEC_MASTER * 4, %di
    movw    $irqs, %si
    movw    $16, %cx
2:  movw    %cs:(%si), %ax
    stosl
    addw    $2, %si
    loop    2b
    movl    $0xf0000000 + timer, VEC_TIMER * 4
    movl    $0xf0000000 + ipi, VEC_IPI * 4
    movl    $0xf0000000 + nmi, 2 * 4
    popal
    ret

# Vector %bx is served by %cs:%ax
ivt_set:
    pushw   %bx
    shlw    $2, %bx
    movw    %ax, (%bx)
    popw    %bx
    ret
