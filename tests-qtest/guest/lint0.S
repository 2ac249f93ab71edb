# SPDX-License-Identifier: GPL-2.0-or-later
#
# LVT0 in other modes than ExtINT: its vector's handler gives the local APIC an
# EOI, and the PIC never sees an INTA.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_lint0

# P_CPUS CPUs. Each writes P_LINT0[its APIC ID] to LVT0 as soon as it changes,
# and says so in C_STATE; with L_HALT it then waits in HLT. P_SOURCES start at
# once. The boot CPU does what the host writes to P_GO (G_*) and clears it.
scn_lint0:
    movw    $VEC_LINT0, %bx
    movw    $lint0, %ax
    call    ivt_set
    movw    $2, %bx
    movw    $lint0_nmi, %ax
    call    ivt_set
    movl    $lint0_cpu, R_APMAIN
    call    aps_start
    call    serial_level
    movl    $ST_GO, R_STATE
    print   "lint0\n"

lint0_cpu:
    movl    %gs:C_APICID, %ebx
1:  cli
    incl    %gs:C_BEAT
    movl    P_LINT0(,%ebx,4), %eax
    cmpl    %gs:C_STATE, %eax
    je      2f
    movl    %eax, %ecx
    andl    $~L_HALT, %ecx
    movl    $LAPIC, %edi
    movl    %ecx, LAPIC_LVT0(%edi)
    movl    %eax, %gs:C_STATE
2:  testl   $L_HALT, %eax
    sti
    jz      3f
    hlt
3:  pause
    testl   %ebx, %ebx
    jnz     1b
    movl    P_GO, %ecx
    jecxz   1b
    addw    %cx, %cx
    cli
    call    *%cs:lint0_commands - 2(%ecx)
    movl    $0, P_GO
    jmp     1b

    .section .rodata
lint0_commands:
    .word   pit_start           # G_START
    .word   pit_stop            # G_STOP
    .word   serial_raise        # G_SERIAL
    .word   lint0_close         # G_CLOSE
    .word   lint0_open          # G_OPEN

    .text
lint0_close:
    movw    $0xffff, %ax
    jmp     pic_unmask

lint0_open:
    movl    P_SOURCES, %eax
    notw    %ax
    jmp     pic_unmask

# The serial port is quietened by every P_COUNT-th, after P_TIMER turns
lint0:
    pushal
    lock incl R_LINT0
    incl    %gs:C_LINT0
    testl   $S_SERIAL, P_SOURCES
    jz      1f
    movl    P_TIMER, %ecx
    call    spin
    xorl    %edx, %edx
    movl    R_LINT0, %eax
    divl    P_COUNT
    testl   %edx, %edx
    jnz     1f
    out8    COM1 + 1, 0
1:  movl    $LAPIC, %edi
    movl    $0, LAPIC_EOI(%edi)
    popal
    iret

lint0_nmi:
    lock incl R_NMI
    incl    %gs:C_NMI
    iret
