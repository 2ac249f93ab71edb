/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of the model of the kernel: what the vCPU's ioctls answer.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model.h"
#include "kvm-model-lapic.h"

static KVMModel m;
static KVMModelVCPU vcpu;
static KVMModelRegs regs;
static KVMModelLAPIC lapic;

static void setup(void)
{
    KVMModelConfig c = {
        .vcpus = 1,
        .smm = true,
        .nested = true,
        .svm = true,
        .payload = true,
    };

    kvm_model_init(&m, &c, &vcpu, &regs, &lapic);
}

static int vcpu_ioctl(unsigned long request, void *arg)
{
    return kvm_model_vcpu_ioctl(&m, 0, request, arg);
}

static void must(int ret, int want)
{
    g_assert_cmpint(ret, ==, want);
}

static int interrupt(unsigned irq)
{
    struct kvm_interrupt i = { .irq = irq };

    return vcpu_ioctl(KVM_INTERRUPT, &i);
}

/* KVM_INTERRUPT's refusals, in the kernel's order */
static void test_errno(void)
{
    setup();
    must(interrupt(256), -EINVAL);
    must(interrupt(65535), -EINVAL);
    must(interrupt(~0u), -EINVAL);
    must(interrupt(255), 0);
    must(interrupt(0), -EEXIST);
    must(interrupt(256), -EINVAL);
    g_assert_cmpint(vcpu.pev, ==, 255);
    setup();
    must(interrupt(0), 0);
    must(interrupt(0), -EEXIST);
    setup();
    m.config.pic_in_kernel = true;
    must(interrupt(256), -EINVAL);
    must(interrupt(31), -ENXIO);
    g_assert_cmpint(vcpu.pev, ==, KVM_MODEL_EMPTY);
    must(vcpu_ioctl(0xdead, NULL), -ENOTTY);
}

/* kvm_vcpu_ready_for_interrupt_injection, one condition at a time */
static void test_ready(void)
{
    static const struct {
        size_t field;
        uint8_t val;
        bool ready;
    } rows[] = {
#define ROW(f, v, r) { offsetof(KVMModelVCPU, f), v, r }
        ROW(intf, 1, true),
        ROW(intf, 0, false),
        ROW(shadow, KVM_MODEL_SHADOW_STI, false),
        ROW(shadow, KVM_MODEL_SHADOW_MOV_SS, false),
        ROW(gif, 0, false),
        ROW(int_injected, 1, false),
        ROW(nmi_injected, 1, false),
        ROW(exc_injected, 1, false),
        ROW(exc_pending, 1, false),
        /* Not yet on their way */
        ROW(nmi_pending, 1, true),
        ROW(smi_pending, 1, true),
        ROW(nmi_masked, 1, true),
        ROW(mp_state, KVM_MP_STATE_HALTED, true),
    };
    static const struct {
        uint32_t lvt0;
        uint64_t base;
        int16_t pev;
        bool ready;
    } lint0[] = {
        { 0x700, 0xfee00900, -1, true },
        { 0x700, 0xfee00900, 0x31, false },
        { 0x10700, 0xfee00900, -1, false },
        { 0x10000, 0xfee00900, -1, false },
        { 0x031, 0xfee00900, -1, false },
        { 0x400, 0xfee00900, -1, false },
        { 0x8700, 0xfee00900, -1, true },
        { 0x700, 0xfee00d00, -1, true },
        { 0x10700, 0xfee00d00, -1, false },
        { 0x10700, 0xfee00100, -1, true },
        { 0x10700, 0xfee00100, 0x31, false },
        { 0x400, 0xfee00100, -1, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        setup();
        vcpu.intf = 1;
        ((uint8_t *)&vcpu)[rows[i].field] = rows[i].val;
        vcpu.immediate_exit = 1;
        must(vcpu_ioctl(KVM_RUN, NULL), -EINTR);
        g_assert_cmpint(vcpu.ready, ==, rows[i].ready);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(lint0); i++) {
        setup();
        vcpu.intf = 1;
        vcpu.lvt0 = lint0[i].lvt0;
        vcpu.apicbase = lint0[i].base;
        vcpu.pev = lint0[i].pev;
        vcpu.immediate_exit = 1;
        must(vcpu_ioctl(KVM_RUN, NULL), -EINTR);
        g_assert_cmpint(vcpu.ready, ==, lint0[i].ready);
    }
}

/* All that is told comes back */
static void test_events(void)
{
    struct kvm_vcpu_events e = {
        .exception = { .injected = 1, .nr = 14, .has_error_code = 1,
                       .error_code = 6 },
        .interrupt = { .injected = 1, .nr = 0x77,
                       .shadow = KVM_X86_SHADOW_INT_STI },
        .nmi = { .injected = 1, .pending = 1, .masked = 1 },
        .smi = { .smm = 1, .pending = 1, .latched_init = 1 },
        .flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW |
                 KVM_VCPUEVENT_VALID_SMM | KVM_VCPUEVENT_VALID_PAYLOAD,
    };
    struct kvm_vcpu_events got;

    setup();
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
    must(vcpu_ioctl(KVM_GET_VCPU_EVENTS, &got), 0);
    g_assert_cmpmem(&got, sizeof(got), &e, sizeof(e));
    /* What is not valid is not touched, the rest is */
    e.flags = KVM_VCPUEVENT_VALID_SHADOW;
    e.nmi.pending = e.nmi.masked = e.smi.smm = 0;
    e.interrupt.shadow = 0;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
    must(vcpu_ioctl(KVM_GET_VCPU_EVENTS, &got), 0);
    g_assert_cmpint(got.nmi.pending, ==, 1);
    g_assert_cmpint(got.nmi.masked, ==, 0);
    g_assert_cmpint(got.smi.smm, ==, 1);
    g_assert_cmpint(got.interrupt.shadow, ==, 0);
    /* Both pending and injected is pending */
    e.flags = KVM_VCPUEVENT_VALID_PAYLOAD;
    e.exception.pending = 1;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
    must(vcpu_ioctl(KVM_GET_VCPU_EVENTS, &got), 0);
    g_assert_cmpint(got.exception.injected, ==, 0);
    g_assert_cmpint(got.exception.pending, ==, 1);
    /* INT n is executed again, and so are INT3 and INTO */
    e.interrupt.soft = 1;
    e.exception.nr = 3;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
    must(vcpu_ioctl(KVM_GET_VCPU_EVENTS, &got), 0);
    g_assert_cmpint(got.interrupt.injected, ==, 0);
    g_assert_cmpint(got.exception.injected, ==, 0);
}

static void test_events_refused(void)
{
    static const struct {
        uint8_t injected, pending, nr;
        uint32_t flags;
        bool smm, payload;
        int ret;
    } rows[] = {
        { 1, 0, 31, 0, true, true, 0 },
        { 1, 0, 32, 0, true, true, -EINVAL },
        { 1, 0, 2, 0, true, true, -EINVAL },
        { 0, 0, 32, 0, true, true, 0 },
        { 0, 1, 32, KVM_VCPUEVENT_VALID_PAYLOAD, true, true, -EINVAL },
        { 1, 1, 14, KVM_VCPUEVENT_VALID_PAYLOAD, true, true, 0 },
        { 1, 1, 14, 0, true, true, 0 },
        { 0, 0, 0, KVM_VCPUEVENT_VALID_PAYLOAD, true, false, -EINVAL },
        { 0, 0, 0, 1u << 31, true, true, -EINVAL },
        { 0, 0, 0, KVM_VCPUEVENT_VALID_SMM, false, true, -EINVAL },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct kvm_vcpu_events e = {
            .exception.injected = rows[i].injected,
            .exception.pending = rows[i].pending,
            .exception.nr = rows[i].nr,
            .smi.pending = 1,
            .flags = rows[i].flags,
        };

        setup();
        m.config.smm = rows[i].smm;
        m.config.payload = rows[i].payload;
        must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), rows[i].ret);
    }
}

/* SMM latches INIT */
static void test_events_smm(void)
{
    struct kvm_vcpu_events e = { .flags = KVM_VCPUEVENT_VALID_SMM };

    setup();
    vcpu.mp_state = KVM_MP_STATE_INIT_RECEIVED;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
    e.smi.pending = 1;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), -EINVAL);
    e.flags = 0;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
    vcpu.mp_state = KVM_MP_STATE_HALTED;
    e.flags = KVM_VCPUEVENT_VALID_SMM;
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
}

static void test_sregs(void)
{
    struct kvm_sregs s;

    setup();
    must(vcpu_ioctl(KVM_GET_SREGS, &s), 0);
    g_assert_cmphex(s.apic_base, ==, 0xfee00900);
    g_assert_cmphex(s.interrupt_bitmap[1], ==, 0);
    s.interrupt_bitmap[1] = 1ull << 13;
    s.cr8 = 5;
    s.apic_base = 0xfee00d00;
    must(vcpu_ioctl(KVM_SET_SREGS, &s), 0);
    g_assert_cmpint(vcpu.int_injected, ==, 1);
    g_assert_cmphex(vcpu.int_nr, ==, 0x4d);
    g_assert_cmphex(lapic.tpr, ==, 0x50);
    must(vcpu_ioctl(KVM_GET_SREGS, &s), 0);
    g_assert_cmphex(s.interrupt_bitmap[1], ==, 1ull << 13);
    g_assert_cmphex(s.cr8, ==, 5);
    s.apic_base = 0xfee00400;
    must(vcpu_ioctl(KVM_SET_SREGS, &s), -EINVAL);
}

static void test_mp_state(void)
{
    static const struct {
        uint32_t set;
        bool smm;
        int ret;
        uint32_t got;
    } rows[] = {
        { KVM_MP_STATE_HALTED, false, 0, KVM_MP_STATE_HALTED },
        { KVM_MP_STATE_UNINITIALIZED, false, 0, KVM_MP_STATE_UNINITIALIZED },
        { KVM_MP_STATE_INIT_RECEIVED, false, 0, KVM_MP_STATE_INIT_RECEIVED },
        /* Carried out as soon as it is looked at */
        { KVM_MP_STATE_SIPI_RECEIVED, false, 0, KVM_MP_STATE_RUNNABLE },
        { KVM_MP_STATE_SIPI_RECEIVED, true, -EINVAL, KVM_MP_STATE_RUNNABLE },
        { KVM_MP_STATE_INIT_RECEIVED, true, -EINVAL, KVM_MP_STATE_RUNNABLE },
        { KVM_MP_STATE_STOPPED, false, -EINVAL, KVM_MP_STATE_RUNNABLE },
        { KVM_MP_STATE_AP_RESET_HOLD, false, 0, KVM_MP_STATE_AP_RESET_HOLD },
        { 77, false, -EINVAL, KVM_MP_STATE_RUNNABLE },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct kvm_mp_state mp = { .mp_state = rows[i].set };

        setup();
        /* In SMM, or about to be */
        vcpu.smm = rows[i].smm && i & 1;
        vcpu.smi_pending = rows[i].smm;
        must(vcpu_ioctl(KVM_SET_MP_STATE, &mp), rows[i].ret);
        must(vcpu_ioctl(KVM_GET_MP_STATE, &mp), 0);
        g_assert_cmpuint(mp.mp_state, ==, rows[i].got);
    }
}

/* None; no room; SVM's, with L2 and without GIF */
static void test_nested(void)
{
    union {
        struct kvm_nested_state s;
        uint8_t bytes[16384];
    } n = { .s.size = 4 };

    setup();
    must(vcpu_ioctl(KVM_GET_NESTED_STATE, &n), -E2BIG);
    g_assert_cmpuint(n.s.size, ==, sizeof(n.s));
    must(vcpu_ioctl(KVM_GET_NESTED_STATE, &n), 0);
    g_assert_cmpuint(n.s.format, ==, KVM_STATE_NESTED_FORMAT_SVM);
    g_assert_cmphex(n.s.flags, ==, KVM_STATE_NESTED_GIF_SET);
    vcpu.guest_mode = 1;
    vcpu.gif = 0;
    must(vcpu_ioctl(KVM_GET_NESTED_STATE, &n), -E2BIG);
    n.s.size = sizeof(n);
    must(vcpu_ioctl(KVM_GET_NESTED_STATE, &n), 0);
    g_assert_cmphex(n.s.flags, ==, KVM_STATE_NESTED_GUEST_MODE);
    setup();
    m.config.svm = false;
    must(vcpu_ioctl(KVM_GET_NESTED_STATE, &n), 0);
    g_assert_cmpuint(n.s.format, ==, KVM_STATE_NESTED_FORMAT_VMX);
    g_assert_cmphex(n.s.flags, ==, 0);
    m.config.nested = false;
    must(vcpu_ioctl(KVM_GET_NESTED_STATE, &n), -EINVAL);
}

static void test_protected(void)
{
    struct kvm_regs r = { };
    struct kvm_sregs s = { };
    struct kvm_guest_debug d = { };

    setup();
    vcpu.protected = 1;
    must(vcpu_ioctl(KVM_GET_REGS, &r), -EINVAL);
    must(vcpu_ioctl(KVM_SET_REGS, &r), -EINVAL);
    must(vcpu_ioctl(KVM_GET_SREGS, &s), -EINVAL);
    must(vcpu_ioctl(KVM_SET_SREGS, &s), -EINVAL);
    must(vcpu_ioctl(KVM_SET_GUEST_DEBUG, &d), -EINVAL);
    must(interrupt(5), 0);
}

/* So many as could be done */
static void test_msrs(void)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry[3];
    } list = {
        .head.nmsrs = 3,
        .entry = { { .index = 0x1b, .data = 0xfee00d00 },
                   { .index = 0x80f, .data = 0x1ff },
                   { .index = 0x802, .data = 1 } },
    };

    setup();
    must(vcpu_ioctl(KVM_SET_MSRS, &list), 2);
    g_assert_cmphex(lapic.svr, ==, 0x1ff);
    list.entry[2].index = 0x835;
    list.entry[2].data = 0x700;
    must(vcpu_ioctl(KVM_SET_MSRS, &list), 3);
    must(vcpu_ioctl(KVM_GET_MSRS, &list), 3);
    g_assert_cmphex(list.entry[0].data, ==, 0xfee00d00);
    g_assert_cmphex(list.entry[2].data, ==, 0x700);
    list.entry[0].data = 0xfee00900;
    must(vcpu_ioctl(KVM_SET_MSRS, &list), 1);
    must(vcpu_ioctl(KVM_GET_MSRS, &list), 1);
}

static bool fetch(void *opaque, unsigned cpu, uint64_t rip, KVMModelInsn *insn)
{
    static const KVMModelInsn code[] = {
        { KVM_MODEL_STI, 1 }, { KVM_MODEL_NOP, 1 }, { KVM_MODEL_HLT, 1 },
    };

    if (rip - 0xfff0 >= G_N_ELEMENTS(code)) {
        return false;
    }
    *insn = code[rip - 0xfff0];
    return true;
}

/* The whole of KVM_RUN: until it blocks, and a signal comes */
static void test_run(void)
{
    setup();
    m.config.fetch = fetch;
    must(vcpu_ioctl(KVM_RUN, NULL), -EINTR);
    g_assert_cmpint(vcpu.exit_reason, ==, KVM_EXIT_INTR);
    g_assert_cmpint(vcpu.mp_state, ==, KVM_MP_STATE_HALTED);
    g_assert_cmpint(vcpu.ready, ==, 1);
    g_assert_cmphex(regs.rip, ==, 0xfff3);
    g_assert_cmpint(vcpu.signal, ==, 0);
    /* An irqchip of the kernel's is always ready */
    setup();
    m.config.pic_in_kernel = true;
    vcpu.immediate_exit = 1;
    must(vcpu_ioctl(KVM_RUN, NULL), -EINTR);
    g_assert_cmpint(vcpu.ready, ==, 1);
    g_assert_cmpint(vcpu.if_flag, ==, 0);
}

/* In user space the signal's handler runs; in KVM_RUN, after it */
static void test_handler(void)
{
    setup();
    m.config.handler = true;
    kvm_model_kick(&m, 0);
    g_assert_cmpint(vcpu.signal, ==, 0);
    g_assert_cmpint(vcpu.immediate_exit, ==, 1);
    vcpu.immediate_exit = 0;
    g_assert_cmpint(kvm_model_enter(&m, 0), ==, KVM_MODEL_GUEST);
    kvm_model_kick(&m, 0);
    g_assert_cmpint(vcpu.immediate_exit, ==, 0);
    g_assert_cmpint(kvm_model_resume(&m, 0), ==, KVM_MODEL_USER);
    g_assert_cmpint(vcpu.ret, ==, -EINTR);
    g_assert_cmpint(vcpu.signal, ==, 0);
    g_assert_cmpint(vcpu.immediate_exit, ==, 1);
    /* Blocked in the thread, it stays */
    vcpu.blocked = 1;
    vcpu.immediate_exit = 0;
    kvm_model_kick(&m, 0);
    g_assert_cmpint(vcpu.signal, ==, 1);
    g_assert_cmpint(vcpu.immediate_exit, ==, 0);
    g_assert_cmpint(kvm_model_enter(&m, 0), ==, KVM_MODEL_GUEST);
    /* Also if it ends KVM_RUN, whose mask lets it through */
    vcpu.sigmask = KVM_MODEL_SIGMASK_OPEN;
    g_assert_cmpint(kvm_model_resume(&m, 0), ==, KVM_MODEL_USER);
    g_assert_cmpint(vcpu.ret, ==, -EINTR);
    g_assert_cmpint(vcpu.signal, ==, 1);
    g_assert_cmpint(vcpu.immediate_exit, ==, 0);
}

/* The 2013 proposal: an ICR's low word, to self, that the ICR does not show */
static void test_icr(void)
{
    setup();
    must(interrupt(0x44031), -EINVAL);
    m.config.icr_interrupt = true;
    lapic.svr = 0x1ff;
    lapic.icr = 0x1234;
    must(interrupt(0x04031), -EINVAL);
    must(interrupt(0x84031), -EINVAL);
    must(interrupt(0xc4031), -EINVAL);
    must(interrupt(0x44031), 0);
    g_assert_cmphex(lapic.irr[0], ==, 1ull << 0x31);
    g_assert_cmphex(lapic.icr, ==, 0x1234);
    /* A de-assert is nothing, and the slot is as it was */
    must(interrupt(0x48500), 0);
    g_assert_cmpint(vcpu.init_pending, ==, 0);
    must(interrupt(0x44500), 0);
    g_assert_cmpint(vcpu.init_pending, ==, 1);
    must(interrupt(0x30), 0);
    must(interrupt(0x31), -EEXIST);
    must(interrupt(0x44400), 0);
    g_assert_cmpint(vcpu.nmi_pending, ==, 1);
    /* Off, it takes what needs no vector, as from its own ICR */
    setup();
    m.config.icr_interrupt = true;
    lapic.svr = 0x1ff;
    vcpu.apicbase &= ~(uint64_t)KVM_MODEL_ENABLE;
    must(interrupt(0x44031), 0);
    g_assert_cmphex(lapic.irr[0], ==, 0);
    must(interrupt(0x44500), 0);
    g_assert_cmpint(vcpu.init_pending, ==, 1);
}

static int signal_msi(uint32_t lo, uint32_t hi, uint32_t flags)
{
    struct kvm_msi msi = {
        .address_lo = lo, .address_hi = hi, .data = 0x31, .flags = flags,
    };

    return kvm_model_vm_ioctl(&m, KVM_SIGNAL_MSI, &msi);
}

/* kvm_send_userspace_msi: how many took it, or -1 if nobody could be asked */
static void test_msi(void)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } x2apic = {
        .head.nmsrs = 1,
        .entry = { .index = 0x1b, .data = 0xfee00d00 },
    };

    setup();
    lapic.svr = 0x1ff;
    must(signal_msi(0xfee00000, 0, 0), 1);
    must(signal_msi(0xfee00000, 0, KVM_MSI_VALID_DEVID), 1);
    must(signal_msi(0xfee00000, 0, 2), -EINVAL);
    must(signal_msi(0xfee07000, 0, 0), 0);
    must(signal_msi(0xfee07004, 0, 0), 0);
    /* Bits 31:20 of the address and the remappable bit are not looked at */
    must(signal_msi(0x00000010, 0, 0), 1);
    must(signal_msi(0xfeeff000, 0, 0), 1);
    vcpu.apicbase &= ~(uint64_t)KVM_MODEL_ENABLE;
    must(signal_msi(0xfee00000, 0, 0), 0);
    must(signal_msi(0xfeeff000, 0, 0), -EPERM);
    /* address_hi counts if the VM has asked for it */
    setup();
    lapic.svr = 0x1ff;
    must(signal_msi(0xfee00000, 0x101, 0), 1);
    m.config.x2apic_api = true;
    must(signal_msi(0xfee00000, 0x101, 0), -EINVAL);
    must(signal_msi(0xfee00000, 0x100, 0), 0);
    must(signal_msi(0xfee00000, 0, 0), 1);
    must(signal_msi(0xfeeff000, 0, 0), 1);
    must(signal_msi(0xfeeff000, 0xffffff00, 0), -EPERM);
    must(vcpu_ioctl(KVM_SET_MSRS, &x2apic), 1);
    must(signal_msi(0xfeeff000, 0, 0), 0);
    must(signal_msi(0xfeeff000, 0xffffff00, 0), 1);
}

/* kvm_apic_state_fixup: an x2APIC's number in the page */
static void test_page_id(void)
{
    struct kvm_lapic_state page;
    uint32_t id = 1;

    setup();
    vcpu.apicbase |= KVM_MODEL_EXTD;
    must(vcpu_ioctl(KVM_GET_LAPIC, &page), 0);
    memcpy(page.regs + KVM_MODEL_APIC_ID, &id, sizeof(id));
    must(vcpu_ioctl(KVM_SET_LAPIC, &page), 0);
    m.config.x2apic_api = true;
    must(vcpu_ioctl(KVM_SET_LAPIC, &page), -EINVAL);
    must(vcpu_ioctl(KVM_GET_LAPIC, &page), 0);
    must(vcpu_ioctl(KVM_SET_LAPIC, &page), 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm-model/ioctl/interrupt", test_errno);
    g_test_add_func("/kvm-model/ioctl/ready", test_ready);
    g_test_add_func("/kvm-model/ioctl/events", test_events);
    g_test_add_func("/kvm-model/ioctl/events-refused", test_events_refused);
    g_test_add_func("/kvm-model/ioctl/events-smm", test_events_smm);
    g_test_add_func("/kvm-model/ioctl/sregs", test_sregs);
    g_test_add_func("/kvm-model/ioctl/mp-state", test_mp_state);
    g_test_add_func("/kvm-model/ioctl/nested", test_nested);
    g_test_add_func("/kvm-model/ioctl/protected", test_protected);
    g_test_add_func("/kvm-model/ioctl/msrs", test_msrs);
    g_test_add_func("/kvm-model/ioctl/run", test_run);
    g_test_add_func("/kvm-model/ioctl/handler", test_handler);
    g_test_add_func("/kvm-model/ioctl/icr", test_icr);
    g_test_add_func("/kvm-model/ioctl/msi", test_msi);
    g_test_add_func("/kvm-model/ioctl/page-id", test_page_id);
    return g_test_run();
}
