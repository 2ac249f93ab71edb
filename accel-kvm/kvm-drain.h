/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A KVM_RUN that injects and does not enter.
 */
#ifndef ACCEL_KVM_KVM_DRAIN_H
#define ACCEL_KVM_KVM_DRAIN_H

struct kvm_run;

/*
 * KVMPortOps.drain() on the vCPU's file @fd and its @run. @signo is a signal of
 * the calling thread, which is the vCPU's, that is not blocked and that nobody
 * minds to lose. Returns -errno of KVM_RUN, -EINTR as a rule, or its 0.
 */
int kvm_drain(int fd, struct kvm_run *run, int signo);

#endif /* ACCEL_KVM_KVM_DRAIN_H */
