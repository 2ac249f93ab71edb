/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How split-i8259.c and kvm-extint.c drive the core and extint, and what has to
 * hold of an INTA and its undoing.
 */
#include "qemu/osdep.h"
#include "explore.h"
#include "recall.h"

/* What a mutation hands to pic_end(): is there a level to publish, and which */
#define CHANGED 2

static int core_changed(void)
{
    bool level = w.pic.core.intr;
    int ret = level | (level != w.pic.level ? CHANGED : 0);

    w.pic.level = level;
    return ret;
}

static int publish(int changed)
{
    int self = run.self == MAIN ? EXTINT_NOBODY : run.self;

    return changed & CHANGED ? extint_publish(&x, changed & 1, self) :
           EXTINT_NOBODY;
}

/* kvm_extint_kick() */
void wake(int whom)
{
    if (!w.g.running && run.bql) {
        w.g.hard = (uint8_t)w.s.intr;
    }
    if (whom == EXTINT_NOBODY) {
        return;
    }
    if (run.bql) {
        extint_kick(&x, whom);
    } else {
        bql_lock();
        extint_kick(&x, whom);
        bql_unlock();
    }
}

/* split_pic_end() */
int pic_end(int changed)
{
    int whom = publish(changed);

    pic_unlock();
    wake(whom);
    return whom;
}

/* Vectors that KVM was given and has not delivered */
static unsigned outstanding(void)
{
    unsigned n = 0;

    for (unsigned v = 0; v < VCPUS; v++) {
        for (unsigned i = 0; i < 2; i++) {
            n += w.cpu[v].out[i] != EXTINT_NOTHING;
        }
    }
    return n;
}

static void save_chips(I8259Saved *s)
{
    i8259_pair_save(&w.pic.core, I8259_MASTER, &s[I8259_MASTER]);
    i8259_pair_save(&w.pic.core, I8259_SLAVE, &s[I8259_SLAVE]);
}

void pic_touched(void)
{
    w.pic.exact = false;
    memset(w.pic.was, 0, sizeof(w.pic.was));
}

/* All INTAs were undone: the chips are as if they had not been */
void pic_check_undone(void)
{
    I8259Saved now[I8259_CHIPS];

    save_chips(now);
    if (w.pic.exact && !outstanding() &&
        memcmp(now, w.pic.was, sizeof(now))) {
        wrong("INTAs were undone, and the PIC is not as it was before");
    }
    pic_touched();
}

/* @pulse: it went low before, which does nothing to an edge-triggered line */
void set_line(unsigned irq, bool level, bool pulse)
{
    int changed;

    pic_lock();
    if (!hook_replay(&changed)) {
        say("IRQ%u %s", irq, pulse ? "pulse" : level ? "up" : "down");
        if (pulse) {
            i8259_pair_set_line(&w.pic.core, irq, false);
        }
        i8259_pair_set_line(&w.pic.core, irq, level);
        pic_touched();
        changed = core_changed();
        hook_done(changed);
    }
    pic_end(changed);
}

void port_access(int chip, unsigned a0, int val)
{
    int changed;

    pic_lock();
    if (!hook_replay(&changed)) {
        if (val < 0) {
            i8259_pair_read(&w.pic.core, (I8259Which)chip, a0);
        } else {
            i8259_pair_write(&w.pic.core, (I8259Which)chip, a0, (uint8_t)val);
        }
        pic_touched();
        if (!a0 && val >= 0 && (val & 0x10)) {
            for (unsigned v = 0; v < VCPUS; v++) {
                w.pic.reborn[v] |= (uint8_t)(1u << chip);
            }
        }
        changed = core_changed();
        hook_done(changed);
    }
    pic_end(changed);
}

static void extint_pic_lock(void *opaque)
{
    pic_lock();
    if (!run.alone) {
        x.taken = run.t->taken ? run.t->taken - 1 : w.s.taken;
    }
}

static void extint_pic_unlock(void *opaque)
{
    pic_unlock();
}

static int extint_pic_peek(void *opaque)
{
    int val;

    if (!hook_replay(&val)) {
        val = -1;
        if (w.pic.core.intr) {
            w.pic.inta = i8259_pair_peek(&w.pic.core);
            val = w.pic.inta.vector;
        }
        hook_done(val);
    }
    return val;
}

static void extint_pic_commit(void *opaque, unsigned vcpu)
{
    Cpu *c = &w.cpu[vcpu];
    int changed;

    if (!hook_replay(&changed)) {
        if (c->uncommitted != w.pic.inta.vector) {
            wrong("INTA of vector 0x%02x, which KVM has not accepted",
                  w.pic.inta.vector);
        }
        c->uncommitted = EXTINT_NOTHING;
        if (outstanding() == 1) {
            /* This one */
            w.pic.exact = true;
            save_chips(w.pic.was);
        }
        w.pic.reborn[vcpu] = 0;
        w.pic.receipt[vcpu] = i8259_pair_commit(&w.pic.core, w.pic.inta);
        run.t->taken = x.taken;
        w.s.taken = x.taken;
        changed = core_changed();
        hook_done(changed);
    }
    run.took = true;
    if (publish(changed) != EXTINT_NOBODY) {
        wrong("an INTA announces a rise of INTR");
    }
}

static int extint_pic_undo(void *opaque, unsigned vcpu)
{
    I8259Saved before[I8259_CHIPS], after[I8259_CHIPS];
    Cpu *c = &w.cpu[vcpu];
    int changed;

    if (!hook_replay(&changed)) {
        if (c->recalled != w.pic.receipt[vcpu].inta.vector ||
            !w.pic.receipt[vcpu].ack) {
            wrong("INTA of vCPU %u is undone, and nothing was recalled", vcpu);
            hook_blocked();
        }
        c->recalled = EXTINT_NOTHING;
        say("; INTA of vector 0x%02x undone", w.pic.receipt[vcpu].inta.vector);
        save_chips(before);
        i8259_pair_undo(&w.pic.core, &w.pic.receipt[vcpu]);
        w.pic.receipt[vcpu].ack = 0;
        save_chips(after);
        for (unsigned i = 0; i < I8259_CHIPS; i++) {
            /* But for what the slave says on IR2 */
            before[i].irr &= (uint8_t)~(i ? 0 : 4);
            after[i].irr &= (uint8_t)~(i ? 0 : 4);
            before[i].last_irr = after[i].last_irr;
            if ((w.pic.reborn[vcpu] >> i & 1) &&
                memcmp(&before[i], &after[i], sizeof(before[i]))) {
                wrong("a chip that began anew has the INTA of before undone");
            }
        }
        changed = core_changed();
        hook_done(changed);
    }
    return publish(changed);
}

const ExtIntPIC explore_pic = {
    .lock = extint_pic_lock,
    .unlock = extint_pic_unlock,
    .peek = extint_pic_peek,
    .commit = extint_pic_commit,
    .undo = extint_pic_undo,
};

/*
 * What the recall leaves alone. An NMI that waited may have been injected
 * meanwhile, and an NMI ends HLT.
 */
static bool same_guest(const KVMModelVCPU *a, const KVMModelVCPU *b)
{
    return a->apicbase == b->apicbase && a->lvt0 == b->lvt0 &&
           a->intf == b->intf && a->shadow == b->shadow &&
           (a->mp_state == b->mp_state || a->nmi_pending) &&
           a->nmi_pending + a->nmi_injected ==
           b->nmi_pending + b->nmi_injected;
}

/* One operation to the others: the vCPU is in no one's way meanwhile */
int __wrap_extint_recall(KVMPort *port, unsigned vcpu, unsigned vector,
                         bool *halted)
{
    Cpu *c = &w.cpu[vcpu];
    KVMModelVCPU before = w.k[vcpu];
    bool alone = run.alone;
    int val, ret;

    if (!hook_replay(&val)) {
        run.alone = true;
        *halted = false;
        ret = __real_extint_recall(port, vcpu, vector, halted);
        run.alone = alone;
        if (ret == 1) {
            unsigned which = c->out[0] != (int)vector;

            if (c->out[which] != (int)vector) {
                wrong("vCPU %u: vector 0x%02x recalled, which nobody handed "
                      "over", vcpu, vector);
            }
            c->out[which] = EXTINT_NOTHING;
            c->recalled = (int16_t)vector;
        }
        if (!same_guest(&before, &w.k[vcpu])) {
            wrong("vCPU %u is another after the recall", vcpu);
        }
        if (ret < 0) {
            wrong("vCPU %u: the recall fails: %s", vcpu, strerror(-ret));
        }
        say("; vCPU %u: recall of vector 0x%02x: %s", vcpu, vector,
            ret == 1 ? "taken back" : ret ? strerror(-ret) : "not there");
        val = ret * 2 + (ret >= 0 && *halted);
        hook_done(val);
    }
    *halted = val & 1;
    return val >> 1;
}
