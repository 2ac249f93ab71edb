/*
 * INIT# of the chipset, and a BIOS that is not ours
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A boot sector (guest/boot) comes back to real mode 12 times through SeaBIOS.
 */

#include "qemu/osdep.h"
#include "libqtest.h"
#include "chipset-init-test.h"
#include "qmp-job.h"

static char *boot_image;

static QTestState *boot(const char *accel, const char *opts, FILE **log)
{
    g_autofree char *name = NULL;
    int fd = g_file_open_tmp("intack-XXXXXX", &name, NULL);
    QTestState *qts;

    g_assert_cmpint(fd, >=, 0);
    *log = fdopen(fd, "r");
    qts = qtest_initf("-accel %s -nodefaults -S -m 32 %s "
                      "-drive if=none,id=disk,format=raw,snapshot=on,file=%s "
                      "-device virtio-blk-pci,drive=disk "
                      "-chardev file,id=log,path=%s "
                      "-device isa-debugcon,iobase=0xe9,chardev=log "
                      "-device isa-debug-exit,iobase=0xf4,iosize=4",
                      accel, opts, boot_image, name);
    unlink(name);
    qtest_qmp_assert_success(qts, "{'execute': 'cont'}");
    return qts;
}

static void test_seabios(const void *data)
{
    const char *accel = data;
    QTestState *qts;
    int64_t end = PATIENCE_MS * 1000LL;
    char line[8];
    int lines = 0;
    FILE *log;

    if (skip(accel)) {
        return;
    }
    qts = boot(accel, "-no-reboot", &log);
    qtest_set_expected_status(qts, 33);
    for (end += g_get_monotonic_time(); qtest_probe_child(qts); ) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(5000);
    }
    qtest_wait_qemu(qts);
    while (fgets(line, sizeof(line), log)) {
        g_assert_cmpstr(line, ==, "RT\n");
        lines++;
    }
    g_assert_cmpint(lines, ==, 12);
    fclose(log);
    qtest_quit(qts);
}

static void test_seabios_machine(const void *data)
{
    QTestState *qts;
    FILE *log;

    if (skip(data)) {
        return;
    }
    qts = boot(data, "", &log);
    must_reset(qts);
    fclose(log);
    qtest_quit(qts);
}

static const struct {
    const char *name, *accel;
    bool machine;
} bioses[] = {
    { "kvm/seabios",
      "kvm -machine pc,kernel-irqchip=split,chipset-init=cpu" },
    { "tcg/seabios-pc", "tcg -machine pc,chipset-init=cpu" },
    { "tcg/seabios-q35", "tcg -machine q35,chipset-init=cpu" },
    { "tcg/seabios-486", "tcg -cpu 486 -machine pc,chipset-init=cpu" },
    { "tcg/seabios-stock", "tcg -machine pc", true },
};

void add_bios_tests(char *image)
{
    boot_image = image;
    for (int i = 0; i < G_N_ELEMENTS(bioses); i++) {
        g_autofree char *name = g_strdup_printf("chipset-init/%s",
                                                bioses[i].name);

        qtest_add_data_func(name, bioses[i].accel, bioses[i].machine ?
                            test_seabios_machine : test_seabios);
    }
}
