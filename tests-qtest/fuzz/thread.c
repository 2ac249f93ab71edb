/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vCPU's thread and its guest.
 */
#include "qemu/osdep.h"
#include "thread.h"

KernelVCPU *kernel_vcpu(unsigned vcpu)
{
    return &machine.k.vcpu[vcpu];
}

static void leave_guest(unsigned vcpu)
{
    kernel_return(&machine.k, vcpu);
    machine.where[vcpu] = USER;
}

static void guest_sti(KernelVCPU *v)
{
    if (!(v->regs.rflags & RFLAGS_IF)) {
        v->events.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
    }
    v->regs.rflags |= RFLAGS_IF;
}

/* Handled inside KVM_RUN; what the slot holds stays */
static void guest_init(unsigned vcpu)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    v->regs.rflags &= ~(uint64_t)RFLAGS_IF;
    kernel_set_lvt0(v, vcpu ? 0x10000 : 0x700);
}

static void guest_eoi(unsigned vcpu)
{
    leave_guest(vcpu);
    pic_write(I8259_SLAVE, 0, 0x20, (int)vcpu);
    pic_write(I8259_MASTER, 0, 0x20, (int)vcpu);
    machine.handler[vcpu] = false;
}

static void guest_op(unsigned vcpu, GuestOp op)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    switch (op) {
    case NOP:
        break;
    case CLI:
        v->regs.rflags &= ~(uint64_t)RFLAGS_IF;
        break;
    case STI:
        guest_sti(v);
        break;
    case POPF:
        v->regs.rflags |= RFLAGS_IF;
        break;
    case HLT:
        v->mp_state = KVM_MP_STATE_HALTED;
        break;
    case MOV_SS:
        v->events.interrupt.shadow = KVM_X86_SHADOW_INT_MOV_SS;
        break;
    case OPEN_LVT0:
        kernel_set_svr(v, true);
        kernel_set_lvt0(v, 0x700);
        break;
    case MASK_LVT0:
        kernel_set_lvt0(v, 0x10700);
        break;
    case FIXED_LVT0:
        kernel_set_lvt0(v, 0x30);
        break;
    case APIC_OFF:
        kernel_set_apicbase(v, vcpu, v->apicbase & ~0xc00ull);
        break;
    case APIC_ON:
        kernel_set_apicbase(v, vcpu, v->apicbase | APICBASE_ENABLE);
        break;
    case IO_EXIT:
        leave_guest(vcpu);
        break;
    case DO_EOI:
        guest_eoi(vcpu);
        break;
    case IRET_NMI:
        v->events.nmi.masked = 0;
        break;
    case INIT:
        guest_init(vcpu);
        break;
    case LEAVE:
        /* L2 and SMM */
        v->l2 = false;
        v->gif = true;
        v->events.smi.smm = 0;
        break;
    }
}

/* The kernel's loop once; @late: it injects before it sees the signal */
static void in_guest(unsigned vcpu, GuestOp op, bool late)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    if (v->signal && !late) {
        leave_guest(vcpu);
        return;
    }
    if (v->mp_state == KVM_MP_STATE_HALTED) {
        if (v->signal) {
            leave_guest(vcpu);
        } else if (kernel_wakes(v)) {
            v->mp_state = KVM_MP_STATE_RUNNABLE;
        }
        return;
    }
    kernel_inject(v);
    if (v->signal || v->events.triple_fault.pending) {
        v->events.triple_fault.pending = 0;
        leave_guest(vcpu);
        return;
    }
    kernel_deliver(&machine.k, vcpu);
    TRACE("vCPU %u op %d\n", vcpu, op);
    guest_op(vcpu, op);
    if (machine.where[vcpu] == GUEST && v->window && kernel_is_ready(v)) {
        TRACE("vCPU %u window\n", vcpu);
        leave_guest(vcpu);
        extint_window(&machine.x, vcpu);
    }
}

void step(unsigned vcpu, GuestOp op, bool late)
{
    KernelVCPU *v = kernel_vcpu(vcpu);

    if (machine.parked[vcpu]) {
        return;
    }
    switch (machine.where[vcpu]) {
    case USER:
        machine_enter(vcpu);
        break;
    case ENTERED:
        if (v->immediate_exit || v->exit_request) {
            leave_guest(vcpu);
        } else {
            machine.where[vcpu] = GUEST;
            machine.k.in_guest[vcpu] = true;
        }
        break;
    case GUEST:
        in_guest(vcpu, op, late);
        break;
    }
}

void pause_vcpu(unsigned vcpu, bool late)
{
    if (machine.where[vcpu] == GUEST) {
        kernel_vcpu(vcpu)->signal = true;
        in_guest(vcpu, NOP, late);
    } else if (machine.where[vcpu] == ENTERED) {
        leave_guest(vcpu);
    }
    CHECK(machine.where[vcpu] == USER);
}
