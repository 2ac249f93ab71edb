/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU without local APICs.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "lapic-routes.h"

LapicRouteList *lapic_routes(Error **errp)
{
    error_setg(errp, "this machine has no local APICs");
    return NULL;
}
