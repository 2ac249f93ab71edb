/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PIC of one vector for the contract test.
 */
#include "qemu/osdep.h"
#include "pic.h"

static void pic_lock(void *opaque)
{
}

static int pic_peek(void *opaque)
{
    Pic *pic = opaque;

    return pic->vector;
}

static void pic_commit(void *opaque, unsigned vcpu)
{
    Pic *pic = opaque;

    pic->taken = pic->vector;
    pic->vector = EXTINT_NOTHING;
    pic->inta++;
    extint_publish(&pic->x, false, (int)vcpu);
}

static int pic_undo(void *opaque, unsigned vcpu)
{
    Pic *pic = opaque;

    pic->vector = pic->taken;
    pic->undone++;
    return extint_publish(&pic->x, true, (int)vcpu);
}

void pic_init(Pic *pic, KVMPort *port, unsigned vcpus)
{
    const ExtIntPIC glue = {
        pic, pic_lock, pic_lock, pic_peek, pic_commit, pic_undo,
    };

    *pic = (Pic) { .vector = EXTINT_NOTHING };
    extint_init(&pic->x, port, &glue, pic->vcpu, vcpus);
}

void pic_raise(Pic *pic, int vector)
{
    pic->vector = vector;
    extint_kick(&pic->x, extint_publish(&pic->x, true, EXTINT_NOBODY));
}
