/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-system-arm under KVM: builds without KVM
 */
#include "qemu/osdep.h"
#include "kvm-aarch32.h"

void kvm_aarch32_host_initfn(Object *obj)
{
    g_assert_not_reached();
}

bool kvm_aarch32_named_initfn(Object *obj, const char *dtb_compatible)
{
    g_assert_not_reached();
}

bool kvm_aarch32_check(ARMCPU *cpu, Error **errp)
{
    g_assert_not_reached();
}
