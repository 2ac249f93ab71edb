/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a scenario. Their words are explained in the file scenarios.
 */
#include "qemu/osdep.h"
#include "scenario.h"

#define MSI_ADDRESS     0xfee00000u
#define WAIT_USEC       20000

static const struct {
    const char *name;
    unsigned mode;
} modes[] = {
    { "fixed", 0 }, { "lowest", 1 }, { "smi", 2 }, { "nmi", 4 },
    { "init", 5 }, { "sipi", 6 }, { "extint", 7 },
};

int mode_named(const char *word)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (!strcmp(modes[i].name, word)) {
            return (int)modes[i].mode;
        }
    }
    return -1;
}

static unsigned number(const char *word)
{
    return word ? g_ascii_strtoull(word, NULL, 0) : 0;
}

static int do_set(Run *r, char **argv, char *result)
{
    for (; *argv; argv++) {
        char **pair = g_strsplit(*argv, "=", 2);
        int ret = pair[1] ? field_set(r->end, r->vcpu, pair[0], pair[1]) :
                  -EDOM;

        g_strfreev(pair);
        if (ret) {
            return ret;
        }
    }
    return 0;
}

static int do_get(Run *r, char **argv, char *result)
{
    return 0;
}

static int do_interrupt(Run *r, char **argv, char *result)
{
    KVMPort *port = r->end->port;

    return port->ops->interrupt(port, r->vcpu, number(argv[0]));
}

static int do_window(Run *r, char **argv, char *result)
{
    KVMPort *port = r->end->port;

    port->ops->window(port, r->vcpu, argv[0] && !strcmp(argv[0], "on"));
    return 0;
}

static int do_leave(Run *r, char **argv, char *result)
{
    r->end->port->ops->leave(r->end->port, r->vcpu);
    return 0;
}

static int do_drain(Run *r, char **argv, char *result)
{
    KVMPort *port = r->end->port;

    r->io = false;
    return port->ops->drain(port, r->vcpu);
}

static int do_finish(Run *r, char **argv, char *result)
{
    KVMPort *port = r->end->port;

    r->io = false;
    return port->ops->finish(port, r->vcpu);
}

static void show_exit(const EndExit *x, char *result)
{
    switch (x->reason) {
    case KVM_EXIT_IO:
        if (x->detail == GUEST_PORT) {
            snprintf(result, RESULT_SIZE, "io");
        } else {
            snprintf(result, RESULT_SIZE, "0x%02x", x->detail);
        }
        break;
    case KVM_EXIT_IRQ_WINDOW_OPEN:
        snprintf(result, RESULT_SIZE, "window");
        break;
    case KVM_EXIT_DEBUG:
        snprintf(result, RESULT_SIZE, "debug");
        break;
    case KVM_EXIT_SHUTDOWN:
        snprintf(result, RESULT_SIZE, "shutdown");
        break;
    default:
        snprintf(result, RESULT_SIZE, "exit:%u", x->reason);
        break;
    }
}

static int do_run(Run *r, char **argv, char *result)
{
    EndExit x;

    r->end->ops->run(r->end, r->vcpu, &x);
    r->io = !x.ret && (x.reason == KVM_EXIT_IO ||
                       x.reason == KVM_EXIT_IRQ_WINDOW_OPEN);
    if (x.hung || x.blocked) {
        snprintf(result, RESULT_SIZE, x.hung ? "hung" : "sleeps");
    } else if (!x.ret) {
        show_exit(&x, result);
    }
    return x.ret;
}

/* V [MODE] [to=APIC-ID]: how a message of the MSI's format is made */
static struct kvm_msi message(const Run *r, char **argv)
{
    unsigned to = r->vcpu, mode = 0, vector = number(argv[0]);

    for (; *argv; argv++) {
        if (!strncmp(*argv, "to=", 3)) {
            to = number(*argv + 3);
        } else if (mode_named(*argv) >= 0) {
            mode = mode_named(*argv);
        }
    }
    return (struct kvm_msi) {
        .address_lo = MSI_ADDRESS | to << 12,
        .data = vector | mode << 8,
    };
}

/* What the handler's IRET would do, but by user space: to the guest's word N */
static int do_return(Run *r, char **argv, char *result)
{
    char flags[] = "eflags.if=1";
    char *at = g_strdup_printf("at=%u", number(argv[0]));
    char *fields[] = { at, flags, NULL };
    EndExit x;
    int ret;

    do_finish(r, argv, result);
    /* The one that a finish lets return at once */
    r->end->ops->run(r->end, r->vcpu, &x);
    ret = do_set(r, fields, result);
    g_free(at);
    return ret;
}

static int do_msi(Run *r, char **argv, char *result)
{
    struct kvm_msi msi = message(r, argv);

    return r->end->ops->vm_ioctl(r->end, KVM_SIGNAL_MSI, &msi);
}

static int do_irqfd(Run *r, char **argv, char *result)
{
    struct kvm_msi msi = message(r, argv);

    return r->end->ops->irqfd(r->end, &msi);
}

static int do_nmi(Run *r, char **argv, char *result)
{
    return end_ioctl(r->end, r->vcpu, KVM_NMI, NULL);
}

static int do_smi(Run *r, char **argv, char *result)
{
    return end_ioctl(r->end, r->vcpu, KVM_SMI, NULL);
}

/* A part of a long timer's period goes by */
static int do_wait(Run *r, char **argv, char *result)
{
    g_usleep(WAIT_USEC);
    return 0;
}

static int do_expire(Run *r, char **argv, char *result)
{
    r->end->ops->expire(r->end, r->vcpu);
    return 0;
}

static int do_debug(Run *r, char **argv, char *result)
{
    struct kvm_guest_debug debug = { };

    for (; *argv; argv++) {
        debug.control |= KVM_GUESTDBG_ENABLE;
        if (!strcmp(*argv, "step")) {
            debug.control |= KVM_GUESTDBG_SINGLESTEP;
        } else if (!strcmp(*argv, "blockirq")) {
            debug.control |= KVM_GUESTDBG_BLOCKIRQ;
        }
    }
    r->end->ops->debug(r->end, &debug);
    return end_ioctl(r->end, r->vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

static int do_keep(Run *r, char **argv, char *result)
{
    for (unsigned i = 0; i < r->end->config.vcpus; i++) {
        field_keep(r->end, i, &r->kept[i]);
    }
    return 0;
}

/* Results in what is not as it was; "yes" if all is */
static int do_same(Run *r, char **argv, char *result)
{
    char diff[RESULT_SIZE - 24];
    Everything now;

    snprintf(result, RESULT_SIZE, "yes");
    for (unsigned i = 0; i < r->end->config.vcpus; i++) {
        field_keep(r->end, i, &now);
        field_compare(&r->kept[i], &now, diff, sizeof(diff));
        if (*diff) {
            snprintf(result, RESULT_SIZE, "vCPU %u:%s", i, diff);
        }
    }
    return 0;
}

/* The injector */

static int do_raise(Run *r, char **argv, char *result)
{
    pic_raise(&r->pic, (int)number(argv[0]));
    return 0;
}

/* Results in the vector handed over, or "none"; and whom to kick */
static int do_enter(Run *r, char **argv, char *result)
{
    ExtIntEnter e = extint_enter(&r->pic.x, r->vcpu);

    if (e.refused) {
        show_errno(e.refused, result, RESULT_SIZE);
    } else if (e.vector < 0) {
        snprintf(result, RESULT_SIZE, "none");
    } else {
        snprintf(result, RESULT_SIZE, "0x%02x", e.vector);
    }
    return 0;
}

static int do_empty(Run *r, char **argv, char *result)
{
    /* A recall, if it has to be, completes the I/O */
    r->io = r->io && (!extint_holds(&r->pic.x, r->vcpu) ||
                      r->end->ops->ready(r->end, r->vcpu));
    return extint_empty(&r->pic.x, r->vcpu);
}

static int do_back(Run *r, char **argv, char *result)
{
    extint_give_back(&r->pic.x);
    snprintf(result, RESULT_SIZE, "%u", r->pic.undone);
    return 0;
}

static int do_forget(Run *r, char **argv, char *result)
{
    extint_forget(&r->pic.x, r->vcpu, argv[0] != NULL);
    return 0;
}

static const struct {
    const char *name;
    int (*step)(Run *r, char **argv, char *result);
} steps[] = {
    { "set", do_set }, { "get", do_get }, { "keep", do_keep },
    { "same", do_same }, { "interrupt", do_interrupt },
    { "window", do_window }, { "leave", do_leave }, { "run", do_run },
    { "drain", do_drain }, { "finish", do_finish }, { "return", do_return },
    { "msi", do_msi }, { "irqfd", do_irqfd }, { "nmi", do_nmi },
    { "smi", do_smi }, { "debug", do_debug }, { "wait", do_wait },
    { "expire", do_expire }, { "recall", during_recall },
    { "raise", do_raise }, { "enter", do_enter }, { "empty", do_empty },
    { "back", do_back }, { "forget", do_forget },
    { "send", send_msg }, { "self", send_self }, { "pin", send_pin },
    { "probe", send_probe },
};

bool step_do(Run *r, char **argv, char result[RESULT_SIZE])
{
    *result = 0;
    for (size_t i = 0; argv[0] && i < sizeof(steps) / sizeof(*steps); i++) {
        if (!strcmp(steps[i].name, argv[0])) {
            int ret = steps[i].step(r, argv + 1, result);

            if (!*result) {
                show_errno(ret, result, RESULT_SIZE);
            }
            return true;
        }
    }
    return false;
}
