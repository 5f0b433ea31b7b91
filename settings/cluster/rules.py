"""The control plane: who reaches it, who may use it, and what scales its nodes."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from settings.cluster.cluster import Cluster
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_CLUSTER = f"{NAMESPACE}:cluster"

_WORLD = 8
"""Networks shorter than this are nobody's own: no registry ever gave out more than a /8."""


def _endpoint_not_open(settings: Settings) -> Iterator[Problem]:
    cluster = settings.cluster
    for index, cidr in enumerate(cluster.public_access_cidrs):
        if IPv4Network(cidr).prefixlen < _WORLD and not cluster.public_access_from_anywhere:
            yield Problem(
                key=f"{_CLUSTER}.publicAccessCidrs[{index}]",
                value=cidr,
                message="your own networks, or publicAccessFromAnywhere: true beside it",
            )


def _places(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    """Each principal with its key and the right that the key stands for."""
    if cluster.deployer:
        yield f"{_CLUSTER}.deployer", "deployer", cluster.deployer
    for index, arn in enumerate(cluster.admins):
        yield f"{_CLUSTER}.admins[{index}]", "admins", arn
    for index, arn in enumerate(cluster.viewers):
        yield f"{_CLUSTER}.viewers[{index}]", "viewers", arn
    for namespace, principals in cluster.editors.items():
        for index, arn in enumerate(principals):
            yield f"{_CLUSTER}.editors.{namespace}[{index}]", "editors", arn


def _one_right_each(settings: Settings) -> Iterator[Problem]:
    """EKS takes one access entry a principal, and each here has one policy."""
    seen: dict[str, tuple[str, str]] = {}
    for key, right, arn in _places(settings.cluster):
        first, its_right = seen.setdefault(arn, (key, right))
        if first != key and (its_right, right) != ("editors", "editors"):
            yield Problem(
                key=key,
                value=arn,
                message=f"a principal that is not named already, as this one is in {first}: "
                "each has one right, but may be editor of several apps",
            )


def _editors_of_apps(settings: Settings) -> Iterator[Problem]:
    apps = settings.apps
    for namespace in settings.cluster.editors:
        if namespace not in apps:
            message = f"an app, whose namespace it is: {', '.join(sorted(apps))}"
            yield Problem(key=f"{_CLUSTER}.editors.{namespace}", value=namespace, message=message)


def _autoscaler_of_the_minor(settings: Settings) -> Iterator[Problem]:
    own, minor = settings.autoscaling.version, settings.cluster.version
    if own is not None and not own.startswith(f"v{minor}."):
        yield Problem(
            key=f"{NAMESPACE}:autoscaling.version",
            value=own,
            message=f"v{minor}.…, of cluster.version {minor}: an autoscaler of another minor "
            "simulates another scheduler",
        )


RULES = (_endpoint_not_open, _one_right_each, _editors_of_apps, _autoscaler_of_the_minor)
