/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The word of KVM_IRQ_LINE on Arm, and what is wrong with it, in English.
 */
#include "qemu/osdep.h"
#include "irq-line.h"

#define PPI_LIST_MAX    96      /* leaves room for the sentence around it */

const char *irq_line_type_name(unsigned type)
{
    static const char *const names[IRQ_LINE_TYPES] = {
        [IRQ_LINE_CPU] = "CPU", [IRQ_LINE_SPI] = "SPI", [IRQ_LINE_PPI] = "PPI",
    };

    return type < IRQ_LINE_TYPES ? names[type] : "?";
}

const char *irq_line_text(const IrqLine *line, char text[IRQ_LINE_TEXT_MAX])
{
    static const char *const cpu[] = {
        [IRQ_LINE_CPU_IRQ] = "IRQ", [IRQ_LINE_CPU_FIQ] = "FIQ",
    };

    if (line->type == IRQ_LINE_SPI) {
        snprintf(text, IRQ_LINE_TEXT_MAX, "SPI %u", line->number);
    } else if (line->type == IRQ_LINE_PPI) {
        snprintf(text, IRQ_LINE_TEXT_MAX, "PPI %u of vCPU %u", line->number,
                 line->vcpu);
    } else if (line->type == IRQ_LINE_CPU && line->number <= IRQ_LINE_CPU_FIQ) {
        snprintf(text, IRQ_LINE_TEXT_MAX, "%s of vCPU %u", cpu[line->number],
                 line->vcpu);
    } else {
        snprintf(text, IRQ_LINE_TEXT_MAX, "type %u, vCPU %u, number %u",
                 line->type, line->vcpu, line->number);
    }
    return text;
}

/* Only PPIs have gaps in their range */
static bool gaps(const IrqLineFault *fault)
{
    if (fault->field != IRQ_LINE_FIELD_NUMBER || fault->type != IRQ_LINE_PPI) {
        return false;
    }
    for (unsigned n = fault->min + 1; n < fault->max; n++) {
        if (!(fault->rules->ppis[n / 64] >> n % 64 & 1)) {
            return true;
        }
    }
    return false;
}

/* "3, 10..12, 64"; cut where it becomes too long for a message */
static void list_ppis(const uint64_t *ppis, char list[PPI_LIST_MAX])
{
    size_t len = 0;
    unsigned n = 0;

    list[0] = '\0';
    while (n < IRQ_LINE_PPIS_MAX) {
        unsigned first = n;

        while (n < IRQ_LINE_PPIS_MAX && ppis[n / 64] >> n % 64 & 1) {
            n++;
        }
        if (n == first) {
            n++;
            continue;
        }
        if (len > PPI_LIST_MAX - 20) {
            snprintf(list + len, PPI_LIST_MAX - len, ", ...");
            return;
        }
        len += snprintf(list + len, PPI_LIST_MAX - len, "%s%u",
                        len ? ", " : "", first);
        if (n - 1 > first) {
            len += snprintf(list + len, PPI_LIST_MAX - len, "..%u", n - 1);
        }
    }
}

/* Why the range is this one; or NULL, it speaks for itself */
static const char *reason(const IrqLineFault *fault)
{
    if (fault->field == IRQ_LINE_FIELD_TYPE) {
        switch (fault->type) {
        case IRQ_LINE_CPU:
            return "IRQ and FIQ of a vCPU cannot be moved: "
                   "the GIC is in the kernel";
        case IRQ_LINE_SPI:
            return "an SPI needs a GIC in the kernel";
        case IRQ_LINE_PPI:
            return "a PPI needs a GIC in the kernel";
        default:
            return "CPU, SPI, PPI";
        }
    }
    if (fault->field == IRQ_LINE_FIELD_VCPU && !fault->rules->layout2 &&
        fault->rules->vcpus > IRQ_LINE_VCPUS_MAX1) {
        return "the host's KVM lacks KVM_CAP_ARM_IRQ_LINE_LAYOUT_2";
    }
    if (fault->field == IRQ_LINE_FIELD_NUMBER && fault->type == IRQ_LINE_CPU) {
        return "IRQ, FIQ";
    }
    return NULL;
}

const char *irq_line_fault_text(const IrqLineFault *fault,
                                char text[IRQ_LINE_TEXT_MAX])
{
    static const char *const fields[] = {
        [IRQ_LINE_FIELD_TYPE] = "type", [IRQ_LINE_FIELD_VCPU] = "vCPU",
        [IRQ_LINE_FIELD_NUMBER] = "number",
    };
    static const char *const whose[] = {
        [IRQ_LINE_CPU] = " of a CPU line", [IRQ_LINE_SPI] = " of an SPI",
        [IRQ_LINE_PPI] = " of a PPI",
    };
    const char *of = "", *why;
    char list[PPI_LIST_MAX];

    if (fault->field == IRQ_LINE_FIELD_NONE) {
        snprintf(text, IRQ_LINE_TEXT_MAX, "nothing is wrong");
        return text;
    }
    if (fault->field != IRQ_LINE_FIELD_TYPE) {
        of = whose[fault->type];
    }
    if (fault->min > fault->max) {
        snprintf(text, IRQ_LINE_TEXT_MAX, "%s %u%s is out of range: "
                 "the VM has none that can be moved",
                 fields[fault->field], fault->value, of);
    } else if (gaps(fault)) {
        list_ppis(fault->rules->ppis, list);
        snprintf(text, IRQ_LINE_TEXT_MAX, "%s %u%s is not one of %s",
                 fields[fault->field], fault->value, of, list);
    } else {
        why = reason(fault);
        snprintf(text, IRQ_LINE_TEXT_MAX, "%s %u%s is out of range %u..%u"
                 "%s%s%s", fields[fault->field], fault->value, of, fault->min,
                 fault->max, why ? " (" : "", why ? why : "", why ? ")" : "");
    }
    return text;
}
