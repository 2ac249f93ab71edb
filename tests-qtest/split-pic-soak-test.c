/*
 * The split 8259 under real KVM: nothing lost, nothing twice
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest under a 20 kHz PIT, an 8 kHz RTC and a level-triggered line is
 * stopped, migrated, taken back to a snapshot and reset again and again, at
 * moments nobody chooses. After each time every source must be served, and the
 * books of soak-vm.h must hold. Then the same with split-pic=off, whose figures
 * are told and not judged.
 *
 * QTEST_QEMU_BINARY    the QEMU to test
 * INTACK_STOCK_QEMU    optional: a stock QEMU of the same release
 * INTACK_ROM_DIR       where intack-guest.rom is (default: beside the test)
 * INTACK_SOAK_ROUNDS   how often each loop goes round (default: 100)
 */

#include "qemu/osdep.h"
#include "soak-vm.h"

/* One that stalls does so for ever: how long until it counts as that */
#define STALL_ON_MS     20000
#define STALL_OFF_MS    1000

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
    int64_t recalled, stuck, died, us;
} Tally;

static int rounds = 100;
static int64_t recalled_in_all;

/* The guest is to be met anywhere */
static void a_moment(void)
{
    g_usleep(g_test_rand_int_range(0, 3000));
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

/* To a new QEMU, and that is the guest's from then on */

static Vm *round_migrate(const Loop *l, Vm *from, int i)
{
    static unsigned serial;
    g_autofree char *uri = g_strdup_printf("unix:%s/intack-%d-%u",
                                           g_get_tmp_dir(), getpid(),
                                           serial++);
    g_autofree char *more = g_strdup_printf("-S -incoming %s", uri);
    Sight before, now;
    Vm *to = g_new0(Vm, 1);
    int irq;

    to->args = from->args;
    to->args.pic = i % 2 ? l->args.pic : l->other;
    to->qts = vm_start(&to->args, more);
    a_moment();
    qtest_qmp_assert_success(from->qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
    soak_wait_migration(from->qts, "completed");
    soak_wait_migration(to->qts, "completed");
    before = vm_look(from);
    now = vm_look(to);
    vm_check(from, &before);
    vm_carry(to, from, &before, &now);
    for (irq = 0; irq < LINES; irq++) {
        g_assert_cmpuint(now.handled[irq], ==, before.handled[irq]);
        if (before.counters && now.counters && irq != 4) {
            g_assert_cmpint(vm_pending(&now, irq), ==,
                            vm_pending(&before, irq));
        }
    }
    vm_end(from, &to->recalled, &to->stuck);
    vm_cont(to);
    return to;
}

/* All of it */

static Tally soak(const Loop *l, const VmArgs *args, int count)
{
    bool on = args->pic == PIC_ON;
    Tally t = { .us = -g_get_monotonic_time() };
    Vm *vm = vm_boot(args);
    int i;

    for (i = 0; i < count; i++) {
        a_moment();
        vm = l->round(l, vm, i);
        if (!vm_alive(vm, on ? STALL_ON_MS : STALL_OFF_MS)) {
            t.stalls++;
            if (on) {
                vm_report(vm);
            }
            vm_end(vm, &t.recalled, &t.stuck);
            vm = vm_boot(args);
        } else if (i % 10 == 9) {
            t.died += vm_settle(vm);
        }
        t.stale += qtest_readl(vm->qts, R_OLD) != 0;
        if (on && t.stalls == 3) {
            break;
        }
    }
    vm_end(vm, &t.recalled, &t.stuck);
    t.us += g_get_monotonic_time();
    g_test_message("%s: %d stalls, %d stale vectors in %d rounds, %.1f s; "
                   "recalled %" PRId64 ", stuck %" PRId64 ", died by reset %"
                   PRId64, pic_names[args->pic], t.stalls, t.stale, i,
                   t.us / 1e6, t.recalled, t.stuck, t.died);
    return t;
}

static void test_loop(const void *data)
{
    const Loop *l = data;
    VmArgs off = l->args;
    Tally t;

    if (soak_no_kvm()) {
        g_test_skip(soak_no_kvm());
        return;
    }
    if (!soak_has_split_pic()) {
        g_test_skip("this QEMU has no -machine split-pic");
        return;
    }
    t = soak(l, &l->args, MAX(rounds * l->percent / 100, 1));
    recalled_in_all += t.recalled;
    g_assert_cmpint(t.stalls, ==, 0);
    g_assert_cmpint(t.stale, ==, 0);
    g_assert_cmpint(t.stuck, ==, 0);
    if (l->other == PIC_ON) {
        Loop stock = *l;

        off.pic = stock.other = PIC_OFF;
        stock.args = off;
        soak(&stock, &off, MAX(rounds * l->percent / 100, 1));
    }
}

int main(int argc, char **argv)
{
    static const Loop loops[] = {
        { "stop", { PIC_ON, 2 }, PIC_ON, 100, round_stop },
        { "migrate", { PIC_ON, 2 }, PIC_ON, 100, round_migrate },
    };
    const char *n = getenv("INTACK_SOAK_ROUNDS");
    int i;

    g_test_init(&argc, &argv, NULL);
    if (n) {
        rounds = MAX(atoi(n), 1);
    }
    if (!soak_probe(argv[0])) {
        return 1;
    }
    for (i = 0; i < ARRAY_SIZE(loops); i++) {
        g_autofree char *name = g_strdup_printf("split-pic-soak/%s",
                                                loops[i].name);

        qtest_add_data_func(name, &loops[i], test_loop);
    }
    return g_test_run();
}
