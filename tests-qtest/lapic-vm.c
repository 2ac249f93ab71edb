/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of lapic-kvm-test (guest/lapic.S), its RAM, and the monitor.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/units.h"
#include <sys/mman.h>
#include "qapi/error.h"
#include "qobject/qjson.h"
#include "qmp-job.h"
#include "kvm-probe.h"
#include "lapic-vm.h"

#define RAM_SIZE (16 * MiB)
#define MARK 0x600d             /* a parameter that nobody needs */

static const char *no_kvm;
bool has_smm;
char *guest_rom;
static char *ram_file;
static uint8_t *ram;

uint32_t word(uint32_t addr)
{
    return qatomic_read((uint32_t *)(ram + addr));
}

void set_word(uint32_t addr, uint32_t value)
{
    qatomic_set((uint32_t *)(ram + addr), value);
}

bool reaches(uint32_t addr, uint32_t value)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    while (word(addr) < value) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(1000);
    }
    return true;
}

uint32_t cpu_data(unsigned id)
{
    for (int i = MAX_CPUS - 1; i >= 0; i--) {
        uint32_t data = PERCPU + 256 * i;

        if (word(data + C_STATE) == ST_GO && word(data + C_APICID) == id) {
            return data;
        }
    }
    return 0;
}

bool cpu_starts(unsigned id, uint32_t after)
{
    int64_t end = g_get_monotonic_time() + PATIENCE_MS * 1000LL;

    while (cpu_data(id) <= after) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(1000);
    }
    return true;
}

bool cpu_beats(unsigned id)
{
    uint32_t beat = cpu_data(id) + C_BEAT, n = word(beat);

    return reaches(beat, n + 100);
}

bool cpu_rests(unsigned id)
{
    int64_t end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    uint32_t beat = cpu_data(id) + C_BEAT, n;

    /* What has been queued to it may take a while */
    do {
        n = word(beat);
        g_usleep(100000);
    } while (word(beat) != n && g_get_monotonic_time() < end);
    return word(beat) == n;
}

static void ram_fill(void)
{
    for (size_t i = LOW_END; i < RAM_SIZE; i += 8) {
        *(uint64_t *)(ram + i) = i * 0x9e3779b97f4a7c15ull;
    }
}

static void ram_check(void)
{
    for (size_t i = 0x40000; i < RAM_SIZE; i += 8) {
        g_assert_cmphex(*(uint64_t *)(ram + i), ==, i * 0x9e3779b97f4a7c15ull);
    }
}

QTestState *guest_vm(const char *machine, const char *opts, int cpus,
                     const uint32_t *lapic)
{
    g_autoptr(GString) args = g_string_new(NULL);

    g_string_printf(args, "%s,memory-backend=ram "
                    "-object memory-backend-file,id=ram,share=on,mem-path=%s,"
                    "size=%d -m 16 -nodefaults -bios %s -smp %d,maxcpus=%d "
                    "%s", machine, ram_file, (int)RAM_SIZE, guest_rom, cpus,
                    cpus + 1, opts);
    if (lapic) {
        g_string_append_printf(args, " -device loader,addr=%d,data=%d,"
                               "data-len=4 -device loader,addr=%d,data=%d,"
                               "data-len=4", P_SCENARIO, SCN_LAPIC, P_CPUS,
                               cpus);
        for (int i = 0; i < cpus; i++) {
            g_string_append_printf(args, " -device loader,addr=%d,data=%u,"
                                   "data-len=4", P_LAPIC + 4 * i, lapic[i]);
        }
        memset(ram, 0, LOW_END);
        ram_fill();
    }
    return qtest_init(args->str);
}

QTestState *guest_start(const char *machine, int cpus,
                               const uint32_t *lapic)
{
    QTestState *qts = guest_vm(machine, "", cpus, lapic);

    for (int i = 0; i < cpus; i++) {
        g_assert_true(cpu_starts(i, 0));
    }
    set_word(P_COUNT, MARK);
    return qts;
}

void guest_quit(QTestState *qts)
{
    QDict *reset = qtest_qmp_event_ref(qts, "RESET");

    /* Nothing here resets the machine, in which case RAM would be fresh */
    g_assert_null(reset);
    g_assert_cmphex(word(P_COUNT), ==, MARK);
    g_assert_cmpuint(word(R_STRAY), ==, 0);
    ram_check();
    qtest_quit(qts);
}

QTestState *guest_migrate(QTestState *from, const char *machine, int cpus)
{
    g_autofree char *file = migrate_to_file(from);
    g_autofree char *in = g_strdup_printf("-incoming file:%s", file);
    QTestState *to;

    qtest_quit(from);
    to = guest_vm(machine, in, cpus, NULL);
    wait_for_migration(to);
    unlink(file);
    return to;
}

void inject_nmi(QTestState *qts)
{
    qtest_qmp_assert_success(qts, "{'execute': 'inject-nmi'}");
}

void look(QTestState *qts)
{
    g_autofree char *out = qtest_hmp(qts, "info registers -a");

    g_assert_nonnull(strstr(out, "EIP="));
}

void refused(QTestState *qts, const char *args, const char *why)
{
    g_autofree char *json = g_strdup_printf("{%s}", args);
    QDict *rsp = qtest_qmp(qts, "{'execute': 'x-lapic-send',"
                           " 'arguments': %p}",
                           qobject_from_json(json, &error_abort));
    const char *desc;

    g_assert_true(qdict_haskey(rsp, "error"));
    desc = qdict_get_str(qdict_get_qdict(rsp, "error"), "desc");
    g_test_message("%s: %s", args, desc);
    g_assert_nonnull(strstr(desc, why));
    qobject_unref(rsp);
}

bool skip(const char *machine)
{
    if (no_kvm && g_str_has_prefix(machine, "-accel kvm")) {
        g_test_skip(no_kvm);
        return true;
    }
    return false;
}

static void make_ram(void)
{
    int fd = g_file_open_tmp("intack-XXXXXX", &ram_file, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, RAM_SIZE), ==, 0);
    ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(ram != MAP_FAILED);
    close(fd);
}

bool vm_init(const char *argv0)
{
    const char *rom_dir = getenv("INTACK_ROM_DIR");
    g_autofree char *dir = g_path_get_dirname(argv0);

    guest_rom = g_build_filename(rom_dir ?: dir, "intack-guest.rom", NULL);
    if (!g_file_test(guest_rom, G_FILE_TEST_EXISTS)) {
        g_printerr("%s: no such guest ROM; INTACK_ROM_DIR names another "
                   "directory, scripts/build-guests makes one\n", guest_rom);
        return false;
    }
    no_kvm = kvm_missing();
    has_smm = kvm_probe(KVM_CAP_X86_SMM);
    make_ram();
    return true;
}

void vm_exit(void)
{
    unlink(ram_file);
}
