"""Constraints of EKS, EC2 and Auto Scaling on node groups.

EKS: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, and
API_UpdateNodegroupVersion.html in the same folder.
"""

from core.facts.accelerators import amis_for
from core.facts.instance_types import instance_type
from tools.rehearsal.fake_cloud.cloud import (
    CLUSTER,
    NODE_GROUP,
    Constraint,
    FakeCloud,
    RefusedError,
)
from tools.rehearsal.fake_cloud.references import Values

_INVALID = "InvalidParameterException"

_EXCLUSIVE_INPUTS = (
    ("updateConfig", "maxUnavailable", "maxUnavailablePercentage"),
    (
        "nodeRepairConfig", "maxParallelNodesRepairedCount", "maxParallelNodesRepairedPercentage",
    ),
    (
        "nodeRepairConfig", "maxUnhealthyNodeThresholdCount",
        "maxUnhealthyNodeThresholdPercentage",
    ),
)  # fmt: skip
"""A block of a node group, and two inputs in it that exclude each other."""


def _count_or_percentage(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != NODE_GROUP:
        return
    for block, count, percentage in _EXCLUSIVE_INPUTS:
        values: Values = inputs.get(block) or {}
        if count in values and percentage in values:
            raise RefusedError(_INVALID, f"{block}: {count} and {percentage} exclude each other")


def _version_of_cluster(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A new node group has the version of the cluster; an existing one may have an older one."""
    if verb == "delete" or type_ != NODE_GROUP or "version" not in inputs:
        return
    for cluster in cloud.of_type(CLUSTER):
        nodes, control_plane = (_minor(each["version"]) for each in (inputs, cluster.inputs))
        if nodes > control_plane or (verb == "create" and nodes != control_plane):
            raise RefusedError(
                _INVALID,
                f"node group version {inputs['version']}, cluster version "
                f"{cluster.inputs['version']}",
            )


def _minor(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _instance_types(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != NODE_GROUP or not inputs.get("instanceTypes"):
        return
    for template in cloud.of_type("aws:ec2/launchTemplate:LaunchTemplate"):
        used = template.id == inputs.get("launchTemplate", {}).get("id")
        if used and template.inputs.get("instanceType"):
            raise RefusedError(
                _INVALID, "instance types in both the node group and its launch template"
            )


def _ami_type(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """EKS refuses an AMI type of another architecture than that of the instance types, and one
    without drivers for their accelerators."""
    if verb == "delete" or type_ != NODE_GROUP or "amiType" not in inputs:
        return
    templates = [
        each.inputs.get("instanceType")
        for each in cloud.of_type("aws:ec2/launchTemplate:LaunchTemplate")
        if each.id == inputs.get("launchTemplate", {}).get("id")
    ]
    for name in inputs.get("instanceTypes") or filter(None, templates):
        found = instance_type(name)
        if found and inputs["amiType"] not in amis_for(found):
            raise RefusedError(
                _INVALID,
                f"[{name}] is not a valid instance type for requested amiType {inputs['amiType']}",
            )


def _warm_pool(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != NODE_GROUP or not inputs.get("warmPoolConfig"):
        return
    if inputs.get("capacityType") == "SPOT":
        raise RefusedError(_INVALID, "warm pools do not support spot instances")
    warm: Values = inputs["warmPoolConfig"]
    if str(inputs.get("amiType")).startswith("BOTTLEROCKET") and (
        warm.get("reuseOnScaleIn") or warm.get("poolState") == "HIBERNATED"
    ):
        raise RefusedError(
            _INVALID, "warm pools of Bottlerocket support neither hibernation nor reuseOnScaleIn"
        )


def _desired_size(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html"""
    if verb == "delete" or type_ != NODE_GROUP:
        return
    size: Values = inputs["scalingConfig"]
    minimum, desired, maximum = (size[key] for key in ("minSize", "desiredSize", "maxSize"))
    if minimum > desired:
        raise RefusedError(
            _INVALID, f"Minimum capacity {minimum} can't be greater than desired size {desired}"
        )
    if desired > maximum:
        raise RefusedError(
            _INVALID, f"desired capacity {desired} can't be greater than max size {maximum}"
        )


def _auto_scaling_group_tag(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The Auto Scaling group of a tag exists as long as its node group."""
    if verb == "delete" or type_ != "aws:autoscaling/tag:Tag":
        return
    existing = {
        auto_scaling_group["name"]
        for group in cloud.of_type(NODE_GROUP)
        for resources in group.outputs["resources"]
        for auto_scaling_group in resources["autoscalingGroups"]
    }
    name = inputs["autoscalingGroupName"]
    if name not in existing:
        raise RefusedError("ValidationError", f"Auto Scaling group {name} does not exist")


CONSTRAINTS: tuple[Constraint, ...] = (
    _count_or_percentage, _version_of_cluster, _instance_types, _warm_pool, _desired_size,
    _auto_scaling_group_tag, _ami_type,
)  # fmt: skip
