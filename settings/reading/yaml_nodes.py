"""YAML nodes of a stack file and their values, without the Pulumi CLI.

PyYAML implements YAML 1.1, and the Pulumi CLI YAML 1.2 with exceptions: they disagree on `yes`,
`12:30`, `010` and dates. Only plain scalars on which both agree are accepted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from yaml.composer import Composer

try:  # libyaml parses in a tenth of the time
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader

from settings.reading.problem import Problem

_STR = "tag:yaml.org,2002:str"
_PLAIN_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?")
_DISPUTED = re.compile(
    r"(?i:y|yes|n|no|on|off|true|false|null)"
    r"|[-+]?[0-9][0-9_,]*(:[0-5]?[0-9])+(\.[0-9]*)?"
    r"|[-+]?(?i:0[0-9_]+|0[xob][0-9a-f_]+|[0-9][0-9_]*\.?[0-9_]*(e[-+]?[0-9]+)?)"
    r"|[-+]?(?i:\.[0-9]+(e[-+]?[0-9]+)?|\.inf|\.nan)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
    r"|<<|=",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a mapping or list in a file."""

    node: yaml.Node
    """Node of the value."""
    line: int
    """Line of the key or of the list item, from 1."""


class FastLoader(Composer, Loader):  # pyright: ignore[reportGeneralTypeIssues, reportUntypedBaseClass]  # one of two classes
    """Composes nodes in Python from the events of libyaml.

    The composer of libyaml would exhaust the stack of the process on deeply nested text. That of
    Python raises RecursionError.
    """

    def __init__(self, text: str) -> None:
        Loader.__init__(self, text)
        Composer.__init__(self)


def compose(text: str) -> Entry | None:
    """Returns the root of a document; None if the document is empty.

    Raises YAMLError for text that is not YAML, or that has several documents. The error comes from
    the parser in Python, which describes more problems than libyaml.
    """
    try:
        node = _node(FastLoader(text))
    except yaml.YAMLError:
        node = _node(yaml.SafeLoader(text))
    return None if node is None else Entry(node=node, line=_line(node))


def _node(loader: FastLoader | yaml.SafeLoader) -> yaml.Node | None:
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()  # pyright: ignore[reportUnknownMemberType]  # untyped in its stubs


def children(entry: Entry) -> Mapping[str, Entry]:
    """Returns the entries below an entry by name; the names of list items are `[0]`, `[1]`, …

    If a key is duplicated, the result has the first entry.
    """
    if isinstance(entry.node, yaml.SequenceNode):
        return {
            f"[{i}]": Entry(node=item, line=_line(item)) for i, item in enumerate(entry.node.value)
        }
    if isinstance(entry.node, yaml.MappingNode):
        return {
            str(key.value): Entry(node=value, line=_line(key))
            for key, value in reversed(entry.node.value)
            if isinstance(key, yaml.ScalarNode)
        }
    return {}


def value_of(node: yaml.Node, key: str, problems: list[Problem]) -> object:
    """Returns the value of a node at a key, and adds unsupported YAML to `problems`."""
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key, problems)
    if isinstance(node, yaml.SequenceNode):
        return [value_of(item, f"{key}[{i}]", problems) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, key, problems)


def _mapping(node: yaml.MappingNode, key: str, problems: list[Problem]) -> dict[str, object]:
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for name_node, value_node in node.value:
        name = str(name_node.value)
        place = f"{key}.{name}".removeprefix(".").removeprefix("config.")
        line = _line(name_node)
        if not isinstance(name_node, yaml.ScalarNode):
            message = "the name of a key must be text, not a list or a mapping"
            problems.append(Problem(key=key or "config", message=message, line=line))
            continue
        _scalar(name_node, place, problems)
        if name in lines:
            message = f"already set in line {lines[name]}; keep one of the two"
            problems.append(Problem(key=place, message=message, line=line))
        if name == "secure" and len(node.value) == 1:
            message = (
                "encrypted values are not supported, because a preview cannot decrypt them; "
                "write the plain value (no setting is a secret)"
            )
            problems.append(Problem(key=key, message=message, line=line))
        lines.setdefault(name, line)
        values[name] = value_of(value_node, place, problems)
    return values


def _scalar(node: yaml.ScalarNode, key: str, problems: list[Problem]) -> object:
    text = str(node.value)
    if node.style or node.tag.startswith("!"):
        if node.tag != _STR:
            message = f"YAML tags are not supported; remove {_shown(node.tag)}"
            problems.append(Problem(key=key, value=text, message=message, line=_line(node)))
        return text
    if text in _PLAIN_WORDS:
        return _PLAIN_WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if _DISPUTED.fullmatch(text) or node.tag != _STR:
        message = (
            f'YAML readers disagree on {text}; write "{text}" in quotes for text, otherwise true, '
            "false or a plain decimal number"
        )
        problems.append(Problem(key=key, value=text, message=message, line=_line(node)))
    return text


def _shown(tag: str) -> str:
    """Returns a tag in the spelling of the file."""
    return tag.replace("tag:yaml.org,2002:", "!!", 1)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
