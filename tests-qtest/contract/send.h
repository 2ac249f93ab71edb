/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shipped sender of messages to local APICs, for the contract test.
 */
#ifndef CONTRACT_SEND_H
#define CONTRACT_SEND_H

#include "lapic-send.h"
#include "guest.h"

typedef struct Sender {
    LapicSend s;
    LapicSendVCPU vcpu[GUEST_VCPUS];
} Sender;

typedef struct Run Run;

/* All vCPUs of @r's end are there. */
void sender_init(Run *r, bool smm);

/* Steps, see the file scenarios */
int send_msg(Run *r, char **argv, char *result);
int send_self(Run *r, char **argv, char *result);
int send_pin(Run *r, char **argv, char *result);
int send_probe(Run *r, char **argv, char *result);

#endif /* CONTRACT_SEND_H */
