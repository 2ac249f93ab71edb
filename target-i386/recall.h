/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Take a PIC's vector back from KVM.
 *
 * What KVM_INTERRUPT has stored cannot be read or cleared. It can be made to
 * move: with IF open, LINT0 accepting and a signal pending, KVM_RUN injects the
 * vector, which makes it visible and erasable in KVM_GET_VCPU_EVENTS, and
 * leaves before the guest has run an instruction. Around that, everything that
 * outranks the vector is put aside and put back. Plain C on the port.
 */
#ifndef TARGET_I386_RECALL_H
#define TARGET_I386_RECALL_H

#include "accel/kvm/intack/kvm-port.h"

/*
 * @vcpu may hold @vector (0..255) undelivered. The vCPU has left its run loop;
 * its thread. 1: it did, and the slot is empty now; 0: the slot was empty, the
 * vector has been delivered or is in interrupt.injected; *@halted says
 * whether the vCPU is halted.
 *
 * -errno: it cannot be done and the slot is as it was. -EBUSY: the vCPU runs a
 * guest of its own, or has GIF = 0, where KVM injects nothing of its own will;
 * or it waits for its SIPI with an SMI pending. -EINVAL: its registers are
 * protected. -EIO: the kernel did not inject, which no state that is known
 * brings about; @vector is then in the slot even if it was not before.
 *
 * A message that reaches a local APIC in xAPIC mode with LVT0 masked during
 * the call may be lost: all vCPUs stopped and devices quiet.
 */
int extint_recall(KVMPort *port, unsigned vcpu, unsigned vector, bool *halted);

#endif /* TARGET_I386_RECALL_H */
