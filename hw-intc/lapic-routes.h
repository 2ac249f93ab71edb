/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is set up to send messages to local APICs: IOAPIC pins, MSI and
 * MSI-X vectors, KVM's routes.
 */
#ifndef HW_INTC_LAPIC_ROUTES_H
#define HW_INTC_LAPIC_ROUTES_H

#include "qapi/qapi-types-lapic.h"

/*
 * As in qapi/lapic.json. Main thread; the BQL is dropped for a while at the
 * beginning. NULL: error or none.
 */
LapicRouteList *lapic_routes(Error **errp);

#endif /* HW_INTC_LAPIC_ROUTES_H */
