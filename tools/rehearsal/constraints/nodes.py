"""What EKS, EC2 and Auto Scaling refuse of nodes.

EKS: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, and
API_UpdateNodegroupVersion.html beside it.
"""

from tools.rehearsal.fake_cloud.cloud import CLUSTER, GROUP, Cloud, Constraint, RefusedError, Values

_INVALID = "InvalidParameterException"

_ONE_OF = (
    ("updateConfig", "maxUnavailable", "maxUnavailablePercentage"),
    (
        "nodeRepairConfig", "maxParallelNodesRepairedCount", "maxParallelNodesRepairedPercentage",
    ),
    (
        "nodeRepairConfig", "maxUnhealthyNodeThresholdCount",
        "maxUnhealthyNodeThresholdPercentage",
    ),
)  # fmt: skip
"""A block of a node group, and two of its inputs that exclude one another."""


def _number_or_share(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != GROUP:
        return
    for block, number, share in _ONE_OF:
        given: Values = inputs.get(block) or {}
        if number in given and share in given:
            raise RefusedError(_INVALID, f"{number} and {share} at once")


def _no_newer_than_the_cluster(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A new group has the cluster's version; an older one stays, and none gets ahead."""
    if verb == "delete" or type_ != GROUP or "version" not in inputs:
        return
    for cluster in cloud.of_type(CLUSTER):
        own, of_cluster = (_minor(each["version"]) for each in (inputs, cluster.inputs))
        if own > of_cluster or (verb == "create" and own != of_cluster):
            told = f"version {inputs['version']}, not the cluster's {cluster.inputs['version']}"
            raise RefusedError(_INVALID, told)


def _minor(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _instance_types_once(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != GROUP or not inputs.get("instanceTypes"):
        return
    for template in cloud.of_type("aws:ec2/launchTemplate:LaunchTemplate"):
        named = template.id == inputs.get("launchTemplate", {}).get("id")
        if named and template.inputs.get("instanceType"):
            raise RefusedError(_INVALID, "instance types on the group and in its launch template")


def _warm_pool_of_its_kind(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != GROUP or not inputs.get("warmPoolConfig"):
        return
    if inputs.get("capacityType") == "SPOT":
        raise RefusedError(_INVALID, "a warm pool of spot instances")
    warm: Values = inputs["warmPoolConfig"]
    if str(inputs.get("amiType")).startswith("BOTTLEROCKET") and (
        warm.get("reuseOnScaleIn") or warm.get("poolState") == "HIBERNATED"
    ):
        raise RefusedError(_INVALID, "Bottlerocket neither hibernates nor goes back")


def _within_its_bounds(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html"""
    if verb == "delete" or type_ != GROUP:
        return
    size: Values = inputs["scalingConfig"]
    least, now, most = (size[key] for key in ("minSize", "desiredSize", "maxSize"))
    if least > now:
        told = f"Minimum capacity {least} can't be greater than desired size {now}"
        raise RefusedError(_INVALID, told)
    if now > most:
        raise RefusedError(
            _INVALID, f"desired capacity {now} can't be greater than max size {most}"
        )


def _tags_of_a_group(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """An Auto Scaling group is there as long as its node group."""
    if verb == "delete" or type_ != "aws:autoscaling/tag:Tag":
        return
    there = {
        scaling["name"]
        for group in cloud.of_type(GROUP)
        for resource in group.outputs["resources"]
        for scaling in resource["autoscalingGroups"]
    }
    if inputs["autoscalingGroupName"] not in there:
        raise RefusedError("ValidationError", f"no group {inputs['autoscalingGroupName']}")


CONSTRAINTS: tuple[Constraint, ...] = (
    _number_or_share,
    _no_newer_than_the_cluster,
    _instance_types_once,
    _warm_pool_of_its_kind,
    _within_its_bounds,
    _tags_of_a_group,
)
"""Those of nodes."""
