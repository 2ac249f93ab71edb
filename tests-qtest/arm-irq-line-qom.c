/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device and its kernel, as arm-irq-line-test sees them, by QOM.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qobject/qbool.h"
#include "qobject/qjson.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"
#include "accel/kvm/intack/kvm-model-arm.h"
#include "arm-irq-line-vm.h"
#include "qmp-job.h"

/*
 * The monitor. Tests ask ten thousands of times, and libqtest reads its monitor
 * byte by byte: so this one.
 */

static void say(Vm *vm, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void say(Vm *vm, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_assert_cmpint(write(vm->fd, text, strlen(text)), ==, strlen(text));
}

/* The next line but events */
static QDict *hear(Vm *vm)
{
    for (;;) {
        char *end = strchr(vm->heard->str, '\n');
        char part[4096];
        ssize_t n;

        if (end) {
            g_autofree char *line = g_strndup(vm->heard->str,
                                              end - vm->heard->str);
            QObject *obj = qobject_from_json(line, &error_abort);

            g_string_erase(vm->heard, 0, end + 1 - vm->heard->str);
            if (!qdict_haskey(qobject_to(QDict, obj), "event")) {
                return qobject_to(QDict, obj);
            }
            qobject_unref(obj);
            continue;
        }
        n = read(vm->fd, part, sizeof(part));
        g_assert_cmpint(n, >, 0);
        g_string_append_len(vm->heard, part, n);
    }
}

void vm_connect(Vm *vm, int fd)
{
    vm->fd = fd;
    vm->heard = g_string_new("");
    qobject_unref(hear(vm));
    say(vm, "{'execute': 'qmp_capabilities'}\n");
    qobject_unref(hear(vm));
    vm->seen = vm_counts(vm);
    vm->ioctls = vm_get(vm, "x-model-ioctls");
}

char *vm_qmp(Vm *vm, const char *json)
{
    say(vm, "%s\n", json);
    return error_of(hear(vm));
}

static void works(Vm *vm, const char *json)
{
    g_autofree char *error = vm_qmp(vm, json);

    if (error) {
        g_error("%s: %s", json, error);
    }
}

void vm_lives(Vm *vm)
{
    works(vm, "{'execute': 'query-status'}");
}

char *vm_info(Vm *vm, const char *command)
{
    g_auto(GStrv) lines = NULL;
    QDict *rsp;

    say(vm, "{'execute': 'human-monitor-command', 'arguments':"
        "{'command-line': '%s'}}\n", command);
    rsp = hear(vm);
    lines = g_strsplit(qdict_get_str(rsp, "return"), "\r\n", -1);
    qobject_unref(rsp);
    return g_strjoinv("\n", lines);
}

void vm_expect_info(Vm *vm, const char *command, const char *text)
{
    g_autofree char *info = vm_info(vm, command);

    g_assert_cmpstr(info, ==, text);
}

/* Properties */

#define PROPERTY "'arguments': {'path': '" DEVICE "', 'property': '%s'"

/* To be unref'd */
static QObject *get(Vm *vm, const char *name)
{
    QDict *rsp;
    QObject *val;
    g_autofree char *error = NULL;

    say(vm, "{'execute': 'qom-get', " PROPERTY "}}\n", name);
    rsp = hear(vm);
    val = qobject_ref(qdict_get(rsp, "return"));
    error = error_of(rsp);
    if (error) {
        g_error("%s: %s", name, error);
    }
    return val;
}

uint64_t vm_get(Vm *vm, const char *name)
{
    QObject *val = get(vm, name);
    uint64_t n = qnum_get_uint(qobject_to(QNum, val));

    qobject_unref(val);
    return n;
}

char *vm_set(Vm *vm, const char *name, const char *json)
{
    say(vm, "{'execute': 'qom-set', " PROPERTY ", 'value': %s}}\n", name, json);
    return error_of(hear(vm));
}

static void set(Vm *vm, const char *name, const char *json)
{
    g_autofree char *error = vm_set(vm, name, json);

    if (error) {
        g_error("%s = %s: %s", name, json, error);
    }
}

/* Inputs and counters */

void vm_move(Vm *vm, Type type, unsigned vcpu, unsigned number, int level)
{
    static const char *const names[] = { "cpu", "spi", "ppi" };
    int n = type == SPI ? number - 32 : vcpu * (type == PPI ? 32 : 2) + number;

    qtest_set_irq_in(vm->qts, DEVICE, names[type], n, level);
}

/* "info pic" has all of them at once */
static const struct {
    const char *name;
    size_t offset;
} counters[] = {
    { "inputs", offsetof(Counts, inputs) },
    { "issued", offsetof(Counts, issued) },
    { "saved-lower", offsetof(Counts, saved_lower) },
    { "saved-raise", offsetof(Counts, saved_raise) },
    { "reissued", offsetof(Counts, reissued) },
    { "refused", offsetof(Counts, refused) },
};

static uint64_t *counter(Counts *c, int i)
{
    return (uint64_t *)((char *)c + counters[i].offset);
}

Counts vm_counts(Vm *vm)
{
    g_autofree char *text = vm_info(vm, "info pic");
    Counts c;

    for (int i = 0; i < G_N_ELEMENTS(counters); i++) {
        g_autofree char *key = g_strdup_printf(" %s=", counters[i].name);
        const char *at = strstr(text, key);

        g_assert_nonnull(at);
        *counter(&c, i) = g_ascii_strtoull(at + strlen(key), NULL, 10);
    }
    return c;
}

void vm_moved_at(const char *file, int line, Vm *vm, Counts grown)
{
    Counts now = vm_counts(vm);

    for (int i = 0; i < G_N_ELEMENTS(counters); i++) {
        uint64_t by = *counter(&now, i) - *counter(&vm->seen, i);

        if (by != *counter(&grown, i)) {
            g_error("%s:%d: %s grew by %" PRIu64 ", not by %" PRIu64, file,
                    line, counters[i].name, by, *counter(&grown, i));
        }
    }
    vm->seen = now;
}

/* The model */

uint32_t line_word(Type type, unsigned vcpu, unsigned number)
{
    return (vcpu >> 8) << KVM_MODEL_ARM_VCPU2_SHIFT |
           type << KVM_MODEL_ARM_TYPE_SHIFT |
           (vcpu & KVM_MODEL_ARM_VCPU_MASK) << KVM_MODEL_ARM_VCPU_SHIFT |
           number;
}

/* The line that the next x-model-* are about */
static void choose(Vm *vm, Type type, unsigned vcpu, unsigned number)
{
    char json[16];

    snprintf(json, sizeof(json), "%" PRIu32, line_word(type, vcpu, number));
    set(vm, "x-model-word", json);
}

static void choose_intid(Vm *vm, unsigned vcpu, unsigned intid)
{
    choose(vm, intid < KVM_MODEL_ARM_PRIVATE ? PPI : SPI, vcpu, intid);
}

unsigned vm_line(Vm *vm, Type type, unsigned vcpu, unsigned number)
{
    choose(vm, type, vcpu, number);
    return vm_get(vm, "x-model-bits");
}

bool vm_pin(Vm *vm, unsigned vcpu, unsigned number)
{
    return vm_line(vm, CPU, vcpu, number) & KVM_MODEL_LINE_HIGH;
}

bool vm_pending(Vm *vm, unsigned vcpu, unsigned intid)
{
    QObject *val;
    bool is;

    choose_intid(vm, vcpu, intid);
    val = get(vm, "x-model-pending");
    is = qbool_get_bool(qobject_to(QBool, val));
    qobject_unref(val);
    return is;
}

void vm_expect_high(Vm *vm, const char *words)
{
    QObject *val = get(vm, "x-model-high");

    g_assert_cmpstr(qstring_get_str(qobject_to(QString, val)), ==, words);
    qobject_unref(val);
}

uint64_t vm_kicks(Vm *vm, unsigned vcpu)
{
    choose(vm, CPU, vcpu, IRQ);
    return vm_get(vm, "x-model-kicks");
}

uint64_t vm_queued(Vm *vm)
{
    return vm_get(vm, "x-model-queued");
}

uint64_t vm_ioctls(Vm *vm)
{
    return vm_get(vm, "x-model-ioctls") - vm->ioctls;
}

uint32_t vm_last(Vm *vm)
{
    return vm_get(vm, "x-model-last");
}

void vm_do(Vm *vm, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *json = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    json = g_strdup_printf("'%s'", text);
    set(vm, "x-model-do", json);
}

void vm_do_line(Vm *vm, const char *text, Type type, unsigned vcpu,
                unsigned number)
{
    choose(vm, type, vcpu, number);
    vm_do(vm, "%s", text);
}

void vm_configure(Vm *vm, unsigned vcpu, unsigned intid, bool level)
{
    choose_intid(vm, vcpu, intid);
    vm_do(vm, level ? "level" : "edge");
}

void vm_ack(Vm *vm, unsigned vcpu, unsigned intid)
{
    choose_intid(vm, vcpu, intid);
    vm_do(vm, "ack");
}

void vm_vcpu_init(Vm *vm, unsigned vcpu)
{
    vm_do(vm, "vcpu-init %u", vcpu);
}

void vm_fail(Vm *vm, int err)
{
    g_autofree char *json = g_strdup_printf("%d", err);

    set(vm, "x-model-fail", json);
}
