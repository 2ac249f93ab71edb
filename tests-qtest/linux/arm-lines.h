/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VM of KVM's that never runs, and the lines of its vgic; for arm-lines. What
 * goes wrong without being asked for ends the program.
 */
#ifndef TESTS_QTEST_LINUX_ARM_LINES_H
#define TESTS_QTEST_LINUX_ARM_LINES_H

#include <inttypes.h>
#include <stdbool.h>

/* Of the command line */
extern int gic;
extern char **command;
/* The GIC's QOM path */
extern char gic_path[64];

/* What the device tells of the inits of vCPUs */
#define LOG "/tmp/lines.log"

/*
 * command[], but @program; more of its options, or NULL. One without the device
 * does not mind that there is nothing to trace or set.
 */
void start(const char *program, const char *option, const char *value);
void stop(void);
void reset(void);
/* To another QEMU */
void move(const char *program);
/* A line for the human monitor, which has nothing to say to it */
void hmp(const char *line);
/* An unnamed input of a device */
void input(const char *path, unsigned n, int level);
/* Of the device */
uint64_t counter(const char *name);

/* A bit of an SPI in vgic-state: P(ending), L(ine level), C(onfigured level) */
int kernel(unsigned intid, char bit);

#endif /* TESTS_QTEST_LINUX_ARM_LINES_H */
