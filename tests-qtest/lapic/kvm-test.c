/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a message reaches on /dev/kvm: every row of the table.
 *
 * The guests program their local APICs as the row has them, the message is an
 * MSI or written to a guest's ICR, and each vCPU says what has reached it: one
 * after the other, and then again, live, while all of them sleep in KVM_RUN.
 */
#include "qemu/osdep.h"
#include <glib.h>
#include <sys/ioctl.h>
#include "end.h"
#include "kvm-test.h"
#include "lapic-msg.h"
#include "rows.h"

#define EXIT_SKIP       77
#define APICBASE        0xfee00000u
#define BSP             0x100u
#define ENABLE          0x800u
#define EXTD            0x400u
#define RESET_RIP       0xfff0u
#define NMI             2
/* OUTs after which an idle vCPU gets nothing more */
#define IDLE            3
#define OUTS            8

/* It goes to one of the row's set */
static bool arbitrated(const LapicRow *row)
{
    return !row->all &&
           (row->msg.delivery == LAPIC_LOWEST || row->msg.redirect);
}

bool lapic_kvm_hashes(void)
{
    g_autofree char *text = NULL;

    return !g_file_get_contents("/sys/module/kvm/parameters/vector_hashing",
                                &text, NULL, NULL) || text[0] != 'N';
}

int lapic_kvm_msi(LapicVM *vm, const LapicMsg *msg, bool api)
{
    LapicMSI word = lapic_msg_to_msi(msg, api ? LAPIC_FORM_MSI_X2 :
                                     LAPIC_FORM_MSI);
    struct kvm_msi msi = {
        .address_lo = (uint32_t)word.address,
        .address_hi = word.address >> 32,
        .data = word.data,
    };
    int ret = ioctl(vm->vm, KVM_SIGNAL_MSI, &msi);

    return ret < 0 ? -errno : ret;
}

static void G_GNUC_PRINTF(2, 3) say(Guest *g, const char *format, ...)
{
    char word[64];
    va_list args;

    va_start(args, format);
    vsnprintf(word, sizeof(word), format, args);
    va_end(args);
    if (!guest_word(g, word)) {
        g_error("no guest word %s", word);
    }
}

static void set_up(Guest *g, const LapicView *v, bool bsp)
{
    uint32_t base = APICBASE | (bsp ? BSP : 0);

    if (v->x2apic) {
        say(g, "wrmsr:1b=%x", base | ENABLE | EXTD);
        say(g, "wrmsr:80f=%x", v->software ? 0x1ff : 0xff);
        return;
    }
    say(g, "apic:20=%x", v->id << 24);
    say(g, "apic:d0=%x", v->ldr);
    say(g, "apic:e0=%x", v->dfr);
    say(g, "apic:f0=%x", v->software ? 0x1ff : 0xff);
    if (!v->enabled) {
        say(g, "wrmsr:1b=%x", base);
    }
}

static void send_ipi(Guest *g, const LapicMsg *msg, bool x2apic)
{
    uint64_t icr = lapic_msg_to_icr(msg, x2apic);

    if (x2apic) {
        say(g, "wrmsr:830=%" PRIx64, icr);
    } else {
        say(g, "apic:310=%x", (uint32_t)(icr >> 32));
        say(g, "apic:300=%x", (uint32_t)icr);
    }
}

/* OUTs, in each of which it may be interrupted, or sleep for good */
static void idle(Guest *g, bool live)
{
    static const uint8_t back_to_hlt[] = { 0xeb, 0xfd };

    say(g, "sti");
    if (live) {
        say(g, "hlt");
        memcpy(g->code + g->bytes, back_to_hlt, sizeof(back_to_hlt));
        g->bytes += sizeof(back_to_hlt);
        return;
    }
    for (unsigned n = 0; n < OUTS; n++) {
        say(g, "out");
    }
}

/* Set up, say so; send, say so; wait with IF = 1 */
static void load(LapicVM *vm, const LapicRow *row, const LapicView *views,
                 bool live)
{
    for (unsigned i = 0; i < vm->n; i++) {
        Guest g = { };

        set_up(&g, &views[i], i == 0);
        say(&g, "out");
        if ((int)i == row->source) {
            send_ipi(&g, &row->msg, views[i].x2apic);
            say(&g, "out");
        }
        idle(&g, live);
        lapic_vm_load(vm, i, &g);
    }
}

static void check_view(const LapicView *is, const LapicView *wanted)
{
    g_assert_cmphex(is->vcpu_id, ==, wanted->vcpu_id);
    g_assert_cmpint(is->enabled, ==, wanted->enabled);
    g_assert_cmpint(is->x2apic, ==, wanted->x2apic);
    g_assert_cmpint(is->software, ==, wanted->software);
    if (!wanted->x2apic) {
        g_assert_cmphex(is->id, ==, wanted->id);
        g_assert_cmphex(is->ldr, ==, wanted->ldr);
        /* Bits 27:0 are always 1 */
        g_assert_cmphex(is->dfr, ==, wanted->dfr);
    }
}

/* As if an INIT had come before */
static void wait_for_sipi(LapicVM *vm, int but)
{
    struct kvm_mp_state mp = { KVM_MP_STATE_INIT_RECEIVED };

    for (unsigned i = 0; i < vm->n; i++) {
        if ((int)i != but) {
            lapic_vm_do(vm, i, KVM_SET_MP_STATE, &mp);
        }
    }
}

/* What vCPU @i has to say */
static LapicGot listen(LapicVM *vm, unsigned i, bool waits)
{
    struct kvm_mp_state mp;
    struct kvm_vcpu_events events;
    struct kvm_regs regs;
    LapicGot got = { };

    lapic_vm_do(vm, i, KVM_GET_VCPU_EVENTS, &events);
    got.smi = events.smi.pending;
    /* It also carries out INIT and STARTUP */
    lapic_vm_do(vm, i, KVM_GET_MP_STATE, &mp);
    lapic_vm_do(vm, i, KVM_GET_REGS, &regs);
    got.init = !waits && (mp.mp_state == KVM_MP_STATE_INIT_RECEIVED ||
                          regs.rip == RESET_RIP);
    got.count = got.init || got.smi;
    if (got.init || got.smi || mp.mp_state == KVM_MP_STATE_INIT_RECEIVED) {
        return got;
    }
    for (unsigned idle = 0; idle < IDLE; ) {
        unsigned port = lapic_vm_run(vm, i);

        if (port == LAPIC_VM_IDLE) {
            idle++;
            continue;
        }
        got.count++;
        got.vector = port;
        if (waits) {
            break;
        }
    }
    return got;
}

static void check_got(const LapicRow *row, const LapicGot *got, bool reached)
{
    unsigned delivery = row->fixed ? LAPIC_FIXED : row->msg.delivery;

    g_assert_cmpuint(got->count, ==, reached);
    if (!reached) {
        return;
    }
    g_assert_cmpint(got->init, ==, delivery == LAPIC_INIT);
    g_assert_cmpint(got->smi, ==, delivery == LAPIC_SMI);
    if (!got->init && !got->smi) {
        g_assert_cmphex(got->vector, ==,
                        delivery == LAPIC_NMI ? NMI : row->msg.vector);
    }
}

/* The MSI, and what KVM_SIGNAL_MSI says: how many have taken it */
typedef struct Send {
    LapicVM *vm;
    const LapicRow *row;
    unsigned count;
} Send;

static void send_msi(void *opaque)
{
    const Send *s = opaque;
    int ret = lapic_kvm_msi(s->vm, &s->row->msg, s->row->machine->api);

    g_assert_cmpint(MAX(ret, 0), ==, s->count);
    g_assert_cmpint(ret, >=, -EPERM);
}

/* One after the other, when all has happened */
static void send_and_listen(LapicVM *vm, const LapicRow *row, Send *s,
                            LapicGot got[LAPIC_VM_VCPUS])
{
    bool sipi = row->msg.delivery == LAPIC_STARTUP;

    if (sipi) {
        wait_for_sipi(vm, row->source);
    }
    if (row->source < 0) {
        send_msi(s);
    } else {
        g_assert_cmphex(lapic_vm_run(vm, row->source), ==, LAPIC_VM_IDLE);
    }
    for (unsigned i = 0; i < vm->n; i++) {
        got[i] = listen(vm, i, sipi && (int)i != row->source);
    }
}

/* Of candidates one gets it, or nobody */
static void run_row(LapicVM *vm, const LapicRow *row, const LapicView *views,
                    bool live)
{
    LapicView real[LAPIC_VM_VCPUS];
    LapicGot got[LAPIC_VM_VCPUS];
    Send send = { vm, row };
    uint64_t who;
    int one;

    load(vm, row, views, live);
    for (unsigned i = 0; i < vm->n; i++) {
        g_assert_cmphex(lapic_vm_run(vm, i), ==, LAPIC_VM_IDLE);
    }
    for (unsigned i = 0; i < vm->n; i++) {
        real[i] = lapic_vm_view(vm, i);
        real[i].x2apic_api = row->machine->api;
        check_view(&real[i], &views[i]);
    }
    send.count = lapic_dest(real, vm->n, row->source, &row->msg, &who);
    one = lapic_dest_one(real, vm->n, row->source, &row->msg);
    g_assert_cmphex(who, ==, row->set);
    g_assert_cmpint(one, ==, row->one);
    if (arbitrated(row)) {
        who = one < 0 ? 0 : 1ull << one;
        send.count = one >= 0;
    }
    if (live) {
        lapic_live(vm, row->source, row->source < 0 ? send_msi : NULL, &send,
                   send.count, got);
    } else {
        send_and_listen(vm, row, &send, got);
    }
    for (unsigned i = 0; i < vm->n; i++) {
        check_got(row, &got[i], who >> i & 1);
    }
}

static const char *cannot(const LapicRow *row)
{
    if (arbitrated(row) && !lapic_kvm_hashes()) {
        return "kvm.vector_hashing is off";
    }
    if (row->msg.delivery == LAPIC_SMI && !lapic_vm_can(KVM_CAP_X86_SMM)) {
        return "this KVM has no SMM";
    }
    return row->linux_6_3 && !lapic_kvm_shares() ? "a KVM before Linux 6.3" :
           NULL;
}

static void test_row(const LapicRow *row, bool live)
{
    LapicView views[LAPIC_ROW_VCPUS];
    uint32_t ids[LAPIC_ROW_VCPUS];
    unsigned n = lapic_row_views(row->machine, views);
    const char *why = cannot(row);
    LapicVM vm;

    if (why) {
        g_test_skip(why);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        ids[i] = views[i].vcpu_id;
    }
    lapic_vm_open(&vm, ids, n, row->machine->api);
    run_row(&vm, row, views, live);
    lapic_vm_close(&vm);
}

static void test_still(const void *opaque)
{
    test_row(opaque, false);
}

static void test_live(const void *opaque)
{
    test_row(opaque, true);
}

static void add_row(const LapicRow *row)
{
    char *path = g_strdup_printf("/rows/%s", row->name);
    char *live = g_strdup_printf("/live/%s", row->name);

    g_test_add_data_func(path, row, test_still);
    if (row->msg.delivery == LAPIC_FIXED || row->msg.delivery == LAPIC_LOWEST ||
        row->msg.delivery == LAPIC_NMI) {
        g_test_add_data_func(live, row, test_live);
    }
    g_free(path);
    g_free(live);
}

int main(int argc, char **argv)
{
    const char *missing;

    g_test_init(&argc, &argv, NULL);
    missing = kvm_end_missing();
    if (missing) {
        printf("1..0 # SKIP /dev/kvm: %s\n", missing);
        return EXIT_SKIP;
    }
    g_test_set_nonfatal_assertions();
    for (unsigned i = 0; i < lapic_rows_count; i++) {
        add_row(&lapic_rows[i]);
    }
    lapic_sweep_add();
    return g_test_run();
}
