/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8259 core against the Intel 8259A datasheet (231468-003), and against
 * the PIIX3 datasheet for ELCR. Each rule is a script of bus cycles and line
 * changes, most of them run on either chip, on each IR they hold for, and
 * once more with the state saved and loaded between any two steps.
 */
#include "qemu/osdep.h"
#include "i8259-test.h"

enum {
    M = 1 << I8259_MASTER,
    S = 1 << I8259_SLAVE,
    B = M | S,
    LEVEL = 4,                  /* N: only the IRs that ELCR can switch */
    STAY = 8,                   /* drives line 2, which a stream cannot carry */
};

/*
 * Words of a script, on the chip under test, or with m or s before them on
 * that chip; numbers are hexadecimal, N stands for the IR, @ for its bit:
 *   +n -n        raise, lower line IRn
 *   c= d= e=     write A0 = 0, A0 = 1, ELCR;   c? d? e? read and compare
 *   init=1101    ICW1 = 11, ICW2 to 4 as it calls for, ICW4 = 01
 *   base         write this chip's ICW2
 *   irr? isr?    by OCW3 and a read;   int?  the INT output
 *   pin?         INTR as the master's pin has it
 *   poll?        by OCW3 and a read
 *   inta?n       INTA answers with IRn; the other chip's ISR bit is ended
 *   default7     INTA answers with a spurious IR7 of this chip, as inta?
 *   v? v!        INTA answers with this vector, real or spurious
 *   reset        machine reset of this chip;   withdrawn  set the property
 */
typedef struct Script {
    const char *path;
    unsigned where;
    const char *words;
} Script;

static const Script scripts[] = {
    /*
     * "the edge sense circuit is reset ... must make a low-to-high transition
     * to generate an interrupt"
     */
    { "icw1/edge-sense-is-reset", B,
      "+N int?1 init=1101 irr?00 int?0 -N +N int?1 inta?N" },
    { "icw1/held-line-driven-again-is-no-edge", B,
      "+N init=1101 +N irr?00 int?0 +N int?0" },
    { "icw1/held-line-acknowledged-before", B,
      "+N inta?N init=1101 int?0 +N int?0 -N +N inta?N" },
    { "icw1/pulse-before-is-forgotten", B, "+N -N int?1 init=1101 int?0" },
    { "icw1/keeps-level-pins", B | LEVEL,
      "e=@ +N int?1 init=1101 irr?@ int?1 inta?N" },
    { "icw1/level-line-lowered-afterwards", B | LEVEL,
      "e=@ +N init=1101 int?1 -N int?0 irr?00" },
    { "icw1/drops-int-at-once", B, "+N int?1 c=11 int?0" },
    /* "the Interrupt Mask Register is cleared" */
    { "icw1/imr-is-cleared", B, "d=ff c=11 d?00 base d=04 d=01 d?00" },
    { "icw1/isr-is-cleared", B, "+1 inta?1 init=1101 isr?00 +5 int?1 inta?5" },
    /* "IR7 input is assigned priority 7" */
    { "icw1/priority-is-reset", B, "c=c3 init=1101 +4 +0 inta?0" },
    /* "Special Mask Mode is cleared and Status Read is set to IRR" */
    { "icw1/smm-is-cleared", B, "c=68 init=1101 +1 inta?1 d=02 +5 int?0" },
    { "icw1/status-read-is-irr", B, "c=0b init=1101 +3 c?08" },
    { "icw1/poll-is-forgotten", B, "+3 c=0c init=1101 -3 +3 c?08 isr?00" },
    { "icw1/rotation-in-aeoi-is-cleared", B,
      "c=80 init=1103 +3 inta?3 +4 +0 inta?0" },
    /* "If IC4 = 0, then all functions selected in ICW4 are set to zero" */
    { "icw1/ic4-clear-ends-aeoi", B, "init=1103 init=1000 +1 inta?1 isr?02" },
    { "icw1/ic4-clear-ends-sfnm", M,
      "minit=1111 minit=1000 s+3 v?73 s+1 mint?0" },
    { "icw1/low-bit-4-is-not-icw1", B, "+3 c=0b d=55 d?55 irr?08" },
    { "icw1/bits-7-to-5-and-2-do-not-matter", B,
      "init=f501 +3 inta?3 d=81 d?81" },
    { "icw1/of-the-slave-drops-ir2", S, "s+3 mint?1 sc=11 mint?0 mirr?00" },
    { "icw1/of-the-master-keeps-the-slave", M,
      "s+3 mc=11 mint?0 mbase md=04 md=01 mint?1 v?73" },

    /* LTIM, SNGL, IC4 */
    { "ltim/level-requests-while-held", B,
      "init=1901 +N irr?@ inta?N c=6N int?1 inta?N -N c=6N int?0 irr?00" },
    { "ltim/withdrawn-level-is-gone", B, "init=1901 +N int?1 -N int?0 irr?00" },
    { "ltim/held-line-requests-once-level", B, "+N init=1901 int?1 inta?N" },
    { "ltim/off-again-needs-an-edge", B,
      "init=1901 +N init=1101 int?0 -N +N inta?N c=6N int?0" },
    { "ltim/cascade", M,
      "minit=1901 s+3 mint?1 v?73 mirr?00 mc=20 sc=20 mint?0" },
    { "init/icw2-icw3-icw4", B, "c=11 base d=00 d=01 d=5a d?5a +0 inta?0" },
    { "init/icw2-icw3", B, "c=10 base d=00 d=5a d?5a +0 inta?0" },
    { "init/sngl-icw2-icw4", B, "c=13 base d=01 d=5a d?5a +0 inta?0" },
    { "init/sngl-icw2", B, "c=12 base d=5a d?5a +0 inta?0" },
    { "init/started-again-half-way", B,
      "c=11 base c=11 base d=00 c=11 base d=00 d=01 d=5a d?5a" },
    { "init/no-int-before-the-end", B | LEVEL,
      "e=@ +N c=11 int?0 base int?0 d=00 int?0 d=01 int?1 inta?N" },
    { "init/no-int-before-the-end-sngl", B | LEVEL,
      "e=@ +N c=13 int?0 base int?0 d=01 int?1 inta?N" },
    { "init/no-int-before-the-end-no-icw4", B | LEVEL,
      "e=@ +N c=10 int?0 base int?0 d=00 int?1 inta?N" },
    { "init/edge-meanwhile-is-kept", B,
      "c=11 +N int?0 base d=00 int?0 d=01 int?1 inta?N" },
    { "init/no-poll-before-the-end", B,
      "c=11 base +3 poll?00 d=00 d=01 poll?83" },
    { "init/slave-half-way-does-not-ask", S,
      "sc=11 sbase s+3 mint?0 mirr?00 sd=02 sd=01 mint?1 v?73" },
    { "init/inta-meanwhile-is-spurious", M, "m+3 mc=11 v!0f misr?00" },
    { "icw2/low-bits-do-not-matter-master", M,
      "mc=11 md=47 md=04 md=01 m+3 v?43" },
    { "icw2/low-bits-do-not-matter-slave", S,
      "sc=11 sd=ff sd=02 sd=01 s+3 v?fb" },
    { "icw4/buffered-mode-does-not-matter", B, "init=110d +3 inta?3 isr?08" },
    { "icw4/mcs80-bit-does-not-matter", B, "init=1100 +3 inta?3 isr?08" },
    { "icw4/aeoi-off-again", B, "init=1103 init=1101 +3 inta?3 isr?08" },

    /* "M = 1 indicates the channel is masked (inhibited)" */
    { "ocw1/masks-its-channel", B, "d=@ +N int?0 irr?@ d=00 int?1 inta?N" },
    { "ocw1/masks-a-request-made-before", B, "+N int?1 d=@ int?0 irr?@" },
    { "ocw1/edge-while-masked-is-kept", B, "d=ff +N -N int?0 d=00 inta?N" },
    /* "Masking an IR channel does not affect the other channels operation" */
    { "ocw1/lower-lines-are-not-affected", B, "d=0b +1 +5 inta?5 isr?20" },
    { "ocw1/in-service-is-not-affected", B,
      "+3 inta?3 d=08 isr?08 c=20 isr?00" },
    { "ocw1/masked-in-service-still-inhibits", B,
      "+1 inta?1 d=02 +5 int?0 c=20 int?1 inta?5" },
    { "ocw1/of-ir2-masks-the-slave", S,
      "md=04 s+3 mint?0 sint?1 md=00 mint?1 v?73" },

    /* OCW3 */
    { "ocw3/reads-irr", B, "+N c=0a c?@ c?@" },
    { "ocw3/reads-isr", B, "+N inta?N c=0b c?@ c?@ -N +N c?@ c=0a c?@" },
    /* It "remembers whether the IRR or ISR has been previously selected" */
    { "ocw3/selection-is-remembered", B,
      "+1 inta?1 +5 c=0b c?02 c?02 d?00 c?02 c=0a c?20 c?20" },
    { "ocw3/rr-clear-keeps-isr", B, "+1 inta?1 +5 c=0b c=08 c?02" },
    { "ocw3/rr-clear-keeps-irr", B, "+1 inta?1 +5 c=0a c=09 c?20" },
    { "ocw3/a0-high-reads-imr", B, "d=a5 +1 c=0b d?a5 c=0a d?a5" },

    /* "treats the next RD pulse as an interrupt acknowledge" */
    { "poll/acknowledges", B,
      "+N poll?8N isr?@ irr?00 int?0 c=6N isr?00 poll?00" },
    { "poll/pulse", B, "+N -N poll?8N isr?@ irr?00" },
    { "poll/nothing-pending", B, "poll?00 isr?00 irr?00" },
    { "poll/is-one-read", B, "+3 +5 c=0c c?83 c?20" },
    { "poll/at-a0-high-too", B, "d=80 +3 c=0c d?83 d?80 isr?08" },
    { "poll/cancelled-by-p-clear", B, "+3 c=0c c=08 c?08 isr?00 int?1" },
    /* "Polling overrides status read when P = 1, RR = 1 in OCW3" */
    { "poll/overrides-status-read", B, "+3 c=0f c?83 c?08" },
    { "poll/waits-for-the-read", B, "+3 c=0c c=40 -3 +5 c?83" },
    { "poll/elcr-read-is-no-poll", B, "+3 c=0c e?00 c?83" },
    { "poll/masked", B, "d=@ +N poll?00 irr?@ isr?00" },
    { "poll/fully-nested", B,
      "+3 poll?83 +5 poll?00 +1 poll?81 c=20 poll?00 c=20 poll?85" },
    { "poll/rotated-priority", B, "+3 +5 c=c4 poll?85" },
    { "poll/aeoi", B, "init=1103 +N poll?8N isr?00 poll?00" },
    { "poll/aeoi-rotates", B, "init=1103 c=80 +3 poll?83 +4 +0 poll?84" },
    { "poll/level", B | LEVEL,
      "e=@ +N poll?8N c=6N poll?8N -N c=6N poll?00" },
    { "poll/of-the-master-leaves-the-slave", M,
      "s+3 mpoll?82 misr?04 sisr?00 sirr?08 sint?1 mint?0 mc=62 mint?1 v?73" },
    { "poll/of-the-slave-drops-ir2", S,
      "s+N mirr?04 mint?1 spoll?8N mirr?00 mint?0 sc=6N mint?0" },
    { "poll/of-the-slave-leaves-no-irq15", S, "s+3 spoll?83 v!0f misr?00" },
    { "poll/of-both", B, "s+3 mpoll?82 spoll?83 mirr?00 mc=20 sc=20 mint?0" },
    { "poll/of-the-slave-second-request", S,
      "s+3 s+5 spoll?83 mint?0 sc=63 mint?1 v?75" },
    { "poll/of-the-slave-higher-request", S,
      "s+3 spoll?83 mint?0 s+1 mint?1 v?71" },

    /* Fully nested mode */
    { "nested/order-of-service", B,
      "+7 +5 +3 +0 inta?0 c=20 inta?3 c=20 inta?5 c=20 inta?7 c=20 int?0" },
    { "nested/higher-interrupts-lower", B,
      "+5 inta?5 +3 int?1 inta?3 isr?28 c=20 isr?20 int?0 c=20 isr?00" },
    { "nested/lower-waits", B, "+3 inta?3 +5 int?0 irr?20 c=20 int?1 inta?5" },
    { "nested/same-level-waits", B,
      "+N inta?N -N +N irr?@ int?0 c=6N int?1 inta?N" },
    { "nested/slave-in-service-locks-the-slave-out", S,
      "s+3 v?73 s+1 sint?1 mint?0 mc=20 mint?1 v?71" },
    { "nested/master-above-the-slave", M, "s+3 v?73 m+1 mint?1 v?09" },
    { "nested/master-below-the-slave", M,
      "s+3 v?73 m+3 mint?0 sc=20 mint?0 mc=20 mint?1 v?0b" },
    { "nested/slave-first-then-master", M, "s+0 m+3 v?70 mc=20 sc=20 v?0b" },

    /* "this slave is not locked out from the master's priority logic" */
    { "sfnm/slave-is-not-locked-out", M,
      "minit=1111 s+3 v?73 s+1 mint?1 v?71 sisr?0a misr?04" },
    { "sfnm/slave-stays-nested", M, "minit=1111 s+3 v?73 s+5 s-3 s+3 mint?0" },
    { "sfnm/lower-master-inputs-wait", M,
      "minit=1111 s+3 v?73 m+N mint?0" },
    { "sfnm/higher-master-inputs", M,
      "minit=1111 s+3 v?73 m+0 v?08 m+1 mint?0" },
    { "sfnm/other-inputs-stay-nested", M,
      "minit=1111 m+3 v?0b m-3 m+3 mint?0 m+4 mint?0" },
    { "sfnm/slave-waits-for-a-higher-master-input", M,
      "minit=1111 m+1 v?09 s+3 mint?0 mc=20 mint?1 v?73" },
    { "sfnm/end-of-interrupt", M,
      "minit=1111 s+3 v?73 s+1 v?71 sc=20 sisr?08 sc=20 sisr?00 mc=20 misr?00"
      " mint?0" },
    { "sfnm/rotated-priority", M,
      "minit=1111 mc=c3 s+3 v?73 m+3 mint?0 m+0 mint?1 v?08" },
    { "sfnm/off-again", M, "minit=1111 minit=1101 s+3 v?73 s+1 mint?0" },
    { "sfnm/of-the-slave-does-nothing", S,
      "sinit=1111 s+2 v?72 mc=20 s-2 s+2 sint?0 mint?0" },
    { "sfnm/single-master-has-no-slave", M,
      "minit=1311 s+3 v?0a spoll?83 s+1 mirr?04 mint?0" },

    /* "enables interrupts from all other levels (lower as well as higher)" */
    { "smm/lower-level-interrupts", B,
      "+1 inta?1 +5 int?0 d=02 int?0 c=68 int?1 inta?5" },
    { "smm/higher-level-interrupts", B,
      "+5 inta?5 d=20 c=68 +1 int?1 inta?1" },
    /* "inhibits further interrupts at that level" */
    { "smm/same-level-waits", B, "+1 inta?1 d=02 c=68 -1 +1 int?0 irr?02" },
    { "smm/unmasked-in-service-inhibits", B, "+1 inta?1 c=68 +5 int?0" },
    { "smm/left-by-ocw3", B, "+1 inta?1 d=02 c=68 +5 int?1 c=48 int?0" },
    { "smm/unmasked-again", B, "+1 inta?1 d=02 c=68 +5 int?1 d=00 int?0" },
    { "smm/esmm-clear-keeps-it", B, "+1 inta?1 d=02 c=68 c=08 +5 int?1" },
    { "smm/esmm-clear-does-not-set-it", B, "+1 inta?1 d=02 c=28 +5 int?0" },
    /*
     * "an IS bit that is masked by an IMR bit will not be cleared by a
     * non-specific EOI"
     */
    { "smm/eoi-skips-masked", B,
      "+1 inta?1 d=02 c=68 +5 inta?5 isr?22 c=20 isr?02 c=20 isr?02" },
    { "smm/eoi-skips-masked-only-in-smm", B,
      "+1 inta?1 d=02 c=20 isr?00" },
    { "smm/specific-eoi-does-not", B,
      "+1 inta?1 d=02 c=68 +5 inta?5 c=61 isr?20" },
    { "smm/rotating-eoi-skips-masked", B,
      "+1 inta?1 d=02 c=68 +5 inta?5 c=a0 isr?02 c=61 d=00 +6 +0 inta?6" },
    { "smm/rotating-eoi-with-none-left", B,
      "+1 inta?1 d=02 c=68 c=a0 isr?02 c=61 d=00 +3 +0 inta?0" },
    { "smm/poll", B, "+1 poll?81 d=02 +5 poll?00 c=68 poll?85 isr?22" },
    { "smm/slave", S,
      "s+1 v?71 mc=20 sd=02 s+5 mint?0 sc=68 mint?1 v?75 sisr?22" },

    /* AEOI: "at the trailing edge of the last interrupt acknowledge pulse" */
    { "aeoi/leaves-no-is-bit", B, "init=1103 +N inta?N isr?00 irr?00 int?0" },
    { "aeoi/second-request", B, "init=1103 +3 +5 inta?3 int?1 inta?5 int?0" },
    { "aeoi/same-line-at-once", B, "init=1103 +N inta?N -N +N inta?N" },
    { "aeoi/level-requests-while-held", B | LEVEL,
      "e=@ init=1103 +N inta?N int?1 inta?N -N int?0" },
    { "aeoi/of-the-slave-second-request", S,
      "sinit=1103 s+3 s+5 v?73 mint?0 mirr?04 mc=20 mint?1 v?75 mc=20 mint?0" },
    { "aeoi/of-both-second-request", B,
      "minit=1103 sinit=1103 s+3 s+5 v?73 mint?1 v?75 mint?0 misr?00" },
    { "aeoi/of-the-master-only", M,
      "minit=1103 s+3 v?73 misr?00 sisr?08 s+1 mint?1 v?71 s+5 mint?0" },
    { "aeoi/rotation-off", B, "init=1103 c=80 c=00 +3 inta?3 +4 +0 inta?0" },
    { "aeoi/rotation-needs-aeoi", B, "c=80 +3 inta?3 c=63 +4 +0 inta?0" },
    { "aeoi/rotation-of-the-slave-on-ir2", M,
      "minit=1103 mc=80 s+3 v?73 m+3 m+1 v?0b v?09" },

    /* "must remain high until after the falling edge of the first INTA" */
    { "edge/held-line-requests-once", B,
      "+N int?1 irr?@ inta?N isr?@ irr?00 c=6N int?0 irr?00" },
    { "edge/driven-high-again-is-no-edge", B,
      "+N inta?N c=6N +N int?0 irr?00" },
    { "edge/next-edge-requests", B, "+N inta?N c=6N -N int?0 +N inta?N" },
    { "edge/during-service-is-kept", B,
      "+N inta?N -N +N int?0 c=6N int?1 inta?N" },
    { "edge/two-before-inta-are-one", B, "+N -N +N inta?N c=6N int?0" },
    { "edge/falling-does-nothing", B, "+N inta?N c=6N -N int?0 irr?00" },
    { "edge/lowering-a-low-line", B, "-N int?0 irr?00 +N inta?N" },
    /* The project's choice, which QEMU's HPET and KVM's PIT rely on */
    { "withdrawn/edge-keeps-its-vector", B, "+N -N int?1 irr?@ inta?N isr?@" },
    /* "If the IR input goes low before this time a DEFAULT IR7 will occur" */
    { "withdrawn/edge-is-ir7", B,
      "withdrawn +N -N int?1 default7 isr?00 irr?00 int?0" },
    { "withdrawn/pin-high-again", B, "withdrawn +N -N +N inta?N isr?@" },
    { "withdrawn/pin-high", B, "withdrawn +N inta?N isr?@" },
    { "withdrawn/poll", B, "withdrawn +N -N poll?00 isr?00 irr?00 int?0" },
    { "withdrawn/level-is-gone-anyhow", B | LEVEL,
      "withdrawn e=@ +N inta?N c=6N int?1 -N int?0 irr?00" },
    { "withdrawn/others-are-not-affected", B,
      "withdrawn +1 -1 +5 default7 int?1 inta?5 isr?20" },
    { "withdrawn/single-master-slave-int", M,
      "withdrawn minit=1301 s+3 v?0a misr?04" },
    { "withdrawn/slave-sets-isr2-of-the-master", S,
      "withdrawn s+3 s-3 v!77 misr?04 sisr?00 mc=20 mint?0" },

    { "level/requests-while-held", B | LEVEL,
      "e=@ +N irr?@ inta?N int?0 irr?@ c=6N int?1 inta?N -N c=6N int?0" },
    { "level/irr-follows-the-pin", B | LEVEL, "e=@ +N irr?@ -N irr?00 int?0" },
    { "level/lowered-while-masked", B | LEVEL, "e=@ d=ff +N -N d=00 int?0" },

    /*
     * "A normal IR7 interrupt will set the corresponding ISR bit, a default
     * IR7 won't."
     */
    { "spurious/irq7", M, "v!0f misr?00 mirr?00 mint?0" },
    { "spurious/irq7-after-mask", M, "m+3 md=08 v!0f misr?00 md=00 v?0b" },
    { "spurious/irq7-after-level-withdrawn", M,
      "me=10 m+4 mint?1 m-4 mint?0 v!0f misr?00" },
    { "spurious/real-irq7", M, "m+7 v?0f misr?80" },
    { "spurious/irq7-while-irq7-in-service", M, "m+7 v?0f v!0f misr?80" },
    { "spurious/irq7-while-another-in-service", M, "m+3 v?0b v!0f misr?08" },
    { "spurious/irq7-aeoi", M, "minit=1103 mc=80 v!0f misr?00 m+1 m+0 v?08" },
    { "spurious/irq7-after-slave-mask", S, "s+3 sd=08 mint?0 v!0f sisr?00" },
    { "spurious/irq7-after-slave-level", S,
      "se=10 s+4 mint?1 s-4 mint?0 v!0f misr?00" },
    { "spurious/real-irq15", S, "s+7 v?77 sisr?80 misr?04" },
    { "spurious/irq15-sets-isr2-only", M | STAY,
      "m+2 mint?1 mirr?04 v!77 misr?04 sisr?00 mirr?00" },
    { "spurious/irq15-needs-one-eoi", M | STAY, "m+2 v!77 mc=20 mint?0" },
    { "spurious/irq15-aeoi", M | STAY, "minit=1103 m+2 v!77 misr?00" },
    { "spurious/irq15-while-irq15-in-service", M | STAY,
      "s+7 v?77 mc=20 m+2 v!77 sisr?80 sc=20 mc=20 misr?00" },

    { "cascade/each-line", S,
      "s+N mirr?04 mint?1 inta?N isr?@ mirr?00 c=6N mint?0" },
    { "cascade/slave-eoi-lets-the-next-ask", S,
      "s+3 s+5 v?73 mc=20 mint?0 sc=20 mint?1 v?75" },
    { "cascade/line2-pulse-latches", M | STAY, "m+2 m-2 mint?1 v!77" },
    { "cascade/line2-outlives-the-slave", M | STAY,
      "s+3 m+2 spoll?83 mirr?04 mint?1 v!77" },
    { "cascade/line2-and-the-slave-share-an-inta", M | STAY,
      "s+3 m+2 v?73 mirr?00 mc=20 sc=20 mint?0" },
    { "cascade/line2-level", M | STAY,
      "minit=1901 m+2 mint?1 v!77 mc=20 mint?1 m-2 mint?0" },

    /* SNGL: "this is the only 8259A in the system" */
    { "sngl/ir2-is-an-ordinary-input", M | STAY,
      "minit=1301 m+2 v?0a misr?04 sisr?00 mc=20 mint?0" },
    { "sngl/no-inta-to-the-slave", M,
      "minit=1301 s+3 mint?1 v?0a misr?04 sisr?00 sirr?08 sint?1"
      " mc=20 mint?0" },
    { "sngl/slave-int-must-rise-again", M,
      "minit=1301 s+3 v?0a mc=20 s+1 mint?0 spoll?81 sc=21 mint?1 v?0a" },
    { "sngl/slave-polled", M,
      "minit=1301 s+3 mirr?04 spoll?83 mirr?00 mint?0" },
    { "sngl/slave-masked", M,
      "minit=1301 s+3 sd=08 mirr?00 sd=00 mint?1 v?0a" },
    { "sngl/level-follows-the-slave", M,
      "minit=1b01 s+3 v?0a mc=20 mint?1 spoll?83 mint?0" },
    { "sngl/icw1-resets-the-edge", M,
      "minit=1301 s+3 minit=1301 mirr?00 mint?0 spoll?83 sc=63 s-3 s+3 v?0a" },
    { "sngl/cascaded-again", M, "minit=1301 s+3 v?0a minit=1101 mint?1 v?73" },
    { "sngl/line2-and-the-slave-are-two-edges", M | STAY,
      "minit=1301 s+3 v?0a mc=20 mint?0 m+2 mint?1 v?0a mc=20 mint?0" },
    { "sngl/one-acknowledge-for-both", M | STAY,
      "minit=1301 s+3 m+2 v?0a mc=20 mint?0 mirr?00" },
    { "sngl/of-the-slave-changes-nothing", S, "sinit=1301 s+3 mint?1 v?73" },

    { "elcr/reserved-bits-master", M, "me=ff me?f8 me=07 me?00 me=a8 me?a8" },
    { "elcr/reserved-bits-slave", S, "se=ff se?de se=21 se?00 se=4a se?4a" },
    { "elcr/irq0-stays-edge", M, "me=ff m+0 v?08 mc=20 mint?0" },
    { "elcr/irq1-stays-edge", M, "me=ff m+1 v?09 mc=20 mint?0" },
    { "elcr/irq8-stays-edge", S, "se=ff s+0 inta?0 sc=20 mint?0" },
    { "elcr/irq13-stays-edge", S, "se=ff s+5 inta?5 sc=20 mint?0" },
    { "elcr/kept-by-icw1", B, "e=50 init=1101 e?50" },
    { "elcr/to-level-requests-at-once", B | LEVEL,
      "+N inta?N c=6N int?0 e=@ int?1 irr?@ inta?N" },
    { "elcr/to-level-drops-a-withdrawn-edge", B | LEVEL,
      "+N -N int?1 e=@ int?0 irr?00 e=00 int?0" },
    { "elcr/to-edge-withdraws-a-level", B | LEVEL,
      "e=@ +N int?1 e=00 int?0 irr?00 +N int?0 -N +N int?1 inta?N" },
    { "elcr/others-keep-their-edge", B | LEVEL,
      "+0 -0 e=@ irr?01 inta?0" },
    { "elcr/of-the-slave-drops-ir2", S, "se=10 s+4 mint?1 se=00 mint?0" },

    /*
     * "the IR inputs must remain high until after the falling edge of the
     * first INTA": INT falls with a line that does not
     */
    { "pin/falls-with-an-edge's-line", B,
      "pin?0 +N pin?1 int?1 -N pin?0 int?1 inta?N" },
    { "pin/each-tick-is-a-rise", B,
      "+N pin?1 -N pin?0 +N pin?1 -N pin?0 irr?@ +N pin?1 inta?N pin?0" },
    { "pin/level", B | LEVEL, "e=@ +N pin?1 inta?N pin?0 c=6N pin?1 -N pin?0" },
    { "pin/ltim", B, "init=1901 +N pin?1 -N pin?0 int?0" },
    { "pin/masked", B, "d=@ +N pin?0 d=00 pin?1 d=@ pin?0 -N d=00 pin?0" },
    { "pin/inta", B, "+N inta?N pin?0 c=6N pin?0 -N +N pin?1" },
    { "pin/inta-after-the-fall", B, "+N -N inta?N pin?0 c=6N pin?0 +N pin?1" },
    { "pin/poll", B, "+N pin?1 poll?8N pin?0" },
    { "pin/another-line-holds-it", B, "+3 +5 -3 pin?1 -5 pin?0 int?1" },
    { "pin/withdrawn-hides-no-lower-line", B, "+1 -1 +5 pin?1 inta?1 pin?0" },
    { "pin/in-service", B, "+1 inta?1 +5 pin?0 c=61 pin?1 -5 pin?0 +0 pin?1" },
    { "pin/smm", B, "c=68 +1 inta?1 +5 pin?0 d=02 pin?1" },
    { "pin/aeoi", B, "init=1103 +N inta?N pin?0 -N +N pin?1" },
    { "pin/held-line-at-icw1", B, "+N pin?1 init=1101 pin?0 -N +N pin?1" },
    { "pin/initialisation", B | LEVEL,
      "e=@ +N pin?1 c=11 pin?0 base d=00 pin?0 d=01 pin?1" },
    { "pin/slave-masked-by-the-master", S,
      "md=04 +N pin?0 md=00 pin?1 -N pin?0" },
    { "pin/slave-behind-the-master", S,
      "m+1 v?09 +N pin?0 sint?1 mc=61 pin?1 -N pin?0 mint?1" },
    { "pin/slave-half-way", S, "c=11 base s+3 pin?0 sd=02 sd=01 pin?1" },
    { "pin/sfnm", M, "minit=1111 s+3 v?73 s+1 pin?1 s-1 pin?0 mint?1" },
    { "pin/sngl-of-the-master", M,
      "minit=1301 s+3 pin?1 s-3 pin?0 mint?1 s+3 pin?1 v?0a pin?0" },
    { "pin/withdrawn-is-spurious", B,
      "withdrawn +N pin?1 -N pin?0 default7 pin?0 +N pin?1" },
    { "pin/reset", B, "+N pin?1 reset pin?0" },

    { "reset/forgets-requests", B, "+N int?1 reset int?0 irr?00 +N int?1" },
    { "reset/forgets-level-lines", B | LEVEL, "e=@ +N reset e=@ int?0 irr?00" },
    { "reset/forgets-elcr", B, "e=50 reset e?00" },
    { "reset/forgets-ltim", B, "init=1901 reset +N poll?8N c=6N int?0" },
    { "reset/forgets-imr-and-isr", B,
      "+1 inta?1 d=55 reset d?00 isr?00" },
    { "reset/ends-initialisation", B, "c=11 reset d=5a d?5a" },
    { "reset/vectors-from-0", M, "mreset m+3 v?03" },
    { "reset/of-the-slave-drops-ir2", S, "s+3 mint?1 sreset mint?0 mirr?00" },
    { "reset/of-the-master-keeps-the-slave", M, "s+3 mreset mint?1 v?73" },
};

typedef struct Run {
    I8259Pair p;
    I8259Which chip;
    unsigned ir;
    bool moved;
    const Script *script;
    unsigned command;
} Run;

typedef void WordFn(I8259Pair *p, I8259Which chip, unsigned arg);

static void word_raise(I8259Pair *p, I8259Which chip, unsigned arg)
{
    i8259_pair_set_line(p, arg + (chip == I8259_SLAVE ? 8 : 0), true);
}

static void word_lower(I8259Pair *p, I8259Which chip, unsigned arg)
{
    i8259_pair_set_line(p, arg + (chip == I8259_SLAVE ? 8 : 0), false);
}

static void word_elcr(I8259Pair *p, I8259Which chip, unsigned arg)
{
    i8259_pair_elcr_write(p, chip, (uint8_t)arg);
}

static void word_init(I8259Pair *p, I8259Which chip, unsigned arg)
{
    init_chip(p, chip, arg >> 8, arg & 0xff);
}

static void word_base(I8259Pair *p, I8259Which chip, unsigned arg)
{
    data(p, chip, base_of(chip));
}

static void expect_a0_low(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmphex(i8259_pair_read(p, chip, 0), ==, arg);
}

static void expect_a0_high(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmphex(i8259_pair_read(p, chip, 1), ==, arg);
}

static void expect_elcr(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmphex(i8259_pair_elcr_read(p, chip), ==, arg);
}

static void expect_irr(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmphex(i8259_pair_irr(p, chip), ==, arg);
    g_assert_cmphex(read_irr(p, chip), ==, arg);
}

static void expect_isr(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmphex(read_isr(p, chip), ==, arg);
}

static void expect_int(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmpuint(i8259_pair_int(p, chip), ==, arg);
    if (chip == I8259_MASTER) {
        g_assert_cmpuint(p->intr, ==, arg);
    }
}

static void expect_pin(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmpuint(i8259_pair_pin(p), ==, arg);
}

static void expect_poll(I8259Pair *p, I8259Which chip, unsigned arg)
{
    g_assert_cmphex(poll_chip(p, chip), ==, arg);
}

static void expect_vector(I8259Pair *p, I8259Which chip, unsigned arg)
{
    I8259Inta inta = inta_cycle(p);

    g_assert_cmphex(inta.vector, ==, arg);
    g_assert_false(inta.spurious);
}

static void expect_spurious_vector(I8259Pair *p, I8259Which chip, unsigned arg)
{
    I8259Inta inta = inta_cycle(p);

    g_assert_cmphex(inta.vector, ==, arg);
    g_assert_true(inta.spurious);
    g_assert_cmpuint(inta.irq, ==, arg == SLAVE_BASE + 7 ? 15 : 7);
}

static void expect_spurious(I8259Pair *p, I8259Which chip, unsigned arg)
{
    expect_spurious_vector(p, chip, base_of(chip) + 7u);
    if (chip == I8259_SLAVE) {
        g_assert_cmphex(read_isr(p, I8259_MASTER), ==, 0x04);
        cmd(p, I8259_MASTER, 0x60 | I8259_CASCADE);
    }
}

static void word_reset(I8259Pair *p, I8259Which chip, unsigned arg)
{
    i8259_pair_reset_chip(p, chip);
}

static void word_withdrawn(I8259Pair *p, I8259Which chip, unsigned arg)
{
    p->withdrawn_is_spurious = true;
}

static const struct {
    const char *name;
    WordFn *fn;
} words[] = {
    { "+", word_raise }, { "-", word_lower },
    { "c=", cmd }, { "d=", data }, { "e=", word_elcr },
    { "c?", expect_a0_low }, { "d?", expect_a0_high }, { "e?", expect_elcr },
    { "init=", word_init }, { "base", word_base },
    { "irr?", expect_irr }, { "isr?", expect_isr }, { "int?", expect_int },
    { "pin?", expect_pin },
    { "poll?", expect_poll }, { "inta?", take },
    { "default7", expect_spurious },
    { "v?", expect_vector }, { "v!", expect_spurious_vector },
    { "reset", word_reset }, { "withdrawn", word_withdrawn },
};

static void run_word(I8259Pair *p, I8259Which chip, const char *word)
{
    unsigned i;

    if (*word == 'm' || *word == 's') {
        chip = *word++ == 'm' ? I8259_MASTER : I8259_SLAVE;
    }
    for (i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_has_prefix(word, words[i].name)) {
            const char *arg = word + strlen(words[i].name);

            words[i].fn(p, chip, (unsigned)g_ascii_strtoull(arg, NULL, 16));
            return;
        }
    }
    g_error("no such word: %s", word);
}

static char *fill_in(const char *text, unsigned ir)
{
    GString *s = g_string_new(NULL);

    for (; *text; text++) {
        if (*text == 'N') {
            g_string_append_printf(s, "%u", ir);
        } else if (*text == '@') {
            g_string_append_printf(s, "%02x", 1u << ir);
        } else {
            g_string_append_c(s, *text);
        }
    }
    return g_string_free(s, FALSE);
}

static void test_script(gconstpointer opaque)
{
    const Run *r = opaque;
    g_autofree char *text = fill_in(r->script->words, r->ir);
    g_auto(GStrv) list = g_strsplit(text, " ", -1);
    I8259Pair p, other;
    unsigned i;

    g_test_message("%s", text);
    power_on(&p);
    for (i = 0; list[i]; i++) {
        run_word(&p, r->chip, list[i]);
        g_assert_true(i8259_pair_int(&p, I8259_MASTER) ||
                      !i8259_pair_pin(&p));
        if (g_test_failed()) {
            g_test_message("failed at step %u: %s", i, list[i]);
            return;
        }
        if (r->moved) {
            i8259_pair_init(&other, MASTER_ELCR, SLAVE_ELCR);
            move_state(&p, &other, i & 1);
            p = other;
        }
    }
}

/* All eight levels in service at once, the lowest taken first */
static void fill_isr(I8259Pair *p, I8259Which chip)
{
    int ir;

    for (ir = 7; ir >= 0; ir--) {
        set_ir(p, chip, (unsigned)ir, true);
        take(p, chip, (unsigned)ir);
        set_ir(p, chip, (unsigned)ir, false);
    }
    g_assert_cmphex(read_isr(p, chip), ==, 0xff);
}

/* All eight at once are served from the one below @bottom round to @bottom */
static void expect_bottom(I8259Pair *p, I8259Which chip, unsigned bottom)
{
    unsigned ir;

    for (ir = 0; ir < 8; ir++) {
        cmd(p, chip, 0x60 | ir);
        set_ir(p, chip, ir, true);
    }
    for (ir = 0; ir < 8; ir++) {
        unsigned next = (bottom + 1 + ir) & 7;

        take(p, chip, next);
        cmd(p, chip, 0x60 | next);
    }
    g_assert_false(i8259_pair_int(p, chip));
}

/* The datasheet's OCW2 table: R, SL, EOI and what each pattern does */
static const struct {
    const char *name;
    I8259OCW2 command;
    enum { ENDS_NONE, ENDS_HIGHEST, ENDS_LEVEL } ends;
    enum { KEEPS, ROTATES_ENDED, ROTATES_LEVEL } priority;
} ocw2_table[] = {
    { "rotate-in-aeoi-clear", OCW2_ROTATE_AEOI_CLEAR, ENDS_NONE, KEEPS },
    { "non-specific-eoi", OCW2_EOI, ENDS_HIGHEST, KEEPS },
    { "no-operation", OCW2_NOP, ENDS_NONE, KEEPS },
    { "specific-eoi", OCW2_SPECIFIC_EOI, ENDS_LEVEL, KEEPS },
    { "rotate-in-aeoi-set", OCW2_ROTATE_AEOI_SET, ENDS_NONE, KEEPS },
    { "rotate-on-non-specific-eoi", OCW2_ROTATE_EOI, ENDS_HIGHEST,
      ROTATES_ENDED },
    { "set-priority", OCW2_SET_PRIORITY, ENDS_NONE, ROTATES_LEVEL },
    { "rotate-on-specific-eoi", OCW2_ROTATE_SPECIFIC_EOI, ENDS_LEVEL,
      ROTATES_LEVEL },
};

/* The command with each level, all IS bits set; the row number is R SL EOI */
static void test_ocw2(gconstpointer opaque)
{
    const Run *r = opaque;
    unsigned n = r->command;
    unsigned bottom = 7;
    uint8_t isr = 0xff;
    I8259Pair p;

    g_assert_cmpuint(ocw2_table[n].command, ==, n);
    power_on(&p);
    fill_isr(&p, r->chip);
    cmd(&p, r->chip, n << 5 | r->ir);
    if (ocw2_table[n].ends == ENDS_HIGHEST) {
        isr = 0xfe;
    } else if (ocw2_table[n].ends == ENDS_LEVEL) {
        isr = (uint8_t)~(1u << r->ir);
    }
    if (ocw2_table[n].priority == ROTATES_ENDED) {
        bottom = 0;
    } else if (ocw2_table[n].priority == ROTATES_LEVEL) {
        bottom = r->ir;
    }
    g_assert_cmphex(read_isr(&p, r->chip), ==, isr);
    expect_bottom(&p, r->chip, bottom);
}

/* With no IS bit set nothing ends, and only a level moves the priority */
static void test_ocw2_idle(gconstpointer opaque)
{
    const Run *r = opaque;
    bool rotates = ocw2_table[r->command].priority == ROTATES_LEVEL;
    unsigned bottom = (r->ir + 3) & 7;
    I8259Pair p;

    power_on(&p);
    cmd(&p, r->chip, 0xc0 | bottom);
    cmd(&p, r->chip, r->command << 5 | r->ir);
    g_assert_cmphex(read_isr(&p, r->chip), ==, 0);
    expect_bottom(&p, r->chip, rotates ? r->ir : bottom);
}

/* "Highest" for an EOI is by the rotated priority: the one below bottom */
static void test_rotated_eoi(gconstpointer opaque)
{
    const Run *r = opaque;
    unsigned top = (r->ir + 1) & 7;
    unsigned i;
    uint8_t isr = 0xff;
    I8259Pair p;

    power_on(&p);
    fill_isr(&p, r->chip);
    cmd(&p, r->chip, 0xc0 | r->ir);
    for (i = 0; i < 8; i++) {
        isr &= (uint8_t)~(1u << ((top + i) & 7));
        cmd(&p, r->chip, 0x20);
        g_assert_cmphex(read_isr(&p, r->chip), ==, isr);
    }
    expect_bottom(&p, r->chip, r->ir);
}

/* "all further interrupts of the same or lower priority are inhibited" */
static void test_nesting(gconstpointer opaque)
{
    const Run *r = opaque;
    unsigned bottom, ir;

    for (bottom = 0; bottom < 8; bottom++) {
        for (ir = 0; ir < 8; ir++) {
            unsigned place = (ir - bottom - 1) & 7;
            unsigned served = (r->ir - bottom - 1) & 7;
            I8259Pair p;

            power_on(&p);
            cmd(&p, r->chip, 0xc0 | bottom);
            set_ir(&p, r->chip, r->ir, true);
            take(&p, r->chip, r->ir);
            set_ir(&p, r->chip, r->ir, false);
            set_ir(&p, r->chip, ir, true);
            g_assert_cmpuint(i8259_pair_int(&p, r->chip), ==, place < served);
        }
    }
}

/* "a device, after being serviced, receives the lowest priority", by AEOI */
static void test_aeoi_rotation(gconstpointer opaque)
{
    const Run *r = opaque;
    I8259Pair p;

    power_on(&p);
    init_chip(&p, r->chip, 0x11, 0x03);
    cmd(&p, r->chip, 0x80);
    set_ir(&p, r->chip, r->ir, true);
    take(&p, r->chip, r->ir);
    set_ir(&p, r->chip, r->ir, false);
    cmd(&p, r->chip, 0x00);
    expect_bottom(&p, r->chip, r->ir);
}

/* "T7-T3" with the level below, for any ICW2 and IR */
static void test_icw2(gconstpointer opaque)
{
    const Run *r = opaque;
    unsigned base;

    for (base = 0; base < 256; base++) {
        I8259Inta inta;
        I8259Pair p;

        power_on(&p);
        cmd(&p, r->chip, 0x11);
        data(&p, r->chip, base);
        data(&p, r->chip, 0x04);
        data(&p, r->chip, 0x01);
        word_raise(&p, r->chip, r->ir);
        inta = inta_cycle(&p);
        g_assert_cmphex(inta.vector, ==, (base & 0xf8) | r->ir);
    }
}

/* A PC's wiring is fixed: no value of ICW3 changes where the slave is */
static void test_icw3(gconstpointer opaque)
{
    const Run *r = opaque;
    unsigned icw3;

    for (icw3 = 0; icw3 < 256; icw3++) {
        I8259Pair p;

        power_on(&p);
        cmd(&p, r->chip, 0x11);
        data(&p, r->chip, base_of(r->chip));
        data(&p, r->chip, icw3);
        data(&p, r->chip, 0x01);
        set_ir(&p, r->chip, r->ir, true);
        take(&p, r->chip, r->ir);
    }
}

static void test_ocw1_readback(gconstpointer opaque)
{
    const Run *r = opaque;
    unsigned imr;
    I8259Pair p;

    power_on(&p);
    for (imr = 0; imr < 256; imr++) {
        data(&p, r->chip, imr);
        g_assert_cmphex(i8259_pair_read(&p, r->chip, 1), ==, imr);
    }
}

/* Lines out of range are ignored */
static void test_line_range(gconstpointer opaque)
{
    static const unsigned bad[] = { 16, 17, 24, 255, 256, 0x10000, ~0u };
    I8259Pair p, before;
    unsigned i;

    power_on(&p);
    memcpy(&before, &p, sizeof(p));
    for (i = 0; i < G_N_ELEMENTS(bad); i++) {
        i8259_pair_set_line(&p, bad[i], true);
        i8259_pair_set_line(&p, bad[i], false);
    }
    g_assert_cmpint(memcmp(&before, &p, sizeof(p)), ==, 0);
}

static void add(const char *path, GTestDataFunc fn, const Run *r)
{
    g_test_add_data_func_full(path, g_memdup2(r, sizeof(*r)), fn, g_free);
}

static void add_script(const Script *script, I8259Which chip, int ir)
{
    const char *name = strchr(script->path, '/');
    g_autofree char *path =
        g_strdup_printf("/i8259/%.*s/%s%s", (int)(name - script->path),
                        script->path, chip_name[chip], name);
    g_autofree char *full =
        ir < 0 ? g_strdup(path) : g_strdup_printf("%s/ir%d", path, ir);
    g_autofree char *moved = g_strdup_printf("%s/moved", full);
    Run r = { .script = script, .chip = chip, .ir = ir < 0 ? 0 : (unsigned)ir };

    add(full, test_script, &r);
    if (!(script->where & STAY)) {
        r.moved = true;
        add(moved, test_script, &r);
    }
}

/* Of the master's IRs 0 to 7, 2 is not a line of its own */
static bool holds_for(const Script *script, I8259Which chip, int ir)
{
    bool below = strstr(script->path, "lower-master-inputs");

    if (script->where & LEVEL) {
        return elcr_mask_of(chip) & 1u << ir;
    }
    return chip == I8259_SLAVE || (below ? ir > 2 : ir != I8259_CASCADE);
}

static void add_scripts(void)
{
    unsigned i;
    I8259Which chip;
    int ir;

    for (i = 0; i < G_N_ELEMENTS(scripts); i++) {
        for (chip = 0; chip < I8259_CHIPS; chip++) {
            if (!(scripts[i].where & 1u << chip)) {
                continue;
            }
            if (!strchr(scripts[i].words, 'N')) {
                add_script(&scripts[i], chip, -1);
                continue;
            }
            for (ir = 0; ir < 8; ir++) {
                if (holds_for(&scripts[i], chip, ir)) {
                    add_script(&scripts[i], chip, ir);
                }
            }
        }
    }
}

static void add_each_ir(const char *group, const char *name, GTestDataFunc fn,
                        unsigned command)
{
    Run r = { .command = command };

    for (r.chip = 0; r.chip < I8259_CHIPS; r.chip++) {
        for (r.ir = 0; r.ir < 8; r.ir++) {
            g_autofree char *path =
                g_strdup_printf("/i8259/%s/%s/%s/ir%u", group,
                                chip_name[r.chip], name, r.ir);

            /* IR2 of the master has no vector of its own */
            if (fn != test_icw2 || line_of(r.chip, r.ir) % 8 == r.ir) {
                add(path, fn, &r);
            }
        }
    }
}

int main(int argc, char **argv)
{
    Run master = { .chip = I8259_MASTER }, slave = { .chip = I8259_SLAVE };
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    add_scripts();
    for (i = 0; i < G_N_ELEMENTS(ocw2_table); i++) {
        g_autofree char *idle =
            g_strdup_printf("%s-with-none-in-service", ocw2_table[i].name);

        add_each_ir("ocw2", ocw2_table[i].name, test_ocw2, i);
        add_each_ir("ocw2", idle, test_ocw2_idle, i);
    }
    add_each_ir("ocw2", "non-specific-eoi-after-set-priority",
                test_rotated_eoi, 0);
    add_each_ir("nested", "in-service-inhibits", test_nesting, 0);
    add_each_ir("aeoi", "rotation", test_aeoi_rotation, 0);
    add_each_ir("icw2", "vectors", test_icw2, 0);
    add_each_ir("icw3", "any-value", test_icw3, 0);
    add("/i8259/ocw1/master/reads-back", test_ocw1_readback, &master);
    add("/i8259/ocw1/slave/reads-back", test_ocw1_readback, &slave);
    add("/i8259/lines/out-of-range", test_line_range, &master);
    return g_test_run();
}
