/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the unit tests of extint share: a port that is KVM's contract for one
 * slot a vCPU, as far as they need it, joined to the real 8259 core.
 */
#ifndef EXTINT_TEST_H
#define EXTINT_TEST_H

#include <glib.h>
#include "../hw-intc/i8259-core.h"
#include "../target-i386/extint.h"

#define VCPUS 4

typedef struct Fake {
    KVMPort port;
    I8259Pair pic;
    ExtInt x;
    ExtIntVCPU vcpu[VCPUS];
    I8259Inta inta;
    I8259Receipt receipt[VCPUS];
    bool locked;
    unsigned locks;
    unsigned recalls;
    int recall_error;           /* -errno for extint_recall() to return */
    bool halted;                /* and what it says of the vCPU */
    struct {
        bool ready, window, leaving;
        int slot;               /* -1: empty */
        int refuse;             /* errno to answer KVM_INTERRUPT with */
        unsigned kicks;
    } cpu[VCPUS];
} Fake;

static Fake fake;

static inline int fake_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    g_assert_true(fake.locked);
    if (fake.cpu[vcpu].refuse) {
        return -fake.cpu[vcpu].refuse;
    }
    if (fake.cpu[vcpu].slot >= 0) {
        return -EEXIST;
    }
    fake.cpu[vcpu].slot = (int)vector;
    return 0;
}

static inline bool fake_ready(KVMPort *port, unsigned vcpu)
{
    return fake.cpu[vcpu].ready;
}

static inline void fake_unready(KVMPort *port, unsigned vcpu)
{
    fake.cpu[vcpu].ready = false;
}

static inline void fake_window(KVMPort *port, unsigned vcpu, bool open)
{
    fake.cpu[vcpu].window = open;
}

static inline bool fake_leaving(KVMPort *port, unsigned vcpu)
{
    return fake.cpu[vcpu].leaving;
}

static inline void fake_leave(KVMPort *port, unsigned vcpu)
{
    fake.cpu[vcpu].leaving = true;
}

static inline void fake_kick(KVMPort *port, unsigned vcpu)
{
    g_assert_false(fake.locked);
    fake.cpu[vcpu].kicks++;
}

static const KVMPortOps fake_ops = {
    .interrupt = fake_interrupt,
    .ready = fake_ready,
    .unready = fake_unready,
    .window = fake_window,
    .leaving = fake_leaving,
    .leave = fake_leave,
    .kick = fake_kick,
};

static inline void fake_lock(void *opaque)
{
    g_assert_false(fake.locked);
    fake.locked = true;
    fake.locks++;
}

static inline void fake_unlock(void *opaque)
{
    g_assert_true(fake.locked);
    fake.locked = false;
}

static inline int fake_peek(void *opaque)
{
    g_assert_true(fake.locked);
    if (!fake.pic.intr) {
        return -1;
    }
    fake.inta = i8259_pair_peek(&fake.pic);
    return fake.inta.vector;
}

static inline void fake_commit(void *opaque, unsigned vcpu)
{
    g_assert_true(fake.locked);
    fake.receipt[vcpu] = i8259_pair_commit(&fake.pic, fake.inta);
    extint_publish(&fake.x, fake.pic.intr, EXTINT_NOBODY);
}

static inline int fake_undo(void *opaque, unsigned vcpu)
{
    g_assert_true(fake.locked);
    i8259_pair_undo(&fake.pic, &fake.receipt[vcpu]);
    fake.receipt[vcpu].ack = 0;
    return extint_publish(&fake.x, fake.pic.intr, EXTINT_NOBODY);
}

/* Drive a line or a port as a device model does, on @self's thread. */
static inline void line(unsigned irq, bool level, int self)
{
    int whom;

    fake_lock(NULL);
    i8259_pair_set_line(&fake.pic, irq, level);
    whom = extint_publish(&fake.x, fake.pic.intr, self);
    fake_unlock(NULL);
    extint_kick(&fake.x, whom);
}

static inline void port_write(I8259Which which, unsigned a0, uint8_t val, int self)
{
    int whom;

    fake_lock(NULL);
    i8259_pair_write(&fake.pic, which, a0, val);
    whom = extint_publish(&fake.x, fake.pic.intr, self);
    fake_unlock(NULL);
    extint_kick(&fake.x, whom);
}

static inline void pulse(unsigned irq)
{
    line(irq, true, EXTINT_NOBODY);
    line(irq, false, EXTINT_NOBODY);
}

/* The vCPU's thread passes the top of its loop. */
static inline ExtIntEnter enter(unsigned vcpu)
{
    ExtIntEnter e = extint_enter(&fake.x, vcpu);

    extint_kick(&fake.x, e.kick);
    return e;
}

/* KVM_RUN returned; the vCPU would (not) have taken a vector. */
static inline void ran(unsigned vcpu, bool ready)
{
    fake.cpu[vcpu].leaving = false;
    fake.cpu[vcpu].ready = ready;
}

static inline void setup(void)
{
    static const ExtIntPIC pic = {
        .lock = fake_lock,
        .unlock = fake_unlock,
        .peek = fake_peek,
        .commit = fake_commit,
        .undo = fake_undo,
    };

    memset(&fake, 0, sizeof(fake));
    fake.port.ops = &fake_ops;
    for (unsigned i = 0; i < VCPUS; i++) {
        fake.cpu[i].slot = -1;
    }
    i8259_pair_init(&fake.pic, 0xf8, 0xde);
    extint_init(&fake.x, &fake.port, &pic, fake.vcpu, VCPUS);
    port_write(I8259_MASTER, 0, 0x11, EXTINT_NOBODY);
    port_write(I8259_MASTER, 1, 0x20, EXTINT_NOBODY);
    port_write(I8259_MASTER, 1, 0x04, EXTINT_NOBODY);
    port_write(I8259_MASTER, 1, 0x01, EXTINT_NOBODY);
    port_write(I8259_SLAVE, 0, 0x11, EXTINT_NOBODY);
    port_write(I8259_SLAVE, 1, 0x28, EXTINT_NOBODY);
    port_write(I8259_SLAVE, 1, 0x02, EXTINT_NOBODY);
    port_write(I8259_SLAVE, 1, 0x01, EXTINT_NOBODY);
    fake.locks = 0;
}

static inline unsigned kicks(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < VCPUS; i++) {
        n += fake.cpu[i].kicks;
    }
    return n;
}

/* vCPU @i has proved that it accepts and is in the guest. */
static inline void accepting(unsigned i)
{
    ran(i, true);
    enter(i);
    ran(i, false);
}

#endif /* EXTINT_TEST_H */
