/*
 * lapic-test's part for x-lapic-send, HMP, and machines without local APICs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "lapic-test-vm.h"

/* Tests: x-lapic-send */

static const struct {
    const char *args;
    const char *words[5];
} refused[] = {
    { "{}", { "delivery" } },
    { "{'delivery': 'foo'}", { "delivery", "foo" } },
    { "{'delivery': 'nmi', 'foo': 1}", { "foo" } },
    { "{'delivery': 'fixed', 'vector': 256, 'destination': 0}",
      { "vector", "256", "0..255" } },
    { "{'delivery': 'fixed', 'vector': 15, 'destination': 0}",
      { "vector", "15", "16..255" } },
    { "{'delivery': 'fixed', 'destination': 0}", { "vector", "0", "16..255" } },
    { "{'delivery': 'lowest-priority', 'vector': 3}", { "vector", "3" } },
    { "{'delivery': 'smi', 'vector': 1}", { "vector", "1" } },
    { "{'delivery': 'reserved', 'vector': 49}", { "delivery mode", "3" } },
    { "{'delivery': 'extint', 'vector': 49}", { "delivery mode", "7" } },
    { "{'delivery': 'nmi', 'shorthand': 'all'}", { "shorthand", "2" } },
    { "{'delivery': 'nmi', 'shorthand': 'self'}", { "shorthand", "1" } },
    { "{'delivery': 'nmi', 'cpu': 0, 'shorthand': 'none'}",
      { "shorthand", "0", "1" } },
    { "{'delivery': 'nmi', 'cpu': 0, 'shorthand': 'others'}",
      { "shorthand", "3", "1" } },
    { "{'delivery': 'nmi', 'cpu': 0, 'destination': 1}",
      { "destination", "1", "cpu 0" } },
    { "{'delivery': 'fixed', 'vector': 49, 'cpu': 0, 'deassert': true}",
      { "level", "0" } },
    { "{'delivery': 'fixed', 'vector': 49, 'cpu': 0, 'level': true}",
      { "trigger mode", "1" } },
    { "{'delivery': 'nmi', 'cpu': 0, 'redirect': true}", { "redirection" } },
    { "{'delivery': 'nmi', 'cpu': 3}", { "cpu", "3", "0..2" } },
    { "{'delivery': 'nmi', 'cpu': 4294967295}",
      { "cpu", "4294967295", "0..2" } },
    { "{'delivery': 'nmi', 'cpu': -1}", { "cpu" } },
    { "{'delivery': 'nmi', 'destination': 4294967296}", { "destination" } },
    { "{'delivery': 'nmi', 'destination': 7}", { "no local APIC" } },
    { "{'delivery': 'nmi', 'destination': 1, 'logical': true}",
      { "no local APIC" } },
    /* Software has not yet enabled it. */
    { "{'delivery': 'fixed', 'vector': 49, 'cpu': 1}", { "no local APIC" } },
};

static void assert_sent(QTestState *qts, const char *args)
{
    QDict *rsp = x_lapic_send(qts, args);

    g_assert_true(qdict_haskey(rsp, "return"));
    qobject_unref(rsp);
}

static void test_send(const void *arg)
{
    QTestState *qts = start(arg, "");

    for (int i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_test_message("%s", refused[i].args);
        assert_error(x_lapic_send(qts, refused[i].args), refused[i].words);
    }
    assert_sent(qts, "{'delivery': 'nmi', 'destination': 2}");
    assert_sent(qts, "{'delivery': 'nmi', 'destination': 255}");
    assert_sent(qts, "{'delivery': 'nmi', 'cpu': 0}");
    assert_sent(qts, "{'delivery': 'nmi', 'cpu': 0, 'shorthand': 'self'}");
    assert_sent(qts, "{'delivery': 'init', 'cpu': 2}");
    assert_sent(qts, "{'delivery': 'startup', 'vector': 8, 'destination': 2}");
    qtest_quit(qts);
}

/* Tests: HMP */

static void test_hmp(const void *arg)
{
    static const struct {
        const char *command;
        const char *words[6];
    } t[] = {
        { "info lapic-routes", { "ioapic 0 pin 4: NMI to physical 1; cpu 1",
          "not postable; 0 delivered", "23 masked" } },
        { "info lapic-routes -a", { "ioapic 0 pin 3: masked; Fixed 0x00",
          "ioapic 0 pin 4: NMI", "ioapic 0 pin 23: masked" } },
        { "x_lapic_send", { "string expected" } },
        { "x_lapic_send nmi,destination=2", { "" } },
        { "x_lapic_send nmi,cpu=1", { "" } },
        { "x_lapic_send foo", { "Error", "delivery", "foo" } },
        { "x_lapic_send fixed,vector=0x7,destination=1",
          { "Error", "vector", "16..255" } },
        { "x_lapic_send nmi,logical=maybe", { "Error", "logical" } },
        { "x_lapic_send nmi,destination=0x10", { "Error", "no local APIC" } },
        { "x_lapic_send nmi,x=1", { "Error", "x" } },
        { "x_lapic_send nmi,,,=", { "Error" } },
    };
    QTestState *qts = start(arg, "");

    rte_write(qts, 0, 4, 1ull << 56 | 0x400);
    for (int i = 0; i < G_N_ELEMENTS(t); i++) {
        /* With a second IOAPIC more are masked. */
        if (i > 0 || ioapics(arg) == 1) {
            assert_hmp(qts, t[i].command, t[i].words);
        }
    }
    qtest_quit(qts);
}

/* Tests: trace events */

static void test_trace(const void *arg)
{
    static const char *const words[] = {
        "lapic_msg_ioapic IOAPIC 0xfec00000 pin 5: NMI to physical 1\n",
        "lapic_msg_msi MSI 0xfee01000 0x400: NMI to physical 1\n",
        "lapic_msg_msi MSI 0xfee02000 0x145: LowestPrio 0x45 edge to physical "
        "2\n",
        "lapic_msg_send cpu -1: NMI to physical 2\n",
        "lapic_msg_send cpu 1: INIT to self\n",
        NULL,
    };
    g_autofree char *log = NULL, *more = NULL, *text = NULL;
    int fd = g_file_open_tmp("lapic-XXXXXX", &log, NULL);
    QTestState *qts;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    more = g_strdup_printf("-trace lapic_msg_* -D %s", log);
    qts = start(arg, more);
    rte_write(qts, 0, 5, 1ull << 56 | 0x400);
    qtest_set_irq_in(qts, "ioapic", NULL, 5, 1);
    qtest_writel(qts, 0xfee02000, 0x145);
    assert_sent(qts, "{'delivery': 'nmi', 'destination': 2}");
    assert_sent(qts, "{'delivery': 'init', 'cpu': 1}");
    qtest_quit(qts);

    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    assert_words(text, words);
    unlink(log);
}

/* Tests: machines without local APICs, or without IOAPIC */

static void assert_no_apics(QTestState *qts)
{
    static const char *const words[] = { "no local APICs", NULL };

    assert_error(x_lapic_send(qts, "{'delivery': 'nmi'}"), words);
    assert_error(qtest_qmp(qts, "{'execute': 'x-query-lapic-routes'}"), words);
}

static void test_none(void)
{
    static const char *const words[] = { "no local APICs", NULL };
    QTestState *qts = qtest_init("-machine none -nodefaults");

    assert_no_apics(qts);
    assert_hmp(qts, "info lapic-routes", words);
    assert_hmp(qts, "x_lapic_send nmi", words);
    qtest_quit(qts);
}

static void test_isapc(void)
{
    static const char *const words[] = { "no routes", NULL };
    QTestState *qts = start("isapc", "-smp 1 -cpu 486");
    QDict *rsp;

    g_assert_true(qlist_empty(routes(qts, &rsp)));
    qobject_unref(rsp);
    assert_hmp(qts, "info lapic-routes", words);
    rsp = x_lapic_send(qts, "{'delivery': 'nmi'}");
    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    qtest_quit(qts);
}

static void test_aarch64(void)
{
    g_autofree char *ours = g_strdup(getenv("QTEST_QEMU_BINARY"));
    g_autofree char *dir = g_path_get_dirname(ours);
    g_autofree char *other = g_build_filename(dir, "qemu-system-aarch64", NULL);
    QTestState *qts;

    if (access(other, X_OK)) {
        g_test_skip("no qemu-system-aarch64");
        return;
    }
    /* qtest_init() knows one name only */
    g_setenv("QTEST_QEMU_BINARY", other, true);
    qts = qtest_init("-machine virt -nodefaults");
    g_setenv("QTEST_QEMU_BINARY", ours, true);
    assert_no_apics(qts);
    qtest_quit(qts);
}

/* Whatever is asked for, QEMU lives. */
static void test_hostile(const void *arg)
{
    QTestState *qts = start(arg, "");
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    static const char *const shorthands[] = { "none", "self", "all", "others" };

    for (int i = 0; i < 300; i++) {
        QDict *args = qdict_new();
        unsigned has = g_rand_int(rand);
        unsigned bits = g_rand_int(rand);

        qdict_put_str(args, "delivery", deliveries[bits & 7]);
        if (has & 1) {
            qdict_put_int(args, "vector", g_rand_int(rand) >> (bits >> 27));
        }
        if (has & 2) {
            qdict_put_int(args, "destination",
                          g_rand_int(rand) >> (bits >> 22 & 31));
        }
        if (has & 4) {
            qdict_put_int(args, "cpu", g_rand_int(rand) >> (bits >> 17 & 31));
        }
        if (has & 8) {
            qdict_put_str(args, "shorthand", shorthands[bits >> 3 & 3]);
        }
        qdict_put_bool(args, "logical", has & 16);
        qdict_put_bool(args, "level", has & 32);
        qdict_put_bool(args, "deassert", has & 64);
        qdict_put_bool(args, "redirect", has & 128);
        qobject_unref(qtest_qmp(qts, "{'execute': 'x-lapic-send', "
                                "'arguments': %p}", args));
        rte_write(qts, 0, i % PINS, (uint64_t)g_rand_int(rand) << 32 |
                  g_rand_int(rand));
        if (i % 100 == 0) {
            QDict *rsp;

            g_assert_cmpuint(qlist_size(routes(qts, &rsp)), ==,
                             ioapics(arg) * PINS);
            qobject_unref(rsp);
        }
    }
    qtest_quit(qts);
}

void lapic_test_monitor(const char *machine)
{
    static const struct {
        const char *name;
        void (*fn)(const void *arg);
    } each[] = {
        { "send", test_send },
        { "hmp", test_hmp },
        { "trace", test_trace },
        { "hostile", test_hostile },
    };

    for (int i = 0; i < G_N_ELEMENTS(each); i++) {
        g_autofree char *path = g_strdup_printf("lapic/%s/%s", machine,
                                                each[i].name);

        qtest_add_data_func(path, machine, each[i].fn);
    }
}

void lapic_test_machines(void)
{
    qtest_add_func("lapic/none", test_none);
    qtest_add_func("lapic/isapc", test_isapc);
    qtest_add_func("lapic/aarch64", test_aarch64);
}
