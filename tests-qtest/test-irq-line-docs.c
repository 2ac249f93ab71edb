/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of docs/arm.rst are what the codec says.
 *
 * Usage: test-irq-line-docs FILE. A row of the table of examples is a layout, a
 * word and the line; one of the table of errors is a VM, a word, the errno and
 * the text:
 *
 *     * - 2                       * - GICv3, 64 SPIs, 8 vCPUs
 *       - ``0x0203001b``            - ``0x02000f``
 *       - ``PPI 27 of vCPU 3``      - EINVAL
 *                                   - ``number 15 of ...``
 */
#include "qemu/osdep.h"
#include <glib.h>
#include "irq-line.h"

#define MIN_EXAMPLES 8
#define MIN_ERRORS 10

static const char *file;

/* What is between the quotes of the cell that @line is */
static char *cell(const char *line)
{
    size_t len = line ? strlen(line) : 0;

    g_assert_true(len >= 11 && g_str_has_prefix(line, "     - ``") &&
                  g_str_has_suffix(line, "``"));
    return g_strndup(line + 9, len - 11);
}

static uint32_t word_cell(const char *line)
{
    g_autofree char *text = cell(line);
    guint64 word;

    g_assert_true(g_ascii_string_to_unsigned(text + 2, 16, 0, UINT32_MAX,
                                             &word, NULL));
    return word;
}

static char **read_lines(void)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    return g_strsplit(text, "\n", -1);
}

static void test_examples(void)
{
    g_auto(GStrv) lines = read_lines();
    unsigned rows[2] = { 0 };

    for (unsigned i = 0; lines[i]; i++) {
        bool layout2 = g_str_equal(lines[i], "   * - 2");
        char text[IRQ_LINE_TEXT_MAX];
        IrqLine line;

        if (layout2 || g_str_equal(lines[i], "   * - 1")) {
            g_autofree char *want = cell(lines[i + 2]);

            irq_line_decode(layout2, word_cell(lines[i + 1]), &line);
            g_assert_cmpstr(want, ==, irq_line_text(&line, text));
            rows[layout2]++;
        }
    }
    g_assert_cmpuint(rows[0], >, 0);
    g_assert_cmpuint(rows[1], >, 0);
    g_assert_cmpuint(rows[0] + rows[1], >=, MIN_EXAMPLES);
}

/* "GICv3, 64 SPIs, 8 vCPUs[, layout 1]", "no GIC, 8 vCPUs" */
static bool parse_vm(const char *line, IrqLineRules *rules)
{
    static const uint64_t ppis[2] = { 1 << 3 };
    unsigned gic, spis = 0, vcpus;
    int end = 0;

    if (sscanf(line, "   * - GICv%u, %u SPIs, %u vCPUs%n", &gic, &spis, &vcpus,
               &end) < 3) {
        gic = 0;
        if (sscanf(line, "   * - no GIC, %u vCPUs%n", &vcpus, &end) < 1) {
            return false;
        }
    }
    g_assert_true(g_str_equal(line + end, "") ||
                  g_str_equal(line + end, ", layout 1"));
    g_assert_cmpint(irq_line_rules(rules, gic, !line[end], vcpus, spis, ppis),
                    ==, 0);
    return true;
}

static void test_errors(void)
{
    g_auto(GStrv) lines = read_lines();
    unsigned rows = 0;

    for (unsigned i = 0; lines[i]; i++) {
        char text[IRQ_LINE_TEXT_MAX];
        IrqLineRules rules;
        IrqLineFault fault;
        IrqLine line;

        if (parse_vm(lines[i], &rules)) {
            g_autofree char *want = NULL;
            int err;

            irq_line_decode(rules.layout2, word_cell(lines[i + 1]), &line);
            err = irq_line_check(&rules, &line, &fault);
            g_assert_cmpstr(lines[i + 2], ==, err == -EINVAL ?
                            "     - EINVAL" : "     - ENXIO");
            want = cell(lines[i + 3]);
            g_assert_cmpstr(want, ==, irq_line_fault_text(&fault, text));
            rows++;
        }
    }
    g_assert_cmpuint(rows, >=, MIN_ERRORS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (argc != 2) {
        g_printerr("usage: %s FILE\n", argv[0]);
        return 1;
    }
    file = argv[1];
    g_test_add_func("/irq-line/docs/examples", test_examples);
    g_test_add_func("/irq-line/docs/errors", test_errors);
    return g_test_run();
}
