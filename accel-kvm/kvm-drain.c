/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A KVM_RUN that injects and does not enter.
 */
#include "qemu/osdep.h"
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include "kvm-drain.h"

/* The kernel's signal set, half of glibc's size and more */
#define KERNEL_SIGSET_BYTES 8

static int kvm_run_mask(int fd, const sigset_t *set)
{
    union {
        struct kvm_signal_mask mask;
        uint8_t bytes[sizeof(struct kvm_signal_mask) + KERNEL_SIGSET_BYTES];
    } arg;

    if (!set) {
        return ioctl(fd, KVM_SET_SIGNAL_MASK, NULL);
    }
    arg.mask.len = KERNEL_SIGSET_BYTES;
    memcpy(arg.mask.sigset, set, KERNEL_SIGSET_BYTES);
    return ioctl(fd, KVM_SET_SIGNAL_MASK, &arg);
}

int kvm_drain(int fd, struct kvm_run *run, int signo)
{
    static const struct timespec at_once;
    sigset_t one, old, open;
    int ret;

    sigemptyset(&one);
    sigaddset(&one, signo);
    pthread_sigmask(SIG_BLOCK, &one, &old);
    /* Blocked from here on: its handler cannot set immediate_exit any more */
    run->immediate_exit = 0;
    open = old;
    sigdelset(&open, signo);
    kvm_run_mask(fd, &open);
    pthread_kill(pthread_self(), signo);
    ret = ioctl(fd, KVM_RUN, 0) ? -errno : 0;
    sigtimedwait(&one, NULL, &at_once);
    kvm_run_mask(fd, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ret;
}
