"""A copy of the project for tests of commands.

Each test process has one copy, because copying the project takes longer than most tests.
"""

import os
import shutil
from pathlib import Path

from tests.warm_process import PACKAGES, ROOT, file_states

_KUBERNETES = Path("core", "facts", "versions", "kubernetes.py")


class ProjectCopy:
    """Program, packages and stack files of the project, with a separate build folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package)
        for file in (ROOT / "__main__.py", *ROOT.glob("*.yaml")):
            shutil.copy2(file, folder)
        versions = folder / _KUBERNETES  # standard support must not end while the tests exist
        versions.write_text(versions.read_text().replace("date(20", "date(29"), encoding="utf-8")
        self._originals = {
            file: (state, Path(file).read_bytes()) for file, state in file_states(folder).items()
        }
        self._top_level = {*folder.iterdir()}

    def restore(self) -> None:
        """Undoes all changes of files."""
        for new in {*self.folder.iterdir()} - self._top_level:
            if new.is_dir():
                shutil.rmtree(new)
            else:
                new.unlink()
        states = file_states(self.folder)
        for added in states.keys() - self._originals.keys():
            Path(added).unlink()
        for path, (state, content) in self._originals.items():
            if states.get(path) != state:
                file = Path(path)
                file.write_bytes(content)
                os.utime(file, ns=(state[0], state[0]))
                for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
                    compiled.unlink()
