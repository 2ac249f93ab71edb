/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of lint0 on the model of the kernel: what LVT0 makes of the PIC's
 * INTR (SDM volume 3, "Local Vector Table"), and whom that disturbs. INTR's pin
 * is the real core's.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "i8259-test.h"
#include "kvm-model-int.h"
#include "kvm-model-lapic.h"
#include "kvm-model-port.h"
#include "lint0.h"

#define VCPUS   3
#define MS      1000000
#define V       0x31

#define FIXED   0x000u
#define SMI     0x200u
#define NMI     0x400u
#define INIT    0x500u
#define EXTINT  0x700u
#define LEVEL   0x8000u
#define MASKED  0x10000u

static KVMModel m;
static KVMModelVCPU vcpus[VCPUS];
static KVMModelRegs regs[VCPUS];
static KVMModelLAPIC apics[VCPUS];
static KVMModelPort port;
static I8259Pair pic;
static Lint0VCPU lint0_vcpus[VCPUS];
static Lint0 l;

static struct {
    bool pin;
    int64_t now, alarm;         /* alarm 0: none */
    unsigned extint;            /* vCPUs that INTR wakes */
    uint64_t taken;             /* INTAs */
    unsigned absent;
    unsigned flushed[VCPUS];
    /* Work under way, and how often it was asked for */
    void (*work[VCPUS])(void *opaque, unsigned vcpu);
    unsigned asked[VCPUS];
} world;

static void flush(void *opaque, unsigned vcpu)
{
    world.flushed[vcpu]++;
}

static bool enabled(void *opaque, unsigned vcpu)
{
    return vcpus[vcpu].apicbase & KVM_MODEL_ENABLE;
}

static bool extint(void *opaque, unsigned vcpu)
{
    return world.extint >> vcpu & 1;
}

static uint64_t taken(void *opaque)
{
    return world.taken;
}

static int64_t now(void *opaque)
{
    return world.now;
}

static void set_alarm(void *opaque, int64_t when)
{
    world.alarm = world.alarm ? MIN(world.alarm, when) : when;
}

static bool defer(void *opaque, unsigned vcpu,
                  void (*work)(void *opaque, unsigned vcpu), void *data)
{
    if (world.absent >> vcpu & 1) {
        return false;
    }
    g_assert_null(world.work[vcpu]);
    g_assert_true(data == &l);
    world.work[vcpu] = work;
    world.asked[vcpu]++;
    return true;
}

static void setup(void)
{
    static const Lint0Host host = {
        .flush = flush,
        .enabled = enabled,
        .extint = extint,
        .taken = taken,
        .now = now,
        .alarm = set_alarm,
    };
    KVMModelConfig c = { .vcpus = VCPUS, .smm = true };
    unsigned i;

    memset(&world, 0, sizeof(world));
    world.now = MS;
    kvm_model_init(&m, &c, vcpus, regs, apics);
    kvm_model_port_init(&port, &m);
    port.defer = defer;
    for (i = 0; i < VCPUS; i++) {
        vcpus[i].mp_state = KVM_MP_STATE_RUNNABLE;
        vcpus[i].lvt0 = MASKED;
        apics[i].svr = 0x1ff;
    }
    power_on(&pic);
    lint0_init(&l, &port.port, &host, lint0_vcpus, VCPUS);
}

/* The vCPUs' threads do what they were asked for */
static void run(void)
{
    unsigned i;

    for (i = 0; i < VCPUS; i++) {
        void (*work)(void *opaque, unsigned vcpu) = world.work[i];

        world.work[i] = NULL;
        if (work) {
            work(&l, i);
        }
    }
}

/* What split-i8259 does at each change of the PIC */
static void update(void)
{
    bool pin = i8259_pair_pin(&pic);
    bool rose = pin && !world.pin;

    if (pin != world.pin) {
        world.pin = pin;
        lint0_publish(&l, pin);
    }
    if (rose) {
        lint0_rise(&l);
    }
}

static void line(unsigned irq, bool level)
{
    i8259_pair_set_line(&pic, irq, level);
    update();
}

static void tick(void)
{
    line(0, true);
    line(0, false);
}

/* @ns go by; vCPUs' threads are quick */
static void pass(int64_t ns)
{
    int64_t end = world.now + ns;

    while (world.alarm && world.alarm <= end) {
        world.now = MAX(world.now, world.alarm);
        world.alarm = 0;
        lint0_alarm(&l);
        run();
    }
    world.now = end;
}

static bool has(const uint64_t *map, unsigned nr)
{
    return map[nr / 64] >> nr % 64 & 1;
}

static bool irr(unsigned vcpu)
{
    return has(apics[vcpu].irr, V);
}

static void accept_and_eoi(unsigned vcpu, bool eoi)
{
    uint64_t bit = 1ull << V % 64;

    apics[vcpu].irr[V / 64] &= ~bit;
    apics[vcpu].isr[V / 64] |= bit;
    if (eoi) {
        apics[vcpu].isr[V / 64] &= ~bit;
    }
}

static void check_nothing(unsigned vcpu)
{
    unsigned i;

    for (i = 0; i < 4; i++) {
        g_assert_cmphex(apics[vcpu].irr[i], ==, 0);
    }
    g_assert_false(vcpus[vcpu].nmi_pending || vcpus[vcpu].smi_pending ||
                   vcpus[vcpu].init_pending);
    g_assert_cmpint(vcpus[vcpu].pev, ==, KVM_MODEL_EMPTY);
    g_assert_cmpuint(l.vcpu[vcpu].sent, ==, 0);
}

/* Each rise is accounted for, by every vCPU */
static void check_accounts(void)
{
    unsigned i;

    for (i = 0; i < VCPUS; i++) {
        const Lint0VCPU *v = &l.vcpu[i];

        g_assert_cmpuint(l.rises, ==, v->sent + v->missed + v->merged +
                         v->closed + v->failed + v->edge);
    }
}

static void test_fixed(void)
{
    setup();
    vcpus[1].lvt0 = FIXED | V;
    tick();
    g_assert_false(irr(1));
    run();
    g_assert_true(irr(1));
    g_assert_false(has(apics[1].tmr, V));
    check_nothing(0);
    check_nothing(2);
    /* Each tick, though nobody has acknowledged the one before */
    accept_and_eoi(1, true);
    tick();
    run();
    g_assert_true(irr(1));
    g_assert_cmphex(read_isr(&pic, I8259_MASTER), ==, 0);
    check_accounts();
    g_assert_cmpuint(world.flushed[1], ==, 2);
}

static void test_both(void)
{
    setup();
    vcpus[0].lvt0 = vcpus[2].lvt0 = FIXED | V;
    tick();
    run();
    g_assert_true(irr(0) && irr(2));
    check_nothing(1);
    check_accounts();
}

/* The rise counts, even if the pin is low again, or stays high */
static void test_held(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | V;
    line(5, true);
    run();
    g_assert_true(irr(0));
    accept_and_eoi(0, true);
    /* INTR is up: another line is no rise, and time is none */
    tick();
    run();
    pass(1000 * MS);
    g_assert_false(irr(0));
    g_assert_cmpuint(l.rises, ==, 1);
    line(5, false);
    line(5, true);
    run();
    g_assert_true(irr(0));
}

typedef struct Closed {
    const char *name;
    uint32_t lvt0, svr;
    uint64_t apicbase;
} Closed;

static const Closed closed[] = {
    { "masked", MASKED | V, 0x1ff, 0 },
    { "masked-nmi", MASKED | NMI, 0x1ff, 0 },
    { "extint", EXTINT, 0x1ff, 0 },
    { "lowest-priority", 0x100 | V, 0x1ff, 0 },
    { "reserved", 0x300 | V, 0x1ff, 0 },
    { "startup", 0x600 | V, 0x1ff, 0 },
    { "software-disabled", FIXED | V, 0x0ff, 0 },
    { "hardware-disabled", FIXED | V, 0x1ff, KVM_MODEL_ENABLE },
};

static void test_closed(gconstpointer arg)
{
    const Closed *c = arg;

    setup();
    vcpus[0].lvt0 = c->lvt0;
    apics[0].svr = c->svr;
    vcpus[0].apicbase &= ~c->apicbase;
    tick();
    run();
    check_nothing(0);
    g_assert_cmpuint(l.vcpu[0].closed, ==, 1);
    check_accounts();
}

static void test_illegal_vector(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | 0x0f;
    tick();
    run();
    check_nothing(0);
    g_assert_cmpuint(l.vcpu[0].failed, ==, 1);
    vcpus[0].lvt0 = FIXED | 0x10;
    tick();
    run();
    g_assert_true(has(apics[0].irr, 0x10));
    check_accounts();
}

/* Edge-triggered, whatever bit 15 says; the vector does not matter */
static void test_modes(gconstpointer arg)
{
    uint32_t bits = GPOINTER_TO_UINT(arg);

    setup();
    vcpus[0].lvt0 = NMI | bits;
    vcpus[1].lvt0 = SMI | bits;
    vcpus[2].lvt0 = INIT | bits;
    line(3, true);
    run();
    g_assert_cmpuint(vcpus[0].nmi_pending, ==, 1);
    g_assert_cmpuint(vcpus[1].smi_pending, ==, 1);
    g_assert_cmpuint(vcpus[2].init_pending, ==, 1);
    pass(300 * MS);
    check_accounts();
}

/* Until the EOI a level waits; after it, it is delivered again */
static void test_level(void)
{
    unsigned ms;

    setup();
    vcpus[0].lvt0 = FIXED | LEVEL | V;
    line(4, true);
    run();
    g_assert_true(irr(0));
    g_assert_true(has(apics[0].tmr, V));
    accept_and_eoi(0, false);
    pass(500 * MS);
    g_assert_false(irr(0));
    g_assert_cmpuint(l.vcpu[0].sent, ==, 1);
    accept_and_eoi(0, true);
    for (ms = 0; ms <= LINT0_SLOW_NS / MS && !irr(0); ms++) {
        pass(MS);
    }
    g_assert_true(irr(0));
    accept_and_eoi(0, true);
    /* Quick again */
    pass(2 * LINT0_LEVEL_NS);
    g_assert_true(irr(0));
    accept_and_eoi(0, true);
    line(4, false);
    pass(500 * MS);
    g_assert_false(irr(0));
    g_assert_cmpuint(l.vcpu[0].sent, ==, 3);
    g_assert_cmpint(world.alarm, ==, 0);
}

/* It looks less and less often */
static void test_level_slow(void)
{
    unsigned looks;

    setup();
    vcpus[0].lvt0 = FIXED | LEVEL | V;
    line(4, true);
    run();
    accept_and_eoi(0, false);
    pass(1000 * MS);
    looks = world.asked[0];
    g_assert_cmpuint(looks, >=, 10);
    g_assert_cmpuint(looks, <=, 25);
    pass(1000 * MS);
    g_assert_cmpuint(world.asked[0] - looks, <=, 16);
    /* Nobody else is asked so often */
    g_assert_cmpuint(world.asked[1], <=, 21);
}

/* Each look delivers again: only he is asked */
static void test_level_quick(void)
{
    unsigned i;

    setup();
    vcpus[0].lvt0 = FIXED | LEVEL | V;
    line(4, true);
    run();
    for (i = 0; i < 1000; i++) {
        accept_and_eoi(0, true);
        pass(MS);
    }
    g_assert_cmpuint(l.vcpu[0].sent, >=, 300);
    g_assert_cmpuint(world.asked[1], <=, 12);
}

/* A level that is gone when LVT0 is looked at is no request */
static void test_level_pulse(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | LEVEL | V;
    tick();
    run();
    check_nothing(0);
}

/* While INTR is up: a level counts from then on, a rise of before does not */
static void test_opened_late(gconstpointer arg)
{
    uint32_t trigger = GPOINTER_TO_UINT(arg);

    setup();
    tick();
    run();
    pass(1000 * MS);
    g_assert_cmpint(world.alarm, ==, 0);
    line(5, true);
    run();
    pass(10 * MS);
    vcpus[0].lvt0 = FIXED | trigger | V;
    pass(LINT0_AGAIN_NS + 2 * MS);
    g_assert_cmpint(irr(0), ==, trigger != 0);
}

/* From an edge to a level, too */
static void test_level_late(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | V;
    line(5, true);
    run();
    accept_and_eoi(0, true);
    pass(1000 * MS);
    g_assert_false(irr(0));
    g_assert_cmpuint(world.asked[0], <=, 11);
    vcpus[0].lvt0 = FIXED | LEVEL | V;
    pass(LINT0_AGAIN_NS + 2 * MS);
    g_assert_true(irr(0));
}

/* What LVT0 says when the vCPU looks counts */
static void test_changed_before_the_look(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | V;
    tick();
    vcpus[0].lvt0 = MASKED | V;
    run();
    check_nothing(0);
    vcpus[0].lvt0 = FIXED | V;
    pass(LINT0_AGAIN_NS);
    tick();
    vcpus[0].lvt0 = NMI;
    run();
    g_assert_false(irr(0));
    g_assert_cmpuint(vcpus[0].nmi_pending, ==, 1);
}

static void test_one_question(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | V;
    tick();
    tick();
    tick();
    g_assert_cmpuint(world.asked[0], ==, 1);
    g_assert_cmpuint(l.vcpu[0].merged, ==, 2);
    run();
    g_assert_cmpuint(l.vcpu[0].sent, ==, 1);
    check_accounts();
}

/* A guest that polls the PIC, 1000 ticks a second */
static void test_left_alone(void)
{
    unsigned i;

    setup();
    for (i = 0; i < 10000; i++) {
        tick();
        run();
        poll_chip(&pic, I8259_MASTER);
        cmd(&pic, I8259_MASTER, 0x20);
        update();
        pass(MS);
    }
    for (i = 0; i < VCPUS; i++) {
        g_assert_cmpuint(world.asked[i], >=, 90);
        g_assert_cmpuint(world.asked[i], <=, 101);
    }
    check_accounts();
}

/* OCW1: at the next rise, and once */
static void test_written(void)
{
    setup();
    tick();
    run();
    vcpus[0].lvt0 = FIXED | V;
    tick();
    run();
    check_nothing(0);
    lint0_written(&l);
    g_assert_cmpuint(world.asked[0], ==, 1);
    tick();
    run();
    g_assert_true(irr(0));
    g_assert_cmpuint(world.asked[1], ==, 2);
    tick();
    run();
    g_assert_cmpuint(world.asked[1], ==, 2);
    check_accounts();
}

/* Linux on its PIC writes OCW1 at each interrupt: nobody else is asked */
static void test_written_with_extint(void)
{
    unsigned i;

    setup();
    world.extint = 1 << 2;
    vcpus[2].lvt0 = EXTINT;
    for (i = 0; i < 99; i++) {
        tick();
        run();
        world.taken++;
        lint0_written(&l);
        pass(MS);
    }
    g_assert_cmpuint(world.asked[0], ==, 1);
    g_assert_cmpuint(world.asked[1], ==, 1);
    /* It is awake anyway, and the next tick may be LVT0's */
    g_assert_cmpuint(world.asked[2], ==, 99);
    vcpus[2].lvt0 = FIXED | V;
    tick();
    run();
    g_assert_true(irr(2));
    /* Nobody has answered that one: what was written counts */
    vcpus[1].lvt0 = FIXED | V;
    tick();
    run();
    g_assert_true(irr(1));
    check_accounts();
}

/* Open: every tick, no matter when and what is written */
static void test_every_tick(void)
{
    unsigned i;

    setup();
    vcpus[1].lvt0 = FIXED | V;
    for (i = 1; i <= 500; i++) {
        tick();
        run();
        g_assert_true(irr(1));
        accept_and_eoi(1, true);
        g_assert_cmpuint(l.vcpu[1].sent, ==, i);
        pass(MS);
    }
    check_accounts();
    vcpus[1].lvt0 = MASKED | V;
    for (i = 0; i < 500; i++) {
        tick();
        run();
        pass(MS);
    }
    g_assert_cmpuint(world.asked[1], <=, 506);
    g_assert_cmpuint(l.vcpu[1].sent, ==, 500);
    check_accounts();
}

/* A rise of a former life reaches nobody in the next */
static void test_forget(void)
{
    setup();
    vcpus[0].lvt0 = FIXED | V;
    tick();
    lint0_forget(&l);
    run();
    check_nothing(0);
    check_accounts();
    /* And what was found there is not relied on */
    lint0_forget(&l);
    tick();
    run();
    g_assert_true(irr(0));
    g_assert_cmpuint(world.asked[1], ==, 2);
    g_assert_cmpint(world.alarm, !=, 0);
}

/* Loaded with INTR up: a level is still one, an edge was before */
static void test_loaded(gconstpointer arg)
{
    uint32_t trigger = GPOINTER_TO_UINT(arg);

    setup();
    vcpus[0].lvt0 = FIXED | trigger | V;
    i8259_pair_set_line(&pic, 5, true);
    world.pin = true;
    lint0_publish(&l, true);
    lint0_forget(&l);
    pass(2 * LINT0_LEVEL_NS);
    g_assert_cmpint(irr(0), ==, trigger != 0);
    g_assert_cmpuint(l.rises, ==, 0);
}

static void test_gone(void)
{
    setup();
    vcpus[1].lvt0 = FIXED | V;
    tick();
    /* Its thread ends without having looked */
    world.work[1] = NULL;
    lint0_gone(&l, 1);
    world.absent = 1 << 1;
    for (unsigned i = 0; i < 50; i++) {
        tick();
        run();
        pass(MS);
    }
    g_assert_cmpuint(world.asked[1], ==, 1);
    /* Plugged: asked as one that nobody knows */
    world.absent = 0;
    pass(LINT0_AGAIN_NS);
    tick();
    run();
    g_assert_true(irr(1));
}

/* By the number that the APIC has now */
static void test_number(void)
{
    setup();
    vcpus[0].lvt0 = vcpus[1].lvt0 = FIXED | V;
    vcpus[2].lvt0 = FIXED | V;
    apics[0].id = 7u << 24;
    g_assert_true(kvm_model_set_apicbase(&m, 1, 0xfee00c00, true));
    apics[2].id = 0xffu << 24;
    tick();
    run();
    g_assert_true(irr(0));
    g_assert_true(irr(1));
    /* 255 is everybody: nobody gets what is not his */
    g_assert_false(irr(2));
    g_assert_cmpuint(l.vcpu[2].failed, ==, 1);
    g_assert_cmpuint(l.vcpu[0].sent, ==, 1);
    check_accounts();
}

/* Any order of things: no rise is lost track of, no level forgotten */
static void test_random(void)
{
    static const uint32_t lvts[] = {
        MASKED | V, FIXED | V, EXTINT, NMI, FIXED | 8, FIXED | V,
    };
    GRand *r = g_rand_new_with_seed(5);
    unsigned i, v;

    setup();
    for (i = 0; i < 200000; i++) {
        v = g_rand_int_range(r, 0, VCPUS);
        switch (g_rand_int_range(r, 0, 9)) {
        case 0:
        case 1:
            tick();
            break;
        case 2:
            line(g_rand_int_range(r, 0, 16), g_rand_boolean(r));
            break;
        case 3:
            vcpus[v].lvt0 = lvts[g_rand_int_range(r, 0, G_N_ELEMENTS(lvts))];
            break;
        case 4:
            data(&pic, I8259_MASTER, g_rand_int_range(r, 0, 256));
            lint0_written(&l);
            update();
            break;
        case 5:
            world.extint = g_rand_int_range(r, 0, 1 << VCPUS);
            world.taken += g_rand_boolean(r);
            break;
        case 6:
            pass(g_rand_int_range(r, 0, 30) * MS);
            break;
        default:
            run();
        }
        check_accounts();
    }
    g_rand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lint0/fixed", test_fixed);
    g_test_add_func("/lint0/both", test_both);
    g_test_add_func("/lint0/held", test_held);
    for (unsigned i = 0; i < G_N_ELEMENTS(closed); i++) {
        g_autofree char *path = g_strdup_printf("/lint0/closed/%s",
                                                closed[i].name);

        g_test_add_data_func(path, &closed[i], test_closed);
    }
    g_test_add_func("/lint0/illegal-vector", test_illegal_vector);
    g_test_add_data_func("/lint0/modes", NULL, test_modes);
    g_test_add_data_func("/lint0/modes/level-and-vector",
                         GUINT_TO_POINTER(LEVEL | V), test_modes);
    g_test_add_func("/lint0/level", test_level);
    g_test_add_func("/lint0/level/slow", test_level_slow);
    g_test_add_func("/lint0/level/quick", test_level_quick);
    g_test_add_func("/lint0/level/pulse", test_level_pulse);
    g_test_add_data_func("/lint0/opened-late/edge", NULL, test_opened_late);
    g_test_add_data_func("/lint0/opened-late/level", GUINT_TO_POINTER(LEVEL),
                         test_opened_late);
    g_test_add_func("/lint0/opened-late/edge-to-level", test_level_late);
    g_test_add_func("/lint0/changed-before-the-look",
                    test_changed_before_the_look);
    g_test_add_func("/lint0/one-question", test_one_question);
    g_test_add_func("/lint0/left-alone", test_left_alone);
    g_test_add_func("/lint0/written", test_written);
    g_test_add_func("/lint0/written-with-extint", test_written_with_extint);
    g_test_add_func("/lint0/every-tick", test_every_tick);
    g_test_add_func("/lint0/forget", test_forget);
    g_test_add_data_func("/lint0/loaded/edge", NULL, test_loaded);
    g_test_add_data_func("/lint0/loaded/level", GUINT_TO_POINTER(LEVEL),
                         test_loaded);
    g_test_add_func("/lint0/gone", test_gone);
    g_test_add_func("/lint0/number", test_number);
    g_test_add_func("/lint0/random", test_random);
    return g_test_run();
}
