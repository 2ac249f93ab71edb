# SPDX-License-Identifier: GPL-2.0-or-later
#
# After an INIT: what is new, and what has lived on.

    .include "init.inc"
    .code16
    .text

    .globl  check_cpu, check_kept, check_lapic, check_pic, check_aps

# SDM volume 3, "IA-32 and Intel 64 Processor States Following Power-up, Reset,
# or INIT"
check_cpu:
    step    1                   # nothing after the write
    cmpl    $0, I_LATE
    jne     fail
    step    2                   # ET; CD and NW may be as they were
    movl    I_CR0, %eax
    andl    $~0x60000000, %eax
    cmpl    $0x10, %eax
    jne     fail
    step    3
    cmpl    $2, I_EFLAGS
    jne     fail
    step    4                   # the signature, as after power-up
    movl    I_EDX, %eax
    cmpl    I_SIGN, %eax
    jne     fail
    step    5
    cmpl    $0, I_EAX
    jne     fail
    movb    I_WANT, %al
    cmpb    I_CODE, %al
    jne     fail
    testl   $F_OLD, P_FLAGS
    jnz     1f
    step    6                   # CR4 is cleared; FPU, SSE, MSRs are not
    movl    %cr4, %eax
    testl   %eax, %eax
    jnz     fail
    orw     $0x200, %ax
    movl    %eax, %cr4
    fxsave  I_FX2
    cmpw    $0x27f, I_FX2
    jne     fail
    movl    I_ROUND, %eax
    cmpl    %eax, I_FX2 + 160
    jne     fail
    movl    $MSR_SYSENTER_CS, %ecx
    rdmsr
    cmpl    I_ROUND, %eax
    jne     fail
    step    7                   # the TSC goes on
    rdtsc
    subl    I_TSC, %eax
    sbbl    I_TSC + 4, %edx
    js      fail
1:  ret

check_kept:
    step    8
    movl    I_ROUND, %eax
    movl    $RAM, %edi
    movl    $1024, %ecx
    addr32 repe scasl
    jne     fail
    step    9
    movw    $SCRATCH, %dx
    inb     %dx, %al
    movb    I_ROUND, %ah
    orb     $0x80, %ah
    cmpb    %ah, %al
    jne     fail
    movw    $ELCR0, %dx
    inb     %dx, %al
    cmpb    $0x20, %al
    jne     fail
    step    10                  # the RTC's periodic interrupt
    cmos_select 0x0b
    inb     $CMOS + 1, %al
    testb   $0x40, %al
    jz      fail
    step    11                  # PIT counter 0: its mode
    out8    PIT + 3, 0xe2
    inb     $PIT, %al
    andb    $0x3f, %al
    cmpb    $0x34, %al
    jne     fail
    ret

# "Local APIC State After It Has Been ... INIT": off by software, the ID kept.
# But the boot CPU's LVT0 is ExtINT (KVM_X86_QUIRK_LINT0_REENABLED).
check_lapic:
    testl   $F_OLD, P_FLAGS
    jnz     1f
    step    12
    movl    $MSR_APICBASE, %ecx
    rdmsr
    andb    $8, %ah
    setz    %al                 # off in hardware, as it was
    testl   $F_NOAPIC, P_FLAGS
    setnz   %ah
    cmpb    %ah, %al
    jne     fail
    testb   %al, %al
    jnz     1f
    movl    $LAPIC, %edi
    movl    LAPIC_SVR(%edi), %eax
    cmpw    $0xff, %ax
    jne     fail
    movl    LAPIC_ID(%edi), %eax
    testl   $0xff000000, %eax
    jnz     fail
    movl    LAPIC_LVT0(%edi), %eax
    cmpl    $LVT_EXTINT, %eax
    jne     fail
1:  ret

# IMR, IRR and ISR are what they were, but for an EOI of the BIOS
check_pic:
    step    13
    inb     $PIC1 + 1, %al
    movb    %al, %ah
    inb     $PIC0 + 1, %al
    cmpw    $~(S_PIT | S_KBD | 4 | S_RTC), %ax
    jne     fail
    testl   $F_OPEN, P_FLAGS
    jnz     4f
    step    14
    call    pic_irr
    andb    $2, %al
    movb    $0, %ah
    cmpl    $0, I_STYLE
    jne     1f
    movb    $2, %ah
1:  cmpb    %ah, %al
    jne     fail
    step    15
    call    pic_isr
    testb   %ah, %ah
    jnz     fail
    movb    $0, %ah
    cmpl    $1, I_STYLE
    jne     2f
    cmpb    $0x05, I_CODE
    je      2f
    movb    $2, %ah
2:  cmpb    %ah, %al
    jne     fail
    testb   %ah, %ah
    jz      3f
    out8    PIC0, OCW2_EOI
3:  ret
4:  call    pic_isr             # INIT may have come in a handler
    testw   %ax, %ax
    jz      3b
    incl    I_SERVED
    out8    PIC1, OCW2_EOI
    out8    PIC0, OCW2_EOI
    jmp     4b

# They wait for a SIPI: none of them counts. Give the host a while.
check_aps:
    step    16
    movl    $1, %ebx
1:  cmpl    P_CPUS, %ebx
    jae     3f
    movl    %ebx, %edi
    shll    $PERCPU_SHIFT, %edi
    movl    $1000, %edx
2:  movl    PERCPU + C_BEAT(%edi), %eax
    movl    $200, %ecx
    call    spin
    cmpl    PERCPU + C_BEAT(%edi), %eax
    je      4f
    decl    %edx
    jnz     2b
    jmp     fail
4:  incl    %ebx
    jmp     1b
3:  ret
