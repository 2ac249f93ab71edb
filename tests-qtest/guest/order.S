# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a guest sees of priorities, nesting and EOI. Each handler notes one
# byte when it enters (its IRQ) and some note ISR; the result is compared with
# what the 8259A datasheet asks for.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_order

# %al to the log
note:
    pushw   %bx
    movw    R_LOGPTR, %bx
    movb    %al, (%bx)
    incw    R_LOGPTR
    popw    %bx
    ret

# Until a nested handler has written to the log, which was at %esi; on a busy
# host that may take a while
wait_log:
    movl    $0x00ffffff, %ecx
1:  pause
    cmpl    %esi, R_LOGPTR
    jne     2f
    decl    %ecx
    jnz     1b
2:  ret

# ISR of both chips to the log, master first
note_isr:
    pushw   %ax
    call    pic_isr
    call    note
    movb    %ah, %al
    call    note
    popw    %ax
    ret

.macro note_irq n
    movb    $\n, %al
    call    note
.endm

.macro handler vec, entry
    movw    $VEC_MASTER + \vec, %bx
    movw    $\entry, %ax
    call    ivt_set
.endm

.macro quiet n
.if \n == 1 || \n == 12
    inb     $0x60, %al
.elseif \n == 3
    out8    COM2 + 1, 0
.elseif \n == 4
    out8    COM1 + 1, 0
.elseif \n == 8
    call    rtc_stop
.endif
.endm

# Notes its number, then a non-specific EOI
.macro simple n
s\n:
    pushal
    note_irq \n
    quiet   \n
.if \n >= 8
    out8    PIC1, OCW2_EOI
.endif
    out8    PIC0, OCW2_EOI
    popal
    iret
.endm

    simple  0
    simple  1
    simple  3
    simple  4
    simple  8

# Keyboard, interrupted by the PIT; the serial port has to wait for the EOI
nest1:
    pushal
    note_irq 0x11
    quiet   1
    call    serial_raise
    movl    R_LOGPTR, %esi
    sti
    call    pit_once
    call    wait_log
    cli
    call    note_isr
    out8    PIC0, OCW2_EOI
    note_irq 0x91
    popal
    iret

nest0:
    pushal
    note_irq 0x10
    call    note_isr
    out8    PIC0, OCW2_EOI
    call    note_isr
    note_irq 0x90
    popal
    iret

# The PIT's handler ends the keyboard's interrupt first, then its own
spec1:
    pushal
    note_irq 0x21
    quiet   1
    movl    R_LOGPTR, %esi
    sti
    call    pit_once
    call    wait_log
    cli
    call    note_isr
    popal
    iret

spec0:
    pushal
    note_irq 0x20
    call    note_isr
    out8    PIC0, OCW2_SEOI | 1
    call    note_isr
    out8    PIC0, OCW2_SEOI | 0
    call    note_isr
    popal
    iret

# RTC in service on both chips: the keyboard comes through, serial does not
slave8:
    pushal
    note_irq 0x38
    quiet   8
    call    note_isr
    call    serial_raise
    call    kbd_raise
    movl    R_LOGPTR, %esi
    sti
    call    wait_log
    cli
    out8    PIC1, OCW2_EOI
    call    note_isr
    out8    PIC0, OCW2_EOI
    note_irq 0xb8
    popal
    iret

# IRQ0, 1, 3, 4 and 8 requested; interrupts still off
raise_all:
    call    serial_raise
    call    serial2_raise
    call    rtc_start
    call    kbd_raise
    call    pit_once
    movl    $0x00ffffff, %ecx
1:  call    pic_irr
    andw    $0x011f, %ax
    cmpw    $0x011f, %ax
    je      2f
    decl    %ecx
    jnz     1b
    jmp     fail
2:  ret

# Serves what is pending and compares the log with the text at %cs:%si
check:
    movzbw  %cs:(%si), %dx
    incw    %si
    movl    $0x00ffffff, %ecx
    sti
1:  pause
    movw    R_LOGPTR, %ax
    subw    $R_LOG, %ax
    cmpw    %dx, %ax
    jae     2f
    decl    %ecx
    jnz     1b
2:  movl    $5000, %ecx         # nothing may follow
    call    spin
    cli
    movw    $R_LOG, %di
    movw    R_LOGPTR, %cx
    subw    %di, %cx
    pushw   %cx
    pushw   %di
1:  jcxz    2f
    movb    (%di), %al
    call    puthex
    print   " "
    incw    %di
    decw    %cx
    jmp     1b
2:  print   "\n"
    popw    %di
    popw    %cx
    cmpw    %cx, %dx
    jne     fail
    repe cmpsb %es:(%di), %cs:(%si)
    jne     fail
    movl    $R_LOG, R_LOGPTR
    ret

.macro expect bytes:vararg
    movw    $9f, %si
    call    check
    .pushsection .rodata
9:  .byte   8f - 9b - 1
    .byte   \bytes
8:
    .popsection
.endm

scn_order:
    handler 0, s0
    handler 1, s1
    handler 3, s3
    handler 4, s4
    handler 8, s8
    movw    $~0x011f, %ax
    call    pic_unmask
    call    lint0_unmask

    step    1                   # all at once: in order of priority
    call    raise_all
    expect  0, 1, 8, 3, 4

    step    2                   # IRQ3 lowest: 4 first, then 0, 1, 2, 3
    out8    PIC0, OCW2_PRIO | 3
    call    raise_all
    expect  4, 0, 1, 8, 3
    out8    PIC0, OCW2_PRIO | 7

    step    3                   # nesting, non-specific EOI
    handler 0, nest0
    handler 1, nest1
    call    kbd_raise
    expect  0x11, 0x10, 3, 0, 2, 0, 0x90, 2, 0, 0x91, 4

    step    4                   # nesting, specific EOI out of order
    handler 0, spec0
    handler 1, spec1
    call    kbd_raise
    expect  0x21, 0x20, 3, 0, 1, 0, 0, 0, 0, 0

    step    5                   # through the slave
    handler 0, s0
    handler 1, s1
    handler 8, slave8
    call    rtc_start
    expect  0x38, 4, 1, 1, 4, 0, 0xb8, 4

    jmp     pass
