/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core files take from QEMU's qemu/osdep.h, for the stand-alone
 * build: the C library's headers. The cores need nothing else of QEMU.
 */
#ifndef QEMU_OSDEP_H
#define QEMU_OSDEP_H

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#endif /* QEMU_OSDEP_H */
