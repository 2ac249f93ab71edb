/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: posted interrupts (arch/x86/kvm/vmx/posted_intr.c).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"
#include "kvm-model-lapic.h"

KVMModelPosted kvm_model_post(KVMModel *m, unsigned vcpu, unsigned vector)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];
    uint64_t bit = 1ull << (vector % 64);

    if (a->pir[vector / 64] & bit) {
        return KVM_MODEL_POSTED_ALREADY;
    }
    a->pir[vector / 64] |= bit;
    if (a->pi_on) {
        return KVM_MODEL_POSTED_ALREADY;
    }
    a->pi_on = 1;
    /* Either way it is looked at before the next instruction */
    m->vcpu[vcpu].req_event = 1;
    if (m->vcpu[vcpu].where == KVM_MODEL_GUEST) {
        a->pi_notified++;
        return KVM_MODEL_POSTED_NOTIFY;
    }
    return KVM_MODEL_POSTED_KICK;
}

void kvm_model_sync_pir(KVMModel *m, unsigned vcpu)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];

    if (!a->pi_on || !kvm_model_lapic_on(&m->vcpu[vcpu])) {
        return;
    }
    a->pi_on = 0;
    for (int i = 0; i < 4; i++) {
        a->irr[i] |= a->pir[i];
        a->pir[i] = 0;
    }
}
