"""The stack at a git revision, in small repositories with a preview that writes fixed data."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.preview.diff.revision import RevisionError, commit_of, revision
from tools.preview.diff.snapshot import FORMAT, Snapshot

DATA = json.dumps({"format": FORMAT, "resources": [], "findings": [], "zoneLoss": {"zones": []}})
WITH_SNAPSHOT = """
import pathlib, sys
assert sys.argv[1:3] == ["prod", "--snapshot"]
pathlib.Path(sys.argv[3]).write_text({data!r})
sys.exit(1)  # findings
"""
OLDER = """
import pathlib, sys
options = sys.argv[2:]
if "--snapshot" in options or (options and not {json}):
    sys.exit("error: unrecognized arguments: --snapshot")
if options:
    print('{{"findings": [], "cost": {{"use": []}}}}')
else:
    pathlib.Path("build/prod").mkdir(parents=True)
    pathlib.Path("build/prod/recording.json").write_text('{{"resources": []}}')
"""
REFUSED = 'import sys; print("previewing prod …\\nPulumi.prod.yaml:3: wrong", file=sys.stderr)'
CRASHED = "import module_of_another_release"


def git(folder: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@example.com"
                for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
    subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, **identity},
        check=True,
        capture_output=True,
    )


def commit(folder: Path, preview: str, stack: str = "prod") -> Path:
    """Commits a project with a preview, and returns its folder."""
    package = folder / "tools" / "preview"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__main__.py").write_text(preview, encoding="utf-8")
    (folder / f"Pulumi.{stack}.yaml").write_text("config:\n", encoding="utf-8")
    (folder / "requirements.txt").write_text("pulumi==1\n", encoding="utf-8")
    if not (folder / ".git").exists():
        git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "change")
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_is_left(temporary: Path) -> Iterator[None]:
    yield
    assert [*temporary.iterdir()] == [], "the files of the revision remain"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def read(folder: Path, name: str = "HEAD", stack: str = "prod") -> Snapshot:
    with revision(folder, stack, name) as wait:
        return wait()


def reason(folder: Path, name: str = "HEAD") -> str:
    with pytest.raises(RevisionError) as caught:
        read(folder, name)
    return str(caught.value)


def test_the_preview_of_the_revision_writes_the_data(project: Path) -> None:
    commit(project, WITH_SNAPSHOT.format(data=DATA))
    (project / "Pulumi.prod.yaml").unlink()  # not committed
    (project / "tools" / "preview" / "__main__.py").write_text(CRASHED, encoding="utf-8")
    snapshot = read(project)
    assert snapshot.name == f"HEAD ({commit_of(project, 'HEAD')[:7]})"
    assert snapshot.exists
    assert snapshot.findings == []
    assert snapshot.cost is None
    assert read(project, commit_of(project, "HEAD")).name == commit_of(project, "HEAD")


def test_links_of_the_revision_are_no_error(project: Path) -> None:
    (project / "link").symlink_to("/nowhere")
    commit(project, WITH_SNAPSHOT.format(data=DATA))
    assert read(project).exists


def test_a_project_in_a_part_of_a_repository_is_read(project: Path) -> None:
    git(project, "init")
    part = project / "infrastructure"
    part.mkdir()
    package = part / "tools" / "preview"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(WITH_SNAPSHOT.format(data=DATA), encoding="utf-8")
    (part / "Pulumi.prod.yaml").touch()
    git(project, "add", ".")
    git(project, "commit", "--message", "change")
    assert read(part).exists


@pytest.mark.parametrize("prints_json", [True, False])
def test_an_older_preview_without_the_option_is_read_from_its_files(
    project: Path, prints_json: bool
) -> None:
    commit(project, OLDER.format(json=prints_json))
    snapshot = read(project)
    assert snapshot.resources == []
    assert (snapshot.cost is not None) == prints_json
    assert (snapshot.findings is not None) == prints_json
    assert snapshot.zone_loss is None


def test_a_stack_that_the_revision_does_not_have_is_no_error(project: Path) -> None:
    commit(project, CRASHED, stack="dev")
    snapshot = read(project)
    assert not snapshot.exists
    assert snapshot.findings == ()


def test_a_refused_stack_file_is_reported_with_the_message_of_its_program(project: Path) -> None:
    commit(project, REFUSED)
    first, second = reason(project).splitlines()
    assert first.endswith(": its own program refuses the stack prod:")
    assert second == "Pulumi.prod.yaml:3: wrong"


def test_a_program_that_crashes_is_reported_in_one_line(project: Path) -> None:
    commit(project, CRASHED)
    text = reason(project)
    assert text.endswith(
        "its program does not run here: "
        "ModuleNotFoundError: No module named 'module_of_another_release'"
    )
    (project / "requirements.txt").write_text("pulumi==2\n", encoding="utf-8")
    assert reason(project) == f"{text}; requirements.txt differs from that of the present"


def test_the_data_of_a_newer_format_are_not_read(project: Path) -> None:
    commit(project, WITH_SNAPSHOT.format(data=json.dumps({"format": FORMAT + 1})))
    assert "a newer ha-eks" in reason(project)


def test_a_repository_without_a_preview_is_refused(project: Path) -> None:
    git(project, "init")
    (project / "Pulumi.prod.yaml").touch()
    git(project, "add", ".")
    git(project, "commit", "--message", "change")
    assert "has no preview of ha-eks" in reason(project)


@pytest.mark.parametrize("name", ["origin/main", "--all", "HEAD~7", "main:tools"])
def test_an_unknown_revision_is_refused(project: Path, name: str) -> None:
    commit(project, CRASHED)
    assert reason(project, name) == (
        f"{name}: no such file and no such revision; run git fetch if a remote has it"
    )


def test_an_empty_revision_is_an_empty_option(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match=r"^--against: empty; write a git revision, or a stack"):
        commit_of(tmp_path, "")


def test_a_shallow_clone_says_how_to_get_the_revision(project: Path, tmp_path: Path) -> None:
    commit(commit(project, CRASHED), REFUSED)
    git(tmp_path, "clone", "--depth=1", f"file://{project}", "shallow")
    assert reason(tmp_path / "shallow", "HEAD~1") == (
        "HEAD~1: not in this shallow clone; run git fetch --unshallow, or write fetch-depth: 0 "
        "below actions/checkout"
    )


def test_a_folder_without_a_repository_is_refused(project: Path) -> None:
    text = reason(project)
    assert text.startswith(
        "HEAD: no such file, and git cannot read revisions here: fatal: not a git"
    )
    assert "\n" not in text


def test_a_machine_without_git_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    assert reason(project) == "git is not installed; install it to compare with a revision"


def test_other_requirements_are_noticed(project: Path) -> None:
    commit(project, WITH_SNAPSHOT.format(data=DATA))
    assert not read(project).other_packages
    (project / "requirements.txt").write_text("pulumi==2\n", encoding="utf-8")
    assert read(project).other_packages


def test_an_interrupted_comparison_ends_the_other_preview(project: Path) -> None:
    file = project / "pid"
    commit(
        project,
        f"import os, pathlib, time; pathlib.Path({str(file)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)",
    )
    running = revision(project, "prod", "HEAD")
    running.__enter__()
    while not (file.exists() and file.read_text()):
        time.sleep(0.02)
    interrupt = KeyboardInterrupt()
    assert not running.__exit__(KeyboardInterrupt, interrupt, None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
