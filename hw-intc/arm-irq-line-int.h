/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of arm-irq-line share. BQL held, everywhere.
 */
#ifndef HW_INTC_ARM_IRQ_LINE_INT_H
#define HW_INTC_ARM_IRQ_LINE_INT_H

#include "hw/qdev-core.h"
#include "accel/kvm/intack/kvm-port.h"
#include "target/arm/intack/irq-level.h"
#include "arm-irq-line.h"

/* "ppi" inputs of a vCPU, as the GICs number them; "spi" inputs */
#define ARM_IRQ_LINE_PRIVATE    32
#define ARM_IRQ_LINE_SPIS_MAX   988

/* The VM of a test, arm-irq-line-model.h */
typedef struct ArmIrqLineModel ArmIrqLineModel;

struct ArmIrqLineState {
    DeviceState parent_obj;

    KVMPort *port;
    IrqLevels levels;
    uint8_t *storage;           /* of levels */
    /* Raises issued: by INTID, or as the "cpu" inputs where there is no GIC */
    uint64_t *raises;
    unsigned n_raises;
    bool refused;               /* and said so, once */
    ArmIrqLineModel *model;     /* NULL: this is a VM */

    /* Properties, or what arm_irq_line_create() was given */
    bool level_memory;
    char *level_spis;
    bool kvm_model;
    uint32_t gic, vcpus, spis;
    bool layout1;
};

/* There is one, or none */
ArmIrqLineState *arm_irq_line(void);

/* arm-irq-line-info.c */

/* Tell the memory which SPIs are level-triggered: "33,40-47" */
bool arm_irq_line_level_spis(IrqLevels *levels, const char *list, Error **errp);
/* Count a raise, for "info irq" */
void arm_irq_line_count(ArmIrqLineState *s, const IrqLine *line);
/* Its part of the class: counters, "info irq" and "info pic" */
void arm_irq_line_info_class_init(ObjectClass *oc);

#endif /* HW_INTC_ARM_IRQ_LINE_INT_H */
