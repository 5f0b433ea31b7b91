"""Values that the engine does not know before it creates a resource, and their findings."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from tools.recording import Resource
from tools.rules.resources import object_in, subject_of
from tools.rules.rule import Finding

_UNKNOWN = {
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # truth value
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # text
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # list
    "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
    "e48ece36-62e2-4504-bad9-02848725956a",  # archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # mapping
}
"""Texts in place of unknown values.

https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/plugin/rpc.go
"""

_RELATED = {
    *("labels", "matchLabels", "matchExpressions", "selector", "scaleTargetRef"),
    *("resources", "replicas", "ports", "claimName", "accessModes"),
}
"""Keys that rules read in other objects than that of the finding."""


def known(values: Mapping[str, Any], unknown: list[str], path: str = "") -> dict[str, Any]:
    """Returns values without the unknown ones, and appends the paths of these to `unknown`.

    A path has the form of `Finding.field`: the place of an element with a name is its name, as in
    spec.containers[web].
    """
    found: dict[str, Any] = {}
    for key, value in values.items():
        place = f"{path}.{key}".removeprefix(".")
        if not _add_if_unknown(value, place, unknown):
            found[key] = _known_value(value, unknown, place)
    return found


def _known_value(value: Any, unknown: list[str], path: str) -> Any:  # Any: JSON of any shape
    if isinstance(value, dict):
        return known(cast("dict[str, Any]", value), unknown, path)
    if isinstance(value, list):
        places = [
            (each, f"{path}[{_name(each, index)}]")
            for index, each in enumerate(cast("list[Any]", value))
        ]
        return [
            _known_value(each, unknown, place)
            for each, place in places
            if not _add_if_unknown(each, place, unknown)
        ]
    return value


def _add_if_unknown(value: object, path: str, unknown: list[str]) -> bool:
    if isinstance(value, str) and value in _UNKNOWN:
        unknown.append(path)
        return True
    return False


def _name(element: object, index: int) -> object:
    values = cast("dict[str, object]", element) if isinstance(element, dict) else {}
    return values.get("name", index)


class Unknown:
    """Unknown values of the resources of a stack."""

    def __init__(self, paths: Iterable[tuple[Resource, list[str]]]) -> None:
        self._paths: dict[str, list[str]] = {}
        self._namespaces: set[str] = set()
        """Namespaces with objects that rules cannot relate to others; empty text for any."""
        for resource, unknown in paths:
            if unknown:
                self._paths[subject_of(resource)] = unknown
                object_ = object_in(resource)
                if object_ and any(map(_is_related, unknown)):
                    self._namespaces.add(object_.namespace)

    def decide(self, finding: Finding) -> bool:
        """True if an unknown value can be the reason of a finding."""
        field, unknown = finding.field, self._paths.get(finding.resource, [])
        if field and any(_contains(field, each) or _contains(each, field) for each in unknown):
            return True
        kind, *names = finding.resource.split("/")
        namespace = names[0] if len(names) == 2 else ""
        related = {"", namespace} & self._namespaces or (not namespace and self._namespaces)
        return bool(kind and names and related)


def _is_related(path: str) -> bool:
    return path == "metadata.name" or bool(_RELATED & {*re.split(r"[.\[\]]+", path)})


def _contains(path: str, other: str) -> bool:
    """True if a path is another one, or that of a section around it."""
    return other == path or other.startswith((f"{path}.", f"{path}["))
