/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The word of KVM_IRQ_LINE on Arm: what line it names, whether KVM takes it,
 * and how to say so.
 *
 * Sources: Documentation/virt/kvm/api.rst (KVM_IRQ_LINE); kvm_vm_ioctl_irq_line
 * (arch/arm64/kvm/arm.c). docs/arm.rst has the word as a picture.
 *
 * Plain C. No function keeps anything, allocates or takes a lock; any thread.
 */
#ifndef TARGET_ARM_IRQ_LINE_H
#define TARGET_ARM_IRQ_LINE_H

/* Bits 27:24 (layout 2) or 31:24 (layout 1) */
typedef enum IrqLineType {
    IRQ_LINE_CPU,               /* IRQ or FIQ of a vCPU; no GIC in the kernel */
    IRQ_LINE_SPI,
    IRQ_LINE_PPI,
    IRQ_LINE_TYPES,
} IrqLineType;

/* The numbers of IRQ_LINE_CPU */
#define IRQ_LINE_CPU_IRQ        0
#define IRQ_LINE_CPU_FIQ        1

#define IRQ_LINE_VCPUS_MAX      4096    /* layout 2: 12 bits */
#define IRQ_LINE_VCPUS_MAX1     256     /* layout 1: 8 bits */
#define IRQ_LINE_PPIS_MAX       128     /* GICv5; 32 before */

typedef struct IrqLine {
    /* Decoded garbage has types of IRQ_LINE_TYPES and above, to 255 */
    unsigned type;
    unsigned vcpu;              /* vCPU id; an SPI has 0 */
    /* IRQ_LINE_CPU_*; else the INTID. 16 bits */
    unsigned number;
} IrqLine;

/*
 * What a VM has. The ranges differ by the version of the GIC, so they are
 * data; irq_line_rules() knows those of KVM.
 */
typedef struct IrqLineRules {
    unsigned gic;               /* 2, 3, 5; 0: there is none in the kernel */
    bool layout2;               /* KVM_CAP_ARM_IRQ_LINE_LAYOUT_2 */
    unsigned vcpus;             /* vCPU ids 0..vcpus-1; 1..IRQ_LINE_VCPUS_MAX */
    unsigned spi_first;         /* 32; GICv5: 0 */
    unsigned spis;              /* 0..988, GICv5: 0..65536 */
    uint64_t ppis[IRQ_LINE_PPIS_MAX / 64];  /* bit n: INTID n may be driven */
} IrqLineRules;

/* Fields, in the order of KVM's checks */
typedef enum IrqLineField {
    IRQ_LINE_FIELD_NONE,
    IRQ_LINE_FIELD_TYPE,
    IRQ_LINE_FIELD_VCPU,
    IRQ_LINE_FIELD_NUMBER,
} IrqLineField;

/* Why a line is refused */
typedef struct IrqLineFault {
    IrqLineField field;
    /*
     * KVM's answer: -EINVAL; -ENXIO for a type that needs a GIC in the kernel
     * or must not have one
     */
    int err;
    unsigned type;              /* of the line */
    unsigned value;             /* the field's */
    unsigned min, max;          /* it may be; min > max: nothing may */
    const IrqLineRules *rules;  /* as given to irq_line_check() */
} IrqLineFault;

/*
 * KVM's ranges for GIC version @gic (0, 2, 3, 5) with @spis SPIs. A GICv5 has
 * the PPIs of @ppis, a bitmap of IRQ_LINE_PPIS_MAX bits (KVM_DEV_ARM_VGIC_
 * USERSPACE_PPIS); the others, which have 16..31, do not look at it. Without a
 * GIC there are no SPIs, whatever @spis. 0, or -EINVAL: no such version, vcpus
 * or spis out of range, no @ppis for a GICv5.
 */
int irq_line_rules(IrqLineRules *rules, unsigned gic, bool layout2,
                   unsigned vcpus, unsigned spis, const uint64_t *ppis);

/* 0, or KVM's errno with *@fault filled in (may be NULL) */
int irq_line_check(const IrqLineRules *rules, const IrqLine *line,
                   IrqLineFault *fault);

/* irq_line_check(), and *@word when that is 0 */
int irq_line_encode(const IrqLineRules *rules, const IrqLine *line,
                    uint32_t *word, IrqLineFault *fault);

/* Total: any word is a line, perhaps one that nobody has */
void irq_line_decode(bool layout2, uint32_t word, IrqLine *line);

/*
 * What irq_line_decode() forgot of @word: an SPI's vCPU fields, which KVM does
 * not look at, were not 0. Encoding gives the word back where this is false.
 */
bool irq_line_ignored(bool layout2, uint32_t word);

/* "CPU", "SPI", "PPI", "?" */
const char *irq_line_type_name(unsigned type);

#define IRQ_LINE_TEXT_MAX       160

/* "SPI 33", "PPI 27 of vCPU 3", "FIQ of vCPU 0"; returns @text */
const char *irq_line_text(const IrqLine *line, char text[IRQ_LINE_TEXT_MAX]);

/*
 * "number 1020 of an SPI is out of range 32..1019"; the field, its value, its
 * range; returns @text
 */
const char *irq_line_fault_text(const IrqLineFault *fault,
                                char text[IRQ_LINE_TEXT_MAX]);

#endif /* TARGET_ARM_IRQ_LINE_H */
