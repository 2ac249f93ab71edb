/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: the software model of KVM's contract, and the recall on it.
 * Input: a byte of options, then two bytes an action and what it needs more;
 * see action(). One action is one call, as a vCPU's thread or another makes it.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "fuzz.h"
#include "../../accel-kvm/kvm-model-port.h"
#include "../../target-i386/recall.h"

#define VCPUS 2
#define ACTIONS 100

static struct {
    KVMModel m;
    KVMModelPort port;
    KVMModelVCPU vcpu[VCPUS];
    KVMModelRegs regs[VCPUS];
    KVMModelLAPIC lapic[VCPUS];
    unsigned interrupts;        /* that the guest took, by all vCPUs */
} w;

static void took(void *opaque, unsigned vcpu, KVMModelEvent event, unsigned nr)
{
    TRACE("  vCPU %u takes event %d, %u\n", vcpu, event, nr);
    CHECK(nr < 256);
    w.interrupts += event == KVM_MODEL_INTERRUPT;
}

static uint64_t input_number(Input *in, unsigned bytes)
{
    uint64_t val = 0;

    for (unsigned i = 0; i < bytes; i++) {
        val = val << 8 | input_byte(in);
    }
    return val;
}

static void input_bytes(Input *in, void *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ((uint8_t *)to)[i] = input_byte(in);
    }
}

static void check_vcpu(unsigned vcpu)
{
    const KVMModelVCPU *v = &w.vcpu[vcpu];

    CHECK(v->pev >= KVM_MODEL_EMPTY && v->pev < 256);
    CHECK(v->where <= KVM_MODEL_BLOCKED);
    CHECK(v->frames <= KVM_MODEL_FRAMES);
    CHECK(v->ready <= 1 && v->if_flag <= 1 && v->signal <= 1);
    CHECK(v->intf <= 1 && v->gif <= 1 && v->guest_mode <= 1 && v->smm <= 1);
    CHECK(!(v->shadow & ~3));
    CHECK(v->int_injected <= 1 && v->exc_injected <= 1 && v->exc_pending <= 1);
    CHECK(v->nmi_injected <= 1 && v->nmi_masked <= 1 && v->req_event <= 1);
    CHECK(v->sigmask <= KVM_MODEL_SIGMASK_BLOCKED);
}

/* KVM_RUN has returned, and says what is so */
static void check_return(unsigned vcpu)
{
    const KVMModelVCPU *v = &w.vcpu[vcpu];

    if (v->where != KVM_MODEL_USER) {
        return;
    }
    CHECK(v->ret == 0 || v->ret == -EINTR || v->ret == -EAGAIN ||
          v->ret == -EINVAL);
    CHECK(v->ready == (w.m.config.pic_in_kernel ||
                       kvm_model_ready(&w.m, vcpu)));
    CHECK(v->ret || v->exit_reason != KVM_EXIT_IRQ_WINDOW_OPEN ||
          (v->window && v->ready));
}

static int call(unsigned vcpu, unsigned long request, void *arg)
{
    int ret = kvm_model_vcpu_ioctl(&w.m, vcpu, request, arg);

    TRACE("vCPU %u ioctl %lx: %d\n", vcpu, request & 0xff, ret);
    return ret;
}

/*
 * Reading carries out what is queued, INIT or an NMI say; reading again says
 * and changes nothing new.
 */
static void get(unsigned vcpu, unsigned long request, void *arg)
{
    uint8_t first[sizeof(struct kvm_lapic_state)];
    KVMModelVCPU v;
    KVMModelLAPIC l;

    CHECK(_IOC_SIZE(request) <= sizeof(first));
    memset(arg, 0, _IOC_SIZE(request));
    call(vcpu, request, arg);
    v = w.vcpu[vcpu];
    l = w.lapic[vcpu];
    memcpy(first, arg, _IOC_SIZE(request));
    memset(arg, 0, _IOC_SIZE(request));
    call(vcpu, request, arg);
    CHECK(!memcmp(first, arg, _IOC_SIZE(request)));
    CHECK(!memcmp(&v, &w.vcpu[vcpu], sizeof(v)));
    CHECK(!memcmp(&l, &w.lapic[vcpu], sizeof(l)));
}

static void interrupt(unsigned vcpu, unsigned vector)
{
    struct kvm_interrupt intr = { .irq = vector };
    KVMModelVCPU was = w.vcpu[vcpu];
    const KVMModelVCPU *v = &w.vcpu[vcpu];
    int ret = call(vcpu, KVM_INTERRUPT, &intr);

    if (vector > 255) {
        CHECK(ret == -EINVAL);
    } else if (w.m.config.pic_in_kernel) {
        CHECK(ret == -ENXIO);
    } else {
        CHECK(ret == (was.pev == KVM_MODEL_EMPTY ? 0 : -EEXIST));
    }
    CHECK(v->pev == (ret ? was.pev : (int)vector));
    CHECK(!ret || !memcmp(&was, v, sizeof(was)));
}

static void set_events(unsigned vcpu, Input *in)
{
    struct kvm_vcpu_events e;

    get(vcpu, KVM_GET_VCPU_EVENTS, &e);
    input_bytes(in, (uint8_t *)&e + input_byte(in) % 28, 4);
    call(vcpu, KVM_SET_VCPU_EVENTS, &e);
}

static void set_lapic(unsigned vcpu, Input *in)
{
    struct kvm_lapic_state l;

    get(vcpu, KVM_GET_LAPIC, &l);
    input_bytes(in, l.regs + input_byte(in) % 64 * 16, 4);
    call(vcpu, KVM_SET_LAPIC, &l);
}

static void set_msr(unsigned vcpu, Input *in)
{
    static const uint32_t indices[] = { 0x1b, 0x6e0, 0x808, 0x80b, 0x80f,
                                        0x830, 0x832, 0x835, 0x83f, 0x10 };
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } m = { .head.nmsrs = 1 };

    m.entry.index = indices[input_byte(in) % 10];
    m.entry.data = input_number(in, 4);
    call(vcpu, input_byte(in) & 1 ? KVM_GET_MSRS : KVM_SET_MSRS, &m);
}

static void set_regs(unsigned vcpu, Input *in)
{
    struct kvm_regs r;
    struct kvm_mp_state mp;

    get(vcpu, KVM_GET_REGS, &r);
    r.rflags = input_number(in, 3);
    call(vcpu, KVM_SET_REGS, &r);
    get(vcpu, KVM_GET_MP_STATE, &mp);
    mp.mp_state = input_byte(in) & 0x0f;
    call(vcpu, KVM_SET_MP_STATE, &mp);
}

static void send_msi(Input *in)
{
    struct kvm_msi msi = { };

    msi.address_lo = 0xfee00000 | (uint32_t)input_number(in, 3);
    msi.data = (uint32_t)input_number(in, 2);
    TRACE("msi: %d\n", kvm_model_vm_ioctl(&w.m, KVM_SIGNAL_MSI, &msi));
}

static bool waits_with_smi(const KVMModelVCPU *v)
{
    return v->mp_state == KVM_MP_STATE_INIT_RECEIVED &&
           (v->smm || v->smi_pending);
}

/* The slot is empty after it, and the guest has run nothing */
static void recall(unsigned vcpu, unsigned vector)
{
    KVMModelVCPU *v = &w.vcpu[vcpu];
    int16_t pev = v->pev;
    bool nested = v->guest_mode || !v->gif;
    unsigned before = w.interrupts;
    bool halted;
    int ret;

    if (w.m.config.pic_in_kernel) {
        return;
    }
    vector = pev == KVM_MODEL_EMPTY ? vector : (unsigned)pev;
    ret = extint_recall(&w.port.port, vcpu, vector, &halted);
    TRACE("vCPU %u recall of %u: %d\n", vcpu, vector, ret);
    CHECK(w.interrupts == before);
    if (ret < 0) {
        CHECK(nested || v->protected || waits_with_smi(v));
        CHECK(v->pev == pev);
    } else {
        CHECK(ret == (pev != KVM_MODEL_EMPTY));
        CHECK(v->pev == KVM_MODEL_EMPTY && !v->ready);
    }
}

/* What there is no encoding for, no guest executes */
static void input_legal(KVMModelInsn *insn)
{
    switch (insn->op) {
    case KVM_MODEL_INT:
        insn->val &= 255;
        break;
    case KVM_MODEL_RAISE:
        insn->val &= 31;
        break;
    case KVM_MODEL_IN:
        insn->val = 1u << insn->val % 3;
        break;
    case KVM_MODEL_MOV:
        insn->reg &= 15;
        break;
    case KVM_MODEL_CLGI:
    case KVM_MODEL_STGI:
    case KVM_MODEL_VMRUN:
    case KVM_MODEL_VMEXIT:
        /* SVM's */
        if (!w.m.config.nested || !w.m.config.svm) {
            insn->op = KVM_MODEL_NOP;
        }
        break;
    }
}

static void run(unsigned vcpu, Input *in, uint8_t arg)
{
    KVMModelInsn insn = { .op = arg % (KVM_MODEL_MOV + 1), .len = 1 };

    switch (w.vcpu[vcpu].where) {
    case KVM_MODEL_USER:
        TRACE("vCPU %u enters\n", vcpu);
        w.vcpu[vcpu].window = arg & 1;
        kvm_model_enter(&w.m, vcpu);
        break;
    case KVM_MODEL_GUEST:
        insn.reg = (uint16_t)input_number(in, 2);
        insn.val = input_number(in, 3);
        input_legal(&insn);
        TRACE("vCPU %u op %u\n", vcpu, insn.op);
        kvm_model_step(&w.m, vcpu, &insn);
        break;
    case KVM_MODEL_BLOCKED:
        kvm_model_resume(&w.m, vcpu);
        break;
    }
    check_return(vcpu);
}

/* From another thread, or the host */
static void from_outside(unsigned vcpu, Input *in, uint8_t arg)
{
    KVMModelVCPU *v = &w.vcpu[vcpu];

    switch (arg & 7) {
    case 0:
        kvm_model_kick(&w.m, vcpu);
        break;
    case 1:
        send_msi(in);
        break;
    case 2:
    case 3:
        if (v->where != KVM_MODEL_USER) {
            kvm_model_resume(&w.m, vcpu);
            check_return(vcpu);
        }
        break;
    case 4:
    case 5:
        if (v->where != KVM_MODEL_USER) {
            kvm_model_tick(&w.m, vcpu);
            check_return(vcpu);
        }
        break;
    case 6:
        v->blocked = !v->blocked;
        break;
    case 7:
        v->immediate_exit = !v->immediate_exit;
        break;
    }
}

static void action(Input *in, uint8_t what, uint8_t arg)
{
    unsigned vcpu = what >> 4 & 1;
    unsigned n = what & 0x0f;

    if (n < 6) {
        run(vcpu, in, arg);
        return;
    }
    if (n < 8) {
        from_outside(vcpu, in, arg);
        return;
    }
    /* An ioctl of the vCPU waits until its KVM_RUN has returned */
    if (w.vcpu[vcpu].where != KVM_MODEL_USER) {
        kvm_model_kick(&w.m, vcpu);
        kvm_model_resume(&w.m, vcpu);
        check_return(vcpu);
        return;
    }
    switch (n) {
    case 8:
        interrupt(vcpu, what & 0x80 ? arg * 64 : arg);
        break;
    case 9:
        set_events(vcpu, in);
        break;
    case 10:
        set_lapic(vcpu, in);
        break;
    case 11:
        set_msr(vcpu, in);
        break;
    case 12:
        set_regs(vcpu, in);
        break;
    case 13:
        call(vcpu, arg & 1 ? KVM_NMI : KVM_SMI, NULL);
        break;
    default:
        recall(vcpu, arg);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, data + size };
    uint8_t how = input_byte(&in);
    KVMModelConfig config = {
        .vcpus = VCPUS,
        .pic_in_kernel = (how & 7) == 7,
        .apicv = how & 8,
        .smm = how & 16,
        .nested = how & 32,
        .svm = how & 64,
        .handler = how & 128,
        .took = took,
    };

    memset(&w, 0, sizeof(w));
    kvm_model_init(&w.m, &config, w.vcpu, w.regs, w.lapic);
    kvm_model_port_init(&w.port, &w.m);
    for (unsigned i = 0; i < ACTIONS && !input_empty(&in); i++) {
        uint8_t what = input_byte(&in);

        action(&in, what, input_byte(&in));
        check_vcpu(0);
        check_vcpu(1);
    }
    return 0;
}
