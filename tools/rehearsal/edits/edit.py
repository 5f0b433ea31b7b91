"""What an edit of a stack file is.

An operation is written as "verb type name", the type without its package; * stands for anything,
APP for the app at "/", ZONE for the zone that comes or goes.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from settings import check

Config = dict[str, Any]  # Any: a stack file's values are YAML of any shape
"""What a stack file has under `config`, which changes are made to in place."""


def _any(config: Config) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change that somebody makes to a stack file, with what an `up` may touch because of it."""

    name: str
    change: Callable[[Config], None]
    may: tuple[str, ...]
    """Operations that may follow; each has to be seen at least once."""
    might: tuple[str, ...] = ()
    """Operations that may follow, depending on the stack."""
    fits: Callable[[Config], bool] = _any
    """Whether it can be made to a stack file."""


def takes(change: Callable[[Config], None]) -> Callable[[Config], bool]:
    """Whether a stack file is still one that is taken after a change."""

    def fits(config: Config) -> bool:
        other = copy.deepcopy(config)
        change(other)
        return not check(other)[1]

    return fits
