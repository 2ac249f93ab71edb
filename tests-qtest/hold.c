/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into QEMU: between KVM_INTERRUPT and KVM_RUN a vCPU's thread takes
 * its time. A stop that falls there finds the vector in the kernel's slot,
 * which is a matter of luck otherwise; nothing else changes.
 *
 * INTACK_NESTED=1   KVM says of every vCPU that it runs a guest of its own
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/kvm.h>

static __thread int holds;

static void take_time(void)
{
    /* Ended by a kick */
    static const struct timespec t = { .tv_nsec = 500 * 1000 };

    nanosleep(&t, NULL);
}

static int say_nested(struct kvm_nested_state *n)
{
    memset(n, 0, sizeof(*n));
    n->size = sizeof(*n);
    n->flags = KVM_STATE_NESTED_GUEST_MODE;
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    void *arg;
    int ret;

    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);

    if (request == KVM_GET_NESTED_STATE && getenv("INTACK_NESTED")) {
        return say_nested(arg);
    }
    if (request == KVM_RUN && holds) {
        holds = 0;
        take_time();
    }
    ret = syscall(SYS_ioctl, fd, request, arg);
    if (request == KVM_INTERRUPT && !ret) {
        holds = 1;
    }
    return ret;
}
