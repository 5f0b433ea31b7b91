"""Random stack files with errors."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, cast

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import Config, Draw
from tests.stacks.random_stacks.stack import stacks

_JUNK: list[Any] = [
    None, True, False, 0, -1, 1, 2**70, 0.5, "", "0", "x", "X-1_", "/", ":", "{", "[", "a\nb",
    " ", "é", "\u2028", "a" * 300, "10.0.0.0/16", "0.0.0.0/0", "us-east-1a", "general", "web",
    "arn:aws:iam::123456789012:role/deployer", "arn:aws:iam::123456789012:role/admin-a",
    "SPOT", "spanning", "none", [], [None], ["x", "x"], [[]], {}, {"": 0}, {"x": None},
    {"a\nb": ["arn:aws:iam::123456789012:role/admin-a"]}, {"/": {"x": []}},
]  # fmt: skip
_KEYS = ["", "x", "zone", "cdir", "a\nb", "é", "max", "min", "root", "[key]", ".", "0", "expose"]
_CHANGES = ["replaced", "moved", "absent", "added"]


def _containers(value: Any) -> list[Any]:
    """Returns the value and every mapping and list inside it."""
    nested: list[Any] = [each for each in _values(value) if isinstance(each, dict | list)]
    return [value, *(container for each in nested for container in _containers(each))]


@st.composite
def broken_stacks(draw: Draw) -> list[Config]:
    """Returns three stack files with one, two and three changes.

    A change moves, adds, removes or replaces a value.
    """
    config, files = draw(stacks()), list[Config]()
    for _ in range(3):
        config = deepcopy(config)
        _change(draw, config)
        files.append(config)
    return files


def _change(draw: Draw, config: Config) -> None:
    containers = [each for each in _containers(config) if each]
    container = draw(st.sampled_from(containers))
    mapping = isinstance(container, dict)
    keys: list[Any] = [*container] if mapping else [*range(len(container))]
    key, change = draw(st.sampled_from(keys)), draw(st.sampled_from(_CHANGES))
    value = draw(st.sampled_from(_JUNK))
    if change == "moved":
        value = draw(st.sampled_from(_values(draw(st.sampled_from(containers)))))
    if change == "absent" and len(config) > 1:
        del container[key]
    elif change != "added":
        container[key] = deepcopy(value)
    elif mapping:
        prefix = "ha-eks:" if container is config else ""
        container[prefix + draw(st.sampled_from(_KEYS) | st.text(max_size=5))] = deepcopy(value)
    else:
        container.append(deepcopy(value))


def _values(container: Any) -> list[Any]:
    values = cast("Iterable[Any]", container)
    if isinstance(container, dict):
        values = cast("Config", container).values()
    return [*values]
