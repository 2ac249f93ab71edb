/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is saved and what is issued. Issued, and so seen by the model, has to be
 * all that can matter.
 */
#include "qemu/osdep.h"
#include "accel/kvm/intack/kvm-model-arm.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"

enum {
    FIRST_SPI = 32,
    SPIS = 64,
    FIRST_PPI = 16,
    PPIS = 16,
};

typedef struct Lines {
    const char *props;
    Type type;
    unsigned vcpus, first, count;
    bool level;                 /* known to be level-triggered */
    bool unknown;               /* after a reset: LEVEL_INFO is of SPIs only */
} Lines;

static const Lines lines[] = {
    { "gic-version=2", SPI, 1, FIRST_SPI, SPIS, false },
    { "gic-version=3", SPI, 1, FIRST_SPI, SPIS, false },
    { "gic-version=2,level-spis=32-95", SPI, 1, FIRST_SPI, SPIS, true },
    { "gic-version=3,level-spis=32-95", SPI, 1, FIRST_SPI, SPIS, true },
    { "gic-version=2", PPI, 2, FIRST_PPI, PPIS, true },
    { "gic-version=3", PPI, 2, FIRST_PPI, PPIS, true, true },
    { "gic-version=0,spis=0", CPU, 2, IRQ, 2, true },
};

static void move_all(Vm *vm, const Lines *l, int level)
{
    for (unsigned vcpu = 0; vcpu < l->vcpus; vcpu++) {
        for (unsigned n = 0; n < l->count; n++) {
            vm_move(vm, l->type, vcpu, l->first + n, level);
        }
    }
}

/* A lower of a low line does nothing in the kernel, whatever the line is */
static void test_lower(void)
{
    for (int i = 0; i < G_N_ELEMENTS(lines); i++) {
        const Lines *l = &lines[i];
        unsigned n = l->vcpus * l->count;
        Vm vm = vm_start(l->props, "");

        move_all(&vm, l, 0);
        vm_moved(&vm, .inputs = n, .issued = l->unknown ? n : 0,
                 .saved_lower = l->unknown ? 0 : n);
        move_all(&vm, l, 0);
        vm_moved(&vm, .inputs = n, .saved_lower = n);
        move_all(&vm, l, 1);
        move_all(&vm, l, 0);
        vm_moved(&vm, .inputs = 2 * n, .issued = 2 * n);
        vm_expect_high(&vm, "");
        move_all(&vm, l, 0);
        move_all(&vm, l, 0);
        vm_moved(&vm, .inputs = 2 * n, .saved_lower = 2 * n);
        g_assert_cmpuint(vm_ioctls(&vm), ==, (2 + l->unknown) * n);
        vm_stop(&vm);
    }
}

/* A raise of a high line is saved where the line is level-triggered for sure */
static void test_raise(void)
{
    for (int i = 0; i < G_N_ELEMENTS(lines); i++) {
        const Lines *l = &lines[i];
        unsigned n = l->vcpus * l->count;
        Vm vm = vm_start(l->props, "");

        for (int round = 0; round < 2; round++) {
            move_all(&vm, l, 1);
            vm_moved(&vm, .inputs = n, .issued = n);
            for (int again = 0; again < 3; again++) {
                move_all(&vm, l, 1);
            }
            if (l->level) {
                vm_moved(&vm, .inputs = 3 * n, .saved_raise = 3 * n);
            } else {
                vm_moved(&vm, .inputs = 3 * n, .issued = 3 * n);
            }
            move_all(&vm, l, 0);
            vm_moved(&vm, .inputs = n, .issued = n);
            vm_expect_high(&vm, "");
        }
        g_assert_cmpuint(vm_ioctls(&vm), ==, n * (l->level ? 4 : 10));
        vm_stop(&vm);
    }
}

/* The memory is one of lines, not of the last input */
static void test_apart(void)
{
    Vm vm = vm_start("gic-version=2,level-spis=33", "");

    vm_move(&vm, SPI, 0, 33, 1);
    vm_move(&vm, PPI, 0, 17, 1);
    vm_move(&vm, PPI, 1, 17, 1);
    vm_moved(&vm, .inputs = 3, .issued = 3);
    vm_move(&vm, SPI, 0, 34, 0);
    vm_move(&vm, PPI, 0, 18, 0);
    vm_move(&vm, PPI, 1, 16, 0);
    vm_moved(&vm, .inputs = 3, .saved_lower = 3);
    vm_move(&vm, PPI, 0, 17, 0);
    vm_moved(&vm, .inputs = 1, .issued = 1);
    vm_move(&vm, SPI, 0, 33, 1);
    vm_move(&vm, PPI, 1, 17, 1);
    vm_moved(&vm, .inputs = 2, .saved_raise = 2);
    vm_stop(&vm);
}

/*
 * virtio-mmio: an edge-triggered SPI on the virt board, raised again with no
 * lower between while the guest's handler is under way. vgic_validate_injection
 * takes each raise as an edge; one that were saved is an interrupt lost.
 */
static void test_virtio_mmio(const void *props)
{
    enum { INTID = 48 };
    bool lost = g_str_has_prefix(props, "level-spis");
    Vm vm = vm_start(props, "");

    vm_configure(&vm, 0, INTID, false);
    for (int i = 1; i <= 3; i++) {
        vm_move(&vm, SPI, 0, INTID, 1);
        g_assert_cmpint(vm_pending(&vm, 0, INTID), ==, i == 1 || !lost);
        vm_ack(&vm, 0, INTID);
        g_assert_false(vm_pending(&vm, 0, INTID));
    }
    g_assert_cmpuint(vm_queued(&vm), ==, lost ? 1 : 3);
    /* The guest has read InterruptStatus: the device lowers the line */
    vm_move(&vm, SPI, 0, INTID, 0);
    vm_move(&vm, SPI, 0, INTID, 1);
    g_assert_true(vm_pending(&vm, 0, INTID));
    vm_stop(&vm);
}

/*
 * Raised while edge-triggered, then made level-triggered: KVM has no level of
 * the line, and the next raise brings it.
 */
static void test_configured_late(void)
{
    enum { INTID = 40 };
    Vm vm = vm_start("", "");

    vm_configure(&vm, 0, INTID, false);
    vm_move(&vm, SPI, 0, INTID, 1);
    vm_ack(&vm, 0, INTID);
    vm_configure(&vm, 0, INTID, true);
    g_assert_false(vm_pending(&vm, 0, INTID));
    vm_move(&vm, SPI, 0, INTID, 1);
    g_assert_true(vm_pending(&vm, 0, INTID));
    vm_ack(&vm, 0, INTID);
    g_assert_true(vm_pending(&vm, 0, INTID));
    vm_move(&vm, SPI, 0, INTID, 0);
    g_assert_false(vm_pending(&vm, 0, INTID));
    vm_moved(&vm, .inputs = 3, .issued = 3);
    vm_stop(&vm);
}

/* level-memory=off: every input is an ioctl, as with stock QEMU */
static void test_off(void)
{
    static const int levels[] = { 0, 0, 1, 1, 1, 0, 0, 1 };

    for (int i = 0; i < G_N_ELEMENTS(lines); i++) {
        const Lines *l = &lines[i];
        g_autofree char *props = g_strdup_printf("%s,level-memory=off",
                                                 l->props);
        unsigned n = l->vcpus * l->count;
        Vm vm = vm_start(props, "");

        for (int m = 0; m < G_N_ELEMENTS(levels); m++) {
            move_all(&vm, l, levels[m]);
            vm_moved(&vm, .inputs = n, .issued = n);
        }
        g_assert_cmpuint(vm_ioctls(&vm), ==, n * G_N_ELEMENTS(levels));
        vm_stop(&vm);
    }
}

/* "33,40-47": those, and no others */
static void test_level_spis(void)
{
    static const struct {
        const char *props, *more, *level;   /* * = level, from INTID 32 on */
    } rows[] = {
        { "level-spis=33", "", ".*" },
        { "level-spis=32", "", "*" },
        { "level-spis=95", "",
          "..............................................................."
          "*" },
        { "level-spis=40-40", "", "........*" },
        { "level-spis=32-95", "",
          "****************************************************************" },
        { "level-spis=33,,35,,40-43", "", ".*.*....****" },
        { "level-spis=35,,33-36,,34", "", ".****" },
        { "level-spis=", "", "" },
        { "gic-version=3", "-global arm-irq-line.level-spis=33,40-47",
          ".*......********" },
        { "level-spis=34", "-global arm-irq-line.level-spis=33", "..*" },
    };

    for (int i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) text = g_string_new(RAISES);
        Vm vm = vm_start(rows[i].props, rows[i].more);

        for (unsigned n = 0; n < SPIS; n++) {
            bool level = n < strlen(rows[i].level) && rows[i].level[n] == '*';

            vm_move(&vm, SPI, 0, FIRST_SPI + n, 1);
            vm_move(&vm, SPI, 0, FIRST_SPI + n, 1);
            g_string_append_printf(text, "%u: %d\n", FIRST_SPI + n, 2 - level);
        }
        vm_expect_info(&vm, "info irq", text->str);
        vm_stop(&vm);
    }
}

/*
 * Any inputs in any order: the counters are what a look at each line by itself
 * makes of them, and the model's lines are where they were moved last.
 */
static void test_storm(const void *arg)
{
    enum { VCPUS = 2, MOVES = 4000, LEVEL_SPIS = 8 };
    bool gic = *(const char *)arg;
    unsigned count = gic ? SPIS + VCPUS * PPIS : VCPUS * 2;
    Vm vm = vm_start(gic ? "gic-version=2,level-spis=32-39" :
                     "gic-version=0,spis=0", "");
    g_autoptr(GString) words = g_string_new("");
    bool high[SPIS + VCPUS * PPIS] = { };
    Counts c = { .inputs = MOVES };
    uint64_t again = 0;         /* raises of high lines that are issued */

    for (int i = 0; i < MOVES; i++) {
        unsigned n = g_test_rand_int_range(0, count);
        bool level = g_test_rand_bit();
        bool spi = gic && n < SPIS;
        unsigned p = n - SPIS;

        if (!level && !high[n]) {
            c.saved_lower++;
        } else if (level && high[n] && (!spi || n < LEVEL_SPIS)) {
            c.saved_raise++;
        } else {
            c.issued++;
            again += level && high[n];
        }
        high[n] = level;
        if (spi) {
            vm_move(&vm, SPI, 0, FIRST_SPI + n, level);
        } else if (gic) {
            vm_move(&vm, PPI, p / PPIS, FIRST_PPI + p % PPIS, level);
        } else {
            vm_move(&vm, CPU, n / 2, n % 2, level);
        }
    }
    vm_moved_at(__FILE__, __LINE__, &vm, c);
    g_assert_cmpuint(vm_ioctls(&vm), ==, c.issued);
    for (unsigned n = 0; n < count; n++) {
        unsigned p = n - SPIS;

        if (!high[n]) {
            continue;
        }
        g_string_append_printf(
            words, "%s%x", words->len ? " " : "",
            !gic ? line_word(CPU, n / 2, n % 2) :
            n < SPIS ? line_word(SPI, 0, FIRST_SPI + n) :
            line_word(PPI, p / PPIS, FIRST_PPI + p % PPIS));
    }
    vm_expect_high(&vm, words->str);
    /* The port's own count of what could not matter */
    g_assert_cmpuint(vm_get(&vm, "x-model-repeated-lowers"), ==, 0);
    g_assert_cmpuint(vm_get(&vm, "x-model-repeated-raises"), ==, again);
    vm_stop(&vm);
}

void arm_irq_line_level_tests(void)
{
    qtest_add_func("arm-irq-line/level/lower", test_lower);
    qtest_add_func("arm-irq-line/level/raise", test_raise);
    qtest_add_func("arm-irq-line/level/apart", test_apart);
    qtest_add_data_func("arm-irq-line/level/virtio-mmio/v2", "gic-version=2",
                        test_virtio_mmio);
    qtest_add_data_func("arm-irq-line/level/virtio-mmio/v3", "gic-version=3",
                        test_virtio_mmio);
    qtest_add_data_func("arm-irq-line/level/virtio-mmio/off",
                        "level-memory=off", test_virtio_mmio);
    /* What a wrong word of the user costs: so the test sees a loss */
    qtest_add_data_func("arm-irq-line/level/virtio-mmio/lost",
                        "level-spis=48", test_virtio_mmio);
    qtest_add_func("arm-irq-line/level/configured-late", test_configured_late);
    qtest_add_func("arm-irq-line/level/off", test_off);
    qtest_add_func("arm-irq-line/level/level-spis", test_level_spis);
    qtest_add_data_func("arm-irq-line/level/storm/gic", "gic", test_storm);
    qtest_add_data_func("arm-irq-line/level/storm/cpu", "", test_storm);
}
