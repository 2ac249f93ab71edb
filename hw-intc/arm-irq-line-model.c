/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm-irq-line on the model of KVM_IRQ_LINE.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/qtest.h"
#include "system/reset.h"
#include "migration/vmstate.h"
#include "arm-irq-line-model-int.h"

#define PPIS (KVM_MODEL_ARM_PRIVATE - KVM_MODEL_ARM_SGIS)

/* What QEMU's CPUs and GICs do around the device */

void arm_irq_line_model_input(ArmIrqLineModel *m, unsigned vcpu,
                              unsigned number, bool level)
{
    if (vcpu < m->kvm.vcpus && number <= KVM_MODEL_ARM_FIQ) {
        m->line_state[vcpu] = deposit32(m->line_state[vcpu], number, 1, level);
    }
}

void arm_irq_line_model_vcpu_init(ArmIrqLineModel *m, unsigned vcpu)
{
    kvm_model_arm_vcpu_init(&m->kvm, vcpu);
    arm_irq_line_vcpu_init(vcpu);
}

static bool model_level(void *opaque, unsigned intid)
{
    const ArmIrqLineModel *m = opaque;

    return m->level[intid - KVM_MODEL_ARM_PRIVATE];
}

/* KVM_ARM_VCPU_INIT of all, then a put of QEMU's irq_line_state */
static void put_vcpus(ArmIrqLineModel *m)
{
    for (unsigned i = 0; i < m->kvm.vcpus; i++) {
        arm_irq_line_model_vcpu_init(m, i);
    }
    for (unsigned i = 0; i < m->kvm.vcpus; i++) {
        arm_irq_line_vcpu_put(i, m->line_state[i] & 1, m->line_state[i] & 2);
    }
}

/* One interrupt's state, but for who owns it; a GICv2 keeps its line's level */
static void put_line(ArmIrqLineModel *m, uint8_t *line, uint8_t state)
{
    uint8_t kept = KVM_MODEL_LINE_OWNED;

    if (m->kvm.gic == KVM_MODEL_GICV2) {
        kept |= KVM_MODEL_LINE_HIGH;
    }
    *line = (*line & kept) | (state & ~kept);
}

static void model_reset(void *opaque)
{
    ArmIrqLineModel *m = opaque;

    memset(m->line_state, 0, m->kvm.vcpus);
    memset(m->level, 0, sizeof(m->level));
    put_vcpus(m);
    for (unsigned i = 0; i < m->kvm.spis; i++) {
        put_line(m, &m->kvm.spi[i], KVM_MODEL_LINE_LEVEL);
    }
    for (unsigned i = 0; i < m->kvm.vcpus * PPIS; i++) {
        put_line(m, &m->kvm.vcpu[i / PPIS].ppi[i % PPIS],
                 KVM_MODEL_LINE_LEVEL);
    }
    if (m->kvm.gic == KVM_MODEL_GICV3) {
        arm_irq_line_gicv3_put(model_level, m);
    }
}

/*
 * The stream: irq_line_state, then the SPIs, then the PPIs of each vCPU
 */

static uint8_t read_line(const ArmIrqLineModel *m, uint8_t line)
{
    uint8_t state = line & (KVM_MODEL_LINE_LATCH | KVM_MODEL_LINE_LEVEL);

    if (!(line & KVM_MODEL_LINE_LEVEL) || !(line & KVM_MODEL_LINE_HIGH)) {
        return state;
    }
    /* LEVEL_INFO; a GICv2 has none, and its ISPENDR tells no latch from it */
    return state | (m->kvm.gic == KVM_MODEL_GICV3 ? KVM_MODEL_LINE_HIGH :
                    KVM_MODEL_LINE_LATCH);
}

static int model_pre_save(void *opaque)
{
    ArmIrqLineModel *m = ((ArmIrqLineState *)opaque)->model;
    uint8_t *p = m->stream;

    memcpy(p, m->line_state, m->kvm.vcpus);
    p += m->kvm.vcpus;
    for (unsigned i = 0; i < m->kvm.spis; i++, p++) {
        *p = read_line(m, m->kvm.spi[i]);
        if (m->kvm.gic == KVM_MODEL_GICV2 &&
            arm_irq_line_high(i + KVM_MODEL_ARM_PRIVATE)) {
            *p |= KVM_MODEL_LINE_HIGH;
        }
    }
    for (unsigned i = 0; i < m->kvm.vcpus * PPIS; i++, p++) {
        *p = read_line(m, m->kvm.vcpu[i / PPIS].ppi[i % PPIS]);
    }
    return 0;
}

static int model_post_load(void *opaque, int version_id)
{
    ArmIrqLineModel *m = ((ArmIrqLineState *)opaque)->model;
    const uint8_t *p = m->stream;

    memcpy(m->line_state, p, m->kvm.vcpus);
    p += m->kvm.vcpus;
    put_vcpus(m);
    for (unsigned i = 0; i < m->kvm.spis; i++) {
        m->level[i] = p[i] & KVM_MODEL_LINE_HIGH &&
                      p[i] & KVM_MODEL_LINE_LEVEL;
    }
    if (m->kvm.gic == KVM_MODEL_GICV2) {
        arm_irq_line_gicv2_load(model_level, m);
    }
    for (unsigned i = 0; i < m->kvm.spis; i++, p++) {
        put_line(m, &m->kvm.spi[i], *p);
    }
    for (unsigned i = 0; i < m->kvm.vcpus * PPIS; i++, p++) {
        put_line(m, &m->kvm.vcpu[i / PPIS].ppi[i % PPIS], *p);
    }
    if (m->kvm.gic == KVM_MODEL_GICV3) {
        arm_irq_line_gicv3_put(model_level, m);
    } else {
        arm_irq_line_gicv2_put(model_level, m);
    }
    return 0;
}

static bool model_needed(void *opaque)
{
    return ((ArmIrqLineState *)opaque)->model;
}

static const VMStateDescription vmstate_model = {
    .name = "arm-irq-line-model",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_VBUFFER_UINT32(stream, ArmIrqLineModel, 1, NULL, stream_size),
        VMSTATE_END_OF_LIST()
    }
};

/* Of a VM nothing: its lines are in the streams of its GIC and its CPUs */
static const VMStateDescription vmstate_arm_irq_line = {
    .name = "arm-irq-line",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = model_needed,
    .pre_save = model_pre_save,
    .post_load = model_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_EQUAL(gic, ArmIrqLineState, NULL),
        VMSTATE_UINT32_EQUAL(vcpus, ArmIrqLineState, NULL),
        VMSTATE_UINT32_EQUAL(spis, ArmIrqLineState, NULL),
        VMSTATE_STRUCT_POINTER(model, ArmIrqLineState, vmstate_model,
                               ArmIrqLineModel),
        VMSTATE_END_OF_LIST()
    }
};

/* The properties of the VM */

static bool model_check(const char *name, unsigned val, unsigned min,
                        unsigned max, Error **errp)
{
    if (val < min || val > max) {
        error_setg(errp, "%s: %u is out of range %u..%u", name, val, min, max);
        return false;
    }
    return true;
}

bool arm_irq_line_model_init(ArmIrqLineState *s, Error **errp)
{
    static const KVMModelGIC gics[] = {
        [0] = KVM_MODEL_NO_GIC, [2] = KVM_MODEL_GICV2, [3] = KVM_MODEL_GICV3,
    };
    ArmIrqLineModel *m;

    if (!qtest_enabled()) {
        error_setg(errp, "x-kvm-model=on: only with -accel qtest");
        return false;
    }
    if (s->gic != 0 && s->gic != 2 && s->gic != 3) {
        error_setg(errp, "gic-version: %u is not 0, 2 or 3", s->gic);
        return false;
    }
    if (!model_check("vcpus", s->vcpus, 1, s->layout1 ?
                     IRQ_LINE_VCPUS_MAX1 : IRQ_LINE_VCPUS_MAX, errp) ||
        !model_check("spis", s->spis, 0, KVM_MODEL_ARM_SPIS, errp)) {
        return false;
    }
    m = g_new0(ArmIrqLineModel, 1);
    kvm_model_arm_init(&m->kvm, gics[s->gic], s->spis,
                       g_new0(KVMModelArmVCPU, s->vcpus), s->vcpus);
    m->kvm.layout2 = !s->layout1;
    kvm_model_arm_gic_init(&m->kvm);
    kvm_model_arm_port_init(&m->port, &m->kvm);
    m->line_state = g_new0(uint8_t, s->vcpus);
    m->stream_size = s->spis + s->vcpus * (1 + PPIS);
    m->stream = g_malloc0(m->stream_size);
    s->model = m;
    s->port = &m->port.port;
    qemu_register_reset(model_reset, m);
    return true;
}

void arm_irq_line_model_free(ArmIrqLineState *s)
{
    ArmIrqLineModel *m = s->model;

    if (m) {
        qemu_unregister_reset(model_reset, m);
        g_free(m->kvm.vcpu);
        g_free(m->line_state);
        g_free(m->stream);
        g_free(m);
    }
}

void arm_irq_line_model_class_init(ObjectClass *oc)
{
    DEVICE_CLASS(oc)->vmsd = &vmstate_arm_irq_line;
    arm_irq_line_model_qom_class_init(oc);
}
