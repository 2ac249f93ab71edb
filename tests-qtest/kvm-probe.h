/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine's KVM can do, for the tests that want a guest on it. */
#ifndef TESTS_QTEST_KVM_PROBE_H
#define TESTS_QTEST_KVM_PROBE_H

#include <sys/ioctl.h>
#include <linux/kvm.h>

/* An extension's value; 0 also if there is no KVM */
static inline int kvm_probe(unsigned long cap)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    int ret = fd < 0 ? 0 : ioctl(fd, KVM_CHECK_EXTENSION, cap);

    if (fd >= 0) {
        close(fd);
    }
    return MAX(ret, 0);
}

/* Why no guest with a split irqchip runs here; NULL: it does */
static inline const char *kvm_missing(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    int vm = fd < 0 ? -1 : ioctl(fd, KVM_CREATE_VM, 0);

    if (vm >= 0) {
        close(vm);
    }
    if (fd < 0) {
        return "no usable /dev/kvm";
    }
    close(fd);
    if (vm < 0) {
        return "/dev/kvm creates no VM";
    }
    return kvm_probe(KVM_CAP_SPLIT_IRQCHIP) ? NULL :
           "this KVM has no split irqchip";
}

#endif /* TESTS_QTEST_KVM_PROBE_H */
