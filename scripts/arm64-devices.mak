# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the programs for an arm64 host have: the board that KVM runs there, and
# what its guests need. Half of the compiler's work of a build with all boards.

CONFIG_ARM_VIRT=y
CONFIG_EDU=y
CONFIG_PCIE_PORT=y
CONFIG_PCI_TESTDEV=y
CONFIG_VIRTIO_BALLOON=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_GPU=y
CONFIG_VIRTIO_INPUT=y
CONFIG_VIRTIO_IOMMU=y
CONFIG_VIRTIO_MEM=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_RNG=y
CONFIG_VIRTIO_SCSI=y
CONFIG_VIRTIO_SERIAL=y
