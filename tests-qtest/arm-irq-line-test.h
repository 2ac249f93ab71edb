/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of arm-irq-line-test. */
#ifndef TESTS_QTEST_ARM_IRQ_LINE_TEST_H
#define TESTS_QTEST_ARM_IRQ_LINE_TEST_H

/* Every line there is, by the word that reaches it */
void arm_irq_line_reach_tests(void);
/* Lines that there are not, and levels that are none */
void arm_irq_line_refused_tests(void);
/* What is saved and what is issued */
void arm_irq_line_level_tests(void);
/* vCPU init, reset, a kernel that says no */
void arm_irq_line_life_tests(void);
/* Migration and snapshots */
void arm_irq_line_migrate_tests(void);
/* Command line, QOM and hotplug */
void arm_irq_line_errors_tests(void);
/* info irq, info pic, traces */
void arm_irq_line_monitor_tests(void);

#endif /* TESTS_QTEST_ARM_IRQ_LINE_TEST_H */
