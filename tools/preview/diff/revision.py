"""The stack at a git revision, recorded by the program of that revision."""

import contextlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from tools.preview.diff.snapshot import FORMAT, Json, Snapshot, read_json, snapshot_of

_UNKNOWN_OPTION = "unrecognized arguments"


class RevisionError(Exception):
    """Raised if the stack cannot be read at a revision; its text says why."""


@contextlib.contextmanager
def revision(root: Path, stack: str, name: str) -> Generator[Callable[[], Snapshot]]:
    """Starts the preview of the stack at a revision, and yields a function that waits for it.

    The files of the revision are in a temporary folder, which is always removed.
    """
    commit = commit_of(root, name)
    side = name if name.startswith(commit[:7]) else f"{name} ({commit[:7]})"
    with tempfile.TemporaryDirectory(prefix="ha-eks-") as temporary:
        program = Path(temporary, "program")
        _extract(root, commit, program, side)
        if not (program / f"Pulumi.{stack}.yaml").exists():
            yield lambda: Snapshot(name=side, exists=False, findings=())
            return
        file = Path(temporary, "snapshot.json")
        preview = _Preview(program, stack, "--snapshot", str(file))
        try:
            yield lambda: replace(
                _snapshot(root, preview, file, side),
                other_packages=_has_other_packages(root, program),
            )
        finally:
            preview.end()


def commit_of(root: Path, name: str) -> str:
    """Returns the commit of a revision. Raises RevisionError if the repository does not have it."""
    if not name:  # such as an empty variable of a workflow
        raise RevisionError("--against: empty; write a git revision, or a stack file")
    inside = _git(root, "rev-parse", "--is-shallow-repository")
    if inside.returncode:
        reason = inside.stderr.decode(errors="replace").partition("\n")[0]
        raise RevisionError(f"{name}: no such file, and git cannot read revisions here: {reason}")
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if found.returncode == 0:
        return found.stdout.decode().strip()
    if inside.stdout.strip() == b"true":
        raise RevisionError(
            f"{name}: not in this shallow clone; run git fetch --unshallow, or write "
            "fetch-depth: 0 below actions/checkout"
        )
    raise RevisionError(
        f"{name}: no such file and no such revision; run git fetch if a remote has it"
    )


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise RevisionError(
            "git is not installed; install it to compare with a revision"
        ) from error


def _extract(root: Path, commit: str, folder: Path, side: str) -> None:
    """Writes the files of a commit into a folder; of a part of a repository only that part."""
    folder.mkdir()
    archive = folder.parent / "archive.tar"
    done = _git(root, "archive", "--format=tar", f"--output={archive}", commit)
    if done.returncode == 0:
        with tarfile.open(archive) as tar:
            # A commit has no paths outside of its tree. Later versions of Python would refuse
            # links: https://docs.python.org/3/library/tarfile.html#extraction-filters
            tar.extraction_filter = lambda member, _: member
            tar.extractall(folder)
    if not (folder / "tools" / "preview").is_dir():
        raise RevisionError(f"{side}: has no preview of ha-eks in this folder of the repository")


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """Output of a preview that has ended."""

    out: str
    error: str


class _Preview:
    """A preview that runs with the program of a revision."""

    def __init__(self, program: Path, stack: str, *options: str) -> None:
        self.program, self.stack = program, stack
        folder = Path(tempfile.mkdtemp(dir=program.parent))
        self._out, self._error = folder / "out", folder / "error"
        with self._out.open("wb") as out, self._error.open("wb") as error:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.preview", stack, *options],
                cwd=program,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=error,
            )

    def wait(self) -> _Outcome:
        """Waits until the preview ends."""
        self._process.wait()
        out, error = (each.read_text("utf-8", "replace") for each in (self._out, self._error))
        return _Outcome(out=out, error=error)

    def end(self) -> None:
        """Kills the preview if it still runs."""
        self._process.kill()
        self._process.wait()


def _snapshot(root: Path, preview: _Preview, file: Path, side: str) -> Snapshot:
    """Returns the snapshot that a preview writes into a file."""
    outcome = preview.wait()
    if _UNKNOWN_OPTION in outcome.error:
        return snapshot_of(side, _of_older_preview(root, preview, side))
    if not file.exists():
        raise RevisionError(_reason(root, preview, outcome, side))
    document = read_json(file)
    if document["format"] != FORMAT:
        raise RevisionError(
            f"{side}: a newer ha-eks, whose preview this one cannot read; compare from a checkout "
            "of the newer one"
        )
    return snapshot_of(side, document)


def _of_older_preview(root: Path, preview: _Preview, side: str) -> Json:
    """Returns the data of a preview that does not know `--snapshot`.

    Such a preview writes build/STACK/recording.json. Its findings, proof and cost are unknown if
    it does not know `--json` either.
    """
    outcomes: list[_Outcome] = []
    for options in ((), ("--json",)):
        each = _Preview(preview.program, preview.stack, *options)
        try:
            outcomes.append(each.wait())
        finally:
            each.end()
    file = preview.program / "build" / preview.stack / "recording.json"
    if not file.exists():
        raise RevisionError(_reason(root, preview, outcomes[0], side))
    data = outcomes[1].out
    return {**(json.loads(data) if data.startswith("{") else {}), **read_json(file)}


def _reason(root: Path, preview: _Preview, outcome: _Outcome, side: str) -> str:
    """Returns the reason for which a preview has not recorded its stack."""
    lines = [each for each in outcome.error.splitlines() if not each.startswith("previewing ")]
    if any(each.startswith("Traceback") for each in lines):
        differs = "; requirements.txt differs from that of the present"
        hint = differs if _has_other_packages(root, preview.program) else ""
        return f"{side}: its program does not run here: {lines[-1]}{hint}"
    return "\n".join((f"{side}: its own program refuses the stack {preview.stack}:", *lines))


def _has_other_packages(root: Path, program: Path) -> bool:
    now, then = (each / "requirements.txt" for each in (root, program))
    return not then.exists() or then.read_bytes() != now.read_bytes()
