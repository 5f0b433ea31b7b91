"""A comparison as Markdown for a comment on a pull request."""

import re
from collections.abc import Iterator, Sequence

from settings.reading.wording import counted
from tools.preview.diff.blocks import Block, Section
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.sections import sections

LIMIT = 65_536
"""Most characters of a comment on GitHub; the API refuses a longer one with status 422."""

_FRAME = 250
"""Most characters of a section around its blocks."""

_SPECIAL = re.compile(r"([\\`*_<>|\[\]#~])")


def markdown(comparison: Comparison, limit: int = LIMIT) -> str:
    """Returns a comparison, of which the first three lines are the summary.

    If it is longer than the limit, the largest section loses blocks from its end, and says so. The
    last line is a comment by which a later run finds its own comment.
    """
    head = "\n".join(
        (
            *(f"- **{title}:** {_escaped(text)}" for title, text in comparison.summary),
            "",
            f"Stack `{comparison.stack}`, {_escaped(comparison.counts)}. "
            f"Before: `{comparison.before.name}`. After: `{comparison.after.name}`.",
            *(f"\n{_escaped(each)}." for each in comparison.notes),
            "",
        )
    )
    tail = f"{marker(comparison.stack)}\n"
    parts = [_Part(each) for each in sections(comparison)]
    while sum(each.size for each in parts) + len(head) + len(tail) > limit:
        max(parts, key=lambda each: each.size).drop()
    return f"{head}{''.join(map(str, parts))}{tail}"


def marker(stack: str) -> str:
    """Returns the invisible line that identifies the comment of a stack."""
    return f"<!-- ha-eks preview --against: {stack} -->"


class _Part:
    """A section as Markdown, from which blocks can be dropped."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._blocks = ["".join(_block(each)) for each in section.blocks]
        self._dropped = 0
        self.size = sum(map(len, self._blocks)) + _FRAME
        """Most characters of the section."""

    def drop(self) -> None:
        """Removes the last block."""
        self.size -= len(self._blocks.pop())
        self._dropped += self._section.blocks[len(self._blocks)].count

    def __str__(self) -> str:
        """Returns the folded section."""
        rest = ""
        if self._dropped:
            what = counted(self._dropped, self._section.noun or "table")
            rest = (
                f"\nLeft out, because a comment has at most {LIMIT:,} characters: {what}. "
                "`--json` prints all.\n"
            )
        blocks = "".join(self._blocks)
        title = self._section.heading
        return f"\n<details>\n<summary>{title}</summary>\n{blocks}{rest}\n</details>\n"


def _block(block: Block) -> Iterator[str]:
    yield f"\n**{_escaped(block.title)}**\n"
    yield from ("\n", *(f"- {_escaped(each)}\n" for each in block.texts))
    if block.differences:
        fence = "`" * (3 + max(map(_backticks, block.differences)))
        yield "\n".join((f"{fence}diff", *block.differences, fence, ""))
    if block.table:
        yield from _table(block.table)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    columns, *others = rows
    alignment = ["---", *["---:"] * (len(columns) - 1)]
    for row in (map(_escaped, columns), alignment, *(map(_escaped, each) for each in others)):
        yield f"| {' | '.join(row)} |\n"


def _backticks(line: str) -> int:
    return max(map(len, re.findall("`+", line)), default=0)


def _escaped(text: str) -> str:
    r"""Returns a text in which no character formats: GitHub shows a\_b as a_b."""
    return _SPECIAL.sub(r"\\\1", text)
