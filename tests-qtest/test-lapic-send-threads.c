/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of what is sent to local APICs: several threads send to one vCPU
 * whose own thread is another one. Nothing is lost and nothing made up: what
 * was asked for is done at least once after the last time it was asked for,
 * and at most as often.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include <glib.h>
#include <linux/kvm.h>
#include "lapic-send.h"

#define SENDERS     3
#define ROUNDS      300
#define POSTS       400         /* a sender's, in a round */
#define VECTORS     256

static LapicSend s;
static LapicSendVCPU vcpu;
static GPrivate is_vcpu;        /* on the vCPU's thread */

static uint32_t calls;          /* atomic: asked for, not yet begun */
static uint32_t quit;           /* atomic */
static void (*call)(void *opaque, unsigned vcpu);

/* Asked for, and done. NMIs count the requests that came before them */
static uint32_t asked_nmi, seen_nmi, nmis;
static uint32_t asked[VECTORS], done[VECTORS];

/* The port: a kernel whose APIC no message finds but from the vCPU's thread */

static int port_ioctl(KVMPort *p, unsigned n, unsigned long request, void *arg)
{
    g_assert_nonnull(g_private_get(&is_vcpu));
    if (request == KVM_GET_LAPIC) {
        memset(arg, 0, sizeof(struct kvm_lapic_state));
        ((uint8_t *)arg)[0x361] = 4;
    } else if (request == KVM_NMI) {
        qatomic_set(&seen_nmi, qatomic_read(&asked_nmi));
        qatomic_inc(&nmis);
    } else {
        g_assert_not_reached();
    }
    return 0;
}

static int port_vm_ioctl(KVMPort *p, unsigned long request, void *arg)
{
    const struct kvm_msi *msi = arg;

    g_assert_cmphex(request, ==, KVM_SIGNAL_MSI);
    if (!g_private_get(&is_vcpu)) {
        return 0;
    }
    qatomic_inc(&done[msi->data & 0xff]);
    return 1;
}

static bool port_defer(KVMPort *p, unsigned n,
                       void (*work)(void *opaque, unsigned vcpu), void *opaque)
{
    call = work;
    g_assert_cmpuint(qatomic_xchg(&calls, 1), ==, 0);
    return true;
}

static const KVMPortOps ops = {
    .ioctl = port_ioctl,
    .vm_ioctl = port_vm_ioctl,
    .defer = port_defer,
};

static bool enabled(void *opaque, unsigned n)
{
    return true;
}

static gpointer vcpu_thread(gpointer data)
{
    g_private_set(&is_vcpu, &vcpu);
    for (;;) {
        /* All that was asked for before the end */
        bool end = qatomic_fetch_or(&quit, 0);

        if (qatomic_xchg(&calls, 0)) {
            call(&s, 0);
        } else if (end) {
            return NULL;
        } else {
            g_thread_yield();
        }
    }
}

static gpointer sender_thread(gpointer data)
{
    unsigned seed = GPOINTER_TO_UINT(data);

    for (unsigned i = 0; i < POSTS; i++) {
        LapicMsg msg = { .shorthand = LAPIC_SELF, .assert = true };

        seed = seed * 1103515245 + 12345;
        msg.vector = 16 + (seed >> 16) % 240;
        if (seed >> 28 & 1) {
            qatomic_inc(&asked_nmi);
            g_assert_cmpint(lapic_pin_nmi(&s, 0), ==, 0);
        } else {
            qatomic_inc(&asked[msg.vector]);
            g_assert_cmpint(lapic_send_self(&s, 0, &msg, NULL), ==, 0);
        }
    }
    return NULL;
}

static void round_of(unsigned seed)
{
    GThread *sender[SENDERS], *own;

    quit = 0;
    own = g_thread_new("vcpu", vcpu_thread, NULL);
    for (unsigned i = 0; i < SENDERS; i++) {
        sender[i] = g_thread_new("sender", sender_thread,
                                 GUINT_TO_POINTER(seed * SENDERS + i));
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        g_thread_join(sender[i]);
    }
    qatomic_xchg(&quit, 1);
    g_thread_join(own);
}

static void test_threads(void)
{
    KVMPort port = { &ops };
    LapicSendHost host = { .enabled = enabled };
    uint64_t delivered = 0;

    lapic_send_init(&s, &port, &host, &vcpu, 1);
    vcpu.present = true;
    for (unsigned i = 0; i < ROUNDS; i++) {
        memset(asked, 0, sizeof(asked));
        memset(done, 0, sizeof(done));
        asked_nmi = seen_nmi = nmis = 0;
        round_of(i);
        g_assert_cmpuint(seen_nmi, ==, asked_nmi);
        g_assert_cmpuint(nmis, <=, asked_nmi);
        for (unsigned v = 0; v < VECTORS; v++) {
            g_assert_cmpuint(done[v], <=, asked[v]);
            g_assert_cmpint(!done[v], ==, !asked[v]);
            delivered += done[v];
        }
        g_assert_cmpuint(vcpu.work, ==, 0);
    }
    g_assert_cmpuint(vcpu.fixed, ==, delivered);
    g_assert_cmpuint(s.refused, ==, 0);
    g_test_message("%" PRIu64 " vectors and %" PRIu64 " NMIs of %u requests",
                   delivered, vcpu.nmi, ROUNDS * SENDERS * POSTS);
}

/* It is unplugged and plugged all the while: no call is lost for good */
static gpointer plug_thread(gpointer data)
{
    while (!qatomic_read(&quit)) {
        qatomic_set(&vcpu.present, false);
        g_thread_yield();
        qatomic_set(&vcpu.present, true);
        g_thread_yield();
    }
    return NULL;
}

static gpointer pin_thread(gpointer data)
{
    for (unsigned i = 0; i < POSTS * 20; i++) {
        lapic_pin_nmi(&s, 0);
    }
    return NULL;
}

static void test_plug(void)
{
    KVMPort port = { &ops };
    LapicSendHost host = { .enabled = enabled };
    GThread *own, *plug, *pin;

    lapic_send_init(&s, &port, &host, &vcpu, 1);
    quit = 0;
    own = g_thread_new("vcpu", vcpu_thread, NULL);
    plug = g_thread_new("plug", plug_thread, NULL);
    pin = g_thread_new("pin", pin_thread, NULL);
    g_thread_join(pin);
    qatomic_xchg(&quit, 1);
    g_thread_join(plug);
    g_thread_join(own);
    g_assert_cmpuint(vcpu.work, ==, 0);
    /* Whatever was dropped, the next is done */
    quit = asked_nmi = seen_nmi = 0;
    own = g_thread_new("vcpu", vcpu_thread, NULL);
    vcpu.present = true;
    asked_nmi = 1;
    g_assert_cmpint(lapic_pin_nmi(&s, 0), ==, 0);
    qatomic_xchg(&quit, 1);
    g_thread_join(own);
    g_assert_cmpuint(seen_nmi, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lapic-send/threads", test_threads);
    g_test_add_func("/lapic-send/threads-plug", test_plug);
    return g_test_run();
}
