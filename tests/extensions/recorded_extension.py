"""Records a stack with an extension in place of the empty one."""

import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.shared_recordings import record_fast
from tools.recording import Recording
from tools.recording.record import ROOT

HEAD = "import pulumi\nimport pulumi_aws as aws\n\n\ndef extend(cell, opts):\n"
"""First five lines of the text of an extension."""


def record_with(text: str, folder: Path, stack: str = "dev", root: Path = ROOT) -> Recording:
    """Returns the recording of a stack with an extension of a text, in a folder `extensions`."""
    package = folder / "extensions"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(text, encoding="utf-8")
    with extension_in(folder):
        return record_fast(stack, root=root)


@contextmanager
def extension_in(folder: Path) -> Generator[None]:
    """Makes `extensions` the package in a folder."""
    before = sys.modules.pop("extensions", None)
    importlib.invalidate_caches()
    with patch.object(sys, "path", [str(folder), *sys.path]):
        try:
            yield
        finally:
            sys.modules.pop("extensions", None)
            if before:
                sys.modules["extensions"] = before
