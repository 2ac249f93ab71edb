/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to local APICs that pass QEMU, counted and traced in words.
 */
#include "qemu/osdep.h"
#include "hw/intc/ioapic_internal.h"
#include "lapic-seen.h"
#include "trace.h"

/* The APICs' region begins here; some of its writers give the offset in it. */
#define APIC_BASE 0xfee00000u
#define APIC_MASK 0xfff00000u
/* Different words that are counted, and how far they are looked for */
#define MSIS 4096
#define PROBES 16

typedef struct IOAPICSeen {
    IOAPICCommonState *ioapic;
    uint64_t pin[IOAPIC_NUM_PINS];
} IOAPICSeen;

typedef struct MSISeen {
    uint64_t address;
    uint64_t count;             /* 0: the slot is free */
    uint32_t data;
} MSISeen;

static IOAPICSeen ioapics[MAX_IOAPICS];
static MSISeen msis[MSIS];

static IOAPICSeen *ioapic_slot(IOAPICCommonState *ioapic)
{
    for (unsigned i = 0; i < MAX_IOAPICS; i++) {
        if (!ioapics[i].ioapic) {
            ioapics[i].ioapic = ioapic;
        }
        if (ioapics[i].ioapic == ioapic) {
            return &ioapics[i];
        }
    }
    return NULL;
}

/* The slot that has these words, or the free one for them; NULL: none */
static MSISeen *msi_slot(uint64_t address, uint32_t data)
{
    uint32_t key = address >> 12 ^ address >> 40 ^ data;
    unsigned hash = key * 2654435761u >> 20;

    for (unsigned i = 0; i < PROBES; i++) {
        MSISeen *m = &msis[(hash + i) % MSIS];

        if (!m->count || (m->address == address && m->data == data)) {
            return m;
        }
    }
    return NULL;
}

void lapic_seen_ioapic(IOAPICCommonState *ioapic, unsigned pin, uint64_t rte)
{
    IOAPICSeen *seen = ioapic_slot(ioapic);

    if (seen) {
        seen->pin[pin]++;
    }
    if (trace_event_get_state_backends(TRACE_LAPIC_MSG_IOAPIC)) {
        LapicRTE r = lapic_rte_decode(rte);
        char words[LAPIC_WORDS];

        lapic_msg_words(&r.msg, words, sizeof(words));
        trace_lapic_msg_ioapic(SYS_BUS_DEVICE(ioapic)->mmio[0].addr, pin,
                               words);
    }
}

static uint64_t full(uint64_t address)
{
    return (address & ~(uint64_t)APIC_MASK) | APIC_BASE;
}

void lapic_seen_msi(uint64_t address, uint32_t data)
{
    MSISeen *m;

    address = full(address);
    m = msi_slot(address, data);
    if (m) {
        m->address = address;
        m->data = data;
        m->count++;
    }
    if (trace_event_get_state_backends(TRACE_LAPIC_MSG_MSI)) {
        LapicMsg msg = lapic_msg_from_msi((LapicMSI) { address, data },
                                          LAPIC_FORM_MSI_X2);
        char words[LAPIC_WORDS];

        lapic_msg_words(&msg, words, sizeof(words));
        trace_lapic_msg_msi(address, data, words);
    }
}

void lapic_seen_send(const LapicMsg *msg, int source)
{
    char words[LAPIC_WORDS];

    if (trace_event_get_state_backends(TRACE_LAPIC_MSG_SEND)) {
        lapic_msg_words(msg, words, sizeof(words));
        trace_lapic_msg_send(source, words);
    }
}

uint64_t lapic_seen_by_ioapic(IOAPICCommonState *ioapic, unsigned pin)
{
    IOAPICSeen *seen = ioapic_slot(ioapic);

    return seen ? seen->pin[pin] : 0;
}

bool lapic_seen_by_msi(uint64_t address, uint32_t data, uint64_t *count)
{
    const MSISeen *m = msi_slot(full(address), data);

    *count = m ? m->count : 0;
    return m;
}
