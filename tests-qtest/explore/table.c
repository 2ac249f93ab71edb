/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's words, and the tables of what the environment may do.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "explore.h"

#define LVT0 0x350
#define APICBASE 0x1b
#define NO_IO { { -1 } }
#define OUT { .op = KVM_MODEL_OUT, .reg = 0x20 }

/* Accesses to M(aster) and S(lave) */
#define M(a0, val) { I8259_MASTER, a0, val }
#define S(a0, val) { I8259_SLAVE, a0, val }
#define END { -1, 0, 0 }

const Word words[] = {
    { "cli", { .op = KVM_MODEL_CLI }, NO_IO },
    { "sti", { .op = KVM_MODEL_STI }, NO_IO },
    { "open-if", { .op = KVM_MODEL_POPF, .val = 0x202 }, NO_IO },
    { "hlt", { .op = KVM_MODEL_HLT }, NO_IO },
    { "iret", { .op = KVM_MODEL_IRET }, NO_IO },
    { "mask-lint0", { .op = KVM_MODEL_APIC_WRITE, .reg = LVT0,
                      .val = KVM_MODEL_MASKED | KVM_MODEL_EXTINT }, NO_IO },
    { "open-lint0", { .op = KVM_MODEL_APIC_WRITE, .reg = LVT0,
                      .val = KVM_MODEL_EXTINT }, NO_IO },
    { "apic-off", { .op = KVM_MODEL_WRMSR, .reg = APICBASE,
                    .val = KVM_MODEL_APICBASE }, NO_IO },
    { "apic-on", { .op = KVM_MODEL_WRMSR, .reg = APICBASE,
                   .val = KVM_MODEL_APICBASE | KVM_MODEL_ENABLE }, NO_IO },
    { "eoi", OUT, { M(0, 0x20), END } },
    { "eoi0", OUT, { M(0, 0x60), END } },
    { "eoi-slave", OUT, { S(0, 0x20), M(0, 0x62), END } },
    { "rotate", OUT, { M(0, 0xa0), END } },
    { "poll", OUT, { M(0, 0x0c), M(0, -1), END } },
    { "mask-all", OUT, { M(1, 0xff), END } },
    { "mask-none", OUT, { M(1, 0x00), END } },
    { "icw", OUT, { M(0, 0x13), M(1, 0x20), M(1, 0x01), END } },
    { "icw-aeoi", OUT, { M(0, 0x13), M(1, 0x20), M(1, 0x03), END } },
};

const Word *word_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].name) == len && !memcmp(words[i].name, name, len)) {
            return &words[i];
        }
    }
    return NULL;
}

#define IRQ(n) (1u << (n))

#define GUEST "cli sti hlt mask-lint0 open-lint0 eoi"

const Table tables[] = {
    {
        .name = "one",
        .about = "one vCPU, two edge lines, IMR, specific EOI, exits of other "
                 "causes",
        .vcpus = 1, .lines = IRQ(0), .pulses = IRQ(1), .host = HOST_EXIT,
        .guest = { GUEST " eoi0 mask-all mask-none" },
    },
    {
        .name = "slave",
        .about = "one vCPU, a line of the slave and one of the master",
        .vcpus = 1, .lines = IRQ(8), .pulses = IRQ(0), .host = HOST_STOP,
        .guest = { "cli sti hlt eoi eoi-slave open-lint0" },
    },
    {
        .name = "level",
        .about = "one vCPU, a level-triggered line each of master and slave",
        .vcpus = 1, .lines = IRQ(5) | IRQ(9), .elcr = IRQ(5) | IRQ(9),
        .host = HOST_STOP | HOST_MIGRATE,
        .guest = { "cli sti hlt eoi eoi-slave open-lint0 mask-lint0" },
    },
    {
        .name = "lives",
        .about = "one vCPU: stop, save and restore, loadvm in place, reset, "
                 "registers read while it runs",
        .vcpus = 1, .lines = IRQ(0), .pulses = IRQ(1),
        .host = HOST_STOP | HOST_MIGRATE | HOST_LOAD | HOST_RESET | HOST_SYNC,
        .guest = { GUEST },
    },
    {
        .name = "nmi",
        .about = "one vCPU: an NMI between hand-over and delivery, stop, APIC "
                 "off",
        .vcpus = 1, .prompt = true, .pulses = IRQ(0),
        .host = HOST_STOP | HOST_MIGRATE | HOST_NMI,
        .guest = { "open-if iret apic-off apic-on eoi icw" },
    },
    {
        .name = "icw",
        .about = "one vCPU that initialises the master anew, AEOI, rotation; "
                 "stop with the vector in KVM",
        .vcpus = 1, .lines = IRQ(0), .pulses = IRQ(1),
        .host = HOST_STOP | HOST_MIGRATE,
        .guest = { "cli sti open-lint0 eoi icw icw-aeoi rotate mask-all" },
    },
    {
        .name = "refuse",
        .about = "one vCPU, a kernel that refuses KVM_INTERRUPT for a while",
        .vcpus = 1, .lines = IRQ(0),
        .host = HOST_REFUSE,
        .guest = { "cli sti hlt open-lint0 eoi" },
    },
    {
        .name = "two",
        .about = "two vCPUs, one edge line, LINT0 masked and opened on either",
        .vcpus = 2, .prompt = true, .pulses = IRQ(0),
        .guest = { "open-if mask-lint0 open-lint0 eoi", "open-if open-lint0" },
    },
    {
        .name = "two-lives",
        .about = "two vCPUs: stop, save and restore, reset with vectors in KVM "
                 "on both",
        .vcpus = 2, .prompt = true, .pulses = IRQ(1),
        .host = HOST_STOP | HOST_MIGRATE,
        .guest = { "open-if open-lint0 eoi", "open-if open-lint0" },
    },
    {
        .name = "rotate",
        .about = "two vCPUs, two lines, AEOI with rotation: two INTAs undone "
                 "at a stop",
        .deep = true,
        .vcpus = 2, .prompt = true, .rotate = true, .open = 3,
        .pulses = IRQ(0) | IRQ(1),
        .host = HOST_STOP,
        .guest = { "", "" },
    },
    {
        .name = "unplug",
        .about = "two vCPUs, the second is unplugged and plugged",
        .vcpus = 2, .prompt = true, .pulses = IRQ(0),
        .host = HOST_UNPLUG,
        .guest = { "open-if open-lint0 eoi", "open-if open-lint0" },
    },
    {
        .name = "one-deep",
        .about = "as one, with polls and kicks of other causes",
        .deep = true,
        .vcpus = 1, .lines = IRQ(0) | IRQ(1),
        .host = HOST_EXIT | HOST_KICK,
        .guest = { GUEST " eoi0 rotate mask-all mask-none poll" },
    },
    {
        .name = "nmi-deep",
        .about = "as nmi, with LINT0, HLT, reset, and signals that come late",
        .deep = true,
        .vcpus = 1, .pulses = IRQ(0),
        .host = HOST_STOP | HOST_MIGRATE | HOST_RESET | HOST_NMI,
        .guest = { "sti hlt iret mask-lint0 open-lint0 apic-off apic-on eoi" },
    },
    {
        .name = "slave-deep",
        .about = "as slave, with LINT0, reset, save and restore",
        .deep = true,
        .vcpus = 1, .lines = IRQ(8) | IRQ(0),
        .host = HOST_STOP | HOST_RESET | HOST_MIGRATE,
        .guest = { GUEST " eoi-slave" },
    },
    {
        .name = "two-deep",
        .about = "as two, with LINT0 masked on the second vCPU too",
        .deep = true,
        .vcpus = 2, .prompt = true, .pulses = IRQ(0),
        .guest = { "open-if mask-lint0 open-lint0 eoi",
                   "open-if mask-lint0 open-lint0" },
    },
    {
        .name = "lives-deep",
        .about = "as two-lives, with reset, and EOI on either vCPU",
        .deep = true,
        .vcpus = 2, .prompt = true, .pulses = IRQ(1),
        .host = HOST_STOP | HOST_MIGRATE | HOST_RESET,
        .guest = { "open-if open-lint0 eoi", "open-if open-lint0 eoi" },
    },
};
const unsigned n_tables = sizeof(tables) / sizeof(tables[0]);
