/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches.
 *
 * KVM knows two ways, and they do not always agree. Most messages are looked
 * up: a map says which APIC has an ID, or a slot, which is a bit of a logical
 * destination. Broadcasts, and all that the map cannot say because two APICs
 * have one address or do not speak of the same kind of address, are put to
 * every APIC: is it meant? So both are here.
 */
#include "qemu/osdep.h"
#include "lapic-dest.h"

#define XAPIC_BROADCAST     0xffu
#define X2APIC_BROADCAST    0xffffffffu
#define DFR_FLAT            0xffffffffu
#define DFR_CLUSTER         0x0fffffffu
#define SLOTS               16      /* of a logical destination, at most */

#define APICBASE_ENABLE     0x800u
#define APICBASE_EXTD       0x400u
#define PAGE_ID             0x20
#define PAGE_LDR            0xd0
#define PAGE_DFR            0xe0
#define PAGE_SVR            0xf0
#define SVR_ENABLE          0x100u

/* What logical destinations are, if the map is to look them up */
typedef enum Logical {
    LOGICAL_NONE,               /* nobody has a logical address */
    LOGICAL_FLAT,
    LOGICAL_CLUSTER,
    LOGICAL_X2APIC,
    LOGICAL_ASK,                /* not of one kind, or ambiguous */
} Logical;

/* A logical address is a cluster, and in it a bit for each slot */
static const struct {
    uint32_t slots;
    uint32_t clusters;
    unsigned shift;
} address[] = {
    [LOGICAL_NONE]    = { 0 },
    [LOGICAL_FLAT]    = { 0xff },
    [LOGICAL_CLUSTER] = { 0xf, 0xf, 4 },
    [LOGICAL_X2APIC]  = { 0xffff, 0xffff, 16 },
};

/* What is in KVM's map (kvm_recalculate_apic_map) */
typedef struct Map {
    Logical logical;
    uint32_t max_id;
    bool alias;                 /* two APICs have one ID: there is no map */
    bool api;                   /* LapicView.x2apic_api */
} Map;

typedef struct Search {
    const LapicView *views;
    unsigned n;
    int source;
    const LapicMsg *msg;
    Map map;
    uint8_t delivery;           /* LapicDelivery, as KVM carries it out */
    bool ask;                   /* every APIC, not the map */
    bool lowest;                /* one is chosen */
    uint32_t slots;             /* looked up: the slots that are meant, */
    int owner[SLOTS];           /* and whose they are, or -1 */
} Search;

static uint32_t page_word(const void *page, unsigned reg)
{
    uint32_t val;

    memcpy(&val, (const char *)page + reg, sizeof(val));
    return val;
}

LapicView lapic_view(uint32_t vcpu_id, uint64_t apicbase, const void *page)
{
    bool x2apic = apicbase & APICBASE_ENABLE && apicbase & APICBASE_EXTD;

    return (LapicView) {
        .vcpu_id = vcpu_id,
        .id = x2apic ? vcpu_id : page_word(page, PAGE_ID) >> 24,
        .ldr = page_word(page, PAGE_LDR),
        .dfr = page_word(page, PAGE_DFR),
        .present = true,
        .enabled = apicbase & APICBASE_ENABLE,
        .x2apic = x2apic,
        .software = page_word(page, PAGE_SVR) & SVR_ENABLE,
    };
}

/* kvm_apic_present */
static bool is_on(const LapicView *v)
{
    return v->present && v->enabled;
}

static uint32_t physical_id(const LapicView *v)
{
    return v->x2apic ? v->vcpu_id : v->id;
}

static uint32_t cluster_of(Logical logical, uint32_t dest)
{
    return dest >> address[logical].shift & address[logical].clusters;
}

static bool one_bit(uint32_t bits)
{
    return bits && !(bits & (bits - 1));
}

/*
 * @v's logical address enters the map; @taken has a bit for each slot that
 * xAPICs have (kvm_recalculate_logical_map).
 */
static void map_logical(Map *map, const LapicView *v, uint64_t *taken)
{
    Logical own = v->x2apic ? LOGICAL_X2APIC :
                  v->dfr == DFR_FLAT ? LOGICAL_FLAT : LOGICAL_CLUSTER;
    uint32_t slot;
    uint64_t place;

    if (!v->software || (!v->x2apic && !v->ldr)) {
        return;
    }
    if (map->logical == LOGICAL_NONE) {
        map->logical = own;
    }
    if (map->logical != own) {
        map->logical = LOGICAL_ASK;
        return;
    }
    slot = v->ldr >> 24 & address[own].slots;
    if (v->x2apic || !slot) {
        return;
    }
    place = (uint64_t)slot << 4 * cluster_of(own, v->ldr >> 24);
    if (!one_bit(slot) || (*taken & place)) {
        map->logical = LOGICAL_ASK;
    }
    *taken |= place;
}

/* x2APICs differ in their IDs, so only those an xAPIC can have may be double */
static Map map_of(const LapicView *views, unsigned n)
{
    Map map = { .max_id = 0xff };
    uint64_t ids[4] = { 0 }, taken = 0;
    unsigned i;

    for (i = 0; i < n; i++) {
        const LapicView *v = &views[i];
        uint32_t id = physical_id(v);

        if (!is_on(v)) {
            continue;
        }
        map.api |= v->x2apic_api;
        if (v->vcpu_id > map.max_id) {
            map.max_id = v->vcpu_id;
        }
        if (id <= 0xff) {
            map.alias |= ids[id / 64] >> id % 64 & 1;
            ids[id / 64] |= 1ull << id % 64;
        }
        map_logical(&map, v, &taken);
    }
    /* kvm_recalculate_phys_map: then who comes first has the ID */
    map.alias &= !map.api;
    return map;
}

/* kvm_apic_is_broadcast_dest */
static bool is_broadcast(const Search *s)
{
    uint32_t dest = s->msg->dest;

    if (s->map.api) {
        return dest == X2APIC_BROADCAST ||
               (dest == XAPIC_BROADCAST && s->map.logical != LOGICAL_X2APIC);
    }
    return dest == (s->source >= 0 && s->views[s->source].x2apic ?
                    X2APIC_BROADCAST : XAPIC_BROADCAST);
}

/* Slots are the IDs from @first on (kvm_apic_map.phys_map) */
static void look_up_ids(Search *s, uint32_t first)
{
    unsigned i;

    for (i = 0; i < s->n; i++) {
        const LapicView *v = &s->views[i];
        uint32_t slot = physical_id(v) - first;
        uint32_t number = v->vcpu_id - first;

        if (!is_on(v)) {
            continue;
        }
        if (slot < SLOTS && (v->x2apic || s->owner[slot] < 0)) {
            s->owner[slot] = (int)i;
        }
        /* What no xAPIC can be called names a vCPU that will be an x2APIC */
        if (s->map.api && v->vcpu_id > 0xff && number < SLOTS) {
            s->owner[number] = (int)i;
        }
    }
}

/* Slots are the bits of xAPICs' LDR in @cluster */
static void look_up_ldr(Search *s, uint32_t cluster)
{
    Logical logical = s->map.logical;
    unsigned i;

    for (i = 0; i < s->n; i++) {
        const LapicView *v = &s->views[i];
        uint32_t slot = v->ldr >> 24 & address[logical].slots;

        if (is_on(v) && v->software && slot &&
            cluster_of(logical, v->ldr >> 24) == cluster) {
            s->owner[__builtin_ctz(slot)] = (int)i;
        }
    }
}

/* kvm_apic_map_get_logical_dest */
static void look_up_logical(Search *s)
{
    Logical logical = s->map.logical;
    uint32_t cluster = cluster_of(logical, s->msg->dest);
    uint32_t first = cluster * SLOTS;

    s->slots = s->msg->dest & address[logical].slots;
    if (logical != LOGICAL_X2APIC) {
        look_up_ldr(s, cluster);
        return;
    }
    /* The map ends with the highest ID */
    if (first > s->map.max_id) {
        s->slots = 0;
    } else if (s->map.max_id - first < SLOTS) {
        s->slots &= (2u << (s->map.max_id - first)) - 1;
    }
    look_up_ids(s, first);
}

/* kvm_apic_map_get_dest_lapic, and what is left of it to the slow path */
static Search search(const LapicView *views, unsigned n, int source,
                     const LapicMsg *msg)
{
    Search s = {
        .views = views, .n = n, .source = source, .msg = msg,
        .delivery = msg->delivery,
        .lowest = msg->delivery == LAPIC_LOWEST || msg->redirect,
    };

    memset(s.owner, -1, sizeof(s.owner));
    if (msg->shorthand == LAPIC_SELF) {
        s.slots = 1;
        s.owner[0] = source;
        return s;
    }
    s.map = map_of(views, n);
    s.ask = msg->shorthand || s.map.alias || is_broadcast(&s) ||
            (msg->logical && s.map.logical == LOGICAL_ASK);
    if (s.ask) {
        /* KVM makes it Fixed, whatever it was; but a hint counts on */
        if (s.lowest && !msg->logical && msg->dest == XAPIC_BROADCAST) {
            s.delivery = LAPIC_FIXED;
            s.lowest = msg->redirect;
        }
    } else if (msg->logical) {
        look_up_logical(&s);
    } else {
        s.slots = 1;
        look_up_ids(&s, msg->dest);
    }
    return s;
}

/* kvm_apic_match_logical_addr, but for broadcasts */
static bool matches_logical(const LapicView *v, uint32_t dest)
{
    uint32_t id = v->ldr >> 24;

    if (v->x2apic) {
        return v->vcpu_id >> 4 == dest >> 16 &&
               (dest >> (v->vcpu_id & 0xf) & 1);
    }
    switch (v->dfr) {
    case DFR_FLAT:
        return id & dest;
    case DFR_CLUSTER:
        return id >> 4 == dest >> 4 && (id & dest & 0xf);
    default:
        return false;
    }
}

/* Views[i] is asked whether it is meant (kvm_apic_match_dest) */
static bool is_meant(const Search *s, unsigned i)
{
    const LapicView *v = &s->views[i];
    uint32_t dest = s->msg->dest;

    if (!is_on(v)) {
        return false;
    }
    if (s->msg->shorthand) {
        return s->msg->shorthand == LAPIC_ALL || (int)i != s->source;
    }
    /* kvm_apic_mda: to an x2APIC, an MSI's 0xff is a broadcast too */
    if (!s->map.api && s->source < 0 && dest == XAPIC_BROADCAST && v->x2apic) {
        return true;
    }
    if (dest == (v->x2apic ? X2APIC_BROADCAST : XAPIC_BROADCAST)) {
        return true;
    }
    return s->msg->logical ? matches_logical(v, dest) :
           dest == (dest > 0xff ? v->vcpu_id : physical_id(v));
}

/* It was sent to @v: is it accepted (__apic_accept_irq)? */
static bool takes(const Search *s, const LapicView *v)
{
    bool no = s->msg->level && !s->msg->assert && s->source >= 0;

    switch (s->delivery) {
    case LAPIC_FIXED:
    case LAPIC_LOWEST:
        return !no && is_on(v) && v->software;
    case LAPIC_INIT:
        return !no && v->present;
    case LAPIC_EXTINT:
        return false;
    default:
        return v->present;
    }
}

/* The next that takes the message, from *@pos on, which begins with 0; or -1 */
static int next(const Search *s, unsigned *pos)
{
    while (!s->ask && *pos < SLOTS) {
        unsigned slot = (*pos)++;
        int i = s->owner[slot];

        if ((s->slots >> slot & 1) && i >= 0 && takes(s, &s->views[i])) {
            return i;
        }
    }
    while (s->ask && *pos < s->n) {
        unsigned i = (*pos)++;
        const LapicView *v = &s->views[i];

        if (is_meant(s, i) && (!s->lowest || v->software) && takes(s, v)) {
            return (int)i;
        }
    }
    return -1;
}

unsigned lapic_dest(const LapicView *views, unsigned n, int source,
                    const LapicMsg *msg, uint64_t *who)
{
    Search s = search(views, n, source, msg);
    unsigned pos = 0, count = 0;
    int i;

    memset(who, 0, LAPIC_DEST_WORDS(n) * sizeof(who[0]));
    while ((i = next(&s, &pos)) >= 0) {
        who[i / 64] |= 1ull << i % 64;
        count++;
    }
    return count;
}

/* A message to one of several: the slot that its vector chooses; -1: none */
static int chosen_slot(const Search *s)
{
    uint32_t slots = s->slots;
    unsigned n;

    if (!slots) {
        return -1;
    }
    for (n = s->msg->vector % __builtin_popcount(slots); n; n--) {
        slots &= slots - 1;
    }
    return __builtin_ctz(slots);
}

int lapic_dest_one(const LapicView *views, unsigned n, int source,
                   const LapicMsg *msg)
{
    Search s = search(views, n, source, msg);
    unsigned pos = 0, count = 0;
    int slot, i;

    if (s.lowest && !s.ask) {
        slot = chosen_slot(&s);
        s.slots = slot < 0 ? 0 : 1u << slot;
    }
    while (next(&s, &pos) >= 0) {
        count++;
    }
    if (!count || (count > 1 && !s.lowest)) {
        return -1;
    }
    pos = 0;
    for (count = msg->vector % count; (i = next(&s, &pos)) >= 0; count--) {
        if (!count) {
            break;
        }
    }
    return i;
}

/* kvm_intr_is_single_vcpu, kvm_irq_is_postable */
int lapic_postable(const LapicView *views, unsigned n, const LapicMsg *msg)
{
    Search s = search(views, n, -1, msg);
    int slot, found = -1;
    unsigned i;

    if (msg->shorthand ||
        (msg->delivery != LAPIC_FIXED && msg->delivery != LAPIC_LOWEST)) {
        return -1;
    }
    if (!s.ask && (s.lowest || one_bit(s.slots))) {
        slot = chosen_slot(&s);
        if (slot >= 0 && s.owner[slot] >= 0) {
            return s.owner[slot];
        }
    }
    /* The map knows nobody: the APICs are asked for all that */
    for (i = 0; i < n; i++) {
        if (is_meant(&s, i)) {
            if (found >= 0) {
                return -1;
            }
            found = (int)i;
        }
    }
    return found;
}
