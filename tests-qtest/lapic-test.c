/*
 * x-query-lapic-routes, x-lapic-send and their HMP twins under -accel qtest
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a message's words mean is worked out here once more, from the
 * datasheets.
 */

#include "qemu/osdep.h"
#include "lapic-test-vm.h"

enum {
    BAR = 0xe0000000,
    EDU_SLOT = 5,
    SERIAL_SLOT = 6,
};

static const char *const machines[] = { "pc", "q35", "microvm" };

/* What is expected, by the words' fields */

static unsigned physical(unsigned dest)
{
    return dest == 0xff ? (1u << VCPUS) - 1 : dest < VCPUS ? 1u << dest : 0;
}

static void assert_message(QDict *route, uint32_t low, unsigned dest)
{
    QDict *m = qdict_get_qdict(route, "message");

    g_assert_nonnull(m);
    g_assert_cmpstr(qdict_get_str(m, "delivery"), ==,
                    deliveries[low >> 8 & 7]);
    g_assert_cmphex(number(m, "vector"), ==, low & 0xff);
    g_assert_cmphex(number(m, "destination"), ==, dest);
    g_assert_cmpint(qdict_get_bool(m, "logical"), ==, !!(low & RTE_LOGICAL));
    g_assert_cmpint(qdict_get_bool(m, "level"), ==, !!(low & RTE_LEVEL));
    g_assert_cmpstr(qdict_get_str(m, "shorthand"), ==, "none");
}

/*
 * Nobody has a logical address: only its broadcast reaches someone. No APIC is
 * enabled by software: it takes no interrupt, and an ExtINT is one.
 */
static void assert_reach(QDict *route, uint32_t low, unsigned dest)
{
    unsigned meant = (low & RTE_LOGICAL) && dest != 0xff ? 0 : physical(dest);
    bool one = meant && !(meant & (meant - 1));
    unsigned delivery = low >> 8 & 7;
    bool takes = delivery >= 2 && delivery <= 6;

    g_assert_cmphex(cpus(route), ==, takes ? meant : 0);
    if (one && delivery <= 1) {
        g_assert_cmpint(number(route, "postable"), ==, dest);
    } else {
        g_assert_false(qdict_haskey(route, "postable"));
    }
    if (one && takes) {
        g_assert_cmpint(number(route, "target"), ==, dest);
    } else {
        g_assert_false(qdict_haskey(route, "target"));
    }
}

static void assert_pin(QDict *route, uint64_t entry)
{
    uint32_t low = (uint32_t)entry;

    g_assert_cmphex(number(route, "entry"), ==, entry);
    g_test_message("entry %016" PRIx64, entry);
    g_assert_cmpint(qdict_get_bool(route, "masked"), ==,
                    !!(low & RTE_MASKED));
    g_assert_cmpint(qdict_get_bool(route, "active-low"), ==,
                    !!(low & RTE_LOW));
    g_assert_cmpint(qdict_get_bool(route, "remote-irr"), ==,
                    !!(low & RTE_REMOTE_IRR));
    if (entry & RTE_REMAPPABLE) {
        g_assert_false(qdict_haskey(route, "message"));
        g_assert_false(qdict_haskey(route, "words"));
        g_assert_nonnull(strstr(qdict_get_str(route, "fault"), "remap"));
        g_assert_cmphex(cpus(route), ==, 0);
        return;
    }
    assert_message(route, low, entry >> 56);
    g_assert_false(qdict_get_bool(qdict_get_qdict(route, "message"),
                                  "deassert"));
    g_assert_false(qdict_get_bool(qdict_get_qdict(route, "message"),
                                  "redirect"));
    if (low & RTE_MASKED) {
        g_assert_false(qdict_haskey(route, "fault"));
        g_assert_cmphex(cpus(route), ==, 0);
    } else {
        assert_reach(route, low, entry >> 56);
    }
}

/* Tests: IOAPIC pins */

static void check_pins(QTestState *qts, const char *machine,
                       const uint64_t *entries)
{
    QDict *rsp;
    QList *list = routes(qts, &rsp);

    g_assert_cmpuint(qlist_size(list), ==, ioapics(machine) * PINS);
    for (unsigned i = 0; i < ioapics(machine) * PINS; i++) {
        assert_pin(pin_route(list, i / PINS, i % PINS), entries[i]);
    }
    qobject_unref(rsp);
}

static void test_reset(const void *arg)
{
    QTestState *qts = start(arg, "");
    uint64_t entries[2 * PINS];

    for (int i = 0; i < G_N_ELEMENTS(entries); i++) {
        entries[i] = RTE_MASKED;
    }
    check_pins(qts, arg, entries);
    qtest_quit(qts);
}

/* Every delivery mode with every other bit, on every pin */
static void test_decode(const void *arg)
{
    static const uint8_t dests[] = { 0, 1, 2, 3, 0x0f, 0x80, 0xfe, 0xff };
    unsigned n = ioapics(arg) * PINS;
    QTestState *qts = start(arg, "");
    uint64_t entries[2 * PINS];
    unsigned k = 0;

    for (int round = 0; round < 8; round++) {
        for (unsigned i = 0; i < n; i++, k++) {
            unsigned delivery = k % 8;
            unsigned flags = k / 8 % 16;
            uint64_t dest = dests[(k / 128 + k) % G_N_ELEMENTS(dests)];

            entries[i] = dest << 56 | delivery << 8 | (k * 7 & 0xff) |
                         (flags & 1 ? RTE_LOGICAL : 0) |
                         (flags & 2 ? RTE_LEVEL : 0) |
                         (flags & 4 ? RTE_LOW : 0) |
                         (flags & 8 && round & 1 ? RTE_MASKED : 0) |
                         (round == 7 && i % 3 == 0 ? RTE_REMAPPABLE : 0);
            rte_write(qts, i / PINS, i % PINS, entries[i]);
        }
        check_pins(qts, arg, entries);
    }
    qtest_quit(qts);
}

/* What no local APIC should be sent is said to be that. */
static void test_faults(const void *arg)
{
    static const struct {
        uint64_t entry;
        const char *words[4];   /* none: nothing is wrong */
    } t[] = {
        { 0x10 }, { 0xff }, { 0x131 }, { 0x200 }, { 0x400 }, { 0x700 },
        { 0x0f, { "vector", "15", "16..255" } },
        { 0x100, { "vector", "0", "16..255" } },
        { 0x201, { "vector", "1" } },
        { 0x331, { "delivery mode", "3" } },
        { 0x631, { "delivery mode", "6" } },
        { RTE_REMAPPABLE | 0x31, { "remap" } },
    };
    QTestState *qts = start(arg, "");

    for (int i = 0; i < G_N_ELEMENTS(t); i++) {
        QDict *rsp, *r;

        rte_write(qts, 0, 5, t[i].entry);
        r = pin_route(routes(qts, &rsp), 0, 5);
        if (t[i].words[0]) {
            assert_words(qdict_get_try_str(r, "fault") ?: "nothing",
                         t[i].words);
        } else {
            g_assert_cmpstr(qdict_get_try_str(r, "fault"), ==, NULL);
        }
        qobject_unref(rsp);
    }
    qtest_quit(qts);
}

static uint64_t pin_delivered(QTestState *qts, unsigned ioapic, unsigned pin)
{
    QDict *rsp;
    QDict *r = pin_route(routes(qts, &rsp), ioapic, pin);
    uint64_t n = number(r, "delivered");

    qobject_unref(rsp);
    return n;
}

static void pulse(QTestState *qts, const char *ioapic, int pin, int n)
{
    while (n--) {
        qtest_set_irq_in(qts, ioapic, NULL, pin, 1);
        qtest_set_irq_in(qts, ioapic, NULL, pin, 0);
    }
}

static void test_delivered(const void *arg)
{
    QTestState *qts = start(arg, "");
    g_autofree char *second = ioapics(arg) == 2 ? second_ioapic(qts) : NULL;
    uint64_t before = pin_delivered(qts, 0, 2);

    rte_write(qts, 0, 2, 0x30);
    rte_write(qts, 0, 21, 0x31);
    rte_write(qts, 0, 22, 0x32 | RTE_MASKED);
    rte_write(qts, 0, 23, 0x33 | RTE_LEVEL);
    pulse(qts, "ioapic", 21, 3);
    pulse(qts, "ioapic", 22, 5);
    g_assert_cmpuint(pin_delivered(qts, 0, 21), ==, 3);
    g_assert_cmpuint(pin_delivered(qts, 0, 22), ==, 0);
    /* Held high; then not until its EOI, whatever else is sent */
    qtest_set_irq_in(qts, "ioapic", NULL, 23, 1);
    g_assert_cmpuint(pin_delivered(qts, 0, 23), ==, 1);
    pulse(qts, "ioapic", 21, 2);
    g_assert_cmpuint(pin_delivered(qts, 0, 21), ==, 5);
    g_assert_cmpuint(pin_delivered(qts, 0, 23), ==, 1);
    pulse(qts, "ioapic", 23, 2);
    g_assert_cmpuint(pin_delivered(qts, 0, 23), ==, 1);
    /* ISA IRQ0 is pin 2. */
    pulse(qts, "ioapic", 0, 4);
    g_assert_cmpuint(pin_delivered(qts, 0, 0), ==, 0);
    g_assert_cmpuint(pin_delivered(qts, 0, 2), ==, before + 4);
    if (second) {
        rte_write(qts, 1, 21, 0x41);
        pulse(qts, second, 21, 7);
        g_assert_cmpuint(pin_delivered(qts, 1, 21), ==, 7);
        g_assert_cmpuint(pin_delivered(qts, 0, 21), ==, 5);
    }
    qtest_quit(qts);
}

/* Tests: MSI and MSI-X */

static void test_msi(const void *arg)
{
    g_autofree char *more = g_strdup_printf("-device edu,id=edu,addr=%d",
                                            EDU_SLOT);
    QTestState *qts = start(arg, more);
    unsigned cap = pci_capability(qts, EDU_SLOT, 0x05);
    QDict *rsp, *r;

    g_assert_null(msi_route(routes(qts, &rsp), "/edu", 0));
    qobject_unref(rsp);
    pci_write(qts, EDU_SLOT, 0x10, BAR);
    pci_write(qts, EDU_SLOT, 0x04, 6);
    pci_write(qts, EDU_SLOT, cap + 4, APIC | 2 << 12);
    pci_write(qts, EDU_SLOT, cap + 8, 0);
    pci_write(qts, EDU_SLOT, cap + 12, 0x0045);
    pci_write(qts, EDU_SLOT, cap, 1 << 16);
    for (int i = 0; i < 3; i++) {
        qtest_writel(qts, BAR + 0x60, 1);   /* edu: interrupt raise */
        qtest_writel(qts, BAR + 0x64, 1);   /* and acknowledge */
    }
    r = msi_route(routes(qts, &rsp), "/edu", 0);
    g_assert_nonnull(r);
    g_assert_false(qdict_get_bool(r, "msix"));
    g_assert_false(qdict_get_bool(r, "masked"));
    g_assert_cmphex(number(r, "address"), ==, APIC | 2 << 12);
    g_assert_cmphex(number(r, "data"), ==, 0x45);
    assert_message(r, 0x45, 2);
    assert_reach(r, 0x45, 2);
    g_assert_cmpuint(number(r, "delivered"), ==, 3);
    qobject_unref(rsp);
    /* Somewhere that is no local APIC */
    pci_write(qts, EDU_SLOT, cap + 4, 0x1000);
    pci_write(qts, EDU_SLOT, cap + 12, 0x0400);
    r = msi_route(routes(qts, &rsp), "/edu", 0);
    g_assert_nonnull(strstr(qdict_get_str(r, "fault"), "address"));
    g_assert_false(qdict_haskey(r, "message"));
    g_assert_cmphex(cpus(r), ==, 0);
    qobject_unref(rsp);
    qtest_quit(qts);
}

static void msix_write(QTestState *qts, uint64_t table, unsigned i,
                       uint32_t address, uint32_t data, bool masked)
{
    qtest_writel(qts, table + 16 * i, address);
    qtest_writel(qts, table + 16 * i + 4, 0);
    qtest_writel(qts, table + 16 * i + 8, data);
    qtest_writel(qts, table + 16 * i + 12, masked);
}

static void test_msix(const void *arg)
{
    g_autofree char *more = g_strdup_printf(
        "-device virtio-serial-pci,id=ser,vectors=4,addr=%d", SERIAL_SLOT);
    QTestState *qts = start(arg, more);
    unsigned cap = pci_capability(qts, SERIAL_SLOT, 0x11);
    uint32_t where = pci_read(qts, SERIAL_SLOT, cap + 4);
    uint64_t table = BAR + (where & ~7u);
    QDict *rsp, *r;
    QList *list;

    pci_write(qts, SERIAL_SLOT, 0x10 + 4 * (where & 7), BAR);
    pci_write(qts, SERIAL_SLOT, 0x04, 6);
    /* The redirection hint and logical mode are bits 3 and 2. */
    msix_write(qts, table, 0, APIC | 1 << 12, 0x0151, false);
    msix_write(qts, table, 1, APIC | 0xff << 12 | 0xc, 0xc052, false);
    msix_write(qts, table, 2, APIC, 0x53, true);
    msix_write(qts, table, 3, APIC | 0x10, 0x54, false);
    g_assert_null(msi_route(routes(qts, &rsp), "/ser", 0));
    qobject_unref(rsp);
    pci_write(qts, SERIAL_SLOT, cap, 1u << 31);
    /* Any device may write the same words; the last has their hash value. */
    qtest_writel(qts, APIC | 1 << 12, 0x0151);
    qtest_writel(qts, APIC | 1 << 12, 0x0151);
    qtest_writel(qts, APIC | 1 << 12, 0x4420);

    list = routes(qts, &rsp);
    r = msi_route(list, "/ser", 0);
    g_assert_true(qdict_get_bool(r, "msix"));
    assert_message(r, 0x151, 1);
    assert_reach(r, 0x151, 1);
    g_assert_cmpuint(number(r, "delivered"), ==, 2);
    g_assert_true(qdict_get_bool(qdict_get_qdict(r, "message"), "deassert"));
    r = msi_route(list, "/ser", 1);
    assert_message(r, 0x8852, 0xff);
    g_assert_true(qdict_get_bool(qdict_get_qdict(r, "message"), "redirect"));
    g_assert_false(qdict_get_bool(qdict_get_qdict(r, "message"), "deassert"));
    g_assert_cmpuint(number(r, "delivered"), ==, 0);
    r = msi_route(list, "/ser", 2);
    g_assert_true(qdict_get_bool(r, "masked"));
    g_assert_cmphex(cpus(r), ==, 0);
    r = msi_route(list, "/ser", 3);
    g_assert_nonnull(strstr(qdict_get_str(r, "fault"), "remap"));
    g_assert_false(qdict_haskey(r, "message"));
    qobject_unref(rsp);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(const void *arg);
        bool pci;
    } each[] = {
        { "reset", test_reset },
        { "decode", test_decode },
        { "faults", test_faults },
        { "delivered", test_delivered },
        { "msi", test_msi, true },
        { "msi-x", test_msix, true },
    };

    g_test_init(&argc, &argv, NULL);
    for (int m = 0; m < G_N_ELEMENTS(machines); m++) {
        for (int i = 0; i < G_N_ELEMENTS(each); i++) {
            g_autofree char *path = g_strdup_printf("lapic/%s/%s", machines[m],
                                                    each[i].name);

            if (!each[i].pci || !g_str_equal(machines[m], "microvm")) {
                qtest_add_data_func(path, machines[m], each[i].fn);
            }
        }
        lapic_test_monitor(machines[m]);
        if (m != 1) {
            lapic_test_reach(machines[m]);  /* q35 is as pc */
        }
    }
    lapic_test_machines();
    return g_test_run();
}
