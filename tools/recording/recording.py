"""The resources that a stack would create, as plain data in an order of creation."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from settings import Settings

_EXTENSION = "ha-eks:index:Extension"


def in_extension(urn: str) -> bool:
    """True if a resource belongs to an extension, whose types can be unknown to the tools."""
    return f"{_EXTENSION}$" in urn


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered resource, with the values that Pulumi's engine would receive."""

    urn: str
    """URN, the same as the engine assigns."""
    type: str
    """Type token, for example aws:ec2/vpc:Vpc."""
    name: str
    """Logical name."""
    custom: bool
    """False for components, true for all other resources."""
    remote: bool
    """True if a provider registers the children of the component, as pulumi-eks does."""
    inputs: Mapping[str, Any]  # Any: JSON of any shape
    """Inputs by their camelCase names. Whole numbers are integers."""
    parent: str | None
    """URN of the parent; None for the stack."""
    provider: str | None
    """URN of the explicit provider; None for components and providers."""
    dependencies: tuple[str, ...]
    """Sorted URNs of dependencies, from input values and from `depends_on`."""
    options: Mapping[str, object]
    """Resource options that are set, such as ignoreChanges and protect."""
    transforms: tuple[str, ...]
    """Names of the transforms that changed the inputs."""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Sorted URNs of the resources whose outputs an input contains, by the name of the input. Empty
    for children of remote components."""
    secrets: tuple[str, ...] = ()
    """Sorted paths of secret inputs, such as `masterPassword`."""

    @property
    def prerequisites(self) -> Iterator[str]:
        """URNs that must exist before this resource: dependencies, parent and provider."""
        yield from self.dependencies
        yield from (urn for urn in (self.parent, self.provider) if urn)


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The validated settings of a stack and all resources that the program registers for them."""

    stack: str
    """Name of the stack and of the cell."""
    settings: Settings
    """Validated settings."""
    resources: tuple[Resource, ...]
    """All resources. Each resource follows its prerequisites; ties are sorted by URN."""
    outputs: Mapping[str, object]
    """Stack outputs, with made-up values."""

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Returns the resources of the types."""
        return tuple(resource for resource in self.resources if resource.type in types)

    @property
    def cloud_resources(self) -> tuple[Resource, ...]:
        """Resources that exist in AWS or Kubernetes: no components and no providers."""
        return tuple(
            each
            for each in self.resources
            if each.custom and not each.type.startswith("pulumi:providers:")
        )

    def get(self, urn: str) -> Resource:
        """Returns the resource with the URN. Raises KeyError if no resource has the URN."""
        return self._by_urn[urn]

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    def before(self, *resources: Resource) -> frozenset[str]:
        """Returns the URNs of all direct and indirect prerequisites of `resources`.

        Parents are prerequisites because the engine applies `depends_on` of a component to all
        children of the component.
        """
        found: set[str] = set()
        pending = [urn for resource in resources for urn in resource.prerequisites]
        while pending:
            urn = pending.pop()
            if urn in found or urn not in self._by_urn:
                continue
            found.add(urn)
            pending.extend(self._by_urn[urn].prerequisites)
        return frozenset(found)


class RecordingError(Exception):
    """Raised if a program cannot be recorded; has all problems."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def in_creation_order(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Returns the resources, each after its prerequisites. Ties are sorted by URN.

    Raises RecordingError if the dependencies contain a cycle.
    """
    waiting = {resource.urn: resource for resource in resources}
    needs = {
        urn: {other for other in resource.prerequisites if other in waiting and other != urn}
        for urn, resource in waiting.items()
    }
    needed_by: dict[str, list[str]] = {urn: [] for urn in waiting}
    for urn, others in needs.items():
        for other in others:
            needed_by[other].append(urn)
    ready = sorted(urn for urn, others in needs.items() if not others)
    ordered: list[Resource] = []
    while ready:
        urn = heapq.heappop(ready)
        ordered.append(waiting.pop(urn))
        for dependent in needed_by[urn]:
            needs[dependent].discard(urn)
            if not needs[dependent]:
                heapq.heappush(ready, dependent)
    if waiting:
        raise RecordingError([f"{urn}: is part of a dependency cycle" for urn in sorted(waiting)])
    return tuple(ordered)
