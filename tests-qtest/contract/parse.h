/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of scenarios, whatever their steps are.
 */
#ifndef CONTRACT_PARSE_H
#define CONTRACT_PARSE_H

#include <glib.h>

typedef struct Scenario {
    char *name;
    unsigned line;              /* of the file, where it begins */
    GPtrArray *steps;           /* char *, comments gone */
} Scenario;

/* Scenario *; a file that cannot be read ends the program. */
GPtrArray *scenarios_read(const char *path);

/* The words of a line; g_strfreev() */
char **words(const char *text);

/* "0", "1", "EEXIST" */
void show_errno(int ret, char *buf, size_t size);

#endif /* CONTRACT_PARSE_H */
