/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of lapic-kvm-test (guest/lapic.S), its RAM, and the monitor.
 */
#ifndef TESTS_QTEST_LAPIC_VM_H
#define TESTS_QTEST_LAPIC_VM_H

#include "libqtest.h"

/* guest/guest.inc has the same numbers */
enum {
    P_SCENARIO = 0x600,
    P_HZ       = 0x604,
    P_COUNT    = 0x608,
    P_CPUS     = 0x610,
    P_GO       = 0x640,
    P_LAPIC    = 0x680,

    R_BOOTS    = 0x800,
    R_STATE    = 0x804,
    R_OLD      = 0x814,
    R_COUNT    = 0x840,
    R_STRAY    = 0x890,
    R_APS      = 0x894,
    R_SMI      = 0x8a0,

    PERCPU     = 0x1000,
    C_APICID   = 0x00,
    C_STATE    = 0x08,
    C_BEAT     = 0x0c,
    C_IPI      = 0x10,
    C_NMI      = 0x14,
    MAX_CPUS   = 16,

    LOW_END    = 0x8000,        /* below is what the guest writes */
};

enum {
    L_MASKED = 0x10400, L_FIXED = 0x60,     /* LVT1 */
    L_HALT = 0x08000000, L_CLI = 0x10000000,
    L_SOFT = 0x20000000, L_OFF = 0x40000000,
};

enum { SCN_SERVICE = 7, SCN_LAPIC = 16, ST_GO = 2, VEC_IPI = 0x60 };

/* Where the guest runs, more options of -machine may follow */
#define KVM_SPLIT "-accel kvm -machine pc,kernel-irqchip=split"
#define KVM_KERNEL "-accel kvm -machine pc,kernel-irqchip=on"
#define TCG "-accel tcg -machine pc"

extern bool has_smm;            /* KVM_CAP_X86_SMM */
extern char *guest_rom;

/* Before the first test, and after the last one. False: there is no ROM */
bool vm_init(const char *argv0);
void vm_exit(void);
/* It cannot run there, the test is skipped */
bool skip(const char *machine);

/* The RAM is mapped here too: a word of it, and waiting for it to grow */
uint32_t word(uint32_t addr);
void set_word(uint32_t addr, uint32_t value);
bool reaches(uint32_t addr, uint32_t value);

/* The data of the CPU with that APIC ID in its last life; 0: never started */
uint32_t cpu_data(unsigned id);
/* It has a life after that one; it goes on; it has stopped, and stays so */
bool cpu_starts(unsigned id, uint32_t after);
bool cpu_beats(unsigned id);
bool cpu_rests(unsigned id);

/* Another guest, or this one goes on: @lapic is NULL, @opts tells */
QTestState *guest_vm(const char *machine, const char *opts, int cpus,
                     const uint32_t *lapic);
/* @lapic[cpus]: L_*, how each CPU lives. Waits until all do. */
QTestState *guest_start(const char *machine, int cpus, const uint32_t *lapic);
/* Nothing has reset the machine or touched RAM that the guest leaves alone */
void guest_quit(QTestState *qts);
/* Ends @from, returns the guest in a new QEMU */
QTestState *guest_migrate(QTestState *from, const char *machine, int cpus);

/* QEMU fetches the registers of all vCPUs, and holds them */
void look(QTestState *qts);
void inject_nmi(QTestState *qts);
/* @args: of x-lapic-send, as JSON. Refused, and for this reason */
void refused(QTestState *qts, const char *args, const char *why);

#define send_msg(qts, args) \
    qtest_qmp_assert_success(qts, "{'execute': 'x-lapic-send'," \
                             " 'arguments': {" args "}}")

/* Sending (lapic-kvm-send.c) */
void add_send_tests(void);

#endif /* TESTS_QTEST_LAPIC_VM_H */
