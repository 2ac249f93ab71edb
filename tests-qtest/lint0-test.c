/*
 * INTR and an LVT0 in other modes than ExtINT, under KVM and TCG
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small guest (guest/lint0.S) sets LVT0 of its CPUs as the test says and
 * counts what comes: no INTA, no EOI of the PIC, an EOI of the local APIC only.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_STOCK_QEMU   optional: a stock QEMU of the same release
 * INTACK_ROM_DIR      where intack-guest.rom is (default: beside the test)
 */

#include "qemu/osdep.h"
#include "libqtest.h"
#include "kvm-probe.h"
#include "pic-stats.h"
#include "qmp-job.h"

/* guest/guest.inc has the same numbers */
enum {
    P_SCENARIO = 0x600,
    P_HZ       = 0x604,
    P_COUNT    = 0x608,
    P_FLAGS    = 0x60c,
    P_CPUS     = 0x610,
    P_SOURCES  = 0x614,
    P_TIMER    = 0x61c,
    P_GO       = 0x640,
    P_LINT0    = 0x6c0,

    R_BOOTS    = 0x800,
    R_STATE    = 0x804,
    R_BEAT     = 0x810,
    R_OLD      = 0x814,
    R_COUNT    = 0x840,
    R_POLLED   = 0x888,
    R_NMI      = 0x88c,
    R_STRAY    = 0x890,
    R_LINT0    = 0x8a4,

    PERCPU     = 0x1000,
    C_STATE    = 0x08,
    C_BEAT     = 0x0c,
    C_NMI      = 0x14,
    C_LINT0    = 0x1c,
};

enum { G_START = 1, G_STOP, G_SERIAL, G_CLOSE, G_OPEN };
enum { S_PIT = 0x001, S_SERIAL = 0x010 };
enum { F_POLL = 2, F_CLI = 4 };
enum { SCN_MASKED = 3, SCN_LINT0 = 18 };
enum { ST_GO = 2 };

#define VECTOR          0x71u
#define FIXED           VECTOR
#define FIXED_LEVEL     (0x8000u | VECTOR)
#define NMI             0x400u
#define INIT            0x500u
#define EXTINT          0x700u
#define MASKED          0x10700u
#define HALT            0x08000000u

typedef struct Machine {
    const char *name;
    const char *args;
    bool kvm;
} Machine;

static const Machine machines[] = {
    { "kvm/pc", "-accel kvm -machine pc,kernel-irqchip=split,lint0-fixed=on",
      true },
    { "kvm/q35", "-accel kvm -machine q35,kernel-irqchip=split,lint0-fixed=on",
      true },
    { "tcg/pc", "-accel tcg -machine pc,split-pic=on,lint0-fixed=on",
      false },
    { "tcg/q35", "-accel tcg -machine q35,split-pic=on,lint0-fixed=on",
      false },
};

static const Machine kvm_off = {
    "kvm/pc", "-accel kvm -machine pc,kernel-irqchip=split", true
};

static char *guest_rom;
static const char *no_kvm;      /* why KVM is of no use here */

static bool skip(const Machine *m)
{
    if (m->kvm && no_kvm) {
        g_test_skip(no_kvm);
        return true;
    }
    return false;
}

static uint32_t cpu_word(QTestState *qts, int cpu, int field)
{
    return qtest_readl(qts, PERCPU + 256 * cpu + field);
}

static bool reaches(QTestState *qts, uint32_t addr, uint32_t value)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    while (qtest_readl(qts, addr) < value) {
        if (g_get_monotonic_time() > end) {
            g_test_message("%x: %u", addr, qtest_readl(qts, addr));
            return false;
        }
        g_usleep(2000);
    }
    return true;
}

static QTestState *start_scenario(const Machine *m, int scenario, int flags,
                                  int sources, int hz, const char *opts)
{
    g_autofree char *args = g_strdup_printf(
        "%s -nodefaults -m 16 -smp 2 -bios %s -serial null %s "
        "-device loader,addr=%d,data=%d,data-len=4 "
        "-device loader,addr=%d,data=%d,data-len=4 "
        "-device loader,addr=%d,data=%d,data-len=4 "
        "-device loader,addr=%d,data=%d,data-len=4 "
        "-device loader,addr=%d,data=2,data-len=4 "
        "-device loader,addr=%d,data=3,data-len=4 "
        "-device loader,addr=%d,data=1,data-len=4 "
        "-device loader,addr=%d,data=%u,data-len=4 "
        "-device loader,addr=%d,data=%u,data-len=4",
        m->args, guest_rom, opts, P_SCENARIO, scenario, P_FLAGS, flags,
        P_SOURCES, sources, P_HZ, hz, P_CPUS, P_COUNT, P_TIMER, P_LINT0,
        MASKED, P_LINT0 + 4, MASKED);

    return qtest_init(args);
}

/* The boot CPU does it now */
static void go(QTestState *qts, int command)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    qtest_writel(qts, P_GO, command);
    while (qtest_readl(qts, P_GO)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(1000);
    }
}

/* @cpu runs and has set its LVT0 */
static void set_lvt0(QTestState *qts, int cpu, uint32_t lvt0)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    qtest_writel(qts, P_LINT0 + 4 * cpu, lvt0);
    while (cpu_word(qts, cpu, C_STATE) != lvt0) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(1000);
    }
}

/*
 * Two CPUs, LINT0 masked; a source of which is open in the PIC, but for the PIT
 * is at rest, its line high.
 */
static QTestState *start(const Machine *m, int sources, int hz,
                         const char *opts)
{
    QTestState *qts = start_scenario(m, SCN_LINT0, 0, sources, hz, opts);

    g_assert_true(reaches(qts, R_STATE, ST_GO));
    set_lvt0(qts, 1, MASKED);
    go(qts, G_STOP);
    g_usleep(10000);
    return qts;
}

static QDict *stats(QTestState *qts)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/split-i8259',"
                           "'property': 'stats'}}");
    QDict *ret = qdict_get_qdict(rsp, "return");

    g_assert_nonnull(ret);
    qobject_ref(ret);
    qobject_unref(rsp);
    return ret;
}

static int64_t raised(QTestState *qts, int irq)
{
    QDict *s = stats(qts);
    int64_t n = counter(s, "raised", irq);

    qobject_unref(s);
    return n;
}

/* Counter @name of LVT0's, of that CPU */
static int64_t lint0(QTestState *qts, int cpu, const char *name)
{
    QDict *s = stats(qts);
    int64_t n = 0;
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(s, "lint0"), e) {
        QDict *d = qobject_to(QDict, qlist_entry_obj(e));

        if (qdict_get_int(d, "index") == cpu) {
            n = qdict_get_int(d, name);
        }
    }
    qobject_unref(s);
    return n;
}

/* Of each rise of the pin a vCPU has one of these. Ends the guest. */
static void check_rises(QTestState *qts)
{
    int64_t rises;
    QDict *s;
    int cpu;

    qtest_qmp_assert_success(qts, "{'execute': 'stop'}");
    s = stats(qts);
    rises = qdict_get_int(s, "pin-rises");
    for (cpu = 0; cpu < 2; cpu++) {
        int64_t sent = lint0(qts, cpu, "sent");
        int64_t missed = lint0(qts, cpu, "missed");
        int64_t merged = lint0(qts, cpu, "merged");
        int64_t closed = lint0(qts, cpu, "closed");

        g_test_message("CPU %d: %" PRId64 " rises, %" PRId64 " sent, %" PRId64
                       " missed, %" PRId64 " merged, %" PRId64 " closed, %"
                       PRId64 " looks", cpu, rises, sent, missed, merged,
                       closed, lint0(qts, cpu, "looks"));
        g_assert_cmpint(rises, ==, sent + missed + merged + closed);
        g_assert_cmpint(lint0(qts, cpu, "failed"), ==, 0);
    }
    qobject_unref(s);
}

/* What has been raised is delivered and handled */
static void settle(QTestState *qts)
{
    go(qts, G_STOP);
    g_usleep(100000);
}

/*
 * Ticks: each rise of IRQ0 runs the handler once, but for those that came
 * before the one before was looked at, or taken out of IRR.
 */
typedef struct Ticks {
    const Machine *m;
    unsigned cpus;              /* whose LVT0 is Fixed, a bit each */
    uint32_t bits;              /* besides */
    int hz;
} Ticks;

static void check_ticks(QTestState *qts, int cpu, int64_t ticks)
{
    uint32_t came = cpu_word(qts, cpu, C_LINT0);
    int64_t merged = lint0(qts, cpu, "merged");

    g_test_message("CPU %d: %" PRId64 " ticks, %u handled, %" PRId64
                   " merged", cpu, ticks, came, merged);
    g_assert_cmpint(came, ==, lint0(qts, cpu, "sent"));
    g_assert_cmpint(came, ==, ticks - merged);
}

static void test_ticks(const void *data)
{
    const Ticks *t = data;
    QTestState *qts;
    int64_t before;
    int cpu;

    if (skip(t->m)) {
        return;
    }
    qts = start(t->m, S_PIT, t->hz, "");
    /* As Linux does: LVT0, then the PIC's mask. Its line is high: the first */
    for (cpu = 0; cpu < 2; cpu++) {
        if (t->cpus >> cpu & 1) {
            set_lvt0(qts, cpu, FIXED);
        }
    }
    before = raised(qts, 0);
    go(qts, G_OPEN);
    go(qts, G_START);
    for (cpu = 0; cpu < 2; cpu++) {
        if (t->bits && (t->cpus >> cpu & 1)) {
            set_lvt0(qts, cpu, FIXED | t->bits);
        }
    }
    for (cpu = 0; cpu < 2; cpu++) {
        if (t->cpus >> cpu & 1) {
            g_assert_true(reaches(qts, PERCPU + 256 * cpu + C_LINT0,
                                  t->hz / 2));
        }
    }
    settle(qts);
    for (cpu = 0; cpu < 2; cpu++) {
        if (t->cpus >> cpu & 1) {
            check_ticks(qts, cpu, raised(qts, 0) - before + 1);
        } else {
            g_assert_cmpuint(cpu_word(qts, cpu, C_LINT0), ==, 0);
        }
    }
    check_rises(qts);
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    g_assert_cmpuint(qtest_readl(qts, R_COUNT), ==, 0);
    qtest_quit(qts);
}

/* Without: what LVT0 says is nobody's concern, and nothing comes */
static void test_off(const void *data)
{
    const char *stock = data;
    g_autofree char *binary = g_strdup(getenv("QTEST_QEMU_BINARY"));
    QTestState *qts;

    if (skip(&kvm_off)) {
        return;
    }
    if (stock) {
        g_setenv("QTEST_QEMU_BINARY", stock, true);
    }
    qts = start(&kvm_off, S_PIT, 1000, "");
    g_setenv("QTEST_QEMU_BINARY", binary, true);
    set_lvt0(qts, 0, FIXED);
    set_lvt0(qts, 1, FIXED);
    go(qts, G_OPEN);
    go(qts, G_START);
    g_usleep(500000);
    g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 0);
    /* ExtINT works, so the ticks were there */
    set_lvt0(qts, 0, EXTINT);
    g_assert_true(reaches(qts, R_COUNT, 100));
    qtest_quit(qts);
}

/* Fixed, masked, ExtINT, Fixed; NMI; on one CPU while the PIT runs */
static void test_switch(const void *data)
{
    const Machine *m = data;
    QTestState *qts;
    uint32_t n, irq0;
    int round;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_PIT, 1000, "");
    set_lvt0(qts, 0, FIXED);
    go(qts, G_OPEN);
    go(qts, G_START);
    for (round = 0; round < 5; round++) {
        n = qtest_readl(qts, R_LINT0);
        g_assert_true(reaches(qts, R_LINT0, n + 50));
        set_lvt0(qts, 0, MASKED);
        n = qtest_readl(qts, R_LINT0);
        irq0 = qtest_readl(qts, R_COUNT);
        g_usleep(50000);
        /* The last one may have been on its way */
        g_assert_cmpuint(qtest_readl(qts, R_LINT0), <=, n + 1);
        g_assert_cmpuint(qtest_readl(qts, R_COUNT), ==, irq0);
        n = qtest_readl(qts, R_LINT0);
        set_lvt0(qts, 0, EXTINT);
        g_assert_true(reaches(qts, R_COUNT, irq0 + 50));
        g_assert_cmpuint(qtest_readl(qts, R_LINT0), <=, n + 1);
        set_lvt0(qts, 0, FIXED);
    }
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    n = qtest_readl(qts, R_LINT0);
    g_assert_true(reaches(qts, R_LINT0, n + 50));
    set_lvt0(qts, 0, NMI);
    g_assert_true(reaches(qts, R_NMI, 50));
    g_assert_cmpuint(cpu_word(qts, 1, C_NMI), ==, 0);
    set_lvt0(qts, 0, MASKED);
    settle(qts);
    check_rises(qts);
    qtest_quit(qts);
}

/* The watchdog of old: NMIs by LINT0, edge-triggered whatever LVT0 says */
static void test_nmi(const void *data)
{
    const Machine *m = data;
    QTestState *qts;
    int cpu;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_PIT, 100, "");
    set_lvt0(qts, 0, NMI);
    set_lvt0(qts, 1, NMI | FIXED_LEVEL);
    go(qts, G_OPEN);
    go(qts, G_START);
    g_assert_true(reaches(qts, PERCPU + C_NMI, 50));
    g_assert_true(reaches(qts, PERCPU + 256 + C_NMI, 50));
    settle(qts);
    for (cpu = 0; cpu < 2; cpu++) {
        int64_t sent = lint0(qts, cpu, "sent");
        uint32_t came = cpu_word(qts, cpu, C_NMI);

        g_test_message("CPU %d: %" PRId64 " sent, %u handled", cpu, sent, came);
        if (m->kvm) {
            /* Of three at once KVM drops one, and does not tell */
            g_assert_cmpint(came, <=, sent);
        } else {
            g_assert_cmpint(came, ==, sent);
        }
    }
    g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 0);
    check_rises(qts);
    qtest_quit(qts);
}

/* A CPU in HLT takes it, waits for its SIPI, and has LVT0 masked then */
static void test_init(const void *data)
{
    const Machine *m = data;
    uint32_t beat, cpu0;
    QTestState *qts;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_PIT, 1000, "");
    set_lvt0(qts, 1, INIT | HALT);
    go(qts, G_OPEN);
    go(qts, G_START);
    g_usleep(200000);
    beat = cpu_word(qts, 1, C_BEAT);
    cpu0 = cpu_word(qts, 0, C_BEAT);
    /* An interrupt would wake it from HLT */
    set_lvt0(qts, 0, FIXED);
    qtest_writel(qts, P_LINT0 + 4, FIXED);
    g_assert_true(reaches(qts, R_LINT0, 50));
    qtest_qmp_assert_success(qts, "{'execute': 'inject-nmi'}");
    g_usleep(50000);
    g_assert_cmpuint(cpu_word(qts, 1, C_BEAT), ==, beat);
    g_assert_cmpuint(cpu_word(qts, 1, C_LINT0), ==, 0);
    g_assert_cmpuint(cpu_word(qts, 0, C_BEAT), !=, cpu0);
    g_assert_cmpint(lint0(qts, 1, "sent"), ==, 1);
    check_rises(qts);
    qtest_quit(qts);
}

/*
 * Level-triggered, the handler ends the interrupt twice before it quietens the
 * device: it runs three times for each request.
 */
static void test_level(const void *data)
{
    const Machine *m = data;
    QTestState *qts;
    int i;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_SERIAL, 1000, "");
    go(qts, G_OPEN);
    set_lvt0(qts, 1, FIXED_LEVEL);
    for (i = 1; i <= 5; i++) {
        /*
         * In service for long, and the pin high: not delivered meanwhile. A
         * KVM that emulates the guest shows no ISR bit.
         */
        qtest_writel(qts, P_TIMER, i < 5 || m->kvm ? 1 : 300000);
        go(qts, G_SERIAL);
        g_assert_true(reaches(qts, R_LINT0, 3 * i));
        g_usleep(100000);
        g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 3 * i);
    }
    g_assert_cmpuint(cpu_word(qts, 0, C_LINT0), ==, 0);
    qtest_writel(qts, P_TIMER, 1);
    /* As an edge it is one */
    set_lvt0(qts, 1, FIXED);
    go(qts, G_CLOSE);
    go(qts, G_OPEN);
    go(qts, G_SERIAL);
    g_assert_true(reaches(qts, R_LINT0, 16));
    g_usleep(100000);
    g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 16);
    /* Still high: opened as a level it comes */
    set_lvt0(qts, 1, FIXED_LEVEL);
    g_assert_true(reaches(qts, R_LINT0, 18));
    g_usleep(100000);
    g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 18);
    qtest_quit(qts);
}

/* A guest that polls the PIC is left alone, on all CPUs */
static void test_masked(const void *data)
{
    const Machine *m = data;
    int64_t looks[2], begin;
    QTestState *qts;
    double s;
    int cpu;

    if (skip(m)) {
        return;
    }
    qts = start_scenario(m, SCN_MASKED, F_POLL | F_CLI, S_PIT, 1000, "");
    g_assert_true(reaches(qts, R_POLLED, 200));
    begin = g_get_monotonic_time();
    for (cpu = 0; cpu < 2; cpu++) {
        looks[cpu] = lint0(qts, cpu, "looks");
    }
    g_assert_true(reaches(qts, R_POLLED, 2200));
    s = (g_get_monotonic_time() - begin) / 1e6;
    for (cpu = 0; cpu < 2; cpu++) {
        int64_t n = lint0(qts, cpu, "looks") - looks[cpu];

        g_test_message("CPU %d: %" PRId64 " looks in %.2f s", cpu, n, s);
        g_assert_cmpint(n, <=, 10 * s + 1);
        g_assert_cmpint(lint0(qts, cpu, "sent"), ==, 0);
    }
    check_rises(qts);
    qtest_quit(qts);
}

/* Nothing of the life before */
static void test_reset(const void *data)
{
    const Machine *m = data;
    QTestState *qts;
    int i;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_PIT, 1000, "");
    for (i = 1; i <= 5; i++) {
        set_lvt0(qts, 0, FIXED);
        set_lvt0(qts, 1, FIXED);
        go(qts, G_OPEN);
        go(qts, G_START);
        g_assert_true(reaches(qts, PERCPU + C_LINT0, 20));
        g_assert_true(reaches(qts, PERCPU + 256 + C_LINT0, 20));
        qtest_qmp_assert_success(qts, "{'execute': 'system_reset'}");
        g_assert_true(reaches(qts, R_BOOTS, i + 1));
        g_assert_true(reaches(qts, R_STATE, ST_GO));
        set_lvt0(qts, 1, MASKED);
        g_usleep(20000);
        g_assert_cmpuint(qtest_readl(qts, R_OLD), ==, 0);
        g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 0);
        g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    }
    qtest_quit(qts);
}

/* To a new QEMU. What the old one has sent is added, if it was for rises. */
static QTestState *migrate(QTestState *from, const Machine *m, int64_t *sent)
{
    g_autofree char *file = migrate_to_file(from);
    g_autofree char *in = g_strdup_printf("-incoming file:%s", file);
    QTestState *to;

    if (sent) {
        sent[0] += lint0(from, 0, "sent");
        sent[1] += lint0(from, 1, "sent");
        check_rises(from);
    }
    qtest_quit(from);

    to = start_scenario(m, SCN_LINT0, 0, S_PIT, 100, in);
    wait_for_migration(to);
    unlink(file);
    return to;
}

/*
 * To a new QEMU and on: what is sent is handled once, on whichever side, and
 * each rise is accounted for there.
 */
static void test_migrate(const void *data)
{
    const Machine *m = data;
    int64_t sent[2] = { };
    QTestState *qts;
    int i, cpu;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_PIT, 500, "");
    set_lvt0(qts, 0, FIXED);
    set_lvt0(qts, 1, FIXED);
    go(qts, G_OPEN);
    go(qts, G_START);
    for (i = 0; i < 4; i++) {
        for (cpu = 0; cpu < 2; cpu++) {
            uint32_t n = cpu_word(qts, cpu, C_LINT0);

            g_assert_true(reaches(qts, PERCPU + 256 * cpu + C_LINT0, n + 50));
        }
        qts = migrate(qts, m, sent);
    }
    settle(qts);
    check_rises(qts);
    for (cpu = 0; cpu < 2; cpu++) {
        uint32_t came = cpu_word(qts, cpu, C_LINT0);

        sent[cpu] += lint0(qts, cpu, "sent");
        g_test_message("CPU %d: %" PRId64 " sent, %u handled", cpu, sent[cpu],
                       came);
        g_assert_cmpint(came, ==, sent[cpu]);
    }
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    qtest_quit(qts);
}

/* INTR is up when it happens: no edge comes of that, a level does */
static void test_migrate_up(const void *data)
{
    const Machine *m = data;
    QTestState *qts;

    if (skip(m)) {
        return;
    }
    qts = start(m, S_PIT, 100, "");
    set_lvt0(qts, 1, FIXED);
    go(qts, G_OPEN);
    g_assert_true(reaches(qts, R_LINT0, 1));
    qts = migrate(qts, m, NULL);
    g_usleep(300000);
    g_assert_cmpuint(qtest_readl(qts, R_LINT0), ==, 1);
    set_lvt0(qts, 1, MASKED);
    qts = migrate(qts, m, NULL);
    set_lvt0(qts, 1, FIXED_LEVEL);
    g_assert_true(reaches(qts, R_LINT0, 5));
    qts = migrate(qts, m, NULL);
    g_assert_true(reaches(qts, R_LINT0, qtest_readl(qts, R_LINT0) + 5));
    qtest_quit(qts);
}

static void add_ticks(const Machine *m, const char *name, unsigned cpus,
                      uint32_t bits, int hz)
{
    g_autofree char *path = g_strdup_printf("lint0/%s-ticks-%s-%d", m->name,
                                            name, hz);
    Ticks *t = g_new(Ticks, 1);

    *t = (Ticks) { .m = m, .cpus = cpus, .bits = bits, .hz = hz };
    qtest_add_data_func_full(path, t, test_ticks, g_free);
}

static void add(const Machine *m, const char *name, void (*fn)(const void *))
{
    g_autofree char *path = g_strdup_printf("lint0/%s-%s", m->name, name);

    qtest_add_data_func(path, m, fn);
}

int main(int argc, char **argv)
{
    const char *rom_dir = getenv("INTACK_ROM_DIR");
    const char *stock = getenv("INTACK_STOCK_QEMU");
    g_autofree char *dir = g_path_get_dirname(argv[0]);
    int i;

    g_test_init(&argc, &argv, NULL);
    guest_rom = g_build_filename(rom_dir ?: dir, "intack-guest.rom", NULL);
    if (!g_file_test(guest_rom, G_FILE_TEST_EXISTS)) {
        g_printerr("%s: no such guest ROM; INTACK_ROM_DIR names another "
                   "directory, scripts/build-guests makes one\n", guest_rom);
        return 1;
    }
    no_kvm = kvm_missing();

    for (i = 0; i < G_N_ELEMENTS(machines); i++) {
        const Machine *m = &machines[i];

        add_ticks(m, "both", 3, 0, 1000);
        add(m, "level", test_level);
        add(m, "migrate", test_migrate);
        if (strstr(m->name, "q35")) {
            continue;
        }
        add_ticks(m, "bsp", 1, 0, 100);
        add_ticks(m, "bsp", 1, 0, 1000);
        add_ticks(m, "ap", 2, 0, 1000);
        add_ticks(m, "bsp-halted", 1, HALT, 1000);
        add_ticks(m, "ap-halted", 2, HALT, 100);
        add(m, "switch", test_switch);
        add(m, "nmi", test_nmi);
        add(m, "init", test_init);
        add(m, "reset", test_reset);
        add(m, "migrate-up", test_migrate_up);
        if (m->kvm) {
            add(m, "masked", test_masked);
        }
    }
    qtest_add_data_func("lint0/kvm/pc-off", NULL, test_off);
    if (stock) {
        qtest_add_data_func("lint0/kvm/pc-stock", stock, test_off);
    }
    return g_test_run();
}
