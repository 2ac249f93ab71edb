/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shipped sender of messages to local APICs, for the contract test. All
 * vCPUs are one thread's, which is where it is already.
 */
#include "qemu/osdep.h"
#include "scenario.h"

#define MSR_APICBASE    0x1bu

static bool is_on(void *opaque, unsigned vcpu)
{
    Run *r = opaque;
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } m = { .head.nmsrs = 1, .entry.index = MSR_APICBASE };

    end_ioctl(r->end, vcpu, KVM_GET_MSRS, &m);
    return m.entry.data & KVM_MODEL_ENABLE;
}

void sender_init(Run *r, bool smm)
{
    const LapicSendHost host = { .enabled = is_on, .opaque = r };
    unsigned n = r->end->config.vcpus;

    lapic_send_init(&r->sender.s, r->end->port, &host, r->sender.vcpu, n);
    r->sender.s.smm = smm;
    for (unsigned i = 0; i < n; i++) {
        r->sender.vcpu[i].id = i;
        r->sender.vcpu[i].present = true;
    }
}

/* V [MODE] [to=APIC-ID] [short=N] [level] [logical] */
static LapicMsg message(const Run *r, char **argv)
{
    LapicMsg msg = {
        .vector = *argv ? g_ascii_strtoull(*argv, NULL, 0) : 0,
        .dest = r->vcpu,
        .assert = true,
    };

    for (; *argv; argv++) {
        int mode = mode_named(*argv);

        if (mode >= 0) {
            msg.delivery = mode;
        } else if (g_str_has_prefix(*argv, "to=")) {
            msg.dest = g_ascii_strtoull(*argv + 3, NULL, 0);
        } else if (g_str_has_prefix(*argv, "short=")) {
            msg.shorthand = g_ascii_strtoull(*argv + 6, NULL, 0);
        } else if (!strcmp(*argv, "level")) {
            msg.level = true;
        } else if (!strcmp(*argv, "logical")) {
            msg.logical = true;
        } else if (!strcmp(*argv, "de-assert")) {
            msg.level = true;
            msg.assert = false;
        }
    }
    return msg;
}

int send_msg(Run *r, char **argv, char *result)
{
    LapicMsg msg = message(r, argv);

    return lapic_send(&r->sender.s, &msg, NULL);
}

/* Results in "lost" or "failed" if the vCPU's thread could do no better */
int send_self(Run *r, char **argv, char *result)
{
    LapicMsg msg = message(r, argv);
    LapicSendVCPU *v = &r->sender.vcpu[r->vcpu];
    LapicSendVCPU before = *v;
    bool shorthand = false;
    int ret;

    for (; *argv; argv++) {
        shorthand |= g_str_has_prefix(*argv, "short=");
    }
    if (!shorthand) {
        msg.shorthand = LAPIC_SELF;
    }
    ret = lapic_send_self(&r->sender.s, r->vcpu, &msg, NULL);
    if (v->lost != before.lost || v->failed != before.failed) {
        snprintf(result, RESULT_SIZE, v->failed != before.failed ? "failed" :
                 "lost");
    }
    return ret;
}

int send_pin(Run *r, char **argv, char *result)
{
    static int (*const pins[])(LapicSend *, unsigned) = {
        [LAPIC_SMI] = lapic_pin_smi,
        [LAPIC_NMI] = lapic_pin_nmi,
        [LAPIC_INIT] = lapic_pin_init,
    };
    LapicSendVCPU *v = &r->sender.vcpu[r->vcpu];
    int mode = argv[0] ? mode_named(argv[0]) : -1;
    uint64_t failed = v->failed;
    int ret;

    if (mode < 0 || mode > LAPIC_INIT || !pins[mode]) {
        return -EDOM;
    }
    ret = pins[mode](&r->sender.s, r->vcpu);
    if (v->failed != failed) {
        snprintf(result, RESULT_SIZE, "failed");
    }
    return ret;
}

/* Results in 1 if the kernel has the proposal of 2013 */
int send_probe(Run *r, char **argv, char *result)
{
    return lapic_send_probe(&r->sender.s, r->vcpu);
}
