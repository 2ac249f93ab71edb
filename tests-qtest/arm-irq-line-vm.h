/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU under -accel qtest with the device of KVM_IRQ_LINE, whose kernel is
 * the model, for arm-irq-line-test.
 */
#ifndef TESTS_QTEST_ARM_IRQ_LINE_VM_H
#define TESTS_QTEST_ARM_IRQ_LINE_VM_H

#include "libqtest.h"
#include "qobject/qdict.h"

#define DEVICE "/machine/peripheral/line"

/* The device's counters */
typedef struct Counts {
    uint64_t inputs, issued, saved_lower, saved_raise, reissued, refused;
} Counts;

typedef struct Vm {
    QTestState *qts;
    char *said;                 /* the file that stderr goes to */
    char *disk;                 /* of the snapshot */
    int fd;                     /* of a monitor of its own */
    GString *heard;             /* and what came from there, unread */
    Counts seen;                /* vm_moved() */
    uint64_t ioctls;            /* by the reset at the start */
} Vm;

/* Lines, by their numbers in irq-line.h */
typedef enum { CPU, SPI, PPI } Type;
enum { IRQ, FIQ };

/*
 * -M none -device arm-irq-line,x-kvm-model=on,@props @more. gic-version=3,
 * vcpus=2 and spis=64 unless @props say otherwise.
 */
Vm vm_start(const char *props, const char *more);
Vm vm_start_on(const char *machine, const char *props, const char *more);
void vm_stop(Vm *vm);
/* arm-irq-line-qom.c's part of starting: the monitor is at @fd */
void vm_connect(Vm *vm, int fd);
/* It still answers */
void vm_lives(Vm *vm);
void vm_reset(Vm *vm);
/* The one snapshot that there is */
void vm_save(Vm *vm);
void vm_load(Vm *vm);

/* What QEMU says to @args instead of running; exit status 1 */
char *vm_refused(const char *args);
char *vm_refused_by(const char *binary, const char *args);
/* The same, of the device with these properties */
char *vm_refused_props(const char *props);
/* What this QEMU has said on stderr so far */
char *vm_said(Vm *vm);
/* How often @text is in @all */
unsigned times(const char *all, const char *text);

/* Move an input; @number is an INTID, for CPU IRQ or FIQ */
void vm_move(Vm *vm, Type type, unsigned vcpu, unsigned number, int level);
/* The counters have grown by exactly this since the start or the last call */
#define vm_moved(vm, ...) \
    vm_moved_at(__FILE__, __LINE__, vm, (Counts) { __VA_ARGS__ })
void vm_moved_at(const char *file, int line, Vm *vm, Counts grown);
Counts vm_counts(Vm *vm);

/* What HMP's command says */
char *vm_info(Vm *vm, const char *command);
void vm_expect_info(Vm *vm, const char *command, const char *text);
/* How "info irq" begins */
#define RAISES "IRQ statistics for arm-irq-line:\n"

/* A property of the device; vm_set() is NULL or the error, to be freed */
uint64_t vm_get(Vm *vm, const char *name);
char *vm_set(Vm *vm, const char *name, const char *json);
/* Any command of QMP: the same */
char *vm_qmp(Vm *vm, const char *json);

/* The model of the kernel, see hw-intc/arm-irq-line-model.h */

/* What KVM_IRQ_LINE calls the line */
uint32_t line_word(Type type, unsigned vcpu, unsigned number);
/* KVM_MODEL_LINE_* of the line */
unsigned vm_line(Vm *vm, Type type, unsigned vcpu, unsigned number);
bool vm_pin(Vm *vm, unsigned vcpu, unsigned number);
bool vm_pending(Vm *vm, unsigned vcpu, unsigned intid);
/* The words in hex of all lines that are pending, and of pins that are high */
void vm_expect_high(Vm *vm, const char *words);
uint64_t vm_kicks(Vm *vm, unsigned vcpu);
uint64_t vm_queued(Vm *vm);
/* How many KVM_IRQ_LINE there were since the start; the word of the last one */
uint64_t vm_ioctls(Vm *vm);
uint32_t vm_last(Vm *vm);
/* GICD_ICFGR; the guest acknowledges */
void vm_configure(Vm *vm, unsigned vcpu, unsigned intid, bool level);
void vm_ack(Vm *vm, unsigned vcpu, unsigned intid);
/* KVM_IRQ_LINE fails with errno @err from now on; 0: it works */
void vm_fail(Vm *vm, int err);
/* KVM_ARM_VCPU_INIT, and QEMU's hook after it */
void vm_vcpu_init(Vm *vm, unsigned vcpu);
/* x-model-do, and of one line */
void vm_do_line(Vm *vm, const char *text, Type type, unsigned vcpu,
                unsigned number);
void vm_do(Vm *vm, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

#endif /* TESTS_QTEST_ARM_IRQ_LINE_VM_H */
