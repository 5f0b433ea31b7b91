"""Rules whose findings are cautions on a stack file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from settings.reading.caution import Caution
from settings.stack import Settings


@dataclass(frozen=True)
class CautionRule:
    """A property of a stack file without which there is a cost or a risk."""

    id: str
    """HA9 and two digits, unique in docs/rules.md."""
    claim: str
    """One sentence that states what holds without a caution."""
    find: Callable[[Settings, date], Iterator[Caution]]
    """Yields the cautions on a stack file, as of a day."""
