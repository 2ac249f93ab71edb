/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The level memory on the model of the kernel, at random: whatever devices, the
 * guest, irqfds, resets and loaded states do, nothing that the kernel knows
 * differs after any step between a VM that gets every input and one that gets
 * what the memory issues; and nothing is issued that what is known says is
 * nothing.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-level-pair.h"

#define RUNS  60
#define STEPS 20000

typedef struct Stream {
    GRand *rand;
    unsigned gic;
    bool wire[IRQ_LINE_TYPES][PAIR_VCPUS][KVM_MODEL_ARM_PRIVATE + PAIR_SPIS];
    unsigned shared[PAIR_SPIS];
    bool marked[PAIR_SPIS];
    uint64_t inputs, issued, unsure;
} Stream;

static unsigned below(Stream *s, unsigned n)
{
    return g_rand_int_range(s->rand, 0, n);
}

static IrqLine any_line(Stream *s)
{
    if (!s->gic) {
        return (IrqLine) { IRQ_LINE_CPU, below(s, PAIR_VCPUS), below(s, 2) };
    }
    /* Few, so that they meet */
    return below(s, 3) ? (IrqLine) { IRQ_LINE_SPI, 0, 32 + below(s, 6) } :
        below(s, 2) ? (IrqLine) { IRQ_LINE_PPI, below(s, PAIR_VCPUS),
                                  16 + below(s, 16) } :
        (IrqLine) { IRQ_LINE_SPI, 0, 32 + below(s, PAIR_SPIS) };
}

static bool *wire(Stream *s, const IrqLine *line)
{
    return &s->wire[line->type][line->vcpu][line->number];
}

static bool kernel_high(const IrqLine *line)
{
    return every.arm.spi[line->number - 32] & KVM_MODEL_LINE_HIGH;
}

/* An input, changed or not. What is issued has to be worth it */
static void do_input(Stream *s)
{
    IrqLine line = any_line(s);
    bool level = below(s, 3) ? !*wire(s, &line) : *wire(s, &line);
    IrqLevel known = irq_levels_get(&levels, &line);
    PairVM before = some;
    bool issued;

    *wire(s, &line) = level;
    s->inputs++;
    issued = pair_move(&line, level);
    s->issued += issued;
    if (!issued || known == IRQ_LEVEL_UNKNOWN ||
        memcmp(&before, &some, sizeof(some))) {
        return;
    }
    if (some.arm.gic == KVM_MODEL_GICV3 && !some.arm.initialized) {
        return;
    }
    /* A timer's, of which KVM does not tell that it is */
    if (line.type == IRQ_LINE_PPI &&
        *kvm_model_arm_line(&some.arm, line.vcpu, line.number) &
        KVM_MODEL_LINE_OWNED) {
        return;
    }
    /* KVM did nothing; that cannot be known of an SPI, but of all others */
    g_assert_cmpint(line.type, ==, IRQ_LINE_SPI);
    g_assert_false(s->marked[line.number - 32]);
    g_assert_true(level || known == IRQ_LEVEL_HIGH);
    s->unsure++;
}

/*
 * GICD_ICFGR. Not while the line is high inside, see test_edge_while_high();
 * and what is known to be level-triggered is.
 */
static void do_configure(Stream *s)
{
    IrqLine line = any_line(s);
    bool level = below(s, 2);

    if (line.type == IRQ_LINE_SPI &&
        (level || (!kernel_high(&line) && !s->marked[line.number - 32]))) {
        pair_configure(&line, level);
    }
}

static void do_ack(Stream *s)
{
    IrqLine line = any_line(s);

    if (s->gic) {
        pair_ack(&line);
    }
}

static void do_vcpu_init(Stream *s)
{
    unsigned vcpu = below(s, PAIR_VCPUS);

    kvm_model_arm_vcpu_init(&every.arm, vcpu);
    kvm_model_arm_vcpu_init(&some.arm, vcpu);
    irq_levels_vcpu_init(&levels, vcpu);
    for (unsigned nr = 0; !s->gic && nr < 2; nr++) {
        IrqLine line = { IRQ_LINE_CPU, vcpu, nr };

        /* A GIC in QEMU may be reset, and move it, before that is put */
        if (below(s, 2)) {
            *wire(s, &line) = below(s, 2);
            s->inputs++;
            s->issued += pair_move(&line, *wire(s, &line));
        }
        pair_restore(&line, *wire(s, &line));
    }
}

/* Linux 6.11 and later does not reset the pins of a vCPU that has run */
static void do_first_run(Stream *s)
{
    unsigned vcpu = below(s, PAIR_VCPUS);

    kvm_model_arm_first_run(&every.arm, vcpu);
    kvm_model_arm_first_run(&some.arm, vcpu);
}

/* A state of the GIC is loaded: what it says of this SPI is what there is */
static void do_put(Stream *s)
{
    IrqLine line = any_line(s);
    unsigned n = line.number - 32;
    uint8_t state = below(s, 8);

    if (line.type != IRQ_LINE_SPI || s->marked[n]) {
        return;
    }
    if (!(state & KVM_MODEL_LINE_LEVEL)) {
        state &= ~KVM_MODEL_LINE_HIGH;
    }
    every.arm.spi[n] = some.arm.spi[n] = state;
    irq_levels_set(&levels, &line, state & KVM_MODEL_LINE_HIGH ?
                   IRQ_LEVEL_HIGH : IRQ_LEVEL_LOW);
}

/* A GICv2 has no register for that: its lines are moved. Forgotten or not */
static void do_reissue(Stream *s)
{
    if (below(s, 2)) {
        irq_levels_forget(&levels);
    }
    for (unsigned n = 0; s->gic && n < PAIR_SPIS; n++) {
        IrqLine line = { IRQ_LINE_SPI, 0, 32 + n };

        if (every.arm.spi[n] & KVM_MODEL_LINE_LEVEL) {
            pair_restore(&line, *wire(s, &line));
        }
    }
    for (unsigned i = 0; !s->gic && i < PAIR_VCPUS * 2; i++) {
        IrqLine line = { IRQ_LINE_CPU, i / 2, i % 2 };

        pair_restore(&line, *wire(s, &line));
    }
}

static void do_forget(Stream *s)
{
    irq_levels_forget(&levels);
}

static void do_share(Stream *s)
{
    IrqLine line = any_line(s);
    unsigned n = line.number - 32;
    bool more = !below(s, 4);

    if (line.type == IRQ_LINE_SPI && (more || s->shared[n])) {
        s->shared[n] += more ? 1 : -1;
        irq_levels_shared(&levels, &line, more);
    }
}

/* An eventfd moves its line in the kernel, and tells nobody */
static void do_irqfd(Stream *s)
{
    for (unsigned n = 0; n < PAIR_SPIS; n++) {
        IrqLine line = { IRQ_LINE_SPI, 0, 32 + n };
        bool level = below(s, 2);

        if (s->shared[n]) {
            pair_issue(&every, &line, level);
            pair_issue(&some, &line, level);
        }
    }
}

/* Somebody gets to know that it is level-triggered, or that it is not */
static void do_mark(Stream *s)
{
    IrqLine line = any_line(s);
    unsigned n = line.number - 32;

    if (line.type != IRQ_LINE_SPI) {
        return;
    }
    s->marked[n] = every.arm.spi[n] & KVM_MODEL_LINE_LEVEL && below(s, 2);
    irq_levels_trigger(&levels, &line, s->marked[n]);
}

/* KVM refused every line of a GICv3 until now */
static void do_gic_init(Stream *s)
{
    kvm_model_arm_gic_init(&every.arm);
    kvm_model_arm_gic_init(&some.arm);
}

static void one_stream(Stream *s)
{
    static const struct {
        void (*act)(Stream *s);
        unsigned weight;
    } acts[] = {
        { do_input, 600 }, { do_configure, 60 }, { do_ack, 200 },
        { do_vcpu_init, 30 }, { do_put, 30 }, { do_reissue, 5 },
        { do_forget, 3 }, { do_share, 20 }, { do_irqfd, 20 }, { do_mark, 30 },
        { do_gic_init, 1 }, { do_first_run, 1 },
    };

    pair_start(s->gic, s->gic != 3 || below(s, 2));
    if (below(s, 2)) {
        every.arm.linux_version = KVM_MODEL_ARM_LINUX(6, 1);
        some.arm.linux_version = KVM_MODEL_ARM_LINUX(6, 1);
    }
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned which = below(s, 1000), a = 0;

        while (which >= acts[a].weight) {
            which -= acts[a++].weight;
        }
        acts[a].act(s);
        pair_check_same();
    }
}

static void test_streams(const void *opaque)
{
    uint64_t inputs = 0, issued = 0, unsure = 0;

    for (unsigned run = 0; run < RUNS; run++) {
        uint32_t seed = g_test_rand_int();
        Stream s = {
            .gic = GPOINTER_TO_UINT(opaque),
            .rand = g_rand_new_with_seed(seed),
        };

        one_stream(&s);
        g_rand_free(s.rand);
        inputs += s.inputs;
        issued += s.issued;
        unsure += s.unsure;
        g_assert_cmpuint(levels.inputs, ==, levels.saved_lower +
                         levels.saved_raise + s.issued);
    }
    g_test_message("%" PRIu64 " inputs, %" PRIu64 " issued, %" PRIu64
                   " to no effect", inputs, issued, unsure);
    g_assert_cmpuint(issued, <, inputs - inputs / 10);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/irq-level/stream/no-gic", GUINT_TO_POINTER(0),
                         test_streams);
    g_test_add_data_func("/irq-level/stream/gicv2", GUINT_TO_POINTER(2),
                         test_streams);
    g_test_add_data_func("/irq-level/stream/gicv3", GUINT_TO_POINTER(3),
                         test_streams);
    return g_test_run();
}
