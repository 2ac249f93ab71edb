/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scenario runs on: the kernel, or the model of its contract.
 */
#ifndef CONTRACT_END_H
#define CONTRACT_END_H

#include <linux/kvm.h>
#include "kvm-port.h"
#include "guest.h"

/* An answer to IN, and where the board's ROM would be is nothing */
#define END_IN_DATA     0x5a

typedef struct EndConfig {
    unsigned vcpus;
    bool pic_in_kernel;
    bool payload;               /* KVM_CAP_EXCEPTION_PAYLOAD */
} EndConfig;

/* How a KVM_RUN ended */
typedef struct EndExit {
    int ret;                    /* 0 or -errno */
    unsigned reason;            /* KVM_EXIT_*, if ret is 0 */
    unsigned detail;            /* the port, or the EOI's vector */
    bool blocked;               /* it slept and nothing was to wake it */
    bool hung;                  /* the guest ran on and on */
} EndExit;

typedef struct End End;

typedef struct EndOps {
    const char *name;
    /* A new VM whose vCPUs have run nothing; NULL: errno */
    End *(*open)(const EndConfig *config, const Guest *guests);
    void (*close)(End *end);
    /* The guests' code is put into the memory. */
    void (*load)(End *end);
    /* KVM_RUN till the guest has something to say, sleeps or is hung */
    void (*run)(End *end, unsigned vcpu, EndExit *exit);
    bool (*ready)(End *end, unsigned vcpu);
    bool (*if_flag)(End *end, unsigned vcpu);
    int (*vm_ioctl)(End *end, unsigned long request, void *arg);
    /* The message comes by an irqfd */
    int (*irqfd)(End *end, const struct kvm_msi *msi);
    /* The vCPU's local timer, if it runs, has expired when this returns. */
    void (*expire)(End *end, unsigned vcpu);
    /* What a debugger has asked for, on all vCPUs */
    void (*debug)(End *end, const struct kvm_guest_debug *debug);
    bool (*can)(End *end, unsigned cap);
} EndOps;

struct End {
    const EndOps *ops;
    KVMPort *port;
    const Guest *guests;        /* [config.vcpus] */
    EndConfig config;
};

extern const EndOps kvm_end_ops;
extern const EndOps model_end_ops;

/* Why this machine's /dev/kvm cannot be used; NULL: it can */
const char *kvm_end_missing(void);

static inline int end_ioctl(End *end, unsigned vcpu, unsigned long request,
                            void *arg)
{
    return end->port->ops->ioctl(end->port, vcpu, request, arg);
}

#endif /* CONTRACT_END_H */
