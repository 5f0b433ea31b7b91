"""Output of a drill: results and timelines on the terminal, and `drills.json`."""

import dataclasses
import itertools
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from tools.console import OutputConsole
from tools.drills.baseline_objects import PREFIX
from tools.drills.drill import Watch
from tools.drills.outcome import Outcome
from tools.drills.parts import real_parts, simulated_parts
from tools.drills.result import Result
from tools.drills.timeline import Change, bar, changes, columns

_COLUMNS = 48
"""Characters of a timeline."""


class Report:
    """Prints the outcome of each scenario, and collects all of them."""

    def __init__(
        self,
        stack: str,
        needed: Mapping[str, int],
        programs: Mapping[str, Path],
        scenarios: Sequence[str],
    ) -> None:
        """`needed`: the number of pods of each app that its load needs. `scenarios`: the names of
        the chosen scenarios, in the order of the summary."""
        self._stack, self._needed = stack, needed
        self._real, self._simulated = real_parts(programs), simulated_parts(programs)
        self._began = time.monotonic()
        self._console = OutputConsole(highlight=False)
        self._scenarios = scenarios
        self._outcomes: dict[str, Outcome] = {}

    def begin(self, nodes: int, seconds: float) -> None:
        """Prints the parts of the drill."""
        self._print(
            f"[bold]drill of stack {escape(self._stack)}[/]: {nodes} simulated nodes, all pods "
            f"ready after {seconds:.0f}s"
        )
        self._print(f"[dim]real: {escape(', '.join(self._real))}[/]")
        for part, model in self._simulated.items():
            self._print(f"[dim]simulated: {part}: {model}[/]")

    def add(self, outcome: Outcome) -> None:
        """Prints the results of a scenario, and the timeline in which the fewest pods serve."""
        self._outcomes[outcome.scenario] = outcome
        self._print(f"\n[bold]{escape(outcome.scenario)}[/]")
        for result in outcome.results:
            self._print(
                f"  {_mark(result.kept)} {escape(result.scenario)}, {escape(result.subject)}: "
                f"{escape(promised_text(result))}; [bold]seen: {escape(seen_text(result))}[/]"
                f"{escape(_detail(result))}{escape(_beside(result))}"
            )
        if not outcome.timelines:
            return
        name, watch = min(outcome.timelines.items(), key=lambda each: self._least_share(each[1]))
        self._print(f"  [dim]{escape(name)}[/]")
        for app in self._needed:
            self._print_timeline(watch, app)
        end = f"{watch.samples[-1].seconds:.0f}s"
        self._print(f"  [dim]{'':{self._width}}0s{end:>{_COLUMNS - 2}}[/]")

    def not_drilled(self, scenario: str, reason: str) -> None:
        """Prints that a scenario does not run."""
        self._outcomes[scenario] = Outcome(scenario, not_drilled=reason)
        self._print(f"\n[bold]{escape(scenario)}[/]\n  NOT DRILLED: {escape(reason)}")

    @property
    def all_kept(self) -> bool:
        """True if every promise was kept."""
        return all(each.kept for outcome in self._ordered for each in outcome.results)

    def write(self, folder: Path, failure: str | None) -> None:
        """Writes `drills.json` to a folder and prints the summary."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json_of(self.document(failure))
        (folder / "drills.json").write_text(text, encoding="utf-8")
        if any(outcome.results for outcome in self._ordered):
            self._console.print()
            self._console.print(self._table())
        results = [each for outcome in self._ordered for each in outcome.results]
        broken = sum(not each.kept for each in results)
        verdict = "[bold red]failed[/]" if failure or broken else "[bold green]passed[/]"
        self._print(
            f"\n{verdict}: {len(results) - broken} promises kept, {broken} broken, "
            f"in {self._duration()}"
        )

    def document(self, failure: str | None) -> Mapping[str, Any]:  # Any: JSON
        """Returns the content of `drills.json`."""
        return {
            "stack": self._stack,
            "date": datetime.now(UTC).date().isoformat(),
            "real": self._real,
            "simulated": self._simulated,
            "needed": self._needed,
            "scenarios": {outcome.scenario: _json(outcome) for outcome in self._ordered},
            "failure": failure,
        }

    def _duration(self) -> str:
        """Returns the time since the drill began, such as 12m 05s."""
        minutes, seconds = divmod(round(time.monotonic() - self._began), 60)
        return f"{minutes}m {seconds:02}s"

    @property
    def _ordered(self) -> Sequence[Outcome]:
        """Outcomes in the order of the chosen scenarios."""
        return [self._outcomes[name] for name in self._scenarios if name in self._outcomes]

    def _table(self) -> Table:
        """Returns the closest result of each scenario and kind of promise."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("scenario", "promised", "seen", "baseline", "kept"):
            table.add_column(title, no_wrap=title in {"scenario", "kept"})
        for outcome in self._ordered:
            for number, result in enumerate(closest(outcome.results)):
                table.add_row(
                    outcome.scenario if number == 0 else "",
                    escape(f"{promised_text(result)} ({result.subject})"),
                    escape(seen_text(result)),
                    escape(baseline_text(result)),
                    f"{_mark(outcome.kept == len(outcome.results))} "
                    f"{outcome.kept} of {len(outcome.results)}"
                    if number == 0
                    else "",
                )
        return table

    @property
    def _width(self) -> int:
        """Characters of the names in front of a timeline."""
        return max(len(app) for app in self._needed) + len("  baseline  ")

    def _print_timeline(self, watch: Watch, app: str) -> None:
        lines = {"ha-eks": changes(watch, app)}
        if watch.baseline(app) is not None:
            lines["baseline"] = changes(watch, PREFIX + app)
        counts = {each.pods for timeline in lines.values() for each in timeline}
        if len(counts) == 1:
            return
        for name, timeline in lines.items():
            title = f"{app if name == 'ha-eks' else '':{self._width - 12}}  {name:<10}"
            bars = "".join(self._bars(app, timeline, max(counts)))
            low = min(each.pods for each in timeline)
            self._print(f"  {escape(title)}{bars} [dim]lowest[/] {low}")

    def _bars(self, app: str, timeline: Sequence[Change], most: int) -> Iterator[str]:
        """Yields the bars of a timeline, red below the needed number of pods."""
        for pods, equal in itertools.groupby(columns(timeline, _COLUMNS)):
            color = "red" if pods < self._needed[app] else "green"
            yield f"[{color}]{bar(pods, most) * len([*equal])}[/]"

    def _least_share(self, watch: Watch) -> tuple[float, float]:
        """Returns the lowest share of the needed pods that serve, and that of the baseline."""
        needed = self._needed.items()
        baselines = [(watch.baseline(app), count) for app, count in needed]
        return (
            min(watch.lowest(app) / count for app, count in needed),
            min((low / count for low, count in baselines if low is not None), default=1.0),
        )

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


def closest(results: Sequence[Result]) -> Iterator[Result]:
    """Yields for each kind of promise the result that came closest to breaking it.

    Of equal results, that with the worst baseline.
    """
    for bound in dict.fromkeys(each.bound for each in results):
        yield max((each for each in results if each.bound == bound), key=_closeness)


def _closeness(result: Result) -> tuple[bool, float, float]:
    has_baseline = bool(baseline_text(result))
    baseline = result.ratio(result.baseline) if has_baseline else 0.0
    return not result.kept, result.ratio(result.seen), baseline


def json_of(document: Mapping[str, Any]) -> str:  # Any: JSON
    """Returns a document as JSON, with each change of a timeline on the same line."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return re.sub(r"\[\s+([\d.]+),\s+(\d+)\s+\]", r"[\1, \2]", text) + "\n"


def _json(outcome: Outcome) -> Mapping[str, Any]:  # Any: JSON
    if outcome.not_drilled:
        return {"not_drilled": outcome.not_drilled}
    return {
        "seconds": round(outcome.seconds),
        "results": [{**dataclasses.asdict(each), "kept": each.kept} for each in outcome.results],
        "timelines": {
            name: {app: changes(watch, app) for app in watch.samples[0].serving}
            for name, watch in outcome.timelines.items()
        },
    }


def _mark(kept: bool) -> str:
    return "[green]✓[/]" if kept else "[bold red]✗[/]"


def promised_text(result: Result) -> str:
    """Returns a promise with its computed figure."""
    return f"{result.bound} {result.computed:.0f} {result.unit}"


def seen_text(result: Result) -> str:
    """Returns the figure that was seen, or words in place of a figure."""
    return "not within the time" if result.seen is None else f"{result.seen:.0f}"


def _detail(result: Result) -> str:
    return f" ({result.detail})" if result.detail else ""


def baseline_text(result: Result) -> str:
    """Returns the figure of the baseline, or words in place of a figure."""
    return result.baseline_detail if result.baseline is None else f"{result.baseline:.0f}"


def _beside(result: Result) -> str:
    return f"; baseline: {baseline_text(result)}" if baseline_text(result) else ""
