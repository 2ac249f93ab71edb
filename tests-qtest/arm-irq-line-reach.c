/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every line of VMs of many sizes: its input moves that line in the kernel, by
 * the word that names it, and no other.
 */
#include "qemu/osdep.h"
#include "accel/kvm/intack/kvm-model-arm.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"

/* Raise a line, and expect it among those that are high */
static void raise_line(Vm *vm, Type type, unsigned vcpu, unsigned number,
                       GString *high)
{
    vm_move(vm, type, vcpu, number, 1);
    g_string_append_printf(high, "%s%x", high->len ? " " : "",
                           line_word(type, vcpu, number));
}

/* All inputs are tried of the vCPUs on either side of a field's end */
static bool is_edge(unsigned vcpu, unsigned vcpus)
{
    return vcpu < 2 || vcpu + 2 >= vcpus || (vcpu + 1) % 256 < 2;
}

static void test_vcpus_gic(const void *arg)
{
    unsigned vcpus = GPOINTER_TO_UINT(arg);
    g_autofree char *props = g_strdup_printf("vcpus=%u,gic-version=3", vcpus);
    g_autoptr(GString) high = g_string_new("");
    Vm vm = vm_start(props, "");
    uint64_t n = 0;

    for (unsigned v = 0; v < vcpus; v++) {
        for (unsigned i = 16; i < 32; i++) {
            if (is_edge(v, vcpus) || i == 16 + v % 16) {
                raise_line(&vm, PPI, v, i, high);
                n++;
            }
        }
    }
    vm_moved(&vm, .inputs = n, .issued = n);
    vm_expect_high(&vm, high->str);
    g_assert_cmpuint(vm_ioctls(&vm), ==, n);
    g_assert_cmpuint(vm_queued(&vm), ==, n);
    g_assert_cmphex(vm_last(&vm), ==, line_word(PPI, vcpus - 1, 31));
    vm_stop(&vm);
}

static void test_vcpus_cpu(const void *arg)
{
    unsigned vcpus = GPOINTER_TO_UINT(arg);
    g_autofree char *props = g_strdup_printf("vcpus=%u,gic-version=0,spis=0",
                                             vcpus);
    g_autoptr(GString) high = g_string_new("");
    Vm vm = vm_start(props, "");
    uint64_t n = 0;

    for (unsigned v = 0; v < vcpus; v++) {
        for (unsigned i = IRQ; i <= FIQ; i++) {
            if (is_edge(v, vcpus) || i == v % 2) {
                raise_line(&vm, CPU, v, i, high);
                n++;
            }
        }
    }
    vm_moved(&vm, .inputs = n, .issued = n);
    vm_expect_high(&vm, high->str);
    for (unsigned v = 0; v < vcpus; v++) {
        if (is_edge(v, vcpus)) {
            g_assert_cmpuint(vm_kicks(&vm, v), ==, 2);
        }
    }
    vm_stop(&vm);
}

/* Without KVM_CAP_ARM_IRQ_LINE_LAYOUT_2 vCPU ids have eight bits */
static void test_layout1(const void *arg)
{
    enum { VCPUS = 256, SPIS = 64 };
    bool gic = *(const char *)arg;
    Type type = gic ? PPI : CPU;
    unsigned number = gic ? 31 : FIQ;
    Vm vm = vm_start(gic ? "vcpus=256,x-layout1=on" :
                     "vcpus=256,x-layout1=on,gic-version=0,spis=0", "");
    g_autoptr(GString) high = g_string_new("");
    g_autofree char *said = NULL;

    for (unsigned v = 0; v < VCPUS; v++) {
        raise_line(&vm, type, v, number, high);
    }
    vm_moved(&vm, .inputs = VCPUS, .issued = VCPUS);
    vm_expect_high(&vm, high->str);
    if (gic) {
        vm_do(&vm, "gic %u 1", SPIS + VCPUS * 32 + number);
    } else {
        vm_do(&vm, "cpu %u %u 1", VCPUS, number);
    }
    vm_moved(&vm, .inputs = 1, .refused = 1);
    g_assert_cmpuint(vm_ioctls(&vm), ==, VCPUS);
    said = vm_said(&vm);
    g_assert_nonnull(strstr(said, "vCPU 256 of a"));
    g_assert_nonnull(strstr(said, "0..255"));
    vm_stop(&vm);
}

static void test_spis(const void *arg)
{
    static const char *const gics[] = { "2", "3" };
    unsigned spis = GPOINTER_TO_UINT(arg);

    for (int g = 0; g < G_N_ELEMENTS(gics); g++) {
        g_autofree char *props = g_strdup_printf("gic-version=%s,spis=%u",
                                                 gics[g], spis);
        g_autoptr(GString) high = g_string_new("");
        uint64_t n;
        Vm vm = vm_start(props, "");

        /* Every other line: one that is off by one is seen */
        for (unsigned i = 32; i < 32 + spis; i += 2) {
            raise_line(&vm, SPI, 0, i, high);
        }
        vm_expect_high(&vm, high->str);
        for (unsigned i = 32; i < 32 + spis; i++) {
            vm_move(&vm, SPI, 0, i, i % 2);
        }
        g_string_truncate(high, 0);
        for (unsigned i = 33; i < 32 + spis; i += 2) {
            raise_line(&vm, SPI, 0, i, high);
        }
        vm_expect_high(&vm, high->str);
        n = 2 * spis;
        vm_moved(&vm, .inputs = n, .issued = n);
        if (spis < 988) {
            vm_move(&vm, SPI, 0, 32 + spis, 1);
            vm_moved(&vm, .inputs = 1, .refused = 1);
        }
        vm_stop(&vm);
    }
}

/*
 * What the GICs call: 0..spis-1, then 32 for each vCPU, of which the first 16
 * are SGIs.
 */
static void test_gic_input(void)
{
    enum { SPIS = 96, VCPUS = 3 };
    Vm vm = vm_start("spis=96,vcpus=3", "");
    g_autofree char *said = NULL;

    for (unsigned n = 0; n < SPIS; n++) {
        vm_do(&vm, "gic %u 1", n);
        g_assert_cmphex(vm_last(&vm), ==, line_word(SPI, 0, 32 + n));
    }
    vm_moved(&vm, .inputs = SPIS, .issued = SPIS);
    for (unsigned n = 0; n < VCPUS * 32; n++) {
        vm_do(&vm, "gic %u 1", SPIS + n);
        if (n % 32 < 16) {
            vm_moved(&vm, .inputs = 1, .refused = 1);
        } else {
            vm_moved(&vm, .inputs = 1, .issued = 1);
            g_assert_cmphex(vm_last(&vm), ==,
                            line_word(PPI, n / 32, n % 32));
        }
    }
    g_assert_cmpuint(vm_queued(&vm), ==, SPIS + VCPUS * 16);
    /* Beyond the last vCPU, and before the first line */
    vm_do(&vm, "gic %u 1", SPIS + VCPUS * 32 + 16);
    vm_do(&vm, "gic 2147483647 1");
    vm_do(&vm, "gic 4294967295 1");
    vm_moved(&vm, .inputs = 3, .refused = 3);
    said = vm_said(&vm);
    g_assert_nonnull(strstr(said, ": PPI 0 of vCPU 0 cannot be moved: "));
    vm_stop(&vm);
}

/* What the processors call, and the same lines */
static void test_cpu_input(void)
{
    Vm vm = vm_start("gic-version=0,spis=0,vcpus=3", "");

    for (unsigned n = 0; n < 3 * 2; n++) {
        vm_do(&vm, "cpu %u %u 1", n / 2, n % 2);
        vm_moved(&vm, .inputs = 1, .issued = 1);
        g_assert_cmphex(vm_last(&vm), ==, line_word(CPU, n / 2, n % 2));
        vm_move(&vm, CPU, n / 2, n % 2, 1);
        vm_moved(&vm, .inputs = 1, .saved_raise = 1);
    }
    vm_do(&vm, "cpu 3 0 1");
    vm_do(&vm, "cpu 0 2 1");
    vm_do(&vm, "cpu 4294967295 1 1");
    vm_moved(&vm, .inputs = 3, .refused = 3);
    vm_stop(&vm);
}

static void add(const char *what, unsigned n, void (*test)(const void *arg))
{
    g_autofree char *path = g_strdup_printf("arm-irq-line/reach/%s/%u", what,
                                            n);

    qtest_add_data_func(path, GUINT_TO_POINTER(n), test);
}

void arm_irq_line_reach_tests(void)
{
    static const unsigned vcpus[] = {
        1, 2, 8, 255, 256, 257, 512, 4095, 4096,
    };
    static const unsigned spis[] = {
        0, 1, 2, 31, 32, 33, 63, 64, 256, 987, 988,
    };

    for (int i = 0; i < G_N_ELEMENTS(vcpus); i++) {
        add("ppi", vcpus[i], test_vcpus_gic);
        add("cpu", vcpus[i], test_vcpus_cpu);
    }
    for (int i = 0; i < G_N_ELEMENTS(spis); i++) {
        add("spi", spis[i], test_spis);
    }
    qtest_add_data_func("arm-irq-line/reach/layout1/ppi", "gic", test_layout1);
    qtest_add_data_func("arm-irq-line/reach/layout1/cpu", "", test_layout1);
    qtest_add_func("arm-irq-line/reach/gic-input", test_gic_input);
    qtest_add_func("arm-irq-line/reach/cpu-input", test_cpu_input);
}
