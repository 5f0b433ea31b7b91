"""`python -m tools.preview STACK --against REV|FILE`: what a change does to a stack."""

import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Generator
from datetime import date
from pathlib import Path

from settings import SettingsError, files_of
from tools.preview.cost import cell_cost_of
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.revision import RevisionError, revision
from tools.preview.diff.snapshot import Snapshot, snapshot_json, snapshot_of
from tools.preview.zone_loss import proof_of
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.rules.stack import stack_findings

PRESENT = "the working tree"


@contextlib.contextmanager
def other_side(stack: str, name: str, today: date) -> Generator[Callable[[], Snapshot]]:
    """Yields a function that returns the stack of another file or revision.

    A revision is recorded in another process meanwhile. Raises RevisionError if the stack cannot
    be read.
    """
    if is_file(name):
        yield lambda: _of_file(stack, Path(name), today)
    else:
        with revision(ROOT, stack, name) as wait:
            yield wait


def compared(stack: str, before: Snapshot, data: str) -> Comparison:
    """Returns the comparison of a stack with the data of its snapshot in the working tree."""
    notes: list[str] = []
    if not before.exists:
        notes.append(f"The stack {stack} does not exist at {before.name}: everything is new")
    elif before.zone_loss is None or before.cost is None:
        notes.append(
            f"The preview of {before.name} does not print the values that are unknown here"
        )
    if before.other_packages:
        notes.append(
            f"requirements.txt differs from that of {before.name}: both sides are recorded with "
            "the installed packages, and what other packages change is not shown"
        )
    after = snapshot_of(PRESENT, json.loads(data))
    return Comparison(stack=stack, before=before, after=after, notes=notes)


def is_file(name: str) -> bool:
    """True for a file, and for a name that ends like one; any other name is a revision."""
    file = Path(name)
    return file.is_file() or file.suffix in (".yaml", ".yml")


def snapshot(name: str, recording: Recording, today: date) -> Snapshot:
    """Returns the snapshot of a recording, as read from JSON."""
    findings, proof = stack_findings(recording, today), proof_of(recording.settings)
    text = snapshot_json(recording, findings, proof, cell_cost_of(recording, today))
    return snapshot_of(name, json.loads(text))


def _of_file(stack: str, file: Path, today: date) -> Snapshot:
    """Returns the stack with the configuration of another file, by the program of the present."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-") as folder:
        copy = Path(folder, f"Pulumi.{stack}.yaml")
        try:
            shutil.copyfile(file, copy)
            for shared in files_of(file)[1:]:
                shutil.copy(shared, folder)
            return snapshot(str(file), record(stack, root=Path(folder)), today)
        except OSError as error:
            raise RevisionError(f"{file}: cannot be read: {error.strerror}") from error
        except (SettingsError, RecordingError) as error:
            named = re.sub(f"^{re.escape(copy.name)}", lambda _: str(file), str(error), flags=re.M)
            raise RevisionError(named) from error
