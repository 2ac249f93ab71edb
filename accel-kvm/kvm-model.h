/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A software model of what KVM promises an interrupt controller in user space.
 *
 * A test instrument: it is built into the stand-alone tests, and into QEMU for
 * -machine x-kvm-model=on under qtest (hw/intc/intack/lapic-model.h), where
 * nothing else ever calls it. It answers the ioctls of a VM and its vCPUs with
 * the structures of linux/kvm.h, so that whatever stands above the port is the
 * shipped code. The rules are those of arch/x86/kvm (x86.c, irq.c, lapic.c,
 * irq_comm.c); each is named after the kernel's function beside it. The
 * contract test holds the model to a real /dev/kvm.
 *
 * Plain C: no allocation, no global, no thread. All memory is the caller's; the
 * state of a vCPU is in flat structures without padding, which may be copied,
 * compared and hashed as bytes. What an exploration of the PIC needs is in
 * KVMModelVCPU alone; registers and local APIC may be left out if the guest
 * does not use them.
 */
#ifndef ACCEL_KVM_KVM_MODEL_H
#define ACCEL_KVM_KVM_MODEL_H

#define KVM_MODEL_EMPTY     (-1)    /* KVMModelVCPU.pev */
#define KVM_MODEL_FRAMES    8       /* interrupted contexts; more are lost */
#define KVM_MODEL_LVTS      6

#define KVM_MODEL_EXTINT    0x700u  /* LVT0: not masked, ExtINT */
#define KVM_MODEL_MASKED    0x10000u
#define KVM_MODEL_APICBASE  0xfee00000u
#define KVM_MODEL_BSP       0x100u
#define KVM_MODEL_EXTD      0x400u
#define KVM_MODEL_ENABLE    0x800u

/* KVMModelVCPU.shadow, as in kvm_vcpu_events.interrupt.shadow */
#define KVM_MODEL_SHADOW_MOV_SS 1
#define KVM_MODEL_SHADOW_STI    2

/* Where the vCPU's thread is */
typedef enum KVMModelWhere {
    KVM_MODEL_USER,             /* KVM_RUN has returned */
    KVM_MODEL_GUEST,            /* executes instructions: kvm_model_step() */
    KVM_MODEL_BLOCKED,          /* sleeps in KVM_RUN: HLT, or waits for SIPI */
} KVMModelWhere;

/* What was delivered to the guest */
typedef enum KVMModelEvent {
    KVM_MODEL_NOTHING,
    KVM_MODEL_EXCEPTION,
    KVM_MODEL_NMI,
    KVM_MODEL_INTERRUPT,
    KVM_MODEL_SMI,
    KVM_MODEL_INIT,
    KVM_MODEL_SIPI,
    KVM_MODEL_SOFT,             /* the guest's own INT n */
} KVMModelEvent;

/* The signal KVM_RUN is left with, under KVM_SET_SIGNAL_MASK */
typedef enum KVMModelSigmask {
    KVM_MODEL_SIGMASK_NONE,     /* the thread's own mask holds */
    KVM_MODEL_SIGMASK_OPEN,     /* lets it through */
    KVM_MODEL_SIGMASK_BLOCKED,
} KVMModelSigmask;

/*
 * A vCPU; flags are 0 or 1 where nothing else is said.
 *
 * req_event decides whether an entry injects anything. Nearly all that can
 * make an interrupt deliverable sets it, but a write of LVT0 does not, nor does
 * KVM_RUN: a vector that waits in pev is not delivered when LVT0 is unmasked
 * but when the kernel looks the next time, for whatever reason (measured, Linux
 * 6.18). To have such a reason, set req_event.
 */
typedef struct KVMModelVCPU {
    uint64_t apicbase;          /* MSR 0x1b */
    uint32_t lvt0;
    int16_t pev;                /* pending_external_vector: KVM_INTERRUPT's */
    int16_t ret;                /* of the last KVM_RUN: 0 or -errno */

    /* struct kvm_run */
    uint8_t window;             /* request_interrupt_window; the caller's */
    uint8_t immediate_exit;     /* the caller's */
    uint8_t ready;              /* ready_for_interrupt_injection */
    uint8_t if_flag;
    uint8_t exit_reason;        /* KVM_EXIT_* */
    uint8_t io_wait;            /* KVM_MODEL_IO_*: an IN or OUT waits */
    uint16_t io_port;

    /* The thread */
    uint8_t where;              /* KVMModelWhere */
    uint8_t signal;             /* the kick's signal is pending */
    uint8_t blocked;            /* the thread's mask blocks it; the caller's */
    uint8_t sigmask;            /* KVMModelSigmask */

    /* The processor */
    uint8_t intf;               /* EFLAGS.IF */
    uint8_t shadow;             /* KVM_MODEL_SHADOW_* */
    uint8_t mp_state;           /* KVM_MP_STATE_* */
    uint8_t gif;                /* SVM's global interrupt flag; else 1 */
    uint8_t guest_mode;         /* L2 runs */
    uint8_t protected;          /* guest_state_protected (SEV-ES, TDX) */
    uint8_t smm;
    uint8_t debug;              /* guest_debug: KVM_MODEL_DEBUG_* */

    /* Events, as in kvm_vcpu_events */
    uint8_t int_injected, int_nr, int_soft;
    uint8_t exc_injected, exc_pending, exc_nr, exc_has_error;
    uint8_t nmi_injected, nmi_pending, nmi_masked;
    uint8_t smi_pending;
    uint8_t init_pending, sipi_pending, sipi_vector;
    uint8_t req_event;          /* KVM_REQ_EVENT */
    uint8_t irq_window;         /* the entry asked for the window's exit */

    /* Interrupted contexts: bit n of frame_if is IF of the nth, 0 the first */
    uint8_t frames;
    uint8_t frame_if;
    uint8_t io_len;             /* with io_wait */
    uint8_t req_nmi;            /* KVM_REQ_NMI: wakes, even if it is masked */
} KVMModelVCPU;

#define KVM_MODEL_IO_SKIP       1   /* RIP is still at the instruction */
#define KVM_MODEL_IO_IN         2   /* io_data is still to come, */
#define KVM_MODEL_IO_SIZE       4   /* so many bytes: bits 6:4 */

#define KVM_MODEL_DEBUG_ON      1
#define KVM_MODEL_DEBUG_STEP    2
#define KVM_MODEL_DEBUG_BLOCKIRQ 4

/* The registers an interrupt controller does not look at */
typedef struct KVMModelRegs {
    uint64_t gpr[16];           /* rax rbx rcx rdx rsi rdi rsp rbp r8..r15 */
    uint64_t rip;
    uint64_t rflags;            /* IF aside */
    uint64_t frame_rip[KVM_MODEL_FRAMES];
    uint32_t exc_error;
    uint32_t io_data;           /* IN: the answer, the caller's; OUT */
} KVMModelRegs;

/* A local APIC; bit v % 64 of word v / 64 is vector v. */
typedef struct KVMModelLAPIC {
    uint64_t irr[4], isr[4], tmr[4];
    uint64_t pir[4];            /* posted-interrupt descriptor */
    uint64_t icr;               /* 64 bits in x2APIC mode, else the low 32 */
    uint32_t icr2;              /* xAPIC's high half */
    uint32_t id;                /* xAPIC: in 31:24; x2APIC: all of it */
    uint32_t tpr, ldr, dfr, svr, esr;
    uint32_t lvt[KVM_MODEL_LVTS]; /* timer thermal pmc - lint1 error; [3] 0 */
    uint32_t tmict, tmcct, tdcr;
    uint8_t timer_pending;      /* expired, not yet in IRR */
    uint8_t timer_running;
    uint8_t pi_on;              /* descriptor: ON */
    uint8_t pi_notified;        /* notification vectors sent, mod 256 */
    uint8_t unhalted;           /* pv_unhalted: a Remote Read woke it */
    uint8_t spare[3];           /* 0 */
} KVMModelLAPIC;

/* What the guest does next. */
typedef enum KVMModelOp {
    KVM_MODEL_NOP,
    KVM_MODEL_CLI,
    KVM_MODEL_STI,
    KVM_MODEL_HLT,
    KVM_MODEL_MOV_SS,
    KVM_MODEL_POPF,             /* val: the new EFLAGS */
    KVM_MODEL_IRET,
    KVM_MODEL_RAISE,            /* exception val */
    KVM_MODEL_INT,              /* INT val */
    KVM_MODEL_OUT,              /* port reg, val */
    KVM_MODEL_IN,               /* port reg, val bytes */
    KVM_MODEL_APIC_WRITE,       /* register reg (0x350 = LVT0), val: xAPIC */
    KVM_MODEL_WRMSR,            /* MSR reg: APICBASE or x2APIC, val */
    KVM_MODEL_RSM,
    KVM_MODEL_CLGI,
    KVM_MODEL_STGI,
    KVM_MODEL_VMRUN,            /* L2 begins, */
    KVM_MODEL_VMEXIT,           /* ends; GIF = 0 */
    KVM_MODEL_MOV,              /* gpr[reg] = val */
} KVMModelOp;

typedef struct KVMModelInsn {
    uint8_t op;                 /* KVMModelOp */
    uint8_t len;                /* bytes, for RIP */
    uint16_t reg;
    uint64_t val;
} KVMModelInsn;

typedef struct KVMModel KVMModel;

typedef struct KVMModelConfig {
    unsigned vcpus;
    bool pic_in_kernel;         /* irqchip=on; else split */
    bool apicv;                 /* posted interrupts */
    bool smm;
    bool nested;                /* KVM_GET_NESTED_STATE works, */
    bool svm;                   /* and is SVM's */
    bool fast_pio;              /* OUT: RIP moves on at the next KVM_RUN */
    bool payload;               /* KVM_CAP_EXCEPTION_PAYLOAD is on */
    bool handler;               /* the signal's handler sets immediate_exit */
    bool x2apic_api;            /* KVM_CAP_X2APIC_API's both, as QEMU has it */
    /*
     * As was proposed in 2013: KVM_INTERRUPT of 256 and more is the low word of
     * an ICR, whose shorthand must be self, and which is not reflected in it
     */
    bool icr_interrupt;
    uint8_t signo;              /* the kick's signal, 1..64; 0: SIGUSR1 */
    /* An interrupt, exception or NMI continues at handlers + nr * stride */
    uint64_t handlers, stride;
    /* Called with all that the guest takes; may be NULL */
    void (*took)(void *opaque, unsigned vcpu, KVMModelEvent event, unsigned nr);
    /* For KVM_RUN: the instruction at RIP, false: none, as if kicked */
    bool (*fetch)(void *opaque, unsigned vcpu, uint64_t rip, KVMModelInsn *i);
    void *opaque;
} KVMModelConfig;

struct KVMModel {
    KVMModelConfig config;
    KVMModelVCPU *vcpu;         /* [vcpus]; the caller's, as all of these */
    KVMModelRegs *regs;         /* [vcpus] */
    KVMModelLAPIC *lapic;       /* [vcpus] */
};

/* Power-on: vCPU 0 is RUNNABLE and the BSP, the others are UNINITIALIZED. */
void kvm_model_init(KVMModel *m, const KVMModelConfig *config,
                    KVMModelVCPU *vcpu, KVMModelRegs *regs,
                    KVMModelLAPIC *lapic);

/*
 * An ioctl of vCPU @vcpu: 0 or more, or -errno. KVM_RUN is enter, and steps
 * and ticks with config.fetch until it returns; a vCPU that blocks with nothing
 * to wake it ends it with -EINTR as a signal would.
 */
int kvm_model_vcpu_ioctl(KVMModel *m, unsigned vcpu, unsigned long request,
                         void *arg);
/* An ioctl of the VM: KVM_SIGNAL_MSI. */
int kvm_model_vm_ioctl(KVMModel *m, unsigned long request, void *arg);

/*
 * KVM_RUN in pieces. vcpu->ret and exit_reason hold for KVM_MODEL_USER.
 *
 * enter: KVM_RUN is called. step: one instruction of the guest, and what the
 * kernel does after it; only where it is KVM_MODEL_GUEST. resume: what the
 * kernel does before the next instruction when something came from outside
 * (kick, message); nothing to do leaves it where it is.
 */
KVMModelWhere kvm_model_enter(KVMModel *m, unsigned vcpu);
KVMModelWhere kvm_model_step(KVMModel *m, unsigned vcpu,
                             const KVMModelInsn *insn);
KVMModelWhere kvm_model_resume(KVMModel *m, unsigned vcpu);
/*
 * An interrupt of the host: the vCPU leaves the guest and goes back. Besides
 * what resume does, this is when the kernel sees a window that it did not arm,
 * for the slot was full at the entry. Sooner or later there is one.
 */
KVMModelWhere kvm_model_tick(KVMModel *m, unsigned vcpu);
/*
 * The signal is sent to the vCPU's thread. In user space and not blocked, its
 * handler runs at once; in KVM_RUN it stays until resume or step.
 */
void kvm_model_kick(KVMModel *m, unsigned vcpu);

/* The kernel's predicates, of the state as it is */
bool kvm_model_accepts_pic(const KVMModel *m, unsigned vcpu);
bool kvm_model_interrupt_allowed(const KVMModel *m, unsigned vcpu);
bool kvm_model_ready(const KVMModel *m, unsigned vcpu);
/* KVM_RUN would not block, or would wake (kvm_arch_vcpu_runnable) */
bool kvm_model_runnable(const KVMModel *m, unsigned vcpu);

#endif /* ACCEL_KVM_KVM_MODEL_H */
