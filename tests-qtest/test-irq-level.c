/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the lines of KVM_IRQ_LINE: what is issued, what is saved,
 * and what is forgotten.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-level.h"

static IrqLevels levels;
static uint8_t *storage;

static void start_with(unsigned gic, unsigned vcpus, unsigned spis,
                       const uint64_t *ppis)
{
    IrqLineRules rules;

    g_assert_cmpint(irq_line_rules(&rules, gic, true, vcpus, spis, ppis),
                    ==, 0);
    g_free(storage);
    storage = g_malloc(irq_levels_size(&rules));
    irq_levels_init(&levels, &rules, storage);
}

static void start(unsigned gic, unsigned vcpus, unsigned spis)
{
    static const uint64_t ppis[2] = { 1 << 3 };

    start_with(gic, vcpus, spis, ppis);
}

/*
 * A script is steps with a blank in between:
 *   0i 1i    the input moves there and is issued, with success
 *   0s 1s    is saved
 *   0e 1e    is issued and refused
 *   ai an    state was loaded that has the line low; it is issued, or not
 *   bi bn    high
 *   L H U    the kernel's state is known to be low or high; is not known
 *   F        all lines are forgotten
 *   R        KVM_ARM_VCPU_INIT of the line's vCPU
 *   T t      an SPI is known to be level-triggered; is not any more
 *   S s      an irqfd moves the line as well; does not any more
 *   O        level-memory=off
 */
static void input(const IrqLine *line, bool level, char want)
{
    IrqLevelVerdict verdict = irq_levels_look(&levels, line, level);

    if (want == 's') {
        g_assert_cmpint(verdict, ==, level ? IRQ_LEVEL_SAVE_RAISE :
                        IRQ_LEVEL_SAVE_LOWER);
        return;
    }
    g_assert_cmpint(verdict, ==, IRQ_LEVEL_ISSUE);
    irq_levels_done(&levels, line, level, want == 'e' ? -EBUSY : 0);
}

static void restore(const IrqLine *line, bool level, char want)
{
    g_assert_cmpint(irq_levels_restore(&levels, line, level), ==, want == 'i');
    if (want == 'i') {
        irq_levels_done(&levels, line, level, 0);
    }
}

static void step(const IrqLine *line, const char *s)
{
    switch (s[0]) {
    case '0':
    case '1':
        input(line, s[0] == '1', s[1]);
        break;
    case 'a':
    case 'b':
        restore(line, s[0] == 'b', s[1]);
        break;
    case 'L':
        irq_levels_set(&levels, line, IRQ_LEVEL_LOW);
        break;
    case 'H':
        irq_levels_set(&levels, line, IRQ_LEVEL_HIGH);
        break;
    case 'U':
        irq_levels_set(&levels, line, IRQ_LEVEL_UNKNOWN);
        break;
    case 'F':
        irq_levels_forget(&levels);
        break;
    case 'R':
        irq_levels_vcpu_init(&levels, line->vcpu);
        break;
    case 'T':
    case 't':
        irq_levels_trigger(&levels, line, s[0] == 'T');
        break;
    case 'S':
    case 's':
        irq_levels_shared(&levels, line, s[0] == 'S');
        break;
    case 'O':
        levels.off = true;
        break;
    default:
        g_assert_not_reached();
    }
}

typedef enum Kind {
    CPU = 1, SPI = 2, PPI = 4, PPI5 = 8, ALL = 15, LEVEL = CPU | PPI,
    LATCH = SPI | PPI5
} Kind;

static const struct {
    unsigned gic;
    IrqLine line;
} kinds[] = {
    { 0, { IRQ_LINE_CPU, 2, IRQ_LINE_CPU_FIQ } },
    { 2, { IRQ_LINE_SPI, 0, 40 } },
    { 3, { IRQ_LINE_PPI, 2, 20 } },
    { 5, { IRQ_LINE_PPI, 2, 3 } },
};

static const struct {
    unsigned kinds;
    const char *script;
} scripts[] = {
    /* A new line is low */
    { ALL, "0s 0s 1i" },
    { ALL, "1i 0i 0s 0s 1i 0i 0s" },
    /* What latches is told every raise */
    { LEVEL, "1i 1s 1s 0i 1i 1s" },
    { LATCH, "1i 1i 1i 0i 1i 1i" },
    { SPI, "T 1i 1s 0i 1i 1s t 1i 1i" },
    { PPI5, "T 1i 1s 0i 1i 1s t 1i 1i" },
    /* Marked while it is high: perhaps that was an edge */
    { SPI, "1i T 1i 1s 0i 0s" },
    { SPI, "1i T 0i 0s" },
    { SPI, "1i 0i T 0s 1i 1s T 1s" },
    { SPI, "H T 1i 1s" },
    { LEVEL, "1i T 1s t 1s" },
    /* What KVM has refused is not known, both ways, and until it is taken */
    { ALL, "1e 1i 0i 0s" },
    { ALL, "1e 0i 0s" },
    { ALL, "1i 0e 0e 0i 0s" },
    { ALL, "1i 0e 1i" },
    { LEVEL, "1i 0e 1i 1s" },
    { ALL, "U 0i 0s" },
    { LEVEL, "U 1i 1s" },
    { ALL, "F 0i 0s F 0i 0s" },
    { LEVEL, "1i F 1i 1s" },
    { SPI, "T F 1i 1s F 1i 1s" },
    { ALL, "1i L 0s 1i" },
    { LEVEL, "H 1s 0i" },
    { LATCH, "H 1i 0i" },
    /* A vCPU's reset is of its own lines, and only without a GIC */
    { CPU, "1i R 0i 0s 1i 1s" },
    { CPU, "0s R 0s" },
    { CPU, "1i 0i R 0s an 1i" },
    { CPU, "F R 0i 0s" },
    { CPU, "1i R ai an 0s" },
    { LEVEL & ~CPU, "1i R 1s 0i" },
    { SPI, "1i R 0i" },
    /* Loaded state moves a line that is not there yet, once */
    { ALL, "an bi ai an" },
    { ALL, "F ai an F bi" },
    { LEVEL, "bi bn F bi bn" },
    /* If it went high as an edge KVM does not hold it, and it is a level now */
    { LATCH, "1i bi bi 0i" },
    { SPI, "T 1i bi 1s" },
    { ALL, "bi 0i 0s" },
    { LEVEL, "bi 1s" },
    { LATCH, "bi 1i" },
    { LEVEL, "1i bn" },
    { CPU, "1i R bi bn 1s" },
    /* An irqfd's line is never known, and not when the last is gone either */
    { ALL, "S 0i 0i 1i 1i 0i s 0i 0s" },
    { ALL, "1i S s 0i 0s" },
    { LEVEL, "1i S s 1i 1s" },
    { ALL, "S S s 0i 0i s 0i 0s" },
    { ALL, "S H 0i 0i L 0i bi bi ai ai F s 0i 0s" },
    { SPI, "T S 1i 1i s 1i 1s" },
    { CPU, "S R 0i s R 0i 0s" },
    /* One end too many */
    { ALL, "s 0i 0s S 0i 0i s 0i 0s" },
    /* Off: every input; state is still loaded once */
    { ALL, "O 0i 0i 1i 1i 0i F bi ai an 1i" },
};

static void test_scripts(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(scripts); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
            g_auto(GStrv) steps = g_strsplit(scripts[i].script, " ", -1);

            if (!(scripts[i].kinds >> k & 1)) {
                continue;
            }
            g_test_message("%s: %s", scripts[i].script,
                           irq_line_type_name(kinds[k].line.type));
            start(kinds[k].gic, 4, 64);
            for (unsigned s = 0; steps[s]; s++) {
                step(&kinds[k].line, steps[s]);
            }
        }
    }
}

static void check_counters(uint64_t inputs, uint64_t issued, uint64_t lower,
                           uint64_t raise, uint64_t reissued, uint64_t refused)
{
    g_assert_cmpuint(levels.inputs, ==, inputs);
    g_assert_cmpuint(levels.issued, ==, issued);
    g_assert_cmpuint(levels.saved_lower, ==, lower);
    g_assert_cmpuint(levels.saved_raise, ==, raise);
    g_assert_cmpuint(levels.reissued, ==, reissued);
    g_assert_cmpuint(levels.refused, ==, refused);
}

static void test_counters(void)
{
    static const char *const steps[] = {
        "0s", "0s", "1i", "1s", "1s", "1s", "0e", "0i", "bi", "bn", "F", "ai",
    };

    start(3, 4, 64);
    check_counters(0, 0, 0, 0, 0, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        step(&kinds[2].line, steps[i]);
    }
    check_counters(8, 4, 2, 3, 2, 1);
    /* What KVM refuses is issued, so that it is KVM who refuses it */
    step(&(IrqLine) { IRQ_LINE_PPI, 0, 15 }, "0e");
    check_counters(9, 4, 2, 3, 2, 2);
    levels.off = true;
    step(&kinds[2].line, "0i");
    check_counters(10, 5, 2, 3, 2, 2);
}

/* Each line has a memory of its own, with nothing beside it touched */
static void each_alone(unsigned gic, unsigned vcpus, unsigned spis,
                       const uint64_t *ppis, unsigned count)
{
    IrqLine line = { 0 };
    unsigned all = 0;

    /* What the caller gives is what is written */
    start_with(gic, vcpus, spis, ppis);
    for (line.type = 0; line.type < IRQ_LINE_TYPES; line.type++) {
        for (line.vcpu = 0; line.vcpu < vcpus; line.vcpu++) {
            for (line.number = 0; line.number < 1100; line.number++) {
                if (irq_line_check(&levels.rules, &line, NULL) ||
                    (line.type == IRQ_LINE_SPI && line.vcpu)) {
                    continue;
                }
                g_assert_cmpint(irq_levels_get(&levels, &line), ==,
                                IRQ_LEVEL_LOW);
                irq_levels_set(&levels, &line, IRQ_LEVEL_HIGH);
                g_assert_cmpint(irq_levels_get(&levels, &line), ==,
                                IRQ_LEVEL_HIGH);
                all++;
            }
        }
    }
    g_assert_cmpuint(all, ==, count);
    irq_levels_forget(&levels);
    for (size_t i = 0; i < irq_levels_size(&levels.rules); i++) {
        g_assert_cmpint(storage[i], ==, IRQ_LEVEL_UNKNOWN);
    }
}

static void test_storage(void)
{
    static const uint64_t few[2] = { 1 << 3 }, top[2] = { 0, 1ull << 63 },
                          high[2] = { 1ull << 32 | 1 },
                          all[2] = { ~0ull, ~0ull };
    IrqLineRules rules;

    each_alone(0, 300, 0, NULL, 300 * 2);
    each_alone(2, 8, 988, NULL, 8 * 16 + 988);
    each_alone(3, 300, 1, NULL, 300 * 16 + 1);
    each_alone(3, 1, 0, NULL, 16);
    each_alone(5, 3, 64, few, 3 + 64);
    each_alone(5, 3, 64, high, 3 * 2 + 64);
    each_alone(5, 3, 64, top, 3 + 64);
    each_alone(5, 3, 0, all, 3 * 128);
    g_assert_cmpint(irq_line_rules(&rules, 5, true, 4096, 65536, all), ==, 0);
    g_assert_cmpuint(irq_levels_size(&rules), <, 1 << 20);
}

/* Another vCPU's reset, lines that are none, a vCPU that is none */
static void test_others(void)
{
    IrqLine line = { IRQ_LINE_CPU, 1, IRQ_LINE_CPU_IRQ };
    static const IrqLine none[] = {
        { IRQ_LINE_CPU, 4, 0 }, { IRQ_LINE_CPU, 0, 2 }, { IRQ_LINE_SPI, 0, 32 },
        { IRQ_LINE_PPI, 0, 16 }, { 7, 0, 0 }, { IRQ_LINE_CPU, UINT_MAX, 0 },
    };
    g_autofree uint8_t *before = NULL;
    size_t size;

    start(0, 4, 0);
    step(&line, "1i");
    irq_levels_vcpu_init(&levels, 0);
    irq_levels_vcpu_init(&levels, 2);
    irq_levels_vcpu_init(&levels, 4);
    irq_levels_vcpu_init(&levels, UINT_MAX);
    step(&line, "1s");
    size = irq_levels_size(&levels.rules);
    before = g_malloc(size);
    memcpy(before, storage, size);
    for (unsigned i = 0; i < G_N_ELEMENTS(none); i++) {
        static const char *const steps[] = {
            "0i", "0i", "1i", "1i", "ai", "bi", "L", "H", "U", "T", "t", "S",
            "s", "R",
        };

        for (unsigned s = 0; s < G_N_ELEMENTS(steps); s++) {
            step(&none[i], steps[s]);
        }
        g_assert_cmpint(irq_levels_get(&levels, &none[i]), ==,
                        IRQ_LEVEL_UNKNOWN);
    }
    /* But for the reset of vCPU 0, which there is */
    g_assert_cmpmem(before, size, storage, size);
    irq_levels_vcpu_init(&levels, 1);
    step(&line, "0i");
    step(&line, "1i");
}

/* More irqfds than there is room to count stay for ever */
static void test_many_shares(void)
{
    IrqLine line = { IRQ_LINE_SPI, 0, 32 }, next = { IRQ_LINE_SPI, 0, 33 };

    for (unsigned n = 1; n < 100; n++) {
        start(3, 1, 64);
        step(&next, "1i");
        for (unsigned i = 0; i < n; i++) {
            step(&line, "S");
        }
        for (unsigned i = 0; i + 1 < n; i++) {
            step(&line, "s");
            step(&line, "0i");
            step(&line, "0i");
        }
        step(&line, "s");
        step(&line, "0i");
        step(&line, n < 31 ? "0s" : "0i");
        step(&next, "0i");
        step(&next, "0s");
    }
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/irq-level/scripts", test_scripts);
    g_test_add_func("/irq-level/counters", test_counters);
    g_test_add_func("/irq-level/storage", test_storage);
    g_test_add_func("/irq-level/others", test_others);
    g_test_add_func("/irq-level/many-shares", test_many_shares);
    ret = g_test_run();
    g_free(storage);
    return ret;
}
