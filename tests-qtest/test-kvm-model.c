/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests of the model of the kernel: slot, window, priorities, halting.
 *
 * Written from the kernel's rules (docs/kernel-contract.rst), not from the
 * model. A case is a script of words:
 *
 *   name=hex   does or sets it;    ?name=hex   demands it.
 *
 * User space:  if int full(KVM_INTERRUPT refused with EEXIST) lvt0 svr base
 *              inject(interrupt) exc(injected) nmi smi msi init sipi mp debug
 *              window imm mask(signal in KVM_RUN) cpu(which vCPU from here)
 *              kick eat(the signal is taken) run resume tick
 *              event(something makes the kernel look)
 * The guest:   nop cli sti hlt ss iret out in int3 rsm stgi vmrun
 *              g.lvt0 g.base g.eoi g.tpr
 * Where it is: ?guest ?blocked ?window ?eintr ?eagain ?io ?debug
 * Delivered since the last such word:  took=vector nmi! exc! smi! none
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <linux/kvm.h>
#include "kvm-model.h"
#include "kvm-model-lapic.h"

#define VCPUS 2

typedef struct Machine {
    KVMModel m;
    KVMModelVCPU v[VCPUS];
    KVMModelRegs r[VCPUS];
    KVMModelLAPIC l[VCPUS];
    unsigned cpu;
    KVMModelEvent event;        /* the last one delivered, and how many were */
    unsigned nr, events;
} Machine;

static Machine mach;

typedef struct Case {
    const char *name, *script;
} Case;

static void took(void *opaque, unsigned vcpu, KVMModelEvent event, unsigned nr)
{
    mach.event = event;
    mach.nr = nr;
    mach.events++;
}

static void setup(void)
{
    KVMModelConfig c = {
        .vcpus = VCPUS,
        .smm = true,
        .nested = true,
        .svm = true,
        .payload = true,
        .took = took,
    };

    memset(&mach, 0, sizeof(mach));
    kvm_model_init(&mach.m, &c, mach.v, mach.r, mach.l);
}

static int vcpu_ioctl(unsigned long request, void *arg)
{
    return kvm_model_vcpu_ioctl(&mach.m, mach.cpu, request, arg);
}

static void must(int ret, int want)
{
    g_assert_cmpint(ret, ==, want);
}

static int interrupt(unsigned irq)
{
    struct kvm_interrupt i = { .irq = irq };

    return vcpu_ioctl(KVM_INTERRUPT, &i);
}

static void set_if(bool on)
{
    struct kvm_regs regs;

    must(vcpu_ioctl(KVM_GET_REGS, &regs), 0);
    regs.rflags = on ? regs.rflags | 0x200 : regs.rflags & ~0x200ull;
    must(vcpu_ioctl(KVM_SET_REGS, &regs), 0);
}

static void set_lapic(unsigned reg, uint32_t val)
{
    struct kvm_lapic_state s;

    must(vcpu_ioctl(KVM_GET_LAPIC, &s), 0);
    memcpy(s.regs + reg, &val, sizeof(val));
    must(vcpu_ioctl(KVM_SET_LAPIC, &s), 0);
}

static void set_base(uint64_t val)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } msr = { .head.nmsrs = 1, .entry = { .index = 0x1b, .data = val } };

    must(vcpu_ioctl(KVM_SET_MSRS, &msr), 1);
}

static void inject(int vector, int exception)
{
    struct kvm_vcpu_events e;

    must(vcpu_ioctl(KVM_GET_VCPU_EVENTS, &e), 0);
    if (vector >= 0) {
        e.interrupt.injected = 1;
        e.interrupt.nr = vector;
    } else {
        e.exception.injected = 1;
        e.exception.nr = exception;
    }
    must(vcpu_ioctl(KVM_SET_VCPU_EVENTS, &e), 0);
}

static void message(unsigned mode, unsigned vector)
{
    struct kvm_msi msi = {
        .address_lo = 0xfee00000 | mach.cpu << 12,
        .data = mode << 8 | vector,
    };

    must(kvm_model_vm_ioctl(&mach.m, KVM_SIGNAL_MSI, &msi), 1);
}

static void set_mp(uint32_t state)
{
    struct kvm_mp_state mp = { .mp_state = state };

    must(vcpu_ioctl(KVM_SET_MP_STATE, &mp), 0);
}

static void set_debug(uint32_t control)
{
    struct kvm_guest_debug d = { .control = control };

    must(vcpu_ioctl(KVM_SET_GUEST_DEBUG, &d), 0);
}

static void step(KVMModelOp op, unsigned reg, uint64_t val)
{
    KVMModelInsn insn = { .op = op, .len = 1, .reg = reg, .val = val };

    g_assert_cmpuint(mach.v[mach.cpu].where, ==, KVM_MODEL_GUEST);
    kvm_model_step(&mach.m, mach.cpu, &insn);
}

static bool guest_word(const char *w, uint64_t n)
{
    static const struct {
        const char *word;
        KVMModelOp op;
        unsigned reg;
    } insns[] = {
        { "nop", KVM_MODEL_NOP }, { "cli", KVM_MODEL_CLI },
        { "sti", KVM_MODEL_STI }, { "hlt", KVM_MODEL_HLT },
        { "ss", KVM_MODEL_MOV_SS }, { "iret", KVM_MODEL_IRET },
        { "out", KVM_MODEL_OUT, 0x80 }, { "in", KVM_MODEL_IN, 0x80 },
        { "rsm", KVM_MODEL_RSM }, { "stgi", KVM_MODEL_STGI },
        { "vmrun", KVM_MODEL_VMRUN }, { "int3", KVM_MODEL_RAISE },
        { "g.lvt0", KVM_MODEL_APIC_WRITE, 0x350 },
        { "g.eoi", KVM_MODEL_APIC_WRITE, 0xb0 },
        { "g.tpr", KVM_MODEL_APIC_WRITE, 0x80 },
        { "g.base", KVM_MODEL_WRMSR, 0x1b },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(insns); i++) {
        if (!strcmp(w, insns[i].word)) {
            step(insns[i].op, insns[i].reg,
                 insns[i].op == KVM_MODEL_RAISE ? 3 : n);
            return true;
        }
    }
    return false;
}

static void exit_word(const char *w)
{
    static const struct {
        const char *word;
        KVMModelWhere where;
        int ret, reason;
    } exits[] = {
        { "guest", KVM_MODEL_GUEST },
        { "blocked", KVM_MODEL_BLOCKED },
        { "window", KVM_MODEL_USER, 0, KVM_EXIT_IRQ_WINDOW_OPEN },
        { "eintr", KVM_MODEL_USER, -EINTR, KVM_EXIT_INTR },
        { "eagain", KVM_MODEL_USER, -EAGAIN, KVM_EXIT_INTR },
        { "io", KVM_MODEL_USER, 0, KVM_EXIT_IO },
        { "debug", KVM_MODEL_USER, 0, KVM_EXIT_DEBUG },
    };
    const KVMModelVCPU *v = &mach.v[mach.cpu];

    for (unsigned i = 0; i < G_N_ELEMENTS(exits); i++) {
        if (!strcmp(w, exits[i].word)) {
            g_assert_cmpuint(v->where, ==, exits[i].where);
            if (v->where == KVM_MODEL_USER) {
                g_assert_cmpint(v->ret, ==, exits[i].ret);
                g_assert_cmpint(v->exit_reason, ==, exits[i].reason);
            }
            return;
        }
    }
    g_error("?%s", w);
}

static void demand(const char *w, uint64_t n)
{
    const KVMModelVCPU *v = &mach.v[mach.cpu];
    const struct {
        const char *word;
        int64_t val;
    } values[] = {
        { "ready", v->ready }, { "if", v->if_flag },
        { "slot", v->pev & 0xffff },
        { "inj", v->int_injected ? v->int_nr : 0 }, { "mp", v->mp_state },
        { "lvt0", v->lvt0 }, { "rip", mach.r[mach.cpu].rip },
        { "gif", v->gif }, { "l2", v->guest_mode }, { "nmi", v->nmi_pending },
        { "ret", -v->ret },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        if (!strcmp(w, values[i].word)) {
            g_assert_cmphex(values[i].val, ==, n);
            return;
        }
    }
    exit_word(w);
}

static void delivered(KVMModelEvent event, unsigned nr)
{
    g_assert_cmpuint(mach.events, ==, event != KVM_MODEL_NOTHING);
    if (event != KVM_MODEL_NOTHING) {
        g_assert_cmpuint(mach.event, ==, event);
        g_assert_cmphex(mach.nr, ==, nr);
    }
    mach.events = 0;
}

static void eat(void)
{
    mach.v[mach.cpu].signal = 0;
}

static bool run_word(const char *w, uint64_t n)
{
    KVMModelVCPU *v = &mach.v[mach.cpu];

    if (!strcmp(w, "run")) {
        kvm_model_enter(&mach.m, mach.cpu);
    } else if (!strcmp(w, "resume")) {
        kvm_model_resume(&mach.m, mach.cpu);
    } else if (!strcmp(w, "tick")) {
        kvm_model_tick(&mach.m, mach.cpu);
    } else if (!strcmp(w, "event")) {
        v->req_event = 1;
        kvm_model_resume(&mach.m, mach.cpu);
    } else if (!strcmp(w, "kick")) {
        kvm_model_kick(&mach.m, mach.cpu);
    } else if (!strcmp(w, "eat")) {
        eat();
    } else if (!strcmp(w, "window")) {
        v->window = n;
    } else if (!strcmp(w, "imm")) {
        v->immediate_exit = n;
    } else if (!strcmp(w, "mask")) {
        v->sigmask = n;
    } else if (!strcmp(w, "cpu")) {
        mach.cpu = n;
    } else if (!strcmp(w, "took")) {
        delivered(KVM_MODEL_INTERRUPT, n);
    } else if (!strcmp(w, "nmi!")) {
        delivered(KVM_MODEL_NMI, 2);
    } else if (!strcmp(w, "exc!")) {
        delivered(KVM_MODEL_EXCEPTION, n);
    } else if (!strcmp(w, "smi!")) {
        delivered(KVM_MODEL_SMI, 0);
    } else if (!strcmp(w, "init!")) {
        delivered(KVM_MODEL_INIT, 0);
    } else if (!strcmp(w, "sipi!")) {
        delivered(KVM_MODEL_SIPI, n);
    } else if (!strcmp(w, "none")) {
        delivered(KVM_MODEL_NOTHING, 0);
    } else {
        return false;
    }
    return true;
}

static void user_word(const char *w, uint64_t n)
{
    if (!strcmp(w, "if")) {
        set_if(n);
    } else if (!strcmp(w, "int")) {
        must(interrupt(n), 0);
    } else if (!strcmp(w, "full")) {
        must(interrupt(n), -EEXIST);
    } else if (!strcmp(w, "lvt0")) {
        set_lapic(0x350, n);
    } else if (!strcmp(w, "svr")) {
        set_lapic(0xf0, n);
    } else if (!strcmp(w, "base")) {
        set_base(n);
    } else if (!strcmp(w, "inject")) {
        inject(n, 0);
    } else if (!strcmp(w, "exc")) {
        inject(-1, n);
    } else if (!strcmp(w, "nmi")) {
        must(vcpu_ioctl(KVM_NMI, NULL), 0);
    } else if (!strcmp(w, "smi")) {
        must(vcpu_ioctl(KVM_SMI, NULL), 0);
    } else if (!strcmp(w, "msi")) {
        message(KVM_MODEL_FIXED, n);
    } else if (!strcmp(w, "init")) {
        message(KVM_MODEL_INIT_MSG, 0);
    } else if (!strcmp(w, "sipi")) {
        message(KVM_MODEL_STARTUP, n);
    } else if (!strcmp(w, "mp")) {
        set_mp(n);
    } else if (!strcmp(w, "debug")) {
        set_debug(n);
    } else {
        g_error("word %s", w);
    }
}

static void test_script(gconstpointer data)
{
    const Case *c = data;
    char **words = g_strsplit(c->script, " ", 0);

    setup();
    for (char **p = words; *p; p++) {
        char *w = *p, *arg = strchr(w, '=');
        uint64_t n = arg ? g_ascii_strtoull(arg + 1, NULL, 16) : 0;

        if (!*w) {
            continue;
        }
        if (arg) {
            *arg = '\0';
        }
        if (*w == '?') {
            demand(w + 1, n);
        } else if (!guest_word(w, n) && !run_word(w, n)) {
            user_word(w, n);
        }
    }
    g_strfreev(words);
}

static const Case cases[] = {
    /* The window */
    { "window/open", "if=1 window=1 run ?window ?ready=1 ?if=1 none run "
      "?window" },
    { "window/sti", "window=1 run ?guest sti ?guest nop ?window ?ready=1" },
    { "window/sti-again", "window=1 run sti sti ?window" },
    { "window/mov-ss", "window=1 run sti ss ?guest nop ?window" },
    { "window/mov-ss-twice", "window=1 run sti ss ss ?window" },
    { "window/sti-cli", "window=1 run sti cli nop nop ?guest" },
    { "window/off", "if=1 run ?guest nop ?guest" },
    { "window/lint0-masked",
      "svr=1ff lvt0=10700 if=1 window=1 run nop ?guest g.lvt0=700 ?window "
      "?ready=1" },
    { "window/sw-disabled",
      "lvt0=10700 if=1 window=1 run g.lvt0=700 ?lvt0=10700 tick ?guest" },
    { "window/lint0-fixed",
      "svr=1ff lvt0=31 if=1 window=1 run nop tick ?guest g.lvt0=400 tick "
      "?guest g.lvt0=700 ?window" },
    { "window/slot-full",
      "int=31 window=1 run sti ?guest none nop ?guest took=31 iret nop ?guest "
      "tick ?window" },
    { "window/apic-off",
      "lvt0=10700 base=fee00100 if=1 window=1 run ?window" },
    { "window/apic-off-by-guest",
      "svr=1ff lvt0=10700 if=1 window=1 run ?guest g.base=fee00100 ?window" },
    { "window/blockirq",
      "debug=100001 if=1 window=1 int=31 run ?guest none nop none ?slot=31" },

    /* The slot */
    { "slot/refused", "int=31 full=32 full=31 ?slot=31 if=1 run took=31" },
    { "slot/if-not-looked-at",
      "int=31 run ?guest nop none sti none nop took=31" },
    { "slot/immediate-exit",
      "if=1 int=31 imm=1 run ?ret=4 ?slot=31 ?inj=0 imm=0 run took=31" },
    { "slot/signal-before-entry",
      "if=1 int=31 kick run ?eintr ?slot=ffff ?inj=31 ?ready=0 none eat run "
      "took=31 ?guest" },
    { "slot/second-behind-injected",
      "if=1 int=31 kick run ?inj=31 eat int=32 full=33 run took=31 none "
      "?slot=32 iret took=32" },
    { "slot/signal-blocked", "if=1 int=31 mask=2 kick run took=31 ?guest" },
    /* Stored while LVT0 is masked: a write of LVT0 alone is not looked at */
    { "slot/unmask",
      "svr=1ff lvt0=10700 if=1 int=31 run ?guest none g.lvt0=700 none nop "
      "tick none event took=31" },
    { "slot/unmask-sti",
      "svr=1ff lvt0=10700 if=1 int=31 run g.lvt0=700 cli sti nop nop none" },
    { "slot/unmask-by-user", "lvt0=10700 if=1 int=31 run none kick resume "
      "?eintr eat lvt0=700 run took=31" },
    { "slot/unmask-then-regs", "svr=1ff lvt0=10700 if=1 int=31 run g.lvt0=700 "
      "kick resume ?eintr eat run none kick resume eat if=1 run took=31" },
    { "slot/unmask-then-lapic",
      "svr=1ff lvt0=10700 if=1 int=31 run g.lvt0=700 none msi=51 resume "
      "took=31 iret took=51" },
    { "slot/apic-off", "lvt0=10700 base=fee00100 if=1 int=31 run took=31" },
    { "slot/masked-between",
      "int=31 run ?guest g.lvt0=10700 sti nop nop none ?slot=31" },

    /* Priorities: one event an entry */
    { "order/nmi", "if=1 nmi int=31 run nmi! ?slot=31 iret took=31" },
    { "order/exception", "if=1 exc=d int=31 run exc!=d iret took=31" },
    { "order/injected", "if=1 inject=40 int=31 run took=40 iret took=31" },
    { "order/injected-nmi", "if=1 inject=40 nmi kick run ?eintr ?inj=40 none" },
    { "order/smi", "if=1 smi nmi int=31 run smi! rsm nmi! iret took=31" },
    { "order/extint-lapic",
      "svr=1ff if=1 msi=f1 int=31 run took=31 iret took=f1" },
    { "order/nmi-nmi", "nmi nmi nmi ?nmi=2 run nmi! nop none iret nmi! iret "
      "none" },
    { "order/nmi-masked", "nmi run nmi! nmi=0 nmi=0 ?nmi=1" },
    { "order/tpr", "svr=1ff if=1 run g.tpr=60 msi=51 resume none g.tpr=0 "
      "took=51 msi=41 resume none iret none g.eoi=0 took=41" },

    /* A LAPIC's vector with the window armed: there is progress either way */
    { "livelock/window-first",
      "svr=1ff window=1 msi=51 run sti nop ?window none int=31 window=0 run "
      "took=31 iret took=51" },
    { "livelock/nothing-given",
      "svr=1ff window=1 msi=51 run sti nop ?window run took=51 ?guest" },

    /* HLT */
    { "hlt/kick", "run sti hlt ?blocked kick resume ?eintr ?mp=3 ?ready=1 eat "
      "run ?blocked" },
    { "hlt/interrupt", "run sti hlt kick resume ?eintr eat int=31 run took=31 "
      "?mp=0" },
    { "hlt/pending", "int=31 run sti hlt took=31 ?mp=0 ?guest" },
    { "hlt/if-0", "int=31 run hlt ?blocked none" },
    { "hlt/masked", "lvt0=10700 int=31 run sti hlt ?blocked none" },
    { "hlt/window", "window=1 run sti hlt ?window ?mp=3 ?ready=1" },
    { "hlt/window-kicked",
      "mp=3 if=1 window=1 run ?blocked kick resume ?window ?mp=3" },
    /* What asks for an NMI wakes, though it is masked */
    { "hlt/nmi-masked",
      "nmi run nmi! hlt ?blocked nmi resume none ?mp=0 ?guest hlt ?blocked" },
    { "hlt/nmi", "run hlt ?blocked nmi resume nmi! ?mp=0" },
    { "hlt/lapic", "svr=1ff if=1 run hlt ?blocked msi=51 resume took=51" },

    /* INIT and SIPI do not empty the slot */
    { "init/bsp", "lvt0=10700 int=31 init run init! ?guest ?slot=31 ?lvt0=700 "
      "sti nop took=31" },
    { "init/ap", "cpu=1 mp=0 lvt0=700 int=31 init run init! ?blocked ?mp=2 "
      "?slot=31 ?lvt0=10000 sipi=9 resume sipi!=9 ?guest ?slot=31" },
    { "init/ap-first", "cpu=1 run ?blocked kick resume ?eintr eat init run "
      "init! ?eagain ?mp=2" },
    { "init/halted-ap", "cpu=1 mp=3 init run init! ?blocked ?mp=2" },
    { "init/sipi-first", "cpu=1 mp=0 sipi=9 run none ?guest ?mp=0" },

    /* I/O */
    { "io/out", "run out ?io ?rip=fff1 run ?guest" },
    { "io/in", "run in ?io ?rip=fff0 run ?guest ?rip=fff1" },
    { "io/in-sti", "run sti in ?io ?ready=0 imm=1 run ?ret=4 ?ready=1 "
      "?rip=fff2" },
    { "io/out-sti", "run sti out ?io ?ready=1" },

    /* Debugging, faults, L2 */
    { "debug/step", "debug=3 run nop ?debug ?rip=fff1" },
    { "gp/base", "run g.base=fee00400 exc!=d ?guest" },
    { "l2/interrupt", "if=1 run vmrun ?l2=1 nop kick resume ?eintr eat int=31 "
      "run ?l2=0 ?gif=0 none nop none stgi took=31" },
    { "ready/last", "if=1 run cli ?ready=0 kick resume ?eintr ?ready=0 ?if=0" },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strconcat("/kvm-model/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_script);
        g_free(path);
    }
    return g_test_run();
}
