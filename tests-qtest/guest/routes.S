# SPDX-License-Identifier: GPL-2.0-or-later
#
# Routes of an IOAPIC to CPUs that all have a logical address: the host says
# what is to be in which entry, and raises the pin.

    .include "guest.inc"
    .code16
    .text

    .globl  scn_routes

.set PIN_REG,   0x10            # low half of entry 0; the high half follows

# P_CPUS CPUs, which wait for interrupts. The host writes P_RTE, then the number
# of the pin, not 0, to P_GO, which is 0 when the entry is written.
scn_routes:
    movl    $routes_cpu, R_APMAIN
    call    aps_start
    print   "routes\n"

routes_cpu:
    movl    $LAPIC, %edi
    movl    %gs:C_APICID, %ecx
    movl    $0x01000000, %eax
    shll    %cl, %eax
    movl    %eax, LAPIC_LDR(%edi)
    movl    $ST_GO, %gs:C_STATE
    sti
1:  incl    %gs:C_BEAT
    pause
    cmpl    $0, %gs:C_APICID
    jne     1b
    movl    P_GO, %ebx
    testl   %ebx, %ebx
    jz      1b

    # Masked first: the entry is never half of the old and half of the new
    movl    $IOAPIC, %edi
    leal    PIN_REG(,%ebx,2), %ebx
    movl    %ebx, (%edi)
    movl    $0x10000, IOAPIC_WIN(%edi)
    incl    %ebx
    movl    %ebx, (%edi)
    movl    P_RTE + 4, %eax
    movl    %eax, IOAPIC_WIN(%edi)
    decl    %ebx
    movl    %ebx, (%edi)
    movl    P_RTE, %eax
    movl    %eax, IOAPIC_WIN(%edi)
    movl    $0, P_GO
    jmp     1b
