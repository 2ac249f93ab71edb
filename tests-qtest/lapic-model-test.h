/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of lapic-model-test. */
#ifndef TESTS_QTEST_LAPIC_MODEL_TEST_H
#define TESTS_QTEST_LAPIC_MODEL_TEST_H

/* Every delivery mode to a vCPU in every state */
void lapic_model_delivery_tests(void);
/* Who takes which message */
void lapic_model_dest_tests(void);
/* APIC IDs of any kind */
void lapic_model_ids_tests(void);
/* NMI and INIT pins */
void lapic_model_pins_tests(void);
/* Threads, hotplug, reset */
void lapic_model_vcpus_tests(void);

#endif /* TESTS_QTEST_LAPIC_MODEL_TEST_H */
