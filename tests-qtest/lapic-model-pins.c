/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NMI and INIT pins of the model's local APICs.
 */
#include "qemu/osdep.h"
#include "lapic-model-test.h"
#include "lapic-model-vm.h"

enum {
    SVR_ON = 0x1ff,
    XAPIC_OFF = 0xfee00000,
    LVT_NMI = 0x400,
    LVT_MASKED = 0x10000,
    VCPUS = 4,
    RAM = 0x10000,
    RAM_SIZE = 0x10000,
};

static void inject_nmi(Vm *vm)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': 'inject-nmi'}");
}

/* The pin goes through LVT1: what it is set to, and whether the NMI arrives */
static void test_nmi(void)
{
    static const struct {
        uint32_t lvt1;
        bool arrives;
    } rows[] = {
        { LVT_MASKED, false },
        { LVT_NMI, true },
        { LVT_MASKED | LVT_NMI, false },
        { 0x31, false },                /* Fixed */
        { 0x200, false },               /* SMI */
        { 0x500, false },               /* INIT */
        { 0x700, false },               /* ExtINT */
        { LVT_NMI | 0x8000, true },     /* level-triggered, ignored */
        { LVT_NMI | 0x31, true },       /* so is the vector */
    };
    Vm vm = vm_start("pc,queued-nmi=on", "4", VCPUS, "");

    for (int r = 0; r < G_N_ELEMENTS(rows); r++) {
        unsigned one = r % VCPUS;
        uint64_t gets, nmis;

        vm_reset(&vm);
        for (unsigned i = 0; i < VCPUS; i++) {
            vm_set(&vm, i, "svr", SVR_ON);
        }
        vm_set(&vm, one, "lvt1", rows[r].lvt1);
        vm_remember(&vm);
        gets = vm_ioctls(&vm, "KVM_GET_LAPIC");
        nmis = vm_ioctls(&vm, "KVM_NMI");
        inject_nmi(&vm);
        g_assert_cmpint(vm_ioctls(&vm, "KVM_GET_LAPIC") - gets, ==, VCPUS);
        g_assert_cmpint(vm_ioctls(&vm, "KVM_NMI") - nmis, ==, rows[r].arrives);
        g_assert_cmpint(vm_number(&vm, one, "nmi-pending"), ==,
                        rows[r].arrives);
        for (unsigned i = 0; i < VCPUS; i++) {
            g_assert_cmpint(vm_number(&vm, i, "masked"), ==,
                            qdict_get_int(vm.before[i], "masked") +
                            !(i == one && rows[r].arrives));
        }
        vm_same(&vm, VM_ALL, "nmi-pending,done-nmi,masked");
    }
    vm_stop(&vm);
}

/* At most two ioctls a vCPU; an APIC that is off is not even asked */
static void test_nmi_ioctls(void)
{
    Vm vm = vm_start("pc,queued-nmi=on", "4", VCPUS, "");
    uint64_t total;

    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&vm, i, "svr", SVR_ON);
        vm_set(&vm, i, "lvt1", LVT_NMI);
    }
    total = vm_ioctls(&vm, "total");
    inject_nmi(&vm);
    g_assert_cmpint(vm_ioctls(&vm, "total") - total, ==, 2 * VCPUS);
    for (unsigned i = 0; i < VCPUS; i++) {
        g_assert_cmpint(vm_number(&vm, i, "nmi-pending"), ==, 1);
    }

    vm_reset(&vm);
    for (unsigned i = 0; i < VCPUS; i++) {
        vm_set(&vm, i, "apicbase", XAPIC_OFF | (i ? 0 : 0x100));
    }
    total = vm_ioctls(&vm, "total");
    inject_nmi(&vm);
    g_assert_cmpint(vm_ioctls(&vm, "total") - total, ==, VCPUS);
    for (unsigned i = 0; i < VCPUS; i++) {
        g_assert_cmpint(vm_number(&vm, i, "nmi-pending"), ==, 1);
    }

    /* The guest takes it, once */
    vm_set(&vm, 0, "run", 2);
    g_assert_cmpint(vm_number(&vm, 0, "took-nmi"), ==, 1);
    g_assert_cmpint(vm_number(&vm, 0, "nmi-pending"), ==, 0);
    g_assert_true(vm_flag(&vm, 0, "nmi-masked"));
    vm_stop(&vm);
}

/* Stock's inject-nmi is for QEMU's own local APICs */
static void test_nmi_stock(void)
{
    Vm vm = vm_start("pc,queued-nmi=off", "2", 2, "");
    g_autofree char *before = vm_digest(&vm);
    g_autofree char *after = NULL;

    inject_nmi(&vm);
    after = vm_digest(&vm);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpint(vm_ioctls(&vm, "total"), ==, 0);
    vm_stop(&vm);
}

/* INIT# of the chipset */

static void port92(Vm *vm)
{
    qtest_outb(vm->qts, 0x92, 0);
    qtest_outb(vm->qts, 0x92, 1);
}

static void keyboard(Vm *vm)
{
    qtest_outb(vm->qts, 0x64, 0xfe);
}

static void soft_reset(Vm *vm)
{
    qtest_outb(vm->qts, 0xcf9, 0);
    qtest_outb(vm->qts, 0xcf9, 4);
    qtest_outb(vm->qts, 0xcf9, 0);
}

static const struct {
    const char *name;
    void (*pulse)(Vm *vm);
} sources[] = {
    { "port92", port92 },
    { "keyboard", keyboard },
    { "cf9", soft_reset },
};

typedef struct Ports {
    uint8_t val[5];
} Ports;

static Ports ports(Vm *vm)
{
    static const uint16_t at[] = { 0x21, 0xa1, 0x4d0, 0x4d1 };
    Ports p = { };

    for (int i = 0; i < G_N_ELEMENTS(at); i++) {
        p.val[i] = qtest_inb(vm->qts, at[i]);
    }
    qtest_outb(vm->qts, 0x70, 0x0f);
    p.val[4] = qtest_inb(vm->qts, 0x71);
    return p;
}

/* Something in RAM, in the PICs and in CMOS, none of it what a reset leaves */
static void fill(Vm *vm, uint8_t *ram)
{
    static const uint8_t icw[] = { 0x11, 0x50, 0x04, 0x01 };

    for (unsigned i = 0; i < RAM_SIZE; i++) {
        ram[i] = i * 7 + (i >> 8);
    }
    qtest_memwrite(vm->qts, RAM, ram, RAM_SIZE);
    for (int i = 0; i < 4; i++) {
        qtest_outb(vm->qts, 0x20 + !!i, icw[i]);
        qtest_outb(vm->qts, 0xa0 + !!i, i == 2 ? 2 : icw[i] + (i == 1) * 8);
    }
    qtest_outb(vm->qts, 0x21, 0x5a);
    qtest_outb(vm->qts, 0xa1, 0xa5);
    qtest_outb(vm->qts, 0x4d0, 0x20);
    qtest_outb(vm->qts, 0x4d1, 0x0c);
    qtest_outb(vm->qts, 0x70, 0x0f);
    qtest_outb(vm->qts, 0x71, 0x0a);
}

static void pulse_inits(Vm *vm, int source)
{
    g_autofree uint8_t *ram = g_malloc(RAM_SIZE);
    g_autofree uint8_t *now = g_malloc(RAM_SIZE);
    Ports before, after;

    vm_reset(vm);
    fill(vm, ram);
    vm_set(vm, 1, "apicbase", XAPIC_OFF);
    vm_set(vm, 2, "svr", SVR_ON);
    vm_sent(vm, "{'delivery': 'fixed', 'vector': 49, 'destination': 2}");
    before = ports(vm);
    vm_remember(vm);
    sources[source].pulse(vm);

    /* It is carried out before the vCPU runs again */
    vm_same(vm, VM_ALL, "mp-state,svr,irr,took-init,done-init");
    for (unsigned i = 0; i < vm->vcpus; i++) {
        g_autofree char *mp = vm_text(vm, i, "mp-state");

        g_assert_cmpstr(mp, ==, i ? "wait-for-sipi" : "runnable");
        g_assert_cmpint(vm_number(vm, i, "done-init"), ==,
                        qdict_get_int(vm->before[i], "done-init") + 1);
        g_assert_cmpint(vm_number(vm, i, "took-init"), ==,
                        qdict_get_int(vm->before[i], "took-init") + 1);
    }
    /* An INIT leaves APICBASE, and clears what was requested */
    g_assert_cmphex(vm_number(vm, 1, "apicbase"), ==, XAPIC_OFF);
    g_assert_false(vm_vector(vm, 2, "irr", 49));
    g_assert_cmphex(vm_number(vm, 2, "svr"), ==, 0xff);
    qtest_memread(vm->qts, RAM, now, RAM_SIZE);
    g_assert_cmpmem(now, RAM_SIZE, ram, RAM_SIZE);
    after = ports(vm);
    g_assert_cmpmem(&after, sizeof(after), &before, sizeof(before));
}

static void test_init_cpu(const void *machine)
{
    g_autofree char *options = g_strdup_printf("%s,chipset-init=cpu",
                                               (const char *)machine);
    Vm vm = vm_start(options, "4", VCPUS, "");

    for (int s = 0; s < G_N_ELEMENTS(sources); s++) {
        pulse_inits(&vm, s);
    }
    vm_stop(&vm);
}

/* The default, as stock: the whole machine is reset, the model with it */
static void test_init_machine(const void *machine)
{
    Vm vm = vm_start(machine, "4", VCPUS, "");
    g_autofree char *power_on = vm_digest(&vm);

    for (int s = 0; s < G_N_ELEMENTS(sources); s++) {
        g_autofree char *now = NULL;

        vm_set(&vm, 2, "svr", SVR_ON);
        sources[s].pulse(&vm);
        qtest_qmp_eventwait(vm.qts, "RESET");
        now = vm_digest(&vm);
        g_assert_cmpstr(now, ==, power_on);
        g_assert_cmphex(vm_number(&vm, 2, "svr"), ==, 0xff);
    }
    vm_stop(&vm);
}

void lapic_model_pins_tests(void)
{
    qtest_add_func("lapic-model/nmi/lvt1", test_nmi);
    qtest_add_func("lapic-model/nmi/ioctls", test_nmi_ioctls);
    qtest_add_func("lapic-model/nmi/stock", test_nmi_stock);
    qtest_add_data_func("lapic-model/init/pc/cpu", "pc", test_init_cpu);
    qtest_add_data_func("lapic-model/init/q35/cpu", "q35", test_init_cpu);
    qtest_add_data_func("lapic-model/init/pc/machine", "pc",
                        test_init_machine);
    qtest_add_data_func("lapic-model/init/q35/machine", "q35",
                        test_init_machine);
}
