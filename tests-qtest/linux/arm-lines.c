/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of an input in the kernel when a VM is reset, reverted or moved,
 * without a guest: the VM never runs. For what /dev/kvm is by real; run in the
 * machine around nested Arm guests, as root.
 *
 *   [LINES_STOCK=PROGRAM] arm-lines GIC PROGRAM ARG...
 *
 * GIC is 0 (none in the kernel), 2 or 3, as ARGs say, which have a disk that
 * takes snapshots, and no -no-reboot. Status 0: all is as it should be, and
 * every check was said on standard output. LINES_STOCK is a QEMU without the
 * device, between which and the other the VM is moved.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include "arm-lines.h"

#define CPU "/machine/unattached/device[0]"

/* SPIs, as INTIDs; SPI is in level-spis */
enum { SPI = 40, OTHER_SPI = 41, SPIS = 256 };
enum { IRQ, FIQ };

static unsigned failed;

static void check(bool good, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    printf("intack: lines: %s: GIC %d: ", good ? "ok" : "not ok", gic);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    failed += !good;
}

static void check_level(unsigned intid, int level, const char *what)
{
    check(kernel(intid, 'L') == level, "SPI %u is %d in the kernel: %s",
          intid, level, what);
}

static void spi(unsigned intid, int level)
{
    input(gic_path, intid - 32, level);
}

/* A GIC in the kernel */

static void test_inputs(void)
{
    uint64_t issued = counter("issued");

    check(kernel(SPI, 'C') == 1, "SPIs are level-triggered after a reset");
    spi(SPI, 1);
    check_level(SPI, 1, "raised");
    spi(SPI, 0);
    spi(SPI, 0);
    check_level(SPI, 0, "lowered");
    check(counter("issued") == issued + 2, "a repeated lower was saved");
}

/* SGIs and CPUs have no lines here */
static void test_refused(void)
{
    uint64_t refused = counter("refused");

    input(gic_path, SPIS + 3, 1);
    input(CPU, IRQ, 1);
    check(counter("refused") == refused + 2, "and two inputs refused");
}

static void test_reset(void)
{
    uint64_t reissued = counter("reissued");

    spi(SPI, 1);
    reset();
    if (gic == 3) {
        check_level(SPI, 0, "a reset writes LEVEL_INFO");
        spi(SPI, 1);
        check_level(SPI, 1, "held through a reset, and raised again");
    } else {
        check_level(SPI, 1, "a reset leaves it");
    }
    spi(SPI, 0);
    check_level(SPI, 0, "lowered after a reset");
    check(counter("reissued") == reissued, "a reset reissues nothing");
}

static void check_loaded(const char *how)
{
    check_level(SPI, 1, how);
    check_level(OTHER_SPI, 0, how);
    spi(OTHER_SPI, 1);
    check_level(OTHER_SPI, 1, "raised after that");
    spi(SPI, 0);
    check_level(SPI, 0, "lowered after that");
}

static void test_loaded(void)
{
    spi(SPI, 1);
    spi(OTHER_SPI, 0);
    hmp("savevm one");
    spi(SPI, 0);
    spi(OTHER_SPI, 1);
    hmp("loadvm one");
    check_loaded("a snapshot was loaded");
    hmp("loadvm one");
    spi(SPI, 1);
    check_level(SPI, 1, "raised again after a snapshot was loaded");
    move(command[0]);
    check_loaded("the VM was moved");
}

/*
 * To a QEMU without the device and back. GICv2: as it was there, pending but no
 * level.
 */
static void test_stock(const char *stock)
{
    spi(SPI, 1);
    spi(OTHER_SPI, 0);
    move(stock);
    check(kernel(SPI, gic == 3 ? 'L' : 'P') == 1,
          "moved to stock, SPI %u is pending", SPI);
    check_level(SPI, gic == 3, "moved to stock");
    check(kernel(OTHER_SPI, 'P') == 0, "and SPI %u is not", OTHER_SPI);
    move(command[0]);
    check(kernel(SPI, gic == 3 ? 'L' : 'P') == 1,
          "moved from stock, SPI %u is pending", SPI);
    check_level(SPI, gic == 3, "moved from stock");
    spi(SPI, 0);
    check_level(SPI, 0, "lowered after that");
}

/* None: the lines of CPUs. The kernel does not tell what they are */

static void test_cpu_inputs(void)
{
    uint64_t issued = counter("issued"), refused = counter("refused");

    input(CPU, IRQ, 1);
    input(CPU, IRQ, 1);
    input(CPU, FIQ, 1);
    input(CPU, FIQ, 0);
    check(counter("issued") == issued + 3, "IRQ raised, FIQ raised, lowered");
    for (unsigned n = FIQ + 1; n < 6; n++) {
        input(CPU, n, 1);
    }
    check(counter("refused") == refused + 4, "four inputs refused");
}

/* KVM_ARM_VCPU_INITs of vCPU 0 that the device was told of */
static unsigned inits(void)
{
    char line[256];
    FILE *f = fopen(LOG, "r");
    unsigned n = 0;

    while (f && fgets(line, sizeof(line), f)) {
        n += strstr(line, "arm_irq_line_vcpu_init vCPU 0:") != NULL;
    }
    if (f) {
        fclose(f);
    }
    return n;
}

/* Some kernels lower the lines at a reset and some do not: QEMU does */
static void test_cpu_reset(void)
{
    uint64_t issued = counter("issued"), reissued = counter("reissued");
    unsigned seen = inits();

    input(CPU, IRQ, 1);
    reset();
    check(inits() > seen, "the device knows of the vCPU's init");
    check(counter("reissued") == reissued + 1, "a reset lowers IRQ");
    input(CPU, IRQ, 0);
    check(counter("issued") == issued + 1, "and that is known");
    input(CPU, IRQ, 1);
    check(counter("issued") == issued + 2, "raised after a reset");
}

static void test_cpu_loaded(void)
{
    uint64_t issued;

    input(CPU, IRQ, 1);
    input(CPU, FIQ, 0);
    hmp("savevm one");
    input(CPU, IRQ, 0);
    input(CPU, FIQ, 1);
    issued = counter("issued");
    hmp("loadvm one");
    check(counter("issued") == issued + 2, "a snapshot lowers FIQ, raises IRQ");
    input(CPU, IRQ, 1);
    input(CPU, FIQ, 0);
    check(counter("issued") == issued + 2, "both are known then");
    move(command[0]);
    check(counter("issued") == 1 && counter("reissued") == 1,
          "moved: IRQ is raised only");
    input(CPU, IRQ, 1);
    input(CPU, FIQ, 0);
    check(counter("issued") == 1, "both are known then");
}

/* irq_line_state has always been in the stream; stock does not look at it */
static void test_cpu_stock(const char *stock)
{
    input(CPU, IRQ, 1);
    move(stock);
    move(command[0]);
    check(counter("issued") == 1 && counter("reissued") == 1,
          "moved to stock and back: IRQ is raised");
}

int main(int argc, char **argv)
{
    const char *stock = getenv("LINES_STOCK");

    if (argc < 3) {
        fprintf(stderr, "usage: arm-lines GIC PROGRAM ARG...\n");
        return 2;
    }
    gic = atoi(argv[1]);
    command = argv + 2;
    signal(SIGPIPE, SIG_IGN);
    mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
    start(command[0], NULL, NULL);
    if (gic) {
        test_inputs();
        test_refused();
        test_reset();
        test_loaded();
    } else {
        test_cpu_inputs();
        test_cpu_reset();
        test_cpu_loaded();
    }
    if (stock) {
        gic ? test_stock(stock) : test_cpu_stock(stock);
    }
    stop();
    printf("intack: lines: %u failed\n", failed);
    return !!failed;
}
