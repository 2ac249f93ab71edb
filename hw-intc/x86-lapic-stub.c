/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU without local APICs.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "x86-lapic.h"

bool x86_lapic_send(const LapicMsg *msg, int source, Error **errp)
{
    error_setg(errp, "this machine has no local APICs");
    return false;
}
