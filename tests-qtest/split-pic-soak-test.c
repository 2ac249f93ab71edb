/*
 * The split 8259 under real KVM: nothing lost, nothing twice
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest under a 20 kHz PIT, an 8 kHz RTC and a level-triggered line is
 * stopped, migrated, taken back to a snapshot and reset, at moments nobody
 * chooses: again and again in soak-loops.c, in the ways that are left in
 * soak-single.c. After each time every source must be served, and the books of
 * soak-vm.h must hold.
 *
 * QTEST_QEMU_BINARY    the QEMU to test
 * INTACK_STOCK_QEMU    optional: a stock QEMU of the same release
 * INTACK_ROM_DIR       where intack-guest.rom is (default: beside the test)
 * INTACK_SOAK_ROUNDS   how often each loop goes round (default: 100)
 * INTACK_SOAK_SLOW     a host that cannot keep up, emulated SVM: 100 Hz and
 *                      64 Hz, and nothing with split-pic=off
 */

#include "qemu/osdep.h"
#include "soak-vm.h"

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!soak_probe(argv[0])) {
        return 1;
    }
    soak_add_loops();
    soak_add_singles();
    return g_test_run();
}
