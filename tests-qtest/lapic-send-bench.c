/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of lapic-send.c stand on.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "lapic-send-bench.h"

#define CALLS   16

typedef struct Call {
    void (*work)(void *opaque, unsigned vcpu);
    void *opaque;
    unsigned vcpu;
} Call;

static bool registers_held;
KVMModel model;
KVMModelVCPU cpu[VCPUS];
KVMModelLAPIC apic[VCPUS];
LapicSend sender;
LapicSendVCPU vcpus[VCPUS];
GString *way;
unsigned waiting;
bool no_defer, defer_now;
unsigned before_inits;
struct kvm_msi last_msi;
unsigned long fail_request;
int fail_errno;
unsigned long hook_request;
void (*hook)(void);

static KVMModelRegs regs[VCPUS];
static KVMModelPort end;
static KVMPort port;
static Call calls[CALLS];
static GByteArray *kept;

/* The port */

static const struct {
    unsigned long request;
    const char *name;
} names[] = {
    { KVM_SIGNAL_MSI, "msi" }, { KVM_GET_LAPIC, "lapic" },
    { KVM_NMI, "nmi" }, { KVM_SMI, "smi" }, { KVM_INTERRUPT, "interrupt" },
    { KVM_GET_VCPU_EVENTS, "events" }, { KVM_SET_VCPU_EVENTS, "set-events" },
    { KVM_GET_MP_STATE, "mp" }, { KVM_SET_MP_STATE, "set-mp" },
};

static void note(const char *name)
{
    g_string_append_printf(way, "%s%s", way->len ? " " : "", name);
}

static int begin(unsigned long request)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].request == request) {
            note(names[i].name);
        }
    }
    if (hook && request == hook_request) {
        void (*once)(void) = hook;

        hook = NULL;
        once();
    }
    return request == fail_request ? fail_errno : 0;
}

static int port_ioctl(KVMPort *p, unsigned vcpu, unsigned long request,
                      void *arg)
{
    g_assert_false(registers_held);
    return begin(request) ?: end.port.ops->ioctl(&end.port, vcpu, request, arg);
}

static int port_vm_ioctl(KVMPort *p, unsigned long request, void *arg)
{
    memcpy(&last_msi, arg, sizeof(last_msi));
    return begin(request) ?: end.port.ops->vm_ioctl(&end.port, request, arg);
}

/* The vCPU's thread, where somebody holds the vCPU's registers */
static void call(Call c)
{
    note("|");
    registers_held = true;
    c.work(c.opaque, c.vcpu);
    registers_held = false;
}

static bool port_defer(KVMPort *p, unsigned vcpu,
                       void (*work)(void *opaque, unsigned vcpu), void *opaque)
{
    if (no_defer) {
        return false;
    }
    if (defer_now) {
        call((Call) { work, opaque, vcpu });
        return true;
    }
    g_assert_cmpuint(waiting, <, CALLS);
    calls[waiting++] = (Call) { work, opaque, vcpu };
    return true;
}

static const KVMPortOps ops = {
    .ioctl = port_ioctl,
    .vm_ioctl = port_vm_ioctl,
    .defer = port_defer,
};

void threads(void)
{
    while (waiting) {
        Call c = calls[0];

        memmove(calls, calls + 1, --waiting * sizeof(calls[0]));
        call(c);
    }
}

static void flush(void *opaque, unsigned vcpu)
{
    registers_held = false;
}

static bool enabled(void *opaque, unsigned vcpu)
{
    return cpu[vcpu].apicbase & KVM_MODEL_ENABLE;
}

static void before_init(void *opaque, unsigned vcpu)
{
    g_assert_cmpint(vcpu, ==, TO);
    before_inits++;
    note("before");
}

static const char *const states[STATES] = {
    "on", "sw-off", "hw-off", "halted", "waits", "smm", "x2apic", "renumbered",
};

void set_apicbase(unsigned vcpu, uint64_t base)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } msrs = {
        .head.nmsrs = 1,
        .entry = { .index = 0x1b, .data = base },
    };

    g_assert_cmpint(kvm_model_vcpu_ioctl(&model, vcpu, KVM_SET_MSRS, &msrs),
                    ==, 1);
}

const char *state_name(State state)
{
    return states[state];
}

static void set_state(State state)
{
    KVMModelVCPU *v = &cpu[TO];

    switch (state) {
    case SW_OFF:
        apic[TO].svr = 0xff;
        break;
    case HW_OFF:
        set_apicbase(TO, 0xfee00000);
        break;
    case HALTED:
        v->mp_state = KVM_MP_STATE_HALTED;
        break;
    case WAITS:
        v->mp_state = KVM_MP_STATE_INIT_RECEIVED;
        break;
    case IN_SMM:
        v->smm = 1;
        break;
    case X2APIC:
        set_apicbase(TO, 0xfee00c00);
        break;
    case RENUMBERED:
        apic[TO].id = 9u << 24;
        break;
    default:
        break;
    }
}

void setup_vm(unsigned n, bool api, bool proposal, State state)
{
    KVMModelConfig c = {
        .vcpus = n,
        .smm = true,
        .payload = true,
        .x2apic_api = api,
        .icr_interrupt = proposal,
    };
    LapicSendHost host = {
        .flush = flush,
        .enabled = enabled,
        .before_init = before_init,
    };

    kvm_model_init(&model, &c, cpu, regs, apic);
    for (unsigned i = 0; i < n; i++) {
        cpu[i].mp_state = KVM_MP_STATE_RUNNABLE;
        apic[i].svr = 0x1ff;
        apic[i].lvt[4] = 0x400;
    }
    set_state(state);
    kvm_model_port_init(&end, &model);
    port.ops = &ops;
    lapic_send_init(&sender, &port, &host, vcpus, n);
    for (unsigned i = 0; i < n; i++) {
        vcpus[i].id = i;
        vcpus[i].present = true;
    }
    sender.smm = true;
    sender.x2apic_ids = api;
    waiting = before_inits = 0;
    no_defer = defer_now = false;
    fail_request = 0;
    hook = NULL;
    g_string_truncate(way, 0);
}

void setup(State state)
{
    setup_vm(3, false, false, state);
}

void everything(GByteArray *all)
{
    unsigned n = model.config.vcpus;

    for (unsigned i = 0; i < n; i++) {
        KVMModelVCPU v = cpu[i];

        v.req_event = 0;
        g_byte_array_append(all, (guint8 *)&v, sizeof(v));
    }
    g_byte_array_append(all, (guint8 *)regs, n * sizeof(*regs));
    g_byte_array_append(all, (guint8 *)apic, n * sizeof(*apic));
}

void keep(void)
{
    g_byte_array_set_size(kept, 0);
    everything(kept);
}

void same(void)
{
    GByteArray *now = g_byte_array_new();

    everything(now);
    g_assert_cmpmem(kept->data, kept->len, now->data, now->len);
    g_byte_array_unref(now);
}

unsigned mp_state(unsigned vcpu)
{
    struct kvm_mp_state mp;

    g_assert_cmpint(kvm_model_vcpu_ioctl(&model, vcpu, KVM_GET_MP_STATE, &mp),
                    ==, 0);
    return mp.mp_state;
}

bool in(const uint64_t *map, unsigned nr)
{
    return map[nr / 64] >> (nr % 64) & 1;
}

LapicMsg self(LapicDelivery delivery)
{
    return (LapicMsg) {
        .delivery = delivery,
        .vector = delivery == LAPIC_STARTUP ? SIPI :
                  delivery <= LAPIC_LOWEST ? V : 0,
        .shorthand = LAPIC_SELF,
        .assert = true,
    };
}

int send_self(LapicDelivery delivery)
{
    LapicMsg msg = self(delivery);

    return lapic_send_self(&sender, TO, &msg, NULL);
}

void bench_init(void)
{
    way = g_string_new(NULL);
    kept = g_byte_array_new();
}
