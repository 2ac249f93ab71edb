/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to QEMU's own local APICs: TCG, qtest.
 */
#ifndef HW_INTC_X86_LAPIC_USER_H
#define HW_INTC_X86_LAPIC_USER_H

#include "x86-lapic.h"

/* NULL: this accelerator has others */
const X86LapicOps *x86_lapic_user_ops(void);

#endif /* HW_INTC_X86_LAPIC_USER_H */
