/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of lapic-msg: every bit of every word, and the English.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "../target-i386/lapic-msg.h"

/* Which field a bit is in: by the figures of the SDM and the 82093AA */
typedef enum Field {
    NONE, VECTOR, DELIVERY, LOGICAL, ASSERT, LEVEL, SHORTHAND, DEST, REDIRECT,
    MASKED, LOW, REMOTE_IRR, PENDING, TIMER_MODE,
} Field;

typedef struct Bits {
    uint8_t hi, lo;
    Field field;
    uint8_t at;                 /* bit lo is this bit of the field */
} Bits;

static const Bits icr_bits[] = {
    { 7, 0, VECTOR }, { 10, 8, DELIVERY }, { 11, 11, LOGICAL },
    { 14, 14, ASSERT }, { 15, 15, LEVEL }, { 19, 18, SHORTHAND },
    { 63, 56, DEST }, { }
};
static const Bits x2icr_bits[] = {
    { 7, 0, VECTOR }, { 10, 8, DELIVERY }, { 11, 11, LOGICAL },
    { 14, 14, ASSERT }, { 15, 15, LEVEL }, { 19, 18, SHORTHAND },
    { 63, 32, DEST }, { }
};
static const Bits data_bits[] = {
    { 7, 0, VECTOR }, { 10, 8, DELIVERY }, { 14, 14, ASSERT },
    { 15, 15, LEVEL }, { }
};
static const Bits msi_bits[] = {
    { 2, 2, LOGICAL }, { 3, 3, REDIRECT }, { 19, 12, DEST }, { }
};
static const Bits ext_bits[] = {
    { 2, 2, LOGICAL }, { 3, 3, REDIRECT }, { 19, 12, DEST },
    { 11, 5, DEST, 8 }, { }
};
static const Bits x2_bits[] = {
    { 2, 2, LOGICAL }, { 3, 3, REDIRECT }, { 19, 12, DEST },
    { 63, 40, DEST, 8 }, { }
};
static const Bits rte_bits[] = {
    { 7, 0, VECTOR }, { 10, 8, DELIVERY }, { 11, 11, LOGICAL },
    { 12, 12, PENDING }, { 13, 13, LOW }, { 14, 14, REMOTE_IRR },
    { 15, 15, LEVEL }, { 16, 16, MASKED }, { 63, 56, DEST }, { }
};
static const Bits timer_bits[] = {
    { 7, 0, VECTOR }, { 12, 12, PENDING }, { 16, 16, MASKED },
    { 18, 17, TIMER_MODE }, { }
};
static const Bits error_bits[] = {
    { 7, 0, VECTOR }, { 12, 12, PENDING }, { 16, 16, MASKED }, { }
};
static const Bits inside_bits[] = {
    { 7, 0, VECTOR }, { 10, 8, DELIVERY }, { 12, 12, PENDING },
    { 16, 16, MASKED }, { }
};
static const Bits pin_bits[] = {
    { 7, 0, VECTOR }, { 10, 8, DELIVERY }, { 12, 12, PENDING },
    { 13, 13, LOW }, { 14, 14, REMOTE_IRR }, { 15, 15, LEVEL },
    { 16, 16, MASKED }, { }
};
static const Bits *const lvt_bits[LAPIC_LVT_KINDS] = {
    [LAPIC_LVT_TIMER] = timer_bits, [LAPIC_LVT_THERMAL] = inside_bits,
    [LAPIC_LVT_PERF] = inside_bits, [LAPIC_LVT_LINT0] = pin_bits,
    [LAPIC_LVT_LINT1] = pin_bits, [LAPIC_LVT_ERROR] = error_bits,
    [LAPIC_LVT_CMCI] = inside_bits,
};

static void set(LapicRTE *e, uint8_t *timer_mode, Field field, unsigned at)
{
    uint32_t bit = 1u << at;

    switch (field) {
    case NONE:
        break;
    case VECTOR:
        e->msg.vector |= bit;
        break;
    case DELIVERY:
        e->msg.delivery |= bit;
        break;
    case LOGICAL:
        e->msg.logical = true;
        break;
    case ASSERT:
        e->msg.assert = true;
        break;
    case LEVEL:
        e->msg.level = true;
        break;
    case SHORTHAND:
        e->msg.shorthand |= bit;
        break;
    case DEST:
        e->msg.dest |= bit;
        break;
    case REDIRECT:
        e->msg.redirect = true;
        break;
    case MASKED:
        e->masked = true;
        break;
    case LOW:
        e->active_low = true;
        break;
    case REMOTE_IRR:
        e->remote_irr = true;
        break;
    case PENDING:
        e->pending = true;
        break;
    case TIMER_MODE:
        *timer_mode |= bit;
        break;
    }
}

/* What @word says, read from its figure */
static LapicRTE expected(LapicRTE e, uint8_t *timer_mode, const Bits *bits,
                         uint64_t word)
{
    for (; bits->field != NONE; bits++) {
        for (unsigned bit = bits->lo; bit <= bits->hi; bit++) {
            if (word >> bit & 1) {
                set(&e, timer_mode, bits->field, bit - bits->lo + bits->at);
            }
        }
    }
    return e;
}

static void same_msg(const LapicMsg *a, const LapicMsg *b)
{
    g_assert_cmphex(a->dest, ==, b->dest);
    g_assert_cmphex(a->vector, ==, b->vector);
    g_assert_cmphex(a->delivery, ==, b->delivery);
    g_assert_cmphex(a->shorthand, ==, b->shorthand);
    g_assert_cmpint(a->logical, ==, b->logical);
    g_assert_cmpint(a->level, ==, b->level);
    g_assert_cmpint(a->assert, ==, b->assert);
    g_assert_cmpint(a->redirect, ==, b->redirect);
}

static void look_icr(uint64_t word)
{
    LapicMsg msg = lapic_msg_from_icr(word, false);
    LapicRTE e = expected((LapicRTE) { }, NULL, icr_bits, word);

    same_msg(&msg, &e.msg);
    msg = lapic_msg_from_icr(word, true);
    e = expected((LapicRTE) { }, NULL, x2icr_bits, word);
    same_msg(&msg, &e.msg);
}

static void look_msi(uint64_t address, uint32_t data)
{
    static const struct {
        LapicForm form;
        const Bits *bits;
    } forms[] = {
        { LAPIC_FORM_MSI, msi_bits }, { LAPIC_FORM_MSI_EXT, ext_bits },
        { LAPIC_FORM_MSI_X2, x2_bits },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        LapicMsg msg = lapic_msg_from_msi((LapicMSI) { address, data },
                                          forms[i].form);
        LapicRTE e = expected((LapicRTE) { }, NULL, forms[i].bits, address);

        e = expected(e, NULL, data_bits, data);
        same_msg(&msg, &e.msg);
    }
}

static void look_rte(uint64_t word)
{
    LapicRTE rte = lapic_rte_decode(word);
    LapicRTE e = expected((LapicRTE) { .msg.assert = true }, NULL, rte_bits,
                          word);

    same_msg(&rte.msg, &e.msg);
    g_assert_cmpint(rte.masked, ==, e.masked);
    g_assert_cmpint(rte.active_low, ==, e.active_low);
    g_assert_cmpint(rte.remote_irr, ==, e.remote_irr);
    g_assert_cmpint(rte.pending, ==, e.pending);
}

static void look_lvt(uint32_t word, LapicLVTKind kind)
{
    LapicLVT lvt = lapic_lvt_decode(word, kind);
    uint8_t mode = 0;
    LapicRTE e = expected((LapicRTE) { }, &mode, lvt_bits[kind], word);

    g_assert_cmphex(lvt.vector, ==, e.msg.vector);
    g_assert_cmphex(lvt.delivery, ==, e.msg.delivery);
    g_assert_cmphex(lvt.timer_mode, ==, mode);
    g_assert_cmpint(lvt.masked, ==, e.masked);
    g_assert_cmpint(lvt.pending, ==, e.pending);
    g_assert_cmpint(lvt.active_low, ==, e.active_low);
    g_assert_cmpint(lvt.remote_irr, ==, e.remote_irr);
    g_assert_cmpint(lvt.level, ==, e.msg.level);
}

static void look_all(uint64_t word)
{
    look_icr(word);
    look_rte(word);
    look_msi(word, ~(uint32_t)word);
    look_msi(~word, (uint32_t)word);
    for (LapicLVTKind kind = 0; kind < LAPIC_LVT_KINDS; kind++) {
        look_lvt((uint32_t)word, kind);
    }
}

/* Each bit alone and each missing, then words of all kinds */
static void test_bits(void)
{
    uint64_t word = 0x9e3779b97f4a7c15ull;

    look_all(0);
    look_all(~0ull);
    for (unsigned bit = 0; bit < 64; bit++) {
        look_all(1ull << bit);
        look_all(~(1ull << bit));
    }
    for (unsigned i = 0; i < 20000; i++) {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        look_all(word);
    }
}

/* Words that everybody knows */
static void test_known(void)
{
    LapicMsg msg = lapic_msg_from_icr(0x03000000000c4500ull, false);
    LapicMSI msi = { 0xfee0300cull, 0x4161 };
    LapicRTE rte;

    g_assert_cmpint(msg.delivery, ==, LAPIC_INIT);
    g_assert_cmpint(msg.shorthand, ==, LAPIC_OTHERS);
    g_assert_true(msg.assert && !msg.level && !msg.logical);
    g_assert_cmpint(msg.dest, ==, 3);
    msg = lapic_msg_from_icr(0x8500, false);
    g_assert_true(msg.level && !msg.assert);
    msg = lapic_msg_from_msi(msi, LAPIC_FORM_MSI);
    g_assert_cmpint(msg.delivery, ==, LAPIC_LOWEST);
    g_assert_cmphex(msg.vector, ==, 0x61);
    g_assert_cmphex(msg.dest, ==, 3);
    g_assert_true(msg.logical && msg.redirect && msg.assert);
    /* 14:8 of the destination are 2 */
    msi = (LapicMSI) { 0xfee03040ull, 0x31 };
    g_assert_cmphex(lapic_msg_from_msi(msi, LAPIC_FORM_MSI_EXT).dest, ==,
                    0x203);
    g_assert_cmphex(lapic_msg_from_msi(msi, LAPIC_FORM_MSI).dest, ==, 3);
    msi = (LapicMSI) { 0x0001020000000000ull | 0xfee03000u, 0x31 };
    g_assert_cmphex(lapic_msg_from_msi(msi, LAPIC_FORM_MSI_X2).dest, ==,
                    0x10203);
    rte = lapic_rte_decode(0x0f0000000000a931ull);
    g_assert_true(rte.msg.logical && rte.msg.level && rte.active_low);
    g_assert_false(rte.masked || rte.remote_irr || rte.pending);
    g_assert_cmpint(rte.msg.delivery, ==, LAPIC_LOWEST);
    g_assert_cmphex(rte.msg.dest, ==, 0x0f);
    g_assert_true(lapic_rte_decode(0x10000).masked);
    g_assert_cmpint(lapic_lvt_decode(0x700, LAPIC_LVT_LINT0).delivery, ==,
                    LAPIC_EXTINT);
    g_assert_cmpint(lapic_lvt_decode(0x400ef, LAPIC_LVT_TIMER).timer_mode, ==,
                    2);
}

/* Fields beyond their width end nowhere else */
static void test_too_wide(void)
{
    LapicRTE rte = { .msg = { .dest = ~0u, .vector = 0xff, .delivery = 0xff,
                              .shorthand = 0xff } };
    LapicLVT lvt = { .vector = 0xff, .delivery = 0xff, .timer_mode = 0xff };

    g_assert_cmphex(lapic_msg_to_icr(&rte.msg, false), ==,
                    0xff000000000c07ffull);
    g_assert_cmphex(lapic_msg_to_icr(&rte.msg, true), ==,
                    0xffffffff000c07ffull);
    g_assert_cmphex(lapic_msg_to_msi(&rte.msg, LAPIC_FORM_MSI).address, ==,
                    0xfeeff000ull);
    g_assert_cmphex(lapic_msg_to_msi(&rte.msg, LAPIC_FORM_MSI_EXT).address, ==,
                    0xfeefffe0ull);
    g_assert_cmphex(lapic_msg_to_msi(&rte.msg, LAPIC_FORM_MSI_X2).address, ==,
                    0xffffff00feeff000ull);
    g_assert_cmphex(lapic_msg_to_msi(&rte.msg, LAPIC_FORM_MSI).data, ==,
                    0x7ff);
    g_assert_cmphex(lapic_rte_encode(&rte), ==, 0xff000000000007ffull);
    rte.msg.dest = 0x8000;
    g_assert_cmphex(lapic_msg_to_msi(&rte.msg, LAPIC_FORM_MSI_EXT).address, ==,
                    0xfee00000ull);
    g_assert_cmphex(lapic_lvt_encode(&lvt, LAPIC_LVT_TIMER), ==, 0x600ff);
    g_assert_cmphex(lapic_lvt_encode(&lvt, LAPIC_LVT_CMCI), ==, 0x7ff);
}

static const struct {
    LapicMsg msg;
    const char *words;
} phrases[] = {
    { { .delivery = LAPIC_NMI, .dest = 3 }, "NMI to physical 3" },
    { { .vector = 0x31, .logical = true, .dest = 0x0f },
      "Fixed 0x31 edge to logical 0x0f" },
    { { .vector = 0x31, .assert = true }, "Fixed 0x31 edge to physical 0" },
    { { .vector = 0x31, .level = true }, "Fixed 0x31 level to physical 0" },
    { { .vector = 5, .delivery = LAPIC_LOWEST, .level = true, .assert = true,
        .logical = true, .dest = 0x10002, .redirect = true },
      "LowestPrio 0x05 level to logical 0x10002, redirected" },
    { { .delivery = LAPIC_INIT, .level = true, .shorthand = LAPIC_ALL },
      "INIT de-assert to all" },
    { { .delivery = LAPIC_INIT, .level = true, .assert = true, .dest = 1 },
      "INIT level to physical 1" },
    { { .delivery = LAPIC_INIT, .assert = true, .shorthand = LAPIC_OTHERS },
      "INIT to others" },
    { { .delivery = LAPIC_STARTUP, .vector = 0x9f, .dest = ~0u },
      "STARTUP 0x9f to physical 4294967295" },
    { { .delivery = LAPIC_SMI, .shorthand = LAPIC_SELF, .dest = 9 },
      "SMI to self" },
    { { .delivery = LAPIC_EXTINT, .vector = 8 }, "ExtINT to physical 0" },
    { { .delivery = LAPIC_RESERVED }, "reserved to physical 0" },
    { { .delivery = LAPIC_NMI, .level = true }, "NMI level to physical 0" },
    { { .delivery = 8, .shorthand = 4 }, "unknown to physical 0" },
    { { .delivery = LAPIC_LOWEST, .vector = 0xff, .level = true,
        .logical = true, .dest = ~0u, .redirect = true },
      "LowestPrio 0xff level to logical 0xffffffff, redirected" },
};

static void test_words(void)
{
    char buf[LAPIC_WORDS];

    for (unsigned i = 0; i < G_N_ELEMENTS(phrases); i++) {
        int len = lapic_msg_words(&phrases[i].msg, buf, sizeof(buf));

        g_assert_cmpstr(buf, ==, phrases[i].words);
        g_assert_cmpint(len, ==, strlen(buf));
        for (size_t size = 1; size < sizeof(buf); size++) {
            memset(buf, '!', sizeof(buf));
            g_assert_cmpint(lapic_msg_words(&phrases[i].msg, buf, size), ==,
                            len);
            g_assert_cmpuint(strlen(buf), ==, MIN((size_t)len, size - 1));
            g_assert_cmpint(buf[size], ==, '!');
        }
    }
    g_assert_cmpint(lapic_msg_words(&phrases[0].msg, NULL, 0), ==,
                    strlen(phrases[0].words));
}

static void test_names(void)
{
    static const char *const names[] = {
        "Fixed", "LowestPrio", "SMI", "reserved", "NMI", "INIT", "STARTUP",
        "ExtINT", "unknown",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_cmpstr(lapic_delivery_name(i), ==, names[i]);
    }
    g_assert_cmpstr(lapic_delivery_name(-1), ==, "unknown");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lapic-msg/bits", test_bits);
    g_test_add_func("/lapic-msg/known", test_known);
    g_test_add_func("/lapic-msg/too-wide", test_too_wide);
    g_test_add_func("/lapic-msg/english", test_words);
    g_test_add_func("/lapic-msg/names", test_names);
    return g_test_run();
}
