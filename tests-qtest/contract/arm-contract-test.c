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

/* The oldest and the newest that it is about */
static void test_model(const void *opaque)
{
    const ArmTest *test = opaque;
    unsigned versions[] = { test->since, test->before - 1 };

    for (unsigned i = 0; i < G_N_ELEMENTS(versions); i++) {
        Outcome o;

        arm_scenario_run(test, &arm_model_end_ops, versions[i], &o);
        outcome_judge(&o);
        outcome_free(&o);
    }
}

#ifdef ARM_KVM_END
static void test_kvm(const void *opaque)
{
    const ArmTest *test = opaque;
    unsigned version = arm_kvm_end_linux();
    Outcome o, model;

    /* A newer one than the newest has to be like that */
    if (version < test->since || (version >= test->before &&
                                  test->before <= KVM_MODEL_ARM_NEWEST)) {
        g_test_skip("it is about another Linux");
        return;
    }
    arm_scenario_run(test, &arm_kvm_end_ops, version, &o);
    if (outcome_judge(&o)) {
        arm_scenario_run(test, &arm_model_end_ops, version, &model);
        outcome_compare(&o, &model);
        outcome_free(&model);
    }
    outcome_free(&o);
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
