/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest and the host agree on: memory, real mode, segment = 16 bytes.
 */
#ifndef DIFFERENTIAL_GUEST_H
#define DIFFERENTIAL_GUEST_H

#define GUEST_HANDLER_SEGMENT   0x100
#define GUEST_CODE              0x2000  /* the sequence, in segment 0 */
#define GUEST_CODE_END          0xe000
#define GUEST_STACK             0xf000  /* grows down, in segment 0 */
#define GUEST_LOG_SEGMENT       0x1000  /* words: what the guest saw */
#define GUEST_LOG_WORDS         0x8000
#define GUEST_MEMORY            0x20000

/* An OUT to these ports asks for the host, or only leaves and comes back */
#define GUEST_SYNC              0xed
#define GUEST_LEAVE             0xee

/* A word of the log: a byte that was read, a vector, no interrupt */
#define GUEST_BYTE              0x000
#define GUEST_VECTOR            0x100
#define GUEST_NONE              0x200

#endif /* DIFFERENTIAL_GUEST_H */
