/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of lapic-msg: every word there and back.
 *
 * The codec is included, not linked, and inlined into the loops: so all words
 * of 32 bits take a second.
 */
#include "../target-i386/lapic-msg.c"
#include <glib.h>

#define FAST __attribute__((flatten))

#define ICR_USED    0x000ccfffu     /* all but 13:12, 17:16, 31:20 */
#define MSI_USED    0xc7ffu         /* data: 7:0, 10:8, 14, 15 */
#define RTE_USED    0x0001ffffu

static uint64_t icr_again(uint64_t icr, bool x2apic)
{
    LapicMsg msg = lapic_msg_from_icr(icr, x2apic);

    return lapic_msg_to_icr(&msg, x2apic);
}

/* All low words */
static FAST uint32_t icr_low(void)
{
    uint32_t bad = 0;
    uint32_t low = 0;

    do {
        bad |= (uint32_t)icr_again(low, false) ^ (low & ICR_USED);
    } while (++low);
    return bad;
}

/* All fields, with all destinations of 8 bits and each bit of 32 */
static FAST uint64_t icr_fields(void)
{
    uint64_t bad = 0;

    for (uint32_t low = 0; low <= ICR_USED; low++) {
        if (low & ~ICR_USED) {
            continue;
        }
        for (uint64_t dest = 0; dest < 256; dest++) {
            bad |= icr_again(dest << 56 | low, false) ^ (dest << 56 | low);
        }
        for (unsigned bit = 0; bit < 32; bit++) {
            uint64_t icr = 1ull << (32 + bit) | low;

            bad += icr_again(icr | ~(uint32_t)ICR_USED, true) != icr;
            bad += icr_again(icr, false) != (bit < 24 ? low : icr);
        }
    }
    return bad;
}

static void test_icr_words(void)
{
    g_assert_cmphex(icr_low(), ==, 0);
    g_assert_cmphex(icr_fields(), ==, 0);
}

static uint64_t msi_again(uint64_t address, uint32_t data, LapicForm form)
{
    LapicMsg msg = lapic_msg_from_msi((LapicMSI) { address, data }, form);
    LapicMSI msi = lapic_msg_to_msi(&msg, form);

    return msi.address ^ (address | MSI_BASE) ^
           (uint64_t)(msi.data ^ (data & MSI_USED)) << 32;
}

/* All data of 16 bits, with all of the address that is a field */
static FAST uint64_t msi_data(LapicForm form)
{
    uint64_t bad = 0;

    for (uint32_t address = 0; address < 1 << 20; address += 4) {
        if (!(address & 0xff0)) {
            for (uint32_t data = 0; data < 1 << 16; data++) {
                bad |= msi_again(address, data, form);
            }
        }
    }
    return bad;
}

/* All extended destinations; those of 32 bits, a byte here and two there */
static FAST uint64_t msi_dest(void)
{
    uint64_t bad = 0;

    for (uint32_t address = 0; address < 1 << 20; address += 4) {
        for (uint32_t data = 0; data < 1 << 16 && !(address & 0x10);
             data += 0x101) {
            bad |= msi_again(address, data, LAPIC_FORM_MSI_EXT);
        }
    }
    for (uint64_t dest = 0; dest < 1 << 24; dest++) {
        bad |= msi_again(dest << 40 | (dest & 0xff) << 12, 0x31,
                         LAPIC_FORM_MSI_X2);
    }
    return bad;
}

/* What is no field is not looked at */
static uint64_t msi_reserved(uint32_t address, uint32_t data, LapicForm form)
{
    LapicMsg msg = lapic_msg_from_msi((LapicMSI) { address, data }, form);
    LapicMSI msi = lapic_msg_to_msi(&msg, form);

    return msi.address ^ MSI_BASE ^ msi.data;
}

static void test_msi_words(void)
{
    g_assert_cmphex(msi_data(LAPIC_FORM_MSI), ==, 0);
    g_assert_cmphex(msi_data(LAPIC_FORM_MSI_EXT), ==, 0);
    g_assert_cmphex(msi_data(LAPIC_FORM_MSI_X2), ==, 0);
    g_assert_cmphex(msi_dest(), ==, 0);
    for (uint32_t high = 0; high < 1 << 16; high++) {
        g_assert_cmphex(msi_reserved(high << 20, high << 16,
                                     LAPIC_FORM_MSI), ==, 0);
    }
    g_assert_cmphex(msi_reserved(0xff3, ~MSI_USED, LAPIC_FORM_MSI), ==, 0);
    g_assert_cmphex(msi_reserved(0x013, ~MSI_USED, LAPIC_FORM_MSI_EXT), ==, 0);
    g_assert_cmphex(msi_reserved(0xff3, ~MSI_USED, LAPIC_FORM_MSI_X2), ==, 0);
}

static uint64_t rte_again(uint64_t word)
{
    LapicRTE rte = lapic_rte_decode(word);

    return lapic_rte_encode(&rte);
}

static FAST uint32_t rte_low(void)
{
    uint32_t bad = 0;
    uint32_t low = 0;

    do {
        bad |= (uint32_t)rte_again(low) ^ (low & RTE_USED);
    } while (++low);
    return bad;
}

static FAST uint64_t rte_fields(void)
{
    uint64_t bad = 0;

    for (uint32_t low = 0; low <= RTE_USED; low++) {
        for (uint64_t dest = 0; dest < 256; dest++) {
            uint64_t word = dest << 56 | low;

            bad |= rte_again(word | 0x7fffffffffull << 17) ^ word;
        }
    }
    return bad;
}

static void test_rte_words(void)
{
    g_assert_cmphex(rte_low(), ==, 0);
    g_assert_cmphex(rte_fields(), ==, 0);
}

/* All of bits 18:0, with 31:19 clear, each alone and all of them */
static FAST uint64_t lvt_words(LapicLVTKind kind, uint32_t used)
{
    uint64_t bad = 0;

    for (uint32_t low = 0; low < 1 << 19; low++) {
        for (unsigned i = 18; i <= 32; i++) {
            uint32_t word = low | (i == 18 ? 0 : i == 32 ? 0xfff80000u :
                                   1u << i);
            LapicLVT lvt = lapic_lvt_decode(word, kind);

            bad += lapic_lvt_encode(&lvt, kind) != (word & used);
        }
    }
    return bad;
}

static void test_lvt_words(void)
{
    static const uint32_t used[LAPIC_LVT_KINDS] = {
        [LAPIC_LVT_TIMER] = 0x710ff, [LAPIC_LVT_THERMAL] = 0x117ff,
        [LAPIC_LVT_PERF] = 0x117ff, [LAPIC_LVT_LINT0] = 0x1f7ff,
        [LAPIC_LVT_LINT1] = 0x1f7ff, [LAPIC_LVT_ERROR] = 0x110ff,
        [LAPIC_LVT_CMCI] = 0x117ff,
    };

    for (LapicLVTKind kind = 0; kind < LAPIC_LVT_KINDS; kind++) {
        g_assert_cmpuint(lvt_words(kind, used[kind]), ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lapic-msg-words/icr", test_icr_words);
    g_test_add_func("/lapic-msg-words/msi", test_msi_words);
    g_test_add_func("/lapic-msg-words/rte", test_rte_words);
    g_test_add_func("/lapic-msg-words/lvt", test_lvt_words);
    return g_test_run();
}
