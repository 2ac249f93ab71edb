/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: the processor between two exits.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"

#define RFLAGS_IF       0x200u
#define RFLAGS_FIXED    0x2u
#define MSR_APICBASE    0x1bu
#define MSR_X2APIC      0x800u
#define EXC_GP          13

void kvm_model_push(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelRegs *r = &m->regs[vcpu];

    if (v->frames == KVM_MODEL_FRAMES) {
        v->frames--;
        v->frame_if >>= 1;
        memmove(r->frame_rip, r->frame_rip + 1,
                sizeof(r->frame_rip) - sizeof(r->frame_rip[0]));
    }
    r->frame_rip[v->frames] = r->rip;
    v->frame_if |= v->intf << v->frames;
    v->frames++;
    v->intf = v->shadow = 0;
}

static void pop(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelRegs *r = &m->regs[vcpu];

    if (!v->frames) {
        return;
    }
    v->frames--;
    v->intf = v->frame_if >> v->frames & 1;
    v->frame_if &= ~(1u << v->frames);
    r->rip = r->frame_rip[v->frames];
    r->frame_rip[v->frames] = 0;
}

/* Through an interrupt gate */
static void take(KVMModel *m, unsigned vcpu, KVMModelEvent event, unsigned nr)
{
    kvm_model_push(m, vcpu);
    if (m->config.handlers || m->config.stride) {
        m->regs[vcpu].rip = m->config.handlers + nr * m->config.stride;
    }
    kvm_model_note(m, vcpu, event, nr);
}

void kvm_model_deliver(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (v->exc_injected) {
        take(m, vcpu, KVM_MODEL_EXCEPTION, v->exc_nr);
    } else if (v->nmi_injected) {
        v->nmi_masked = 1;
        take(m, vcpu, KVM_MODEL_NMI, 2);
    } else if (v->int_injected) {
        take(m, vcpu, KVM_MODEL_INTERRUPT, v->int_nr);
    }
    /*
     * One is handed over; no other survives the exit. The kernel keeps the
     * numbers, but nobody uses them: the same state is the same bytes here.
     */
    v->exc_injected = v->nmi_injected = v->int_injected = 0;
    v->exc_nr = v->exc_has_error = v->int_nr = 0;
    m->regs[vcpu].exc_error = 0;
}

/* kvm_queue_exception: the kernel's own, to be injected at the next entry */
static void queue_gp(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    v->exc_pending = 1;
    v->exc_nr = EXC_GP;
    v->exc_has_error = 1;
    m->regs[vcpu].exc_error = 0;
    v->req_event = 1;
}

void kvm_model_complete_io(KVMModel *m, unsigned vcpu)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelRegs *r = &m->regs[vcpu];

    if (v->io_wait & KVM_MODEL_IO_IN) {
        unsigned size = v->io_wait >> KVM_MODEL_IO_SIZE;
        /* A write of EAX clears the upper half, one of AL or AX nothing */
        uint64_t keep = size == 4 ? 0 : ~0ull << (8 * size);

        r->gpr[0] = (r->gpr[0] & keep) | r->io_data;
    }
    if (v->io_wait & KVM_MODEL_IO_SKIP) {
        r->rip += v->io_len;
        v->shadow = 0;
    }
    v->io_wait = v->io_len = 0;
}

static KVMModelWhere io(KVMModel *m, unsigned vcpu, const KVMModelInsn *insn)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    bool in = insn->op == KVM_MODEL_IN;

    v->io_port = insn->reg;
    v->io_wait = in ? KVM_MODEL_IO_IN | KVM_MODEL_IO_SKIP |
                      (insn->val ? insn->val : 1) << KVM_MODEL_IO_SIZE :
                 m->config.fast_pio ? KVM_MODEL_IO_SKIP : 0;
    v->io_len = v->io_wait ? insn->len : 0;
    m->regs[vcpu].io_data = in ? 0 : insn->val;
    if (!v->io_wait) {
        m->regs[vcpu].rip += insn->len;
        v->shadow = 0;
    }
    return kvm_model_leave(m, vcpu, 0, KVM_EXIT_IO);
}

static KVMModelWhere halt(KVMModel *m, unsigned vcpu, const KVMModelInsn *insn)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    m->regs[vcpu].rip += insn->len;
    v->shadow = 0;
    if (!kvm_model_has_events(m, vcpu) && !m->lapic[vcpu].unhalted) {
        v->mp_state = KVM_MP_STATE_HALTED;
    }
    m->lapic[vcpu].unhalted = 0;
    return kvm_model_exited(m, vcpu);
}

/* False: #GP */
static bool wrmsr(KVMModel *m, unsigned vcpu, const KVMModelInsn *insn)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (insn->reg == MSR_APICBASE) {
        return kvm_model_set_apicbase(m, vcpu, insn->val, false);
    }
    return insn->reg >= MSR_X2APIC && insn->reg < MSR_X2APIC + 0x40 &&
           (v->apicbase & KVM_MODEL_EXTD) &&
           kvm_model_lapic_write(m, vcpu, (insn->reg - MSR_X2APIC) << 4,
                                 insn->val);
}

/* What exits to the kernel and is handled there; the APIC page is a hole */
static KVMModelWhere handled(KVMModel *m, unsigned vcpu,
                             const KVMModelInsn *insn)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    bool done = true;

    switch (insn->op) {
    case KVM_MODEL_APIC_WRITE:
        if (kvm_model_lapic_on(v) && !(v->apicbase & KVM_MODEL_EXTD)) {
            kvm_model_lapic_write(m, vcpu, insn->reg, (uint32_t)insn->val);
        }
        break;
    case KVM_MODEL_WRMSR:
        done = wrmsr(m, vcpu, insn);
        break;
    case KVM_MODEL_RSM:
        if (v->smm) {
            v->smm = v->nmi_masked = 0;
            pop(m, vcpu);
            v->req_event = 1;
            return kvm_model_exited(m, vcpu);
        }
        break;
    case KVM_MODEL_CLGI:
        v->gif = 0;
        break;
    case KVM_MODEL_STGI:
        v->gif = 1;
        v->req_event = 1;
        break;
    case KVM_MODEL_VMRUN:
        v->guest_mode = v->gif = 1;
        v->req_event = 1;
        break;
    case KVM_MODEL_VMEXIT:
        v->guest_mode = v->gif = 0;
        break;
    }
    if (done) {
        m->regs[vcpu].rip += insn->len;
        v->shadow = 0;
    } else {
        queue_gp(m, vcpu);
    }
    return kvm_model_exited(m, vcpu);
}

static void set_if(KVMModelVCPU *v, bool intf)
{
    /* intf is L1's; L2 has one of its own, which nothing here looks at */
    if (!v->guest_mode) {
        v->intf = intf;
    }
}

/* What the processor does by itself. Returns the shadow that it leaves. */
static uint8_t execute(KVMModel *m, unsigned vcpu, const KVMModelInsn *insn)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelRegs *r = &m->regs[vcpu];
    uint8_t shadow = 0;

    r->rip += insn->len;
    switch (insn->op) {
    case KVM_MODEL_CLI:
        set_if(v, false);
        break;
    case KVM_MODEL_STI:
        shadow = v->intf || v->guest_mode ? 0 : KVM_MODEL_SHADOW_STI;
        set_if(v, true);
        break;
    case KVM_MODEL_MOV_SS:
        /* The second of two in a row casts none */
        shadow = ~v->shadow & KVM_MODEL_SHADOW_MOV_SS;
        break;
    case KVM_MODEL_POPF:
        r->rflags = (insn->val & ~(uint64_t)RFLAGS_IF) | RFLAGS_FIXED;
        set_if(v, insn->val & RFLAGS_IF);
        break;
    case KVM_MODEL_IRET:
        pop(m, vcpu);
        v->req_event |= v->nmi_masked && v->nmi_pending;
        v->nmi_masked = 0;
        break;
    case KVM_MODEL_RAISE:
        take(m, vcpu, KVM_MODEL_EXCEPTION, insn->val);
        break;
    case KVM_MODEL_INT:
        take(m, vcpu, KVM_MODEL_SOFT, insn->val);
        break;
    case KVM_MODEL_MOV:
        r->gpr[insn->reg & 15] = insn->val;
        break;
    }
    return shadow;
}

KVMModelWhere kvm_model_step(KVMModel *m, unsigned vcpu,
                             const KVMModelInsn *insn)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    uint8_t shadow = v->shadow;

    assert(v->where == KVM_MODEL_GUEST);
    switch (insn->op) {
    case KVM_MODEL_HLT:
        return halt(m, vcpu, insn);
    case KVM_MODEL_OUT:
    case KVM_MODEL_IN:
        return io(m, vcpu, insn);
    case KVM_MODEL_APIC_WRITE:
    case KVM_MODEL_WRMSR:
    case KVM_MODEL_RSM:
    case KVM_MODEL_CLGI:
    case KVM_MODEL_STGI:
    case KVM_MODEL_VMRUN:
    case KVM_MODEL_VMEXIT:
        return handled(m, vcpu, insn);
    }
    v->shadow = execute(m, vcpu, insn);
    /* An NMI that was kept out by the shadow: the kernel steps over it */
    v->req_event |= shadow && !v->shadow && v->nmi_pending;
    if (v->debug & KVM_MODEL_DEBUG_STEP) {
        return kvm_model_leave(m, vcpu, 0, KVM_EXIT_DEBUG);
    }
    if (v->irq_window && kvm_model_interrupt_allowed(m, vcpu)) {
        v->irq_window = 0;
        v->req_event = 1;
    }
    return kvm_model_resume(m, vcpu);
}
