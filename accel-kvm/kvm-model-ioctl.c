/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: ioctls (kvm_arch_vcpu_ioctl and its helpers).
 */
#include "qemu/osdep.h"
#include <signal.h>
#include <linux/kvm.h>
#include "kvm-model-int.h"
#include "kvm-model-lapic.h"

#define RFLAGS_IF       0x200u
#define RFLAGS_FIXED    0x2u
#define MSR_APICBASE    0x1bu
#define MSR_X2APIC      0x800u
#define MSR_X2APIC_END  0x840u
#define ICR_SHORTHAND   0xc0000u
#define ICR_SELF        0x40000u

static int interrupt(KVMModel *m, unsigned vcpu, void *arg)
{
    const struct kvm_interrupt *irq = arg;
    KVMModelVCPU *v = &m->vcpu[vcpu];

    if (irq->irq >= 256) {
        if (!m->config.icr_interrupt ||
            (irq->irq & ICR_SHORTHAND) != ICR_SELF) {
            return -EINVAL;
        }
        kvm_model_send_icr(m, vcpu, irq->irq);
        return 0;
    }
    if (m->config.pic_in_kernel) {
        return -ENXIO;
    }
    if (v->pev != KVM_MODEL_EMPTY) {
        return -EEXIST;
    }
    v->pev = irq->irq;
    v->req_event = 1;
    return 0;
}

static int get_regs(KVMModel *m, unsigned vcpu, void *arg)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];
    const KVMModelRegs *r = &m->regs[vcpu];
    struct kvm_regs *regs = arg;

    if (v->protected) {
        return -EINVAL;
    }
    memcpy(regs, r->gpr, sizeof(r->gpr));
    regs->rip = r->rip;
    regs->rflags = r->rflags | (v->intf ? RFLAGS_IF : 0);
    return 0;
}

static int set_regs(KVMModel *m, unsigned vcpu, void *arg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelRegs *r = &m->regs[vcpu];
    const struct kvm_regs *regs = arg;

    if (v->protected) {
        return -EINVAL;
    }
    memcpy(r->gpr, regs, sizeof(r->gpr));
    r->rip = regs->rip;
    r->rflags = (regs->rflags & ~(uint64_t)RFLAGS_IF) | RFLAGS_FIXED;
    v->intf = !!(regs->rflags & RFLAGS_IF);
    v->exc_pending = 0;
    v->req_event = 1;
    return 0;
}

/* Of the special registers, what has to do with interrupts */
static int get_sregs(KVMModel *m, unsigned vcpu, void *arg)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];
    struct kvm_sregs *s = arg;

    if (v->protected) {
        return -EINVAL;
    }
    memset(s, 0, sizeof(*s));
    s->apic_base = v->apicbase;
    s->cr8 = m->lapic[vcpu].tpr >> 4 & 0xf;
    if (v->int_injected && !v->int_soft) {
        s->interrupt_bitmap[v->int_nr / 64] |= 1ull << (v->int_nr % 64);
    }
    return 0;
}

static int set_sregs(KVMModel *m, unsigned vcpu, void *arg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    const struct kvm_sregs *s = arg;

    if (v->protected || !kvm_model_set_apicbase(m, vcpu, s->apic_base, true)) {
        return -EINVAL;
    }
    kvm_model_lapic_write(m, vcpu, KVM_MODEL_APIC_TPR, (s->cr8 & 0xf) << 4);
    for (unsigned nr = 0; nr < 256; nr++) {
        if (s->interrupt_bitmap[nr / 64] >> (nr % 64) & 1) {
            v->int_injected = 1;
            v->int_nr = nr;
            v->int_soft = 0;
            break;
        }
    }
    v->req_event = 1;
    return 0;
}

static bool get_msr(KVMModel *m, unsigned vcpu, struct kvm_msr_entry *e)
{
    if (e->index == MSR_APICBASE) {
        e->data = m->vcpu[vcpu].apicbase;
        return true;
    }
    if (e->index < MSR_X2APIC || e->index >= MSR_X2APIC_END ||
        !(m->vcpu[vcpu].apicbase & KVM_MODEL_EXTD)) {
        return false;
    }
    e->data = e->index == MSR_X2APIC + (KVM_MODEL_APIC_ICR >> 4) ?
              m->lapic[vcpu].icr :
              kvm_model_lapic_read(m, vcpu, (e->index - MSR_X2APIC) << 4);
    return true;
}

static bool set_msr(KVMModel *m, unsigned vcpu, struct kvm_msr_entry *e)
{
    if (e->index == MSR_APICBASE) {
        return kvm_model_set_apicbase(m, vcpu, e->data, true);
    }
    return e->index >= MSR_X2APIC && e->index < MSR_X2APIC_END &&
           (m->vcpu[vcpu].apicbase & KVM_MODEL_EXTD) &&
           kvm_model_lapic_write(m, vcpu, (e->index - MSR_X2APIC) << 4,
                                 e->data);
}

/* How many were done before one could not be */
static int msrs(KVMModel *m, unsigned vcpu, struct kvm_msrs *list,
                bool (*one)(KVMModel *, unsigned, struct kvm_msr_entry *))
{
    unsigned n = 0;

    while (n < list->nmsrs && one(m, vcpu, &list->entries[n])) {
        n++;
    }
    return n;
}

/* SVM's state without a guest is a header; VMX's too, while VMX is off */
static int nested_state(KVMModel *m, unsigned vcpu, void *arg)
{
    const KVMModelVCPU *v = &m->vcpu[vcpu];
    struct kvm_nested_state *n = arg;
    uint32_t need = sizeof(*n) +
                    (v->guest_mode ? KVM_STATE_NESTED_SVM_VMCB_SIZE : 0);

    if (!m->config.nested) {
        return -EINVAL;
    }
    if (n->size < need) {
        n->size = need;
        return -E2BIG;
    }
    memset(n, 0, sizeof(*n));
    n->size = need;
    n->flags = v->guest_mode ? KVM_STATE_NESTED_GUEST_MODE : 0;
    n->format = m->config.svm ? KVM_STATE_NESTED_FORMAT_SVM :
                KVM_STATE_NESTED_FORMAT_VMX;
    if (m->config.svm && v->gif) {
        n->flags |= KVM_STATE_NESTED_GIF_SET;
    }
    return 0;
}

static int guest_debug(KVMModel *m, unsigned vcpu, void *arg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    const struct kvm_guest_debug *d = arg;

    if (v->protected) {
        return -EINVAL;
    }
    v->debug = 0;
    if (d->control & KVM_GUESTDBG_ENABLE) {
        v->debug = KVM_MODEL_DEBUG_ON |
            (d->control & KVM_GUESTDBG_SINGLESTEP ? KVM_MODEL_DEBUG_STEP : 0) |
            (d->control & KVM_GUESTDBG_BLOCKIRQ ? KVM_MODEL_DEBUG_BLOCKIRQ : 0);
    }
    return 0;
}

static int signal_mask(KVMModel *m, unsigned vcpu, void *arg)
{
    unsigned signo = m->config.signo ? m->config.signo : SIGUSR1;
    const struct kvm_signal_mask *mask = arg;
    uint64_t set;

    if (!mask) {
        m->vcpu[vcpu].sigmask = KVM_MODEL_SIGMASK_NONE;
        return 0;
    }
    if (mask->len != sizeof(set)) {
        return -EINVAL;
    }
    memcpy(&set, mask->sigset, sizeof(set));
    m->vcpu[vcpu].sigmask = set >> (signo - 1) & 1 ?
                            KVM_MODEL_SIGMASK_BLOCKED : KVM_MODEL_SIGMASK_OPEN;
    return 0;
}

static int smi(KVMModel *m, unsigned vcpu)
{
    if (!m->config.smm) {
        return -ENOTTY;
    }
    m->vcpu[vcpu].smi_pending = 1;
    m->vcpu[vcpu].req_event = 1;
    return 0;
}

static int run(KVMModel *m, unsigned vcpu)
{
    KVMModelWhere where = kvm_model_enter(m, vcpu);
    KVMModelInsn insn;

    while (where != KVM_MODEL_USER) {
        if (where == KVM_MODEL_GUEST && m->config.fetch &&
            m->config.fetch(m->config.opaque, vcpu, m->regs[vcpu].rip,
                            &insn)) {
            where = kvm_model_step(m, vcpu, &insn);
            if (where == KVM_MODEL_GUEST) {
                where = kvm_model_tick(m, vcpu);
            }
            continue;
        }
        /* Nothing more happens: somebody's signal ends it */
        m->vcpu[vcpu].signal = 1;
        if (!kvm_model_signal_pending(&m->vcpu[vcpu])) {
            return -EDEADLK;
        }
        where = kvm_model_resume(m, vcpu);
        m->vcpu[vcpu].signal = 0;
    }
    return m->vcpu[vcpu].ret;
}

int kvm_model_vcpu_ioctl(KVMModel *m, unsigned vcpu, unsigned long request,
                         void *arg)
{
    switch (request) {
    case KVM_RUN:
        return run(m, vcpu);
    case KVM_INTERRUPT:
        return interrupt(m, vcpu, arg);
    case KVM_GET_REGS:
        return get_regs(m, vcpu, arg);
    case KVM_SET_REGS:
        return set_regs(m, vcpu, arg);
    case KVM_GET_SREGS:
        return get_sregs(m, vcpu, arg);
    case KVM_SET_SREGS:
        return set_sregs(m, vcpu, arg);
    case KVM_GET_VCPU_EVENTS:
        return kvm_model_get_events(m, vcpu, arg);
    case KVM_SET_VCPU_EVENTS:
        return kvm_model_set_events(m, vcpu, arg);
    case KVM_GET_MP_STATE:
        return kvm_model_read_mp_state(m, vcpu, arg);
    case KVM_SET_MP_STATE:
        return kvm_model_put_mp_state(m, vcpu, arg);
    case KVM_GET_LAPIC:
        kvm_model_sync_pir(m, vcpu);
        kvm_model_lapic_get(m, vcpu, ((struct kvm_lapic_state *)arg)->regs);
        return 0;
    case KVM_SET_LAPIC:
        return kvm_model_lapic_set(m, vcpu,
                                   ((struct kvm_lapic_state *)arg)->regs);
    case KVM_GET_MSRS:
        return msrs(m, vcpu, arg, get_msr);
    case KVM_SET_MSRS:
        return msrs(m, vcpu, arg, set_msr);
    case KVM_NMI:
        kvm_model_nmi(m, vcpu);
        return 0;
    case KVM_SMI:
        return smi(m, vcpu);
    case KVM_GET_NESTED_STATE:
        return nested_state(m, vcpu, arg);
    case KVM_SET_GUEST_DEBUG:
        return guest_debug(m, vcpu, arg);
    case KVM_SET_SIGNAL_MASK:
        return signal_mask(m, vcpu, arg);
    default:
        return -ENOTTY;
    }
}

KVMModelMsg kvm_model_msi(uint32_t address, uint32_t data)
{
    return (KVMModelMsg) {
        .dest = address >> 12 & 0xff,
        .logical = address >> 2 & 1,
        .redirect = address >> 3 & 1,
        .vector = data & 0xff,
        .mode = data >> 8 & 7,
        .trigger = data >> 15 & 1,
        .level = true,
    };
}

int kvm_model_vm_ioctl(KVMModel *m, unsigned long request, void *arg)
{
    const struct kvm_msi *msi = arg;
    KVMModelMsg msg;

    if (request != KVM_SIGNAL_MSI) {
        return -ENOTTY;
    }
    /* kvm_msi_route_invalid: address_hi counts, and its low byte is reserved */
    if ((msi->flags & ~KVM_MSI_VALID_DEVID) ||
        (m->config.x2apic_api && (msi->address_hi & 0xff))) {
        return -EINVAL;
    }
    msg = kvm_model_msi(msi->address_lo, msi->data);
    if (m->config.x2apic_api) {
        msg.dest |= msi->address_hi;
    }
    /* -1 for nobody is what the kernel returns, too: -EPERM */
    return kvm_model_deliver_msg(m, -1, &msg);
}
