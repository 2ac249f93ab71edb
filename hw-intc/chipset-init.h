/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INIT# as the chipset drives it: port 92h bit 0, the keyboard controller's
 * pulse of output bit 0 (FEh), a soft reset by the reset control register
 * (CF9h).
 *
 * Stock QEMU resets the whole machine for each of them. With the machine
 * property chipset-init=cpu the processors get an INIT: RAM, devices and their
 * pending interrupts live on (Intel 82371AB datasheet, "Reset Control
 * Register", "Port 92", "RC#"; SDM volume 3, "Processor State after INIT").
 */
#ifndef HW_INTC_CHIPSET_INIT_H
#define HW_INTC_CHIPSET_INIT_H

/*
 * A device pulses INIT#. Does what the machine has chosen; without a machine
 * that chose, qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET). BQL held.
 */
void chipset_init_request(void);

/*
 * @val is written to the reset control register. On a rise of bit 2, which the
 * devices do not store, so that it always rises: hard (bit 1) or soft reset.
 * True: of the whole machine, which resets the register, too. BQL held.
 */
bool chipset_reset_control(uint8_t val);

/* @handler asserts INIT# on the processors. Machine init, at most once. */
void chipset_init_connect(void (*handler)(void));

#endif /* HW_INTC_CHIPSET_INIT_H */
