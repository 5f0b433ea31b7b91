"""Adds a value to the text of a stack file; all other text stays as it is."""

from collections.abc import Sequence

import yaml

from settings.reading.yaml_nodes import children, compose

_INDENTATION = 2


def addition(text: str, path: Sequence[str], value: str) -> tuple[int, int, str]:
    """Returns the position of a new value at a path, twice, and the text to add there.

    The value is added at the end of the deepest mapping of the path, in the style of the mapping.
    """
    entry, left = compose(text), list(path)
    assert entry
    while left:
        below = children(entry).get(left[0])
        if below is None or not isinstance(below.node, yaml.MappingNode):
            break
        entry, left = below, left[1:]
    node = entry.node
    assert isinstance(node, yaml.MappingNode)
    if node.flow_style:
        at = node.start_mark.index + 1
        return at, at, _in_braces(left, value) + (", " if node.value else "")
    at = _end_of_line(text, _end(node))
    line_break = "\r\n" if "\r\n" in text else "\n"
    column = node.value[0][0].start_mark.column
    lines = [f"{' ' * (column + _INDENTATION * depth)}{name}:" for depth, name in enumerate(left)]
    return at, at, "".join(f"{line_break}{line}" for line in lines) + f" {value}"


def _in_braces(path: Sequence[str], value: str) -> str:
    first, *rest = path
    return f"{first}: {{{_in_braces(rest, value)}}}" if rest else f"{first}: {value}"


def _end(node: yaml.Node) -> int:
    """Returns the position after the last value of a node in block style."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    return node.end_mark.index


def _end_of_line(text: str, position: int) -> int:
    """Returns the end of the line of a position; text in a block ends after its line break."""
    if position and text[position - 1] == "\n":
        position -= 1
    found = text.find("\n", position)
    end = len(text) if found < 0 else found
    return end - 1 if text[:end].endswith("\r") else end
