"""The resources that depend on the image of an app, from two recordings that differ in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from tools.deploy.preview_steps import Step, changing, short
from tools.recording import Recording, Resource

CREATED = ""
"""Path of a resource that only one of two recordings has."""


def dependents(first: Recording, second: Recording) -> Mapping[str, frozenset[str]]:
    """Returns the paths of the inputs that differ between two recordings, by URN."""
    return {
        urn: paths
        for urn in dict.fromkeys(each.urn for each in (*first.resources, *second.resources))
        if (paths := _paths(_found(first, urn), _found(second, urn)))
    }


def beyond(urns: Sequence[str], app: str, *recordings: Recording) -> Sequence[str]:
    """Returns the URNs that are no Kubernetes objects of the component of an app."""
    return [
        urn
        for urn in urns
        if not any(
            _belongs_to(recording, resource, app)
            for recording in recordings
            for resource in filter(None, [_found(recording, urn)])
        )
    ]


def changes(steps: Sequence[Step], allowed: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yields a line for each change of a preview, except of the allowed paths."""
    for step in changing(steps):
        urn, operation = str(step["urn"]), str(step["op"])
        old, new = (step.get(state) for state in ("oldState", "newState"))
        paths = (
            differing(old.get("inputs", {}), new.get("inputs", {}))
            if old and new
            else frozenset({CREATED})
        )
        for path in sorted(paths - allowed.get(urn, frozenset())):
            yield f"{short(urn)}: {path or operation}"


def differing(first: object, second: object) -> frozenset[str]:
    """Returns the paths of the values that differ, such as spec.containers[0].image."""
    one, other = dict(_leaves(first, "")), dict(_leaves(second, ""))
    return frozenset(
        path for path in {*one, *other} if one.get(path, _ABSENT) != other.get(path, _ABSENT)
    )


_ABSENT = object()


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for name, item in cast("Mapping[str, object]", value).items():
            yield from _leaves(item, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list | tuple) and value:
        for number, item in enumerate(cast("Sequence[object]", value)):
            yield from _leaves(item, f"{path}[{number}]")
    else:
        yield path, value


def _paths(first: Resource | None, second: Resource | None) -> frozenset[str]:
    if first is None or second is None:
        return frozenset({CREATED})
    return differing(first.inputs, second.inputs)


def _found(recording: Recording, urn: str) -> Resource | None:
    try:
        return recording.get(urn)
    except KeyError:
        return None


def _belongs_to(recording: Recording, resource: Resource, app: str) -> bool:
    """True for a Kubernetes object below the component of an app, which has the app's name."""
    if not resource.type.startswith("kubernetes:"):
        return False
    parent = resource.parent
    while parent:
        above = _found(recording, parent)
        if above is None:
            return False
        if not above.custom and above.name == app:
            return True
        parent = above.parent
    return False
