/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTR of a PIC in user space, under KVM with a split irqchip.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "hw/core/cpu.h"
#include "accel/kvm/kvm-cpus.h"
#include "system/hw_accel.h"
#include "system/runstate.h"
#include "cpu.h"
#include "kvm-extint.h"
#include "kvm-lint0.h"
#include "trace.h"

/* How long a vCPU whose vector cannot be recalled may run on */
#define KVM_EXTINT_RUN_ON_MS 50

bool kvm_extint_attached;
static ExtInt kvm_extint;

static int kvm_extint_self(void)
{
    return current_cpu ? current_cpu->cpu_index : EXTINT_NOBODY;
}

/*
 * A stock QEMU knows INTR's level from first_cpu's CPU_INTERRUPT_HARD, which
 * travels in cpu_common, and recomputes it from nothing. So the saved state
 * has it there, and the running machine nowhere.
 */
static void kvm_extint_mirror(bool stopped)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        if (stopped && cs == first_cpu && qatomic_read(&kvm_extint.intr)) {
            cpu_interrupt(cs, CPU_INTERRUPT_HARD);
        } else {
            cpu_reset_interrupt(cs, CPU_INTERRUPT_HARD);
        }
    }
}

static void kvm_extint_empty(CPUState *cpu, run_on_cpu_data data)
{
    int vector = kvm_extint.vcpu[cpu->cpu_index].held;
    int ret = extint_empty(&kvm_extint, cpu->cpu_index);

    trace_kvm_extint_recall(cpu->cpu_index, vector, ret);
}

/* A vCPU that runs on after the others have stopped, and who waits for it */
typedef struct KVMExtIntRunOn {
    QemuSemaphore done;
    bool enough;                /* atomic */
} KVMExtIntRunOn;

static void kvm_extint_run_on_work(CPUState *cpu, run_on_cpu_data data)
{
    KVMExtIntRunOn *r = data.host_ptr;
    bool dirty = cpu->vcpu_dirty;

    extint_close(&kvm_extint, cpu->cpu_index);
    while (extint_holds(&kvm_extint, cpu->cpu_index) &&
           !qatomic_read(&r->enough)) {
        /* As the thread's own loop does: it can be kicked again, and runs */
        qatomic_set_mb(&cpu->thread_kicked, false);
        qatomic_set(&cpu->exit_request, false);
        if (kvm_cpu_exec(cpu) < 0) {
            break;
        }
    }
    if (!extint_closed(&kvm_extint, cpu->cpu_index)) {
        warn_report_once("KVM keeps PIC vector 0x%02x of vCPU %d: it does not "
                         "travel with the saved state, and may reach the "
                         "guest after a reset",
                         kvm_extint.vcpu[cpu->cpu_index].held, cpu->cpu_index);
    }
    if (dirty) {
        cpu_synchronize_state(cpu);
    }
    qemu_sem_post(&r->done);
}

/*
 * The kernel cannot be made to give the vector back: the guest runs a guest of
 * its own, say. Let it run until it has taken it, for a while.
 */
static void kvm_extint_run_on(CPUState *cpu)
{
    KVMExtIntRunOn r = { };

    qemu_sem_init(&r.done, 0);
    async_run_on_cpu(cpu, kvm_extint_run_on_work, RUN_ON_CPU_HOST_PTR(&r));
    bql_unlock();
    if (qemu_sem_timedwait(&r.done, KVM_EXTINT_RUN_ON_MS) < 0) {
        qatomic_set(&r.enough, true);
        do {
            qemu_cpu_kick(cpu);
        } while (qemu_sem_timedwait(&r.done, 1) < 0);
    }
    bql_lock();
    qemu_sem_destroy(&r.done);
}

void kvm_extint_recall(void)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        if (!extint_holds(&kvm_extint, cpu->cpu_index)) {
            continue;
        }
        run_on_cpu(cpu, kvm_extint_empty, RUN_ON_CPU_NULL);
        if (extint_holds(&kvm_extint, cpu->cpu_index)) {
            kvm_extint_run_on(cpu);
        }
    }
    /* Whom INTR would kick is paused, and looks before it runs again */
    extint_give_back(&kvm_extint);
}

static void kvm_extint_vm_state(void *opaque, bool running, RunState state)
{
    if (!running) {
        kvm_extint_recall();
    }
    kvm_extint_mirror(!running);
}

void kvm_extint_attach(const ExtIntPIC *pic, unsigned vcpus)
{
    assert(!kvm_extint_attached);
    extint_init(&kvm_extint, kvm_port(), pic, g_new0(ExtIntVCPU, vcpus),
                vcpus);
    qemu_add_vm_change_state_handler(kvm_extint_vm_state, NULL);
    kvm_extint_attached = true;
}

const ExtInt *kvm_extint_state(void)
{
    return &kvm_extint;
}

int kvm_extint_publish(bool level)
{
    return extint_publish(&kvm_extint, level, kvm_extint_self());
}

void kvm_extint_kick(int vcpu)
{
    if (unlikely(!runstate_is_running()) && bql_locked()) {
        /* A block request completed after the VM was stopped, say. */
        kvm_extint_mirror(true);
    }
    if (vcpu == EXTINT_NOBODY) {
        return;
    }
    trace_kvm_extint_kick(vcpu);
    /* Only a vCPU that acts for another comes here without the BQL. */
    if (bql_locked()) {
        extint_kick(&kvm_extint, vcpu);
    } else {
        bql_lock();
        extint_kick(&kvm_extint, vcpu);
        bql_unlock();
    }
}

void kvm_extint_pre_run(CPUState *cpu)
{
    ExtIntEnter e = extint_enter(&kvm_extint, cpu->cpu_index);

    if (e.refused) {
        trace_kvm_extint_refused(cpu->cpu_index, e.vector, -e.refused);
        warn_report_once("KVM refused PIC vector 0x%02x on vCPU %d: %s; "
                         "the interrupt stays pending", e.vector,
                         cpu->cpu_index, strerror(-e.refused));
    } else if (e.vector >= 0) {
        trace_kvm_extint_inject(cpu->cpu_index, e.vector);
    }
    if (unlikely(e.kick != EXTINT_NOBODY)) {
        kvm_extint_kick(e.kick);
    }
}

void kvm_extint_window_open(CPUState *cpu)
{
    trace_kvm_extint_window(cpu->cpu_index);
    extint_window(&kvm_extint, cpu->cpu_index);
}

void kvm_extint_forget(CPUState *cpu, bool blocked)
{
    extint_forget(&kvm_extint, cpu->cpu_index, blocked);
}

void kvm_extint_return(CPUState *cpu)
{
    if (extint_holds(&kvm_extint, cpu->cpu_index)) {
        kvm_extint_empty(cpu, RUN_ON_CPU_NULL);
        kvm_extint_kick(extint_give_back(&kvm_extint));
    }
    extint_forget(&kvm_extint, cpu->cpu_index, false);
}

void kvm_extint_gone(CPUState *cpu)
{
    kvm_extint_kick(extint_gone(&kvm_extint, cpu->cpu_index));
    if (kvm_lint0_active()) {
        kvm_lint0_gone(cpu);
    }
}
