"""Edits of the control plane, its version, its add-ons and its protection."""

from core.facts.versions import KUBERNETES
from tools.rehearsal.edits.apps import unprotected
from tools.rehearsal.edits.edit import Config, Edit


def pinned(config: Config) -> None:
    """An add-on's version is pinned."""
    add_ons = config["ha-eks:cluster"].setdefault("addOns", {})
    add_ons["kube-proxy"] = {"version": f"v{config['ha-eks:cluster']['version']}.99-eksbuild.1"}


PINNED = Edit(
    name="an add-on's version pinned",
    change=pinned,
    may=("update Addon node-add-ons-kube-proxy",),
)


def has_former_minor(version: str) -> bool:
    """Whether there is a minor before a Kubernetes version."""
    return version != next(iter(KUBERNETES))


def former_minor(config: Config) -> None:
    """One Kubernetes minor back, for a stack that is then upgraded."""
    config["ha-eks:cluster"]["version"] = _neighbour(config, -1)


def next_minor(config: Config) -> None:
    """One Kubernetes minor on."""
    config["ha-eks:cluster"]["version"] = _neighbour(config, 1)


def _neighbour(config: Config, by: int) -> str:
    minors = list(KUBERNETES)
    return minors[minors.index(config["ha-eks:cluster"]["version"]) + by]


UPGRADE = Edit(
    name="the next Kubernetes minor",
    change=next_minor,
    may=(
        "update Cluster cluster-eksCluster",
        "update NodeGroup nodes-*",
        "update Release autoscaling-cluster-autoscaler",
    ),
    might=("update Addon *",),
)
"""For a stack that is one minor back."""


def unprotect(config: Config) -> None:
    """What docs/teardown.md has people change first."""
    config["ha-eks:cluster"]["deletionProtection"] = False
    config.setdefault("ha-eks:loadBalancing", {})["deletionProtection"] = False
    unprotected(config)
