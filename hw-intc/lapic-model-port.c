/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port to the model of KVM: ioctls, and the vCPUs' threads.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qemu/main-loop.h"
#include "cpu.h"
#include "lapic-model.h"

/* Ioctls, counted */

static const struct {
    unsigned long request;
    const char *name;
} lapic_model_ioctls[] = {
#define IOCTL(name) { name, #name }
    IOCTL(KVM_SIGNAL_MSI), IOCTL(KVM_INTERRUPT), IOCTL(KVM_NMI),
    IOCTL(KVM_SMI), IOCTL(KVM_GET_LAPIC), IOCTL(KVM_SET_LAPIC),
    IOCTL(KVM_GET_VCPU_EVENTS), IOCTL(KVM_SET_VCPU_EVENTS),
    IOCTL(KVM_GET_MP_STATE), IOCTL(KVM_SET_MP_STATE), IOCTL(KVM_GET_REGS),
    IOCTL(KVM_SET_REGS), IOCTL(KVM_GET_SREGS), IOCTL(KVM_SET_SREGS),
    IOCTL(KVM_GET_MSRS), IOCTL(KVM_SET_MSRS), IOCTL(KVM_GET_NESTED_STATE),
#undef IOCTL
    { 0, "other" },
};

QEMU_BUILD_BUG_ON(ARRAY_SIZE(lapic_model_ioctls) > LAPIC_MODEL_IOCTLS);

const char *lapic_model_ioctl_name(unsigned i)
{
    return i < ARRAY_SIZE(lapic_model_ioctls) ? lapic_model_ioctls[i].name :
           NULL;
}

static void lapic_model_count(LapicModel *m, unsigned long request)
{
    unsigned i = 0;

    while (lapic_model_ioctls[i].request &&
           lapic_model_ioctls[i].request != request) {
        i++;
    }
    m->ioctls[i]++;
}

/*
 * The port: KVMModelPort's, but that what lapic-send.h uses is by cpu_index.
 * The run loop's operations have no use here.
 */

static LapicModel *lapic_model_of_port(KVMPort *port)
{
    return container_of(port, LapicModel, port.port);
}

static int lapic_model_ioctl(KVMPort *port, unsigned vcpu,
                             unsigned long request, void *arg)
{
    LapicModel *m = lapic_model_of_port(port);

    lapic_model_count(m, request);
    return kvm_model_vcpu_ioctl(&m->model, m->vcpu[vcpu]->id, request, arg);
}

static int lapic_model_vm_ioctl(KVMPort *port, unsigned long request, void *arg)
{
    LapicModel *m = lapic_model_of_port(port);

    lapic_model_count(m, request);
    return kvm_model_vm_ioctl(&m->model, request, arg);
}

/* The vCPUs' threads */

void lapic_model_drop(LapicModelVCPU *v, bool call)
{
    LapicModelWork *w;

    while ((w = QSIMPLEQ_FIRST(&v->queue))) {
        QSIMPLEQ_REMOVE_HEAD(&v->queue, next);
        v->queued--;
        if (call) {
            w->work(w->opaque, v->index);
        }
        g_free(w);
    }
}

void lapic_model_settle(LapicModel *m)
{
    for (unsigned i = 0; i < m->vcpus; i++) {
        lapic_model_drop(m->vcpu[i], true);
    }
}

static void lapic_model_bh(void *opaque)
{
    lapic_model_settle(opaque);
}

void lapic_model_set_icr(LapicModel *m, bool on)
{
    m->model.config.icr_interrupt = on;
    m->send.icr = -1;
    lapic_send_probe(&m->send, 0);
}

void lapic_model_set_threads(LapicModel *m, LapicModelThreads threads)
{
    m->threads = threads;
    qemu_bh_cancel(m->bh);
    if (threads == LAPIC_MODEL_AT_ONCE) {
        lapic_model_settle(m);
    } else if (threads == LAPIC_MODEL_BOTTOM_HALF) {
        qemu_bh_schedule(m->bh);
    }
}

static bool lapic_model_defer(void *opaque, unsigned vcpu,
                              void (*work)(void *opaque, unsigned vcpu),
                              void *data)
{
    LapicModel *m = opaque;
    LapicModelVCPU *v = m->vcpu[vcpu];
    LapicModelWork *w;

    if (!v->present) {
        return false;
    }
    if (m->threads == LAPIC_MODEL_AT_ONCE) {
        work(data, vcpu);
        return true;
    }
    w = g_new(LapicModelWork, 1);
    *w = (LapicModelWork) { .work = work, .opaque = data };
    QSIMPLEQ_INSERT_TAIL(&v->queue, w, next);
    v->queued++;
    if (m->threads == LAPIC_MODEL_BOTTOM_HALF) {
        qemu_bh_schedule(m->bh);
    }
    return true;
}

bool lapic_model_enabled(void *opaque, unsigned vcpu)
{
    LapicModel *m = opaque;

    return m->model.vcpu[m->vcpu[vcpu]->id].apicbase & KVM_MODEL_ENABLE;
}

void lapic_model_run(LapicModelVCPU *v)
{
    KVMModel *model = &v->owner->model;

    lapic_model_drop(v, true);
    kvm_model_vcpu_ioctl(model, v->id, KVM_RUN, NULL);
    model->vcpu[v->id].immediate_exit = 0;
    v->runs++;
}

void lapic_model_port_init(LapicModel *m)
{
    kvm_model_port_init(&m->port, &m->model);
    m->ops = *m->port.port.ops;
    m->ops.ioctl = lapic_model_ioctl;
    m->ops.vm_ioctl = lapic_model_vm_ioctl;
    m->port.port.ops = &m->ops;
    m->port.defer = lapic_model_defer;
    m->port.opaque = m;
    m->bh = qemu_bh_new(lapic_model_bh, m);
}
