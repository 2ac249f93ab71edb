/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INIT# as the chipset drives it.
 */
#include "qemu/osdep.h"
#include "system/runstate.h"
#include "chipset-init.h"

/* Reset control register, CF9h. FULL_RST of an ICH9 (bit 3) is a hard one. */
#define RCR_SRST 0x02           /* hard reset, else soft */
#define RCR_RCPU 0x04           /* on its rise */

/* NULL: the machine has not chosen, or what stock QEMU does */
static void (*processors)(void);

void chipset_init_connect(void (*handler)(void))
{
    assert(!processors);
    processors = handler;
}

void chipset_init_request(void)
{
    if (processors) {
        processors();
    } else {
        qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    }
}

bool chipset_reset_control(uint8_t val)
{
    if (!(val & RCR_RCPU)) {
        return false;
    }
    if (processors && !(val & RCR_SRST)) {
        processors();
        return false;
    }
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    return true;
}
