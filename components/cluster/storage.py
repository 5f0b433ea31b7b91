"""CSI drivers, and the default StorageClass of persistent volumes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, storage

from components.cell_context import ClusterContext
from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, AddOnSettings
from core.facts.versions.add_ons import EFS_DRIVER, SECRETS_DRIVER
from core.tags import CELL

CLASS = "gp3"
"""Name of the StorageClass."""

_PRIORITY = "system-node-critical"

_EFS = AddOn(
    name=EFS_DRIVER,
    configuration={"controller": {"resources": {"requests": {"cpu": "20m", "memory": "64Mi"}}}},
)
"""The EFS CSI driver. Its daemon set mounts file systems without an IAM role. Its controllers
provision volumes, which no workload needs: without these requests, each would request 600m CPU.
https://github.com/aws/containers-roadmap/issues/2758"""

_SECRETS = AddOn(
    name=SECRETS_DRIVER,
    configuration={
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": _PRIORITY,
        "secrets-store-csi-driver": {"linux": {"priorityClassName": _PRIORITY}},
    },
)
"""The Secrets Store CSI driver and its AWS provider, which reads secrets with the role of the pod.
Without the toleration, the provider would not run on nodes with taints; without the priority class,
pods of apps could take its place on a new node, and wait for it for ever.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-eks-installation.html
docs/decisions/0059-nodes-mount-aws-secrets-as-files.md"""

OPTIONAL = (_EFS, _SECRETS)
"""CSI drivers of cells with a workload that needs them."""


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """Arguments of Storage."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster. The cell is a tag of each volume,
    because Pulumi does not know the volumes of claims."""
    add_on_settings: AddOnSettings
    """Versions and configurations of the add-ons."""
    optional_add_ons: Collection[str] = ()
    """Names of the optional add-ons of the cell."""


class Storage(pulumi.ComponentResource):
    """Creates the EBS CSI driver and the default StorageClass, with encrypted gp3 volumes, and the
    optional CSI drivers of the cell."""

    ready: Sequence[pulumi.Resource]
    """Resources that a claim depends on: created before the first claim, deleted after the last."""
    drivers: Mapping[str, pulumi.Resource]
    """The optional add-ons, by name. Volumes of such a driver depend on it."""

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Storage", name, None, opts)
        optional = [each for each in OPTIONAL if each.name in args.optional_add_ons]
        drivers = AddOns(
            name,
            AddOnsArgs(
                add_ons=[ebs_driver(args.context.cell), *optional],
                context=args.context,
                add_on_settings=args.add_on_settings,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        driver, *others = drivers.add_ons
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
            opts=pulumi.ResourceOptions(parent=self, depends_on=[driver]),
        )
        self.ready = [driver, storage_class]
        self.drivers = dict(zip([each.name for each in optional], others, strict=True))
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
