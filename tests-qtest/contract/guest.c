/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guests of the contract test.
 */
#include "qemu/osdep.h"
#include "guest.h"

#define APIC_PAGE       0xfee00000u
#define EAX             0
#define ECX             1
#define EDX             2

typedef struct Plain {
    const char *word;
    uint8_t op;                 /* KVMModelOp */
    uint8_t len;
    uint8_t byte[2];
    uint16_t reg;
    uint64_t val;
} Plain;

/* EDI is 0 in every guest */
static const Plain plain[] = {
    { "nop", KVM_MODEL_NOP, 1, { 0x90 } },
    { "cli", KVM_MODEL_CLI, 1, { 0xfa } },
    { "sti", KVM_MODEL_STI, 1, { 0xfb } },
    { "hlt", KVM_MODEL_HLT, 1, { 0xf4 } },
    { "movss", KVM_MODEL_MOV_SS, 2, { 0x8e, 0xd7 } },
    { "out", KVM_MODEL_OUT, 2, { 0xe6, GUEST_PORT }, GUEST_PORT },
    { "in", KVM_MODEL_IN, 2, { 0xe4, GUEST_PORT }, GUEST_PORT, 1 },
    { "iret", KVM_MODEL_IRET, 1, { 0xcf } },
    { "ud2", KVM_MODEL_RAISE, 2, { 0x0f, 0x0b }, 0, 6 },
};

/* Registers of an xAPIC by name; "apic:350=10700" has them by number */
static const struct {
    const char *word;
    uint16_t reg;
    uint32_t val;
} apic_words[] = {
    { "lvt0=extint", 0x350, 0x700 },
    { "lvt0=masked", 0x350, 0x10700 },
    { "lvt0=fixed", 0x350, 0x51 },
    { "svr=on", 0xf0, 0x1ff },
    { "svr=off", 0xf0, 0xff },
    { "eoi", 0xb0, 0 },
};

static KVMModelInsn *add_insn(Guest *g, uint8_t op, unsigned len)
{
    KVMModelInsn *insn = &g->insn[g->insns];

    assert(g->insns < GUEST_INSNS && g->bytes + len <= GUEST_BYTES);
    g->at[g->insns++] = g->bytes;
    g->bytes += len;
    *insn = (KVMModelInsn) { .op = op, .len = len };
    return insn;
}

static uint8_t *put32(uint8_t *p, uint32_t val)
{
    for (int i = 0; i < 4; i++) {
        *p++ = val >> (8 * i);
    }
    return p;
}

/* mov dword [APIC_PAGE + reg], val */
static void add_apic(Guest *g, uint16_t reg, uint32_t val)
{
    static const uint8_t head[] = { 0x67, 0x66, 0xc7, 0x05 };
    uint8_t *p = g->code + g->bytes;
    KVMModelInsn *insn = add_insn(g, KVM_MODEL_APIC_WRITE, 12);

    memcpy(p, head, sizeof(head));
    put32(put32(p + sizeof(head), APIC_PAGE + reg), val);
    insn->reg = reg;
    insn->val = val;
}

/* mov r32, val */
static void add_mov(Guest *g, unsigned reg, uint32_t val)
{
    uint8_t *p = g->code + g->bytes;
    KVMModelInsn *insn = add_insn(g, KVM_MODEL_MOV, 6);

    *p++ = 0x66;
    *p++ = 0xb8 + reg;
    put32(p, val);
    /* The model counts as the encoding does, but for rcx and rbx */
    insn->reg = reg == ECX ? 2 : reg == EDX ? 3 : reg;
    insn->val = val;
}

static void add_wrmsr(Guest *g, uint32_t msr, uint64_t val)
{
    uint8_t *p;
    KVMModelInsn *insn;

    add_mov(g, EAX, (uint32_t)val);
    add_mov(g, EDX, val >> 32);
    add_mov(g, ECX, msr);
    p = g->code + g->bytes;
    p[0] = 0x0f;
    p[1] = 0x30;
    insn = add_insn(g, KVM_MODEL_WRMSR, 2);
    insn->reg = (uint16_t)msr;
    insn->val = val;
}

static bool add_named(Guest *g, const char *word)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        const Plain *p = &plain[i];
        KVMModelInsn *insn;

        if (!strcmp(p->word, word)) {
            memcpy(g->code + g->bytes, p->byte, p->len);
            insn = add_insn(g, p->op, p->len);
            insn->reg = p->reg;
            insn->val = p->val;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(apic_words) / sizeof(apic_words[0]); i++) {
        if (!strcmp(apic_words[i].word, word)) {
            add_apic(g, apic_words[i].reg, apic_words[i].val);
            return true;
        }
    }
    return false;
}

bool guest_word(Guest *g, const char *word)
{
    unsigned reg, len = 0;
    uint64_t val;

    if (g->words == GUEST_WORDS) {
        return false;
    }
    g->word[g->words] = g->bytes;
    if (sscanf(word, "apic:%x=%" SCNx64 "%n", &reg, &val, &len) == 2 &&
        !word[len]) {
        add_apic(g, reg, (uint32_t)val);
    } else if (sscanf(word, "wrmsr:%x=%" SCNx64 "%n", &reg, &val, &len) == 2 &&
               !word[len]) {
        add_wrmsr(g, reg, val);
    } else if (!add_named(g, word)) {
        return false;
    }
    g->word[++g->words] = g->bytes;
    return true;
}

void guest_handlers(uint8_t *memory)
{
    for (unsigned i = 0; i < 256; i++) {
        uint16_t offset = GUEST_HANDLERS + i * GUEST_STRIDE;
        uint8_t *p = memory + offset;

        memory[4 * i] = (uint8_t)offset;
        memory[4 * i + 1] = offset >> 8;
        memory[4 * i + 2] = memory[4 * i + 3] = 0;
        p[0] = 0xe6;
        p[1] = (uint8_t)i;
        p[2] = 0xcf;
    }
}

int guest_handler(uint64_t rip)
{
    return rip >= GUEST_HANDLERS && rip < GUEST_HANDLERS + 256 * GUEST_STRIDE ?
           (int)((rip - GUEST_HANDLERS) / GUEST_STRIDE) : -1;
}

bool guest_fetch(const Guest *g, unsigned vcpu, uint64_t rip,
                 KVMModelInsn *insn)
{
    int handler = guest_handler(rip);

    if (handler >= 0) {
        *insn = rip % GUEST_STRIDE ?
                (KVMModelInsn) { .op = KVM_MODEL_IRET, .len = 1 } :
                (KVMModelInsn) { .op = KVM_MODEL_OUT, .len = 2,
                                 .reg = (uint16_t)handler };
        return true;
    }
    for (unsigned i = 0; i < g->insns; i++) {
        if (rip == GUEST_ENTRY(vcpu) + g->at[i]) {
            *insn = g->insn[i];
            return true;
        }
    }
    return false;
}

void guest_where(const Guest *g, unsigned vcpu, uint64_t rip,
                 char *buf, size_t size)
{
    int handler = guest_handler(rip);

    if (handler >= 0) {
        snprintf(buf, size, rip % GUEST_STRIDE ? "0x%x+1" : "0x%x", handler);
        return;
    }
    for (unsigned i = 0; i <= g->words; i++) {
        if (rip == GUEST_ENTRY(vcpu) + g->word[i]) {
            snprintf(buf, size, "%u", i);
            return;
        }
    }
    snprintf(buf, size, "rip:%" PRIx64, rip);
}
