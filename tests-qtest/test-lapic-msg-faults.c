/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of what lapic-msg refuses: what is said of a word.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "../target-i386/lapic-msg.h"

typedef enum Kind {
    XICR, X2ICR, MSI8, MSI15, MSI32, RTE, LVT
} Kind;

static const struct {
    Kind kind;
    uint64_t word;
    uint32_t more;              /* an MSI's data, an LVT's kind */
    int err;
    const char *words;
} words[] = {
    { XICR, 0x0300000000004500ull },
    { XICR, 0x00000000000c4650ull },
    { XICR, 0x5500ull },        /* the delivery status is nothing */
    { X2ICR, 0x5500ull },
    { X2ICR, 0xffffffff00004031ull },
    { XICR, 0x8500ull },
    { XICR, 0x88500ull },
    { XICR, 0x4007, 0, EINVAL,
      "vector = 7, must be 16..255: others are illegal vectors" },
    { XICR, 0x4100, 0, EINVAL,
      "vector = 0, must be 16..255: others are illegal vectors" },
    { XICR, 0x4201, 0, EINVAL,
      "vector = 1, must be 0: an SMI has no vector" },
    { XICR, 0x4501, 0, EINVAL,
      "vector = 1, must be 0: an INIT has no vector" },
    { XICR, 0x4331, 0, EINVAL, "delivery mode = 3: reserved" },
    { XICR, 0x4700, 0, EINVAL,
      "delivery mode = 7: ExtINT is for LVT and IOAPIC only" },
    { XICR, 0x0031, 0, EINVAL, "level = 0, must be 1: "
      "only INIT de-assert, level-triggered, has 0" },
    { XICR, 0x0500, 0, EINVAL, "level = 0, must be 1: "
      "only INIT de-assert, level-triggered, has 0" },
    { XICR, 0xc500, 0, EINVAL, "trigger mode = 1, must be 0: "
      "an ICR sends edges; only INIT de-assert has 1" },
    { XICR, 0x44400, 0, EINVAL,
      "shorthand (bits 19:18) = 1: self and all are for Fixed only" },
    { X2ICR, 0x84131, 0, EINVAL,
      "shorthand (bits 19:18) = 2: self and all are for Fixed only" },
    { XICR, 0x6031, 0, EINVAL, "bit 13 = 1, must be 0: reserved" },
    { XICR, 0x24031, 0, EINVAL, "bits 17:16 = 2, must be 0: reserved" },
    { X2ICR, 0x80004031, 0, EINVAL,
      "bits 31:20 = 0x800, must be 0: reserved" },
    { XICR, 0x0000000100004031ull, 0, EINVAL,
      "bits 55:32 = 1, must be 0: reserved" },
    { XICR, 0x0080000000004031ull, 0, EINVAL,
      "bits 55:32 = 0x800000, must be 0: reserved" },
    { MSI8, 0xfee00000, 0x31 },
    { MSI8, 0xfeeff00f, 0xc131 },       /* bits 1:0 are nothing */
    { MSI8, 0xfee00000, 0x8031 },
    { MSI8, 0xfee00000, 0x0600 },
    { MSI8, 0xfee00000, 0x0531 },
    { MSI15, 0xfeeff000 + 0xfe0, 0x31 },
    { MSI32, 0xffffff00feeff000ull, 0x31 },
    { MSI8, 0xfef00000, 0x31, EINVAL, "address bits 31:20 = 0xfef, "
      "must be 0xfee: other addresses are memory" },
    { MSI8, 0, 0, EINVAL, "address bits 31:20 = 0, "
      "must be 0xfee: other addresses are memory" },
    { MSI8, 0xfee00010, 0, ENOTSUP, "address bit 4 = 1, must be 0: "
      "remappable format, the IOMMU knows the message" },
    { MSI15, 0xfee00fff, 0, ENOTSUP, "address bit 4 = 1, must be 0: "
      "remappable format, the IOMMU knows the message" },
    { MSI32, 0xffffffffull << 32 | 0xfee00010, 0, ENOTSUP,
      "address bit 4 = 1, must be 0: "
      "remappable format, the IOMMU knows the message" },
    { MSI8, 0xfee00020, 0x31, EINVAL,
      "address bits 11:5 = 1, must be 0: reserved" },
    { MSI32, 0xfee00800, 0x31, EINVAL,
      "address bits 11:5 = 64, must be 0: reserved" },
    { MSI8, 0x1fee00000, 0x31, EINVAL,
      "address bits 63:32 = 1, must be 0: reserved" },
    { MSI15, 0x80000000fee00000ull, 0x31, EINVAL,
      "address bits 63:32 = 0x80000000, must be 0: reserved" },
    { MSI32, 0x80fee00000ull, 0x31, EINVAL,
      "address bits 39:32 = 128, must be 0: reserved" },
    { MSI8, 0xfee00000, 0x0831, EINVAL,
      "data bits 13:11 = 1, must be 0: reserved" },
    { MSI8, 0xfee00000, 0x2031, EINVAL,
      "data bits 13:11 = 4, must be 0: reserved" },
    { MSI32, 0xfee00000, 0x10031, EINVAL,
      "data bits 31:16 = 1, must be 0: reserved" },
    { MSI8, 0xfee00000, 0x80000031, EINVAL,
      "data bits 31:16 = 0x8000, must be 0: reserved" },
    { MSI8, 0xfee00000, 0x0f, EINVAL,
      "vector = 15, must be 16..255: others are illegal vectors" },
    { MSI8, 0xfee00000, 0x0700, EINVAL,
      "delivery mode = 7: ExtINT is for LVT and IOAPIC only" },
    { MSI8, 0xfee00000, 0x8400, EINVAL, "trigger mode = 1, must be 0: "
      "only Fixed and LowestPrio can be level-triggered" },
    { RTE, 0x0f0000000000e931ull },
    { RTE, 0x0000000000002700ull },
    { RTE, 0x0000000000010000ull },
    { RTE, 0x0000000000018600ull },     /* masked, so nothing is sent */
    { RTE, 0x0000000000000600ull, 0, EINVAL,
      "delivery mode = 6: STARTUP is for an ICR only" },
    { RTE, 0x0000000000000331ull, 0, EINVAL, "delivery mode = 3: reserved" },
    { RTE, 0x0000000000000002ull, 0, EINVAL,
      "vector = 2, must be 16..255: others are illegal vectors" },
    { RTE, 0x0000000000008700ull, 0, EINVAL, "trigger mode = 1, must be 0: "
      "only Fixed and LowestPrio can be level-triggered" },
    { RTE, 0x0001000000010000ull, 0, ENOTSUP, "bit 48 = 1, must be 0: "
      "remappable format, the IOMMU knows the message" },
    { RTE, 0x0000000000030000ull, 0, EINVAL,
      "bits 55:17 = 1, must be 0: reserved" },
    { RTE, 0x0080000000000031ull, 0, EINVAL,
      "bits 55:17 = 0x4000000000, must be 0: reserved" },
    { LVT, 0x10000, LAPIC_LVT_TIMER },
    { LVT, 0x41031, LAPIC_LVT_TIMER },
    { LVT, 0x00700, LAPIC_LVT_LINT0 },
    { LVT, 0x0f031, LAPIC_LVT_LINT0 },
    { LVT, 0x08400, LAPIC_LVT_LINT1 },
    { LVT, 0x18031, LAPIC_LVT_LINT1 },
    { LVT, 0x00500, LAPIC_LVT_LINT1 },
    { LVT, 0x004ff, LAPIC_LVT_PERF },
    { LVT, 0x60031, LAPIC_LVT_TIMER, EINVAL, "timer mode = 3, must be 0..2" },
    { LVT, 0x70000, LAPIC_LVT_TIMER, EINVAL, "timer mode = 3, must be 0..2" },
    { LVT, 0x00431, LAPIC_LVT_TIMER, EINVAL,
      "bits 11:8 = 4, must be 0: reserved" },
    { LVT, 0x08031, LAPIC_LVT_ERROR, EINVAL,
      "bits 15:13 = 4, must be 0: reserved" },
    { LVT, 0x80031, LAPIC_LVT_TIMER, EINVAL,
      "bits 31:19 = 1, must be 0: reserved" },
    { LVT, 0x20031, LAPIC_LVT_ERROR, EINVAL,
      "bits 31:17 = 1, must be 0: reserved" },
    { LVT, 0x00831, LAPIC_LVT_LINT0, EINVAL,
      "bit 11 = 1, must be 0: reserved" },
    { LVT, 0x02031, LAPIC_LVT_CMCI, EINVAL,
      "bits 15:13 = 1, must be 0: reserved" },
    { LVT, 0x0000f, LAPIC_LVT_ERROR, EINVAL,
      "vector = 15, must be 16..255: others are illegal vectors" },
    { LVT, 0x00201, LAPIC_LVT_THERMAL, EINVAL,
      "vector = 1, must be 0: an SMI has no vector" },
    { LVT, 0x00502, LAPIC_LVT_LINT0, EINVAL,
      "vector = 2, must be 0: an INIT has no vector" },
    { LVT, 0x00700, LAPIC_LVT_PERF, EINVAL,
      "delivery mode = 7: only a LINT pin has it" },
    { LVT, 0x00500, LAPIC_LVT_CMCI, EINVAL,
      "delivery mode = 5: only a LINT pin has it" },
    { LVT, 0x00131, LAPIC_LVT_LINT0, EINVAL, "delivery mode = 1: reserved" },
    { LVT, 0x00600, LAPIC_LVT_LINT1, EINVAL, "delivery mode = 6: reserved" },
    { LVT, 0x08031, LAPIC_LVT_LINT1, EINVAL, "trigger mode = 1, must be 0: "
      "LINT1 has no level-sensitive interrupts" },
};

static int check_word(Kind kind, uint64_t word, uint32_t more, LapicFault *f)
{
    switch (kind) {
    case XICR:
    case X2ICR:
        return lapic_icr_check(word, kind == X2ICR, f);
    case MSI8:
        return lapic_msi_check((LapicMSI) { word, more }, LAPIC_FORM_MSI, f);
    case MSI15:
        return lapic_msi_check((LapicMSI) { word, more }, LAPIC_FORM_MSI_EXT,
                               f);
    case MSI32:
        return lapic_msi_check((LapicMSI) { word, more }, LAPIC_FORM_MSI_X2,
                               f);
    case RTE:
        return lapic_rte_check(word, f);
    case LVT:
        return lapic_lvt_check(word, more, f);
    }
    g_assert_not_reached();
}

static void test_faults(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        LapicFault f;
        char buf[128];
        int err;

        memset(&f, 0xff, sizeof(f));
        err = check_word(words[i].kind, words[i].word, words[i].more, &f);
        g_test_message("%d: %" PRIx64 " %x", words[i].kind, words[i].word,
                       words[i].more);
        g_assert_cmpint(err, ==, -words[i].err);
        g_assert_cmpint(f.err, ==, err);
        g_assert_cmpint(lapic_fault_words(&f, buf, sizeof(buf)), ==,
                        strlen(buf));
        g_assert_cmpstr(buf, ==, err ? words[i].words : "nothing wrong");
        g_assert_cmpint(lapic_fault_words(&f, buf, 8), ==,
                        strlen(err ? words[i].words : "nothing wrong"));
        g_assert_cmpuint(strlen(buf), ==, 7);
        g_assert_cmpint(check_word(words[i].kind, words[i].word,
                                   words[i].more, NULL), ==, err);
    }
}

static const struct {
    LapicMsg msg;
    LapicForm form;
    int err;
    const char *words;
} messages[] = {
    { { .vector = 0x31, .assert = true, .dest = 0x100 }, LAPIC_FORM_XICR,
      ERANGE, "destination = 0x100, must be 0..255" },
    { { .vector = 0x31, .dest = 0x8000 }, LAPIC_FORM_MSI_EXT,
      ERANGE, "destination = 0x8000, must be 0..0x7fff" },
    { { .vector = 0x31, .assert = true, .redirect = true }, LAPIC_FORM_RTE,
      EINVAL, "redirection hint = 1, must be 0: only an MSI has one" },
    { { .vector = 0x31, .shorthand = LAPIC_ALL }, LAPIC_FORM_MSI,
      EINVAL, "shorthand = 2, must be 0: only an ICR has one" },
    { { .vector = 0x31 }, LAPIC_FORM_RTE,
      EINVAL, "level = 0, must be 1: an IOAPIC only asserts" },
    { { .delivery = LAPIC_NMI, .assert = true }, LAPIC_FORM_SELF,
      EINVAL, "shorthand (bits 19:18) = 0, must be 1: "
      "only self is possible here" },
    { { .delivery = LAPIC_NMI, .assert = true, .shorthand = LAPIC_OTHERS },
      LAPIC_FORM_SELF, EINVAL, "shorthand (bits 19:18) = 3, must be 1: "
      "only self is possible here" },
    { { .delivery = LAPIC_NMI, .assert = true, .shorthand = 4 },
      LAPIC_FORM_XICR, EINVAL, "shorthand (bits 19:18) = 4, must be 0..3" },
    { { .delivery = 8 }, LAPIC_FORM_MSI,
      EINVAL, "delivery mode = 8, must be 0..7" },
};

static void test_message_faults(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(messages); i++) {
        LapicFault f;
        char buf[128];

        g_assert_cmpint(lapic_msg_check(&messages[i].msg, messages[i].form,
                                        &f), ==, -messages[i].err);
        lapic_fault_words(&f, buf, sizeof(buf));
        g_assert_cmpstr(buf, ==, messages[i].words);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lapic-msg-faults/words", test_faults);
    g_test_add_func("/lapic-msg-faults/messages", test_message_faults);
    return g_test_run();
}
