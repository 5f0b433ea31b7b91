"""A source tells every change of the program and of the settings."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.fleet.interfaces import FleetError
from tools.fleet.source import source_of

STACK = "config:\n  aws:region: us-east-1\n  ha-eks:extends: apps.yaml\n"
SHARED = "config:\n  ha-eks:headroom: {nodesPerPod: 1}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project in a folder of a repository, as in a repository of several projects."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "Pulumi.one.yaml").write_text(STACK, encoding="utf-8")
    (root / "apps.yaml").write_text(SHARED, encoding="utf-8")
    (root / "__main__.py").write_text("", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return root


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Me", "-c", "user.email=me@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")


Change = Callable[[Path], None]


def edit(name: str, text: str) -> Change:
    def write(root: Path) -> None:
        (root / name).write_text(text, encoding="utf-8")

    return write


def deleted(root: Path) -> None:
    (root / "__main__.py").unlink()


def staged(root: Path) -> None:
    edit("__main__.py", "pass")(root)
    git(root, "add", "--all")


def committed(root: Path) -> None:
    edit("__main__.py", "pass")(root)
    commit(root)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (edit("Pulumi.one.yaml", STACK + "  aws:profile: x\n"),
         "the settings of one have changed in Pulumi.one.yaml"),
        (edit("apps.yaml", SHARED.replace("1", "2")),
         "the settings of one have changed in apps.yaml"),
        (edit("apps.yaml", "# a comment\n" + SHARED), None),
        (edit("__main__.py", "pass"), "__main__.py has changed"),
        (edit("new.py", ""), "new.py has changed"),
        (staged, "__main__.py has changed"),
        (deleted, "__main__.py has changed"),
        (committed, "the revision is"),
        (edit("Pulumi.one.yaml", STACK + "encryptionsalt: v1:abc\n"), None),
        (edit("Pulumi.one.yaml", "# a comment\n" + STACK), None),
        (edit("../other", ""), None),
    ],
)  # fmt: skip
def test_a_change_is_found(repository: Path, change: Change, line: str | None) -> None:
    before = source_of(repository, ["one"])
    assert before.uncommitted == {}
    change(repository)
    changes = [*source_of(repository, ["one"]).changes(before.data(), ["one"])]
    assert len(changes) == bool(line)
    assert [each for each in changes if line and not each.startswith(line)] == []


def test_a_second_edit_of_an_uncommitted_file_is_found(repository: Path) -> None:
    edit("__main__.py", "1")(repository)
    before = source_of(repository, ["one"])
    edit("__main__.py", "2")(repository)
    changes = source_of(repository, ["one"]).changes(before.data(), ["one"])
    assert [*changes] == ["__main__.py has changed"]


def test_without_a_repository_the_fleet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r"git rev-parse HEAD: fatal: .*; a fleet is deployed"):
        source_of(tmp_path, [])
