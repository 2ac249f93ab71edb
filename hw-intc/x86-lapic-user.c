/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to QEMU's own local APICs: TCG, qtest.
 *
 * Whom a message reaches is decided as for KVM, by lapic-dest.h; QEMU's APIC
 * then gets it with the ID of that one.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/core/cpu.h"
#include "hw/i386/apic.h"
#include "hw/i386/apic_internal.h"
#include "hw/i386/x86.h"
#include "hw/intc/i8259.h"
#include "hw/pci/msi.h"
#include "system/hw_accel.h"
#include "cpu.h"
#include "x86-lapic-user.h"

static void user_view(LapicView *view, X86CPU *cpu)
{
    APICCommonState *s;

    view->present = true;
    view->x2apic_api = true;
    view->vcpu_id = cpu->apic_id;
    if (!cpu->apic_state) {
        return;
    }
    s = APIC_COMMON(cpu->apic_state);
    view->enabled = s->apicbase & MSR_IA32_APICBASE_ENABLE;
    view->x2apic = s->apicbase & MSR_IA32_APICBASE_EXTD;
    view->id = view->x2apic ? s->initial_apic_id : s->id;
    view->ldr = view->x2apic ? s->extended_log_dest :
                (uint32_t)s->log_dest << 24;
    view->dfr = (uint32_t)s->dest_mode << 28 | 0x0fffffff;
    view->software = s->spurious_vec & APIC_SV_ENABLE;
}

static void user_views(LapicView *views, unsigned n)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        if (cs->cpu_index < n) {
            user_view(&views[cs->cpu_index], X86_CPU(cs));
        }
    }
}

/* An interrupt to one APIC, in the form that QEMU's take from a device */
static void user_interrupt(const LapicView *view, LapicMsg msg)
{
    LapicMSI msi;
    MSIMessage m;

    msg.dest = view->id;
    msg.logical = false;
    msg.shorthand = LAPIC_NO_SHORTHAND;
    msg.delivery = LAPIC_FIXED;
    msg.redirect = false;
    msi = lapic_msg_to_msi(&msg, LAPIC_FORM_MSI_X2);
    m = (MSIMessage) { .address = msi.address, .data = msi.data };
    apic_get_class(&error_abort)->send_msi(&m);
}

/*
 * INIT wakes a vCPU in HLT, which does not look for one. The boot CPU's LINT0
 * is left as KVM leaves it (KVM_X86_QUIRK_LINT0_REENABLED): SeaBIOS comes back
 * from a shutdown code without looking at its local APIC. Requests are gone
 * with the old life, but the PIC's pin may be up still.
 */
static void user_init_work(CPUState *cs, run_on_cpu_data data)
{
    X86CPU *cpu = X86_CPU(cs);

    cpu_synchronize_state(cs);
    if (cs->interrupt_request & CPU_INTERRUPT_INIT) {
        if (cpu->env.hflags & (HF_GUEST_MASK | HF_SMM_MASK)) {
            cs->halted = 0;
            return;
        }
        do_cpu_init(cpu);
    }
    if (cs != first_cpu) {
        return;
    }
    if (cpu->apic_state) {
        APIC_COMMON(cpu->apic_state)->lvt[APIC_LVT_LINT0] = APIC_DM_EXTINT << 8;
    }
    if (isa_pic && pic_get_output(isa_pic)) {
        cpu_interrupt(cs, CPU_INTERRUPT_HARD);
    }
}

static void user_init(CPUState *cs)
{
    cpu_interrupt(cs, CPU_INTERRUPT_INIT);
    async_run_on_cpu(cs, user_init_work, RUN_ON_CPU_NULL);
}

/* 1: taken, as KVM counts it */
static int user_take(CPUState *cs, const LapicView *view, const LapicMsg *msg)
{
    switch (msg->delivery) {
    case LAPIC_FIXED:
    case LAPIC_LOWEST:
        if (!view->enabled || !view->software) {
            return 0;
        }
        user_interrupt(view, *msg);
        return 1;
    case LAPIC_SMI:
        cpu_interrupt(cs, CPU_INTERRUPT_SMI);
        return 1;
    case LAPIC_NMI:
        cpu_interrupt(cs, CPU_INTERRUPT_NMI);
        return 1;
    case LAPIC_INIT:
        user_init(cs);
        return 1;
    case LAPIC_STARTUP:
        if (!X86_CPU(cs)->apic_state) {
            return 0;
        }
        APIC_COMMON(X86_CPU(cs)->apic_state)->sipi_vector = msg->vector;
        cpu_interrupt(cs, CPU_INTERRUPT_SIPI);
        return 1;
    default:
        return 0;
    }
}

static int user_pin_init(unsigned cpu_index)
{
    CPUState *cs = qemu_get_cpu(cpu_index);

    if (!cs) {
        return -ENOENT;
    }
    user_init(cs);
    return 0;
}

static int user_pin_nmi(unsigned cpu_index)
{
    CPUState *cs = qemu_get_cpu(cpu_index);
    X86CPU *cpu;

    if (!cs) {
        return -ENOENT;
    }
    cpu = X86_CPU(cs);
    if (cpu_is_apic_enabled(cpu->apic_state)) {
        apic_deliver_nmi(cpu->apic_state);
    } else {
        cpu_interrupt(cs, CPU_INTERRUPT_NMI);
    }
    return 0;
}

/* One of those it is addressed to takes it; but KVM makes a broadcast Fixed */
static bool user_lowest(const LapicMsg *msg)
{
    return msg->redirect || (msg->delivery == LAPIC_LOWEST &&
                             (msg->logical || msg->dest != 0xff));
}

static int user_send_dest(const LapicView *views, unsigned n,
                          const LapicMsg *msg)
{
    bool lowest = user_lowest(msg);
    int one = lowest ? lapic_dest_one(views, n, -1, msg) : -1;
    g_autofree uint64_t *who = g_new(uint64_t, LAPIC_DEST_WORDS(n));
    int taken = 0;

    lapic_dest(views, n, -1, msg, who);
    for (unsigned i = 0; i < n; i++) {
        if (!(who[i / 64] >> i % 64 & 1) || (lowest && i != one)) {
            continue;
        }
        taken += user_take(qemu_get_cpu(i), &views[i], msg);
    }
    return taken ? 0 : -ENOENT;
}

/* KVM takes longer destinations where there are vCPUs with such an ID */
static LapicForm user_form(int source)
{
    bool wide = X86_MACHINE(current_machine)->apic_id_limit > 256;

    return source >= 0 ? LAPIC_FORM_SELF :
           wide ? LAPIC_FORM_MSI_X2 : LAPIC_FORM_MSI;
}

static int user_send(const LapicMsg *msg, int source, LapicFault *fault)
{
    unsigned n = current_machine->smp.max_cpus;
    g_autofree LapicView *views = NULL;
    int ret;

    ret = lapic_msg_check(msg, user_form(source), fault);
    if (ret < 0) {
        return ret;
    }
    if (msg->delivery == LAPIC_SMI &&
        !x86_machine_is_smm_enabled(X86_MACHINE(current_machine))) {
        *fault = (LapicFault) {
            .err = -ENOTSUP, .field = "delivery mode", .value = LAPIC_SMI,
            .min = 1, .why = "this machine has no SMM",
        };
        return -ENOTSUP;
    }
    if (msg->level && !msg->assert) {
        return 0;
    }
    views = g_new0(LapicView, n);
    user_views(views, n);
    if (source < 0) {
        return user_send_dest(views, n, msg);
    }
    return user_take(qemu_get_cpu(source), &views[source], msg) ? 0 : -ENOENT;
}

static const X86LapicOps user_ops = {
    .name = "user",
    .send = user_send,
    .pin_init = user_pin_init,
    .pin_nmi = user_pin_nmi,
    .views = user_views,
};

const X86LapicOps *x86_lapic_user_ops(void)
{
    ObjectClass *oc = OBJECT_CLASS(apic_get_class(NULL));

    return object_class_dynamic_cast(oc, "apic") ? &user_ops : NULL;
}
