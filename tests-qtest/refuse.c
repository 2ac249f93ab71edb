/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into QEMU: every fifth KVM_INTERRUPT is refused, with each of its
 * errors in turn. A kernel refuses hardly ever, so that a QEMU which loses the
 * interrupt then may never show it.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kvm.h>

int ioctl(int fd, unsigned long request, ...)
{
    static const int errors[] = { EEXIST, EINVAL, ENXIO };
    static unsigned calls;
    va_list ap;
    void *arg;

    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);

    if (request == KVM_INTERRUPT) {
        unsigned n = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);

        if (n % 5 == 0) {
            errno = errors[n / 5 % 3];
            return -1;
        }
    }
    return syscall(SYS_ioctl, fd, request, arg);
}
