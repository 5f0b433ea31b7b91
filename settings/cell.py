"""All settings of a cell, and the rules across them."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from core.subnets import region_of
from settings.aws import Aws
from settings.cluster import Cluster
from settings.network import Network
from settings.pools import Pools
from settings.problem import Problem
from settings.section import Section, shape_problems, unknown_key

NAMESPACE = "ha-eks"
"""Namespace of our keys in a stack file: the project's name."""

AWS = "aws"
"""Namespace of the aws provider's keys."""

_SECTIONS: dict[str, type[BaseModel]] = {"network": Network, "cluster": Cluster, "pools": Pools}


class Settings(Section):
    """A checked stack file."""

    aws: Aws
    network: Network
    cluster: Cluster
    pools: Pools


def check(config: Mapping[str, object]) -> tuple[Settings | None, list[Problem]]:
    """Settings from a stack's config, or every problem of the phase that found any.

    `config` has full keys ("ha-eks:network", "aws:region") and values as YAML gives them. Keys of
    other namespaces are none of ours.
    """
    problems: list[Problem] = list(_unknown_keys(config))
    sections: dict[str, Any] = {}  # Any: a model of each its own type
    aws = {key.split(":", 1)[1]: value for key, value in config.items() if key.startswith("aws:")}
    inputs: dict[str, tuple[str, type[BaseModel], object]] = {"aws": ("aws", Aws, aws)}
    for name, section in _SECTIONS.items():
        key = f"{NAMESPACE}:{name}"
        inputs[name] = (key, section, config.get(key))
    for name, (key, section, value) in inputs.items():
        if value is None:
            problems.append(Problem(key=key, value=None, allowed="a value: this key is required"))
            continue
        try:
            sections[name] = section.model_validate(_tuples(value))
        except ValidationError as error:
            found = shape_problems(key, error, section)
            problems.extend(_aws_key(problem) if name == "aws" else problem for problem in found)
    if problems:
        return None, problems
    settings = Settings.model_construct(**sections)  # each section was validated on its own
    problems = [problem for rule in RULES for problem in rule(settings)]
    return (None, problems) if problems else (settings, [])


def _tuples(value: object) -> object:
    """YAML's lists as the tuples that frozen settings hold; strict models take nothing else."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in cast("list[object]", value))
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in cast("dict[str, object]", value).items()}
    return value


def _aws_key(problem: Problem) -> Problem:
    """`aws` is not one key with a path in it, but a namespace."""
    key = problem.key.replace("aws.", "aws:", 1)
    return Problem(key=key, value=problem.value, allowed=problem.allowed)


def _unknown_keys(config: Mapping[str, object]) -> Iterator[Problem]:
    for key, value in config.items():
        namespace, _, name = key.partition(":")
        if namespace == NAMESPACE and name not in _SECTIONS:
            yield Problem(key=key, value=value, allowed=unknown_key(name, _SECTIONS))


def _zones_in_region(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    for key, zones in (
        ("zones", network.zones),
        ("controlPlaneZones", network.control_plane_zones),
    ):
        for index, zone in enumerate(zones):
            if region_of(zone) != settings.aws.region:
                yield Problem(
                    key=f"{NAMESPACE}:network.{key}[{index}]",
                    value=zone,
                    allowed=f"a zone of aws:region {settings.aws.region}",
                )


def _sizes(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.root.items():
        size, key = pool.per_zone, f"{NAMESPACE}:pools.{name}.perZone"
        if size.min > size.max:
            allowed = f"at most max, which is {size.max}"
            yield Problem(key=f"{key}.min", value=size.min, allowed=allowed)
        if size.initial is not None and not size.min <= size.initial <= size.max:
            allowed = f"{size.min} to {size.max} (min to max)"
            yield Problem(key=f"{key}.initial", value=size.initial, allowed=allowed)


def _spot_variety(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.root.items():
        if pool.capacity_type == "SPOT" and len(pool.instance_types) < 2:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                value=list(pool.instance_types),
                allowed="two types or more: one type's spot capacity can be gone in a whole zone",
            )


_WORLD = 8
"""Networks shorter than this are nobody's own: no registry ever gave out more than a /8."""


def _endpoint_not_open(settings: Settings) -> Iterator[Problem]:
    cluster = settings.cluster
    for index, cidr in enumerate(cluster.public_access_cidrs):
        if IPv4Network(cidr).prefixlen < _WORLD and not cluster.public_access_from_anywhere:
            yield Problem(
                key=f"{NAMESPACE}:cluster.publicAccessCidrs[{index}]",
                value=cidr,
                allowed="your own networks, or publicAccessFromAnywhere: true beside it",
            )


RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _zones_in_region,
    _sizes,
    _spot_variety,
    _endpoint_not_open,
)
"""What must hold across fields."""
