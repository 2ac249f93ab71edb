/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches, against the model of the kernel, whose way to find
 * destinations is another one.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model-lapic.h"
#include "lapic-dest.h"

#define SEATS       6
#define VCPUS       301         /* the model's; those in no seat are off */
#define FEW         2           /* all states of so many are tried */
#define VECTOR      0x40
#define RANDOM      400000
#define FLAT        0xffffffffu
#define CLUSTER     0x0fffffffu
#define ODD         0x7fffffffu

/* The same local APICs, ours and the model's */
typedef struct Both {
    unsigned n;
    const uint16_t *seat;       /* the IDs of the vCPUs */
    LapicView view[SEATS];
    KVMModel model;
    KVMModelVCPU vcpu[VCPUS];
    KVMModelRegs regs[VCPUS];
    KVMModelLAPIC lapic[VCPUS];
    uint64_t cases;
} Both;

static Both both;

static const uint16_t low[SEATS] = { 0, 1, 2, 3, 4, 5 };
/* In two clusters above 255, the last of which ends the map; 300 % 256 = 44 */
static const uint16_t high[SEATS] = { 0, 5, 44, 256, 291, 300 };

static Both *both_init(unsigned n, const uint16_t *seat)
{
    Both *b = &both;
    KVMModelConfig config = { .vcpus = seat[n - 1] + 1, .smm = true };

    memset(b, 0, sizeof(*b));
    b->n = n;
    b->seat = seat;
    kvm_model_init(&b->model, &config, b->vcpu, b->regs, b->lapic);
    for (unsigned i = 0; i < config.vcpus; i++) {
        b->vcpu[i].apicbase = KVM_MODEL_APICBASE;
    }
    return b;
}

static void put(Both *b, unsigned i, LapicView view)
{
    unsigned vcpu = b->seat[i];
    KVMModelLAPIC *a = &b->lapic[vcpu];

    view.present = true;
    view.vcpu_id = vcpu;
    view.x2apic &= view.enabled;
    view.x2apic_api = b->model.config.x2apic_api;
    b->view[i] = view;
    b->vcpu[vcpu].apicbase = KVM_MODEL_APICBASE |
                             (view.enabled ? KVM_MODEL_ENABLE : 0) |
                             (view.x2apic ? KVM_MODEL_EXTD : 0);
    a->id = view.x2apic ? vcpu : view.id << 24;
    a->ldr = view.x2apic ? vcpu >> 4 << 16 | 1u << vcpu % 16 : view.ldr;
    a->dfr = view.dfr;
    a->svr = view.software ? 0x1ff : 0xff;
}

/* What the model did, by what is left of it in the vCPUs */
static uint64_t model_took(Both *b, int source, const LapicMsg *msg)
{
    KVMModelMsg m = {
        .dest = msg->dest,
        .vector = msg->vector,
        .mode = msg->delivery,
        .logical = msg->logical,
        .level = source < 0 || msg->assert,
        .trigger = msg->level,
        .redirect = msg->redirect,
        .shorthand = msg->shorthand,
    };
    int ret = kvm_model_deliver_msg(&b->model,
                                    source < 0 ? -1 : b->seat[source], &m);
    uint64_t who = 0;

    for (unsigned i = 0; i < b->n; i++) {
        KVMModelVCPU *v = &b->vcpu[b->seat[i]];
        KVMModelLAPIC *a = &b->lapic[b->seat[i]];
        uint64_t *irr = &a->irr[msg->vector / 64];

        if (*irr || v->nmi_pending || v->req_nmi || v->init_pending ||
            v->sipi_pending || v->smi_pending || a->unhalted) {
            who |= 1ull << i;
        }
        *irr = 0;
        v->nmi_pending = v->req_nmi = v->init_pending = 0;
        v->sipi_pending = v->smi_pending = a->unhalted = 0;
    }
    g_assert_cmpint(MAX(ret, 0), ==, __builtin_popcountll(who));
    return who;
}

static void tell(const Both *b, int source, const LapicMsg *msg)
{
    for (unsigned i = 0; i < b->n; i++) {
        const LapicView *v = &b->view[i];

        g_test_message("vCPU %u: %s%s id %x ldr %08x dfr %08x", v->vcpu_id,
                       !v->enabled ? "off " : v->x2apic ? "x2APIC" : "xAPIC",
                       v->software ? "" : " (software off)", v->id, v->ldr,
                       v->dfr);
    }
    g_test_message("source %d: dest %x %s shorthand %u delivery %u vector %x "
                   "level %d assert %d hint %d api %d", source, msg->dest,
                   msg->logical ? "logical" : "physical", msg->shorthand,
                   msg->delivery, msg->vector, msg->level, msg->assert,
                   msg->redirect, b->model.config.x2apic_api);
}

static bool one_of_several(const LapicMsg *msg)
{
    return msg->delivery == LAPIC_LOWEST || msg->redirect;
}

/* One message. For one of several, *@all is the candidates; else NULL. */
static void compare(Both *b, int source, const LapicMsg *msg, uint64_t *all)
{
    KVMModelMsg device = {
        .dest = msg->dest, .vector = msg->vector, .mode = msg->delivery,
        .logical = msg->logical, .redirect = msg->redirect,
    };
    uint64_t took = model_took(b, source, msg), who;
    unsigned count = lapic_dest(b->view, b->n, source, msg, &who);
    int one = lapic_dest_one(b->view, b->n, source, msg);
    int only = __builtin_popcountll(took) == 1 ? __builtin_ctzll(took) : -1;
    bool bad = count != __builtin_popcountll(who) || one != only ||
               (took & ~who) || (!one_of_several(msg) && took != who);

    if (source < 0) {
        int to = lapic_postable(b->view, b->n, msg);

        bad |= (to < 0 ? -1 : b->seat[to]) !=
               kvm_model_postable(&b->model, &device);
    }
    if (bad) {
        tell(b, source, msg);
        g_test_message("model %" PRIx64 ", we %" PRIx64 ", one %d, postable "
                       "%d", took, who, one,
                       lapic_postable(b->view, b->n, msg));
        g_assert_not_reached();
    }
    if (all) {
        *all = who;
    }
    b->cases++;
}

/* All that may be chosen are chosen by some vector */
static void compare_candidates(Both *b, int source, LapicMsg *msg)
{
    uint64_t all, took = 0;

    for (unsigned v = VECTOR; v < VECTOR + 16; v++) {
        msg->vector = v;
        took |= model_took(b, source, msg);
    }
    compare(b, source, msg, &all);
    if (all != took) {
        tell(b, source, msg);
        g_test_message("model %" PRIx64 ", we %" PRIx64, took, all);
        g_assert_not_reached();
    }
}

static const uint8_t ids[] = { 0, 1, 0xff };
static const uint8_t ldrs[] = { 0, 0x01, 0x03, 0x12, 0x21, 0xff };
static const uint32_t dfrs[] = { FLAT, CLUSTER, ODD };

/* State @n of an APIC; false: there are no more */
static bool nth_state(unsigned n, LapicView *view)
{
    static const LapicView others[] = {
        { .enabled = true, .x2apic = true, .software = true },
        { .enabled = true, .x2apic = true },
        { .software = true, .id = 1, .ldr = 0x01000000, .dfr = FLAT },
    };

    if (n < G_N_ELEMENTS(others)) {
        *view = others[n];
        return true;
    }
    n -= G_N_ELEMENTS(others);
    *view = (LapicView) { .enabled = true, .software = n & 1 };
    n /= 2;
    view->id = ids[n % G_N_ELEMENTS(ids)];
    n /= G_N_ELEMENTS(ids);
    view->ldr = (uint32_t)ldrs[n % G_N_ELEMENTS(ldrs)] << 24;
    n /= G_N_ELEMENTS(ldrs);
    view->dfr = n < G_N_ELEMENTS(dfrs) ? dfrs[n] : 0;
    return n < G_N_ELEMENTS(dfrs);
}

static const uint32_t dests[] = {
    0, 1, 2, 0x03, 0x0f, 0x11, 0x12, 0x20, 0x31, 0xf1, 0xff, 0x101, 0x10001,
    0xffffffff,
};

static void send_all(Both *b)
{
    for (unsigned d = 0; d < G_N_ELEMENTS(dests); d++) {
        for (unsigned kind = 0; kind < 12; kind++) {
            LapicMsg msg = {
                .dest = dests[d], .assert = true, .logical = kind & 1,
                .vector = VECTOR + (kind >> 1) % 2,
                .delivery = kind < 4 ? LAPIC_FIXED : LAPIC_LOWEST,
                .redirect = kind >= 8,
            };

            compare(b, -1, &msg, NULL);
            msg.redirect = false;
            compare(b, kind % FEW, &msg, NULL);
        }
    }
    for (unsigned kind = 0; kind < 6; kind++) {
        LapicMsg msg = {
            .assert = true, .vector = VECTOR,
            .shorthand = LAPIC_SELF + kind / 2,
            .delivery = kind & 1 ? LAPIC_LOWEST : LAPIC_FIXED,
        };

        compare(b, 0, &msg, NULL);
        msg.dest = 0xff;
        compare(b, 1, &msg, NULL);
    }
}

/* Every state of one beside every state of the other */
static void test_all_of_two(void)
{
    Both *b = both_init(FEW, low);
    LapicView view;

    for (unsigned i = 0; nth_state(i, &view); i++) {
        put(b, 0, view);
        for (unsigned j = 0; nth_state(j, &view); j++) {
            put(b, 1, view);
            send_all(b);
        }
    }
    g_test_message("%" PRIu64 " cases", b->cases);
}

static uint32_t any(GRand *r, const uint32_t *of, unsigned n)
{
    return of[g_rand_int_range(r, 0, (int)n)];
}

static LapicView random_view(const Both *b, GRand *r, unsigned kind,
                             unsigned i)
{
    uint32_t bits = g_rand_int(r);
    LapicView view = {
        .enabled = bits & 7,
        .software = bits >> 3 & 7,
        .x2apic = kind == 2 || (kind == 3 && (bits >> 6 & 1)),
        .id = bits & 0x100 ? bits >> 9 & 7 : b->seat[i] & 0xff,
        .dfr = kind == 0 ? FLAT : kind == 1 ? CLUSTER : any(r, dfrs, 3),
    };

    /* Now and then what it takes for a map: all slots different */
    view.ldr = (bits & 0x1000 ? 1u << (i % 4) | (bits >> 13 & 0x30) :
                bits & 0x80 ? bits >> 16 & 0xff : 0) << 24;
    return view;
}

/* An ID that somebody may have, or a cluster's */
static uint32_t random_dest(const Both *b, GRand *r)
{
    uint32_t bits = g_rand_int(r), id = b->seat[bits % b->n];

    switch (bits >> 8 & 3) {
    case 0:
        return any(r, dests, G_N_ELEMENTS(dests));
    case 1:
        return id >> 4 << 16 | bits >> 16;
    case 2:
        return id;
    default:
        return bits >> 16 & 0xff;
    }
}

static LapicMsg random_msg(const Both *b, GRand *r, int source)
{
    uint32_t bits = g_rand_int(r);
    LapicMsg msg = {
        .dest = random_dest(b, r),
        .vector = VECTOR + (bits >> 10 & 0x1f),
        .delivery = bits & 0x8000 ? bits >> 16 & 7 : bits >> 16 & 1,
        .logical = bits >> 19 & 1,
        .level = !(bits >> 20 & 3),
        .assert = bits >> 22 & 3,
    };

    /* An MSI has no shorthand, an ICR no redirection hint */
    if (source < 0) {
        msg.redirect = !(bits >> 24 & 7);
    } else {
        msg.shorthand = bits >> 27 & 7 ? 0 : bits >> 30;
    }
    return msg;
}

static void run_random(unsigned n, const uint16_t *seat, bool api)
{
    GRand *r = g_rand_new_with_seed(g_test_rand_int());
    Both *b = both_init(n, seat);

    b->model.config.x2apic_api = api;
    /* The model looks at each of its vCPUs */
    for (unsigned turn = 0; turn < RANDOM / (seat == high ? 16 : 1); turn++) {
        unsigned kind = g_rand_int_range(r, 0, 5);
        int source = MAX(g_rand_int_range(r, -(int)n, n), -1);
        LapicMsg msg = random_msg(b, r, source);

        if (!(turn % 8)) {
            for (unsigned i = 0; i < n; i++) {
                put(b, i, random_view(b, r, kind, i));
            }
        }
        if (one_of_several(&msg) && !(turn % 3)) {
            compare_candidates(b, source, &msg);
        } else {
            compare(b, source, &msg, NULL);
        }
    }
    g_test_message("%" PRIu64 " cases", b->cases);
    g_rand_free(r);
}

static void test_random(void)
{
    run_random(SEATS, low, false);
    run_random(3, low, false);
}

static void test_random_api(void)
{
    run_random(SEATS, low, true);
    run_random(3, low, true);
}

static void test_random_high(void)
{
    run_random(SEATS, high, false);
    run_random(SEATS, high, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lapic-dest/model/all-of-two", test_all_of_two);
    g_test_add_func("/lapic-dest/model/random", test_random);
    g_test_add_func("/lapic-dest/model/random-api", test_random_api);
    g_test_add_func("/lapic-dest/model/random-high", test_random_high);
    return g_test_run();
}
