"""The timetable that `--critical-path` prints: the longest chain, and why each step waits."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from core.facts.creation_times import Duration
from tools.preview.critical_path import NEAR, CriticalPath, Step, critical_path, goals
from tools.recording import Recording, Resource


def timetable(recording: Recording) -> RenderableType:
    """The chain to the app at "/", and on to the domain's record if there is one."""
    parts: list[RenderableType] = []
    steps: list[Step] = []
    told: set[str] = set()
    for goal in goals(recording):
        path = critical_path(recording, goal, steps[-1].resource if steps else None)
        goes_on = [*path.steps[: len(steps)]] == steps
        new = path.steps[len(steps) :] if goes_on else path.steps
        parts += [_heading(path.steps[-1]), _table(new), *_near(path, told), Text()]
        steps += new
    return Group(*parts, *_sources(steps))


def _heading(last: Step) -> Text:
    name = escape(_named(last.resource))
    return Text.from_markup(
        f"[bold]{name}[/]: can begin after {_clock(last.begins)} min, is there after "
        f"{_clock(last.ends)} min"
    )


def _table(steps: Sequence[Step]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("at", justify="right", no_wrap=True)
    table.add_column("takes", justify="right", no_wrap=True)
    table.add_column("says", no_wrap=True)
    table.add_column("what")
    for step in steps:
        why = f"\n[dim]{escape(_why(step))}[/]" if step.begins else ""
        table.add_row(
            _clock(step.begins),
            _clock(step.duration.seconds),
            "AWS" if step.duration.documented else "estimate",
            f"{escape(_named(step.resource))}{why}",
        )
    total = sum(step.duration.seconds for step in steps)
    table.add_row("", _clock(total), "", "sum", style="bold")
    return table


def _why(step: Step) -> str:
    """Why a step waits for the one before it, and what that costs."""
    who = "".join(f"{each.name} " for each in step.through[-1:])
    if step.other is None:
        return f"{who}depends on that, and on nothing else"
    if not step.gain:
        return f"{who}depends on that, and as long on {_named(step.other)}"
    return f"{who}depends on that; else {_clock(step.gain)} sooner, after {_named(step.other)}"


def _near(path: CriticalPath, told: set[str]) -> Iterator[Text]:
    """A line for every length, of what is not told already."""
    shorter: dict[int, list[str]] = {}
    for less, resources in path.near:
        own = [each for each in resources if each.urn not in told]
        told.update(each.urn for each in own)
        if own:
            shorter.setdefault(less, []).append(" → ".join(_named(each) for each in own))
    if shorter:
        yield Text(f"\nother chains of {NEAR:.0%} of that or more, by what is only on them:")
    for less, chains in shorter.items():
        yield Text(f"  {_clock(less)} shorter: {'; '.join(chains)}")


def _sources(steps: Sequence[Step]) -> Iterator[Text]:
    """A line for every figure that is in the table."""
    kinds: dict[Duration, list[str]] = {}
    for step in steps:
        known = kinds.setdefault(step.duration, [])
        if _kind(step.resource) not in known:
            known.append(_kind(step.resource))
    for duration, names in kinds.items():
        yield Text(f"{', '.join(names)}: {_clock(duration.seconds)}, {duration.source}")


def _named(resource: Resource) -> str:
    return f"{_kind(resource)} {resource.name}"


def _kind(resource: Resource) -> str:
    return resource.type.rpartition(":")[2]


def _clock(seconds: int) -> str:
    """Minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02}"
