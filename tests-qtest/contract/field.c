/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scenario says of a vCPU's state.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "field.h"

#define RFLAGS_IF       0x200u
#define MSR_APICBASE    0x1bu
#define TMICT           0x380
#define TMCCT           0x390
#define NONE            "-"

/* A choice of names */
typedef struct Name {
    const char *name;
    uint64_t val;
} Name;

static const Name mp_names[] = {
    { "runnable", KVM_MP_STATE_RUNNABLE },
    { "uninit", KVM_MP_STATE_UNINITIALIZED },
    { "init", KVM_MP_STATE_INIT_RECEIVED },
    { "halted", KVM_MP_STATE_HALTED },
    { "sipi", KVM_MP_STATE_SIPI_RECEIVED },
    { }
};

static const Name lvt_names[] = {
    { "extint", 0x700 }, { "masked", 0x10700 }, { "reset", 0x10000 },
    { "fixed", 0x51 }, { }
};

static const Name svr_names[] = {
    { "on", 0x1ff }, { "off", 0xff }, { }
};

static const Name apic_names[] = {
    { "off", 0 }, { "xapic", KVM_MODEL_ENABLE },
    { "x2apic", KVM_MODEL_ENABLE | KVM_MODEL_EXTD }, { }
};

/* The LAPIC's registers that are one word */
static const struct {
    const char *name;
    unsigned offset;
    const Name *names;
} lapic_fields[] = {
    { "id", 0x20 }, { "tpr", 0x80 }, { "ldr", 0xd0 }, { "dfr", 0xe0 },
    { "svr", 0xf0, svr_names }, { "esr", 0x280 }, { "lvtt", 0x320 },
    { "lvt0", 0x350, lvt_names }, { "lvt1", 0x360 }, { "lvterr", 0x370 },
    { "tmict", TMICT }, { "tdcr", 0x3e0 },
};

static const struct {
    const char *name;
    unsigned offset;
} vector_fields[] = { { "isr", 0x100 }, { "tmr", 0x180 }, { "irr", 0x200 } };

static uint32_t lapic_get(const struct kvm_lapic_state *s, unsigned offset)
{
    uint32_t val;

    memcpy(&val, s->regs + offset, sizeof(val));
    return val;
}

static void lapic_put(struct kvm_lapic_state *s, unsigned offset,
                      uint32_t val)
{
    memcpy(s->regs + offset, &val, sizeof(val));
}

static void show(char *value, const Name *names, uint64_t val)
{
    for (; names && names->name; names++) {
        if (names->val == val) {
            snprintf(value, FIELD_SIZE, "%s", names->name);
            return;
        }
    }
    snprintf(value, FIELD_SIZE, val < 10 ? "%" PRIu64 : "0x%" PRIx64, val);
}

static const Name shadow_names[] = {
    { "movss", KVM_X86_SHADOW_INT_MOV_SS }, { "sti", KVM_X86_SHADOW_INT_STI },
    { }
};

static bool parse(const char *value, const Name *names, uint64_t *val)
{
    char *end;

    for (; names && names->name; names++) {
        if (!strcmp(names->name, value)) {
            *val = names->val;
            return true;
        }
    }
    *val = g_ascii_strtoull(value, &end, 0);
    return end != value && !*end;
}

/* MSRs, one at a time */

static int msr_ioctl(End *end, unsigned vcpu, unsigned long request,
                     uint32_t index, uint64_t *val)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } m = { .head.nmsrs = 1, .entry = { .index = index, .data = *val } };
    int ret = end_ioctl(end, vcpu, request, &m);

    *val = m.entry.data;
    return ret < 0 ? ret : ret == 1 ? 0 : -EINVAL;
}

static int apic_get(End *end, unsigned vcpu, char *value)
{
    uint64_t base = 0;
    int ret = msr_ioctl(end, vcpu, KVM_GET_MSRS, MSR_APICBASE, &base);

    show(value, apic_names, base & (KVM_MODEL_ENABLE | KVM_MODEL_EXTD));
    return ret;
}

static int apic_set(End *end, unsigned vcpu, uint64_t mode)
{
    uint64_t base = 0;
    int ret = msr_ioctl(end, vcpu, KVM_GET_MSRS, MSR_APICBASE, &base);

    base = (base & ~(uint64_t)(KVM_MODEL_ENABLE | KVM_MODEL_EXTD)) | mode;
    return ret ?: msr_ioctl(end, vcpu, KVM_SET_MSRS, MSR_APICBASE, &base);
}

/* LAPIC */

static void show_vectors(char *value, const struct kvm_lapic_state *s,
                         unsigned offset)
{
    int len = 0;

    snprintf(value, FIELD_SIZE, NONE);
    for (unsigned v = 0; v < 256; v++) {
        if (lapic_get(s, offset + v / 32 * 16) >> v % 32 & 1 &&
            len < FIELD_SIZE - 8) {
            len += snprintf(value + len, FIELD_SIZE - len, "%s0x%x",
                            len ? "," : "", v);
        }
    }
}

static bool put_vectors(struct kvm_lapic_state *s, unsigned offset,
                        const char *value)
{
    char *next;

    for (unsigned i = 0; i < 8; i++) {
        lapic_put(s, offset + i * 16, 0);
    }
    if (!strcmp(value, NONE)) {
        return true;
    }
    for (;; value = next + 1) {
        unsigned v = g_ascii_strtoull(value, &next, 0);
        unsigned reg = offset + v / 32 * 16;

        if (next == value || v > 255) {
            return false;
        }
        lapic_put(s, reg, lapic_get(s, reg) | 1u << v % 32);
        if (*next != ',') {
            return !*next;
        }
    }
}

static int lapic_field_get(const struct kvm_lapic_state *s, const char *name,
                           char *value)
{
    for (size_t i = 0; i < sizeof(lapic_fields) / sizeof(*lapic_fields); i++) {
        if (!strcmp(lapic_fields[i].name, name)) {
            show(value, lapic_fields[i].names,
                 lapic_get(s, lapic_fields[i].offset));
            return 0;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (!strcmp(vector_fields[i].name, name)) {
            show_vectors(value, s, vector_fields[i].offset);
            return 0;
        }
    }
    if (!strcmp(name, "timer")) {
        show(value, NULL, !!lapic_get(s, TMCCT));
        return 0;
    }
    return -ESRCH;
}

static int lapic_field_set(End *end, unsigned vcpu, const char *name,
                           const char *value)
{
    struct kvm_lapic_state s;
    uint64_t val;
    int ret = end_ioctl(end, vcpu, KVM_GET_LAPIC, &s);

    if (ret) {
        return ret;
    }
    ret = -ESRCH;
    for (size_t i = 0; i < sizeof(lapic_fields) / sizeof(*lapic_fields); i++) {
        if (!strcmp(lapic_fields[i].name, name)) {
            if (!parse(value, lapic_fields[i].names, &val)) {
                return -EDOM;
            }
            lapic_put(&s, lapic_fields[i].offset, val);
            if (lapic_fields[i].offset == TMICT) {
                lapic_put(&s, TMCCT, val);
            }
            ret = 0;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (!strcmp(vector_fields[i].name, name)) {
            ret = put_vectors(&s, vector_fields[i].offset, value) ? 0 : -EDOM;
        }
    }
    return ret ?: end_ioctl(end, vcpu, KVM_SET_LAPIC, &s);
}

/* Events */

static void show_events(const struct kvm_vcpu_events *e, const char *name,
                        char *value)
{
    if (!strcmp(name, "int") && e->interrupt.injected) {
        snprintf(value, FIELD_SIZE, "0x%x", e->interrupt.nr);
    } else if (!strcmp(name, "exc") &&
               (e->exception.injected || e->exception.pending)) {
        snprintf(value, FIELD_SIZE, "%u", e->exception.nr);
    } else if (!strcmp(name, "pend") && e->exception.pending) {
        snprintf(value, FIELD_SIZE, "%u", e->exception.nr);
    } else if (!strcmp(name, "nmi")) {
        snprintf(value, FIELD_SIZE, "%s%s%s",
                 e->nmi.injected ? "injected" : "",
                 e->nmi.pending ? "pending" : "",
                 e->nmi.masked ? "masked" : "");
    } else if (!strcmp(name, "smi")) {
        snprintf(value, FIELD_SIZE, "%s%s", e->smi.pending ? "pending" : "",
                 e->smi.smm ? "smm" : "");
    } else if (!strcmp(name, "shadow")) {
        snprintf(value, FIELD_SIZE, "%d", !!e->interrupt.shadow);
    }
    if (!*value) {
        snprintf(value, FIELD_SIZE, NONE);
    }
}

static int put_event(struct kvm_vcpu_events *e, const char *name,
                     const char *value)
{
    bool none = !strcmp(value, NONE);
    uint64_t val = 0;

    if (!strcmp(name, "nmi")) {
        e->nmi.pending = !strcmp(value, "pending");
        e->nmi.injected = !strcmp(value, "injected");
        e->nmi.masked = !strcmp(value, "masked") || e->nmi.injected;
        return 0;
    }
    if (!none && !parse(value, shadow_names, &val)) {
        return -EDOM;
    }
    if (!strcmp(name, "int")) {
        e->interrupt.injected = !none;
        e->interrupt.nr = val;
        e->interrupt.soft = 0;
    } else if (!strcmp(name, "exc")) {
        e->exception.injected = !none;
        e->exception.nr = val;
        e->exception.has_error_code = 0;
    } else if (!strcmp(name, "pend")) {
        e->exception.injected = 0;
        e->exception.pending = !none;
        e->exception.nr = val;
    } else if (!strcmp(name, "shadow")) {
        e->flags |= KVM_VCPUEVENT_VALID_SHADOW;
        e->interrupt.shadow = val;
    } else {
        return -ESRCH;
    }
    return 0;
}

static bool is_event(const char *name)
{
    static const char *const names[] = {
        "int", "exc", "pend", "nmi", "smi", "shadow",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!strcmp(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Registers */

static int regs_get(End *end, unsigned vcpu, const char *name, char *value)
{
    struct kvm_regs regs;
    int ret = end_ioctl(end, vcpu, KVM_GET_REGS, &regs);

    if (ret) {
        return ret;
    }
    if (!strcmp(name, "at")) {
        guest_where(&end->guests[vcpu], vcpu, regs.rip, value, FIELD_SIZE);
    } else if (!strcmp(name, "eflags.if")) {
        show(value, NULL, !!(regs.rflags & RFLAGS_IF));
    } else if (!strcmp(name, "al")) {
        show(value, NULL, regs.rax & 0xff);
    } else if (!strcmp(name, "sp")) {
        show(value, NULL, GUEST_STACK(vcpu) - regs.rsp);
    } else {
        return -ESRCH;
    }
    return 0;
}

static int regs_set(End *end, unsigned vcpu, const char *name,
                    const char *value)
{
    struct kvm_regs regs;
    uint64_t val;
    int ret = end_ioctl(end, vcpu, KVM_GET_REGS, &regs);

    if (ret) {
        return ret;
    }
    if (!parse(value, NULL, &val)) {
        return -EDOM;
    }
    if (!strcmp(name, "at") && val <= end->guests[vcpu].words) {
        regs.rip = GUEST_ENTRY(vcpu) + end->guests[vcpu].word[val];
    } else if (!strcmp(name, "eflags.if")) {
        regs.rflags = (regs.rflags & ~(uint64_t)RFLAGS_IF) |
                      (val ? RFLAGS_IF : 0);
    } else {
        return -ESRCH;
    }
    return end_ioctl(end, vcpu, KVM_SET_REGS, &regs);
}

int field_get(End *end, unsigned vcpu, const char *name,
              char value[FIELD_SIZE])
{
    struct kvm_lapic_state lapic;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp;
    int ret;

    *value = 0;
    if (!strcmp(name, "ready")) {
        show(value, NULL, end->ops->ready(end, vcpu));
        return 0;
    }
    if (!strcmp(name, "if")) {
        show(value, NULL, end->ops->if_flag(end, vcpu));
        return 0;
    }
    if (!strcmp(name, "apic")) {
        return apic_get(end, vcpu, value);
    }
    if (!strcmp(name, "mp")) {
        ret = end_ioctl(end, vcpu, KVM_GET_MP_STATE, &mp);
        show(value, mp_names, mp.mp_state);
        return ret;
    }
    if (is_event(name)) {
        ret = end_ioctl(end, vcpu, KVM_GET_VCPU_EVENTS, &events);
        show_events(&events, name, value);
        return ret;
    }
    ret = regs_get(end, vcpu, name, value);
    if (ret == -ESRCH) {
        ret = end_ioctl(end, vcpu, KVM_GET_LAPIC, &lapic) ?:
              lapic_field_get(&lapic, name, value);
    }
    return ret;
}

int field_set(End *end, unsigned vcpu, const char *name, const char *value)
{
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp;
    uint64_t val;
    int ret;

    if (!strcmp(name, "apic")) {
        return parse(value, apic_names, &val) ? apic_set(end, vcpu, val) :
               -EDOM;
    }
    if (!strcmp(name, "mp")) {
        if (!parse(value, mp_names, &val)) {
            return -EDOM;
        }
        mp.mp_state = val;
        return end_ioctl(end, vcpu, KVM_SET_MP_STATE, &mp);
    }
    if (is_event(name)) {
        return end_ioctl(end, vcpu, KVM_GET_VCPU_EVENTS, &events) ?:
               put_event(&events, name, value) ?:
               end_ioctl(end, vcpu, KVM_SET_VCPU_EVENTS, &events);
    }
    ret = regs_set(end, vcpu, name, value);
    return ret == -ESRCH || ret == -EDOM ?
           lapic_field_set(end, vcpu, name, value) : ret;
}
