/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs of an x86 machine, wherever they live: in KVM
 * (target/i386/kvm/intack/kvm-lapic.h), or in QEMU for TCG and qtest.
 *
 * Machine properties, defaults as in stock QEMU:
 *   chipset-init=machine|cpu    what INIT# of the chipset does, chipset-init.h
 *   queued-nmi=off|on           inject-nmi does not wait for the vCPUs
 *   lint0-fixed=off|on          INTR reaches an LVT0 in Fixed mode, kvm-lint0.h
 */
#ifndef HW_INTC_X86_LAPIC_H
#define HW_INTC_X86_LAPIC_H

#include "qom/object.h"
#include "target/i386/kvm/intack/lapic-dest.h"

/* Add the machine properties to the x86 machine class. */
void x86_lapic_class_init(ObjectClass *oc);

/*
 * Send @msg. @source: cpu_index of the vCPU to whose own local APIC it is sent
 * (its shorthand is LAPIC_SELF), or -1: by its destination, as a device would.
 * False: refused, or taken by nobody, see @errp. BQL held, and dropped for a
 * while when the VM is stopped. Monitor.
 */
bool x86_lapic_send(const LapicMsg *msg, int source, Error **errp);

/* Pins of all vCPUs. Any thread, BQL held; nobody is waited for. */
void x86_lapic_init_all(void);
void x86_lapic_nmi_all(void);

/*
 * All local APICs as they are now, by cpu_index, those of absent vCPUs not
 * present; to be freed with g_free(). vCPUs are asked on their own threads: BQL
 * held, and dropped for a while. Monitor.
 */
LapicView *x86_lapic_views(unsigned *n);

/*
 * For NMIClass: does queued-nmi say that this machine's NMI is ours? Then it
 * has been sent.
 */
bool x86_lapic_monitor_nmi(void);

/* lint0-fixed=on. Constant once the machine is made. */
bool x86_lint0_fixed(void);

/* Where the local APICs live. All is called with the BQL held. */
typedef struct X86LapicOps {
    const char *name;
    /* As x86_lapic_send(): 0, -ENOENT: nobody took it, or refused; *@fault */
    int (*send)(const LapicMsg *msg, int source, LapicFault *fault);
    /* 0 or -errno; they do not wait */
    int (*pin_init)(unsigned cpu_index);
    int (*pin_nmi)(unsigned cpu_index);
    /* Fill in those of @views that are present; the rest is zero */
    void (*views)(LapicView *views, unsigned n);
    /*
     * The VM is stopped: what has been sent is to be in the state that is saved
     * next. May drop the BQL. May be NULL.
     */
    void (*settle)(void);
} X86LapicOps;

/*
 * They live somewhere else than the accelerator says (the kernel's model under
 * qtest). Machine init, before the first use; @ops is kept.
 */
void x86_lapic_set_ops(const X86LapicOps *ops);

#endif /* HW_INTC_X86_LAPIC_H */
