/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor's look at messages to local APICs, see qapi/lapic.json. Main
 * thread, BQL held.
 */
#ifndef HW_INTC_LAPIC_MONITOR_H
#define HW_INTC_LAPIC_MONITOR_H

#include "monitor/monitor.h"

/* x_lapic_send delivery[,option=value...]: as QMP's x-lapic-send */
void hmp_x_lapic_send(Monitor *mon, const QDict *qdict);

/* info lapic-routes [-a]: QMP's x-query-lapic-routes in words */
void hmp_info_lapic_routes(Monitor *mon, const QDict *qdict);

#endif /* HW_INTC_LAPIC_MONITOR_H */
