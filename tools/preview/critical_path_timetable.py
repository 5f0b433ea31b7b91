"""Renders the critical path for `--critical-path`: one row per step, with its prerequisites."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from core.facts.creation_times import Duration
from tools.preview.critical_path import NEAR, CriticalPath, Step, critical_path, goals
from tools.recording import Recording, Resource

_TITLE = "Longest chain of dependencies in an empty account; typical times in minutes:seconds."
_OTHER_CHAINS = (
    f"Other chains, at least {NEAR:.0%} as long; only resources that are not listed above:"
)


def timetable(recording: Recording) -> RenderableType:
    """Returns the critical path to the app at "/" and, if the stack has a domain, to its record.

    If the path to the record starts with the path to the app, the second table has only the steps
    after the app.
    """
    parts: list[RenderableType] = [Text(_TITLE), Text()]
    steps: list[Step] = []
    printed: set[str] = set()
    for goal in goals(recording):
        path = critical_path(recording, goal, steps[-1].resource if steps else None)
        continued = bool(steps) and [*path.steps[: len(steps)]] == steps
        new = path.steps[len(steps) :] if continued else path.steps
        previous = steps[-1].resource if continued else None
        parts += [
            _heading(path.steps[-1], previous),
            _table(new, previous),
            *_near(path, printed),
            Text(),
        ]
        steps += new
    return Group(*parts, *_sources(steps))


def _heading(last: Step, previous: Resource | None) -> Text:
    """Returns the heading of a table; `previous` is the step before the first row, if any."""
    name = escape(_label(last.resource))
    after = f" (steps after {escape(_label(previous))})" if previous else ""
    return Text.from_markup(
        f"[bold]{name}[/]: starts at {_clock(last.start)}, complete at {_clock(last.end)}{after}"
    )


def _table(steps: Sequence[Step], previous: Resource | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("start", justify="right", no_wrap=True)
    table.add_column("takes", justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)
    table.add_column("resource, and why it does not start earlier")
    for step in steps:
        reason = f"\n[dim]{escape(_reason(step, previous))}[/]" if previous else ""
        table.add_row(
            _clock(step.start),
            _clock(step.duration.seconds),
            "AWS" if step.duration.documented else "estimate",
            f"{escape(_label(step.resource))}{reason}",
        )
        previous = step.resource
    total = sum(step.duration.seconds for step in steps)
    table.add_row("", _clock(total), "", "total", style="bold")
    return table


def _reason(step: Step, previous: Resource) -> str:
    """Returns the prerequisite that determines the start of a step, and its cost in time."""
    through = "".join(f" (through {each.name})" for each in step.through[-1:])
    reason = f"waits for {_label(previous)}{through}"
    if step.next_longest is None:
        return f"{reason} only"
    other = _label(step.next_longest)
    if not step.gain:
        return f"{reason}; {other} ends at the same time"
    return f"{reason}; otherwise starts {_clock(step.gain)} earlier, after {other}"


def _near(path: CriticalPath, printed: set[str]) -> Iterator[Text]:
    """Yields one line for each length, with the resources that are not in `printed`."""
    by_difference: dict[int, list[str]] = {}
    for difference, resources in path.near:
        new = [each for each in resources if each.urn not in printed]
        printed.update(each.urn for each in new)
        if new:
            chain = " → ".join(_label(each) for each in new)
            by_difference.setdefault(difference, []).append(chain)
    if by_difference:
        yield Text(f"\n{_OTHER_CHAINS}")
    for difference, chains in by_difference.items():
        length = f"{_clock(difference)} shorter" if difference else "equally long"
        yield Text(f"  {length}: {'; '.join(chains)}")


def _sources(steps: Sequence[Step]) -> Iterator[Text]:
    """Yields one line for each duration in the tables, with its source."""
    kinds: dict[Duration, list[str]] = {}
    for step in steps:
        known = kinds.setdefault(step.duration, [])
        if _kind(step.resource) not in known:
            known.append(_kind(step.resource))
    yield Text("Sources of the times:")
    for duration, names in kinds.items():
        yield Text(f"  {', '.join(names)}: {_clock(duration.seconds)}, {duration.source}")


def _label(resource: Resource) -> str:
    return f"{_kind(resource)} {resource.name}"


def _kind(resource: Resource) -> str:
    return resource.type.rpartition(":")[2]


def _clock(seconds: int) -> str:
    """Returns a time as minutes:seconds."""
    return f"{seconds // 60}:{seconds % 60:02}"
