/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm-irq-line of a VM: KVM is at the other end.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qapi/error.h"
#include "hw/boards.h"
#include "system/kvm.h"
#include "system/system.h"
#include "arm-irq-line-int.h"

bool arm_irq_line_create(unsigned gic, unsigned spis, Error **errp)
{
    DeviceState *dev = qdev_new(TYPE_ARM_IRQ_LINE);
    ArmIrqLineState *s = ARM_IRQ_LINE(dev);

    s->port = kvm_port();
    s->gic = gic;
    s->spis = spis;
    s->vcpus = current_machine->smp.max_cpus;
    s->layout1 = !kvm_check_extension(kvm_state,
                                      KVM_CAP_ARM_IRQ_LINE_LAYOUT_2);
    /* The machine's, even where it is made when all others are */
    dev->hotplugged = false;
    object_property_add_child(qdev_get_machine(), "arm-irq-line", OBJECT(dev));
    return qdev_realize_and_unref(dev, NULL, errp);
}

/*
 * A board that has no GIC in the kernel though it may: KVM takes the lines of
 * CPUs then. What moved one before is past with the reset that comes next.
 */
static void arm_irq_line_machine_done(Notifier *n, void *data)
{
    if (!arm_irq_line()) {
        arm_irq_line_create(0, 0, &error_fatal);
    }
}

static void arm_irq_line_irqfd_notify(Notifier *n, void *data)
{
    const KVMPortIrqfd *irqfd = data;

    arm_irq_line_irqfd(irqfd->gsi, irqfd->assigned);
}

void arm_irq_line_kvm_init(void)
{
    static Notifier done = { .notify = arm_irq_line_machine_done };
    static Notifier irqfd = { .notify = arm_irq_line_irqfd_notify };

    kvm_port_add_irqfd_notifier(&irqfd);
    if (kvm_kernel_irqchip_allowed()) {
        qemu_add_machine_init_done_notifier(&done);
    } else {
        arm_irq_line_create(0, 0, &error_fatal);
    }
}
