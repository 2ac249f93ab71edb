/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "soak-vm.h"

void soak_add_singles(void)
{
}
