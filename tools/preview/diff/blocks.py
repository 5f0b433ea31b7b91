"""Parts of a comparison, for every output."""

from collections.abc import Sequence
from dataclasses import dataclass

from settings.reading.wording import counted


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a section: texts, then differences or a table."""

    title: str
    texts: Sequence[str] = ()
    differences: Sequence[str] = ()
    """Lines that begin with -, + or, for an input that changes through another resource, !."""
    table: Sequence[Sequence[str]] = ()
    """Rows; the first has the names of the columns."""
    count: int = 1
    """Number of resources or findings in the block."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a comparison that can be folded."""

    title: str
    blocks: Sequence[Block]
    noun: str
    """Singular noun for a block, such as resource; empty if the blocks are tables."""

    @property
    def heading(self) -> str:
        """Title with the number of resources or findings."""
        count = sum(each.count for each in self.blocks)
        return f"{self.title}: {counted(count, self.noun)}" if self.noun else self.title
