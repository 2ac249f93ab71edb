/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the init script of the Arm machine around nested guests cannot say in
 * shell; static, for arm64.
 *
 *   helper exit N     end the QEMU around by semihosting, with status N
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYS_EXIT                    0x18
#define ADP_STOPPED_APPLICATION     0x20026

static void semihosting_exit(uint64_t code)
{
    const uint64_t block[2] = { ADP_STOPPED_APPLICATION, code };
    register uint64_t operation asm("x0") = SYS_EXIT;
    register const uint64_t *argument asm("x1") = block;

    asm volatile("hlt #0xf000" : "+r"(operation) : "r"(argument) : "memory");
}

int main(int argc, char **argv)
{
    if (argc != 3 || strcmp(argv[1], "exit")) {
        fprintf(stderr, "usage: helper exit NUMBER\n");
        return 2;
    }
    semihosting_exit(atoi(argv[2]));
    fprintf(stderr, "helper: nobody listens to semihosting calls\n");
    return 1;
}
