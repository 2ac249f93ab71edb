/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x-query-lapic-routes, and in words: info lapic-routes.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-lapic.h"
#include "qobject/qdict.h"
#include "monitor/hmp.h"
#include "lapic-monitor.h"
#include "lapic-routes.h"

LapicRouteList *qmp_x_query_lapic_routes(Error **errp)
{
    return lapic_routes(errp);
}

static void print_source(Monitor *mon, const LapicRoute *r)
{
    switch (r->source) {
    case LAPIC_ROUTE_SOURCE_IOAPIC:
        monitor_printf(mon, "ioapic %u pin %u: ", r->u.ioapic.ioapic,
                       r->u.ioapic.pin);
        break;
    case LAPIC_ROUTE_SOURCE_MSI:
        monitor_printf(mon, "%s %s %u: ", r->u.msi.device,
                       r->u.msi.msix ? "msi-x" : "msi", r->u.msi.index);
        break;
    case LAPIC_ROUTE_SOURCE_KVM:
        monitor_printf(mon, "kvm gsi %u: ", r->u.kvm.gsi);
        break;
    default:
        g_assert_not_reached();
    }
}

static void print_reach(Monitor *mon, const LapicRoute *r)
{
    const char *sep = "; cpu ";
    uint32List *l;

    if (!r->cpus) {
        monitor_printf(mon, "; reaches nobody");
        return;
    }
    for (l = r->cpus; l; l = l->next) {
        monitor_printf(mon, "%s%u", sep, l->value);
        sep = ",";
    }
    if (r->has_target && r->cpus->next) {
        monitor_printf(mon, "; taken by cpu %u", r->target);
    }
    monitor_printf(mon, r->has_postable ? "; postable" : "; not postable");
}

static void print_route(Monitor *mon, const LapicRoute *r)
{
    print_source(mon, r);
    monitor_printf(mon, "%s%s%s", r->masked ? "masked; " : "",
                   r->words ?: "", r->words && r->fault ? "; " : "");
    if (r->fault) {
        monitor_printf(mon, "(%s)", r->fault);
    }
    if (!r->masked) {
        print_reach(mon, r);
    }
    if (r->has_delivered) {
        monitor_printf(mon, "; %" PRIu64 " delivered", r->delivered);
    }
    monitor_printf(mon, "\n");
}

void hmp_info_lapic_routes(Monitor *mon, const QDict *qdict)
{
    bool all = qdict_get_try_bool(qdict, "all", false);
    LapicRouteList *list;
    Error *err = NULL;
    unsigned masked = 0;

    list = qmp_x_query_lapic_routes(&err);
    if (hmp_handle_error(mon, err)) {
        return;
    }
    for (const LapicRouteList *l = list; l; l = l->next) {
        if (l->value->masked && !all) {
            masked++;
        } else {
            print_route(mon, l->value);
        }
    }
    if (masked) {
        monitor_printf(mon, "%u masked (all: info lapic-routes -a)\n", masked);
    } else if (!list) {
        monitor_printf(mon, "no routes\n");
    }
    qapi_free_LapicRouteList(list);
}
