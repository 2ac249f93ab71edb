/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's contract: every scenario on the model or on /dev/kvm.
 *
 *   contract-test [GLib's options] model|kvm SCENARIOS
 *
 * kvm runs the model beside it and compares all state after every step.
 */
#include "qemu/osdep.h"
#include "scenario.h"

#define EXIT_SKIP   77

static void test_model(const void *opaque)
{
    Outcome o;

    scenario_run(opaque, &model_end_ops, &o);
    outcome_judge(&o);
    outcome_free(&o);
}

static void test_kvm(const void *opaque)
{
    Outcome o, model;

    scenario_run(opaque, &kvm_end_ops, &o);
    if (outcome_judge(&o) && !o.clock) {
        scenario_run(opaque, &model_end_ops, &model);
        outcome_compare(&o, &model);
        outcome_free(&model);
    }
    outcome_free(&o);
}

int main(int argc, char **argv)
{
    const char *missing;
    GTestDataFunc test;
    GPtrArray *all;
    int ret;

    g_test_init(&argc, &argv, NULL);
    test = argc != 3 ? NULL : !strcmp(argv[1], "kvm") ? test_kvm :
           !strcmp(argv[1], "model") ? test_model : NULL;
    if (!test) {
        fprintf(stderr, "usage: %s [GLib's options] model|kvm SCENARIOS\n",
                argv[0]);
        return 2;
    }
    missing = test == test_kvm ? kvm_end_missing() : NULL;
    if (missing) {
        printf("1..0 # SKIP /dev/kvm: %s\n", missing);
        return EXIT_SKIP;
    }
    all = scenarios_read(argv[2]);
    for (unsigned i = 0; i < all->len; i++) {
        Scenario *s = all->pdata[i];
        char *path = g_strdup_printf("/%s", s->name);

        g_test_add_data_func(path, s, test);
        g_free(path);
    }
    ret = g_test_run();
    g_ptr_array_unref(all);
    return ret;
}
