"""Volumes of workloads: the EBS driver, and the class that claims get unless they name one."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, storage

from components.cell_context import ClusterContext
from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, AddOnSettings
from core.tags import CELL

CLASS = "gp3"
"""Name of the class."""


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What the storage of a cell needs."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    add_on_settings: AddOnSettings
    """What decides on the driver's version and configuration."""


class Storage(pulumi.ComponentResource):
    """The EBS driver and an encrypted gp3 class, the default one."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a claim, and until the last has gone."""

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
        kind = storage.v1.StorageClass(
            name,
            metadata=meta.v1.ObjectMetaArgs(
                name=CLASS,
                annotations={"storageclass.kubernetes.io/is-default-class": "true"},
            ),
            provisioner="ebs.csi.aws.com",
            parameters={"type": "gp3", "encrypted": "true"},
            # In the zone of the pod that claims it.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Delete",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*driver.add_ons]),
        )
        self.ready = [*driver.add_ons, kind]
        self.register_outputs({})


def ebs_driver(cell: str) -> AddOn:
    """The EBS driver of a cell.

    Two controllers with a disruption budget are its default, on two nodes, whatever their zones;
    `core/facts/add_on_pods.py` says why. Only they have rights in AWS: over volumes that a driver
    made, and no others. Pods do not reach the instance's metadata, which is one hop away: the
    driver's daemon set then reads what it needs off its Node object, and takes one network
    interface and one volume for attached when it works out how many more volumes the node takes.

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
