/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other moments at which QEMU stops a guest, each with vectors held.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "soak-vm.h"

#define ROUNDS 20

static const VmArgs held = { PIC_ON, 2, HOLD };

static void goes_on(Vm *vm)
{
    if (!vm_alive(vm, PATIENCE_MS)) {
        vm_report(vm);
        g_error("it stalls");
    }
}

static void check_now(Vm *vm)
{
    Sight s = vm_look(vm);

    if (s.counters) {
        vm_check(vm, &s);
    }
}

/* There was something to recall, and the books balance */
static void end_well(Vm *vm)
{
    int64_t recalled = 0, stuck = 0;

    vm_settle(vm);
    vm_end(vm, &recalled, &stuck);
    g_test_message("recalled %" PRId64, recalled);
    g_assert_cmpint(recalled, >, 0);
    g_assert_cmpint(stuck, ==, 0);
}

/* False if this host or QEMU cannot do that */
static bool capability(QTestState *qts, const char *name)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'migrate-set-capabilities',"
                           " 'arguments': {'capabilities': [{"
                           "  'capability': %s, 'state': true}]}}", name);
    bool good = qdict_haskey(rsp, "return");

    if (!good) {
        g_test_skip(qdict_get_str(qdict_get_qdict(rsp, "error"), "desc"));
    }
    qobject_unref(rsp);
    return good;
}

static void migrate_to(QTestState *qts, const char *uri)
{
    qtest_qmp_assert_success(qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
}

static char *temporary(void)
{
    char *file = NULL;
    int fd = g_file_open_tmp("intack-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    return file;
}

/* Stopped and saved up to the last byte but one, and then called off */
static void test_cancel(void)
{
    g_autofree char *file = NULL;
    g_autofree char *uri = NULL;
    Vm *vm;
    int i;

    if (soak_skips()) {
        return;
    }
    file = temporary();
    uri = g_strdup_printf("file:%s", file);
    vm = vm_boot(&held);
    g_assert_true(capability(vm->qts, "pause-before-switchover"));
    for (i = 0; i < ROUNDS; i++) {
        vm_moment();
        migrate_to(vm->qts, uri);
        soak_wait_migration(vm->qts, "pre-switchover");
        check_now(vm);
        vm_qmp(vm, "migrate_cancel");
        soak_wait_migration(vm->qts, "cancelled");
        goes_on(vm);
    }
    end_well(vm);
    unlink(file);
}

/* A guest that goes on is saved as it was; both of it live */
static void test_background(void)
{
    g_autofree char *file = NULL;
    g_autofree char *uri = NULL;
    g_autofree char *more = NULL;
    Vm *vm;
    int i;

    if (soak_skips()) {
        return;
    }
    file = temporary();
    uri = g_strdup_printf("file:%s", file);
    more = g_strdup_printf("-S -incoming %s", uri);
    vm = vm_boot(&held);
    for (i = 0; i < ROUNDS; i++) {
        Vm *to;

        if (!capability(vm->qts, "background-snapshot")) {
            vm_end(vm, NULL, NULL);
            unlink(file);
            return;
        }
        vm_moment();
        migrate_to(vm->qts, uri);
        soak_wait_migration(vm->qts, "completed");
        goes_on(vm);
        vm_settle(vm);
        to = g_new0(Vm, 1);
        to->args = held;
        to->qts = vm_start(&held, more);
        soak_wait_migration(to->qts, "completed");
        vm_end(vm, &to->recalled, &to->stuck);
        vm_cont(to);
        goes_on(to);
        vm_settle(to);
        vm = to;
    }
    end_well(vm);
    unlink(file);
}

/* The guest runs there while its memory still comes */
static Vm *postcopy(Vm *from)
{
    g_autofree char *uri = soak_uri();
    Vm *to = g_new0(Vm, 1);
    Sight before, now = { .counters = true };
    int i;

    to->args = held;
    to->qts = vm_start(&held, "-incoming defer");
    if (!capability(to->qts, "postcopy-ram") ||
        !capability(from->qts, "postcopy-ram")) {
        qtest_quit(to->qts);
        g_free(to);
        return NULL;
    }
    qtest_qmp_assert_success(to->qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s}}", uri);
    /* Not before it has begun: it would be over */
    qtest_qmp_assert_success(from->qts, "{'execute': 'migrate-set-parameters',"
                             " 'arguments': {'max-bandwidth': 10000}}");
    migrate_to(from->qts, uri);
    soak_wait_migration(from->qts, "active");
    vm_moment();
    vm_qmp(from, "migrate-start-postcopy");
    soak_wait_migration(from->qts, "completed");
    soak_wait_migration(to->qts, "completed");
    before = vm_look(from);
    vm_check(from, &before);
    for (i = 0; i < LINES; i++) {
        now.handled[i] = before.handled[i];
        now.raised[i] = vm_pending(&before, i);
    }
    vm_carry(to, from, &before, &now);
    vm_end(from, &to->recalled, &to->stuck);
    return to;
}

static void test_postcopy(void)
{
    Vm *vm, *to;
    int i;

    if (soak_skips()) {
        return;
    }
    vm = vm_boot(&held);
    for (i = 0; i < ROUNDS; i++) {
        to = postcopy(vm);
        if (!to) {
            vm_end(vm, NULL, NULL);
            return;
        }
        vm = to;
        goes_on(vm);
    }
    end_well(vm);
}

/* The debugger's stub */

static void gdb_send(int fd, const char *packet)
{
    g_autofree char *text = NULL;
    unsigned sum = 0;
    const char *p;

    for (p = packet; *p; p++) {
        sum += (unsigned char)*p;
    }
    text = g_strdup_printf("$%s#%02x", packet, sum & 0xff);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
}

static char gdb_char(int fd)
{
    char c;

    g_assert_cmpint(read(fd, &c, 1), ==, 1);
    return c;
}

/* The packet that comes; what it begins with is wanted */
static void gdb_wait(int fd, const char *wanted)
{
    char packet[64] = "";
    int n = 0;
    char c;

    while (gdb_char(fd) != '$') {
        /* an acknowledge */
    }
    while ((c = gdb_char(fd)) != '#') {
        packet[n] = c;
        n = MIN(n + 1, (int)sizeof(packet) - 2);
    }
    gdb_char(fd);
    gdb_char(fd);
    g_assert_cmpint(write(fd, "+", 1), ==, 1);
    g_assert_true(g_str_has_prefix(packet, wanted));
}

static int gdb_connect(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    g_assert_cmpint(fd, >=, 0);
    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    gdb_send(fd, "?");
    gdb_wait(fd, "T");
    return fd;
}

/* Interrupted anywhere, stepped, and let go; NULL if it stalls within ms */
static Vm *debug(const VmArgs *like, const char *more, int rounds, int steps,
                 int ms)
{
    g_autofree char *uri = soak_uri();
    const char *path = uri + strlen("unix:");
    g_autofree char *opts =
        g_strdup_printf("-chardev socket,id=gdb,path=%s,server=on,wait=off"
                        " -gdb chardev:gdb %s", path, more);
    VmArgs args = *like;
    Vm *vm;
    int fd, i, step;

    args.opts = opts;
    vm = vm_boot(&args);
    fd = gdb_connect(path);
    for (i = 0; i < rounds; i++) {
        check_now(vm);
        for (step = 0; step < steps; step++) {
            gdb_send(fd, "s");
            gdb_wait(fd, "T05");
            check_now(vm);
        }
        gdb_send(fd, "c");
        if (!vm_alive(vm, ms)) {
            vm_report(vm);
            close(fd);
            vm_end(vm, NULL, NULL);
            return NULL;
        }
        g_assert_cmpint(write(fd, "\x03", 1), ==, 1);
        gdb_wait(fd, "T02");
    }
    gdb_send(fd, "D");
    gdb_wait(fd, "OK");
    close(fd);
    goes_on(vm);
    return vm;
}

static void test_gdb_stop(void)
{
    Vm *vm;

    if (soak_skips()) {
        return;
    }
    vm = debug(&held, "", ROUNDS, 0, PATIENCE_MS);
    g_assert_nonnull(vm);
    end_well(vm);
}

static void test_gdb_step(void)
{
    static const VmArgs witness = { PIC_OFF, 2 };
    Vm *vm;

    if (soak_skips()) {
        return;
    }
    vm = debug(&witness, "-machine kernel-irqchip=on", 10 * ROUNDS, 5, 3000);
    if (!vm) {
        g_test_skip("this KVM loses its own PIC's interrupts in single steps");
        return;
    }
    vm_end(vm, NULL, NULL);
    vm = debug(&held, "", ROUNDS, 5, PATIENCE_MS);
    g_assert_nonnull(vm);
    end_well(vm);
}

/* CPU hotplug */

static void plug(QTestState *qts, int socket)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'query-hotpluggable-cpus'}");
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *d = qobject_to(QDict, qlist_entry_obj(e));
        QDict *props = qdict_get_qdict(d, "props");

        if (qdict_get_int(props, "socket-id") == socket) {
            QDict *args = qdict_clone_shallow(props);

            qdict_put_str(args, "driver", qdict_get_str(d, "type"));
            qdict_put_str(args, "id", "hot");
            qtest_qmp_assert_success(qts, "{'execute': 'device_add',"
                                     " 'arguments': %p}", args);
        }
    }
    qobject_unref(rsp);
}

static void ticks(Vm *vm, int cpu)
{
    uint32_t addr = PERCPU + 256 * cpu + C_IRQ;
    uint32_t before = qtest_readl(vm->qts, addr);
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    while (qtest_readl(vm->qts, addr) - before < 20) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(1000);
    }
}

/*
 * The guest ejects the CPU that takes its ticks as it stands. A vector that
 * was held for it is the boot CPU's then. Another socket each time: some
 * kernels refuse to give a vCPU its CPUID a second time.
 */
static void test_unplug(void)
{
    enum { SOCKETS = 9 };
    g_autofree char *smp = g_strdup_printf("-smp 1,maxcpus=%d,sockets=%d",
                                           SOCKETS, SOCKETS);
    g_autofree char *more =
        g_strdup_printf("-device loader,addr=%d,data=%d,data-len=4"
                        " -device loader,addr=%d,data=%d,data-len=4"
                        " -device loader,addr=%d,data=%d,data-len=4",
                        P_SCENARIO, SCN_HOTPLUG, P_HOTPLUG, 0xaf00,
                        P_FLAGS, F_TAKE);
    Vm vm = { .args = { PIC_ON, 1, HOLD, .opts = smp } };
    int64_t recalled = 0;
    int socket;

    if (soak_skips()) {
        return;
    }
    vm.qts = vm_start(&vm.args, more);
    ticks(&vm, 0);
    for (socket = 1; socket < SOCKETS; socket++) {
        uint32_t helped = qtest_readl(vm.qts, R_POLLED);
        Sight s;

        plug(vm.qts, socket);
        g_assert_true(vm_waits(&vm, R_STATE, 2 * socket, PATIENCE_MS));
        ticks(&vm, socket);
        vm_moment();
        qtest_qmp_device_del(vm.qts, "hot");
        g_assert_true(vm_waits(&vm, R_STATE, 2 * socket + 1, PATIENCE_MS));
        ticks(&vm, 0);
        s = vm_look(&vm);
        g_assert_cmpuint(s.stray, ==, 0);
        if (s.recalled != recalled) {
            g_assert_cmpuint(qtest_readl(vm.qts, R_POLLED), ==, helped);
        }
        recalled = s.recalled;
    }
    g_test_message("recalled %" PRId64 " of %d", recalled, SOCKETS - 1);
    g_assert_cmpint(recalled, >, 0);
    qtest_quit(vm.qts);
}

/*
 * KVM does not give the vector back, and the guest has closed IF for longer
 * than QEMU lets it run on. It is told and counted, and not lost.
 */
static void test_stuck(void)
{
    VmArgs args = { PIC_ON, 2, HOLD, F_CLI, true };
    Sight s = { };
    Vm *vm;
    int i;

    if (soak_skips()) {
        return;
    }
    vm = vm_boot(&args);
    for (i = 0; i < 100 && !s.stuck; i++) {
        vm_moment();
        vm_qmp(vm, "inject-nmi");
        g_usleep(5000);
        vm_stop(vm);
        s = vm_look(vm);
        vm_check(vm, &s);
        vm_cont(vm);
        goes_on(vm);
    }
    g_test_message("stuck %" PRId64 " in %d stops", s.stuck, i);
    g_assert_cmpint(s.stuck, >, 0);
    g_assert_cmpint(s.recalled, ==, 0);
    vm_settle(vm);
    vm_end(vm, NULL, NULL);
}

void soak_add_singles(void)
{
    qtest_add_func("split-pic-soak/single/cancel", test_cancel);
    qtest_add_func("split-pic-soak/single/background", test_background);
    qtest_add_func("split-pic-soak/single/postcopy", test_postcopy);
    qtest_add_func("split-pic-soak/single/gdb/stop", test_gdb_stop);
    qtest_add_func("split-pic-soak/single/gdb/step", test_gdb_step);
    qtest_add_func("split-pic-soak/single/unplug", test_unplug);
    qtest_add_func("split-pic-soak/single/stuck", test_stuck);
}
