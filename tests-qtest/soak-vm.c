/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of guest/soak.S, and the books of its interrupts.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "kvm-probe.h"
#include "soak-vm.h"

/* So many more runs of every handler are life */
#define LIFE 3

const char *const pic_names[] = { "on", "off", "stock" };

static const int sources[] = { 0, 4, 8 };

static char *guest_rom;
static char *beside;
static const char *no_kvm;
static bool has_split_pic;

/* What this machine and this QEMU can do */

bool soak_probe(const char *argv0)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = g_path_get_dirname(argv0);
    QTestState *qts;
    QDict *rsp;

    beside = g_path_get_dirname(self);
    guest_rom = g_build_filename(getenv("INTACK_ROM_DIR") ?: dir,
                                 "intack-guest.rom", NULL);
    if (!g_file_test(guest_rom, G_FILE_TEST_EXISTS)) {
        g_printerr("%s: no such guest ROM; INTACK_ROM_DIR names another "
                   "directory, scripts/build-guests makes one\n", guest_rom);
        return false;
    }
    no_kvm = kvm_missing();
    if (no_kvm) {
        return true;
    }
    qts = qtest_initf("-machine pc -nodefaults -bios %s", guest_rom);
    rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                    "'path': '/machine', 'property': 'split-pic'}}");
    has_split_pic = qdict_haskey(rsp, "return");
    qobject_unref(rsp);
    qtest_quit(qts);
    return true;
}

bool soak_skips(void)
{
    if (!no_kvm && !has_split_pic) {
        no_kvm = "this QEMU has no -machine split-pic";
    }
    if (no_kvm) {
        g_test_skip(no_kvm);
    }
    return no_kvm;
}

/* QEMU */

QTestState *vm_start(const VmArgs *a, const char *more)
{
    const char *stock = getenv("INTACK_STOCK_QEMU");
    g_autofree char *binary = g_strdup(getenv("QTEST_QEMU_BINARY"));
    g_autofree char *split_pic = NULL;
    g_autofree char *args = NULL;
    g_autofree char *so = NULL;
    QTestState *qts;
    QDict *ret;

    if (a->pic != PIC_STOCK) {
        stock = NULL;
    }
    if (has_split_pic && !stock) {
        split_pic = g_strdup_printf(",split-pic=%s",
                                    a->pic == PIC_ON ? "on" : "off");
    }
    args = g_strdup_printf("-accel kvm -machine pc,kernel-irqchip=split%s"
                           " -nodefaults -m 16 -smp %d -bios %s -serial null"
                           " -serial null %s %s", split_pic ?: "", a->cpus,
                           guest_rom, a->opts ?: "", more);
    if (a->preload) {
        so = g_build_filename(beside, a->preload, NULL);
        g_assert_cmpint(access(so, R_OK), ==, 0);
        g_setenv("LD_PRELOAD", so, true);
    }
    if (a->nested) {
        g_setenv("INTACK_NESTED", "1", true);
    }
    if (stock) {
        g_setenv("QTEST_QEMU_BINARY", stock, true);
    }
    qts = qtest_init(args);
    g_setenv("QTEST_QEMU_BINARY", binary, true);
    g_unsetenv("LD_PRELOAD");
    g_unsetenv("INTACK_NESTED");

    ret = qtest_qmp_assert_success_ref(qts, "{'execute': 'query-kvm'}");
    g_assert_true(qdict_get_bool(ret, "enabled"));
    qobject_unref(ret);
    return qts;
}

/* No more than the host, or a vCPU that takes its time, can take */
typedef struct Rates {
    int pit, rtc, lapic;        /* Hz, rate select, ns */
} Rates;

static const Rates *rates(const VmArgs *args)
{
    static const Rates full = { 20000, 3, 1000000 };
    static const Rates less = { 1000, 7, 1000000 };
    static const Rates slow = { 100, 10, 10000000 };

    return getenv("INTACK_SOAK_SLOW") ? &slow : args->preload ? &less : &full;
}

Vm *vm_boot(const VmArgs *args)
{
    const Rates *r = rates(args);
    const struct {
        int addr, value;
    } params[] = {
        { P_SCENARIO, SCN_SOAK }, { P_CPUS, args->cpus },
        { P_FLAGS, args->flags }, { P_SOURCES, S_PIT | S_SERIAL | S_RTC },
        { P_HZ, r->pit }, { P_RTC, r->rtc }, { P_TIMER, r->lapic },
        /* Each source has its turn, however slow the guest is */
        { P_EOI, EOI_ROTATE },
    };
    g_autoptr(GString) more = g_string_new(NULL);
    Vm *vm = g_new0(Vm, 1);
    int i;

    for (i = 0; i < ARRAY_SIZE(params); i++) {
        g_string_append_printf(more,
                               " -device loader,addr=%d,data=%d,data-len=4",
                               params[i].addr, params[i].value);
    }
    vm->args = *args;
    vm->known = args->pic == PIC_ON;
    vm->qts = vm_start(args, more->str);
    g_assert_true(vm_waits(vm, R_STATE, ST_SOAK, PATIENCE_MS));
    return vm;
}

/* qtest_quit() looks whether QEMU has ended only ten times a second */
static void quit(QTestState *qts)
{
    siginfo_t info;

    kill(qtest_pid(qts), SIGTERM);
    waitid(P_PID, qtest_pid(qts), &info, WEXITED | WNOWAIT);
    qtest_quit(qts);
}

void vm_end(Vm *vm, int64_t *recalled, int64_t *stuck)
{
    Sight s = vm_look(vm);

    if (recalled) {
        *recalled += vm->recalled + s.recalled;
        *stuck += vm->stuck + s.stuck;
    }
    quit(vm->qts);
    if (vm->disk) {
        unlink(vm->disk);
        g_free(vm->disk);
    }
    g_free(vm);
}

void vm_qmp(Vm *vm, const char *command)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': %s}", command);
}

void vm_stop(Vm *vm)
{
    vm_qmp(vm, "stop");
}

void vm_cont(Vm *vm)
{
    vm_qmp(vm, "cont");
}

bool vm_waits(Vm *vm, uint32_t addr, uint32_t value, int ms)
{
    int64_t end = g_get_monotonic_time() + ms * 1000LL;

    while (qtest_readl(vm->qts, addr) != value) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(1000);
    }
    return true;
}

bool vm_alive(Vm *vm, int ms)
{
    int64_t end = g_get_monotonic_time() + ms * 1000LL;
    uint32_t before[LINES];
    int i;

    for (i = 0; i < ARRAY_SIZE(sources); i++) {
        before[i] = qtest_readl(vm->qts, R_COUNT + 4 * sources[i]);
    }
    for (i = 0; i < ARRAY_SIZE(sources); i++) {
        while (qtest_readl(vm->qts, R_COUNT + 4 * sources[i]) - before[i] <
               LIFE) {
            if (g_get_monotonic_time() > end) {
                return false;
            }
            g_usleep(500);
        }
    }
    return true;
}

/* The books */

static void look_at_stats(QTestState *qts, Sight *s)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/split-i8259',"
                           "'property': 'stats'}}");
    int i;

    if (qdict_haskey(rsp, "return")) {
        QDict *d = qdict_get_qdict(rsp, "return");

        s->counters = true;
        for (i = 0; i < LINES; i++) {
            s->raised[i] = counter(d, "raised", i);
            s->gone[i] = counter(d, "merged", i) + counter(d, "dropped", i);
            s->delivered[i] = counter(d, "delivered", i);
        }
        for (i = 0; i < 2; i++) {
            s->spurious[i] = counter(d, "spurious", i);
        }
        s->recalled = qdict_get_int(d, "recalled");
        s->stuck = qdict_get_int(d, "stuck");
        s->refused = qdict_get_int(d, "refused");
    }
    qobject_unref(rsp);
}

Sight vm_look(Vm *vm)
{
    uint32_t mem[(R_ALL_END - R_BOOTS) / 4];
    Sight s = { };
    int i;

    look_at_stats(vm->qts, &s);
    qtest_memread(vm->qts, R_BOOTS, mem, sizeof(mem));
#define WORD(addr) le32_to_cpu(mem[((addr) - R_BOOTS) / 4])
    for (i = 0; i < LINES; i++) {
        s.handled[i] = WORD(R_COUNT + 4 * i) + WORD(R_LIVES + 4 * i);
    }
    s.boots = WORD(R_BOOTS);
    s.state = WORD(R_STATE);
    s.old = WORD(R_OLD);
    s.stray = WORD(R_STRAY);
    s.spur7 = WORD(R_SPUR7);
    s.spur15 = WORD(R_SPUR15);
#undef WORD
    return s;
}

int64_t vm_in_flight(const Vm *vm, const Sight *s, int irq)
{
    return s->delivered[irq] + vm->offset[irq] - s->handled[irq];
}

int64_t vm_pending(const Sight *s, int irq)
{
    return s->raised[irq] - s->gone[irq] - s->delivered[irq];
}

/* Emulated SVM takes an interrupt twice, once in some thousands */
static int twice(void)
{
    return getenv("INTACK_SOAK_SLOW") ? 2 : 0;
}

static bool balanced(const Vm *vm, const Sight *s)
{
    int i;

    for (i = 0; i < LINES; i++) {
        int64_t pending = vm_pending(s, i);
        int64_t flight = vm_in_flight(vm, s, i);

        if (i != 4 && (pending < 0 || pending > 1)) {
            return false;
        }
        if (vm->known &&
            (flight < -twice() || flight > vm->args.cpus + vm->slack)) {
            return false;
        }
    }
    return !s->stray && !s->refused;
}

void vm_check(Vm *vm, const Sight *s)
{
    if (s->state == ST_DONE || (s->counters && !balanced(vm, s))) {
        vm_report(vm);
        g_error("the books are wrong");
    }
}

void vm_carry(Vm *vm, const Vm *was, const Sight *before, const Sight *now)
{
    int i;

    vm->known = was->known && before->counters && now->counters;
    for (i = 0; i < LINES; i++) {
        g_assert_cmpuint(now->handled[i], ==, before->handled[i]);
        vm->offset[i] = vm_in_flight(was, before, i) + now->handled[i] -
                        now->delivered[i];
        if (before->counters && now->counters && i != 4) {
            /* The RTC's clock runs on while the VM is stopped */
            g_assert_cmpint(vm_pending(now, i), >=, vm_pending(before, i));
            g_assert_true(i == 8 || vm_pending(now, i) ==
                          vm_pending(before, i));
        }
    }
}

int64_t vm_settle(Vm *vm)
{
    int64_t died = 0;
    Sight s;
    int i;

    qtest_writel(vm->qts, P_GO, GO_CLOSE);
    g_assert_true(vm_waits(vm, R_STATE, ST_GO, PATIENCE_MS));
    vm_stop(vm);
    s = vm_look(vm);
    vm_check(vm, &s);
    for (i = 0; i < LINES; i++) {
        int64_t flight = vm->known ? vm_in_flight(vm, &s, i) : 0;

        if (!vm->slack && (flight > 0 || flight < -twice())) {
            vm_report(vm);
            g_error("the books do not settle");
        }
        died += flight;
        vm->offset[i] = s.handled[i] - s.delivered[i];
    }
    vm->known = s.counters;
    vm->slack = 0;
    vm_cont(vm);
    qtest_writel(vm->qts, P_GO, GO_RUN);
    g_assert_true(vm_waits(vm, R_STATE, ST_SOAK, PATIENCE_MS));
    return died;
}

void vm_report(Vm *vm)
{
    Sight s = vm_look(vm);
    int i;

    g_test_message("%s: state %x boots %u old %u stray %u spurious %u/%u, "
                   "recalled %" PRId64 " stuck %" PRId64,
                   pic_names[vm->args.pic], s.state, s.boots, s.old, s.stray,
                   s.spur7, s.spur15, vm->recalled + s.recalled,
                   vm->stuck + s.stuck);
    for (i = 0; i < LINES; i++) {
        if (s.handled[i]) {
            g_test_message("%s: IRQ%d handled %u, in flight %" PRId64
                           ", pending %" PRId64, pic_names[vm->args.pic], i,
                           s.handled[i], vm_in_flight(vm, &s, i),
                           vm_pending(&s, i));
        }
    }
}

/* Migrations and snapshots */

void vm_moment(void)
{
    g_usleep(g_test_rand_int_range(0, 3000));
}

char *soak_uri(void)
{
    static unsigned serial;

    return g_strdup_printf("unix:%s/intack-%d-%u", g_get_tmp_dir(), getpid(),
                           serial++);
}

void soak_wait_migration(QTestState *qts, const char *wanted)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    for (;;) {
        QDict *rsp = qtest_qmp_assert_success_ref(qts, "{'execute':"
                                                  " 'query-migrate'}");
        const char *status = qdict_get_try_str(rsp, "status");
        bool done = g_strcmp0(status, wanted) == 0;

        g_assert_cmpstr(status, !=, "failed");
        qobject_unref(rsp);
        if (done) {
            return;
        }
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(1000);
    }
}

void vm_snapshot(Vm *vm, bool save)
{
    if (!vm->disk) {
        vm->disk = add_snapshot_disk(vm->qts);
    }
    snapshot(vm->qts, save ? "snapshot-save" : "snapshot-load");
    if (save) {
        return;
    }
    qtest_qmp_assert_success(vm->qts, "{'execute': 'snapshot-delete',"
                             " 'arguments': {'job-id': 'job', 'tag': 'one',"
                             "  'devices': ['disk']}}");
    wait_for_job(vm->qts);
}
