/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk: breadth first, so that the first violation has the shortest trace.
 */
#include "qemu/osdep.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "expand.h"
#include "store.h"

#define MAX_TABLES 32

/* Of each state: its parent, and the steps that the system makes by itself */
static uint32_t *parent, *edges;
static uint64_t *first_edge;
static uint64_t n_edges, n_transitions;
static size_t max_parents, max_firsts, max_edges;

static uint32_t at;             /* the state that is expanded */
static bool failed;
static bool print_progress;

static void *more(void *p, size_t *max, size_t want, size_t size)
{
    if (want < *max) {
        return p;
    }
    *max = *max ? *max * 2 : 1 << 16;
    p = realloc(p, *max * size);
    if (!p) {
        perror("realloc");
        exit(2);
    }
    return p;
}

static void room(void)
{
    size_t want = store_count() + 1;

    parent = more(parent, &max_parents, want, sizeof(*parent));
    first_edge = more(first_edge, &max_firsts, want, sizeof(*first_edge));
}

static const char *thread_name(unsigned who)
{
    static const char *const names[] = { "vCPU 0", "vCPU 1", "main" };

    return names[who];
}

/* The trace: each state on the way is expanded again, this time in words */
static uint32_t wanted;
static unsigned line_no;

static bool tell(unsigned who, bool system)
{
    bool is_new;

    if (run.wrong || store_put(&is_new) != wanted) {
        return true;
    }
    printf("# %3u  %s: %s\n", ++line_no, thread_name(who),
           run.text + strspn(run.text, "; "));
    return false;
}

static bool tell_wrong(unsigned who, bool system)
{
    if (!run.wrong) {
        return true;
    }
    printf("# %3u  %s: %s\n", ++line_no, thread_name(who),
           run.text + strspn(run.text, "; "));
    return false;
}

static void tell_step(uint32_t from, uint32_t to)
{
    static World base;

    wanted = to;
    store_get(from, &base);
    expand(&base, true, tell);
}

static void tell_path(uint32_t to)
{
    uint32_t n = 0, *path;

    for (uint32_t s = to; s; s = parent[s]) {
        n++;
    }
    path = malloc((n + 1) * sizeof(*path));
    path[n] = to;
    for (uint32_t i = n; i > 0; i--) {
        path[i - 1] = parent[path[i]];
    }
    line_no = 0;
    for (uint32_t i = 0; i < n; i++) {
        tell_step(path[i], path[i + 1]);
    }
    free(path);
}

static void violation(const char *what)
{
    printf("# violation: %s\n", what);
    failed = true;
}

static bool visit(unsigned who, bool system)
{
    bool is_new;
    uint32_t n;

    n_transitions++;
    if (run.wrong) {
        static World base;
        char what[256];

        snprintf(what, sizeof(what), "%s", run.wrong);
        tell_path(at);
        store_get(at, &base);
        expand(&base, true, tell_wrong);
        violation(what);
        return false;
    }
    n = store_put(&is_new);
    if (is_new) {
        room();
        parent[n] = at;
    }
    if (system) {
        edges = more(edges, &max_edges, n_edges + 1, sizeof(*edges));
        edges[n_edges++] = n;
    }
    return true;
}

/*
 * Left to itself the system comes to rest, in whatever order its threads run:
 * the steps that it makes by itself form no circle. Depth first, with a stack
 * of its own; @seen is 1 on the stack, 2 behind it.
 */
static bool check_circles(void)
{
    uint32_t n = store_count();
    uint8_t *seen = calloc(n, 1);
    uint32_t *stack = malloc(n * sizeof(*stack));
    uint64_t *next = malloc(n * sizeof(*next));
    bool ok = true;

    for (uint32_t s = 0; s < n && ok; s++) {
        uint32_t depth = 0;

        if (seen[s]) {
            continue;
        }
        stack[0] = s;
        next[0] = first_edge[s];
        seen[s] = 1;
        depth = 1;
        while (depth && ok) {
            uint32_t top = stack[depth - 1], to;

            if (next[depth - 1] == first_edge[top + 1]) {
                seen[top] = 2;
                depth--;
                continue;
            }
            to = edges[next[depth - 1]++];
            if (seen[to] == 1) {
                uint32_t i = 0;

                while (stack[i] != to) {
                    i++;
                }
                tell_path(to);
                printf("#      and from here for ever:\n");
                for (; i < depth; i++) {
                    tell_step(stack[i], i + 1 < depth ? stack[i + 1] : to);
                }
                violation("the system goes round in a circle");
                ok = false;
            } else if (!seen[to]) {
                seen[to] = 1;
                stack[depth] = to;
                next[depth++] = first_edge[to];
            }
        }
    }
    free(seen);
    free(stack);
    free(next);
    return ok;
}

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static unsigned peak_mib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (unsigned)(u.ru_maxrss / 1024);
}

/* True: explored to the end, and nothing is wrong */
static bool explore(const Table *t)
{
    static World base;
    uint32_t level_end = 1;
    unsigned depth = 0;
    double begin = seconds();
    bool is_new;

    store_clear();
    n_edges = n_transitions = 0;
    failed = false;
    world_init(t);
    expand_table(t);
    canonicalise();
    store_put(&is_new);
    room();
    parent[0] = 0;
    for (at = 0; at < store_count() && !failed; at++) {
        if (at == level_end) {
            level_end = store_count();
            depth++;
            if (print_progress) {
                fprintf(stderr, "%s: depth %u, %u states, %.0f s\n", t->name,
                        depth, store_count(), seconds() - begin);
                store_tell();
            }
        }
        first_edge[at] = n_edges;
        store_get(at, &base);
        if (!expand(&base, false, visit) && !failed) {
            memcpy(&w, &base, sizeof(w));
            run.wrong = NULL;
            if (!check_state(true)) {
                char what[256];

                snprintf(what, sizeof(what), "%s", run.wrong);
                tell_path(at);
                violation(what);
            }
        }
    }
    if (!failed) {
        first_edge[at] = n_edges;
        check_circles();
    }
    printf("# %s: %u states, %" PRIu64 " transitions, depth %u, %.1f s, "
           "%u MiB\n", t->name, store_count(), n_transitions, depth,
           seconds() - begin, peak_mib());
    return !failed;
}

static void usage(const char *self)
{
    printf("usage: %s [--deep] [--list] [--progress] [TABLE...]\n", self);
}

static bool asked_for(const Table *t, bool deep, char **names)
{
    if (!*names) {
        return deep || !t->deep;
    }
    for (; *names; names++) {
        if (!strcmp(*names, t->name)) {
            return true;
        }
    }
    return false;
}

/* Each table has a process of its own, two at a time */
#define PROCESSES 2

typedef struct Job {
    const Table *table;
    FILE *out;
    pid_t pid;
    int status;                 /* -1: runs, or has not begun */
} Job;

static void begin(Job *j)
{
    fflush(stdout);
    j->out = tmpfile();
    j->pid = j->out ? fork() : -1;
    if (j->pid < 0) {
        perror("fork");
        exit(2);
    }
    if (!j->pid) {
        if (dup2(fileno(j->out), STDOUT_FILENO) < 0) {
            _exit(2);
        }
        setvbuf(stdout, NULL, _IOLBF, 0);
        _exit(!explore(j->table));
    }
}

static void end_one(Job *jobs, unsigned n)
{
    int status;
    pid_t pid = wait(&status);

    for (unsigned i = 0; i < n; i++) {
        if (jobs[i].pid == pid) {
            jobs[i].status = status;
        }
    }
}

/* True: nothing wrong */
static bool report(const Job *j, unsigned number)
{
    bool ok = WIFEXITED(j->status) && !WEXITSTATUS(j->status);
    int c;

    rewind(j->out);
    while ((c = getc(j->out)) != EOF) {
        putchar(c);
    }
    fclose(j->out);
    if (!WIFEXITED(j->status)) {
        printf("# ended by signal %d\n", WTERMSIG(j->status));
    }
    printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", number, j->table->name,
           j->table->about);
    return ok;
}

static unsigned run_jobs(Job *jobs, unsigned n)
{
    unsigned begun = 0, told = 0, bad = 0;

    while (told < n) {
        for (; begun < n && begun < told + PROCESSES; begun++) {
            begin(&jobs[begun]);
        }
        if (jobs[told].status < 0) {
            end_one(jobs, begun);
        } else {
            bad += !report(&jobs[told], told + 1);
            told++;
        }
    }
    return bad;
}

int main(int argc, char **argv)
{
    bool deep = false, list = false;
    Job jobs[MAX_TABLES];
    unsigned n = 0, bad;
    char **names = argv + 1;

    for (; *names && **names == '-'; names++) {
        deep |= !strcmp(*names, "--deep");
        list |= !strcmp(*names, "--list");
        print_progress |= !strcmp(*names, "--progress");
        if (!strcmp(*names, "--help")) {
            usage(argv[0]);
            return 0;
        }
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    store_init();
    for (unsigned i = 0; i < n_tables; i++) {
        const Table *t = &tables[i];

        if (!asked_for(t, deep, names)) {
            continue;
        }
        if (list) {
            printf("%-12s %s%s\n", t->name, t->about, t->deep ? " (deep)" : "");
            continue;
        }
        assert(n < MAX_TABLES);
        jobs[n++] = (Job) { .table = t, .status = -1 };
    }
    if (list) {
        return 0;
    }
    printf("1..%u\n", n);
    bad = run_jobs(jobs, n);
    return bad ? 1 : 0;
}
