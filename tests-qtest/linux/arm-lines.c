/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of an input in the kernel when a VM is reset, reverted or moved,
 * without a guest: the VM never runs. For what /dev/kvm is by real; run in the
 * machine around nested Arm guests, as root.
 *
 *   arm-lines GIC PROGRAM ARG...
 *
 * GIC is 0 (none in the kernel), 2 or 3, as ARGs say, which have a disk that
 * takes snapshots, and no -no-reboot. Status 0: all is as it should be, and
 * every check was said on standard output.
 */
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define QTEST "/tmp/lines.qtest"
#define QMP "/tmp/lines.qmp"
#define LOG "/tmp/lines.log"
#define DEVICE "/machine/arm-irq-line"
#define CPU "/machine/unattached/device[0]"

/* SPIs, as INTIDs; SPI is in level-spis */
enum { SPI = 40, OTHER_SPI = 41, SPIS = 256 };
enum { IRQ, FIQ };

static int gic;
static char **command;
static pid_t qemu;
static FILE *qtest, *qtest_in, *monitor, *monitor_in;
static char answer[65536];
static bool was_reset;
static char gic_path[64];
static unsigned failed;

static void check(bool good, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    printf("intack: lines: %s: GIC %d: ", good ? "ok" : "not ok", gic);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    failed += !good;
}

static void die(const char *what)
{
    fprintf(stderr, "arm-lines: %s\n", what);
    if (qemu) {
        kill(qemu, SIGKILL);
    }
    exit(2);
}

/* QEMU */

static FILE *connect_to(const char *path, FILE **in)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    strcpy(addr.sun_path, path);
    for (int i = 0; i < 600; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
            *in = fdopen(dup(fd), "r");
            return fdopen(fd, "w");
        }
        close(fd);
        usleep(100000);
        if (waitpid(qemu, NULL, WNOHANG) == qemu) {
            qemu = 0;
            die("QEMU is gone");
        }
    }
    die(path);
    return NULL;
}

static void read_line(FILE *f)
{
    if (!fgets(answer, sizeof(answer), f)) {
        die("QEMU does not answer");
    }
    was_reset |= strstr(answer, "\"RESET\"") != NULL;
}

/* The answer to a command is in answer[] */
static bool qmp(const char *fmt, ...)
{
    va_list args;
    char text[1024];

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    fprintf(monitor, "%s\n", text);
    fflush(monitor);
    do {
        read_line(monitor_in);
    } while (strncmp(answer, "{\"return\"", 9) &&
             strncmp(answer, "{\"error\"", 8));
    return answer[2] == 'r';
}

static bool get(const char *path, const char *property)
{
    return qmp("{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"%s\","
               " \"property\": \"%s\"}}", path, property);
}

static uint64_t counter(const char *name)
{
    uint64_t val;

    if (!get(DEVICE, name) ||
        sscanf(answer, "{\"return\": %" SCNu64, &val) != 1) {
        die(answer);
    }
    return val;
}

static void hmp(const char *line)
{
    if (!qmp("{\"execute\": \"human-monitor-command\", \"arguments\":"
             " {\"command-line\": \"%s\"}}", line) ||
        strncmp(answer, "{\"return\": \"\"", 13)) {
        fprintf(stderr, "arm-lines: %s: %s", line, answer);
        failed++;
    }
}

static void input(const char *path, unsigned n, int level)
{
    fprintf(qtest, "set_irq_in %s unnamed-gpio-in %u %d\n", path, n, level);
    fflush(qtest);
    do {
        read_line(qtest_in);
    } while (strncmp(answer, "OK", 2));
}

static void spi(unsigned intid, int level)
{
    input(gic_path, intid - 32, level);
}

static void find_gic(void)
{
    for (unsigned i = 0; i < 64; i++) {
        snprintf(gic_path, sizeof(gic_path), "/machine/unattached/device[%u]",
                 i);
        if (get(gic_path, "type") && strstr(answer, "kvm-arm-gic")) {
            return;
        }
    }
    die("there is no GIC of KVM");
}

static void start(const char *option, const char *value)
{
    const char *more[] = {
        "-S", "-d", "trace:arm_irq_line_vcpu_init", "-D", LOG,
        "-qtest", "unix:" QTEST ",server=on,wait=off",
        "-qtest-log", "/dev/null", "-qmp", "unix:" QMP ",server=on,wait=off",
        "-global", gic ? "arm-irq-line.level-spis=40" :
                         "arm-irq-line.level-memory=on", option, value,
    };
    char *argv[128];
    unsigned n = 0;

    while (command[n] && n < 100) {
        argv[n] = command[n];
        n++;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(more) && more[i]; i++) {
        argv[n++] = (char *)more[i];
    }
    argv[n] = NULL;
    unlink(QTEST);
    unlink(QMP);
    qemu = fork();
    if (!qemu) {
        execv(argv[0], argv);
        _exit(127);
    }
    qtest = connect_to(QTEST, &qtest_in);
    monitor = connect_to(QMP, &monitor_in);
    read_line(monitor_in);
    qmp("{\"execute\": \"qmp_capabilities\"}");
    if (gic) {
        find_gic();
    }
}

static void stop(void)
{
    qmp("{\"execute\": \"quit\"}");
    fclose(monitor);
    fclose(monitor_in);
    fclose(qtest);
    fclose(qtest_in);
    waitpid(qemu, NULL, 0);
    qemu = 0;
}

/* Its event may come before or after the answer */
static void reset(void)
{
    was_reset = false;
    qmp("{\"execute\": \"system_reset\"}");
    while (!was_reset) {
        read_line(monitor_in);
    }
}

/* What another QEMU starts with */
static void move(void)
{
    qmp("{\"execute\": \"migrate\", \"arguments\":"
        " {\"uri\": \"file:/tmp/lines.vm\"}}");
    do {
        usleep(100000);
        qmp("{\"execute\": \"query-migrate\"}");
        if (strstr(answer, "failed")) {
            die(answer);
        }
    } while (!strstr(answer, "\"completed\""));
    stop();
    start("-incoming", "file:/tmp/lines.vm");
    do {
        usleep(100000);
        qmp("{\"execute\": \"query-status\"}");
    } while (strstr(answer, "inmigrate"));
}

/* The kernel */

/* A bit of an SPI in vgic-state: P(ending), L(ine level), C(onfigured level) */
static int kernel(unsigned intid, char bit)
{
    static const char bits[] = "PLAEHCG";
    char line[256], state[16];
    glob_t g;
    FILE *f;
    unsigned n;
    int ret = -1;

    if (glob("/sys/kernel/debug/kvm/[0-9]*/vgic-state", 0, NULL, &g) ||
        g.gl_pathc != 1) {
        die("there is not one vgic-state");
    }
    f = fopen(g.gl_pathv[0], "r");
    globfree(&g);
    while (f && fgets(line, sizeof(line), f)) {
        if (sscanf(line, " SPI %u %*d %8s", &n, state) == 2 && n == intid) {
            ret = state[strchr(bits, bit) - bits] == '1';
        }
    }
    if (f) {
        fclose(f);
    }
    return ret;
}

#define check_level(intid, level, what) \
    check(kernel(intid, 'L') == level, "SPI %u is %d in the kernel: %s", \
          intid, level, what)

/* A GIC in the kernel */

static void test_inputs(void)
{
    uint64_t issued = counter("issued");

    check(kernel(SPI, 'C') == 1, "SPIs are level-triggered after a reset");
    spi(SPI, 1);
    check_level(SPI, 1, "raised");
    spi(SPI, 0);
    spi(SPI, 0);
    check_level(SPI, 0, "lowered");
    check(counter("issued") == issued + 2, "a repeated lower was saved");
}

/* SGIs and CPUs have no lines here */
static void test_refused(void)
{
    uint64_t refused = counter("refused");

    input(gic_path, SPIS + 3, 1);
    input(CPU, IRQ, 1);
    check(counter("refused") == refused + 2, "and two inputs refused");
}

static void test_reset(void)
{
    uint64_t reissued = counter("reissued");

    spi(SPI, 1);
    reset();
    if (gic == 3) {
        check_level(SPI, 0, "a reset writes LEVEL_INFO");
        spi(SPI, 1);
        check_level(SPI, 1, "held through a reset, and raised again");
    } else {
        check_level(SPI, 1, "a reset leaves it");
    }
    spi(SPI, 0);
    check_level(SPI, 0, "lowered after a reset");
    check(counter("reissued") == reissued, "a reset reissues nothing");
}

static void check_loaded(const char *how)
{
    check_level(SPI, 1, how);
    check_level(OTHER_SPI, 0, how);
    spi(OTHER_SPI, 1);
    check_level(OTHER_SPI, 1, "raised after that");
    spi(SPI, 0);
    check_level(SPI, 0, "lowered after that");
}

static void test_loaded(void)
{
    spi(SPI, 1);
    spi(OTHER_SPI, 0);
    hmp("savevm one");
    spi(SPI, 0);
    spi(OTHER_SPI, 1);
    hmp("loadvm one");
    check_loaded("a snapshot was loaded");
    hmp("loadvm one");
    spi(SPI, 1);
    check_level(SPI, 1, "raised again after a snapshot was loaded");
    move();
    check_loaded("the VM was moved");
}

/* None: the lines of CPUs. The kernel does not tell what they are */

static void test_cpu_inputs(void)
{
    uint64_t issued = counter("issued"), refused = counter("refused");

    input(CPU, IRQ, 1);
    input(CPU, IRQ, 1);
    input(CPU, FIQ, 1);
    input(CPU, FIQ, 0);
    check(counter("issued") == issued + 3, "IRQ raised, FIQ raised, lowered");
    for (unsigned n = FIQ + 1; n < 6; n++) {
        input(CPU, n, 1);
    }
    check(counter("refused") == refused + 4, "four inputs refused");
}

/* KVM_ARM_VCPU_INITs of vCPU 0 that the device was told of */
static unsigned inits(void)
{
    char line[256];
    FILE *f = fopen(LOG, "r");
    unsigned n = 0;

    while (f && fgets(line, sizeof(line), f)) {
        n += strstr(line, "arm_irq_line_vcpu_init vCPU 0:") != NULL;
    }
    if (f) {
        fclose(f);
    }
    return n;
}

/* Some kernels lower the lines at a reset and some do not: QEMU does */
static void test_cpu_reset(void)
{
    uint64_t issued = counter("issued"), reissued = counter("reissued");
    unsigned seen = inits();

    input(CPU, IRQ, 1);
    reset();
    check(inits() > seen, "the device knows of the vCPU's init");
    check(counter("reissued") == reissued + 1, "a reset lowers IRQ");
    input(CPU, IRQ, 0);
    check(counter("issued") == issued + 1, "and that is known");
    input(CPU, IRQ, 1);
    check(counter("issued") == issued + 2, "raised after a reset");
}

static void test_cpu_loaded(void)
{
    uint64_t issued;

    input(CPU, IRQ, 1);
    input(CPU, FIQ, 0);
    hmp("savevm one");
    input(CPU, IRQ, 0);
    input(CPU, FIQ, 1);
    issued = counter("issued");
    hmp("loadvm one");
    check(counter("issued") == issued + 2, "a snapshot lowers FIQ, raises IRQ");
    input(CPU, IRQ, 1);
    input(CPU, FIQ, 0);
    check(counter("issued") == issued + 2, "both are known then");
    move();
    check(counter("issued") == 1 && counter("reissued") == 1,
          "moved: IRQ is raised only");
    input(CPU, IRQ, 1);
    input(CPU, FIQ, 0);
    check(counter("issued") == 1, "both are known then");
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: arm-lines GIC PROGRAM ARG...\n");
        return 2;
    }
    gic = atoi(argv[1]);
    command = argv + 2;
    signal(SIGPIPE, SIG_IGN);
    mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
    start(NULL, NULL);
    if (gic) {
        test_inputs();
        test_refused();
        test_reset();
        test_loaded();
    } else {
        test_cpu_inputs();
        test_cpu_reset();
        test_cpu_loaded();
    }
    stop();
    printf("intack: lines: %u failed\n", failed);
    return !!failed;
}
