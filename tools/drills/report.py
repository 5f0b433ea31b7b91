"""Output of a drill: one line per result on the terminal, and `drills.json`."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tools.drills.node_model import BOOT_SECONDS
from tools.drills.result import Result


class Report:
    """Prints each result below the name of its scenario, and collects all of them."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._console = Console(highlight=False)
        self._results: list[Result] = []

    def begin(self, nodes: int, seconds: float) -> None:
        """Prints the nodes and programs of the drill."""
        self._console.print(
            f"[bold]drill of stack {escape(self._stack)}[/]: {nodes} simulated nodes under a real "
            f"Kubernetes control plane, all pods ready after {seconds:.0f}s",
            soft_wrap=True,
        )
        self._console.print(
            "[dim]A model adds nodes as the Cluster Autoscaler does; a new node is ready after "
            f"{BOOT_SECONDS:.0f}s. Pods end when their grace period ends.[/]",
            soft_wrap=True,
        )

    def add(self, result: Result) -> None:
        """Prints a result."""
        if not self._results or self._results[-1].scenario != result.scenario:
            self._console.print(f"\n[bold]{escape(result.scenario)}[/]")
        self._results.append(result)
        mark = "[green]✓[/]" if result.kept else "[bold red]✗[/]"
        self._console.print(
            f"  {mark} {escape(result.subject)}: {result.bound} {result.computed:.0f} "
            f"{escape(result.unit)}; [bold]seen: {escape(_seen(result))}[/]{_baseline(result)}",
            soft_wrap=True,
        )

    @property
    def all_kept(self) -> bool:
        """True if every promise was kept."""
        return all(each.kept for each in self._results)

    def write(self, folder: Path, failure: str | None) -> None:
        """Writes `drills.json` to a folder and prints the verdict."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "stack": self._stack,
            "date": datetime.now(UTC).date().isoformat(),
            "results": [{**dataclasses.asdict(each), "kept": each.kept} for each in self._results],
            "failure": failure,
        }
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / "drills.json").write_text(text, encoding="utf-8")
        broken = sum(not each.kept for each in self._results)
        good = not (failure or broken)
        verdict = "[bold green]passed[/]" if good else "[bold red]failed[/]"
        self._console.print(
            f"\n{verdict}: {len(self._results) - broken} promises kept, {broken} broken"
        )


def _baseline(result: Result) -> str:
    return "" if result.baseline is None else f"; baseline: {result.baseline:.0f}"


def _seen(result: Result) -> str:
    seen = "not within the time" if result.seen is None else f"{result.seen:.0f}"
    return f"{seen} ({result.detail})" if result.detail else seen
