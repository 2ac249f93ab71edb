/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's contract on Arm: every scenario on the model or on /dev/kvm.
 *
 *   arm-contract-test [GLib's options] model|kvm SCENARIOS
 *
 * kvm runs the model beside it and compares all that can be read after every
 * step. With ARM_KVM_END only, for an Arm host.
 */
#include "qemu/osdep.h"
#include "arm-scenario.h"

#define EXIT_SKIP   77

static void tell(const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);

    for (char **l = lines; *l; l++) {
        if (**l) {
            g_test_message("ERROR %s", *l);
        }
    }
    g_strfreev(lines);
}

static bool judge(const ArmOutcome *o)
{
    if (o->skip) {
        g_test_skip(o->skip);
        return false;
    }
    if (o->failures->len) {
        tell(o->failures->str);
        if (g_test_verbose()) {
            tell(o->log->str);
        }
        g_test_fail();
    }
    return !o->failures->len;
}

/* The oldest and the newest that it is about */
static void test_model(const void *opaque)
{
    const ArmTest *test = opaque;
    unsigned versions[] = { test->since, test->before - 1 };

    for (unsigned i = 0; i < G_N_ELEMENTS(versions); i++) {
        ArmOutcome o;

        arm_scenario_run(test, &arm_model_end_ops, versions[i], &o);
        judge(&o);
        arm_outcome_free(&o);
    }
}

#ifdef ARM_KVM_END
/* Not only what the scenario expects */
static void compare(const char *real, const char *model)
{
    char **a = g_strsplit(real, "\n", -1);
    char **b = g_strsplit(model, "\n", -1);

    for (int i = 0; a[i] && b[i]; i++) {
        if (strcmp(a[i], b[i])) {
            g_test_message("ERROR kvm:   %s", a[i]);
            g_test_message("ERROR model: %s", b[i]);
            g_test_fail();
            break;
        }
    }
    g_strfreev(a);
    g_strfreev(b);
}

static void test_kvm(const void *opaque)
{
    const ArmTest *test = opaque;
    unsigned version = arm_kvm_end_linux();
    ArmOutcome o, model;

    /* A newer one than the newest has to be like that */
    if (version < test->since || (version >= test->before &&
                                  test->before <= KVM_MODEL_ARM_NEWEST)) {
        g_test_skip("it is about another Linux");
        return;
    }
    arm_scenario_run(test, &arm_kvm_end_ops, version, &o);
    if (judge(&o)) {
        arm_scenario_run(test, &arm_model_end_ops, version, &model);
        compare(o.log->str, model.log->str);
        arm_outcome_free(&model);
    }
    arm_outcome_free(&o);
}

#else
const char *arm_kvm_end_missing(void)
{
    return "this is no Arm host";
}

unsigned arm_kvm_end_gics(void)
{
    return 0;
}

#define test_kvm    test_model
#endif

static const char *const names[] = { "", "/gicv2", "/gicv3" };

/* A scenario is a test on each GIC that it is for and that is there */
static void add_scenario(Scenario *s, unsigned gics, GTestDataFunc function)
{
    ArmTest about;

    gics &= arm_scenario_gics(s, &about);

    for (unsigned gic = 0; gic < G_N_ELEMENTS(names); gic++) {
        if (gics >> gic & 1) {
            char *path = g_strdup_printf("/%s%s", s->name, names[gic]);
            ArmTest *test = g_new(ArmTest, 1);

            *test = about;
            test->gic = gic;
            g_test_add_data_func_full(path, test, function, g_free);
            g_free(path);
        }
    }
}

int main(int argc, char **argv)
{
    unsigned gics;
    GPtrArray *all;
    bool kvm;
    int ret;

    g_test_init(&argc, &argv, NULL);
    kvm = argc == 3 && !strcmp(argv[1], "kvm");
    if (!kvm && (argc != 3 || strcmp(argv[1], "model"))) {
        fprintf(stderr, "usage: %s [GLib's options] model|kvm SCENARIOS\n",
                argv[0]);
        return 2;
    }
    if (kvm && arm_kvm_end_missing()) {
        printf("1..0 # SKIP /dev/kvm: %s\n", arm_kvm_end_missing());
        return EXIT_SKIP;
    }
    gics = kvm ? arm_kvm_end_gics() : ~0u;
    for (unsigned gic = 0; gic < G_N_ELEMENTS(names); gic++) {
        if (!(gics >> gic & 1)) {
            printf("# none of the scenarios %s: this KVM has no such GIC\n",
                   names[gic]);
        }
    }
    all = scenarios_read(argv[2]);
    for (unsigned i = 0; i < all->len; i++) {
        add_scenario(all->pdata[i], gics, kvm ? test_kvm : test_model);
    }
    ret = g_test_run();
    g_ptr_array_unref(all);
    return ret;
}
