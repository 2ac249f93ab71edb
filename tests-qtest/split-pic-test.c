/*
 * The split-i8259 device under -accel qtest
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything a guest and a migration can see of the device, on every machine
 * that has it. INTA cycles come from the IOAPIC: an unmasked ExtINT entry,
 * raised, acknowledges the PIC.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_STOCK_QEMU   optional: a stock QEMU of the same release
 * INTACK_ROM_DIR      where intack-guest.rom is (it is never run here)
 */

#include "qemu/osdep.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "libqtest.h"
#include "pic-stats.h"

enum { MASTER, SLAVE };

enum {
    PIC0 = 0x20,
    PIC1 = 0xa0,
    ELCR0 = 0x4d0,
    ELCR1 = 0x4d1,
    ICW1 = 0x11,
    ICW4 = 0x01,
    ICW4_AEOI = 0x03,
    OCW2_EOI = 0x20,
    OCW3_POLL = 0x0c,
    OCW3_IRR = 0x0a,
    OCW3_ISR = 0x0b,
    OCW3_SMM = 0x68,
    IOAPIC = 0xfec00000,
    INTA_PIN = 20,              /* an IOAPIC pin that no device has */
};

static const char *const machines[] = { "pc", "q35", "microvm" };

static char *rom;
static char *tmp;

typedef struct Pic {
    QTestState *qts;
    char *path[2];
} Pic;

/* The chips' QOM paths, whatever the device is. */
static void pic_find(Pic *p)
{
    QDict *rsp = qtest_qmp(p->qts, "{'execute': 'qom-list', 'arguments':"
                           "{'path': '/machine/unattached'}}");
    QListEntry *e;
    int n = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *child = qobject_to(QDict, qlist_entry_obj(e));

        if (g_str_equal(qdict_get_str(child, "type"), "child<isa-i8259>")) {
            char *path = g_strdup_printf("/machine/unattached/%s",
                                         qdict_get_str(child, "name"));
            QDict *master = qtest_qmp(p->qts, "{'execute': 'qom-get', "
                                      "'arguments': {'path': %s, "
                                      "'property': 'master'}}", path);

            p->path[qdict_get_bool(master, "return") ? MASTER : SLAVE] = path;
            qobject_unref(master);
            n++;
        }
    }
    qobject_unref(rsp);
    if (n == 0) {
        p->path[MASTER] = g_strdup("/machine/split-i8259");
        p->path[SLAVE] = g_strdup("/machine/split-i8259-slave");
    } else {
        g_assert_cmpint(n, ==, 2);
    }
}

static Pic pic_start_binary(const char *var, const char *machine,
                            const char *options, const char *more)
{
    g_autofree char *args = g_strdup_printf(
        "-machine %s%s -nodefaults -m 16 -bios %s %s", machine, options, rom,
        more);
    g_autofree char *ours = g_strdup(getenv("QTEST_QEMU_BINARY"));
    Pic p = { };

    /* qtest_init() knows one name only */
    g_setenv("QTEST_QEMU_BINARY", getenv(var), true);
    p.qts = qtest_init(args);
    g_setenv("QTEST_QEMU_BINARY", ours, true);
    pic_find(&p);
    return p;
}

static Pic pic_start(const char *machine, const char *split)
{
    g_autofree char *options = g_strdup_printf(",pic=on,split-pic=%s", split);

    return pic_start_binary("QTEST_QEMU_BINARY", machine, options, "");
}

static void pic_stop(Pic *p)
{
    qtest_quit(p->qts);
    g_free(p->path[MASTER]);
    g_free(p->path[SLAVE]);
}

static void line(Pic *p, int irq, int level)
{
    qtest_set_irq_in(p->qts, p->path[irq >> 3], NULL, irq & 7, level);
}

static void pulse(Pic *p, int irq)
{
    line(p, irq, 0);
    line(p, irq, 1);
    line(p, irq, 0);
}

static void out(Pic *p, int port, uint8_t val)
{
    qtest_outb(p->qts, port, val);
}

static uint8_t in(Pic *p, int port)
{
    return qtest_inb(p->qts, port);
}

static uint8_t reg(Pic *p, int port, uint8_t ocw3)
{
    out(p, port, ocw3);
    return in(p, port);
}

static void init_chip(Pic *p, int port, uint8_t icw1, uint8_t icw4)
{
    out(p, port, icw1);
    out(p, port + 1, port == PIC0 ? 0x20 : 0x28);
    if (!(icw1 & 2)) {
        out(p, port + 1, port == PIC0 ? 4 : 2);
    }
    out(p, port + 1, icw4);
}

/* Both chips as a PC sets them up, nothing pending, all lines low. */
static void init_pair(Pic *p, uint8_t icw4)
{
    for (int irq = 0; irq < 16; irq++) {
        if (irq != 2) {
            line(p, irq, 0);
        }
    }
    out(p, ELCR0, 0);
    out(p, ELCR1, 0);
    init_chip(p, PIC0, ICW1, icw4);
    init_chip(p, PIC1, ICW1, icw4);
}

static void rte_write(Pic *p, int pin, uint32_t low)
{
    qtest_writel(p->qts, IOAPIC, 0x10 + 2 * pin);
    qtest_writel(p->qts, IOAPIC + 0x10, low);
}

static void inta(Pic *p)
{
    rte_write(p, INTA_PIN, 0x700);
    qtest_set_irq_in(p->qts, "ioapic", NULL, INTA_PIN, 1);
    qtest_set_irq_in(p->qts, "ioapic", NULL, INTA_PIN, 0);
    rte_write(p, INTA_PIN, 0x10000);
}

/* From the first call on INTR no longer goes to the processor. */
static bool intr(Pic *p)
{
    return qtest_get_irq(p->qts, 0);
}

static void watch_intr(Pic *p)
{
    qtest_irq_intercept_out(p->qts, p->path[MASTER]);
}

static QDict *stats(Pic *p)
{
    QDict *rsp = qtest_qmp(p->qts, "{'execute': 'qom-get', 'arguments': "
                           "{'path': %s, 'property': 'stats'}}",
                           p->path[MASTER]);
    QDict *ret = qdict_get_qdict(rsp, "return");

    g_assert_nonnull(ret);
    qobject_ref(ret);
    qobject_unref(rsp);
    return ret;
}

/* Registers */

static void test_registers(const void *arg)
{
    Pic p = pic_start(arg, "on");

    init_pair(&p, ICW4);
    for (int v = 0; v < 256; v += 5) {
        out(&p, PIC0 + 1, v);
        out(&p, PIC1 + 1, v ^ 0xff);
        g_assert_cmphex(in(&p, PIC0 + 1), ==, v);
        g_assert_cmphex(in(&p, PIC1 + 1), ==, v ^ 0xff);
    }
    out(&p, ELCR0, 0xff);
    out(&p, ELCR1, 0xff);
    g_assert_cmphex(in(&p, ELCR0), ==, 0xf8);
    g_assert_cmphex(in(&p, ELCR1), ==, 0xde);
    /* A word access is two bytes. */
    qtest_outw(p.qts, ELCR0, 0x0420);
    g_assert_cmphex(in(&p, ELCR0), ==, 0x20);
    g_assert_cmphex(in(&p, ELCR1), ==, 0x04);
    qtest_outw(p.qts, ELCR0, 0);

    init_pair(&p, ICW4);
    g_assert_cmphex(in(&p, PIC0 + 1), ==, 0);
    pulse(&p, 5);
    pulse(&p, 14);
    g_assert_cmphex(reg(&p, PIC0, OCW3_IRR), ==, 0x24);
    g_assert_cmphex(reg(&p, PIC1, OCW3_IRR), ==, 0x40);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0);
    pic_stop(&p);
}

static void test_cascade(const void *arg)
{
    Pic p = pic_start(arg, "on");

    watch_intr(&p);
    init_pair(&p, ICW4);
    g_assert_false(intr(&p));
    for (int irq = 8; irq < 16; irq++) {
        pulse(&p, irq);
        g_assert_true(intr(&p));
        inta(&p);
        g_assert_cmphex(reg(&p, PIC1, OCW3_ISR), ==, 1 << (irq - 8));
        g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 4);
        out(&p, PIC1, OCW2_EOI);
        out(&p, PIC0, OCW2_EOI);
        g_assert_false(intr(&p));
        g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0);
    }
    /* A masked slave asks for nothing. */
    out(&p, PIC1 + 1, 0xff);
    pulse(&p, 12);
    g_assert_false(intr(&p));
    out(&p, PIC1 + 1, 0xef);
    g_assert_true(intr(&p));
    pic_stop(&p);
}

static void test_inta(const void *arg)
{
    Pic p = pic_start(arg, "on");

    init_pair(&p, ICW4);
    pulse(&p, 7);
    pulse(&p, 1);
    inta(&p);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0x02);
    inta(&p);
    /* IR7 is of lower priority: that was a spurious cycle. */
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0x02);
    out(&p, PIC0, OCW2_EOI);
    inta(&p);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0x80);
    pic_stop(&p);
}

/* An ExtINT entry acknowledges when its pin is raised, never by a write. */
static void test_extint_entry(const void *arg)
{
    Pic p = pic_start(arg, "on");

    init_pair(&p, ICW4);
    pulse(&p, 1);
    rte_write(&p, 3, 0x10700);
    rte_write(&p, 4, 0x00700);
    rte_write(&p, 5, 0x10000);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0);
    qtest_set_irq_in(p.qts, "ioapic", NULL, 3, 1);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0);
    qtest_set_irq_in(p.qts, "ioapic", NULL, 4, 1);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 2);
    pic_stop(&p);
}

/* The device's life */

static void test_reset(const void *arg)
{
    Pic p = pic_start(arg, "on");

    init_pair(&p, ICW4);
    out(&p, PIC0 + 1, 0x5a);
    out(&p, ELCR0, 0x20);
    pulse(&p, 1);
    pulse(&p, 3);
    inta(&p);
    qtest_system_reset(p.qts);
    g_assert_cmphex(in(&p, PIC0 + 1), ==, 0);
    g_assert_cmphex(in(&p, ELCR0), ==, 0);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0);
    g_assert_cmphex(reg(&p, PIC0, OCW3_IRR) & ~1, ==, 0);
    pic_stop(&p);
}

static void test_monitor(const void *arg)
{
    Pic p = pic_start(arg, "on");
    g_autofree char *pic = NULL;
    g_autofree char *irq = NULL;
    QDict *s;

    init_pair(&p, ICW4);
    pulse(&p, 1);
    pulse(&p, 12);
    pulse(&p, 12);
    inta(&p);
    pic = qtest_hmp(p.qts, "info pic");
    g_assert_nonnull(strstr(pic, "pic1: irr=10 imr=00 isr=00"));
    g_assert_nonnull(strstr(pic, "pic0: irr=04 imr=00 isr=02"));
    g_assert_nonnull(strstr(pic, "split-i8259: INTR=0 taken=1 spurious=0"));
    irq = qtest_hmp(p.qts, "info irq");
    g_assert_nonnull(strstr(irq, "IRQ statistics for split-i8259:"));
    g_assert_nonnull(strstr(irq, "\n12: 2"));
    s = stats(&p);
    g_assert_cmpint(counter(s, "raised", 12), ==, 2);
    g_assert_cmpint(counter(s, "merged", 12), ==, 1);
    g_assert_cmpint(counter(s, "delivered", 1), ==, 1);
    g_assert_cmpint(counter(s, "delivered", 12), ==, 0);
    qobject_unref(s);
    pic_stop(&p);
}

/*
 * Whatever is written where: QEMU lives, and after a proper initialisation
 * the pair works.
 */
static void test_hostile(const void *arg)
{
    static const uint16_t ports[] = {
        PIC0, PIC0 + 1, PIC1, PIC1 + 1, ELCR0, ELCR1,
    };
    Pic p = pic_start(arg, "on");
    GRand *r = g_rand_new_with_seed(0x8259);
    QDict *before, *after;

    for (int i = 0; i < 15000; i++) {
        uint16_t port = ports[g_rand_int_range(r, 0, G_N_ELEMENTS(ports))];
        uint32_t val = g_rand_int(r);

        switch (g_rand_int_range(r, 0, 8)) {
        case 0 ... 2:
            out(&p, port, val);
            break;
        case 3:
            qtest_outw(p.qts, port, val);
            break;
        case 4:
            qtest_outl(p.qts, port, val);
            break;
        case 5:
            in(&p, port);
            break;
        case 6:
            qtest_inl(p.qts, port);
            break;
        case 7:
            line(&p, val & 15, (val >> 4) & 1);
            break;
        }
        if (i % 64 == 0) {
            inta(&p);
        }
    }
    g_rand_free(r);

    /* It works as if nothing had happened: each line, once. */
    init_pair(&p, ICW4_AEOI);
    before = stats(&p);
    for (int irq = 0; irq < 16; irq++) {
        if (irq != 2) {
            pulse(&p, irq);
            inta(&p);
        }
    }
    after = stats(&p);
    for (int irq = 0; irq < 16; irq++) {
        g_assert_cmpint(counter(after, "raised", irq) -
                        counter(before, "raised", irq), ==, irq != 2);
        g_assert_cmpint(counter(after, "delivered", irq) -
                        counter(before, "delivered", irq), ==, irq != 2);
    }
    qobject_unref(before);
    qobject_unref(after);
    pic_stop(&p);
}

/*
 * What stock's 8259 does otherwise than the datasheet says. Each returns
 * whether the device at hand does it right.
 */

static bool right_slave_aeoi(Pic *p)
{
    init_chip(p, PIC1, ICW1, ICW4_AEOI);
    pulse(p, 8);
    pulse(p, 9);
    inta(p);
    out(p, PIC0, OCW2_EOI);
    return intr(p);
}

static bool right_slave_poll(Pic *p)
{
    pulse(p, 8);
    out(p, PIC1, OCW3_POLL);
    return in(p, PIC1) == 0x80 && !intr(p);
}

static bool right_smm_updates_int(Pic *p)
{
    bool before;

    pulse(p, 1);
    inta(p);
    out(p, PIC0 + 1, 0x02);
    pulse(p, 3);
    before = intr(p);
    out(p, PIC0, OCW3_SMM);
    return !before && intr(p);
}

static bool right_smm_eoi(Pic *p)
{
    pulse(p, 1);
    inta(p);
    out(p, PIC0 + 1, 0x02);
    out(p, PIC0, OCW3_SMM);
    pulse(p, 3);
    inta(p);
    out(p, PIC0, OCW2_EOI);
    return reg(p, PIC0, OCW3_ISR) == 0x02;
}

static bool right_elcr_write(Pic *p)
{
    bool before;

    line(p, 5, 1);
    inta(p);
    out(p, PIC0, OCW2_EOI);
    before = intr(p);
    out(p, ELCR0, 0x20);
    return !before && intr(p);
}

static bool right_icw1_keeps_level(Pic *p)
{
    init_chip(p, PIC0, ICW1 | 8, ICW4);
    line(p, 5, 1);
    init_chip(p, PIC0, ICW1 | 8, ICW4);
    return reg(p, PIC0, OCW3_IRR) == 0x20 && intr(p);
}

static bool right_icw1_no_int(Pic *p)
{
    bool during;

    out(p, PIC0, ICW1);
    pulse(p, 1);
    during = intr(p);
    out(p, PIC0 + 1, 0x20);
    out(p, PIC0 + 1, 4);
    out(p, PIC0 + 1, ICW4);
    return !during && intr(p);
}

static bool right_icw1_false_edge(Pic *p)
{
    line(p, 3, 1);
    init_chip(p, PIC0, ICW1, ICW4);
    line(p, 3, 1);
    return reg(p, PIC0, OCW3_IRR) == 0;
}

static bool right_sngl(Pic *p)
{
    init_chip(p, PIC0, ICW1 | 2, ICW4);
    pulse(p, 8);
    inta(p);
    return reg(p, PIC0, OCW3_ISR) == 4 && reg(p, PIC1, OCW3_ISR) == 0;
}

static const struct {
    const char *name;
    bool (*right)(Pic *p);
} rights[] = {
    { "slave-aeoi", right_slave_aeoi },
    { "slave-poll", right_slave_poll },
    { "smm-updates-int", right_smm_updates_int },
    { "smm-eoi", right_smm_eoi },
    { "elcr-write", right_elcr_write },
    { "icw1-keeps-level", right_icw1_keeps_level },
    { "icw1-no-int", right_icw1_no_int },
    { "icw1-false-edge", right_icw1_false_edge },
    { "sngl", right_sngl },
};

static void test_right(const void *arg)
{
    int i = GPOINTER_TO_INT(arg);
    static const char *const split[] = { "on", "off" };

    for (int off = 0; off < 2; off++) {
        Pic p = pic_start("pc", split[off]);

        watch_intr(&p);
        init_pair(&p, ICW4);
        /* Stock does it wrong: else the test would hold nothing. */
        g_assert_cmpint(rights[i].right(&p), ==, !off);
        pic_stop(&p);
    }
}

/* Migration */

static void wait_migration(QTestState *qts)
{
    for (;;) {
        QDict *rsp = qtest_qmp(qts, "{'execute': 'query-migrate'}");
        QDict *ret = qdict_get_qdict(rsp, "return");
        g_autofree char *status =
            g_strdup(qdict_get_try_str(ret, "status") ?: "none");

        qobject_unref(rsp);
        g_assert_cmpstr(status, !=, "failed");
        if (g_str_equal(status, "completed")) {
            return;
        }
        g_usleep(2000);
    }
}

/* The lines of "info pic" that every 8259 of QEMU prints alike, pic0 first. */
static char *pic_lines(Pic *p)
{
    g_autofree char *all = qtest_hmp(p->qts, "info pic");
    g_auto(GStrv) lines = g_strsplit(all, "\r\n", -1);
    GString *s = g_string_new(NULL);

    for (char chip = '0'; chip <= '1'; chip++) {
        for (int i = 0; lines[i]; i++) {
            if (g_str_has_prefix(lines[i], "pic") && lines[i][3] == chip) {
                g_string_append_printf(s, "%s\n", lines[i]);
            }
        }
    }
    g_assert_nonnull(strstr(s->str, "pic1"));
    return g_string_free(s, false);
}

static Pic stream_end(const char *end, const char *machine, const char *more)
{
    if (g_str_equal(end, "stock")) {
        return pic_start_binary("INTACK_STOCK_QEMU", machine, ",pic=on", more);
    }
    g_autofree char *options = g_strdup_printf(",pic=on,split-pic=%s", end);

    return pic_start_binary("QTEST_QEMU_BINARY", machine, options, more);
}

static void stream(const char *machine, const char *from, const char *to)
{
    g_autofree char *file = g_strdup_printf("%s/stream", tmp);
    g_autofree char *uri = g_strdup_printf("file:%s", file);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    Pic src = stream_end(from, machine, "-device i8042");
    Pic dst = stream_end(to, machine, "-device i8042 -incoming defer");

    watch_intr(&dst);
    init_pair(&src, ICW4);
    out(&src, ELCR1, 0x08);
    out(&src, PIC0 + 1, 0x10);
    /* In service: IRQ4. Pending: the keyboard, IRQ14, a level line's IRQ11. */
    out(&src, PIC0 + 1, 0);
    pulse(&src, 4);
    inta(&src);
    out(&src, PIC1, 0xc3);
    pulse(&src, 14);
    line(&src, 11, 1);
    out(&src, PIC0, OCW3_ISR);
    qtest_outb(src.qts, 0x64, 0x60);
    qtest_outb(src.qts, 0x60, 0x01);
    qtest_outb(src.qts, 0x64, 0xd2);
    qtest_outb(src.qts, 0x60, 0x55);
    out(&src, PIC0, OCW3_IRR);
    g_assert_cmphex(in(&src, PIC0) & 2, ==, 2);

    before = pic_lines(&src);
    qtest_qmp_assert_success(src.qts, "{'execute': 'migrate', 'arguments': "
                             "{'uri': %s}}", uri);
    wait_migration(src.qts);
    qtest_qmp_assert_success(dst.qts, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s}}", uri);
    wait_migration(dst.qts);

    after = pic_lines(&dst);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmphex(in(&dst, PIC0) & 2, ==, 2);
    if (g_str_equal(to, "on")) {
        /* INTR's level is the PIC's again, without any line having moved. */
        qtest_qmp_eventwait(dst.qts, "RESUME");
        g_assert_true(intr(&dst));
    }
    inta(&dst);
    g_assert_cmphex(reg(&dst, PIC0, OCW3_ISR), ==, 0x12);
    out(&dst, PIC0, OCW2_EOI);
    out(&dst, PIC0, OCW2_EOI);
    inta(&dst);
    g_assert_cmphex(reg(&dst, PIC0, OCW3_ISR), ==, 0x04);
    g_assert_cmphex(reg(&dst, PIC1, OCW3_ISR), ==, 0x40);
    out(&dst, PIC1, OCW2_EOI);
    out(&dst, PIC0, OCW2_EOI);
    inta(&dst);
    g_assert_cmphex(reg(&dst, PIC1, OCW3_ISR), ==, 0x08);
    pic_stop(&src);
    pic_stop(&dst);
    unlink(file);
}

static const struct {
    const char *from, *to;
} ends[] = {
    { "on", "on" },
    { "on", "off" },
    { "off", "on" },
    { "on", "stock" },
    { "stock", "on" },
};

static void test_stream(const void *arg)
{
    int i = GPOINTER_TO_INT(arg) / 3;
    const char *machine = machines[GPOINTER_TO_INT(arg) % 3];

    if (!getenv("INTACK_STOCK_QEMU") &&
        (g_str_equal(ends[i].from, "stock") ||
         g_str_equal(ends[i].to, "stock"))) {
        g_test_skip("no stock QEMU (INTACK_STOCK_QEMU)");
        return;
    }
    stream(machine, ends[i].from, ends[i].to);
}

/* Properties and errors */

static bool has_path(Pic *p, const char *path)
{
    QDict *rsp = qtest_qmp(p->qts, "{'execute': 'qom-list', 'arguments':"
                           "{'path': %s}}", path);
    bool found = qdict_haskey(rsp, "return");

    qobject_unref(rsp);
    return found;
}

static void test_auto(const void *arg)
{
    static const struct {
        const char *options;
        bool split;
    } modes[] = {
        { ",pic=on", false },
        { ",pic=on,split-pic=auto", false },
        { ",pic=on,split-pic=off", false },
        { ",pic=on,split-pic=on", true },
        { ",pic=off", false },
        { ",pic=off,split-pic=off", false },
    };

    for (int i = 0; i < G_N_ELEMENTS(modes); i++) {
        Pic p = pic_start_binary("QTEST_QEMU_BINARY", arg, modes[i].options,
                                 "");

        g_assert_cmpint(has_path(&p, "/machine/split-i8259"), ==,
                        modes[i].split);
        pic_stop(&p);
    }
}

/* The exit status as a shell has it, and what was said. */
static int run(const char *command, char **text)
{
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL,
                               text, &status, NULL));
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_errors(void)
{
    static const struct {
        const char *machine, *text;
    } bad[] = {
        { "pc,split-pic=on,pic=off", "split-pic=on: this machine has no 8259" },
        { "q35,split-pic=on,pic=off",
          "split-pic=on: this machine has no 8259" },
        { "microvm,split-pic=on,pic=off",
          "split-pic=on: this machine has no 8259" },
        { "pc,split-pic=maybe", "maybe" },
        { "pc,split-pic=", "split-pic" },
        { "pc -device split-i8259", "use -machine split-pic=on" },
        { "pc,split-pic=on -device split-i8259", "use -machine split-pic=on" },
    };

    for (int i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *cmd = g_strdup_printf(
            "timeout 20 '%s' -accel qtest -display none -nodefaults -m 16 "
            "-bios '%s' -machine %s", getenv("QTEST_QEMU_BINARY"), rom,
            bad[i].machine);
        g_autofree char *text = NULL;

        g_assert_cmpint(run(cmd, &text), ==, 1);
        g_assert_nonnull(strstr(text, bad[i].text));
    }
}

static void test_help(void)
{
    static const struct {
        const char *args, *text;
    } help[] = {
        { "-machine pc,help", "split-pic=<OnOffAuto>" },
        { "-machine q35,help", "split-pic=<OnOffAuto>" },
        { "-machine microvm,help", "split-pic=<OnOffAuto>" },
        { "-device help", "split-i8259" },
        { "-device split-i8259,help", "withdrawn-edge-spurious=<bool>" },
    };

    for (int i = 0; i < G_N_ELEMENTS(help); i++) {
        g_autofree char *cmd = g_strdup_printf(
            "timeout 20 '%s' -accel qtest %s >&2",
            getenv("QTEST_QEMU_BINARY"), help[i].args);
        g_autofree char *text = NULL;

        run(cmd, &text);
        g_assert_nonnull(strstr(text, help[i].text));
    }
}

/*
 * pic=off, an ExtINT entry written, and its pin raised. 124: still alive when
 * its time was up; above 128: killed by a signal.
 */
static int extint_without_pic(const char *binary, const char *accel)
{
    g_autofree char *cmd = g_strdup_printf(
        "{ printf 'writel 0xfec00000 0x38\\nwritel 0xfec00010 0x700\\n"
        "set_irq_in ioapic unnamed-gpio-in 20 1\\n'; sleep 2; } | "
        "timeout 3 '%s' -qtest stdio -S -display none -nodefaults -m 16 "
        "-bios '%s' -accel %s >/dev/null", binary, rom, accel);
    g_autofree char *text = NULL;

    return run(cmd, &text);
}

static void test_pic_off(const void *arg)
{
    const char *accel = arg;
    const char *stock = getenv("INTACK_STOCK_QEMU");

    if (g_str_has_prefix(accel, "kvm") && access("/dev/kvm", R_OK | W_OK)) {
        g_test_skip("no usable /dev/kvm");
        return;
    }
    g_assert_cmpint(extint_without_pic(getenv("QTEST_QEMU_BINARY"), accel), ==,
                    124);
    if (stock) {
        g_assert_cmpint(extint_without_pic(stock, accel), >, 128);
    }
}

/* The documented property: an edge that is withdrawn is answered as IR7. */
static void test_withdrawn(void)
{
    Pic p = pic_start_binary("QTEST_QEMU_BINARY", "pc", ",split-pic=on",
                             "-global split-i8259.withdrawn-edge-spurious=on");
    QDict *s;

    init_pair(&p, ICW4);
    pulse(&p, 1);
    inta(&p);
    g_assert_cmphex(reg(&p, PIC0, OCW3_ISR), ==, 0);
    s = stats(&p);
    g_assert_cmpint(counter(s, "spurious", MASTER), ==, 1);
    qobject_unref(s);
    pic_stop(&p);
}

/*
 * Two vCPUs on 20h and A0h, every register of both chips, while the PIT, the
 * RTC and the keyboard interrupt one of them: no handler run is lost or added.
 */
static void test_hammer(void)
{
    enum {
        R_STATE = 0x804, R_RESULT = 0x808, R_COUNT = 0x840, ST_DONE = 0xd0e,
    };
    g_autofree char *args = g_strdup_printf(
        "-accel tcg,thread=multi -machine pc,split-pic=on -smp 2 -nodefaults "
        "-m 16 -bios %s "
        "-device loader,addr=0x600,data=12,data-len=4 "
        "-device loader,addr=0x608,data=1000,data-len=4 "
        "-device loader,addr=0x610,data=2,data-len=4 "
        "-device loader,addr=0x614,data=0x103,data-len=4", rom);
    Pic p = { .qts = qtest_init(args) };
    QDict *s;

    pic_find(&p);
    for (int i = 0; qtest_readl(p.qts, R_STATE) != ST_DONE; i++) {
        g_assert_cmpint(i, <, 6000);
        g_usleep(10000);
    }
    g_assert_cmpint(qtest_readl(p.qts, R_RESULT), ==, 1);
    s = stats(&p);
    for (int irq = 0; irq < 16; irq++) {
        int64_t delivered = counter(s, "delivered", irq);

        g_assert_cmpint(delivered, ==, qtest_readl(p.qts, R_COUNT + 4 * irq));
        g_assert_cmpint(counter(s, "raised", irq), >=, delivered);
    }
    g_assert_cmpint(counter(s, "delivered", 0), >=, 1000);
    g_assert_cmpint(counter(s, "delivered", 8), >, 0);
    qobject_unref(s);
    pic_stop(&p);
}

int main(int argc, char **argv)
{
    const char *dir = getenv("INTACK_ROM_DIR") ?: ".";
    static const struct {
        const char *name;
        void (*fn)(const void *arg);
    } each[] = {
        { "registers", test_registers },
        { "cascade", test_cascade },
        { "inta", test_inta },
        { "extint-entry", test_extint_entry },
        { "reset", test_reset },
        { "monitor", test_monitor },
        { "hostile", test_hostile },
        { "auto", test_auto },
    };
    int ret;

    g_test_init(&argc, &argv, NULL);
    rom = g_build_filename(dir, "intack-guest.rom", NULL);
    tmp = g_dir_make_tmp("split-pic-XXXXXX", NULL);

    for (int m = 0; m < G_N_ELEMENTS(machines); m++) {
        for (int i = 0; i < G_N_ELEMENTS(each); i++) {
            g_autofree char *path = g_strdup_printf("split-pic/%s/%s",
                                                    machines[m], each[i].name);

            qtest_add_data_func(path, machines[m], each[i].fn);
        }
        for (int i = 0; i < G_N_ELEMENTS(ends); i++) {
            g_autofree char *path =
                g_strdup_printf("split-pic/%s/stream/%s-to-%s", machines[m],
                                ends[i].from, ends[i].to);

            qtest_add_data_func(path, GINT_TO_POINTER(i * 3 + m), test_stream);
        }
    }
    for (int i = 0; i < G_N_ELEMENTS(rights); i++) {
        g_autofree char *path = g_strdup_printf("split-pic/datasheet/%s",
                                                rights[i].name);

        qtest_add_data_func(path, GINT_TO_POINTER(i), test_right);
    }
    qtest_add_func("split-pic/errors", test_errors);
    qtest_add_func("split-pic/help", test_help);
    qtest_add_func("split-pic/withdrawn", test_withdrawn);
    qtest_add_func("split-pic/hammer", test_hammer);
    qtest_add_data_func("split-pic/pic-off/pin", "qtest -machine pc,pic=off",
                        test_pic_off);
    qtest_add_data_func("split-pic/pic-off/kvm-register",
                        "kvm -machine pc,pic=off,kernel-irqchip=split",
                        test_pic_off);
    ret = g_test_run();
    rmdir(tmp);
    return ret;
}
