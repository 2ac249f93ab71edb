/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a class_init is given: const since QEMU 10.1. */
#ifndef HW_INTC_CLASS_DATA_H
#define HW_INTC_CLASS_DATA_H

#if QEMU_VERSION_MAJOR > 10 || QEMU_VERSION_MINOR >= 1
typedef const void IntackClassData;
#else
typedef void IntackClassData;
#endif

#endif /* HW_INTC_CLASS_DATA_H */
