/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two unit tests of the 8259 core share: a pair set up as a PC's
 * firmware does, and the bus cycles of its processor.
 */
#ifndef I8259_TEST_H
#define I8259_TEST_H

#include <glib.h>
#include "i8259-core.h"

#define MASTER_ELCR     0xf8
#define SLAVE_ELCR      0xde
#define MASTER_BASE     0x08
#define SLAVE_BASE      0x70
#define CASCADED_IR     3       /* the slave's IR that stands for master IR2 */

static const char *const chip_name[I8259_CHIPS] = { "master", "slave" };

static inline uint8_t base_of(I8259Which chip)
{
    return chip == I8259_MASTER ? MASTER_BASE : SLAVE_BASE;
}

static inline uint8_t elcr_mask_of(I8259Which chip)
{
    return chip == I8259_MASTER ? MASTER_ELCR : SLAVE_ELCR;
}

static inline void cmd(I8259Pair *p, I8259Which chip, unsigned val)
{
    i8259_pair_write(p, chip, 0, (uint8_t)val);
}

static inline void data(I8259Pair *p, I8259Which chip, unsigned val)
{
    i8259_pair_write(p, chip, 1, (uint8_t)val);
}

/* The whole initialisation sequence that @icw1 calls for */
static inline void init_chip(I8259Pair *p, I8259Which chip, unsigned icw1,
                             unsigned icw4)
{
    cmd(p, chip, icw1);
    data(p, chip, base_of(chip));
    if (!(icw1 & 0x02)) {
        data(p, chip, chip == I8259_MASTER ? 0x04 : 0x02);
    }
    if (icw1 & 0x01) {
        data(p, chip, icw4);
    }
}

static inline void power_on(I8259Pair *p)
{
    i8259_pair_init(p, MASTER_ELCR, SLAVE_ELCR);
    init_chip(p, I8259_MASTER, 0x11, 0x01);
    init_chip(p, I8259_SLAVE, 0x11, 0x01);
}

static inline uint8_t read_irr(I8259Pair *p, I8259Which chip)
{
    cmd(p, chip, 0x0a);
    return i8259_pair_read(p, chip, 0);
}

static inline uint8_t read_isr(I8259Pair *p, I8259Which chip)
{
    cmd(p, chip, 0x0b);
    return i8259_pair_read(p, chip, 0);
}

static inline uint8_t poll_chip(I8259Pair *p, I8259Which chip)
{
    cmd(p, chip, 0x0c);
    return i8259_pair_read(p, chip, 0);
}

/* The line that requests @ir of @chip; for the master's IR2 the slave asks */
static inline unsigned line_of(I8259Which chip, unsigned ir)
{
    if (chip == I8259_MASTER && ir == I8259_CASCADE) {
        return 8 + CASCADED_IR;
    }
    return chip == I8259_MASTER ? ir : ir + 8;
}

static inline uint8_t vector_of(I8259Which chip, unsigned ir)
{
    unsigned line = line_of(chip, ir);

    return (uint8_t)(line < 8 ? MASTER_BASE + line : SLAVE_BASE + line - 8);
}

static inline void set_ir(I8259Pair *p, I8259Which chip, unsigned ir, bool up)
{
    i8259_pair_set_line(p, line_of(chip, ir), up);
}

/* A full INTA cycle; looking, even twice, must not change one byte */
static inline I8259Inta inta_cycle(I8259Pair *p)
{
    I8259Pair before;
    I8259Inta inta, again;

    memcpy(&before, p, sizeof(before));
    inta = i8259_pair_peek(p);
    again = i8259_pair_peek(p);
    g_assert_cmphex(inta.vector, ==, again.vector);
    g_assert_cmpint(memcmp(&before, p, sizeof(before)), ==, 0);
    i8259_pair_commit(p, inta);
    return inta;
}

/*
 * INTA of @chip's @ir, then the other chip's part ended, so that a rule about
 * one chip can be stated for both in the same words.
 */
static inline void take(I8259Pair *p, I8259Which chip, unsigned ir)
{
    I8259Inta inta = inta_cycle(p);

    g_assert_cmphex(inta.vector, ==, vector_of(chip, ir));
    g_assert_cmpuint(inta.irq, ==, line_of(chip, ir));
    g_assert_false(inta.spurious);
    if (chip == I8259_SLAVE) {
        cmd(p, I8259_MASTER, 0x60 | I8259_CASCADE);
    } else if (ir == I8259_CASCADE) {
        cmd(p, I8259_SLAVE, 0x60 | CASCADED_IR);
    }
}

/* Load what @from saves into @to, in either order of the chips */
static inline void move_state(const I8259Pair *from, I8259Pair *to,
                              bool slave_first)
{
    unsigned i;

    for (i = 0; i < I8259_CHIPS; i++) {
        I8259Which chip = (i != 0) == slave_first ? I8259_MASTER : I8259_SLAVE;
        I8259Saved s;

        i8259_pair_save(from, chip, &s);
        i8259_pair_load(to, chip, &s);
    }
    to->withdrawn_is_spurious = from->withdrawn_is_spurious;
}

#endif /* I8259_TEST_H */
