/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PIC of an x86 machine: -machine split-pic=auto|on|off.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-common.h"
#include "qemu/error-report.h"
#include "hw/i386/x86.h"
#include "system/kvm.h"
#include "system/system.h"
#include "target/i386/kvm/intack/kvm-extint.h"
#include "target/i386/kvm/intack/kvm-lint0.h"
#include "lint0-user.h"
#include "split-i8259.h"
#include "split-pic-x86.h"
#include "x86-lapic.h"

#define SPLIT_PIC_PROP "split-pic"

static void split_pic_lock(void *opaque)
{
    split_i8259_lock(opaque);
}

static void split_pic_unlock(void *opaque)
{
    split_i8259_unlock(opaque);
}

static int split_pic_peek(void *opaque)
{
    return split_i8259_peek(opaque);
}

static void split_pic_commit(void *opaque, unsigned vcpu)
{
    split_i8259_commit(opaque, vcpu);
}

static int split_pic_undo(void *opaque, unsigned vcpu)
{
    return split_i8259_undo(opaque, vcpu);
}

static const SplitPICSink split_pic_sink = {
    .publish = kvm_extint_publish,
    .wake = kvm_extint_kick,
};

static const SplitPICPin split_pic_pin_kvm = {
    .publish = kvm_lint0_publish,
    .rise = kvm_lint0_rise,
    .written = kvm_lint0_written,
    .forget = kvm_lint0_forget,
};

static const SplitPICPin split_pic_pin_user = {
    .publish = lint0_user_publish,
    .rise = lint0_user_rise,
    .written = lint0_user_written,
    .forget = lint0_user_forget,
    .hidden = lint0_user_hidden,
};

static void visit_counters(Visitor *v, const char *name, const uint64_t *c,
                           unsigned n, Error **errp)
{
    if (!visit_start_list(v, name, NULL, 0, errp)) {
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        uint64_t val = c[i];

        visit_type_uint64(v, NULL, &val, errp);
    }
    visit_end_list(v, NULL);
}

static void visit_counter(Visitor *v, const char *name, uint64_t val,
                          Error **errp)
{
    visit_type_uint64(v, name, &val, errp);
}

/* The sum of all vCPUs' counters goes to @sum. */
static void visit_vcpus(Visitor *v, const ExtInt *x, ExtIntVCPU *sum,
                        Error **errp)
{
    if (!visit_start_list(v, "vcpus", NULL, 0, errp)) {
        return;
    }
    for (unsigned i = 0; i < x->vcpus; i++) {
        ExtIntVCPU c = x->vcpu[i];

        if (!c.inta && !c.kicks && !c.windows && !c.refused && !c.recalled &&
            !c.stuck) {
            continue;
        }
        visit_start_struct(v, NULL, NULL, 0, errp);
        visit_counter(v, "index", i, errp);
        visit_counter(v, "inta", c.inta, errp);
        visit_counter(v, "kicks", c.kicks, errp);
        visit_counter(v, "windows", c.windows, errp);
        visit_counter(v, "refused", c.refused, errp);
        visit_counter(v, "recalled", c.recalled, errp);
        visit_counter(v, "stuck", c.stuck, errp);
        visit_end_struct(v, NULL);
        sum->inta += c.inta;
        sum->kicks += c.kicks;
        sum->windows += c.windows;
        sum->refused += c.refused;
        sum->recalled += c.recalled;
        sum->stuck += c.stuck;
    }
    visit_end_list(v, NULL);
}

/* LVT0 in Fixed mode: rises of INTR's pin, and what came of them by vCPU */
static void visit_lint0(Visitor *v, const Lint0 *l, Error **errp)
{
    visit_counter(v, "pin-rises", l->rises, errp);
    if (!visit_start_list(v, "lint0", NULL, 0, errp)) {
        return;
    }
    for (unsigned i = 0; i < l->vcpus; i++) {
        const Lint0VCPU *c = &l->vcpu[i];

        if (!c->looks) {
            continue;
        }
        visit_start_struct(v, NULL, NULL, 0, errp);
        visit_counter(v, "index", i, errp);
        visit_counter(v, "looks", c->looks, errp);
        visit_counter(v, "sent", c->sent, errp);
        visit_counter(v, "missed", c->missed, errp);
        visit_counter(v, "merged", c->merged, errp);
        visit_counter(v, "closed", c->closed, errp);
        visit_counter(v, "failed", c->failed, errp);
        visit_end_struct(v, NULL);
    }
    visit_end_list(v, NULL);
}

/*
 * qom-get /machine/split-i8259 stats: the counters of the pair by IRQ and, with
 * KVM, of its injection in all and by vCPU.
 */
static void split_pic_get_stats(Object *obj, Visitor *v, const char *name,
                                void *opaque, Error **errp)
{
    const Lint0 *lint0 = kvm_lint0_active() ? kvm_lint0_state() :
                                              lint0_user_state();
    SplitPICState *s = SPLIT_I8259(obj);
    ExtIntVCPU sum = { };
    uint64_t rises = 0;
    I8259Pair core;

    split_i8259_lock(s);
    core = s->pair.core;
    if (s->pair.sink) {
        rises = kvm_extint_state()->rises;
    }
    split_i8259_unlock(s);

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    visit_counters(v, "raised", core.raised, I8259_LINES, errp);
    visit_counters(v, "merged", core.merged, I8259_LINES, errp);
    visit_counters(v, "dropped", core.dropped, I8259_LINES, errp);
    visit_counters(v, "delivered", core.delivered, I8259_LINES, errp);
    visit_counters(v, "spurious", core.spurious, I8259_CHIPS, errp);
    visit_type_bool(v, "intr", &core.intr, errp);
    if (s->pair.sink) {
        visit_counter(v, "rises", rises, errp);
        visit_vcpus(v, kvm_extint_state(), &sum, errp);
        visit_counter(v, "inta", sum.inta, errp);
        visit_counter(v, "kicks", sum.kicks, errp);
        visit_counter(v, "windows", sum.windows, errp);
        visit_counter(v, "refused", sum.refused, errp);
        visit_counter(v, "recalled", sum.recalled, errp);
        visit_counter(v, "stuck", sum.stuck, errp);
    }
    if (lint0) {
        visit_lint0(v, lint0, errp);
    }
    visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
}

static void split_pic_attach_kvm(SplitPICState *master, unsigned vcpus)
{
    kvm_extint_attach(&(ExtIntPIC) {
        .opaque = master,
        .lock = split_pic_lock,
        .unlock = split_pic_unlock,
        .peek = split_pic_peek,
        .commit = split_pic_commit,
        .undo = split_pic_undo,
    }, vcpus);
    if (x86_lint0_fixed()) {
        kvm_lint0_attach(vcpus);
        split_i8259_connect_pin(master, &split_pic_pin_kvm);
    }
}

qemu_irq *x86_i8259_init(ISABus *bus)
{
    MachineState *ms = MACHINE(qdev_get_machine());
    OnOffAuto want = X86_MACHINE(ms)->split_pic;
    bool split = kvm_enabled() && kvm_irqchip_is_split();
    SplitPICState *master;
    qemu_irq *lines;

    if (want == ON_OFF_AUTO_OFF || (want == ON_OFF_AUTO_AUTO && !split)) {
        if (x86_lint0_fixed()) {
            error_report("lint0-fixed=on: it wants split-pic=on");
            exit(1);
        }
        return i8259_init(bus, x86_allocate_cpu_irq());
    }
    if (split) {
        lines = split_i8259_init(bus, NULL, &split_pic_sink, ms->smp.max_cpus,
                                 &master);
        split_pic_attach_kvm(master, ms->smp.max_cpus);
    } else {
        lines = split_i8259_init(bus, x86_lint0_fixed() ?
                                 lint0_user_init(ms->smp.max_cpus) :
                                 x86_allocate_cpu_irq(), NULL, 0, &master);
        if (x86_lint0_fixed()) {
            split_i8259_connect_pin(master, &split_pic_pin_user);
        }
    }
    object_property_add(OBJECT(master), "stats", "SplitPICStats",
                        split_pic_get_stats, NULL, NULL, NULL);
    return lines;
}

/* What is given back to the PIC here is dropped by its reset. */
void x86_i8259_before_reset(void)
{
    if (kvm_extint_active()) {
        kvm_extint_recall();
    }
    if (kvm_lint0_active()) {
        kvm_lint0_before_reset();
    }
}

/* pic=off or the PIC in the kernel: nothing has called x86_i8259_init(). */
static void split_pic_machine_done(Notifier *notifier, void *data)
{
    if (isa_pic && object_dynamic_cast(OBJECT(isa_pic), TYPE_SPLIT_I8259)) {
        return;
    }
    error_report("split-pic=on: this machine has no 8259 in QEMU; it wants "
                 "pic=on and, with KVM, kernel-irqchip=split or off");
    exit(1);
}

static void split_pic_get(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    visit_type_OnOffAuto(v, name, &X86_MACHINE(obj)->split_pic, errp);
}

static void split_pic_set(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    static Notifier done = { .notify = split_pic_machine_done };
    X86MachineState *x86ms = X86_MACHINE(obj);

    if (!visit_type_OnOffAuto(v, name, &x86ms->split_pic, errp)) {
        return;
    }
    if (done.node.le_prev) {
        qemu_remove_machine_init_done_notifier(&done);
        done.node.le_prev = NULL;
    }
    if (x86ms->split_pic == ON_OFF_AUTO_ON) {
        qemu_add_machine_init_done_notifier(&done);
    }
}

void x86_split_pic_class_init(ObjectClass *oc)
{
    object_class_property_add(oc, SPLIT_PIC_PROP, "OnOffAuto", split_pic_get,
                              split_pic_set, NULL, NULL);
    object_class_property_set_description(oc, SPLIT_PIC_PROP,
        "Use the split-i8259 PIC and its interrupt injection (auto: with KVM "
        "and kernel-irqchip=split)");
}
