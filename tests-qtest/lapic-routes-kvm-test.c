/*
 * Routes to local APICs under real KVM
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small guest (guest/routes.S) programs an entry of the IOAPIC's table. Whom
 * x-query-lapic-routes says it reaches is whom it reaches when the pin is
 * raised.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_ROM_DIR      where intack-guest.rom is
 */

#include "qemu/osdep.h"
#include "kvm-probe.h"
#include "lapic-test-vm.h"

/* guest/guest.inc has the same numbers */
enum {
    P_SCENARIO = 0x600,
    P_CPUS     = 0x610,
    P_GO       = 0x640,
    P_RTE      = 0x644,

    PERCPU     = 0x1000,
    C_APICID   = 0x00,
    C_STATE    = 0x08,
    C_IPI      = 0x10,
    C_NMI      = 0x14,

    SCN_ROUTES = 19,
    ST_GO      = 2,
};

enum { N = 4, PIN = 20, PATIENCE = 60 * 1000 };

#define BAR         0xe0000000u
#define EDU_SLOT    5
#define BLK_SLOT    6
#define BLK_PORT    0xc000
#define RING        0x100000u
#define VEC_IPI     0x60
#define FIXED       VEC_IPI
#define LOWEST      (0x100 | VEC_IPI)
#define NMI         0x400
#define EXTINT      0x700       /* KVM drops it */

typedef struct Row {
    uint32_t low;
    uint8_t dest;
} Row;

static const Row rows[] = {
    { FIXED, 0 }, { FIXED, 1 }, { FIXED, 2 }, { FIXED, 3 }, { FIXED, 4 },
    { FIXED, 0xff },
    { FIXED | RTE_LOGICAL, 0x01 }, { FIXED | RTE_LOGICAL, 0x06 },
    { FIXED | RTE_LOGICAL, 0x0f }, { FIXED | RTE_LOGICAL, 0x10 },
    { FIXED | RTE_LOGICAL, 0xff }, { FIXED | RTE_LOGICAL, 0 },
    { FIXED | RTE_MASKED, 1 },
    { LOWEST, 1 }, { LOWEST, 0xff },
    { LOWEST | RTE_LOGICAL, 0x0f }, { LOWEST | RTE_LOGICAL, 0x0e },
    { LOWEST | RTE_LOGICAL, 0x0c }, { LOWEST | RTE_LOGICAL, 0xf0 },
    { EXTINT, 0 },
    { NMI, 1 }, { NMI | RTE_LOGICAL, 0x0c }, { NMI, 0xff },
};

static uint32_t data_of[N];     /* by APIC ID, which is the index here */

static void wait_word(QTestState *qts, uint32_t addr, uint32_t value)
{
    int ms;

    for (ms = 0; qtest_readl(qts, addr) != value; ms++) {
        g_assert_cmpint(ms, <, PATIENCE);
        g_usleep(1000);
    }
}

static QTestState *guest_start(const char *machine, const char *more)
{
    g_autofree char *rom = g_build_filename(getenv("INTACK_ROM_DIR") ?: ".",
                                            "intack-guest.rom", NULL);
    QTestState *qts = qtest_initf(
        "-accel kvm -machine %s -nodefaults -m 16 -smp %d -bios %s "
        "-device loader,addr=%d,data=%d,data-len=4 "
        "-device loader,addr=%d,data=%d,data-len=4 %s",
        machine, N, rom, P_SCENARIO, SCN_ROUTES, P_CPUS, N, more);

    for (int i = 0; i < N; i++) {
        uint32_t data = PERCPU + 256 * i;

        wait_word(qts, data + C_STATE, ST_GO);
        data_of[qtest_readl(qts, data + C_APICID)] = data;
    }
    return qts;
}

static void program(QTestState *qts, uint64_t entry)
{
    qtest_writel(qts, P_RTE, (uint32_t)entry);
    qtest_writel(qts, P_RTE + 4, entry >> 32);
    qtest_writel(qts, P_GO, PIN);
    wait_word(qts, P_GO, 0);
}

static uint32_t taken(QTestState *qts, unsigned cpu)
{
    return qtest_readl(qts, data_of[cpu] + C_IPI) +
           qtest_readl(qts, data_of[cpu] + C_NMI);
}

static void pulse(QTestState *qts)
{
    qtest_set_irq_in(qts, "ioapic", NULL, PIN, 1);
    qtest_set_irq_in(qts, "ioapic", NULL, PIN, 0);
}

static void edu_interrupt(QTestState *qts)
{
    qtest_writel(qts, BAR + 0x60, 1);   /* raise */
    qtest_writel(qts, BAR + 0x64, 1);   /* acknowledge */
}

/* Interrupt once; those not in @who have had time enough to take it. */
static void interrupt(QTestState *qts, void (*send)(QTestState *qts),
                      unsigned who)
{
    uint32_t before[N];

    for (int i = 0; i < N; i++) {
        before[i] = taken(qts, i);
    }
    send(qts);
    for (int ms = 0; ms < PATIENCE; ms++) {
        bool all = true;

        for (int i = 0; i < N; i++) {
            all = all && (!(who & 1u << i) || taken(qts, i) != before[i]);
        }
        if (all) {
            break;
        }
        g_usleep(1000);
    }
    g_usleep(20000);
    for (int i = 0; i < N; i++) {
        g_assert_cmpuint(taken(qts, i) - before[i], ==, who >> i & 1);
    }
}

static void test_routes(const void *arg)
{
    bool split = g_str_has_suffix(arg, "split");
    const char *skip = kvm_missing();
    QTestState *qts;

    if (skip) {
        g_test_skip(skip);
        return;
    }
    qts = guest_start(arg, "");
    for (int i = 0; i < G_N_ELEMENTS(rows); i++) {
        QDict *rsp, *r;
        uint64_t sent = 0;
        unsigned who;

        program(qts, (uint64_t)rows[i].dest << 56 | rows[i].low);
        r = pin_route(routes(qts, &rsp), 0, PIN);
        who = qdict_haskey(r, "target") ? 1u << number(r, "target") : cpus(r);
        g_test_message("%s: 0x%x", qdict_get_str(r, "words"), who);
        g_assert_cmpint(qdict_haskey(r, "delivered"), ==, split);
        if (split) {
            sent = number(r, "delivered") + !(rows[i].low & RTE_MASKED);
        }
        qobject_unref(rsp);

        interrupt(qts, pulse, who);
        r = pin_route(routes(qts, &rsp), 0, PIN);
        if (split) {
            g_assert_cmpuint(number(r, "delivered"), ==, sent);
        }
        qobject_unref(rsp);
    }
    qtest_quit(qts);
}

/* An MSI that QEMU sends */
static void test_msi(const void *arg)
{
    const char *skip = kvm_missing();
    QDict *rsp, *r;
    QTestState *qts;
    unsigned cap;

    if (skip) {
        g_test_skip(skip);
        return;
    }
    qts = guest_start(arg, "-device edu,id=edu,addr=5");
    cap = pci_capability(qts, EDU_SLOT, 0x05);
    pci_write(qts, EDU_SLOT, 0x10, BAR);
    pci_write(qts, EDU_SLOT, 0x04, 6);
    pci_write(qts, EDU_SLOT, cap + 4, 0xfee00004 | 0x0a << 12);
    pci_write(qts, EDU_SLOT, cap + 8, 0);
    pci_write(qts, EDU_SLOT, cap + 12, FIXED);
    pci_write(qts, EDU_SLOT, cap, 1 << 16);
    r = msi_route(routes(qts, &rsp), "/edu", 0);
    g_assert_cmpstr(qdict_get_str(r, "words"), ==,
                    "Fixed 0x60 edge to logical 0x0a");
    g_assert_cmphex(cpus(r), ==, 0x0a);
    g_assert_cmpuint(number(r, "delivered"), ==, 0);
    qobject_unref(rsp);
    for (int i = 1; i <= 3; i++) {
        interrupt(qts, edu_interrupt, 0x0a);
        r = msi_route(routes(qts, &rsp), "/edu", 0);
        g_assert_cmpuint(number(r, "delivered"), ==, i);
        qobject_unref(rsp);
    }
    qtest_quit(qts);
}

/* A read request in the ring at RING, as virtio 0.9 has it */
static void blk_read(QTestState *qts, unsigned n)
{
    static const struct {
        uint32_t addr, len;
        uint16_t flags, next;
    } desc[] = {
        { RING - 0x3000, 16, 1, 1 },    /* zeroes: read sector 0 */
        { RING - 0x2000, 512, 3, 2 },
        { RING - 0x1000, 1, 2, 0 },
    };
    uint32_t avail = RING + 16 * qtest_inw(qts, BLK_PORT + 0x0c);

    for (int i = 0; i < G_N_ELEMENTS(desc); i++) {
        qtest_writeq(qts, RING + 16 * i, desc[i].addr);
        qtest_writel(qts, RING + 16 * i + 8, desc[i].len);
        qtest_writew(qts, RING + 16 * i + 12, desc[i].flags);
        qtest_writew(qts, RING + 16 * i + 14, desc[i].next);
    }
    qtest_writew(qts, avail + 2, n);
    qtest_outw(qts, BLK_PORT + 0x10, 0);
}

static void blk_request(QTestState *qts)
{
    static unsigned n;

    blk_read(qts, ++n);
}

/* MSI-X vector 1 to CPUs 1 and 2, for the only queue */
static void blk_start(QTestState *qts)
{
    unsigned cap = pci_capability(qts, BLK_SLOT, 0x11);

    pci_write(qts, BLK_SLOT, 0x10, BLK_PORT);
    pci_write(qts, BLK_SLOT, 0x14, BAR);
    pci_write(qts, BLK_SLOT, 0x04, 7);
    qtest_writel(qts, BAR + 16, 0xfee00004 | 0x06 << 12);
    qtest_writel(qts, BAR + 24, FIXED);
    qtest_writel(qts, BAR + 28, 0);
    pci_write(qts, BLK_SLOT, cap, 1u << 31);
    qtest_outb(qts, BLK_PORT + 0x12, 3);
    qtest_outw(qts, BLK_PORT + 0x0e, 0);
    qtest_outl(qts, BLK_PORT + 0x08, RING >> 12);
    qtest_outw(qts, BLK_PORT + 0x16, 1);
    qtest_outb(qts, BLK_PORT + 0x12, 7);
}

/* The device's own thread signals an irqfd: there is a route, and no count. */
static void test_irqfd(void)
{
    const char *skip = kvm_missing();
    QTestState *qts;
    QListEntry *e;
    QDict *rsp, *r;
    QList *list;
    bool found = false;

    if (skip) {
        g_test_skip(skip);
        return;
    }
    qts = guest_start("pc,kernel-irqchip=split", "-object iothread,id=thread "
                      "-blockdev null-co,node-name=disk,size=1048576,"
                      "read-zeroes=on -device virtio-blk-pci,id=blk,drive=disk,"
                      "iothread=thread,addr=6,romfile=");
    blk_start(qts);
    list = routes(qts, &rsp);
    r = msi_route(list, "/blk", 1);
    g_assert_cmphex(cpus(r), ==, 0x06);
    g_assert_false(qdict_haskey(r, "delivered"));
    QLIST_FOREACH_ENTRY(list, e) {
        r = qobject_to(QDict, qlist_entry_obj(e));
        if (g_str_equal(qdict_get_str(r, "source"), "kvm") &&
            number(r, "data") == FIXED) {
            g_assert_cmpuint(number(r, "gsi"), >=, 24);
            g_assert_cmphex(number(r, "address"), ==, 0xfee06004);
            g_assert_cmphex(cpus(r), ==, 0x06);
            found = true;
        }
    }
    g_assert_true(found);
    qobject_unref(rsp);
    interrupt(qts, blk_request, 0x06);
    interrupt(qts, blk_request, 0x06);
    qtest_quit(qts);
}

/* KVM's own table: a pin is there only with words that are not its own. */
static void test_kvm_row(void)
{
    const char *skip = kvm_missing();
    QTestState *qts;
    unsigned rows_seen = 0;
    QListEntry *e;
    QDict *rsp;
    QList *list;

    if (skip) {
        g_test_skip(skip);
        return;
    }
    qts = guest_start("pc,kernel-irqchip=split", "");
    program(qts, RTE_REMAPPABLE | FIXED);
    list = routes(qts, &rsp);
    g_assert_nonnull(qdict_get_try_str(pin_route(list, 0, PIN), "fault"));
    QLIST_FOREACH_ENTRY(list, e) {
        QDict *r = qobject_to(QDict, qlist_entry_obj(e));

        if (g_str_equal(qdict_get_str(r, "source"), "kvm")) {
            g_assert_cmpuint(number(r, "gsi"), ==, PIN);
            g_assert_nonnull(strstr(qdict_get_str(r, "fault"), "remap"));
            g_assert_false(qdict_haskey(r, "delivered"));
            rows_seen++;
        }
    }
    g_assert_cmpuint(rows_seen, ==, 1);
    qobject_unref(rsp);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("lapic-routes/split", "pc,kernel-irqchip=split",
                        test_routes);
    qtest_add_data_func("lapic-routes/kernel", "pc,kernel-irqchip=on",
                        test_routes);
    qtest_add_data_func("lapic-routes/msi/split", "pc,kernel-irqchip=split",
                        test_msi);
    qtest_add_data_func("lapic-routes/msi/kernel", "q35,kernel-irqchip=on",
                        test_msi);
    qtest_add_func("lapic-routes/kvm-table", test_kvm_row);
    qtest_add_func("lapic-routes/irqfd", test_irqfd);
    return g_test_run();
}
