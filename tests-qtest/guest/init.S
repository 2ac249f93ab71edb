# SPDX-License-Identifier: GPL-2.0-or-later
#
# Back to real mode as on a 286: the processor is in protected mode, which it
# cannot leave but by an INIT; the shutdown code in the CMOS RAM and the far
# pointer at 40:67 say where to go on.

    .include "init.inc"
    .code16
    .text

    .globl  shutdown, scn_init

# What a BIOS does first. The registers are as the processor starts with them.
shutdown:
    movl    %edx, I_EDX
    movl    %cr0, %edx
    movl    %edx, I_CR0
    movl    %eax, I_EAX
    movw    $I_STACK, %sp
    pushfl
    popl    I_EFLAGS
    cmos_select CMOS_CODE
    inb     $CMOS + 1, %al
    movb    %al, I_CODE
    cmpb    $0x05, %al
    je      1f
    cmpb    $0x09, %al
    je      1f
    cmpb    $0x0a, %al
    jne     cold
1:  movb    %al, %ah
    cmos_select CMOS_CODE
    out8    CMOS + 1, 0
    cmpb    $0x09, %ah
    je      2f
    cmpb    $0x0a, %ah
    je      3f
    out8    PIC1, OCW2_EOI
    out8    PIC0, OCW2_EOI
3:  ljmp    *RESUME
2:  lssw    RESUME, %sp
    popw    %es
    popw    %ds
    popaw
    iretw

# Asserts INIT# in way %bl and does not come back
pulse:
    movzbw  %bl, %bx
    shlw    $1, %bx
    jmp     *%cs:pulses(%bx)

    .section .rodata
pulses:
    .word   by_port92, by_kbd, by_cf9, by_outport, by_kbd_all, by_cf9_hard
    .set PULSES, 5              # those that are an INIT

    .text
by_port92:
    inb     $PORT92, %al
    andb    $0xfe, %al
    orb     $2, %al             # A20 is open, and stays so
    outb    %al, $PORT92
    orb     $1, %al
    outb    %al, $PORT92
    jmp     late
by_kbd:
    out8    KBD_CMD, 0xfe
    jmp     late
by_cf9:
    out8    RESET_CF9, 0x00
    out8    RESET_CF9, 0x04
    jmp     late
by_outport:
    out8    KBD_CMD, 0xd1
    out8    KBD_DATA, 0xde
    jmp     late
by_kbd_all:
    out8    KBD_CMD, 0xf0
    jmp     late
by_cf9_hard:
    out8    RESET_CF9, 0x02
    out8    RESET_CF9, 0x06

# The write is the last thing that is done
late:
    lock incl I_LATE
    pause
    jmp     late

# Protected mode with 16-bit code at F0000 and flat data. No way back.
.macro enter_protected
    lgdtl   %cs:init_gdtr
    smsww   %ax
    orb     $1, %al
    lmsww   %ax
    ljmp    $0x10, $9f
9:  movw    $8, %ax
    movw    %ax, %ds
    movw    %ax, %es
    movw    %ax, %ss
.endm

    .section .rodata
    .balign 8
init_gdt:
    .quad   0
    .quad   0x00cf93000000ffff
    .quad   0x00009b0f0000ffff
init_gdt_end:
init_gdtr:
    .word   init_gdt_end - init_gdt - 1
    .long   0xf0000 + init_gdt

    .text
# The others count; the first of them pulses INIT# when it is told to
ap_init:
    incl    %gs:C_BEAT
    pause
    movw    %gs, %ax
    cmpw    $(PERCPU + (1 << PERCPU_SHIFT)) >> 4, %ax
    jne     ap_init
    xorl    %eax, %eax
    xchgl   %eax, I_ASK
    testl   %eax, %eax
    jz      ap_init
    testl   $F_OPEN, P_FLAGS    # at one moment or another
    jz      2f
    movl    I_ROUND, %ecx
    shll    $2, %ecx
    addl    $100, %ecx
1:  outb    %al, $0x80
    loop    1b
2:  movb    I_PULSE, %bl
    jmp     pulse

scn_init:
    cmpl    $1, R_BOOTS
    jne     after_hard
    movw    $I_ROUND, %di
    movw    $(I_END - I_ROUND) / 4, %cx
    xorl    %eax, %eax
    rep stosl
    movl    I_EDX, %eax
    movl    %eax, I_SIGN
    movl    P_INIT, %eax
    movl    %eax, I_ROUND
    cmpl    $0, P_SOURCES
    jne     1f
    movl    $S_PIT | S_RTC, P_SOURCES
1:  movl    $ap_init, R_APMAIN
    call    aps_start
    testl   $F_NOAPIC, P_FLAGS
    jz      1f
    movl    $MSR_APICBASE, %ecx
    rdmsr
    andb    $~8, %ah
    wrmsr
1:  testl   $F_NOAPIC | F_OLD, P_FLAGS
    jnz     1f
    call    lint0_unmask
1:  call    sources_start
    movw    $~(S_PIT | S_KBD | 4 | S_RTC), %ax
    call    pic_unmask
    print   "init\n"
    movl    $ST_GO, R_STATE

round:
    incl    I_ROUND
    incl    R_BEAT
    call    choose
    call    keep
    movl    $0, I_LATE
    cmpl    $2, I_STYLE
    je      open
    call    closed_style
    enter_protected
    movl    $RAM, %edi
    movl    %eax, 4096(%edi)    # beyond real mode's reach
    testl   $F_OTHER, P_FLAGS
    jnz     other
    movb    I_PULSE, %bl
    jmp     pulse

# With IF = 1, in real mode: the handlers run up to the pulse
open:
    sti
    movl    $20, %ecx
1:  outb    %al, $0x80
    loop    1b
    testl   $F_OPEN, P_FLAGS
    jnz     other
    movb    I_PULSE, %bl
    jmp     pulse

# Another CPU asserts it
other:
    movl    $1, I_ASK
1:  testl   $F_HALT, P_FLAGS
    jz      2f
    hlt
2:  pause
    jmp     1b

# This round's way, code and style: all of them meet in 5 * 3 * 4 rounds
choose:
    pushal
    movl    I_ROUND, %eax
    xorl    %edx, %edx
    movl    $PULSES, %ecx
    divl    %ecx
    movl    %edx, I_PULSE
    movl    I_ROUND, %eax
    andl    $3, %eax
    movl    $F_OTHER, %ecx      # would find it in a handler
    cmpb    $2, %al
    je      1f
    movl    $F_KPIC, %ecx       # poll does not acknowledge
    cmpb    $1, %al
    jne     2f
1:  testl   %ecx, P_FLAGS
    jz      2f
    movb    $3, %al
2:  testl   $F_OPEN, P_FLAGS
    jz      3f
    movb    $2, %al
3:  movl    %eax, I_STYLE
    movl    I_ROUND, %eax
    xorl    %edx, %edx
    movl    $3, %ecx
    divl    %ecx
    testl   $F_OPEN, P_FLAGS
    jz      1f
    movb    $2, %dl             # no EOI by the BIOS
1:  movb    %cs:codes(%edx), %ah
    cmos_select CMOS_CODE
    movb    %ah, %al
    outb    %al, $CMOS + 1
    movb    %al, I_WANT
    movl    $0xf0000000 + resume, RESUME
    cmpb    $0x09, %al
    jne     1f
    movl    $I_FRAME, RESUME
    movw    $I_FRAME, %di
    movw    $10, %cx            # ES, DS and POPA's eight
    xorw    %ax, %ax
    rep stosw
    movl    $0xf0000000 + resume, (%di)
    movw    $2, 4(%di)
1:  popal
    ret

    .section .rodata
codes:
    .byte   0x05, 0x09, 0x0a

    .text
# What has to live on: RAM, the processor's units, a device's registers
keep:
    pushal
    movl    I_ROUND, %eax
    movl    $RAM, %edi
    movl    $1024, %ecx
    addr32 rep stosl
    testl   $F_OLD, P_FLAGS
    jnz     1f
    movw    $I_FX, %di
    movw    $512 / 4, %cx
    pushl   %eax
    xorl    %eax, %eax
    rep stosl
    popl    %eax
    movw    $0x27f, I_FX        # FCW, not what an FNINIT makes of it
    movl    $0x1f80, I_FX + 24  # MXCSR
    movl    %eax, I_FX + 160    # XMM0
    movl    %cr4, %edx
    orw     $0x200, %dx         # OSFXSR
    movl    %edx, %cr4
    fxrstor I_FX
    movl    $MSR_SYSENTER_CS, %ecx
    xorl    %edx, %edx
    wrmsr
    rdtsc
    movl    %eax, I_TSC
    movl    %edx, I_TSC + 4
1:  movb    I_ROUND, %al
    orb     $0x80, %al
    movw    $SCRATCH, %dx
    outb    %al, %dx
    out8    ELCR0, 0x20
    inb     $PORT92, %al        # bit 0 may be up still: no rise, no INIT
    outb    %al, $PORT92
    popal
    ret

# With IF = 0. 0: a key's interrupt is pending; 1: is in service; 3: neither
closed_style:
    cli
    cmpl    $3, I_STYLE
    je      2f
    call    kbd_raise
    cmpl    $1, I_STYLE
    jne     2f
    movw    $~S_KBD, %ax
    call    pic_unmask
1:  out8    PIC0, OCW3_POLL
    inb     $PIC0, %al
    cmpb    $0x81, %al
    jne     1b
    inb     $KBD_DATA, %al
    incl    R_POLLED
    movw    $~(S_PIT | S_KBD | 4 | S_RTC), %ax
    call    pic_unmask
2:  ret

# Real mode again. The stack is of no matter, nor is what is on it.
resume:
    cli
    cld
    movw    $I_STACK, %sp
    flat_data
    xorl    %eax, %eax
    percpu_setup
    incl    I_COUNT
    call    check_cpu
    call    check_kept
    call    check_lapic
    call    check_pic
    call    check_aps
    call    take
    call    restart_aps
    movl    P_COUNT, %eax
    cmpl    %eax, I_ROUND
    jb      round
    call    sources_stop
    sti
    movl    $20000, %ecx
    call    spin
    movl    $100, %ecx
1:  outb    %al, $0x80
    loop    1b
    cli
    call    print_counts
    testl   $F_HARD, P_FLAGS
    jz      pass
    movb    $5, %bl             # code 0: the next one boots
    jmp     pulse

# It was the machine that was reset, and the CMOS RAM's code with it
after_hard:
    step    20
    testl   $F_RESET, P_FLAGS
    jnz     1f
    step    21
    testl   $F_HARD, P_FLAGS
    jz      fail
    movl    P_COUNT, %eax
    subl    P_INIT, %eax
    cmpl    %eax, I_COUNT
    jne     fail
1:  movw    $SCRATCH, %dx
    inb     %dx, %al
    testb   %al, %al
    jnz     fail
    jmp     pass

# What was pending comes, once
take:
    testl   $F_NOAPIC | F_OLD, P_FLAGS
    jnz     1f
    call    lapic_init
    call    lint0_unmask
1:  movl    R_COUNT + 4, %edx
    cmpl    $0, I_STYLE
    jne     2f
    incl    %edx
2:  sti
    movl    $100000, %ecx
3:  outb    %al, $0x80
    cmpl    %edx, R_COUNT + 4
    je      4f
    decl    %ecx
    jnz     3b
4:  movl    $20, %ecx           # one more would come, and so do others
5:  outb    %al, $0x80          # a KVM that emulates looks at an exit
    loop    5b
    cli
    step    17
    cmpl    %edx, R_COUNT + 4
    jne     fail
    ret

# By a SIPI alone, for INIT has been; every other time as software does it
restart_aps:
    cmpl    $2, P_CPUS
    jb      4f
    step    18
    movl    $0, R_APS
    testl   $4, I_ROUND
    jz      1f
    lapic_write LAPIC_ICR, 0xc46f0
    movl    P_CPUS, %eax
    decl    %eax
3:  pause
    cmpl    %eax, R_APS
    jb      3b
    jmp     2f
1:  call    aps_start
2:  step    19                  # and they count on
    movl    $1, %ebx
1:  cmpl    P_CPUS, %ebx
    jae     4f
    movl    %ebx, %edi
    shll    $PERCPU_SHIFT, %edi
    movl    PERCPU + C_BEAT(%edi), %eax
2:  pause
    cmpl    PERCPU + C_BEAT(%edi), %eax
    je      2b
    incl    %ebx
    jmp     1b
4:  ret
