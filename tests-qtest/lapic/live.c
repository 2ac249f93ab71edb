/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vCPUs of a VM, each on its own thread.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include "kvm-test.h"

/* For those who are to get something; then for those who are not */
#define PATIENCE_USEC   5000000
#define GRACE_USEC      500
#define POLL_USEC       50

typedef struct Live {
    LapicVM *vm;
    unsigned i;
    pthread_t thread;
    int stop;                   /* atomic, as these two */
    int count;
    int vector;
} Live;

static void on_signal(int signo)
{
}

static void *run(void *opaque)
{
    Live *l = opaque;

    while (!g_atomic_int_get(&l->stop)) {
        int port = lapic_vm_try_run(l->vm, l->i);

        if (port >= 0 && port != LAPIC_VM_IDLE) {
            g_atomic_int_set(&l->vector, port);
            g_atomic_int_inc(&l->count);
        }
    }
    return NULL;
}

static void start(Live *l)
{
    if (pthread_create(&l->thread, NULL, run, l)) {
        g_error("no thread for vCPU %u", l->i);
    }
}

/* A signal before KVM_RUN would be lost, but for immediate_exit */
static void stop(Live *l)
{
    g_atomic_int_set(&l->stop, 1);
    l->vm->vcpu[l->i].run->immediate_exit = 1;
    pthread_kill(l->thread, SIGUSR1);
    pthread_join(l->thread, NULL);
}

static unsigned reached(const Live *live, unsigned n)
{
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++) {
        count += g_atomic_int_get(&live[i].count);
    }
    return count;
}

void lapic_live(LapicVM *vm, int last, void (*send)(void *), void *opaque,
                unsigned expected, LapicGot got[LAPIC_VM_VCPUS])
{
    struct sigaction act = { .sa_handler = on_signal };
    Live live[LAPIC_VM_VCPUS] = { };
    gint64 end = g_get_monotonic_time() + PATIENCE_USEC;

    sigaction(SIGUSR1, &act, NULL);
    for (unsigned i = 0; i < vm->n; i++) {
        live[i] = (Live) { .vm = vm, .i = i };
        if ((int)i != last) {
            start(&live[i]);
        }
    }
    if (last >= 0) {
        start(&live[last]);
    }
    if (send) {
        send(opaque);
    }
    while (reached(live, vm->n) < expected && g_get_monotonic_time() < end) {
        g_usleep(POLL_USEC);
    }
    g_usleep(GRACE_USEC);
    for (unsigned i = 0; i < vm->n; i++) {
        stop(&live[i]);
        got[i] = (LapicGot) {
            .count = live[i].count, .vector = live[i].vector,
        };
    }
}
