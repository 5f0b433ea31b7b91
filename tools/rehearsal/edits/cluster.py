"""Edits of the control plane: Kubernetes version and add-on versions."""

from core.facts.versions.kubernetes import KUBERNETES
from tools.rehearsal.edits.edit import Config, Edit


def pin_add_on(config: Config) -> None:
    """Pins the version of an add-on."""
    add_ons = config["ha-eks:cluster"].setdefault("addOns", {})
    add_ons["kube-proxy"] = {"version": f"v{config['ha-eks:cluster']['version']}.99-eksbuild.1"}


PIN_ADD_ON = Edit(
    name="pin the version of an add-on",
    change=pin_add_on,
    expected=("update Addon node-add-ons-kube-proxy",),
)


def has_previous_minor(version: str) -> bool:
    """True unless a Kubernetes version is the oldest that ha-eks supports."""
    return version != next(iter(KUBERNETES))


def set_previous_minor(config: Config) -> None:
    """Sets the previous Kubernetes minor version, from which the stack is then upgraded."""
    config["ha-eks:cluster"]["version"] = _minor(config, -1)


def set_next_minor(config: Config) -> None:
    """Sets the next Kubernetes minor version."""
    config["ha-eks:cluster"]["version"] = _minor(config, 1)


def _minor(config: Config, offset: int) -> str:
    minors = list(KUBERNETES)
    return minors[minors.index(config["ha-eks:cluster"]["version"]) + offset]


UPGRADE = Edit(
    name="up with the next minor version",
    change=set_next_minor,
    expected=(
        "update Cluster cluster-eksCluster",
        "update NodeGroup nodes-*",
        "update Release autoscaling-cluster-autoscaler",
        "update Addon node-add-ons-kube-proxy",
        "update Addon node-add-ons-vpc-cni",
    ),
    optional=("update Addon *",),
)
"""For a stack with the previous minor version."""
