/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's end of the port with a will of its own.
 */
#include "qemu/osdep.h"
#include "kernel.h"

#define APIC_ID         0x20
#define APIC_SVR        0xf0
#define APIC_LVTT       0x320
#define APIC_LVT0       0x350
#define SVR_ENABLED     0x100u
#define LVT_MASKED      0x10000u

static uint32_t lapic(const KernelVCPU *v, unsigned reg)
{
    uint32_t val;

    memcpy(&val, v->lapic.regs + reg, sizeof(val));
    return val;
}

static void set_lapic(KernelVCPU *v, unsigned reg, uint32_t val)
{
    memcpy(v->lapic.regs + reg, &val, sizeof(val));
}

void kernel_set_svr(KernelVCPU *v, bool enabled)
{
    set_lapic(v, APIC_SVR, enabled ? 0xff | SVR_ENABLED : 0xff);
    if (!enabled) {
        set_lapic(v, APIC_LVT0, lapic(v, APIC_LVT0) | LVT_MASKED);
    }
}

uint32_t kernel_lvt0(const KernelVCPU *v)
{
    return lapic(v, APIC_LVT0);
}

void kernel_set_lvt0(KernelVCPU *v, uint32_t val)
{
    bool enabled = lapic(v, APIC_SVR) & SVR_ENABLED;

    set_lapic(v, APIC_LVT0, enabled ? val : val | LVT_MASKED);
}

void kernel_set_apic_id(KernelVCPU *v, uint8_t id)
{
    if (!(v->apicbase & APICBASE_EXTD)) {
        set_lapic(v, APIC_ID, (uint32_t)id << 24);
    }
}

void kernel_set_apicbase(KernelVCPU *v, unsigned vcpu, uint64_t val)
{
    uint64_t on = val & ~v->apicbase;

    if (on & (APICBASE_ENABLE | APICBASE_EXTD)) {
        set_lapic(v, APIC_ID, val & APICBASE_EXTD ? vcpu : vcpu << 24);
    }
    v->apicbase = val;
}

bool kernel_accepts_pic(const KernelVCPU *v)
{
    return !(v->apicbase & APICBASE_ENABLE) ||
           (lapic(v, APIC_LVT0) & 0x10700) == 0x700;
}

bool kernel_interrupt_allowed(const KernelVCPU *v)
{
    return (v->regs.rflags & RFLAGS_IF) && !v->events.interrupt.shadow &&
           v->gif && !v->l2;
}

static bool event_waits(const KernelVCPU *v)
{
    return v->injected.vector != NO_VECTOR || v->events.exception.injected ||
           v->events.exception.pending || v->events.nmi.injected;
}

bool kernel_is_ready(const KernelVCPU *v)
{
    return kernel_interrupt_allowed(v) && kernel_accepts_pic(v) &&
           v->pev.vector == NO_VECTOR && !event_waits(v);
}

bool kernel_wakes(const KernelVCPU *v)
{
    bool pic = v->pev.vector != NO_VECTOR && kernel_accepts_pic(v);

    return v->events.exception.pending || v->events.triple_fault.pending ||
           v->events.smi.pending ||
           (v->events.nmi.pending && !v->events.nmi.masked) ||
           (kernel_interrupt_allowed(v) && (pic || v->lapic_irr));
}

void kernel_return(Kernel *k, unsigned vcpu)
{
    KernelVCPU *v = &k->vcpu[vcpu];

    v->ready = kernel_is_ready(v);
    v->immediate_exit = false;
    v->exit_request = false;
    v->signal = false;
    k->in_guest[vcpu] = false;
}

void kernel_inject(KernelVCPU *v)
{
    struct kvm_vcpu_events *e = &v->events;

    if (e->triple_fault.pending) {
        return;
    }
    if (e->smi.pending && !e->smi.smm) {
        e->smi.pending = 0;
        e->smi.smm = 1;
        v->regs.rflags &= ~(uint64_t)RFLAGS_IF;
        return;
    }
    if (e->exception.pending && !e->exception.injected) {
        e->exception.pending = 0;
        e->exception.injected = 1;
    }
    if (e->exception.injected || e->nmi.injected ||
        v->injected.vector != NO_VECTOR) {
        return;
    }
    if (e->nmi.pending && !e->nmi.masked) {
        e->nmi.pending = 0;
        e->nmi.injected = 1;
    } else if (kernel_interrupt_allowed(v)) {
        if (v->pev.vector != NO_VECTOR && kernel_accepts_pic(v)) {
            v->injected = v->pev;
            v->pev = (Slot) { NO_VECTOR };
        } else if (v->lapic_irr && (v->apicbase & APICBASE_ENABLE)) {
            v->injected = (Slot) { LAPIC_VECTOR, LAPIC_SERIAL };
            v->lapic_irr = false;
        }
    }
}

void kernel_deliver(Kernel *k, unsigned vcpu)
{
    KernelVCPU *v = &k->vcpu[vcpu];
    Slot what = v->injected;

    if (what.vector != NO_VECTOR) {
        v->injected.vector = NO_VECTOR;
        v->regs.rflags &= ~(uint64_t)RFLAGS_IF;
        k->delivered(vcpu, what);
    }
    if (v->events.nmi.injected || v->events.exception.injected) {
        v->regs.rflags &= ~(uint64_t)RFLAGS_IF;
    }
    v->events.nmi.injected = 0;
    v->events.exception.injected = 0;
    v->events.interrupt.shadow = 0;
}

void kernel_init(Kernel *k)
{
    k->port.ops = &kernel_port_ops;
    for (unsigned i = 0; i < VCPUS; i++) {
        k->vcpu[i] = (KernelVCPU) {
            .mp_state = KVM_MP_STATE_RUNNABLE,
            .apicbase = 0xfee00000 | APICBASE_ENABLE,
            .gif = true,
            .pev = { NO_VECTOR },
            .injected = { NO_VECTOR },
            .read = { NO_VECTOR },
        };
        set_lapic(&k->vcpu[i], APIC_LVTT, LVT_MASKED);
        set_lapic(&k->vcpu[i], APIC_LVT0, LVT_MASKED);
        kernel_set_apic_id(&k->vcpu[i], (uint8_t)i);
    }
}
