/*
 * QEMU under -accel qtest, its monitor, and the guest's accesses
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_ROM_DIR      where intack-guest.rom is (it is never run here)
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qobject/qjson.h"
#include "qobject/qnum.h"
#include "lapic-test-vm.h"

enum {
    PCI_ADDRESS = 0xcf8,
    PCI_DATA = 0xcfc,
};

const char *const deliveries[8] = {
    "fixed", "lowest-priority", "smi", "reserved", "nmi", "init", "startup",
    "extint",
};

QTestState *start(const char *machine, const char *more)
{
    g_autofree char *rom = g_build_filename(getenv("INTACK_ROM_DIR") ?: ".",
                                            "intack-guest.rom", NULL);

    return qtest_initf("-machine %s -nodefaults -m 16 -bios %s -smp %d %s",
                       machine, rom, VCPUS, more);
}

unsigned ioapics(const char *machine)
{
    return g_str_equal(machine, "microvm") ? 2 : 1;
}

/* The monitor */

QDict *x_lapic_send(QTestState *qts, const char *args)
{
    return qtest_qmp(qts, "{'execute': 'x-lapic-send', 'arguments': %p}",
                     qobject_from_json(args, &error_abort));
}

void assert_words(const char *text, const char *const *words)
{
    const char *at = text;

    for (; *words; words++) {
        const char *found = strstr(at, *words);

        if (!found) {
            g_test_message("no \"%s\" in: %s", *words, text);
            g_test_fail();
            return;
        }
        at = found + strlen(*words);
    }
}

void assert_error(QDict *rsp, const char *const *words)
{
    QDict *error = qdict_get_qdict(rsp, "error");

    g_assert_nonnull(error);
    assert_words(qdict_get_str(error, "desc"), words);
    qobject_unref(rsp);
}

QList *routes(QTestState *qts, QDict **rsp)
{
    *rsp = qtest_qmp(qts, "{'execute': 'x-query-lapic-routes'}");
    g_assert_true(qdict_haskey(*rsp, "return"));
    return qdict_get_qlist(*rsp, "return");
}

uint64_t number(QDict *d, const char *key)
{
    return qnum_get_uint(qobject_to(QNum, qdict_get(d, key)));
}

QDict *pin_route(QList *list, unsigned ioapic, unsigned pin)
{
    QListEntry *e;

    QLIST_FOREACH_ENTRY(list, e) {
        QDict *r = qobject_to(QDict, qlist_entry_obj(e));

        if (g_str_equal(qdict_get_str(r, "source"), "ioapic") &&
            number(r, "ioapic") == ioapic && number(r, "pin") == pin) {
            return r;
        }
    }
    g_assert_not_reached();
}

QDict *msi_route(QList *list, const char *id, unsigned index)
{
    QListEntry *e;

    QLIST_FOREACH_ENTRY(list, e) {
        QDict *r = qobject_to(QDict, qlist_entry_obj(e));

        if (g_str_equal(qdict_get_str(r, "source"), "msi") &&
            g_str_has_suffix(qdict_get_str(r, "device"), id) &&
            number(r, "index") == index) {
            return r;
        }
    }
    return NULL;
}

unsigned cpus(QDict *route)
{
    QListEntry *e;
    unsigned bits = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(route, "cpus"), e) {
        bits |= 1u << qnum_get_uint(qobject_to(QNum, qlist_entry_obj(e)));
    }
    return bits;
}

void assert_hmp(QTestState *qts, const char *command,
                       const char *const *words)
{
    g_autofree char *text = qtest_hmp(qts, "%s", command);

    g_test_message("%s -> %s", command, text);
    assert_words(text, words);
}

/* The guest's accesses */

void rte_write(QTestState *qts, unsigned ioapic, unsigned pin,
                      uint64_t entry)
{
    uint32_t base = IOAPIC + ioapic * IOAPIC_SECONDARY;

    qtest_writel(qts, base, 0x11 + 2 * pin);
    qtest_writel(qts, base + 0x10, entry >> 32);
    qtest_writel(qts, base, 0x10 + 2 * pin);
    qtest_writel(qts, base + 0x10, (uint32_t)entry);
}

char *second_ioapic(QTestState *qts)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-list', 'arguments':"
                           "{'path': '/machine/unattached'}}");
    char *path = NULL;
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *child = qobject_to(QDict, qlist_entry_obj(e));

        if (g_str_equal(qdict_get_str(child, "type"), "child<ioapic>")) {
            path = g_strdup_printf("/machine/unattached/%s",
                                   qdict_get_str(child, "name"));
        }
    }
    qobject_unref(rsp);
    g_assert_nonnull(path);
    return path;
}

uint32_t pci_read(QTestState *qts, unsigned slot, unsigned reg)
{
    qtest_outl(qts, PCI_ADDRESS, 0x80000000u | slot << 11 | (reg & ~3u));
    return qtest_inl(qts, PCI_DATA) >> (reg & 3) * 8;
}

void pci_write(QTestState *qts, unsigned slot, unsigned reg,
                      uint32_t val)
{
    qtest_outl(qts, PCI_ADDRESS, 0x80000000u | slot << 11 | reg);
    qtest_outl(qts, PCI_DATA, val);
}

unsigned pci_capability(QTestState *qts, unsigned slot, uint8_t id)
{
    unsigned at = pci_read(qts, slot, 0x34) & 0xfc;

    while (at && (pci_read(qts, slot, at) & 0xff) != id) {
        at = pci_read(qts, slot, at + 1) & 0xfc;
    }
    g_assert_cmphex(at, !=, 0);
    return at;
}
