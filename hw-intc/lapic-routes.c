/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is set up to send messages to local APICs.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/i386/x86.h"
#include "hw/intc/ioapic_internal.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_device.h"
#include "system/kvm.h"
#include "lapic-routes.h"
#include "lapic-seen.h"
#include "x86-lapic.h"
#ifdef CONFIG_KVM
#include "kvm/kvm_i386.h"
#include "system/kvm_int.h"
#endif

#define APIC_BASE       0xfee00000u
#define RTE_EXT_DEST    0x00fe000000000000ull
#define MSI_VECTORS     32u     /* at most */
#define XAPIC_BROADCAST 0xffu
#define RTE_DEST_SHIFT  48      /* QEMU puts 63:48 into address bits 19:4 */

typedef struct Collect {
    LapicView *views;
    unsigned n;
    uint64_t *who;
    GPtrArray *ioapics, *devices;
    LapicRouteList **tail;
} Collect;

static LapicMessage *message(const LapicMsg *msg)
{
    LapicMessage *m = g_new(LapicMessage, 1);

    *m = (LapicMessage) {
        .delivery = msg->delivery,
        .has_vector = true, .vector = msg->vector,
        .has_destination = true, .destination = msg->dest,
        .has_logical = true, .logical = msg->logical,
        .has_level = true, .level = msg->level,
        .has_deassert = true, .deassert = !msg->assert,
        .has_shorthand = true, .shorthand = msg->shorthand,
        .has_redirect = true, .redirect = msg->redirect,
    };
    return m;
}

static bool in_kernel(void)
{
    return kvm_enabled() && kvm_irqchip_in_kernel();
}

/* KVM sends LowestPrio to physical 255 to all that it reaches. */
static bool goes_to_one(const LapicMsg *msg)
{
    return msg->redirect ||
           (msg->delivery == LAPIC_LOWEST &&
            (msg->logical || msg->dest != XAPIC_BROADCAST));
}

static void reach(Collect *c, LapicRoute *r, const LapicMsg *decoded)
{
    LapicMsg copy = *decoded, *msg = &copy;
    int one;

    if (msg->delivery == LAPIC_EXTINT && !in_kernel()) {
        msg->delivery = LAPIC_FIXED;    /* with the PIC's vector */
    }
    lapic_dest(c->views, c->n, -1, msg, c->who);
    one = lapic_dest_one(c->views, c->n, -1, msg);
    if (one < 0 && goes_to_one(msg)) {
        return;                 /* to one that is off */
    }
    for (unsigned i = c->n; i-- > 0;) {
        if (c->who[i / 64] >> i % 64 & 1) {
            QAPI_LIST_PREPEND(r->cpus, i);
        }
    }
    r->has_target = one >= 0;
    r->target = MAX(one, 0);
}

/*
 * @msg as decoded; what its words' check has made of them is in @fault, with
 * -ENOTSUP for none that a local APIC gets.
 */
static LapicRoute *add(Collect *c, LapicRouteSource source, bool masked,
                       const LapicMsg *msg, const LapicFault *fault)
{
    LapicRoute *r = g_new0(LapicRoute, 1);
    char words[LAPIC_WORDS];
    int one;

    r->source = source;
    r->masked = masked;
    if (fault->err == -ENOTSUP || (fault->err && !masked)) {
        lapic_fault_words(fault, words, sizeof(words));
        r->fault = g_strdup(words);
    }
    if (fault->err != -ENOTSUP) {
        lapic_msg_words(msg, words, sizeof(words));
        r->words = g_strdup(words);
        r->message = message(msg);
        if (!masked) {
            reach(c, r, msg);
            one = lapic_postable(c->views, c->n, msg);
            r->has_postable = one >= 0;
            r->postable = MAX(one, 0);
        }
        if (!r->fault && msg->delivery == LAPIC_EXTINT && in_kernel()) {
            r->fault = g_strdup("KVM's local APICs drop it");
        }
    }
    QAPI_LIST_APPEND(c->tail, r);
    return r;
}

static uint64_t swizzle(uint64_t address)
{
#ifdef CONFIG_KVM
    if (kvm_enabled()) {
        return kvm_swizzle_msi_ext_dest_id(address);
    }
#endif
    return address;
}

static void add_pin(Collect *c, IOAPICCommonState *s, unsigned ioapic,
                    unsigned pin)
{
    uint64_t rte = s->ioredtbl[pin];
    LapicRTE e = lapic_rte_decode(rte);
    /* Bits 14:8 of an extended destination ID, if there is such a thing */
    uint32_t ext = swizzle(APIC_BASE | (rte >> RTE_DEST_SHIFT) << 4) >> 32;
    LapicFault fault = { };
    LapicRoute *r;

    lapic_rte_check(ext ? rte & ~RTE_EXT_DEST : rte, &fault);
    e.msg.dest |= ext;
    r = add(c, LAPIC_ROUTE_SOURCE_IOAPIC, e.masked, &e.msg, &fault);
    r->u.ioapic = (LapicRouteIOAPIC) {
        .ioapic = ioapic,
        .pin = pin,
        .entry = rte,
        .active_low = e.active_low,
        .remote_irr = e.remote_irr,
    };
    /* One in the kernel keeps no count */
    r->has_delivered = object_dynamic_cast(OBJECT(s), TYPE_IOAPIC);
    r->delivered = lapic_seen_by_ioapic(s, pin);
}

#ifdef CONFIG_KVM
static uint64_t route_address(const struct kvm_irq_routing_entry *e)
{
    return (uint64_t)e->u.msi.address_hi << 32 | e->u.msi.address_lo;
}

/* Does the route stand for an IOAPIC's pin, with the pin's own words? */
static bool is_pin(Collect *c, unsigned gsi)
{
    IOAPICCommonState *s;

    if (!kvm_irqchip_is_split() || gsi >= IOAPIC_NUM_PINS || !c->ioapics->len) {
        return false;
    }
    s = c->ioapics->pdata[0];
    return lapic_rte_check(s->ioredtbl[gsi], NULL) != -ENOTSUP;
}

static void add_kvm(Collect *c)
{
    const struct kvm_irq_routing *table = kvm_state->irq_routes;

    for (unsigned i = 0; i < table->nr; i++) {
        const struct kvm_irq_routing_entry *e = &table->entries[i];
        LapicMSI msi = { route_address(e), e->u.msi.data };
        LapicFault fault = { };
        LapicMsg msg;
        LapicRoute *r;

        if (e->type != KVM_IRQ_ROUTING_MSI || is_pin(c, e->gsi)) {
            continue;
        }
        msg = lapic_msg_from_msi(msi, LAPIC_FORM_MSI_X2);
        lapic_msi_check(msi, LAPIC_FORM_MSI_X2, &fault);
        r = add(c, LAPIC_ROUTE_SOURCE_KVM, false, &msg, &fault);
        r->u.kvm = (LapicRouteKVM) {
            .gsi = e->gsi,
            .address = msi.address,
            .data = msi.data,
        };
    }
}

/* Then the device may signal it past QEMU. */
static bool kvm_has_route(uint64_t address, uint32_t data)
{
    const struct kvm_irq_routing *table;

    if (!kvm_enabled()) {
        return false;
    }
    table = kvm_state->irq_routes;
    for (unsigned i = 0; i < table->nr; i++) {
        const struct kvm_irq_routing_entry *e = &table->entries[i];

        if (e->type == KVM_IRQ_ROUTING_MSI && e->u.msi.data == data &&
            route_address(e) == address) {
            return true;
        }
    }
    return false;
}
#else
static void add_kvm(Collect *c)
{
}

static bool kvm_has_route(uint64_t address, uint32_t data)
{
    return false;
}
#endif

static void add_vector(Collect *c, PCIDevice *dev, bool msix, unsigned index)
{
    MSIMessage m = msix ? msix_get_message(dev, index) :
                          msi_get_message(dev, index);
    bool masked = msix ? msix_is_masked(dev, index) : msi_is_masked(dev, index);
    LapicMSI msi = { swizzle(m.address), m.data };
    LapicMsg msg = lapic_msg_from_msi(msi, LAPIC_FORM_MSI_X2);
    LapicFault fault = { };
    LapicRoute *r;

    lapic_msi_check(msi, LAPIC_FORM_MSI_X2, &fault);
    if ((uint32_t)m.address >> 20 != APIC_BASE >> 20) {
        fault.err = -ENOTSUP;   /* it is no message */
    }
    r = add(c, LAPIC_ROUTE_SOURCE_MSI, masked, &msg, &fault);
    r->u.msi = (LapicRouteMSI) {
        .device = object_get_canonical_path(OBJECT(dev)),
        .msix = msix,
        .index = index,
        .address = m.address,
        .data = m.data,
    };
    r->has_delivered = fault.err != -ENOTSUP &&
                       !kvm_has_route(msi.address, msi.data) &&
                       lapic_seen_by_msi(msi.address, msi.data, &r->delivered);
}

static void add_device(Collect *c, PCIDevice *dev)
{
    if (msix_enabled(dev)) {
        for (int i = 0; i < dev->msix_entries_nr; i++) {
            add_vector(c, dev, true, i);
        }
    } else if (msi_enabled(dev)) {
        unsigned flags = pci_get_word(dev->config + dev->msi_cap +
                                      PCI_MSI_FLAGS);
        unsigned n = 1u << ((flags & PCI_MSI_FLAGS_QSIZE) >> 4);

        for (unsigned i = 0; i < MIN(n, MSI_VECTORS); i++) {
            add_vector(c, dev, false, i);
        }
    }
}

static int find(Object *obj, void *opaque)
{
    Collect *c = opaque;

    if (object_dynamic_cast(obj, TYPE_IOAPIC_COMMON)) {
        g_ptr_array_add(c->ioapics, obj);
    } else if (object_dynamic_cast(obj, TYPE_PCI_DEVICE) &&
               qdev_is_realized(DEVICE(obj))) {
        g_ptr_array_add(c->devices, obj);
    }
    return 0;
}

static int by_address(gconstpointer a, gconstpointer b)
{
    hwaddr x = (*(SysBusDevice **)a)->mmio[0].addr;
    hwaddr y = (*(SysBusDevice **)b)->mmio[0].addr;

    return x < y ? -1 : x > y;
}

static int by_path(gconstpointer a, gconstpointer b)
{
    g_autofree char *x = object_get_canonical_path(*(Object **)a);
    g_autofree char *y = object_get_canonical_path(*(Object **)b);

    return strcmp(x, y);
}

LapicRouteList *lapic_routes(Error **errp)
{
    g_autoptr(GPtrArray) ioapics = g_ptr_array_new();
    g_autoptr(GPtrArray) devices = g_ptr_array_new();
    g_autofree LapicView *views = NULL;
    g_autofree uint64_t *who = NULL;
    LapicRouteList *list = NULL;
    Collect c = { .ioapics = ioapics, .devices = devices, .tail = &list };

    if (!object_dynamic_cast(OBJECT(current_machine), TYPE_X86_MACHINE)) {
        error_setg(errp, "this machine has no local APICs");
        return NULL;
    }
    c.views = views = x86_lapic_views(&c.n);
    c.who = who = g_new(uint64_t, LAPIC_DEST_WORDS(c.n));

    object_child_foreach_recursive(OBJECT(current_machine), find, &c);
    g_ptr_array_sort(ioapics, by_address);
    g_ptr_array_sort(devices, by_path);
    for (unsigned i = 0; i < ioapics->len; i++) {
        IOAPICCommonState *s = ioapics->pdata[i];
        IOAPICCommonClass *k = IOAPIC_COMMON_GET_CLASS(s);

        if (k->pre_save) {
            k->pre_save(s);     /* fetches an in-kernel one's table */
        }
        for (unsigned pin = 0; pin < IOAPIC_NUM_PINS; pin++) {
            add_pin(&c, s, i, pin);
        }
    }
    for (unsigned i = 0; i < devices->len; i++) {
        add_device(&c, devices->pdata[i]);
    }
    if (kvm_enabled()) {
        add_kvm(&c);
    }
    return list;
}
