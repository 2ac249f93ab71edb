/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: what may be injected, and in which order
 * (arch/x86/kvm/x86.c, irq.c).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"

void kvm_model_note(const KVMModel *m, unsigned vcpu, KVMModelEvent event,
                    unsigned nr)
{
    if (m->config.took) {
        m->config.took(m->config.opaque, vcpu, event, nr);
    }
}

/* kvm_apic_hw_enabled */
bool kvm_model_lapic_on(const KVMModelVCPU *v)
{
    return v->apicbase & KVM_MODEL_ENABLE;
}

/* kvm_apic_accept_pic_intr */
bool kvm_model_accepts_pic(const KVMModel *m, unsigned vcpu)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];

    return !kvm_model_lapic_on(v) ||
           (v->lvt0 & (KVM_MODEL_MASKED | KVM_MODEL_EXTINT)) ==
           KVM_MODEL_EXTINT;
}

/* kvm_cpu_has_extint; the kernel's own PIC is never raised here */
bool kvm_model_has_extint(const KVMModel *m, unsigned vcpu)
{
    return kvm_model_accepts_pic(m, vcpu) &&
           m->vcpu[vcpu].pev != KVM_MODEL_EMPTY;
}

/* kvm_cpu_accept_dm_intr */
bool kvm_model_accept_dm_intr(const KVMModel *m, unsigned vcpu)
{
    return kvm_model_accepts_pic(m, vcpu) && !kvm_model_has_extint(m, vcpu);
}

/* svm_interrupt_blocked, vmx_interrupt_blocked */
bool kvm_model_interrupt_allowed(const KVMModel *m, unsigned vcpu)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];

    /* An exit from L2 waits for no shadow; intf is L1's */
    return v->gif && v->intf && (v->guest_mode || !v->shadow);
}

static bool nmi_allowed(const KVMModelVCPU *v)
{
    return v->gif && !v->nmi_masked && !v->shadow;
}

/* kvm_event_needs_reinjection */
bool kvm_model_needs_reinjection(const KVMModelVCPU *v)
{
    return v->exc_injected || v->int_injected || v->nmi_injected;
}

/* kvm_vcpu_ready_for_interrupt_injection */
bool kvm_model_ready(const KVMModel *m, unsigned vcpu)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];

    return kvm_model_interrupt_allowed(m, vcpu) &&
           kvm_model_accept_dm_intr(m, vcpu) &&
           !kvm_model_needs_reinjection(v) && !v->exc_pending;
}

/* kvm_apic_init_sipi_allowed */
static bool init_sipi_allowed(const KVMModelVCPU *v)
{
    return !v->smm && v->gif;
}

/* kvm_vcpu_has_events */
bool kvm_model_has_events(const KVMModel *m, unsigned vcpu)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];

    return ((v->init_pending || v->sipi_pending) && init_sipi_allowed(v)) ||
           v->exc_pending || v->req_nmi ||
           (v->nmi_pending && nmi_allowed(v)) ||
           (v->smi_pending && !v->smm && v->gif) ||
           (kvm_model_interrupt_allowed(m, vcpu) &&
            (kvm_model_has_extint(m, vcpu) ||
             kvm_model_lapic_pending(m, vcpu) >= 0));
}

/* kvm_arch_vcpu_runnable */
bool kvm_model_runnable(const KVMModel *m, unsigned vcpu)
{
    return m->vcpu[vcpu].mp_state == KVM_MP_STATE_RUNNABLE ||
           m->lapic[vcpu].unhalted || kvm_model_has_events(m, vcpu);
}

/* One runs and one is pending; before the first, two are */
void kvm_model_process_nmi(KVMModelVCPU *v)
{
    unsigned limit = v->nmi_masked || v->nmi_injected ? 1 : 2;

    if (v->nmi_pending > limit) {
        v->nmi_pending = limit;
    }
    v->req_event |= !!v->nmi_pending;
}

void kvm_model_nmi(KVMModel *m, unsigned vcpu)
{
    m->vcpu[vcpu].nmi_pending++;
    m->vcpu[vcpu].req_nmi = 1;
    kvm_model_process_nmi(&m->vcpu[vcpu]);
}

/* kvm_vcpu_reset with init_event. pev is not touched. */
void kvm_model_init_reset(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelRegs *r = &m->regs[vcpu];

    kvm_model_lapic_reset(m, vcpu, true);
    v->guest_mode = v->smm = v->smi_pending = 0;
    v->nmi_pending = v->nmi_injected = v->nmi_masked = 0;
    v->int_injected = v->exc_injected = v->exc_pending = 0;
    v->intf = v->shadow = 0;
    v->gif = 1;
    v->frames = v->frame_if = 0;
    memset(r->gpr, 0, sizeof(r->gpr));
    memset(r->frame_rip, 0, sizeof(r->frame_rip));
    r->rip = 0xfff0;
    r->rflags = 2;
    kvm_model_note(m, vcpu, KVM_MODEL_INIT, 0);
}

void kvm_model_set_mp_state(KVMModel *m, unsigned vcpu, unsigned state)
{
    m->vcpu[vcpu].mp_state = state;
    if (state == KVM_MP_STATE_RUNNABLE) {
        m->lapic[vcpu].unhalted = 0;
    }
}

void kvm_model_accept_events(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (!v->init_pending && !v->sipi_pending) {
        return;
    }
    /* INIT stays latched, SIPI is dropped */
    if (!init_sipi_allowed(v)) {
        v->sipi_pending = 0;
        return;
    }
    if (v->init_pending) {
        v->init_pending = 0;
        kvm_model_init_reset(m, vcpu);
        kvm_model_set_mp_state(m, vcpu, v->apicbase & KVM_MODEL_BSP ?
                               KVM_MP_STATE_RUNNABLE :
                               KVM_MP_STATE_INIT_RECEIVED);
    }
    if (v->sipi_pending) {
        v->sipi_pending = 0;
        if (v->mp_state == KVM_MP_STATE_INIT_RECEIVED) {
            m->regs[vcpu].rip = 0;
            kvm_model_set_mp_state(m, vcpu, KVM_MP_STATE_RUNNABLE);
            kvm_model_note(m, vcpu, KVM_MODEL_SIPI, v->sipi_vector);
        }
    }
}

/* kvm_cpu_get_interrupt: the PIC's goes before the local APIC's */
static unsigned get_interrupt(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    unsigned nr;

    if (kvm_model_has_extint(m, vcpu)) {
        nr = v->pev;
        v->pev = KVM_MODEL_EMPTY;
        return nr;
    }
    nr = kvm_model_lapic_pending(m, vcpu);
    kvm_model_lapic_ack(m, vcpu, nr);
    return nr;
}

/* kvm_cpu_has_injectable_intr */
static bool injectable(const KVMModel *m, unsigned vcpu)
{
    return kvm_model_has_extint(m, vcpu) ||
           kvm_model_lapic_pending(m, vcpu) >= 0;
}

static void enter_smm(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    v->smi_pending = 0;
    v->smm = 1;
    kvm_model_push(m, vcpu);
    v->nmi_masked = 1;
    kvm_model_note(m, vcpu, KVM_MODEL_SMI, 0);
}

/*
 * svm_check_nested_events: what waits for L1 ends L2, and then for L1's GIF.
 */
static void nested_events(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (v->guest_mode && !kvm_model_needs_reinjection(v) &&
        (v->nmi_pending ||
         (kvm_model_interrupt_allowed(m, vcpu) && injectable(m, vcpu)))) {
        v->guest_mode = v->gif = 0;
    }
}

/*
 * kvm_check_and_inject_events: one event an entry, by priority. True: there is
 * more to inject at once after it.
 */
bool kvm_model_inject(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    bool can;

    nested_events(m, vcpu);
    can = !kvm_model_needs_reinjection(v);
    /* What was on its way goes first; an NMI then blocks the next */
    if (!v->exc_injected && !v->exc_pending && v->nmi_injected) {
        v->nmi_masked = 1;
    }
    if (v->exc_pending) {
        v->exc_pending = 0;
        v->exc_injected = 1;
        can = false;
    }
    if (v->debug & KVM_MODEL_DEBUG_BLOCKIRQ) {
        return false;
    }
    if (v->smi_pending) {
        if (!can) {
            return true;
        }
        if (!v->smm && v->gif) {
            enter_smm(m, vcpu);
            can = false;
        }
    }
    if (v->nmi_pending) {
        if (!can) {
            return true;
        }
        if (nmi_allowed(v)) {
            v->nmi_pending--;
            v->nmi_injected = v->nmi_masked = 1;
            can = false;
        }
    }
    if (injectable(m, vcpu)) {
        if (!can) {
            return true;
        }
        if (kvm_model_interrupt_allowed(m, vcpu)) {
            v->int_nr = get_interrupt(m, vcpu);
            v->int_injected = 1;
            v->int_soft = 0;
        }
        v->irq_window |= injectable(m, vcpu);
    }
    return false;
}
