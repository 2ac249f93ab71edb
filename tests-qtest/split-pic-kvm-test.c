/*
 * The split 8259 under real KVM
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small guests of our own (guest/) take PIC interrupts under
 * kernel-irqchip=split and count them; the test reads the counts from their
 * memory. Where stock QEMU fails, the same guest also runs with
 * split-pic=off and has to fail there.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_STOCK_QEMU   optional: a stock QEMU of the same release, used as the
 *                     other end of migrations
 * INTACK_ROM_DIR      where intack-guest.rom is (default: beside the test)
 */

#include "qemu/osdep.h"
#include "qobject/qnum.h"
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
    P_HOTPLUG  = 0x624,
    P_GO       = 0x640,

    R_BOOTS    = 0x800,
    R_STATE    = 0x804,
    R_RESULT   = 0x808,
    R_STEP     = 0x80c,
    R_BEAT     = 0x810,
    R_OLD      = 0x814,
    R_COUNT    = 0x840,
    R_SPUR7    = 0x880,
    R_SPUR15   = 0x884,
    R_POLLED   = 0x888,
    R_STRAY    = 0x890,

    PERCPU     = 0x1000,
    C_APICID   = 0x00,
    C_STATE    = 0x08,
    C_IRQ      = 0x40,
};

enum { F_HALT = 1, F_POLL = 2, F_CLI = 4, F_TAKE = 8, F_NOPIC = 16,
       F_NOAPIC = 32 };
enum { S_PIT = 0x001, S_KBD = 0x002, S_SERIAL = 0x010, S_RTC = 0x100 };
enum { ST_RUN = 1, ST_GO = 2, ST_DONE = 0xd0e };

enum {
    SCN_DEMO, SCN_RUN, SCN_ORDER, SCN_MASKED, SCN_AP, SCN_SMP, SCN_HANDOVER,
    SCN_SERVICE, SCN_PENDING, SCN_HOTPLUG, SCN_ALL,
    SCN_IOAPIC, SCN_HAMMER, SCN_POLL, SCN_WAIT,
};

typedef enum {
    PIC_ON,             /* split-pic=on */
    PIC_OFF,            /* split-pic=off: what stock does */
    PIC_STOCK,          /* the stock binary, PIC_OFF if there is none */
    PIC_KERNEL,         /* kernel-irqchip=on */
} Pic;

static const char *const pic_names[] = { "on", "off", "stock", "in-kernel" };

static char *guest_rom;
static const char *no_kvm;      /* why KVM is of no use here */
static bool has_split_pic;

/* The guest */

static QTestState *guest_vstart(Pic pic, const char *machine, const char *opts,
                                va_list ap)
{
    const char *stock = getenv("INTACK_STOCK_QEMU");
    g_autofree char *binary = g_strdup(getenv("QTEST_QEMU_BINARY"));
    g_autoptr(GString) args = g_string_new(NULL);
    QTestState *qts;
    QDict *ret;
    int addr;

    g_string_printf(args, "-accel kvm -machine %s,kernel-irqchip=%s", machine,
                    pic == PIC_KERNEL ? "on" : "split");
    if (pic != PIC_STOCK) {
        stock = NULL;
    }
    if (has_split_pic && pic != PIC_KERNEL && !stock) {
        g_string_append_printf(args, ",split-pic=%s",
                               pic == PIC_ON ? "on" : "off");
    }
    g_string_append_printf(args, " -nodefaults -m 16 -bios %s "
                           "-serial null -serial null %s", guest_rom, opts);
    while ((addr = va_arg(ap, int)) != 0) {
        g_string_append_printf(args,
                               " -device loader,addr=%d,data=%d,data-len=4",
                               addr, va_arg(ap, int));
    }

    if (stock) {
        g_setenv("QTEST_QEMU_BINARY", stock, true);
    }
    qts = qtest_init(args->str);
    g_setenv("QTEST_QEMU_BINARY", binary, true);

    ret = qtest_qmp_assert_success_ref(qts, "{'execute': 'query-kvm'}");
    g_assert_true(qdict_get_bool(ret, "enabled"));
    qobject_unref(ret);
    return qts;
}

/* opts, then pairs of parameter and value, then 0 */
static QTestState *guest_start(Pic pic, const char *machine,
                               const char *opts, ...)
{
    QTestState *qts;
    va_list ap;

    va_start(ap, opts);
    qts = guest_vstart(pic, machine, opts, ap);
    va_end(ap);
    return qts;
}

static uint32_t guest_count(QTestState *qts, int irq)
{
    return qtest_readl(qts, R_COUNT + 4 * irq);
}

static uint32_t guest_cpu_count(QTestState *qts, int cpu, int irq)
{
    return qtest_readl(qts, PERCPU + 256 * cpu + C_IRQ + 4 * irq);
}

/* Waits until the word at addr is at least value */
static bool guest_reaches(QTestState *qts, uint32_t addr, uint32_t value,
                          int ms)
{
    int64_t end = g_get_monotonic_time() + ms * 1000LL;

    while (qtest_readl(qts, addr) < value) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(5000);
    }
    return true;
}

static void guest_report(QTestState *qts, Pic pic)
{
    int i;

    g_test_message("%s: state %x result %u step %u boots %u polled %u "
                   "spurious %u/%u stray %u old %u", pic_names[pic],
                   qtest_readl(qts, R_STATE), qtest_readl(qts, R_RESULT),
                   qtest_readl(qts, R_STEP), qtest_readl(qts, R_BOOTS),
                   qtest_readl(qts, R_POLLED), qtest_readl(qts, R_SPUR7),
                   qtest_readl(qts, R_SPUR15), qtest_readl(qts, R_STRAY),
                   qtest_readl(qts, R_OLD));
    for (i = 0; i < 16; i++) {
        if (guest_count(qts, i)) {
            g_test_message("%s: IRQ%d %u", pic_names[pic], i,
                           guest_count(qts, i));
        }
    }
}

/* Counters of KVM and of our device */

typedef struct Stats {
    int64_t us;
    uint64_t kicks;             /* KVM_RUN ended by a signal */
    uint64_t entries;           /* into the kernel from userspace */
    uint64_t windows;
    uint64_t own_kicks;         /* by the device's own count */
    uint32_t ticks;
} Stats;

static void stats_add(QList *list, Stats *st)
{
    QListEntry *e;

    QLIST_FOREACH_ENTRY(list, e) {
        QDict *d = qobject_to(QDict, qlist_entry_obj(e));
        const char *name = qdict_get_str(d, "name");

        if (g_str_equal(name, "signal_exits")) {
            st->kicks += qdict_get_int(d, "value");
        } else if (g_str_equal(name, "fpu_reload")) {
            st->entries += qdict_get_int(d, "value");
        } else if (g_str_equal(name, "irq_window_exits")) {
            st->windows += qdict_get_int(d, "value");
        }
    }
}

static QDict *pic_stats(QTestState *qts)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/split-i8259',"
                           "'property': 'stats'}}");
    QDict *ret = NULL;

    if (qdict_haskey(rsp, "return")) {
        ret = qdict_get_qdict(rsp, "return");
        qobject_ref(ret);
    }
    qobject_unref(rsp);
    return ret;
}

static Stats stats_read(QTestState *qts)
{
    Stats st = { .us = g_get_monotonic_time() };
    QDict *rsp, *own;
    QListEntry *e;

    rsp = qtest_qmp(qts, "{'execute': 'query-stats',"
                    " 'arguments': {'target': 'vcpu'}}");
    g_assert_true(qdict_haskey(rsp, "return"));
    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *d = qobject_to(QDict, qlist_entry_obj(e));

        stats_add(qdict_get_qlist(d, "stats"), &st);
    }
    qobject_unref(rsp);

    own = pic_stats(qts);
    if (own) {
        st.own_kicks = qdict_get_int(own, "kicks");
        qobject_unref(own);
    }
    st.ticks = guest_count(qts, 0);
    return st;
}

/* What happened per second during so many milliseconds */
static Stats stats_rate(QTestState *qts, int ms)
{
    Stats a = stats_read(qts), b;
    double s;

    g_usleep(ms * 1000);
    b = stats_read(qts);
    s = (b.us - a.us) / 1e6;
    b.kicks = (b.kicks - a.kicks) / s;
    b.entries = (b.entries - a.entries) / s;
    b.windows = (b.windows - a.windows) / s;
    b.own_kicks = (b.own_kicks - a.own_kicks) / s;
    b.ticks = (b.ticks - a.ticks) / s;
    return b;
}

/*
 * The device's counts against the guest's. The sources are quiet, everything
 * has been handled: what was raised and not merged or dropped has been
 * delivered, and every delivery ran its handler (if that counts) exactly once.
 */
static void check_accounts_refused(QTestState *qts, bool counts,
                                   int64_t least, int64_t most)
{
    QDict *stats = pic_stats(qts);
    int64_t inta;
    int i;

    g_assert_nonnull(stats);
    for (i = 0; i < 16; i++) {
        int64_t raised = counter(stats, "raised", i);
        int64_t gone = counter(stats, "merged", i) +
                       counter(stats, "dropped", i);
        int64_t delivered = counter(stats, "delivered", i);

        if (i == 2) {
            continue;
        }
        if (raised) {
            g_test_message("IRQ%d: raised %" PRId64 ", merged or dropped %"
                           PRId64 ", delivered %" PRId64 ", handled %u", i,
                           raised, gone, delivered, guest_count(qts, i));
        }
        if (counts) {
            g_assert_cmpint(delivered, ==, guest_count(qts, i));
        }
        g_assert_cmpint(raised - gone, ==, delivered);
    }
    g_assert_cmpint(counter(stats, "spurious", 0), ==,
                    qtest_readl(qts, R_SPUR7));
    g_assert_cmpint(counter(stats, "spurious", 1), ==,
                    qtest_readl(qts, R_SPUR15));
    inta = qdict_get_int(stats, "inta");
    g_test_message("rises %" PRId64 ", INTA %" PRId64 ", kicks %" PRId64
                   ", windows %" PRId64, qdict_get_int(stats, "rises"), inta,
                   qdict_get_int(stats, "kicks"),
                   qdict_get_int(stats, "windows"));
    g_assert_cmpint(qdict_get_int(stats, "refused"), >=, least);
    g_assert_cmpint(qdict_get_int(stats, "refused"), <=, most);
    /* Nobody is disturbed over and over for one interrupt */
    g_assert_cmpint(qdict_get_int(stats, "kicks"), <, 2 * inta + 100);
    g_assert_cmpint(qdict_get_int(stats, "windows"), <, 2 * inta + 100);
    qobject_unref(stats);
}

static void check_accounts(QTestState *qts, bool counts)
{
    check_accounts_refused(qts, counts, 0, 0);
}

/* The guest ends by itself and is content */
static void guest_passes(QTestState *qts, Pic pic)
{
    bool done = guest_reaches(qts, R_STATE, ST_DONE, PATIENCE_MS);

    guest_report(qts, pic);
    g_assert_true(done);
    g_assert_cmpuint(qtest_readl(qts, R_RESULT), ==, 1);
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
}

static bool skip(Pic pic)
{
    if (no_kvm) {
        g_test_skip(no_kvm);
        return true;
    }
    if (pic == PIC_ON && !has_split_pic) {
        g_test_skip("this QEMU has no -machine split-pic");
        return true;
    }
    return false;
}

/* Ticks */

typedef struct {
    int hz;
    int count;
    const char *machine;
    const char *opts;
} Ticks;

static void test_ticks(const void *data)
{
    const Ticks *t = data;
    int flags;

    if (skip(PIC_ON)) {
        return;
    }
    for (flags = 0; flags <= F_HALT; flags += F_HALT) {
        QTestState *qts = guest_start(PIC_ON, t->machine, t->opts,
                                      P_SCENARIO, SCN_RUN, P_HZ, t->hz,
                                      P_COUNT, t->count, P_FLAGS, flags, 0);

        guest_passes(qts, PIC_ON);
        g_assert_cmpuint(guest_count(qts, 0), >=, t->count);
        check_accounts(qts, true);
        qtest_quit(qts);
    }
}

/* With the LAPIC disabled INTR goes straight to the CPU */
static void test_no_apic(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_RUN, P_COUNT, 500,
                      P_FLAGS, F_NOAPIC | F_HALT, 0);
    guest_passes(qts, PIC_ON);
    check_accounts(qts, true);
    qtest_quit(qts);
}

static void test_order(void)
{
    QTestState *qts;
    Pic pic;

    /* The in-kernel PIC is the witness that the guest asks for no oddity */
    for (pic = PIC_ON; pic <= PIC_KERNEL; pic += PIC_KERNEL - PIC_ON) {
        if (skip(pic)) {
            return;
        }
        qts = guest_start(pic, "pc", "", P_SCENARIO, SCN_ORDER, 0);
        guest_passes(qts, pic);
        if (pic == PIC_ON) {
            check_accounts(qts, false);
        }
        qtest_quit(qts);
    }
}

static void test_cascade(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_RUN, P_COUNT, 4000,
                      P_SOURCES, S_PIT | S_KBD | S_SERIAL | S_RTC,
                      P_FLAGS, F_HALT, 0);
    guest_passes(qts, PIC_ON);
    g_assert_cmpuint(guest_count(qts, 0), >, 100);
    g_assert_cmpuint(guest_count(qts, 1), >, 10);
    g_assert_cmpuint(guest_count(qts, 4), >, 10);
    g_assert_cmpuint(guest_count(qts, 8), >, 100);
    check_accounts(qts, true);
    qtest_quit(qts);
}

/* ExtINT entries in the IOAPIC (D5) */

static void test_ioapic(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_IOAPIC, 0);
    guest_passes(qts, PIC_ON);
    qtest_quit(qts);

    /* Stock acknowledges the keyboard's interrupt for nobody */
    if (getenv("INTACK_STOCK_QEMU")) {
        qts = guest_start(PIC_STOCK, "pc", "", P_SCENARIO, SCN_IOAPIC, 0);
        g_assert_true(guest_reaches(qts, R_STATE, ST_DONE, PATIENCE_MS));
        guest_report(qts, PIC_STOCK);
        g_assert_cmpuint(qtest_readl(qts, R_RESULT), ==, 2);
        qtest_quit(qts);
    }
}

/* How a QEMU that libqtest must not see dies; 0 if it does not, in time */
static int death_of(const char *qemu, const char *args)
{
    g_autofree char *cmd = g_strdup_printf("%s %s", qemu, args);
    g_auto(GStrv) argv = g_strsplit(cmd, " ", 0);
    int64_t end = g_get_monotonic_time() + 10000000;
    int status = 0;
    GPid pid;

    g_assert_true(g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD |
                                G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid,
                                NULL));
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (g_get_monotonic_time() > end) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return 0;
        }
        g_usleep(5000);
    }
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* And with no PIC at all */
static void test_ioapic_no_pic(void)
{
    const char *stock = getenv("INTACK_STOCK_QEMU");
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_OFF, "pc,pic=off", "", P_SCENARIO, SCN_IOAPIC,
                      P_FLAGS, F_NOPIC, 0);
    guest_passes(qts, PIC_OFF);
    qtest_quit(qts);

    if (stock) {
        g_autofree char *args =
            g_strdup_printf("-accel kvm -display none -nodefaults -m 16"
                            " -machine pc,kernel-irqchip=split,pic=off"
                            " -device loader,addr=%d,data=%d,data-len=4"
                            " -device loader,addr=%d,data=%d,data-len=4"
                            " -bios %s", P_SCENARIO, SCN_IOAPIC, P_FLAGS,
                            F_NOPIC, guest_rom);

        g_assert_cmpint(death_of(stock, args), ==, SIGSEGV);
    }
}

/* Masked LINT0 (D4) */

static void test_masked(const void *data)
{
    int flags = GPOINTER_TO_INT(data);
    Stats rate[2];
    Pic pic;

    if (skip(PIC_ON)) {
        return;
    }
    for (pic = PIC_ON; pic <= PIC_OFF; pic++) {
        QTestState *qts = guest_start(pic, "pc", "", P_SCENARIO, SCN_MASKED,
                                      P_FLAGS, flags, 0);
        uint32_t polled;

        g_assert_true(guest_reaches(qts, R_STATE, ST_GO, PATIENCE_MS));
        g_usleep(200000);
        polled = qtest_readl(qts, R_POLLED);
        rate[pic] = stats_rate(qts, 2000);
        polled = qtest_readl(qts, R_POLLED) - polled;
        g_test_message("%s: per second: kicks %" PRIu64 " (own count %" PRIu64
                       "), entries %" PRIu64 ", windows %" PRIu64
                       ", polled %u", pic_names[pic], rate[pic].kicks,
                       rate[pic].own_kicks, rate[pic].entries,
                       rate[pic].windows, polled / 2);
        g_assert_cmpuint(guest_count(qts, 0), ==, 0);
        if (flags & F_POLL) {
            g_assert_cmpuint(polled, >, 400);
        }

        /* And now it takes them */
        qtest_writel(qts, P_GO, 1);
        if (flags & F_HALT) {
            qtest_qmp_assert_success(qts, "{'execute': 'inject-nmi'}");
        }
        if (pic == PIC_ON) {
            guest_passes(qts, pic);
        }
        qtest_quit(qts);
    }
    g_assert_cmpuint(rate[PIC_ON].kicks, <, 20);
    g_assert_cmpuint(rate[PIC_ON].own_kicks, <, 20);
    g_assert_cmpuint(rate[PIC_ON].windows, <, 20);
    /* A vCPU that polls is mostly outside KVM_RUN, where no kick is counted */
    g_assert_cmpuint(rate[PIC_OFF].kicks, >, flags & F_POLL ? 40 : 200);
}

/* ExtINT on another vCPU (D3) */

typedef struct {
    int cpus;
    int flags;
} Ap;

static void test_ap(const void *data)
{
    const Ap *t = data;
    static const Pic pics[] = { PIC_KERNEL, PIC_ON, PIC_OFF };
    g_autofree char *smp = g_strdup_printf("-smp %d", t->cpus);
    uint32_t ticks[4];
    int i;

    if (skip(PIC_ON)) {
        return;
    }
    for (i = 0; i < G_N_ELEMENTS(pics); i++) {
        Pic pic = pics[i];
        QTestState *qts = guest_start(pic, "pc", smp, P_SCENARIO, SCN_AP,
                                      P_CPUS, t->cpus, P_FLAGS, t->flags,
                                      P_COUNT, 1000, 0);

        if (pic == PIC_OFF) {
            /* It runs, and waits for ticks */
            g_assert_true(guest_reaches(qts, R_BEAT, 1, PATIENCE_MS));
            g_usleep(1000000);
            guest_report(qts, pic);
        } else {
            guest_passes(qts, pic);
        }
        ticks[pic] = guest_cpu_count(qts, t->cpus - 1, 0);
        if (pic == PIC_ON) {
            check_accounts(qts, true);
        }
        qtest_quit(qts);
    }
    g_assert_cmpuint(ticks[PIC_KERNEL], >=, 1000);
    g_assert_cmpuint(ticks[PIC_ON], >=, 1000);
    g_assert_cmpuint(ticks[PIC_OFF], ==, 0);
}

static void test_handover(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "-smp 2", P_SCENARIO, SCN_HANDOVER,
                      P_CPUS, 2, P_COUNT, 50, 0);
    guest_passes(qts, PIC_ON);
    qtest_quit(qts);

    /* Stock never reaches the second half of the first round */
    qts = guest_start(PIC_OFF, "pc", "-smp 2", P_SCENARIO, SCN_HANDOVER,
                      P_CPUS, 2, P_COUNT, 50, 0);
    g_assert_true(guest_reaches(qts, R_COUNT, 16, PATIENCE_MS));
    g_usleep(1000000);
    guest_report(qts, PIC_OFF);
    g_assert_cmpuint(qtest_readl(qts, R_STEP), ==, 50);
    g_assert_cmpuint(guest_cpu_count(qts, 1, 0), ==, 0);
    qtest_quit(qts);
}

static void test_smp(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "-smp 4", P_SCENARIO, SCN_SMP, P_CPUS, 4,
                      P_COUNT, 1000, 0);
    guest_passes(qts, PIC_ON);
    check_accounts(qts, true);
    qtest_quit(qts);
}

static void test_all(void)
{
    QTestState *qts;
    int cpu;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "-smp 4", P_SCENARIO, SCN_ALL, P_CPUS, 4,
                      P_COUNT, 1000, P_SOURCES, S_PIT | S_KBD | S_RTC, 0);
    guest_passes(qts, PIC_ON);
    for (cpu = 0; cpu < 4; cpu++) {
        g_test_message("vCPU %d: %u ticks", cpu, guest_cpu_count(qts, cpu, 0));
    }
    check_accounts(qts, true);
    qtest_quit(qts);
}

/* Everything at once, with the hand-over in the middle */
static void test_demo(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "-smp 4", P_SCENARIO, SCN_DEMO, P_CPUS, 4,
                      P_COUNT, 2000, 0);
    guest_passes(qts, PIC_ON);
    g_assert_cmpuint(guest_cpu_count(qts, 1, 0), >=, 900);
    check_accounts(qts, true);
    qtest_quit(qts);
}

/* All vCPUs on the ports, which take no BQL, while interrupts come in */
static void test_hammer(void)
{
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "-smp 4", P_SCENARIO, SCN_HAMMER, P_CPUS, 4,
                      P_COUNT, 1000, P_SOURCES, S_PIT | S_KBD | S_RTC, 0);
    guest_passes(qts, PIC_ON);
    check_accounts(qts, true);
    qtest_quit(qts);
}

/*
 * KVM refuses every fifth vector (refuse.c). Ours stay pending and come again;
 * stock has acknowledged them by then, and its IRQ0 is in service for ever.
 */
static void test_refused(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = g_path_get_dirname(self);
    g_autofree char *so = g_build_filename(dir, "intack-refuse.so", NULL);
    static const Pic pics[] = { PIC_ON, PIC_OFF };
    int i;

    g_assert_cmpint(access(so, R_OK), ==, 0);
    for (i = 0; i < ARRAY_SIZE(pics); i++) {
        QTestState *qts;

        if (skip(pics[i])) {
            return;
        }
        g_setenv("LD_PRELOAD", so, true);
        qts = guest_start(pics[i], "pc", "", P_SCENARIO, SCN_RUN, P_COUNT, 500,
                          P_SOURCES, S_PIT | S_KBD, 0);
        g_unsetenv("LD_PRELOAD");
        if (pics[i] == PIC_ON) {
            guest_passes(qts, PIC_ON);
            check_accounts_refused(qts, true, 100, INT64_MAX);
        } else {
            g_usleep(2000000);
            guest_report(qts, PIC_OFF);
            g_assert_cmpuint(guest_count(qts, 0), <, 10);
        }
        qtest_quit(qts);
    }
}

/* CPU hotplug */

/* The arguments of device_add for the CPU in that socket */
static QDict *hotpluggable_cpu(QTestState *qts, int socket)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'query-hotpluggable-cpus'}");
    QDict *args = NULL;
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *d = qobject_to(QDict, qlist_entry_obj(e));
        QDict *props = qdict_get_qdict(d, "props");

        if (qdict_get_int(props, "socket-id") == socket) {
            args = qdict_clone_shallow(props);
            qdict_put_str(args, "driver", qdict_get_str(d, "type"));
            qdict_put_str(args, "id", "hot");
        }
    }
    g_assert_nonnull(args);
    qobject_unref(rsp);
    return args;
}

/*
 * Another socket each time: some kernels refuse to give a vCPU its CPUID a
 * second time, and no QEMU survives that.
 */
static void test_hotplug(const void *machine)
{
    QTestState *qts;
    uint32_t before;
    QDict *args;
    int round;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, machine,
                      "-smp 1,maxcpus=5,sockets=5,cores=1,threads=1",
                      P_SCENARIO, SCN_HOTPLUG, P_HOTPLUG, 0xaf00, 0);
    g_assert_true(guest_reaches(qts, R_COUNT, 100, PATIENCE_MS));

    for (round = 1; round <= 4; round++) {
        uint32_t cpu = PERCPU + 256 * round + C_IRQ;

        args = hotpluggable_cpu(qts, round);
        qtest_qmp_assert_success(qts, "{'execute': 'device_add',"
                                 " 'arguments': %p}", args);
        g_assert_true(guest_reaches(qts, R_STATE, 2 * round, PATIENCE_MS));
        g_assert_true(guest_reaches(qts, cpu, 200, PATIENCE_MS));
        g_test_message("round %d: the new CPU takes ticks", round);

        before = guest_cpu_count(qts, 0, 0);
        qtest_qmp_device_del(qts, "hot");
        g_assert_true(guest_reaches(qts, PERCPU + C_IRQ, before + 200,
                                    PATIENCE_MS));
        g_test_message("round %d: the boot CPU takes ticks", round);
    }
    guest_report(qts, PIC_ON);
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    qtest_quit(qts);
}

/* Reset */

static void test_reset(const void *data)
{
    int flags = GPOINTER_TO_INT(data);
    uint32_t boots, old = 0;
    QTestState *qts;
    int i;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_SERVICE,
                      P_SOURCES, S_PIT | S_KBD | S_RTC, P_FLAGS, flags, 0);
    for (i = 0; i < 20; i++) {
        g_assert_true(guest_reaches(qts, R_COUNT, 50 + i, PATIENCE_MS));
        g_assert_true(guest_reaches(qts, R_COUNT + 4 * 8, 10, PATIENCE_MS));
        boots = qtest_readl(qts, R_BOOTS);
        if (i % 2) {
            qtest_qmp_assert_success(qts, "{'execute': 'stop'}");
        }
        qtest_system_reset(qts);
        if (i % 2) {
            qtest_qmp_assert_success(qts, "{'execute': 'cont'}");
        }
        g_assert_true(guest_reaches(qts, R_BOOTS, boots + 1, PATIENCE_MS));
        old += qtest_readl(qts, R_OLD) != 0;
    }
    g_assert_true(guest_reaches(qts, R_COUNT, 50, PATIENCE_MS));
    guest_report(qts, PIC_ON);
    g_test_message("%u of 20 lives began with an interrupt of the one before",
                   old);
    qtest_quit(qts);
}

/* Migration */

typedef struct {
    Pic from;
    Pic to;
} Route;

/* Ends *from, returns the guest in a new QEMU */
static QTestState *migrate(QTestState *from, const Route *r)
{
    g_autofree char *file = migrate_to_file(from);
    g_autofree char *in = g_strdup_printf("-incoming file:%s", file);
    QTestState *to;

    qtest_quit(from);

    to = guest_start(r->to, "pc", in, 0);
    wait_for_migration(to);
    unlink(file);
    return to;
}

/* An edge pends with IF = 0 and nothing would raise it again */
static void test_migrate_pending(const void *data)
{
    const Route *r = data;
    QTestState *qts;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(r->from, "pc", "", P_SCENARIO, SCN_PENDING, 0);
    g_assert_true(guest_reaches(qts, R_STATE, ST_GO, PATIENCE_MS));
    g_usleep(20000);
    qts = migrate(qts, r);
    qtest_writel(qts, P_GO, 1);
    guest_passes(qts, r->to);
    g_assert_cmpuint(guest_count(qts, 1), ==, 1);
    qtest_quit(qts);
}

/*
 * There and back while all sources run. The guest has IF = 0 meanwhile, so
 * that KVM holds no vector, which stock would lose.
 */
static void test_migrate_running(const void *data)
{
    const Route *r = data, back = { r->to, r->from };
    QTestState *qts;
    int i, irq;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(r->from, "pc", "", P_SCENARIO, SCN_SERVICE,
                      P_SOURCES, S_PIT | S_KBD | S_RTC, 0);
    for (i = 0; i < 4; i++) {
        g_assert_true(guest_reaches(qts, R_COUNT, 100, PATIENCE_MS));
        qtest_writel(qts, P_GO, 1);
        g_assert_true(guest_reaches(qts, R_STATE, ST_GO, PATIENCE_MS));
        g_usleep(10000);
        qts = migrate(qts, i % 2 ? &back : r);
        qtest_writel(qts, P_GO, 0);
        for (irq = 0; irq <= 8; irq++) {
            uint32_t n = guest_count(qts, irq);

            if ((S_PIT | S_KBD | S_RTC) & (1 << irq) &&
                !guest_reaches(qts, R_COUNT + 4 * irq, n + 20, PATIENCE_MS)) {
                guest_report(qts, i % 2 ? r->from : r->to);
                g_error("IRQ%d is dead after the migration", irq);
            }
        }
    }
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    qtest_quit(qts);
}

/* Snapshots */

/*
 * A running guest goes back to a moment with IF = 0 and interrupts pending,
 * again and again. KVM's flags and a vector it holds are of the other life.
 */
static void test_snapshot(void)
{
    g_autofree char *file = NULL;
    QTestState *qts;
    int i, irq;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_SERVICE, P_HZ, 5000,
                      P_SOURCES, S_PIT | S_KBD | S_RTC, 0);
    file = add_snapshot_disk(qts);
    g_assert_true(guest_reaches(qts, R_COUNT, 100, PATIENCE_MS));
    qtest_writel(qts, P_GO, 1);
    g_assert_true(guest_reaches(qts, R_STATE, ST_GO, PATIENCE_MS));
    g_usleep(10000);
    snapshot(qts, "snapshot-save");
    for (i = 0; i < 20; i++) {
        qtest_writel(qts, P_GO, 0);
        for (irq = 0; irq <= 8; irq++) {
            uint32_t n = guest_count(qts, irq);

            if ((S_PIT | S_KBD | S_RTC) & (1 << irq) &&
                !guest_reaches(qts, R_COUNT + 4 * irq, n + 10, PATIENCE_MS)) {
                guest_report(qts, PIC_ON);
                g_error("IRQ%d is dead after loading %d times", irq, i);
            }
        }
        snapshot(qts, "snapshot-load");
        g_assert_cmpuint(qtest_readl(qts, R_STATE), ==, ST_GO);
    }
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    qtest_quit(qts);
    unlink(file);
}

/*
 * From a life that is ready for an interrupt back to one that is not: LINT0 is
 * masked there and the guest polls. What the last KVM_RUN said of the vCPU is
 * not believed, or the interrupt would have been acknowledged.
 */
static void test_snapshot_poll(void)
{
    g_autofree char *file = NULL;
    QTestState *qts;
    int i;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_POLL, 0);
    file = add_snapshot_disk(qts);
    g_assert_true(guest_reaches(qts, R_STATE, ST_GO, PATIENCE_MS));
    snapshot(qts, "snapshot-save");
    for (i = 0; i < 5; i++) {
        uint32_t beat;

        qtest_writel(qts, P_GO, 1);
        g_assert_true(guest_reaches(qts, R_POLLED, 1, PATIENCE_MS));
        beat = qtest_readl(qts, R_BEAT);
        g_assert_true(guest_reaches(qts, R_BEAT, beat + 1000, PATIENCE_MS));
        snapshot(qts, "snapshot-load");
        g_assert_cmpuint(qtest_readl(qts, R_POLLED), ==, 0);
        g_usleep(10000);
    }
    guest_report(qts, PIC_ON);
    qtest_quit(qts);
    unlink(file);
}

static void send_key(QTestState *qts)
{
    qtest_qmp_assert_success(qts, "{'execute': 'send-key', 'arguments': {"
                             " 'hold-time': 10, 'keys': ["
                             "  {'type': 'qcode', 'data': 'a'}]}}");
}

/*
 * A halted vCPU opens no window, and in a new QEMU nobody knows yet that it
 * accepts: it has to be asked, or it sleeps through the key.
 */
static void test_migrate_halted(const void *data)
{
    const Route *r = data;
    QTestState *qts;
    uint32_t n;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(r->from, "pc", "", P_SCENARIO, SCN_WAIT, P_COUNT, 1000,
                      0);
    g_assert_true(guest_reaches(qts, R_STATE, ST_GO, PATIENCE_MS));
    send_key(qts);
    g_assert_true(guest_reaches(qts, R_COUNT + 4, 2, PATIENCE_MS));
    g_usleep(50000);
    qts = migrate(qts, r);
    g_usleep(50000);
    /* A load may have raised IRQ1 by itself */
    n = guest_count(qts, 1);
    send_key(qts);
    g_assert_true(guest_reaches(qts, R_COUNT + 4, n + 2, PATIENCE_MS));
    qtest_quit(qts);
}

static void test_stop_cont(void)
{
    QTestState *qts;
    int i;

    if (skip(PIC_ON)) {
        return;
    }
    qts = guest_start(PIC_ON, "pc", "", P_SCENARIO, SCN_SERVICE, P_HZ, 5000,
                      P_SOURCES, S_PIT | S_KBD | S_RTC, 0);
    for (i = 0; i < 100; i++) {
        uint32_t n = guest_count(qts, 0);

        g_assert_true(guest_reaches(qts, R_COUNT, n + 5, PATIENCE_MS));
        qtest_qmp_assert_success(qts, "{'execute': 'stop'}");
        qtest_qmp_assert_success(qts, "{'execute': 'cont'}");
    }
    g_assert_true(guest_reaches(qts, R_COUNT, guest_count(qts, 0) + 50,
                                PATIENCE_MS));
    g_assert_true(guest_reaches(qts, R_COUNT + 4 * 8, guest_count(qts, 8) + 20,
                                PATIENCE_MS));
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
    qtest_quit(qts);
}

/* What this machine and this QEMU can do */

static void probe_split_pic(void)
{
    QTestState *qts = qtest_initf("-machine pc -nodefaults -bios %s",
                                  guest_rom);
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine', 'property': 'split-pic'}}");

    has_split_pic = qdict_haskey(rsp, "return");
    qobject_unref(rsp);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    static const Ticks ticks[] = {
        { 100, 100, "pc", "" },
        { 1000, 1000, "pc", "" },
        { 20000, 10000, "pc", "" },
        { 1000, 500, "q35", "" },
        { 1000, 500, "microvm,pic=on,pit=on,rtc=on", "" },
        { 1000, 500, "pc", "-smp 255" },
        { 1000, 500, "q35", "-smp 255" },
    };
    static const Ap aps[] = {
        { 2, 0 }, { 2, F_HALT }, { 4, 0 }, { 4, F_HALT },
    };
    static const Route routes[] = {
        { PIC_ON, PIC_ON }, { PIC_ON, PIC_OFF }, { PIC_OFF, PIC_ON },
        { PIC_ON, PIC_STOCK }, { PIC_STOCK, PIC_ON },
    };
    static const struct {
        const char *name;
        int flags;
    } masked[] = {
        { "spin", 0 }, { "halt", F_HALT }, { "spin-cli", F_CLI },
        { "poll", F_POLL }, { "poll-cli", F_POLL | F_CLI },
        { "after/spin", F_TAKE }, { "after/poll", F_TAKE | F_POLL },
    };
    const char *rom_dir = getenv("INTACK_ROM_DIR");
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
    if (!no_kvm) {
        probe_split_pic();
    }

    for (i = 0; i < G_N_ELEMENTS(ticks); i++) {
        g_auto(GStrv) m = g_strsplit(ticks[i].machine, ",", 2);
        g_autofree char *name =
            g_strdup_printf("split-pic-kvm/ticks/%s%s/%d", m[0],
                            *ticks[i].opts ? "-smp-255" : "", ticks[i].hz);

        qtest_add_data_func(name, &ticks[i], test_ticks);
    }
    qtest_add_func("split-pic-kvm/no-apic", test_no_apic);
    qtest_add_func("split-pic-kvm/order", test_order);
    qtest_add_func("split-pic-kvm/cascade", test_cascade);
    qtest_add_func("split-pic-kvm/ioapic/extint", test_ioapic);
    qtest_add_func("split-pic-kvm/ioapic/no-pic", test_ioapic_no_pic);
    for (i = 0; i < G_N_ELEMENTS(masked); i++) {
        g_autofree char *name = g_strdup_printf("split-pic-kvm/masked/%s",
                                                masked[i].name);

        qtest_add_data_func(name, GINT_TO_POINTER(masked[i].flags),
                            test_masked);
    }
    for (i = 0; i < G_N_ELEMENTS(aps); i++) {
        g_autofree char *name =
            g_strdup_printf("split-pic-kvm/ap/%d/%s", aps[i].cpus,
                            aps[i].flags ? "halt" : "spin");

        qtest_add_data_func(name, &aps[i], test_ap);
    }
    qtest_add_func("split-pic-kvm/handover", test_handover);
    qtest_add_func("split-pic-kvm/smp", test_smp);
    qtest_add_func("split-pic-kvm/all", test_all);
    qtest_add_func("split-pic-kvm/hammer", test_hammer);
    qtest_add_func("split-pic-kvm/refused", test_refused);
    qtest_add_func("split-pic-kvm/demo", test_demo);
    qtest_add_data_func("split-pic-kvm/hotplug", "pc", test_hotplug);
    /* Each tick also asks the vCPUs for their LVT0 */
    qtest_add_data_func("split-pic-kvm/hotplug-lint0", "pc,lint0-fixed=on",
                        test_hotplug);
    qtest_add_data_func("split-pic-kvm/reset/spin", GINT_TO_POINTER(0),
                        test_reset);
    qtest_add_data_func("split-pic-kvm/reset/halt", GINT_TO_POINTER(F_HALT),
                        test_reset);
    qtest_add_func("split-pic-kvm/stop-cont", test_stop_cont);
    qtest_add_func("split-pic-kvm/snapshot/running", test_snapshot);
    qtest_add_func("split-pic-kvm/snapshot/poll", test_snapshot_poll);
    for (i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_autofree char *route = g_strdup_printf("%s-%s",
                                                 pic_names[routes[i].from],
                                                 pic_names[routes[i].to]);
        g_autofree char *halted =
            g_strdup_printf("split-pic-kvm/migrate/halted/%s", route);
        g_autofree char *pending =
            g_strdup_printf("split-pic-kvm/migrate/pending/%s", route);
        g_autofree char *running =
            g_strdup_printf("split-pic-kvm/migrate/running/%s", route);

        if ((routes[i].from == PIC_STOCK || routes[i].to == PIC_STOCK) &&
            !getenv("INTACK_STOCK_QEMU")) {
            continue;
        }
        qtest_add_data_func(pending, &routes[i], test_migrate_pending);
        qtest_add_data_func(halted, &routes[i], test_migrate_halted);
        qtest_add_data_func(running, &routes[i], test_migrate_running);
    }
    return g_test_run();
}
