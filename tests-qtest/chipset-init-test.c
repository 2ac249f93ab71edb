/*
 * INIT# of the chipset: -machine chipset-init=machine|cpu
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest of our own (guest/init.S) comes back to real mode through it, on KVM
 * and TCG. A reset of the machine is an event RESET; an INIT of the processors
 * is none.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_ROM_DIR      where intack-guest.rom and intack-boot.img are
 */

#include "qemu/osdep.h"
#include "libqtest.h"
#include "kvm-probe.h"
#include "chipset-init-test.h"
#include "pic-stats.h"
#include "qmp-job.h"

/* guest/guest.inc has the same numbers */
enum {
    P_SCENARIO = 0x600,
    P_COUNT    = 0x608,
    P_FLAGS    = 0x60c,
    P_CPUS     = 0x610,
    P_INIT     = 0x62c,

    R_BOOTS    = 0x800,
    R_STATE    = 0x804,
    R_RESULT   = 0x808,
    R_STEP     = 0x80c,
    R_COUNT    = 0x840,
    R_SPUR7    = 0x880,
    R_SPUR15   = 0x884,
    R_POLLED   = 0x888,
    R_STRAY    = 0x890,

    I_ROUND    = 0xd20,
    I_COUNT    = 0xd24,
    I_STYLE    = 0xd38,
    I_SERVED   = 0xd48,
};

enum { F_HALT = 1, F_NOAPIC = 32, F_OTHER = 64, F_OLD = 128, F_HARD = 256,
       F_RESET = 512, F_KPIC = 1024, F_OPEN = 2048 };
enum { SCN_INIT = 17, ST_DONE = 0xd0e };

static char *guest_rom, *hold;
static const char *no_kvm;      /* why KVM is of no use here */

/* The guest */

typedef struct Guest {
    const char *name;
    const char *accel;          /* and the machine, and what else */
    int flags, rounds, cpus;
    bool accounts;              /* of split-i8259 */
} Guest;

static QTestState *guest_start(const Guest *g, int first)
{
    int cpus = g->cpus ?: 1;
    int words[][2] = {
        { P_SCENARIO, SCN_INIT }, { P_FLAGS, g->flags },
        { P_COUNT, g->rounds }, { P_CPUS, cpus }, { P_INIT, first },
    };
    g_autoptr(GString) args = g_string_new(NULL);
    QTestState *qts;

    /* No event is told before the monitor has been greeted */
    g_string_printf(args, "-accel %s -nodefaults -S -m 16 -smp %d -bios %s "
                    "-serial null -serial null", g->accel, cpus, guest_rom);
    for (int i = 0; i < G_N_ELEMENTS(words); i++) {
        g_string_append_printf(args,
                               " -device loader,addr=%d,data=%d,data-len=4",
                               words[i][0], words[i][1]);
    }
    qts = qtest_init(args->str);
    qtest_qmp_assert_success(qts, "{'execute': 'cont'}");
    return qts;
}

bool skip(const char *accel)
{
    if (no_kvm && g_str_has_prefix(accel, "kvm")) {
        g_test_skip(no_kvm);
        return true;
    }
    return false;
}

static void guest_passes(QTestState *qts)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    while (qtest_readl(qts, R_STATE) != ST_DONE &&
           g_get_monotonic_time() < end) {
        g_usleep(5000);
    }
    g_test_message("state %x result %u step %u boots %u round %u INITs %u "
                   "style %u stray %u", qtest_readl(qts, R_STATE),
                   qtest_readl(qts, R_RESULT), qtest_readl(qts, R_STEP),
                   qtest_readl(qts, R_BOOTS), qtest_readl(qts, I_ROUND),
                   qtest_readl(qts, I_COUNT), qtest_readl(qts, I_STYLE),
                   qtest_readl(qts, R_STRAY));
    g_assert_cmphex(qtest_readl(qts, R_STATE), ==, ST_DONE);
    g_assert_cmpuint(qtest_readl(qts, R_RESULT), ==, 1);
    g_assert_cmpuint(qtest_readl(qts, R_STRAY), ==, 0);
}

/* The IRQ is latched: a source's last edge came when the guest was done */
static bool latched(QTestState *qts, int irq)
{
    g_autofree char *text = qtest_hmp(qts, "info pic");
    const char *chip = strstr(text, irq < 8 ? "pic0: irr=" : "pic1: irr=");

    g_assert_nonnull(chip);
    return g_ascii_strtoull(chip + strlen("pic0: irr="), NULL, 16) >>
           irq % 8 & 1;
}

/*
 * Everything is quiet: what was raised and not merged or dropped has been
 * delivered, and each delivery ran its handler or was a poll, once.
 */
static void check_accounts(QTestState *qts)
{
    static const int irqs[] = { 0, 1, 8 };
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/split-i8259',"
                           "'property': 'stats'}}");
    QDict *stats = qdict_get_qdict(rsp, "return");

    g_assert_nonnull(stats);
    for (int i = 0; i < G_N_ELEMENTS(irqs); i++) {
        int irq = irqs[i];
        int64_t raised = counter(stats, "raised", irq);
        int64_t gone = counter(stats, "merged", irq) +
                       counter(stats, "dropped", irq);
        int64_t delivered = counter(stats, "delivered", irq);
        uint32_t taken = qtest_readl(qts, R_COUNT + 4 * irq) +
                         (irq == 1 ? qtest_readl(qts, R_POLLED) : 0);

        g_test_message("IRQ%d: raised %" PRId64 ", merged or dropped %" PRId64
                       ", delivered %" PRId64 ", taken %u", irq, raised, gone,
                       delivered, taken);
        g_assert_cmpint(raised - gone, ==, delivered + latched(qts, irq));
        g_assert_cmpint(delivered, ==, taken);
        g_assert_cmpint(delivered, >, 0);
    }
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(counter(stats, "spurious", i), ==,
                        qtest_readl(qts, i ? R_SPUR15 : R_SPUR7));
    }
    qobject_unref(rsp);
}

static void test_guest(const void *data)
{
    const Guest *g = data;
    QTestState *qts;

    if (skip(g->accel)) {
        return;
    }
    qts = guest_start(g, 0);
    if (g->flags & F_HARD) {
        must_reset(qts);
    }
    guest_passes(qts);
    g_assert_false(was_reset(qts));
    g_assert_cmpuint(qtest_readl(qts, R_BOOTS), ==, g->flags & F_HARD ? 2 : 1);
    g_assert_cmpuint(qtest_readl(qts, I_COUNT), ==, g->rounds);
    if (g->accounts) {
        check_accounts(qts);
    }
    qtest_quit(qts);
}

/*
 * Another vCPU asserts INIT# while the first takes 5000 interrupts a second and
 * QEMU dawdles (hold.c): most of the times a vector is in KVM's slot, and is
 * the PIC's again. What is in service afterwards had its handler interrupted;
 * only that may not have been counted.
 */
static void test_held(const void *data)
{
    const Guest *g = data;
    const char *preload = getenv("LD_PRELOAD");
    g_autofree char *old = g_strdup(preload);
    int64_t delivered = 0, taken = 0;
    QTestState *qts;
    QDict *rsp, *stats;

    if (skip(g->accel)) {
        return;
    }
    g_setenv("LD_PRELOAD", hold, true);
    qts = guest_start(g, 0);
    if (old) {
        g_setenv("LD_PRELOAD", old, true);
    } else {
        g_unsetenv("LD_PRELOAD");
    }
    guest_passes(qts);
    rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                    "'path': '/machine/split-i8259', 'property': 'stats'}}");
    stats = qdict_get_qdict(rsp, "return");
    for (int irq = 0; irq < 16; irq++) {
        delivered += irq == 2 ? 0 : counter(stats, "delivered", irq);
        taken += qtest_readl(qts, R_COUNT + 4 * irq);
    }
    g_test_message("delivered %" PRId64 ", taken %" PRId64 ", recalled %"
                   PRId64 ", in service %u", delivered, taken,
                   qdict_get_int(stats, "recalled"),
                   qtest_readl(qts, I_SERVED));
    g_assert_cmpint(qdict_get_int(stats, "recalled"), >, g->rounds / 10);
    g_assert_cmpint(delivered - taken, >=, 0);
    g_assert_cmpint(delivered - taken, <=, qtest_readl(qts, I_SERVED));
    g_assert_cmpint(qtest_readl(qts, I_SERVED), <=, g->rounds / 4);
    qobject_unref(rsp);
    qtest_quit(qts);
}

/* Stock: each way resets the machine, and the shutdown code with it */
static void test_machine(const void *data)
{
    const Guest *g = data;

    if (skip(g->accel)) {
        return;
    }
    for (int first = 0; first < 5; first++) {
        QTestState *qts = guest_start(g, first);

        must_reset(qts);
        guest_passes(qts);
        g_assert_false(was_reset(qts));
        g_assert_cmpuint(qtest_readl(qts, R_BOOTS), ==, 2);
        g_assert_cmpuint(qtest_readl(qts, I_COUNT), ==, 0);
        qtest_quit(qts);
    }
}

/* What this machine can do */

#define SPLIT "kernel-irqchip=split,chipset-init=cpu"
#define ON "kernel-irqchip=on,chipset-init=cpu"
#define HZ " -device loader,addr=0x604,data=5000,data-len=4"

static const Guest guests[] = {
    { "kvm/pc-split", "kvm -machine pc," SPLIT, 0, 200, 1, true },
    { "kvm/q35-split", "kvm -machine q35," SPLIT, 0, 60, 1, true },
    { "kvm/busy", "kvm -machine pc," SPLIT HZ, 0, 600, 1, true },
    { "kvm/pc-on", "kvm -machine pc," ON, F_KPIC, 200, 1 },
    { "kvm/q35-on", "kvm -machine q35," ON, F_KPIC, 60, 1 },
    { "kvm/smp-split", "kvm -machine pc," SPLIT, 0, 60, 2, true },
    { "kvm/smp-on", "kvm -machine pc," ON, F_KPIC, 60, 2 },
    { "kvm/other-spin", "kvm -machine pc," SPLIT, F_OTHER, 60, 2, true },
    { "kvm/other-halt", "kvm -machine pc," SPLIT, F_OTHER | F_HALT, 60, 2,
      true },
    { "kvm/other-three", "kvm -machine q35," SPLIT, F_OTHER, 30, 3, true },
    { "kvm/other-on", "kvm -machine pc," ON, F_OTHER | F_HALT | F_KPIC, 60,
      2 },
    { "kvm/no-apic", "kvm -machine pc," SPLIT, F_NOAPIC, 60, 1, true },
    { "kvm/hard", "kvm -machine pc," SPLIT, F_HARD, 15, 1 },
    { "kvm/hard-q35", "kvm -machine q35," SPLIT, F_HARD, 15, 1 },
    { "tcg/pc", "tcg -machine pc,chipset-init=cpu", 0, 2000, 1 },
    { "tcg/q35", "tcg -machine q35,chipset-init=cpu", 0, 2000, 1 },
    { "tcg/split-pic", "tcg -machine pc,split-pic=on,chipset-init=cpu", 0,
      2000, 1, true },
    { "tcg/smp", "tcg -machine pc,split-pic=on,chipset-init=cpu", 0, 200, 4,
      true },
    { "tcg/single", "tcg,thread=single -machine pc,chipset-init=cpu", 0, 60,
      2 },
    { "tcg/icount", "tcg -icount shift=3 -machine pc,chipset-init=cpu", 0, 60,
      1 },
    { "tcg/other-spin", "tcg -machine pc,split-pic=on,chipset-init=cpu",
      F_OTHER, 200, 2, true },
    { "tcg/other-halt", "tcg -machine q35,chipset-init=cpu",
      F_OTHER | F_HALT, 200, 3 },
    { "tcg/no-apic", "tcg -machine pc,chipset-init=cpu", F_NOAPIC, 2000, 1 },
    { "tcg/486", "tcg -cpu 486 -machine pc,chipset-init=cpu", F_OLD, 2000,
      1 },
    { "tcg/486-split-pic",
      "tcg -cpu 486 -machine pc,split-pic=on,chipset-init=cpu", F_OLD, 2000,
      1, true },
    { "tcg/hard", "tcg -machine pc,chipset-init=cpu", F_HARD, 15, 1 },
    { "tcg/hard-q35", "tcg -machine q35,chipset-init=cpu", F_HARD, 15, 1 },
};

static const Guest held = {
    "kvm/held", "kvm -machine pc," SPLIT HZ, F_OTHER | F_OPEN, 60, 2
};

/* What stock does, and what it does when one asks for it */
static const Guest machines[] = {
    { "kvm/machine-stock", "kvm -machine pc,kernel-irqchip=split", F_RESET },
    { "kvm/machine-q35",
      "kvm -machine q35,kernel-irqchip=on,chipset-init=machine", F_RESET },
    { "tcg/machine-stock", "tcg -machine q35", F_RESET },
    { "tcg/machine-pc", "tcg -machine pc,chipset-init=machine", F_RESET },
};

int main(int argc, char **argv)
{
    const char *rom_dir = getenv("INTACK_ROM_DIR");
    g_autofree char *dir = g_path_get_dirname(argv[0]);
    char *boot_image;

    g_test_init(&argc, &argv, NULL);
    guest_rom = g_build_filename(rom_dir ?: dir, "intack-guest.rom", NULL);
    hold = g_build_filename(dir, "intack-hold.so", NULL);
    boot_image = g_build_filename(rom_dir ?: dir, "intack-boot.img", NULL);
    if (!g_file_test(guest_rom, G_FILE_TEST_EXISTS) ||
        !g_file_test(boot_image, G_FILE_TEST_EXISTS)) {
        g_printerr("%s or %s: no such file; INTACK_ROM_DIR names another "
                   "directory, scripts/build-guests makes them\n", guest_rom,
                   boot_image);
        return 1;
    }
    no_kvm = kvm_missing();
    add_ports_tests();
    for (int i = 0; i < G_N_ELEMENTS(guests); i++) {
        g_autofree char *name = g_strdup_printf("chipset-init/%s",
                                                guests[i].name);

        qtest_add_data_func(name, &guests[i], test_guest);
    }
    qtest_add_data_func("chipset-init/kvm/held", &held, test_held);
    for (int i = 0; i < G_N_ELEMENTS(machines); i++) {
        g_autofree char *name = g_strdup_printf("chipset-init/%s",
                                                machines[i].name);

        qtest_add_data_func(name, &machines[i], test_machine);
    }
    add_bios_tests(boot_image);
    return g_test_run();
}
