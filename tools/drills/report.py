"""Output of a drill: one line per result on the terminal, and `drills.json`."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tools.drills.node_model import BOOT_SECONDS
from tools.drills.scenarios import Row


class Report:
    """Prints each result below the name of its scenario, and collects all of them."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._console = Console(highlight=False)
        self._rows: list[Row] = []

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

    def add(self, row: Row) -> None:
        """Prints a result."""
        if not self._rows or self._rows[-1].scenario != row.scenario:
            self._console.print(f"\n[bold]{escape(row.scenario)}[/]")
        self._rows.append(row)
        mark = "[green]✓[/]" if row.kept else "[bold red]✗[/]"
        self._console.print(
            f"  {mark} {escape(row.subject)}: {escape(row.promised)}; "
            f"[bold]seen: {escape(row.seen)}[/]",
            soft_wrap=True,
        )

    @property
    def all_kept(self) -> bool:
        """True if every promise was kept."""
        return all(row.kept for row in self._rows)

    def write(self, folder: Path, failure: str | None) -> None:
        """Writes `drills.json` to a folder and prints the verdict."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "stack": self._stack,
            "date": datetime.now(UTC).date().isoformat(),
            "results": [dataclasses.asdict(row) for row in self._rows],
            "failure": failure,
        }
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / "drills.json").write_text(text, encoding="utf-8")
        broken = sum(not row.kept for row in self._rows)
        good = not (failure or broken)
        verdict = "[bold green]passed[/]" if good else "[bold red]failed[/]"
        self._console.print(
            f"\n{verdict}: {len(self._rows) - broken} promises kept, {broken} broken"
        )
