"""Types and functions that all random parts of a stack file use."""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from hypothesis import strategies as st

from settings.observability.retention import RetentionDays

Config = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]
Strategies = Mapping[str, st.SearchStrategy[Any]]
RETENTION = st.sampled_from(get_args(RetentionDays))
ACCOUNTS = ("aws", "123456789012")
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
PORT = st.integers(1, 65535)
WORD = st.text(string.ascii_lowercase, min_size=1, max_size=8)


PRESENT = st.booleans()
"""Draws whether a stack file has an optional key. A test replaces it to get every key."""


@st.composite
def keys_of(draw: Draw, required: Strategies, optional: Strategies | None = None) -> Config:
    """Returns a dictionary with all required keys and some of the optional ones."""
    return maybe(draw, {key: draw(value) for key, value in required.items()}, **(optional or {}))


def maybe(draw: Draw, section: Config, **values: st.SearchStrategy[Any]) -> Config:
    """Adds some of the values to a section and returns it."""
    for key, value in values.items():
        if draw(PRESENT):
            section[key] = draw(value)
    return section


def some(values: Sequence[Any], minimum: int = 0, maximum: int | None = None) -> Any:
    maximum = len(values) if maximum is None else min(maximum, len(values))
    return st.lists(st.sampled_from(values), min_size=minimum, max_size=maximum, unique=True)


def arn(service: str, region: str, resource: str) -> str:
    return f"arn:aws:{service}:{region}:123456789012:{resource}"
