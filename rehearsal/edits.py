"""Edits of a stack file, each with what an `up` may touch because of it.

An operation is written as "verb type name", the type without its package; * stands for anything,
APP for the app at "/".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.subnets import ZONE_LETTERS
from core.versions import KUBERNETES

_ELSEWHERE = "arn:aws:iam::210987654321:role"
"""Where principals are that nothing in a rehearsal makes."""
_NAT = ("perZone", "regional", "single")
"""Modes of NAT that one leads to the next of."""

Config = dict[str, Any]  # Any: a stack file's values are YAML of any shape


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change that somebody makes to a stack file."""

    name: str
    change: Callable[[Config], None]
    may: tuple[str, ...]
    """Operations that may follow; each has to be seen at least once."""
    might: tuple[str, ...] = ()
    """Operations that may follow, depending on the stack."""


def main_app(config: Config) -> str:
    """Name of the app at "/", which edits are made to."""
    apps: Config = config["ha-eks:apps"]
    return next(
        name
        for name, app in apps.items()
        if app.get("expose") is not None and app["expose"].get("path", "/") == "/"
    )


def _app(config: Config) -> Config:
    return config["ha-eks:apps"][main_app(config)]


def _pool(config: Config) -> Config:
    return next(iter(config["ha-eks:pools"].values()))


def _image(config: Config) -> None:
    image = _app(config)["image"].partition("@")[0]
    _app(config)["image"] = f"{image}-edited" if ":" in image else f"{image}:edited"


def _replicas(config: Config) -> None:
    replicas = _app(config)["replicas"]
    replicas["needed"], replicas["max"] = replicas["needed"] * 3, replicas["max"] * 3


def _new_app(config: Config) -> None:
    expose = {"path": "/extra"}
    config["ha-eks:apps"]["extra"] = {**_app(config), "port": 8080, "expose": expose}


def _app_gone(config: Config) -> None:
    del config["ha-eks:apps"]["extra"]


def _bigger_pool(config: Config) -> None:
    _pool(config)["perZone"]["max"] += 2


def _new_pool(config: Config) -> None:
    config["ha-eks:pools"]["extra"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
    }


def _spanning_pool(config: Config) -> None:
    config["ha-eks:pools"]["wide"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
        "layout": "spanning",
    }


def _reserved(config: Config) -> None:
    config["ha-eks:pools"]["extra"]["perZone"]["reserved"] = 1


def _larger_disk(config: Config) -> None:
    pool = _pool(config)
    pool["diskGib"] = pool.get("diskGib", 50) + 10


def _labels(config: Config) -> None:
    pool = _pool(config)
    pool["labels"] = {**pool.get("labels", {}), "edited": "yes"}


def _release(config: Config) -> None:
    _pool(config)["releaseVersion"] = f"{config['ha-eks:cluster']['version']}.9-20991231"


_OTHER_AMI = {
    "AL2023_x86_64_STANDARD": "BOTTLEROCKET_x86_64",
    "AL2023_ARM_64_STANDARD": "BOTTLEROCKET_ARM_64",
}


def other_ami(config: Config) -> None:
    """Another operating system for the first pool's nodes, which they cannot take in place."""
    now = _pool(config).get("amiType", "AL2023_x86_64_STANDARD")
    back = {new: old for old, new in _OTHER_AMI.items()}
    pool = _pool(config)
    pool["amiType"] = {**_OTHER_AMI, **back}[now]
    for key in ("kubelet", "warmPool"):  # which are not the same for both
        pool.pop(key, None)


def has_former_minor(version: str) -> bool:
    """Whether there is a minor before a Kubernetes version."""
    return version != next(iter(KUBERNETES))


def former_minor(config: Config) -> None:
    """One Kubernetes minor back, for a stack that is then upgraded."""
    config["ha-eks:cluster"]["version"] = _neighbour(config, -1)


def _next_minor(config: Config) -> None:
    config["ha-eks:cluster"]["version"] = _neighbour(config, 1)


def _neighbour(config: Config, by: int) -> str:
    minors = list(KUBERNETES)
    return minors[minors.index(config["ha-eks:cluster"]["version"]) + by]


def _one_more_zone(config: Config) -> None:
    zones = config["ha-eks:network"]["zones"]
    free = next(each for each in ZONE_LETTERS if each not in {zone[-1] for zone in zones})
    zones.append(zones[0][:-1] + free)


def _other_nat(config: Config) -> None:
    network = config["ha-eks:network"]
    now = _NAT.index(network.get("nat", _NAT[0]))
    network["nat"] = _NAT[(now + 1) % len(_NAT)]


def _let_in(config: Config) -> None:
    cluster = config["ha-eks:cluster"]
    cluster["viewers"] = [*cluster.get("viewers", []), f"{_ELSEWHERE}/extra-viewer"]
    editors = cluster.setdefault("editors", {})
    own = editors.setdefault(main_app(config), [])
    own.append(f"{_ELSEWHERE}/extra-editor")


def _let_in_further(config: Config) -> None:
    app = next(name for name in config["ha-eks:apps"] if name != main_app(config))
    config["ha-eks:cluster"]["editors"].setdefault(app, []).append(f"{_ELSEWHERE}/extra-editor")


def _pinned(config: Config) -> None:
    add_ons = config["ha-eks:cluster"].setdefault("addOns", {})
    add_ons["kube-proxy"] = {"version": f"v{config['ha-eks:cluster']['version']}.99-eksbuild.1"}


def _drained(config: Config) -> None:
    config["ha-eks:traffic"]["drained"] = True


NEW_APP = Edit(
    name="a new app, exposed",
    change=_new_app,
    may=(
        "create TargetGroup lb-extra",
        "create ListenerRule lb-extra",
        "create SecurityGroup*Rule lb-*-pods-8080",
        "create Deployment autoscaling-headroom-extra-*",
        "create * extra",
    ),
    might=("update Record traffic",),
)

BIGGER_POOL = Edit(name="a bigger pool", change=_bigger_pool, may=("update NodeGroup nodes-*",))
"""Made while the autoscaler holds more nodes than the file says: they stay."""

EDITS = (
    Edit(name="a new image", change=_image, may=("update Deployment APP",)),
    Edit(
        name="more replicas",
        change=_replicas,
        may=(
            "update HorizontalPodAutoscaler APP",
            "update PodDisruptionBudget APP",
            "update Deployment autoscaling-headroom-APP-*",
        ),
    ),
    NEW_APP,
    Edit(
        name="that app gone",
        change=_app_gone,
        may=(
            "delete TargetGroup lb-extra",
            "delete ListenerRule lb-extra",
            "delete SecurityGroup*Rule lb-*-pods-8080",
            "delete Deployment autoscaling-headroom-extra-*",
            "delete * extra",
        ),
        might=("update Record traffic",),
    ),
    Edit(
        name="a viewer and an editor more",
        change=_let_in,
        may=(
            "create AccessEntry cluster-viewer-*-extra-viewer",
            "create AccessPolicyAssociation cluster-viewer-*-extra-viewer",
            "create AccessEntry cluster-editor-*-extra-editor",
            "create AccessPolicyAssociation cluster-editor-*-extra-editor",
        ),
    ),
    Edit(
        name="an add-on's version pinned",
        change=_pinned,
        may=("update Addon node-add-ons-kube-proxy",),
    ),
    BIGGER_POOL,
    Edit(
        name="a new pool",
        change=_new_pool,
        may=(
            "create LaunchTemplate nodes-extra",
            "create NodeGroup nodes-extra-*",
            "create Tag nodes-extra-*",
        ),
    ),
    Edit(
        name="capacity reserved for it",
        change=_reserved,
        may=(
            "create CapacityReservation nodes-extra-*",
            "update LaunchTemplate nodes-extra",
            "update NodeGroup nodes-extra-*",
        ),
    ),
    Edit(
        name="a larger disk, in the launch template",
        change=_larger_disk,
        may=("update LaunchTemplate nodes-*", "update NodeGroup nodes-*"),
    ),
    Edit(name="a label of a pool's nodes", change=_labels, may=("update NodeGroup nodes-*",)),
    Edit(name="another AMI release", change=_release, may=("update NodeGroup nodes-*",)),
    Edit(
        name="one more zone",
        change=_one_more_zone,
        may=(
            "create Subnet network-public-*",
            "create Subnet network-private-*",
            "create RouteTable network-private-*",
            "create RouteTableAssociation network-*",
            "create Route network-private-*-egress",
            "create NodeGroup nodes-*",
            "create Tag nodes-*",
            "create CapacityReservation nodes-*",
            "create Deployment autoscaling-headroom-*",
            "update VpcEndpoint network-s3",
            "update LoadBalancer lb",
            "update Addon cluster-add-ons-coredns",
            "update HorizontalPodAutoscaler *",
            "update Deployment *",
        ),
        might=(
            "create Eip network-nat-*",
            "create NatGateway network-nat-*",
            "update PodDisruptionBudget *",
            "update Release autoscaling-cluster-autoscaler",
        ),
    ),
    Edit(
        name="a pool over all zones",
        change=_spanning_pool,
        may=(
            "create LaunchTemplate nodes-wide",
            "create NodeGroup nodes-wide-spanning",
            "create Tag nodes-wide-spanning-*",
        ),
    ),
    *(
        Edit(
            name=f"another NAT mode, {number} of {len(_NAT)}",
            change=_other_nat,
            may=("update Route network-private-*-egress",),
            might=(
                "create Eip network-nat-*",
                "create NatGateway network-nat*",
                "delete Eip network-nat-*",
                "delete NatGateway network-nat*",
            ),
        )
        for number in range(1, len(_NAT) + 1)
    ),
)
"""In this order, each on top of those before."""

FURTHER = Edit(
    name="that editor in another app",
    change=_let_in_further,
    may=(
        "delete AccessPolicyAssociation cluster-editor-*-extra-editor",
        "create AccessPolicyAssociation cluster-editor-*-extra-editor",
    ),
)
"""For stacks with several apps, once there is that editor."""

DRAINED = Edit(
    name="drained: true",
    change=_drained,
    may=("update Record traffic",),
    might=("create HealthCheck traffic-drained",),
)
"""For stacks with a domain."""

UPGRADE = Edit(
    name="the next Kubernetes minor",
    change=_next_minor,
    may=(
        "update Cluster cluster-eksCluster",
        "update NodeGroup nodes-*",
        "update Release autoscaling-cluster-autoscaler",
    ),
    might=("update Addon *",),
)
"""For a stack that is one minor back."""
