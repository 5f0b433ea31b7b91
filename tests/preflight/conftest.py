import shutil
from pathlib import Path

import pytest

from plan.record import ROOT
from tests.preflight.machine import Machine

PARTS = ("core", "settings", "components", "live", "plan", "preflight", "__main__.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, so that its build folder is nobody else's."""
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / part)
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def machine(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(checkout, tmp_path_factory.mktemp("machine"))
