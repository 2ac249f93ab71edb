/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of lapic-test share: QEMU under -accel qtest, its monitor, and
 * the guest's accesses.
 *
 * Nothing runs: the local APICs are as a reset leaves them, enabled in
 * hardware, with APIC IDs and no logical addresses.
 */
#ifndef TESTS_QTEST_LAPIC_TEST_VM_H
#define TESTS_QTEST_LAPIC_TEST_VM_H

#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "libqtest.h"

enum {
    VCPUS = 3,
    PINS = 24,
    IOAPIC_SECONDARY = 0x10000, /* beyond the first */
};

#define IOAPIC          0xfec00000u
#define APIC            0xfee00000u
#define RTE_MASKED      0x10000u
#define RTE_LEVEL       0x8000u
#define RTE_REMOTE_IRR  0x4000u
#define RTE_LOW         0x2000u
#define RTE_LOGICAL     0x800u
#define RTE_REMAPPABLE  (1ull << 48)

/* QAPI's LapicDeliveryMode */
extern const char *const deliveries[8];

QTestState *start(const char *machine, const char *more);
unsigned ioapics(const char *machine);

/* The monitor */

/* @args: JSON */
QDict *x_lapic_send(QTestState *qts, const char *args);
/* All of @words is in @text, in this order; they end with a NULL. */
void assert_words(const char *text, const char *const *words);
/* Unreferences @rsp */
void assert_error(QDict *rsp, const char *const *words);
void assert_hmp(QTestState *qts, const char *command, const char *const *words);

/* The list of routes; *@rsp is to be unreferenced */
QList *routes(QTestState *qts, QDict **rsp);
uint64_t number(QDict *d, const char *key);
QDict *pin_route(QList *list, unsigned ioapic, unsigned pin);
/* Vector @index of the device whose path ends with @id, or NULL */
QDict *msi_route(QList *list, const char *id, unsigned index);
/* The vCPUs of the list as bits */
unsigned cpus(QDict *route);

/* The guest's accesses */

void rte_write(QTestState *qts, unsigned ioapic, unsigned pin, uint64_t entry);
/* QOM path of the second IOAPIC; the first is called "ioapic" */
char *second_ioapic(QTestState *qts);
uint32_t pci_read(QTestState *qts, unsigned slot, unsigned reg);
void pci_write(QTestState *qts, unsigned slot, unsigned reg, uint32_t val);
/* Its place in the configuration space */
unsigned pci_capability(QTestState *qts, unsigned slot, uint8_t id);

/* The other parts' tests */
void lapic_test_monitor(const char *machine);
void lapic_test_reach(const char *machine);
void lapic_test_machines(void);

#endif /* TESTS_QTEST_LAPIC_TEST_VM_H */
