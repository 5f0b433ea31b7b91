"""What an edit of a stack file is."""

from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.changes import Config


def _any(config: Config) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change that somebody makes to a stack file."""

    name: str
    change: Callable[[Config], None]
    may: tuple[str, ...]
    """Operations that may follow; each has to be seen at least once."""
    might: tuple[str, ...] = ()
    """Operations that may follow, depending on the stack."""
    fits: Callable[[Config], bool] = _any
    """Whether it can be made to a stack file."""
