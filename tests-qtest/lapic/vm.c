/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VM of a few vCPUs in real mode.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <glib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vm.h"

#define MEMORY          0x10000u
#define ENTRY(i)        (0x1000u + (i) * 0x200u)
#define STACK(i)        (0x9000u - (i) * 0x200u)
#define SIPI            (LAPIC_VM_SIPI << 12)
#define SPLIT_PINS      24
#define TSS_ADDRESS     0xfffbd000u
#define CPUIDS          256

static int must(int ret, const char *what)
{
    if (ret < 0) {
        g_error("%s: %s", what, strerror(errno));
    }
    return ret;
}

bool lapic_vm_can(unsigned cap)
{
    int fd = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    int has = ioctl(fd, KVM_CHECK_EXTENSION, cap);

    close(fd);
    return has > 0;
}

void lapic_vm_do(LapicVM *vm, unsigned i, unsigned long request, void *arg)
{
    if (ioctl(vm->vcpu[i].fd, request, arg) < 0) {
        g_error("vCPU %u, ioctl %lx: %s", i, request, strerror(errno));
    }
}

static void enable(LapicVM *vm, unsigned cap, uint64_t arg)
{
    struct kvm_enable_cap enable = { .cap = cap, .args = { arg } };

    must(ioctl(vm->vm, KVM_ENABLE_CAP, &enable), "KVM_ENABLE_CAP");
}

static void open_memory(LapicVM *vm)
{
    struct kvm_userspace_memory_region region = { .memory_size = MEMORY };

    vm->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(vm->memory == MAP_FAILED ? -1 : 0, "mmap");
    region.userspace_addr = (uintptr_t)vm->memory;
    must(ioctl(vm->vm, KVM_SET_USER_MEMORY_REGION, &region),
         "KVM_SET_USER_MEMORY_REGION");
    guest_handlers(vm->memory);
    /* out vector, al */
    vm->memory[SIPI] = 0xe6;
    vm->memory[SIPI + 1] = LAPIC_VM_SIPI;
}

/* Without CPUID the guest has no x2APIC */
static void open_vcpu(LapicVM *vm, unsigned i, uint32_t id)
{
    union {
        struct kvm_cpuid2 head;
        uint8_t bytes[sizeof(struct kvm_cpuid2) +
                      CPUIDS * sizeof(struct kvm_cpuid_entry2)];
    } cpuid = { .head.nent = CPUIDS };

    vm->vcpu[i].id = id;
    vm->vcpu[i].fd = must(ioctl(vm->vm, KVM_CREATE_VCPU, id),
                          "KVM_CREATE_VCPU");
    must(ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid),
         "KVM_GET_SUPPORTED_CPUID");
    lapic_vm_do(vm, i, KVM_SET_CPUID2, &cpuid);
    vm->vcpu[i].run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE,
                           MAP_SHARED, vm->vcpu[i].fd, 0);
    must(vm->vcpu[i].run == MAP_FAILED ? -1 : 0, "mmap of kvm_run");
}

void lapic_vm_open(LapicVM *vm, const uint32_t *ids, unsigned n, bool api)
{
    *vm = (LapicVM) { .n = n };
    vm->kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    vm->vm = must(ioctl(vm->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    vm->run_size = must(ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
                        "KVM_GET_VCPU_MMAP_SIZE");
    /* Intel's wants it, the others do not mind */
    ioctl(vm->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS);
    enable(vm, KVM_CAP_SPLIT_IRQCHIP, SPLIT_PINS);
    if (api) {
        enable(vm, KVM_CAP_X2APIC_API, KVM_X2APIC_API_USE_32BIT_IDS |
               KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK);
    }
    open_memory(vm);
    for (unsigned i = 0; i < n; i++) {
        open_vcpu(vm, i, ids[i]);
    }
}

void lapic_vm_close(LapicVM *vm)
{
    for (unsigned i = 0; i < vm->n; i++) {
        munmap(vm->vcpu[i].run, vm->run_size);
        close(vm->vcpu[i].fd);
    }
    close(vm->vm);
    close(vm->kvm);
    munmap(vm->memory, MEMORY);
}

/* The APIC's page is in reach */
static void flat(struct kvm_segment *s)
{
    s->base = 0;
    s->selector = 0;
    s->limit = 0xffffffff;
    s->g = 1;
}

void lapic_vm_load(LapicVM *vm, unsigned i, const Guest *guest)
{
    struct kvm_mp_state mp = { KVM_MP_STATE_RUNNABLE };
    struct kvm_sregs sregs;
    struct kvm_regs regs = {
        .rip = ENTRY(i), .rsp = STACK(i), .rflags = 2,
    };

    g_assert_cmpuint(guest->bytes, <=, ENTRY(1) - ENTRY(0));
    memcpy(vm->memory + ENTRY(i), guest->code, guest->bytes);
    lapic_vm_do(vm, i, KVM_SET_MP_STATE, &mp);
    lapic_vm_do(vm, i, KVM_GET_SREGS, &sregs);
    flat(&sregs.ds);
    flat(&sregs.es);
    flat(&sregs.ss);
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    lapic_vm_do(vm, i, KVM_SET_SREGS, &sregs);
    lapic_vm_do(vm, i, KVM_SET_REGS, &regs);
}

int lapic_vm_try_run(LapicVM *vm, unsigned i)
{
    struct kvm_run *run = vm->vcpu[i].run;

    if (ioctl(vm->vcpu[i].fd, KVM_RUN, NULL) < 0) {
        must(errno == EINTR ? 0 : -1, "KVM_RUN");
        return -1;
    }
    if (run->exit_reason != KVM_EXIT_IO) {
        g_error("vCPU %u left with reason %u", i, run->exit_reason);
    }
    return run->io.port;
}

unsigned lapic_vm_run(LapicVM *vm, unsigned i)
{
    int port;

    do {
        port = lapic_vm_try_run(vm, i);
    } while (port < 0);
    return port;
}

LapicView lapic_vm_view(LapicVM *vm, unsigned i)
{
    struct kvm_lapic_state page;
    struct kvm_sregs sregs;

    lapic_vm_do(vm, i, KVM_GET_LAPIC, &page);
    lapic_vm_do(vm, i, KVM_GET_SREGS, &sregs);
    return lapic_view(vm->vcpu[i].id, sregs.apic_base, page.regs);
}
