/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undoing an INTA cycle whose vector the processor never took: as if it had
 * not been, whatever the guest has done to the chips meanwhile.
 */
#include "qemu/osdep.h"
#include "i8259-test.h"

typedef struct Seen {
    I8259Saved saved[I8259_CHIPS];
    uint8_t edge[I8259_CHIPS], pins[I8259_CHIPS];
    bool intr, slave_int, slave_edge;
} Seen;

static Seen look(const I8259Pair *p)
{
    Seen s;

    memset(&s, 0, sizeof(s));
    for (unsigned i = 0; i < I8259_CHIPS; i++) {
        i8259_pair_save(p, i, &s.saved[i]);
        s.edge[i] = p->chip[i].edge;
        s.pins[i] = p->chip[i].pins;
    }
    s.intr = p->intr;
    s.slave_int = p->slave_int;
    s.slave_edge = p->slave_edge;
    return s;
}

static void same(const Seen *a, const Seen *b)
{
    for (unsigned i = 0; i < I8259_CHIPS; i++) {
        g_assert_cmpmem(&a->saved[i], sizeof(I8259Saved),
                        &b->saved[i], sizeof(I8259Saved));
        g_assert_cmphex(a->edge[i], ==, b->edge[i]);
        g_assert_cmphex(a->pins[i], ==, b->pins[i]);
    }
    g_assert_cmpint(a->intr, ==, b->intr);
    g_assert_cmpint(a->slave_int, ==, b->slave_int);
    g_assert_cmpint(a->slave_edge, ==, b->slave_edge);
}

/* raised = merged + dropped + delivered + what is latched */
static void all_accounted(const I8259Pair *p)
{
    for (unsigned irq = 0; irq < I8259_LINES; irq++) {
        const I8259Chip *c = &p->chip[irq / 8];

        g_assert_cmpuint(p->raised[irq], ==,
                         p->merged[irq] + p->dropped[irq] + p->delivered[irq] +
                         (c->edge >> (irq & 7) & 1));
    }
}

static I8259Receipt take_next(I8259Pair *p)
{
    g_assert_true(p->intr);
    return i8259_pair_commit(p, i8259_pair_peek(p));
}

typedef struct Mode {
    const char *name;
    unsigned icw1, icw4;
    const char *ocws;           /* pairs: port as in "m0", then a hex byte */
    bool withdrawn;
} Mode;

static const Mode modes[] = {
    { "fully-nested", 0x11, 0x01, "" },
    { "aeoi", 0x11, 0x03, "" },
    { "aeoi-rotating", 0x11, 0x03, "m0 80 s0 80" },
    { "sfnm", 0x11, 0x11, "" },
    { "special-mask", 0x11, 0x01, "m0 68 s0 68" },
    { "rotated", 0x11, 0x01, "m0 c4 s0 c1" },
    { "level", 0x19, 0x01, "" },
    { "single", 0x13, 0x01, "" },
    { "withdrawn-is-spurious", 0x11, 0x01, "", true },
};

static void set_up(I8259Pair *p, const Mode *mode)
{
    const char *w = mode->ocws;
    unsigned val;
    char chip;
    int n;

    i8259_pair_init(p, MASTER_ELCR, SLAVE_ELCR);
    init_chip(p, I8259_MASTER, mode->icw1, mode->icw4);
    init_chip(p, I8259_SLAVE, mode->icw1, mode->icw4 & ~0x10u);
    p->withdrawn_is_spurious = mode->withdrawn;
    while (sscanf(w, " %c0 %x%n", &chip, &val, &n) == 2) {
        cmd(p, chip == 'm' ? I8259_MASTER : I8259_SLAVE, val);
        w += n;
    }
}

/* At once: every line, every mode, with the line still up and pulsed */
static void test_at_once(gconstpointer arg)
{
    const Mode *mode = arg;

    for (unsigned irq = 0; irq < I8259_LINES; irq++) {
        for (unsigned pulse = 0; pulse < 2; pulse++) {
            I8259Pair p, before;
            Seen was, is;

            set_up(&p, mode);
            i8259_pair_set_line(&p, irq, true);
            i8259_pair_set_line(&p, irq, !pulse);
            if (!p.intr) {
                continue;
            }
            before = p;
            was = look(&p);
            {
                I8259Receipt r = take_next(&p);

                i8259_pair_undo(&p, &r);
            }
            is = look(&p);
            same(&was, &is);
            g_assert_cmpmem(p.delivered, sizeof(p.delivered),
                            before.delivered, sizeof(p.delivered));
            g_assert_cmpmem(p.dropped, sizeof(p.dropped),
                            before.dropped, sizeof(p.dropped));
            g_assert_cmpmem(p.merged, sizeof(p.merged),
                            before.merged, sizeof(p.merged));
            g_assert_cmpmem(p.spurious, sizeof(p.spurious),
                            before.spurious, sizeof(p.spurious));
        }
    }
}

/* Three vectors on their way to three processors, taken back newest first */
static void test_newest_first(gconstpointer arg)
{
    static const unsigned lines[] = { 7, 9, 1 };
    const Mode *mode = arg;
    I8259Receipt r[G_N_ELEMENTS(lines)];
    Seen was[G_N_ELEMENTS(lines)], is;
    unsigned n = 0;
    I8259Pair p;

    set_up(&p, mode);
    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        i8259_pair_set_line(&p, lines[i], true);
        if (p.intr) {
            was[n] = look(&p);
            r[n++] = take_next(&p);
        }
    }
    g_assert_cmpuint(n, >, 0);
    while (n--) {
        i8259_pair_undo(&p, &r[n]);
        is = look(&p);
        /* What was raised since stays raised */
        is.saved[I8259_MASTER].irr &= was[n].saved[I8259_MASTER].irr;
        is.saved[I8259_SLAVE].irr &= was[n].saved[I8259_SLAVE].irr;
        g_assert_cmphex(is.saved[I8259_MASTER].irr, ==,
                        was[n].saved[I8259_MASTER].irr);
        g_assert_cmphex(is.saved[I8259_SLAVE].irr, ==,
                        was[n].saved[I8259_SLAVE].irr);
        g_assert_cmphex(is.saved[I8259_MASTER].isr, ==,
                        was[n].saved[I8259_MASTER].isr);
        g_assert_cmphex(is.saved[I8259_SLAVE].isr, ==,
                        was[n].saved[I8259_SLAVE].isr);
        g_assert_cmphex(is.saved[I8259_MASTER].priority_add, ==,
                        was[n].saved[I8259_MASTER].priority_add);
        g_assert_cmphex(is.saved[I8259_SLAVE].priority_add, ==,
                        was[n].saved[I8259_SLAVE].priority_add);
    }
}

/* What happens between the INTA cycle and its undoing, by hand */

static void start(I8259Pair *p, I8259Receipt *r, unsigned irq)
{
    power_on(p);
    i8259_pair_set_line(p, irq, true);
    i8259_pair_set_line(p, irq, false);
    *r = take_next(p);
}

static void test_edge_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    start(&p, &r, 0);
    i8259_pair_set_line(&p, 0, true);
    i8259_pair_undo(&p, &r);
    g_assert_cmpuint(p.merged[0], ==, 1);
    g_assert_cmpuint(p.delivered[0], ==, 0);
    g_assert_cmphex(read_irr(&p, I8259_MASTER), ==, 0x01);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0);
    all_accounted(&p);
}

/* The chip that was initialised anew has forgotten; the other has not */
static void test_icw1_since(gconstpointer arg)
{
    I8259Which which = GPOINTER_TO_UINT(arg);
    I8259Receipt r;
    I8259Pair p;

    start(&p, &r, 8);
    init_chip(&p, which, 0x11, 0x01);
    i8259_pair_undo(&p, &r);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0);
    g_assert_cmphex(read_isr(&p, I8259_SLAVE), ==, 0);
    g_assert_cmphex(read_irr(&p, I8259_SLAVE), ==,
                    which == I8259_SLAVE ? 0 : 0x01);
    g_assert_cmpint(p.intr, ==, which == I8259_MASTER);
    g_assert_cmpuint(p.dropped[8], ==, which == I8259_SLAVE);
    all_accounted(&p);
}

static void test_reset_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    start(&p, &r, 1);
    i8259_pair_reset_chip(&p, I8259_MASTER);
    i8259_pair_reset_chip(&p, I8259_SLAVE);
    i8259_pair_undo(&p, &r);
    g_assert_false(p.intr);
    g_assert_cmphex(read_irr(&p, I8259_MASTER), ==, 0);
    g_assert_cmpuint(p.dropped[1], ==, 1);
    all_accounted(&p);
}

static void test_load_since(void)
{
    I8259Pair p, other;
    I8259Receipt r;

    start(&p, &r, 1);
    power_on(&other);
    move_state(&other, &p, false);
    i8259_pair_undo(&p, &r);
    g_assert_false(p.intr);
    g_assert_cmphex(read_irr(&p, I8259_MASTER), ==, 0);
    all_accounted(&p);
}

/* What a load brought in service is not the INTA cycle's of before */
static void test_load_in_service_since(void)
{
    I8259Pair p, other;
    I8259Receipt r, others;

    start(&p, &r, 1);
    start(&other, &others, 1);
    move_state(&other, &p, false);
    i8259_pair_undo(&p, &r);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0x02);
    all_accounted(&p);
}

/* The ISR bit that another INTA cycle of the same line set is that one's */
static void test_taken_again_since(void)
{
    I8259Receipt r, again;
    I8259Pair p;

    start(&p, &r, 3);
    cmd(&p, I8259_MASTER, 0x63);
    i8259_pair_set_line(&p, 3, true);
    again = take_next(&p);
    i8259_pair_undo(&p, &r);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0x08);
    g_assert_cmphex(read_irr(&p, I8259_MASTER), ==, 0x08);
    i8259_pair_undo(&p, &again);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0);
    g_assert_true(p.intr);
    all_accounted(&p);
}

/*
 * One processor handles IRQ5. IRQ3 is for another, which has not taken it when
 * the first ends its own with a non-specific EOI.
 */
static void test_ended_since(gconstpointer arg)
{
    bool again = GPOINTER_TO_INT(arg);
    I8259Receipt r, others;
    I8259Pair p;

    start(&p, &others, 5);
    i8259_pair_set_line(&p, 3, true);
    i8259_pair_set_line(&p, 3, false);
    r = take_next(&p);
    cmd(&p, I8259_MASTER, 0x20);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0x20);
    if (again) {
        i8259_pair_set_line(&p, 3, true);
        take_next(&p);
    }
    i8259_pair_undo(&p, &r);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, again ? 0x08 : 0);
    g_assert_cmphex(read_irr(&p, I8259_MASTER), ==, 0x08);
    all_accounted(&p);
}

static void test_polled_again_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    start(&p, &r, 3);
    cmd(&p, I8259_MASTER, 0x63);
    i8259_pair_set_line(&p, 3, true);
    g_assert_cmphex(poll_chip(&p, I8259_MASTER), ==, 0x83);
    i8259_pair_undo(&p, &r);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0x08);
    all_accounted(&p);
}

/* SFNM: IR2 is in service for two requests of the slave; each undone alone */
static void test_slave_twice(gconstpointer arg)
{
    bool first = GPOINTER_TO_INT(arg);
    I8259Receipt r[2];
    I8259Pair p;

    i8259_pair_init(&p, MASTER_ELCR, SLAVE_ELCR);
    init_chip(&p, I8259_MASTER, 0x11, 0x11);
    init_chip(&p, I8259_SLAVE, 0x11, 0x01);
    i8259_pair_set_line(&p, 12, true);
    r[0] = take_next(&p);
    i8259_pair_set_line(&p, 9, true);
    r[1] = take_next(&p);
    i8259_pair_undo(&p, &r[!first]);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0x04);
    g_assert_cmphex(read_isr(&p, I8259_SLAVE), ==, first ? 0x02 : 0x10);
    if (!first) {
        i8259_pair_undo(&p, &r[0]);
        g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0);
    }
    all_accounted(&p);
}

static void test_level_gone_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    power_on(&p);
    i8259_pair_elcr_write(&p, I8259_MASTER, 0x20);
    i8259_pair_set_line(&p, 5, true);
    r = take_next(&p);
    i8259_pair_set_line(&p, 5, false);
    i8259_pair_undo(&p, &r);
    g_assert_false(p.intr);
    g_assert_cmphex(read_isr(&p, I8259_MASTER), ==, 0);
}

static void test_level_mode_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    start(&p, &r, 5);
    i8259_pair_elcr_write(&p, I8259_MASTER, 0x20);
    i8259_pair_undo(&p, &r);
    g_assert_false(p.intr);
    g_assert_cmpuint(p.dropped[5], ==, 1);
    all_accounted(&p);
}

static void test_masked_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    start(&p, &r, 5);
    data(&p, I8259_MASTER, 0x20);
    i8259_pair_undo(&p, &r);
    g_assert_false(p.intr);
    data(&p, I8259_MASTER, 0);
    g_assert_true(p.intr);
    all_accounted(&p);
}

static void test_rotated_since(void)
{
    I8259Receipt r;
    I8259Pair p;

    i8259_pair_init(&p, MASTER_ELCR, SLAVE_ELCR);
    init_chip(&p, I8259_MASTER, 0x11, 0x03);
    cmd(&p, I8259_MASTER, 0x80);
    i8259_pair_set_line(&p, 4, true);
    r = take_next(&p);
    g_assert_cmpuint(p.chip[I8259_MASTER].top, ==, 5);
    cmd(&p, I8259_MASTER, 0xc0);
    i8259_pair_undo(&p, &r);
    g_assert_cmpuint(p.chip[I8259_MASTER].top, ==, 1);
}

static void test_spurious(gconstpointer arg)
{
    I8259Which which = GPOINTER_TO_UINT(arg);
    unsigned irq = which == I8259_MASTER ? 3 : 11;
    I8259Receipt r;
    Seen was, is;
    I8259Pair p;

    power_on(&p);
    p.withdrawn_is_spurious = true;
    i8259_pair_set_line(&p, irq, true);
    i8259_pair_set_line(&p, irq, false);
    was = look(&p);
    r = take_next(&p);
    g_assert_true(r.inta.spurious);
    g_assert_cmpuint(p.spurious[which], ==, 1);
    i8259_pair_undo(&p, &r);
    g_assert_cmpuint(p.spurious[which], ==, 0);
    is = look(&p);
    same(&was, &is);
    all_accounted(&p);
}

static void test_nothing(void)
{
    I8259Receipt r;
    Seen was, is;
    I8259Pair p;

    start(&p, &r, 0);
    was = look(&p);
    r.ack = 0;
    i8259_pair_undo(&p, &r);
    is = look(&p);
    same(&was, &is);
    g_assert_cmpuint(p.delivered[0], ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autofree char *once =
            g_strdup_printf("/i8259/undo/at-once/%s", modes[i].name);
        g_autofree char *three =
            g_strdup_printf("/i8259/undo/newest-first/%s", modes[i].name);

        g_test_add_data_func(once, &modes[i], test_at_once);
        g_test_add_data_func(three, &modes[i], test_newest_first);
    }
    g_test_add_func("/i8259/undo/edge-since", test_edge_since);
    g_test_add_data_func("/i8259/undo/icw1-since/master",
                         GUINT_TO_POINTER(I8259_MASTER), test_icw1_since);
    g_test_add_data_func("/i8259/undo/icw1-since/slave",
                         GUINT_TO_POINTER(I8259_SLAVE), test_icw1_since);
    g_test_add_func("/i8259/undo/reset-since", test_reset_since);
    g_test_add_func("/i8259/undo/load-since", test_load_since);
    g_test_add_func("/i8259/undo/load-in-service-since",
                    test_load_in_service_since);
    g_test_add_func("/i8259/undo/taken-again-since", test_taken_again_since);
    g_test_add_data_func("/i8259/undo/ended-since/once", NULL,
                         test_ended_since);
    g_test_add_data_func("/i8259/undo/ended-since/taken-again",
                         GINT_TO_POINTER(1), test_ended_since);
    g_test_add_func("/i8259/undo/polled-again-since", test_polled_again_since);
    g_test_add_data_func("/i8259/undo/slave-twice/newest-first",
                         GINT_TO_POINTER(false), test_slave_twice);
    g_test_add_data_func("/i8259/undo/slave-twice/first-alone",
                         GINT_TO_POINTER(true), test_slave_twice);
    g_test_add_func("/i8259/undo/level-gone-since", test_level_gone_since);
    g_test_add_func("/i8259/undo/level-mode-since", test_level_mode_since);
    g_test_add_func("/i8259/undo/masked-since", test_masked_since);
    g_test_add_func("/i8259/undo/rotated-since", test_rotated_since);
    g_test_add_data_func("/i8259/undo/spurious/master",
                         GUINT_TO_POINTER(I8259_MASTER), test_spurious);
    g_test_add_data_func("/i8259/undo/spurious/slave",
                         GUINT_TO_POINTER(I8259_SLAVE), test_spurious);
    g_test_add_func("/i8259/undo/nothing", test_nothing);
    return g_test_run();
}
