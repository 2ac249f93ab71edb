/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of what lapic-msg refuses: every message against the SDM's table
 * of valid ones, and every reserved bit.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "../target-i386/lapic-msg.h"

#define IN(x) (1u << LAPIC_FORM_##x)
#define ICR (IN(XICR) | IN(X2ICR))
#define MSI (IN(MSI) | IN(MSI_EXT) | IN(MSI_X2))
#define FORMS 7

#define SH(x) (1u << LAPIC_##x)
#define ANY_SH 0x0fu
#define EDGE 1u
#define LEVEL 2u
#define BOTH 3u
#define OFF 1u
#define ON 2u

/*
 * What is valid: ICR by the SDM's table for Pentium 4 and Xeon, and its text
 * on vectors; MSI and RTE by "Message Data Register" and the 82093AA, but for
 * STARTUP and ExtINT in MSIs, where KVM is what counts.
 */
static const struct {
    unsigned forms, shorthands;
    LapicDelivery delivery;
    unsigned trigger, level;
    uint8_t first, last;        /* vector */
} valid[] = {
    { ICR, SH(NO_SHORTHAND) | SH(OTHERS), LAPIC_FIXED, EDGE, ON, 16, 255 },
    { ICR, SH(NO_SHORTHAND) | SH(OTHERS), LAPIC_LOWEST, EDGE, ON, 16, 255 },
    { ICR, SH(NO_SHORTHAND) | SH(OTHERS), LAPIC_SMI, EDGE, ON, 0, 0 },
    { ICR, SH(NO_SHORTHAND) | SH(OTHERS), LAPIC_NMI, EDGE, ON, 0, 255 },
    { ICR, SH(NO_SHORTHAND) | SH(OTHERS), LAPIC_INIT, EDGE, ON, 0, 0 },
    { ICR, SH(NO_SHORTHAND) | SH(OTHERS), LAPIC_STARTUP, EDGE, ON, 0, 255 },
    { ICR, SH(SELF) | SH(ALL), LAPIC_FIXED, EDGE, ON, 16, 255 },
    { ICR, ANY_SH, LAPIC_INIT, LEVEL, OFF, 0, 0 },
    /* The proposal: as if written to the ICR, and reaching itself */
    { IN(SELF), SH(SELF), LAPIC_FIXED, EDGE, ON, 16, 255 },
    { IN(SELF), SH(SELF), LAPIC_LOWEST, EDGE, ON, 16, 255 },
    { IN(SELF), SH(SELF), LAPIC_SMI, EDGE, ON, 0, 0 },
    { IN(SELF), SH(SELF), LAPIC_NMI, EDGE, ON, 0, 255 },
    { IN(SELF), SH(SELF), LAPIC_INIT, EDGE, ON, 0, 0 },
    { IN(SELF), SH(SELF), LAPIC_INIT, LEVEL, OFF, 0, 0 },
    { IN(SELF), SH(SELF), LAPIC_STARTUP, EDGE, ON, 0, 255 },
    { MSI, SH(NO_SHORTHAND), LAPIC_FIXED, BOTH, OFF | ON, 16, 255 },
    { MSI, SH(NO_SHORTHAND), LAPIC_LOWEST, BOTH, OFF | ON, 16, 255 },
    { MSI, SH(NO_SHORTHAND), LAPIC_SMI, EDGE, OFF | ON, 0, 0 },
    { MSI, SH(NO_SHORTHAND), LAPIC_NMI, EDGE, OFF | ON, 0, 255 },
    { MSI, SH(NO_SHORTHAND), LAPIC_INIT, EDGE, OFF | ON, 0, 255 },
    { MSI, SH(NO_SHORTHAND), LAPIC_STARTUP, EDGE, OFF | ON, 0, 255 },
    { IN(RTE), SH(NO_SHORTHAND), LAPIC_FIXED, BOTH, ON, 16, 255 },
    { IN(RTE), SH(NO_SHORTHAND), LAPIC_LOWEST, BOTH, ON, 16, 255 },
    { IN(RTE), SH(NO_SHORTHAND), LAPIC_SMI, EDGE, ON, 0, 0 },
    { IN(RTE), SH(NO_SHORTHAND), LAPIC_NMI, EDGE, ON, 0, 255 },
    { IN(RTE), SH(NO_SHORTHAND), LAPIC_INIT, EDGE, ON, 0, 255 },
    { IN(RTE), SH(NO_SHORTHAND), LAPIC_EXTINT, EDGE, ON, 0, 255 },
};

static const uint32_t dest_max[FORMS] = {
    [LAPIC_FORM_XICR] = 255, [LAPIC_FORM_X2ICR] = UINT32_MAX,
    [LAPIC_FORM_MSI] = 255, [LAPIC_FORM_MSI_EXT] = 32767,
    [LAPIC_FORM_MSI_X2] = UINT32_MAX, [LAPIC_FORM_RTE] = 255,
    [LAPIC_FORM_SELF] = UINT32_MAX,
};

static bool in_table(const LapicMsg *msg, LapicForm form)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(valid); i++) {
        if (valid[i].forms >> form & 1 &&
            msg->shorthand < 4 && valid[i].shorthands >> msg->shorthand & 1 &&
            valid[i].delivery == msg->delivery &&
            valid[i].trigger & (msg->level ? LEVEL : EDGE) &&
            valid[i].level & (msg->assert ? ON : OFF) &&
            msg->vector >= valid[i].first && msg->vector <= valid[i].last) {
            return true;
        }
    }
    return false;
}

static int expected(const LapicMsg *msg, LapicForm form)
{
    if (!in_table(msg, form)) {
        return -EINVAL;
    }
    if (msg->dest > dest_max[form]) {
        return -ERANGE;
    }
    return msg->redirect && !(MSI >> form & 1) ? -EINVAL : 0;
}

/* The fault's value is the message's, and lies outside of its range */
static void look_at_fault(const LapicMsg *msg, LapicForm form, int err,
                          const LapicFault *f)
{
    uint64_t value;

    g_assert_cmpint(f->err, ==, err);
    if (!err) {
        g_assert_null(f->field);
        return;
    }
    if (!strcmp(f->field, "vector")) {
        value = msg->vector;
    } else if (!strcmp(f->field, "delivery mode")) {
        value = msg->delivery;
    } else if (g_str_has_prefix(f->field, "shorthand")) {
        value = msg->shorthand;
    } else if (!strcmp(f->field, "destination")) {
        value = msg->dest;
        g_assert_cmpuint(f->max, ==, dest_max[form]);
        g_assert_cmpint(err, ==, -ERANGE);
    } else if (!strcmp(f->field, "level")) {
        value = msg->assert;
    } else if (!strcmp(f->field, "trigger mode")) {
        value = msg->level;
    } else {
        g_assert_cmpstr(f->field, ==, "redirection hint");
        value = msg->redirect;
    }
    g_assert_cmpuint(f->value, ==, value);
    g_assert_true(value < f->min || value > f->max);
}

/* All messages there are, and some that there are not */
static void test_messages(void)
{
    static const uint32_t dests[] = {
        0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xffffffff,
    };
    unsigned seen[FORMS] = { 0 }, checked = 0;

    for (unsigned i = 0; i < FORMS * 9 * 6 * 16; i++) {
        LapicForm form = i % FORMS;
        LapicMsg msg = {
            .delivery = i / FORMS % 9, .shorthand = i / FORMS / 9 % 6,
            .level = i / FORMS / 54 & 1, .assert = i / FORMS / 54 & 2,
            .redirect = i / FORMS / 54 & 4, .logical = i / FORMS / 54 & 8,
        };

        for (unsigned vector = 0; vector < 256; vector++) {
            msg.vector = vector;
            for (unsigned d = 0; d < G_N_ELEMENTS(dests); d++) {
                LapicFault fault;
                int err;

                msg.dest = dests[d];
                memset(&fault, 0xff, sizeof(fault));
                err = lapic_msg_check(&msg, form, &fault);
                if (err != expected(&msg, form)) {
                    g_test_message("form %d: delivery %d vector %d shorthand "
                                   "%d level %d assert %d redirect %d dest %x",
                                   form, msg.delivery, msg.vector,
                                   msg.shorthand, msg.level, msg.assert,
                                   msg.redirect, msg.dest);
                }
                g_assert_cmpint(err, ==, expected(&msg, form));
                look_at_fault(&msg, form, err, &fault);
                seen[form] += !err;
                checked++;
            }
        }
    }
    for (unsigned form = 0; form < FORMS; form++) {
        g_test_message("form %u: %u valid of %u", form, seen[form],
                       checked / FORMS);
        g_assert_cmpuint(seen[form], >, 0);
    }
}

/* What the check lets pass comes back from the word unchanged */
static void test_valid_words(void)
{
    for (unsigned i = 0; i < 1 << 16; i++) {
        LapicMsg msg = lapic_msg_from_icr((i & 0x3fff) * 0x1ull |
                                          (i & 0xc000ull) << 4, false), back;
        LapicForm form;

        msg.dest = i * 0x9e3779b1u >> 24;
        for (form = 0; form < FORMS; form++) {
            if (lapic_msg_check(&msg, form, NULL)) {
                continue;
            }
            if (form == LAPIC_FORM_RTE) {
                back = lapic_rte_decode(lapic_rte_encode(
                    &(LapicRTE) { .msg = msg })).msg;
                g_assert_cmpint(lapic_rte_check(lapic_rte_encode(
                    &(LapicRTE) { .msg = msg }), NULL), ==, 0);
            } else if (MSI >> form & 1) {
                back = lapic_msg_from_msi(lapic_msg_to_msi(&msg, form), form);
                g_assert_cmpint(lapic_msi_check(lapic_msg_to_msi(&msg, form),
                                                form, NULL), ==, 0);
            } else {
                bool x2 = form == LAPIC_FORM_X2ICR;

                back = lapic_msg_from_icr(lapic_msg_to_icr(&msg, x2), x2);
                if (form != LAPIC_FORM_SELF) {
                    g_assert_cmpint(lapic_icr_check(lapic_msg_to_icr(&msg, x2),
                                                    x2, NULL), ==, 0);
                }
            }
            g_assert_cmpmem(&back, sizeof(back), &msg, sizeof(msg));
        }
    }
}

static int check_msi(uint64_t address, LapicForm form)
{
    return lapic_msi_check((LapicMSI) { address, 0x31 }, form, NULL);
}

/* Bits that are no field are all refused, whatever else is in the word */
static void test_reserved(void)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t one = 1ull << bit;
        uint64_t icr = 0x00ffffff00000000ull | 0xfff32000u;
        uint64_t low = one & 0xfffffff3;

        g_assert_cmpint(!!lapic_icr_check(0x4031 ^ one, false, NULL), ==,
                        !!(one & (icr | 0xc200)));
        g_assert_cmpint(!!lapic_icr_check(0x4031 ^ one, true, NULL), ==,
                        !!((uint32_t)one & (icr | 0xc200)));
        g_assert_cmpint(lapic_rte_check(0x31 ^ one, NULL), ==,
                        bit == 48 ? -ENOTSUP :
                        one & 0x00fffffffffe0200ull ? -EINVAL : 0);
        g_assert_cmpint(!!check_msi(0xfee00000 ^ one, LAPIC_FORM_MSI), ==,
                        bit >= 32 || low & 0xfff00ff0);
        g_assert_cmpint(!!check_msi(0xfee00000 ^ one, LAPIC_FORM_MSI_EXT), ==,
                        bit >= 32 || low & 0xfff00010);
        g_assert_cmpint(!!check_msi(0xfee00000 ^ one, LAPIC_FORM_MSI_X2), ==,
                        (bit >= 32 && bit < 40) || low & 0xfff00ff0);
    }
}

/* Every LVT word of 20 bits, and each bit above */
static void test_lvt(void)
{
    static const uint32_t fields[LAPIC_LVT_KINDS] = {
        [LAPIC_LVT_TIMER] = 0x710ff, [LAPIC_LVT_THERMAL] = 0x117ff,
        [LAPIC_LVT_PERF] = 0x117ff, [LAPIC_LVT_LINT0] = 0x1f7ff,
        [LAPIC_LVT_LINT1] = 0x1f7ff, [LAPIC_LVT_ERROR] = 0x110ff,
        [LAPIC_LVT_CMCI] = 0x117ff,
    };

    for (unsigned i = 0; i < LAPIC_LVT_KINDS << 20; i++) {
        LapicLVTKind kind = i >> 20;
        uint32_t word = i & 0xfffff;
        unsigned mode = word >> 8 & 7, vector = word & 0xff;
        bool pin = kind == LAPIC_LVT_LINT0 || kind == LAPIC_LVT_LINT1;
        bool good = !(word & ~fields[kind]);

        if (kind == LAPIC_LVT_TIMER && (word >> 17 & 3) == 3) {
            good = false;
        }
        if (!(word & 0x10000)) {
            good = good && (mode == 0 ? vector > 15 : mode == 2 ? !vector :
                            mode == 4 || (mode == 5 && pin && !vector) ||
                            (mode == 7 && pin));
            if (kind == LAPIC_LVT_LINT1 && !mode && word & 0x8000) {
                good = false;
            }
        }
        g_assert_cmpint(lapic_lvt_check(word, kind, NULL), ==,
                        good ? 0 : -EINVAL);
    }
    for (unsigned i = 0; i < LAPIC_LVT_KINDS * 13; i++) {
        g_assert_cmpint(lapic_lvt_check(0x10000 | 1u << (19 + i % 13), i / 13,
                                        NULL), ==, -EINVAL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lapic-msg-check/messages", test_messages);
    g_test_add_func("/lapic-msg-check/valid-words", test_valid_words);
    g_test_add_func("/lapic-msg-check/reserved", test_reserved);
    g_test_add_func("/lapic-msg-check/lvt", test_lvt);
    return g_test_run();
}
