/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The encodings of the ID registers.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "kvm-idregs.h"

#define DEF(NAME, OP0, OP1, CRN, CRM, OP2) \
    case NAME##_IDX: return SYS_##NAME;

ARMSysRegs kvm_idreg(ARMIDRegisterIdx index)
{
    switch (index) {
#include "target/arm/cpu-sysregs.h.inc"
    default:
        g_assert_not_reached();
    }
}
