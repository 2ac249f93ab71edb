/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recall of a held vector (target-i386/recall.c) on the model of the
 * kernel: it comes back, and nothing else has changed.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model.h"
#include "kvm-model-lapic.h"
#include "kvm-model-port.h"
#include "recall.h"

#define VECTOR 0x31
#define TIMER  0x41

typedef struct Machine {
    KVMModel m;
    KVMModelPort port;
    KVMModelVCPU v;
    KVMModelRegs r;
    KVMModelLAPIC l;
    unsigned delivered;
} Machine;

static Machine mach;

static void took(void *opaque, unsigned vcpu, KVMModelEvent event, unsigned nr)
{
    mach.delivered++;
}

static void setup(void)
{
    KVMModelConfig c = {
        .vcpus = 1,
        .smm = true,
        .nested = true,
        .svm = true,
        .payload = true,
        .took = took,
    };

    memset(&mach, 0, sizeof(mach));
    kvm_model_init(&mach.m, &c, &mach.v, &mach.r, &mach.l);
    kvm_model_port_init(&mach.port, &mach.m);
    mach.l.svr = 0x1ff;
    mach.r.rip = 0x1234;
    for (int i = 0; i < 16; i++) {
        mach.r.gpr[i] = 0x100 + i;
    }
}

static int ioctl_(unsigned long request, void *arg)
{
    return kvm_model_vcpu_ioctl(&mach.m, 0, request, arg);
}

static void store(unsigned vector)
{
    struct kvm_interrupt irq = { .irq = vector };

    g_assert_cmpint(ioctl_(KVM_INTERRUPT, &irq), ==, 0);
}

/* What may differ: the slot, and what the last KVM_RUN said */
static void settle(KVMModelVCPU *v)
{
    v->pev = KVM_MODEL_EMPTY;
    v->ready = v->if_flag = v->exit_reason = v->immediate_exit = 0;
    v->ret = 0;
    v->req_event = v->req_nmi = v->irq_window = 0;
}

static void same(Machine was)
{
    Machine now = mach;

    settle(&was.v);
    settle(&now.v);
    g_assert_cmpmem(&now.v, sizeof(now.v), &was.v, sizeof(was.v));
    g_assert_cmpmem(&now.r, sizeof(now.r), &was.r, sizeof(was.r));
    g_assert_cmpmem(&now.l, sizeof(now.l), &was.l, sizeof(was.l));
    g_assert_cmpuint(now.delivered, ==, was.delivered);
}

/*
 * KVM_RUN takes the vector of an expired timer to IRR, unless the APIC is off:
 * then the timer waits for the next one.
 */
static Machine settled(void)
{
    bool open = (mach.v.lvt0 & 0x10700) == 0x700;
    bool xapic = (mach.v.apicbase & 0xc00) == 0x800;
    Machine was = mach;

    if (was.l.timer_pending && (open || !xapic)) {
        was.l.timer_pending = 0;
        was.l.irr[TIMER / 64] |= 1ull << TIMER % 64;
    }
    return was;
}

static void recalled(int want, bool want_halted)
{
    Machine was = settled();
    bool halted = !want_halted;
    int ret = extint_recall(&mach.port.port, 0, VECTOR, &halted);

    g_assert_cmpint(ret, ==, want);
    g_assert_cmpint(halted, ==, want_halted);
    same(was);
    g_assert_cmpint(mach.v.pev, ==, KVM_MODEL_EMPTY);
    g_assert_false(mach.v.ready);
    g_assert_true(mach.v.immediate_exit);
    g_assert_cmpint(mach.v.blocked, ==, 0);
    g_assert_cmpint(mach.v.signal, ==, 0);
}

/* All of: IF, LVT0, halted, APIC mode, full or not, shadow, window armed */
static void test_cross(void)
{
    static const uint32_t lvt0[] = { 0x700, 0x10700, 0x31, 0x400, 0x10000 };
    static const uint32_t base[] = { 0x900, 0xd00, 0x100 };

    for (unsigned i = 0; i < 5 * 3 * 32; i++) {
        bool full = i & 1, halted = i & 4;

        setup();
        mach.v.intf = i >> 1 & 1;
        mach.v.mp_state = halted ? KVM_MP_STATE_HALTED : KVM_MP_STATE_RUNNABLE;
        mach.v.shadow = i & 8 ? KVM_MODEL_SHADOW_STI : 0;
        mach.v.window = i >> 4 & 1;
        mach.v.lvt0 = lvt0[i / 32 % 5];
        mach.v.apicbase = KVM_MODEL_APICBASE | base[i / 32 / 5];
        if (mach.v.apicbase & KVM_MODEL_EXTD) {
            mach.l.id = 0;
            mach.l.ldr = 1;
        }
        if (full) {
            store(VECTOR);
        }
        recalled(full, halted);
    }
}

typedef struct Around {
    const char *name;
    void (*prepare)(void);
} Around;

static void pend_lapic(void)
{
    mach.l.irr[3] = 1ull << 40;
    mach.l.isr[0] = 1ull << 35;
}

static void post_lapic(void)
{
    mach.l.pir[2] = 4;
    mach.l.pi_on = 1;
}

static void expired_timer(void)
{
    mach.l.lvt[0] = TIMER;
    mach.l.tmict = 1000;
}

static void pending_timer(void)
{
    expired_timer();
    mach.l.timer_pending = 1;
}

static void own_id(void)
{
    mach.l.id = 5u << 24;
    mach.l.ldr = 8u << 24;
    mach.l.dfr = 0x0fffffff;
}

static void pend_nmi(void)
{
    mach.v.nmi_pending = 2;
}

static void masked_nmi(void)
{
    mach.v.nmi_masked = mach.v.nmi_pending = 1;
}

static void pend_smi(void)
{
    mach.v.smi_pending = 1;
}

static void inject_exception(void)
{
    mach.v.exc_injected = mach.v.exc_has_error = 1;
    mach.v.exc_nr = 14;
    mach.r.exc_error = 6;
}

static void pend_exception(void)
{
    mach.v.exc_pending = 1;
    mach.v.exc_nr = 1;
}

static void inject_interrupt(void)
{
    mach.v.int_injected = 1;
    mach.v.int_nr = 0x77;
}

static const Around around[] = {
    { "lapic-pending", pend_lapic },
    { "lapic-posted", post_lapic },
    { "timer-expired", expired_timer },
    { "timer-pending", pending_timer },
    { "own-id", own_id },
    { "nmi", pend_nmi },
    { "nmi-masked", masked_nmi },
    { "smi", pend_smi },
    { "exception-injected", inject_exception },
    { "exception-pending", pend_exception },
    { "interrupt-injected", inject_interrupt },
};

/* What else is under way stays under way; LVT0 accepting and masked */
static void test_around(gconstpointer data)
{
    const Around *a = data;

    for (unsigned i = 0; i < 8; i++) {
        setup();
        mach.v.lvt0 = i & 1 ? 0x10700 : 0x700;
        mach.v.intf = i >> 1 & 1;
        a->prepare();
        if (i & 4) {
            store(VECTOR);
        }
        if (a->prepare == post_lapic) {
            /* KVM_GET_LAPIC and the entry move it to IRR */
            mach.l.irr[2] |= mach.l.pir[2];
            mach.l.pir[2] = mach.l.pi_on = 0;
        }
        recalled(i >> 2 & 1, false);
    }
}

/* A debugger that steps and blocks interrupts */
static void test_debugged(void)
{
    uint32_t control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP |
                       KVM_GUESTDBG_BLOCKIRQ;

    setup();
    mach.port.debug_control = control;
    mach.port.port.ops->debug(&mach.port.port, 0, true);
    g_assert_cmpuint(mach.v.debug, ==, KVM_MODEL_DEBUG_ON |
                     KVM_MODEL_DEBUG_STEP | KVM_MODEL_DEBUG_BLOCKIRQ);
    store(VECTOR);
    recalled(1, false);
}

/* I/O that waits is completed first, and stays completed */
static void test_io(void)
{
    KVMModelInsn in = { .op = KVM_MODEL_IN, .len = 2, .reg = 0x60, .val = 1 };
    bool halted;

    setup();
    kvm_model_enter(&mach.m, 0);
    kvm_model_step(&mach.m, 0, &in);
    mach.r.io_data = 0xab;
    store(VECTOR);
    g_assert_cmpint(extint_recall(&mach.port.port, 0, VECTOR, &halted), ==, 1);
    g_assert_cmphex(mach.r.rip, ==, 0x1236);
    g_assert_cmphex(mach.r.gpr[0], ==, 0x1ab);
    g_assert_cmpuint(mach.v.io_wait, ==, 0);
}

/* The vector has been delivered before: it is in nobody's slot */
static void test_delivered(void)
{
    setup();
    mach.v.intf = 1;
    store(VECTOR);
    g_assert_cmpint(kvm_model_enter(&mach.m, 0), ==, KVM_MODEL_GUEST);
    g_assert_cmpuint(mach.delivered, ==, 1);
    kvm_model_kick(&mach.m, 0);
    g_assert_cmpint(kvm_model_resume(&mach.m, 0), ==, KVM_MODEL_USER);
    mach.v.signal = 0;
    recalled(0, false);
}

/* It cannot be done: the slot stays, and so does the rest */
static void impossible(int want)
{
    Machine was = mach;
    bool halted;

    g_assert_cmpint(extint_recall(&mach.port.port, 0, VECTOR, &halted), ==,
                    want);
    g_assert_cmpint(mach.v.pev, ==, VECTOR);
    same(was);
}

static void test_impossible(void)
{
    setup();
    store(VECTOR);
    mach.v.guest_mode = 1;
    impossible(-EBUSY);
    setup();
    store(VECTOR);
    mach.v.gif = 0;
    impossible(-EBUSY);
    setup();
    store(VECTOR);
    mach.v.mp_state = KVM_MP_STATE_INIT_RECEIVED;
    mach.v.smi_pending = 1;
    impossible(-EBUSY);
    setup();
    store(VECTOR);
    mach.v.protected = 1;
    impossible(-EINVAL);
}

/* The kernel's PIC: there is no slot */
static void test_in_kernel(void)
{
    bool halted;

    setup();
    mach.m.config.pic_in_kernel = true;
    g_assert_cmpint(extint_recall(&mach.port.port, 0, VECTOR, &halted), ==,
                    -ENXIO);
}

/* Another vector than the one that is held is not taken for it */
static void test_other(void)
{
    bool halted;

    setup();
    store(VECTOR + 1);
    g_assert_cmpint(extint_recall(&mach.port.port, 0, VECTOR, &halted), ==,
                    -EIO);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm-model/recall/cross", test_cross);
    for (unsigned i = 0; i < G_N_ELEMENTS(around); i++) {
        char *path = g_strconcat("/kvm-model/recall/", around[i].name, NULL);

        g_test_add_data_func(path, &around[i], test_around);
        g_free(path);
    }
    g_test_add_func("/kvm-model/recall/debugged", test_debugged);
    g_test_add_func("/kvm-model/recall/io", test_io);
    g_test_add_func("/kvm-model/recall/delivered", test_delivered);
    g_test_add_func("/kvm-model/recall/impossible", test_impossible);
    g_test_add_func("/kvm-model/recall/in-kernel", test_in_kernel);
    g_test_add_func("/kvm-model/recall/other", test_other);
    return g_test_run();
}
