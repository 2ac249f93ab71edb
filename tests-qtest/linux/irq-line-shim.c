/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into QEMU on an arm64 host: a witness of every KVM_IRQ_LINE, that
 * knows nothing of QEMU's own account. At the end a line on stderr for each
 * line of the VM that was moved:
 *
 *   intack: witness SPI 48 issued N raised N again-high N again-low N failed N
 *
 * "again": the kernel's line was there already. It follows what else moves a
 * line: KVM_ARM_VCPU_INIT, and LEVEL_INFO of a GICv3.
 *
 *   INTACK_IRQ_FLIP=N     every word goes to the kernel with bit N flipped
 *   INTACK_IRQ_REFUSE=N   SPI N is refused with EINVAL
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kvm.h>

#define VCPUS       8
#define FDS         1024
#define CPU_LINES   2
#define PPIS        32
#define SPIS        1024
#define INTID_MASK  0x3ff

typedef struct Line {
    bool level;
    unsigned issued, raised, again_high, again_low, failed;
} Line;

static Line cpu[VCPUS][CPU_LINES], ppi[VCPUS][PPIS], spi[SPIS], nobody;
static int vcpu_of_fd[FDS];             /* and 1 */
static int flip, refuse;                /* -1: not wanted */

static int parameter(const char *name)
{
    const char *value = getenv(name);

    return value ? atoi(value) : -1;
}

static void __attribute__((constructor)) start(void)
{
    flip = parameter("INTACK_IRQ_FLIP");
    refuse = parameter("INTACK_IRQ_REFUSE");
}

/* What nobody has is all one line */
static Line *line_of_word(uint32_t word)
{
    unsigned type = word >> KVM_ARM_IRQ_TYPE_SHIFT & KVM_ARM_IRQ_TYPE_MASK;
    unsigned vcpu = word >> KVM_ARM_IRQ_VCPU_SHIFT & KVM_ARM_IRQ_VCPU_MASK;
    unsigned number = word & KVM_ARM_IRQ_NUM_MASK;

    if (type == KVM_ARM_IRQ_TYPE_SPI && number < SPIS) {
        return &spi[number];
    }
    if (type == KVM_ARM_IRQ_TYPE_PPI && vcpu < VCPUS && number < PPIS) {
        return &ppi[vcpu][number];
    }
    if (type == KVM_ARM_IRQ_TYPE_CPU && vcpu < VCPUS && number < CPU_LINES) {
        return &cpu[vcpu][number];
    }
    return &nobody;
}

static int irq_line(int fd, unsigned long request,
                    const struct kvm_irq_level *given)
{
    struct kvm_irq_level passed = *given;
    Line *line = line_of_word(given->irq);
    int ret;

    line->issued++;
    line->raised += !!given->level;
    line->again_high += given->level && line->level;
    line->again_low += !given->level && !line->level;
    if (flip >= 0) {
        passed.irq ^= 1u << flip;
    }
    if (refuse >= 0 && line == &spi[refuse % SPIS]) {
        errno = EINVAL;
        ret = -1;
    } else {
        ret = syscall(SYS_ioctl, fd, request, &passed);
    }
    if (ret < 0) {
        line->failed++;
    } else {
        line->level = given->level;
    }
    return ret;
}

/* What a GICv3's registers do to 32 lines at once */
static void level_info(const struct kvm_device_attr *attr)
{
    uint32_t levels = *(const uint32_t *)(uintptr_t)attr->addr;
    unsigned first = attr->attr & INTID_MASK & ~31;
    unsigned vcpu = attr->attr >> 32 & 0xff;
    Line *lines = first ? &spi[first] : vcpu < VCPUS ? ppi[vcpu] : NULL;

    for (int i = 0; lines && i < 32; i++) {
        lines[i].level = levels >> i & 1;
    }
}

static void follow(int fd, unsigned long request, void *arg, int ret)
{
    const struct kvm_device_attr *attr = arg;

    if (request == KVM_CREATE_VCPU && ret < FDS) {
        vcpu_of_fd[ret] = (int)(uintptr_t)arg + 1;
    } else if (request == KVM_ARM_VCPU_INIT && fd < FDS && vcpu_of_fd[fd] &&
               vcpu_of_fd[fd] <= VCPUS) {
        for (int i = 0; i < CPU_LINES; i++) {
            cpu[vcpu_of_fd[fd] - 1][i].level = false;
        }
    } else if (request == KVM_SET_DEVICE_ATTR &&
               attr->group == KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO) {
        level_info(attr);
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    void *arg;
    int ret, error;

    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);

    if (request == KVM_IRQ_LINE) {
        return irq_line(fd, request, arg);
    }
    ret = syscall(SYS_ioctl, fd, request, arg);
    if (ret >= 0) {
        error = errno;
        follow(fd, request, arg, ret);
        errno = error;
    }
    return ret;
}

static void tell(const char *type, int number, const Line *line)
{
    if (line->issued) {
        fprintf(stderr, "intack: witness %s %d issued %u raised %u "
                "again-high %u again-low %u failed %u\n", type, number,
                line->issued, line->raised, line->again_high, line->again_low,
                line->failed);
    }
}

static void __attribute__((destructor)) tell_all(void)
{
    for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
        for (int i = 0; i < CPU_LINES; i++) {
            tell("CPU", vcpu * CPU_LINES + i, &cpu[vcpu][i]);
        }
        for (int i = 0; i < PPIS; i++) {
            tell("PPI", vcpu * PPIS + i, &ppi[vcpu][i]);
        }
    }
    for (int i = 0; i < SPIS; i++) {
        tell("SPI", i, &spi[i]);
    }
    tell("?", 0, &nobody);
}
