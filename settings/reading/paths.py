"""Follows the key of a problem, such as `ha-eks:apps.web.scratch./tmp`, into a stack's config."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

NodeT = TypeVar("NodeT")


def path_of(key: str, parts: tuple[int | str, ...]) -> str:
    """Returns a config key with a path, in the format of `pulumi config set --path`."""
    steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return key + "".join(steps)


def follow(
    node: NodeT, key: str, children: Callable[[NodeT], Mapping[str, NodeT]]
) -> tuple[NodeT, str]:
    """Returns the deepest existing node on the path of a key, and the rest of the path.

    `children` returns the children of a node by name; the names of list items are `[0]`, `[1]`, …
    Names can contain dots and brackets, so the result is the longest path that exists.
    """
    deepest, rest = node, key
    for name, child in children(node).items():
        for step in (name, f".{name}"):
            left = key.removeprefix(step)
            if len(left) == len(key) or left[:1] not in ("", ".", "["):
                continue
            found = follow(child, left, children)
            if len(found[1]) < len(rest):
                deepest, rest = found
    return deepest, rest


def value_at(config: Mapping[str, object], key: str) -> object:
    """Returns the value of a key in a config; None if the key does not exist."""
    value, rest = follow(config, key, _children)
    return None if rest else value


def _children(value: object) -> Mapping[str, object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    if isinstance(value, list):
        return {f"[{i}]": item for i, item in enumerate(cast("list[object]", value))}
    return {}
