/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A breadth-first walk over all reachable states of the PIC, its injection and
 * the model of KVM.
 *
 * extint.c, recall.c, i8259-core.c and the model are the shipped objects.
 * Around them pic.c, machine.c, host.c and mainloop.c say again, in few lines
 * each, what split-i8259.c, kvm-extint.c and QEMU's run loop do.
 *
 * Interleaving. A step of a thread ends before whatever another thread can
 * see; hooks.c holds those places. A thread in the middle of a function is
 * kept as what its hooks have answered so far: to go on, the function is
 * called anew, given those answers, and left again by longjmp one hook
 * further. Fields that only it writes are put back until it has returned. The
 * functions are deterministic but for their hooks, so this is exact and a
 * thread is a few bytes that can be compared.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <setjmp.h>
#include "i8259-core.h"
#include "extint.h"
#include "kvm-model.h"

#define VCPUS 2
#define MAIN VCPUS              /* the thread after the vCPUs' */
#define THREADS (VCPUS + 1)
#define NOBODY (-1)
#define LOG_MAX 56
#define PORTS_MAX 4             /* port accesses of one of the guest's words */

/* What a thread is doing */
typedef enum Task {
    CPU_OFF,                    /* unplugged */
    CPU_IDLE,                   /* waits on halt_cond */
    CPU_LOOP,                   /* leaves kvm_cpu_exec, passes its event loop */
    CPU_ENTER,                  /* kvm_cpu_exec up to KVM_RUN */
    CPU_GUEST,                  /* in KVM_RUN */
    CPU_EXIT,                   /* KVM_RUN has returned */
    CPU_IO,                     /* a port of the PIC */
    CPU_GONE,                   /* is being destroyed */
    MAIN_REST,
    MAIN_LINE,
    MAIN_PAUSE,
    MAIN_WAIT,                  /* for the vCPUs to be paused */
    MAIN_UNPLUG,
    MAIN_JOIN,
    MAIN_WORK,
    TASKS,
} Task;

typedef struct Thread {
    uint8_t task;
    uint8_t arg;
    uint8_t n;                  /* entries of log */
    uint8_t buffered;           /* a store that others do not see yet, */
    uint8_t store;              /* of this to accepts */
    int16_t log[LOG_MAX];
    uint64_t taken;             /* number of the interrupt this task took */
} Thread;

/* One vCPU, beside ExtIntVCPU and KVMModelVCPU */
typedef struct Cpu {
    Thread t;
    uint8_t exit_request, thread_kicked, stop, stopped, unplug, dirty;
    uint8_t nmi, sync;          /* queued work */
    /*
     * Ghosts: the vectors that KVM has accepted and neither delivered nor
     * given back, one recalled and not yet undone, one not yet committed.
     */
    int16_t out[2], recalled, uncommitted;
} Cpu;

/* What threads share through atomics, as the others see it */
typedef struct Shared {
    uint32_t intr, proofs, last, accepts[VCPUS];
    uint64_t taken;
    ExtIntVCPU v[VCPUS];
} Shared;

typedef struct Pic {
    I8259Pair core;
    I8259Receipt receipt[VCPUS];
    I8259Inta inta;
    bool level;
    /*
     * Ghosts. was: the chips before the oldest of the INTAs that were not
     * delivered yet, while exact: nothing else has happened to them since.
     * reborn: by vCPU, the chips that began anew since its INTA, by bit.
     */
    bool exact;
    uint8_t reborn[VCPUS];
    I8259Saved was[I8259_CHIPS];
} Pic;

typedef struct Global {
    Thread t;                   /* main */
    int8_t bql, pic_lock;       /* who holds it, or NOBODY */
    uint8_t running;            /* runstate */
    uint8_t cond;               /* qemu_pause_cond was signalled */
    uint8_t hard;               /* first_cpu's CPU_INTERRUPT_HARD */
    uint8_t refuse;             /* the kernel refuses with EINVAL */
    uint8_t fresh;              /* chips were replaced: edges count anew */
} Global;

typedef struct World {
    Pic pic;
    Shared s;
    KVMModelVCPU k[VCPUS];
    Cpu cpu[VCPUS];
    Global g;
} World;

/* Words of the guest */
typedef struct Word {
    const char *name;
    KVMModelInsn insn;
    /* else accesses to the PIC: chip, A0, value; value -1: a read */
    struct {
        int8_t chip, a0;
        int16_t val;
    } io[PORTS_MAX];
} Word;

/* What else the environment may do */
enum {
    HOST_STOP = 1,              /* stop, continue */
    HOST_RESET = 2,             /* system_reset */
    HOST_MIGRATE = 4,           /* stopped: save, restore into a fresh VM */
    HOST_LOAD = 8,              /* stopped: loadvm of the first state */
    HOST_UNPLUG = 16,           /* the last vCPU, and plug it again */
    HOST_EXIT = 32,             /* exit_request of another cause */
    HOST_SYNC = 64,             /* cpu_synchronize_state while it runs */
    HOST_NMI = 128,             /* inject-nmi */
    HOST_REFUSE = 256,          /* KVM_INTERRUPT fails with EINVAL at will */
    HOST_KICK = 512,            /* a kick of another cause */
};

typedef struct Table {
    const char *name;
    const char *about;
    unsigned vcpus;
    bool deep;                  /* not without --deep */
    uint16_t lines;             /* bit n: IRQ n goes up and down */
    uint16_t pulses;            /* bit n: IRQ n goes up and down at once */
    uint16_t elcr;
    bool rotate;                /* firmware sets AEOI with rotation */
    uint8_t open;               /* vCPUs that begin with LINT0 and IF open */
    uint8_t imr[2];             /* at the start */
    unsigned host;
    const char *guest[VCPUS];   /* words, by blanks */
    /*
     * A signal that is sent to a thread in user space arrives at once, not at
     * any later time. Fewer states, for tables of two vCPUs.
     */
    bool prompt;
} Table;

extern const Table tables[];
extern const unsigned n_tables;
extern const Word words[];
const Word *word_find(const char *name, size_t len);

/* The world that is being stepped, and the shipped objects' handles on it */
extern World w;
extern ExtInt x;
extern KVMModel model;
extern const Table *table;

/* The step that is being made */
typedef struct Run {
    jmp_buf out;
    Thread *t;
    int self;                   /* vCPU, or MAIN */
    unsigned pos;               /* next entry of the log */
    unsigned budget;            /* what others see and may still be done */
    bool alone;                 /* all vCPUs paused: no interleaving, no log */
    bool bql;                   /* this task holds it */
    /* What this task has done, replayed or not */
    bool rose, withdrew, ready, passed, took;
    bool saw[VCPUS];            /* a proof that was read */
    const char *wrong;          /* violation */
    bool verbose;
    char text[512];
} Run;

extern Run run;

#define FOR_EACH_CPU(v) \
    for (unsigned v = 0; v < table->vcpus; v++) \
        if (w.cpu[v].t.task != CPU_OFF)

/* hooks.c */
bool hook_replay(int *val);
void hook_gate(void);
void hook_done(int val);
void hook_blocked(void) __attribute__((noreturn));
void pic_lock(void);
void pic_unlock(void);
void bql_lock(void);
void bql_unlock(void);
void kick(unsigned vcpu);
void drain_store(unsigned vcpu);
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* port.c, pic.c */
extern const KVMPortOps explore_port_ops;
extern const ExtIntPIC explore_pic;
int pic_end(int changed);
void wake(int whom);
void set_line(unsigned irq, bool level, bool pulse);
void port_access(int chip, unsigned a0, int val);
/* The chips changed, but not by an INTA or its undoing */
void pic_touched(void);
void pic_check_undone(void);
/* The linker's --wrap */
int __real_extint_recall(KVMPort *port, unsigned vcpu, unsigned vector,
                         bool *halted);
int __wrap_extint_recall(KVMPort *port, unsigned vcpu, unsigned vector,
                         bool *halted);

/* machine.c: the threads */
bool thread_step(unsigned thread);
bool guest_word(unsigned vcpu, const Word *word);
typedef enum GuestStep { GUEST_RESUME, GUEST_NOP, GUEST_TICK } GuestStep;
bool guest_step(unsigned vcpu, GuestStep step);

/* host.c: what the main loop does to the machine; all vCPUs paused */
void host_stopped(void);
void host_reset(void);
void host_continue(void);
void host_migrate(void);
void host_load(void);
void host_plug(unsigned vcpu);
void host_begin_step(void);
void host_end_step(void);
void world_init(const Table *t);

/* mainloop.c */
Task main_task(Task task, unsigned arg);

/* check.c */
void canonicalise(void);
void canonical_kvm(unsigned vcpu);
bool check_state(bool quiet);
void check_step(const World *before);

#endif /* EXPLORE_H */
