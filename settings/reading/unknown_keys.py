"""Messages for keys that do not exist."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from pydantic import BaseModel

from settings.reading.declared import Declared, fields_of
from settings.reading.hints import hint_for
from settings.reading.wording import listed

REFERENCE = "docs/settings.md"
"""Page that lists all keys."""

_NEAREST = 3
"""Maximum number of known keys that a message suggests."""


def unknown_key(
    name: str, known: Mapping[str, Declared], section: str, reference: str = REFERENCE
) -> str:
    """Returns the message for a key that does not exist in a section, such as `ha-eks:apps.web`.

    `section` is `ha-eks` for a key at the top. The remedy is a hint, a known key of this name
    further down, or the nearest known keys, at most three.
    """
    top = section.partition(".")[0]
    anchor = f"#{top.replace(':', '-')}" if ":" in top or top == "aws" else ""
    return f"unknown key{_remedy(name, known, section)} All keys: {reference}{anchor}"


def _remedy(name: str, known: Mapping[str, Declared], section: str) -> str:
    hint = hint_for(section, name)
    if hint:
        return f"; {hint}."
    below = [path for path in _paths(known) if path.endswith(f".{name}")]
    if len(below) == 1:
        prefix = "" if ":" in section or section == "aws" else f"{section}:"
        return f"; write {prefix}{below[0]} instead."
    spellings = {each.casefold(): each for each in sorted(known)}
    nearest = get_close_matches(name.casefold(), spellings, n=_NEAREST)
    choices = [f'"{spellings[each]}"' for each in nearest]
    return f"; did you mean {listed(choices, 'or')}?" if choices else "."


def _paths(fields: Mapping[str, Declared]) -> Iterator[str]:
    """Yields the paths of all keys below some fields; NAME stands for a name of the user."""
    for name, field in fields.items():
        yield name
        for path in _paths_below(field.model) if field.model else ():
            yield f"{name}.{path}"
        entry = None if field.model else field.child("NAME")
        for path in _paths_below(entry.model) if entry and entry.model else ():
            yield f"{name}{'.NAME' if field.is_mapping else '[0]'}.{path}"


@cache
def _paths_below(model: type[BaseModel]) -> tuple[str, ...]:
    """Returns the paths of all keys of a section."""
    return tuple(_paths(fields_of(model)))
