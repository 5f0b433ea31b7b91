"""Changes of one test in the copy of the project do not reach the next test."""

import os
from pathlib import Path

from tests.project_copy import ProjectCopy
from tests.warm_process import ROOT


def contents(folder: Path) -> dict[str, bytes | None]:
    """Returns the content of each file, and None for each folder."""
    return {
        str(each.relative_to(folder)): each.read_bytes() if each.is_file() else None
        for each in folder.rglob("*")
        if "__pycache__" not in each.parts
    }


def test_all_changes_of_files_are_undone(project_copy: ProjectCopy) -> None:
    project_copy.restore()
    folder = project_copy.folder
    before = contents(folder)
    assert before["__main__.py"] == (ROOT / "__main__.py").read_bytes()
    (folder / "Pulumi.own.yaml").write_text("config: {}", encoding="utf-8")
    (folder / "build" / "dev").mkdir(parents=True)
    (folder / "settings" / "extra.py").touch()
    (folder / "tools" / "__init__.py").unlink()
    changed = folder / "Pulumi.dev.yaml"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text[:-1] + "#", encoding="utf-8")  # the same size
    assert contents(folder) != before
    project_copy.restore()
    assert contents(folder) == before


def test_a_restored_module_is_compiled_again(project_copy: ProjectCopy) -> None:
    module = project_copy.folder / "settings" / "__init__.py"
    compiled = module.parent / "__pycache__" / "__init__.test.pyc"
    os.utime(module)
    compiled.parent.mkdir(exist_ok=True)
    compiled.touch()
    project_copy.restore()
    assert not compiled.exists()
