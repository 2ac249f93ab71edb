/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8259 pair of i8259-core.h as QEMU devices.
 *
 * Two "split-i8259" devices, one a chip, subclasses of pic-common with its
 * migration stream; the core that both belong to is in the master's. Its lock
 * is taken after the BQL, never before it. Lines are driven with the BQL held,
 * ports are accessed with it or without.
 */
#ifndef HW_INTC_SPLIT_I8259_H
#define HW_INTC_SPLIT_I8259_H

#include "hw/isa/i8259_internal.h"
#include "qemu/thread.h"
#include "i8259-core.h"

#define TYPE_SPLIT_I8259 "split-i8259"
OBJECT_DECLARE_SIMPLE_TYPE(SplitPICState, SPLIT_I8259)

/*
 * Where INTR goes if not to the qemu_irq: a run loop that looks for itself.
 * publish is called with the pair's lock held on every change of INTR and
 * returns what wake is then called with, the lock dropped; wake of
 * SPLIT_PIC_NOBODY is called too.
 */
#define SPLIT_PIC_NOBODY (-1)
typedef struct SplitPICSink {
    int (*publish)(bool level);
    void (*wake)(int whom);
} SplitPICSink;

/*
 * Who else is wired to INTR, as its pin has it (i8259_pair_pin()): local APICs
 * that do not answer it with an INTA. publish and written are called with the
 * pair's lock held, the others without; forget with the BQL.
 */
typedef struct SplitPICPin {
    /* The level has changed */
    void (*publish)(bool level);
    /* It rose. The BQL is held unless a port was written without it. */
    void (*rise)(void);
    /* An ICW or OCW1 is written; what it changes is published afterwards */
    void (*written)(void);
    /* Reset or load: the published level stands, no rise of before counts */
    void (*forget)(void);
    /*
     * QEMU's own local APIC asks for INTR, which its LVT0 does not have
     * acknowledged. BQL held. NULL: they are not QEMU's.
     */
    bool (*hidden)(void);
} SplitPICPin;

typedef struct SplitPICPair {
    QemuMutex lock;
    I8259Pair core;
    bool level;                 /* INTR as last published; under the lock */
    bool pin_level;             /* and its pin */
    I8259Inta inta;             /* peeked, not yet committed; under the lock */
    I8259Receipt *receipt;      /* of each vCPU's last commit, with a sink */
    const SplitPICSink *sink;   /* NULL: INTR is the master's qemu_irq */
    const SplitPICPin *pin;     /* or NULL */
} SplitPICPair;

struct SplitPICState {
    PICCommonState parent_obj;

    SplitPICState *master_chip; /* link "master-chip"; NULL in the master */
    bool withdrawn_spurious;
    bool wired;                 /* created by split_i8259_init() */
    SplitPICPair pair;          /* the master's counts */
};

/*
 * Create both chips on @bus. With @sink, INTR is published there and ports do
 * not need the BQL, and commit and undo take a cpu_index below @vcpus; else it
 * drives @intr. Returns the 16 input lines, to be freed by the caller, and the
 * master's device in @master. Machine init.
 */
qemu_irq *split_i8259_init(ISABus *bus, qemu_irq intr, const SplitPICSink *sink,
                           unsigned vcpus, SplitPICState **master);

/* From now on @pin is told of INTR's pin. Machine init, once. */
void split_i8259_connect_pin(SplitPICState *master, const SplitPICPin *pin);

/* Injection, for a sink's owner. All but lock between lock and unlock. */
void split_i8259_lock(SplitPICState *s);
void split_i8259_unlock(SplitPICState *s);
/* The vector of an INTA cycle, 0..255; -1 if INTR is low. */
int split_i8259_peek(SplitPICState *s);
/* The INTA cycle, for @vcpu, of the vector that peek returned. Publishes. */
void split_i8259_commit(SplitPICState *s, unsigned vcpu);
/*
 * @vcpu never took the vector of its last commit: i8259_pair_undo(). Publishes
 * and returns whom the sink wants to be woken once the lock is dropped.
 */
int split_i8259_undo(SplitPICState *s, unsigned vcpu);

#endif /* HW_INTC_SPLIT_I8259_H */
