/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the device's tests read of its property "stats". */
#ifndef TESTS_QTEST_PIC_STATS_H
#define TESTS_QTEST_PIC_STATS_H

#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"

/* Element @i (an IRQ, or a chip) of the list @name of counters. */
static inline int64_t counter(QDict *stats, const char *name, int i)
{
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(stats, name), e) {
        if (i-- == 0) {
            return qnum_get_int(qobject_to(QNum, qlist_entry_obj(e)));
        }
    }
    g_assert_not_reached();
}

#endif /* TESTS_QTEST_PIC_STATS_H */
