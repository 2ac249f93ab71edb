/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU under -accel qtest whose local APICs are those of the model of KVM
 * (x-kvm-model=on), for lapic-model-test.
 */
#ifndef TESTS_QTEST_LAPIC_MODEL_VM_H
#define TESTS_QTEST_LAPIC_MODEL_VM_H

#include "libqtest.h"
#include "qobject/qdict.h"

#define VCPUS_MAX 300

typedef struct Vm {
    QTestState *qts;
    unsigned vcpus;             /* those that there are at the start */
    QDict *before[VCPUS_MAX];   /* vm_remember() */
} Vm;

/* -machine @machine,x-kvm-model=on -smp @smp @more */
Vm vm_start(const char *machine, const char *smp, unsigned vcpus,
            const char *more);
void vm_stop(Vm *vm);
/* Of the machine: all vCPUs are at power-on again */
void vm_reset(Vm *vm);

/* What QEMU says to @command instead of running; status 1 */
char *vm_refused(const char *command);

/* The state of vCPU @i */
QDict *vm_state(Vm *vm, unsigned i);
uint64_t vm_number(Vm *vm, unsigned i, const char *field);
char *vm_text(Vm *vm, unsigned i, const char *field);
bool vm_flag(Vm *vm, unsigned i, const char *field);
/* Is @vector in the list @field (irr, isr, tmr)? */
bool vm_vector(Vm *vm, unsigned i, const char *field, unsigned vector);

/* All of that list, with blanks between */
char *vm_vectors(Vm *vm, unsigned i, const char *field);

/* A register, or "run" */
void vm_set(Vm *vm, unsigned i, const char *field, uint64_t val);
/* It is refused with @text in the error */
void vm_set_bad(Vm *vm, unsigned i, const char *field, const char *val,
                const char *text);
/* Of the model: threads, icr-interrupt (as JSON) */
void vm_set_model(Vm *vm, const char *field, const char *json);
uint64_t vm_ioctls(Vm *vm, const char *name);
char *vm_digest(Vm *vm);

/*
 * x-lapic-send with @json's arguments: NULL, or the error. vm_sent() requires
 * that there is none, vm_refuses() that @text is in it.
 */
char *vm_send(Vm *vm, const char *json);
void vm_sent(Vm *vm, const char *json);
void vm_refuses(Vm *vm, const char *json, const char *text);

/* The IOAPIC's entry of @pin */
void vm_set_entry(Vm *vm, unsigned pin, uint64_t entry);
/* The vCPUs that it interrupts, says x-query-lapic-routes: "0 3" */
char *vm_route(Vm *vm, unsigned pin);

/*
 * Remember the states of all vCPUs; then require that they are the same, but
 * for the fields @but (names between commas, or NULL) of vCPU @i, or of all.
 */
#define VM_ALL UINT_MAX
void vm_remember(Vm *vm);
void vm_same(Vm *vm, unsigned i, const char *but);

#endif /* TESTS_QTEST_LAPIC_MODEL_VM_H */
