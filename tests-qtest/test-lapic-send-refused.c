/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of what is sent to local APICs: what is refused, by whom,
 * and changes nothing.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model-lapic.h"
#include "lapic-send-bench.h"

/* A vCPU that is gone: nothing, not even for the next of its number */
static void test_unplugged(void)
{
    LapicMsg fixed = self(LAPIC_FIXED);
    LapicFault f = { };

    setup(ON);
    vcpus[TO].present = false;
    keep();
    g_assert_cmpint(lapic_pin_nmi(&sender, TO), ==, -ENOENT);
    g_assert_cmpint(lapic_pin_init(&sender, TO), ==, -ENOENT);
    g_assert_cmpint(lapic_pin_smi(&sender, TO), ==, -ENOENT);
    g_assert_cmpint(lapic_send_self(&sender, TO, &fixed, &f), ==, -ENOENT);
    g_assert_cmpint(f.err, ==, -ENOENT);
    g_assert_cmpstr(f.field, ==, "vCPU");
    vcpus[3] = (LapicSendVCPU) { .id = 3, .present = true };
    g_assert_cmpint(lapic_pin_nmi(&sender, 3), ==, -ENOENT);
    g_assert_cmpint(lapic_send_self(&sender, 3, &fixed, NULL), ==, -ENOENT);
    g_assert_cmpuint(waiting, ==, 0);
    g_assert_cmpstr(way->str, ==, "");
    same();
    /* It went while something waited for it */
    setup(HW_OFF);
    keep();
    lapic_pin_nmi(&sender, TO);
    lapic_pin_init(&sender, TO);
    send_self(LAPIC_FIXED);
    vcpus[TO].present = false;
    g_string_truncate(way, 0);
    threads();
    g_assert_cmpstr(way->str, ==, "|");
    vcpus[TO].present = true;
    lapic_pin_smi(&sender, TO);
    threads();
    g_assert_cmpstr(way->str, ==, "| | smi");
    g_assert_cmpuint(vcpus[TO].fixed + vcpus[TO].lost, ==, 0);
    /* Its thread ended before it got to it */
    setup(HW_OFF);
    lapic_pin_nmi(&sender, TO);
    send_self(LAPIC_FIXED);
    waiting = 0;
    lapic_send_forget(&sender, TO);
    lapic_pin_smi(&sender, TO);
    g_assert_cmpuint(waiting, ==, 1);
    g_string_truncate(way, 0);
    threads();
    g_assert_cmpstr(way->str, ==, "| smi");
}

/* Nor is a vector, that would come with the next one's */
static void test_forgotten_vectors(void)
{
    LapicMsg other = self(LAPIC_FIXED);

    other.vector = V + 1;
    for (int gone = 0; gone < 2; gone++) {
        setup(RENUMBERED);
        send_self(LAPIC_FIXED);
        if (gone) {
            vcpus[TO].present = false;
            threads();
            vcpus[TO].present = true;
        } else {
            waiting = 0;
            lapic_send_forget(&sender, TO);
        }
        lapic_send_self(&sender, TO, &other, NULL);
        threads();
        g_assert_false(in(apic[TO].irr, V));
        g_assert_true(in(apic[TO].irr, V + 1));
    }
}

/* The port does not know the vCPU */
static void test_no_defer(void)
{
    LapicMsg fixed = self(LAPIC_FIXED);
    LapicFault f = { };

    setup(HW_OFF);
    keep();
    no_defer = true;
    g_assert_cmpint(lapic_pin_nmi(&sender, TO), ==, -ENOENT);
    g_assert_cmpint(lapic_send_self(&sender, TO, &fixed, &f), ==, -ENOENT);
    g_assert_cmpint(f.err, ==, -ENOENT);
    same();
    no_defer = false;
    g_string_truncate(way, 0);
    g_assert_cmpint(lapic_pin_smi(&sender, TO), ==, 0);
    threads();
    g_assert_cmpstr(way->str, ==, "| smi");
    g_assert_cmpuint(vcpus[TO].lost, ==, 0);
}

/* Refused: no ioctl, no call, no change, and a fault that says why */
static void refused(const LapicMsg *msg, bool to_self, int err,
                    const char *field)
{
    LapicFault f = { };

    setup(ON);
    keep();
    g_assert_cmpint(to_self ? lapic_send_self(&sender, TO, msg, &f) :
                    lapic_send(&sender, msg, &f), ==, err);
    g_assert_cmpint(f.err, ==, err);
    g_assert_nonnull(strstr(f.field, field));
    g_assert_cmpint(to_self ? lapic_send_self(&sender, TO, msg, NULL) :
                    lapic_send(&sender, msg, NULL), ==, err);
    g_assert_cmpuint(sender.refused, ==, 2);
    g_assert_cmpuint(sender.sent, ==, 0);
    g_assert_cmpuint(waiting, ==, 0);
    g_assert_cmpstr(way->str, ==, "");
    same();
}

static void test_refused(void)
{
    LapicMsg msg;

    for (unsigned shorthand = 0; shorthand < 4; shorthand++) {
        for (unsigned mode = LAPIC_FIXED; mode <= LAPIC_EXTINT; mode++) {
            bool known = mode != LAPIC_RESERVED && mode != LAPIC_EXTINT;

            msg = self(mode);
            msg.shorthand = shorthand;
            if (!known) {
                refused(&msg, true, -EINVAL, "delivery");
                refused(&msg, false, -EINVAL, "delivery");
            } else if (shorthand != LAPIC_SELF) {
                refused(&msg, true, -EINVAL, "19:18");
            }
            if (known && shorthand != LAPIC_NO_SHORTHAND) {
                refused(&msg, false, -EINVAL, "shorthand");
            }
        }
    }
    for (int to_self = 0; to_self < 2; to_self++) {
        msg = self(LAPIC_FIXED);
        msg.shorthand = to_self ? LAPIC_SELF : LAPIC_NO_SHORTHAND;
        msg.dest = to_self ? 0 : TO;
        msg.vector = 15;
        refused(&msg, to_self, -EINVAL, "vector");
        msg.delivery = LAPIC_SMI;
        refused(&msg, to_self, -EINVAL, "vector");
        msg.delivery = LAPIC_NMI;
        msg.level = true;
        refused(&msg, to_self, -EINVAL, "trigger");
    }
    msg = self(LAPIC_FIXED);
    msg.shorthand = LAPIC_NO_SHORTHAND;
    msg.dest = 256;
    refused(&msg, false, -ERANGE, "destination");
}

/* What the kernel refuses is said, or counted */
static void test_errors(void)
{
    static const struct {
        unsigned long request;
        LapicDelivery delivery;
        State state;
        const char *way;
    } lines[] = {
        { KVM_GET_LAPIC, LAPIC_FIXED, RENUMBERED, "msi | lapic" },
        { KVM_NMI, LAPIC_NMI, HW_OFF, "msi | nmi" },
        { KVM_SMI, LAPIC_SMI, ON, "| smi" },
        { KVM_GET_VCPU_EVENTS, LAPIC_INIT, HW_OFF, "msi | events" },
        { KVM_SET_VCPU_EVENTS, LAPIC_INIT, HW_OFF, "msi | events set-events" },
        { KVM_GET_MP_STATE, LAPIC_STARTUP, HW_OFF, "msi | mp" },
    };
    LapicMsg msg = self(LAPIC_FIXED);
    LapicFault f = { };

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        setup(lines[i].state);
        fail_request = lines[i].request;
        fail_errno = -EFAULT;
        keep();
        g_assert_cmpint(send_self(lines[i].delivery), ==, 0);
        threads();
        g_assert_cmpstr(way->str, ==, lines[i].way);
        g_assert_cmpuint(vcpus[TO].failed, ==, 1);
        g_assert_cmpuint(vcpus[TO].nmi + vcpus[TO].smi + vcpus[TO].init +
                         vcpus[TO].startup + vcpus[TO].fixed + vcpus[TO].lost,
                         ==, 0);
        same();
    }
    setup(ON);
    fail_request = KVM_GET_LAPIC;
    lapic_pin_nmi(&sender, TO);
    threads();
    g_assert_cmpuint(vcpus[TO].failed, ==, 1);
    g_assert_cmpint(cpu[TO].nmi_pending, ==, 0);
    /* The second half of a SIPI */
    for (int i = 0; i < 2; i++) {
        setup(HW_OFF);
        cpu[TO].mp_state = KVM_MP_STATE_INIT_RECEIVED;
        fail_request = i ? KVM_SET_MP_STATE : KVM_SET_VCPU_EVENTS;
        send_self(LAPIC_STARTUP);
        threads();
        g_assert_cmpuint(vcpus[TO].failed, ==, 1);
        g_assert_cmpuint(mp_state(TO), ==, KVM_MP_STATE_INIT_RECEIVED);
    }
    setup(ON);
    fail_request = KVM_SIGNAL_MSI;
    g_assert_cmpint(lapic_send_self(&sender, TO, &msg, &f), ==, -EFAULT);
    g_assert_cmpint(f.err, ==, -EFAULT);
    msg.shorthand = LAPIC_NO_SHORTHAND;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, -EFAULT);
    g_assert_cmpint(f.err, ==, -EFAULT);
    g_assert_cmpuint(sender.refused, ==, 2);
    g_assert_cmpuint(waiting, ==, 0);
    fail_errno = -EPERM;
    g_assert_cmpint(lapic_send(&sender, &msg, &f), ==, -ENOENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    bench_init();
    g_test_add_func("/lapic-send/unplugged", test_unplugged);
    g_test_add_func("/lapic-send/forgotten-vectors", test_forgotten_vectors);
    g_test_add_func("/lapic-send/no-defer", test_no_defer);
    g_test_add_func("/lapic-send/refused", test_refused);
    g_test_add_func("/lapic-send/errors", test_errors);
    return g_test_run();
}
