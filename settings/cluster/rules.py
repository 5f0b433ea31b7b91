"""Rules for ha-eks:cluster: access to the public endpoint and access entries."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from core.availability.burst import AUTOSCALER_SECONDS
from core.network.subnets import SHARED_ADDRESS_SPACE
from settings.cluster.cluster import Cluster
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_CLUSTER = f"{NAMESPACE}:cluster"

_LARGEST_ALLOCATION = 8
"""Prefix length of the largest networks that registries ever allocated to one organization."""

_NOT_PUBLIC = tuple(
    IPv4Network(cidr)
    for cidr in (
        "0.0.0.0/8", "10.0.0.0/8", SHARED_ADDRESS_SPACE, "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    )
)  # fmt: skip
"""Networks from which no request reaches a public address. EKS refuses reserved addresses.
https://www.iana.org/assignments/iana-ipv4-special-registry
https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html"""


def _open_endpoint(settings: Settings) -> Iterator[Problem]:
    cluster = settings.cluster
    for index, cidr in enumerate(cluster.public_access_cidrs):
        shorter = IPv4Network(cidr).prefixlen < _LARGEST_ALLOCATION
        if shorter and not cluster.public_access_from_anywhere:
            yield Problem(
                key=f"{_CLUSTER}.publicAccessCidrs[{index}]",
                message=f"{cidr} opens the public endpoint to the internet; write your own "
                "networks, or publicAccessFromAnywhere: true",
            )


def _public_networks(settings: Settings) -> Iterator[Problem]:
    for index, cidr in enumerate(settings.cluster.public_access_cidrs):
        if any(IPv4Network(cidr).subnet_of(other) for other in _NOT_PUBLIC):
            yield Problem(
                key=f"{_CLUSTER}.publicAccessCidrs[{index}]",
                message=f"{cidr} is not a public network, and cannot reach the public endpoint; "
                "write the public addresses of your network, such as that of its NAT gateway",
            )


def _anywhere_without_endpoint(settings: Settings) -> Iterator[Problem]:
    cluster = settings.cluster
    if cluster.public_access_from_anywhere and not cluster.public_access_cidrs:
        yield Problem(
            key=f"{_CLUSTER}.publicAccessFromAnywhere",
            message="there is no public endpoint; add publicAccessCidrs: [0.0.0.0/0], or remove "
            "publicAccessFromAnywhere",
        )


def _principals(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    """Yields key, access type and ARN of each principal."""
    if cluster.deployer:
        yield f"{_CLUSTER}.deployer", "deployer", cluster.deployer
    for index, arn in enumerate(cluster.admins):
        yield f"{_CLUSTER}.admins[{index}]", "admins", arn
    for index, arn in enumerate(cluster.viewers):
        yield f"{_CLUSTER}.viewers[{index}]", "viewers", arn
    for namespace, principals in cluster.editors.items():
        for index, arn in enumerate(principals):
            yield f"{_CLUSTER}.editors.{namespace}[{index}]", "editors", arn


def _one_access_type(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each principal with several access types.

    EKS allows one access entry per principal, and each entry has one access policy here.
    """
    first: dict[str, tuple[str, str]] = {}
    for key, access, arn in _principals(settings.cluster):
        first_key, first_access = first.setdefault(arn, (key, access))
        if first_key != key and (first_access, access) != ("editors", "editors"):
            yield Problem(
                key=key,
                message=f"{arn} is listed in {first_key} too, but a principal can have only one "
                "type of access; remove one of them (only editors can list a principal for "
                "several apps)",
            )


def _editors_of_apps(settings: Settings) -> Iterator[Problem]:
    for name in settings.cluster.editors:
        if name not in settings.workloads:
            names = ", ".join(sorted(settings.workloads))
            yield Problem(
                key=f"{_CLUSTER}.editors.{name}",
                message=f"there is no workload {name}; write one of {names}",
            )


def _pod_autoscaler_interval(settings: Settings) -> Iterator[Problem]:
    """Yields a problem if EKS refuses the interval.

    https://www.pulumi.com/registry/packages/aws/api-docs/eks/cluster/
    """
    cluster = settings.cluster
    if cluster.control_plane_tier == "standard" and (
        cluster.pod_autoscaler_seconds != AUTOSCALER_SECONDS
    ):
        yield Problem(
            key=f"{_CLUSTER}.podAutoscalerSeconds",
            message=f"EKS changes the interval of {AUTOSCALER_SECONDS}s only of a provisioned "
            "control plane, but controlPlaneTier is standard; write controlPlaneTier: tier-xl or "
            "higher, or remove podAutoscalerSeconds",
        )


RULES = (
    _open_endpoint,
    _public_networks,
    _anywhere_without_endpoint,
    _one_access_type,
    _editors_of_apps,
    _pod_autoscaler_interval,
)
