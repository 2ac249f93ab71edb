/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints of AArch32 guests under KVM
 *
 * The instruction set is the debugger's to know: the vCPU may be in the other
 * one when a breakpoint is set.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exec/cpu-common.h"
#include "gdbstub/enums.h"
#include "system/kvm.h"
#include "target/arm/cpu.h"
#include "target/arm/internals.h"
#include "kvm-aarch32.h"

#define A32_BKPT            0xe1200070
#define T32_BKPT            0xbe00

/* Byte address select: which instructions of the word match */
#define DBGBCR_BAS_SHIFT    5
#define DBGBCR_BAS_MASK     (0xf << DBGBCR_BAS_SHIFT)
#define BAS_WORD            0xf
#define BAS_HALF_LOW        0x3
#define BAS_HALF_HIGH       0xc

/* BKPT as it is in memory: instructions are little-endian; its size */
static int bkpt_insn(uint64_t len, uint32_t *insn)
{
    switch (len) {
    case 2:
    case 3:
        *insn = cpu_to_le32(T32_BKPT);
        return 2;
    case 4:
        *insn = cpu_to_le32(A32_BKPT);
        return 4;
    default:
        return -EINVAL;
    }
}

int kvm_aarch32_insert_sw_breakpoint(CPUState *cs,
                                     struct kvm_sw_breakpoint *bp)
{
    uint32_t insn;
    int size = bkpt_insn(bp->len, &insn);

    if (size < 0) {
        return size;
    }
    if (cpu_memory_rw_debug(cs, bp->pc, &bp->saved_insn, size, false) ||
        cpu_memory_rw_debug(cs, bp->pc, &insn, size, true)) {
        return -EINVAL;
    }
    return 0;
}

int kvm_aarch32_remove_sw_breakpoint(CPUState *cs,
                                     struct kvm_sw_breakpoint *bp)
{
    uint32_t insn, now = 0;
    int size = bkpt_insn(bp->len, &insn);

    if (size < 0) {
        return size;
    }
    if (cpu_memory_rw_debug(cs, bp->pc, &now, size, false) ||
        memcmp(&now, &insn, size) ||
        cpu_memory_rw_debug(cs, bp->pc, &bp->saved_insn, size, true)) {
        return -EINVAL;
    }
    return 0;
}

int kvm_aarch32_insert_hw_breakpoint(uint64_t addr, uint64_t len)
{
    int bas = len == 4 ? BAS_WORD : addr & 2 ? BAS_HALF_HIGH : BAS_HALF_LOW;
    int ret = insert_hw_breakpoint(addr);
    HWBreakpoint *bp;

    if (ret) {
        return ret;
    }
    bp = get_hw_bp(cur_hw_bps - 1);
    bp->bcr = (bp->bcr & ~DBGBCR_BAS_MASK) | bas << DBGBCR_BAS_SHIFT;
    return 0;
}

uint32_t kvm_aarch32_debug_fsr(CPUState *cs)
{
    ARMMMUFaultInfo fi = { .type = ARMFault_Debug };

    return extended_addresses_enabled(&ARM_CPU(cs)->env) ?
           arm_fi_to_lfsc(&fi) : arm_fi_to_sfsc(&fi);
}
