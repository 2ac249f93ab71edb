/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for fuzz-extint.
 */
#include "qemu/osdep.h"
#include "machine.h"

Machine machine;

static void set_fate(unsigned serial, Fate from, Fate to)
{
    CHECK(serial && serial <= machine.serial);
    CHECK(machine.fate[serial] == from);
    machine.fate[serial] = (uint8_t)to;
    machine.in_kernel -= from == IN_KERNEL;
    machine.in_kernel += to == IN_KERNEL;
}

static void delivered(unsigned vcpu, Slot what)
{
    TRACE("  vCPU %u takes vector 0x%02x\n", vcpu, (unsigned)what.vector);
    if (what.serial != LAPIC_SERIAL) {
        set_fate(what.serial, IN_KERNEL, DELIVERED);
    }
    machine.handler[vcpu] = true;
    machine.delivered++;
}

static void kicked(unsigned vcpu)
{
    CHECK(!machine.locked);
    TRACE("  kick of vCPU %u\n", vcpu);
}

static void pic_lock(void *opaque)
{
    CHECK(!machine.locked);
    machine.locked = true;
}

static void pic_unlock(void *opaque)
{
    CHECK(machine.locked);
    machine.locked = false;
}

static int pic_peek(void *opaque)
{
    CHECK(machine.locked);
    if (!machine.pic.intr) {
        return -1;
    }
    machine.inta = i8259_pair_peek(&machine.pic);
    machine.k.next = machine.serial + 1;
    return machine.inta.vector;
}

/* What KVM_INTERRUPT has accepted, and nothing else, is committed */
static void pic_commit(void *opaque, unsigned vcpu)
{
    Slot pev = machine.k.vcpu[vcpu].pev;

    CHECK(machine.locked && machine.serial + 1 < SERIALS);
    machine.serial++;
    CHECK(pev.serial == machine.serial && pev.vector == machine.inta.vector);
    set_fate(machine.serial, NOT_YET, IN_KERNEL);
    machine.receipt[vcpu] = i8259_pair_commit(&machine.pic, machine.inta);
    machine.receipt_serial[vcpu] = machine.serial;
    /* An INTA has no rise to announce */
    CHECK(extint_publish(&machine.x, machine.pic.intr, EXTINT_NOBODY) ==
          EXTINT_NOBODY);
}

static int pic_undo(void *opaque, unsigned vcpu)
{
    unsigned serial = machine.receipt_serial[vcpu];

    CHECK(machine.locked && serial < machine.undone);
    machine.undone = serial;
    set_fate(serial, RECALLED, UNDONE);
    i8259_pair_undo(&machine.pic, &machine.receipt[vcpu]);
    machine.receipt[vcpu].ack = 0;
    return extint_publish(&machine.x, machine.pic.intr, EXTINT_NOBODY);
}

static void extint_begin(void)
{
    static const ExtIntPIC ops = {
        .lock = pic_lock,
        .unlock = pic_unlock,
        .peek = pic_peek,
        .commit = pic_commit,
        .undo = pic_undo,
    };

    extint_init(&machine.x, &machine.k.port, &ops, machine.xv, machine.vcpus);
    machine.kicks = 0;
    machine.losses = 0;
}

void machine_init(unsigned vcpus)
{
    memset(&machine, 0, sizeof(machine));
    machine.vcpus = vcpus;
    machine.k.delivered = delivered;
    machine.k.kicked = kicked;
    kernel_init(&machine.k);
    i8259_pair_init(&machine.pic, 0xf8, 0xde);
    extint_begin();
}

void machine_check(void)
{
    unsigned found = 0, proofs = 0;

    CHECK(!machine.locked);
    check_pair(&machine.pic);
    CHECK(machine.x.intr == machine.pic.intr);
    for (unsigned i = 0; i < machine.vcpus; i++) {
        KernelVCPU *v = &machine.k.vcpu[i];

        if (v->pev.vector != NO_VECTOR) {
            CHECK(machine.fate[v->pev.serial] == IN_KERNEL);
            CHECK(extint_holds(&machine.x, i));
            CHECK(machine.xv[i].held == v->pev.vector);
            found++;
        }
        if (v->injected.vector != NO_VECTOR &&
            v->injected.serial != LAPIC_SERIAL) {
            CHECK(machine.fate[v->injected.serial] == IN_KERNEL);
            found++;
        }
        CHECK(!machine.xv[i].back);
        proofs += machine.xv[i].accepts;
    }
    CHECK(found == machine.in_kernel);
    CHECK(proofs == machine.x.proofs);
    /* A kick's cause is a rise, or another's proof withdrawn */
    CHECK(machine.kicks <= machine.x.rises + machine.losses);
}

void machine_wake(int whom)
{
    if (whom == EXTINT_NOBODY) {
        return;
    }
    CHECK(whom >= 0 && (unsigned)whom < machine.vcpus);
    CHECK(machine.xv[whom].accepts);
    machine.kicks++;
    extint_kick(&machine.x, whom);
}

/* The end of what a device does: its lock, then the kick */
static void pic_end(int self)
{
    int whom = extint_publish(&machine.x, machine.pic.intr, self);

    CHECK(whom == EXTINT_NOBODY || (machine.pic.intr && whom != self));
    pic_unlock(NULL);
    machine_wake(whom);
}

void pic_line(unsigned irq, bool level)
{
    TRACE("line %u %s\n", irq, level ? "up" : "down");
    pic_lock(NULL);
    i8259_pair_set_line(&machine.pic, irq, level);
    pic_end(EXTINT_NOBODY);
}

void pic_write(I8259Which which, unsigned a0, uint8_t val, int self)
{
    TRACE("vCPU %d writes PIC %d A0=%u 0x%02x\n", self, which, a0, val);
    pic_lock(NULL);
    i8259_pair_write(&machine.pic, which, a0, val);
    pic_end(self);
}

void pic_read(I8259Which which, unsigned a0, int self)
{
    TRACE("vCPU %d reads PIC %d A0=%u\n", self, which, a0);
    pic_lock(NULL);
    i8259_pair_read(&machine.pic, which, a0);
    pic_end(self);
}

void pic_elcr(I8259Which which, uint8_t val, int self)
{
    TRACE("vCPU %d writes ELCR %d 0x%02x\n", self, which, val);
    pic_lock(NULL);
    i8259_pair_elcr_write(&machine.pic, which, val);
    pic_end(self);
}

void pic_reset(void)
{
    for (unsigned i = 0; i < I8259_CHIPS; i++) {
        pic_lock(NULL);
        i8259_pair_reset_chip(&machine.pic, i);
        pic_end(EXTINT_NOBODY);
    }
}

void pic_power_on(int self, uint8_t icw4)
{
    for (unsigned i = 0; i < I8259_CHIPS; i++) {
        pic_write(i, 0, 0x11, self);
        pic_write(i, 1, i ? 0x28 : 0x20, self);
        pic_write(i, 1, i ? 2 : 4, self);
        pic_write(i, 1, 1 | icw4, self);
    }
}

void pic_move(bool slave_first)
{
    I8259Saved s[I8259_CHIPS];

    for (unsigned i = 0; i < I8259_CHIPS; i++) {
        i8259_pair_save(&machine.pic, i, &s[i]);
    }
    i8259_pair_init(&machine.pic, 0xf8, 0xde);
    i8259_pair_load(&machine.pic, slave_first, &s[slave_first]);
    i8259_pair_load(&machine.pic, !slave_first, &s[!slave_first]);
    memset(machine.receipt, 0, sizeof(machine.receipt));
    extint_begin();
}

void pic_publish(void)
{
    pic_lock(NULL);
    pic_end(EXTINT_NOBODY);
}

void machine_enter(unsigned vcpu)
{
    bool accepted = machine.xv[vcpu].accepts;
    ExtIntEnter e = extint_enter(&machine.x, vcpu);

    TRACE("vCPU %u enters: vector %d refused %d\n", vcpu, e.vector, e.refused);
    machine.losses += (accepted || e.vector >= 0) &&
                      !machine.xv[vcpu].accepts;
    CHECK(e.kick == EXTINT_NOBODY ||
          (machine.x.intr && e.kick != (int)vcpu));
    CHECK(e.vector >= 0 || !e.refused);
    machine_wake(e.kick);
    machine.where[vcpu] = ENTERED;
}

void machine_end(Slot *slot, Fate fate)
{
    if (slot->vector != NO_VECTOR && slot->serial != LAPIC_SERIAL) {
        set_fate(slot->serial, IN_KERNEL, fate);
    }
    slot->vector = NO_VECTOR;
}

static bool same_but_slot(const KernelVCPU *a, const KernelVCPU *b)
{
    return !memcmp(&a->regs, &b->regs, sizeof(a->regs)) &&
           !memcmp(&a->events, &b->events, sizeof(a->events)) &&
           !memcmp(&a->lapic, &b->lapic, sizeof(a->lapic)) &&
           a->mp_state == b->mp_state && a->apicbase == b->apicbase &&
           a->lapic_irr == b->lapic_irr &&
           a->injected.vector == b->injected.vector &&
           (a->injected.vector == NO_VECTOR ||
            a->injected.serial == b->injected.serial);
}

/* Nothing but the slot may differ */
static void check_recalled(const KernelVCPU *was, const KernelVCPU *now,
                           int ret)
{
    CHECK(same_but_slot(was, now));
    if (ret == 0) {
        CHECK(was->pev.vector == NO_VECTOR);
    }
    if (ret < 0) {
        CHECK(was->l2 || !was->gif || was->protected || was->refuse);
        CHECK(was->pev.vector == now->pev.vector);
        CHECK(was->pev.serial == now->pev.serial);
    } else {
        CHECK(now->pev.vector == NO_VECTOR);
    }
}

int machine_empty(unsigned vcpu, unsigned lazy)
{
    KernelVCPU *v = &machine.k.vcpu[vcpu];
    KernelVCPU was = *v;
    int ret;

    v->read = (Slot) { NO_VECTOR };
    v->lazy = lazy;
    machine.k.next = 0;
    ret = extint_empty(&machine.x, vcpu);
    TRACE("vCPU %u is emptied: %d\n", vcpu, ret);
    check_recalled(&was, v, ret);
    if (ret == 1) {
        CHECK(was.pev.vector != NO_VECTOR);
        set_fate(was.pev.serial, IN_KERNEL, RECALLED);
    }
    return ret;
}

/* Each that was recalled is undone now, once */
static void check_given_back(void)
{
    for (unsigned i = 1; i <= machine.serial; i++) {
        CHECK(machine.fate[i] != RECALLED);
    }
}

void machine_give_back(void)
{
    int whom;

    machine.undone = SERIALS;
    whom = extint_give_back(&machine.x);
    CHECK(whom == EXTINT_NOBODY || machine.xv[whom].accepts);
    check_given_back();
}

void machine_gone(unsigned vcpu)
{
    KernelVCPU *v = &machine.k.vcpu[vcpu];
    KernelVCPU was = *v;
    bool accepted = machine.xv[vcpu].accepts;
    uint64_t stuck = machine.xv[vcpu].stuck;
    int whom;

    TRACE("vCPU %u goes\n", vcpu);
    v->read = (Slot) { NO_VECTOR };
    v->lazy = 0;
    machine.k.next = 0;
    machine.undone = SERIALS;
    if (was.pev.vector != NO_VECTOR && !was.l2 && was.gif && !was.protected &&
        !was.refuse) {
        set_fate(was.pev.serial, IN_KERNEL, RECALLED);
    }
    whom = extint_gone(&machine.x, vcpu);
    machine.losses += accepted;
    CHECK(!machine.xv[vcpu].accepts && whom != (int)vcpu);
    check_recalled(&was, v, machine.xv[vcpu].stuck != stuck ? -1 :
                   was.pev.vector != NO_VECTOR);
    check_given_back();
    machine_wake(whom);
}
