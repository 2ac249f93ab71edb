/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into QEMU: counts the ioctls of KVM, by their number. The counters
 * are an array of 256 uint64_t in the file INTACK_COUNT_FILE, which a test maps
 * too.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kvm.h>

static uint64_t nowhere[256];
static uint64_t *counters = nowhere;

static void __attribute__((constructor)) count_init(void)
{
    const char *file = getenv("INTACK_COUNT_FILE");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    void *map;

    if (fd < 0) {
        return;
    }
    map = mmap(NULL, sizeof(nowhere), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
               0);
    close(fd);
    if (map != MAP_FAILED) {
        counters = map;
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    void *arg;

    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);

    if (_IOC_TYPE(request) == KVMIO) {
        __atomic_add_fetch(&counters[_IOC_NR(request)], 1, __ATOMIC_RELAXED);
    }
    return syscall(SYS_ioctl, fd, request, arg);
}
