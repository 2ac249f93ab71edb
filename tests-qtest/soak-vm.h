/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of guest/soak.S, and the books of its interrupts.
 *
 * The device counts edges and INTA cycles, the guest its handlers' runs. What
 * was delivered and has not run its handler yet is in flight: injected into a
 * vCPU, or that vCPU is between the vector and the handler's counter. So it is
 * 0..CPUs, and 0 once all of them have closed IF. A lost vector leaves it above
 * that for ever, one that comes twice below.
 */
#ifndef TESTS_QTEST_SOAK_VM_H
#define TESTS_QTEST_SOAK_VM_H

#include "libqtest.h"
#include "pic-stats.h"
#include "qmp-job.h"

#define LINES 16

/* guest/guest.inc has the same numbers */
enum {
    P_SCENARIO = 0x600,
    P_HZ       = 0x604,
    P_FLAGS    = 0x60c,
    P_CPUS     = 0x610,
    P_SOURCES  = 0x614,
    P_RTC      = 0x618,
    P_TIMER    = 0x61c,
    P_HOTPLUG  = 0x624,
    P_EOI      = 0x628,
    P_GO       = 0x640,

    R_BOOTS    = 0x800,
    R_STATE    = 0x804,
    R_BEAT     = 0x810,
    R_OLD      = 0x814,
    R_COUNT    = 0x840,
    R_SPUR7    = 0x880,
    R_SPUR15   = 0x884,
    R_POLLED   = 0x888,
    R_STRAY    = 0x890,
    R_LIVES    = 0xa00,
    R_ALL_END  = 0xa40,

    PERCPU     = 0x1000,
    C_IRQ      = 0x40,
};

enum { EOI_ROTATE = 0x80 };
enum { F_HALT = 1, F_CLI = 4, F_TAKE = 8 };
enum { S_PIT = 0x001, S_SERIAL = 0x010, S_RTC = 0x100 };
enum { ST_GO = 2, ST_SOAK = 3, ST_DONE = 0xd0e };
enum { GO_RUN, GO_CLOSE, GO_CF9, GO_KBD, GO_TRIPLE };
enum { SCN_HOTPLUG = 9, SCN_SOAK = 15 };

typedef enum {
    PIC_ON,             /* split-pic=on */
    PIC_OFF,            /* split-pic=off: what stock does */
    PIC_STOCK,          /* the stock binary */
} Pic;

extern const char *const pic_names[];

#define HOLD "intack-hold.so"

/* What a QEMU is started with */
typedef struct VmArgs {
    Pic pic;
    int cpus;
    const char *preload;        /* NULL, or a library beside the test */
    int flags;                  /* F_* for the guest */
    bool nested;                /* HOLD: KVM says that it runs a guest */
    const char *opts;           /* NULL, or more for QEMU */
} VmArgs;

typedef struct Vm {
    VmArgs args;
    QTestState *qts;
    char *disk;                 /* NULL, or the qcow2 file for snapshots */
    /* The books: in flight = delivered + offset - handled */
    bool known;                 /* offset is */
    int64_t offset[LINES];
    int slack;                  /* vCPUs that were reset meanwhile */
    /* Sums over the QEMUs that are gone */
    int64_t recalled;
    int64_t stuck;
} Vm;

/* What is seen while the VM is stopped */
typedef struct Sight {
    bool counters;              /* the device has them */
    int64_t raised[LINES], gone[LINES], delivered[LINES];
    int64_t spurious[2];
    int64_t recalled, stuck, refused;
    uint32_t handled[LINES];    /* in all lives */
    uint32_t boots, state, old, stray, spur7, spur15;
} Sight;

/* False if there is no guest ROM */
bool soak_probe(const char *argv0);
/* Skips the test where this machine or this QEMU cannot run it */
bool soak_skips(void);

/* A QEMU alone; vm_boot() waits until the guest runs all sources. */
QTestState *vm_start(const VmArgs *args, const char *more);
Vm *vm_boot(const VmArgs *args);
/* Counts its recalls into *recalled and *stuck, which may be NULL */
void vm_end(Vm *vm, int64_t *recalled, int64_t *stuck);

void vm_qmp(Vm *vm, const char *command);
void vm_stop(Vm *vm);
void vm_cont(Vm *vm);

/* Waits until the word at addr is value */
bool vm_waits(Vm *vm, uint32_t addr, uint32_t value, int ms);
/* Every source's handler runs, again and again, before ms are over */
bool vm_alive(Vm *vm, int ms);

/* The VM is stopped: look, and check what was seen against the books */
Sight vm_look(Vm *vm);
void vm_check(Vm *vm, const Sight *s);
int64_t vm_in_flight(const Vm *vm, const Sight *s, int irq);
int64_t vm_pending(const Sight *s, int irq);
/*
 * The same guest, seen as s before, goes on with other counters or memory: what
 * is in flight now is what was, and what pended does so still.
 */
void vm_carry(Vm *vm, const Vm *was, const Sight *before, const Sight *now);
/*
 * The guest closes all its CPUs: nothing is in flight, all must have been
 * accounted for. Then it goes on. Returns how many vectors resets took along.
 */
int64_t vm_settle(Vm *vm);
void vm_report(Vm *vm);

/* The guest may be met anywhere */
void vm_moment(void);

/* A socket's URI, another each time */
char *soak_uri(void);
void soak_wait_migration(QTestState *qts, const char *status);
/* In place: save one, then load it, once */
void vm_snapshot(Vm *vm, bool save);

/* soak-loops.c, soak-single.c */
void soak_add_loops(void);
void soak_add_singles(void);

#endif /* TESTS_QTEST_SOAK_VM_H */
