/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches on /dev/kvm: states and messages at random. No guest
 * runs: the ioctls set the states, an x2APIC's ICR is an MSR, and the pages
 * say in IRR what has arrived.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <sys/ioctl.h>
#include "kvm-test.h"
#include "lapic-msg.h"

#define MSR_APICBASE    0x1b
#define MSR_X2_ICR      0x830
#define APICBASE        0xfee00000u
#define BSP             0x100u
#define ENABLE          0x800u
#define EXTD            0x400u
#define PAGE_IRR        0x200
#define FLAT            0xffffffffu
#define CLUSTER         0x0fffffffu
#define ODD             0x7fffffffu

#define STATES          300
#define STATES_SLOW     20      /* where a second is not enough for all */
#define STATES_THOROUGH 20000   /* -m thorough */
#define MESSAGES        64      /* to each state, each with its own vector */
#define VECTOR          0x40

typedef struct Sent {
    LapicMsg msg;
    int source;
    int ret;
} Sent;

typedef struct Sweep {
    const char *name;
    unsigned n;
    uint32_t id[LAPIC_VM_VCPUS];
    bool api;
    bool plain;                 /* no two APICs have one address */
} Sweep;

static const Sweep sweeps[] = {
    { "plain", 6, { 0, 1, 2, 3, 4, 5 }, .plain = true },
    { "two", 2, { 0, 1 } },
    { "three", 3, { 0, 1, 2 } },
    { "six", 6, { 0, 1, 2, 3, 4, 5 } },
    { "clusters", 5, { 0, 1, 16, 18, 255 } },
    { "high", 6, { 0, 5, 44, 256, 291, 300 } },
    { "api", 3, { 0, 1, 2 }, true },
    { "api-high", 6, { 0, 5, 44, 256, 291, 300 }, true },
    { "created-backwards", 4, { 3, 2, 1, 0 } },
};

static uint32_t pick(GRand *r, const uint32_t *of, unsigned n)
{
    return of[g_rand_int_range(r, 0, (int)n)];
}

static LapicView random_view(const Sweep *s, GRand *r, unsigned kind,
                             unsigned i)
{
    static const uint32_t dfrs[] = { FLAT, CLUSTER, ODD };
    uint32_t bits = g_rand_int(r);
    LapicView v = {
        .vcpu_id = s->id[i],
        .present = true,
        .enabled = bits & 7,
        .software = bits >> 3 & 7,
        .x2apic_api = s->api,
        .dfr = kind == 0 ? FLAT : kind == 1 ? CLUSTER : pick(r, dfrs, 3),
    };

    v.x2apic = v.enabled && (kind == 2 || (kind == 3 && (bits >> 6 & 1)));
    v.id = v.x2apic ? v.vcpu_id : bits & 0x100 ? bits >> 9 & 7 :
           v.vcpu_id & 0xff;
    /* Now and then what a map takes: no slot twice */
    v.ldr = (bits & 0x1000 ? 1u << (i % 4) | (bits >> 13 & 0x30) :
             bits & 0x80 ? bits >> 16 & 0xff : 0) << 24;
    if (s->plain) {
        v.id = v.vcpu_id;
        v.ldr = (v.dfr == FLAT ? 1u << i : i / 4 << 4 | 1u << i % 4) << 24;
    }
    return v;
}

static void set_word(struct kvm_lapic_state *page, unsigned reg, uint32_t val)
{
    memcpy(page->regs + reg, &val, sizeof(val));
}

static void set_msr(LapicVM *vm, unsigned i, uint32_t msr, uint64_t val)
{
    union {
        struct kvm_msrs head;
        uint8_t bytes[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
    } msrs = { .head.nmsrs = 1 };

    msrs.head.entries[0].index = msr;
    msrs.head.entries[0].data = val;
    if (ioctl(vm->vcpu[i].fd, KVM_SET_MSRS, &msrs) != 1) {
        g_error("vCPU %u refused MSR %x = %" PRIx64, i, msr, val);
    }
}

static void set_state(LapicVM *vm, unsigned i, const LapicView *v)
{
    struct kvm_lapic_state page = { };

    set_msr(vm, i, MSR_APICBASE, APICBASE | (v->vcpu_id ? 0 : BSP) |
            (v->enabled ? ENABLE : 0) | (v->x2apic ? EXTD : 0));
    set_word(&page, 0x20, v->x2apic && v->x2apic_api ? v->id : v->id << 24);
    set_word(&page, 0xd0, v->ldr);
    set_word(&page, 0xe0, v->dfr);
    set_word(&page, 0xf0, v->software ? 0x1ff : 0xff);
    lapic_vm_do(vm, i, KVM_SET_LAPIC, &page);
}

bool lapic_kvm_shares(void)
{
    static const uint32_t ids[] = { 0, 1 };
    static const LapicMsg msg = {
        .vector = VECTOR, .dest = 1, .logical = true, .assert = true,
    };
    static int shares = -1;
    LapicVM vm;

    if (shares >= 0) {
        return shares;
    }
    lapic_vm_open(&vm, ids, 2, false);
    for (unsigned i = 0; i < 2; i++) {
        set_state(&vm, i, &(LapicView) {
            .vcpu_id = i, .id = i, .ldr = 1u << 24, .dfr = FLAT,
            .enabled = true, .software = true,
        });
    }
    shares = lapic_kvm_msi(&vm, &msg, false) == 2;
    lapic_vm_close(&vm);
    return shares;
}

static uint32_t random_dest(const Sweep *s, GRand *r, bool ext)
{
    uint32_t bits = g_rand_int(r), id = s->id[bits % s->n], dest;

    switch (bits >> 8 & 3) {
    case 0:
        dest = bits & 0x10000 ? 0xffffffff : 0xff;
        break;
    case 1:
        dest = id >> 4 << 16 | bits >> 16;
        break;
    case 2:
        dest = id;
        break;
    default:
        dest = bits >> 16 & (bits & 0x8000 ? 7 : 0xff);
    }
    return ext ? dest : dest & 0xff;
}

static Sent random_msg(const Sweep *s, const LapicView *views, GRand *r,
                       unsigned k)
{
    uint32_t bits = g_rand_int(r);
    unsigned i = bits % s->n;
    Sent sent = {
        .source = bits & 0x100 && views[i].x2apic ? (int)i : -1,
        .msg = {
            .vector = VECTOR + k,
            .delivery = bits >> 9 & 1 ? LAPIC_LOWEST : LAPIC_FIXED,
            .logical = bits >> 10 & 1,
            .assert = true,
        },
    };

    sent.msg.dest = random_dest(s, r, s->api || sent.source >= 0);
    if (sent.source < 0) {
        sent.msg.redirect = !(bits >> 11 & 3);
        sent.msg.level = !(bits >> 13 & 3);
    } else {
        sent.msg.shorthand = bits >> 11 & 3 ? 0 : bits >> 13 & 3;
    }
    return sent;
}

static void send_it(LapicVM *vm, Sent *sent, bool api)
{
    if (sent->source < 0) {
        sent->ret = lapic_kvm_msi(vm, &sent->msg, api);
    } else {
        set_msr(vm, sent->source, MSR_X2_ICR,
                lapic_msg_to_icr(&sent->msg, true));
    }
}

static void tell(const LapicView *views, unsigned n, const Sent *sent)
{
    const LapicMsg *msg = &sent->msg;

    for (unsigned i = 0; i < n; i++) {
        const LapicView *v = &views[i];

        g_test_message("ERROR vCPU %u: %s%s id %x ldr %08x dfr %08x",
                       v->vcpu_id, !v->enabled ? "off" :
                       v->x2apic ? "x2APIC" : "xAPIC",
                       v->software ? "" : " (software off)", v->id, v->ldr,
                       v->dfr);
    }
    g_test_message("ERROR source %d: %s %02x to %x %s shorthand %u hint %d",
                   sent->source, lapic_delivery_name(msg->delivery),
                   msg->vector, msg->dest,
                   msg->logical ? "logical" : "physical", msg->shorthand,
                   msg->redirect);
}

static bool check(const LapicView *views, unsigned n, const Sent *sent,
                  uint64_t got)
{
    const LapicMsg *msg = &sent->msg;
    bool several = msg->delivery == LAPIC_LOWEST || msg->redirect;
    unsigned count = __builtin_popcountll(got);
    int only = count == 1 ? __builtin_ctzll(got) : -1;
    uint64_t who;
    int one = lapic_dest_one(views, n, sent->source, msg);

    lapic_dest(views, n, sent->source, msg, &who);
    if (several && !lapic_kvm_hashes()) {
        return !(got & ~who) && !who == !got;
    }
    if (one != only || (got & ~who) || (!several && got != who) ||
        (count > 1 && got != who) ||
        (sent->source < 0 && MAX(sent->ret, 0) != count)) {
        tell(views, n, sent);
        g_test_message("ERROR kvm %" PRIx64 ", returned %d; we %" PRIx64
                       ", one %d", got, sent->ret, who, one);
        return false;
    }
    return true;
}

/* Bit i of got[k]: vCPU i has message k */
static void collect(LapicVM *vm, uint64_t got[MESSAGES])
{
    memset(got, 0, MESSAGES * sizeof(got[0]));
    for (unsigned i = 0; i < vm->n; i++) {
        struct kvm_lapic_state page;

        lapic_vm_do(vm, i, KVM_GET_LAPIC, &page);
        for (unsigned k = 0; k < MESSAGES; k++) {
            unsigned v = VECTOR + k;
            uint32_t word;

            memcpy(&word, page.regs + PAGE_IRR + v / 32 * 16, sizeof(word));
            got[k] |= (uint64_t)(word >> v % 32 & 1) << i;
        }
    }
}

static bool sweep_state(LapicVM *vm, const Sweep *s, GRand *r)
{
    unsigned kind = g_rand_int_range(r, 0, 5);
    LapicView views[LAPIC_VM_VCPUS];
    Sent sent[MESSAGES];
    uint64_t got[MESSAGES];
    bool good = true;

    for (unsigned i = 0; i < s->n; i++) {
        views[i] = random_view(s, r, kind, i);
        set_state(vm, i, &views[i]);
    }
    for (unsigned k = 0; k < MESSAGES; k++) {
        sent[k] = random_msg(s, views, r, k);
        send_it(vm, &sent[k], s->api);
    }
    collect(vm, got);
    for (unsigned k = 0; k < MESSAGES && good; k++) {
        good = check(views, s->n, &sent[k], got[k]);
    }
    return good;
}

static void test_sweep(const void *opaque)
{
    const Sweep *s = opaque;
    GRand *r = g_rand_new_with_seed(g_test_rand_int());
    unsigned all = g_test_thorough() ? STATES_THOROUGH : STATES;
    unsigned states = 0;
    LapicVM vm;

    if (!s->plain && !lapic_kvm_shares()) {
        g_test_skip("a KVM before Linux 6.3");
        g_rand_free(r);
        return;
    }
    lapic_vm_open(&vm, s->id, s->n, s->api);
    g_test_timer_start();
    while (states < all && sweep_state(&vm, s, r)) {
        states++;
        if (states == STATES_SLOW && !g_test_thorough() &&
            g_test_timer_elapsed() > 1.0 * STATES_SLOW / STATES) {
            all = states;
        }
    }
    g_assert_cmpuint(states, ==, all);
    g_test_message("%u messages", states * MESSAGES);
    lapic_vm_close(&vm);
    g_rand_free(r);
}

void lapic_sweep_add(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(sweeps); i++) {
        char *path = g_strdup_printf("/sweep/%s", sweeps[i].name);

        g_test_add_data_func(path, &sweeps[i], test_sweep);
        g_free(path);
    }
}
