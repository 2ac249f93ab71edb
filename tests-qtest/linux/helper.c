/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the init scripts of the Linux guests cannot say in shell.
 *
 *   helper exit N     end QEMU through isa-debug-exit: its status is 2N + 1
 *   helper rtc HZ     periodic interrupts from the RTC, 0 stops them
 *   helper alarms N   wait for N interrupts of the RTC's alarm, one a second
 *   helper naps N     sleep N times for the shortest time there is
 *
 * Linux does not use the RTC's periodic interrupt any more (RTC_PIE_ON is an
 * hrtimer), yet its handler still takes it: so it is switched on by port.
 * Ports are out of user space's reach in some nested guests: TCG looks for
 * the permission bitmap only in a TSS that is not marked busy, and KVM marks
 * it so whenever QEMU has written the segment registers.
 */
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DEBUG_EXIT      0xf4

#define CMOS_INDEX      0x70
#define CMOS_DATA       0x71
#define RTC_REG_A       0x0a
#define RTC_REG_B       0x0b
#define RTC_REG_C       0x0c
#define REG_A_RATE      0x0f
#define REG_B_PIE       0x40
#define REG_B_FORMATS   0x07    /* binary, 24 hours, daylight saving */

static unsigned char cmos_read(int reg)
{
    outb(reg, CMOS_INDEX);
    return inb(CMOS_DATA);
}

static void cmos_write(int reg, unsigned char value)
{
    outb(reg, CMOS_INDEX);
    outb(value, CMOS_DATA);
}

/*
 * Linux's handler moves the index to register C, between any two of our
 * accesses. What is read then has nothing in its low bits, where B has its
 * formats; what is written then is lost.
 */
static int rtc_pie(int on)
{
    for (int tries = 0; tries < 1000; tries++) {
        unsigned char b = cmos_read(RTC_REG_B);

        if (!(b & REG_B_FORMATS)) {
            continue;
        }
        if (!(b & REG_B_PIE) == !on) {
            return 0;
        }
        cmos_write(RTC_REG_B, b ^ REG_B_PIE);
    }
    fprintf(stderr, "helper: register B of the RTC does not take PIE = %d\n",
            on);
    return 1;
}

static int rtc(int hz)
{
    int rate = 16;

    if (!hz) {
        return rtc_pie(0);
    }
    /* rate r gives 65536 >> r Hz */
    while (rate > 3 && (65536 >> rate) < hz) {
        rate--;
    }
    cmos_write(RTC_REG_A, (cmos_read(RTC_REG_A) & ~REG_A_RATE) | rate);
    cmos_read(RTC_REG_C);
    return rtc_pie(1);
}

static int alarms(int count)
{
    unsigned long what;
    int fd = open("/dev/rtc0", O_RDONLY);

    /* the kernel makes update interrupts of alarms */
    if (fd < 0 || ioctl(fd, RTC_UIE_ON)) {
        perror("/dev/rtc0");
        return 1;
    }
    while (count-- > 0) {
        if (read(fd, &what, sizeof(what)) != sizeof(what)) {
            perror("/dev/rtc0");
            return 1;
        }
    }
    return ioctl(fd, RTC_UIE_OFF) ? 1 : 0;
}

static int naps(int count)
{
    struct timespec nap = { .tv_nsec = 1 };

    while (count-- > 0) {
        nanosleep(&nap, NULL);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int number = argc == 3 ? atoi(argv[2]) : -1;

    if (number < 0) {
        fprintf(stderr, "usage: helper exit|rtc|alarms|naps NUMBER\n");
        return 2;
    }
    if (!strcmp(argv[1], "naps")) {
        return naps(number);
    }
    if (!strcmp(argv[1], "alarms")) {
        return alarms(number);
    }
    if (iopl(3)) {
        perror("iopl");
        return 1;
    }
    if (!strcmp(argv[1], "exit")) {
        outb(number, DEBUG_EXIT);
        return 1;
    }
    if (!strcmp(argv[1], "rtc")) {
        return rtc(number);
    }
    fprintf(stderr, "helper: %s: no such command\n", argv[1]);
    return 2;
}
