/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to local APICs that pass QEMU, counted and traced in words.
 *
 * An IOAPIC's are counted by pin, others by their words: any device may write
 * any. BQL held.
 */
#ifndef HW_INTC_LAPIC_SEEN_H
#define HW_INTC_LAPIC_SEEN_H

#include "target/i386/kvm/intack/lapic-msg.h"

struct IOAPICCommonState;

/* @ioapic sends the message of its redirection entry @rte */
void lapic_seen_ioapic(struct IOAPICCommonState *ioapic, unsigned pin,
                       uint64_t rte);

/* A message is on its way to the local APICs */
void lapic_seen_msi(uint64_t address, uint32_t data);

/* The monitor sends @msg; @source as for x86_lapic_send() */
void lapic_seen_send(const LapicMsg *msg, int source);

/* How many so far */
uint64_t lapic_seen_by_ioapic(struct IOAPICCommonState *ioapic, unsigned pin);
/* False: not counted, there have been too many different ones */
bool lapic_seen_by_msi(uint64_t address, uint32_t data, uint64_t *count);

#endif /* HW_INTC_LAPIC_SEEN_H */
