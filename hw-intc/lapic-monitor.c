/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x-lapic-send and its HMP twin: one message to local APICs.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-lapic.h"
#include "qapi/qapi-visit-lapic.h"
#include "qapi/qobject-input-visitor.h"
#include "qobject/qdict.h"
#include "hw/boards.h"
#include "hw/core/cpu.h"
#include "monitor/hmp.h"
#include "lapic-monitor.h"
#include "x86-lapic.h"

/* The schema's values are the fields' of the words. */
QEMU_BUILD_BUG_ON((int)LAPIC_DELIVERY_MODE_FIXED != (int)LAPIC_FIXED);
QEMU_BUILD_BUG_ON((int)LAPIC_DELIVERY_MODE_EXTINT != (int)LAPIC_EXTINT);
QEMU_BUILD_BUG_ON((int)LAPIC_DESTINATION_SHORTHAND_OTHERS !=
                  (int)LAPIC_OTHERS);

static bool check_cpu(const LapicSendOptions *opt, Error **errp)
{
    if (!qemu_get_cpu(opt->cpu)) {
        error_setg(errp, "cpu = %u: there is no such vCPU, indices are 0..%u",
                   opt->cpu, current_machine->smp.max_cpus - 1);
        return false;
    }
    if (opt->has_destination) {
        error_setg(errp, "destination = %u: a message to the local APIC of "
                   "cpu %u itself has none", opt->destination, opt->cpu);
        return false;
    }
    return true;
}

void qmp_x_lapic_send(LapicSendOptions *opt, Error **errp)
{
    LapicMsg msg = {
        .dest = opt->destination,
        .vector = opt->vector,
        .delivery = opt->delivery,
        .shorthand = opt->has_shorthand ? opt->shorthand :
                     opt->has_cpu ? LAPIC_SELF : LAPIC_NO_SHORTHAND,
        .logical = opt->logical,
        .level = opt->level,
        .assert = !opt->deassert,
        .redirect = opt->redirect,
    };

    if (opt->vector > UINT8_MAX) {
        error_setg(errp, "vector = %u, must be 0..255", opt->vector);
        return;
    }
    if (opt->has_cpu && !check_cpu(opt, errp)) {
        return;
    }
    x86_lapic_send(&msg, opt->has_cpu ? (int)opt->cpu : -1, errp);
}

void hmp_x_lapic_send(Monitor *mon, const QDict *qdict)
{
    LapicSendOptions *opt = NULL;
    Error *err = NULL;
    Visitor *v;

    v = qobject_input_visitor_new_str(qdict_get_str(qdict, "message"),
                                      "delivery", &err);
    if (v) {
        visit_type_LapicSendOptions(v, NULL, &opt, &err);
        visit_free(v);
    }
    if (opt) {
        qmp_x_lapic_send(opt, &err);
    }
    qapi_free_LapicSendOptions(opt);
    hmp_handle_error(mon, err);
}
