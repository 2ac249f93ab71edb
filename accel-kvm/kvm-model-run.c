/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: KVM_RUN (arch/x86/kvm/x86.c).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"

bool kvm_model_signal_pending(const KVMModelVCPU *v)
{
    return v->signal && (v->sigmask == KVM_MODEL_SIGMASK_NONE ? !v->blocked :
                         v->sigmask == KVM_MODEL_SIGMASK_OPEN);
}

KVMModelWhere kvm_model_leave(KVMModel *m, unsigned vcpu, int ret, int reason)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    v->where = KVM_MODEL_USER;
    v->ret = ret;
    if (reason >= 0) {
        v->exit_reason = reason;
    }
    /* post_kvm_run_save */
    v->if_flag = v->intf;
    v->ready = m->config.pic_in_kernel || kvm_model_ready(m, vcpu);
    if (m->config.handler && v->signal && !v->blocked) {
        v->signal = 0;
        v->immediate_exit = 1;
    }
    return KVM_MODEL_USER;
}

/* vcpu_enter_guest; true: instructions run now */
static bool enter_guest(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    bool window = v->window && kvm_model_accept_dm_intr(m, vcpu);
    bool more = false;

    if (v->req_nmi) {
        v->req_nmi = 0;
        kvm_model_process_nmi(v);
    }
    if (v->req_event || window) {
        v->req_event = 0;
        kvm_model_accept_events(m, vcpu);
        if (v->mp_state == KVM_MP_STATE_INIT_RECEIVED) {
            return false;
        }
        more = kvm_model_inject(m, vcpu);
        v->irq_window |= window;
    }
    kvm_model_sync_pir(m, vcpu);
    /* kvm_vcpu_exit_request; what is injected stays so (cancel_injection) */
    if (kvm_model_signal_pending(v)) {
        v->req_event |= more || kvm_model_needs_reinjection(v);
        return false;
    }
    v->where = KVM_MODEL_GUEST;
    kvm_model_deliver(m, vcpu);
    if (v->irq_window && kvm_model_interrupt_allowed(m, vcpu)) {
        v->irq_window = 0;
        more = true;
    }
    v->req_event |= more;
    return !v->req_event;
}

/* vcpu_block; false: sleeps */
static bool wake(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (!kvm_model_runnable(m, vcpu)) {
        /* A signal or the timer wakes it without making it run */
        return kvm_model_signal_pending(v) || kvm_model_timer_due(m, vcpu);
    }
    kvm_model_accept_events(m, vcpu);
    if (v->mp_state == KVM_MP_STATE_INIT_RECEIVED) {
        /* An event that is not for it; the kernel polls, with the same end */
        return kvm_model_signal_pending(v);
    }
    kvm_model_set_mp_state(m, vcpu, KVM_MP_STATE_RUNNABLE);
    return true;
}

/* kvm_arch_vcpu_ioctl_run of an AP before INIT */
static KVMModelWhere uninitialized(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    bool signal = kvm_model_signal_pending(v);

    if (!signal && !kvm_model_runnable(m, vcpu)) {
        v->where = KVM_MODEL_BLOCKED;
        return KVM_MODEL_BLOCKED;
    }
    kvm_model_accept_events(m, vcpu);
    return kvm_model_leave(m, vcpu, signal ? -EINTR : -EAGAIN,
                           signal ? KVM_EXIT_INTR : -1);
}

static bool vcpu_run(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (v->mp_state == KVM_MP_STATE_RUNNABLE) {
        return enter_guest(m, vcpu);
    }
    if (!wake(m, vcpu)) {
        v->where = KVM_MODEL_BLOCKED;
        return true;
    }
    return false;
}

/* The tail of vcpu_run's loop; true: KVM_RUN returns */
static bool returns(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (kvm_model_timer_due(m, vcpu)) {
        kvm_model_timer_inject(m, vcpu);
    }
    /* Before the signal, and also for a vCPU that is halted */
    if (v->window && kvm_model_ready(m, vcpu)) {
        kvm_model_leave(m, vcpu, 0, KVM_EXIT_IRQ_WINDOW_OPEN);
        return true;
    }
    if (kvm_model_signal_pending(v)) {
        kvm_model_leave(m, vcpu, -EINTR, KVM_EXIT_INTR);
        return true;
    }
    return false;
}

static KVMModelWhere run(KVMModel *m, unsigned vcpu)
{
    while (!vcpu_run(m, vcpu) && !returns(m, vcpu)) {
        /* Once more */
    }
    return m->vcpu[vcpu].where;
}

KVMModelWhere kvm_model_exited(KVMModel *m, unsigned vcpu)
{
    return returns(m, vcpu) ? KVM_MODEL_USER : run(m, vcpu);
}

KVMModelWhere kvm_model_enter(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    bool wants = !v->immediate_exit;

    assert(v->where == KVM_MODEL_USER);
    if (v->mp_state == KVM_MP_STATE_UNINITIALIZED) {
        return wants ? uninitialized(m, vcpu) :
               kvm_model_leave(m, vcpu, -EINTR, -1);
    }
    kvm_model_complete_io(m, vcpu);
    if (!wants) {
        return kvm_model_leave(m, vcpu, -EINTR, -1);
    }
    v->exit_reason = KVM_EXIT_UNKNOWN;
    return run(m, vcpu);
}

KVMModelWhere kvm_model_resume(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    switch (v->where) {
    case KVM_MODEL_GUEST:
        if (!v->req_event && !kvm_model_signal_pending(v) &&
            !kvm_model_timer_due(m, vcpu)) {
            return KVM_MODEL_GUEST;
        }
        return kvm_model_exited(m, vcpu);
    case KVM_MODEL_BLOCKED:
        return v->mp_state == KVM_MP_STATE_UNINITIALIZED ?
               uninitialized(m, vcpu) : run(m, vcpu);
    default:
        return KVM_MODEL_USER;
    }
}

KVMModelWhere kvm_model_tick(KVMModel *m, unsigned vcpu)
{
    return m->vcpu[vcpu].where == KVM_MODEL_GUEST ? kvm_model_exited(m, vcpu) :
           kvm_model_resume(m, vcpu);
}

void kvm_model_kick(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (m->config.handler && v->where == KVM_MODEL_USER && !v->blocked) {
        v->immediate_exit = 1;
        return;
    }
    v->signal = 1;
}

void kvm_model_init(KVMModel *m, const KVMModelConfig *config,
                    KVMModelVCPU *vcpu, KVMModelRegs *regs,
                    KVMModelLAPIC *lapic)
{
    *m = (KVMModel) {
        .config = *config,
        .vcpu = vcpu,
        .regs = regs,
        .lapic = lapic,
    };
    memset(vcpu, 0, config->vcpus * sizeof(*vcpu));
    memset(regs, 0, config->vcpus * sizeof(*regs));
    memset(lapic, 0, config->vcpus * sizeof(*lapic));
    for (unsigned i = 0; i < config->vcpus; i++) {
        vcpu[i].pev = KVM_MODEL_EMPTY;
        vcpu[i].gif = 1;
        vcpu[i].mp_state = i ? KVM_MP_STATE_UNINITIALIZED :
                           KVM_MP_STATE_RUNNABLE;
        vcpu[i].req_event = 1;
        regs[i].rip = 0xfff0;
        regs[i].rflags = 2;
        kvm_model_lapic_reset(m, i, false);
    }
}
