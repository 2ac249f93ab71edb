/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to the machine while all vCPUs are paused. It is one step, for
 * nobody else runs.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "explore.h"

const Table *table;
static KVMModelRegs regs[VCPUS];
static KVMModelLAPIC lapic[VCPUS];
static KVMModelRegs regs0[VCPUS];
static KVMModelLAPIC lapic0[VCPUS];
static KVMPort port = { .ops = &explore_port_ops };

/* Main's operations with all vCPUs paused, and the vCPUs' for it */
static void alone(int self)
{
    run.alone = true;
    run.bql = true;
    run.self = self;
    run.t = self == MAIN ? &w.g.t : &w.cpu[self].t;
}

/* A paused vCPU's thread is kicked: its handler runs, nothing else */
static void kick_paused(unsigned v)
{
    w.k[v].immediate_exit = 1;
    w.k[v].signal = 0;
    w.cpu[v].thread_kicked = 0;
}

/* kvm_extint_recall() */
static void recall(void)
{
    FOR_EACH_CPU(v) {
        if (extint_holds(&x, v)) {
            alone((int)v);
            extint_empty(&x, v);
            kick_paused(v);
        }
    }
    alone(MAIN);
    extint_give_back(&x);
    pic_check_undone();
    FOR_EACH_CPU(v) {
        if (w.cpu[v].recalled != EXTINT_NOTHING) {
            wrong("vCPU %u: vector 0x%02x was recalled and is lost", v,
                  w.cpu[v].recalled);
        }
    }
}

/* vm_state_notify(0): kvm_extint_vm_state() */
void host_stopped(void)
{
    recall();
    w.g.hard = (uint8_t)w.s.intr;
}

/* resume_all_vcpus() */
static void resume(void)
{
    FOR_EACH_CPU(v) {
        w.cpu[v].stop = 0;
        w.cpu[v].stopped = 0;
        kick(v);
    }
}

/* vm_start(): split_pic_vm_state(), kvm_extint_vm_state() */
void host_continue(void)
{
    bool level = w.pic.core.intr;
    int whom = EXTINT_NOBODY;

    alone(MAIN);
    w.g.running = 1;
    if (level != w.pic.level) {
        w.pic.level = level;
        whom = extint_publish(&x, level, EXTINT_NOBODY);
    }
    wake(whom);
    w.g.hard = 0;
    resume();
}

/* A vCPU as QEMU's reset leaves it: IF = 0, LINT0 masked */
static void put_vcpu(unsigned v, const KVMModelVCPU *state)
{
    struct kvm_vcpu_events events = {
        .flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW,
        .interrupt.injected = state->int_injected,
        .interrupt.nr = state->int_nr,
        .interrupt.shadow = state->shadow,
        .nmi.injected = state->nmi_injected,
        .nmi.pending = state->nmi_pending,
        .nmi.masked = state->nmi_masked,
    };
    struct kvm_regs r = { .rflags = 2 | (state->intf ? 0x200 : 0) };
    struct kvm_mp_state mp = { .mp_state = state->mp_state };
    KVMModelVCPU *k = &w.k[v];

    k->lvt0 = state->lvt0;
    k->apicbase = state->apicbase;
    kvm_model_vcpu_ioctl(&model, v, KVM_SET_REGS, &r);
    kvm_model_vcpu_ioctl(&model, v, KVM_SET_VCPU_EVENTS, &events);
    kvm_model_vcpu_ioctl(&model, v, KVM_SET_MP_STATE, &mp);
    /* The guest's memory */
    k->frames = state->frames;
    k->frame_if = state->frame_if;
    extint_forget(&x, v, mp.mp_state == KVM_MP_STATE_HALTED);
}

/* The life ends, and with it what KVM had injected already */
static void end_life(unsigned v)
{
    Cpu *c = &w.cpu[v];

    c->out[0] = c->out[1] = EXTINT_NOTHING;
    c->nmi = c->sync = c->dirty = 0;
    kick_paused(v);
}

static const KVMModelVCPU cold = {
    .apicbase = KVM_MODEL_APICBASE | KVM_MODEL_ENABLE,
    .lvt0 = KVM_MODEL_MASKED,
    .mp_state = KVM_MP_STATE_RUNNABLE,
};

static void reset_vcpu(unsigned v)
{
    end_life(v);
    put_vcpu(v, &cold);
}

static void reset_chip(I8259Which which)
{
    bool level;
    int whom = EXTINT_NOBODY;

    i8259_pair_reset_chip(&w.pic.core, which);
    pic_touched();
    level = w.pic.core.intr;
    if (level != w.pic.level) {
        w.pic.level = level;
        whom = extint_publish(&x, level, EXTINT_NOBODY);
    }
    wake(whom);
}

/* The machine's reset, and the chips as firmware leaves them */
static void boot_chips(void)
{
    for (I8259Which c = I8259_MASTER; c < I8259_CHIPS; c++) {
        uint8_t icw2 = c == I8259_MASTER ? 0x20 : 0x28;

        i8259_pair_write(&w.pic.core, c, 0, 0x11);
        i8259_pair_write(&w.pic.core, c, 1, icw2);
        i8259_pair_write(&w.pic.core, c, 1, c == I8259_MASTER ? 4 : 2);
        i8259_pair_write(&w.pic.core, c, 1, !c && table->rotate ? 3 : 1);
        if (!c && table->rotate) {
            i8259_pair_write(&w.pic.core, c, 0, 0x80);
        }
        i8259_pair_write(&w.pic.core, c, 1, table->imr[c]);
        i8259_pair_elcr_write(&w.pic.core, c,
                              (uint8_t)(table->elcr >> (c ? 8 : 0)));
    }
}

void host_reset(void)
{
    recall();
    reset_chip(I8259_MASTER);
    reset_chip(I8259_SLAVE);
    FOR_EACH_CPU(v) {
        alone((int)v);
        reset_vcpu(v);
    }
    alone(MAIN);
    /* What the guest's firmware does before anything is interesting */
    boot_chips();
    w.g.fresh = 1;
    if (w.g.running) {
        resume();
    }
}

static bool same_chips(const I8259Pair *a, const I8259Pair *b)
{
    I8259Saved sa, sb;

    for (I8259Which c = I8259_MASTER; c < I8259_CHIPS; c++) {
        i8259_pair_save(a, c, &sa);
        i8259_pair_save(b, c, &sb);
        if (memcmp(&sa, &sb, sizeof(sa))) {
            return false;
        }
    }
    return a->intr == b->intr && a->slave_int == b->slave_int;
}

static bool same_vcpu(const KVMModelVCPU *a, const KVMModelVCPU *b)
{
    return a->apicbase == b->apicbase && a->lvt0 == b->lvt0 &&
           a->pev == b->pev && a->intf == b->intf &&
           a->shadow == b->shadow && a->mp_state == b->mp_state &&
           a->int_injected == b->int_injected && a->int_nr == b->int_nr &&
           a->nmi_injected == b->nmi_injected &&
           a->nmi_pending == b->nmi_pending &&
           a->nmi_masked == b->nmi_masked;
}

/* Chips' and vCPUs' saved state goes into a machine that has just started */
static void load(const Pic *pic, const KVMModelVCPU *k)
{
    for (I8259Which c = I8259_MASTER; c < I8259_CHIPS; c++) {
        I8259Saved s;

        i8259_pair_save(&pic->core, c, &s);
        i8259_pair_load(&w.pic.core, c, &s);
    }
    pic_touched();
    w.g.fresh = 1;
    FOR_EACH_CPU(v) {
        alone((int)v);
        kick_paused(v);
        put_vcpu(v, &k[v]);
    }
    alone(MAIN);
}

static const KVMModelConfig config = {
    .vcpus = VCPUS,
    .handler = true,
    .took = NULL,
};

static void guest_took(void *opaque, unsigned v, KVMModelEvent event,
                       unsigned nr)
{
    Cpu *c = &w.cpu[v];

    if (event == KVM_MODEL_INTERRUPT) {
        pic_touched();
    } else {
        say("; the guest takes %s", event == KVM_MODEL_NMI ? "the NMI" : "?");
        return;
    }
    say("; the guest takes vector 0x%02x", nr);
    if (c->out[0] == (int)nr) {
        c->out[0] = EXTINT_NOTHING;
    } else if (c->out[1] == (int)nr) {
        c->out[1] = EXTINT_NOTHING;
    } else {
        wrong("vCPU %u takes vector 0x%02x, which is not of this life or was "
              "taken before", v, nr);
    }
}

static void new_machine(void)
{
    KVMModelConfig c = config;

    c.took = guest_took;
    kvm_model_init(&model, &c, w.k, regs, lapic);
    i8259_pair_init(&w.pic.core, 0xf8, 0xde);
    w.pic.level = false;
    pic_touched();
    memset(w.pic.receipt, 0, sizeof(w.pic.receipt));
    memset(&w.s, 0, sizeof(w.s));
    extint_init(&x, &port, &explore_pic, w.s.v, table->vcpus);
    for (unsigned v = 0; v < VCPUS; v++) {
        w.k[v].mp_state = KVM_MP_STATE_RUNNABLE;
        w.k[v].lvt0 = KVM_MODEL_MASKED;
        lapic[v].svr = 0x1ff;
    }
    memcpy(regs0, regs, sizeof(regs));
    memcpy(lapic0, lapic, sizeof(lapic));
}

/* What is not part of a state: the same before each step */
void host_begin_step(void)
{
    memcpy(regs, regs0, sizeof(regs));
    memcpy(lapic, lapic0, sizeof(lapic));
}

/* and the local APICs, but for LVT0 and APICBASE, after it */
void host_end_step(void)
{
    if (memcmp(lapic, lapic0, sizeof(lapic))) {
        wrong("a local APIC has changed");
    }
}

/* Save, and restore into a fresh VM: what is in no stream is as at start */
void host_migrate(void)
{
    World from = w;

    new_machine();
    FOR_EACH_CPU(v) {
        w.cpu[v].dirty = 0;
    }
    load(&from.pic, from.k);
    if (!same_chips(&from.pic.core, &w.pic.core)) {
        wrong("the PIC is another after save and restore");
    }
    FOR_EACH_CPU(v) {
        if (!same_vcpu(&from.k[v], &w.k[v])) {
            wrong("vCPU %u is another after save and restore", v);
        }
    }
}

/* loadvm, in place, of a machine with IRQ0 latched and vCPU 0 open to it */
void host_load(void)
{
    KVMModelVCPU k[VCPUS] = { cold, cold };
    Pic saved = w.pic;
    Pic now = w.pic;

    k[0].lvt0 = KVM_MODEL_EXTINT;
    k[0].intf = 1;
    i8259_pair_init(&w.pic.core, 0xf8, 0xde);
    boot_chips();
    i8259_pair_set_line(&w.pic.core, 0, true);
    i8259_pair_set_line(&w.pic.core, 0, false);
    saved.core = w.pic.core;
    w.pic = now;
    FOR_EACH_CPU(v) {
        end_life(v);
    }
    load(&saved, k);
    w.g.hard = w.pic.core.intr;
}

void host_plug(unsigned v)
{
    Cpu *c = &w.cpu[v];

    alone((int)v);
    c->t.task = CPU_IDLE;
    c->stop = c->stopped = 0;
    reset_vcpu(v);
    alone(MAIN);
}

void world_init(const Table *t)
{
    memset(&w, 0, sizeof(w));
    table = t;
    w.g.bql = w.g.pic_lock = NOBODY;
    w.g.running = 1;
    w.g.t.task = MAIN_REST;
    for (unsigned v = 0; v < VCPUS; v++) {
        Cpu *c = &w.cpu[v];

        c->t.task = v < t->vcpus ? CPU_ENTER : CPU_OFF;
        c->out[0] = c->out[1] = EXTINT_NOTHING;
        c->recalled = c->uncommitted = EXTINT_NOTHING;
    }
    new_machine();
    boot_chips();
    for (unsigned v = 0; v < VCPUS; v++) {
        if (t->open >> v & 1) {
            w.k[v].lvt0 = KVM_MODEL_EXTINT;
            w.k[v].intf = 1;
        }
    }
}
