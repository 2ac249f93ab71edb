/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU with the device of KVM_IRQ_LINE on the model.
 */
#include "qemu/osdep.h"
#include "arm-irq-line-vm.h"
#include "qmp-job.h"

/* A default, unless @props has the property */
static char *props_with(const char *props, const char *name, const char *val)
{
    g_autofree char *key = g_strdup_printf("%s=", name);
    bool given = g_str_has_prefix(props, key);

    for (const char *p = props; !given && (p = strchr(p, ',')); p++) {
        given = g_str_has_prefix(p + 1, key);
    }
    return given ? g_strdup(props) :
           g_strdup_printf("%s%s%s%s", key, val, *props ? "," : "", props);
}

static char *device_args(const char *props)
{
    g_autofree char *spis = props_with(props, "spis", "64");
    g_autofree char *vcpus = props_with(spis, "vcpus", "2");
    g_autofree char *gic = props_with(vcpus, "gic-version", "3");

    return g_strdup_printf("-device arm-irq-line,id=line,x-kvm-model=on,%s",
                           gic);
}

Vm vm_start_on(const char *machine, const char *props, const char *more)
{
    g_autofree char *device = device_args(props);
    Vm vm = { };
    int fd = g_file_open_tmp("intack-XXXXXX", &vm.said, NULL);
    int ends[2];

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    vm.qts = qtest_initf("-machine %s -nodefaults -chardev socket,id=ours,fd=%d"
                         " -mon chardev=ours,mode=control %s %s 2>'%s'",
                         machine, ends[1], device, more, vm.said);
    close(ends[1]);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    vm_connect(&vm, ends[0]);
    return vm;
}

Vm vm_start(const char *props, const char *more)
{
    return vm_start_on("none", props, more);
}

void vm_stop(Vm *vm)
{
    qtest_quit(vm->qts);
    close(vm->fd);
    g_string_free(vm->heard, true);
    unlink(vm->said);
    g_free(vm->said);
    if (vm->disk) {
        unlink(vm->disk);
        g_free(vm->disk);
    }
}

void vm_reset(Vm *vm)
{
    qtest_system_reset(vm->qts);
}

void vm_save(Vm *vm)
{
    if (!vm->disk) {
        vm->disk = add_snapshot_disk(vm->qts);
    }
    snapshot(vm->qts, "snapshot-save");
}

void vm_load(Vm *vm)
{
    snapshot(vm->qts, "snapshot-load");
}

/* Errors */

char *vm_refused_by(const char *binary, const char *args)
{
    g_autofree char *line = g_strdup_printf(
        "exec timeout 20 '%s' -display none -nodefaults %s",
        binary, args);
    const char *argv[] = { "/bin/sh", "-c", line, NULL };
    char *text;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL,
                               &text, &status, NULL));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) {
        g_error("%s: wait status 0x%x, \"%s\"", args, status, text);
    }
    return text;
}

char *vm_refused(const char *args)
{
    return vm_refused_by(getenv("QTEST_QEMU_BINARY"), args);
}

char *vm_refused_props(const char *props)
{
    g_autofree char *device = device_args(props);
    g_autofree char *args = g_strdup_printf("-accel qtest -M none %s", device);

    return vm_refused(args);
}

char *vm_said(Vm *vm)
{
    char *text;

    g_assert_true(g_file_get_contents(vm->said, &text, NULL, NULL));
    return text;
}

unsigned times(const char *all, const char *text)
{
    unsigned n = 0;

    for (const char *p = all; (p = strstr(p, text)); p += strlen(text)) {
        n++;
    }
    return n;
}
