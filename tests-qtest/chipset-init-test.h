/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT# of the chipset: what both files of the test need. */
#ifndef TESTS_QTEST_CHIPSET_INIT_TEST_H
#define TESTS_QTEST_CHIPSET_INIT_TEST_H

#include "libqtest.h"

/* The machine has been reset since this was asked last */
bool was_reset(QTestState *qts);
/* It is, by the guest, or will be soon */
void must_reset(QTestState *qts);

/* Port by port, without a guest */
void add_ports_tests(void);

#endif /* TESTS_QTEST_CHIPSET_INIT_TEST_H */
