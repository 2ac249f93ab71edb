# SPDX-License-Identifier: GPL-2.0-or-later
#
# A boot sector for a BIOS that is not ours: into protected mode, and back as
# on a 286, through the BIOS. Each line on the debug console is a return; then
# the BIOS' timer tick has to go on.

    .code16
    .text

.set DEBUGCON,  0xe9
.set DEBUGEXIT, 0xf4
.set RESUME,    0x467           # 40:67
.set TICKS,     0x46c           # 40:6C
.set PATTERN,   0x100000        # beyond what real mode reaches
.set ROUNDS,    12              # 2 codes, 3 ways, twice

    ljmp    $0, $1f
1:  xorw    %ax, %ax
    movw    %ax, %ds
    movw    %ax, %ss
    movw    $0x7c00, %sp
    movl    $0, round

next:
    cli
    movl    round, %ebx
    movl    $resume, RESUME     # 0000:resume
    movb    $0x0a, %ah
    testb   $1, %bl
    jz      1f
    movb    $0x05, %ah
1:  movb    $0x8f, %al
    outb    %al, $0x70
    movb    %ah, %al
    outb    %al, $0x71
    lgdtl   gdtr
    smsww   %ax
    orb     $1, %al
    lmsww   %ax
    ljmp    $0x10, $1f
1:  movw    $8, %ax
    movw    %ax, %es
    movl    $PATTERN, %edi
    movl    %ebx, %es:(%edi)
    shrl    $1, %ebx
    movl    %ebx, %eax
    xorl    %edx, %edx
    movl    $3, %ecx
    divl    %ecx
    decw    %dx
    js      by_port92
    jz      by_kbd
    movw    $0xcf9, %dx
    movb    $0, %al
    outb    %al, %dx
    movb    $4, %al
    outb    %al, %dx
    jmp     late
by_kbd:
    movb    $0xfe, %al
    outb    %al, $0x64
    jmp     late
by_port92:
    inb     $0x92, %al
    andb    $0xfe, %al
    outb    %al, $0x92
    orb     $1, %al
    outb    %al, $0x92
late:
    movb    $'!', %al
    outb    %al, $DEBUGCON
    hlt
    jmp     late

resume:
    cli
    xorw    %ax, %ax
    movw    %ax, %ds
    movw    %ax, %ss
    movw    $0x7c00, %sp
    smsww   %ax
    testb   $1, %al
    jnz     bad
    movw    $0xffff, %ax        # the first bytes there, A20 is open
    movw    %ax, %es
    movl    round, %eax
    cmpl    %eax, %es:0x10
    jne     bad
    movb    $'R', %al
    outb    %al, $DEBUGCON
    # The PIC's interrupts come: two ticks of the BIOS
    sti
    movw    TICKS, %cx
    addw    $2, %cx
1:  cmpw    TICKS, %cx
    jne     1b
    movb    $'T', %al
    outb    %al, $DEBUGCON
    movb    $'\n', %al
    outb    %al, $DEBUGCON
    incl    round
    cmpl    $ROUNDS, round
    jb      next
    movb    $0x10, %al
    jmp     1f
bad:
    movb    $0x11, %al
1:  outb    %al, $DEBUGEXIT
    hlt
    jmp     1b

    .balign 8
gdt:
    .quad   0
    .quad   0x00cf93000000ffff
    .quad   0x00009b000000ffff
gdt_end:
gdtr:
    .word   gdt_end - gdt - 1
    .long   gdt
    .balign 4
round:
    .long   0

    .org    510
    .word   0xaa55

# SeaBIOS wants one cylinder of a disk at least
    .org    0x100000
