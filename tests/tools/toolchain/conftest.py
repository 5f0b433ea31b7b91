from pathlib import Path

import pytest

from tests.tools.toolchain.machine import TOOL, Machine
from tools.toolchain import build


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setattr(build, "_HERE", tmp_path)
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv(TOOL.variable, raising=False)
    return machine
