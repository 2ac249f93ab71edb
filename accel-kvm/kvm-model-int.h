/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the parts of the model of the kernel, see kvm-model.h.
 */
#ifndef ACCEL_KVM_KVM_MODEL_INT_H
#define ACCEL_KVM_KVM_MODEL_INT_H

#include "kvm-model.h"

/* kvm-model-lapic.c */

/* Highest vector of IRR above PPR, or -1 (kvm_apic_has_interrupt) */
int kvm_model_lapic_pending(const KVMModel *m, unsigned vcpu);
/* IRR to ISR (kvm_apic_ack_interrupt) */
void kvm_model_lapic_ack(KVMModel *m, unsigned vcpu, unsigned vector);
/* A register, by its offset. False: there is none, or it is read-only. */
bool kvm_model_lapic_write(KVMModel *m, unsigned vcpu, unsigned reg,
                           uint64_t val);
/* What a write of @icr sends, the ICR left alone (kvm_apic_send_ipi) */
void kvm_model_send_icr(KVMModel *m, unsigned vcpu, uint64_t icr);
/* kvm_lapic_reset; @init: INIT leaves APICBASE alone */
void kvm_model_lapic_reset(KVMModel *m, unsigned vcpu, bool init);
/* kvm_apic_set_base; false: refused */
bool kvm_model_set_apicbase(KVMModel *m, unsigned vcpu, uint64_t val,
                            bool host);
/* A timer that expired and would deliver (apic_has_pending_timer) */
bool kvm_model_timer_due(const KVMModel *m, unsigned vcpu);
/* kvm_inject_apic_timer_irqs */
void kvm_model_timer_inject(KVMModel *m, unsigned vcpu);
/* __apic_update_ppr; LVT @n; __start_apic_timer with @left to go */
unsigned kvm_model_ppr(const KVMModelLAPIC *a);
uint32_t *kvm_model_lvt(KVMModel *m, unsigned vcpu, int n);
void kvm_model_timer_start(KVMModel *m, unsigned vcpu, uint32_t left);

/* kvm-model-page.c */

uint32_t kvm_model_lapic_read(const KVMModel *m, unsigned vcpu, unsigned reg);
/* KVM_GET_LAPIC, KVM_SET_LAPIC: @regs is the page's first KiB */
void kvm_model_lapic_get(const KVMModel *m, unsigned vcpu, char *regs);
int kvm_model_lapic_set(KVMModel *m, unsigned vcpu, const char *regs);

/* kvm-model-pi.c */

/* PIR into IRR (sync_pir_to_irr) */
void kvm_model_sync_pir(KVMModel *m, unsigned vcpu);

/* kvm-model-inject.c */

void kvm_model_note(const KVMModel *m, unsigned vcpu, KVMModelEvent event,
                    unsigned nr);

bool kvm_model_lapic_on(const KVMModelVCPU *v);
bool kvm_model_has_extint(const KVMModel *m, unsigned vcpu);
/* kvm_cpu_accept_dm_intr */
bool kvm_model_accept_dm_intr(const KVMModel *m, unsigned vcpu);
/* kvm_event_needs_reinjection */
bool kvm_model_needs_reinjection(const KVMModelVCPU *v);
/* kvm_check_and_inject_events; true: more to inject right after it */
bool kvm_model_inject(KVMModel *m, unsigned vcpu);
/* kvm_set_mp_state */
void kvm_model_set_mp_state(KVMModel *m, unsigned vcpu, unsigned state);
/* kvm_apic_accept_events */
void kvm_model_accept_events(KVMModel *m, unsigned vcpu);
/* kvm_inject_nmi, and what limits them (process_nmi) */
void kvm_model_nmi(KVMModel *m, unsigned vcpu);
void kvm_model_process_nmi(KVMModelVCPU *v);
bool kvm_model_has_events(const KVMModel *m, unsigned vcpu);
/* kvm_vcpu_reset for INIT */
void kvm_model_init_reset(KVMModel *m, unsigned vcpu);

/* kvm-model-run.c */

bool kvm_model_signal_pending(const KVMModelVCPU *v);
/* KVM_RUN returns; @reason < 0: exit_reason stays */
KVMModelWhere kvm_model_leave(KVMModel *m, unsigned vcpu, int ret, int reason);
/* After an exit that the kernel has handled (vcpu_run) */
KVMModelWhere kvm_model_exited(KVMModel *m, unsigned vcpu);

/* kvm-model-events.c: the ioctls */

int kvm_model_get_events(KVMModel *m, unsigned vcpu, void *arg);
int kvm_model_set_events(KVMModel *m, unsigned vcpu, void *arg);
int kvm_model_read_mp_state(KVMModel *m, unsigned vcpu, void *arg);
int kvm_model_put_mp_state(KVMModel *m, unsigned vcpu, void *arg);

/* kvm-model-guest.c */

/* I/O that was waiting has its answer (complete_userspace_io) */
void kvm_model_complete_io(KVMModel *m, unsigned vcpu);
/* The injected event reaches the guest */
void kvm_model_deliver(KVMModel *m, unsigned vcpu);
/* The guest is interrupted where it is; IF and shadow end */
void kvm_model_push(KVMModel *m, unsigned vcpu);

#endif /* ACCEL_KVM_KVM_MODEL_INT_H */
