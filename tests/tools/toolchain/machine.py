"""A machine on which `go` is a script that writes a script."""

import os
from pathlib import Path

import pytest

from tools.toolchain import Tool, ToolError, find

TOOL = Tool(
    name="small-tool",
    module="tool",
    package="ha-eks/tool/cmd",
    version=(1, 2, 3),
    below=(1, 4, 0),
    version_arguments=("print", "version"),
    version_variables=("main.version", "main.other"),
)
REMEDIES = (
    "install small-tool (1.2.3 or later, below 1.4.0) on PATH, set HA_EKS_SMALL_TOOL to its path, "
    "or install Go 1.26.0 or later (https://go.dev/dl), which builds it"
)
PATH = os.environ.get("PATH", os.defpath)
ENVIRONMENT = dict(os.environ)
BUILDING = "building small-tool 1.2.3 (once, takes some minutes) …"


def printing(output: str) -> str:
    """Returns a script that prints a version for the version arguments of the tool."""
    return f'#!/bin/sh\n[ "$*" = "print version" ] && echo "{output}"\n'


class Machine:
    """A machine with a folder on PATH, a cache and the module of the tool; Go is a script."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.cache, self.module = folder / "bin", folder / "cache", folder / "tool"
        self._builds, self.overlay = folder / "builds", folder / "overlay.json"
        self.lines: list[str] = []
        self.bin.mkdir()
        self.module.mkdir()
        (self.module / "go.mod").write_text("module ha-eks/tool\n\ngo 1.26.0\n")
        (self.module / "go.sum").write_text("")

    def program(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def go(self, command: str = "chmod 755 $out", version: str = "tool v1.2.3") -> None:
        """Puts a Go on PATH that records its call, writes a program and runs a command."""
        self.program(
            self.bin / "go",
            f"""#!/bin/sh
            PATH=/usr/bin:/bin
            [ "$1" = mod ] && {{ echo '{{"Dir": "/modules/'$4'"}}'; exit; }}
            [ "$2" = -overlay ] && cp "$3" '{self.overlay}'
            echo "$PWD $CGO_ENABLED $GOFLAGS $GOWORK $*" >> '{self._builds}'
            while [ "$1" != -o ]; do shift; done
            out=$2
            cat > "$out" <<'END'\n{printing(version)}END
            {command}
            """,
        )

    def find(self, tool: Tool = TOOL) -> Path:
        return find(tool, self.lines.append, self.cache)

    def refuses(self, tool: Tool = TOOL) -> str:
        with pytest.raises(ToolError) as caught:
            self.find(tool)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def builds(self) -> list[str]:
        return self._builds.read_text().splitlines() if self._builds.exists() else []

    def cached(self) -> list[str]:
        """Returns the names of the files in the cache, without locks."""
        return sorted(file.name for file in self.cache.iterdir() if file.suffix != ".lock")
