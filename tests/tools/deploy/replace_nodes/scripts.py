"""Scripts in place of programs, which record their calls."""

import json
from pathlib import Path
from typing import Any


class Script:
    """A script in a folder, and its recorded calls."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file, self._calls = folder / name, folder / f"{name}.calls"
        self.prints()

    def prints(self, *cases: tuple[str, Any], otherwise: str = "") -> None:
        """Prints JSON or text for calls with the given words; otherwise runs some commands."""
        lines = [
            f"case \"$*\" in *'{words}'*) cat <<'END'\n{_text(output)}\nEND\nexit 0;; esac"
            for words, output in cases
        ]
        record = f"printf '[%s]' \"$@\" >> '{self._calls}'; printf '\\n' >> '{self._calls}'"
        script = "\n".join(["#!/bin/sh", record, *lines, otherwise])
        self.file.write_text(f"{script}\n", encoding="utf-8")
        self.file.chmod(0o755)

    def calls(self) -> list[str]:
        """Returns the arguments of each call, as [one][two]."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []


def _text(output: Any) -> str:
    return output if isinstance(output, str) else json.dumps(output)
