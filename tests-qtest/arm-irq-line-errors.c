/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user gets wrong: an error that names it and exit status 1, never a
 * signal; and what is refused while the VM runs.
 */
#include "qemu/osdep.h"
#include "arm-irq-line-test.h"
#include "arm-irq-line-vm.h"

typedef struct Bad {
    const char *args;
    const char *text[3];        /* all of them are in the one error */
} Bad;

static void has(const char *args, const char *said, const char *text)
{
    if (!strstr(said, text)) {
        g_error("%s: \"%s\" is not in \"%s\"", args, text, said);
    }
}

/* Properties of the device */
static const Bad properties[] = {
    { "gic-version=1", { "gic-version: 1 is not 0, 2 or 3" } },
    { "gic-version=4", { "gic-version: 4 is not 0, 2 or 3" } },
    { "gic-version=4294967295", { "gic-version" } },
    { "gic-version=-1", { "gic-version" } },
    { "gic-version=host", { "gic-version", "integer" } },
    { "vcpus=0", { "vcpus", "0", "4096" } },
    { "vcpus=4097", { "vcpus", "4097", "4096" } },
    { "vcpus=5000", { "vcpus", "5000", "4096" } },
    { "vcpus=4294967295", { "vcpus" } },
    { "vcpus=4294967296", { "vcpus" } },
    { "vcpus=-1", { "vcpus" } },
    { "vcpus=many", { "vcpus", "integer" } },
    { "vcpus=257,x-layout1=on", { "vcpus", "257", "256" } },
    { "vcpus=4096,x-layout1=on", { "vcpus", "4096", "256" } },
    { "spis=989", { "spis", "989", "988" } },
    { "spis=65537", { "spis", "988" } },
    { "spis=4294967295", { "spis" } },
    { "spis=-1", { "spis" } },
    { "level-spis=x", { "level-spis", "x" } },
    { "level-spis=33x", { "level-spis", "33x" } },
    { "level-spis=-33", { "level-spis", "-33" } },
    { "level-spis=33-", { "level-spis", "33-" } },
    { "level-spis=33-x", { "level-spis", "33-x" } },
    { "level-spis=33-34-35", { "level-spis", "33-34-35" } },
    { "level-spis=47-40", { "level-spis", "47-40" } },
    { "level-spis=33,,", { "level-spis" } },
    { "level-spis=,,33", { "level-spis" } },
    { "level-spis=33,,,,34", { "level-spis" } },
    { "level-spis=' '", { "level-spis" } },
    { "level-spis=0", { "level-spis", "0", "32..95" } },
    { "level-spis=31", { "level-spis", "31", "32..95" } },
    { "level-spis=31-33", { "level-spis", "31", "32..95" } },
    { "level-spis=96", { "level-spis", "96", "32..95" } },
    { "level-spis=95-96", { "level-spis", "96", "32..95" } },
    { "level-spis=33,,1020", { "level-spis", "1020", "32..95" } },
    { "level-spis=4294967329", { "level-spis" } },      /* 2^32 + 33 */
    { "level-spis=18446744073709551649", { "level-spis" } }, /* 2^64 + 33 */
    { "spis=0,level-spis=32", { "level-spis", "32" } },
    { "gic-version=0,spis=0,level-spis=33", { "level-spis" } },
    { "level-memory=maybe", { "level-memory", "'on' or 'off'" } },
    { "x-kvm-model=maybe", { "x-kvm-model", "'on' or 'off'" } },
    { "inputs=1", { "inputs", "not writable" } },
    { "nothing=1", { "nothing", "not found" } },
};

static void test_properties(void)
{
    for (int i = 0; i < G_N_ELEMENTS(properties); i++) {
        const Bad *b = &properties[i];
        g_autofree char *said = vm_refused_props(b->args);
        const char *error = strstr(said, " -device ");

        /* What comes after the echo of the arguments */
        error = error ? strstr(error, ": ") : NULL;
        g_assert_nonnull(error);
        for (int t = 0; t < G_N_ELEMENTS(b->text) && b->text[t]; t++) {
            has(b->args, error, b->text[t]);
        }
        /* One line, and not of an assertion */
        g_assert_cmpuint(times(said, "\n"), ==, 1);
    }
}

#define ONE "-device arm-irq-line,x-kvm-model=on,gic-version=3,vcpus=1,spis=32"

static const Bad commands[] = {
    { "-accel qtest -M none -device arm-irq-line", { "x-kvm-model" } },
    { "-accel qtest -M none -device arm-irq-line,gic-version=3,vcpus=1,spis=32",
      { "x-kvm-model" } },
    { "-accel qtest -M none -device arm-irq-line,x-kvm-model=off",
      { "x-kvm-model" } },
    { "-accel tcg -M none " ONE, { "x-kvm-model", "qtest" } },
    { "-accel tcg -M virt " ONE, { "x-kvm-model", "qtest" } },
    { "-accel qtest -M none " ONE " " ONE, { "arm-irq-line" } },
    { "-accel qtest -M virt " ONE " " ONE, { "arm-irq-line" } },
    { "-accel qtest -M none -global arm-irq-line.level-spis=33-x " ONE,
      { "level-spis", "33-x" } },
    { "-accel qtest -M none -global arm-irq-line.vcpus=0"
      " -device arm-irq-line,x-kvm-model=on", { "vcpus" } },
};

static void test_commands(void)
{
    for (int i = 0; i < G_N_ELEMENTS(commands); i++) {
        const Bad *b = &commands[i];
        g_autofree char *said = vm_refused(b->args);

        for (int t = 0; t < G_N_ELEMENTS(b->text) && b->text[t]; t++) {
            has(b->args, said, b->text[t]);
        }
    }
}

/* A command of QMP fails with @text */
static void fails(Vm *vm, const char *json, const char *text)
{
    g_autofree char *error = vm_qmp(vm, json);

    has(json, error ?: "(done)", text);
}

static void test_qom(void)
{
    static const char *const counters[] = {
        "inputs", "issued", "saved-lower", "saved-raise", "reissued",
        "refused",
    };
    static const struct {
        const char *name, *json;
    } fixed[] = {
        { "level-memory", "false" },
        { "level-spis", "'34'" },
        { "x-kvm-model", "false" },
        { "gic-version", "2" },
        { "vcpus", "3" },
        { "spis", "32" },
    };
    Vm vm = vm_start("level-spis=33", "");

    vm_move(&vm, SPI, 0, 33, 1);
    for (int i = 0; i < G_N_ELEMENTS(counters); i++) {
        g_autofree char *error = vm_set(&vm, counters[i], "7");

        g_assert_nonnull(error);
    }
    vm_moved(&vm, .inputs = 1, .issued = 1);
    for (int i = 0; i < G_N_ELEMENTS(fixed); i++) {
        g_autofree char *error = vm_set(&vm, fixed[i].name, fixed[i].json);

        g_assert_nonnull(error);
    }
    /* And all is as before */
    vm_move(&vm, SPI, 0, 33, 1);
    vm_move(&vm, SPI, 0, 34, 1);
    vm_move(&vm, SPI, 0, 34, 1);
    vm_moved(&vm, .inputs = 3, .issued = 2, .saved_raise = 1);
    vm_stop(&vm);
}

/* There is one in a VM, from its start to its end */
static void test_hotplug(void)
{
    Vm vm = vm_start("", "");

    fails(&vm, "{'execute': 'device_add', 'arguments': {"
          "'driver': 'arm-irq-line', 'x-kvm-model': true, 'id': 'two'}}",
          "arm-irq-line");
    fails(&vm, "{'execute': 'device_add', 'arguments': {"
          "'driver': 'arm-irq-line', 'vcpus': 0}}", "arm-irq-line");
    fails(&vm, "{'execute': 'device_del', 'arguments': {'id': 'line'}}",
          "hotplugging");
    vm_move(&vm, PPI, 1, 31, 1);
    vm_moved(&vm, .inputs = 1, .issued = 1);
    vm_stop(&vm);
}

/* QMP may unrealize anything; it is no way to crash */
static void test_unrealized(void)
{
    Vm vm = vm_start("", "");

    for (int i = 0; i < 2; i++) {
        g_free(vm_set(&vm, "realized", "false"));
        vm_move(&vm, PPI, 1, 31, i);
        vm_lives(&vm);
        g_free(vm_set(&vm, "realized", "true"));
        vm_move(&vm, SPI, 0, 40, i);
        vm_lives(&vm);
    }
    vm_reset(&vm);
    vm_lives(&vm);
    vm_stop(&vm);
}

/* The test's own ways into the model take anything, too */
static void test_instrument(void)
{
    static const struct {
        const char *name, *json;
    } bad[] = {
        { "x-model-do", "''" }, { "x-model-do", "'gic'" },
        { "x-model-do", "'gic 1'" }, { "x-model-do", "'gic 1 1 1'" },
        { "x-model-do", "'gic x 1'" }, { "x-model-do", "'cpu 1 1'" },
        { "x-model-do", "'kernel'" }, { "x-model-do", "'nothing 1'" },
        { "x-model-do", "'gic 4294967296 1'" }, { "x-model-do", "1" },
        { "x-model-do", "'ack'" }, { "x-model-do", "'own'" },
        { "x-model-fail", "4096" }, { "x-model-fail", "-1" },
        { "x-model-word", "4294967296" }, { "x-model-word", "'x'" },
        { "x-model-bits", "1" }, { "x-model-queued", "1" },
    };
    static const uint32_t words[] = {
        0, 0x1000000, 0x100001f, 0x1000060, 0x1ffffff, 0x200000f, 0x2000020,
        0x202001f, 0x3000000, 0x12000010, 0xf2ff001f, 0xffffffff,
    };
    static const char *const reads[] = {
        "x-model-bits", "x-model-pending", "x-model-kicks",
    };
    Vm vm = vm_start("", "");

    for (int w = 1; w < G_N_ELEMENTS(words); w++) {
        g_autofree char *json = g_strdup_printf("%" PRIu32, words[w]);
        g_autofree char *error = vm_set(&vm, "x-model-word", json);

        g_assert_cmpstr(error, ==, NULL);
        for (int i = 0; i < G_N_ELEMENTS(bad); i++) {
            g_autofree char *no = vm_set(&vm, bad[i].name, bad[i].json);

            g_assert_nonnull(no);
        }
        for (int i = 0; i < G_N_ELEMENTS(reads); i++) {
            g_autofree char *get = g_strdup_printf(
                "{'execute': 'qom-get', 'arguments': {'path':"
                "'/machine/peripheral/line', 'property': '%s'}}", reads[i]);

            fails(&vm, get, "names no line");
        }
    }
    vm_moved(&vm, 0);
    g_assert_cmpuint(vm_ioctls(&vm), ==, 0);
    vm_stop(&vm);
}

/* Boards of TCG and of qtest have no KVM, and so no such device */
static void test_absent(const void *machine)
{
    QTestState *qts = qtest_initf("-machine %s -nodefaults",
                                  (const char *)machine);
    g_autofree char *pic = NULL;
    QDict *rsp;

    rsp = qtest_qmp_assert_failure_ref(
        qts, "{'execute': 'qom-list', 'arguments':"
        "{'path': '/machine/arm-irq-line'}}");
    qobject_unref(rsp);
    rsp = qtest_qmp_assert_success_ref(
        qts, "{'execute': 'qom-list', 'arguments': {'path': '/machine'}}");
    qobject_unref(rsp);
    pic = qtest_hmp(qts, "info pic");
    g_assert_null(strstr(pic, "arm-irq-line"));
    qtest_quit(qts);
}

/* The board's own GIC does not mind the device */
static void test_beside(const void *machine)
{
    Vm vm = vm_start_on(machine, "vcpus=512,spis=256", "-smp 2");

    vm_move(&vm, SPI, 0, 287, 1);
    vm_move(&vm, PPI, 511, 31, 1);
    vm_moved(&vm, .inputs = 2, .issued = 2);
    g_assert_true(vm_pending(&vm, 511, 31));
    vm_reset(&vm);
    g_assert_false(vm_pending(&vm, 0, 287));
    vm_lives(&vm);
    vm_stop(&vm);
}

/* An x86 host's KVM has another KVM_IRQ_LINE */
static void test_x86(void)
{
    g_autofree char *dir = g_path_get_dirname(getenv("QTEST_QEMU_BINARY"));
    g_autofree char *binary = g_strdup_printf("%s/qemu-system-x86_64", dir);
    g_autofree char *said = NULL;

    if (!g_file_test(binary, G_FILE_TEST_IS_EXECUTABLE)) {
        g_test_skip("no qemu-system-x86_64 beside this one");
        return;
    }
    said = vm_refused_by(binary, "-accel qtest -M none " ONE);
    has(binary, said, "'arm-irq-line' is not a valid device model name");
}

void arm_irq_line_errors_tests(void)
{
    qtest_add_func("arm-irq-line/errors/properties", test_properties);
    qtest_add_func("arm-irq-line/errors/commands", test_commands);
    qtest_add_func("arm-irq-line/errors/qom", test_qom);
    qtest_add_func("arm-irq-line/errors/hotplug", test_hotplug);
    qtest_add_func("arm-irq-line/errors/unrealized", test_unrealized);
    qtest_add_func("arm-irq-line/errors/instrument", test_instrument);
    qtest_add_func("arm-irq-line/errors/x86", test_x86);
    qtest_add_data_func("arm-irq-line/absent/virt", "virt", test_absent);
    qtest_add_data_func("arm-irq-line/absent/virt-v3", "virt,gic-version=3",
                        test_absent);
    qtest_add_data_func("arm-irq-line/absent/none", "none", test_absent);
    qtest_add_data_func("arm-irq-line/beside/virt", "virt", test_beside);
    qtest_add_data_func("arm-irq-line/beside/virt-v3", "virt,gic-version=3",
                        test_beside);
}
