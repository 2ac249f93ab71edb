/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches: the table.
 *
 * The rows are the SDM's ("Determining IPI Destination", "Lowest Priority
 * Delivery Mode", "Interrupt Delivery in x2APIC Mode"). Where KVM does
 * something else the row has what KVM does, for /dev/kvm is asked every row,
 * and says what the SDM has.
 */
#include "qemu/osdep.h"
#include "rows.h"

#define NOBODY      (-1)
#define MSI         (-1)
#define FLAT        0xffffffffu
#define CLUSTER     0x0fffffffu

/*
 * An APIC by its vCPU's ID: xAPICs have an ID and an LDR of their own. OFF: by
 * software. DEAD: in hardware; it keeps what it had, and nothing of it counts.
 */
#define APIC(vcpu, on, soft, ...) \
    { .vcpu_id = (vcpu), .present = true, .enabled = (on), \
      .software = (soft), __VA_ARGS__ }
#define XAPIC(xid, logical, format) \
    .id = (xid), .ldr = (uint32_t)(logical) << 24, .dfr = (format)
#define X(vcpu, ...)        APIC(vcpu, true, true, XAPIC(__VA_ARGS__))
#define X_OFF(vcpu, ...)    APIC(vcpu, true, false, XAPIC(__VA_ARGS__))
#define X_DEAD(vcpu, ...)   APIC(vcpu, false, true, XAPIC(__VA_ARGS__))
#define X2(vcpu)            APIC(vcpu, true, true, .id = (vcpu), .x2apic = true)
#define X2_OFF(vcpu) \
    APIC(vcpu, true, false, .id = (vcpu), .x2apic = true)

/* Machines */

static const LapicMachine flat = { "flat", false, {
    X(0, 0, 0x01, FLAT), X(1, 1, 0x02, FLAT),
    X(2, 2, 0x04, FLAT), X(3, 3, 0x08, FLAT),
} };
/* Slot 2 is nobody's; vCPU 3 is off by software, vCPU 4 in hardware */
static const LapicMachine holes = { "holes", false, {
    X(0, 0, 0x01, FLAT), X(1, 1, 0x02, FLAT), X(2, 2, 0x08, FLAT),
    X_OFF(3, 3, 0x10, FLAT), X_DEAD(4, 4, 0x20, FLAT),
} };
/* Two have one slot; one has two */
static const LapicMachine shared = { "shared", false, {
    X(0, 0, 0x01, FLAT), X(1, 1, 0x02, FLAT), X(2, 2, 0x02, FLAT),
    X(3, 3, 0x0c, FLAT),
} };
/* Firmware has set no LDR yet */
static const LapicMachine fresh = { "fresh", false, {
    X(0, 0, 0, FLAT), X_OFF(1, 1, 0, FLAT), X_OFF(2, 2, 0x01, FLAT),
} };
/* IDs that the guest has changed; one that would be the broadcast */
static const LapicMachine renamed = { "renamed", false, {
    X(0, 7, 0x01, FLAT), X(1, 0, 0x02, FLAT), X(2, 0xff, 0x04, FLAT),
} };
static const LapicMachine twins = { "twins", false, {
    X(0, 0, 0x01, FLAT), X(1, 5, 0x02, FLAT), X(2, 5, 0x04, FLAT),
    X_OFF(3, 5, 0x08, FLAT), X_DEAD(4, 5, 0x10, FLAT),
} };
static const LapicMachine cluster = { "cluster", false, {
    X(0, 0, 0x01, CLUSTER), X(1, 1, 0x02, CLUSTER), X(2, 2, 0x11, CLUSTER),
    X(3, 3, 0x12, CLUSTER), X(4, 4, 0xf8, CLUSTER),
} };
static const LapicMachine cluster_shared = { "cluster-shared", false, {
    X(0, 0, 0x01, CLUSTER), X(1, 1, 0x23, CLUSTER), X(2, 2, 0x22, CLUSTER),
    X(3, 3, 0x30, CLUSTER),
} };
/* Flat beside cluster: the SDM forbids it, each APIC reads it its own way */
static const LapicMachine models = { "models", false, {
    X(0, 0, 0x11, FLAT), X(1, 1, 0x11, CLUSTER), X(2, 2, 0x20, FLAT),
} };
/* No model at all */
static const LapicMachine odd = { "odd", false, {
    X(0, 0, 0x11, 0x7fffffff), X(1, 1, 0x12, 0x7fffffff),
} };
static const LapicMachine x2 = { "x2", false, {
    X2(0), X2(1), X2(2), X2_OFF(3),
} };
static const LapicMachine x2_clusters = { "x2-clusters", false, {
    X2(0), X2(5), X2(16), X2(31), X2(255),
} };
/* Each vCPU begins as an xAPIC; while the kernel of the guest changes them */
static const LapicMachine half = { "half", false, {
    X2(0), X2(1), X(2, 2, 0x01, FLAT), X(3, 3, 0x04, FLAT),
} };
static const LapicMachine half_quiet = { "half-quiet", false, {
    X2(0), X2(1), X(2, 2, 0, FLAT), X_OFF(3, 3, 0x02, FLAT),
} };
static const LapicMachine half_twins = { "half-twins", false, {
    X2(0), X2(1), X(2, 1, 0x01, FLAT),
} };
/* Each machine may have IDs above 255; the MSI reaches them with the API */
static const LapicMachine high = { "high", false, {
    X2(0), X2(256), X(300, 44, 0, FLAT), X(44, 44, 0, FLAT),
} };
static const LapicMachine high_alone = { "high-alone", false, {
    X2(0), X2(258), X(300, 44, 0, FLAT),
} };
static const LapicMachine api_x2 = { "api-x2", true, {
    X2(0), X2(7), X2(255), X2(256), X2(258), X2(300),
} };
static const LapicMachine api_flat = { "api-flat", true, {
    X(0, 0, 0x01, FLAT), X(1, 1, 0x02, FLAT), X(300, 44, 0x04, FLAT),
    X(44, 44, 0x08, FLAT),
} };
/* Who has ID 1: the x2APIC, be it the last; and of two xAPICs the first */
static const LapicMachine api_twins = { "api-twins", true, {
    X(0, 1, 0x01, FLAT), X2(1), X(2, 9, 0x01, FLAT), X(3, 9, 0x02, FLAT),
} };

unsigned lapic_row_views(const LapicMachine *machine,
                         LapicView views[LAPIC_ROW_VCPUS])
{
    unsigned n = 0;

    while (n < LAPIC_ROW_VCPUS && machine->view[n].present) {
        views[n] = machine->view[n];
        views[n].x2apic_api = machine->api;
        n++;
    }
    return n;
}

/* Messages */

#define V           0x31        /* % 2 = 1, % 3 = 1, % 4 = 1, % 5 = 4 */
#define MSG(...)            { .vector = V, .assert = true, __VA_ARGS__ }
#define PHYS(d)             MSG(.dest = (d))
#define LOGICAL(d)          MSG(.dest = (d), .logical = true)
#define LOWEST(d, v) \
    { .dest = (d), .vector = (v), .delivery = LAPIC_LOWEST, .logical = true, \
      .assert = true }
#define LOWEST_PHYS(d, v) \
    { .dest = (d), .vector = (v), .delivery = LAPIC_LOWEST, .assert = true }
#define HINT(d, v) \
    { .dest = (d), .vector = (v), .logical = true, .redirect = true, \
      .assert = true }
#define HINT_PHYS(d, v) \
    { .dest = (d), .vector = (v), .redirect = true, .assert = true }
#define AS(mode, ...) \
    { .delivery = LAPIC_##mode, .assert = true, __VA_ARGS__ }
#define SHORT(to, ...) \
    MSG(.shorthand = LAPIC_##to, __VA_ARGS__)

const LapicRow lapic_rows[] = {
    /* Physical */
    { "phys/0", &flat, MSI, PHYS(0), 0x1, 0, 0 },
    { "phys/3", &flat, MSI, PHYS(3), 0x8, 3, 3 },
    { "phys/nobody", &flat, MSI, PHYS(4), 0, NOBODY, NOBODY },
    { "phys/broadcast", &flat, MSI, PHYS(0xff), 0xf, NOBODY, NOBODY },
    { "phys/level", &flat, MSI, MSG(.dest = 2, .level = true), 0x4, 2, 2 },
    { "phys/software-off", &holes, MSI, PHYS(3), 0, NOBODY, 3 },
    { "phys/hardware-off", &holes, MSI, PHYS(4), 0, NOBODY, NOBODY },
    { "phys/broadcast-holes", &holes, MSI, PHYS(0xff), 0x7, NOBODY, NOBODY },
    { "phys/renamed", &renamed, MSI, PHYS(7), 0x1, 0, 0 },
    { "phys/renamed-to-0", &renamed, MSI, PHYS(0), 0x2, 1, 1 },
    { "phys/renamed-from-1", &renamed, MSI, PHYS(1), 0, NOBODY, NOBODY },
    { "phys/renamed-ff", &renamed, MSI, PHYS(0xff), 0x7, NOBODY, NOBODY },
    { "phys/twins", &twins, MSI, PHYS(5), 0x6, NOBODY, NOBODY,
      .linux_6_3 = true },
    { "phys/beside-twins", &twins, MSI, PHYS(0), 0x1, 0, 0 },
    { "phys/lowest", &flat, MSI, LOWEST_PHYS(2, V), 0x4, 2, 2 },
    { "phys/lowest-broadcast", &flat, MSI, LOWEST_PHYS(0xff, V),
      0xf, NOBODY, NOBODY, "reserved", .all = true },
    { "phys/hint", &flat, MSI, HINT_PHYS(1, V), 0x2, 1, 1 },
    { "phys/hint-broadcast", &flat, MSI, HINT_PHYS(0xff, V), 0xf, 1, NOBODY,
      "reserved" },
    { "phys/lowest-twins", &twins, MSI, LOWEST_PHYS(5, V), 0x6, 2, NOBODY,
      .linux_6_3 = true },

    /* Logical, flat */
    { "flat/one", &flat, MSI, LOGICAL(0x04), 0x4, 2, 2 },
    { "flat/two", &flat, MSI, LOGICAL(0x0a), 0xa, NOBODY, NOBODY },
    { "flat/none", &flat, MSI, LOGICAL(0xf0), 0, NOBODY, NOBODY },
    { "flat/zero", &flat, MSI, LOGICAL(0), 0, NOBODY, NOBODY },
    { "flat/broadcast", &flat, MSI, LOGICAL(0xff), 0xf, NOBODY, NOBODY },
    { "flat/one-of-many-bits", &flat, MSI, LOGICAL(0xf2), 0x2, 1, 1 },
    { "flat/software-off", &holes, MSI, LOGICAL(0x10), 0, NOBODY, 3 },
    { "flat/hardware-off", &holes, MSI, LOGICAL(0x20), 0, NOBODY, NOBODY },
    { "flat/holes", &holes, MSI, LOGICAL(0x3f), 0x7, NOBODY, NOBODY },
    { "flat/shared", &shared, MSI, LOGICAL(0x02), 0x6, NOBODY, NOBODY,
      .linux_6_3 = true },
    { "flat/two-slots", &shared, MSI, LOGICAL(0x04), 0x8, 3, 3 },
    { "flat/fresh", &fresh, MSI, LOGICAL(0x01), 0, NOBODY, 2 },
    { "flat/fresh-broadcast", &fresh, MSI, LOGICAL(0xff), 0x1, 0, NOBODY },
    { "flat/twins", &twins, MSI, LOGICAL(0x06), 0x6, NOBODY, NOBODY },

    /* Logical, cluster */
    { "cluster/one", &cluster, MSI, LOGICAL(0x12), 0x8, 3, 3 },
    { "cluster/two", &cluster, MSI, LOGICAL(0x13), 0xc, NOBODY, NOBODY },
    { "cluster/0", &cluster, MSI, LOGICAL(0x0f), 0x3, NOBODY, NOBODY },
    { "cluster/none", &cluster, MSI, LOGICAL(0x2f), 0, NOBODY, NOBODY },
    { "cluster/no-slot", &cluster, MSI, LOGICAL(0x10), 0, NOBODY, NOBODY },
    { "cluster/15", &cluster, MSI, LOGICAL(0xf8), 0x10, 4, 4 },
    { "cluster/broadcast", &cluster, MSI, LOGICAL(0xff),
      0x1f, NOBODY, NOBODY },
    { "cluster/shared", &cluster_shared, MSI, LOGICAL(0x22),
      0x6, NOBODY, NOBODY, .linux_6_3 = true },
    { "cluster/shared-not", &cluster_shared, MSI, LOGICAL(0x21), 0x2, 1, 1 },
    { "cluster/shared-15", &cluster_shared, MSI, LOGICAL(0xf1),
      0, NOBODY, NOBODY },
    { "cluster/lowest", &cluster, MSI, LOWEST(0x13, V), 0xc, 3, 3 },
    { "models/flat-bit", &models, MSI, LOGICAL(0x20), 0x4, 2, 2 },
    { "models/both", &models, MSI, LOGICAL(0x11), 0x3, NOBODY, NOBODY,
      "all APICs have to have one model" },
    { "models/lowest", &models, MSI, LOWEST(0x11, V), 0x3, 1, NOBODY,
      "all APICs have to have one model" },
    { "odd/cluster", &odd, MSI, LOGICAL(0x12), 0x2, 1, 1, "undefined" },
    { "odd/broadcast", &odd, MSI, LOGICAL(0xff), 0x3, NOBODY, NOBODY },

    /* x2APIC */
    { "x2/phys", &x2, MSI, PHYS(2), 0x4, 2, 2 },
    { "x2/phys-off", &x2, MSI, PHYS(3), 0, NOBODY, 3 },
    { "x2/msi-ff", &x2, MSI, PHYS(0xff), 0x7, NOBODY, NOBODY,
      "255 is an ID; KVM's way to broadcast without remapping" },
    { "x2/msi-logical-ff", &x2, MSI, LOGICAL(0xff), 0x7, NOBODY, NOBODY },
    { "x2/ipi-ff", &x2, 0, PHYS(0xff), 0, NOBODY, NOBODY },
    { "x2/ipi-broadcast", &x2, 0, PHYS(0xffffffff), 0x7, NOBODY, NOBODY },
    { "x2/ipi-logical-broadcast", &x2, 1, LOGICAL(0xffffffff),
      0x7, NOBODY, NOBODY },
    { "x2/logical", &x2, MSI, LOGICAL(0x06), 0x6, NOBODY, NOBODY },
    { "x2/logical-off", &x2, MSI, LOGICAL(0x08), 0, NOBODY, 3 },
    { "x2/ipi-cluster-1", &x2_clusters, 0, LOGICAL(0x18001),
      0xc, NOBODY, NOBODY },
    { "x2/ipi-cluster-0", &x2_clusters, 2, LOGICAL(0x20), 0x2, 1, NOBODY },
    { "x2/ipi-cluster-15", &x2_clusters, 2, LOGICAL(0xf8000), 0x10, 4,
      NOBODY },
    { "x2/ipi-255", &x2_clusters, 0, PHYS(0xff), 0x10, 4, NOBODY },
    { "x2/msi-255", &x2_clusters, MSI, PHYS(0xff), 0x1f, NOBODY, NOBODY,
      "255 is an ID" },
    { "x2/ipi-cluster-beyond", &x2_clusters, 0, LOGICAL(0xffff0001),
      0, NOBODY, NOBODY },
    { "x2/ipi-lowest-cluster", &x2_clusters, 0, LOWEST(0x18001, V), 0xc, 3,
      NOBODY, "no LowestPrio in x2APIC mode" },
    { "x2/ipi-lowest-broadcast", &x2_clusters, 0, LOWEST_PHYS(0xffffffff, V),
      0x1f, 4, NOBODY, "no LowestPrio in x2APIC mode" },

    /* Both */
    { "half/phys-x2", &half, MSI, PHYS(1), 0x2, 1, 1 },
    { "half/phys-x", &half, MSI, PHYS(3), 0x8, 3, 3 },
    { "half/logical", &half, MSI, LOGICAL(0x01), 0x5, NOBODY, NOBODY },
    { "half/logical-x", &half, MSI, LOGICAL(0x04), 0x8, 3, 3 },
    { "half/msi-broadcast", &half, MSI, PHYS(0xff), 0xf, NOBODY, NOBODY },
    { "half/msi-logical-broadcast", &half, MSI, LOGICAL(0xff),
      0xf, NOBODY, NOBODY },
    { "half/x-ipi-broadcast", &half, 2, PHYS(0xff), 0xc, NOBODY, NOBODY },
    { "half/x2-ipi-broadcast", &half, 0, PHYS(0xffffffff),
      0x3, NOBODY, NOBODY, "xAPICs see the low 8 bits, a broadcast" },
    { "half/x2-ipi-102", &half, 0, PHYS(0x102), 0, NOBODY, NOBODY,
      "xAPICs see the low 8 bits, ID 2" },
    { "half/x2-ipi-ff", &half, 0, PHYS(0xff), 0, NOBODY, NOBODY,
      "to xAPICs it is a broadcast" },
    { "half/x2-ipi-logical-ff", &half, 0, LOGICAL(0xff),
      0xf, NOBODY, NOBODY },
    { "half-quiet/phys", &half_quiet, MSI, PHYS(2), 0x4, 2, 2 },
    { "half-quiet/x-by-its-id", &half_quiet, MSI, LOGICAL(0x04), 0x4, 2, 2,
      "its LDR is 0, nobody" },
    { "half-quiet/off", &half_quiet, MSI, LOGICAL(0x02), 0x2, 1, 1 },
    { "half-quiet/off-by-its-id", &half_quiet, MSI, LOGICAL(0x08),
      0, NOBODY, 3 },
    { "half-twins/phys", &half_twins, MSI, PHYS(1), 0x6, NOBODY, NOBODY,
      .linux_6_3 = true },
    { "half-twins/x2-ipi-ff", &half_twins, 0, PHYS(0xff), 0x4, 2, NOBODY,
      .linux_6_3 = true },
    { "half-twins/logical", &half_twins, MSI, LOGICAL(0x01),
      0x5, NOBODY, NOBODY },

    /* IDs above 255 */
    { "high/ipi-256", &high, 0, PHYS(256), 0x2, 1, NOBODY },
    { "high/ipi-300-is-44", &high, 0, PHYS(44), 0xc, NOBODY, NOBODY,
      .linux_6_3 = true },
    { "high/ipi-300", &high, 0, PHYS(300), 0x4, 2, NOBODY,
      "no xAPIC has it; KVM's way to a hotplugged vCPU" },
    { "high-alone/ipi-44", &high_alone, 0, PHYS(44), 0x4, 2, NOBODY },
    { "high-alone/ipi-300", &high_alone, 0, PHYS(300), 0, NOBODY, NOBODY,
      .linux_6_3 = true },
    { "high-alone/ipi-cluster-16", &high_alone, 0, LOGICAL(0x10ffff),
      0x2, 1, NOBODY },
    { "api/phys-300", &api_x2, MSI, PHYS(300), 0x20, 5, 5 },
    { "api/phys-255", &api_x2, MSI, PHYS(255), 0x4, 2, 2 },
    { "api/phys-301", &api_x2, MSI, PHYS(301), 0, NOBODY, NOBODY },
    { "api/broadcast", &api_x2, MSI, PHYS(0xffffffff),
      0x3f, NOBODY, NOBODY },
    { "api/logical-ff", &api_x2, MSI, LOGICAL(0xff), 0x3, NOBODY, NOBODY },
    { "api/lowest-ff", &api_x2, MSI, LOWEST(0xff, 49), 0x3, NOBODY, NOBODY,
      "one of those that are there" },
    { "api/cluster-16", &api_x2, MSI, LOGICAL(0x10ffff),
      0x18, NOBODY, NOBODY },
    { "api/cluster-18", &api_x2, MSI, LOGICAL(0x121000), 0x20, 5, 5 },
    /* The map ends with 300, slot 12 of cluster 18: 13 slots, 49 % 13 = 10 */
    { "api/lowest-end-of-map", &api_x2, MSI, LOWEST(0x12ffff, 49), 0x20,
      NOBODY, 5, "one of those that are there" },
    { "api/lowest-end-of-map-hit", &api_x2, MSI, LOWEST(0x12ffff, 51), 0x20,
      5, 5 },
    { "api-flat/phys-300", &api_flat, MSI, PHYS(300), 0x4, 2, 2,
      "no xAPIC has it; KVM's way to a hotplugged vCPU" },
    { "api-flat/phys-44", &api_flat, MSI, PHYS(44), 0x4, 2, 2,
      "both have it; in KVM, who comes first" },
    { "api-flat/broadcast-ff", &api_flat, MSI, PHYS(0xff),
      0xf, NOBODY, NOBODY },
    { "api-flat/broadcast-all", &api_flat, MSI, PHYS(0xffffffff),
      0, NOBODY, NOBODY },
    { "api-flat/logical", &api_flat, MSI, LOGICAL(0x0c),
      0xc, NOBODY, NOBODY },
    { "api-twins/x2-first", &api_twins, MSI, PHYS(1), 0x2, 1, 1,
      "both have it" },
    { "api-twins/first", &api_twins, MSI, PHYS(9), 0x4, 2, 2,
      "both have it" },
    { "api-twins/msi-ff", &api_twins, MSI, PHYS(0xff), 0xd, NOBODY, NOBODY },
    { "api-twins/ipi-ff", &api_twins, 0, PHYS(0xff), 0xd, NOBODY, NOBODY },

    /* One of several */
    { "lowest/4", &flat, MSI, LOWEST(0x0f, 48), 0xf, 0, 0 },
    { "lowest/4-next", &flat, MSI, LOWEST(0x0f, 49), 0xf, 1, 1 },
    { "lowest/4-last", &flat, MSI, LOWEST(0x0f, 51), 0xf, 3, 3 },
    { "lowest/2-of-4", &flat, MSI, LOWEST(0x0a, 49), 0xa, 3, 3 },
    { "lowest/one", &flat, MSI, LOWEST(0x04, 49), 0x4, 2, 2 },
    { "lowest/zero", &flat, MSI, LOWEST(0, 49), 0, NOBODY, NOBODY },
    { "lowest/broadcast", &flat, MSI, LOWEST(0xff, 50), 0xf, 2, NOBODY },
    { "lowest/slot-of-nobody", &holes, MSI, LOWEST(0x0f, 50), 0x7, NOBODY,
      NOBODY, "one of those that are there" },
    { "lowest/beside-the-hole", &holes, MSI, LOWEST(0x0f, 51), 0x7, 2, 2 },
    { "lowest/one-and-a-hole", &holes, MSI, LOWEST(0x0c, 48), 0x4, NOBODY, 2,
      "the one that is there" },
    { "lowest/asked", &shared, MSI, LOWEST(0x0e, 49), 0xe, 2, NOBODY,
      .linux_6_3 = true },
    { "lowest/asked-first", &shared, MSI, LOWEST(0x0e, 48), 0xe, 1, NOBODY,
      .linux_6_3 = true },
    { "lowest/x2", &x2, MSI, LOWEST(0x07, 50), 0x7, 2, 2 },
    { "lowest/x2-off", &x2, MSI, LOWEST(0x0f, 51), 0x7, NOBODY, 3 },
    { "lowest/half", &half, MSI, LOWEST(0x07, 51), 0xf, 3, NOBODY },
    { "hint/4", &flat, MSI, HINT(0x0f, 50), 0xf, 2, 2 },
    { "hint/nmi", &flat, MSI,
      AS(NMI, .dest = 0x0f, .logical = true, .redirect = true, .vector = 51),
      0xf, 3, NOBODY },
    { "hint/nmi-broadcast", &flat, MSI,
      AS(NMI, .dest = 0xff, .redirect = true, .vector = 51), 0xf, 3, NOBODY,
      "an NMI", .fixed = true },
    { "hint/extint-broadcast", &flat, MSI,
      AS(EXTINT, .dest = 0xff, .redirect = true, .vector = 50), 0xf, 2,
      NOBODY, "the PIC's vector", .fixed = true },
    { "hint/nmi-holes", &holes, MSI,
      AS(NMI, .dest = 0xff, .logical = true, .redirect = true, .vector = 51),
      0x7, 0, NOBODY },
    { "hint/init", &flat, MSI,
      AS(INIT, .dest = 0x0a, .logical = true, .redirect = true, .vector = 49),
      0xa, 3, NOBODY },

    /* Others than Fixed: an APIC that is off by software takes them */
    { "nmi/one", &flat, MSI, AS(NMI, .dest = 2), 0x4, 2, NOBODY },
    { "nmi/broadcast", &flat, MSI, AS(NMI, .dest = 0xff),
      0xf, NOBODY, NOBODY },
    { "nmi/logical", &flat, MSI, AS(NMI, .dest = 0x0c, .logical = true),
      0xc, NOBODY, NOBODY },
    { "nmi/software-off", &holes, MSI, AS(NMI, .dest = 3), 0x8, 3, NOBODY },
    { "nmi/hardware-off", &holes, MSI, AS(NMI, .dest = 4),
      0, NOBODY, NOBODY, "the pin would; a message does not reach it" },
    { "nmi/logical-software-off", &holes, MSI,
      AS(NMI, .dest = 0x10, .logical = true), 0, NOBODY, NOBODY,
      "it takes it" },
    { "init/one", &flat, MSI, AS(INIT, .dest = 1), 0x2, 1, NOBODY },
    { "init/boot-cpu", &flat, MSI, AS(INIT, .dest = 0), 0x1, 0, NOBODY },
    { "init/software-off", &holes, MSI, AS(INIT, .dest = 3), 0x8, 3, NOBODY },
    { "init/broadcast", &holes, MSI, AS(INIT, .dest = 0xff),
      0xf, NOBODY, NOBODY },
    { "init/x2", &x2, MSI, AS(INIT, .dest = 2), 0x4, 2, NOBODY },
    { "init/deassert-ipi", &flat, 0,
      { .delivery = LAPIC_INIT, .dest = 1, .level = true },
      0, NOBODY, NOBODY },
    { "init/deassert-msi", &flat, MSI,
      { .delivery = LAPIC_INIT, .dest = 1, .level = true }, 0x2, 1, NOBODY,
      "de-assert; an MSI always asserts in KVM" },
    { "sipi/one", &flat, MSI, AS(STARTUP, .dest = 1, .vector = 4), 0x2, 1,
      NOBODY, "no MSI has it" },
    { "sipi/broadcast", &flat, MSI, AS(STARTUP, .dest = 0xff, .vector = 4),
      0xf, NOBODY, NOBODY, "no MSI has it" },
    { "smi/one", &flat, MSI, AS(SMI, .dest = 1), 0x2, 1, NOBODY },
    { "smi/broadcast", &holes, MSI, AS(SMI, .dest = 0xff),
      0xf, NOBODY, NOBODY },
    { "extint/one", &flat, MSI, AS(EXTINT, .dest = 1, .vector = V),
      0, NOBODY, NOBODY, "the PIC's vector to that one" },
    { "level/deassert-ipi", &flat, 0,
      { .vector = V, .dest = 1, .level = true }, 0, NOBODY, NOBODY,
      "trigger and level are of no matter" },
    { "level/deassert-msi", &flat, MSI,
      { .vector = V, .dest = 1, .level = true }, 0x2, 1, 1 },

    /* The ICR */
    { "ipi/phys", &flat, 0, PHYS(2), 0x4, 2, NOBODY },
    { "ipi/own-id", &flat, 1, PHYS(1), 0x2, 1, NOBODY },
    { "ipi/broadcast", &flat, 1, PHYS(0xff), 0xf, NOBODY, NOBODY },
    { "ipi/logical", &flat, 3, LOGICAL(0x09), 0x9, NOBODY, NOBODY },
    { "ipi/lowest", &flat, 3, LOWEST(0x0f, 49), 0xf, 1, NOBODY },
    { "ipi/nmi", &flat, 0, AS(NMI, .dest = 3), 0x8, 3, NOBODY },
    { "ipi/init", &flat, 0, AS(INIT, .dest = 3), 0x8, 3, NOBODY },
    { "ipi/sipi", &flat, 0, AS(STARTUP, .dest = 3, .vector = 4), 0x8, 3,
      NOBODY },
    { "short/self", &flat, 1, SHORT(SELF), 0x2, 1, NOBODY },
    { "short/self-dest", &flat, 1, SHORT(SELF, .dest = 3), 0x2, 1, NOBODY },
    { "short/all", &flat, 1, SHORT(ALL), 0xf, NOBODY, NOBODY },
    { "short/others", &flat, 1, SHORT(OTHERS), 0xd, NOBODY, NOBODY },
    { "short/all-holes", &holes, 1, SHORT(ALL), 0x7, NOBODY, NOBODY },
    { "short/others-holes", &holes, 1, SHORT(OTHERS), 0x5, NOBODY, NOBODY },
    { "short/self-x2", &x2, 2, SHORT(SELF), 0x4, 2, NOBODY },
    { "short/all-x2", &x2, 2, SHORT(ALL), 0x7, NOBODY, NOBODY },
    { "short/others-half", &half, 2, SHORT(OTHERS), 0xb, NOBODY, NOBODY },
    { "short/others-twins", &twins, 1, SHORT(OTHERS), 0x5, NOBODY, NOBODY },
    { "short/nmi-others", &holes, 0,
      AS(NMI, .shorthand = LAPIC_OTHERS), 0xe, NOBODY, NOBODY },
    { "short/init-others", &holes, 0,
      AS(INIT, .shorthand = LAPIC_OTHERS), 0xe, NOBODY, NOBODY },
    { "short/lowest-others", &flat, 0,
      AS(LOWEST, .shorthand = LAPIC_OTHERS, .vector = 49), 0xe, 2, NOBODY },
    { "short/lowest-all", &flat, 0,
      AS(LOWEST, .shorthand = LAPIC_ALL, .vector = 49), 0xf, 1, NOBODY,
      "reserved" },
    { "short/lowest-all-ff", &flat, 0,
      AS(LOWEST, .shorthand = LAPIC_ALL, .vector = 49, .dest = 0xff),
      0xf, NOBODY, NOBODY, "reserved", .all = true },
};

const unsigned lapic_rows_count = sizeof(lapic_rows) / sizeof(lapic_rows[0]);
