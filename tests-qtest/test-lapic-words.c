/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The examples of docs/lapic-messages.rst are what the decoder says.
 *
 * Usage: test-lapic-words FILE. A row of its table of examples is a form, words
 * and the message:
 *
 *     * - msi
 *       - ``0xfee01000 0x00000031``
 *       - ``Fixed 0x31 edge to physical 1``
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "lapic-msg.h"

#define MIN_ROWS 12

static const char *file;

static LapicMsg decode(const char *form, uint64_t first, uint64_t second)
{
    if (g_str_equal(form, "rte")) {
        return lapic_rte_decode(first).msg;
    } else if (g_str_equal(form, "msi")) {
        LapicMSI msi = { .address = first, .data = (uint32_t)second };

        return lapic_msg_from_msi(msi, LAPIC_FORM_MSI);
    }
    return lapic_msg_from_icr(first, g_str_equal(form, "x2icr"));
}

/* What is between the quotes of the cell that @line is, or NULL */
static char *cell(const char *line)
{
    size_t len = strlen(line);

    if (!g_str_has_prefix(line, "     - ``") ||
        !g_str_has_suffix(line, "``") || len < 11) {
        return NULL;
    }
    return g_strndup(line + 9, len - 11);
}

static void check_row(const char *form, const char *words, const char *text)
{
    char buf[LAPIC_WORDS];
    uint64_t first, second;
    LapicMsg msg;
    char *end;

    first = g_ascii_strtoull(words, &end, 16);
    second = g_ascii_strtoull(end, &end, 16);
    g_assert_cmpstr(end, ==, "");
    msg = decode(form, first, second);
    lapic_msg_words(&msg, buf, sizeof(buf));
    g_test_message("%s %s: %s", form, words, buf);
    g_assert_cmpstr(text, ==, buf);
}

static void test_table(void)
{
    static const char *const forms[] = { "icr", "x2icr", "msi", "rte" };
    unsigned rows[G_N_ELEMENTS(forms)] = { 0 }, all = 0;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        for (unsigned f = 0; f < G_N_ELEMENTS(forms); f++) {
            g_autofree char *head = g_strdup_printf("   * - %s", forms[f]);
            g_autofree char *words = NULL, *msg = NULL;

            if (!g_str_equal(lines[i], head)) {
                continue;
            }
            g_assert_true(lines[i + 1] && lines[i + 2]);
            words = cell(lines[i + 1]);
            msg = cell(lines[i + 2]);
            g_assert_true(words && msg);
            check_row(forms[f], words, msg);
            rows[f]++;
            all++;
        }
    }
    for (unsigned f = 0; f < G_N_ELEMENTS(forms); f++) {
        g_assert_cmpuint(rows[f], >, 0);
    }
    g_assert_cmpuint(all, >=, MIN_ROWS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (argc != 2) {
        g_printerr("usage: %s FILE\n", argv[0]);
        return 1;
    }
    file = argv[1];
    g_test_add_func("/lapic-words/table", test_table);
    return g_test_run();
}
