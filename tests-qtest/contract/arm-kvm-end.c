/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's real end on Arm: a VM of /dev/kvm.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include "arm-kvm-end.h"

#define MEMORY_SIZE     0x10000
/* An irqfd moves its line by work that is queued */
#define SIGNAL_USEC     1000
#define SIGNAL_TRIES    2000

const char *arm_kvm_end_missing(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        return strerror(errno);
    }
    close(fd);
    return NULL;
}

unsigned arm_kvm_end_linux(void)
{
    unsigned major = 0, minor = 0;
    struct utsname name;

    uname(&name);
    sscanf(name.release, "%u.%u", &major, &minor);
    return KVM_MODEL_ARM_LINUX(major, minor);
}

unsigned arm_kvm_end_gics(void)
{
    static const struct {
        KVMModelGIC gic;
        uint32_t type;
    } types[] = {
        { KVM_MODEL_GICV2, KVM_DEV_TYPE_ARM_VGIC_V2 },
        { KVM_MODEL_GICV3, KVM_DEV_TYPE_ARM_VGIC_V3 },
    };
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    int vm = ioctl(fd, KVM_CREATE_VM, 0);
    unsigned gics = 1u << KVM_MODEL_NO_GIC;

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        struct kvm_create_device d = {
            .type = types[i].type, .flags = KVM_CREATE_DEVICE_TEST,
        };

        if (!ioctl(vm, KVM_CREATE_DEVICE, &d)) {
            gics |= 1u << types[i].gic;
        }
    }
    close(vm);
    close(fd);
    return gics;
}

static int set_attr(KVMEnd *e, unsigned group, uint64_t attr, void *value)
{
    struct kvm_device_attr a = {
        .group = group, .attr = attr, .addr = (uintptr_t)value,
    };

    return ioctl(e->gic, KVM_SET_DEVICE_ATTR, &a) ? -errno : 0;
}

static bool set_address(KVMEnd *e, unsigned attr, uint64_t address)
{
    return !set_attr(e, KVM_DEV_ARM_VGIC_GRP_ADDR, attr, &address);
}

/* Where it is, and that it is on; QEMU has that by the end of its realize */
static bool start_gic(KVMEnd *e)
{
    bool v3 = e->end.config.gic == KVM_MODEL_GICV3;
    uint32_t enable = v3 ? 0x2 : 0x1;

    return set_address(e, v3 ? KVM_VGIC_V3_ADDR_TYPE_DIST :
                       KVM_VGIC_V2_ADDR_TYPE_DIST, ARM_GUEST_DIST) &&
           set_address(e, v3 ? KVM_VGIC_V3_ADDR_TYPE_REDIST :
                       KVM_VGIC_V2_ADDR_TYPE_CPU,
                       v3 ? ARM_GUEST_REDIST : ARM_GUEST_GICC) &&
           !set_attr(e, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT,
                     NULL) &&
           !set_attr(e, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, &enable);
}

static bool make_gic(KVMEnd *e)
{
    const ArmConfig *c = &e->end.config;
    struct kvm_create_device d = {
        .type = c->gic == KVM_MODEL_GICV3 ? KVM_DEV_TYPE_ARM_VGIC_V3 :
                KVM_DEV_TYPE_ARM_VGIC_V2,
    };
    uint32_t irqs = c->irqs;

    if (c->gic == KVM_MODEL_NO_GIC) {
        return true;
    }
    if (ioctl(e->vm, KVM_CREATE_DEVICE, &d)) {
        return false;
    }
    e->gic = d.fd;
    return (!irqs || !set_attr(e, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs)) &&
           (c->noinit || start_gic(e));
}

static int kvm_vcpu_init(ArmEnd *end, unsigned vcpu)
{
    KVMEnd *e = of_end(end);
    struct kvm_vcpu_init init;

    if (ioctl(e->vm, KVM_ARM_PREFERRED_TARGET, &init)) {
        return -errno;
    }
    init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
    if (vcpu && end->config.off) {
        init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
    }
    return ioctl(e->vcpu[vcpu].fd, KVM_ARM_VCPU_INIT, &init) ? -errno : 0;
}

static bool make_vcpus(KVMEnd *e)
{
    for (unsigned i = 0; i < e->end.config.vcpus; i++) {
        KVMEndVCPU *v = &e->vcpu[i];

        v->fd = ioctl(e->vm, KVM_CREATE_VCPU, (unsigned long)i);
        if (v->fd < 0 || kvm_vcpu_init(&e->end, i)) {
            return false;
        }
        v->run = mmap(NULL, e->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                      v->fd, 0);
        if (v->run == MAP_FAILED) {
            v->run = NULL;
            return false;
        }
    }
    return true;
}

static bool make_memory(KVMEnd *e)
{
    struct kvm_userspace_memory_region r = {
        .guest_phys_addr = ARM_GUEST_CODE,
        .memory_size = MEMORY_SIZE,
    };

    e->memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (e->memory == MAP_FAILED) {
        e->memory = NULL;
        return false;
    }
    memcpy(e->memory, arm_guest, arm_guest_end - arm_guest);
    __builtin___clear_cache(e->memory, (char *)e->memory + MEMORY_SIZE);
    r.userspace_addr = (uintptr_t)e->memory;
    return !ioctl(e->vm, KVM_SET_USER_MEMORY_REGION, &r);
}

static void kvm_close(ArmEnd *end)
{
    KVMEnd *e = of_end(end);

    for (unsigned i = 0; i < end->config.vcpus; i++) {
        if (e->vcpu[i].run) {
            munmap(e->vcpu[i].run, e->run_size);
        }
        if (e->vcpu[i].fd >= 0) {
            close(e->vcpu[i].fd);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(e->fds); i++) {
        if (e->fds[i] >= 0) {
            close(e->fds[i]);
        }
    }
    if (e->memory) {
        munmap(e->memory, MEMORY_SIZE);
    }
    g_free(e);
}

static ArmEnd *kvm_open(const ArmConfig *config, const char **why)
{
    KVMEnd *e = g_malloc0(sizeof(*e) + config->vcpus * sizeof(e->vcpu[0]));
    bool layout2;

    e->end = (ArmEnd) { &arm_kvm_end_ops, *config };
    memset(e->fds, -1, sizeof(e->fds));
    for (unsigned i = 0; i < config->vcpus; i++) {
        e->vcpu[i].fd = -1;
    }
    e->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    e->vm = ioctl(e->kvm, KVM_CREATE_VM, 0);
    e->run_size = ioctl(e->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    layout2 = ioctl(e->kvm, KVM_CHECK_EXTENSION,
                    KVM_CAP_ARM_IRQ_LINE_LAYOUT_2) > 0;
    *why = NULL;
    if (layout2 == config->layout1) {
        *why = layout2 ? "this KVM has layout 2" : "this KVM has no layout 2";
    } else if (ioctl(e->kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS) <
               (int)config->vcpus) {
        *why = "this host has no VM of so many vCPUs";
    } else if (!make_memory(e) || !make_vcpus(e) || !make_gic(e)) {
        *why = "";
    }
    if (*why) {
        kvm_close(&e->end);
        return NULL;
    }
    return &e->end;
}

static int kvm_irq_line(ArmEnd *end, uint32_t word, bool level)
{
    struct kvm_irq_level l = { .irq = word, .level = level };

    return ioctl(of_end(end)->vm, KVM_IRQ_LINE, &l) ? -errno : 0;
}

static int kvm_attr(ArmEnd *end, unsigned group, uint64_t attr,
                    uint32_t *value, bool write)
{
    struct kvm_device_attr a = {
        .group = group, .attr = attr, .addr = (uintptr_t)value,
    };

    return ioctl(of_end(end)->gic, write ? KVM_SET_DEVICE_ATTR :
                 KVM_GET_DEVICE_ATTR, &a) ? -errno : 0;
}

/* Irqfds. To end one waits for what it has queued */

static int assign(KVMEnd *e, unsigned gsi, int fd, int resample, unsigned flags)
{
    struct kvm_irqfd i = {
        .fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resample,
    };

    return ioctl(e->vm, KVM_IRQFD, &i) ? -errno : 0;
}

static int kvm_irqfd(ArmEnd *end, unsigned gsi, bool resample)
{
    KVMEnd *e = of_end(end);
    int fd, ret;

    if (resample) {
        e->event = eventfd(0, EFD_CLOEXEC);
        e->resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return assign(e, gsi, e->event, e->resample, KVM_IRQFD_FLAG_RESAMPLE);
    }
    fd = eventfd(0, EFD_CLOEXEC);
    ret = assign(e, gsi, fd, 0, 0);
    if (!ret && (eventfd_write(fd, 1) ||
                 assign(e, gsi, fd, 0, KVM_IRQFD_FLAG_DEASSIGN))) {
        ret = -errno;
    }
    close(fd);
    return ret;
}

/* Read from the line: there is nothing to wait for but that it has moved */
static void kvm_irqfd_signal(ArmEnd *end, unsigned gsi)
{
    unsigned intid = gsi + KVM_MODEL_ARM_PRIVATE;
    bool v3 = end->config.gic == KVM_MODEL_GICV3;
    uint32_t value = 0;

    eventfd_write(of_end(end)->event, 1);
    for (unsigned i = 0; i < SIGNAL_TRIES; i++) {
        if (v3) {
            kvm_attr(end, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, intid & ~31u, &value,
                     false);
        } else {
            kvm_attr(end, KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
                     KVM_MODEL_ARM_ISPENDR + intid / 32 * 4, &value, false);
        }
        if (value >> intid % 32 & 1) {
            break;
        }
        g_usleep(SIGNAL_USEC);
    }
}

static unsigned kvm_resampled(ArmEnd *end)
{
    eventfd_t n = 0;

    return eventfd_read(of_end(end)->resample, &n) ? 0 : n;
}

const ArmEndOps arm_kvm_end_ops = {
    .name = "kvm",
    .open = kvm_open,
    .close = kvm_close,
    .irq_line = kvm_irq_line,
    .attr = kvm_attr,
    .vcpu_init = kvm_vcpu_init,
    .irqfd = kvm_irqfd,
    .irqfd_signal = kvm_irqfd_signal,
    .resampled = kvm_resampled,
    .iar = arm_kvm_iar,
    .eoi = arm_kvm_eoi,
    .pins = arm_kvm_pins,
    .cpu_on = arm_kvm_cpu_on,
};
