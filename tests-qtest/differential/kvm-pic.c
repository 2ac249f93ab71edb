/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's in-kernel PIC, seen by a guest.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kvm-pic.h"

#define APIC_SPIV               0xf0
#define APIC_SPIV_ENABLE        0x1ff
#define APIC_LVT0               0x350
#define APIC_LVT_EXTINT         0x700
#define CR0_PE                  1
#define RFLAGS_ALWAYS           2
/* Pages that VMX without unrestricted guest needs; none of our memory */
#define IDENTITY_MAP            0xfffbc000
#define TSS                     0xfffbd000

static int must(int ret, const char *what)
{
    if (ret < 0) {
        printf("Bail out! %s: %s\n", what, strerror(errno));
        exit(1);
    }
    return ret;
}

#define DO(fd, request, arg) must(ioctl(fd, request, arg), #request)

static void open_memory(KVMPIC *k)
{
    struct kvm_userspace_memory_region region = {
        .memory_size = GUEST_MEMORY,
    };
    unsigned n;

    k->memory = mmap(NULL, GUEST_MEMORY, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(k->memory == MAP_FAILED ? -1 : 0, "mmap");
    region.userspace_addr = (uintptr_t)k->memory;
    DO(k->vm, KVM_SET_USER_MEMORY_REGION, &region);
    for (n = 0; n < 256; n++) {
        uint16_t entry[2] = { 16 * n, GUEST_HANDLER_SEGMENT - n };

        memcpy(k->memory + 4 * n, entry, sizeof(entry));
    }
    memcpy(k->memory + 16 * GUEST_HANDLER_SEGMENT, guest_handler,
           guest_handler_end - guest_handler);
}

static void set_segment(struct kvm_segment *s, uint16_t selector)
{
    s->selector = selector;
    s->base = 16u * selector;
}

static void open_vcpu(KVMPIC *k)
{
    struct kvm_sregs sregs;
    struct kvm_lapic_state lapic;
    uint32_t spiv = APIC_SPIV_ENABLE, lvt0 = APIC_LVT_EXTINT;
    int size = DO(k->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

    k->vcpu = DO(k->vm, KVM_CREATE_VCPU, 0);
    k->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, k->vcpu, 0);
    must(k->run == MAP_FAILED ? -1 : 0, "mmap");
    DO(k->vcpu, KVM_GET_SREGS, &sregs);
    set_segment(&sregs.cs, 0);
    set_segment(&sregs.ds, 0);
    set_segment(&sregs.ss, 0);
    set_segment(&sregs.es, GUEST_LOG_SEGMENT);
    sregs.cr0 &= ~CR0_PE;
    DO(k->vcpu, KVM_SET_SREGS, &sregs);
    DO(k->vcpu, KVM_GET_LAPIC, &lapic);
    memcpy(lapic.regs + APIC_SPIV, &spiv, sizeof(spiv));
    memcpy(lapic.regs + APIC_LVT0, &lvt0, sizeof(lvt0));
    DO(k->vcpu, KVM_SET_LAPIC, &lapic);
}

static bool has_old_poll(KVMPIC *k)
{
    kvm_pic_begin(k);
    kvm_pic_out(k, 0x20, 0x0c);
    kvm_pic_sync(k);
    kvm_pic_in(k, 0x20);
    kvm_pic_sync(k);
    kvm_pic_start(k);
    kvm_pic_go(k);
    kvm_pic_line(k, 3, true);
    return kvm_pic_go(k) && kvm_pic_log(k)[0] == 0x03;
}

const char *kvm_pic_open(KVMPIC *k)
{
    uint64_t identity = IDENTITY_MAP;

    *k = (KVMPIC) { .vm = -1, .vcpu = -1 };
    k->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (k->kvm < 0) {
        return "no usable /dev/kvm";
    }
    if (ioctl(k->kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
        close(k->kvm);
        return "/dev/kvm has another API version";
    }
    k->vm = ioctl(k->kvm, KVM_CREATE_VM, 0);
    if (k->vm < 0) {
        close(k->kvm);
        return "KVM creates no VM";
    }
    ioctl(k->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity);
    ioctl(k->vm, KVM_SET_TSS_ADDR, TSS);
    if (ioctl(k->vm, KVM_CREATE_IRQCHIP, 0)) {
        close(k->vm);
        close(k->kvm);
        return "this KVM has no PIC";
    }
    open_memory(k);
    open_vcpu(k);
    k->old_poll = has_old_poll(k);
    return NULL;
}

void kvm_pic_close(KVMPIC *k)
{
    close(k->vcpu);
    close(k->vm);
    close(k->kvm);
    munmap(k->memory, GUEST_MEMORY);
}

void kvm_pic_begin(KVMPIC *k)
{
    PICRegisters zero = {
        .chip[0].elcr_mask = ELCR_MASTER,
        .chip[1].elcr_mask = ELCR_SLAVE,
    };
    unsigned irq;

    for (irq = 0; irq < 16; irq++) {
        kvm_pic_line(k, irq, false);
    }
    kvm_pic_put(k, &zero);
    k->code = GUEST_CODE;
}

static void emit(KVMPIC *k, const uint8_t *bytes, unsigned n)
{
    memcpy(k->memory + k->code, bytes, n);
    k->code += n;
}

#define EMIT(k, ...) \
    emit(k, (const uint8_t[]) { __VA_ARGS__ }, \
         sizeof((const uint8_t[]) { __VA_ARGS__ }))

bool kvm_pic_full(const KVMPIC *k)
{
    return k->code + 64 > GUEST_CODE_END;
}

void kvm_pic_out(KVMPIC *k, uint16_t port, uint8_t val)
{
    EMIT(k, 0xb0, val);                                 /* mov al, val */
    if (port < 0x100) {
        EMIT(k, 0xe6, (uint8_t)port);                   /* out port, al */
    } else {
        EMIT(k, 0xba, (uint8_t)port, port >> 8, 0xee);  /* out dx, al */
    }
}

void kvm_pic_in(KVMPIC *k, uint16_t port)
{
    EMIT(k, 0x31, 0xc0);                                /* xor ax, ax */
    if (port < 0x100) {
        EMIT(k, 0xe4, (uint8_t)port);                   /* in al, port */
    } else {
        EMIT(k, 0xba, (uint8_t)port, port >> 8, 0xec);  /* in al, dx */
    }
    EMIT(k, 0xab);                                      /* stosw */
}

void kvm_pic_window(KVMPIC *k)
{
    EMIT(k, 0xb8, GUEST_NONE & 0xff, GUEST_NONE >> 8);  /* mov ax, none */
    EMIT(k, 0xfb, 0xe6, GUEST_LEAVE);                   /* sti; out leave */
    EMIT(k, 0xfa, 0xab);                                /* cli; stosw */
}

void kvm_pic_sync(KVMPIC *k)
{
    EMIT(k, 0xe6, GUEST_SYNC);                          /* out port, al */
}

void kvm_pic_start(KVMPIC *k)
{
    struct kvm_regs regs = {
        .rip = GUEST_CODE,
        .rsp = GUEST_STACK,
        .rflags = RFLAGS_ALWAYS,
    };

    DO(k->vcpu, KVM_SET_REGS, &regs);
}

static bool left_at(const KVMPIC *k, uint16_t port)
{
    return k->run->exit_reason == KVM_EXIT_IO &&
           k->run->io.direction == KVM_EXIT_IO_OUT && k->run->io.port == port;
}

bool kvm_pic_go(KVMPIC *k)
{
    int ret;

    do {
        ret = ioctl(k->vcpu, KVM_RUN, 0);
        if (ret < 0 && errno != EINTR) {
            must(ret, "KVM_RUN");
        }
    } while (ret < 0 || left_at(k, GUEST_LEAVE));
    return left_at(k, GUEST_SYNC);
}

const uint16_t *kvm_pic_log(const KVMPIC *k)
{
    return (const uint16_t *)(k->memory + 16 * GUEST_LOG_SEGMENT);
}

void kvm_pic_line(KVMPIC *k, unsigned irq, bool level)
{
    struct kvm_irq_level line = { .irq = irq, .level = level };

    DO(k->vm, KVM_IRQ_LINE, &line);
}

void kvm_pic_get(KVMPIC *k, PICRegisters *regs)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        struct kvm_irqchip c = {
            .chip_id = i ? KVM_IRQCHIP_PIC_SLAVE : KVM_IRQCHIP_PIC_MASTER,
        };

        DO(k->vm, KVM_GET_IRQCHIP, &c);
        regs->chip[i] = c.chip.pic;
    }
}

void kvm_pic_put(KVMPIC *k, const PICRegisters *regs)
{
    unsigned i;

    /* The slave first: its INT reaches the master at once and stays there */
    for (i = 2; i-- > 0; ) {
        struct kvm_irqchip c = {
            .chip_id = i ? KVM_IRQCHIP_PIC_SLAVE : KVM_IRQCHIP_PIC_MASTER,
            .chip.pic = regs->chip[i],
        };

        DO(k->vm, KVM_SET_IRQCHIP, &c);
    }
}
