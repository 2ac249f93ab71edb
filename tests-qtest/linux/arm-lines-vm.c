/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VM of KVM's that never runs, and the lines of its vgic; for arm-lines.
 */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "arm-lines.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define QTEST "/tmp/lines.qtest"
#define QMP "/tmp/lines.qmp"
#define DEVICE "/machine/arm-irq-line"

int gic;
char **command;
char gic_path[64];

static pid_t qemu;
static FILE *qtest, *qtest_in, *monitor, *monitor_in;
static char answer[65536];
static bool was_reset;

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

uint64_t counter(const char *name)
{
    uint64_t val;

    if (!get(DEVICE, name) ||
        sscanf(answer, "{\"return\": %" SCNu64, &val) != 1) {
        die(answer);
    }
    return val;
}

void hmp(const char *line)
{
    if (!qmp("{\"execute\": \"human-monitor-command\", \"arguments\":"
             " {\"command-line\": \"%s\"}}", line) ||
        strncmp(answer, "{\"return\": \"\"", 13)) {
        die(answer);
    }
}

void input(const char *path, unsigned n, int level)
{
    fprintf(qtest, "set_irq_in %s unnamed-gpio-in %u %d\n", path, n, level);
    fflush(qtest);
    do {
        read_line(qtest_in);
    } while (strncmp(answer, "OK", 2));
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

/* One without the device does not mind that there is nothing to trace or set */
void start(const char *program, const char *option, const char *value)
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
        execv(program, argv);
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

void stop(void)
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
void reset(void)
{
    was_reset = false;
    qmp("{\"execute\": \"system_reset\"}");
    while (!was_reset) {
        read_line(monitor_in);
    }
}

/* To another QEMU */
void move(const char *program)
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
    start(program, "-incoming", "file:/tmp/lines.vm");
    do {
        usleep(100000);
        qmp("{\"execute\": \"query-status\"}");
    } while (strstr(answer, "inmigrate"));
}

/* The kernel */

int kernel(unsigned intid, char bit)
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

