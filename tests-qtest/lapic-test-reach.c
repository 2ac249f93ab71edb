/*
 * lapic-test's part for whom a route reaches
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The local APICs are the model's (x-kvm-model=on). An IOAPIC pin is asked for,
 * then raised: what arrives is what was said.
 */

#include "qemu/osdep.h"
#include "lapic-model-vm.h"
#include "lapic-test-vm.h"

enum {
    PIN = 20,
    N = 4,
    TRIALS = 60,
    NMIS = 15,                  /* each 15th trial is one */
    FIXED = 0,
    LOWEST = 1,
    NMI = 4,
};

typedef struct Setup {
    const char *name;
    uint64_t apicbase[N];       /* bits 11:10 */
    uint64_t dfr;
    uint8_t ldr[N];
    bool software[N];
    uint8_t dests[8];
} Setup;

#define ON 0x800
#define X2 0xc00
#define ALL(x) { x, x, x, x }

static const Setup setups[] = {
    { "flat", ALL(ON), UINT32_MAX, { 1, 2, 4, 8 }, ALL(true),
      { 0, 1, 2, 3, 5, 0x0c, 0x0f, 0xff } },
    { "cluster", ALL(ON), 0x0fffffff, { 0x11, 0x12, 0x21, 0x22 }, ALL(true),
      { 0x11, 0x13, 0x21, 0x23, 0x31, 1, 2, 0xff } },
    { "x2apic", ALL(X2), UINT32_MAX, ALL(0), ALL(true),
      { 0, 1, 2, 3, 6, 9, 0x0f, 0xff } },
    { "some-off", { ON, ON, ON, 0 }, UINT32_MAX, { 1, 2, 4, 8 },
      { true, true, false, true }, { 0, 1, 2, 3, 3, 7, 0x0f, 0xff } },
};

static void set_up(Vm *vm, const Setup *s)
{
    for (unsigned i = 0; i < N; i++) {
        vm_set(vm, i, "svr", s->software[i] ? 0x1ff : 0xff);
        if (s->ldr[i]) {
            vm_set(vm, i, "dfr", s->dfr);
            vm_set(vm, i, "ldr", (uint64_t)s->ldr[i] << 24);
        }
        vm_set(vm, i, "apicbase", 0xfee00000 | (i ? 0 : 0x100) |
               s->apicbase[i]);
    }
}

/* Whom the message has reached, as bits */
static unsigned arrived(Vm *vm, unsigned delivery, unsigned vector)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < N; i++) {
        bool here = delivery == NMI ? vm_number(vm, i, "nmi-pending") :
                    vm_vector(vm, i, "irr", vector);

        bits |= here ? 1u << i : 0;
    }
    return bits;
}

static void try(Vm *vm, unsigned delivery, bool logical, unsigned dest,
                unsigned vector)
{
    QDict *rsp, *r;
    unsigned said, got, one;

    rte_write(vm->qts, 0, PIN, (uint64_t)dest << 56 | (logical ? 0x800 : 0) |
              delivery << 8 | vector);
    r = pin_route(routes(vm->qts, &rsp), 0, PIN);
    said = cpus(r);
    one = qdict_haskey(r, "target") ? 1u << number(r, "target") : 0;
    g_test_message("%s: said 0x%x", qdict_get_str(r, "words"), said);
    qobject_unref(rsp);

    qtest_set_irq_in(vm->qts, "ioapic", NULL, PIN, 1);
    qtest_set_irq_in(vm->qts, "ioapic", NULL, PIN, 0);
    got = arrived(vm, delivery, vector);
    g_test_message("got 0x%x", got);
    g_assert_cmphex(one & ~said, ==, 0);
    if (delivery == LOWEST && one) {
        g_assert_cmphex(got, ==, one);
    } else {
        /* LowestPrio to physical 255 is made Fixed */
        g_assert_cmphex(got, ==, said);
        g_assert_cmphex(one, ==, said & (said - 1) ? 0 : said);
    }
}

static void test_reach(const void *arg)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    Vm vm = vm_start(arg, "4", N, "");

    for (int s = 0; s < G_N_ELEMENTS(setups); s++) {
        g_test_message("%s", setups[s].name);
        for (int i = 0; i < TRIALS; i++) {
            if (i % NMIS == 0) {
                vm_reset(&vm);      /* nobody has an NMI */
                set_up(&vm, &setups[s]);
            }
            try(&vm, i % NMIS == 0 ? NMI : i & 1 ? LOWEST : FIXED,
                g_rand_boolean(rand),
                setups[s].dests[g_rand_int_range(rand, 0, 8)], 0x20 + i);
        }
    }
    vm_stop(&vm);
}

void lapic_test_reach(const char *machine)
{
    g_autofree char *path = g_strdup_printf("lapic/%s/reach", machine);

    qtest_add_data_func(path, machine, test_reach);
}
