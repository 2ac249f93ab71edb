/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vCPU's whole state, and what two of them differ in.
 */
#include "qemu/osdep.h"
#include "field.h"

#define TMCCT           0x390
#define MSRS            4

/* APICBASE, TSC_DEADLINE, PAT, MISC_ENABLE */
static const uint32_t msr_index[MSRS] = { 0x1b, 0x6e0, 0x277, 0x1a0 };

static const char *const line_fields[] = {
    "if", "eflags.if", "int", "exc", "nmi", "smi", "apic", "lvt0",
    "svr", "irr", "id", "ldr", "dfr", "tpr", "lvtt", "tmict",
};

/*
 * After an OUT it is the processor's maker who says where RIP is and whether
 * STI's shadow is over, and a KVM that emulates is late with the window.
 */
void field_line(End *end, unsigned vcpu, bool io, char *buf, size_t size)
{
    char value[FIELD_SIZE];
    size_t len = 0;

    *buf = 0;
    for (size_t i = 0; i < sizeof(line_fields) / sizeof(*line_fields); i++) {
        if (!field_get(end, vcpu, line_fields[i], value) && len < size) {
            len += snprintf(buf + len, size - len, " %s=%s", line_fields[i],
                            value);
        }
    }
    if (!io && !field_get(end, vcpu, "at", value) && len < size) {
        snprintf(buf + len, size - len, " at=%s ready=%d", value,
                 end->ops->ready(end, vcpu));
    }
}

/* What an end does not have stays 0 */
void field_keep(End *end, unsigned vcpu, Everything *all)
{
    memset(all, 0, sizeof(*all));
    end_ioctl(end, vcpu, KVM_GET_MP_STATE, &all->mp);
    end_ioctl(end, vcpu, KVM_GET_REGS, &all->regs);
    end_ioctl(end, vcpu, KVM_GET_SREGS, &all->sregs);
    end_ioctl(end, vcpu, KVM_GET_VCPU_EVENTS, &all->events);
    end_ioctl(end, vcpu, KVM_GET_DEBUGREGS, &all->debugregs);
    end_ioctl(end, vcpu, KVM_GET_LAPIC, &all->lapic);
    for (int i = 0; i < MSRS; i++) {
        struct {
            struct kvm_msrs head;
            struct kvm_msr_entry entry;
        } m = { .head.nmsrs = 1, .entry.index = msr_index[i] };

        if (end_ioctl(end, vcpu, KVM_GET_MSRS, &m) == 1) {
            all->msrs[i] = m.entry.data;
        }
    }
}

static void differ(char *buf, size_t size, const char *what)
{
    size_t len = strlen(buf);

    if (len < size) {
        snprintf(buf + len, size - len, " %s", what);
    }
}

static void compare_lapic(const Everything *a, const Everything *b,
                          char *buf, size_t size)
{
    for (unsigned i = 0; i < KVM_APIC_REG_SIZE; i += 16) {
        uint32_t x, y;
        char what[48];

        memcpy(&x, a->lapic.regs + i, sizeof(x));
        memcpy(&y, b->lapic.regs + i, sizeof(y));
        if (x != y && i != TMCCT) {
            snprintf(what, sizeof(what), "apic:%x=%x/%x", i, x, y);
            differ(buf, size, what);
        }
    }
}

#define COMPARE(field) do { \
    if (memcmp(&a->field, &b->field, sizeof(a->field))) { \
        differ(buf, size, #field); \
    } \
} while (0)

void field_compare(const Everything *a, const Everything *b,
                   char *buf, size_t size)
{
    *buf = 0;
    COMPARE(regs);
    COMPARE(sregs);
    COMPARE(events);
    COMPARE(mp);
    COMPARE(debugregs);
    COMPARE(msrs);
    compare_lapic(a, b, buf, size);
}
