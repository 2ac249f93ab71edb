/*
 * Messages to local APICs under real KVM
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small guest (guest/lapic.S) lets each of its CPUs live as the test says,
 * and counts what it takes. The messages come from the monitor.
 *
 * QTEST_QEMU_BINARY   the QEMU to test
 * INTACK_ROM_DIR      where intack-guest.rom is (default: beside the test)
 */

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kvm.h>
#include "qobject/qdict.h"
#include "lapic-vm.h"

#define KVM_ON KVM_SPLIT ",queued-nmi=on"

/* NMI */

typedef struct {
    const char *name;
    const char *machine;
    bool user;                  /* the local APICs are QEMU's */
    bool stock;                 /* looks at what QEMU knew before */
} NMI;

static const NMI nmis[] = {
    { "split/off", KVM_SPLIT ",queued-nmi=off", false, true },
    { "split/on", KVM_ON, false, false },
    { "kernel/off", KVM_KERNEL ",queued-nmi=off", false, true },
    { "kernel/on", KVM_KERNEL ",queued-nmi=on", false, false },
    { "tcg/off", TCG ",queued-nmi=off", true, true },
    { "tcg/on", TCG ",queued-nmi=on", true, false },
};

/* NMI, masked, Fixed; and an APIC that is off has no say */
static void test_nmi(const void *data)
{
    static const uint32_t lapic[] = {
        L_HALT | L_CLI, L_MASKED, L_FIXED, L_OFF | L_MASKED | L_HALT,
    };
    const NMI *m = data;
    QTestState *qts;

    if (skip(m->machine)) {
        return;
    }
    qts = guest_start(m->machine, 4, lapic);
    if (m->stock) {
        /* Is the APIC on? It asks before the vCPU has left KVM_RUN to tell */
        look(qts);
    }
    for (int i = 1; i <= 5; i++) {
        inject_nmi(qts);
        g_assert_true(reaches(cpu_data(0) + C_NMI, i));
        g_assert_true(reaches(cpu_data(3) + C_NMI, i));
        if (m->user) {
            g_assert_true(reaches(cpu_data(2) + C_IPI, i));
        }
    }
    g_usleep(100000);
    for (int i = 0; i < 4; i++) {
        g_test_message("CPU %d: %u NMIs, %u interrupts", i,
                       word(cpu_data(i) + C_NMI), word(cpu_data(i) + C_IPI));
        g_assert_cmpuint(word(cpu_data(i) + C_NMI), ==,
                         i == 0 || i == 3 ? 5 : 0);
        /* QEMU's own APIC delivers it, the kernel's never did */
        g_assert_cmpuint(word(cpu_data(i) + C_IPI), ==,
                         i == 2 && m->user ? 5 : 0);
    }
    guest_quit(qts);
}

/* A CPU that waits for its SIPI has LVT1 masked, by INIT */
static void test_nmi_wait(const void *data)
{
    static const uint32_t lapic[2] = { };
    const NMI *m = data;
    QTestState *qts;
    uint32_t old;

    if (skip(m->machine)) {
        return;
    }
    qts = guest_start(m->machine, 2, lapic);
    old = cpu_data(1);
    send_msg(qts, "'delivery': 'init', 'destination': 1");
    g_assert_true(cpu_rests(1));
    for (int i = 1; i <= 3; i++) {
        inject_nmi(qts);
        g_assert_true(reaches(cpu_data(0) + C_NMI, i));
    }
    set_word(P_GO, 1);
    g_assert_true(cpu_starts(1, old));
    g_assert_true(cpu_beats(1));
    g_assert_cmpuint(word(old + C_NMI), ==, 0);
    g_assert_cmpuint(word(cpu_data(1) + C_NMI), ==, 0);
    guest_quit(qts);
}

/* What an inject-nmi costs, in ioctls. Idle vCPUs do none. */

static uint64_t *counters;      /* count.c */

static unsigned ioctls(void)
{
    unsigned sum = 0;

    for (int i = 0; i < 256; i++) {
        if (i != _IOC_NR(KVM_RUN)) {
            sum += qatomic_read(&counters[i]);
        }
    }
    return sum;
}

static unsigned count_nmi(const char *machine)
{
    static const uint32_t lapic[4] = {
        L_HALT | L_CLI, L_HALT | L_CLI, L_HALT | L_CLI, L_HALT | L_CLI,
    };
    unsigned most = 0;
    QTestState *qts = guest_start(machine, 4, lapic);

    g_usleep(200000);
    for (int i = 1; i <= 5; i++) {
        unsigned before = ioctls();

        inject_nmi(qts);
        for (int cpu = 0; cpu < 4; cpu++) {
            g_assert_true(reaches(cpu_data(cpu) + C_NMI, i));
        }
        g_usleep(50000);
        most = MAX(most, ioctls() - before);
    }
    guest_quit(qts);
    return most;
}

static void test_ioctls(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = g_path_get_dirname(self);
    g_autofree char *so = g_build_filename(dir, "intack-count.so", NULL);
    g_autofree char *file = NULL;
    unsigned stock, ours;
    int fd;

    if (skip(KVM_SPLIT)) {
        return;
    }
    g_assert_cmpint(access(so, R_OK), ==, 0);
    fd = g_file_open_tmp("intack-XXXXXX", &file, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, 256 * sizeof(*counters)), ==, 0);
    counters = mmap(NULL, 256 * sizeof(*counters), PROT_READ | PROT_WRITE,
                    MAP_SHARED, fd, 0);
    g_assert_true(counters != MAP_FAILED);
    close(fd);

    g_setenv("INTACK_COUNT_FILE", file, true);
    g_setenv("LD_PRELOAD", so, true);
    stock = count_nmi(nmis[0].machine);
    ours = count_nmi(nmis[1].machine);
    g_unsetenv("LD_PRELOAD");
    g_test_message("inject-nmi on 4 vCPUs: %u ioctls, stock %u", ours, stock);
    g_assert_cmpuint(ours, >, 0);
    g_assert_cmpuint(ours, <=, 2 * 4);
    g_assert_cmpuint(stock, >, 4 * ours);
    unlink(file);
    munmap(counters, 256 * sizeof(*counters));
}

/* The VM is stopped: what is sent meanwhile is there when it goes on */

typedef enum { AND_CONT, AND_MIGRATE } Then;

typedef struct {
    const char *name;
    const char *machine;
    bool looked;                /* QEMU holds the registers */
    bool pin_last;              /* the NMI after the messages */
    Then then;
} Paused;

/* Each finds the registers in QEMU if that is what is tested */
static void send_paused(QTestState *qts, const Paused *p, bool pin)
{
    if (p->looked) {
        look(qts);
    }
    if (pin) {
        inject_nmi(qts);
        return;
    }
    send_msg(qts, "'delivery': 'init', 'destination': 3");
    if (p->looked) {
        look(qts);
    }
    send_msg(qts, "'delivery': 'fixed', 'vector': 96, 'destination': 2");
}

static void test_paused(const void *data)
{
    static const uint32_t lapic[4] = { L_HALT | L_CLI, 0, L_HALT, L_HALT };
    const Paused *p = data;
    uint32_t old, beat;
    QTestState *qts;

    if (skip(p->machine)) {
        return;
    }
    qts = guest_start(p->machine, 4, lapic);
    old = cpu_data(3);
    qtest_qmp_assert_success(qts, "{'execute': 'stop'}");
    beat = word(cpu_data(1) + C_BEAT);
    send_paused(qts, p, !p->pin_last);
    send_paused(qts, p, p->pin_last);
    g_assert_cmpuint(word(cpu_data(0) + C_NMI), ==, 0);
    if (p->then == AND_MIGRATE) {
        qts = guest_migrate(qts, p->machine, 4);
    }
    g_assert_cmpuint(word(cpu_data(1) + C_BEAT), ==, beat);
    qtest_qmp_assert_success(qts, "{'execute': 'cont'}");
    for (int i = 0; i < 3; i++) {
        g_assert_true(reaches(cpu_data(i) + C_NMI, 1));
    }
    g_assert_true(reaches(cpu_data(2) + C_IPI, 1));
    g_assert_true(cpu_rests(3));
    g_assert_cmpuint(word(cpu_data(3) + C_NMI), ==, 0);
    g_assert_true(cpu_beats(1));
    send_msg(qts, "'delivery': 'startup', 'destination': 3, 'vector': 240");
    g_assert_true(cpu_starts(3, old));
    for (int i = 0; i < 3; i++) {
        g_assert_cmpuint(word(cpu_data(i) + C_NMI), ==, 1);
    }
    g_assert_cmpuint(word(cpu_data(2) + C_IPI), ==, 1);
    guest_quit(qts);
}

static int64_t recalled(QTestState *qts)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/split-i8259',"
                           "'property': 'stats'}}");
    int64_t n = qdict_get_int(qdict_get_qdict(rsp, "return"), "recalled");

    qobject_unref(rsp);
    return n;
}

/*
 * INIT# while the kernel holds a vector of the PIC (hold.c), which survives an
 * INIT there: it is the PIC's again, and the CPU's new life begins without it.
 */
static void test_init_held(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = g_path_get_dirname(self);
    g_autofree char *so = g_build_filename(dir, "intack-hold.so", NULL);
    g_autofree char *opts =
        g_strdup_printf("-device loader,addr=%d,data=%d,data-len=4 "
                        "-device loader,addr=%d,data=5000,data-len=4",
                        P_SCENARIO, SCN_SERVICE, P_HZ);
    QTestState *qts;

    if (skip(KVM_SPLIT)) {
        return;
    }
    g_assert_cmpint(access(so, R_OK), ==, 0);
    set_word(R_BOOTS, 0);
    set_word(R_COUNT, 0);
    g_setenv("LD_PRELOAD", so, true);
    qts = guest_vm(KVM_SPLIT ",chipset-init=cpu", opts, 1, NULL);
    g_unsetenv("LD_PRELOAD");
    for (int i = 1; i <= 50; i++) {
        g_assert_true(reaches(R_BOOTS, i) && reaches(R_COUNT, 20 + i));
        g_assert_cmpuint(word(R_BOOTS), ==, i);
        g_assert_cmpuint(word(R_OLD), ==, 0);
        qtest_outb(qts, 0x92, 0);
        qtest_outb(qts, 0x92, 1);
    }
    g_test_message("%d vectors recalled", (int)recalled(qts));
    g_assert_cmpint(recalled(qts), >, 0);
    qtest_quit(qts);
}

/* What cannot be has a clear end */
static void test_wrong(void)
{
    static const struct {
        const char *args;
        const char *why;
    } wrong[] = {
        { KVM_KERNEL ",lint0-fixed=on", "lint0-fixed=on" },
        { KVM_SPLIT ",split-pic=off,lint0-fixed=on", "lint0-fixed=on" },
        { KVM_SPLIT ",chipset-init=none", "chipset-init" },
        { "-accel kvm -machine pc,kernel-irqchip=off,queued-nmi=on "
          "-cpu qemu64,-apic", "queued-nmi=on" },
        { "-accel kvm -machine pc,kernel-irqchip=off,chipset-init=cpu "
          "-cpu qemu64,-apic", "chipset-init=cpu" },
    };

    if (skip(KVM_SPLIT)) {
        return;
    }
    for (int i = 0; i < ARRAY_SIZE(wrong); i++) {
        g_autofree char *cmd =
            g_strdup_printf("%s %s -nodefaults -display none -bios %s",
                            getenv("QTEST_QEMU_BINARY"), wrong[i].args,
                            guest_rom);
        g_autofree char *err = NULL;
        int status;

        g_assert_true(g_spawn_command_line_sync(cmd, NULL, &err, &status,
                                                NULL));
        g_test_message("%s", err);
        g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
        g_assert_nonnull(strstr(err, wrong[i].why));
    }
}

int main(int argc, char **argv)
{
    static const Paused paused[] = {
        { "cont/off", KVM_SPLIT, false, true, AND_CONT },
        { "cont/on", KVM_ON, false, true, AND_CONT },
        { "cont/looked", KVM_ON, true, true, AND_CONT },
        { "migrate/on", KVM_ON, false, true, AND_MIGRATE },
        { "migrate/looked/pin", KVM_ON, true, true, AND_MIGRATE },
        { "migrate/looked/message", KVM_ON, true, false, AND_MIGRATE },
        { "migrate/tcg", TCG ",queued-nmi=on", true, true, AND_MIGRATE },
    };
    int i, ret;

    g_test_init(&argc, &argv, NULL);
    if (!vm_init(argv[0])) {
        return 1;
    }
    for (i = 0; i < ARRAY_SIZE(nmis); i++) {
        g_autofree char *nmi = g_strdup_printf("lapic-kvm/nmi/%s",
                                               nmis[i].name);
        g_autofree char *wait = g_strdup_printf("lapic-kvm/nmi/wait/%s",
                                                nmis[i].name);

        qtest_add_data_func(nmi, &nmis[i], test_nmi);
        qtest_add_data_func(wait, &nmis[i], test_nmi_wait);
    }
    qtest_add_func("lapic-kvm/nmi/ioctls", test_ioctls);
    qtest_add_func("lapic-kvm/init-held", test_init_held);
    add_send_tests();
    for (i = 0; i < ARRAY_SIZE(paused); i++) {
        g_autofree char *name = g_strdup_printf("lapic-kvm/paused/%s",
                                                paused[i].name);

        qtest_add_data_func(name, &paused[i], test_paused);
    }
    qtest_add_func("lapic-kvm/wrong", test_wrong);
    ret = g_test_run();
    vm_exit();
    return ret;
}
