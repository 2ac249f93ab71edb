/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches: the table, for the unit test and for /dev/kvm.
 */
#ifndef LAPIC_ROWS_H
#define LAPIC_ROWS_H

#include "lapic-dest.h"

#define LAPIC_ROW_VCPUS     8

typedef struct LapicMachine {
    const char *name;
    bool api;                   /* KVM_CAP_X2APIC_API */
    LapicView view[LAPIC_ROW_VCPUS];
} LapicMachine;

typedef struct LapicRow {
    const char *name;
    const LapicMachine *machine;
    int source;                 /* whose ICR, or -1: an MSI */
    LapicMsg msg;
    uint8_t set;                /* lapic_dest(): bit i is view[i] */
    int one;                    /* lapic_dest_one() */
    int postable;               /* lapic_postable(); of MSIs only */
    const char *sdm;            /* what the SDM has instead, or NULL */
    bool all;                   /* LowestPrio, and yet to all of the set */
    bool fixed;                 /* whatever it was, it arrives as a Fixed one */
    bool linux_6_3;             /* KVM is like that since Linux 6.3 */
} LapicRow;

extern const LapicRow lapic_rows[];
extern const unsigned lapic_rows_count;

/* Those of @machine, as lapic_dest() wants them; returns how many */
unsigned lapic_row_views(const LapicMachine *machine,
                         LapicView views[LAPIC_ROW_VCPUS]);

#endif /* LAPIC_ROWS_H */
