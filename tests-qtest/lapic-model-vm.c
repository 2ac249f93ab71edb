/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU whose local APICs are those of the model of KVM.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"
#include "lapic-model-vm.h"
#include "qmp-job.h"

#define MODEL "/machine/kvm-model"

Vm vm_start(const char *machine, const char *smp, unsigned vcpus,
            const char *more)
{
    const char *dir = getenv("INTACK_ROM_DIR") ?: ".";
    g_autofree char *args = g_strdup_printf(
        "-machine %s,x-kvm-model=on -smp %s -nodefaults -m 16 "
        "-bios %s/intack-guest.rom %s", machine, smp, dir, more);

    g_assert_cmpuint(vcpus, <=, VCPUS_MAX);
    return (Vm) { .qts = qtest_init(args), .vcpus = vcpus };
}

static void vm_forget(Vm *vm)
{
    for (unsigned i = 0; i < VCPUS_MAX; i++) {
        qobject_unref(vm->before[i]);
        vm->before[i] = NULL;
    }
}

void vm_stop(Vm *vm)
{
    vm_forget(vm);
    qtest_quit(vm->qts);
}

void vm_reset(Vm *vm)
{
    qtest_system_reset(vm->qts);
}

char *vm_refused(const char *command)
{
    g_autofree char *line = g_strdup_printf(
        "timeout 20 '%s' -display none -nodefaults -m 16 "
        "-bios '%s/intack-guest.rom' %s", getenv("QTEST_QEMU_BINARY"),
        getenv("INTACK_ROM_DIR") ?: ".", command);
    const char *argv[] = { "/bin/sh", "-c", line, NULL };
    char *text;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL,
                               &text, &status, NULL));
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
    return text;
}

static QDict *get(Vm *vm, const char *path, const char *field)
{
    return qtest_qmp(vm->qts, "{'execute': 'qom-get', 'arguments':"
                     "{'path': %s, 'property': %s}}", path, field);
}

static QDict *set(Vm *vm, const char *path, const char *field, const char *json)
{
    return qtest_qmp(vm->qts, "{'execute': 'qom-set', 'arguments':"
                     "{'path': %s, 'property': %s, 'value': %p}}", path, field,
                     qobject_from_json(json, &error_abort));
}

QDict *vm_state(Vm *vm, unsigned i)
{
    g_autofree char *path = g_strdup_printf(MODEL "/vcpu[%u]", i);
    QDict *rsp = get(vm, path, "state");
    QDict *state = qobject_ref(qdict_get_qdict(rsp, "return"));

    qobject_unref(rsp);
    return state;
}

uint64_t vm_number(Vm *vm, unsigned i, const char *field)
{
    QDict *state = vm_state(vm, i);
    uint64_t val = qdict_get_int(state, field);

    qobject_unref(state);
    return val;
}

char *vm_text(Vm *vm, unsigned i, const char *field)
{
    QDict *state = vm_state(vm, i);
    char *text = g_strdup(qdict_get_str(state, field));

    qobject_unref(state);
    return text;
}

bool vm_flag(Vm *vm, unsigned i, const char *field)
{
    QDict *state = vm_state(vm, i);
    bool val = qdict_get_bool(state, field);

    qobject_unref(state);
    return val;
}

static char *list_text(QList *list)
{
    GString *text = g_string_new("");
    QListEntry *e;

    QLIST_FOREACH_ENTRY(list, e) {
        g_string_append_printf(text, "%s%" PRId64, text->len ? " " : "",
                               qnum_get_int(qobject_to(QNum,
                                                       qlist_entry_obj(e))));
    }
    return g_string_free(text, false);
}

char *vm_vectors(Vm *vm, unsigned i, const char *field)
{
    QDict *state = vm_state(vm, i);
    char *text = list_text(qdict_get_qlist(state, field));

    qobject_unref(state);
    return text;
}

bool vm_vector(Vm *vm, unsigned i, const char *field, unsigned vector)
{
    g_autofree char *text = vm_vectors(vm, i, field);
    g_auto(GStrv) list = g_strsplit(text, " ", -1);
    g_autofree char *one = g_strdup_printf("%u", vector);

    return g_strv_contains((const char *const *)list, one);
}

void vm_set(Vm *vm, unsigned i, const char *field, uint64_t val)
{
    g_autofree char *path = g_strdup_printf(MODEL "/vcpu[%u]", i);
    g_autofree char *json = g_strdup_printf("%" PRIu64, val);
    g_autofree char *error = error_of(set(vm, path, field, json));

    g_assert_cmpstr(error, ==, NULL);
}

void vm_set_bad(Vm *vm, unsigned i, const char *field, const char *val,
                const char *text)
{
    g_autofree char *path = g_strdup_printf(MODEL "/vcpu[%u]", i);
    g_autofree char *error = error_of(set(vm, path, field, val));

    g_assert_nonnull(error);
    if (!strstr(error, text)) {
        g_error("%s = %s: \"%s\" is not in \"%s\"", field, val, text, error);
    }
}

void vm_set_model(Vm *vm, const char *field, const char *json)
{
    g_autofree char *error = error_of(set(vm, MODEL, field, json));

    g_assert_cmpstr(error, ==, NULL);
}

uint64_t vm_ioctls(Vm *vm, const char *name)
{
    QDict *rsp = get(vm, MODEL, "ioctls");
    uint64_t n = qdict_get_int(qdict_get_qdict(rsp, "return"), name);

    qobject_unref(rsp);
    return n;
}

char *vm_digest(Vm *vm)
{
    QDict *rsp = get(vm, MODEL, "digest");
    char *digest = g_strdup(qdict_get_str(rsp, "return"));

    qobject_unref(rsp);
    return digest;
}

char *vm_send(Vm *vm, const char *json)
{
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'x-lapic-send',"
                           "'arguments': %p}",
                           qobject_from_json(json, &error_abort));

    return error_of(rsp);
}

void vm_sent(Vm *vm, const char *json)
{
    g_autofree char *error = vm_send(vm, json);

    if (error) {
        g_error("%s: %s", json, error);
    }
}

void vm_refuses(Vm *vm, const char *json, const char *text)
{
    g_autofree char *error = vm_send(vm, json);

    if (!error || !strstr(error, text)) {
        g_error("%s: \"%s\" is not in \"%s\"", json, text, error ?: "(sent)");
    }
}

void vm_set_entry(Vm *vm, unsigned pin, uint64_t entry)
{
    enum { IOAPIC = 0xfec00000, TABLE = 0x10 };

    for (int half = 1; half >= 0; half--) {
        qtest_writel(vm->qts, IOAPIC, TABLE + 2 * pin + half);
        qtest_writel(vm->qts, IOAPIC + 0x10, entry >> 32 * half);
    }
}

char *vm_route(Vm *vm, unsigned pin)
{
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'x-query-lapic-routes'}");
    char *who = NULL;
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *route = qobject_to(QDict, qlist_entry_obj(e));

        if (qdict_get_try_int(route, "pin", -1) == pin) {
            who = list_text(qdict_get_qlist(route, "cpus"));
            break;
        }
    }
    qobject_unref(rsp);
    return who;
}

void vm_remember(Vm *vm)
{
    vm_forget(vm);
    for (unsigned i = 0; i < vm->vcpus; i++) {
        vm->before[i] = vm_state(vm, i);
    }
}

static bool is_listed(const char *names, const char *name)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);

    return g_strv_contains((const char *const *)list, name);
}

void vm_same(Vm *vm, unsigned i, const char *but)
{
    for (unsigned n = 0; n < vm->vcpus; n++) {
        QDict *now = vm_state(vm, n);
        const QDictEntry *e;

        g_assert_cmpint(qdict_size(now), ==, qdict_size(vm->before[n]));
        for (e = qdict_first(now); e; e = qdict_next(now, e)) {
            const char *name = qdict_entry_key(e);
            QObject *was = qdict_get(vm->before[n], name);

            bool may = but && (n == i || i == VM_ALL) && is_listed(but, name);

            if (may || qobject_is_equal(was, qdict_entry_value(e))) {
                continue;
            }
            g_autoptr(GString) a = qobject_to_json(was);
            g_autoptr(GString) b = qobject_to_json(qdict_entry_value(e));

            g_error("vCPU %u: %s was %s and is %s", n, name, a->str, b->str);
        }
        qobject_unref(now);
    }
}
