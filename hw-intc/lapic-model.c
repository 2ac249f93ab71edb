/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs that live in the software model of KVM.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/i386/x86.h"
#include "migration/blocker.h"
#include "system/dma.h"
#include "system/qtest.h"
#include "system/reset.h"
#include "system/system.h"
#include "cpu.h"
#include "lapic-model.h"

#define X_KVM_MODEL_PROP "x-kvm-model"

#define MSI_WINDOW      0xfee00000u
#define MSI_WINDOW_SIZE 0x100000u

/* There is one machine; NULL: not made yet */
static LapicModel *lapic_model;
static bool lapic_model_wanted;

static void lapic_model_took(void *opaque, unsigned vcpu, KVMModelEvent event,
                             unsigned nr)
{
    LapicModel *m = opaque;

    m->by_id[vcpu]->taken[event]++;
}

/* What comes and goes */

static void lapic_model_power_on(LapicModelVCPU *v)
{
    LapicModel *m = v->owner;

    lapic_model_drop(v, false);
    lapic_send_forget(&m->send, v->index);
    m->model.vcpu[v->id] = m->on_vcpu[v->id];
    m->model.regs[v->id] = m->on_regs[v->id];
    m->model.lapic[v->id] = m->on_lapic[v->id];
}

static LapicModelVCPU *lapic_model_find(LapicModel *m, DeviceState *dev)
{
    X86CPU *cpu = (X86CPU *)object_dynamic_cast(OBJECT(dev), TYPE_X86_CPU);

    /* cpu_index is gone when a vCPU is */
    return cpu && cpu->apic_id < m->model.config.vcpus ?
           m->by_id[cpu->apic_id] : NULL;
}

static void lapic_model_plug(DeviceListener *listener, DeviceState *dev)
{
    LapicModel *m = container_of(listener, LapicModel, listener);
    LapicModelVCPU *v = lapic_model_find(m, dev);

    if (v) {
        lapic_model_power_on(v);
        v->present = m->send.vcpu[v->index].present = true;
    }
}

static void lapic_model_unplug(DeviceListener *listener, DeviceState *dev)
{
    LapicModel *m = container_of(listener, LapicModel, listener);
    LapicModelVCPU *v = lapic_model_find(m, dev);

    if (v) {
        lapic_model_drop(v, false);
        lapic_send_forget(&m->send, v->index);
        v->present = m->send.vcpu[v->index].present = false;
    }
}

static void lapic_model_reset(void *opaque)
{
    LapicModel *m = opaque;

    /* What devices send while they are reset is not counted */
    memset(m->ioctls, 0, sizeof(m->ioctls));
    for (unsigned i = 0; i < m->vcpus; i++) {
        if (m->vcpu[i]->present) {
            lapic_model_power_on(m->vcpu[i]);
        }
    }
}

/* Where devices and the IOAPIC write their messages */

static uint64_t lapic_model_msi_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

static void lapic_model_msi_write(void *opaque, hwaddr addr, uint64_t data,
                                  unsigned size)
{
    LapicModel *m = opaque;
    struct kvm_msi msi = { .address_lo = MSI_WINDOW + addr, .data = data };

    m->ops.vm_ioctl(&m->port.port, KVM_SIGNAL_MSI, &msi);
}

static const MemoryRegionOps lapic_model_msi_ops = {
    .read = lapic_model_msi_read,
    .write = lapic_model_msi_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

/* X86LapicOps */

static int lapic_model_send(const LapicMsg *msg, int source, LapicFault *fault)
{
    LapicSend *s = &lapic_model->send;

    return source < 0 ? lapic_send(s, msg, fault) :
           lapic_send_self(s, source, msg, fault);
}

static int lapic_model_pin_init(unsigned cpu_index)
{
    return lapic_pin_init(&lapic_model->send, cpu_index);
}

static int lapic_model_pin_nmi(unsigned cpu_index)
{
    return lapic_pin_nmi(&lapic_model->send, cpu_index);
}

static void lapic_model_views(LapicView *views, unsigned n)
{
    for (unsigned i = 0; i < MIN(n, lapic_model->vcpus); i++) {
        const LapicModelVCPU *v = lapic_model->vcpu[i];
        KVMModel *model = &lapic_model->model;
        struct kvm_lapic_state page;

        if (v->present) {
            kvm_model_vcpu_ioctl(model, v->id, KVM_GET_LAPIC, &page);
            views[i] = lapic_view(v->id, model->vcpu[v->id].apicbase,
                                  page.regs);
            views[i].x2apic_api = model->config.x2apic_api;
        }
    }
}

static void lapic_model_ops_settle(void)
{
    if (lapic_model->threads != LAPIC_MODEL_HELD) {
        lapic_model_settle(lapic_model);
    }
}

static const X86LapicOps lapic_model_ops = {
    .name = "model",
    .send = lapic_model_send,
    .pin_init = lapic_model_pin_init,
    .pin_nmi = lapic_model_pin_nmi,
    .views = lapic_model_views,
    .settle = lapic_model_ops_settle,
};

/* The machine's property */

static void lapic_model_make_vcpus(LapicModel *m, MachineState *ms)
{
    const CPUArchIdList *possible =
        MACHINE_GET_CLASS(ms)->possible_cpu_arch_ids(ms);

    m->vcpus = ms->smp.max_cpus;
    m->vcpu = g_new0(LapicModelVCPU *, m->vcpus);
    m->by_id = g_new0(LapicModelVCPU *, m->model.config.vcpus);
    for (unsigned i = 0; i < m->vcpus; i++) {
        LapicModelVCPU *v =
            LAPIC_MODEL_VCPU(object_new(TYPE_LAPIC_MODEL_VCPU));
        g_autofree char *name = g_strdup_printf("vcpu[%u]", i);

        v->owner = m;
        v->index = i;
        v->id = possible->cpus[i].arch_id;
        QSIMPLEQ_INIT(&v->queue);
        m->vcpu[i] = m->by_id[v->id] = v;
        m->send.vcpu[i].id = v->id;
        object_property_add_child(OBJECT(m), name, OBJECT(v));
        object_unref(OBJECT(v));
    }
}

static void lapic_model_make_kernel(LapicModel *m, X86MachineState *x86ms)
{
    unsigned n = x86ms->apic_id_limit;
    KVMModelConfig config = {
        .vcpus = n,
        .smm = x86_machine_is_smm_enabled(x86ms),
        .handler = true,
        /* When QEMU asks for it */
        .x2apic_api = n > 255,
        .took = lapic_model_took,
        .opaque = m,
    };

    m->on_vcpu = g_new0(KVMModelVCPU, n);
    m->on_regs = g_new0(KVMModelRegs, n);
    m->on_lapic = g_new0(KVMModelLAPIC, n);
    kvm_model_init(&m->model, &config, m->on_vcpu, m->on_regs, m->on_lapic);
    m->model.vcpu = g_memdup2(m->on_vcpu, n * sizeof(*m->on_vcpu));
    for (unsigned i = 0; i < n; i++) {
        /* The kernel has no local APIC of it before it is plugged */
        m->model.vcpu[i].apicbase = 0;
    }
    m->model.regs = g_memdup2(m->on_regs, n * sizeof(*m->on_regs));
    m->model.lapic = g_memdup2(m->on_lapic, n * sizeof(*m->on_lapic));
    lapic_model_port_init(m);
}

static void lapic_model_make(MachineState *ms)
{
    LapicModel *m = LAPIC_MODEL(object_new(TYPE_LAPIC_MODEL));
    LapicSendHost host = { .enabled = lapic_model_enabled, .opaque = m };
    CPUState *cs;

    object_property_add_child(OBJECT(ms), TYPE_LAPIC_MODEL, OBJECT(m));
    object_unref(OBJECT(m));
    lapic_model_make_kernel(m, X86_MACHINE(ms));
    lapic_send_init(&m->send, &m->port.port, &host,
                    g_new0(LapicSendVCPU, ms->smp.max_cpus), ms->smp.max_cpus);
    m->send.smm = m->model.config.smm;
    m->send.x2apic_ids = m->model.config.x2apic_api;
    lapic_model_make_vcpus(m, ms);
    lapic_model = m;

    m->listener = (DeviceListener) {
        .realize = lapic_model_plug,
        .unrealize = lapic_model_unplug,
    };
    CPU_FOREACH(cs) {
        lapic_model_plug(&m->listener, DEVICE(cs));
    }
    device_listener_register(&m->listener);
    qemu_register_reset(lapic_model_reset, m);
    memory_region_init_io(&m->msi, OBJECT(m), &lapic_model_msi_ops, m,
                          "kvm-model-msi", MSI_WINDOW_SIZE);
    /* Above that of the local APICs which it takes the place of */
    memory_region_add_subregion_overlap(get_system_memory(), MSI_WINDOW,
                                        &m->msi, 0x2000);
}

static void lapic_model_machine_done(Notifier *notifier, void *data)
{
    Error *blocker = NULL;

    if (!qtest_enabled()) {
        error_report(X_KVM_MODEL_PROP "=on: with -accel qtest only, it is "
                     "for tests that no guest runs in");
        exit(1);
    }
    error_setg(&blocker, X_KVM_MODEL_PROP "=on: the model of KVM is not saved");
    migrate_add_blocker(&blocker, &error_fatal);
    lapic_model_make(current_machine);
}

static bool lapic_model_get(Object *obj, Error **errp)
{
    return lapic_model_wanted;
}

static void lapic_model_set(Object *obj, bool val, Error **errp)
{
    static Notifier done = { .notify = lapic_model_machine_done };

    if (val == lapic_model_wanted) {
        return;
    }
    if (!val || phase_check(PHASE_MACHINE_CREATED)) {
        error_setg(errp, X_KVM_MODEL_PROP " can only be switched on, and only "
                   "on the command line");
        return;
    }
    lapic_model_wanted = true;
    x86_lapic_set_ops(&lapic_model_ops);
    qemu_add_machine_init_done_notifier(&done);
}

void lapic_model_class_init(ObjectClass *oc)
{
    object_class_property_add_bool(oc, X_KVM_MODEL_PROP, lapic_model_get,
                                   lapic_model_set);
    object_class_property_set_description(oc, X_KVM_MODEL_PROP,
        "With -accel qtest: local APICs are those of a model of KVM, for tests");
}
