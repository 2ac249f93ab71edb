# SPDX-License-Identifier: GPL-2.0-or-later
#
# Scenarios with more than one vCPU.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_ap, scn_smp, scn_handover, scn_hotplug, scn_all

# The last of P_CPUS takes the PIC's interrupts, the boot CPU's LINT0 stays
# masked. F_HALT: it waits in HLT.
scn_ap:
    call    aps_start
    movl    P_CPUS, %ebx
    decl    %ebx
    movl    $CMD_EXTINT, %eax
    testl   $F_HALT, P_FLAGS
    jz      1f
    movl    $CMD_HALT, %eax
1:  call    ap_command
    call    sources_start
    sti
    print   "ap\n"
    call    wait_count
    step    1                   # all of them on that CPU
    shll    $PERCPU_SHIFT, %ebx
    movl    PERCPU + C_IRQ(%ebx), %eax
    cmpl    %eax, R_COUNT
    jne     fail
    call    print_counts
    jmp     pass

# The boot CPU takes the interrupts, all others send IPIs to each other
scn_smp:
    call    aps_start
    movl    $CMD_IPI, %eax
    call    aps_command
    call    lint0_unmask
    call    sources_start
    sti
    print   "smp\n"
    call    wait_count
    step    1                   # none on another CPU, IPIs on every one
    movl    %gs:C_IRQ, %eax
    cmpl    %eax, R_COUNT
    jne     fail
    movl    P_CPUS, %ecx
    xorl    %ebx, %ebx
2:  step    2
    cmpl    $0, PERCPU + C_IPI(%ebx)
    je      fail
    addl    $1 << PERCPU_SHIFT, %ebx
    loop    2b
    call    print_counts
    jmp     pass

# LINT0 is unmasked on all CPUs at once: each interrupt runs one handler, on
# whichever of them
scn_all:
    call    aps_start
    movl    $CMD_EXTINT, %eax
    call    aps_command
    call    lint0_unmask
    call    sources_start
    sti
    print   "all\n"
    movl    P_COUNT, %edx
2:  incl    R_BEAT
    pause
    cmpl    %edx, R_COUNT
    jb      2b
    movl    $CMD_MASK, %eax
    call    aps_command
    call    sources_stop
    movl    $20000, %ecx
    call    spin
    cli
    call    print_counts
    jmp     pass

# P_COUNT (default 1000) ticks, then stop the PIT; %ebx is kept
wait_count:
    pushal
    movl    P_COUNT, %edx
    testl   %edx, %edx
    jnz     1f
    movl    $1000, %edx
1:  incl    R_BEAT
    pause
    cmpl    %edx, R_COUNT
    jb      1b
    call    sources_stop
    movl    $20000, %ecx
    call    spin
    popal
    ret

# The boot CPU and the next one take the interrupts in turn, 16 ticks each
scn_handover:
    call    aps_start
    call    sources_start
    print   "handover\n"
    movl    P_COUNT, %edx
    testl   %edx, %edx
    jnz     1f
    movl    $20, %edx
1:  movl    %edx, R_STEP
    call    lint0_unmask
    sti
    movl    %gs:C_IRQ, %eax
    addl    $16, %eax
2:  pause
    cmpl    %eax, %gs:C_IRQ
    jb      2b
    cli
    call    lint0_mask
    movl    $1, %ebx
    movl    $CMD_EXTINT, %eax
    testl   $1, %edx
    jz      3f
    movl    $CMD_HALT, %eax
3:  call    ap_command
    movl    PERCPU + (1 << PERCPU_SHIFT) + C_IRQ, %eax
    addl    $16, %eax
4:  pause
    cmpl    %eax, PERCPU + (1 << PERCPU_SHIFT) + C_IRQ
    jb      4b
    movl    $CMD_MASK, %eax
    call    ap_command
    decl    %edx
    jnz     1b
    movl    $0, R_STEP
    call    print_counts
    jmp     pass

# CPU hotplug by the registers at P_HOTPLUG, see QEMU's
# docs/specs/acpi_cpu_hotplug.rst. A plugged CPU takes the PIC's interrupts
# (the boot CPU's LINT0 is masked), an unplugged one gives them back first.
scn_hotplug:
    movw    P_HOTPLUG, %bp
    xorl    %eax, %eax
    movw    %bp, %dx
    outl    %eax, %dx           # first write: away from the legacy interface
    call    lint0_unmask
    call    sources_start
    print   "hotplug\n"
    sti
1:  incl    R_BEAT
    movl    $2000, %ecx
    call    spin
    movw    %bp, %dx
    xorl    %eax, %eax
    outl    %eax, %dx
    movb    $0, %al
    leaw    5(%bp), %dx
    outb    %al, %dx            # select a CPU with an event
    leaw    4(%bp), %dx
    inb     %dx, %al
    testb   $2, %al
    jnz     2f
    testb   $4, %al
    jz      1b

    # Gone: its interrupts first, then the CPU. F_TAKE: as it stands, and it
    # may have been in a handler, whose EOI is ours to give then.
4:  testl   $F_TAKE, P_FLAGS
    jnz     5f
    movl    R_APS, %ebx
    movl    $CMD_MASK, %eax
    call    ap_command
5:  call    lint0_unmask
    leaw    4(%bp), %dx
    movb    $4, %al
    outb    %al, %dx
    movb    $8, %al
    outb    %al, %dx
    movl    %gs:C_IRQ, %eax
    movl    $200000, %ecx
    call    spin
    cmpl    %gs:C_IRQ, %eax
    jne     6f
    incl    R_POLLED
    out8    PIC0, OCW2_EOI
6:  print   "ejected\n"
    incl    R_STATE
    jmp     1b

    # New: find its APIC ID, start it, hand LINT0 over
2:  movb    $2, %al
    outb    %al, %dx
    leaw    5(%bp), %dx
    movb    $3, %al
    outb    %al, %dx
    leaw    8(%bp), %dx
    inl     %dx, %eax
    movl    R_APS, %ebx
    call    ap_start_one
3:  pause
    cmpl    %ebx, R_APS
    je      3b
    call    lint0_mask
    incl    %ebx
    movl    $CMD_HALT, %eax
    call    ap_command
    print   "plugged\n"
    incl    R_STATE
    jmp     1b
