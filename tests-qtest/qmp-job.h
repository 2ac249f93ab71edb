/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP, as several tests talk it: errors; how long they wait, for a snapshot and
 * for a migration.
 */
#ifndef TESTS_QTEST_QMP_JOB_H
#define TESTS_QTEST_QMP_JOB_H

#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "libqtest.h"

/* What works takes seconds; this much means it hangs, noisy host or not */
#define PATIENCE_MS 60000

/* The text of the error in @rsp, which is gone, or NULL. To be freed. */
static inline char *error_of(QDict *rsp)
{
    char *text = NULL;

    if (qdict_haskey(rsp, "error")) {
        text = g_strdup(qdict_get_str(qdict_get_qdict(rsp, "error"), "desc"));
    }
    qobject_unref(rsp);
    return text;
}

/* The only job there is, "job", has ended well; it is dismissed. */
static inline void wait_for_job(QTestState *qts)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    for (;;) {
        QDict *rsp = qtest_qmp(qts, "{'execute': 'query-jobs'}");
        QDict *job = qobject_to(QDict,
                                qlist_peek(qdict_get_qlist(rsp, "return")));
        bool done = g_str_equal(qdict_get_str(job, "status"), "concluded");

        if (done && qdict_haskey(job, "error")) {
            g_error("%s", qdict_get_str(job, "error"));
        }
        qobject_unref(rsp);
        if (done) {
            break;
        }
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(5000);
    }
    qtest_qmp_assert_success(qts, "{'execute': 'job-dismiss', 'arguments':"
                             " {'id': 'job'}}");
}

static inline void wait_for_migration(QTestState *qts)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    for (;;) {
        QDict *rsp = qtest_qmp_assert_success_ref(qts, "{'execute':"
                                                  " 'query-migrate'}");
        const char *status = qdict_get_try_str(rsp, "status");
        bool done = g_strcmp0(status, "completed") == 0;

        g_assert_cmpstr(status, !=, "failed");
        qobject_unref(rsp);
        if (done) {
            return;
        }
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(5000);
    }
}

/* Into a new file: its name, for -incoming file:NAME. To be freed; unlinked. */
static inline char *migrate_to_file(QTestState *qts)
{
    g_autofree char *uri = NULL;
    char *file;
    int fd = g_file_open_tmp("intack-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    uri = g_strdup_printf("file:%s", file);
    qtest_qmp_assert_success(qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
    wait_for_migration(qts);
    return file;
}

/*
 * A qcow2 node "disk" without a guest device, in a new file, whose name it is:
 * the state of the VM goes there. To be freed; unlinked.
 */
static inline char *add_snapshot_disk(QTestState *qts)
{
    char *file;
    int fd = g_file_open_tmp("intack-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    qtest_qmp_assert_success(qts, "{'execute': 'blockdev-add', 'arguments':"
                             " {'driver': 'file', 'node-name': 'file',"
                             "  'filename': %s}}", file);
    qtest_qmp_assert_success(qts, "{'execute': 'blockdev-create', 'arguments':"
                             " {'job-id': 'job', 'options': {"
                             "  'driver': 'qcow2', 'file': 'file',"
                             "  'size': 1048576}}}");
    wait_for_job(qts);
    qtest_qmp_assert_success(qts, "{'execute': 'blockdev-add', 'arguments':"
                             " {'driver': 'qcow2', 'node-name': 'disk',"
                             "  'file': 'file'}}");
    return file;
}

/* @command: "snapshot-save", "snapshot-load" */
static inline void snapshot(QTestState *qts, const char *command)
{
    qtest_qmp_assert_success(qts, "{'execute': %s, 'arguments': {"
                             " 'job-id': 'job', 'tag': 'one',"
                             " 'vmstate': 'disk', 'devices': ['disk']}}",
                             command);
    wait_for_job(qts);
}

#endif /* TESTS_QTEST_QMP_JOB_H */
