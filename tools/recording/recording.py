"""What a stack would create: plain data, in an order in which it can be created."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration, with the values that Pulumi's engine would see."""

    urn: str
    """URN as the engine gives it."""
    type: str
    """Type token, such as aws:ec2/vpc:Vpc."""
    name: str
    """Logical name."""
    custom: bool
    """False for components."""
    remote: bool
    """Whether a provider expands it into children, as pulumi-eks does."""
    inputs: Mapping[str, object]
    """Inputs, by their names on the wire; whole numbers are integers."""
    parent: str | None
    """URN of the parent; None for the stack."""
    provider: str | None
    """URN of the explicit provider, None for components and providers."""
    dependencies: tuple[str, ...]
    """URNs that it depends on, by values or by `depends_on`, sorted."""
    options: Mapping[str, object]
    """Resource options that are set: ignoreChanges, protect, …"""
    transforms: tuple[str, ...]
    """Names of the transforms that changed it."""

    @property
    def after(self) -> Iterator[str]:
        """URNs of everything that has to be there before it."""
        yield from self.dependencies
        yield from (urn for urn in (self.parent, self.provider) if urn)


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A checked stack file and everything that it registers."""

    stack: str
    """Name of the stack, which is the cell."""
    settings: Settings
    """The checked settings."""
    resources: tuple[Resource, ...]
    """Every resource, each after those it depends on; ties by URN."""
    outputs: Mapping[str, object]
    """Stack outputs, with made-up values."""

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """The resources of some types."""
        return tuple(resource for resource in self.resources if resource.type in types)

    @property
    def made(self) -> tuple[Resource, ...]:
        """What exists in the cloud in the end: no components, no providers."""
        return tuple(
            each
            for each in self.resources
            if each.custom and not each.type.startswith("pulumi:providers:")
        )

    def get(self, urn: str) -> Resource:
        """The resource with a URN; KeyError if there is none."""
        return self._by_urn[urn]

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    def before(self, *resources: Resource) -> frozenset[str]:
        """URNs of everything that exists before the last of `resources` is created.

        Dependencies, parents and providers count, and theirs in turn: the engine follows a
        component's `depends_on` through the parent of each child.
        """
        found: set[str] = set()
        open_urns = [urn for resource in resources for urn in resource.after]
        while open_urns:
            urn = open_urns.pop()
            if urn in found or urn not in self._by_urn:
                continue
            found.add(urn)
            open_urns.extend(self._by_urn[urn].after)
        return frozenset(found)


class RecordingError(Exception):
    """A program that cannot be recorded, with every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def in_order(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources, each after those that it depends on; ties by URN.

    Raises PlanError if they depend on one another in a circle.
    """
    waiting = {resource.urn: resource for resource in resources}
    needs = {
        urn: {other for other in resource.after if other in waiting and other != urn}
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
        raise RecordingError(
            [f"{urn}: depends on itself through others" for urn in sorted(waiting)]
        )
    return tuple(ordered)
