/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of the model of the kernel: local APICs, messages, posted
 * interrupts. Destinations are those of the SDM's chapter on the APIC with
 * KVM's own rules where they are named.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model.h"
#include "kvm-model-lapic.h"
#include "kvm-model-int.h"

#define VCPUS   4
#define V       0x51

static KVMModel m;
static KVMModelVCPU vcpus[VCPUS];
static KVMModelRegs regs[VCPUS];
static KVMModelLAPIC apics[VCPUS];
static unsigned last_event, last_nr;

typedef enum Mode {
    FLAT,                       /* LDR 1, 2, 4, 8 */
    CLUSTER,                    /* clusters 1 and 2: 0x11 0x12 0x21 0x22 */
    X2APIC,
    MIXED,                      /* 0 and 1 are xAPICs, flat, 2 and 3 x2APICs */
} Mode;

static void took(void *opaque, unsigned vcpu, KVMModelEvent event, unsigned nr)
{
    last_event = event;
    last_nr = nr;
}

static void set_x2apic(unsigned vcpu)
{
    g_assert_true(kvm_model_set_apicbase(&m, vcpu, 0xfee00c00, true));
}

static void setup(Mode mode)
{
    static const uint8_t cluster[VCPUS] = { 0x11, 0x12, 0x21, 0x22 };
    KVMModelConfig c = { .vcpus = VCPUS, .smm = true, .took = took };

    kvm_model_init(&m, &c, vcpus, regs, apics);
    for (unsigned i = 0; i < VCPUS; i++) {
        vcpus[i].mp_state = KVM_MP_STATE_RUNNABLE;
        apics[i].svr = 0x1ff;
        apics[i].ldr = (mode == CLUSTER ? cluster[i] : 1u << i) << 24;
        apics[i].dfr = mode == CLUSTER ? 0x0fffffff : 0xffffffff;
        if (mode == X2APIC || (mode == MIXED && i >= 2)) {
            set_x2apic(i);
        }
    }
}

static bool test(const uint64_t *map, unsigned nr)
{
    return map[nr / 64] >> (nr % 64) & 1;
}

/* Which vCPUs have @vector in IRR */
static unsigned got(unsigned vector)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < VCPUS; i++) {
        mask |= test(apics[i].irr, vector) << i;
    }
    return mask;
}

typedef struct Dest {
    Mode mode;
    int source;                 /* -1: MSI */
    KVMModelMsg msg;
    int ret;
    unsigned got;
} Dest;

#define PHYS(d) { .dest = d, .vector = V }
#define LOG(d)  { .dest = d, .vector = V, .logical = true }
#define LOW(d, v) \
    { .dest = d, .vector = v, .logical = true, .mode = KVM_MODEL_LOWEST }
#define SHORT(s) { .vector = V, .shorthand = s }

static const Dest dests[] = {
    { FLAT, -1, PHYS(2), 1, 0x4 },
    { FLAT, -1, PHYS(9), 0, 0 },
    { FLAT, -1, PHYS(0xff), 4, 0xf },
    { FLAT, -1, LOG(0x5), 2, 0x5 },
    { FLAT, -1, LOG(0x10), 0, 0 },
    { FLAT, -1, LOG(0xff), 4, 0xf },
    { FLAT, 1, PHYS(0xff), 4, 0xf },
    { CLUSTER, -1, LOG(0x12), 1, 0x2 },
    { CLUSTER, -1, LOG(0x13), 2, 0x3 },
    { CLUSTER, -1, LOG(0x23), 2, 0xc },
    { CLUSTER, -1, LOG(0x31), 0, 0 },
    { CLUSTER, -1, LOG(0xff), 4, 0xf },
    { X2APIC, -1, PHYS(3), 1, 0x8 },
    { X2APIC, -1, LOG(0x6), 2, 0x6 },
    /* KVM's broadcast quirk: an MSI's 0xff */
    { X2APIC, -1, PHYS(0xff), 4, 0xf },
    { X2APIC, -1, LOG(0xff), 4, 0xf },
    { X2APIC, 0, PHYS(0xff), 0, 0 },
    { X2APIC, 0, LOG(0xffffffff), 4, 0xf },
    { X2APIC, 0, PHYS(0xffffffff), 4, 0xf },
    { X2APIC, 0, LOG(0x00010001), 0, 0 },
    { MIXED, -1, PHYS(0xff), 4, 0xf },
    { MIXED, -1, LOG(0x2), 1, 0x2 },
    { MIXED, -1, LOG(0xc), 2, 0xc },
    { FLAT, 2, SHORT(KVM_MODEL_SELF), 1, 0x4 },
    { FLAT, 2, SHORT(KVM_MODEL_ALL), 4, 0xf },
    { X2APIC, 2, SHORT(KVM_MODEL_OTHERS), 3, 0xb },
    /* One of those addressed, by the vector; a hole swallows it */
    { FLAT, -1, LOW(0x3, 0x50), 1, 0x1 },
    { FLAT, -1, LOW(0x3, 0x51), 1, 0x2 },
    { FLAT, -1, LOW(0x30, 0x50), 0, 0 },
    { FLAT, -1, LOW(0xff, 0x52), 1, 0x4 },
    { CLUSTER, -1, LOW(0x23, 0x51), 1, 0x8 },
    { X2APIC, -1, LOW(0xf, 0x53), 1, 0x8 },
};

static void test_dest(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(dests); i++) {
        const Dest *d = &dests[i];

        setup(d->mode);
        g_assert_cmpint(kvm_model_deliver_msg(&m, d->source, &d->msg), ==,
                        d->ret);
        g_assert_cmphex(got(d->msg.vector), ==, d->got);
        for (unsigned v = 0; v < VCPUS; v++) {
            vcpus[v].intf = 1;
            kvm_model_enter(&m, v);
            g_assert_cmpint(test(apics[v].isr, d->msg.vector), ==,
                            d->got >> v & 1);
        }
    }
}

/* Switched off, an APIC gets nothing; by software, what needs no vector */
static void test_disabled(void)
{
    setup(FLAT);
    vcpus[2].apicbase &= ~(uint64_t)KVM_MODEL_ENABLE;
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)PHYS(2)), ==,
                    0);
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)PHYS(0xff)),
                    ==, 3);
    g_assert_cmphex(got(V), ==, 0xb);
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg) {
                    .dest = 2, .mode = KVM_MODEL_NMI_MSG }), ==, 0);
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg) {
                    .dest = 0xff, .mode = KVM_MODEL_NMI_MSG }), ==, 3);
    g_assert_cmpuint(vcpus[2].nmi_pending, ==, 0);
    setup(FLAT);
    apics[2].svr = 0xff;
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)PHYS(2)), ==,
                    0);
    g_assert_cmphex(got(V), ==, 0);
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg) {
                    .dest = 2, .mode = KVM_MODEL_NMI_MSG }), ==, 1);
    g_assert_cmpuint(vcpus[2].nmi_pending, ==, 1);
}

/* Two of one address: both are meant. KVM then asks every APIC. */
static void test_alias(void)
{
    setup(CLUSTER);
    apics[1].ldr = apics[0].ldr;
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)LOG(0x11)),
                    ==, 2);
    g_assert_cmphex(got(V), ==, 0x3);
    setup(FLAT);
    apics[1].ldr = 6u << 24;
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)LOG(4)), ==,
                    2);
    g_assert_cmphex(got(V), ==, 0x6);
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)LOW(6, 0x61)),
                    ==, 1);
    g_assert_cmphex(got(0x61), ==, 0x4);
    setup(FLAT);
    apics[3].id = 1u << 24;
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)PHYS(1)), ==,
                    2);
    g_assert_cmphex(got(V), ==, 0xa);
    g_assert_cmpint(kvm_model_deliver_msg(&m, -1, &(KVMModelMsg)PHYS(3)), ==,
                    -1);
}

static int send(unsigned mode, unsigned vector, bool trigger, bool level)
{
    return kvm_model_deliver_msg(&m, -1, &(KVMModelMsg) {
        .dest = 1,
        .mode = mode,
        .vector = vector,
        .trigger = trigger,
        .level = level,
    });
}

static void test_modes(void)
{
    setup(FLAT);
    g_assert_cmpint(send(KVM_MODEL_FIXED, V, true, true), ==, 1);
    g_assert_true(test(apics[1].tmr, V));
    g_assert_cmpint(send(KVM_MODEL_FIXED, V, false, true), ==, 1);
    g_assert_false(test(apics[1].tmr, V));
    g_assert_cmpint(send(KVM_MODEL_FIXED, V + 1, true, false), ==, 0);
    g_assert_cmpint(send(KVM_MODEL_SMI_MSG, 0, false, true), ==, 1);
    g_assert_cmpint(vcpus[1].smi_pending, ==, 1);
    /* The de-assert is ignored */
    g_assert_cmpint(send(KVM_MODEL_INIT_MSG, 0, true, false), ==, 0);
    g_assert_cmpint(vcpus[1].init_pending, ==, 0);
    g_assert_cmpint(send(KVM_MODEL_STARTUP, 7, false, true), ==, 1);
    g_assert_cmpint(vcpus[1].sipi_pending, ==, 1);
    g_assert_cmpint(send(KVM_MODEL_INIT_MSG, 0, false, false), ==, 1);
    g_assert_cmpint(vcpus[1].init_pending, ==, 1);
    g_assert_cmpint(vcpus[1].sipi_pending, ==, 0);
    g_assert_cmpint(send(KVM_MODEL_STARTUP, 9, false, true), ==, 1);
    kvm_model_enter(&m, 1);
    g_assert_cmpint(last_event, ==, KVM_MODEL_SIPI);
    g_assert_cmpint(last_nr, ==, 9);
    /* ExtINT is taken by nobody */
    g_assert_cmpint(send(KVM_MODEL_EXTINT_MSG, V, false, true), ==, 0);
    g_assert_cmphex(got(V) & ~2u, ==, 0);
    m.config.smm = false;
    g_assert_cmpint(send(KVM_MODEL_SMI_MSG, 0, false, true), ==, 0);
}

static int signal_msi(uint32_t address, uint32_t data, uint32_t flags)
{
    struct kvm_msi msi = {
        .address_lo = address, .data = data, .flags = flags,
    };

    return kvm_model_vm_ioctl(&m, KVM_SIGNAL_MSI, &msi);
}

static void test_msi(void)
{
    setup(FLAT);
    g_assert_cmpint(signal_msi(0xfee01000, 0x4051, 0), ==, 1);
    g_assert_cmphex(got(0x51), ==, 2);
    g_assert_cmpint(signal_msi(0xfee03004, 0x52, 0), ==, 2);
    g_assert_cmphex(got(0x52), ==, 3);
    /* The redirection hint makes it LowestPrio */
    g_assert_cmpint(signal_msi(0xfee0300c, 0x53, 0), ==, 1);
    g_assert_cmphex(got(0x53), ==, 2);
    g_assert_cmpint(signal_msi(0xfee01000, 0xc054, 0), ==, 1);
    g_assert_true(test(apics[1].tmr, 0x54));
    g_assert_cmpint(signal_msi(0xfee01000, 0x755, 0), ==, 0);
    g_assert_cmpint(signal_msi(0xfee01000, 0x56, 2), ==, -EINVAL);
    g_assert_cmphex(got(0x55) | got(0x56), ==, 0);
    g_assert_cmpint(kvm_model_vm_ioctl(&m, 0xdead, NULL), ==, -ENOTTY);
}

/* The guest's own ICR, in both modes */
static void test_icr(void)
{
    setup(FLAT);
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x310, 2u << 24));
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x300, 0x4051));
    g_assert_cmphex(got(V), ==, 4);
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x300, 0xc4052));
    g_assert_cmphex(got(0x52), ==, 0xe);
    g_assert_false(kvm_model_lapic_write(&m, 0, 0x3f0, V));
    setup(X2APIC);
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x300, 0x300004051ull));
    g_assert_cmphex(got(V), ==, 8);
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x3f0, 0x53));
    g_assert_cmphex(got(0x53), ==, 1);
    g_assert_false(kvm_model_lapic_write(&m, 0, 0x3f0, 0x153));
    g_assert_false(kvm_model_lapic_write(&m, 0, 0x300, 1u << 13));
    g_assert_false(kvm_model_lapic_write(&m, 0, 0x310, 0));
    g_assert_false(kvm_model_lapic_write(&m, 0, 0x20, 0));
}

/* What is in service keeps its own class of priority and lower ones out */
static void test_priority(void)
{
    setup(FLAT);
    vcpus[1].intf = 1;
    send(KVM_MODEL_FIXED, 0x51, false, true);
    send(KVM_MODEL_FIXED, 0x63, false, true);
    kvm_model_enter(&m, 1);
    g_assert_cmphex(last_nr, ==, 0x63);
    g_assert_true(test(apics[1].isr, 0x63));
    g_assert_false(test(apics[1].irr, 0x63));
    send(KVM_MODEL_FIXED, 0x6f, false, true);
    g_assert_cmpint(kvm_model_runnable(&m, 1), ==, true);
    kvm_model_step(&m, 1, &(KVMModelInsn) { .op = KVM_MODEL_IRET });
    g_assert_cmphex(last_nr, ==, 0x63);
    send(KVM_MODEL_FIXED, 0x70, false, true);
    kvm_model_resume(&m, 1);
    g_assert_cmphex(last_nr, ==, 0x70);
    kvm_model_step(&m, 1, &(KVMModelInsn) {
        .op = KVM_MODEL_APIC_WRITE, .reg = KVM_MODEL_APIC_EOI });
    g_assert_false(test(apics[1].isr, 0x70));
    g_assert_true(test(apics[1].isr, 0x63));
    kvm_model_step(&m, 1, &(KVMModelInsn) {
        .op = KVM_MODEL_APIC_WRITE, .reg = KVM_MODEL_APIC_EOI });
    kvm_model_step(&m, 1, &(KVMModelInsn) { .op = KVM_MODEL_IRET });
    g_assert_cmphex(last_nr, ==, 0x6f);
}

static void get_lapic(unsigned vcpu, struct kvm_lapic_state *s)
{
    g_assert_cmpint(kvm_model_vcpu_ioctl(&m, vcpu, KVM_GET_LAPIC, s), ==, 0);
}

/* KVM_SET_LAPIC has an expired one-shot timer expire again; APICBASE not */
static void test_timer(void)
{
    struct kvm_lapic_state s;

    setup(FLAT);
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x320, 0x41));
    g_assert_true(kvm_model_lapic_write(&m, 0, 0x380, 1000));
    g_assert_cmpint(apics[0].timer_running, ==, 1);
    vcpus[0].intf = 1;
    kvm_model_enter(&m, 0);
    kvm_model_timer_expire(&m, 0);
    kvm_model_resume(&m, 0);
    g_assert_cmphex(last_nr, ==, 0x41);
    g_assert_cmpint(apics[0].timer_running, ==, 0);
    /* It has expired for good */
    kvm_model_timer_expire(&m, 0);
    g_assert_cmpint(apics[0].timer_pending, ==, 0);
    kvm_model_kick(&m, 0);
    kvm_model_resume(&m, 0);
    vcpus[0].signal = 0;
    g_assert_true(kvm_model_set_apicbase(&m, 0, 0xfee00100, true));
    g_assert_true(kvm_model_set_apicbase(&m, 0, 0xfee00900, true));
    g_assert_cmpint(apics[0].timer_pending, ==, 0);
    g_assert_true(test(apics[0].isr, 0x41));
    get_lapic(0, &s);
    g_assert_cmpint(kvm_model_vcpu_ioctl(&m, 0, KVM_SET_LAPIC, &s), ==, 0);
    g_assert_cmpint(apics[0].timer_pending, ==, 1);
    /* A halted vCPU is woken by it */
    kvm_model_lapic_write(&m, 0, 0xb0, 0);
    vcpus[0].mp_state = KVM_MP_STATE_HALTED;
    vcpus[0].intf = 1;
    last_nr = 0;
    kvm_model_enter(&m, 0);
    g_assert_cmphex(last_nr, ==, 0x41);
}

/* What the page says comes back; an x2APIC's ID is what it is */
static void test_page(void)
{
    struct kvm_lapic_state s, t;

    setup(FLAT);
    get_lapic(2, &s);
    g_assert_cmphex((uint8_t)s.regs[0x23], ==, 2);
    s.regs[0x23] = 7;
    s.regs[0xd3] = 0x40;
    s.regs[0x80] = 0x35;
    s.regs[0x112] = 1;
    s.regs[0x1a2] = 2;
    s.regs[0x272] = 4;
    s.regs[0x351] = 7;
    s.regs[0x352] = 0;
    g_assert_cmpint(kvm_model_vcpu_ioctl(&m, 2, KVM_SET_LAPIC, &s), ==, 0);
    get_lapic(2, &t);
    s.regs[0xa0] = t.regs[0xa0];
    g_assert_cmpmem(&s, sizeof(s), &t, sizeof(t));
    g_assert_true(kvm_model_accepts_pic(&m, 2));
    g_assert_true(test(apics[2].isr, 0x30));
    g_assert_true(test(apics[2].irr, 0xf2));
    set_x2apic(2);
    get_lapic(2, &t);
    g_assert_cmphex((uint8_t)t.regs[0x23], ==, 2);
    g_assert_cmphex((uint8_t)t.regs[0xd0], ==, 4);
    t.regs[0x23] = 9;
    g_assert_cmpint(kvm_model_vcpu_ioctl(&m, 2, KVM_SET_LAPIC, &t), ==, 0);
    g_assert_cmphex(apics[2].id, ==, 2);
}

/* Software-disabled, an APIC's LVTs are masked and stay so */
static void test_sw_disabled(void)
{
    setup(FLAT);
    vcpus[1].lvt0 = KVM_MODEL_EXTINT;
    g_assert_true(kvm_model_lapic_write(&m, 1, 0xf0, 0xff));
    g_assert_cmphex(vcpus[1].lvt0, ==, 0x10700);
    g_assert_true(kvm_model_lapic_write(&m, 1, 0x350, 0x700));
    g_assert_cmphex(vcpus[1].lvt0, ==, 0x10700);
    g_assert_true(kvm_model_lapic_write(&m, 1, 0xf0, 0x1ff));
    g_assert_cmphex(vcpus[1].lvt0, ==, 0x10700);
    g_assert_true(kvm_model_lapic_write(&m, 1, 0x350, 0x700));
    g_assert_cmphex(vcpus[1].lvt0, ==, 0x700);
}

/* From, to, by the host, allowed */
static void test_apicbase(void)
{
    static const struct {
        uint64_t from, to;
        bool host, ok;
    } rows[] = {
        { 0x800, 0xc00, false, true }, { 0x800, 0x000, false, true },
        { 0xc00, 0x000, false, true }, { 0xc00, 0x800, false, false },
        { 0x000, 0xc00, false, false }, { 0x000, 0x800, false, true },
        { 0x800, 0x400, false, false }, { 0x800, 0x801, false, false },
        { 0xc00, 0x800, true, true }, { 0x000, 0xc00, true, true },
        { 0x800, 0x400, true, false }, { 0xc00, 0xc00, false, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        setup(FLAT);
        vcpus[1].apicbase = 0xfee00000 | rows[i].from;
        apics[1].irr[1] = 1;
        g_assert_cmpint(kvm_model_set_apicbase(&m, 1, 0xfee00000 | rows[i].to,
                                               rows[i].host), ==, rows[i].ok);
        g_assert_cmphex(vcpus[1].apicbase & 0xfff, ==,
                        rows[i].ok ? rows[i].to : rows[i].from);
        g_assert_cmphex(apics[1].irr[1], ==, 1);
    }
}

static void test_post(void)
{
    setup(FLAT);
    m.config.apicv = true;
    /* Not in the guest: a kick; the second finds ON, the same its bit */
    g_assert_cmpint(kvm_model_post(&m, 1, 0x51), ==, KVM_MODEL_POSTED_KICK);
    g_assert_cmpint(kvm_model_post(&m, 1, 0x51), ==, KVM_MODEL_POSTED_ALREADY);
    g_assert_cmpint(kvm_model_post(&m, 1, 0x62), ==, KVM_MODEL_POSTED_ALREADY);
    g_assert_cmphex(apics[1].irr[1], ==, 0);
    g_assert_cmpint(apics[1].pi_on, ==, 1);
    /* Into IRR at the entry */
    g_assert_cmpint(kvm_model_enter(&m, 1), ==, KVM_MODEL_GUEST);
    g_assert_cmpint(apics[1].pi_on, ==, 0);
    g_assert_cmphex(apics[1].pir[1], ==, 0);
    g_assert_cmphex(got(0x51) & got(0x62), ==, 2);
    /* In the guest: the notification vector, once */
    g_assert_cmpint(kvm_model_post(&m, 1, 0x71), ==, KVM_MODEL_POSTED_NOTIFY);
    g_assert_cmpint(kvm_model_post(&m, 1, 0x72), ==, KVM_MODEL_POSTED_ALREADY);
    g_assert_cmpint(apics[1].pi_notified, ==, 1);
    kvm_model_resume(&m, 1);
    g_assert_cmphex(got(0x71) & got(0x72), ==, 2);
    g_assert_cmpint(kvm_model_post(&m, 1, 0x73), ==, KVM_MODEL_POSTED_NOTIFY);
    /* A message is posted, too */
    g_assert_cmpint(send(KVM_MODEL_FIXED, 0x81, false, true), ==, 1);
    g_assert_true(test(apics[1].pir, 0x81));
    g_assert_cmphex(got(0x81), ==, 0);
}

static void test_postable(void)
{
    static const struct {
        Mode mode;
        KVMModelMsg msg;
        int vcpu;
    } rows[] = {
        { FLAT, PHYS(2), 2 },
        { FLAT, PHYS(9), -1 },
        { FLAT, PHYS(0xff), -1 },
        { FLAT, LOG(0x4), 2 },
        { FLAT, LOG(0x5), -1 },
        { FLAT, LOW(0x5, V), 2 },
        { CLUSTER, LOG(0x21), 2 },
        { X2APIC, LOG(0x8), 3 },
        { FLAT, { .dest = 2, .mode = KVM_MODEL_LOWEST, .vector = V }, 2 },
        { FLAT, { .dest = 2, .mode = KVM_MODEL_NMI_MSG }, -1 },
        { FLAT, { .dest = 2, .mode = KVM_MODEL_SMI_MSG }, -1 },
        { FLAT, { .dest = 2, .mode = KVM_MODEL_INIT_MSG }, -1 },
        { FLAT, { .dest = 2, .mode = KVM_MODEL_EXTINT_MSG }, -1 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        setup(rows[i].mode);
        g_assert_cmpint(kvm_model_postable(&m, &rows[i].msg), ==,
                        rows[i].vcpu);
    }
    setup(FLAT);
    vcpus[2].apicbase &= ~(uint64_t)KVM_MODEL_ENABLE;
    g_assert_cmpint(kvm_model_postable(&m, &(KVMModelMsg)PHYS(2)), ==, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm-model/lapic/dest", test_dest);
    g_test_add_func("/kvm-model/lapic/disabled", test_disabled);
    g_test_add_func("/kvm-model/lapic/alias", test_alias);
    g_test_add_func("/kvm-model/lapic/modes", test_modes);
    g_test_add_func("/kvm-model/lapic/msi", test_msi);
    g_test_add_func("/kvm-model/lapic/icr", test_icr);
    g_test_add_func("/kvm-model/lapic/priority", test_priority);
    g_test_add_func("/kvm-model/lapic/timer", test_timer);
    g_test_add_func("/kvm-model/lapic/page", test_page);
    g_test_add_func("/kvm-model/lapic/sw-disabled", test_sw_disabled);
    g_test_add_func("/kvm-model/lapic/apicbase", test_apicbase);
    g_test_add_func("/kvm-model/lapic/post", test_post);
    g_test_add_func("/kvm-model/lapic/postable", test_postable);
    return g_test_run();
}
