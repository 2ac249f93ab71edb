/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec of KVM_IRQ_LINE's word and the model of the kernel agree: what is
 * refused, the errno, and which line a word moves. And the ranges by the
 * version of the GIC.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-line.h"
#include "kvm-model-arm.h"

#define RANDOM_WORDS 20000      /* for each VM */

static const unsigned gics[] = { 0, 2, 3 };
static const unsigned vcpu_counts[] = { 1, 8, 255, 256, 257, 512, 4096 };
static const unsigned spi_counts[] = { 0, 1, 32, 988 };
/* Bits 23:16 */
static const unsigned vcpu_bytes[] = { 0, 1, 2, 6, 7, 8, 9, 127, 254, 255 };
/* Bits 15:0; those at the end of the SPIs are added */
static const unsigned numbers[] = {
    0, 1, 2, 3, 14, 15, 16, 17, 30, 31, 32, 33, 62, 63, 64, 65, 127, 128, 255,
    256, 1018, 1019, 1020, 1021, 1023, 1024, 4095, 8191, 8192, 32767, 32768,
    65534, 65535,
};

static KVMModelArm arm;
static KVMModelArmVCPU vcpus[IRQ_LINE_VCPUS_MAX];

static void start(IrqLineRules *rules, unsigned gic, bool layout2,
                  unsigned count, unsigned spis)
{
    g_assert_cmpint(irq_line_rules(rules, gic, layout2, count, spis, NULL),
                    ==, 0);
    kvm_model_arm_init(&arm, gic == 0 ? KVM_MODEL_NO_GIC :
                       gic == 2 ? KVM_MODEL_GICV2 : KVM_MODEL_GICV3,
                       gic ? spis : 0, vcpus, count);
    arm.layout2 = layout2;
    kvm_model_arm_gic_init(&arm);
}

static bool is_high(const IrqLine *line)
{
    return line->type == IRQ_LINE_CPU ?
        arm.vcpu[line->vcpu].pins >> line->number & 1 :
        kvm_model_arm_pending(&arm, line->vcpu, line->number);
}

static void check_fault(const IrqLineRules *rules, const IrqLine *line,
                        const IrqLineFault *f, int err)
{
    unsigned value = f->field == IRQ_LINE_FIELD_TYPE ? line->type :
                     f->field == IRQ_LINE_FIELD_VCPU ? line->vcpu :
                     line->number;

    g_assert_cmpint(f->err, ==, err);
    g_assert_true(f->rules == rules);
    g_assert_cmpuint(f->type, ==, line->type);
    if (!err) {
        g_assert_cmpint(f->field, ==, IRQ_LINE_FIELD_NONE);
        return;
    }
    g_assert_cmpuint(f->value, ==, value);
    g_assert_true(f->value < f->min || f->value > f->max);
    g_assert_cmpint(err == -ENXIO, ==, f->field == IRQ_LINE_FIELD_TYPE &&
                    line->type < IRQ_LINE_TYPES);
}

/* True if the line is there */
static bool agree(const IrqLineRules *rules, uint32_t word)
{
    IrqLineFault fault;
    uint32_t back = ~word;
    IrqLine line;
    int err;

    irq_line_decode(rules->layout2, word, &line);
    g_assert_true(line.type != IRQ_LINE_SPI || line.vcpu == 0);
    err = irq_line_check(rules, &line, &fault);
    check_fault(rules, &line, &fault, err);
    g_assert_cmpint(irq_line_check(rules, &line, NULL), ==, err);
    g_assert_cmpint(kvm_model_arm_irq_line(&arm, word, true), ==, err);
    g_assert_cmpint(irq_line_encode(rules, &line, &back, &fault), ==, err);
    if (err) {
        g_assert_cmphex(back, ==, ~word);
        return false;
    }
    g_assert_cmpint(back == word, ==, !irq_line_ignored(rules->layout2, word));
    g_assert_true(is_high(&line));
    kvm_model_arm_ack(&arm, line.vcpu, line.number);
    /* The same line again, by the word that is encoded; and nothing else */
    g_assert_cmpint(kvm_model_arm_irq_line(&arm, back, false), ==, 0);
    g_assert_false(is_high(&line));
    return true;
}

typedef void VisitVM(const IrqLineRules *rules, void *opaque);

static void each_vm(VisitVM *visit, void *opaque)
{
    IrqLineRules rules;

    for (unsigned g = 0; g < G_N_ELEMENTS(gics); g++) {
        for (unsigned v = 0; v < G_N_ELEMENTS(vcpu_counts); v++) {
            for (unsigned s = 0; s < G_N_ELEMENTS(spi_counts); s++) {
                for (unsigned layout = 0; layout < 2; layout++) {
                    start(&rules, gics[g], layout, vcpu_counts[v],
                          spi_counts[s]);
                    visit(&rules, opaque);
                }
            }
        }
    }
}

typedef struct Count {
    uint64_t words, lines;
} Count;

/* All upper bytes, with the vCPUs and numbers at all ends of ranges */
static void boundaries(const IrqLineRules *rules, void *opaque)
{
    unsigned n = G_N_ELEMENTS(numbers);
    Count *count = opaque;

    for (unsigned high = 0; high < 256; high++) {
        for (unsigned v = 0; v < G_N_ELEMENTS(vcpu_bytes); v++) {
            for (unsigned i = 0; i < n + 3; i++) {
                unsigned nr = i < n ? numbers[i] : 31 + rules->spis + i - n;

                count->lines += agree(rules, high << 24 | vcpu_bytes[v] << 16 |
                                      nr);
                count->words++;
            }
        }
    }
}

static void test_boundaries(void)
{
    Count count = { 0 };

    each_vm(boundaries, &count);
    g_test_message("%" PRIu64 " words, %" PRIu64 " lines", count.words,
                   count.lines);
    g_assert_cmpuint(count.lines, >, 50000);
}

static void some_words(const IrqLineRules *rules, void *opaque)
{
    Count *count = opaque;

    for (unsigned i = 0; i < RANDOM_WORDS; i++) {
        uint32_t word = g_test_rand_int();

        /* Half of them look like lines */
        if (i & 1) {
            word &= i & 2 ? 0x030103ff : 0xf3ff001f;
        }
        count->lines += agree(rules, word);
        count->words++;
    }
}

static void test_random(void)
{
    Count count = { 0 };

    each_vm(some_words, &count);
    g_test_message("%" PRIu64 " words, %" PRIu64 " lines", count.words,
                   count.lines);
    g_assert_cmpuint(count.lines, >, 20000);
}

/*
 * That a GICv3 is not initialised is no fault of the word: who issues it gets
 * EBUSY, and for a while instead of the EINVAL that this GIC's range is worth.
 */
static void test_busy(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 0, 40 }, beyond = { IRQ_LINE_SPI, 0, 96 };
    IrqLineRules rules;

    start(&rules, 3, true, 4, 64);
    arm.initialized = false;
    g_assert_cmpint(kvm_model_arm_irq_line(&arm, 1 << 24 | 40, true), ==,
                    -EBUSY);
    g_assert_cmpint(irq_line_check(&rules, &spi, NULL), ==, 0);
    g_assert_cmpint(kvm_model_arm_irq_line(&arm, 1 << 24 | 96, true), ==,
                    -EBUSY);
    g_assert_cmpint(irq_line_check(&rules, &beyond, NULL), ==, -EINVAL);
}

static void test_rules(void)
{
    static const uint64_t ppis[2] = { 1 << 3, 1ull << 63 };
    static const struct {
        unsigned gic, vcpus, spis;
        int ret;
    } rows[] = {
        { 0, 1, 0, 0 }, { 0, 4096, 5000, 0 }, { 0, 0, 0, -EINVAL },
        { 0, 4097, 0, -EINVAL },
        { 1, 1, 0, -EINVAL }, { 4, 1, 0, -EINVAL }, { 6, 1, 0, -EINVAL },
        { UINT_MAX, 1, 0, -EINVAL },
        { 2, 8, 988, 0 }, { 2, 8, 989, -EINVAL }, { 2, 0, 988, -EINVAL },
        { 3, 4096, 0, 0 }, { 3, 1, 989, -EINVAL },
        { 3, 1, UINT_MAX, -EINVAL }, { 3, UINT_MAX, 0, -EINVAL },
        { 5, 4096, 65536, 0 }, { 5, 1, 65537, -EINVAL }, { 5, 0, 0, -EINVAL },
    };
    IrqLineRules rules;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(irq_line_rules(&rules, rows[i].gic, true,
                                       rows[i].vcpus, rows[i].spis, ppis),
                        ==, rows[i].ret);
    }
    g_assert_cmpint(irq_line_rules(&rules, 5, true, 1, 0, NULL), ==, -EINVAL);

    g_assert_cmpint(irq_line_rules(&rules, 0, true, 7, 64, ppis), ==, 0);
    g_assert_cmpuint(rules.spis, ==, 0);
    g_assert_cmphex(rules.ppis[0] | rules.ppis[1], ==, 0);
    g_assert_cmpint(irq_line_rules(&rules, 2, false, 7, 64, ppis), ==, 0);
    g_assert_cmpuint(rules.gic, ==, 2);
    g_assert_false(rules.layout2);
    g_assert_cmpuint(rules.vcpus, ==, 7);
    g_assert_cmpuint(rules.spi_first, ==, 32);
    g_assert_cmpuint(rules.spis, ==, 64);
    g_assert_cmphex(rules.ppis[0], ==, 0xffff0000);
    g_assert_cmphex(rules.ppis[1], ==, 0);
    g_assert_cmpint(irq_line_rules(&rules, 5, true, 7, 64, ppis), ==, 0);
    g_assert_true(rules.layout2);
    g_assert_cmpuint(rules.spi_first, ==, 0);
    g_assert_cmphex(rules.ppis[0], ==, ppis[0]);
    g_assert_cmphex(rules.ppis[1], ==, ppis[1]);
}

/* GICv5, which the model does not know: PPIs by mask, SPIs from 0 */
static void test_gicv5(void)
{
    static const uint64_t masks[][2] = {
        { 1 << 3, 0 }, { 0, 0 }, { ~0ull, ~0ull }, { 0x8000000000000001ull,
                                                     0x8000000000000001ull },
        { 0x1c18, 1 },
    };
    static const unsigned spis[] = { 0, 1, 32, 65535, 65536 };
    IrqLineRules rules;

    for (unsigned m = 0; m < G_N_ELEMENTS(masks); m++) {
        for (unsigned s = 0; s < G_N_ELEMENTS(spis); s++) {
            g_assert_cmpint(irq_line_rules(&rules, 5, true, 300, spis[s],
                                           masks[m]), ==, 0);
            for (unsigned nr = 0; nr < 65536; nr++) {
                IrqLine ppi = { IRQ_LINE_PPI, 299, nr };
                IrqLine spi = { IRQ_LINE_SPI, 0, nr };
                bool has = nr < 128 && masks[m][nr / 64] >> nr % 64 & 1;

                g_assert_cmpint(irq_line_check(&rules, &ppi, NULL), ==,
                                has ? 0 : -EINVAL);
                g_assert_cmpint(irq_line_check(&rules, &spi, NULL), ==,
                                nr < spis[s] ? 0 : -EINVAL);
                ppi.vcpu = 300;
                g_assert_cmpint(irq_line_check(&rules, &ppi, NULL), ==,
                                -EINVAL);
            }
        }
    }
}

/* A line that nobody has decoded: fields wider than the word's */
static void test_wide(void)
{
    static const IrqLine lines[] = {
        { IRQ_LINE_CPU + 256, 0, 0 }, { UINT_MAX, 0, 32 },
        { IRQ_LINE_CPU, 4096, 0 }, { IRQ_LINE_CPU, UINT_MAX, 0 },
        { IRQ_LINE_CPU, 0, 65536 }, { IRQ_LINE_CPU, 0, UINT_MAX },
        { IRQ_LINE_SPI, 0, 65536 + 32 }, { IRQ_LINE_SPI, 0, UINT_MAX },
        { IRQ_LINE_PPI, 4096, 16 }, { IRQ_LINE_PPI, 0, 65536 + 16 },
        { IRQ_LINE_PPI, 0, UINT_MAX }, { IRQ_LINE_PPI, 0, 128 },
    };
    static const uint64_t all[2] = { ~0ull, ~0ull };
    static const unsigned versions[] = { 0, 2, 3, 5 };
    IrqLineRules rules;

    for (unsigned g = 0; g < G_N_ELEMENTS(versions); g++) {
        g_assert_cmpint(irq_line_rules(&rules, versions[g], true, 4096,
                                       versions[g] == 5 ? 65536 : 988, all),
                        ==, 0);
        for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
            uint32_t word = 77;
            bool gic = versions[g], wants = lines[i].type != IRQ_LINE_CPU;

            g_assert_cmpint(irq_line_encode(&rules, &lines[i], &word, NULL),
                            ==, lines[i].type < IRQ_LINE_TYPES &&
                            gic != wants ? -ENXIO : -EINVAL);
            g_assert_cmphex(word, ==, 77);
        }
    }
}

/* An SPI's vCPU goes nowhere */
static void test_spi_vcpu(void)
{
    IrqLine spi = { IRQ_LINE_SPI, 5000, 33 };
    IrqLineRules rules;
    uint32_t word;

    start(&rules, 3, true, 1, 64);
    g_assert_cmpint(irq_line_encode(&rules, &spi, &word, NULL), ==, 0);
    g_assert_cmphex(word, ==, 0x01000021);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/irq-line/rules", test_rules);
    g_test_add_func("/irq-line/boundaries", test_boundaries);
    g_test_add_func("/irq-line/random", test_random);
    g_test_add_func("/irq-line/busy", test_busy);
    g_test_add_func("/irq-line/gicv5", test_gicv5);
    g_test_add_func("/irq-line/wide", test_wide);
    g_test_add_func("/irq-line/spi-vcpu", test_spi_vcpu);
    return g_test_run();
}
