/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: the local APIC's page, as it is read, saved and
 * restored (kvm_apic_get_state, kvm_apic_set_state).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"
#include "kvm-model-lapic.h"

#define LVR             0x14u   /* version, and the highest LVT's number */
#define LVR_NO_EOI      0x1000000u
#define LVTS            6

static bool x2apic(const KVMModelVCPU *v)
{
    return v->apicbase & KVM_MODEL_EXTD;
}

static uint32_t word(const uint64_t *map, unsigned reg)
{
    unsigned n = reg >> 4 & 7;

    return map[n / 2] >> (n % 2 * 32);
}

static void set_word(uint64_t *map, unsigned reg, uint32_t val)
{
    unsigned n = reg >> 4 & 7, shift = n % 2 * 32;

    map[n / 2] = (map[n / 2] & ~(0xffffffffull << shift)) |
                 (uint64_t)val << shift;
}

uint32_t kvm_model_lapic_read(const KVMModel *m, unsigned vcpu, unsigned reg)
{
    const KVMModelLAPIC *a = &m->lapic[vcpu];

    switch (reg) {
    case KVM_MODEL_APIC_ID:
        return a->id;
    case KVM_MODEL_APIC_VERSION:
        return LVR | (LVTS - 1) << 16 |
               (m->config.pic_in_kernel ? 0 : LVR_NO_EOI);
    case KVM_MODEL_APIC_TPR:
        return a->tpr;
    case KVM_MODEL_APIC_PPR:
        return kvm_model_ppr(a);
    case KVM_MODEL_APIC_LDR:
        return a->ldr;
    case KVM_MODEL_APIC_DFR:
        return a->dfr;
    case KVM_MODEL_APIC_SVR:
        return a->svr;
    case KVM_MODEL_APIC_ISR ... KVM_MODEL_APIC_ISR + 0x70:
        return word(a->isr, reg);
    case KVM_MODEL_APIC_TMR ... KVM_MODEL_APIC_TMR + 0x70:
        return word(a->tmr, reg);
    case KVM_MODEL_APIC_IRR ... KVM_MODEL_APIC_IRR + 0x70:
        return word(a->irr, reg);
    case KVM_MODEL_APIC_ESR:
        return a->esr;
    case KVM_MODEL_APIC_ICR:
        return a->icr;
    case KVM_MODEL_APIC_ICR2:
        return x2apic(&m->vcpu[vcpu]) ? a->icr >> 32 : a->icr2;
    case KVM_MODEL_APIC_LVT0:
        return m->vcpu[vcpu].lvt0;
    case KVM_MODEL_APIC_LVTT ... KVM_MODEL_APIC_LVTT + 0x20:
    case KVM_MODEL_APIC_LVT0 + 0x10 ... KVM_MODEL_APIC_LVTERR:
        return a->lvt[(reg - KVM_MODEL_APIC_LVTT) >> 4];
    case KVM_MODEL_APIC_TMICT:
        return a->tmict;
    case KVM_MODEL_APIC_TMCCT:
        return a->tmcct;
    case KVM_MODEL_APIC_TDCR:
        return a->tdcr;
    default:
        return 0;
    }
}

void kvm_model_lapic_get(const KVMModel *m, unsigned vcpu, char *regs)
{
    const KVMModelLAPIC *a = &m->lapic[vcpu];

    memset(regs, 0, KVM_APIC_REG_SIZE);
    for (unsigned reg = 0; reg < KVM_APIC_REG_SIZE; reg += 16) {
        uint32_t val = kvm_model_lapic_read(m, vcpu, reg);

        /* kvm_apic_state_fixup: an x2APIC ID looks like an xAPIC's, or not */
        if (reg == KVM_MODEL_APIC_ID && x2apic(&m->vcpu[vcpu]) &&
            !m->config.x2apic_api) {
            val <<= 24;
        }
        memcpy(regs + reg, &val, sizeof(val));
    }
    memcpy(regs + KVM_MODEL_APIC_ICR, &a->icr, sizeof(a->icr));
}

/* The kernel takes the page as it is; what it never shows cannot be set */
int kvm_model_lapic_set(KVMModel *m, unsigned vcpu, const char *regs)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];
    KVMModelLAPIC *a = &m->lapic[vcpu];
    uint32_t page[KVM_APIC_REG_SIZE / 16];

    for (unsigned i = 0; i < KVM_APIC_REG_SIZE / 16; i++) {
        memcpy(&page[i], regs + i * 16, sizeof(page[i]));
    }
    if (x2apic(v) && m->config.x2apic_api &&
        page[KVM_MODEL_APIC_ID >> 4] != vcpu) {
        return -EINVAL;
    }
    if (!x2apic(v)) {
        a->id = page[KVM_MODEL_APIC_ID >> 4];
        a->ldr = page[KVM_MODEL_APIC_LDR >> 4];
    }
    a->tpr = page[KVM_MODEL_APIC_TPR >> 4];
    a->dfr = page[KVM_MODEL_APIC_DFR >> 4];
    a->svr = page[KVM_MODEL_APIC_SVR >> 4];
    a->esr = page[KVM_MODEL_APIC_ESR >> 4];
    a->icr2 = page[KVM_MODEL_APIC_ICR2 >> 4];
    memcpy(&a->icr, regs + KVM_MODEL_APIC_ICR, sizeof(a->icr));
    if (x2apic(v)) {
        a->icr = (uint32_t)a->icr | (uint64_t)a->icr2 << 32;
    }
    for (unsigned i = 0; i < 8; i++) {
        set_word(a->isr, i << 4, page[(KVM_MODEL_APIC_ISR >> 4) + i]);
        set_word(a->tmr, i << 4, page[(KVM_MODEL_APIC_TMR >> 4) + i]);
        set_word(a->irr, i << 4, page[(KVM_MODEL_APIC_IRR >> 4) + i]);
    }
    for (int n = 0; n < LVTS; n++) {
        *kvm_model_lvt(m, vcpu, n) = page[(KVM_MODEL_APIC_LVTT >> 4) + n];
    }
    a->tmict = page[KVM_MODEL_APIC_TMICT >> 4];
    a->tdcr = page[KVM_MODEL_APIC_TDCR >> 4];
    /* apicv_pre_state_restore: what was posted is gone */
    memset(a->pir, 0, sizeof(a->pir));
    a->pi_on = 0;
    /* A one-shot timer that has expired expires once more */
    kvm_model_timer_start(m, vcpu, page[KVM_MODEL_APIC_TMCCT >> 4]);
    v->req_event = 1;
    return 0;
}
