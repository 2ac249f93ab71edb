/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of KVM's local APICs, as a test sees it: /machine/kvm-model.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/module.h"
#include "cpu.h"
#include "accel/kvm/intack/kvm-model-int.h"
#include "accel/kvm/intack/kvm-model-lapic.h"
#include "class-data.h"
#include "lapic-model.h"

#define MAX_RUNS 1000

static const QEnumLookup lapic_model_threads = {
    .array = (const char *const[]) {
        [LAPIC_MODEL_AT_ONCE] = "at-once",
        [LAPIC_MODEL_BOTTOM_HALF] = "bottom-half",
        [LAPIC_MODEL_HELD] = "held",
    },
    .size = LAPIC_MODEL_THREADS_MAX,
};

static const char *lapic_model_mp_state(unsigned state)
{
    switch (state) {
    case KVM_MP_STATE_RUNNABLE:
        return "runnable";
    case KVM_MP_STATE_UNINITIALIZED:
        return "uninitialized";
    case KVM_MP_STATE_INIT_RECEIVED:
        return "wait-for-sipi";
    case KVM_MP_STATE_HALTED:
        return "halted";
    default:
        return "other";
    }
}

/* A vCPU's state */

static void visit_number(Visitor *v, const char *name, uint64_t val)
{
    visit_type_uint64(v, name, &val, &error_abort);
}

static void visit_flag(Visitor *v, const char *name, bool val)
{
    visit_type_bool(v, name, &val, &error_abort);
}

static void visit_name(Visitor *v, const char *name, const char *val)
{
    char *str = (char *)val;

    visit_type_str(v, name, &str, &error_abort);
}

static void visit_vectors(Visitor *v, const char *name, const uint64_t *map)
{
    visit_start_list(v, name, NULL, 0, &error_abort);
    for (unsigned nr = 0; nr < 256; nr++) {
        if (map[nr / 64] >> (nr % 64) & 1) {
            visit_number(v, NULL, nr);
        }
    }
    visit_end_list(v, NULL);
}

static void visit_pending(Visitor *v, const KVMModelVCPU *c)
{
    int64_t pev = c->pev;

    visit_name(v, "mp-state", lapic_model_mp_state(c->mp_state));
    visit_flag(v, "init-pending", c->init_pending);
    visit_flag(v, "sipi-pending", c->sipi_pending);
    visit_number(v, "sipi-vector", c->sipi_vector);
    visit_number(v, "nmi-pending", c->nmi_pending);
    visit_flag(v, "nmi-injected", c->nmi_injected);
    visit_flag(v, "nmi-masked", c->nmi_masked);
    visit_flag(v, "smi-pending", c->smi_pending);
    visit_flag(v, "smm", c->smm);
    visit_type_int64(v, "pev", &pev, &error_abort);
}

static void visit_lapic(Visitor *v, const KVMModelVCPU *c,
                        const KVMModelLAPIC *a)
{
    visit_number(v, "apicbase", c->apicbase);
    visit_number(v, "id", a->id);
    visit_number(v, "tpr", a->tpr);
    visit_number(v, "ldr", a->ldr);
    visit_number(v, "dfr", a->dfr);
    visit_number(v, "svr", a->svr);
    visit_number(v, "icr", a->icr);
    visit_number(v, "lvt0", c->lvt0);
    visit_number(v, "lvt1", a->lvt[(KVM_MODEL_APIC_LVT1 -
                                    KVM_MODEL_APIC_LVTT) >> 4]);
    visit_vectors(v, "irr", a->irr);
    visit_vectors(v, "isr", a->isr);
    visit_vectors(v, "tmr", a->tmr);
}

/* What the guest has taken, and what lapic-send.h has done on its thread */
static void visit_counts(Visitor *v, const LapicModelVCPU *s)
{
    const LapicSendVCPU *sent = &s->owner->send.vcpu[s->index];

    visit_number(v, "runs", s->runs);
    visit_number(v, "took-interrupt", s->taken[KVM_MODEL_INTERRUPT]);
    visit_number(v, "took-nmi", s->taken[KVM_MODEL_NMI]);
    visit_number(v, "took-smi", s->taken[KVM_MODEL_SMI]);
    visit_number(v, "took-init", s->taken[KVM_MODEL_INIT]);
    visit_number(v, "took-sipi", s->taken[KVM_MODEL_SIPI]);
    visit_number(v, "queued", s->queued);
    visit_number(v, "done-nmi", sent->nmi);
    visit_number(v, "done-init", sent->init);
    visit_number(v, "done-smi", sent->smi);
    visit_number(v, "done-startup", sent->startup);
    visit_number(v, "done-fixed", sent->fixed);
    visit_number(v, "masked", sent->masked);
    visit_number(v, "lost", sent->lost);
    visit_number(v, "failed", sent->failed);
}

static void lapic_model_get_state(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    const LapicModelVCPU *s = LAPIC_MODEL_VCPU(obj);
    const KVMModel *model = &s->owner->model;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    visit_number(v, "cpu-index", s->index);
    visit_number(v, "vcpu-id", s->id);
    visit_flag(v, "present", s->present);
    visit_pending(v, &model->vcpu[s->id]);
    visit_lapic(v, &model->vcpu[s->id], &model->lapic[s->id]);
    visit_counts(v, s);
    visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
}

/* Its registers */

typedef struct LapicModelRegister {
    const char *name;
    unsigned reg;
} LapicModelRegister;

static const LapicModelRegister lapic_model_registers[] = {
    { "id", KVM_MODEL_APIC_ID },
    { "tpr", KVM_MODEL_APIC_TPR },
    { "ldr", KVM_MODEL_APIC_LDR },
    { "dfr", KVM_MODEL_APIC_DFR },
    { "svr", KVM_MODEL_APIC_SVR },
    { "lvt0", KVM_MODEL_APIC_LVT0 },
    { "lvt1", KVM_MODEL_APIC_LVT1 },
};

static bool lapic_model_may_set(const LapicModelVCPU *s, const char *name,
                                Error **errp)
{
    if (!s->present) {
        error_setg(errp, "%s: there is no vCPU %u", name, s->index);
    }
    return s->present;
}

static void lapic_model_get_register(Object *obj, Visitor *v, const char *name,
                                     void *opaque, Error **errp)
{
    const LapicModelVCPU *s = LAPIC_MODEL_VCPU(obj);
    const LapicModelRegister *r = opaque;
    uint32_t val = kvm_model_lapic_read(&s->owner->model, s->id, r->reg);

    visit_type_uint32(v, name, &val, errp);
}

static void lapic_model_set_register(Object *obj, Visitor *v, const char *name,
                                     void *opaque, Error **errp)
{
    LapicModelVCPU *s = LAPIC_MODEL_VCPU(obj);
    KVMModel *model = &s->owner->model;
    const LapicModelRegister *r = opaque;
    uint32_t val;

    if (!visit_type_uint32(v, name, &val, errp) ||
        !lapic_model_may_set(s, name, errp)) {
        return;
    }
    if (!kvm_model_lapic_on(&model->vcpu[s->id])) {
        error_setg(errp, "%s 0x%x: no register is there to write while bit 11 "
                   "of apicbase is 0", name, val);
    } else if (!kvm_model_lapic_write(model, s->id, r->reg, val)) {
        error_setg(errp, "%s 0x%x: an x2APIC's %s is read-only", name, val,
                   name);
    }
}

static void lapic_model_get_apicbase(Object *obj, Visitor *v, const char *name,
                                     void *opaque, Error **errp)
{
    const LapicModelVCPU *s = LAPIC_MODEL_VCPU(obj);
    uint64_t val = s->owner->model.vcpu[s->id].apicbase;

    visit_type_uint64(v, name, &val, errp);
}

static void lapic_model_set_apicbase(Object *obj, Visitor *v, const char *name,
                                     void *opaque, Error **errp)
{
    LapicModelVCPU *s = LAPIC_MODEL_VCPU(obj);
    uint64_t val;

    if (visit_type_uint64(v, name, &val, errp) &&
        lapic_model_may_set(s, name, errp) &&
        !kvm_model_set_apicbase(&s->owner->model, s->id, val, false)) {
        error_setg(errp, "apicbase 0x%" PRIx64 ": bits 9, 7:0 and 63:48 are 0, "
                   "and bits 11:10 go from 00 to 10 to 11 to 00", val);
    }
}

static void lapic_model_get_runs(Object *obj, Visitor *v, const char *name,
                                 void *opaque, Error **errp)
{
    uint64_t runs = LAPIC_MODEL_VCPU(obj)->runs;

    visit_type_uint64(v, name, &runs, errp);
}

static void lapic_model_set_runs(Object *obj, Visitor *v, const char *name,
                                 void *opaque, Error **errp)
{
    LapicModelVCPU *s = LAPIC_MODEL_VCPU(obj);
    uint64_t runs;

    if (!visit_type_uint64(v, name, &runs, errp) ||
        !lapic_model_may_set(s, name, errp)) {
        return;
    }
    if (runs < 1 || runs > MAX_RUNS) {
        error_setg(errp, "run %" PRIu64 ": 1..%d are possible", runs, MAX_RUNS);
        return;
    }
    while (runs--) {
        lapic_model_run(s);
    }
}

static void lapic_model_vcpu_class_init(ObjectClass *oc, IntackClassData *data)
{
    object_class_property_add(oc, "state", "LapicModelState",
                              lapic_model_get_state, NULL, NULL, NULL);
    object_class_property_add(oc, "run", "uint64", lapic_model_get_runs,
                              lapic_model_set_runs, NULL, NULL);
    object_class_property_add(oc, "apicbase", "uint64",
                              lapic_model_get_apicbase,
                              lapic_model_set_apicbase, NULL, NULL);
    for (int i = 0; i < ARRAY_SIZE(lapic_model_registers); i++) {
        object_class_property_add(oc, lapic_model_registers[i].name, "uint32",
                                  lapic_model_get_register,
                                  lapic_model_set_register, NULL,
                                  (void *)&lapic_model_registers[i]);
    }
}

/* The model */

static int lapic_model_get_threads(Object *obj, Error **errp)
{
    return LAPIC_MODEL(obj)->threads;
}

static void lapic_model_put_threads(Object *obj, int val, Error **errp)
{
    lapic_model_set_threads(LAPIC_MODEL(obj), val);
}

static bool lapic_model_get_icr(Object *obj, Error **errp)
{
    return LAPIC_MODEL(obj)->model.config.icr_interrupt;
}

static void lapic_model_put_icr(Object *obj, bool val, Error **errp)
{
    lapic_model_set_icr(LAPIC_MODEL(obj), val);
}

static void lapic_model_get_ioctls(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    const LapicModel *m = LAPIC_MODEL(obj);
    uint64_t sum = 0;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    for (unsigned i = 0; lapic_model_ioctl_name(i); i++) {
        visit_number(v, lapic_model_ioctl_name(i), m->ioctls[i]);
        sum += m->ioctls[i];
    }
    visit_number(v, "total", sum);
    visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
}

static char *lapic_model_get_digest(Object *obj, Error **errp)
{
    const KVMModel *model = &LAPIC_MODEL(obj)->model;
    unsigned n = model->config.vcpus;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    g_checksum_update(sum, (void *)model->vcpu, n * sizeof(*model->vcpu));
    g_checksum_update(sum, (void *)model->regs, n * sizeof(*model->regs));
    g_checksum_update(sum, (void *)model->lapic, n * sizeof(*model->lapic));
    return g_strdup(g_checksum_get_string(sum));
}

static void lapic_model_model_class_init(ObjectClass *oc, IntackClassData *data)
{
    object_class_property_add_enum(oc, "threads", "LapicModelThreads",
                                   &lapic_model_threads,
                                   lapic_model_get_threads,
                                   lapic_model_put_threads);
    object_class_property_add_bool(oc, "icr-interrupt", lapic_model_get_icr,
                                   lapic_model_put_icr);
    object_class_property_add(oc, "ioctls", "LapicModelIoctls",
                              lapic_model_get_ioctls, NULL, NULL, NULL);
    object_class_property_add_str(oc, "digest", lapic_model_get_digest, NULL);
}

static const TypeInfo lapic_model_types[] = {
    {
        .name = TYPE_LAPIC_MODEL,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(LapicModel),
        .class_init = lapic_model_model_class_init,
    },
    {
        .name = TYPE_LAPIC_MODEL_VCPU,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(LapicModelVCPU),
        .class_init = lapic_model_vcpu_class_init,
    },
};

DEFINE_TYPES(lapic_model_types)
