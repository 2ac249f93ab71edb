# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest ROM: reset vector, entry of the boot CPU and of the others.
#
# Real mode with CS = F000 and data segments at 0 with a limit of 4 GiB, so
# the LAPIC is in reach and no page table or gate is needed.

    .include "guest.inc"
    .code16

    .section .reset, "ax"
    ljmp    $0xf000, $start

# The descriptor's accessed bit is set: this is ROM, the CPU cannot set it
    .section .rodata
    .balign 8
    .globl  gdtr
gdt:
    .quad   0
    .quad   0x00cf93000000ffff
gdt_end:
gdtr:
    .word   gdt_end - gdt - 1
    .long   0xf0000 + gdt

    .text
    .section .ap, "ax"
ap_entry:
    cli
    jmp     ap_start

    .text
ap_start:
    flat_data
    movl    $1, %eax
    lock xaddl %eax, R_APS
    incl    %eax
    cmpl    $MAX_CPUS, %eax
    jae     park
    percpu_setup
    call    lapic_init
    movl    R_APMAIN, %eax
    jmp     *%ax

start:
    jmp     shutdown
cold:
    cli
    cld
    flat_data
    movw    $16, %cx
    movw    $R_COUNT, %si
    movw    $R_LIVES, %di
1:  lodsl
    addl    %eax, (%di)
    addw    $4, %di
    loop    1b
    movw    $R_STATE, %di
    movw    $(R_END - R_STATE) / 4, %cx
    xorl    %eax, %eax
    rep stosl
    movw    $R_LOG, %di
    movw    $64, %cx
    rep stosl
    movw    $PERCPU, %di
    movw    $(MAX_CPUS << PERCPU_SHIFT) / 4, %cx
    rep stosl
    movl    %eax, P_GO
    incl    R_BOOTS
    percpu_setup
    movl    $R_LOG, R_LOGPTR
    movl    $ap_loop, R_APMAIN
    call    ivt_init
    call    lapic_init
    call    pic_init

    # Everything is masked: what arrives now belongs to a life before this
    call    lint0_unmask
    sti
    movl    $2000, %ecx
    call    spin
    cli
    call    lint0_mask
    movw    $16, %cx
    movw    $R_COUNT, %si
1:  lodsl
    addl    %eax, R_OLD
    movl    $0, -4(%si)
    loop    1b
    movl    R_STRAY, %eax
    addl    %eax, R_OLD

    movl    P_SCENARIO, %ebx
    cmpl    $SCENARIOS, %ebx
    jae     fail
    shlw    $1, %bx
    movl    $ST_RUN, R_STATE
    jmp     *%cs:scenarios(%bx)

    .section .rodata
scenarios:
    .word   scn_demo            # 0
    .word   scn_run             # 1
    .word   scn_order           # 2
    .word   scn_masked          # 3
    .word   scn_ap              # 4
    .word   scn_smp             # 5
    .word   scn_handover        # 6
    .word   scn_service         # 7
    .word   scn_pending         # 8
    .word   scn_hotplug         # 9
    .word   scn_all             # 10
    .word   scn_ioapic          # 11
    .word   scn_hammer          # 12
    .word   scn_poll            # 13
    .word   scn_wait            # 14
    .word   scn_soak            # 15
    .word   scn_lapic           # 16
    .word   scn_init            # 17
    .word   scn_lint0           # 18
    .word   scn_routes          # 19
    .set SCENARIOS, (. - scenarios) / 2

    .text
    .globl  pass, fail, park
    .globl  cold
pass:
    cli
    movl    $1, R_RESULT
    movl    $ST_DONE, R_STATE
    print   "PASS\n"
    out8    DEBUGEXIT, EXIT_PASS
park:
    cli
    hlt
    jmp     park

fail:
    cli
    movl    $2, R_RESULT
    movl    $ST_DONE, R_STATE
    print   "FAIL step="
    movl    R_STEP, %eax
    call    putu
    print   "\n"
    out8    DEBUGEXIT, EXIT_FAIL
    jmp     park
