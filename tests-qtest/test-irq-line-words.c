/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every one of the 2^32 words of KVM_IRQ_LINE, in both layouts: what it is
 * decoded to is all that is in it, and it is encoded to the word again or
 * refused with the errno that a formula of our own gives.
 *
 * Includes what it tests, so that a word takes a nanosecond.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "../target-arm/irq-line.c"

typedef struct Slice {
    bool layout2;
    uint32_t first, count;
    uint32_t bad;               /* the first word that is wrong */
    bool failed;
    uint64_t accepted, ignored;
} Slice;

/* Constant, for the compiler; test_words() sees that they are the rules */
static const IrqLineRules no_gic[2] = {
    { .vcpus = 4096 }, { .vcpus = 4096, .layout2 = true },
};
static const IrqLineRules gicv3[2] = {
    { .gic = 3, .vcpus = 4096, .spi_first = 32, .spis = 988,
      .ppis = { 0xffff0000 } },
    { .gic = 3, .layout2 = true, .vcpus = 4096, .spi_first = 32, .spis = 988,
      .ppis = { 0xffff0000 } },
};

/* The word that has these fields, whatever they are */
static inline uint32_t join(bool layout2, const IrqLine *line)
{
    return layout2 ?
        line->vcpu >> 8 << 28 | line->type << 24 |
        (line->vcpu & 255) << 16 | line->number :
        line->type << 24 | line->vcpu << 16 | line->number;
}

/* With 4096 vCPUs, and the VM that the type is for */
static inline int expected(unsigned type, unsigned number)
{
    switch (type) {
    case 0:
        return number <= 1 ? 0 : -EINVAL;
    case 1:
        return number >= 32 && number <= 1019 ? 0 : -EINVAL;
    case 2:
        return number >= 16 && number <= 31 ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}

static inline bool right(bool layout2, uint32_t word, uint64_t *accepted,
                         uint64_t *ignores)
{
    uint32_t vcpu = word & (layout2 ? 0xf0ff0000u : 0x00ff0000u), back = ~word;
    unsigned type = word >> 24 & (layout2 ? 15 : 255);
    bool ignored = type == 1 && vcpu;
    IrqLine line;
    int err;

    irq_line_decode(layout2, word, &line);
    if (irq_line_ignored(layout2, word) != ignored ||
        line.type != type || line.number != (word & 65535) ||
        join(layout2, &line) != (ignored ? word & ~vcpu : word)) {
        return false;
    }
    err = type ? irq_line_encode(&gicv3[layout2], &line, &back, NULL) :
          irq_line_encode(&no_gic[layout2], &line, &back, NULL);
    if (err != expected(type, word & 65535)) {
        return false;
    }
    *ignores += ignored;
    *accepted += !err;
    return err ? back == ~word : back == (ignored ? word & ~vcpu : word);
}

static inline void walk(Slice *s, bool layout2)
{
    uint64_t accepted = 0, ignored = 0;

    for (uint32_t i = 0; i < s->count; i++) {
        if (!right(layout2, s->first + i, &accepted, &ignored)) {
            s->failed = true;
            s->bad = s->first + i;
            break;
        }
    }
    s->accepted = accepted;
    s->ignored = ignored;
}

/* One for each layout, with everything in it: many times as fast */
static void *__attribute__((flatten)) walk1(void *opaque)
{
    walk(opaque, false);
    return NULL;
}

static void *__attribute__((flatten)) walk2(void *opaque)
{
    walk(opaque, true);
    return NULL;
}

static void check_rules(unsigned gic, bool layout2, const IrqLineRules *same)
{
    IrqLineRules r;

    g_assert_cmpint(irq_line_rules(&r, gic, layout2, 4096, 988, NULL), ==, 0);
    g_assert_true(r.gic == same->gic && r.layout2 == same->layout2 &&
                  r.vcpus == same->vcpus && r.spi_first == same->spi_first &&
                  r.spis == same->spis && r.ppis[0] == same->ppis[0] &&
                  r.ppis[1] == same->ppis[1]);
}

static void test_words(const void *opaque)
{
    bool layout2 = GPOINTER_TO_INT(opaque);
    unsigned vcpus = layout2 ? 4096 : 256;
    Slice slices[2];
    GThread *threads[2];
    uint64_t accepted = 0, ignored = 0;

    check_rules(0, layout2, &no_gic[layout2]);
    check_rules(3, layout2, &gicv3[layout2]);
    for (unsigned i = 0; i < 2; i++) {
        slices[i] = (Slice) {
            .layout2 = layout2, .first = i << 31, .count = 1u << 31,
        };
        threads[i] = g_thread_new("words", layout2 ? walk2 : walk1,
                                  &slices[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        g_thread_join(threads[i]);
        if (slices[i].failed) {
            g_test_message("word 0x%08x", slices[i].bad);
        }
        g_assert_false(slices[i].failed);
        accepted += slices[i].accepted;
        ignored += slices[i].ignored;
    }
    g_assert_cmpuint(accepted, ==, vcpus * (2 + 988 + 16));
    g_assert_cmpuint(ignored, ==, (vcpus - 1) * 65536ull);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/irq-line/words/layout1", GINT_TO_POINTER(0),
                         test_words);
    g_test_add_data_func("/irq-line/words/layout2", GINT_TO_POINTER(1),
                         test_words);
    return g_test_run();
}
