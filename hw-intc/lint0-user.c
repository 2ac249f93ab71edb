/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR for an LVT0 in Fixed mode, with QEMU's own local APICs.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "hw/core/cpu.h"
#include "hw/i386/apic.h"
#include "hw/i386/apic_internal.h"
#include "hw/i386/x86.h"
#include "cpu.h"
#include "lint0-user.h"
#include "x86-lapic-user.h"

static struct {
    qemu_irq stock;             /* what x86_allocate_cpu_irq() does */
    QEMUTimer *timer;
    Lint0 l;                    /* nobody is asked: counters, pin, wait */
} lint0_user;

/* The APIC of @cs if its LVT0 passes INTR on, not as ExtINT; else NULL */
static APICCommonState *lint0_user_open(CPUState *cs, LapicLVT *lvt0)
{
    X86CPU *cpu = X86_CPU(cs);
    APICCommonState *s;

    if (!cpu_is_apic_enabled(cpu->apic_state)) {
        return NULL;
    }
    s = APIC_COMMON(cpu->apic_state);
    *lvt0 = lapic_lvt_decode(s->lvt[APIC_LVT_LINT0], LAPIC_LVT_LINT0);
    return lint0_open(lvt0, s->spurious_vec) ? s : NULL;
}

static void lint0_user_intr(void *opaque, int n, int level)
{
    LapicLVT lvt0;
    CPUState *cs;

    if (!cpu_is_apic_enabled(X86_CPU(first_cpu)->apic_state)) {
        qemu_set_irq(lint0_user.stock, level);
        return;
    }
    CPU_FOREACH(cs) {
        X86CPU *cpu = X86_CPU(cs);

        if (!lint0_user_open(cs, &lvt0) &&
            apic_accept_pic_intr(cpu->apic_state)) {
            apic_deliver_pic_intr(cpu->apic_state, level);
        }
    }
}

static bool lint0_user_has(const uint32_t *bitmap, uint8_t vector)
{
    return bitmap[vector / 32] >> vector % 32 & 1;
}

/* "Remote IRR": a level waits for the EOI of the one before */
static bool lint0_user_served(const APICCommonState *s, uint8_t vector)
{
    return lint0_user_has(s->irr, vector) || lint0_user_has(s->isr, vector);
}

/* Is the one before still to be taken? */
static bool lint0_user_pending(CPUState *cs, const APICCommonState *s,
                               const LapicLVT *lvt0)
{
    if (lvt0->delivery == LAPIC_NMI) {
        return qatomic_read(&cs->interrupt_request) & CPU_INTERRUPT_NMI;
    }
    return lvt0->delivery == LAPIC_FIXED &&
           lint0_user_has(s->irr, lvt0->vector);
}

static void lint0_user_deliver(CPUState *cs, const LapicLVT *lvt0)
{
    Lint0VCPU *v = &lint0_user.l.vcpu[cs->cpu_index];

    if (lvt0->delivery == LAPIC_FIXED && lvt0->vector < LINT0_FIRST_VECTOR) {
        v->failed++;
        return;
    }
    v->sent++;
    if (lvt0->delivery == LAPIC_INIT) {
        x86_lapic_user_ops()->pin_init(cs->cpu_index);
    } else {
        apic_deliver_pic_intr(X86_CPU(cs)->apic_state, 1);
    }
}

/* True: level-triggered, and to be looked at again */
static bool lint0_user_look(CPUState *cs, bool edge)
{
    Lint0VCPU *v = &lint0_user.l.vcpu[cs->cpu_index];
    LapicLVT lvt0;
    APICCommonState *s = lint0_user_open(cs, &lvt0);

    v->looks++;
    if (!s) {
        v->closed += edge;
        return false;
    }
    if (lint0_level(&lvt0)) {
        if (!lint0_user_served(s, lvt0.vector)) {
            lint0_user.l.wait = LINT0_LEVEL_NS;
            lint0_user_deliver(cs, &lvt0);
        }
        return true;
    }
    if (edge && lint0_user_pending(cs, s, &lvt0)) {
        v->merged++;
    } else if (edge) {
        lint0_user_deliver(cs, &lvt0);
    }
    return false;
}

static void lint0_user_look_all(bool edge)
{
    bool level = false;
    CPUState *cs;

    CPU_FOREACH(cs) {
        level |= lint0_user_look(cs, edge);
    }
    timer_mod_anticipate_ns(lint0_user.timer,
                            qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                            (level ? lint0_user.l.wait : LINT0_AGAIN_NS));
}

/* LVT0 may have become level-triggered; or an EOI was given */
static void lint0_user_alarm(void *opaque)
{
    if (!lint0_user.l.pin) {
        lint0_user.l.wait = LINT0_LEVEL_NS;
        return;
    }
    lint0_user.l.wait = MIN(2 * lint0_user.l.wait, LINT0_SLOW_NS);
    lint0_user_look_all(false);
}

qemu_irq lint0_user_init(unsigned vcpus)
{
    lint0_user.l.vcpus = vcpus;
    lint0_user.l.vcpu = g_new0(Lint0VCPU, vcpus);
    lint0_user.stock = x86_allocate_cpu_irq();
    lint0_user.timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, lint0_user_alarm, NULL);
    lint0_user.l.wait = LINT0_LEVEL_NS;
    return qemu_allocate_irq(lint0_user_intr, NULL, 0);
}

void lint0_user_publish(bool level)
{
    lint0_user.l.pin = level;
}

void lint0_user_written(void)
{
}

void lint0_user_rise(void)
{
    lint0_user.l.rises++;
    lint0_user_look_all(true);
}

void lint0_user_forget(void)
{
    lint0_user.l.wait = LINT0_LEVEL_NS;
    if (lint0_user.l.pin) {
        timer_mod_anticipate_ns(lint0_user.timer,
                                qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                                lint0_user.l.wait);
    }
}

/* Else QEMU's APIC would have the CPU do an INTA in every mode but masked */
bool lint0_user_hidden(void)
{
    LapicLVT lvt0;

    return current_cpu && lint0_user_open(current_cpu, &lvt0);
}

const Lint0 *lint0_user_state(void)
{
    return lint0_user.l.vcpu ? &lint0_user.l : NULL;
}
