/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration and snapshots: where a line's state may be another than what was
 * last asked for, the next input is issued, whatever it is; where it is not,
 * none more is.
 */
#include "qemu/osdep.h"
#include "accel/kvm/intack/kvm-model-arm.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"
#include "qmp-job.h"

/*
 * Two lines of each kind: the one is saved high, the other low. What is known
 * of them after a load:
 * GICv3    SPIs by LEVEL_INFO, which is in the stream; of PPIs nothing.
 * GICv2    what was issued: it has no such register, so SPIs are issued again
 *          where the stream has them at another level. Not edge-triggered ones,
 *          whose latch is in the stream.
 * CPU      KVM_ARM_VCPU_INIT leaves unknown those that were not low, and they
 *          are issued again, as are those that are to be high.
 */
typedef struct Kind {
    const char *name, *props;
    Type type;
    unsigned high, low;
    bool edge;                  /* GICD_ICFGR */
    bool latches;               /* for all that QEMU knows */
    bool unknown;
    unsigned reissued;          /* in a new QEMU */
    unsigned back;              /* and after both lines have changed since */
} Kind;

static const Kind kinds[] = {
    { "v3/spi", "gic-version=3,level-spis=40-41", SPI, 40, 41 },
    { "v3/edge", "gic-version=3", SPI, 40, 41, .edge = true,
      .latches = true },
    { "v3/ppi", "gic-version=3", PPI, 27, 30, .unknown = true },
    { "v2/spi", "gic-version=2,level-spis=40-41", SPI, 40, 41,
      .reissued = 1, .back = 2 },
    { "v2/not-named", "gic-version=2", SPI, 40, 41, .latches = true,
      .reissued = 1, .back = 2 },
    { "v2/edge", "gic-version=2", SPI, 40, 41, .edge = true,
      .latches = true },
    { "cpu", "gic-version=0,spis=0", CPU, IRQ, FIQ, .reissued = 1, .back = 2 },
};

enum { VCPU = 1 };

static bool is_high(Vm *vm, const Kind *k, unsigned number)
{
    return k->type == CPU ? vm_pin(vm, VCPU, number) :
           vm_pending(vm, VCPU, number);
}

static void prepare(Vm *vm, const Kind *k)
{
    if (k->edge) {
        vm_configure(vm, VCPU, k->high, false);
        vm_configure(vm, VCPU, k->low, false);
    }
    vm_move(vm, k->type, VCPU, k->high, 1);
    vm_move(vm, k->type, VCPU, k->low, 1);
    vm_move(vm, k->type, VCPU, k->low, 0);
    if (k->edge) {
        vm_ack(vm, VCPU, k->low);
    }
    g_assert_true(is_high(vm, k, k->high));
    g_assert_false(is_high(vm, k, k->low));
    vm_moved(vm, .inputs = 3, .issued = 3);
}

/* Both are known: what cannot matter is saved */
static void known(Vm *vm, const Kind *k)
{
    vm_move(vm, k->type, VCPU, k->low, 0);
    vm_moved(vm, .inputs = 1, .saved_lower = 1);
    vm_move(vm, k->type, VCPU, k->high, 1);
    vm_moved(vm, .inputs = 1, .issued = k->latches,
             .saved_raise = !k->latches);
    vm_move(vm, k->type, VCPU, k->high, 0);
    vm_moved(vm, .inputs = 1, .issued = 1);
}

/* All was loaded; ioctls were issued for @reissued lines */
static void loaded(Vm *vm, const Kind *k, unsigned reissued)
{
    vm_moved(vm, .issued = reissued, .reissued = reissued);
    g_assert_true(is_high(vm, k, k->high));
    g_assert_false(is_high(vm, k, k->low));
    if (!k->unknown) {
        known(vm, k);
        return;
    }
    for (int again = 0; again < 2; again++) {
        vm_move(vm, k->type, VCPU, k->low, 0);
        vm_moved(vm, .inputs = 1, .issued = !again, .saved_lower = again);
        vm_move(vm, k->type, VCPU, k->high, 1);
        vm_moved(vm, .inputs = 1, .issued = !again, .saved_raise = again);
    }
    vm_move(vm, k->type, VCPU, k->high, 0);
    vm_moved(vm, .inputs = 1, .issued = 1);
}

static void incoming(Vm *vm, const char *uri)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s}}", uri);
    wait_for_migration(vm->qts);
}

/* To a file; a new QEMU reads it */
static void test_file(const void *arg)
{
    const Kind *k = arg;
    Vm from = vm_start(k->props, "");
    Vm to = vm_start(k->props, "-incoming defer");
    g_autofree char *file = NULL;
    g_autofree char *uri = NULL;

    prepare(&from, k);
    file = migrate_to_file(from.qts);
    uri = g_strdup_printf("file:%s", file);
    incoming(&to, uri);
    loaded(&to, k, k->reissued);
    unlink(file);
    vm_stop(&to);
    vm_stop(&from);
}

/* From one running QEMU to the next, and back into a third */
static void test_live(const void *arg)
{
    const Kind *k = arg;
    Vm vm = vm_start(k->props, "");

    prepare(&vm, k);
    for (int hop = 0; hop < 2; hop++) {
        g_autofree char *name = g_strdup_printf("%s/intack-%d-%d",
                                                g_get_tmp_dir(), getpid(), hop);
        g_autofree char *uri = g_strdup_printf("unix:%s", name);
        Vm to = vm_start(k->props, "-incoming defer");

        qtest_qmp_assert_success(to.qts, "{'execute': 'migrate-incoming',"
                                 " 'arguments': {'uri': %s}}", uri);
        qtest_qmp_assert_success(vm.qts, "{'execute': 'migrate', 'arguments':"
                                 " {'uri': %s}}", uri);
        wait_for_migration(vm.qts);
        wait_for_migration(to.qts);
        vm_stop(&vm);
        vm = to;
        loaded(&vm, k, k->reissued);
        if (k->edge) {
            vm_ack(&vm, VCPU, k->high);
        }
        prepare(&vm, k);
        unlink(name);
    }
    vm_stop(&vm);
}

static void wait_for_status(QTestState *qts, const char *wanted)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    for (bool done = false; !done; g_usleep(1000)) {
        QDict *rsp = qtest_qmp_assert_success_ref(qts, "{'execute':"
                                                  " 'query-migrate'}");

        done = g_strcmp0(qdict_get_try_str(rsp, "status"), wanted) == 0;
        qobject_unref(rsp);
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

/*
 * Cancelled at the last moment, the VM stopped: it goes on here, with the
 * kernel that it had. Not one ioctl more.
 */
static void test_cancelled(const void *arg)
{
    const Kind *k = arg;
    Vm vm = vm_start(k->props, "");
    g_autofree char *uri = g_strdup_printf("file:%s/intack-%d",
                                           g_get_tmp_dir(), getpid());
    uint64_t ioctls;

    prepare(&vm, k);
    ioctls = vm_ioctls(&vm);
    qtest_qmp_assert_success(vm.qts, "{'execute': 'migrate-set-capabilities',"
                             " 'arguments': {'capabilities': [{"
                             "  'capability': 'pause-before-switchover',"
                             "  'state': true}]}}");
    qtest_qmp_assert_success(vm.qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
    wait_for_status(vm.qts, "pre-switchover");
    qtest_qmp_assert_success(vm.qts, "{'execute': 'migrate_cancel'}");
    wait_for_status(vm.qts, "cancelled");
    g_assert_cmpuint(vm_ioctls(&vm), ==, ioctls);
    vm_moved(&vm, 0);
    known(&vm, k);
    unlink(uri + strlen("file:"));
    vm_stop(&vm);
}

/* Stopped; the other end is not there; all was sent, and the source goes on */
static void test_stays(const void *arg)
{
    const Kind *k = arg;
    Vm vm = vm_start(k->props, "");
    g_autofree char *file = NULL;

    prepare(&vm, k);
    qtest_qmp_assert_success(vm.qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(vm.qts, "{'execute': 'cont'}");
    vm_moved(&vm, 0);
    qtest_qmp_assert_success(vm.qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': 'unix:/nowhere/at-all'}}");
    wait_for_status(vm.qts, "failed");
    vm_moved(&vm, 0);
    known(&vm, k);
    prepare(&vm, k);
    file = migrate_to_file(vm.qts);
    qtest_qmp_assert_success(vm.qts, "{'execute': 'cont'}");
    vm_moved(&vm, 0);
    known(&vm, k);
    unlink(file);
    vm_stop(&vm);
}

/* Saving changes nothing; loading brings the lines back */
static void test_snapshot(const void *arg)
{
    const Kind *k = arg;
    Vm vm = vm_start(k->props, "");

    prepare(&vm, k);
    vm_save(&vm);
    vm_moved(&vm, 0);
    for (int i = 0; i < 2; i++) {
        known(&vm, k);
        vm_move(&vm, k->type, VCPU, k->low, 1);
        if (k->type != CPU) {
            vm_ack(&vm, VCPU, k->high);
        }
        g_assert_false(is_high(&vm, k, k->high));
        g_assert_true(is_high(&vm, k, k->low));
        vm_moved(&vm, .inputs = 1, .issued = 1);
        if (k->edge) {
            vm_move(&vm, k->type, VCPU, k->low, 0);
            vm_moved(&vm, .inputs = 1, .issued = 1);
        }
        vm_load(&vm);
        loaded(&vm, k, k->back);
        vm_move(&vm, k->type, VCPU, k->high, 1);
        vm.seen = vm_counts(&vm);
    }
    vm_stop(&vm);
}

/*
 * A GICv2's line that was high as an edge, when state is loaded in which it is
 * high as a level: KVM has no level of it yet.
 */
static void test_high_as_edge(void)
{
    enum { INTID = 40 };
    Vm vm = vm_start("gic-version=2", "");

    vm_move(&vm, SPI, 0, INTID, 1);
    vm_save(&vm);
    vm_move(&vm, SPI, 0, INTID, 0);
    vm_configure(&vm, 0, INTID, false);
    vm_move(&vm, SPI, 0, INTID, 1);
    vm_moved(&vm, .inputs = 3, .issued = 3);
    vm_load(&vm);
    vm_moved(&vm, .issued = 1, .reissued = 1);
    /* The latch, which was in the stream, ends; the level stays */
    vm_ack(&vm, 0, INTID);
    g_assert_true(vm_pending(&vm, 0, INTID));
    vm_move(&vm, SPI, 0, INTID, 0);
    g_assert_false(vm_pending(&vm, 0, INTID));
    vm_stop(&vm);
}

/*
 * The other way round: high as a level, and low and edge-triggered in what is
 * loaded. KVM does not look at a lower of it any more when that has been put.
 */
static void test_low_as_edge(void)
{
    enum { INTID = 40 };
    Vm vm = vm_start("gic-version=2", "");

    vm_configure(&vm, 0, INTID, false);
    vm_save(&vm);
    vm_configure(&vm, 0, INTID, true);
    vm_move(&vm, SPI, 0, INTID, 1);
    vm_moved(&vm, .inputs = 1, .issued = 1);
    vm_load(&vm);
    vm_moved(&vm, .issued = 1, .reissued = 1);
    vm_configure(&vm, 0, INTID, true);
    g_assert_false(vm_pending(&vm, 0, INTID));
    vm_expect_high(&vm, "");
    vm_stop(&vm);
}

/*
 * KVM takes nothing of what is issued again, by the reset before a load and by
 * the load: counted, unknown, and the VM lives.
 */
static void test_refused(void)
{
    Vm vm = vm_start("gic-version=0,spis=0", "");

    vm_move(&vm, CPU, 0, IRQ, 1);
    vm_move(&vm, CPU, 1, FIQ, 1);
    vm_save(&vm);
    vm_fail(&vm, EIO);
    vm_load(&vm);
    vm_moved(&vm, .inputs = 2, .issued = 2, .reissued = 4, .refused = 4);
    vm_expect_high(&vm, "");
    vm_fail(&vm, 0);
    vm_move(&vm, CPU, 0, IRQ, 1);
    vm_move(&vm, CPU, 1, FIQ, 0);
    vm_moved(&vm, .inputs = 2, .issued = 2);
    vm_lives(&vm);
    vm_stop(&vm);
}

/* Into a VM with other lines: an error, and no crash */
static void test_mismatch(void)
{
    static const struct {
        const char *props, *text;
    } others[] = {
        { "vcpus=3", "vcpus" },
        { "spis=65", "spis" },
        { "spis=0", "spis" },
        { "gic-version=2", "gic" },
        { "gic-version=0", "gic" },
    };
    Vm vm = vm_start("", "");
    g_autofree char *file = migrate_to_file(vm.qts);

    for (int i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *args = g_strdup_printf("%s -incoming file:%s",
                                                others[i].props, file);
        g_autofree char *said = vm_refused_props(args);

        g_assert_nonnull(strstr(said, "arm-irq-line"));
        g_assert_nonnull(strstr(said, others[i].text));
    }
    unlink(file);
    vm_stop(&vm);
}

void arm_irq_line_migrate_tests(void)
{
    static const struct {
        const char *name;
        void (*test)(const void *arg);
    } tests[] = {
        { "file", test_file },
        { "live", test_live },
        { "cancelled", test_cancelled },
        { "stays", test_stays },
        { "snapshot", test_snapshot },
    };

    for (int t = 0; t < G_N_ELEMENTS(tests); t++) {
        for (int k = 0; k < G_N_ELEMENTS(kinds); k++) {
            g_autofree char *path = g_strdup_printf(
                "arm-irq-line/migrate/%s/%s", tests[t].name, kinds[k].name);

            qtest_add_data_func(path, &kinds[k], tests[t].test);
        }
    }
    qtest_add_func("arm-irq-line/migrate/high-as-edge", test_high_as_edge);
    qtest_add_func("arm-irq-line/migrate/low-as-edge", test_low_as_edge);
    qtest_add_func("arm-irq-line/migrate/refused", test_refused);
    qtest_add_func("arm-irq-line/migrate/mismatch", test_mismatch);
}
