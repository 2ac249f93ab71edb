/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the kernel is told of a message or a pin: what lapic-send.c makes of them
 * in ioctls. All results: 1: taken; 0: nobody took it; -errno: the kernel's.
 */
#ifndef TARGET_I386_LAPIC_DELIVER_H
#define TARGET_I386_LAPIC_DELIVER_H

#include "lapic-send.h"

/* Any thread */

/* The MSI's form that @dest needs */
LapicForm lapic_msi_form(const LapicSend *s, uint32_t dest);
/* KVM_SIGNAL_MSI with a message that has been checked for @form */
int lapic_signal(LapicSend *s, const LapicMsg *msg, LapicForm form);
/* The same to the local APIC with the physical number @dest */
int lapic_signal_dest(LapicSend *s, const LapicMsg *msg, uint32_t dest);

/* vCPU's thread */

/* A message to the vCPU's own APIC; its destination is not looked at */
int lapic_deliver(LapicSend *s, unsigned vcpu, const LapicMsg *msg);
/* 0: LVT1 does not let it through */
int lapic_deliver_pin_nmi(LapicSend *s, unsigned vcpu);
int lapic_deliver_pin_init(LapicSend *s, unsigned vcpu);
int lapic_deliver_pin_smi(LapicSend *s, unsigned vcpu);
/* KVM_INTERRUPT with an ICR word */
int lapic_deliver_icr(LapicSend *s, unsigned vcpu, uint32_t icr);

#endif /* TARGET_I386_LAPIC_DELIVER_H */
