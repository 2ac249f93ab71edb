/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's in-kernel PIC, seen by a guest: a VM with KVM_CREATE_IRQCHIP and one
 * vCPU in real mode, whose LINT0 is ExtINT. One thread. What the host's kernel
 * refuses ends the program.
 */
#ifndef DIFFERENTIAL_KVM_PIC_H
#define DIFFERENTIAL_KVM_PIC_H

#include <linux/kvm.h>
#include "guest.h"

/* guest.S */
extern const uint8_t guest_handler[], guest_handler_end[];

/* The ELCR bits of a PIIX */
#define ELCR_MASTER             0xf8
#define ELCR_SLAVE              0xde

/* Registers of both chips, [0] the master's */
typedef struct PICRegisters {
    struct kvm_pic_state chip[2];
} PICRegisters;

typedef struct KVMPIC {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    uint8_t *memory;
    unsigned code;              /* where the next instruction goes */
    bool old_poll;              /* a poll has no bit 7, as on old kernels */
} KVMPIC;

/* NULL, or why there is none */
const char *kvm_pic_open(KVMPIC *k);
void kvm_pic_close(KVMPIC *k);

/* All lines low, all registers zero, an empty sequence. */
void kvm_pic_begin(KVMPIC *k);

/* Append to the sequence. The guest logs one word at each in and window. */
void kvm_pic_out(KVMPIC *k, uint16_t port, uint8_t val);
void kvm_pic_in(KVMPIC *k, uint16_t port);
void kvm_pic_window(KVMPIC *k);         /* sti, at most one vector, cli */
void kvm_pic_sync(KVMPIC *k);
bool kvm_pic_full(const KVMPIC *k);

/* To the first instruction of the sequence, with an empty log */
void kvm_pic_start(KVMPIC *k);
/* Run to the next sync. False: the guest ended some other way. */
bool kvm_pic_go(KVMPIC *k);
const uint16_t *kvm_pic_log(const KVMPIC *k);

/* While the guest waits at a sync */
void kvm_pic_line(KVMPIC *k, unsigned irq, bool level);
void kvm_pic_get(KVMPIC *k, PICRegisters *regs);
/* Also computes the slave's INT and the master's anew */
void kvm_pic_put(KVMPIC *k, const PICRegisters *regs);

#endif /* DIFFERENTIAL_KVM_PIC_H */
