"""An edit of a stack file, with the operations that it may cause.

Patterns of operations have the form "verb type name", the type without its package. The wildcard
`*` matches any text. Placeholders: APP is the app at the path "/"; ZONE is the zone that the edit
adds or removes.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from settings import check

Config = dict[str, Any]  # Any: a stack file's values are YAML of any shape
"""The `config` section of a stack file; an edit changes it in place."""


def _always(config: Config) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A change of a stack file, and the operations of `up` after it."""

    name: str
    """Name in the output."""
    change: Callable[[Config], None]
    expected: tuple[str, ...]
    """Patterns of operations; each pattern must match at least one operation."""
    optional: tuple[str, ...] = ()
    """Patterns of operations that may occur, depending on the stack."""
    applies: Callable[[Config], bool] = _always
    """True if the edit can be made to a stack file."""


def stays_valid(change: Callable[[Config], None]) -> Callable[[Config], bool]:
    """Returns a predicate: true if a stack file is valid after a change."""

    def applies(config: Config) -> bool:
        changed = copy.deepcopy(config)
        change(changed)
        return not check(changed)[1]

    return applies
