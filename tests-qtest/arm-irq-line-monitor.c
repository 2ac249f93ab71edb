/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user is shown: info irq, info pic, traces.
 */
#include "qemu/osdep.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"

static void test_pic(void)
{
    Vm vm = vm_start("vcpus=3,level-spis=33", "");

    vm_expect_info(&vm, "info pic",
                   "arm-irq-line: GICv3 in the kernel, 64 SPIs, vCPUs: 3,"
                   " level-memory=on\n"
                   "  inputs=0 issued=0 saved-lower=0 saved-raise=0 reissued=0"
                   " refused=0\n"
                   "high:\n");
    vm_move(&vm, SPI, 0, 95, 1);
    vm_move(&vm, SPI, 0, 33, 1);
    vm_move(&vm, SPI, 0, 33, 1);
    vm_move(&vm, SPI, 0, 32, 0);
    vm_move(&vm, PPI, 2, 16, 1);
    vm_move(&vm, PPI, 0, 31, 1);
    vm_move(&vm, PPI, 0, 0, 1);
    vm_expect_info(&vm, "info pic",
                   "arm-irq-line: GICv3 in the kernel, 64 SPIs, vCPUs: 3,"
                   " level-memory=on\n"
                   "  inputs=7 issued=4 saved-lower=1 saved-raise=1 reissued=0"
                   " refused=1\n"
                   "high:\n"
                   "  SPI 33\n"
                   "  SPI 95\n"
                   "  PPI 31 of vCPU 0\n"
                   "  PPI 16 of vCPU 2\n");
    vm_stop(&vm);
}

static void test_pic_cpu(void)
{
    Vm vm = vm_start("gic-version=0,spis=0,level-memory=off", "");

    vm_move(&vm, CPU, 1, FIQ, 1);
    vm_move(&vm, CPU, 0, IRQ, 1);
    vm_expect_info(&vm, "info pic",
                   "arm-irq-line: no GIC in the kernel, vCPUs: 2,"
                   " level-memory=off\n"
                   "  inputs=2 issued=2 saved-lower=0 saved-raise=0 reissued=0"
                   " refused=0\n"
                   "high:\n"
                   "  IRQ of vCPU 0\n"
                   "  FIQ of vCPU 1\n");
    vm_stop(&vm);
}

/* The counters one by one */
static void test_counters(void)
{
    static const struct {
        const char *name;
        uint64_t val;
    } counters[] = {
        { "inputs", 21 }, { "issued", 5 }, { "saved-lower", 6 },
        { "saved-raise", 3 }, { "reissued", 2 }, { "refused", 9 },
    };
    Vm vm = vm_start("gic-version=0,spis=0", "");

    vm_move(&vm, CPU, 1, FIQ, 1);
    vm_save(&vm);
    vm_load(&vm);
    for (int i = 0; i < 6; i++) {
        vm_move(&vm, CPU, 0, FIQ, 0);
    }
    for (int i = 0; i < 4; i++) {
        vm_move(&vm, CPU, 1, IRQ, 1);
    }
    vm_move(&vm, CPU, 1, IRQ, 0);
    for (int i = 0; i < 9; i++) {
        vm_move(&vm, SPI, 0, 32, i % 2);
    }
    for (int i = 0; i < G_N_ELEMENTS(counters); i++) {
        g_assert_cmpuint(vm_get(&vm, counters[i].name), ==, counters[i].val);
    }
    vm_stop(&vm);
}

/* Raises that KVM got, by INTID; PPIs of all vCPUs together */
static void test_irq(void)
{
    Vm vm = vm_start("level-spis=95", "");

    vm_expect_info(&vm, "info irq", RAISES);
    for (int i = 0; i < 3; i++) {
        vm_move(&vm, SPI, 0, 32, 1);
        vm_move(&vm, SPI, 0, 95, 1);
        vm_move(&vm, PPI, 0, 16, 1);
        vm_move(&vm, PPI, 1, 16, 1);
        vm_move(&vm, PPI, 1, 31, 0);
        vm_move(&vm, PPI, 1, 3, 1);
        vm_move(&vm, SPI, 0, 96, 1);
    }
    vm_fail(&vm, EIO);
    vm_move(&vm, PPI, 1, 31, 1);
    vm_expect_info(&vm, "info irq",
                   RAISES "16: 2\n32: 3\n95: 1\n");
    vm_stop(&vm);
}

/* Without a GIC: vCPU * 2, and 1 more for FIQ */
static void test_irq_cpu(void)
{
    Vm vm = vm_start("gic-version=0,spis=0,vcpus=300", "");

    vm_move(&vm, CPU, 0, FIQ, 1);
    vm_move(&vm, CPU, 299, IRQ, 1);
    vm_move(&vm, CPU, 299, IRQ, 1);
    vm_move(&vm, CPU, 299, FIQ, 1);
    vm_expect_info(&vm, "info irq",
                   RAISES " 1: 1\n598: 1\n599: 1\n");
    vm_stop(&vm);
}

/* All of a VM as big as can be: it is much, and no more than that */
static void test_big(void)
{
    enum { VCPUS = 4096, LINES = 1000 };
    Vm vm = vm_start("vcpus=4096,spis=988", "");
    g_autofree char *pic = NULL;

    for (unsigned i = 0; i < LINES; i++) {
        vm_move(&vm, PPI, VCPUS - 1 - i, 31, 1);
    }
    pic = qtest_hmp(vm.qts, "info pic");
    g_assert_cmpuint(times(pic, "PPI 31 of vCPU "), ==, LINES);
    g_assert_nonnull(strstr(pic, "PPI 31 of vCPU 4095\r\n"));
    vm_stop(&vm);
}

/* Events have the line in words */
static void test_trace(void)
{
    static const char *const texts[] = {
        "arm_irq_line_set SPI vCPU 0 number 40 level 1: issue\n",
        "arm_irq_line_set SPI vCPU 0 number 40 level 1: save this raise\n",
        "arm_irq_line_set PPI vCPU 1 number 31 level 1: issue\n",
        "arm_irq_line_set SPI vCPU 0 number 41 level 0: save this lower\n",
        "arm_irq_line_set PPI vCPU 0 number 5 level 1: issue\n",
        "arm_irq_line_refused PPI 5 of vCPU 0: number 5 of a PPI is out of"
        " range 16..31\n",
        "arm_irq_line_refused SPI 50: KVM: Device or resource busy\n",
        "arm_irq_line_vcpu_init vCPU 1: its lines may be low\n",
        "arm_irq_line_irqfd SPI 42: an irqfd moves it: 1\n",
        "arm_irq_line_irqfd SPI 42: an irqfd moves it: 0\n",
        "arm_irq_line_reread levels of 64 SPIs are those that were put into"
        " LEVEL_INFO\n",
    };
    g_autofree char *file = NULL;
    g_autofree char *more = NULL;
    g_autofree char *log = NULL;
    const char *p;
    int fd = g_file_open_tmp("intack-XXXXXX", &file, NULL);
    Vm vm;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    more = g_strdup_printf("-trace 'arm_irq_line_*' -D '%s'", file);
    vm = vm_start("level-spis=40", more);
    vm_move(&vm, SPI, 0, 40, 1);
    vm_move(&vm, SPI, 0, 40, 1);
    vm_move(&vm, PPI, 1, 31, 1);
    vm_move(&vm, SPI, 0, 41, 0);
    vm_move(&vm, PPI, 0, 5, 1);
    vm_fail(&vm, EBUSY);
    vm_move(&vm, SPI, 0, 50, 1);
    vm_vcpu_init(&vm, 1);
    vm_do(&vm, "irqfd 10 1");
    vm_do(&vm, "irqfd 10 0");
    vm_reset(&vm);
    g_assert_true(g_file_get_contents(file, &log, NULL, NULL));
    /* In this order, those of the reset at the start before them */
    p = strstr(log, texts[0]);
    for (int i = 0; i < G_N_ELEMENTS(texts); i++) {
        p = p ? strstr(p, texts[i]) : NULL;
        if (!p) {
            g_error("\"%s\" is not where it should be in \"%s\"", texts[i],
                    log);
        }
    }
    unlink(file);
    vm_stop(&vm);
}

static void test_trace_reissue(void)
{
    g_autofree char *file = NULL;
    g_autofree char *more = NULL;
    g_autofree char *log = NULL;
    int fd = g_file_open_tmp("intack-XXXXXX", &file, NULL);
    Vm vm;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    more = g_strdup_printf("-trace arm_irq_line_reissue -D '%s'", file);
    vm = vm_start("gic-version=0,spis=0", more);
    vm_move(&vm, CPU, 1, FIQ, 1);
    vm_save(&vm);
    vm_load(&vm);
    vm_moved(&vm, .inputs = 1, .issued = 3, .reissued = 2);
    g_assert_true(g_file_get_contents(file, &log, NULL, NULL));
    g_assert_nonnull(strstr(log, "arm_irq_line_reissue FIQ of vCPU 1"
                            " level 1\n"));
    unlink(file);
    vm_stop(&vm);
}

void arm_irq_line_monitor_tests(void)
{
    qtest_add_func("arm-irq-line/monitor/pic", test_pic);
    qtest_add_func("arm-irq-line/monitor/pic-cpu", test_pic_cpu);
    qtest_add_func("arm-irq-line/monitor/counters", test_counters);
    qtest_add_func("arm-irq-line/monitor/irq", test_irq);
    qtest_add_func("arm-irq-line/monitor/irq-cpu", test_irq_cpu);
    qtest_add_func("arm-irq-line/monitor/big", test_big);
    qtest_add_func("arm-irq-line/monitor/trace", test_trace);
    qtest_add_func("arm-irq-line/monitor/trace-reissue", test_trace_reissue);
}
