/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of extint: who takes INTR, who is kicked, whose window is armed.
 */
#include "qemu/osdep.h"
#include "extint-test.h"
#include "../target-i386/recall.h"

/* Nothing here stops a vCPU that may hold something */
int extint_recall(KVMPort *port, unsigned vcpu, unsigned vector, bool *halted)
{
    g_assert_not_reached();
}

static void test_take(void)
{
    ExtIntEnter e;

    setup();
    ran(0, true);
    pulse(0);
    e = enter(0);
    g_assert_cmpint(e.vector, ==, 0x20);
    g_assert_cmpint(e.refused, ==, 0);
    g_assert_cmpint(fake.cpu[0].slot, ==, 0x20);
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 1);
    g_assert_cmpuint(fake.vcpu[0].inta, ==, 1);
    g_assert_false(fake.cpu[0].ready);
}

static void test_idle_no_lock(void)
{
    setup();
    accepting(0);
    fake.locks = 0;
    for (int i = 0; i < 100; i++) {
        ran(0, i & 1);
        enter(0);
    }
    g_assert_cmpuint(fake.locks, ==, 0);
    g_assert_false(fake.cpu[0].window);
}

static void test_refused(gconstpointer arg)
{
    int err = GPOINTER_TO_INT(arg);
    ExtIntEnter e;

    setup();
    ran(0, true);
    fake.cpu[0].refuse = err;
    pulse(0);
    e = enter(0);
    g_assert_cmpint(e.refused, ==, -err);
    g_assert_cmpint(e.vector, ==, 0x20);
    /* Untouched, still pending, counted. */
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 0);
    g_assert_true(fake.pic.intr);
    g_assert_cmpuint(fake.vcpu[0].refused, ==, 1);
    g_assert_cmpuint(fake.vcpu[0].inta, ==, 0);
    g_assert_true(fake.cpu[0].window);
    /* If it is halted no window opens: it comes back to ask again. */
    g_assert_cmpint(fake.cpu[0].leaving, ==, err != EEXIST);
    /* A full slot empties itself; a kernel that means it must not storm. */
    for (int i = 1; i <= EXTINT_RETRIES; i++) {
        ran(0, true);
        enter(0);
    }
    g_assert_cmpint(fake.cpu[0].window, ==, err == EEXIST);
    g_assert_false(fake.cpu[0].leaving);
    g_assert_cmpuint(fake.vcpu[0].refused, ==, 1 + EXTINT_RETRIES);
    /* The next time it is ready it gets it. */
    fake.cpu[0].refuse = 0;
    ran(0, true);
    e = enter(0);
    g_assert_cmpint(e.vector, ==, 0x20);
    g_assert_cmpint(fake.cpu[0].slot, ==, 0x20);
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 1);
    /* And the row begins anew. */
    port_write(I8259_MASTER, 0, 0x20, 0);
    fake.cpu[0].slot = -1;
    fake.cpu[0].refuse = err;
    pulse(0);
    ran(0, true);
    enter(0);
    g_assert_true(fake.cpu[0].window);
}

static void test_full_slot(void)
{
    setup();
    fake.cpu[0].slot = 0x77;
    ran(0, true);
    pulse(1);
    g_assert_cmpint(enter(0).refused, ==, -EEXIST);
    g_assert_cmpint(fake.cpu[0].slot, ==, 0x77);
    g_assert_cmphex(i8259_pair_irr(&fake.pic, I8259_MASTER), ==, 2);
}

static void test_leaving(void)
{
    setup();
    accepting(0);
    pulse(0);
    ran(0, true);
    fake.cpu[0].leaving = true;
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_cmpint(fake.cpu[0].slot, ==, -1);
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 0);
    /* It comes back and takes it, without another kick. */
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x20);
    g_assert_cmpuint(kicks(), ==, 1);
}

static void test_not_ready(void)
{
    setup();
    accepting(0);
    pulse(0);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 1);
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_true(fake.cpu[0].window);
    ran(0, true);
    extint_window(&fake.x, 0);
    g_assert_cmpint(enter(0).vector, ==, 0x20);
    g_assert_cmpuint(fake.vcpu[0].windows, ==, 1);
    g_assert_cmpuint(kicks(), ==, 1);
    g_assert_false(fake.cpu[0].window);
}

static void test_window_without_proof(void)
{
    setup();
    for (unsigned i = 0; i < VCPUS; i++) {
        ran(i, false);
        enter(i);
        g_assert_true(fake.cpu[i].window);
    }
    /* The first to be ready is the acceptor and disarms. */
    ran(2, true);
    enter(2);
    g_assert_false(fake.cpu[2].window);
    ran(2, false);
    pulse(0);
    g_assert_cmpuint(fake.cpu[2].kicks, ==, 1);
    g_assert_cmpuint(kicks(), ==, 1);
}

static void test_nobody_no_kick(void)
{
    setup();
    for (int i = 0; i < 1000; i++) {
        pulse(0);
        /* A guest that polls. */
        port_write(I8259_MASTER, 0, 0x0c, 0);
        fake_lock(NULL);
        g_assert_cmphex(i8259_pair_read(&fake.pic, I8259_MASTER, 0), ==, 0x80);
        extint_publish(&fake.x, fake.pic.intr, 0);
        fake_unlock(NULL);
        port_write(I8259_MASTER, 0, 0x20, 0);
        enter(0);
    }
    g_assert_cmpuint(kicks(), ==, 0);
}

static void test_masked_after_proof(void)
{
    setup();
    accepting(0);
    for (int i = 0; i < 1000; i++) {
        pulse(0);
        ran(0, false);
        enter(0);
        port_write(I8259_MASTER, 0, 0x0c, 0);
        fake_lock(NULL);
        i8259_pair_read(&fake.pic, I8259_MASTER, 0);
        extint_publish(&fake.x, fake.pic.intr, 0);
        fake_unlock(NULL);
        port_write(I8259_MASTER, 0, 0x20, 0);
        ran(0, false);
        enter(0);
        g_assert_true(fake.cpu[0].window);
    }
    g_assert_cmpuint(kicks(), ==, 1);
}

static void test_level_no_rise_no_kick(void)
{
    setup();
    accepting(0);
    line(0, true, EXTINT_NOBODY);
    line(1, true, EXTINT_NOBODY);
    line(3, true, EXTINT_NOBODY);
    g_assert_cmpuint(kicks(), ==, 1);
    g_assert_cmpuint(fake.x.rises, ==, 1);
}

static void test_pass_on(void)
{
    setup();
    accepting(0);
    accepting(3);
    pulse(0);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 1);
    g_assert_cmpuint(fake.cpu[3].kicks, ==, 0);
    enter(0);
    g_assert_cmpuint(fake.cpu[3].kicks, ==, 1);
    ran(3, true);
    g_assert_cmpint(enter(3).vector, ==, 0x20);
    /* From now on 3 is asked first. */
    port_write(I8259_MASTER, 0, 0x20, 3);
    fake.cpu[3].slot = -1;
    accepting(0);
    accepting(3);
    pulse(0);
    g_assert_cmpuint(fake.cpu[3].kicks, ==, 2);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 1);
}

static void test_pass_on_ends(void)
{
    setup();
    for (unsigned i = 0; i < VCPUS; i++) {
        accepting(i);
    }
    pulse(0);
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < VCPUS; i++) {
            ran(i, false);
            enter(i);
        }
    }
    g_assert_cmpuint(kicks(), ==, VCPUS);
}

static void test_bystander(void)
{
    setup();
    accepting(1);
    pulse(0);
    g_assert_cmpuint(kicks(), ==, 1);
    /* Busy with ports of its own while vCPU 1 is on its way. */
    for (int i = 0; i < 1000; i++) {
        ran(0, false);
        enter(0);
    }
    g_assert_cmpuint(kicks(), ==, 1);
}

static void test_self_is_not_kicked(void)
{
    setup();
    accepting(1);
    line(0, true, 1);
    g_assert_cmpuint(kicks(), ==, 0);
    ran(1, true);
    g_assert_cmpint(enter(1).vector, ==, 0x20);
}

static void test_self_not_accepting(void)
{
    setup();
    accepting(1);
    line(0, true, 0);
    g_assert_cmpuint(fake.cpu[1].kicks, ==, 1);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 0);
}

static void test_withdrawn(void)
{
    setup();
    accepting(0);
    port_write(I8259_MASTER, 0, 0x19, 0);
    port_write(I8259_MASTER, 1, 0x20, 0);
    port_write(I8259_MASTER, 1, 0x04, 0);
    port_write(I8259_MASTER, 1, 0x01, 0);
    line(5, true, EXTINT_NOBODY);
    line(5, false, EXTINT_NOBODY);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_cmpint(fake.cpu[0].slot, ==, -1);
    g_assert_cmpuint(fake.pic.spurious[I8259_MASTER], ==, 0);
    g_assert_false(fake.cpu[0].window);
}

static void test_second_pending(void)
{
    setup();
    accepting(0);
    port_write(I8259_MASTER, 1, 0x00, 0);
    pulse(4);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x24);
    pulse(1);
    /* The slot is full: wait for the window, not by kicks. */
    ran(0, false);
    enter(0);
    g_assert_true(fake.cpu[0].window);
    fake.cpu[0].slot = -1;
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x21);
    g_assert_cmphex(fake.pic.chip[I8259_MASTER].isr, ==, 0x12);
}

/* INTR stays up over the INTA cycle: no rise, and another vCPU may be free */
static void test_more_pending(void)
{
    setup();
    for (int i = 0; i < 4; i++) {
        static const uint8_t icw[] = { 0x11, 0x20, 0x04, 0x03 };

        port_write(I8259_MASTER, i > 0, icw[i], EXTINT_NOBODY);
    }
    accepting(0);
    accepting(1);
    pulse(3);
    pulse(4);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 1);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x23);
    g_assert_true(fake.pic.intr);
    g_assert_true(fake.cpu[0].window);
    g_assert_cmpuint(fake.cpu[1].kicks, ==, 1);
    ran(1, true);
    g_assert_cmpint(enter(1).vector, ==, 0x24);
    g_assert_cmpuint(kicks(), ==, 2);
}

static void test_forget(void)
{
    setup();
    accepting(0);
    pulse(0);
    ran(0, true);
    extint_forget(&fake.x, 0, false);
    /* The flag was of another life: not believed. */
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_true(fake.cpu[0].window);
    g_assert_false(fake.cpu[0].leaving);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x20);
}

static void test_forget_blocked(void)
{
    setup();
    ran(0, true);
    extint_forget(&fake.x, 0, true);
    pulse(0);
    g_assert_cmpuint(kicks(), ==, 0);
    /* A halted vCPU opens no window: it must come back to be asked. */
    g_assert_cmpint(enter(0).vector, ==, -1);
    g_assert_true(fake.cpu[0].leaving);
    ran(0, true);
    g_assert_cmpint(enter(0).vector, ==, 0x20);
    g_assert_false(fake.cpu[0].leaving);
}

static void test_gone(void)
{
    int whom;

    setup();
    accepting(0);
    accepting(2);
    pulse(0);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 1);
    whom = extint_gone(&fake.x, 0);
    g_assert_cmpint(whom, ==, 2);
    extint_kick(&fake.x, whom);
    ran(2, true);
    g_assert_cmpint(enter(2).vector, ==, 0x20);
    /* Plugged again: nothing known of it. */
    pulse(0);
    g_assert_cmpuint(fake.cpu[0].kicks, ==, 1);
    ran(0, false);
    enter(0);
    g_assert_true(fake.cpu[0].window);
}

static void test_gone_last(void)
{
    setup();
    accepting(1);
    g_assert_cmpint(extint_gone(&fake.x, 1), ==, EXTINT_NOBODY);
    pulse(0);
    g_assert_cmpuint(kicks(), ==, 0);
    g_assert_cmpuint(fake.x.proofs, ==, 0);
}

static void test_proofs_counted(void)
{
    setup();
    for (int round = 0; round < 5; round++) {
        for (unsigned i = 0; i < VCPUS; i++) {
            accepting(i);
            accepting(i);
        }
        g_assert_cmpuint(fake.x.proofs, ==, VCPUS);
        for (unsigned i = 0; i < VCPUS; i++) {
            extint_gone(&fake.x, i);
            extint_gone(&fake.x, i);
        }
        g_assert_cmpuint(fake.x.proofs, ==, 0);
    }
}

/*
 * Random interleavings, fixed seed: every raised edge is in a slot exactly
 * once or still pending, and an INTR that is up always has somebody on its
 * way: a vCPU that was kicked or whose window is armed.
 */
static void test_random(void)
{
    GRand *r = g_rand_new_with_seed(8259);
    uint64_t taken = 0, raised = 0, merged = 0;
    bool kicked[VCPUS];

    setup();
    memset(kicked, 0, sizeof(kicked));
    for (int step = 0; step < 200000; step++) {
        unsigned i = (unsigned)g_rand_int_range(r, 0, VCPUS);
        unsigned before[VCPUS];

        for (unsigned j = 0; j < VCPUS; j++) {
            before[j] = fake.cpu[j].kicks;
        }
        switch (g_rand_int_range(r, 0, 5)) {
        case 0:
            pulse((unsigned)g_rand_int_range(r, 0, 2));
            break;
        case 1:
            port_write(I8259_MASTER, 0, 0x20, (int)i);
            ran(i, g_rand_boolean(r));
            enter(i);
            kicked[i] = false;
            break;
        case 2:
            if (fake.cpu[i].slot >= 0) {
                fake.cpu[i].slot = -1;
                taken++;
            }
            break;
        case 3:
            ran(i, fake.cpu[i].slot < 0 && g_rand_boolean(r));
            enter(i);
            kicked[i] = false;
            break;
        case 4:
            extint_forget(&fake.x, i, false);
            enter(i);
            kicked[i] = false;
            break;
        }
        for (unsigned j = 0; j < VCPUS; j++) {
            kicked[j] |= fake.cpu[j].kicks != before[j];
        }
        if (fake.pic.intr) {
            unsigned coming = 0;

            for (unsigned j = 0; j < VCPUS; j++) {
                if (fake.vcpu[j].accepts) {
                    coming += kicked[j] || fake.cpu[j].window;
                } else {
                    /* Never without a window while unproved. */
                    coming += fake.cpu[j].window || step < 100;
                }
            }
            g_assert_cmpuint(coming, >, 0);
        }
    }
    for (unsigned i = 0; i < VCPUS; i++) {
        taken += fake.cpu[i].slot >= 0;
    }
    for (unsigned i = 0; i < 2; i++) {
        raised += fake.pic.raised[i];
        merged += fake.pic.merged[i];
        taken += (i8259_pair_irr(&fake.pic, I8259_MASTER) >> i) & 1;
    }
    g_assert_cmpuint(raised, ==, merged + taken);
    g_assert_cmpuint(raised, >, 10000);
    g_rand_free(r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*fn)(void);
    } tests[] = {
        { "take", test_take },
        { "idle-takes-no-lock", test_idle_no_lock },
        { "refused/full-slot", test_full_slot },
        { "leaving-injects-nothing", test_leaving },
        { "not-ready-arms-window", test_not_ready },
        { "unproved-arms-window", test_window_without_proof },
        { "kick/nobody-accepts", test_nobody_no_kick },
        { "kick/masked-after-proof", test_masked_after_proof },
        { "kick/rise-only", test_level_no_rise_no_kick },
        { "kick/passed-on", test_pass_on },
        { "kick/each-vcpu-once", test_pass_on_ends },
        { "kick/not-by-a-bystander", test_bystander },
        { "kick/not-self", test_self_is_not_kicked },
        { "kick/not-self-not-accepting", test_self_not_accepting },
        { "withdrawn-level-is-not-spurious", test_withdrawn },
        { "second-pending", test_second_pending },
        { "more-pending-is-anothers", test_more_pending },
        { "forget/running", test_forget },
        { "forget/blocked", test_forget_blocked },
        { "unplug/passes-on", test_gone },
        { "unplug/last", test_gone_last },
        { "proofs-are-counted", test_proofs_counted },
        { "random", test_random },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/extint/", tests[i].path, NULL);

        g_test_add_func(path, tests[i].fn);
    }
    g_test_add_data_func("/extint/refused/eexist", GINT_TO_POINTER(EEXIST),
                         test_refused);
    g_test_add_data_func("/extint/refused/einval", GINT_TO_POINTER(EINVAL),
                         test_refused);
    g_test_add_data_func("/extint/refused/enxio", GINT_TO_POINTER(ENXIO),
                         test_refused);
    return g_test_run();
}
