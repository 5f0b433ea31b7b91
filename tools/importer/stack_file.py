"""The entries of the stack file: YAML that PyYAML and the Pulumi CLI read alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import yaml

from settings.reading.yaml_nodes import value_of
from settings.stack import NAMESPACE
from tools.importer.deployment import Entry

_KINDS = ("apps", "workers", "singletons", "cronJobs")
_LONGEST_LINE = 80
_MAY_BE_EMPTY = "metrics"
"""Section without required keys."""


def config(entries: Sequence[Entry]) -> dict[str, Any]:
    """Returns the keys of the stack file for workloads. Any: sections of the stack file."""
    found: dict[str, Any] = {}
    for kind in _KINDS:
        sections = {each.name: _present(each.settings) for each in entries if each.kind == kind}
        if sections:
            found[f"{NAMESPACE}:{kind}"] = sections
    return found


def text_of(keys: dict[str, Any]) -> str:
    """Returns keys as text below `config:` of a stack file, with two spaces before each line."""
    text = yaml.dump(keys, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(True))


_NOWHERE = yaml.Mark("", 0, 0, 0, None, 0)


class _Dumper(yaml.SafeDumper):
    """Writes short lists and mappings in one line, and long text as a block."""

    def ignore_aliases(self, data: object) -> bool:
        """Returns true: equal values are written twice."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indents lists in mappings."""
        super().increase_indent(flow, False)

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        """Returns the node of a mapping. Any: the type in PyYAML."""
        return super().represent_mapping(tag, mapping, flow_style=_is_short(mapping))

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        """Returns the node of a list. Any: the type in PyYAML."""
        return super().represent_sequence(tag, sequence, flow_style=_is_short(sequence))


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    plain = yaml.ScalarNode("tag:yaml.org,2002:str", value, _NOWHERE)
    style = None
    if value_of(plain, "", problems := []) != value or problems:
        style = '"'
    if "\n" in value:
        style = "|"
    plain.style = style
    return plain


_Dumper.add_representer(str, _text)


def _is_short(value: Any) -> bool:
    """True if a list or mapping of scalars fits into a line."""
    parts = [*_scalars(value)]
    return None not in parts and sum(len(str(each)) + 2 for each in parts) <= _LONGEST_LINE


def _scalars(value: Mapping[str, object] | Sequence[object]) -> Iterator[str | None]:
    """Yields keys and values as text; None for each value that needs a line of its own."""
    if isinstance(value, Mapping):
        yield from value
    items = value.values() if isinstance(value, Mapping) else value
    for each in cast("Iterable[object]", items):
        if isinstance(each, Mapping | list):
            yield None
        else:
            text = str(each)
            yield None if "\n" in text else text


def _present(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in settings.items()
        if value is not None and (value not in ({}, []) or key == _MAY_BE_EMPTY)
    }
