/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs of an x86 machine: its properties, and who delivers.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/boards.h"
#include "hw/i386/x86.h"
#include "system/kvm.h"
#include "system/runstate.h"
#include "system/system.h"
#include "target/i386/kvm/intack/kvm-extint.h"
#include "target/i386/kvm/intack/kvm-lapic.h"
#include "chipset-init.h"
#include "lapic-seen.h"
#include "lapic-model.h"
#include "x86-lapic.h"
#include "x86-lapic-user.h"

#define CHIPSET_INIT_PROP "chipset-init"
#define QUEUED_NMI_PROP "queued-nmi"
#define LINT0_FIXED_PROP "lint0-fixed"

enum { CHIPSET_INIT_MACHINE, CHIPSET_INIT_CPU, CHIPSET_INIT_MAX };

static const QEnumLookup chipset_init_names = {
    .array = (const char *const[]) {
        [CHIPSET_INIT_MACHINE] = "machine",
        [CHIPSET_INIT_CPU] = "cpu",
    },
    .size = CHIPSET_INIT_MAX,
};

/* There is one machine */
static struct {
    const X86LapicOps *ops;
    int chipset_init;
    bool queued_nmi;
    bool lint0_fixed;
} x86_lapic;

void x86_lapic_set_ops(const X86LapicOps *ops)
{
    assert(!x86_lapic.ops);
    x86_lapic.ops = ops;
}

/* NULL: the accelerator has local APICs of its own (Xen, WHPX) */
static const X86LapicOps *x86_lapic_ops(void)
{
    if (!x86_lapic.ops) {
        x86_lapic.ops = kvm_enabled() && kvm_irqchip_in_kernel() ?
                        kvm_lapic_ops() : x86_lapic_user_ops();
    }
    return x86_lapic.ops;
}

/* What has been queued must not miss the state that is saved next */
static void x86_lapic_settle(const X86LapicOps *ops)
{
    if (ops->settle && !current_cpu && !runstate_is_running()) {
        ops->settle();
    }
}

static const X86LapicOps *x86_lapic_may_send(int source, Error **errp)
{
    const X86LapicOps *ops = NULL;

    if (!object_dynamic_cast(OBJECT(current_machine), TYPE_X86_MACHINE)) {
        error_setg(errp, "this machine has no local APICs");
    } else if (runstate_check(RUN_STATE_INMIGRATE)) {
        error_setg(errp, "the machine's state is being loaded");
    } else if (source >= 0 && !qemu_get_cpu(source)) {
        error_setg(errp, "there is no vCPU %d", source);
    } else {
        ops = x86_lapic_ops();
        if (!ops) {
            error_setg(errp, "this accelerator's local APICs take no messages");
        }
    }
    return ops;
}

bool x86_lapic_send(const LapicMsg *msg, int source, Error **errp)
{
    const X86LapicOps *ops = x86_lapic_may_send(source, errp);
    LapicFault fault = { };
    char words[LAPIC_WORDS];
    int ret;

    if (!ops) {
        return false;
    }
    lapic_seen_send(msg, source);
    ret = ops->send(msg, source, &fault);
    if (ret >= 0) {
        x86_lapic_settle(ops);
        return true;
    }
    if (ret != -ENOENT && fault.field) {
        lapic_fault_words(&fault, words, sizeof(words));
        error_setg(errp, "%s", words);
        return false;
    }
    lapic_msg_words(msg, words, sizeof(words));
    if (ret == -ENOENT) {
        error_setg(errp, "no local APIC took the message (%s)", words);
    } else {
        error_setg_errno(errp, -ret, "the message was refused (%s)", words);
    }
    return false;
}

static void x86_lapic_pin_all(int (*pin)(unsigned cpu_index), const char *name)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        int ret = pin(cs->cpu_index);

        if (ret < 0) {
            warn_report("%s did not reach vCPU %d: %s", name, cs->cpu_index,
                        strerror(-ret));
        }
    }
}

void x86_lapic_init_all(void)
{
    x86_lapic_pin_all(x86_lapic_ops()->pin_init, "INIT");
}

void x86_lapic_nmi_all(void)
{
    x86_lapic_pin_all(x86_lapic_ops()->pin_nmi, "NMI");
}

LapicView *x86_lapic_views(unsigned *n)
{
    const X86LapicOps *ops = x86_lapic_ops();
    LapicView *views;

    *n = current_machine->smp.max_cpus;
    views = g_new0(LapicView, *n);
    if (ops) {
        ops->views(views, *n);
    }
    return views;
}

bool x86_lapic_monitor_nmi(void)
{
    if (!x86_lapic.queued_nmi || runstate_check(RUN_STATE_INMIGRATE)) {
        return false;
    }
    x86_lapic_nmi_all();
    x86_lapic_settle(x86_lapic_ops());
    return true;
}

bool x86_lint0_fixed(void)
{
    return x86_lapic.lint0_fixed;
}

static void x86_lapic_refuse(const char *prop, const char *why)
{
    error_report("%s: %s", prop, why);
    exit(1);
}

static void x86_lapic_machine_done(Notifier *notifier, void *data)
{
    bool cpu = x86_lapic.chipset_init == CHIPSET_INIT_CPU;

    if (cpu || x86_lapic.queued_nmi) {
        const char *prop = cpu ? CHIPSET_INIT_PROP "=cpu" :
                                 QUEUED_NMI_PROP "=on";

        if (!x86_lapic_ops()) {
            x86_lapic_refuse(prop, "the local APICs of this accelerator "
                             "cannot be reached");
        }
        if (current_machine->cgs) {
            x86_lapic_refuse(prop, "the local APICs of a confidential guest "
                             "are its own");
        }
    }
    if (x86_lapic.lint0_fixed && !x86_lapic_ops()) {
        x86_lapic_refuse(LINT0_FIXED_PROP "=on", "the local APICs of this "
                         "accelerator cannot be reached");
    }
    if (x86_lapic.lint0_fixed && kvm_enabled() && !kvm_extint_active()) {
        x86_lapic_refuse(LINT0_FIXED_PROP "=on", "with KVM it wants "
                         "kernel-irqchip=split, and split-pic");
    }
    if (cpu) {
        chipset_init_connect(x86_lapic_init_all);
    }
}

/* A property is set: it is looked at when all of them are */
static void x86_lapic_chosen(void)
{
    static Notifier done = { .notify = x86_lapic_machine_done };

    if (!done.node.le_prev) {
        qemu_add_machine_init_done_notifier(&done);
    }
}

static int x86_lapic_get_chipset_init(Object *obj, Error **errp)
{
    return x86_lapic.chipset_init;
}

static void x86_lapic_set_chipset_init(Object *obj, int val, Error **errp)
{
    x86_lapic.chipset_init = val;
    x86_lapic_chosen();
}

static bool x86_lapic_get_queued_nmi(Object *obj, Error **errp)
{
    return x86_lapic.queued_nmi;
}

static void x86_lapic_set_queued_nmi(Object *obj, bool val, Error **errp)
{
    x86_lapic.queued_nmi = val;
    x86_lapic_chosen();
}

static bool x86_lapic_get_lint0_fixed(Object *obj, Error **errp)
{
    return x86_lapic.lint0_fixed;
}

static void x86_lapic_set_lint0_fixed(Object *obj, bool val, Error **errp)
{
    x86_lapic.lint0_fixed = val;
    x86_lapic_chosen();
}

void x86_lapic_class_init(ObjectClass *oc)
{
    object_class_property_add_enum(oc, CHIPSET_INIT_PROP, "X86ChipsetInit",
                                   &chipset_init_names,
                                   x86_lapic_get_chipset_init,
                                   x86_lapic_set_chipset_init);
    object_class_property_set_description(oc, CHIPSET_INIT_PROP,
        "What INIT# of the chipset resets: the machine, or the cpu alone");
    object_class_property_add_bool(oc, QUEUED_NMI_PROP,
                                   x86_lapic_get_queued_nmi,
                                   x86_lapic_set_queued_nmi);
    object_class_property_set_description(oc, QUEUED_NMI_PROP,
        "inject-nmi does not wait for the vCPUs");
    object_class_property_add_bool(oc, LINT0_FIXED_PROP,
                                   x86_lapic_get_lint0_fixed,
                                   x86_lapic_set_lint0_fixed);
    object_class_property_set_description(oc, LINT0_FIXED_PROP,
        "The PIC's INTR reaches a local APIC whose LVT0 is in Fixed mode");
    lapic_model_class_init(oc);
}
