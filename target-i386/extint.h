/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * External interrupts of a PIC in user space: which vCPU takes INTR, and when.
 *
 * INTR is one level, published to all vCPUs; the interrupt belongs to whichever
 * vCPU's LINT0 accepts it first, as on the board. A vCPU proves that it accepts
 * by having been ready when KVM_RUN last returned. From that follow the rules:
 *
 *  - A vCPU that has not proved it keeps its interrupt window armed, INTR or
 *    not. The kernel ignores the window while LINT0 is masked, so this costs
 *    nothing until the guest unmasks it; then one exit is the proof.
 *  - A vCPU that has proved it arms the window only while INTR is up.
 *  - A rise of INTR kicks one vCPU that has proved it, the one that took the
 *    last interrupt first. If none has, nobody is kicked.
 *  - A vCPU that finds INTR up and is not ready has its proof withdrawn, which
 *    arms its window, and hands the kick to another that has one. So every rise
 *    kicks each accepting vCPU at most once and a guest that masks LINT0 is
 *    kicked once, not once a tick.
 *
 * The proof and INTR are ordered like Dekker's flags: whoever raises INTR
 * exchanges it (full barrier) and then reads the proofs; a vCPU writes its
 * proof, passes a full barrier and then reads INTR. One of the two sees the
 * other, so no vCPU sleeps on an interrupt that is its to take.
 *
 * An interrupt is taken by peek, KVM_INTERRUPT, commit, under the PIC's lock:
 * a vector the kernel refuses was never acknowledged. One it has accepted is
 * held until the vCPU is seen ready again, which proves the slot empty. Before
 * the vCPU stops, is reset or unplugged, a vector that is still held is
 * recalled from the kernel and its INTA cycle undone in the PIC.
 *
 * Plain C: no QEMU, no KVM, no allocation, no global.
 */
#ifndef TARGET_I386_EXTINT_H
#define TARGET_I386_EXTINT_H

#include "accel/kvm/intack/kvm-port.h"

#define EXTINT_NOBODY (-1)
#define EXTINT_NOTHING (-1)

/* Refusals in a row, full slots aside, that are followed up by a window */
#define EXTINT_RETRIES 16

/* The PIC as its injector sees it. peek and commit only between lock/unlock. */
typedef struct ExtIntPIC {
    void *opaque;
    void (*lock)(void *opaque);
    void (*unlock)(void *opaque);
    /* The vector of an INTA cycle now, 0..255; -1 if INTR is low. */
    int (*peek)(void *opaque);
    /*
     * The INTA cycle of the vector peek returned. Publishes the new level of
     * INTR (extint_publish) before it returns.
     */
    void (*commit)(void *opaque, unsigned vcpu);
    /*
     * Undo the INTA cycle of the last commit for @vcpu: the vector was never
     * taken. Publishes INTR as commit does and returns what extint_publish()
     * said.
     */
    int (*undo)(void *opaque, unsigned vcpu);
} ExtIntPIC;

typedef struct ExtIntVCPU {
    uint32_t accepts;           /* atomic: the proof; written by its thread */
    bool stale;                 /* ready() is of another life */
    bool closing;               /* runs on until it holds nothing */
    bool back;                  /* recalled, to be given back to the PIC */
    int held;                   /* may be in the kernel's slot, or _NOTHING */
    unsigned row;               /* refusals in a row but for a full slot */
    uint64_t taken;             /* ExtInt.taken when held was */
    uint64_t inta;              /* interrupts taken */
    uint64_t kicks;             /* kicks sent to it; atomic */
    uint64_t windows;           /* KVM_EXIT_IRQ_WINDOW_OPEN */
    uint64_t refused;           /* KVM_INTERRUPT refused */
    uint64_t recalled;          /* vectors taken back from the kernel */
    uint64_t stuck;             /* vectors that could not be recalled */
} ExtIntVCPU;

typedef struct ExtInt {
    uint32_t intr;              /* atomic: the published level */
    uint32_t proofs;            /* atomic: how many vCPUs have accepts set */
    uint32_t last;              /* atomic: who took the last interrupt */
    uint64_t rises;             /* of INTR; under the PIC's lock */
    uint64_t taken;             /* interrupts, by all; under the PIC's lock */
    unsigned vcpus;
    ExtIntVCPU *vcpu;           /* by cpu_index, [vcpus], owned by the caller */
    KVMPort *port;
    ExtIntPIC pic;
} ExtInt;

/* What the vCPU's thread does next. */
typedef struct ExtIntEnter {
    /*
     * The vCPU to kick, or EXTINT_NOBODY. Kick it with extint_kick() before
     * KVM_RUN.
     */
    int kick;
    int refused;                /* 0, or KVM_INTERRUPT's -errno */
    int vector;                 /* injected or refused, else -1 */
} ExtIntEnter;

void extint_init(ExtInt *x, KVMPort *port, const ExtIntPIC *pic,
                 ExtIntVCPU *vcpu, unsigned vcpus);

/*
 * Publish INTR. @self is the vCPU whose thread this is, or EXTINT_NOBODY.
 * PIC's lock held. Returns the vCPU to kick once the lock is dropped, or
 * EXTINT_NOBODY: INTR did not rise, no vCPU is known to accept, or @self is,
 * which looks before its next KVM_RUN anyway.
 */
int extint_publish(ExtInt *x, bool level, int self);

/* Kick what extint_publish(), extint_enter() or extint_gone() named. BQL. */
void extint_kick(ExtInt *x, int vcpu);

/*
 * Before KVM_RUN of @vcpu: take the interrupt if it is there to take, arm or
 * disarm the window. vCPU's thread, PIC's lock not held. With INTR low and
 * nothing new about the vCPU this is one relaxed load and no store that
 * another thread sees.
 */
ExtIntEnter extint_enter(ExtInt *x, unsigned vcpu);

/* KVM_RUN returned KVM_EXIT_IRQ_WINDOW_OPEN. vCPU's thread. */
void extint_window(ExtInt *x, unsigned vcpu);

/*
 * The vCPU's registers were written by user space (load, reset, plug, gdb):
 * what the last KVM_RUN said is void. @blocked: it is not running
 * instructions, so no window would ever open; its next KVM_RUN returns at once
 * to tell. vCPU's thread, or the vCPU stopped.
 */
void extint_forget(ExtInt *x, unsigned vcpu, bool blocked);

/* The kernel may hold a vector of this vCPU. vCPU's thread, or it stopped. */
bool extint_holds(const ExtInt *x, unsigned vcpu);
/*
 * Empty the kernel's slot: recall the vector if it is still there. The vCPU has
 * left its run loop; its thread, BQL held. With nothing held this is no ioctl.
 * 1: recalled, to be given back; 0: the slot is empty; -errno: it cannot be
 * done now (extint_recall()), and the slot is as it was.
 */
int extint_empty(ExtInt *x, unsigned vcpu);
/*
 * What cannot be recalled is let in: from now on the vCPU takes no interrupt,
 * and leaves KVM_RUN as soon as it holds nothing. Its thread.
 */
void extint_close(ExtInt *x, unsigned vcpu);
/*
 * The end of that. False: it still holds the vector, and it is counted as
 * stuck. Its thread.
 */
bool extint_closed(ExtInt *x, unsigned vcpu);
/*
 * Give the PIC back what extint_empty() has recalled, the newest first. BQL
 * held. Returns the vCPU to kick, or EXTINT_NOBODY.
 */
int extint_give_back(ExtInt *x);

/*
 * The vCPU is about to be unplugged: what it holds is recalled and given back.
 * Its thread, BQL held. Returns the vCPU to kick in its place, or
 * EXTINT_NOBODY.
 */
int extint_gone(ExtInt *x, unsigned vcpu);

#endif /* TARGET_I386_EXTINT_H */
