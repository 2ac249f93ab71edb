# SPDX-License-Identifier: GPL-2.0-or-later
#
# Messages that the host sends to local APICs: who took which is counted.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_lapic

.set SMRAM,      0x38000        # where a CPU enters SMM that nobody has moved

# P_CPUS CPUs, each as P_LAPIC[its APIC ID] says; its logical ID is the bit of
# that number. The host writes an APIC ID to
# P_GO: the boot CPU sends that one a SIPI, and only that.
scn_lapic:
    movw    $smi, %si
    movl    $SMRAM, %edi
    movl    $smi_end - smi, %ecx
1:  movb    %cs:(%si), %al
    movb    %al, (%edi)
    incw    %si
    incl    %edi
    loopl   1b
    movl    $lapic_cpu, R_APMAIN
    call    aps_start
    print   "lapic\n"

lapic_cpu:
    movl    %gs:C_APICID, %ecx
    movl    $1 << 24, %eax
    shll    %cl, %eax
    movl    $LAPIC, %edi
    movl    %eax, LAPIC_LDR(%edi)
    movl    %ecx, %ebx
    movl    P_LAPIC(,%ebx,4), %ebx
    movl    %ebx, %eax
    andl    $L_LVT1, %eax
    jz      1f
    movl    $LAPIC, %edi
    movl    %eax, LAPIC_LVT1(%edi)
1:  testl   $L_SOFT, %ebx
    jz      2f
    lapic_write LAPIC_SVR, 0xff
2:  testl   $L_OFF, %ebx
    jz      3f
    movl    $MSR_APICBASE, %ecx
    rdmsr
    andl    $~0x800, %eax
    wrmsr
3:  movl    $ST_GO, %gs:C_STATE
4:  incl    %gs:C_BEAT
    testl   $L_CLI, %ebx
    jnz     5f
    sti
5:  testl   $L_HALT, %ebx
    jz      6f
    hlt
6:  pause
    cmpl    $0, %gs:C_APICID
    jne     4b
    movl    P_GO, %eax
    testl   %eax, %eax
    jz      4b
    movl    $0, P_GO
    shll    $24, %eax
    movl    $LAPIC, %edi
    movl    %eax, LAPIC_ICR2(%edi)
    movl    $0x46f0, LAPIC_ICR(%edi)
    jmp     4b

    .section .rodata
smi:
    lock incl R_SMI
    rsm
smi_end:
