"""Programs that are none: scripts that note how they are called."""

import json
from pathlib import Path
from typing import Any


class Program:
    """A script in a folder, and every call of it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file, self._calls = folder / name, folder / f"{name}.calls"
        self.says()

    def says(self, *cases: tuple[str, Any], fails: str = "") -> None:
        """Answers calls that begin with some words by JSON or text; fails with a script else."""
        lines = [
            f"case \"$*\" in *'{words}'*) cat <<'END'\n{_text(answer)}\nEND\nexit 0;; esac"
            for words, answer in cases
        ]
        note = f"printf '[%s]' \"$@\" >> '{self._calls}'; printf '\\n' >> '{self._calls}'"
        script = "\n".join(["#!/bin/sh", note, *lines, fails])
        self.file.write_text(f"{script}\n", encoding="utf-8")
        self.file.chmod(0o755)

    def calls(self) -> list[str]:
        """The arguments of each call, [one][two]."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []


def _text(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)
