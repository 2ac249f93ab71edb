/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-system-arm under KVM: AArch32 vCPUs on an AArch64 host
 *
 * Sources: kvm_vcpu_init_check_features() (arch/arm64/kvm/arm.c) on what goes
 * with KVM_ARM_VCPU_EL1_32BIT; arch/arm64/kvm/sys_regs.c, where
 * set_invariant_sys_reg() refused any MIDR_EL1 but the host's until Linux 6.15,
 * and set_id_reg() any AArch32 ID register longer. What can be written since is
 * left as it is: what runs, with its errata, is the host's CPU all the same.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/boards.h"
#include "hw/core/cpu.h"
#include "system/kvm.h"
#include "target/arm/cpu.h"
#include "target/arm/internals.h"
#include "target/arm/kvm_arm.h"
#include "kvm-aarch32.h"

bool kvm_aarch32_only(void)
{
#ifdef TARGET_AARCH64
    return false;
#else
    return true;
#endif
}

/*
 * Boards whose CPUs can do without EL3 have a property for it, or no CPU.
 * Others would abort in the middle of their init, or hang for want of a timer:
 * their interrupt controller is none of KVM's.
 */
static bool board_fits(MachineState *ms)
{
    return object_property_find(OBJECT(ms), "secure") ||
           !strcmp(MACHINE_GET_CLASS(ms)->name, "none");
}

int kvm_aarch32_init(MachineState *ms)
{
    if (!kvm_aarch32_only()) {
        return 0;
    }
    if (!kvm_arm_aarch32_supported()) {
        error_report("this host's CPUs cannot run AArch32 at EL1 "
                     "(KVM_CAP_ARM_EL1_32BIT)");
        return -ENOTSUP;
    }
    if (!board_fits(ms)) {
        error_report("KVM cannot run machine '%s', only virt, vexpress-a15 "
                     "and none", MACHINE_GET_CLASS(ms)->name);
        return -ENOTSUP;
    }
    return 0;
}

void kvm_aarch32_host_initfn(Object *obj)
{
    kvm_arm_set_cpu_features_from_host(ARM_CPU(obj));
}

bool kvm_aarch32_named_initfn(Object *obj, const char *dtb_compatible)
{
    ARMCPU *cpu = ARM_CPU(obj);

    if (!kvm_aarch32_only()) {
        return false;
    }
    kvm_aarch32_host_initfn(obj);
    cpu->dtb_compatible = dtb_compatible;
    /*
     * The properties boards look for: one that leaves EL3 or EL2 on is then
     * refused at realize, not run without.
     */
    set_feature(&cpu->env, ARM_FEATURE_EL2);
    set_feature(&cpu->env, ARM_FEATURE_EL3);
    set_feature(&cpu->env, ARM_FEATURE_CBAR_RO);
    return true;
}

bool kvm_aarch32_check(ARMCPU *cpu, Error **errp)
{
    g_autofree char *model = NULL;

    if (!kvm_aarch32_only()) {
        return true;
    }
    if (cpu->host_cpu_probe_failed) {
        return true;            /* arm_cpu_realizefn() says so */
    }
    model = cpu_model_from_type(object_get_typename(OBJECT(cpu)));
    if (cpu->kvm_target == QEMU_KVM_ARM_TARGET_NONE) {
        error_setg(errp, "KVM cannot run CPU model '%s', only host, max, "
                   "cortex-a7 and cortex-a15", model);
        return false;
    }
    if (cpu->has_el3) {
        error_setg(errp, "KVM has no EL3 (TrustZone) for CPU model '%s': "
                   "leave it out by -machine secure=off", model);
        return false;
    }
    if (cpu->has_el2) {
        error_setg(errp, "KVM has no EL2 (Hyp mode) for CPU model '%s': "
                   "leave it out by -machine virtualization=off", model);
        return false;
    }
    if (strcmp(cpu->dtb_compatible, "arm,armv8")) {
        warn_report_once("CPU model '%s' is the host's CPU in AArch32 state: "
                         "KVM gives the guest the host's MIDR and ID "
                         "registers", model);
    }
    return true;
}

#ifndef TARGET_AARCH64
static const ARMCPUInfo kvm_aarch32_cpus[] = {
    { .name = "host",   .initfn = kvm_aarch32_host_initfn },
#ifndef CONFIG_TCG
    { .name = "max",    .initfn = kvm_aarch32_host_initfn },
#endif
};

static void kvm_aarch32_register_types(void)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(kvm_aarch32_cpus); i++) {
        arm_cpu_register(&kvm_aarch32_cpus[i]);
    }
}

type_init(kvm_aarch32_register_types)
#endif
