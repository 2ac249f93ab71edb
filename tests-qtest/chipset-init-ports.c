/*
 * INIT# of the chipset, port by port
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Under -accel qtest, without a guest. What happened is told by the event
 * RESET, and by the boot CPU's LINT0.
 */

#include "qemu/osdep.h"
#include "libqtest.h"
#include "chipset-init-test.h"
#include "qmp-job.h"

static QDict *reset_event(QTestState *qts)
{
    /* What has happened is on its way before the answer */
    qtest_qmp_assert_success(qts, "{'execute': 'query-status'}");
    return qtest_qmp_event_ref(qts, "RESET");
}

bool was_reset(QTestState *qts)
{
    QDict *event = reset_event(qts);

    qobject_unref(event);
    return event;
}

void must_reset(QTestState *qts)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;
    QDict *event, *data;

    while (!(event = reset_event(qts))) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(1000);
    }
    data = qdict_get_qdict(event, "data");
    g_assert_true(qdict_get_bool(data, "guest"));
    g_assert_cmpstr(qdict_get_str(data, "reason"), ==, "guest-reset");
    qobject_unref(event);
}

typedef struct Write {
    uint16_t port;
    uint8_t val;
} Write;

enum { NOTHING, INIT, RESET };      /* what comes of it */

typedef struct Way {
    const char *name;
    Write write[4];
    int cpu;                    /* with chipset-init=cpu, */
    int machine;                /* and in stock */
} Way;

static const Way ways[] = {
    { "92-rise", { { 0x92, 1 } }, INIT, RESET },
    { "92-a20", { { 0x92, 2 }, { 0x92, 0 } }, NOTHING, NOTHING },
    { "fe", { { 0x64, 0xfe } }, INIT, RESET },
    { "f0", { { 0x64, 0xf0 } }, INIT, RESET },
    { "fc", { { 0x64, 0xfc } }, INIT, RESET },
    { "ff", { { 0x64, 0xff } }, NOTHING, NOTHING },
    { "f1", { { 0x64, 0xf1 } }, NOTHING, NOTHING },
    { "outport-0", { { 0x64, 0xd1 }, { 0x60, 0xde } }, INIT, RESET },
    { "outport-1", { { 0x64, 0xd1 }, { 0x60, 0xdf } }, NOTHING, NOTHING },
    { "cf9-2", { { 0xcf9, 0x02 } }, NOTHING, NOTHING },
    { "cf9-8", { { 0xcf9, 0x08 } }, NOTHING, NOTHING },
    { "cf9-4", { { 0xcf9, 0x00 }, { 0xcf9, 0x04 } }, INIT, RESET },
    { "cf9-c", { { 0xcf9, 0x08 }, { 0xcf9, 0x0c } }, INIT, RESET },
    { "cf9-soft-after-hard-chosen", { { 0xcf9, 0x02 }, { 0xcf9, 0x04 } },
      INIT, RESET },
    { "cf9-6", { { 0xcf9, 0x02 }, { 0xcf9, 0x06 } }, RESET, RESET },
    { "cf9-e", { { 0xcf9, 0x0a }, { 0xcf9, 0x0e } }, RESET, RESET },
};

/* INIT leaves the boot CPU's LINT0 open, a reset leaves it masked */
static bool had_init(QTestState *qts)
{
    g_autofree char *text = qtest_hmp(qts, "info lapic 0");
    const char *lvt0 = strstr(text, "LVT0");

    g_assert_nonnull(lvt0);
    return g_str_has_prefix(lvt0, "LVT0\t 0x00000700");
}

static bool gets_init(QTestState *qts)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    while (!had_init(qts)) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(1000);
    }
    return true;
}

/* Bits 3 and 1 are kept, a PIIX has only bit 1; a reset clears them */
static void check_rcr(QTestState *qts, const char *machine, uint8_t val,
                      int comes)
{
    uint8_t kept = val & (g_str_has_prefix(machine, "q35") ? 0x0a : 0x02);

    g_assert_cmphex(qtest_inb(qts, 0xcf9), ==, comes == RESET ? 0 : kept);
}

static void test_way(const void *data)
{
    static const char *const machines[] = {
        "pc", "q35,chipset-init=machine",
        "pc,chipset-init=cpu", "q35,chipset-init=cpu",
    };
    const Way *way = data;

    for (int i = 0; i < G_N_ELEMENTS(machines); i++) {
        bool cpu = strstr(machines[i], "=cpu");
        int comes = cpu ? way->cpu : way->machine;
        QTestState *qts = qtest_initf("-machine %s -nodefaults", machines[i]);
        uint8_t val = 0;

        g_assert_false(had_init(qts));
        for (int j = 0; j < 4 && way->write[j].port; j++) {
            val = way->write[j].val;
            qtest_outb(qts, way->write[j].port, val);
        }
        if (comes == RESET) {
            must_reset(qts);
        }
        g_assert_true(comes != INIT || gets_init(qts));
        g_assert_true(comes == INIT || !had_init(qts));
        g_assert_false(was_reset(qts));
        if (way->write[0].port == 0xcf9) {
            check_rcr(qts, machines[i], val, comes);
        }
        qtest_quit(qts);
    }
}

/* A pulse, not a level: one for each rise; and what the registers say */
static void test_pulse(void)
{
    QTestState *qts = qtest_init("-machine pc,chipset-init=cpu -nodefaults");

    qtest_outb(qts, 0x92, 3);
    g_assert_true(gets_init(qts));
    g_assert_cmphex(qtest_inb(qts, 0x92), ==, 3);
    /* The hard reset puts the boot CPU's LINT0 back: now it would show */
    qtest_outb(qts, 0xcf9, 6);
    must_reset(qts);
    g_assert_cmphex(qtest_inb(qts, 0x92), ==, 2);
    g_assert_false(had_init(qts));
    qtest_outb(qts, 0x92, 3);
    g_assert_true(gets_init(qts));
    qtest_qmp_assert_success(qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(qts, "RESET");
    qtest_outb(qts, 0x92, 2);
    g_assert_false(had_init(qts));
    g_assert_false(was_reset(qts));
    qtest_quit(qts);
}

void add_ports_tests(void)
{
    for (int i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *name = g_strdup_printf("chipset-init/ports/%s",
                                                ways[i].name);

        qtest_add_data_func(name, &ways[i], test_way);
    }
    qtest_add_func("chipset-init/ports/pulse", test_pulse);
}
