/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: the 8259 core's decoder of the migration stream. Input: a byte
 * of options, whose bit 7 says which chip comes first, any bytes for the two,
 * then actions as in fuzz-i8259.c.
 */
#include "qemu/osdep.h"
#include "pair-run.h"

static I8259Saved input_saved(Input *in)
{
    I8259Saved s;
    uint8_t *bytes = (uint8_t *)&s;
    unsigned i;

    for (i = 0; i < sizeof(s); i++) {
        bytes[i] = input_byte(in);
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, data + size };
    bool slave_first = size && (data[0] & 0x80);
    I8259Saved s;
    PairRun r;

    pair_run_begin(&r, &in);
    s = input_saved(&in);
    pair_run_load(&r, slave_first, &s);
    s = input_saved(&in);
    pair_run_load(&r, !slave_first, &s);
    pair_run_actions(&r, &in);
    return 0;
}
