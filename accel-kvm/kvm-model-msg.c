/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel: which local APIC takes a message
 * (arch/x86/kvm/lapic.c, irq.c).
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "kvm-model-int.h"
#include "kvm-model-lapic.h"

#define XAPIC_BROADCAST     0xffu
#define X2APIC_BROADCAST    0xffffffffu
#define SVR_ENABLE          0x100u
#define DFR_FLAT            0xffffffffu
#define DFR_CLUSTER         0x0fffffffu
#define SLOTS               16      /* of a logical destination */

/* kvm_apic_map.logical_mode: how the fast path reads logical addresses */
typedef enum MapMode {
    MAP_NONE,                   /* no APIC has a logical address */
    MAP_FLAT,
    MAP_CLUSTER,
    MAP_X2APIC,
    MAP_OFF,                    /* mixed or ambiguous: all APICs are asked */
} MapMode;

/* kvm_apic_present */
static bool present(const KVMModel *m, unsigned vcpu)
{
    return kvm_model_lapic_on(&m->vcpu[vcpu]);
}

static bool sw_enabled(const KVMModel *m, unsigned vcpu)
{
    return m->lapic[vcpu].svr & SVR_ENABLE;
}

static bool x2apic(const KVMModel *m, unsigned vcpu)
{
    return m->vcpu[vcpu].apicbase & KVM_MODEL_EXTD;
}

/* An x2APIC's ID is the vCPU's number, whatever is in the register */
static uint32_t physical_id(const KVMModel *m, unsigned vcpu)
{
    return x2apic(m, vcpu) ? vcpu : m->lapic[vcpu].id >> 24;
}

static bool lowest_prio(const KVMModelMsg *msg)
{
    return msg->mode == KVM_MODEL_LOWEST || msg->redirect;
}

/* kvm_apic_match_physical_addr */
static bool match_physical(const KVMModel *m, unsigned vcpu, uint32_t mda)
{
    if (mda == (x2apic(m, vcpu) ? X2APIC_BROADCAST : XAPIC_BROADCAST)) {
        return true;
    }
    /* What no xAPIC can be called names a vCPU that will be an x2APIC */
    return mda == (mda > 0xff ? vcpu : physical_id(m, vcpu));
}

/* kvm_apic_match_logical_addr */
static bool match_logical(const KVMModel *m, unsigned vcpu, uint32_t mda)
{
    const KVMModelLAPIC *a = &m->lapic[vcpu];
    uint32_t id = a->ldr >> 24;

    if (x2apic(m, vcpu)) {
        return mda == X2APIC_BROADCAST ||
               (a->ldr >> 16 == mda >> 16 && (a->ldr & mda & 0xffff));
    }
    if (mda == XAPIC_BROADCAST) {
        return true;
    }
    switch (a->dfr) {
    case DFR_FLAT:
        return id & mda;
    case DFR_CLUSTER:
        return id >> 4 == mda >> 4 && (id & mda & 0xf);
    default:
        return false;
    }
}

/* kvm_apic_match_dest */
static bool match(const KVMModel *m, int source, unsigned vcpu,
                  const KVMModelMsg *msg)
{
    uint32_t mda = msg->dest;

    switch (msg->shorthand) {
    case KVM_MODEL_SELF:
        return (int)vcpu == source;
    case KVM_MODEL_ALL:
        return true;
    case KVM_MODEL_OTHERS:
        return (int)vcpu != source;
    }
    /* kvm_apic_mda's quirk: to an x2APIC, an MSI's 0xff is a broadcast too */
    if (!m->config.x2apic_api && source < 0 && mda == XAPIC_BROADCAST &&
        x2apic(m, vcpu)) {
        mda = X2APIC_BROADCAST;
    }
    return msg->logical ? match_logical(m, vcpu, mda) :
           match_physical(m, vcpu, mda);
}

/* The slot of @id in its cluster, a mask; 0 or several: not a good one */
static uint32_t slot_mask(MapMode mode, uint32_t id)
{
    return mode == MAP_CLUSTER ? id & 0xf : id;
}

/* Another one before @vcpu has its logical address */
static bool logical_alias(const KVMModel *m, unsigned vcpu)
{
    for (unsigned i = 0; i < vcpu; i++) {
        if (present(m, i) && sw_enabled(m, i) &&
            m->lapic[i].ldr >> 24 == m->lapic[vcpu].ldr >> 24) {
            return true;
        }
    }
    return false;
}

/* kvm_recalculate_logical_map */
static MapMode map_mode(const KVMModel *m)
{
    MapMode mode = MAP_NONE;

    for (unsigned i = 0; i < m->config.vcpus; i++) {
        const KVMModelLAPIC *a = &m->lapic[i];
        uint32_t mask;
        MapMode own;

        if (!present(m, i) || !sw_enabled(m, i) || !a->ldr) {
            continue;
        }
        own = x2apic(m, i) ? MAP_X2APIC :
              a->dfr == DFR_FLAT ? MAP_FLAT : MAP_CLUSTER;
        if (mode != MAP_NONE && mode != own) {
            return MAP_OFF;
        }
        mode = own;
        mask = slot_mask(mode, a->ldr >> 24);
        if (mode != MAP_X2APIC && mask &&
            ((mask & (mask - 1)) || logical_alias(m, i))) {
            return MAP_OFF;
        }
    }
    return mode;
}

/*
 * Two APICs of one ID: there is no map, unless user space has 32-bit IDs
 * (kvm_recalculate_phys_map)
 */
static bool physical_alias(const KVMModel *m)
{
    for (unsigned i = 0; i < m->config.vcpus && !m->config.x2apic_api; i++) {
        for (unsigned j = 0; present(m, i) && j < i; j++) {
            if (present(m, j) && physical_id(m, i) == physical_id(m, j)) {
                return true;
            }
        }
    }
    return false;
}

/* Who has @id in the map, or -1: x2APICs first, and then whoever comes first */
static int id_owner(const KVMModel *m, uint32_t id)
{
    int found = -1;

    for (unsigned i = 0; i < m->config.vcpus; i++) {
        if (!present(m, i)) {
            continue;
        }
        if (i == id && (x2apic(m, i) || (m->config.x2apic_api && i > 0xff))) {
            return (int)i;
        }
        if (found < 0 && physical_id(m, i) == id) {
            found = (int)i;
        }
    }
    return found;
}

/* Whom slot @slot of logical destination @dest belongs to, or -1 */
static int slot_owner(const KVMModel *m, MapMode mode, uint32_t dest,
                      unsigned slot)
{
    if (mode == MAP_X2APIC) {
        return id_owner(m, (dest >> 16) * SLOTS + slot);
    }
    for (unsigned i = 0; i < m->config.vcpus; i++) {
        uint32_t id = m->lapic[i].ldr >> 24;

        if (present(m, i) && sw_enabled(m, i) &&
            slot_mask(mode, id) == 1u << slot &&
            (mode == MAP_FLAT || id >> 4 == (dest >> 4 & 0xf))) {
            return (int)i;
        }
    }
    return -1;
}

/* The @n-th bit of @mask, from 0 */
static unsigned nth_bit(uint32_t mask, unsigned n)
{
    while (n--) {
        mask &= mask - 1;
    }
    return __builtin_ctz(mask);
}

/* Of an x2APIC's cluster, no more than there are IDs in the map */
static uint32_t cluster_mask(const KVMModel *m, uint32_t dest)
{
    uint32_t mask = dest & 0xffff, max = 0xff;

    for (unsigned i = 0; i < m->config.vcpus; i++) {
        max = present(m, i) && i > max ? i : max;
    }
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        if ((dest >> 16) * SLOTS + slot > max) {
            mask &= ~(1u << slot);
        }
    }
    return mask;
}

static uint32_t logical_mask(const KVMModel *m, MapMode mode, uint32_t dest)
{
    switch (mode) {
    case MAP_FLAT:
        return dest & 0xff;
    case MAP_CLUSTER:
        return dest & 0xf;
    case MAP_X2APIC:
        return cluster_mask(m, dest);
    default:
        return 0;
    }
}

/* kvm_apic_is_broadcast_dest */
static bool is_broadcast(const KVMModel *m, MapMode mode, int source,
                         uint32_t dest)
{
    bool x2 = source >= 0 && x2apic(m, (unsigned)source);

    if (m->config.x2apic_api) {
        return dest == X2APIC_BROADCAST ||
               (dest == XAPIC_BROADCAST && mode != MAP_X2APIC);
    }
    return dest == (x2 ? X2APIC_BROADCAST : XAPIC_BROADCAST);
}

/*
 * kvm_apic_map_get_dest_lapic: the destinations, at most 16, without asking
 * every APIC. -1: they have to be asked; else how many slots were found, those
 * without an owner included (*@who is -1).
 */
static int fast_dest(const KVMModel *m, int source, const KVMModelMsg *msg,
                     int who[SLOTS])
{
    MapMode mode = map_mode(m);
    uint32_t mask;
    int n = 0;

    if (msg->shorthand == KVM_MODEL_SELF && source >= 0) {
        who[0] = source;
        return 1;
    }
    if (msg->shorthand || physical_alias(m) ||
        is_broadcast(m, mode, source, msg->dest)) {
        return -1;
    }
    if (!msg->logical) {
        who[0] = id_owner(m, msg->dest);
        return 1;
    }
    if (mode == MAP_OFF) {
        return -1;
    }
    mask = logical_mask(m, mode, msg->dest);
    if (mask && lowest_prio(msg)) {
        mask = 1u << nth_bit(mask, msg->vector % __builtin_popcount(mask));
    }
    for (; mask; mask &= mask - 1) {
        who[n++] = slot_owner(m, mode, msg->dest, __builtin_ctz(mask));
    }
    return n;
}

/* One of those that match, chosen by the vector (kvm_vector_to_index) */
static int hashed(const KVMModel *m, int source, const KVMModelMsg *msg)
{
    unsigned count = 0, n;

    for (unsigned i = 0; i < m->config.vcpus; i++) {
        count += present(m, i) && sw_enabled(m, i) && match(m, source, i, msg);
    }
    n = count ? msg->vector % count : 0;
    for (unsigned i = 0; count && i < m->config.vcpus; i++) {
        if (present(m, i) && sw_enabled(m, i) && match(m, source, i, msg) &&
            !n--) {
            return (int)i;
        }
    }
    return -1;
}

int kvm_model_deliver_msg(KVMModel *m, int source, const KVMModelMsg *msg)
{
    KVMModelMsg now = *msg;
    int who[SLOTS];
    int n = fast_dest(m, source, msg, who);
    int took = n < 0 ? -1 : 0;

    for (int i = 0; i < n; i++) {
        took += who[i] >= 0 && kvm_model_accept_irq(m, who[i], &now);
    }
    if (n >= 0) {
        return took;
    }
    if (!now.logical && now.dest == XAPIC_BROADCAST && lowest_prio(&now)) {
        now.mode = KVM_MODEL_FIXED;
    }
    if (lowest_prio(&now)) {
        n = hashed(m, source, &now);
        return n < 0 ? -1 : kvm_model_accept_irq(m, n, &now);
    }
    for (unsigned i = 0; i < m->config.vcpus; i++) {
        if (present(m, i) && match(m, source, i, &now)) {
            took = took < 0 ? 0 : took;
            took += kvm_model_accept_irq(m, i, &now);
        }
    }
    return took;
}

static void accept_fixed(KVMModel *m, unsigned vcpu, const KVMModelMsg *msg)
{
    KVMModelLAPIC *a = &m->lapic[vcpu];
    unsigned word = msg->vector / 64;
    uint64_t bit = 1ull << (msg->vector % 64);

    a->tmr[word] = msg->trigger ? a->tmr[word] | bit : a->tmr[word] & ~bit;
    if (m->config.apicv) {
        kvm_model_post(m, vcpu, msg->vector);
        return;
    }
    a->irr[word] |= bit;
    m->vcpu[vcpu].req_event = 1;
}

bool kvm_model_accept_irq(KVMModel *m, unsigned vcpu, const KVMModelMsg *msg)
{
    KVMModelVCPU *v = &m->vcpu[vcpu];

    switch (msg->mode) {
    case KVM_MODEL_LOWEST:
    case KVM_MODEL_FIXED:
        if ((msg->trigger && !msg->level) || !present(m, vcpu) ||
            !sw_enabled(m, vcpu)) {
            return false;
        }
        accept_fixed(m, vcpu, msg);
        return true;
    case KVM_MODEL_SMI_MSG:
        v->smi_pending |= m->config.smm;
        v->req_event |= m->config.smm;
        return m->config.smm;
    case KVM_MODEL_REMOTE_READ:
        m->lapic[vcpu].unhalted = 1;
        v->req_event = 1;
        return true;
    case KVM_MODEL_NMI_MSG:
        kvm_model_nmi(m, vcpu);
        return true;
    case KVM_MODEL_INIT_MSG:
        /* The de-assert is ignored. An INIT undoes a SIPI before it. */
        if (msg->trigger && !msg->level) {
            return false;
        }
        v->init_pending = 1;
        v->sipi_pending = 0;
        v->req_event = 1;
        return true;
    case KVM_MODEL_STARTUP:
        v->sipi_vector = msg->vector;
        v->sipi_pending = 1;
        v->req_event = 1;
        return true;
    default:
        /* ExtINT among them: dropped */
        return false;
    }
}

int kvm_model_postable(const KVMModel *m, const KVMModelMsg *msg)
{
    int who[SLOTS], found = -1;
    int n = fast_dest(m, -1, msg, who);

    if (msg->mode != KVM_MODEL_FIXED && msg->mode != KVM_MODEL_LOWEST) {
        return -1;
    }
    if (n == 1 && who[0] >= 0) {
        return who[0];
    }
    for (unsigned i = 0; i < m->config.vcpus; i++) {
        if (present(m, i) && match(m, -1, i, msg)) {
            if (found >= 0) {
                return -1;
            }
            found = (int)i;
        }
    }
    return found;
}
