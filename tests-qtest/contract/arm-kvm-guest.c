/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract test's real end on Arm: the guest is run.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include <signal.h>
#include <sys/ioctl.h>
#include "arm-kvm-end.h"

#define HUNG_SECONDS    20
/* EL1h, everything masked */
#define PSTATE          0x3c5
#define ISR_F           0x40
#define ISR_I           0x80
#define TAKEN_SHIFT     16

#define CORE_REG(n) (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | (n))
#define REG_X(n)    CORE_REG(KVM_REG_ARM_CORE_REG(regs.regs[n]))
#define REG_PC      CORE_REG(KVM_REG_ARM_CORE_REG(regs.pc))
#define REG_PSTATE  CORE_REG(KVM_REG_ARM_CORE_REG(regs.pstate))
#define REG_VBAR    ARM64_SYS_REG(3, 0, 12, 0, 0)

static bool set_reg(KVMEnd *e, unsigned vcpu, uint64_t id, uint64_t value)
{
    struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)&value };

    return !ioctl(e->vcpu[vcpu].fd, KVM_SET_ONE_REG, &r);
}

/* Makes KVM_RUN return, that is all */
static void wake(int signum)
{
}

/* KVM_RUN till it stores its result; ARM_HUNG: it does not */
static uint32_t enter(KVMEndVCPU *v)
{
    struct sigaction act = { .sa_handler = wake };
    uint32_t value = ARM_HUNG;
    int ret;

    sigaction(SIGALRM, &act, NULL);
    alarm(HUNG_SECONDS);
    ret = ioctl(v->fd, KVM_RUN, 0);
    alarm(0);
    if (!ret && v->run->exit_reason == KVM_EXIT_MMIO && v->run->mmio.is_write &&
        v->run->mmio.phys_addr == ARM_GUEST_REPORT + ARM_GUEST_RESULT) {
        memcpy(&value, v->run->mmio.data, sizeof(value));
    }
    return value;
}

/* One of the routines of arm-guest.S */
static uint32_t call(ArmEnd *end, unsigned vcpu, const uint8_t *routine,
                     uint64_t x0)
{
    KVMEnd *e = of_end(end);

    if (!set_reg(e, vcpu, REG_PC, ARM_GUEST_CODE + (routine - arm_guest)) ||
        !set_reg(e, vcpu, REG_PSTATE, PSTATE) ||
        !set_reg(e, vcpu, REG_VBAR, ARM_GUEST_CODE) ||
        !set_reg(e, vcpu, REG_X(0), x0) ||
        !set_reg(e, vcpu, REG_X(19), ARM_GUEST_REPORT) ||
        !set_reg(e, vcpu, REG_X(20), ARM_GUEST_GICC)) {
        return ARM_HUNG;
    }
    return enter(&e->vcpu[vcpu]);
}

static bool is_v3(const ArmEnd *end)
{
    return end->config.gic == KVM_MODEL_GICV3;
}

unsigned arm_kvm_iar(ArmEnd *end, unsigned vcpu)
{
    KVMEndVCPU *v = &of_end(end)->vcpu[vcpu];

    if (!v->started) {
        v->started = true;
        if (call(end, vcpu, is_v3(end) ? arm_guest_start3 : arm_guest_start2,
                 0) == ARM_HUNG) {
            return ARM_HUNG;
        }
    }
    return call(end, vcpu, is_v3(end) ? arm_guest_iar3 : arm_guest_iar2, 0);
}

void arm_kvm_eoi(ArmEnd *end, unsigned vcpu, unsigned intid)
{
    call(end, vcpu, is_v3(end) ? arm_guest_eoi3 : arm_guest_eoi2, intid);
}

unsigned arm_kvm_pins(ArmEnd *end, unsigned vcpu)
{
    uint32_t value = call(end, vcpu, arm_guest_pins, 0);

    if (value == ARM_HUNG) {
        return value;
    }
    return (value & ISR_I ? ARM_PIN_IRQ : 0) |
           (value & ISR_F ? ARM_PIN_FIQ : 0) | value >> TAKEN_SHIFT << 2;
}

int arm_kvm_cpu_on(ArmEnd *end, unsigned vcpu)
{
    return call(end, 0, arm_guest_cpu_on, vcpu);
}
