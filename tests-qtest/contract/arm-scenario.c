/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios of Arm: run one, compare.
 */
#include "qemu/osdep.h"
#include "arm-scenario.h"

#define LINE_SIZE   256

static void G_GNUC_PRINTF(3, 4) fail(ArmRun *r, const char *step,
                                     const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_string_append_printf(r->out->failures, "%s: %s: %s: %s\n",
                           r->test->scenario->name,
                           r->end ? r->end->ops->name : "", step, text);
    g_free(text);
}

/* "vm WORD..." says what is there before the first step */

static unsigned gic_word(const char *list)
{
    char **names = g_strsplit(list, ",", -1);
    unsigned gics = 0;

    for (char **n = names; *n; n++) {
        gics |= 1u << (!strcmp(*n, "2") ? KVM_MODEL_GICV2 :
                       !strcmp(*n, "3") ? KVM_MODEL_GICV3 : KVM_MODEL_NO_GIC);
    }
    g_strfreev(names);
    return gics;
}

/* "6.11" */
static unsigned linux_word(const char *text)
{
    const char *dot = strchr(text, '.');

    return KVM_MODEL_ARM_LINUX(g_ascii_strtoull(text, NULL, 10),
                               dot ? g_ascii_strtoull(dot + 1, NULL, 10) : 0);
}

static bool vm_word(ArmConfig *c, unsigned *gics, ArmTest *test,
                    const char *word)
{
    if (g_str_has_prefix(word, "gic=")) {
        *gics = gic_word(word + 4);
    } else if (g_str_has_prefix(word, "since=")) {
        test->since = linux_word(word + 6);
    } else if (g_str_has_prefix(word, "before=")) {
        test->before = linux_word(word + 7);
    } else if (g_str_has_prefix(word, "vcpus=")) {
        c->vcpus = g_ascii_strtoull(word + 6, NULL, 0);
    } else if (g_str_has_prefix(word, "irqs=")) {
        c->irqs = g_ascii_strtoull(word + 5, NULL, 0);
    } else if (!strcmp(word, "off")) {
        c->off = true;
    } else if (!strcmp(word, "noinit")) {
        c->noinit = true;
    } else if (!strcmp(word, "layout1")) {
        c->layout1 = true;
    } else {
        return false;
    }
    return true;
}

static bool is_vm(const char *step)
{
    return g_str_has_prefix(step, "vm ");
}

/* NULL, or the word that says nothing */
static char *set_up(const Scenario *s, ArmConfig *config, unsigned *gics,
                    ArmTest *test)
{
    char *wrong = NULL;

    *gics = 1u << KVM_MODEL_NO_GIC;
    for (unsigned i = 0; i < s->steps->len; i++) {
        char **argv;

        if (!is_vm(s->steps->pdata[i])) {
            continue;
        }
        argv = words(s->steps->pdata[i]);
        for (char **w = argv + 1; *w && !wrong; w++) {
            if (!vm_word(config, gics, test, *w)) {
                wrong = g_strdup(*w);
            }
        }
        g_strfreev(argv);
    }
    return wrong;
}

unsigned arm_scenario_gics(const Scenario *s, ArmTest *test)
{
    ArmConfig config = { };
    unsigned gics;
    char *wrong;

    *test = (ArmTest) { .scenario = s, .before = KVM_MODEL_ARM_NEWEST + 1 };
    wrong = set_up(s, &config, &gics, test);

    if (wrong) {
        g_error("%s: what is %s?", s->name, wrong);
    }
    return gics;
}

/* "pending:40=1" */
static void expect_field(ArmRun *r, const char *step, const char *field,
                         const char *want)
{
    char **names = g_strsplit(field, ":", 2);
    char value[ARM_RESULT_SIZE];
    unsigned bit = 0;
    int ret = names[1] ? arm_field_get(r->end, names[0], arm_intid(names[1]),
                                       &bit) : -ESRCH;

    show_errno(ret ? ret : (int)bit, value, sizeof(value));
    if (ret == -ESRCH) {
        fail(r, step, "what is %s?", field);
    } else if (strcmp(value, want)) {
        fail(r, step, "%s=%s", field, value);
    }
    g_strfreev(names);
}

/* What was expected: the result, and fields of the state after it */
static void expect(ArmRun *r, const char *step, const char *expected,
                   const char *result)
{
    char **want = words(expected);
    bool said = false;

    for (char **w = want; *w; w++) {
        char **pair = g_strsplit(*w, "=", 2);

        if (pair[1]) {
            expect_field(r, step, pair[0], pair[1]);
        } else {
            said = true;
            if (strcmp(*w, result)) {
                fail(r, step, "%s", result);
            }
        }
        g_strfreev(pair);
    }
    /* What is not said is success */
    if (!said && strcmp(result, "0")) {
        fail(r, step, "%s", result);
    }
    g_strfreev(want);
}

/* All that there is to read of the interrupts that the scenario has named */
static void log_state(ArmRun *r)
{
    static const char *const fields[] = {
        "enabled", "pending", "active", "edge", "high",
    };

    for (unsigned i = 0; i < r->n_seen; i++) {
        g_string_append_printf(r->out->log, " %u:%u", r->seen[i].vcpu,
                               r->seen[i].intid);
        for (unsigned f = 0; f < G_N_ELEMENTS(fields); f++) {
            char value[ARM_RESULT_SIZE];
            unsigned bit = 0;
            int ret = arm_field_get(r->end, fields[f], r->seen[i], &bit);

            show_errno(ret ? ret : (int)bit, value, sizeof(value));
            g_string_append_printf(r->out->log, ",%s", value);
        }
    }
    g_string_append_c(r->out->log, '\n');
}

static void run_step(ArmRun *r, const char *step)
{
    char **halves = g_strsplit(step, "->", 2);
    char **argv = words(halves[0]);
    char result[ARM_RESULT_SIZE];

    if (!arm_step_do(r, argv, result)) {
        fail(r, step, "there is no such step");
    } else {
        expect(r, step, halves[1] ? halves[1] : "0", result);
        g_string_append_printf(r->out->log, "%-40s %s:", step, result);
        log_state(r);
    }
    g_strfreev(argv);
    g_strfreev(halves);
}

void arm_scenario_run(const ArmTest *test, const ArmEndOps *ops,
                      unsigned linux_version, Outcome *out)
{
    ArmRun r = { .test = test, .out = out };
    ArmConfig config = {
        .vcpus = 1, .gic = test->gic, .linux_version = linux_version,
    };
    ArmTest same;
    const char *why;
    unsigned gics;

    outcome_init(out);
    g_free(set_up(test->scenario, &config, &gics, &same));
    r.end = ops->open(&config, &why);
    if (!r.end) {
        if (*why) {
            out->skip = g_strdup(why);
        } else {
            fail(&r, "vm", "%s", strerror(errno));
        }
        return;
    }
    for (unsigned i = 0; i < test->scenario->steps->len; i++) {
        if (!is_vm(test->scenario->steps->pdata[i])) {
            run_step(&r, test->scenario->steps->pdata[i]);
        }
    }
    ops->close(r.end);
}
