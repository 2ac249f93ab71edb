/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of scenarios, read.
 */
#include "qemu/osdep.h"
#include "parse.h"

static const struct {
    const char *name;
    int value;
} errnos[] = {
    { "EEXIST", EEXIST }, { "EINVAL", EINVAL }, { "ENXIO", ENXIO },
    { "EINTR", EINTR }, { "EBUSY", EBUSY }, { "EIO", EIO },
    { "EAGAIN", EAGAIN }, { "ENOTTY", ENOTTY }, { "ESRCH", ESRCH },
    { "EDOM", EDOM }, { "ENOENT", ENOENT }, { "ENOTSUP", ENOTSUP },
    { "ERANGE", ERANGE }, { "ENODEV", ENODEV }, { "E2BIG", E2BIG },
};

static void scenario_free(void *opaque)
{
    Scenario *s = opaque;

    g_free(s->name);
    g_ptr_array_unref(s->steps);
    g_free(s);
}

GPtrArray *scenarios_read(const char *path)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(scenario_free);
    Scenario *s = NULL;
    GError *err = NULL;
    char *text, **lines;

    if (!g_file_get_contents(path, &text, NULL, &err)) {
        g_error("%s", err->message);
    }
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        char *line = g_strstrip(g_strdelimit(lines[i], "#", 0));

        if (!strncmp(line, "scenario ", 9)) {
            s = g_new(Scenario, 1);
            *s = (Scenario) { g_strdup(g_strstrip(line + 9)), i + 1,
                              g_ptr_array_new_with_free_func(g_free) };
            g_ptr_array_add(all, s);
        } else if (*line && !s) {
            g_error("%s:%u: no scenario yet", path, i + 1);
        } else if (*line) {
            g_ptr_array_add(s->steps, g_strdup(line));
        }
    }
    g_strfreev(lines);
    g_free(text);
    return all;
}

char **words(const char *text)
{
    GPtrArray *full = g_ptr_array_new();
    char **all = g_strsplit_set(text, " \t", -1);

    for (char **w = all; *w; w++) {
        if (**w) {
            g_ptr_array_add(full, *w);
        } else {
            g_free(*w);
        }
    }
    g_free(all);
    g_ptr_array_add(full, NULL);
    return (char **)g_ptr_array_free(full, FALSE);
}

void show_errno(int ret, char *buf, size_t size)
{
    for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++) {
        if (ret == -errnos[i].value) {
            snprintf(buf, size, "%s", errnos[i].name);
            return;
        }
    }
    snprintf(buf, size, "%d", ret);
}
