"""Resources of a stack by component, with the dependencies of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.recording import Recording, Resource

MAX_DEPENDENCIES = 8
"""Dependencies of a resource that the page names; recording.json has all."""


@dataclass(frozen=True, kw_only=True)
class ResourceView:
    """A resource, with the resources that must exist before it."""

    id: str
    """ID of its row on the page."""
    name: str
    type: str
    parent: str
    """Name of the component that contains the resource."""
    dependencies: Sequence[tuple[str, str]]
    """IDs and names of direct dependencies, without those that another one depends on too; at most
    MAX_DEPENDENCIES."""
    more: int
    """Number of further dependencies."""


@dataclass(frozen=True, kw_only=True)
class ComponentView:
    """A component of the program, with all resources in it."""

    name: str
    kind: str
    resources: Sequence[ResourceView]


def components_of(recording: Recording) -> Sequence[ComponentView]:
    """Returns the components below the stack, in the order of the first resource of each."""
    ids = {each.urn: f"r{number}" for number, each in enumerate(recording.cloud_resources)}
    direct = _direct(recording)
    found: dict[str, list[ResourceView]] = {}
    for each in recording.cloud_resources:
        dependencies = [urn for urn in direct[each.urn] if urn in ids]
        found.setdefault(component_of(recording, each).urn, []).append(
            ResourceView(
                id=ids[each.urn],
                name=each.name,
                type=each.type,
                parent=recording.get(each.parent).name if each.parent else "",
                dependencies=[
                    (ids[urn], _label(recording.get(urn)))
                    for urn in dependencies[:MAX_DEPENDENCIES]
                ],
                more=max(0, len(dependencies) - MAX_DEPENDENCIES),
            )
        )
    return [
        ComponentView(
            name=recording.get(urn).name, kind=_kind(recording.get(urn)), resources=resources
        )
        for urn, resources in found.items()
    ]


def component_of(recording: Recording, resource: Resource) -> Resource:
    """Returns the component below the stack that contains a resource."""
    above = resource
    while above.parent and recording.get(above.parent).parent:
        above = recording.get(above.parent)
    return above


def _direct(recording: Recording) -> Mapping[str, Sequence[str]]:
    """Returns the dependencies of each resource that no other dependency of it depends on.

    `before` has a bit for each direct and indirect prerequisite of a resource.
    """
    bits = {each.urn: 1 << number for number, each in enumerate(recording.resources)}
    before: dict[str, int] = {}
    found: dict[str, Sequence[str]] = {}
    for each in recording.resources:
        mask = 0
        for urn in each.prerequisites:
            mask |= before.get(urn, 0) | bits.get(urn, 0)
        before[each.urn] = mask
        found[each.urn] = [*_not_implied(each, before, bits)]
    return found


def _not_implied(
    resource: Resource, before: Mapping[str, int], bits: Mapping[str, int]
) -> Iterator[str]:
    implied = 0
    for urn in resource.dependencies:
        implied |= before.get(urn, 0)
    for urn in resource.dependencies:
        if urn in bits and not implied & bits[urn]:
            yield urn


def _label(resource: Resource) -> str:
    return f"{_kind(resource)} {resource.name}"


def _kind(resource: Resource) -> str:
    return resource.type.rpartition(":")[2]
