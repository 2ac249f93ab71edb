/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vCPUs' threads: kvm-accel-ops.c, kvm-all.c and cpus.c around extint, in
 * the order of the code there; and how a thread makes one step.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "explore.h"
#include "kvm-model-int.h"

/* kvm_cpu_exec() up to KVM_RUN */
static Task cpu_enter(unsigned v)
{
    Cpu *c = &w.cpu[v];
    ExtIntEnter e;
    int dirty;

    if (!hook_replay(&dirty)) {
        dirty = c->dirty;
        c->dirty = 0;
        hook_done(dirty);
    }
    if (dirty) {
        /* kvm_arch_put_registers() */
        extint_forget(&x, v, w.k[v].mp_state == KVM_MP_STATE_HALTED);
    }
    e = extint_enter(&x, v);
    wake(e.kick);

    hook_gate();
    if (c->exit_request) {
        w.k[v].immediate_exit = 1;
    }
    if (run.passed && !run.ready && w.s.v[v].accepts) {
        wrong("vCPU %u is not ready for INTR and keeps its proof", v);
    }
    kvm_model_enter(&model, v);
    say("; KVM_RUN");
    return w.k[v].where == KVM_MODEL_USER ? CPU_EXIT : CPU_GUEST;
}

/* KVM_RUN has returned */
static Task cpu_exit(unsigned v)
{
    KVMModelVCPU *k = &w.k[v];

    if (k->ret == -EINTR) {
        if (!table->prompt) {
            /* A signal may still come before this, and is eaten */
            hook_gate();
        }
        /* kvm_eat_signals() */
        k->immediate_exit = 0;
        say("; eats the signal; ");
        return CPU_LOOP;
    }
    switch (k->exit_reason) {
    case KVM_EXIT_IO:
        return CPU_IO;
    case KVM_EXIT_IRQ_WINDOW_OPEN:
        extint_window(&x, v);
        return CPU_ENTER;
    }
    wrong("vCPU %u: exit reason %u, result %d", v, k->exit_reason, k->ret);
    return CPU_ENTER;
}

static Task cpu_io(unsigned v)
{
    const Word *word = &words[w.cpu[v].t.arg];

    for (unsigned i = 0; i < PORTS_MAX && word->io[i].chip >= 0; i++) {
        port_access(word->io[i].chip, (unsigned)word->io[i].a0,
                    word->io[i].val);
    }
    return CPU_ENTER;
}

static bool cpu_can_run(const Cpu *c)
{
    return !c->stop && !c->stopped && w.g.running;
}

/* The end of kvm_cpu_exec(), and qemu_wait_io_event(): all under the BQL */
static Task cpu_loop(unsigned v, bool idle)
{
    Cpu *c = &w.cpu[v];

    bql_lock();
    if (idle && !c->stop && !c->nmi && !c->sync && !cpu_can_run(c)) {
        w.g.bql = NOBODY;
        hook_blocked();
    }
    hook_gate();
    if (!idle) {
        c->exit_request = 0;
    }
    if (!c->stop && !c->nmi && !c->sync && !cpu_can_run(c)) {
        say("sleeps");
        bql_unlock();
        return CPU_IDLE;
    }
    c->thread_kicked = 0;
    say("passes its event loop");
    if (c->stop) {
        c->stop = 0;
        c->stopped = 1;
        w.g.cond = 1;
        say("; is paused");
    }
    if (c->nmi) {
        c->nmi = 0;
        kvm_model_vcpu_ioctl(&model, v, KVM_NMI, NULL);
        say("; NMI");
    }
    if (c->sync) {
        c->sync = 0;
        c->dirty = 1;
        say("; registers are read");
    }
    if (c->unplug && !cpu_can_run(c)) {
        run.t->n = 0;
        return CPU_GONE;
    }
    bql_unlock();
    return cpu_can_run(c) ? CPU_ENTER : CPU_IDLE;
}

/* kvm_arch_destroy_vcpu(), with the BQL since cpu_loop() */
static Task cpu_gone(unsigned v)
{
    Cpu *c = &w.cpu[v];

    run.bql = true;
    wake(extint_gone(&x, v));
    hook_gate();
    say("is gone");
    c->unplug = 0;
    c->stopped = 1;
    c->thread_kicked = 0;
    w.k[v].signal = 0;
    w.g.bql = NOBODY;
    drain_store(v);
    return CPU_OFF;
}

static Task run_task(unsigned thread)
{
    switch (run.t->task) {
    case CPU_ENTER:
        return cpu_enter(thread);
    case CPU_EXIT:
        return cpu_exit(thread);
    case CPU_IO:
        return cpu_io(thread);
    case CPU_LOOP:
        return cpu_loop(thread, false);
    case CPU_IDLE:
        return cpu_loop(thread, true);
    case CPU_GONE:
        return cpu_gone(thread);
    case MAIN_LINE:
        run.bql = false;
        bql_lock();
        set_line(run.t->arg & 15, run.t->arg & 16, run.t->arg & 32);
        bql_unlock();
        return MAIN_REST;
    default:
        return main_task(run.t->task, run.t->arg);
    }
}

static bool resting(Task task)
{
    return task == CPU_OFF || task == CPU_IDLE || task == CPU_GUEST ||
           task == MAIN_REST || task == MAIN_WAIT || task == MAIN_JOIN;
}

/*
 * One step of a thread that is not resting, or wants to go on. False: it
 * cannot move.
 */
bool thread_step(unsigned thread)
{
    static ExtIntVCPU keep[VCPUS];

    run.self = (int)thread;
    run.t = thread == MAIN ? &w.g.t : &w.cpu[thread].t;
    run.budget = 1;
    for (;;) {
        Task next;

        memcpy(keep, w.s.v, sizeof(keep));
        run.pos = 0;
        run.bql = false;
        run.rose = run.withdrew = run.ready = run.passed = run.took = false;
        memset(run.saw, 0, sizeof(run.saw));
        switch (setjmp(run.out)) {
        case 0:
            next = run_task(thread);
            break;
        case 1:
            memcpy(w.s.v, keep, sizeof(keep));
            return true;
        default:
            memcpy(w.s.v, keep, sizeof(keep));
            return false;
        }
        run.t->task = (uint8_t)next;
        run.t->n = 0;
        run.t->taken = 0;
        memset(run.t->log, 0, sizeof(run.t->log));
        if (resting(next)) {
            return true;
        }
    }
}

/* The vCPU may have left KVM_RUN; false: nothing has come of it */
static bool guest_went_on(unsigned vcpu, const KVMModelVCPU *before)
{
    if (w.k[vcpu].where != KVM_MODEL_USER) {
        canonical_kvm(vcpu);
        return memcmp(before, &w.k[vcpu], sizeof(*before));
    }
    say("; KVM_RUN returns");
    w.cpu[vcpu].t.task = CPU_EXIT;
    return true;
}

/* The guest does what its table says */
bool guest_word(unsigned vcpu, const Word *word)
{
    KVMModelVCPU before = w.k[vcpu];

    say("%s", word->name);
    w.cpu[vcpu].t.arg = (uint8_t)(word - words);
    kvm_model_step(&model, vcpu, &word->insn);
    return guest_went_on(vcpu, &before);
}

/*
 * The guest goes on by itself. The last is the host's doing: an interrupt of
 * its own, its timer's at the latest, ends what the processor does for the
 * guest, and the kernel enters it anew.
 */
bool guest_step(unsigned vcpu, GuestStep step)
{
    static const KVMModelInsn nop = { .op = KVM_MODEL_NOP };
    KVMModelVCPU before = w.k[vcpu];

    switch (step) {
    case GUEST_RESUME:
        say("the kernel looks after it");
        kvm_model_resume(&model, vcpu);
        break;
    case GUEST_NOP:
        say("goes on");
        kvm_model_step(&model, vcpu, &nop);
        break;
    case GUEST_TICK:
        say("is interrupted by the host's timer");
        kvm_model_exited(&model, vcpu);
        break;
    }
    return guest_went_on(vcpu, &before);
}
