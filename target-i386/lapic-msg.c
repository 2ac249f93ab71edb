/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message to local APICs: its words, bit by bit, and in English.
 */
#include "qemu/osdep.h"
#include "lapic-msg.h"

/* ICR; the low 11 bits are the same in MSI data, RTE and LVT */
#define DELIVERY_SHIFT      8
#define ICR_LOGICAL         (1u << 11)
#define ICR_ASSERT          (1u << 14)
#define ICR_LEVEL           (1u << 15)
#define ICR_SHORTHAND_SHIFT 18
#define ICR_DEST_SHIFT      56
#define X2ICR_DEST_SHIFT    32

/* MSI */
#define MSI_BASE            0xfee00000u
#define MSI_LOGICAL         (1u << 2)
#define MSI_REDIRECT        (1u << 3)
#define MSI_EXT_SHIFT       5
#define MSI_DEST_SHIFT      12
#define MSI_X2_SHIFT        40
#define MSI_ASSERT          (1u << 14)
#define MSI_LEVEL           (1u << 15)

/* RTE and LVT */
#define RTE_LOGICAL         (1u << 11)
#define RTE_DEST_SHIFT      56
#define LVT_PENDING         (1u << 12)
#define LVT_ACTIVE_LOW      (1u << 13)
#define LVT_REMOTE_IRR      (1u << 14)
#define LVT_LEVEL           (1u << 15)
#define LVT_MASKED          (1u << 16)
#define LVT_TIMER_SHIFT     17

static uint64_t field(uint64_t word, unsigned shift, unsigned width)
{
    return word >> shift & ((1ull << width) - 1);
}

static uint32_t flag(bool on, uint32_t bit)
{
    return on ? bit : 0;
}

LapicMsg lapic_msg_from_icr(uint64_t icr, bool x2apic)
{
    return (LapicMsg) {
        .dest = icr >> (x2apic ? X2ICR_DEST_SHIFT : ICR_DEST_SHIFT),
        .vector = icr,
        .delivery = field(icr, DELIVERY_SHIFT, 3),
        .shorthand = field(icr, ICR_SHORTHAND_SHIFT, 2),
        .logical = icr & ICR_LOGICAL,
        .level = icr & ICR_LEVEL,
        .assert = icr & ICR_ASSERT,
    };
}

uint64_t lapic_msg_to_icr(const LapicMsg *msg, bool x2apic)
{
    return (uint64_t)msg->dest << (x2apic ? X2ICR_DEST_SHIFT : ICR_DEST_SHIFT) |
           msg->vector | (msg->delivery & 7) << DELIVERY_SHIFT |
           (msg->shorthand & 3) << ICR_SHORTHAND_SHIFT |
           flag(msg->logical, ICR_LOGICAL) | flag(msg->level, ICR_LEVEL) |
           flag(msg->assert, ICR_ASSERT);
}

LapicMsg lapic_msg_from_msi(LapicMSI msi, LapicForm form)
{
    uint32_t dest = field(msi.address, MSI_DEST_SHIFT, 8);

    if (form == LAPIC_FORM_MSI_EXT) {
        dest |= field(msi.address, MSI_EXT_SHIFT, 7) << 8;
    } else if (form == LAPIC_FORM_MSI_X2) {
        dest |= field(msi.address, MSI_X2_SHIFT, 24) << 8;
    }
    return (LapicMsg) {
        .dest = dest,
        .vector = msi.data,
        .delivery = field(msi.data, DELIVERY_SHIFT, 3),
        .logical = msi.address & MSI_LOGICAL,
        .redirect = msi.address & MSI_REDIRECT,
        .level = msi.data & MSI_LEVEL,
        .assert = msi.data & MSI_ASSERT,
    };
}

LapicMSI lapic_msg_to_msi(const LapicMsg *msg, LapicForm form)
{
    LapicMSI msi = {
        .address = MSI_BASE | (msg->dest & 0xff) << MSI_DEST_SHIFT |
                   flag(msg->logical, MSI_LOGICAL) |
                   flag(msg->redirect, MSI_REDIRECT),
        .data = msg->vector | (msg->delivery & 7) << DELIVERY_SHIFT |
                flag(msg->level, MSI_LEVEL) | flag(msg->assert, MSI_ASSERT),
    };

    if (form == LAPIC_FORM_MSI_EXT) {
        msi.address |= field(msg->dest, 8, 7) << MSI_EXT_SHIFT;
    } else if (form == LAPIC_FORM_MSI_X2) {
        msi.address |= field(msg->dest, 8, 24) << MSI_X2_SHIFT;
    }
    return msi;
}

LapicRTE lapic_rte_decode(uint64_t rte)
{
    return (LapicRTE) {
        .msg = {
            .dest = rte >> RTE_DEST_SHIFT,
            .vector = rte,
            .delivery = field(rte, DELIVERY_SHIFT, 3),
            .logical = rte & RTE_LOGICAL,
            .level = rte & LVT_LEVEL,
            .assert = true,
        },
        .masked = rte & LVT_MASKED,
        .active_low = rte & LVT_ACTIVE_LOW,
        .remote_irr = rte & LVT_REMOTE_IRR,
        .pending = rte & LVT_PENDING,
    };
}

uint64_t lapic_rte_encode(const LapicRTE *rte)
{
    const LapicMsg *msg = &rte->msg;

    return (uint64_t)msg->dest << RTE_DEST_SHIFT |
           msg->vector | (msg->delivery & 7) << DELIVERY_SHIFT |
           flag(msg->logical, RTE_LOGICAL) | flag(msg->level, LVT_LEVEL) |
           flag(rte->masked, LVT_MASKED) |
           flag(rte->active_low, LVT_ACTIVE_LOW) |
           flag(rte->remote_irr, LVT_REMOTE_IRR) |
           flag(rte->pending, LVT_PENDING);
}

static bool is_pin(LapicLVTKind kind)
{
    return kind == LAPIC_LVT_LINT0 || kind == LAPIC_LVT_LINT1;
}

/* Timer and error interrupts are always Fixed */
static bool has_delivery(LapicLVTKind kind)
{
    return kind != LAPIC_LVT_TIMER && kind != LAPIC_LVT_ERROR;
}

LapicLVT lapic_lvt_decode(uint32_t lvt, LapicLVTKind kind)
{
    LapicLVT l = {
        .vector = lvt,
        .masked = lvt & LVT_MASKED,
        .pending = lvt & LVT_PENDING,
    };

    if (has_delivery(kind)) {
        l.delivery = field(lvt, DELIVERY_SHIFT, 3);
    }
    if (kind == LAPIC_LVT_TIMER) {
        l.timer_mode = field(lvt, LVT_TIMER_SHIFT, 2);
    }
    if (is_pin(kind)) {
        l.active_low = lvt & LVT_ACTIVE_LOW;
        l.remote_irr = lvt & LVT_REMOTE_IRR;
        l.level = lvt & LVT_LEVEL;
    }
    return l;
}

uint32_t lapic_lvt_encode(const LapicLVT *lvt, LapicLVTKind kind)
{
    uint32_t word = lvt->vector | flag(lvt->masked, LVT_MASKED) |
                    flag(lvt->pending, LVT_PENDING);

    if (has_delivery(kind)) {
        word |= (lvt->delivery & 7) << DELIVERY_SHIFT;
    }
    if (kind == LAPIC_LVT_TIMER) {
        word |= (lvt->timer_mode & 3) << LVT_TIMER_SHIFT;
    }
    if (is_pin(kind)) {
        word |= flag(lvt->active_low, LVT_ACTIVE_LOW) |
                flag(lvt->remote_irr, LVT_REMOTE_IRR) |
                flag(lvt->level, LVT_LEVEL);
    }
    return word;
}

const char *lapic_delivery_name(LapicDelivery delivery)
{
    static const char *const names[] = {
        [LAPIC_FIXED] = "Fixed", [LAPIC_LOWEST] = "LowestPrio",
        [LAPIC_SMI] = "SMI", [LAPIC_RESERVED] = "reserved",
        [LAPIC_NMI] = "NMI", [LAPIC_INIT] = "INIT",
        [LAPIC_STARTUP] = "STARTUP", [LAPIC_EXTINT] = "ExtINT",
    };

    return (unsigned)delivery <= LAPIC_EXTINT ? names[delivery] : "unknown";
}

/* The vector is shown where it matters, the trigger where it is one of two */
int lapic_msg_words(const LapicMsg *msg, char *buf, size_t size)
{
    static const char *const shorthands[] = {
        [LAPIC_SELF] = "self", [LAPIC_ALL] = "all", [LAPIC_OTHERS] = "others",
    };
    bool fixed = msg->delivery <= LAPIC_LOWEST;
    char vector[8] = "", to[32];
    const char *trigger = fixed ? " edge" : "";

    if (fixed || msg->delivery == LAPIC_STARTUP) {
        snprintf(vector, sizeof(vector), " 0x%02x", msg->vector);
    }
    if (msg->level) {
        trigger = msg->delivery == LAPIC_INIT && !msg->assert ? " de-assert" :
                  " level";
    }
    if (msg->shorthand >= LAPIC_SELF && msg->shorthand <= LAPIC_OTHERS) {
        snprintf(to, sizeof(to), "%s", shorthands[msg->shorthand]);
    } else if (msg->logical) {
        snprintf(to, sizeof(to), "logical 0x%02" PRIx32, msg->dest);
    } else {
        snprintf(to, sizeof(to), "physical %" PRIu32, msg->dest);
    }
    return snprintf(buf, size, "%s%s%s to %s%s",
                    lapic_delivery_name(msg->delivery), vector, trigger, to,
                    msg->redirect ? ", redirected" : "");
}

/* Small numbers as people write them, words and masks in hex */
static const char *number(uint64_t value, char buf[static 24])
{
    snprintf(buf, 24, value > 255 ? "0x%" PRIx64 : "%" PRIu64, value);
    return buf;
}

int lapic_fault_words(const LapicFault *fault, char *buf, size_t size)
{
    const char *colon = fault->why ? ": " : "";
    const char *why = fault->why ? fault->why : "";
    char value[24], min[24], max[24];

    if (!fault->err) {
        return snprintf(buf, size, "nothing wrong");
    }
    number(fault->value, value);
    number(fault->min, min);
    number(fault->max, max);
    if (fault->min > fault->max) {
        return snprintf(buf, size, "%s = %s%s%s", fault->field, value, colon,
                        why);
    }
    if (fault->min == fault->max) {
        return snprintf(buf, size, "%s = %s, must be %s%s%s", fault->field,
                        value, min, colon, why);
    }
    return snprintf(buf, size, "%s = %s, must be %s..%s%s%s", fault->field,
                    value, min, max, colon, why);
}
