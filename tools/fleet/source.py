"""The sources of a deployment: the revision of the program, and the settings of each cell."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from settings import read_stack_file
from tools.deploy.programs import ProgramError, output_of
from tools.fleet.interfaces import FleetError


@dataclass(frozen=True, kw_only=True)
class Source:
    """The state of the work tree, to find changes between a preview and an `up`."""

    revision: str
    """Commit of the work tree."""
    uncommitted: Mapping[str, str]
    """Digests of files with changes that are not committed, by path, without stack files."""
    settings: Mapping[str, str]
    """Digest of the settings of each cell, of all files that they come from.

    Pulumi writes its own keys into a stack file, such as `encryptionsalt`, which are no settings.
    """

    def data(self) -> Mapping[str, Any]:
        """Returns the source as JSON."""
        return asdict(self)

    def changes(self, since: Mapping[str, Any], cells: Sequence[str]) -> Iterator[str]:
        """Yields a line for each change of the program and of some cells since a source."""
        if self.revision != since["revision"]:
            yield f"the revision is {self.revision[:9]}, not {since['revision'][:9]}"
        before = since["uncommitted"]
        for path in sorted({*self.uncommitted, *before}):
            if self.uncommitted.get(path) != before.get(path):
                yield f"{path} has changed"
        for cell in cells:
            if self.settings[cell] != since["settings"].get(cell):
                yield f"the settings of {cell} have changed (Pulumi.{cell}.yaml)"


def source_of(root: Path, cells: Sequence[str]) -> Source:
    """Returns the source of the cells of a fleet; raises FleetError without git."""
    stack_files = {f"Pulumi.{cell}.yaml" for cell in cells}
    try:
        revision = output_of(["git", "rev-parse", "HEAD"], "git rev-parse HEAD", root).strip()
        changed = [
            path
            for arguments in (
                ("diff", "HEAD", "--name-only", "--relative", "-z"),
                ("ls-files", "--others", "--exclude-standard", "-z"),
            )
            for path in output_of(["git", *arguments], f"git {arguments[0]}", root).split("\0")
            if path and path not in stack_files
        ]
    except ProgramError as error:
        raise FleetError(
            f"{error}; a fleet is deployed from a git repository, whose revision the journal names"
        ) from error
    return Source(
        revision=revision,
        uncommitted={path: _digest_of_file(root / path) for path in sorted(changed)},
        settings={cell: digest_of_settings(root / f"Pulumi.{cell}.yaml") for cell in cells},
    )


def digest_of_settings(file: Path) -> str:
    """Returns the digest of the settings in a stack file; raises SettingsError."""
    return _digest(json.dumps(read_stack_file(file)).encode())


def _digest_of_file(path: Path) -> str:
    return _digest(path.read_bytes()) if path.is_file() else "deleted"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
