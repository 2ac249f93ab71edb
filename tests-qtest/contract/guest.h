/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guests of the contract test: a few instructions of real mode with 4 GiB
 * segments, both as machine code and as the model's instructions.
 */
#ifndef CONTRACT_GUEST_H
#define CONTRACT_GUEST_H

#include "kvm-model.h"

#define GUEST_MEMORY        0x10000u
#define GUEST_VCPUS         2
#define GUEST_ENTRY(vcpu)   (0x1000u + (vcpu) * 0x400u)
#define GUEST_STACK(vcpu)   (0x9000u - (vcpu) * 0x800u)
/* The handler of a vector: OUT vector, AL; IRET. SIPI's vector may be 4. */
#define GUEST_HANDLERS      0x2000u
#define GUEST_STRIDE        4u
/* Of the guests' own IN and OUT; no vector of a scenario */
#define GUEST_PORT          0xedu

#define GUEST_INSNS         48
#define GUEST_BYTES         256
#define GUEST_WORDS         32

typedef struct Guest {
    uint8_t code[GUEST_BYTES];
    unsigned bytes;
    KVMModelInsn insn[GUEST_INSNS];
    uint16_t at[GUEST_INSNS];       /* offset of insn[i] in code */
    unsigned insns;
    uint16_t word[GUEST_WORDS + 1]; /* offset of each word, and the end */
    unsigned words;
} Guest;

/* Append what @word says to @guest; false: it says nothing known. */
bool guest_word(Guest *guest, const char *word);

/* A whole guest memory's interrupt table and handlers */
void guest_handlers(uint8_t *memory);

/* The model's instruction at @rip of a vCPU with @guest */
bool guest_fetch(const Guest *guest, unsigned vcpu, uint64_t rip,
                 KVMModelInsn *insn);

/* "3": the guest's word 3 is next; "0x30" or "0x30+1": in a handler */
void guest_where(const Guest *guest, unsigned vcpu, uint64_t rip,
                 char *buf, size_t size);

/* The handler @rip is in, or -1 */
int guest_handler(uint64_t rip);

#endif /* CONTRACT_GUEST_H */
