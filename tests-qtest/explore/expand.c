/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All steps out of a state.
 */
#include "qemu/osdep.h"
#include "expand.h"

/* One step out of the base, which has been copied into w */
typedef struct Choice {
    enum { STEP, GO_ON, WORD, SIGNAL, DRAIN, START, HOST, PLUG, REFUSE } kind;
    uint8_t who;
    uint8_t task, arg;
    const Word *word;
    void (*host)(void);
    const char *text;
} Choice;

static Choice choices[128];
static unsigned n_choices;

static void add(Choice c)
{
    assert(n_choices < sizeof(choices) / sizeof(choices[0]));
    choices[n_choices++] = c;
}

/* The table's words of each vCPU, found once */
static const Word *guest[VCPUS][32];

void expand_table(const Table *t)
{
    memset(guest, 0, sizeof(guest));
    for (unsigned v = 0; v < t->vcpus; v++) {
        const char *p = t->guest[v];
        unsigned n = 0;

        while (*p) {
            size_t len = strcspn(p, " ");

            guest[v][n] = word_find(p, len);
            if (!guest[v][n++]) {
                fprintf(stderr, "table %s: no word %.*s\n", t->name, (int)len,
                        p);
                exit(2);
            }
            p += len + (p[len] == ' ');
        }
    }
}

static void vcpu_choices(const World *b, unsigned v)
{
    const Cpu *c = &b->cpu[v];

    if (c->t.task == CPU_OFF) {
        return;
    }
    if (c->t.buffered) {
        add((Choice) { .kind = DRAIN, .who = v });
    }
    if (b->k[v].where == KVM_MODEL_USER && b->k[v].signal) {
        add((Choice) { .kind = SIGNAL, .who = v });
    }
    if (c->t.task != CPU_GUEST) {
        add((Choice) { .kind = STEP, .who = v });
        return;
    }
    add((Choice) { .kind = GO_ON, .who = v, .arg = GUEST_RESUME });
    if (b->k[v].where == KVM_MODEL_GUEST) {
        add((Choice) { .kind = GO_ON, .who = v, .arg = GUEST_NOP });
        add((Choice) { .kind = GO_ON, .who = v, .arg = GUEST_TICK });
        for (unsigned i = 0; guest[v][i]; i++) {
            add((Choice) { .kind = WORD, .who = v, .word = guest[v][i] });
        }
    }
}

static void start(Task task, unsigned arg)
{
    add((Choice) { .kind = START, .who = MAIN, .task = (uint8_t)task,
                   .arg = (uint8_t)arg });
}

static void host(void (*fn)(void), const char *text)
{
    add((Choice) { .kind = HOST, .who = MAIN, .host = fn, .text = text });
}

static void line_choices(const World *b)
{
    for (unsigned irq = 0; irq < I8259_LINES; irq++) {
        bool up = b->pic.core.chip[irq / 8].pins >> (irq & 7) & 1;

        if (table->lines >> irq & 1) {
            start(MAIN_LINE, irq | (up ? 0 : 16));
        }
        if (table->pulses >> irq & 1) {
            start(MAIN_LINE, irq | 16 | 32);
        }
    }
}

static void work_choices(const World *b)
{
    static const unsigned kinds[] = { HOST_EXIT, HOST_SYNC, HOST_NMI,
                                      HOST_KICK };

    for (unsigned v = 0; v < table->vcpus; v++) {
        if (b->cpu[v].t.task == CPU_OFF) {
            continue;
        }
        for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            if (table->host & kinds[i]) {
                start(MAIN_WORK, v | i << 1);
            }
        }
    }
}

static void main_choices(const World *b)
{
    unsigned last = table->vcpus - 1;

    if (b->g.t.task != MAIN_REST) {
        add((Choice) { .kind = STEP, .who = MAIN });
        return;
    }
    line_choices(b);
    if (table->host & HOST_RESET) {
        start(MAIN_PAUSE, 1);
    }
    if (table->host & HOST_REFUSE) {
        add((Choice) { .kind = REFUSE, .who = MAIN });
    }
    if (!b->g.running) {
        host(host_continue, "continue");
        if (table->host & HOST_MIGRATE) {
            host(host_migrate, "saved, restored into a fresh VM");
        }
        if (table->host & HOST_LOAD) {
            host(host_load, "loadvm in place");
        }
        return;
    }
    if (table->host & HOST_STOP) {
        start(MAIN_PAUSE, 0);
    }
    work_choices(b);
    if (table->host & HOST_UNPLUG) {
        if (b->cpu[last].t.task == CPU_OFF) {
            add((Choice) { .kind = PLUG, .who = MAIN, .arg = (uint8_t)last });
        } else {
            start(MAIN_UNPLUG, last);
        }
    }
}

static bool is_system(const Choice *c)
{
    return c->kind == STEP || c->kind == GO_ON || c->kind == SIGNAL ||
           c->kind == DRAIN;
}

static bool take(const Choice *c)
{
    switch (c->kind) {
    case STEP:
        return thread_step(c->who);
    case GO_ON:
        return guest_step(c->who, (GuestStep)c->arg);
    case WORD:
        return guest_word(c->who, c->word);
    case SIGNAL:
        w.k[c->who].signal = 0;
        w.k[c->who].immediate_exit = 1;
        say("the kick's signal arrives");
        return true;
    case DRAIN:
        drain_store(c->who);
        say("its store to \"accepts\" is seen by the others");
        return true;
    case START:
        w.g.t.task = c->task;
        w.g.t.arg = c->arg;
        return thread_step(MAIN);
    case HOST:
        if (w.g.bql != NOBODY) {
            return false;
        }
        run.self = MAIN;
        run.t = &w.g.t;
        say("%s", c->text);
        c->host();
        run.alone = false;
        return true;
    case PLUG:
        if (w.g.bql != NOBODY) {
            return false;
        }
        host_plug(c->arg);
        run.alone = false;
        say("vCPU %u is plugged", c->arg);
        return true;
    case REFUSE:
        w.g.refuse = !w.g.refuse;
        say("KVM begins or ends to refuse");
        return true;
    }
    return false;
}

/*
 * Calls @fn for each step; false from it ends the walk. Returns how many of
 * them the system makes by itself.
 */
unsigned expand(const World *base, bool verbose, ExpandFn *fn)
{
    unsigned system = 0;

    n_choices = 0;
    for (unsigned v = 0; v < table->vcpus; v++) {
        vcpu_choices(base, v);
    }
    main_choices(base);
    for (unsigned i = 0; i < n_choices; i++) {
        const Choice *c = &choices[i];

        memcpy(&w, base, sizeof(w));
        host_begin_step();
        run.alone = false;
        run.wrong = NULL;
        run.verbose = verbose;
        run.text[0] = 0;
        if (!take(c)) {
            if (run.wrong && !fn(c->who, is_system(c))) {
                break;
            }
            continue;
        }
        host_end_step();
        check_step(base);
        canonicalise();
        check_state(false);
        if (is_system(c)) {
            system++;
        }
        if (!fn(c->who, is_system(c))) {
            break;
        }
    }
    return system;
}
