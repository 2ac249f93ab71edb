/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of lapic-send.c stand on: vCPUs of the model of the kernel, a
 * port that writes every ioctl down, and calls to a vCPU's thread that are made
 * when the test says so.
 */
#ifndef LAPIC_SEND_BENCH_H
#define LAPIC_SEND_BENCH_H

#include "kvm-model.h"
#include "kvm-model-port.h"
#include "lapic-send.h"

#define VCPUS   301
#define TO      1               /* whom it is about */
#define V       0x51
#define SIPI    0x12

extern KVMModel model;
extern KVMModelVCPU cpu[VCPUS];
extern KVMModelLAPIC apic[VCPUS];
extern LapicSend sender;
extern LapicSendVCPU vcpus[VCPUS];

/*
 * What was done: "msi | lapic msi" is a KVM_SIGNAL_MSI at once, then on the
 * vCPU's own thread KVM_GET_LAPIC and another one.
 */
extern GString *way;
extern unsigned waiting;        /* calls that have not been made */
extern bool no_defer;           /* the port knows no vCPU */
extern bool defer_now;          /* its thread is quick: the call is made */
extern unsigned before_inits;
extern struct kvm_msi last_msi;
/* That ioctl fails, with fail_errno < 0; 0: none */
extern unsigned long fail_request;
extern int fail_errno;
/* Once, before that ioctl; NULL: nothing */
extern unsigned long hook_request;
extern void (*hook)(void);

/* What the vCPU it is about is */
typedef enum State {
    ON, SW_OFF, HW_OFF, HALTED, WAITS, IN_SMM, X2APIC, RENUMBERED, STATES
} State;

void bench_init(void);
/* All anew: @n vCPUs with their APICs on and LVT1 in NMI mode, one in @state */
void setup_vm(unsigned n, bool x2apic_api, bool proposal, State state);
/* Three of a stock kernel's */
void setup(State state);
void set_apicbase(unsigned vcpu, uint64_t base);
const char *state_name(State state);

/* The vCPUs' threads make the calls */
void threads(void);
/*
 * INIT and SIPI are carried out, as by KVM_RUN: KVM_GET_MP_STATE does that, too
 */
unsigned mp_state(unsigned vcpu);

/* All there is of the vCPUs, but for whether the kernel looks at them anew */
void everything(GByteArray *all);
/* Remember it; it is as it was */
void keep(void);
void same(void);

/* In a map of KVMModelLAPIC */
bool in(const uint64_t *map, unsigned nr);

/* A message to itself, and to vCPU TO */
LapicMsg self(LapicDelivery delivery);
int send_self(LapicDelivery delivery);

#endif /* LAPIC_SEND_BENCH_H */
