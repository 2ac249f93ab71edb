/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: events and states that user space saves and
 * restores (arch/x86/kvm/x86.c).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"

#define EXC_NMI         2
#define EXC_BP          3
#define EXC_OF          4

int kvm_model_get_events(KVMModel *m, unsigned vcpu, void *arg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    struct kvm_vcpu_events *e = arg;

    kvm_model_process_nmi(v);
    memset(e, 0, sizeof(*e));
    /* INT3 and INTO are executed again instead */
    if (v->exc_nr != EXC_BP && v->exc_nr != EXC_OF) {
        e->exception.injected = v->exc_injected |
                                (!m->config.payload && v->exc_pending);
        e->exception.pending = v->exc_pending;
    }
    e->exception.nr = v->exc_nr;
    e->exception.has_error_code = v->exc_has_error;
    e->exception.error_code = m->regs[vcpu].exc_error;
    e->interrupt.injected = v->int_injected && !v->int_soft;
    e->interrupt.nr = v->int_nr;
    e->interrupt.shadow = v->shadow;
    e->nmi.injected = v->nmi_injected;
    e->nmi.pending = v->nmi_pending;
    e->nmi.masked = v->nmi_masked;
    e->smi.smm = v->smm;
    e->smi.pending = v->smi_pending;
    e->smi.latched_init = v->init_pending;
    e->flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW |
               KVM_VCPUEVENT_VALID_SMM;
    if (m->config.payload) {
        e->flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
    }
    return 0;
}

static void set_smi(KVMModelVCPU *v, const struct kvm_vcpu_events *e)
{
    v->smm = !!e->smi.smm;
    v->smi_pending = !!e->smi.pending;
    v->init_pending = !!e->smi.latched_init;
}

/* The numbers of what there is; of nothing, 0 */
static void set_injected(KVMModelVCPU *v, KVMModelRegs *r,
                         const struct kvm_vcpu_events *e)
{
    bool exception;

    /* Pending and injected is pending */
    v->exc_injected = e->exception.injected && !v->exc_pending;
    exception = v->exc_injected || v->exc_pending;
    v->exc_nr = exception ? e->exception.nr : 0;
    v->exc_has_error = exception && e->exception.has_error_code;
    r->exc_error = exception ? e->exception.error_code : 0;
    v->int_injected = !!e->interrupt.injected;
    v->int_nr = v->int_injected ? e->interrupt.nr : 0;
    v->int_soft = v->int_injected && e->interrupt.soft;
}

int kvm_model_set_events(KVMModel *m, unsigned vcpu, void *arg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    const struct kvm_vcpu_events *e = arg;
    uint32_t valid = KVM_VCPUEVENT_VALID_NMI_PENDING |
                     KVM_VCPUEVENT_VALID_SIPI_VECTOR |
                     KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_SMM |
                     (m->config.payload ? KVM_VCPUEVENT_VALID_PAYLOAD : 0);
    bool pending = (e->flags & KVM_VCPUEVENT_VALID_PAYLOAD) &&
                   e->exception.pending;

    if (e->flags & ~valid) {
        return -EINVAL;
    }
    if ((e->exception.injected || pending) &&
        (e->exception.nr > 31 || e->exception.nr == EXC_NMI)) {
        return -EINVAL;
    }
    /*
     * SMM latches INIT, so the two do not go together: as kernels have it
     * whose KVM_RUN does not refuse it later.
     */
    if (m->config.smm && (e->flags & KVM_VCPUEVENT_VALID_SMM) &&
        (e->smi.smm || e->smi.pending) &&
        v->mp_state == KVM_MP_STATE_INIT_RECEIVED) {
        return -EINVAL;
    }
    v->exc_pending = pending;
    set_injected(v, &m->regs[vcpu], e);
    if (e->flags & KVM_VCPUEVENT_VALID_SHADOW) {
        v->shadow = e->interrupt.shadow & (KVM_MODEL_SHADOW_MOV_SS |
                                            KVM_MODEL_SHADOW_STI);
    }
    v->nmi_injected = !!e->nmi.injected;
    v->nmi_masked = !!e->nmi.masked;
    if (e->flags & KVM_VCPUEVENT_VALID_NMI_PENDING) {
        v->nmi_pending = e->nmi.pending;
        v->req_nmi |= !!e->nmi.pending;
    }
    kvm_model_process_nmi(v);
    if (e->flags & KVM_VCPUEVENT_VALID_SIPI_VECTOR) {
        v->sipi_vector = e->sipi_vector;
    }
    if (e->flags & KVM_VCPUEVENT_VALID_SMM) {
        if (!m->config.smm && (e->smi.smm || e->smi.pending)) {
            return -EINVAL;
        }
        set_smi(v, e);
    }
    v->req_event = 1;
    return 0;
}

int kvm_model_read_mp_state(KVMModel *m, unsigned vcpu, void *arg)
{
    struct kvm_mp_state *mp = arg;

    kvm_model_accept_events(m, vcpu);
    mp->mp_state = m->vcpu[vcpu].mp_state;
    if ((mp->mp_state == KVM_MP_STATE_HALTED ||
         mp->mp_state == KVM_MP_STATE_AP_RESET_HOLD) &&
        m->lapic[vcpu].unhalted) {
        mp->mp_state = KVM_MP_STATE_RUNNABLE;
    }
    return 0;
}

int kvm_model_put_mp_state(KVMModel *m, unsigned vcpu, void *arg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    const struct kvm_mp_state *mp = arg;
    bool waits = mp->mp_state == KVM_MP_STATE_INIT_RECEIVED ||
                 mp->mp_state == KVM_MP_STATE_SIPI_RECEIVED;

    if (mp->mp_state > KVM_MP_STATE_SIPI_RECEIVED &&
        mp->mp_state != KVM_MP_STATE_AP_RESET_HOLD) {
        return -EINVAL;
    }
    if (waits && (v->smm || v->smi_pending || !v->gif)) {
        return -EINVAL;
    }
    kvm_model_set_mp_state(m, vcpu, waits ? KVM_MP_STATE_INIT_RECEIVED :
                           mp->mp_state);
    v->sipi_pending |= mp->mp_state == KVM_MP_STATE_SIPI_RECEIVED;
    v->req_event = 1;
    return 0;
}
