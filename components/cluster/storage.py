"""Persistent volumes: the EBS CSI driver and the default StorageClass."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, storage

from components.cell_context import ClusterContext
from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, AddOnSettings
from core.tags import CELL

CLASS = "gp3"
"""Name of the StorageClass."""


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """Arguments of Storage."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster. The cell is a tag of each volume,
    because Pulumi does not know the volumes of claims."""
    add_on_settings: AddOnSettings
    """Versions and configurations of the add-ons."""


class Storage(pulumi.ComponentResource):
    """Creates the EBS CSI driver and the default StorageClass, with encrypted gp3 volumes."""

    ready: Sequence[pulumi.Resource]
    """Resources that a claim depends on: created before the first claim, deleted after the last."""

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Storage", name, None, opts)
        driver = AddOns(
            name,
            AddOnsArgs(
                add_ons=[ebs_driver(args.context.cell)],
                context=args.context,
                add_on_settings=args.add_on_settings,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        # Parameters: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
        storage_class = storage.v1.StorageClass(
            name,
            metadata=meta.v1.ObjectMetaArgs(
                name=CLASS,
                annotations={"storageclass.kubernetes.io/is-default-class": "true"},
            ),
            provisioner="ebs.csi.aws.com",
            parameters={"type": "gp3", "encrypted": "true"},
            # The volume is created in the zone of the pod that uses the claim.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Delete",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*driver.add_ons]),
        )
        self.ready = [*driver.add_ons, storage_class]
        self.register_outputs({})


def ebs_driver(cell: str) -> AddOn:
    """Returns the EBS CSI driver add-on.

    By default, two controllers with a disruption budget run on different nodes, possibly in one
    zone: see core/facts/add_on_pods.py. Only the controllers have an IAM role, with a policy for
    volumes that the driver created.

    Pods cannot reach the instance metadata (hop limit 1). The driver's daemon set then reads its
    Node object, and assumes one attached network interface and one attached volume when it reports
    how many volumes the node can attach.

    Service account, metadata: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/docs/install.md
    Policy: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicyV2.html
    Key: the add-on's own schema, in https://github.com/turbot/steampipe-plugin-aws/pull/1514
    """
    return AddOn(
        name="aws-ebs-csi-driver",
        service_account="ebs-csi-controller-sa",
        policy="arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2",
        configuration={"controller": {"extraVolumeTags": {CELL: cell}}},
    )
