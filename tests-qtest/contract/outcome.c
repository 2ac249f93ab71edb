/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a scenario, as a test's result.
 */
#include "qemu/osdep.h"
#include "outcome.h"

void outcome_init(Outcome *out)
{
    *out = (Outcome) {
        .failures = g_string_new(NULL),
        .log = g_string_new(NULL),
    };
}

void outcome_free(Outcome *out)
{
    g_free(out->skip);
    g_string_free(out->failures, TRUE);
    g_string_free(out->log, TRUE);
}

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

bool outcome_judge(const Outcome *o)
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

/* Not only what the scenario expects: all of the state, after every step */
void outcome_compare(const Outcome *real, const Outcome *model)
{
    char **a = g_strsplit(real->log->str, "\n", -1);
    char **b = g_strsplit(model->log->str, "\n", -1);

    for (int i = 0; a[i] || b[i]; i++) {
        if (g_strcmp0(a[i], b[i])) {
            g_test_message("ERROR kvm:   %s", a[i]);
            g_test_message("ERROR model: %s", b[i]);
            g_test_fail();
            break;
        }
    }
    g_strfreev(a);
    g_strfreev(b);
}
