# SPDX-License-Identifier: GPL-2.0-or-later
#
# Scenarios that run periodic sources on the boot CPU, or on all.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_run, scn_demo, scn_service, drain

# All sources together, until P_COUNT interrupts have been handled; then stop
# the sources, let what is pending come in, and report.
scn_run:
    call    aps_start
    testl   $F_NOAPIC, P_FLAGS
    jz      1f
    movl    $MSR_APICBASE, %ecx
    rdmsr
    andb    $~8, %ah
    wrmsr
    jmp     2f
1:  call    lint0_unmask
2:  call    sources_start
    sti
1:  incl    R_BEAT
    testl   $F_HALT, P_FLAGS
    jz      2f
    hlt
2:  pause
    call    total
    movl    P_COUNT, %ecx
    jecxz   1b
    cmpl    %ecx, %eax
    jb      1b
    call    drain
    call    print_counts
    jmp     pass

# The table that ./intack run shows: P_COUNT ticks, half of them on the boot
# CPU, half on the next one, all sources running. An NMI ends either half. It
# outranks a vector that KVM holds, which has to come in before LINT0 is masked:
# masked, KVM would keep it.
scn_demo:
    cmpl    $0, P_SOURCES
    jne     1f
    movl    $S_PIT | S_KBD | S_RTC, P_SOURCES
1:  cmpl    $0, P_COUNT
    jne     1f
    movl    $10000, P_COUNT
1:  call    aps_start
    movl    P_CPUS, %ecx
    movl    $3, %ebx
1:  cmpl    %ecx, %ebx
    jae     2f
    movl    $CMD_IPI, %eax
    call    ap_command
    incl    %ebx
    jmp     1b
2:  call    lint0_unmask
    call    sources_start
    sti
    movl    P_COUNT, %edx
    cmpl    $2, P_CPUS
    jb      3f
    shrl    $1, %edx
3:  incl    R_BEAT
    hlt
    cmpl    $1, %gs:C_NMI
    jae     4f
    cmpl    %edx, R_COUNT
    jb      3b
4:  cmpl    $2, P_CPUS
    jb      6f
    movl    $20000, %ecx
    call    spin
    call    lint0_mask
    movl    $1, %ebx
    movl    $CMD_HALT, %eax
    call    ap_command
    movl    P_COUNT, %edx
4:  pause
    cmpl    $3, P_CPUS
    jb      5f
    hlt                         # the third CPU's IPIs wake it
5:  cmpl    $2, %gs:C_NMI
    jae     4f
    cmpl    %edx, R_COUNT
    jb      4b
4:  movl    $20000, %ecx
    call    spin
    movl    $CMD_MASK, %eax
    call    ap_command
    call    lint0_unmask
6:  call    drain
    call    print_counts
    jmp     pass

# Runs for ever: counts in RAM, and prints its progress now and then. While
# the host holds P_GO up it waits with IF = 0 and the sources go on.
scn_service:
    call    aps_start
    call    lint0_unmask
    call    sources_start
    print   "service\n"
    sti
    movl    $1000, %edx
1:  incl    R_BEAT
    testl   $F_HALT, P_FLAGS
    jz      2f
    hlt
2:  pause
    cmpl    $0, P_GO
    je      4f
    cli
    movl    $ST_GO, R_STATE
3:  pause
    cmpl    $0, P_GO
    jne     3b
    movl    $ST_RUN, R_STATE
    sti
4:  cmpl    %edx, R_COUNT
    jb      1b
    print   "progress "
    movl    R_COUNT, %eax
    call    putu
    print   "\n"
    addl    $1000, %edx
    jmp     1b

# %eax = interrupts handled
total:
    pushw   %cx
    pushw   %si
    xorl    %eax, %eax
    movw    $R_COUNT, %si
    movw    $16, %cx
1:  addl    (%si), %eax
    addw    $4, %si
    loop    1b
    popw    %si
    popw    %cx
    ret

drain:
    pushal
    call    sources_stop
    movl    $20000, %ecx
    call    spin
    cli
    popal
    ret
