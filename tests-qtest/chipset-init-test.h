/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT# of the chipset: what the test's files need of each other. */
#ifndef TESTS_QTEST_CHIPSET_INIT_TEST_H
#define TESTS_QTEST_CHIPSET_INIT_TEST_H

#include "libqtest.h"

/* The machine has been reset since this was asked last */
bool was_reset(QTestState *qts);
/* It is, by the guest, or will be soon */
void must_reset(QTestState *qts);

/* There is no such accelerator here, the test is skipped */
bool skip(const char *accel);

/* Port by port, without a guest */
void add_ports_tests(void);
/* With the boot sector in @image, which they keep */
void add_bios_tests(char *image);

#endif /* TESTS_QTEST_CHIPSET_INIT_TEST_H */
