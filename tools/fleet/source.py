"""The sources of a deployment: the revision of the program, and the settings of each cell."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from settings import files_of, read_config
from tools.deploy.programs import ProgramError, output_of
from tools.fleet.interfaces import FleetError


@dataclass(frozen=True, kw_only=True)
class Source:
    """The state of the work tree, to find changes between a preview and an `up`."""

    revision: str
    """Commit of the work tree."""
    uncommitted: Mapping[str, str]
    """Digests of files with changes that are not committed, by path, without those of settings."""
    settings: Mapping[str, Mapping[str, str]]
    """Digests of the settings of each cell, by name of the file that has them.

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
            now, then = self.settings[cell], since["settings"].get(cell, {})
            for file in sorted({*now, *then}):
                if now.get(file) != then.get(file):
                    yield f"the settings of {cell} have changed in {file}"


def source_of(root: Path, cells: Sequence[str]) -> Source:
    """Returns the source of the cells of a fleet; raises FleetError without git."""
    settings = {cell: settings_digests(root / f"Pulumi.{cell}.yaml") for cell in cells}
    with_settings = {file for files in settings.values() for file in files}
    try:
        revision = output_of(["git", "rev-parse", "HEAD"], "git rev-parse HEAD", root).strip()
        changed = [
            path
            for arguments in (
                ("diff", "HEAD", "--name-only", "--relative", "-z"),
                ("ls-files", "--others", "--exclude-standard", "-z"),
            )
            for path in output_of(["git", *arguments], f"git {arguments[0]}", root).split("\0")
            if path and path not in with_settings
        ]
    except ProgramError as error:
        raise FleetError(
            f"{error}; a fleet is deployed from a git repository, whose revision the journal names"
        ) from error
    return Source(
        revision=revision,
        uncommitted={path: _digest_of_file(root / path) for path in sorted(changed)},
        settings=settings,
    )


def settings_digests(stack_file: Path) -> Mapping[str, str]:
    """Returns digests of the settings in a stack file and in the file that it extends, by name.

    Raises SettingsError.
    """
    return {
        file.name: _digest(json.dumps(read_config(file, shared=file != stack_file)).encode())
        for file in files_of(stack_file)
    }


def _digest_of_file(path: Path) -> str:
    return _digest(path.read_bytes()) if path.is_file() else "deleted"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
