/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: the 8259 core. Input: a byte of options, then two bytes an
 * action; see action() of pair-run.c.
 */
#include "qemu/osdep.h"
#include "pair-run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, data + size };
    PairRun r;

    pair_run_begin(&r, &in);
    pair_run_power_on(&r);
    pair_run_actions(&r, &in);
    return 0;
}
