# SPDX-License-Identifier: GPL-2.0-or-later
#
# Console, PIC, PIT, RTC, keyboard controller, serial port, LAPIC.
# Every routine preserves what it does not name, flags apart.

    .include "guest.inc"
    .code16
    .text

    .globl  puts, putu, puthex, print_counts, spin
    .globl  pic_init, pic_unmask, pic_irr, pic_isr
    .globl  pit_start, pit_once, pit_stop, rtc_start, rtc_stop
    .globl  kbd_raise, serial_raise, serial2_raise, serial_level
    .globl  timer_start, timer_stop, sources_start, sources_stop
    .globl  lapic_init, lint0_unmask, lint0_mask, aps_start, ap_kick
    .globl  ap_command, aps_command, ap_loop

# %cs:%si = text
puts:
    pushw   %ax
1:  lodsb   %cs:(%si), %al
    testb   %al, %al
    jz      2f
    outb    %al, $DEBUGCON
    jmp     1b
2:  popw    %ax
    ret

# %eax, decimal
putu:
    pushal
    movl    $10, %ebx
    xorw    %cx, %cx
1:  xorl    %edx, %edx
    divl    %ebx
    pushw   %dx
    incw    %cx
    testl   %eax, %eax
    jnz     1b
2:  popw    %ax
    addb    $'0', %al
    outb    %al, $DEBUGCON
    loop    2b
    popal
    ret

# %al, two digits
puthex:
    pushw   %ax
    pushw   %ax
    shrb    $4, %al
    call    1f
    popw    %ax
    andb    $15, %al
    call    1f
    popw    %ax
    ret
1:  addb    $'0', %al
    cmpb    $'9', %al
    jbe     2f
    addb    $'a' - '0' - 10, %al
2:  outb    %al, $DEBUGCON
    ret

# "irq0=12 irq8=3 spurious7=0 ..." for all that are not 0
print_counts:
    pushal
    xorl    %ebx, %ebx
1:  movl    R_COUNT(,%ebx,4), %eax
    testl   %eax, %eax
    jz      2f
    print   "irq"
    xchgl   %eax, %ebx
    call    putu
    xchgl   %eax, %ebx
    print   "="
    call    putu
    print   " "
2:  incl    %ebx
    cmpl    $16, %ebx
    jb      1b
    print   "spurious="
    movl    R_SPUR7, %eax
    addl    R_SPUR15, %eax
    call    putu
    print   " stray="
    movl    R_STRAY, %eax
    call    putu
    print   "\n"
    popal
    ret

# %ecx = turns
spin:
1:  pause
    decl    %ecx
    jnz     1b
    ret

pic_init:
    out8    PIC0, 0x11
    out8    PIC1, 0x11
    out8    PIC0 + 1, VEC_MASTER
    out8    PIC1 + 1, VEC_SLAVE
    out8    PIC0 + 1, 0x04
    out8    PIC1 + 1, 0x02
    out8    PIC0 + 1, 0x01
    out8    PIC1 + 1, 0x01
    movw    $0xffff, %ax

# %ax = mask of both chips
pic_unmask:
    outb    %al, $PIC0 + 1
    xchgb   %al, %ah
    outb    %al, $PIC1 + 1
    xchgb   %al, %ah
    ret

# %ax = both chips' requests
pic_irr:
    out8    PIC0, OCW3_IRR
    out8    PIC1, OCW3_IRR
    jmp     1f

# %ax = both chips' interrupts in service
pic_isr:
    out8    PIC0, OCW3_ISR
    out8    PIC1, OCW3_ISR
1:  inb     $PIC1, %al
    movb    %al, %ah
    inb     $PIC0, %al
    ret

# Periodic at P_HZ
pit_start:
    pushal
    movl    P_HZ, %ecx
    testl   %ecx, %ecx
    jnz     1f
    movl    $1000, %ecx
1:  movl    $1193182, %eax
    xorl    %edx, %edx
    divl    %ecx
    movw    %ax, %cx
    out8    PIT + 3, 0x34
2:  movb    %cl, %al
    outb    %al, $PIT
    movb    %ch, %al
    outb    %al, $PIT
    popal
    ret

# One interrupt, soon
pit_once:
    pushal
    out8    PIT + 3, 0x30
    movw    $10, %cx
    jmp     2b

# Mode 0 is the only way to stop it, at the price of one more interrupt
    .set pit_stop, pit_once

# The index port is shared with IRQ8's handler
rtc_start:
    pushfl
    cli
    pushal
    out8    0x70, 0x8a
    movl    P_RTC, %eax
    testl   %eax, %eax
    jnz     1f
    movb    $6, %al
1:  orb     $0x20, %al
    outb    %al, $0x71
    out8    0x70, 0x8b
    out8    0x71, 0x42
2:  out8    0x70, 0x8c
    inb     $0x71, %al
    popal
    popfl
    ret

rtc_stop:
    pushfl
    cli
    pushal
    out8    0x70, 0x8b
    out8    0x71, 0x02
    jmp     2b

# The controller puts a byte into its own output buffer: IRQ1
kbd_raise:
    pushw   %ax
    out8    0x64, 0xd2
    out8    0x60, 0x55
    popw    %ax
    ret

# The transmitter is empty, and says so: IRQ4, until the handler clears IER
serial_raise:
    pushal
    out8    COM1 + 1, 0x02
    popal
    ret

serial2_raise:
    pushal
    out8    COM2 + 1, 0x02
    popal
    ret

# IRQ4 level-triggered
serial_level:
    pushal
    out8    ELCR0, 0x10
    popal
    ret

timer_start:
    pushal
    movl    $LAPIC, %edi
    movl    $0x0b, LAPIC_TDCR(%edi)
    movl    $0x20000 | VEC_TIMER, LAPIC_LVTT(%edi)
    movl    P_TIMER, %eax
    testl   %eax, %eax
    jnz     1f
    movl    $1000000, %eax
1:  movl    %eax, LAPIC_TICT(%edi)
    popal
    ret

timer_stop:
    pushal
    movl    $LAPIC, %edi
    movl    $0x10000 | VEC_TIMER, LAPIC_LVTT(%edi)
    movl    $0, LAPIC_TICT(%edi)
    popal
    ret

# Starts what P_SOURCES names (default: the PIT) and unmasks it
sources_start:
    pushal
    movl    P_SOURCES, %ebx
    testl   %ebx, %ebx
    jnz     1f
    movl    $S_PIT, %ebx
    movl    %ebx, P_SOURCES
1:  movl    %ebx, %eax
    testw   $0xff00, %ax
    jz      2f
    orw     $4, %ax
2:  notw    %ax
    call    pic_unmask
    testw   $S_SERIAL, %bx
    jz      3f
    call    serial_level
    call    timer_start
3:  testw   $S_RTC, %bx
    jz      4f
    call    rtc_start
4:  testw   $S_PIT, %bx
    jz      5f
    call    pit_start
5:  popal
    ret

# Stops them all; what they have raised may still be pending
sources_stop:
    pushal
    movl    P_SOURCES, %ebx
    testw   $S_SERIAL, %bx
    jz      1f
    call    timer_stop
1:  testw   $S_RTC, %bx
    jz      2f
    call    rtc_stop
2:  testw   $S_PIT, %bx
    jz      3f
    call    pit_stop
3:  popal
    ret

# Enabled, LINT0 masked, LINT1 = NMI; LVT writes stick only once SVR enables
lapic_init:
    pushal
    movl    $LAPIC, %edi
    movl    $0x1ff, LAPIC_SVR(%edi)
    movl    $LVT_MASKED, LAPIC_LVT0(%edi)
    movl    $LVT_NMI, LAPIC_LVT1(%edi)
    movl    LAPIC_ID(%edi), %eax
    shrl    $24, %eax
    movl    %eax, %gs:C_APICID
    popal
    ret

lint0_unmask:
    pushal
    lapic_write LAPIC_LVT0, LVT_EXTINT
    popal
    ret

lint0_mask:
    pushal
    lapic_write LAPIC_LVT0, LVT_MASKED
    popal
    ret

# Starts the CPUs up to P_CPUS, waits until they run
aps_start:
    pushal
    cmpl    $2, P_CPUS
    jb      2f
    lapic_write LAPIC_ICR, 0xc4500
    movl    $1000, %ecx
    call    spin
    lapic_write LAPIC_ICR, 0xc46f0
    movl    P_CPUS, %eax
    decl    %eax
1:  pause
    cmpl    %eax, R_APS
    jb      1b
2:  popal
    ret

# Starts the one CPU with APIC ID %eax
    .globl  ap_start_one
ap_start_one:
    pushal
    shll    $24, %eax
    movl    $LAPIC, %edi
    movl    %eax, LAPIC_ICR2(%edi)
    movl    $0x4500, LAPIC_ICR(%edi)
    movl    $1000, %ecx
    call    spin
    movl    %eax, LAPIC_ICR2(%edi)
    movl    $0x46f0, LAPIC_ICR(%edi)
    popal
    ret

# CPU %ebx (by index) is to do %eax: waits until it does
ap_command:
    pushal
    shll    $PERCPU_SHIFT, %ebx
    movl    %eax, PERCPU + C_CMD(%ebx)
    movl    PERCPU + C_APICID(%ebx), %ecx
    shll    $24, %ecx
    movl    $LAPIC, %edi
    movl    %ecx, LAPIC_ICR2(%edi)
    movl    $0x4000 | VEC_IPI, LAPIC_ICR(%edi)
1:  pause
    cmpl    %eax, PERCPU + C_STATE(%ebx)
    jne     1b
    popal
    ret

# Command %eax for all CPUs of P_CPUS but the boot CPU
aps_command:
    pushl   %ebx
    movl    $1, %ebx
1:  cmpl    P_CPUS, %ebx
    jae     2f
    call    ap_command
    incl    %ebx
    jmp     1b
2:  popl    %ebx
    ret

# What an AP does: C_CMD
ap_loop:
    incl    %gs:C_BEAT
    pause
    movl    %gs:C_CMD, %eax
    cmpl    %gs:C_STATE, %eax
    je      5f
    cmpl    $CMD_EXTINT, %eax
    je      1f
    cmpl    $CMD_HALT, %eax
    je      1f
    cmpl    $CMD_MASK, %eax
    je      2f
    cmpl    $CMD_HAMMER, %eax
    je      2f
    sti
    jmp     3f
1:  call    lint0_unmask
    sti
    jmp     3f
2:  cli
    call    lint0_mask
3:  movl    %eax, %gs:C_STATE
5:  cmpl    $CMD_HALT, %eax
    jne     6f
    cli
    cmpl    %gs:C_CMD, %eax
    jne     ap_loop
    sti
    hlt
6:  cmpl    $CMD_HAMMER, %eax
    jne     7f
    call    hammer
    jmp     ap_loop
7:  cmpl    $CMD_IPI, %eax
    jne     ap_loop
    lapic_write LAPIC_ICR, 0xc4000 | VEC_IPI
    movl    $2000, %ecx
    call    spin
    jmp     ap_loop
