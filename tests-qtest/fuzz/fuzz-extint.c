/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: extint and the recall, 1 to 4 vCPUs on a kernel with a will of
 * its own. Input: a byte of options, then two bytes an action; see action().
 * At the end of each input one vCPU opens up, and INTR has to come down.
 */
#include "qemu/osdep.h"
#include "thread.h"

#define ACTIONS 160
/* Steps that a vCPU whose vector cannot be recalled may run on */
#define RUN_ON 8
/* Steps of each vCPU within which an INTR that is up gets to the guest */
#define ROUNDS 24
/* One for each line and one more; a level may keep INTR up for ever */
#define DELIVERIES 17

/* What cannot be recalled may be let in */
static void run_on(unsigned vcpu, Input *in)
{
    extint_close(&machine.x, vcpu);
    for (unsigned i = 0; i < RUN_ON && extint_holds(&machine.x, vcpu); i++) {
        unsigned taken = machine.serial;

        step(vcpu, input_byte(in) & 0x0f, false);
        CHECK(machine.serial == taken);
    }
    pause_vcpu(vcpu, true);
    if (extint_closed(&machine.x, vcpu)) {
        CHECK(kernel_vcpu(vcpu)->pev.vector == NO_VECTOR);
    }
}

static void stop(Input *in, bool late, unsigned lazy)
{
    TRACE("stop\n");
    for (unsigned i = 0; i < machine.vcpus; i++) {
        pause_vcpu(i, late);
    }
    for (unsigned i = 0; i < machine.vcpus; i++) {
        if (!machine.parked[i] && extint_holds(&machine.x, i)) {
            machine_empty(i, lazy);
            if (extint_holds(&machine.x, i)) {
                run_on(i, in);
            }
        }
    }
    machine_give_back();
}

static void forget(unsigned vcpu)
{
    extint_forget(&machine.x, vcpu,
                  kernel_vcpu(vcpu)->mp_state == KVM_MP_STATE_HALTED);
}

/* A slot that could not be emptied is lost with its kernel, and nothing else */
static void lose_stuck(unsigned vcpu)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    CHECK(v->pev.vector == NO_VECTOR || machine.xv[vcpu].stuck);
    machine_end(&v->pev, DISCARDED);
}

/* The state goes on in another process */
static void migrate(bool slave_first)
{
    TRACE("migrate\n");
    for (unsigned i = 0; i < machine.vcpus; i++) {
        KernelVCPU *v = kernel_vcpu(i);

        lose_stuck(i);
        v->window = false;
        v->immediate_exit = false;
    }
    pic_move(slave_first);
    for (unsigned i = 0; i < machine.vcpus; i++) {
        forget(i);
    }
    pic_publish();
}

/* A new life; a slot that could not be emptied is known to be stuck */
static void reset_machine(void)
{
    TRACE("reset\n");
    pic_reset();
    for (unsigned i = 0; i < machine.vcpus; i++) {
        KernelVCPU *v = kernel_vcpu(i);

        CHECK(v->pev.vector == NO_VECTOR || machine.xv[i].stuck);
        machine_end(&v->injected, DISCARDED);
        memset(&v->regs, 0, sizeof(v->regs));
        memset(&v->events, 0, sizeof(v->events));
        v->mp_state = KVM_MP_STATE_RUNNABLE;
        kernel_set_apicbase(v, i, 0xfee00000 | APICBASE_ENABLE);
        kernel_set_svr(v, false);
        v->l2 = false;
        v->gif = true;
        v->lapic_irr = false;
        machine.handler[i] = false;
        forget(i);
    }
}

static void trouble_in_lapic(KernelVCPU *v, unsigned vcpu, uint8_t arg)
{
    switch (arg & 3) {
    case 0:
        v->lapic_irr = true;
        break;
    case 1:
        kernel_set_apic_id(v, arg);
        break;
    case 2:
        kernel_set_apicbase(v, vcpu, v->apicbase | APICBASE_ENABLE |
                            APICBASE_EXTD);
        break;
    case 3:
        kernel_set_svr(v, false);
        break;
    }
}

/* What comes over a vCPU from elsewhere */
static void trouble(unsigned vcpu, uint8_t arg)
{
    static const int errnos[] = { EINVAL, ENXIO, EFAULT, 0 };
    KernelVCPU *v = kernel_vcpu(vcpu);

    TRACE("vCPU %u trouble %u\n", vcpu, arg & 7);
    switch (arg & 7) {
    case 0:
        v->events.nmi.pending = 1;
        break;
    case 1:
        v->events.exception.pending = 1;
        v->events.exception.nr = 13;
        break;
    case 2:
        trouble_in_lapic(v, vcpu, arg >> 3);
        break;
    case 3:
        if (arg & 8) {
            v->events.triple_fault.pending = 1;
        } else {
            v->events.smi.pending = 1;
        }
        break;
    case 4:
        v->l2 = true;
        break;
    case 5:
        v->gif = false;
        break;
    case 6:
        v->refuse = errnos[arg >> 3 & 3];
        machine.refused |= v->refuse != 0;
        break;
    case 7:
        v->protected = true;
        break;
    }
}

/* Work for the vCPU's thread: it has to leave KVM_RUN */
static void request_exit(unsigned vcpu)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    v->exit_request = machine.where[vcpu] != GUEST;
    v->signal = machine.where[vcpu] == GUEST;
}

/* Its guest opens LINT0 and IF, exits for something and comes back */
static void open_up(unsigned vcpu)
{
    static const GuestOp ops[] = { OPEN_LVT0, POPF, IO_EXIT, NOP };

    for (unsigned i = 0; i < 4; i++) {
        step(vcpu, ops[i], true);
        step(vcpu, ops[i], true);
        step(vcpu, ops[i], true);
    }
}

static void plug(unsigned vcpu)
{
    if (machine.parked[vcpu]) {
        machine.parked[vcpu] = false;
        forget(vcpu);
    } else {
        pause_vcpu(vcpu, true);
        machine_gone(vcpu);
        machine.parked[vcpu] = true;
    }
}

static void action(Input *in, uint8_t what, uint8_t arg)
{
    unsigned vcpu = (what >> 4 & 3) % machine.vcpus;
    bool user = machine.where[vcpu] == USER && !machine.parked[vcpu];
    int self = user ? (int)vcpu : EXTINT_NOBODY;
    I8259Which which = what & 0x40 ? I8259_SLAVE : I8259_MASTER;

    switch (what & 0x0f) {
    case 0:
    case 1:
        pic_line(arg & 0x0f, what & 1);
        break;
    case 2:
        pic_line(arg & 0x0f, true);
        pic_line(arg & 0x0f, false);
        break;
    case 3:
        pic_write(which, what >> 7, arg, self);
        break;
    case 4:
        pic_write(which, 0, 0x0c, self);
        pic_read(which, 0, self);
        break;
    case 5:
    case 6:
    case 7:
        step(vcpu, arg & 0x0f, arg & 0x80);
        break;
    case 8:
        /* Up to the guest, and in it */
        step(vcpu, NOP, true);
        step(vcpu, NOP, true);
        step(vcpu, arg & 0x0f, arg & 0x80);
        break;
    case 9:
        request_exit(vcpu);
        break;
    case 10:
        stop(in, arg & 0x80, arg >> 2 & 3);
        if ((arg & 3) == 1) {
            migrate(arg & 0x10);
        } else if ((arg & 3) == 2) {
            reset_machine();
        }
        break;
    case 11:
        plug(vcpu);
        break;
    case 12:
        trouble(vcpu, arg);
        break;
    case 13:
        if (arg & 1) {
            open_up(vcpu);
        } else if (user) {
            forget(vcpu);
        }
        break;
    case 14:
        pic_elcr(which, arg, self);
        break;
    case 15:
        pic_power_on(self, arg);
        break;
    }
}

/* No EOI is due, in AEOI mode say */
static bool serviced(void)
{
    return !machine.pic.chip[I8259_MASTER].isr &&
           !machine.pic.chip[I8259_SLAVE].isr;
}

/*
 * What the guest of a vCPU does once all is quiet. One that is @greedy lets in
 * what outranks its interrupt before it ends it.
 */
static GuestOp quiet_op(unsigned vcpu, bool opens, bool greedy)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    if (machine.handler[vcpu] && !serviced() &&
        !(opens && greedy && machine.pic.intr)) {
        return DO_EOI;
    }
    if (!opens) {
        return NOP;
    }
    if (v->events.nmi.masked) {
        return IRET_NMI;
    }
    if (v->events.smi.smm) {
        return LEAVE;
    }
    return kernel_accepts_pic(v) ? POPF : OPEN_LVT0;
}

/* Halted it wakes if it would take an interrupt; else its guest opens up */
static bool can_open(unsigned vcpu)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    return !machine.parked[vcpu] &&
           (v->mp_state == KVM_MP_STATE_RUNNABLE ||
            (kernel_interrupt_allowed(v) && kernel_accepts_pic(v)));
}

/* An interrupt is on its way to the guest */
static bool waits(unsigned opens)
{
    KernelVCPU *v = kernel_vcpu(opens);

    return machine.pic.intr || v->pev.vector != NO_VECTOR ||
           v->injected.vector != NO_VECTOR;
}

static void settle(unsigned opens, bool greedy)
{
    unsigned rounds = 0, last = machine.delivered;
    unsigned all = last + DELIVERIES;

    TRACE("quiet\n");
    if (!can_open(opens)) {
        return;
    }
    for (unsigned i = 0; i < machine.vcpus; i++) {
        KernelVCPU *v = kernel_vcpu(i);

        v->l2 = false;
        v->gif = true;
        v->refuse = 0;
        /* One that was refused is asked again at its next exit */
        if (machine.refused) {
            request_exit(i);
        }
    }
    for (unsigned irq = 0; irq < I8259_LINES; irq++) {
        pic_line(irq, false);
    }
    while (waits(opens) && machine.delivered < all) {
        if (machine.delivered != last) {
            last = machine.delivered;
            rounds = 0;
        }
        CHECK(rounds++ < ROUNDS);
        for (unsigned i = 0; i < machine.vcpus; i++) {
            step(i, quiet_op(i, i == opens, greedy), true);
        }
        machine_check();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, data + size };
    uint8_t how = input_byte(&in);

    machine_init(1 + (how & 3));
    pic_power_on(EXTINT_NOBODY, 0);
    for (unsigned i = 0; i < ACTIONS && !input_empty(&in); i++) {
        uint8_t what = input_byte(&in);

        action(&in, what, input_byte(&in));
        machine_check();
    }
    settle((how >> 2 & 3) % machine.vcpus, how & 0x10);
    return 0;
}
