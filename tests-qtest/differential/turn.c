/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step of both, as the differences look at it.
 */
#include "qemu/osdep.h"
#include "turn.h"

void pic_registers(const I8259Pair *p, PICRegisters *regs)
{
    unsigned i;

    for (i = 0; i < I8259_CHIPS; i++) {
        I8259Saved s;

        i8259_pair_save(p, i, &s);
        regs->chip[i] = (struct kvm_pic_state) {
            /* Line 2 alone: KVM gives IR2 a pulse for the slave's INT */
            .last_irr = p->chip[i].pins,
            .irr = s.irr,
            .imr = s.imr,
            .isr = s.isr,
            .priority_add = s.priority_add,
            .irq_base = s.irq_base,
            .read_reg_select = s.read_reg_select,
            .poll = s.poll,
            .special_mask = s.special_mask,
            .init_state = s.init_state,
            .auto_eoi = s.auto_eoi,
            .rotate_on_auto_eoi = s.rotate_on_auto_eoi,
            .special_fully_nested_mode = s.special_fully_nested_mode,
            .init4 = s.init4,
            .elcr = s.elcr,
            .elcr_mask = p->chip[i].elcr_mask,
        };
    }
}

/* Which IR of a KVM chip drives its INT, or -1 */
static int highest(const struct kvm_pic_state *c, uint8_t service)
{
    uint8_t request = c->irr & ~c->imr;
    unsigned i;

    for (i = 0; i < 8; i++) {
        unsigned ir = (c->priority_add + i) & 7;

        if (service >> ir & 1) {
            return -1;
        }
        if (request >> ir & 1) {
            return (int)ir;
        }
    }
    return -1;
}

bool slave_asks(const PICRegisters *r)
{
    return highest(&r->chip[S], r->chip[S].isr) >= 0;
}

int master_asks(const PICRegisters *r)
{
    const struct kvm_pic_state *m = &r->chip[M];

    return highest(m, m->isr & (m->special_fully_nested_mode ? ~IR2 : 0xff));
}

void pic_settle(PICRegisters *regs)
{
    if (slave_asks(regs)) {
        regs->chip[M].irr |= IR2;
    }
}

bool is_out(const Turn *t, unsigned reg)
{
    return t->step->kind == STEP_OUT && t->step->reg == reg;
}

bool is_icw1(const Turn *t)
{
    return is_out(t, REG_A0_LOW) && (t->step->val & ICW1);
}

bool is_icw1_of(const Turn *t, I8259Which which)
{
    return is_icw1(t) && t->step->chip == which;
}

bool is_ocw3(const Turn *t)
{
    return is_out(t, REG_A0_LOW) && (t->step->val & (ICW1 | OCW3)) == OCW3;
}

bool is_poll(const Turn *t)
{
    return t->step->kind == STEP_IN && t->step->reg != REG_ELCR &&
           t->before->chip[t->step->chip].poll;
}

bool looks_again(const Turn *t)
{
    const Step *s = t->step;

    switch (s->kind) {
    case STEP_LINE:
        return true;
    case STEP_WINDOW:
        return t->word != GUEST_NONE;
    case STEP_IN:
        return is_poll(t) &&
               !(s->chip == M && t->word == (POLL_INTERRUPT | I8259_CASCADE));
    default:
        break;
    }
    if (s->reg == REG_A0_HIGH) {
        return t->before->chip[s->chip].init == I8259_READY;
    }
    if (s->reg == REG_ELCR || (s->val & (ICW1 | OCW3))) {
        return false;
    }
    switch (s->val >> 5) {
    case OCW2_EOI:
    case OCW2_ROTATE_EOI:
        return t->was->chip[s->chip].isr;
    case OCW2_SPECIFIC_EOI:
    case OCW2_SET_PRIORITY:
    case OCW2_ROTATE_SPECIFIC_EOI:
        return true;
    default:
        return false;
    }
}

bool keeps_ir2(const Turn *t)
{
    return !t->ir2_taken && !is_poll(t) && !is_icw1_of(t, M);
}

bool in_init(const Turn *t, I8259Which which)
{
    return t->before->chip[which].init != I8259_READY;
}

uint8_t polled(const Turn *t)
{
    bool found = is_poll(t) && (t->word & POLL_INTERRUPT);

    return (uint8_t)(found ? 1u << (t->word & 7) : 0);
}
