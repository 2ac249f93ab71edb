/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR for an LVT0 in Fixed mode, under KVM with a split irqchip.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "hw/core/cpu.h"
#include "hw/i386/apic.h"
#include "system/kvm.h"
#include "system/runstate.h"
#include "cpu.h"
#include "kvm-extint.h"
#include "kvm-lapic.h"
#include "kvm-lint0.h"

bool kvm_lint0_attached;
static Lint0 kvm_lint0;
static QEMUTimer *kvm_lint0_timer;
static QEMUBH *kvm_lint0_after_reset;
static bool kvm_lint0_in_reset;

static void kvm_lint0_flush(void *opaque, unsigned vcpu)
{
    kvm_lapic_flush(current_cpu);
}

static bool kvm_lint0_enabled(void *opaque, unsigned vcpu)
{
    X86CPU *cpu = X86_CPU(current_cpu);

    return cpu->apic_state && (cpu_get_apic_base(cpu->apic_state) &
                               MSR_IA32_APICBASE_ENABLE);
}

/* Who has taken the last one is woken, else any that is known to take them */
static bool kvm_lint0_extint(void *opaque, unsigned vcpu)
{
    const ExtInt *x = kvm_extint_state();
    unsigned last = qatomic_read(&x->last);

    return qatomic_read(&x->vcpu[vcpu].accepts) &&
           (vcpu == last || !qatomic_read(&x->vcpu[last].accepts));
}

/* It moves meanwhile; a rise or two later it is told */
static uint64_t kvm_lint0_taken(void *opaque)
{
    return kvm_extint_state()->taken;
}

static int64_t kvm_lint0_now(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void kvm_lint0_set_alarm(void *opaque, int64_t when)
{
    timer_mod_anticipate_ns(kvm_lint0_timer, when);
}

static void kvm_lint0_alarm(void *opaque)
{
    lint0_alarm(&kvm_lint0);
}

static void kvm_lint0_reset_done(void *opaque)
{
    kvm_lint0_in_reset = false;
}

/*
 * What rises now is of no life. And the registers that QEMU holds are half
 * written: nobody is to put them into the kernel.
 */
static bool kvm_lint0_between_lives(void)
{
    return kvm_lint0_in_reset || runstate_check(RUN_STATE_PRELAUNCH) ||
           runstate_check(RUN_STATE_INMIGRATE) ||
           runstate_check(RUN_STATE_RESTORE_VM);
}

static void kvm_lint0_nothing(CPUState *cpu, run_on_cpu_data data)
{
}

/*
 * What a vCPU has been asked for before the stop is done before anything is
 * saved: its work is done in order.
 */
static void kvm_lint0_vm_state(void *opaque, bool running, RunState state)
{
    CPUState *cpu;

    if (running) {
        return;
    }
    CPU_FOREACH(cpu) {
        if (kvm_lint0.vcpu[cpu->cpu_index].queued) {
            run_on_cpu(cpu, kvm_lint0_nothing, RUN_ON_CPU_NULL);
        }
    }
}

void kvm_lint0_attach(unsigned vcpus)
{
    static const Lint0Host host = {
        .flush = kvm_lint0_flush,
        .enabled = kvm_lint0_enabled,
        .extint = kvm_lint0_extint,
        .taken = kvm_lint0_taken,
        .now = kvm_lint0_now,
        .alarm = kvm_lint0_set_alarm,
    };

    assert(!kvm_lint0_attached);
    lint0_init(&kvm_lint0, kvm_port(), &host, g_new0(Lint0VCPU, vcpus), vcpus);
    kvm_lint0_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, kvm_lint0_alarm, NULL);
    kvm_lint0_after_reset = qemu_bh_new(kvm_lint0_reset_done, NULL);
    qemu_add_vm_change_state_handler(kvm_lint0_vm_state, NULL);
    kvm_lint0_attached = true;
}

void kvm_lint0_publish(bool level)
{
    lint0_publish(&kvm_lint0, level);
}

void kvm_lint0_written(void)
{
    lint0_written(&kvm_lint0);
}

void kvm_lint0_rise(void)
{
    /* A vCPU at the PIC's ports comes here without the BQL */
    bool locked = bql_locked();

    if (!locked) {
        bql_lock();
    }
    if (!kvm_lint0_between_lives()) {
        lint0_rise(&kvm_lint0);
    }
    if (!locked) {
        bql_unlock();
    }
}

void kvm_lint0_forget(void)
{
    lint0_forget(&kvm_lint0);
}

void kvm_lint0_before_reset(void)
{
    kvm_lint0_in_reset = true;
    qemu_bh_schedule(kvm_lint0_after_reset);
}

void kvm_lint0_gone(CPUState *cpu)
{
    lint0_gone(&kvm_lint0, cpu->cpu_index);
}

const Lint0 *kvm_lint0_state(void)
{
    return &kvm_lint0;
}
