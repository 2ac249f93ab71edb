/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel's lines move, or may have moved, by other means than an
 * input: a vCPU's init, a refusal, a reset.
 */
#include "qemu/osdep.h"
#include "accel/kvm/intack/kvm-model-arm.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"

/* KVM_ARM_VCPU_INIT: the vCPU's pins may fall, it depends on the kernel */
static void test_vcpu_init(void)
{
    enum { VCPUS = 3, MIDDLE = 1 };
    Vm vm = vm_start("gic-version=0,spis=0,vcpus=3", "");

    for (unsigned n = 0; n < VCPUS * 2; n++) {
        vm_move(&vm, CPU, n / 2, n % 2, 1);
    }
    vm_moved(&vm, .inputs = VCPUS * 2, .issued = VCPUS * 2);
    vm_vcpu_init(&vm, MIDDLE);
    vm_moved(&vm, 0);
    for (unsigned n = 0; n < VCPUS * 2; n++) {
        g_assert_cmpint(vm_pin(&vm, n / 2, n % 2), ==, n / 2 != MIDDLE);
    }
    /* One that was high is unknown: the next of both is one */
    vm_move(&vm, CPU, MIDDLE, IRQ, 0);
    vm_moved(&vm, .inputs = 1, .issued = 1);
    vm_move(&vm, CPU, MIDDLE, IRQ, 0);
    vm_moved(&vm, .inputs = 1, .saved_lower = 1);
    vm_move(&vm, CPU, MIDDLE, FIQ, 1);
    vm_moved(&vm, .inputs = 1, .issued = 1);
    g_assert_true(vm_pin(&vm, MIDDLE, FIQ));
    g_assert_false(vm_pin(&vm, MIDDLE, IRQ));
    /* The others' are as they were */
    for (unsigned vcpu = 0; vcpu < VCPUS; vcpu += 2) {
        vm_move(&vm, CPU, vcpu, IRQ, 1);
        vm_move(&vm, CPU, vcpu, FIQ, 0);
        vm_moved(&vm, .inputs = 2, .issued = 1, .saved_raise = 1);
    }
    vm_stop(&vm);
}

/* A vgic's lines are the GIC's: a vCPU's init leaves them alone */
static void test_vcpu_init_gic(void)
{
    Vm vm = vm_start("gic-version=3,level-spis=40", "");

    vm_move(&vm, PPI, 1, 27, 1);
    vm_move(&vm, SPI, 0, 40, 1);
    vm_vcpu_init(&vm, 1);
    vm_vcpu_init(&vm, 0);
    vm_moved(&vm, .inputs = 2, .issued = 2);
    g_assert_true(vm_pending(&vm, 1, 27));
    vm_move(&vm, PPI, 1, 27, 1);
    vm_move(&vm, SPI, 0, 40, 1);
    vm_moved(&vm, .inputs = 2, .saved_raise = 2);
    vm_move(&vm, PPI, 1, 27, 0);
    vm_moved(&vm, .inputs = 1, .issued = 1);
    g_assert_false(vm_pending(&vm, 1, 27));
    vm_stop(&vm);
}

typedef struct Errno {
    const char *name;
    int err;
} Errno;

static const Errno errors[] = {
    { "EINVAL", EINVAL },
    { "ENXIO", ENXIO },
    { "EBUSY", EBUSY },
    { "EIO", EIO },
};

typedef struct FailLine {
    const char *name, *props;
    Type type;
    unsigned vcpu, number;
} FailLine;

static const FailLine fail_lines[] = {
    { "spi", "gic-version=3", SPI, 0, 40 },
    { "level-spi", "gic-version=2,level-spis=40", SPI, 0, 40 },
    { "ppi", "gic-version=3", PPI, 1, 30 },
    { "cpu", "gic-version=0,spis=0", CPU, 1, FIQ },
};

/*
 * KVM refuses: an error once, a count each time, and the line is unknown, so
 * that what comes next is issued, be it the lower of a line never raised.
 */
static void fail_one(Vm *vm, const FailLine *l, int err)
{
    /* Refused raises of a low line */
    vm_fail(vm, err);
    vm_move(vm, l->type, l->vcpu, l->number, 1);
    vm_move(vm, l->type, l->vcpu, l->number, 1);
    vm_moved(vm, .inputs = 2, .refused = 2);
    vm_fail(vm, 0);
    vm_move(vm, l->type, l->vcpu, l->number, 0);
    vm_moved(vm, .inputs = 1, .issued = 1);
    vm_move(vm, l->type, l->vcpu, l->number, 0);
    vm_moved(vm, .inputs = 1, .saved_lower = 1);

    /* Refused lowers of a high one */
    vm_move(vm, l->type, l->vcpu, l->number, 1);
    vm_fail(vm, err);
    vm_move(vm, l->type, l->vcpu, l->number, 0);
    vm_move(vm, l->type, l->vcpu, l->number, 0);
    vm_moved(vm, .inputs = 3, .issued = 1, .refused = 2);
    vm_fail(vm, 0);
    vm_move(vm, l->type, l->vcpu, l->number, 1);
    vm_moved(vm, .inputs = 1, .issued = 1);
    vm_move(vm, l->type, l->vcpu, l->number, 0);
    vm_moved(vm, .inputs = 1, .issued = 1);
    vm_lives(vm);
}

static void test_fail(const void *arg)
{
    const FailLine *l = arg;
    Vm vm = vm_start(l->props, "");

    for (int e = 0; e < G_N_ELEMENTS(errors); e++) {
        fail_one(&vm, l, errors[e].err);
    }
    vm_stop(&vm);
}

/* One of all that were refused is reported, and says what KVM said */
static void test_fail_said(const void *arg)
{
    const Errno *e = arg;
    Vm vm = vm_start("", "");
    g_autofree char *said = NULL;

    vm_fail(&vm, e->err);
    for (unsigned n = 16; n < 32; n++) {
        vm_move(&vm, PPI, 1, n, 1);
        vm_move(&vm, SPI, 0, 2 * n, 1);
        vm_move(&vm, SPI, 0, 2 * n, 0);
    }
    vm_moved(&vm, .inputs = 48, .refused = 48);
    g_assert_cmpuint(vm_ioctls(&vm), ==, 48);
    said = vm_said(&vm);
    g_assert_cmpuint(times(said, "\n"), ==, 1);
    g_assert_nonnull(strstr(said, "PPI 16 of vCPU 1 cannot be moved: KVM: "));
    g_assert_nonnull(strstr(said, strerror(e->err)));
    vm_lives(&vm);
    vm_stop(&vm);
}

/* The kernel moves the line as well: nothing is saved, now and once after */
static void test_irqfd(const void *props)
{
    Vm vm = vm_start(props, "");

    vm_do(&vm, "irqfd 8 1");
    vm_do(&vm, "irqfd 8 1");
    for (int users = 2; users > 0; users--) {
        vm_moved(&vm, 0);
        vm_do_line(&vm, "kernel 1", SPI, 0, 40);
        vm_move(&vm, SPI, 0, 40, 0);
        g_assert_false(vm_pending(&vm, 0, 40));
        vm_move(&vm, SPI, 0, 40, 0);
        vm_move(&vm, SPI, 0, 40, 1);
        vm_do_line(&vm, "kernel 0", SPI, 0, 40);
        g_assert_false(vm_pending(&vm, 0, 40));
        vm_move(&vm, SPI, 0, 40, 1);
        g_assert_true(vm_pending(&vm, 0, 40));
        vm_moved(&vm, .inputs = 4, .issued = 4);
        /* Its neighbours are known */
        vm_move(&vm, SPI, 0, 39, 0);
        vm_move(&vm, SPI, 0, 41, 0);
        vm_moved(&vm, .inputs = 2, .saved_lower = 2);
        vm_do(&vm, "irqfd 8 0");
    }
    vm_move(&vm, SPI, 0, 40, 0);
    vm_move(&vm, SPI, 0, 40, 0);
    vm_moved(&vm, .inputs = 2, .issued = 1, .saved_lower = 1);
    /* Ends without a beginning, and GSIs that are no lines */
    vm_do(&vm, "irqfd 8 0");
    vm_do(&vm, "irqfd 64 1");
    vm_do(&vm, "irqfd 4294967295 1");
    vm_move(&vm, SPI, 0, 40, 0);
    vm_move(&vm, SPI, 0, 40, 0);
    vm_move(&vm, SPI, 0, 95, 0);
    vm_moved(&vm, .inputs = 3, .issued = 1, .saved_lower = 2);
    vm_stop(&vm);
}

/* A reset of the machine */

static void test_reset_cpu(void)
{
    Vm vm = vm_start("gic-version=0,spis=0", "");

    for (int round = 0; round < 2; round++) {
        vm_move(&vm, CPU, 0, IRQ, 1);
        vm_move(&vm, CPU, 1, FIQ, 1);
        vm_moved(&vm, .inputs = 2, .issued = 2);
        vm_reset(&vm);
        /* They need not have fallen */
        vm_moved(&vm, .issued = 2, .reissued = 2);
        g_assert_false(vm_pin(&vm, 0, IRQ));
        g_assert_false(vm_pin(&vm, 1, FIQ));
        vm_move(&vm, CPU, 0, IRQ, 0);
        vm_moved(&vm, .inputs = 1, .saved_lower = 1);
    }
    vm_stop(&vm);
}

/* LEVEL_INFO is 0: the lines are low, and a raise in the new life arrives */
static void test_reset_v3(void)
{
    Vm vm = vm_start("gic-version=3,level-spis=40", "");

    for (int round = 0; round < 2; round++) {
        vm_move(&vm, SPI, 0, 40, 1);
        vm_move(&vm, SPI, 0, 41, 1);
        vm_move(&vm, PPI, 1, 27, 1);
        vm_moved(&vm, .inputs = 3, .issued = 3);
        vm_reset(&vm);
        vm_moved(&vm, 0);
        g_assert_false(vm_pending(&vm, 0, 40));
        g_assert_false(vm_pending(&vm, 0, 41));
        vm_move(&vm, SPI, 0, 41, 0);
        vm_moved(&vm, .inputs = 1, .saved_lower = 1);
        vm_move(&vm, SPI, 0, 40, 1);
        vm_moved(&vm, .inputs = 1, .issued = 1);
        g_assert_true(vm_pending(&vm, 0, 40));
        vm_move(&vm, SPI, 0, 40, 0);
        /* PPIs are not among what is read: unknown */
        vm_move(&vm, PPI, 1, 27, 0);
        vm_moved(&vm, .inputs = 2, .issued = 2);
    }
    vm_stop(&vm);
}

/* A GICv2 has no such register: its lines stay, until devices lower them */
static void test_reset_v2(void)
{
    Vm vm = vm_start("gic-version=2,level-spis=40", "");

    vm_move(&vm, SPI, 0, 40, 1);
    vm_move(&vm, PPI, 1, 27, 1);
    vm_reset(&vm);
    vm_moved(&vm, .inputs = 2, .issued = 2);
    g_assert_true(vm_pending(&vm, 0, 40));
    g_assert_true(vm_pending(&vm, 1, 27));
    vm_move(&vm, SPI, 0, 40, 1);
    vm_moved(&vm, .inputs = 1, .saved_raise = 1);
    vm_move(&vm, SPI, 0, 40, 0);
    vm_move(&vm, PPI, 1, 27, 0);
    vm_moved(&vm, .inputs = 2, .issued = 2);
    g_assert_false(vm_pending(&vm, 0, 40));
    g_assert_false(vm_pending(&vm, 1, 27));
    vm_stop(&vm);
}

void arm_irq_line_life_tests(void)
{
    qtest_add_func("arm-irq-line/life/vcpu-init", test_vcpu_init);
    qtest_add_func("arm-irq-line/life/vcpu-init-gic", test_vcpu_init_gic);
    for (int i = 0; i < G_N_ELEMENTS(fail_lines); i++) {
        g_autofree char *path = g_strdup_printf(
            "arm-irq-line/life/fail/%s", fail_lines[i].name);

        qtest_add_data_func(path, &fail_lines[i], test_fail);
    }
    for (int i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_autofree char *path = g_strdup_printf(
            "arm-irq-line/life/fail-said/%s", errors[i].name);

        qtest_add_data_func(path, &errors[i], test_fail_said);
    }
    qtest_add_data_func("arm-irq-line/life/irqfd/v2",
                        "gic-version=2,level-spis=39-41", test_irqfd);
    qtest_add_data_func("arm-irq-line/life/irqfd/v3",
                        "gic-version=3,level-spis=39-41", test_irqfd);
    qtest_add_func("arm-irq-line/life/reset/cpu", test_reset_cpu);
    qtest_add_func("arm-irq-line/life/reset/v3", test_reset_v3);
    qtest_add_func("arm-irq-line/life/reset/v2", test_reset_v2);
}
