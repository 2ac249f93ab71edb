/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our 8259 core against KVM's in-kernel PIC: fixed sequences for what differs
 * on purpose, random ones for all else. Prints TAP.
 */
#include "qemu/osdep.h"
#include <getopt.h>
#include <time.h>
#include "both.h"

#define TRIES                   1000    /* of a step, until one is legal */

typedef struct Options {
    uint64_t seed;
    unsigned long count;
    unsigned long seconds;
} Options;

static unsigned results, failures;

static void result(bool good, const char *kind, const char *name)
{
    failures += !good;
    printf("%sok %u - %s%s\n", good ? "" : "not ", ++results, kind, name);
    fflush(stdout);
}

/* A log in words: vectors, bytes, -- for a window without an interrupt */
static void log_words(const uint16_t *log, unsigned n, char *to, size_t size)
{
    size_t at = 0;
    unsigned i;

    to[0] = '\0';
    for (i = 0; i < n && at < size; i++) {
        const char *space = i ? " " : "";
        uint16_t word = log[i];

        at += (size_t)(word == GUEST_NONE ?
            snprintf(to + at, size - at, "%s--", space) :
            snprintf(to + at, size - at, "%s%s%02x", space,
                     word & GUEST_VECTOR ? "v" : "", word & 0xff));
    }
}

/* What a fixed sequence is to show then: an 8n that begins a word is a poll */
static void drop_bit_7(char *words)
{
    char *at;

    for (at = words; *at; at++) {
        if (*at == '8' && (at == words || at[-1] == ' ')) {
            *at = '0';
        }
    }
}

/* A fixed sequence on our core and in the guest, with nothing in between */
static bool fixed(KVMPIC *k, const char *words, const char *ours,
                  const char *theirs)
{
    Step steps[SEQUENCE_MAX];
    unsigned n = sequence_parse(words, steps), logged = 0, i;
    uint16_t log[SEQUENCE_MAX] = {};
    char got[2][256], want[256];
    I8259Pair pair;
    bool ran = true;

    i8259_pair_init(&pair, ELCR_MASTER, ELCR_SLAVE);
    kvm_pic_begin(k);
    for (i = 0; i < n; i++) {
        I8259Inta taken;
        uint16_t word = our_step(&pair, &steps[i], &taken);

        if (word != NO_WORD) {
            log[logged++] = word;
        }
        emit_step(k, &steps[i]);
        kvm_pic_sync(k);
    }
    kvm_pic_start(k);
    for (i = 0; i < n && ran; i++) {
        ran = kvm_pic_go(k);
        if (steps[i].kind == STEP_LINE) {
            kvm_pic_line(k, steps[i].chip * 8 + steps[i].reg, steps[i].val);
        }
    }
    log_words(log, logged, got[0], sizeof(got[0]));
    log_words(kvm_pic_log(k), ran ? logged : 0, got[1], sizeof(got[1]));
    snprintf(want, sizeof(want), "%s", theirs);
    if (k->old_poll) {
        drop_bit_7(want);
    }
    if (!strcmp(got[0], ours) && !strcmp(got[1], want)) {
        return true;
    }
    printf("# %s\n# ours %s, expected %s\n# KVM's %s, expected %s\n",
           words, got[0], ours, got[1], want);
    return false;
}

/* Each difference is there, as its line says */
static void test_differences(KVMPIC *k)
{
    unsigned i;

    for (i = 0; i < differences_count; i++) {
        const Difference *d = &differences[i];
        bool good = strcmp(d->ours, d->theirs) &&
                    fixed(k, d->words, d->ours, d->theirs);

        result(good, "difference/", d->name);
    }
}

/* INT goes away before INTA, which no random sequence can time */
static void test_spurious(KVMPIC *k)
{
    static const char *const words =
        "m0=11 m1=40 m1=04 m1=01 +3 m0=11 m1=08 m1=04 m1=01 i m0=0b m0?";

    result(fixed(k, words, "v0f 00", "v0f 00"), "spurious", "");
}

static void random_steps(Both *b, uint64_t seed)
{
    Random r = { seed };
    unsigned length = sequence_length(&r), tries = 0;

    both_begin(b, seed % WAYS);
    while (b->n < length && tries < TRIES) {
        Step s = sequence_next(&r, &b->pair, b->n);

        tries = both_step(b, &s) ? 0 : tries + 1;
    }
}

/* Steps that were refused are left out, so they may be any */
static bool disagree(Both *b, KVMPIC *k, const Step *steps, unsigned n)
{
    unsigned i;

    both_begin(b, b->ways);
    for (i = 0; i < n; i++) {
        both_step(b, &steps[i]);
    }
    both_compare(b, k);
    return b->wrong >= 0;
}

/* Leave out what is not needed for a disagreement, in halves down to steps */
static void shrink(Both *b, KVMPIC *k)
{
    Step steps[SEQUENCE_MAX], fewer[SEQUENCE_MAX];
    unsigned n = (unsigned)b->wrong + 1, chunk, at, i;

    for (i = 0; i < n; i++) {
        steps[i] = b->step[i].step;
    }
    for (chunk = n / 2; chunk; chunk = chunk > 1 ? chunk / 2 : 0) {
        for (at = 0; at < n; ) {
            unsigned end = at + chunk < n ? at + chunk : n;

            memcpy(fewer, steps, at * sizeof(Step));
            memcpy(fewer + at, steps + end, (n - end) * sizeof(Step));
            if (disagree(b, k, fewer, n - (end - at))) {
                n = (unsigned)b->wrong + 1;
                for (i = 0; i < n; i++) {
                    steps[i] = b->step[i].step;
                }
            } else {
                at = end;
            }
        }
    }
    disagree(b, k, steps, n);
}

static void print_registers(const char *who, const PICRegisters *r)
{
    unsigned i;

    for (i = 0; i < I8259_CHIPS; i++) {
        const struct kvm_pic_state *c = &r->chip[i];

        printf("#   %-9s %-6s pins %02x irr %02x imr %02x isr %02x top %u "
               "base %02x isr? %u poll %u smm %u init %u aeoi %u rot %u "
               "sfnm %u ic4 %u elcr %02x\n", who, i ? "slave" : "master",
               c->last_irr, c->irr, c->imr, c->isr, c->priority_add,
               c->irq_base, c->read_reg_select, c->poll, c->special_mask,
               c->init_state, c->auto_eoi, c->rotate_on_auto_eoi,
               c->special_fully_nested_mode, c->init4, c->elcr);
    }
}

static void print_disagreement(const Both *b)
{
    unsigned i;

    printf("# %s%s%s\n", b->ways & LOOK_EACH ? "looked at after each step" :
           "not looked at but where needed",
           b->ways & UNDO_EACH ? ", each INTA undone once" : "",
           b->ways & LOAD_EACH ? ", saved and loaded before each step" : "");
    for (i = 0; i < b->n && i <= (unsigned)b->wrong; i++) {
        const Expected *e = &b->step[i];
        char words[64], ours[8] = "", theirs[8] = "";

        step_words(&e->step, &e->before, words, sizeof(words));
        if (e->word != NO_WORD) {
            log_words(&e->word, 1, ours, sizeof(ours));
            log_words(&e->kvm_word, 1, theirs, sizeof(theirs));
        }
        if (i == (unsigned)b->wrong && b->wrong_word) {
            log_words(&b->got_word, 1, theirs, sizeof(theirs));
        }
        printf("# %3u %-36s ours %-4s KVM %-4s%s\n", i, words, ours, theirs,
               i == (unsigned)b->wrong ? " <- disagree" : "");
    }
    if (!b->wrong_word) {
        print_registers("ours", &b->step[b->wrong].ours);
        print_registers("expected", &b->step[b->wrong].kvm);
        print_registers("KVM", &b->got);
    }
}

static bool all_met(const Both *b)
{
    bool all = true;
    unsigned i;

    for (i = 0; i < differences_count; i++) {
        const Difference *d = &differences[i];

        printf("# %-12s %8" PRIu64 " amended, %7" PRIu64 " refused\n",
               d->name, b->amended[i], b->refused[i]);
        all &= (!d->amend || b->amended[i]) && (!d->refuse || b->refused[i]);
    }
    return all;
}

static void test_random(KVMPIC *k, const Options *o)
{
    static Both b;
    time_t end = time(NULL) + (time_t)o->seconds;
    uint64_t seed = o->seed, steps = 0;
    bool agree = true;

    b.old_poll = k->old_poll;
    while (agree && (seed - o->seed < o->count || time(NULL) < end)) {
        random_steps(&b, seed);
        both_compare(&b, k);
        agree = b.wrong < 0;
        steps += b.n;
        seed++;
    }
    printf("# seeds %" PRIu64 " to %" PRIu64 ": %" PRIu64 " steps, %" PRIu64
           " answers with %" PRIu64 " interrupts, registers compared %" PRIu64
           " times\n", o->seed, seed - 1, steps, b.answers, b.interrupts,
           b.compared);
    if (agree) {
        bool met = all_met(&b);

        result(true, "random/", "agree");
        /* A line of the table that nothing needs is to go */
        if (o->count >= 1000) {
            result(met, "random/", "every difference met");
        }
        return;
    }
    shrink(&b, k);
    result(false, "random/", "agree");
    printf("# --seed %" PRIu64 " --count 1\n", seed - 1);
    print_disagreement(&b);
}

static unsigned long number(const char *text)
{
    unsigned long n;
    char more;

    if (sscanf(text, "%lu%c", &n, &more) != 1) {
        fprintf(stderr, "%s: not a number\n", text);
        exit(2);
    }
    return n;
}

static void parse_options(Options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "seed", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'c' },
        { "seconds", required_argument, NULL, 't' },
        {},
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 's':
            o->seed = number(optarg);
            break;
        case 'c':
            o->count = number(optarg);
            break;
        case 't':
            o->seconds = number(optarg);
            break;
        default:
            fprintf(stderr, "usage: %s [--seed N] [--count SEQUENCES] "
                    "[--seconds N]\n", argv[0]);
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    Options o = { .seed = 1, .count = 6000 };
    const char *why;
    KVMPIC k;

    parse_options(&o, argc, argv);
    why = kvm_pic_open(&k);
    if (why) {
        printf("1..0 # SKIP %s\n", why);
        return 0;
    }
    if (k.old_poll) {
        puts("# an old kernel: polls without bit 7 are expected");
    }
    test_differences(&k);
    test_spurious(&k);
    test_random(&k, &o);
    printf("1..%u\n", results);
    kvm_pic_close(&k);
    return failures > 0;
}
