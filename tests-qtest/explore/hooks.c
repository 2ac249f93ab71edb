/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The places where one thread meets another.
 *
 * What others can see is done behind hook_gate(), one in a step. A lock is
 * taken in the step of what follows it: nobody can tell the two apart. For the
 * same reason what is done under a lock and looked at only under it needs no
 * gate, nor has what follows up to the lock's release; after that the step has
 * to end at the next gate.
 *
 * Memory. A plain store (qatomic_set) waits in a buffer of one store and is
 * seen by the others at any later time, at the latest at smp_mb() or when a
 * lock is released. An atomic read-modify-write is seen at once and does not
 * empty the buffer: weaker than x86, where it does, so that smp_mb() is not
 * taken for granted. Loads are made in order. Only "accepts" is stored plainly
 * outside of a lock, so the buffer holds nothing else; "last" is stored under
 * the PIC's lock and is seen with INTR.
 */
#include "qemu/osdep.h"
#include <stdarg.h>
#include <linux/kvm.h>
#include "qemu/atomic.h"
#include "explore.h"

World w;
ExtInt x;
KVMModel model;
Run run;

enum { GO_ON, STOPPED, BLOCKED };

void wrong(const char *fmt, ...)
{
    static char text[256];
    va_list ap;

    if (run.wrong) {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    run.wrong = text;
}

void say(const char *fmt, ...)
{
    size_t n = strlen(run.text);
    va_list ap;

    if (!run.verbose) {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(run.text + n, sizeof(run.text) - n, fmt, ap);
    va_end(ap);
}

/* The answer of this hook if it has been made before */
bool hook_replay(int *val)
{
    if (run.alone || run.pos >= run.t->n) {
        return false;
    }
    if (val) {
        *val = run.t->log[run.pos];
    }
    run.pos++;
    return true;
}

/* Before what others can see */
void hook_gate(void)
{
    if (run.alone) {
        return;
    }
    if (!run.budget) {
        longjmp(run.out, STOPPED);
    }
    run.budget--;
}

void hook_blocked(void)
{
    longjmp(run.out, BLOCKED);
}

void hook_done(int val)
{
    if (run.alone) {
        return;
    }
    if (run.t->n == LOG_MAX) {
        wrong("a thread goes on for ever");
        hook_blocked();
    }
    run.t->log[run.t->n++] = (int16_t)val;
    run.pos++;
}

/* Others see the store that was waiting */
void drain_store(unsigned vcpu)
{
    Thread *t = &w.cpu[vcpu].t;

    if (t->buffered) {
        w.s.accepts[vcpu] = t->store;
        t->buffered = 0;
        t->store = 0;
    }
}

static void drain_self(void)
{
    if (run.self < VCPUS) {
        drain_store((unsigned)run.self);
    }
}

static void lock(int8_t *owner, const char *name)
{
    if (hook_replay(NULL)) {
        return;
    }
    if (!run.alone) {
        if (!run.budget) {
            longjmp(run.out, STOPPED);
        }
        if (owner == &w.g.bql && w.g.pic_lock == run.self) {
            wrong("BQL wanted under the PIC's lock");
        }
        if (*owner == run.self) {
            wrong("%s is taken twice by one thread", name);
        } else if (*owner != NOBODY) {
            hook_blocked();
        }
        *owner = (int8_t)run.self;
    }
    hook_done(0);
}

static void unlock(int8_t *owner)
{
    if (hook_replay(NULL)) {
        return;
    }
    drain_self();
    if (!run.alone) {
        *owner = NOBODY;
        run.budget = 0;
    }
    hook_done(0);
}

void bql_lock(void)
{
    lock(&w.g.bql, "BQL");
    run.bql = true;
}

void bql_unlock(void)
{
    run.bql = false;
    unlock(&w.g.bql);
}

void pic_lock(void)
{
    lock(&w.g.pic_lock, "PIC's lock");
}

void pic_unlock(void)
{
    for (unsigned i = 0; i < VCPUS; i++) {
        if (w.cpu[i].uncommitted != EXTINT_NOTHING) {
            wrong("KVM has accepted a vector that the PIC does not know of");
        }
    }
    unlock(&w.g.pic_lock);
}

/* An atomic of extint by its address; NULL: a counter */
static uint32_t *shared(const void *p, int *vcpu)
{
    *vcpu = NOBODY;
    if (p == &x.intr) {
        return &w.s.intr;
    }
    if (p == &x.proofs) {
        return &w.s.proofs;
    }
    if (p == &x.last) {
        return &w.s.last;
    }
    for (int i = 0; i < VCPUS; i++) {
        if (p == &w.s.v[i].accepts) {
            *vcpu = i;
            return &w.s.accepts[i];
        }
    }
    return NULL;
}

static void say_read(const uint32_t *cell, int vcpu, int val)
{
    if (vcpu != NOBODY) {
        say("; sees vCPU %d with%s a proof", vcpu, val ? "" : "out");
    } else {
        say("; sees %s %d", cell == &w.s.intr ? "INTR" :
            cell == &w.s.proofs ? "proofs" : "last vCPU", val);
    }
}

uint64_t explore_read(const void *p, unsigned size)
{
    int vcpu, val;
    const uint32_t *cell = shared(p, &vcpu);

    if (!cell) {
        return 0;
    }
    if (vcpu == run.self) {
        /* A thread sees its own stores */
        val = (int)w.s.v[vcpu].accepts;
    } else if (!hook_replay(&val)) {
        /* INTR is written under the PIC's lock */
        if (cell != &w.s.intr || w.g.pic_lock != run.self) {
            hook_gate();
        }
        val = (int)*cell;
        say_read(cell, vcpu, val);
        hook_done(val);
    }
    if (vcpu != NOBODY && val) {
        run.saw[vcpu] = true;
    }
    return (uint64_t)val;
}

void explore_set(void *p, uint64_t val)
{
    int vcpu;
    uint32_t *cell = shared(p, &vcpu);

    if (vcpu == NOBODY) {
        if (cell && !hook_replay(NULL)) {
            *cell = (uint32_t)val;
            hook_done(0);
        }
        return;
    }
    if (vcpu != run.self) {
        wrong("a proof is written by another thread");
    }
    w.s.v[vcpu].accepts = (uint32_t)val;
    run.withdrew |= !val;
    if (!hook_replay(NULL)) {
        drain_store((unsigned)vcpu);
        run.t->buffered = 1;
        run.t->store = (uint8_t)val;
        if (run.alone) {
            drain_store((unsigned)vcpu);
        }
        say(val ? "; proves that it accepts" : "; withdraws its proof");
        hook_done(0);
    }
}

uint64_t explore_xchg(void *p, uint64_t val)
{
    int vcpu, old;
    uint32_t *cell = shared(p, &vcpu);

    if (!hook_replay(&old)) {
        if (!run.alone && w.g.pic_lock != run.self) {
            wrong("INTR is published without the PIC's lock");
        }
        hook_gate();
        old = (int)*cell;
        *cell = (uint32_t)val;
        say("; INTR %s", val ? "rises" : "falls");
        hook_done(old);
    }
    run.rose |= val && !old;
    return (uint64_t)old;
}

void explore_add(void *p, int val)
{
    int vcpu;
    uint32_t *cell = shared(p, &vcpu);

    if (cell && !hook_replay(NULL)) {
        hook_gate();
        *cell += (uint32_t)val;
        say("; proofs are %u", *cell);
        hook_done(0);
    }
}

void explore_mb(void)
{
    if (!hook_replay(NULL)) {
        if (run.self < VCPUS && run.t->buffered) {
            hook_gate();
            drain_self();
            say("; its proof is seen by the others (barrier)");
        }
        hook_done(0);
    }
}

/* qemu_cpu_kick(), cpus_kick_thread(): BQL held */
void kick(unsigned vcpu)
{
    if (w.cpu[vcpu].thread_kicked || w.cpu[vcpu].t.task == CPU_OFF) {
        return;
    }
    w.cpu[vcpu].thread_kicked = 1;
    if (table->prompt) {
        kvm_model_kick(&model, vcpu);
    } else {
        w.k[vcpu].signal = 1;
    }
}
