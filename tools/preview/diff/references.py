"""Names for outputs in inputs: a recording has made-up IDs, which mean nothing to a reader."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pulumi

from tools.recording import Resource
from tools.recording.made_up_outputs import ACCOUNT, MadeUpOutputs

Inputs = Mapping[str, Any]  # Any: JSON of any shape

_AWS = "pulumi:providers:aws"
_SHORTEST = 10
"""Characters of the shortest text that identifies a resource."""
_SHARED = ("aws:lb/loadBalancer:LoadBalancer", "zoneId")
"""Type and path of an output that is the same for all load balancers of a region.
https://docs.aws.amazon.com/general/latest/gr/elb.html"""
_WORD = re.compile(r"[^\s\"',;{}()<>]{10,}")
_SUFFIX = re.compile(r"(:\*|/\*|:log-stream:.*)$")


def label(resource: Resource) -> str:
    """Returns the kind of a resource and its logical name, such as Deployment web."""
    kind = resource.type.rpartition(":")[2]
    if resource.type.startswith("pulumi:providers:"):
        return f"{kind} provider {resource.name}"
    return f"{kind} {resource.name}"


class References:
    """Outputs of resources by their made-up texts."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        regions = [each.inputs.get("region") for each in resources if each.type == _AWS]
        self._made_up = MadeUpOutputs(str(next(filter(None, regions), "us-east-1")))
        self._markers: dict[str, str] = {}
        for each in resources:
            inputs = {*texts(each.inputs)}
            for path, text in self._outputs(each):
                own = text not in inputs and text != ACCOUNT and (each.type, path) != _SHARED
                if own and len(text) >= _SHORTEST:
                    self._markers.setdefault(text, f"({path} of {label(each)})")

    def named(self, value: Any) -> Any:  # Any: JSON of any shape
        """Returns a value with the name of the output in place of each made-up text."""
        if isinstance(value, Mapping):
            values = cast("Mapping[str, Any]", value)
            return {key: self.named(item) for key, item in values.items()}
        if isinstance(value, list):
            return [self.named(item) for item in cast("list[Any]", value)]
        if not isinstance(value, str) or len(value) < _SHORTEST:
            return value
        return self._markers.get(value) or _WORD.sub(self._marker, value)

    def outputs(self, resource: Resource, *, also_inputs: bool) -> frozenset[str]:
        """Returns the names of the outputs of a resource, or also the texts of its inputs."""
        found = {text for _, text in self._outputs(resource)}
        if not also_inputs:
            found = {each for each in found if each in self._markers}
        return frozenset(self._markers.get(each, each) for each in found)

    def _outputs(self, resource: Resource) -> Iterator[tuple[str, str]]:
        """Yields path and text of the outputs of a resource and of its ID."""
        arguments = pulumi.runtime.MockResourceArgs(
            resource.type, resource.name, {**resource.inputs}, custom=True
        )
        try:
            id_, outputs = self._made_up.new_resource(arguments)
        except KeyError:  # an older program does not set an input that the ID contains
            return
        yield "id", id_ or ""
        yield from leaves(outputs)

    def _marker(self, word: re.Match[str]) -> str:
        """Returns the name of the output in a part of a text."""
        text = word[0]
        core = _SUFFIX.sub("", text)
        return self._markers[core] + text[len(core) :] if core in self._markers else text


def texts(value: Any) -> Iterator[str]:
    """Yields the texts inside of a value."""
    yield from (text for _, text in leaves(value))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yields path and text of each text inside of a value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from leaves(item, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Any]", value)):
            yield from leaves(item, f"{path}[{number}]")
