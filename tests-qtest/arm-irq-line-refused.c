/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inputs that the VM has no line for, and levels that are none: counted, said
 * once, and the VM goes on.
 */
#include "qemu/osdep.h"
#include "accel/kvm/intack/kvm-model-arm.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"

typedef struct Refused {
    const char *props;
    Type type;
    unsigned vcpu, number;
    const char *text;           /* what the error says of field and value */
} Refused;

static const Refused refused[] = {
    /* Of a GIC in the kernel nobody moves a processor's pins */
    { "gic-version=2", CPU, 0, IRQ, "IRQ of vCPU 0 cannot be moved: type 0" },
    { "gic-version=2", CPU, 1, FIQ, "FIQ of vCPU 1 cannot be moved: type 0" },
    { "gic-version=3", CPU, 0, FIQ, "the GIC is in the kernel" },
    { "gic-version=3", CPU, 1, IRQ, "range 1..2" },
    /* And without one there are only those */
    { "gic-version=0", SPI, 0, 32, "SPI 32 cannot be moved: type 1" },
    { "gic-version=0", SPI, 0, 95, "needs a GIC in the kernel" },
    { "gic-version=0", PPI, 0, 16, "PPI 16 of vCPU 0 cannot be moved: type 2" },
    { "gic-version=0", PPI, 1, 31, "range 0..0" },
    /* SGIs have no lines */
    { "gic-version=2", PPI, 0, 0, "number 0 of a PPI" },
    { "gic-version=2", PPI, 1, 15, "number 15 of a PPI" },
    { "gic-version=3", PPI, 0, 0, "number 0 of a PPI" },
    { "gic-version=3", PPI, 1, 15, "number 15 of a PPI" },
    { "gic-version=3", PPI, 1, 7, "16..31" },
    /* SPIs that the GIC was made without */
    { "gic-version=2", SPI, 0, 96, "number 96 of an SPI" },
    { "gic-version=2", SPI, 0, 96, "32..95" },
    { "gic-version=3", SPI, 0, 1019, "number 1019 of an SPI" },
    { "gic-version=3,spis=987", SPI, 0, 1019, "32..1018" },
    { "gic-version=3,spis=0", SPI, 0, 32, "number 32 of an SPI" },
};

static void test_lines(void)
{
    for (int i = 0; i < G_N_ELEMENTS(refused); i++) {
        const Refused *r = &refused[i];
        Vm vm = vm_start(r->props, "");
        g_autofree char *said = NULL;

        for (int again = 0; again < 3; again++) {
            vm_move(&vm, r->type, r->vcpu, r->number, 1);
            vm_move(&vm, r->type, r->vcpu, r->number, 0);
        }
        vm_moved(&vm, .inputs = 6, .refused = 6);
        g_assert_cmpuint(vm_ioctls(&vm), ==, 0);
        vm_lives(&vm);
        said = vm_said(&vm);
        g_assert_cmpuint(times(said, "\n"), ==, 1);
        if (!strstr(said, r->text)) {
            g_error("%s: \"%s\" is not in \"%s\"", r->props, r->text, said);
        }
        vm_stop(&vm);
    }
}

/* Many lines that are refused: one message, all counted; others still work */
static void test_once(void)
{
    Vm vm = vm_start("", "");
    g_autofree char *said = NULL;

    for (unsigned vcpu = 0; vcpu < 2; vcpu++) {
        for (unsigned n = 0; n < 32; n++) {
            vm_move(&vm, PPI, vcpu, n, 1);
        }
    }
    for (unsigned n = 32; n < 32 + 988; n++) {
        vm_move(&vm, SPI, 0, n, 1);
    }
    vm_moved(&vm, .inputs = 64 + 988, .issued = 32 + 64,
             .refused = 32 + 988 - 64);
    g_assert_cmpuint(vm_ioctls(&vm), ==, 32 + 64);
    g_assert_true(vm_pending(&vm, 1, 31));
    g_assert_true(vm_pending(&vm, 0, 95));
    said = vm_said(&vm);
    g_assert_cmpuint(times(said, "\n"), ==, 1);
    vm_stop(&vm);
}

/* A level is low or it is not */
static void test_levels(void)
{
    static const int levels[] = { 2, 255, 256, 1 << 30, INT_MAX, INT_MIN, -1 };
    static const struct {
        const char *props;
        Type type;
        unsigned number;
    } lines[] = {
        { "gic-version=3", PPI, 20 },
        { "gic-version=2,level-spis=33", SPI, 33 },
        { "gic-version=0,spis=0", CPU, FIQ },
    };

    for (int i = 0; i < G_N_ELEMENTS(lines); i++) {
        Vm vm = vm_start(lines[i].props, "");

        for (int l = 0; l < G_N_ELEMENTS(levels); l++) {
            vm_move(&vm, lines[i].type, 1, lines[i].number, levels[l]);
            vm_move(&vm, lines[i].type, 1, lines[i].number, 1);
            vm_move(&vm, lines[i].type, 1, lines[i].number, levels[l]);
            vm_moved(&vm, .inputs = 3, .issued = 1, .saved_raise = 2);
            vm_move(&vm, lines[i].type, 1, lines[i].number, 0);
            vm_moved(&vm, .inputs = 1, .issued = 1);
        }
        vm_stop(&vm);
    }
}

void arm_irq_line_refused_tests(void)
{
    qtest_add_func("arm-irq-line/refused/lines", test_lines);
    qtest_add_func("arm-irq-line/refused/once", test_once);
    qtest_add_func("arm-irq-line/refused/levels", test_levels);
}
