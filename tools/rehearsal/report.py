"""Output of a rehearsal: one line per step on the terminal, and `rehearsal.json`."""

import dataclasses
import json
from pathlib import Path

from rich.markup import escape

from tools.console import OutputConsole
from tools.rehearsal.run import Step


class Report:
    """Prints each step when it ends, below the name of its scenario, and collects all steps."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._console = OutputConsole(highlight=False)
        self._steps: list[Step] = []
        self._console.print(
            f"[bold]rehearsal of stack {escape(stack)}[/]: Pulumi engine against a fake cloud",
            soft_wrap=True,
        )

    def add(self, step: Step) -> None:
        """Prints a step that succeeded or was skipped."""
        if not self._steps or self._steps[-1].scenario != step.scenario:
            self._console.print(f"\n[bold]{escape(step.scenario)}[/]")
        self._steps.append(step)
        name, result = escape(step.name), escape(step.result)
        if step.skipped:
            line = f"  [yellow]-[/] {name}: skipped, {result}"
        else:
            line = f"  [green]✓[/] {name}: {result} [dim]({step.seconds:.1f}s)[/]"
        self._console.print(line, soft_wrap=True)

    def write(self, folder: Path, failure: str | None) -> None:
        """Writes `rehearsal.json` to a folder and prints the verdict."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "stack": self._stack,
            "steps": [dataclasses.asdict(step) for step in self._steps],
            "failure": failure,
        }
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / "rehearsal.json").write_text(text, encoding="utf-8")
        passed = [step for step in self._steps if not step.skipped]
        skipped = len(self._steps) - len(passed)
        seconds = sum(step.seconds for step in passed)
        verdict = "[bold red]failed[/]" if failure else "[bold green]passed[/]"
        self._console.print(
            f"\n{verdict}: {len(passed)} steps passed, {skipped} skipped, in {seconds:.0f}s"
        )
