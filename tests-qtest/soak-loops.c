/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stop, migrate, snapshot and reset, round after round. Then the same with
 * split-pic=off, whose figures are told and not judged.
 */
#include "qemu/osdep.h"
#include "soak-vm.h"

/* One that stalls does so for ever: how long until it counts as that */
#define STALL_ON_MS     20000
#define STALL_OFF_MS    2000

typedef struct Loop Loop;

struct Loop {
    const char *name;
    VmArgs args;
    Pic other;                  /* the other end of migrations */
    int percent;                /* of the rounds asked for */
    /* One round; the guest runs before and after. Returns the VM to go on. */
    Vm *(*round)(const Loop *l, Vm *vm, int i);
};

typedef struct Tally {
    int stalls, stale;
    int after_stock;            /* stalls whose last stop was stock's */
    int64_t recalled, stuck, died;
} Tally;

static int rounds = 100;
static int64_t recalled_in_all;
static int loops_run;

static int stall_ms(Pic last)
{
    return last == PIC_ON ? STALL_ON_MS : STALL_OFF_MS;
}

/* Stop and go on */

static Vm *round_stop(const Loop *l, Vm *vm, int i)
{
    Sight s;

    vm_stop(vm);
    s = vm_look(vm);
    vm_check(vm, &s);
    vm_cont(vm);
    return vm;
}

/* In an NMI's handler: IF is closed, perhaps LINT0 too, and the slot is full */
static Vm *round_nmi(const Loop *l, Vm *vm, int i)
{
    vm_qmp(vm, "inject-nmi");
    g_usleep(g_test_rand_int_range(0, 1000));
    return round_stop(l, vm, i);
}

/* To a new QEMU, and that is the guest's from then on */
static Vm *round_migrate(const Loop *l, Vm *from, int i)
{
    g_autofree char *uri = soak_uri();
    g_autofree char *more = g_strdup_printf("-S -incoming %s", uri);
    Vm *to = g_new0(Vm, 1);
    Sight before, now;

    to->args = from->args;
    to->args.pic = from->args.pic == l->args.pic ? l->other : l->args.pic;
    to->qts = vm_start(&to->args, more);
    vm_moment();
    qtest_qmp_assert_success(from->qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
    soak_wait_migration(from->qts, "completed");
    soak_wait_migration(to->qts, "completed");
    before = vm_look(from);
    now = vm_look(to);
    vm_check(from, &before);
    vm_carry(to, from, &before, &now);
    vm_end(from, &to->recalled, &to->stuck);
    vm_cont(to);
    return to;
}

/*
 * Back to a moment before. Every second time the guest runs when it is saved
 * and when it is loaded, and nobody knows what was in flight then.
 */
static Vm *round_snapshot(const Loop *l, Vm *vm, int i)
{
    bool stopped = i % 2;
    Sight saved, loaded;

    if (stopped) {
        vm_stop(vm);
        saved = vm_look(vm);
        vm_check(vm, &saved);
    }
    vm_snapshot(vm, true);
    if (stopped) {
        vm_cont(vm);
    }
    vm_moment();
    if (!stopped) {
        vm->known = false;
        vm_snapshot(vm, false);
        return vm;
    }
    vm_stop(vm);
    loaded = vm_look(vm);
    vm_check(vm, &loaded);
    vm_snapshot(vm, false);
    loaded = vm_look(vm);
    vm_carry(vm, vm, &saved, &loaded);
    vm_cont(vm);
    return vm;
}

/* A stopped VM is reset: what is in flight then ends with its life */
static void reset_stopped(Vm *vm)
{
    Sight s;
    int irq;

    vm_stop(vm);
    s = vm_look(vm);
    vm_check(vm, &s);
    vm_qmp(vm, "system_reset");
    qtest_qmp_eventwait(vm->qts, "RESET");
    s = vm_look(vm);
    for (irq = 0; irq < LINES; irq++) {
        vm->offset[irq] = s.handled[irq] - s.delivered[irq];
    }
    vm_cont(vm);
}

/* By QMP, and by the guest in the three ways that it has */
static Vm *round_reset(const Loop *l, Vm *vm, int i)
{
    uint32_t boots = qtest_readl(vm->qts, R_BOOTS);
    int ms = stall_ms(vm->args.pic);
    /* A triple fault under emulated SVM ends nowhere */
    int how = i % (getenv("INTACK_SOAK_SLOW") ? 4 : 5);

    if (how == 0) {
        reset_stopped(vm);
    } else {
        vm->slack += vm->args.cpus;
        if (how == 1) {
            vm_qmp(vm, "system_reset");
        } else {
            qtest_writel(vm->qts, P_GO, how);
        }
    }
    if (!vm_waits(vm, R_BOOTS, boots + 1, ms) ||
        !vm_waits(vm, R_STATE, ST_SOAK, ms)) {
        g_test_message("no new life after reset %d", how);
    } else if (how) {
        qtest_qmp_eventwait(vm->qts, "RESET");
    }
    return vm;
}

/* All of it */

static Tally soak(const Loop *l, const VmArgs *args, int count)
{
    bool on = args->pic == PIC_ON;
    int64_t begin = g_get_monotonic_time();
    Vm *vm = vm_boot(args);
    Tally t = { };
    int i;

    for (i = 0; i < count && t.stalls < (on ? 3 : count); i++) {
        Pic last = vm->args.pic;

        vm_moment();
        vm = l->round(l, vm, i);
        if (!vm_alive(vm, stall_ms(last))) {
            if (on && last != PIC_ON) {
                t.after_stock++;
            } else {
                t.stalls++;
            }
            if (last == PIC_ON) {
                vm_report(vm);
            }
            vm_end(vm, &t.recalled, &t.stuck);
            vm = vm_boot(args);
        } else if (vm->args.pic == PIC_ON && (!vm->known || i % 10 == 9)) {
            t.died += vm_settle(vm);
        }
        t.stale += qtest_readl(vm->qts, R_OLD) != 0;
    }
    vm_end(vm, &t.recalled, &t.stuck);
    g_test_message("%s: %d stalls, %d stale vectors in %d rounds, %.1f s",
                   pic_names[args->pic], t.stalls, t.stale, i,
                   (g_get_monotonic_time() - begin) / 1e6);
    if (l->other == PIC_STOCK) {
        g_test_message("stock: %d stalls in %d rounds", t.after_stock, i / 2);
    }
    if (on) {
        g_test_message("recalled %" PRId64 ", stuck %" PRId64
                       ", taken by resets %" PRId64, t.recalled, t.stuck,
                       t.died);
    }
    return t;
}

static void test_loop(const void *data)
{
    const Loop *l = data;
    int count = MAX(rounds * l->percent / 100, 1);
    Tally t;

    if (soak_skips()) {
        return;
    }
    t = soak(l, &l->args, count);
    recalled_in_all += t.recalled;
    loops_run++;
    g_assert_cmpint(t.stale, ==, 0);
    if (l->args.nested) {
        /* They were let in, most of them within the time that there is */
        g_assert_cmpint(t.recalled, ==, 0);
        g_assert_cmpint(t.stuck, <=, count / 2);
        g_assert_cmpint(t.stalls, <=, t.stuck);
        return;
    }
    g_assert_cmpint(t.stalls, ==, 0);
    g_assert_cmpint(t.stuck, ==, 0);
    if (l->args.preload) {
        /* Or the loop proves nothing */
        g_assert_cmpint(t.recalled, >=, count / 10);
    } else if (l->other == PIC_ON && !getenv("INTACK_SOAK_SLOW")) {
        Loop off = *l;

        off.args.pic = off.other = PIC_OFF;
        soak(&off, &off.args, count);
    }
}

/* The rest of them was left to luck, which must have come once at least */
static void test_recalled(void)
{
    if (!loops_run) {
        g_test_skip("no loop was run");
        return;
    }
    g_assert_cmpint(recalled_in_all, >, 0);
}

void soak_add_loops(void)
{
    static const Loop loops[] = {
        { "stop", { PIC_ON, 2 }, PIC_ON, 100, round_stop },
        { "migrate", { PIC_ON, 2 }, PIC_ON, 100, round_migrate },
        { "snapshot", { PIC_ON, 2 }, PIC_ON, 100, round_snapshot },
        { "reset", { PIC_ON, 2 }, PIC_ON, 100, round_reset },
        { "stock", { PIC_ON, 2 }, PIC_STOCK, 100, round_migrate },
        { "held/stop", { PIC_ON, 2, HOLD }, PIC_ON, 100, round_stop },
        { "held/halt", { PIC_ON, 1, HOLD, F_HALT }, PIC_ON, 100, round_stop },
        { "held/nmi", { PIC_ON, 2, HOLD }, PIC_ON, 100, round_nmi },
        { "held/migrate", { PIC_ON, 2, HOLD }, PIC_ON, 100, round_migrate },
        { "held/snapshot", { PIC_ON, 2, HOLD }, PIC_ON, 100, round_snapshot },
        { "held/reset", { PIC_ON, 2, HOLD }, PIC_ON, 100, round_reset },
        { "held/let-in", { PIC_ON, 2, HOLD, 0, true }, PIC_ON, 20,
          round_migrate },
    };
    const char *n = getenv("INTACK_SOAK_ROUNDS");
    int i;

    if (n) {
        rounds = MAX(atoi(n), 1);
    }
    for (i = 0; i < ARRAY_SIZE(loops); i++) {
        g_autofree char *name = g_strdup_printf("split-pic-soak/%s",
                                                loops[i].name);

        if (loops[i].other != PIC_STOCK || getenv("INTACK_STOCK_QEMU")) {
            qtest_add_data_func(name, &loops[i], test_loop);
        }
    }
    qtest_add_func("split-pic-soak/recalled", test_recalled);
}
