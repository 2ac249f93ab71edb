/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: the local APIC's registers (arch/x86/kvm/lapic.c).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"
#include "kvm-model-lapic.h"

#define SVR_ENABLE      0x100u
#define SVR_BITS        0x3ffu
#define SVR_RESET       0xffu
#define SVR_NO_EOI      0x1000u
#define LVT_SEND        0x1000u
#define LVT_LINT        0xe000u /* polarity, remote IRR, level */
#define TIMER_MODE      0x60000u
#define TIMER_PERIODIC  0x20000u
#define TIMER_DEADLINE  0x40000u
#define ICR_BUSY        0x1000u
#define X2_ICR_RESERVED 0xfff32000u
#define DFR_FLAT        0xffffffffu

enum { TIMER, THERMAL, PMC, LINT0, LINT1, ERROR };

static bool x2apic(const KVMModelVCPU *v)
{
    return v->apicbase & KVM_MODEL_EXTD;
}

static int highest(const uint64_t *map)
{
    for (int i = 3; i >= 0; i--) {
        if (map[i]) {
            return i * 64 + 63 - __builtin_clzll(map[i]);
        }
    }
    return -1;
}

static void put(uint64_t *map, unsigned nr, bool on)
{
    uint64_t bit = 1ull << (nr % 64);

    map[nr / 64] = on ? map[nr / 64] | bit : map[nr / 64] & ~bit;
}

/* __apic_update_ppr */
unsigned kvm_model_ppr(const KVMModelLAPIC *a)
{
    int isr = highest(a->isr);
    unsigned isrv = isr < 0 ? 0 : isr & 0xf0;

    return (a->tpr & 0xf0) >= isrv ? a->tpr & 0xff : isrv;
}

int kvm_model_lapic_pending(const KVMModel *m, unsigned vcpu)
{
    const KVMModelLAPIC *a = &m->lapic[vcpu];
    uint64_t irr[4];
    int irq;

    if (!kvm_model_lapic_on(&m->vcpu[vcpu])) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        irr[i] = a->irr[i] | a->pir[i];
    }
    irq = highest(irr);
    return irq >= 0 && (unsigned)(irq & 0xf0) > kvm_model_ppr(a) ? irq : -1;
}

void kvm_model_lapic_ack(KVMModel *m, unsigned vcpu, unsigned vector)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    kvm_model_sync_pir(m, vcpu);
    put(a->irr, vector, false);
    put(a->isr, vector, true);
}

/* kvm_lapic_set_reg of LVT @n: what the kernel keeps of @val */
static uint32_t lvt_bits(const KVMModelLAPIC *a, int n, uint32_t val)
{
    uint32_t bits = KVM_MODEL_MASKED | LVT_SEND | 0xff;

    switch (n) {
    case TIMER:
        bits |= TIMER_MODE;
        break;
    case THERMAL:
    case PMC:
        bits |= KVM_MODEL_EXTINT;
        break;
    case LINT0:
    case LINT1:
        bits |= KVM_MODEL_EXTINT | LVT_LINT;
        break;
    }
    if (!(a->svr & SVR_ENABLE)) {
        val |= KVM_MODEL_MASKED;
    }
    return val & bits;
}

uint32_t *kvm_model_lvt(KVMModel *m, unsigned vcpu, int n)
{
    return n == LINT0 ? &m->vcpu[vcpu].lvt0 : &m->lapic[vcpu].lvt[n];
}

static void stop_timer(KVMModelLAPIC *a)
{
    a->timer_pending = a->timer_running = 0;
    a->tmcct = 0;
}

/* apic_update_lvtt: to or from deadline mode, the count ends */
static void timer_mode(KVMModelLAPIC *a, uint32_t old)
{
    if ((old ^ a->lvt[TIMER]) & TIMER_DEADLINE) {
        stop_timer(a);
        a->tmict = 0;
    }
}

/* __start_apic_timer with @left to go; 0 left has expired already */
void kvm_model_timer_start(KVMModel *m, unsigned vcpu, uint32_t left)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    stop_timer(a);
    if (!a->tmict || (a->lvt[TIMER] & TIMER_MODE) == TIMER_DEADLINE) {
        return;
    }
    a->timer_running = 1;
    a->tmcct = left && left <= a->tmict ? left : a->tmict;
    /* Time has passed: where a period begins anew, the count is higher */
    a->tmcct -= a->tmcct > 1;
    if (!left && !(a->lvt[TIMER] & TIMER_PERIODIC)) {
        kvm_model_timer_expire(m, vcpu);
    }
}

void kvm_model_timer_expire(KVMModel *m, unsigned vcpu)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    if (!a->timer_running) {
        return;
    }
    a->timer_pending = 1;
    if (a->lvt[TIMER] & TIMER_PERIODIC) {
        a->tmcct = a->tmict;
    } else {
        a->timer_running = 0;
        a->tmcct = 0;
    }
}

bool kvm_model_timer_due(const KVMModel *m, unsigned vcpu)
{
    const KVMModelLAPIC *a = &m->lapic[vcpu];

    return a->timer_pending && kvm_model_lapic_on(&m->vcpu[vcpu]) &&
           (a->svr & SVR_ENABLE) && !(a->lvt[TIMER] & KVM_MODEL_MASKED);
}

void kvm_model_timer_inject(KVMModel *m, unsigned vcpu)
{
    m->lapic[vcpu].timer_pending = 0;
    kvm_model_accept_irq(m, vcpu, &(KVMModelMsg) {
        .mode = KVM_MODEL_FIXED,
        .vector = m->lapic[vcpu].lvt[TIMER] & 0xff,
        .level = true,
    });
}

/* apic_set_spiv; off masks every LVT */
static void set_svr(KVMModel *m, unsigned vcpu, uint32_t val)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    a->svr = val & (SVR_BITS |
                    (m->config.pic_in_kernel ? 0 : SVR_NO_EOI));
    if (a->svr & SVR_ENABLE) {
        return;
    }
    for (int n = TIMER; n <= ERROR; n++) {
        *kvm_model_lvt(m, vcpu, n) |= KVM_MODEL_MASKED;
    }
    a->timer_pending = 0;
}

static void eoi(KVMModel *m, unsigned vcpu)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];
    int vector = highest(a->isr);

    if (vector >= 0) {
        put(a->isr, vector, false);
        m->vcpu[vcpu].req_event = 1;
    }
}

static void set_tpr(KVMModel *m, unsigned vcpu, uint32_t val)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];
    unsigned old = kvm_model_ppr(a);

    a->tpr = val & 0xff;
    if (kvm_model_ppr(a) < old && kvm_model_lapic_pending(m, vcpu) >= 0) {
        m->vcpu[vcpu].req_event = 1;
    }
}

/* kvm_icr_to_lapic_irq */
void kvm_model_send_icr(KVMModel *m, unsigned vcpu, uint64_t icr)
{
    KVMModelMsg msg = {
        .vector = icr & 0xff,
        .mode = icr >> 8 & 7,
        .logical = icr >> 11 & 1,
        .level = icr >> 14 & 1,
        .trigger = icr >> 15 & 1,
        .shorthand = icr >> 18 & 3,
        .dest = x2apic(&m->vcpu[vcpu]) ? icr >> 32 :
                m->lapic[vcpu].icr2 >> 24,
    };

    kvm_model_deliver_msg(m, (int)vcpu, &msg);
}

static bool write_icr(KVMModel *m, unsigned vcpu, uint64_t val)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    if (!x2apic(&m->vcpu[vcpu])) {
        val = (a->icr & ~0xffffffffull) | (uint32_t)val;
    } else if (val & X2_ICR_RESERVED) {
        return false;
    }
    a->icr = val & ~(uint64_t)ICR_BUSY;
    kvm_model_send_icr(m, vcpu, a->icr);
    return true;
}

static bool write_lvt(KVMModel *m, unsigned vcpu, int n, uint32_t val)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];
    uint32_t old = a->lvt[TIMER];

    *kvm_model_lvt(m, vcpu, n) = lvt_bits(a, n, val);
    if (n == TIMER) {
        timer_mode(a, old);
    }
    return true;
}

/* What only one of the modes has; false: not this one */
static bool write_mode(KVMModel *m, unsigned vcpu, unsigned reg, uint32_t val)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    if (x2apic(&m->vcpu[vcpu])) {
        if (reg != KVM_MODEL_APIC_SELF || val > 0xff) {
            return false;
        }
        kvm_model_deliver_msg(m, (int)vcpu, &(KVMModelMsg) {
            .vector = val,
            .shorthand = KVM_MODEL_SELF,
        });
        return true;
    }
    switch (reg) {
    case KVM_MODEL_APIC_ID:
        a->id = val & 0xff000000u;
        return true;
    case KVM_MODEL_APIC_LDR:
        a->ldr = val & 0xff000000u;
        return true;
    case KVM_MODEL_APIC_DFR:
        a->dfr = val | 0x0fffffffu;
        return true;
    case KVM_MODEL_APIC_ICR2:
        a->icr2 = val & 0xff000000u;
        return true;
    default:
        return false;
    }
}

bool kvm_model_lapic_write(KVMModel *m, unsigned vcpu, unsigned reg,
                           uint64_t val)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    if (reg == KVM_MODEL_APIC_ICR) {
        return write_icr(m, vcpu, val);
    }
    if (val >> 32) {
        return false;
    }
    switch (reg) {
    case KVM_MODEL_APIC_TPR:
        set_tpr(m, vcpu, val);
        return true;
    case KVM_MODEL_APIC_EOI:
        eoi(m, vcpu);
        return true;
    case KVM_MODEL_APIC_SVR:
        set_svr(m, vcpu, val);
        return true;
    case KVM_MODEL_APIC_ESR:
        return !x2apic(&m->vcpu[vcpu]) || !val;
    case KVM_MODEL_APIC_LVTT ... KVM_MODEL_APIC_LVTERR:
        return write_lvt(m, vcpu, (reg - KVM_MODEL_APIC_LVTT) >> 4, val);
    case KVM_MODEL_APIC_TMICT:
        a->tmict = val;
        kvm_model_timer_start(m, vcpu, val);
        return true;
    case KVM_MODEL_APIC_TDCR:
        a->tdcr = val & 0xb;
        return true;
    default:
        return write_mode(m, vcpu, reg, val);
    }
}

static void set_id(KVMModel *m, unsigned vcpu)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    if (x2apic(&m->vcpu[vcpu])) {
        a->id = vcpu;
        a->ldr = vcpu >> 4 << 16 | 1u << (vcpu & 15);
    } else {
        a->id = vcpu << 24;
    }
}

bool kvm_model_set_apicbase(KVMModel *m, unsigned vcpu, uint64_t val,
                            bool host)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    uint64_t both = KVM_MODEL_ENABLE | KVM_MODEL_EXTD;
    uint64_t old = v->apicbase;

    if (old == val) {
        return true;
    }
    if ((val & 0x2ff) || val >> 48 || (val & both) == KVM_MODEL_EXTD) {
        return false;
    }
    /* A guest leaves x2APIC mode, and enters it, by one step at a time */
    if (!host && (((old & both) == both && (val & both) == KVM_MODEL_ENABLE) ||
                  (!(old & both) && (val & both) == both))) {
        return false;
    }
    v->apicbase = val;
    /* Only what is switched on is numbered; IRR, ISR and timer stay */
    if ((val & KVM_MODEL_ENABLE) && ((old ^ val) & both)) {
        set_id(m, vcpu);
    }
    return true;
}

void kvm_model_lapic_reset(KVMModel *m, unsigned vcpu, bool init)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelLAPIC *a = &m->lapic[vcpu];
    KVMModelLAPIC was = *a;

    if (!init) {
        v->apicbase = KVM_MODEL_APICBASE | KVM_MODEL_ENABLE |
                      (vcpu ? 0 : KVM_MODEL_BSP);
    }
    *a = (KVMModelLAPIC) {
        .id = was.id,
        .icr = x2apic(v) ? 0 : was.icr & ~0xffffffffull,
        .icr2 = x2apic(v) ? was.icr2 : 0,
        .unhalted = was.unhalted,
        .ldr = x2apic(v) ? was.ldr : 0,
        .dfr = DFR_FLAT,
        .svr = SVR_RESET,
    };
    if (!init) {
        set_id(m, vcpu);
    }
    for (int n = TIMER; n <= ERROR; n++) {
        *kvm_model_lvt(m, vcpu, n) = KVM_MODEL_MASKED;
    }
    a->lvt[LINT0] = 0;
    /* KVM_X86_QUIRK_LINT0_REENABLED; the others have it masked */
    if (!vcpu) {
        v->lvt0 = KVM_MODEL_EXTINT;
    }
}
