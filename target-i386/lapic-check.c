/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message to local APICs: what may be sent, and what is wrong with the rest.
 */
#include "qemu/osdep.h"
#include "lapic-msg.h"

#define VECTOR_MIN          16
#define MSI_BASE            0xfee    /* address bits 31:20 */

static uint64_t field(uint64_t word, unsigned shift, unsigned width)
{
    return word >> shift & ((1ull << width) - 1);
}

/* What went wrong; min > max: the values are no range */
static int refuse(LapicFault *fault, int err, const char *name,
                  uint64_t value, uint64_t min, uint64_t max, const char *why)
{
    if (fault) {
        *fault = (LapicFault) { err, name, value, min, max, why };
    }
    return err;
}

static int no_fault(LapicFault *fault)
{
    return refuse(fault, 0, NULL, 0, 0, 0, NULL);
}

/* Bits that have to be 0 */
typedef struct Reserved {
    const char *name;
    uint8_t shift, width;
} Reserved;

static int check_reserved(uint64_t word, const Reserved *r, size_t n,
                          LapicFault *fault)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value = field(word, r[i].shift, r[i].width);

        if (value) {
            return refuse(fault, -EINVAL, r[i].name, value, 0, 0, "reserved");
        }
    }
    return no_fault(fault);
}

#define CHECK_RESERVED(word, table, fault) \
    check_reserved(word, table, sizeof(table) / sizeof((table)[0]), fault)

/*
 * The vector's range: in ICR and LVT, and in MSI and RTE, whose INIT ignores
 * it. An NMI's is ignored everywhere.
 */
static const struct {
    uint8_t icr_min, icr_max, min, max;
    const char *why;
} vectors[8] = {
    [LAPIC_FIXED] = { VECTOR_MIN, 255, VECTOR_MIN, 255,
                      "others are illegal vectors" },
    [LAPIC_LOWEST] = { VECTOR_MIN, 255, VECTOR_MIN, 255,
                       "others are illegal vectors" },
    [LAPIC_SMI] = { 0, 0, 0, 0, "an SMI has no vector" },
    [LAPIC_RESERVED] = { 0, 255, 0, 255 },
    [LAPIC_NMI] = { 0, 255, 0, 255 },
    [LAPIC_INIT] = { 0, 0, 0, 255, "an INIT has no vector" },
    [LAPIC_STARTUP] = { 0, 255, 0, 255 },
    [LAPIC_EXTINT] = { 0, 255, 0, 255 },
};

#define MODE(x) (1u << LAPIC_##x)
#define MODES_ICR (MODE(FIXED) | MODE(LOWEST) | MODE(SMI) | MODE(NMI) | \
                   MODE(INIT) | MODE(STARTUP))
#define MODES_RTE (MODE(FIXED) | MODE(LOWEST) | MODE(SMI) | MODE(NMI) | \
                   MODE(INIT) | MODE(EXTINT))

#define NOT_EXTINT "ExtINT is for LVT and IOAPIC only"

/* Where it is written: the modes there are, and the highest destination */
static const struct {
    uint32_t modes;
    uint32_t dest;
    const char *why;            /* the other modes are not possible */
    bool icr;
} forms[] = {
    [LAPIC_FORM_XICR] = { MODES_ICR, 0xff, NOT_EXTINT, true },
    [LAPIC_FORM_X2ICR] = { MODES_ICR, UINT32_MAX, NOT_EXTINT, true },
    /* The SDM has ExtINT and no STARTUP; KVM drops ExtINT, and has STARTUP */
    [LAPIC_FORM_MSI] = { MODES_ICR, 0xff, NOT_EXTINT },
    [LAPIC_FORM_MSI_EXT] = { MODES_ICR, 0x7fff, NOT_EXTINT },
    [LAPIC_FORM_MSI_X2] = { MODES_ICR, UINT32_MAX, NOT_EXTINT },
    [LAPIC_FORM_RTE] = { MODES_RTE, 0xff,
                          "STARTUP is for an ICR only" },
    [LAPIC_FORM_SELF] = { MODES_ICR, UINT32_MAX, NOT_EXTINT, true },
};

/*
 * SDM, "Valid Combinations for the Pentium 4 and Intel Xeon Processors' Local
 * xAPIC Interrupt Command Register": the modes that go with a shorthand
 */
static const uint32_t shorthand_modes[4] = {
    [LAPIC_NO_SHORTHAND] = MODES_ICR,
    [LAPIC_SELF] = MODE(FIXED),
    [LAPIC_ALL] = MODE(FIXED),
    [LAPIC_OTHERS] = MODES_ICR,
};

static int check_vector(uint8_t vector, unsigned mode, bool icr,
                        LapicFault *fault)
{
    uint8_t min = icr ? vectors[mode].icr_min : vectors[mode].min;
    uint8_t max = icr ? vectors[mode].icr_max : vectors[mode].max;

    if (vector < min || vector > max) {
        return refuse(fault, -EINVAL, "vector", vector, min, max,
                      vectors[mode].why);
    }
    return 0;
}

/* It synchronised the arbitration of old buses; it is ignored today */
static bool init_deassert(const LapicMsg *msg)
{
    return msg->delivery == LAPIC_INIT && msg->level && !msg->assert;
}

static int check_delivery(const LapicMsg *msg, LapicForm form,
                          LapicFault *fault)
{
    unsigned mode = msg->delivery;

    if (mode > LAPIC_EXTINT) {
        return refuse(fault, -EINVAL, "delivery mode", mode, 0, LAPIC_EXTINT,
                      NULL);
    }
    if (!(forms[form].modes >> mode & 1)) {
        return refuse(fault, -EINVAL, "delivery mode", mode, 1, 0,
                      mode == LAPIC_RESERVED ? "reserved" : forms[form].why);
    }
    return check_vector(msg->vector, mode, forms[form].icr, fault);
}

/* An MSI's level flag means nothing: to KVM each is an assertion */
static int check_trigger(const LapicMsg *msg, LapicForm form,
                         LapicFault *fault)
{
    bool fixed = msg->delivery == LAPIC_FIXED || msg->delivery == LAPIC_LOWEST;

    if (forms[form].icr) {
        if (init_deassert(msg)) {
            return 0;
        }
        if (!msg->assert) {
            return refuse(fault, -EINVAL, "level", 0, 1, 1,
                          "only INIT de-assert, level-triggered, has 0");
        }
        if (msg->level) {
            return refuse(fault, -EINVAL, "trigger mode", 1, 0, 0,
                          "an ICR sends edges; only INIT de-assert has 1");
        }
        return 0;
    }
    if (form == LAPIC_FORM_RTE && !msg->assert) {
        return refuse(fault, -EINVAL, "level", 0, 1, 1,
                      "an IOAPIC only asserts");
    }
    if (msg->level && !fixed) {
        return refuse(fault, -EINVAL, "trigger mode", 1, 0, 0,
                      "only Fixed and LowestPrio can be level-triggered");
    }
    return 0;
}

static int check_shorthand(const LapicMsg *msg, LapicForm form,
                           LapicFault *fault)
{
    unsigned shorthand = msg->shorthand;

    if (form == LAPIC_FORM_SELF) {
        return shorthand == LAPIC_SELF ? 0 :
            refuse(fault, -EINVAL, "shorthand (bits 19:18)", shorthand,
                   LAPIC_SELF, LAPIC_SELF, "only self is possible here");
    }
    if (!forms[form].icr) {
        return shorthand == LAPIC_NO_SHORTHAND ? 0 :
            refuse(fault, -EINVAL, "shorthand", shorthand, 0, 0,
                   "only an ICR has one");
    }
    if (shorthand > LAPIC_OTHERS) {
        return refuse(fault, -EINVAL, "shorthand (bits 19:18)", shorthand,
                      0, LAPIC_OTHERS, NULL);
    }
    /* A de-assert goes to all, whatever the shorthand */
    if (!init_deassert(msg) &&
        !(shorthand_modes[shorthand] >> msg->delivery & 1)) {
        return refuse(fault, -EINVAL, "shorthand (bits 19:18)", shorthand,
                      1, 0, "self and all are for Fixed only");
    }
    return 0;
}

static int check_dest(const LapicMsg *msg, LapicForm form, LapicFault *fault)
{
    bool msi = form == LAPIC_FORM_MSI || form == LAPIC_FORM_MSI_EXT ||
               form == LAPIC_FORM_MSI_X2;

    /* KVM_INTERRUPT is the vCPU's own: the destination is not looked at */
    if (msg->dest > forms[form].dest) {
        return refuse(fault, -ERANGE, "destination", msg->dest, 0,
                      forms[form].dest, NULL);
    }
    if (msg->redirect && !msi) {
        return refuse(fault, -EINVAL, "redirection hint", 1, 0, 0,
                      "only an MSI has one");
    }
    return 0;
}

int lapic_msg_check(const LapicMsg *msg, LapicForm form, LapicFault *fault)
{
    static int (*const checks[])(const LapicMsg *, LapicForm, LapicFault *) = {
        check_delivery, check_trigger, check_shorthand, check_dest,
    };

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        int err = checks[i](msg, form, fault);

        if (err) {
            return err;
        }
    }
    return no_fault(fault);
}

int lapic_icr_check(uint64_t icr, bool x2apic, LapicFault *fault)
{
    /* Bit 12, the delivery status, is ignored where it is not read-only */
    static const Reserved reserved[] = {
        { "bit 13", 13, 1 }, { "bits 17:16", 16, 2 }, { "bits 31:20", 20, 12 },
        { "bits 55:32", 32, 24 },
    };
    LapicMsg msg = lapic_msg_from_icr(icr, x2apic);
    int err = check_reserved(icr, reserved, x2apic ? 3 : 4, fault);

    return err ? err : lapic_msg_check(&msg, x2apic ? LAPIC_FORM_X2ICR :
                                       LAPIC_FORM_XICR, fault);
}

int lapic_msi_check(LapicMSI msi, LapicForm form, LapicFault *fault)
{
    static const Reserved data[] = {
        { "data bits 13:11", 11, 3 }, { "data bits 31:16", 16, 16 },
    };
    static const Reserved low[] = { { "address bits 11:5", 5, 7 } };
    static const Reserved high[] = { { "address bits 63:32", 32, 32 } };
    /* What kvm_msi_valid_route() wants to be 0 */
    static const Reserved x2[] = { { "address bits 39:32", 32, 8 } };
    LapicMsg msg = lapic_msg_from_msi(msi, form);
    int err;

    if (field(msi.address, 20, 12) != MSI_BASE) {
        return refuse(fault, -EINVAL, "address bits 31:20",
                      field(msi.address, 20, 12), MSI_BASE, MSI_BASE,
                      "other addresses are memory");
    }
    if (field(msi.address, 4, 1)) {
        return refuse(fault, -ENOTSUP, "address bit 4", 1, 0, 0,
                      "remappable format, the IOMMU knows the message");
    }
    err = form == LAPIC_FORM_MSI_X2 ? CHECK_RESERVED(msi.address, x2, fault) :
          CHECK_RESERVED(msi.address, high, fault);
    if (!err && form != LAPIC_FORM_MSI_EXT) {
        err = CHECK_RESERVED(msi.address, low, fault);
    }
    if (!err) {
        err = CHECK_RESERVED(msi.data, data, fault);
    }
    return err ? err : lapic_msg_check(&msg, form, fault);
}

int lapic_rte_check(uint64_t rte, LapicFault *fault)
{
    static const Reserved reserved[] = { { "bits 55:17", 17, 39 } };
    LapicRTE r = lapic_rte_decode(rte);
    int err;

    if (field(rte, 48, 1)) {
        return refuse(fault, -ENOTSUP, "bit 48", 1, 0, 0,
                      "remappable format, the IOMMU knows the message");
    }
    err = CHECK_RESERVED(rte, reserved, fault);
    /* A masked entry sends nothing, it may be half written */
    return err || r.masked ? err :
        lapic_msg_check(&r.msg, LAPIC_FORM_RTE, fault);
}

#define MODES_LVT (MODE(FIXED) | MODE(SMI) | MODE(NMI))
#define MODES_LINT (MODES_LVT | MODE(INIT) | MODE(EXTINT))

static const Reserved lvt_timer[] = {
    { "bits 11:8", 8, 4 }, { "bits 15:13", 13, 3 }, { "bits 31:19", 19, 13 },
};
static const Reserved lvt_error[] = {
    { "bits 11:8", 8, 4 }, { "bits 15:13", 13, 3 }, { "bits 31:17", 17, 15 },
};
static const Reserved lvt_inside[] = {
    { "bit 11", 11, 1 }, { "bits 15:13", 13, 3 }, { "bits 31:17", 17, 15 },
};
static const Reserved lvt_pin[] = {
    { "bit 11", 11, 1 }, { "bits 31:17", 17, 15 },
};

static const struct {
    const Reserved *reserved;
    size_t n;
    uint32_t modes;
} lvts[LAPIC_LVT_KINDS] = {
    [LAPIC_LVT_TIMER] = { lvt_timer, 3, MODE(FIXED) },
    [LAPIC_LVT_THERMAL] = { lvt_inside, 3, MODES_LVT },
    [LAPIC_LVT_PERF] = { lvt_inside, 3, MODES_LVT },
    [LAPIC_LVT_LINT0] = { lvt_pin, 2, MODES_LINT },
    [LAPIC_LVT_LINT1] = { lvt_pin, 2, MODES_LINT },
    [LAPIC_LVT_ERROR] = { lvt_error, 3, MODE(FIXED) },
    [LAPIC_LVT_CMCI] = { lvt_inside, 3, MODES_LVT },
};

int lapic_lvt_check(uint32_t lvt, LapicLVTKind kind, LapicFault *fault)
{
    LapicLVT l = lapic_lvt_decode(lvt, kind);
    unsigned mode = l.delivery;
    int err = check_reserved(lvt, lvts[kind].reserved, lvts[kind].n, fault);

    if (err) {
        return err;
    }
    if (l.timer_mode > 2) {
        return refuse(fault, -EINVAL, "timer mode", l.timer_mode, 0, 2, NULL);
    }
    /* A masked entry delivers nothing: reset leaves vector 0 in it */
    if (l.masked) {
        return 0;
    }
    if (!(lvts[kind].modes >> mode & 1)) {
        return refuse(fault, -EINVAL, "delivery mode", mode, 1, 0,
                      MODES_LINT >> mode & 1 ? "only a LINT pin has it" :
                      "reserved");
    }
    err = check_vector(l.vector, mode, true, fault);
    if (!err && kind == LAPIC_LVT_LINT1 && mode == LAPIC_FIXED && l.level) {
        return refuse(fault, -EINVAL, "trigger mode", 1, 0, 0,
                      "LINT1 has no level-sensitive interrupts");
    }
    return err;
}
