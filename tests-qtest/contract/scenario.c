/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios: run one, compare.
 */
#include "qemu/osdep.h"
#include "scenario.h"

#define RFLAGS_1    0x2u
#define RFLAGS_IF   0x200u
#define LINE_SIZE   512

static void G_GNUC_PRINTF(3, 4) fail(Run *r, const char *step,
                                     const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_string_append_printf(r->out->failures, "%s: %s: %s: %s",
                           r->scenario->name, r->end ? r->end->ops->name : "",
                           step, text);
    if (r->moment) {
        g_string_append_printf(r->out->failures, " (during operation %u)",
                               r->moment);
    }
    g_string_append_c(r->out->failures, '\n');
    g_free(text);
}

/* "1: step" is vCPU 1's */
static const char *take_vcpu(Run *r, const char *step)
{
    r->vcpu = 0;
    if (g_ascii_isdigit(step[0]) && step[1] == ':') {
        r->vcpu = step[0] - '0';
        step += 2 + strspn(step + 2, " \t");
    }
    return step;
}

/* "vm", "needs" and "guest" say what is there before the first step */
static bool is_setup(const char *step)
{
    return g_str_has_prefix(step, "vm ") || g_str_has_prefix(step, "guest ") ||
           g_str_has_prefix(step, "needs ");
}

static void set_up(Run *r, EndConfig *config, bool *smm)
{
    for (unsigned i = 0; i < r->scenario->steps->len; i++) {
        const char *step = take_vcpu(r, r->scenario->steps->pdata[i]);
        char **argv;

        if (!is_setup(step)) {
            continue;
        }
        argv = words(step);
        for (char **w = argv + 1; *w; w++) {
            if (!strcmp(*w, "2") && !strcmp(argv[0], "vm")) {
                config->vcpus = 2;
            } else if (!strcmp(*w, "pic") && !strcmp(argv[0], "vm")) {
                config->pic_in_kernel = true;
            } else if (!strcmp(*w, "payload") && !strcmp(argv[0], "vm")) {
                config->payload = true;
            } else if (!strcmp(*w, "clock") && !strcmp(argv[0], "vm")) {
                r->out->clock = true;
            } else if (!strcmp(*w, "smm") && !strcmp(argv[0], "needs")) {
                *smm = true;
            } else if (strcmp(argv[0], "guest") || r->vcpu >= GUEST_VCPUS ||
                       !guest_word(&r->guests[r->vcpu], *w)) {
                fail(r, step, "what is %s?", *w);
            }
        }
        g_strfreev(argv);
    }
}

static void flat(struct kvm_segment *s)
{
    s->base = 0;
    s->selector = 0;
    s->limit = 0xffffffff;
    s->g = 1;
}

/* At the guest's first instruction, IF = 1, LINT0 = ExtINT, xAPIC */
static void power_on(Run *r, unsigned vcpu)
{
    struct kvm_sregs sregs;
    struct kvm_regs regs = {
        .rip = GUEST_ENTRY(vcpu),
        .rsp = GUEST_STACK(vcpu),
        .rflags = RFLAGS_1 | RFLAGS_IF,
    };
    End *end = r->end;

    if (!end_ioctl(end, vcpu, KVM_GET_SREGS, &sregs)) {
        flat(&sregs.ds);
        flat(&sregs.es);
        flat(&sregs.ss);
        sregs.cs.base = 0;
        sregs.cs.selector = 0;
        end_ioctl(end, vcpu, KVM_SET_SREGS, &sregs);
    }
    if (end_ioctl(end, vcpu, KVM_SET_REGS, &regs) ||
        field_set(end, vcpu, "mp", "runnable") ||
        field_set(end, vcpu, "svr", "on") ||
        field_set(end, vcpu, "lvt0", "extint")) {
        fail(r, "power on", "vCPU %u refused its state", vcpu);
    }
}

/* What was expected: the result, and fields of the state after it */
static void expect(Run *r, const char *step, const char *expected,
                   const char *result)
{
    char **want = words(expected);

    for (char **w = want; *w; w++) {
        char **pair = g_strsplit(*w, "=", 2);
        char value[FIELD_SIZE];

        if (!pair[1]) {
            if (strcmp(*w, result)) {
                fail(r, step, "%s", result);
            }
        } else if (field_get(r->end, r->vcpu, pair[0], value)) {
            fail(r, step, "what is %s?", pair[0]);
        } else if (strcmp(pair[1], value)) {
            fail(r, step, "%s=%s", pair[0], value);
        }
        g_strfreev(pair);
    }
    g_strfreev(want);
}

static void run_step(Run *r, const char *step)
{
    char **halves = g_strsplit(take_vcpu(r, step), "->", 2);
    char **argv = words(halves[0]);
    char result[RESULT_SIZE];
    char state[LINE_SIZE];

    if (r->vcpu >= r->end->config.vcpus || !step_do(r, argv, result)) {
        fail(r, step, "there is no such step");
    } else {
        /* What is not said is success */
        expect(r, step, halves[1] ?: "0", result);
        field_line(r->end, r->vcpu, r->io, state, sizeof(state));
        g_string_append_printf(r->out->log, "%-40s %s:%s\n", step, result,
                               state);
    }
    g_strfreev(argv);
    g_strfreev(halves);
}

static void run_once(Run *r, const EndOps *ops)
{
    EndConfig config = { .vcpus = 1 };
    bool smm = false;

    memset(r->guests, 0, sizeof(r->guests));
    set_up(r, &config, &smm);
    r->end = ops->open(&config, r->guests);
    if (!r->end) {
        fail(r, "vm", "%s", strerror(errno));
        return;
    }
    if (smm && !r->end->ops->can(r->end, KVM_CAP_X86_SMM)) {
        r->out->skip = g_strdup("no SMM");
    } else {
        ops->load(r->end);
        pic_init(&r->pic, r->end->port, config.vcpus);
        sender_init(r, r->end->ops->can(r->end, KVM_CAP_X86_SMM));
        for (unsigned i = 0; i < config.vcpus; i++) {
            if (!config.pic_in_kernel) {
                power_on(r, i);
            }
        }
        for (unsigned i = 0; i < r->scenario->steps->len; i++) {
            const char *step = r->scenario->steps->pdata[i];

            if (!is_setup(take_vcpu(r, step))) {
                run_step(r, step);
            }
        }
    }
    ops->close(r->end);
    r->end = NULL;
}

/* With "during each" as often as there are moments */
void scenario_run(const Scenario *s, const EndOps *ops, Outcome *out)
{
    Run r = { .scenario = s, .out = out };

    outcome_init(out);
    do {
        r.moments_left = false;
        run_once(&r, ops);
        r.moment++;
    } while (r.moments_left && !out->failures->len);
}
