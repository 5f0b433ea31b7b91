"""Resources that a change adds, removes, updates or replaces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from core.facts.replacements import deletes_before_create, is_known, replacing_paths
from tools.preview.diff.references import References, label, leaves
from tools.preview.diff.secrets import hidden
from tools.preview.diff.values import ABSENT, Change, below, changes
from tools.recording import Resource

Action = Literal["replaced", "removed", "added", "changed"]

OLD_ONE = "(of the old one)"
"""Former value of an input that contains an output of a replaced resource."""

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

Inputs = Mapping[str, Any]  # Any: JSON of any shape


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """A resource that differs, and the way in which Pulumi applies the difference."""

    action: Action
    resource: Resource
    """The resource after the change; before the change if it is removed."""
    changes: Sequence[Change] = ()
    """Inputs that differ; empty for added and removed resources."""
    forced_by: Sequence[str] = ()
    """Sorted paths of the inputs that force the replacement."""
    known: bool = True
    """False if the inputs that replace a resource of the type are not known."""
    by_command: bool = False
    """True if only `make replace-nodes` replaces the resource, because `up` is refused."""
    deleted_first: bool = False
    """True if a replaced resource is deleted before the new one is created."""

    @property
    def stays(self) -> bool:
        """True if Pulumi does not delete the old resource, and no longer manages it."""
        return bool(self.resource.options.get("retainOnDelete"))


def resource_changes(before: Sequence[Resource], after: Sequence[Resource]) -> list[ResourceChange]:
    """Returns the changes between two recordings, in their order of creation.

    A replaced resource changes the inputs of other resources that contain its outputs; these can be
    replaced in turn. `after` has each resource after its dependencies.
    """
    old = {each.urn: each for each in before}
    pairs = {each.urn: _former(each, old) for each in after}
    comparison = _Comparison(before, after)
    found: list[ResourceChange] = []
    for each in after:
        former = pairs[each.urn]
        if former is None:
            found.append(ResourceChange(action="added", resource=each))
        elif change := comparison.compare(former, each):
            found.append(change)
    kept = {each.urn for each in pairs.values() if each}
    removed = [each for each in before if each.urn not in kept]
    return [*found, *(ResourceChange(action="removed", resource=each) for each in removed)]


def _former(resource: Resource, old: Mapping[str, Resource]) -> Resource | None:
    """Returns the same resource before the change, also under an alias."""
    names = [resource.name, *filter(None, _option(resource, "aliases"))]
    prefix = resource.urn.rpartition("::")[0]
    urns = (each if each.startswith("urn:") else f"{prefix}::{each}" for each in names)
    return next((old[each] for each in urns if each in old), None)


@dataclass(frozen=True, kw_only=True)
class _Replaced:
    """A replaced resource, as resources that use it see it."""

    label: str
    outputs: frozenset[str]
    """Texts in inputs that are, for Pulumi, not known before the new resource exists."""
    by_command: bool


class _Comparison:
    """Compares resources one after the other, and remembers those that are replaced."""

    def __init__(self, before: Sequence[Resource], after: Sequence[Resource]) -> None:
        self._before, self._after = References(before), References(after)
        self._replaced: dict[str, _Replaced] = {}
        self._templates: set[str] = set()
        """URNs of launch templates that get another version."""

    def compare(self, old: Resource, new: Resource) -> ResourceChange | None:
        """Returns the change of a resource; None if it stays as it is."""
        before: Inputs = self._before.named(hidden(old))
        wanted: Inputs = self._after.named(hidden(new))
        sent = _with_ignored(before, wanted, _option(new, "ignoreChanges"))
        causes = self._causes(new, sent)
        found = [*changes(before, sent), *self._through(new, sent)]
        by_nodes = frozenset[str]()
        if new.type == _NODE_GROUP:
            by_nodes = replacing_paths(new.type, sent, wanted)
            found += [each for each in changes(sent, wanted) if _is_below(each.path, by_nodes)]
        if not found and not causes:
            return None
        known = is_known(new.type)
        direct = replacing_paths(new.type, before, sent) if known else frozenset[str]()
        direct |= _chosen(new, found)
        forced = sorted({*direct, *by_nodes, *causes})
        if not forced:
            if new.type == _TEMPLATE:
                self._templates.add(new.urn)
            return ResourceChange(action="changed", resource=new, changes=found, known=known)
        through_nodes = all(each.by_command for each in causes.values())
        change = ResourceChange(
            action="replaced",
            resource=new,
            changes=found,
            forced_by=forced,
            known=known,
            by_command=not direct and through_nodes,
            deleted_first=bool(new.options.get("deleteBeforeReplace"))
            or deletes_before_create(new.type, before, sent),
        )
        self._replaced[new.urn] = _Replaced(
            label=label(new),
            # If the old one is deleted first, all resources that refer to it depend on that.
            outputs=self._after.outputs(new, also_inputs=change.deleted_first),
            by_command=change.by_command,
        )
        return change

    def _sources(self, resource: Resource, inputs: Inputs) -> Iterator[tuple[str, _Replaced]]:
        """Yields the paths of inputs that contain outputs of replaced resources."""
        for key, value in inputs.items():
            # Remote components do not say which of their dependencies an input comes from.
            urns = resource.sources.get(key, ()) if resource.sources else resource.dependencies
            for source in (self._replaced[urn] for urn in urns if urn in self._replaced):
                for path, text in leaves(value, key):
                    if any(
                        each == text or (_is_name(each) and each in text) for each in source.outputs
                    ):
                        yield path, source

    def _through(self, resource: Resource, inputs: Inputs) -> Iterator[Change]:
        """Yields the inputs that change although the program is the same."""
        labels: dict[str, dict[str, None]] = {}
        for path, source in self._sources(resource, inputs):
            labels.setdefault(path, {})[source.label] = None
        for path, each in labels.items():
            yield Change(path=path, old=OLD_ONE, new=f"(of the new {', '.join(each)})")
        if self._templates.intersection(resource.sources.get("launchTemplate", ())):
            yield Change(path="launchTemplate.version", old="(present)", new="(new)")

    def _causes(self, resource: Resource, inputs: Inputs) -> Mapping[str, _Replaced]:
        """Returns the replaced resources that replace this resource in turn, by input."""
        found: dict[str, _Replaced] = {}
        if resource.provider in self._replaced:
            found["provider"] = self._replaced[resource.provider]
        for path, source in self._sources(resource, inputs):
            if is_known(resource.type):
                key = path.partition(".")[0].partition("[")[0]
                forcing = replacing_paths(resource.type, inputs, {**inputs, key: ABSENT})
                found |= {each: source for each in forcing if below(path, each)}
        return found


def _chosen(resource: Resource, found: Sequence[Change]) -> frozenset[str]:
    """Returns the changed paths that the option replaceOnChanges names."""
    wanted = _option(resource, "replaceOnChanges")
    return frozenset(each.path for each in found if "*" in wanted or _is_below(each.path, wanted))


def _is_below(path: str, prefixes: Sequence[str] | frozenset[str]) -> bool:
    return any(below(path, prefix) for prefix in prefixes)


def _is_name(text: str) -> bool:
    """True for the name of an output, which is found inside of texts as well."""
    return text.startswith("(")


def _option(resource: Resource, name: str) -> Sequence[str]:
    return cast("Sequence[str]", resource.options.get(name, ()))


def _with_ignored(before: Inputs, wanted: Inputs, paths: Sequence[str]) -> Inputs:
    """Returns the inputs that Pulumi sends: ignored inputs keep their former values."""
    result: Inputs = wanted
    for path in paths:
        result = _kept(before, result, path.split("."))
    return result


def _kept(before: Inputs, wanted: Inputs, path: Sequence[str]) -> Inputs:
    """Returns `wanted` with the value of `before` at a path."""
    key, *rest = path
    former, value = before.get(key, ABSENT), wanted.get(key, ABSENT)
    if rest:
        if not isinstance(value, Mapping):
            return wanted
        inner = cast("Inputs", former if isinstance(former, Mapping) else {})
        return {**wanted, key: _kept(inner, cast("Inputs", value), rest)}
    if former is ABSENT:
        return {name: each for name, each in wanted.items() if name != key}
    return {**wanted, key: former}
