/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recall during which something else happens: a port that carries out a step
 * between two of its operations.
 */
#include "qemu/osdep.h"
#include "recall.h"
#include "scenario.h"

typedef struct Busy {
    KVMPort port;
    Run *run;
    KVMPort *lower;
    const char *at;             /* an operation's name, or "each" */
    char **argv;                /* what happens */
    unsigned operations;
    bool happened;
} Busy;

static KVMPort *busy(KVMPort *port, const char *operation)
{
    Busy *b = (Busy *)port;
    char result[RESULT_SIZE] = "";

    if (!b->happened && (!strcmp(b->at, operation) ||
                         (!strcmp(b->at, "each") &&
                          b->operations == b->run->moment))) {
        b->happened = true;
        step_do(b->run, b->argv, result);
    }
    b->operations++;
    return b->lower;
}

static int busy_interrupt(KVMPort *port, unsigned vcpu, unsigned vector)
{
    KVMPort *p = busy(port, "interrupt");

    return p->ops->interrupt(p, vcpu, vector);
}

static void busy_unready(KVMPort *port, unsigned vcpu)
{
    KVMPort *p = busy(port, "unready");

    p->ops->unready(p, vcpu);
}

static int busy_ioctl(KVMPort *port, unsigned vcpu, unsigned long request,
                      void *arg)
{
    KVMPort *p = busy(port, "ioctl");

    return p->ops->ioctl(p, vcpu, request, arg);
}

static int busy_finish(KVMPort *port, unsigned vcpu)
{
    KVMPort *p = busy(port, "finish");

    return p->ops->finish(p, vcpu);
}

static int busy_drain(KVMPort *port, unsigned vcpu)
{
    KVMPort *p = busy(port, "drain");

    return p->ops->drain(p, vcpu);
}

static void busy_debug(KVMPort *port, unsigned vcpu, bool on)
{
    KVMPort *p = busy(port, "debug");

    p->ops->debug(p, vcpu, on);
}

static const KVMPortOps busy_ops = {
    .interrupt = busy_interrupt,
    .unready = busy_unready,
    .ioctl = busy_ioctl,
    .finish = busy_finish,
    .drain = busy_drain,
    .debug = busy_debug,
};

int during_recall(Run *r, char **argv, char *result)
{
    bool during = argv[0] && argv[1] && argv[2] && !strcmp(argv[1], "during");
    Busy b = {
        .port.ops = &busy_ops,
        .run = r,
        .lower = r->end->port,
        .at = during ? argv[2] : "never",
        .argv = during ? argv + 3 : NULL,
    };
    unsigned vector = argv[0] ? g_ascii_strtoull(argv[0], NULL, 0) : 0;
    bool halted = false;
    int ret = extint_recall(&b.port, r->vcpu, vector, &halted);

    r->moments_left = during && !strcmp(b.at, "each") && b.happened;
    if (during && !b.happened) {
        busy(&b.port, b.at);
    }
    r->io = false;
    if (ret >= 0 && halted) {
        snprintf(result, RESULT_SIZE, "%d,halted", ret);
    }
    return ret;
}
