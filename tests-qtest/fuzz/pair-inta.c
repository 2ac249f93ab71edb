/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTA cycles of a pair of 8259As, and their undoing.
 */
#include "qemu/osdep.h"
#include "pair-run.h"

#define IR2 (1u << I8259_CASCADE)

bool pair_run_line2(const I8259Pair *p, const Registers *r)
{
    uint8_t level = level_bits(&r->chip[I8259_MASTER]);
    const I8259Chip *m = &p->chip[I8259_MASTER];

    return ((m->pins & level) | (m->edge & ~level)) & IR2;
}

/* Committed and undone with nothing in between, all is as it was */
static void check_undo_at_once(const I8259Pair *p)
{
    I8259Pair q = *p;
    I8259Receipt receipt = i8259_pair_commit(&q, i8259_pair_peek(&q));

    check_pair(&q);
    i8259_pair_undo(&q, &receipt);
    CHECK(!memcmp(p->chip, q.chip, sizeof(p->chip)));
    CHECK(p->intr == q.intr && p->slave_int == q.slave_int);
    /* While the slave's INT is low, its edge means nothing */
    CHECK((p->slave_int && p->slave_edge) == (q.slave_int && q.slave_edge));
    CHECK(!memcmp(p->raised, q.raised, sizeof(p->raised)));
    CHECK(!memcmp(p->merged, q.merged, sizeof(p->merged)));
    CHECK(!memcmp(p->dropped, q.dropped, sizeof(p->dropped)));
    CHECK(!memcmp(p->delivered, q.delivered, sizeof(p->delivered)));
    CHECK(!memcmp(p->spurious, q.spurious, sizeof(p->spurious)));
    CHECK(!memcmp(p->by, q.by, sizeof(p->by)));
}

void pair_run_taken(PairRun *r, unsigned i)
{
    r->acks--;
    memmove(&r->ack[i], &r->ack[i + 1], (r->acks - i) * sizeof(r->ack[0]));
}

/* What the INTA cycle did to one chip, as far as an undo needs it */
static void remember(PairRun *r, Acknowledge *a, I8259Which which, unsigned ir,
                     const I8259Chip *old)
{
    const I8259Chip *now = &r->p.chip[which];

    a->bit[which] = (uint8_t)(1u << ir);
    a->isr[which] = now->isr & (uint8_t)~old->isr;
    a->owner[which] = r->owner[which][ir];
    r->owner[which][ir] = now->aeoi ? a->owner[which] : a->number;
}

void pair_run_inta(PairRun *r)
{
    I8259Pair before = r->p;
    Registers want = pair_registers(&before), now;
    I8259Inta inta = i8259_pair_peek(&r->p);
    I8259Which which = inta.irq < 8 ? I8259_MASTER : I8259_SLAVE;
    Acknowledge a = { .number = ++r->numbers, .inta = inta };
    unsigned i;

    TRACE("inta: irq %u%s\n", inta.irq, inta.spurious ? " spurious" : "");
    check_undo_at_once(&r->p);
    a.receipt = i8259_pair_commit(&r->p, inta);
    CHECK(a.receipt.ack);
    now = pair_registers(&r->p);
    if (which == I8259_SLAVE) {
        rule_acknowledge(&want.chip[I8259_MASTER], I8259_CASCADE);
        remember(r, &a, I8259_MASTER, I8259_CASCADE, before.chip);
        a.line2 = pair_run_line2(&before, &want);
    }
    if (!inta.spurious) {
        rule_acknowledge(&want.chip[which], inta.irq & 7u);
        remember(r, &a, which, inta.irq & 7u, &before.chip[which]);
        if (inta.irq == I8259_CASCADE) {
            a.line2 = pair_run_line2(&before, &want);
        } else {
            r->answered[inta.irq]++;
        }
    } else {
        r->spurious[which]++;
        want.chip[which].irr = now.chip[which].irr;
    }
    r->answered[I8259_CASCADE] += a.line2;
    check_registers(&now, &want, I8259_MASTER, IR2);
    check_registers(&now, &want, I8259_SLAVE, 0);
    for (i = 0; i < I8259_CHIPS; i++) {
        a.life[i] = r->life[i];
        a.edge[i] = before.chip[i].edge & (uint8_t)~r->p.chip[i].edge;
        a.top[i] = before.chip[i].top;
        a.new_top[i] = r->p.chip[i].top;
    }
    if (r->acks == RECEIPTS) {
        pair_run_taken(r, 0);
    }
    r->ack[r->acks++] = a;
}

/*
 * The IS bit goes if it is still that INTA's. If it was ended since, that was
 * meant for another's, and one other is ended.
 */
static void check_undone_service(PairRun *r, const Acknowledge *a,
                                 I8259Which which, const I8259Saved *was,
                                 const I8259Saved *now)
{
    uint8_t bit = a->bit[which], ended = was->isr & (uint8_t)~now->isr;
    unsigned *owner = bit ? &r->owner[which][__builtin_ctz(bit)] : NULL;
    bool own = owner && *owner == a->number;

    CHECK(!(now->isr & ~was->isr));
    if (!a->isr[which] || (own && (was->isr & bit))) {
        CHECK(ended == (own ? a->isr[which] : 0));
    } else {
        CHECK(!(ended & bit) && !(ended & (ended - 1)));
        CHECK(was->special_fully_nested_mode ||
              !ended == !(service_bits(was) & ~bit));
    }
    if (own) {
        *owner = a->owner[which];
    }
}

/* What is left of a chip's acknowledge if nobody took the vector */
static void rule_undo(PairRun *r, const Acknowledge *a, I8259Which which,
                      I8259Saved *s, const I8259Saved *now)
{
    if (a->life[which] != r->life[which]) {
        return;
    }
    check_undone_service(r, a, which, s, now);
    s->isr = now->isr;
    s->irr |= a->edge[which] & (uint8_t)~level_bits(s);
    if (s->priority_add == a->new_top[which]) {
        s->priority_add = a->top[which];
    }
}

void pair_run_undo(PairRun *r)
{
    Registers want = pair_registers(&r->p), now;
    const Acknowledge *a;

    if (!r->acks) {
        return;
    }
    a = &r->ack[--r->acks];
    TRACE("undo of irq %u\n", a->inta.irq);
    i8259_pair_undo(&r->p, &a->receipt);
    now = pair_registers(&r->p);
    rule_undo(r, a, I8259_MASTER, &want.chip[I8259_MASTER],
              &now.chip[I8259_MASTER]);
    rule_undo(r, a, I8259_SLAVE, &want.chip[I8259_SLAVE],
              &now.chip[I8259_SLAVE]);
    check_registers(&now, &want, I8259_MASTER, IR2);
    check_registers(&now, &want, I8259_SLAVE, 0);
    if (a->inta.spurious) {
        r->spurious[a->inta.irq / 8]--;
    } else if (a->inta.irq != I8259_CASCADE) {
        r->answered[a->inta.irq]--;
    }
    r->answered[I8259_CASCADE] -= a->line2;
}
