/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two cascaded 8259A interrupt controllers of a PC, as plain C.
 *
 * One object holds both chips, so that the cascade is wiring inside the object
 * and not a protocol between two devices. Nothing here knows QEMU or KVM,
 * allocates, blocks or keeps a global; the caller serialises all calls on one
 * I8259Pair (in QEMU: SplitPICPair.lock).
 *
 * An INTA cycle is two calls. i8259_pair_peek() says what the processor would
 * read and changes nothing; i8259_pair_commit() makes it so. Between the two
 * the vector is offered to whoever may refuse it.
 *
 * Source: Intel 8259A datasheet (order 231468-003), named below by section;
 * ELCR: 82371SB (PIIX3) datasheet, registers 4D0h and 4D1h.
 */
#ifndef HW_INTC_I8259_CORE_H
#define HW_INTC_I8259_CORE_H

#define I8259_LINES 16          /* IRQ0..IRQ15: 0..7 master, 8..15 slave */
#define I8259_CASCADE 2         /* the master's IR input that the slave feeds */

typedef enum I8259Which {
    I8259_MASTER,
    I8259_SLAVE,
    I8259_CHIPS,
} I8259Which;

/* The initialisation command word the chip takes next at A0 = 1 */
typedef enum I8259Init {
    I8259_READY,                /* none: A0 = 1 is OCW1 */
    I8259_WANT_ICW2,
    I8259_WANT_ICW3,
    I8259_WANT_ICW4,
} I8259Init;

/* OCW2 bits 7:5 (R, SL, EOI), by their names in the datasheet's OCW2 table */
typedef enum I8259OCW2 {
    OCW2_ROTATE_AEOI_CLEAR,
    OCW2_EOI,
    OCW2_NOP,
    OCW2_SPECIFIC_EOI,
    OCW2_ROTATE_AEOI_SET,
    OCW2_ROTATE_EOI,
    OCW2_SET_PRIORITY,
    OCW2_ROTATE_SPECIFIC_EOI,
} I8259OCW2;

/*
 * One chip. IRR is not a field: it is derived from the pins, the edge latch
 * and the trigger mode (i8259_pair_irr()), so it cannot disagree with them.
 */
typedef struct I8259Chip {
    uint8_t pins;               /* level of IR7..IR0 as last driven */
    uint8_t edge;               /* rising edges latched, not yet acknowledged */
    uint8_t imr;
    uint8_t isr;
    uint8_t top;                /* the IR with the highest priority, 0..7 */
    uint8_t base;               /* ICW2 T7..T3: vector of IR0 */
    uint8_t elcr;               /* bit set = that IR is level triggered */
    uint8_t elcr_mask;          /* which ELCR bits exist (0xf8, 0xde) */
    I8259Init init;
    bool ltim;                  /* ICW1 LTIM: all IRs level triggered */
    bool sngl;                  /* ICW1 SNGL: no cascade */
    bool ic4;                   /* ICW1 IC4: an ICW4 follows */
    bool sfnm;                  /* ICW4 special fully nested mode */
    bool aeoi;                  /* ICW4 automatic end of interrupt */
    bool rotate_aeoi;           /* OCW2: rotate in AEOI mode */
    bool smm;                   /* OCW3 special mask mode */
    bool read_isr;              /* OCW3 RIS: A0 = 0 reads ISR, else IRR */
    bool poll;                  /* OCW3 P: the next read is a poll */
} I8259Chip;

typedef struct I8259Pair {
    I8259Chip chip[I8259_CHIPS];
    bool intr;                  /* the master's INT output */
    bool slave_int;             /* the slave's INT output, on IR2's wire */
    /*
     * With SNGL, IR2 is an ordinary input. slave_int and line 2 then each have
     * an edge detector of their own, so that neither hides the other: this is
     * slave_int's. One acknowledge of IR2 clears both, a fall of slave_int
     * (the slave was polled, say) this one.
     */
    bool slave_edge;
    /*
     * Property, off by default: an edge request whose pin is low again at INTA
     * is answered as IR7 with no ISR bit ("If the IR input goes low before
     * this time a DEFAULT IR7 will occur"), a poll of it as no request; each
     * such answer uses up the edge. Off: it keeps its own vector.
     */
    bool withdrawn_is_spurious;
    /*
     * Counters since i8259_pair_init(), by IRQ; not part of the saved state.
     * raised: rising edges of the line, and edge latches that a load brought.
     * merged: of those, onto a latch already set: one delivery serves both.
     * dropped: latches cleared without INTA or poll: by ICW1, reset, load, a
     * trigger change, withdrawn_is_spurious.
     * For a line that is edge triggered throughout, raised = merged + dropped
     * + delivered + (its bit of edge). Line 2 counts external edges only, not
     * what the slave does at IR2.
     */
    uint64_t raised[I8259_LINES];
    uint64_t merged[I8259_LINES];
    uint64_t dropped[I8259_LINES];
    uint64_t delivered[I8259_LINES];    /* INTA committed or polled */
    uint64_t spurious[I8259_CHIPS];     /* IR7 of that chip, nothing behind */
    /*
     * For i8259_pair_undo(); no part of the saved state. acks numbers the
     * acknowledges from 1; born is its value when the chip was last
     * initialised, reset or loaded; by is the one that set an ISR bit.
     */
    uint64_t acks;
    uint64_t born[I8259_CHIPS];
    uint64_t by[I8259_CHIPS][8];
} I8259Pair;

/* What an INTA cycle reads. irq is 0..15; 7 or 15 if spurious. */
typedef struct I8259Inta {
    uint8_t vector;
    uint8_t irq;
    bool spurious;
} I8259Inta;

/* What an INTA cycle has changed, so that it can be undone */
typedef struct I8259Receipt {
    uint64_t ack;               /* its number; 0: nothing to undo */
    uint64_t by[I8259_CHIPS];   /* whose the ISR bit was before */
    I8259Inta inta;
    uint8_t isr[I8259_CHIPS];   /* ISR bits that were clear before */
    uint8_t edge[I8259_CHIPS];  /* edge latches that were used up */
    uint8_t counted[I8259_CHIPS];   /* counted as delivered */
    uint8_t top[I8259_CHIPS];   /* before */
    uint8_t new_top[I8259_CHIPS];
    bool slave_edge;            /* slave_int's edge was used up too */
} I8259Receipt;

/*
 * One chip's state as QEMU's migration stream "i8259" carries it: the fields
 * and meanings of pic-common. last_irr is the pins, irr the register.
 */
typedef struct I8259Saved {
    uint8_t last_irr, irr, imr, isr, priority_add, irq_base, read_reg_select;
    uint8_t poll, special_mask, init_state, auto_eoi, rotate_on_auto_eoi;
    uint8_t special_fully_nested_mode, init4, single_mode, elcr, ltim;
} I8259Saved;

/* All zero but the masks: the state before any ICW, as after reset. */
void i8259_pair_init(I8259Pair *p, uint8_t master_elcr_mask,
                     uint8_t slave_elcr_mask);

/*
 * A machine reset of one chip: everything but elcr_mask, ELCR and LTIM
 * included; the pins too, for a device that is reset does not always drive
 * its line low. The counters stay.
 */
void i8259_pair_reset_chip(I8259Pair *p, I8259Which which);

/*
 * Drive line @irq (0..15) to @level. Line 2 shares the master's IR2 with the
 * slave's INT: IR2 requests if either does. Out of range is ignored.
 */
void i8259_pair_set_line(I8259Pair *p, unsigned irq, bool level);

/* Port access: @a0 is the address bit, 0 (20h, A0h) or 1 (21h, A1h). */
void i8259_pair_write(I8259Pair *p, I8259Which which, unsigned a0, uint8_t val);
/* May acknowledge: a read after OCW3 with P = 1 is a poll. */
uint8_t i8259_pair_read(I8259Pair *p, I8259Which which, unsigned a0);

/* Bits outside elcr_mask read 0 and are not written. */
void i8259_pair_elcr_write(I8259Pair *p, I8259Which which, uint8_t val);
uint8_t i8259_pair_elcr_read(const I8259Pair *p, I8259Which which);

/* The interrupt request register of one chip, derived. */
uint8_t i8259_pair_irr(const I8259Pair *p, I8259Which which);
/* The INT output of one chip; the master's is INTR to the processor. */
bool i8259_pair_int(const I8259Pair *p, I8259Which which);
/*
 * INTR as the master's INT pin has it, which falls with the IR line of an edge
 * request that nobody has acknowledged. i8259_pair_int() stays up there, for a
 * withdrawn edge still delivers. Never high with i8259_pair_int() low.
 */
bool i8259_pair_pin(const I8259Pair *p);

/*
 * What the processor would read in an INTA cycle now. Nothing changes. With
 * nothing pending this is the spurious IR7 of the master.
 */
I8259Inta i8259_pair_peek(const I8259Pair *p);
/*
 * The INTA cycle of what i8259_pair_peek() returned; no other call on @p may
 * stand between the two.
 */
I8259Receipt i8259_pair_commit(I8259Pair *p, I8259Inta inta);

/*
 * The processor never took the vector of @r: the request stands again, ISR and
 * rotation are as if the INTA cycle had not been. What has happened since stays:
 *  - a chip that was initialised, reset or loaded takes nothing back;
 *  - an edge that was latched since merges with the one that comes back;
 *  - a line that is level triggered requests if its pin is high now;
 *  - an ISR bit that another acknowledge has set since is that one's;
 *  - an EOI since that found the ISR bit, another processor's, ends what it
 *    would have found without;
 *  - a rotation that another command has moved since stays moved.
 * Of several receipts undo the newest (highest ack) first. Each once: one whose
 * ack is 0 does nothing.
 */
void i8259_pair_undo(I8259Pair *p, const I8259Receipt *r);

/* Copy one chip out; changes nothing. */
void i8259_pair_save(const I8259Pair *p, I8259Which which, I8259Saved *s);
/*
 * Copy one chip in. Any bytes are taken: values outside their range are
 * reduced to it (priority_add to 3 bits, init_state above 3 to 0). Load the
 * chips in either order; the INT outputs are right once both are in. Line 2
 * comes in low: in the stream it cannot be told from the slave's INT.
 */
void i8259_pair_load(I8259Pair *p, I8259Which which, const I8259Saved *s);

#endif /* HW_INTC_I8259_CORE_H */
