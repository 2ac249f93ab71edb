/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to hold, and what makes two states the same.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "explore.h"

/* Without it (GCC has it) a state may be counted more than once, no more */
#ifdef CLEAR_PADDING
#define clear_padding(p) __builtin_clear_padding(p)
#else
#define clear_padding(p) ((void)(p))
#endif

#define FRAMES_MAX 2

static bool has_word(const char *name)
{
    for (unsigned v = 0; v < table->vcpus; v++) {
        if (strstr(table->guest[v], name)) {
            return true;
        }
    }
    return false;
}

/* What nobody will look at again, and the depth of handlers never left */
void canonical_kvm(unsigned v)
{
    static const Table *asked;
    static bool frames;
    KVMModelVCPU *k = &w.k[v];

    if (asked != table) {
        asked = table;
        frames = has_word("iret");
    }
    if (!frames) {
        k->frames = k->frame_if = 0;
    }
    for (; k->frames > FRAMES_MAX; k->frames--) {
        /* The outermost is the one that is forgotten */
        k->frame_if >>= 1;
    }
    if (w.cpu[v].t.task != CPU_EXIT) {
        k->ret = 0;
        k->exit_reason = 0;
        k->io_port = 0;
    }
    k->if_flag = 0;
    if (!k->int_injected) {
        k->int_nr = 0;
    }
}

/*
 * Numbers that only grow matter by their order, and only to what still refers
 * to them. @live holds them; @n how many.
 */
static uint64_t rank(const uint64_t *live, unsigned n, uint64_t val)
{
    uint64_t below = 0;

    for (unsigned i = 0; i < n; i++) {
        bool again = false;

        for (unsigned j = 0; j < i; j++) {
            again |= live[j] == live[i];
        }
        below += !again && live[i] <= val;
    }
    return below;
}

/* The live are even, what is between them is odd, what is before them 0 */
static uint64_t ack_rank(const uint64_t *live, unsigned n, uint64_t val)
{
    uint64_t r = rank(live, n, val);

    for (unsigned i = 0; i < n; i++) {
        if (live[i] == val) {
            return 2 * r;
        }
    }
    return r ? 2 * r + 1 : 0;
}

/* This vCPU's last INTA may still be undone */
static bool owes(unsigned v)
{
    const Cpu *c = &w.cpu[v];

    return w.s.v[v].held != EXTINT_NOTHING || w.s.v[v].back || c->t.taken ||
           c->out[0] != EXTINT_NOTHING || c->out[1] != EXTINT_NOTHING;
}

static void canonical_acks(void)
{
    I8259Pair *p = &w.pic.core;
    uint64_t live[VCPUS];
    unsigned n = 0;

    for (unsigned v = 0; v < VCPUS; v++) {
        if (owes(v) && w.pic.receipt[v].ack) {
            live[n++] = w.pic.receipt[v].ack;
        } else {
            w.pic.receipt[v] = (I8259Receipt) { };
            w.pic.reborn[v] = 0;
        }
    }
    for (unsigned v = 0; v < VCPUS; v++) {
        I8259Receipt *r = &w.pic.receipt[v];

        r->ack = ack_rank(live, n, r->ack);
        for (unsigned c = 0; c < I8259_CHIPS; c++) {
            r->by[c] = ack_rank(live, n, r->by[c]);
        }
        clear_padding(r);
    }
    for (unsigned c = 0; c < I8259_CHIPS; c++) {
        p->born[c] = ack_rank(live, n, p->born[c]);
        for (unsigned ir = 0; ir < 8; ir++) {
            p->by[c][ir] = ack_rank(live, n, p->by[c][ir]);
        }
    }
    p->acks = 2 * n + 1;
}

static void canonical_taken(void)
{
    uint64_t live[2 * VCPUS];
    unsigned n = 0;

    for (unsigned v = 0; v < VCPUS; v++) {
        ExtIntVCPU *e = &w.s.v[v];

        if (e->held == EXTINT_NOTHING && !e->back) {
            e->taken = 0;
        }
        if (e->taken) {
            live[n++] = e->taken;
        }
        if (w.cpu[v].t.taken) {
            live[n++] = w.cpu[v].t.taken;
        }
    }
    for (unsigned v = 0; v < VCPUS; v++) {
        w.s.v[v].taken = rank(live, n, w.s.v[v].taken);
        w.cpu[v].t.taken = rank(live, n, w.cpu[v].t.taken);
    }
    w.s.taken = n;
}

void canonicalise(void)
{
    I8259Pair *p = &w.pic.core;

    for (unsigned v = 0; v < VCPUS; v++) {
        ExtIntVCPU *e = &w.s.v[v];

        canonical_kvm(v);
        e->row = e->row > EXTINT_RETRIES ? EXTINT_RETRIES : e->row;
        e->inta = e->kicks = e->windows = e->refused = 0;
        e->recalled = e->stuck = 0;
        if (w.cpu[v].t.task != CPU_IO) {
            w.cpu[v].t.arg *= w.cpu[v].t.task == CPU_EXIT;
        }
    }
    canonical_acks();
    canonical_taken();
    for (unsigned v = 0; v < VCPUS; v++) {
        clear_padding(&w.s.v[v]);
        clear_padding(&w.cpu[v]);
    }
    memset(p->raised, 0, sizeof(p->raised));
    memset(p->merged, 0, sizeof(p->merged));
    memset(p->dropped, 0, sizeof(p->dropped));
    memset(p->delivered, 0, sizeof(p->delivered));
    memset(p->spurious, 0, sizeof(p->spurious));
    memset(&w.pic.inta, 0, sizeof(w.pic.inta));
    clear_padding(&w.pic);
    if (w.g.t.task == MAIN_REST) {
        w.g.t.arg = 0;
    }
    w.g.fresh = 0;
    clear_padding(&w.g);
}

static uint16_t latched(const I8259Pair *p)
{
    return (uint16_t)(p->chip[I8259_MASTER].edge |
                      p->chip[I8259_SLAVE].edge << 8);
}

static uint16_t level_lines(const I8259Pair *p)
{
    const I8259Chip *m = &p->chip[I8259_MASTER];
    const I8259Chip *s = &p->chip[I8259_SLAVE];

    return (uint16_t)((m->ltim ? 0xff : m->elcr) |
                      (s->ltim ? 0xff : s->elcr) << 8);
}

/*
 * Each edge is merged, dropped, delivered or still latched. The counters of
 * @before are 0.
 */
void check_step(const World *before)
{
    const I8259Pair *p = &w.pic.core;
    uint16_t old = latched(&before->pic.core);
    uint16_t now = latched(p);
    uint16_t level = (uint16_t)(level_lines(&before->pic.core) |
                                level_lines(p));

    if (w.g.fresh) {
        return;
    }
    for (unsigned irq = 0; irq < I8259_LINES; irq++) {
        uint64_t gone = p->merged[irq] + p->dropped[irq] + p->delivered[irq];

        if (level >> irq & 1) {
            continue;
        }
        if (p->raised[irq] + (old >> irq & 1) != gone + (now >> irq & 1)) {
            wrong("IRQ%u: an edge is lost or counted twice", irq);
        }
    }
}

/* What KVM holds is what it was given, and nobody has given it twice */
static void check_vcpu(unsigned v)
{
    const Cpu *c = &w.cpu[v];
    const KVMModelVCPU *k = &w.k[v];
    int have[2] = { c->out[0], c->out[1] };
    int kernel[2] = { k->pev, k->int_injected ? k->int_nr : EXTINT_NOTHING };

    for (unsigned i = 0; i < 2; i++) {
        if (kernel[i] == EXTINT_NOTHING) {
            continue;
        }
        if (have[0] == kernel[i]) {
            have[0] = EXTINT_NOTHING;
        } else if (have[1] == kernel[i]) {
            have[1] = EXTINT_NOTHING;
        } else {
            wrong("vCPU %u: KVM holds vector 0x%02x, which is not of this "
                  "life or was given back", v, kernel[i]);
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        if (have[i] != EXTINT_NOTHING) {
            wrong("vCPU %u: vector 0x%02x was accepted, and is neither "
                  "delivered nor given back", v, have[i]);
        }
    }
    if (c->t.task == CPU_OFF && k->pev != EXTINT_NOTHING) {
        wrong("vCPU %u is unplugged with vector 0x%02x in KVM", v, k->pev);
    }
}

/* Nobody has anything left to do: is INTR waiting for one who could? */
static void check_quiet(void)
{
    unsigned proofs = 0;

    if (w.g.bql != NOBODY || w.g.pic_lock != NOBODY) {
        wrong("all threads wait, a lock is held");
    }
    if (w.g.t.task != MAIN_REST) {
        wrong("the main thread waits for ever");
    }
    for (unsigned v = 0; v < table->vcpus; v++) {
        const Cpu *c = &w.cpu[v];

        proofs += w.s.accepts[v];
        if (c->t.task == CPU_OFF) {
            continue;
        }
        if (w.g.running && c->t.task != CPU_GUEST) {
            wrong("vCPU %u waits for ever", v);
        }
        /* A kernel that refuses again and again is asked at the next exit */
        if (!w.g.running || !w.pic.core.intr || w.g.refuse ||
            w.s.v[v].row >= EXTINT_RETRIES) {
            continue;
        }
        if (kvm_model_ready(&model, v)) {
            wrong("INTR is up, vCPU %u would take it, and nobody tells it", v);
        }
    }
    if (proofs != w.s.proofs) {
        wrong("%u proofs are counted as %u", proofs, w.s.proofs);
    }
}

bool check_state(bool quiet)
{
    for (unsigned v = 0; v < table->vcpus; v++) {
        check_vcpu(v);
    }
    if (w.g.pic_lock == NOBODY && w.g.running &&
        (w.pic.level != w.pic.core.intr || w.s.intr != w.pic.level)) {
        wrong("INTR is %d, published as %u", w.pic.core.intr, w.s.intr);
    }
    if (!w.g.running && w.g.t.task == MAIN_REST) {
        for (unsigned v = 0; v < table->vcpus; v++) {
            if (w.k[v].pev != EXTINT_NOTHING) {
                wrong("stopped, and KVM holds vector 0x%02x of vCPU %u",
                      w.k[v].pev, v);
            }
        }
        if (w.g.hard != w.pic.core.intr) {
            wrong("stopped with INTR %d, a stock QEMU is told %u",
                  w.pic.core.intr, w.g.hard);
        }
    }
    if (quiet) {
        check_quiet();
    }
    return !run.wrong;
}
