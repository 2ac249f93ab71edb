/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handler of all 256 vectors, in real mode. IVT entry n points to it as
 * segment SEGMENT - n, offset 16 * n, so that CS tells the vector. It ends no
 * interrupt: EOI is the sequence's business.
 */
#include "guest.h"

        .section .rodata
        .globl guest_handler, guest_handler_end
        .code16
guest_handler:
        mov     %cs, %ax
        neg     %ax
        add     $(GUEST_HANDLER_SEGMENT + GUEST_VECTOR), %ax
        /* IF = 0 for the IRET: one interrupt a window, no more */
        mov     %sp, %bp
        andb    $0xfd, 5(%bp)
        iret
guest_handler_end:

        .section .note.GNU-stack, "", @progbits
