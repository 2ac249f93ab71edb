/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message to local APICs, and the words it is written in.
 *
 * Plain C: no allocation, no global, no lock; any thread. Two steps are kept
 * apart. Decoding is total: whatever is in a word's fields is in the message,
 * and nothing else is looked at. Checking says whether the message, or the
 * word, may be sent at all, and names what is wrong with it. Encoding wants a
 * message that has been checked for that form.
 *
 * Sources: Intel SDM volume 3, "Issuing Interprocessor Interrupts" (ICR),
 * "Local Vector Table", "Message Signalled Interrupts" and "Delivery Modes";
 * 82093AA datasheet, "I/O Redirection Table"; KVM: kvm_set_msi_irq(),
 * kvm_msi_valid_route(), __apic_accept_irq().
 */
#ifndef TARGET_I386_LAPIC_MSG_H
#define TARGET_I386_LAPIC_MSG_H

/* Delivery mode: ICR 10:8, MSI data 10:8, RTE 10:8, LVT 10:8 */
typedef enum LapicDelivery {
    LAPIC_FIXED = 0,
    LAPIC_LOWEST = 1,           /* lowest priority */
    LAPIC_SMI = 2,
    LAPIC_RESERVED = 3,
    LAPIC_NMI = 4,
    LAPIC_INIT = 5,
    LAPIC_STARTUP = 6,          /* SIPI; ICR only */
    LAPIC_EXTINT = 7,           /* LVT and RTE only */
} LapicDelivery;

/* ICR 19:18 */
typedef enum LapicShorthand {
    LAPIC_NO_SHORTHAND = 0,
    LAPIC_SELF = 1,
    LAPIC_ALL = 2,
    LAPIC_OTHERS = 3,           /* all but self */
} LapicShorthand;

typedef struct LapicMsg {
    uint32_t dest;              /* 0..255; x2APIC and extended MSI: more */
    uint8_t vector;
    uint8_t delivery;           /* LapicDelivery */
    uint8_t shorthand;          /* LapicShorthand */
    bool logical;               /* destination mode; else physical */
    bool level;                 /* trigger mode; else edge */
    bool assert;                /* false: INIT level de-assert */
    bool redirect;              /* MSI's redirection hint */
} LapicMsg;

/* Where a message is to be written, which decides what it may be */
typedef enum LapicForm {
    LAPIC_FORM_XICR,            /* xAPIC's ICR: dest 0..255 */
    LAPIC_FORM_X2ICR,           /* x2APIC's ICR: dest 32 bits */
    LAPIC_FORM_MSI,             /* dest 0..255 */
    LAPIC_FORM_MSI_EXT,         /* extended destination ID: 0..32767 */
    LAPIC_FORM_MSI_X2,          /* KVM_CAP_X2APIC_API's address_hi: 32 bits */
    LAPIC_FORM_RTE,             /* dest 0..255 */
    LAPIC_FORM_SELF,            /* KVM_INTERRUPT with the ICR's low word */
} LapicForm;

/* What was refused. All names are static strings. */
typedef struct LapicFault {
    int err;                    /* -EINVAL, -ENOTSUP, ...; 0: nothing */
    const char *field;          /* "vector", "shorthand", "bits 31:20", ... */
    uint64_t value;
    uint64_t min, max;          /* the values it may have; min > max: none */
    const char *why;            /* half a sentence, or NULL */
} LapicFault;

/*
 * May @msg be written as @form? 0, or a negative errno with *@fault (which may
 * be NULL). -EINVAL: the field's value is reserved or impossible here, see
 * docs/lapic-messages.rst; -ERANGE: dest does not fit the form.
 */
int lapic_msg_check(const LapicMsg *msg, LapicForm form, LapicFault *fault);

/* ICR. In an xAPIC @icr's 63:32 are ICR2 with dest in 63:56. */
LapicMsg lapic_msg_from_icr(uint64_t icr, bool x2apic);
uint64_t lapic_msg_to_icr(const LapicMsg *msg, bool x2apic);
/* Reserved bits and all of lapic_msg_check() */
int lapic_icr_check(uint64_t icr, bool x2apic, LapicFault *fault);

/*
 * MSI. @address's high half is KVM's address_hi, with bits 31:8 of the
 * destination in 63:40 (LAPIC_FORM_MSI_X2) or 0. In the low half bits 11:5 are
 * the extended destination's 14:8 if @form is LAPIC_FORM_MSI_EXT.
 */
typedef struct LapicMSI {
    uint64_t address;
    uint32_t data;
} LapicMSI;
LapicMsg lapic_msg_from_msi(LapicMSI msi, LapicForm form);
LapicMSI lapic_msg_to_msi(const LapicMsg *msg, LapicForm form);
/* -ENOTSUP: remappable format (address bit 4), it is no message yet */
int lapic_msi_check(LapicMSI msi, LapicForm form, LapicFault *fault);

/* An entry of the IOAPIC's redirection table */
typedef struct LapicRTE {
    LapicMsg msg;
    bool masked;
    bool active_low;
    bool remote_irr;            /* read-only to the guest, as is */
    bool pending;               /* the delivery status */
} LapicRTE;
LapicRTE lapic_rte_decode(uint64_t rte);
uint64_t lapic_rte_encode(const LapicRTE *rte);
/* -ENOTSUP: remappable format (bit 48) */
int lapic_rte_check(uint64_t rte, LapicFault *fault);

/* The local vector table's entries, by their number in the register page */
typedef enum LapicLVTKind {
    LAPIC_LVT_TIMER,
    LAPIC_LVT_THERMAL,
    LAPIC_LVT_PERF,
    LAPIC_LVT_LINT0,
    LAPIC_LVT_LINT1,
    LAPIC_LVT_ERROR,
    LAPIC_LVT_CMCI,
    LAPIC_LVT_KINDS
} LapicLVTKind;

typedef struct LapicLVT {
    uint8_t vector;
    uint8_t delivery;           /* LapicDelivery; timer and error: Fixed */
    uint8_t timer_mode;         /* 0 one-shot, 1 periodic, 2 deadline */
    bool masked;
    bool pending;
    bool active_low;            /* LINT0 and LINT1, as these two: */
    bool remote_irr;
    bool level;
} LapicLVT;
LapicLVT lapic_lvt_decode(uint32_t lvt, LapicLVTKind kind);
uint32_t lapic_lvt_encode(const LapicLVT *lvt, LapicLVTKind kind);
int lapic_lvt_check(uint32_t lvt, LapicLVTKind kind, LapicFault *fault);

/*
 * In words, always terminated: "NMI to physical 3", "Fixed 0x31 edge to
 * logical 0x0f", "INIT de-assert to all". Returns what snprintf() returns.
 */
#define LAPIC_WORDS 96
int lapic_msg_words(const LapicMsg *msg, char *buf, size_t size);
/* "vector = 7, must be 16..255: others are illegal vectors" and the like */
int lapic_fault_words(const LapicFault *fault, char *buf, size_t size);
/* "Fixed", "LowestPrio", "SMI", "reserved", "NMI", "INIT", ... */
const char *lapic_delivery_name(LapicDelivery delivery);

#endif /* TARGET_I386_LAPIC_MSG_H */
