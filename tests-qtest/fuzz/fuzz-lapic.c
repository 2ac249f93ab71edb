/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: words that carry a message to local APICs, what is refused of
 * them, and whom a message reaches.
 * Input: actions, each a byte that chooses it and what it needs; see action().
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "lapic-dest.h"

#define VCPUS 80
#define ACTIONS 40

static uint64_t input_number(Input *in, unsigned bytes)
{
    uint64_t val = 0;

    for (unsigned i = 0; i < bytes; i++) {
        val = val << 8 | input_byte(in);
    }
    return val;
}

static bool same_msg(const LapicMsg *a, const LapicMsg *b)
{
    return a->dest == b->dest && a->vector == b->vector &&
           a->delivery == b->delivery && a->shorthand == b->shorthand &&
           a->logical == b->logical && a->level == b->level &&
           a->assert == b->assert && a->redirect == b->redirect;
}

/* Terminated, in as little room as there is */
static void check_words(const char *buf, size_t size, int len)
{
    CHECK(len > 0);
    CHECK(memchr(buf, 0, size));
    CHECK(strlen(buf) == (len < size ? len : size - 1));
}

static void check_msg_words(const LapicMsg *msg, size_t room)
{
    char *buf = malloc(room);
    char whole[LAPIC_WORDS];
    int len = lapic_msg_words(msg, whole, sizeof(whole));

    check_words(whole, sizeof(whole), len);
    CHECK(len < LAPIC_WORDS);
    CHECK(lapic_msg_words(msg, buf, room) == len);
    check_words(buf, room, len);
    CHECK(!strncmp(buf, whole, room - 1));
    TRACE("  %s\n", whole);
    free(buf);
}

static void check_fault(const LapicFault *f, int err)
{
    char buf[160];

    CHECK(f->err == err && err <= 0);
    check_words(buf, sizeof(buf), lapic_fault_words(f, buf, sizeof(buf)));
    if (err) {
        CHECK(err == -EINVAL || err == -ERANGE || err == -ENOTSUP);
        CHECK(f->field && strstr(buf, f->field));
        CHECK(f->value < f->min || f->value > f->max);
    }
    TRACE("  %d: %s\n", err, buf);
}

static bool reserved_bits(const LapicFault *f)
{
    return f->err && strstr(f->field, "bit") && !strchr(f->field, '(');
}

/*
 * A word was refused for @was, and what is encoded from its fields for @now:
 * for the same reason, but for bits that are no field.
 */
static void check_again(const LapicFault *was, const LapicFault *now)
{
    if (!was->err) {
        CHECK(!now->err);
    } else if (!reserved_bits(was)) {
        CHECK(now->err == was->err && now->field == was->field &&
              now->value == was->value);
    } else {
        CHECK(!reserved_bits(now));
    }
}

static void try_icr(Input *in)
{
    bool x2apic = input_byte(in) & 1;
    uint64_t icr = input_number(in, 8);
    LapicMsg msg = lapic_msg_from_icr(icr, x2apic), back;
    uint64_t again = lapic_msg_to_icr(&msg, x2apic);
    LapicForm form = x2apic ? LAPIC_FORM_X2ICR : LAPIC_FORM_XICR;
    LapicFault fault, now;

    TRACE("ICR %" PRIx64 "\n", icr);
    CHECK(!(again & ~icr));
    back = lapic_msg_from_icr(again, x2apic);
    CHECK(same_msg(&msg, &back));
    check_msg_words(&msg, 1 + (icr & 31));
    check_fault(&fault, lapic_icr_check(icr, x2apic, &fault));
    check_fault(&now, lapic_icr_check(again, x2apic, &now));
    CHECK(now.err == lapic_msg_check(&msg, form, NULL));
    check_again(&fault, &now);
    if (!fault.err) {
        CHECK((again ^ icr) == (icr & 1 << 12));
    }
}

static void try_msi(Input *in)
{
    LapicForm form = LAPIC_FORM_MSI + input_byte(in) % 3;
    uint8_t shape = input_byte(in);
    LapicMSI msi = { .address = input_number(in, 8) }, again;
    LapicMsg msg, back;
    LapicFault fault, now;

    msi.data = (uint32_t)input_number(in, 4);
    if (shape & 1) {
        msi.address = (msi.address & ~0xfff00000ull) | 0xfee00000u;
    }
    msi.address &= shape & 2 ? ~0x10ull : ~0ull;
    TRACE("MSI %" PRIx64 " %x\n", msi.address, msi.data);
    msg = lapic_msg_from_msi(msi, form);
    again = lapic_msg_to_msi(&msg, form);
    back = lapic_msg_from_msi(again, form);
    CHECK(same_msg(&msg, &back));
    CHECK(!(again.data & ~msi.data));
    CHECK(!(again.address & ~(msi.address | 0xfee00000u)));
    check_msg_words(&msg, 1 + (msi.data & 31));
    check_fault(&fault, lapic_msi_check(msi, form, &fault));
    check_fault(&now, lapic_msi_check(again, form, &now));
    CHECK(now.err == lapic_msg_check(&msg, form, NULL));
    check_again(&fault, &now);
    if (!fault.err) {
        CHECK(again.data == msi.data &&
              again.address == (msi.address & ~3ull));
    }
}

static void try_rte(Input *in)
{
    uint64_t word = input_number(in, 8);
    LapicRTE rte = lapic_rte_decode(word), back;
    uint64_t again = lapic_rte_encode(&rte);
    LapicFault fault, now;

    TRACE("RTE %" PRIx64 "\n", word);
    CHECK(again == (word & 0xff0000000001ffffull));
    back = lapic_rte_decode(again);
    CHECK(same_msg(&rte.msg, &back.msg));
    check_msg_words(&rte.msg, 1 + (word & 31));
    check_fault(&fault, lapic_rte_check(word, &fault));
    check_fault(&now, lapic_rte_check(again, &now));
    CHECK(rte.masked ? !now.err :
          now.err == lapic_msg_check(&rte.msg, LAPIC_FORM_RTE, NULL));
    check_again(&fault, &now);
    CHECK(fault.err || again == word);
}

static void try_lvt(Input *in)
{
    LapicLVTKind kind = input_byte(in) % LAPIC_LVT_KINDS;
    uint32_t word = (uint32_t)input_number(in, 4);
    LapicLVT lvt = lapic_lvt_decode(word, kind);
    uint32_t again = lapic_lvt_encode(&lvt, kind);
    LapicFault fault, now;

    TRACE("LVT %d %x\n", kind, word);
    CHECK(!(again & ~word));
    lvt = lapic_lvt_decode(again, kind);
    CHECK(lapic_lvt_encode(&lvt, kind) == again);
    check_fault(&fault, lapic_lvt_check(word, kind, &fault));
    check_fault(&now, lapic_lvt_check(again, kind, &now));
    check_again(&fault, &now);
    CHECK(fault.err || again == word);
}

static LapicMsg input_msg(Input *in)
{
    uint8_t flags = input_byte(in), modes = input_byte(in);
    LapicMsg msg = {
        .dest = (uint32_t)input_number(in, 4),
        .vector = input_byte(in),
        .delivery = modes & 7, .shorthand = modes >> 4 & 3,
        .logical = flags & 1, .level = flags & 2, .assert = flags & 4,
        .redirect = flags & 8,
    };

    msg.dest >>= flags & 128 ? 24 : 0;
    return msg;
}

/* What passes the check comes out of the word as it went in */
static void try_msg(Input *in)
{
    LapicForm form = input_byte(in) % (LAPIC_FORM_SELF + 1);
    LapicMsg msg = input_msg(in), back;
    bool x2apic = form == LAPIC_FORM_X2ICR;
    LapicFault fault;

    /* These may be anything, too */
    msg.shorthand |= input_byte(in) & 0x84;
    msg.delivery |= input_byte(in) & 0x88;
    check_msg_words(&msg, 1 + (msg.vector & 31));
    check_fault(&fault, lapic_msg_check(&msg, form, &fault));
    CHECK(lapic_msg_check(&msg, form, NULL) == fault.err);
    if (fault.err) {
        return;
    }
    switch (form) {
    case LAPIC_FORM_RTE:
        back = lapic_rte_decode(lapic_rte_encode(
                                &(LapicRTE) { .msg = msg })).msg;
        break;
    case LAPIC_FORM_MSI:
    case LAPIC_FORM_MSI_EXT:
    case LAPIC_FORM_MSI_X2:
        back = lapic_msg_from_msi(lapic_msg_to_msi(&msg, form), form);
        break;
    default:
        back = lapic_msg_from_icr(lapic_msg_to_icr(&msg, x2apic), x2apic);
        break;
    }
    if (form == LAPIC_FORM_SELF) {
        back.dest = msg.dest;
    }
    CHECK(same_msg(&msg, &back));
}

static LapicView views[VCPUS];

/* A vCPU in a byte, or some more, so that a few bytes make a machine */
static void input_views(Input *in, unsigned n)
{
    uint8_t how = input_byte(in);
    unsigned stride = 1 + (how & 7) * (how & 7);

    for (unsigned i = 0; i < n; i++) {
        uint8_t what = input_byte(in);

        views[i] = (LapicView) {
            .vcpu_id = i * stride, .id = (i * stride) & 0xff,
            .ldr = 1u << (24 + i % 8), .dfr = UINT32_MAX,
            .present = ~what & 1, .enabled = ~what & 2,
            .x2apic = what & 4, .software = ~what & 8,
            .x2apic_api = how & 8,
        };
        if (what & 16) {
            views[i].id = input_byte(in);
        }
        if (what & 32) {
            views[i].ldr = (uint32_t)input_byte(in) << 24;
        }
        if (what & 64) {
            views[i].dfr = what & 128 ? 0x0fffffffu :
                           (uint32_t)input_byte(in) << 24;
        }
    }
}

/* Nobody is reached who is not there, and each is counted once */
static void check_who(const uint64_t *who, unsigned n, unsigned count)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < LAPIC_DEST_WORDS(n) * 64; i++) {
        if (who[i / 64] >> i % 64 & 1) {
            CHECK(i < n && views[i].present);
            seen++;
        }
    }
    CHECK(seen == count);
}

static void check_one(const LapicMsg *msg, const uint64_t *who, unsigned n,
                      unsigned count, int one)
{
    bool lowest = msg->delivery == LAPIC_LOWEST || msg->redirect;

    CHECK(one >= -1 && one < (int)n);
    if (one >= 0) {
        CHECK(who[one / 64] >> one % 64 & 1);
    }
    if (!count) {
        CHECK(one == -1);
    } else if (!lowest) {
        CHECK((one >= 0) == (count == 1));
    }
}

static void check_postable(const LapicMsg *msg, unsigned n)
{
    uint64_t who[LAPIC_DEST_WORDS(VCPUS)];
    int post = lapic_postable(views, n, msg);
    unsigned count = lapic_dest(views, n, -1, msg, who);

    CHECK(post >= -1 && post < (int)n);
    if (post < 0) {
        return;
    }
    CHECK(msg->delivery <= LAPIC_LOWEST && !msg->shorthand);
    CHECK(views[post].present && views[post].enabled);
    if (msg->delivery == LAPIC_FIXED && !msg->redirect) {
        CHECK(count <= 1);
        CHECK(!count || who[post / 64] >> post % 64 & 1);
    }
}

static void try_dest(Input *in)
{
    unsigned n = 1 + input_byte(in) % VCPUS;
    int source = input_byte(in) % (n + 1) - 1;
    LapicMsg msg = input_msg(in);
    uint64_t who[LAPIC_DEST_WORDS(VCPUS) + 1], again[LAPIC_DEST_WORDS(VCPUS)];
    unsigned count;
    int one;

    if (source < 0) {
        msg.shorthand = LAPIC_NO_SHORTHAND;
    }
    input_views(in, n);
    TRACE("%u vCPUs, source %d\n", n, source);
    check_msg_words(&msg, LAPIC_WORDS);
    memset(who, 0xaa, sizeof(who));
    count = lapic_dest(views, n, source, &msg, who);
    CHECK(who[LAPIC_DEST_WORDS(n)] == 0xaaaaaaaaaaaaaaaaull);
    check_who(who, n, count);
    one = lapic_dest_one(views, n, source, &msg);
    TRACE("  %u, of which %d\n", count, one);
    check_one(&msg, who, n, count, one);
    check_postable(&msg, n);
    /* Whoever is not there makes no difference */
    for (unsigned i = 0; i < n; i++) {
        if (!views[i].present && (int)i != source) {
            views[i].id ^= 0xff;
            views[i].ldr = ~views[i].ldr;
            views[i].x2apic = !views[i].x2apic;
            views[i].software = !views[i].software;
        }
    }
    CHECK(lapic_dest(views, n, source, &msg, again) == count);
    CHECK(!memcmp(who, again, LAPIC_DEST_WORDS(n) * sizeof(who[0])));
    CHECK(lapic_dest_one(views, n, source, &msg) == one);
}

static void action(Input *in)
{
    static void (*const actions[])(Input *) = {
        try_icr, try_msi, try_rte, try_lvt, try_msg, try_dest, try_dest,
        try_dest,
    };

    actions[input_byte(in) & 7](in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, data + size };

    for (unsigned i = 0; i < ACTIONS && !input_empty(&in); i++) {
        action(&in);
    }
    return 0;
}
