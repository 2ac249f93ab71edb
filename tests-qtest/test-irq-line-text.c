/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said of a word of KVM_IRQ_LINE: the line, and the field that is
 * refused with its value and range.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-line.h"

static const struct {
    bool layout2;
    uint32_t word;
    const char *text;
} lines[] = {
    { true, 0x00000000, "IRQ of vCPU 0" },
    { true, 0x00030001, "FIQ of vCPU 3" },
    { true, 0xf0ff0001, "FIQ of vCPU 4095" },
    { true, 0x00010002, "type 0, vCPU 1, number 2" },
    { true, 0x01000021, "SPI 33" },
    { true, 0xf1ff03fb, "SPI 1019" },
    { true, 0x0203001b, "PPI 27 of vCPU 3" },
    { true, 0x1203001b, "PPI 27 of vCPU 259" },
    { true, 0x0f000009, "type 15, vCPU 0, number 9" },
    { false, 0x1203001b, "type 18, vCPU 3, number 27" },
    { false, 0x02ff001b, "PPI 27 of vCPU 255" },
    { false, 0xffffffff, "type 255, vCPU 255, number 65535" },
};

static void test_lines(void)
{
    char text[IRQ_LINE_TEXT_MAX];
    IrqLine line;

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        irq_line_decode(lines[i].layout2, lines[i].word, &line);
        g_assert_true(irq_line_text(&line, text) == text);
        g_assert_cmpstr(text, ==, lines[i].text);
    }
    g_assert_cmpstr(irq_line_type_name(IRQ_LINE_CPU), ==, "CPU");
    g_assert_cmpstr(irq_line_type_name(IRQ_LINE_SPI), ==, "SPI");
    g_assert_cmpstr(irq_line_type_name(IRQ_LINE_PPI), ==, "PPI");
    g_assert_cmpstr(irq_line_type_name(IRQ_LINE_TYPES), ==, "?");
    g_assert_cmpstr(irq_line_type_name(UINT_MAX), ==, "?");
}

static const struct {
    unsigned gic;
    bool layout2;
    unsigned vcpus, spis;
    uint64_t ppis[2];
    IrqLine line;
    int err;
    IrqLineField field;
    unsigned value, min, max;
    const char *text;
} faults[] = {
    { 3, true, 8, 64, { 0 }, { 1, 0, 32 }, 0, IRQ_LINE_FIELD_NONE, 0, 0, 0,
      "nothing is wrong" },
    { 3, true, 8, 64, { 0 }, { 3, 0, 0 }, -EINVAL, IRQ_LINE_FIELD_TYPE,
      3, 0, 2, "type 3 is out of range 0..2 (CPU, SPI, PPI)" },
    { 0, false, 8, 0, { 0 }, { 255, 0, 0 }, -EINVAL, IRQ_LINE_FIELD_TYPE,
      255, 0, 2, "type 255 is out of range 0..2 (CPU, SPI, PPI)" },
    /* The type is looked at first, and the vCPU before the number */
    { 3, true, 8, 64, { 0 }, { 0, 9, 9 }, -ENXIO, IRQ_LINE_FIELD_TYPE, 0, 1, 2,
      "type 0 is out of range 1..2 (IRQ and FIQ of a vCPU cannot be moved: "
      "the GIC is in the kernel)" },
    { 5, true, 8, 64, { 0 }, { 0, 0, 0 }, -ENXIO, IRQ_LINE_FIELD_TYPE, 0, 1, 2,
      "type 0 is out of range 1..2 (IRQ and FIQ of a vCPU cannot be moved: "
      "the GIC is in the kernel)" },
    { 0, true, 8, 64, { 0 }, { 1, 0, 9 }, -ENXIO, IRQ_LINE_FIELD_TYPE, 1, 0, 0,
      "type 1 is out of range 0..0 (an SPI needs a GIC in the kernel)" },
    { 0, true, 8, 64, { 0 }, { 2, 9, 9 }, -ENXIO, IRQ_LINE_FIELD_TYPE, 2, 0, 0,
      "type 2 is out of range 0..0 (a PPI needs a GIC in the kernel)" },
    { 0, true, 8, 0, { 0 }, { 0, 8, 2 }, -EINVAL, IRQ_LINE_FIELD_VCPU, 8, 0, 7,
      "vCPU 8 of a CPU line is out of range 0..7" },
    { 0, true, 8, 0, { 0 }, { 0, 7, 2 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      2, 0, 1, "number 2 of a CPU line is out of range 0..1 (IRQ, FIQ)" },
    { 3, true, 300, 64, { 0 }, { 2, 300, 15 }, -EINVAL, IRQ_LINE_FIELD_VCPU,
      300, 0, 299, "vCPU 300 of a PPI is out of range 0..299" },
    { 3, false, 512, 64, { 0 }, { 2, 300, 20 }, -EINVAL, IRQ_LINE_FIELD_VCPU,
      300, 0, 255, "vCPU 300 of a PPI is out of range 0..255 "
      "(the host's KVM lacks KVM_CAP_ARM_IRQ_LINE_LAYOUT_2)" },
    { 0, false, 257, 0, { 0 }, { 0, 256, 0 }, -EINVAL, IRQ_LINE_FIELD_VCPU,
      256, 0, 255, "vCPU 256 of a CPU line is out of range 0..255 "
      "(the host's KVM lacks KVM_CAP_ARM_IRQ_LINE_LAYOUT_2)" },
    /* Here another layout would not help */
    { 3, false, 256, 64, { 0 }, { 2, 256, 20 }, -EINVAL, IRQ_LINE_FIELD_VCPU,
      256, 0, 255, "vCPU 256 of a PPI is out of range 0..255" },
    { 3, false, 8, 64, { 0 }, { 2, 300, 20 }, -EINVAL, IRQ_LINE_FIELD_VCPU,
      300, 0, 7, "vCPU 300 of a PPI is out of range 0..7" },
    { 2, true, 8, 64, { 0 }, { 2, 0, 15 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      15, 16, 31, "number 15 of a PPI is out of range 16..31" },
    { 3, true, 8, 64, { 0 }, { 2, 0, 32 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      32, 16, 31, "number 32 of a PPI is out of range 16..31" },
    { 3, true, 8, 64, { 0 }, { 2, 0, UINT_MAX }, -EINVAL,
      IRQ_LINE_FIELD_NUMBER, UINT_MAX, 16, 31,
      "number 4294967295 of a PPI is out of range 16..31" },
    { 3, true, 8, 988, { 0 }, { 1, 0, 1020 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      1020, 32, 1019, "number 1020 of an SPI is out of range 32..1019" },
    { 2, true, 8, 64, { 0 }, { 1, 0, 31 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      31, 32, 95, "number 31 of an SPI is out of range 32..95" },
    { 2, true, 8, 64, { 0 }, { 1, 0, 96 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      96, 32, 95, "number 96 of an SPI is out of range 32..95" },
    { 2, true, 8, 1, { 0 }, { 1, 0, 33 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      33, 32, 32, "number 33 of an SPI is out of range 32..32" },
    { 3, true, 8, 0, { 0 }, { 1, 0, 32 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      32, 1, 0, "number 32 of an SPI is out of range: "
      "the VM has none that can be moved" },
    /* GICv5 */
    { 5, true, 8, 64, { 0 }, { 1, 0, 64 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      64, 0, 63, "number 64 of an SPI is out of range 0..63" },
    { 5, true, 8, 64, { 0 }, { 2, 0, 3 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      3, 128, 0, "number 3 of a PPI is out of range: "
      "the VM has none that can be moved" },
    { 5, true, 8, 64, { 8 }, { 2, 0, 4 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      4, 3, 3, "number 4 of a PPI is out of range 3..3" },
    { 5, true, 8, 64, { 0x1c08, 1 }, { 2, 0, 65 }, -EINVAL,
      IRQ_LINE_FIELD_NUMBER, 65, 3, 64,
      "number 65 of a PPI is not one of 3, 10..12, 64" },
    { 5, true, 8, 64, { 0x1c08, 1 }, { 2, 0, 4 }, -EINVAL,
      IRQ_LINE_FIELD_NUMBER, 4, 3, 64,
      "number 4 of a PPI is not one of 3, 10..12, 64" },
    { 5, true, 8, 64, { 5 }, { 2, 0, 1 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      1, 0, 2, "number 1 of a PPI is not one of 0, 2" },
    { 5, true, 8, 64, { 0xd }, { 2, 0, 1 }, -EINVAL, IRQ_LINE_FIELD_NUMBER,
      1, 0, 3, "number 1 of a PPI is not one of 0, 2..3" },
    { 5, true, 8, 64, { 0x1c00 }, { 2, 0, 9 }, -EINVAL,
      IRQ_LINE_FIELD_NUMBER, 9, 10, 12,
      "number 9 of a PPI is out of range 10..12" },
    { 5, true, 8, 64, { 1, 1ull << 63 }, { 2, 0, 126 }, -EINVAL,
      IRQ_LINE_FIELD_NUMBER, 126, 0, 127,
      "number 126 of a PPI is not one of 0, 127" },
    { 5, true, 8, 64, { ~2ull, 3 }, { 2, 0, 1 }, -EINVAL,
      IRQ_LINE_FIELD_NUMBER, 1, 0, 65,
      "number 1 of a PPI is not one of 0, 2..65" },
    { 5, true, 8, 64, { 0x5555555555555555ull, 0x5555555555555555ull },
      { 2, 0, 101 }, -EINVAL, IRQ_LINE_FIELD_NUMBER, 101, 0, 126,
      "number 101 of a PPI is not one of 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, "
      "20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, ..." },
};

static void test_faults(void)
{
    char text[IRQ_LINE_TEXT_MAX];

    for (unsigned i = 0; i < G_N_ELEMENTS(faults); i++) {
        IrqLineFault f;
        IrqLineRules rules;

        g_assert_cmpint(irq_line_rules(&rules, faults[i].gic,
                                       faults[i].layout2, faults[i].vcpus,
                                       faults[i].spis, faults[i].ppis), ==, 0);
        g_assert_cmpint(irq_line_check(&rules, &faults[i].line, &f), ==,
                        faults[i].err);
        g_assert_true(irq_line_fault_text(&f, text) == text);
        g_assert_cmpstr(text, ==, faults[i].text);
        g_assert_cmpint(f.err, ==, faults[i].err);
        g_assert_cmpint(f.field, ==, faults[i].field);
        g_assert_cmpuint(f.type, ==, faults[i].line.type);
        if (f.err) {
            g_assert_cmpuint(f.value, ==, faults[i].value);
            g_assert_cmpuint(f.min, ==, faults[i].min);
            g_assert_cmpuint(f.max, ==, faults[i].max);
        }
    }
}

/* Whatever the mask: room for all of it, and nothing cut in the middle */
static void test_room(void)
{
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t ppis[2];
        char text[IRQ_LINE_TEXT_MAX + 1];
        IrqLine line = { IRQ_LINE_PPI, 0, g_test_rand_int_range(0, 140) };
        IrqLineRules rules;
        IrqLineFault f;

        for (unsigned w = 0; w < 2; w++) {
            ppis[w] = (uint64_t)g_test_rand_int() << 32 | g_test_rand_int();
            if (i & 1) {
                ppis[w] &= (uint64_t)g_test_rand_int() << 32 |
                           g_test_rand_int();
            }
        }
        line.number += i % 7 ? 0 : UINT_MAX - 200;
        g_assert_cmpint(irq_line_rules(&rules, 5, true, 1, 0, ppis), ==, 0);
        if (!irq_line_check(&rules, &line, &f)) {
            continue;
        }
        memset(text, 0x7f, sizeof(text));
        irq_line_fault_text(&f, text);
        g_assert_cmpint(text[IRQ_LINE_TEXT_MAX], ==, 0x7f);
        g_assert_cmpuint(strlen(text), <, IRQ_LINE_TEXT_MAX - 1);
        g_assert_true(g_str_has_prefix(text, "number "));
        g_assert_true(g_ascii_isdigit(text[strlen(text) - 1]) ||
                      g_str_has_suffix(text, ", ..."));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/irq-line/text/lines", test_lines);
    g_test_add_func("/irq-line/text/faults", test_faults);
    g_test_add_func("/irq-line/text/room", test_room);
    return g_test_run();
}
