/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs that live in the kernel, as the machine reaches them.
 *
 * A vCPU whose registers QEMU holds (cpu->vcpu_dirty: the VM is stopped and has
 * been looked at, say) gets them back before a message: what the kernel has
 * taken would be overwritten with them, or be missing from what is saved.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/boards.h"
#include "hw/i386/apic.h"
#include "hw/i386/x86.h"
#include "system/hw_accel.h"
#include "system/kvm.h"
#include "cpu.h"
#include "kvm/kvm_i386.h"
#include "kvm-extint.h"
#include "kvm-lapic.h"

static LapicSend kvm_lapic;
static int *kvm_lapic_thread;    /* [vcpus]: whose LapicSendVCPU it is */

void kvm_lapic_flush(CPUState *cpu)
{
    Error *err = NULL;

    if (!cpu->vcpu_dirty) {
        return;
    }
    if (kvm_arch_put_registers(cpu, KVM_PUT_RUNTIME_STATE, &err) < 0) {
        /* The run loop will meet it too, and stop the VM */
        warn_report_err(err);
        return;
    }
    cpu->vcpu_dirty = false;
}

static void kvm_lapic_put(CPUState *cpu, run_on_cpu_data data)
{
    kvm_lapic_flush(cpu);
}

/* For a message that goes to the kernel without the vCPU's thread */
static void kvm_lapic_put_all(void)
{
    bool again;

    do {
        again = false;
        for (unsigned i = 0; i < kvm_lapic.vcpus; i++) {
            CPUState *cpu = qemu_get_cpu(i);

            if (cpu && cpu->vcpu_dirty) {
                /* Drops the BQL: another may have been looked at meanwhile */
                run_on_cpu(cpu, kvm_lapic_put, RUN_ON_CPU_NULL);
                again = !cpu->vcpu_dirty;
            }
        }
    } while (again);
}

static void kvm_lapic_host_flush(void *opaque, unsigned vcpu)
{
    kvm_lapic_flush(current_cpu);
}

/* QEMU keeps it up to date: every return of KVM_RUN tells */
static bool kvm_lapic_enabled(void *opaque, unsigned vcpu)
{
    return cpu_is_apic_enabled(X86_CPU(current_cpu)->apic_state);
}

/*
 * The kernel's slot of the PIC's vector survives an INIT; it is the PIC's. I/O
 * that waits for its answer, which moves RIP, is of the life that ends.
 */
static void kvm_lapic_before_init(void *opaque, unsigned vcpu)
{
    kvm_port()->ops->finish(kvm_port(), vcpu);
    if (kvm_extint_active()) {
        kvm_extint_return(current_cpu);
    }
}

static const LapicSendHost kvm_lapic_host = {
    .flush = kvm_lapic_host_flush,
    .enabled = kvm_lapic_enabled,
    .before_init = kvm_lapic_before_init,
};

/* vCPUs come and go: another thread is another vCPU, with nothing to do yet */
static LapicSend *kvm_lapic_with(unsigned vcpu)
{
    CPUState *cpu = qemu_get_cpu(vcpu);
    LapicSendVCPU *v = &kvm_lapic.vcpu[vcpu];

    v->present = cpu;
    if (cpu && kvm_lapic_thread[vcpu] != cpu->thread_id) {
        lapic_send_forget(&kvm_lapic, vcpu);
        kvm_lapic_thread[vcpu] = cpu->thread_id;
        v->id = kvm_arch_vcpu_id(cpu);
    }
    return &kvm_lapic;
}

static void kvm_lapic_probe(CPUState *cpu, run_on_cpu_data data)
{
    lapic_send_probe(&kvm_lapic, cpu->cpu_index);
}

static int kvm_lapic_send(const LapicMsg *msg, int source, LapicFault *fault)
{
    kvm_lapic_put_all();
    if (source >= 0 && kvm_lapic.icr < 0 && qemu_get_cpu(source)) {
        run_on_cpu(qemu_get_cpu(source), kvm_lapic_probe, RUN_ON_CPU_NULL);
    }
    return source < 0 ? lapic_send(&kvm_lapic, msg, fault) :
                        lapic_send_self(kvm_lapic_with(source), source, msg,
                                        fault);
}

static int kvm_lapic_pin_init(unsigned cpu_index)
{
    return lapic_pin_init(kvm_lapic_with(cpu_index), cpu_index);
}

static int kvm_lapic_pin_nmi(unsigned cpu_index)
{
    return lapic_pin_nmi(kvm_lapic_with(cpu_index), cpu_index);
}

static void kvm_lapic_view(CPUState *cpu, run_on_cpu_data data)
{
    LapicView *view = data.host_ptr;
    struct kvm_lapic_state page;
    int ret = kvm_vcpu_ioctl(cpu, KVM_GET_LAPIC, &page);

    if (ret < 0) {
        warn_report("KVM_GET_LAPIC of vCPU %d: %s", cpu->cpu_index,
                    strerror(-ret));
        return;
    }
    *view = lapic_view(kvm_arch_vcpu_id(cpu),
                       cpu_get_apic_base(X86_CPU(cpu)->apic_state),
                       page.regs);
    view->x2apic_api = kvm_has_x2apic_api();
}

static void kvm_lapic_views(LapicView *views, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        CPUState *cpu = qemu_get_cpu(i);

        if (cpu) {
            run_on_cpu(cpu, kvm_lapic_view, RUN_ON_CPU_HOST_PTR(&views[i]));
        }
    }
}

static void kvm_lapic_nothing(CPUState *cpu, run_on_cpu_data data)
{
}

/* What has been queued is done when what is queued behind it is */
static void kvm_lapic_settle(void)
{
    for (unsigned i = 0; i < kvm_lapic.vcpus; i++) {
        CPUState *cpu = qemu_get_cpu(i);

        if (cpu) {
            run_on_cpu(cpu, kvm_lapic_nothing, RUN_ON_CPU_NULL);
        }
    }
}

static const X86LapicOps kvm_lapic_x86_ops = {
    .name = "kvm",
    .send = kvm_lapic_send,
    .pin_init = kvm_lapic_pin_init,
    .pin_nmi = kvm_lapic_pin_nmi,
    .views = kvm_lapic_views,
    .settle = kvm_lapic_settle,
};

const X86LapicOps *kvm_lapic_ops(void)
{
    unsigned vcpus = current_machine->smp.max_cpus;

    if (!kvm_lapic.port) {
        lapic_send_init(&kvm_lapic, kvm_port(), &kvm_lapic_host,
                        g_new0(LapicSendVCPU, vcpus), vcpus);
        kvm_lapic_thread = g_new0(int, vcpus);
        kvm_lapic.x2apic_ids = kvm_has_x2apic_api();
        kvm_lapic.smm =
            x86_machine_is_smm_enabled(X86_MACHINE(current_machine));
    }
    return &kvm_lapic_x86_ops;
}
