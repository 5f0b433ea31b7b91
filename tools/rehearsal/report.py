"""What people read of a rehearsal, and what machines do."""

import dataclasses
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tools.rehearsal.run import Act


class Report:
    """Tells each act as it ends, and keeps them."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._console = Console(highlight=False)
        self._acts: list[Act] = []
        self._console.print(f"[bold]rehearsal of {escape(stack)}[/]")

    def tell(self, act: Act) -> None:
        """One line for an act that went well."""
        self._acts.append(act)
        self._console.print(
            f"  [green]✓[/] {escape(act.scene)}, {escape(act.what)}: {escape(act.told)} "
            f"[dim]({act.seconds:.1f} s)[/]",
            soft_wrap=True,
        )

    def write(self, folder: Path, failure: str | None) -> None:
        """`rehearsal.json` in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "stack": self._stack,
            "acts": [dataclasses.asdict(act) for act in self._acts],
            "failure": failure,
        }
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / "rehearsal.json").write_text(text, encoding="utf-8")
        seconds = sum(act.seconds for act in self._acts)
        verdict = "[bold red]failed[/]" if failure else "[bold green]all went well[/]"
        self._console.print(f"{verdict}: {len(self._acts)} acts in {seconds:.0f} s")
