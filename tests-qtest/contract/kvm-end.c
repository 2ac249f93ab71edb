/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's real end: a VM of raw files.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "kvm-end.h"

#define SPLIT_PINS      24
#define TSS_ADDRESS     0xfffbd000u
#define CPUIDS          256
#define TMCCT           0x390

/* A guest that sleeps is interrupted after this; one that runs on is hung */
#define NAP_USEC        3000
#define HUNG_USEC       3000000

static RealEnd *of_end(End *end)
{
    return (RealEnd *)((char *)end - offsetof(RealEnd, end));
}

static void on_signal(int signo)
{
}

const char *kvm_end_missing(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    const char *why = NULL;

    if (fd < 0) {
        return strerror(errno);
    }
    if (ioctl(fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
        why = "not a KVM of API version 12";
    } else if (ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_SPLIT_IRQCHIP) <= 0 ||
               ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_IMMEDIATE_EXIT) <= 0) {
        why = "this KVM has no split irqchip, or no immediate_exit";
    }
    close(fd);
    return why;
}

static bool open_irqchip(RealEnd *e)
{
    struct kvm_enable_cap split = {
        .cap = KVM_CAP_SPLIT_IRQCHIP,
        .args = { SPLIT_PINS },
    };

    return e->end.config.pic_in_kernel ?
           !ioctl(e->vm, KVM_CREATE_IRQCHIP, 0) :
           !ioctl(e->vm, KVM_ENABLE_CAP, &split);
}

static bool open_payload(RealEnd *e)
{
    struct kvm_enable_cap payload = {
        .cap = KVM_CAP_EXCEPTION_PAYLOAD,
        .args = { 1 },
    };

    return !e->end.config.payload || !ioctl(e->vm, KVM_ENABLE_CAP, &payload);
}

static bool open_memory(RealEnd *e)
{
    struct kvm_userspace_memory_region region = {
        .memory_size = GUEST_MEMORY,
    };

    e->memory = mmap(NULL, GUEST_MEMORY, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    region.userspace_addr = (uintptr_t)e->memory;
    return e->memory != MAP_FAILED &&
           !ioctl(e->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Without CPUID the guest has no x2APIC */
static bool open_vcpu(RealEnd *e, unsigned i)
{
    union {
        struct kvm_cpuid2 head;
        uint8_t bytes[sizeof(struct kvm_cpuid2) +
                      CPUIDS * sizeof(struct kvm_cpuid_entry2)];
    } cpuid = { .head.nent = CPUIDS };
    RealVCPU *v = &e->vcpu[i];

    v->fd = ioctl(e->vm, KVM_CREATE_VCPU, i);
    if (v->fd < 0 || ioctl(e->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid)) {
        return false;
    }
    for (unsigned n = 0; n < cpuid.head.nent; n++) {
        if (cpuid.head.entries[n].function == 1) {
            cpuid.head.entries[n].ebx &= 0xffffff;
            cpuid.head.entries[n].ebx |= i << 24;
        }
    }
    v->run = mmap(NULL, e->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                  v->fd, 0);
    return v->run != MAP_FAILED && !ioctl(v->fd, KVM_SET_CPUID2, &cpuid);
}

static bool open_vm(RealEnd *e)
{
    e->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    e->vm = e->kvm < 0 ? -1 : ioctl(e->kvm, KVM_CREATE_VM, 0);
    if (e->vm < 0) {
        return false;
    }
    e->run_size = ioctl(e->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    /* Intel's wants it, the others do not mind */
    ioctl(e->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS);
    if (!open_irqchip(e) || !open_payload(e) || !open_memory(e)) {
        return false;
    }
    for (unsigned i = 0; i < e->end.config.vcpus; i++) {
        if (!open_vcpu(e, i)) {
            return false;
        }
    }
    e->eventfd = eventfd(0, EFD_CLOEXEC);
    return e->eventfd >= 0;
}

static void real_close(End *end)
{
    RealEnd *e = of_end(end);

    for (unsigned i = 0; i < e->end.config.vcpus; i++) {
        if (e->vcpu[i].run && e->vcpu[i].run != MAP_FAILED) {
            munmap(e->vcpu[i].run, e->run_size);
        }
        close(e->vcpu[i].fd);
    }
    close(e->eventfd);
    close(e->vm);
    close(e->kvm);
    if (e->memory) {
        munmap(e->memory, GUEST_MEMORY);
    }
    free(e);
}

static End *real_open(const EndConfig *config, const Guest *guests)
{
    struct sigaction act = { .sa_handler = on_signal };
    RealEnd *e = calloc(1, sizeof(*e));

    *e = (RealEnd) {
        .end = { &kvm_end_ops, &e->port, guests, *config },
        .port.ops = &kvm_end_port_ops,
        .kvm = -1, .vm = -1, .eventfd = -1,
        .vcpu = { { .fd = -1 }, { .fd = -1 } },
    };
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGALRM, &act, NULL);
    if (!open_vm(e)) {
        int err = errno;

        real_close(&e->end);
        errno = err;
        return NULL;
    }
    return &e->end;
}

static void real_load(End *end)
{
    RealEnd *e = of_end(end);

    guest_handlers(e->memory);
    for (unsigned i = 0; i < end->config.vcpus; i++) {
        memcpy(e->memory + GUEST_ENTRY(i), end->guests[i].code,
               end->guests[i].bytes);
    }
}

static uint64_t now_usec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000) + t.tv_nsec / 1000;
}

static bool sleeps(RealVCPU *v)
{
    struct kvm_mp_state mp = { KVM_MP_STATE_RUNNABLE };

    ioctl(v->fd, KVM_GET_MP_STATE, &mp);
    return mp.mp_state != KVM_MP_STATE_RUNNABLE;
}

/*
 * Twice interrupted and asleep both times: the second time the kernel had
 * looked for something to wake it.
 */
static void real_run(End *end, unsigned vcpu, EndExit *x)
{
    RealVCPU *v = &of_end(end)->vcpu[vcpu];
    bool leaving = v->run->immediate_exit;
    uint64_t begin = now_usec();
    int naps = 0;

    *x = (EndExit) { };
    kvm_end_watch(NAP_USEC);
    do {
        x->ret = kvm_end_result(ioctl(v->fd, KVM_RUN, 0));
        naps = x->ret == -EINTR && sleeps(v) ? naps + 1 : 0;
        x->blocked = naps == 2;
        x->hung = now_usec() - begin > HUNG_USEC;
    } while (x->ret == -EINTR && !leaving && !x->blocked && !x->hung);
    kvm_end_watch(0);
    v->run->immediate_exit = 0;
    x->reason = v->run->exit_reason;
    if (!x->ret && x->reason == KVM_EXIT_IO) {
        x->detail = v->run->io.port;
        if (v->run->io.direction == KVM_EXIT_IO_IN) {
            *((uint8_t *)v->run + v->run->io.data_offset) = END_IN_DATA;
        }
    } else if (!x->ret && x->reason == KVM_EXIT_IOAPIC_EOI) {
        x->detail = v->run->eoi.vector;
    }
}

static bool real_ready(End *end, unsigned vcpu)
{
    return of_end(end)->vcpu[vcpu].run->ready_for_interrupt_injection;
}

static bool real_if_flag(End *end, unsigned vcpu)
{
    return of_end(end)->vcpu[vcpu].run->if_flag;
}

static int real_vm_ioctl(End *end, unsigned long request, void *arg)
{
    return kvm_end_result(ioctl(of_end(end)->vm, request, arg));
}

static int real_irqfd(End *end, const struct kvm_msi *msi)
{
    RealEnd *e = of_end(end);
    union {
        struct kvm_irq_routing head;
        uint8_t bytes[sizeof(struct kvm_irq_routing) +
                      sizeof(struct kvm_irq_routing_entry)];
    } routing = { .head.nr = 1 };
    struct kvm_irqfd irqfd = { .fd = e->eventfd, .gsi = SPLIT_PINS };
    uint64_t one = 1;
    int ret;

    routing.head.entries[0] = (struct kvm_irq_routing_entry) {
        .gsi = SPLIT_PINS,
        .type = KVM_IRQ_ROUTING_MSI,
        .u.msi = { msi->address_lo, msi->address_hi, msi->data },
    };
    ret = kvm_end_result(ioctl(e->vm, KVM_SET_GSI_ROUTING, &routing)) ?:
          kvm_end_result(ioctl(e->vm, KVM_IRQFD, &irqfd));
    if (!ret) {
        ret = write(e->eventfd, &one, sizeof(one)) == sizeof(one) ? 0 : -EIO;
        irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
        /* Waits for the message if it was not sent at once */
        ioctl(e->vm, KVM_IRQFD, &irqfd);
    }
    return ret;
}

/* TMCCT is 0, or begins anew */
static void real_expire(End *end, unsigned vcpu)
{
    RealVCPU *v = &of_end(end)->vcpu[vcpu];
    struct timespec nap = { .tv_nsec = 200000 };
    struct kvm_lapic_state s;
    uint64_t begin = now_usec();
    uint32_t last, count = UINT32_MAX;

    do {
        nanosleep(&nap, NULL);
        last = count;
        ioctl(v->fd, KVM_GET_LAPIC, &s);
        memcpy(&count, s.regs + TMCCT, sizeof(count));
    } while (count && count <= last && now_usec() - begin < HUNG_USEC);
}

static void real_debug(End *end, const struct kvm_guest_debug *debug)
{
    of_end(end)->debug = *debug;
}

static bool real_can(End *end, unsigned cap)
{
    return ioctl(of_end(end)->vm, KVM_CHECK_EXTENSION, cap) > 0;
}

const EndOps kvm_end_ops = {
    .name = "kvm",
    .open = real_open,
    .close = real_close,
    .load = real_load,
    .run = real_run,
    .ready = real_ready,
    .if_flag = real_if_flag,
    .vm_ioctl = real_vm_ioctl,
    .irqfd = real_irqfd,
    .expire = real_expire,
    .debug = real_debug,
    .can = real_can,
};
