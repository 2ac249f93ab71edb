/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8259 pair of i8259-core.h as QEMU devices.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "hw/intc/intc.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "system/runstate.h"
#include "split-i8259.h"
#include "class-data.h"
#include "trace.h"

static I8259Which split_pic_which(const PICCommonState *s)
{
    return s->master ? I8259_MASTER : I8259_SLAVE;
}

static SplitPICState *split_pic_master(SplitPICState *s)
{
    return s->master_chip ?: s;
}

void split_i8259_lock(SplitPICState *s)
{
    qemu_mutex_lock(&s->pair.lock);
}

/* Lock held. Whether it rose: pin->rise() is to be called, the lock dropped. */
static bool split_pic_publish_pin(SplitPICPair *pair)
{
    bool level = pair->pin && i8259_pair_pin(&pair->core);

    if (level == pair->pin_level) {
        return false;
    }
    trace_split_pic_pin(level);
    pair->pin_level = level;
    pair->pin->publish(level);
    return level;
}

/* Lock held. Returns whom to wake once it is dropped. */
static int split_pic_publish(SplitPICPair *pair)
{
    bool level = pair->core.intr;

    if (level == pair->level) {
        return SPLIT_PIC_NOBODY;
    }
    trace_split_pic_intr(level);
    pair->level = level;
    return pair->sink ? pair->sink->publish(level) : SPLIT_PIC_NOBODY;
}

void split_i8259_unlock(SplitPICState *s)
{
    qemu_mutex_unlock(&s->pair.lock);
}

/*
 * End a mutation. Without a sink INTR is driven every time, changed or not:
 * TCG and the userspace APIC drop their request at INTA and have to be told
 * of the next one.
 */
static void split_pic_end(SplitPICState *m)
{
    int whom = split_pic_publish(&m->pair);
    bool rose = split_pic_publish_pin(&m->pair);
    bool level = m->pair.level;

    split_i8259_unlock(m);
    if (m->pair.sink) {
        m->pair.sink->wake(whom);
    } else {
        qemu_set_irq(m->parent_obj.int_out[0], level);
    }
    if (rose) {
        m->pair.pin->rise();
    }
}

/* The next life's INTR rises by what happens in it. */
static void split_pic_forget(SplitPICState *m)
{
    if (m->pair.pin) {
        m->pair.pin->forget();
    }
}

static void split_pic_set_irq(void *opaque, int n, int level)
{
    PICCommonState *s = opaque;
    SplitPICState *m = split_pic_master(opaque);
    unsigned irq = s->master ? n : n + 8;

    trace_split_pic_line(irq, level);
    pic_stat_update_irq(irq, level);
    split_i8259_lock(m);
    i8259_pair_set_line(&m->pair.core, irq, level);
    split_pic_end(m);
}

int split_i8259_peek(SplitPICState *s)
{
    if (!s->pair.core.intr) {
        return -1;
    }
    s->pair.inta = i8259_pair_peek(&s->pair.core);
    return s->pair.inta.vector;
}

static I8259Receipt split_pic_inta(SplitPICPair *pair)
{
    trace_split_pic_inta(pair->inta.irq, pair->inta.vector,
                         pair->inta.spurious);
    return i8259_pair_commit(&pair->core, pair->inta);
}

void split_i8259_commit(SplitPICState *s, unsigned vcpu)
{
    int whom;

    s->pair.receipt[vcpu] = split_pic_inta(&s->pair);
    whom = split_pic_publish(&s->pair);
    /* An INTA may lower INTR or leave it up; it has no rise to announce. */
    assert(whom == SPLIT_PIC_NOBODY);
    split_pic_publish_pin(&s->pair);
}

int split_i8259_undo(SplitPICState *s, unsigned vcpu)
{
    I8259Receipt *r = &s->pair.receipt[vcpu];

    trace_split_pic_undo(r->inta.irq, r->inta.vector, r->inta.spurious);
    i8259_pair_undo(&s->pair.core, r);
    /* Each once */
    r->ack = 0;
    /* Nor has a request that comes back: it rose when it came first */
    split_pic_publish_pin(&s->pair);
    return split_pic_publish(&s->pair);
}

/* An INTA cycle that nobody can refuse: TCG, the userspace APIC, the IOAPIC. */
static int split_pic_read_irq(PICCommonState *s)
{
    SplitPICState *m = split_pic_master(SPLIT_I8259(s));
    int vector;

    split_i8259_lock(m);
    m->pair.inta = i8259_pair_peek(&m->pair.core);
    vector = m->pair.inta.vector;
    split_pic_inta(&m->pair);
    split_pic_end(m);
    return vector;
}

static int split_pic_get_output(PICCommonState *s)
{
    SplitPICState *m = split_pic_master(SPLIT_I8259(s));
    const SplitPICPin *pin = m->pair.pin;
    int level;

    if (pin && pin->hidden && pin->hidden()) {
        return 0;
    }
    split_i8259_lock(m);
    level = i8259_pair_int(&m->pair.core, split_pic_which(s));
    split_i8259_unlock(m);
    return level;
}

/*
 * A wide access comes here byte by byte, with offsets that go on past the
 * region's end: on ISA those bytes are the next ports'. Only ELCR's next port
 * is a chip's, the slave's.
 */
static void split_pic_write(void *opaque, hwaddr addr, uint64_t val,
                            unsigned size)
{
    static const char *const ocw2[] = {
        [OCW2_ROTATE_AEOI_CLEAR] = "clear rotate in AEOI mode",
        [OCW2_EOI] = "non-specific EOI",
        [OCW2_NOP] = "no operation",
        [OCW2_SPECIFIC_EOI] = "specific EOI",
        [OCW2_ROTATE_AEOI_SET] = "set rotate in AEOI mode",
        [OCW2_ROTATE_EOI] = "rotate on non-specific EOI",
        [OCW2_SET_PRIORITY] = "set priority",
        [OCW2_ROTATE_SPECIFIC_EOI] = "rotate on specific EOI",
    };
    I8259Which which = split_pic_which(opaque);
    SplitPICState *m = split_pic_master(opaque);

    if (addr > 1) {
        return;
    }
    trace_split_pic_write(which, addr, val);
    if (addr == 0 && !(val & 0x18)) {
        trace_split_pic_ocw2(which, ocw2[(val >> 5) & 7], val & 7);
    }
    split_i8259_lock(m);
    i8259_pair_write(&m->pair.core, which, addr, val);
    if (m->pair.pin && (addr == 1 || (val & 0x10))) {
        m->pair.pin->written();
    }
    split_pic_end(m);
}

static uint64_t split_pic_read(void *opaque, hwaddr addr, unsigned size)
{
    I8259Which which = split_pic_which(opaque);
    SplitPICState *m = split_pic_master(opaque);
    uint8_t val;

    if (addr > 1) {
        return 0xff;
    }
    split_i8259_lock(m);
    val = i8259_pair_read(&m->pair.core, which, addr);
    split_pic_end(m);
    trace_split_pic_read(which, addr, val);
    return val;
}

/* The chip whose ELCR is @addr ports after that of @s; I8259_CHIPS if none. */
static I8259Which split_pic_elcr_which(const PICCommonState *s, hwaddr addr)
{
    return MIN(split_pic_which(s) + addr, I8259_CHIPS);
}

static void split_pic_elcr_write(void *opaque, hwaddr addr, uint64_t val,
                                 unsigned size)
{
    I8259Which which = split_pic_elcr_which(opaque, addr);
    SplitPICState *m = split_pic_master(opaque);

    if (which == I8259_CHIPS) {
        return;
    }
    trace_split_pic_elcr_write(which, val);
    split_i8259_lock(m);
    i8259_pair_elcr_write(&m->pair.core, which, val);
    split_pic_end(m);
}

static uint64_t split_pic_elcr_read(void *opaque, hwaddr addr, unsigned size)
{
    I8259Which which = split_pic_elcr_which(opaque, addr);
    SplitPICState *m = split_pic_master(opaque);
    uint8_t val;

    if (which == I8259_CHIPS) {
        return 0xff;
    }
    split_i8259_lock(m);
    val = i8259_pair_elcr_read(&m->pair.core, which);
    split_i8259_unlock(m);
    return val;
}

static const MemoryRegionOps split_pic_ops = {
    .read = split_pic_read,
    .write = split_pic_write,
    .impl = {
        .min_access_size = 1,
        .max_access_size = 1,
    },
};

static const MemoryRegionOps split_pic_elcr_ops = {
    .read = split_pic_elcr_read,
    .write = split_pic_elcr_write,
    .impl = {
        .min_access_size = 1,
        .max_access_size = 1,
    },
};

/*
 * pic-common's fields are the stream's shape; the core is the state. The two
 * meet only here and in post_load, field by field: a field of I8259Saved that
 * is missing here stands out against the list in its header.
 */
static void split_pic_pre_save(PICCommonState *s)
{
    SplitPICState *m = split_pic_master(SPLIT_I8259(s));
    I8259Saved v;

    split_i8259_lock(m);
    i8259_pair_save(&m->pair.core, split_pic_which(s), &v);
    split_i8259_unlock(m);

    s->last_irr = v.last_irr;
    s->irr = v.irr;
    s->imr = v.imr;
    s->isr = v.isr;
    s->priority_add = v.priority_add;
    s->irq_base = v.irq_base;
    s->read_reg_select = v.read_reg_select;
    s->poll = v.poll;
    s->special_mask = v.special_mask;
    s->init_state = v.init_state;
    s->auto_eoi = v.auto_eoi;
    s->rotate_on_auto_eoi = v.rotate_on_auto_eoi;
    s->special_fully_nested_mode = v.special_fully_nested_mode;
    s->init4 = v.init4;
    s->single_mode = v.single_mode;
    s->elcr = v.elcr;
    s->ltim = v.ltim;
}

/* INTR is published at VM start: now only one of the chips may be loaded. */
static void split_pic_post_load(PICCommonState *s)
{
    SplitPICState *m = split_pic_master(SPLIT_I8259(s));
    I8259Saved v = {
        .last_irr = s->last_irr,
        .irr = s->irr,
        .imr = s->imr,
        .isr = s->isr,
        .priority_add = s->priority_add,
        .irq_base = s->irq_base,
        .read_reg_select = s->read_reg_select,
        .poll = s->poll,
        .special_mask = s->special_mask,
        .init_state = s->init_state,
        .auto_eoi = s->auto_eoi,
        .rotate_on_auto_eoi = s->rotate_on_auto_eoi,
        .special_fully_nested_mode = s->special_fully_nested_mode,
        .init4 = s->init4,
        .single_mode = s->single_mode,
        .elcr = s->elcr,
        .ltim = s->ltim,
    };

    split_i8259_lock(m);
    i8259_pair_load(&m->pair.core, split_pic_which(s), &v);
    split_pic_publish_pin(&m->pair);
    split_i8259_unlock(m);
    split_pic_forget(m);
}

static void split_pic_vm_state(void *opaque, bool running, RunState state)
{
    if (running) {
        split_i8259_lock(opaque);
        split_pic_end(opaque);
    }
}

static void split_pic_reset(DeviceState *dev)
{
    SplitPICState *m = split_pic_master(SPLIT_I8259(dev));

    split_i8259_lock(m);
    i8259_pair_reset_chip(&m->pair.core, split_pic_which(PIC_COMMON(dev)));
    split_pic_end(m);
    split_pic_forget(m);
}

static void split_pic_print_info(InterruptStatsProvider *obj, GString *buf)
{
    InterruptStatsProviderClass *parent = INTERRUPT_STATS_PROVIDER_CLASS(
        object_class_by_name(TYPE_PIC_COMMON));
    SplitPICState *s = SPLIT_I8259(obj);
    uint64_t taken = 0, spurious;

    parent->print_info(obj, buf);
    if (s->master_chip) {
        return;
    }
    split_i8259_lock(s);
    for (int i = 0; i < I8259_LINES; i++) {
        taken += s->pair.core.delivered[i];
    }
    spurious = s->pair.core.spurious[I8259_MASTER] +
               s->pair.core.spurious[I8259_SLAVE];
    g_string_append_printf(buf, "split-i8259: INTR=%d taken=%" PRIu64
                           " spurious=%" PRIu64 "\n",
                           s->pair.core.intr, taken, spurious);
    split_i8259_unlock(s);
}

static void split_pic_realize(DeviceState *dev, Error **errp)
{
    PICCommonState *s = PIC_COMMON(dev);
    SplitPICState *sps = SPLIT_I8259(dev);
    DeviceClass *parent = DEVICE_CLASS(object_class_by_name(TYPE_PIC_COMMON));

    if (!sps->wired) {
        error_setg(errp, "the PIC is wired by the machine: use "
                   "-machine split-pic=on");
        return;
    }
    memory_region_init_io(&s->base_io, OBJECT(s), &split_pic_ops, s,
                          "split-pic", 2);
    memory_region_init_io(&s->elcr_io, OBJECT(s), &split_pic_elcr_ops, s,
                          "split-elcr", 1);
    if (split_pic_master(sps)->pair.sink) {
        memory_region_enable_lockless_io(&s->base_io);
        memory_region_enable_lockless_io(&s->elcr_io);
    }
    qdev_init_gpio_out(dev, s->int_out, ARRAY_SIZE(s->int_out));
    qdev_init_gpio_in(dev, split_pic_set_irq, 8);

    if (s->master) {
        sps->pair.core.chip[I8259_MASTER].elcr_mask = s->elcr_mask;
        sps->pair.core.withdrawn_is_spurious = sps->withdrawn_spurious;
        qemu_add_vm_change_state_handler(split_pic_vm_state, sps);
    } else {
        sps->master_chip->pair.core.chip[I8259_SLAVE].elcr_mask = s->elcr_mask;
    }
    parent->realize(dev, errp);
}

static void split_pic_instance_init(Object *obj)
{
    SplitPICState *s = SPLIT_I8259(obj);

    qemu_mutex_init(&s->pair.lock);
    i8259_pair_init(&s->pair.core, 0, 0);
}

static void split_pic_instance_finalize(Object *obj)
{
    g_free(SPLIT_I8259(obj)->pair.receipt);
    qemu_mutex_destroy(&SPLIT_I8259(obj)->pair.lock);
}

static SplitPICState *split_pic_chip(ISABus *bus, SplitPICState *master,
                                     const SplitPICSink *sink)
{
    ISADevice *isa = isa_new(TYPE_SPLIT_I8259);
    DeviceState *dev = DEVICE(isa);

    qdev_prop_set_uint32(dev, "iobase", master ? 0xa0 : 0x20);
    qdev_prop_set_uint32(dev, "elcr_addr", master ? 0x4d1 : 0x4d0);
    qdev_prop_set_uint8(dev, "elcr_mask", master ? 0xde : 0xf8);
    qdev_prop_set_bit(dev, "master", !master);
    SPLIT_I8259(dev)->pair.sink = sink;
    SPLIT_I8259(dev)->wired = true;
    object_property_add_child(qdev_get_machine(),
                              master ? "split-i8259-slave" : "split-i8259",
                              OBJECT(dev));
    if (master) {
        object_property_set_link(OBJECT(dev), "master-chip", OBJECT(master),
                                 &error_abort);
    }
    isa_realize_and_unref(isa, bus, &error_fatal);
    return SPLIT_I8259(dev);
}

void split_i8259_connect_pin(SplitPICState *master, const SplitPICPin *pin)
{
    assert(!master->pair.pin);
    master->pair.pin = pin;
}

qemu_irq *split_i8259_init(ISABus *bus, qemu_irq intr, const SplitPICSink *sink,
                           unsigned vcpus, SplitPICState **master)
{
    qemu_irq *lines = g_new0(qemu_irq, ISA_NUM_IRQS);
    SplitPICState *m = split_pic_chip(bus, NULL, sink);
    SplitPICState *s = split_pic_chip(bus, m, NULL);

    m->pair.receipt = g_new0(I8259Receipt, vcpus);
    qdev_connect_gpio_out(DEVICE(m), 0, intr);
    for (int i = 0; i < 8; i++) {
        lines[i] = qdev_get_gpio_in(DEVICE(m), i);
        lines[i + 8] = qdev_get_gpio_in(DEVICE(s), i);
    }
    isa_pic = PIC_COMMON(m);
    *master = m;
    return lines;
}

static const Property split_pic_properties[] = {
    DEFINE_PROP_LINK("master-chip", SplitPICState, master_chip,
                     TYPE_SPLIT_I8259, SplitPICState *),
    DEFINE_PROP_BOOL("withdrawn-edge-spurious", SplitPICState,
                     withdrawn_spurious, false),
};

static void split_pic_class_init(ObjectClass *klass, IntackClassData *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PICCommonClass *pc = PIC_COMMON_CLASS(klass);
    InterruptStatsProviderClass *ic = INTERRUPT_STATS_PROVIDER_CLASS(klass);

    dc->realize = split_pic_realize;
    dc->desc = "8259A PIC, created by -machine split-pic";
    /* For -device help and its properties; realize refuses all but a machine */
    dc->user_creatable = true;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, split_pic_properties);
    device_class_set_legacy_reset(dc, split_pic_reset);
    pc->pre_save = split_pic_pre_save;
    pc->post_load = split_pic_post_load;
    pc->read_irq = split_pic_read_irq;
    pc->get_output = split_pic_get_output;
    ic->print_info = split_pic_print_info;
}

static const TypeInfo split_pic_info = {
    .name = TYPE_SPLIT_I8259,
    .parent = TYPE_PIC_COMMON,
    .instance_size = sizeof(SplitPICState),
    .instance_init = split_pic_instance_init,
    .instance_finalize = split_pic_instance_finalize,
    .class_init = split_pic_class_init,
};

static void split_pic_register_types(void)
{
    type_register_static(&split_pic_info);
}

type_init(split_pic_register_types)
