"""Interfaces of a release to Pulumi and to the stack file.

The command implements the engine with the Pulumi CLI, the rehearsal with its own engine.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.deploy.preview_steps import Step


class ReleaseError(Exception):
    """The release is refused or failed; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A new image of an app, and the resources that depend on the image.

    The app is a workload of any kind.
    """

    stack: str
    app: str
    image: str
    """Image with a digest."""
    former: str | None
    """Image of the stack file before the release; None: the stack file has the new image."""
    paths: Mapping[str, frozenset[str]]
    """Paths of the inputs that depend on the image, by URN of the resources to update.

    Resources that only the former image has, such as its migration, stay until the next complete
    `up`, so that a rollback needs not create them again."""
    new: frozenset[str]
    """URNs of the resources that only the new image has."""
    scheduled: bool = False
    """True for a cron job: no pod runs the new image before the next start time."""

    @property
    def targets(self) -> Sequence[str]:
        """URNs of the resources that the release updates or creates."""
        return sorted(self.paths)

    @property
    def former_targets(self) -> Sequence[str]:
        """URNs of the resources that both images have, which a rollback updates."""
        return sorted(self.paths.keys() - self.new)


class Engine(Protocol):
    """Pulumi with the stack of the cell."""

    def preview(self, urns: Sequence[str]) -> Sequence[Step]:
        """Returns the steps of a preview of some resources."""
        ...

    def up(self, urns: Sequence[str], stop: threading.Event) -> int:
        """Updates some resources, and returns the exit status.

        If `stop` is set, Pulumi completes the current operations and saves the state.
        """
        ...

    def refresh(self, urns: Sequence[str]) -> bool:
        """Reads some resources into the state; false if that fails."""
        ...


class StackFile(Protocol):
    """The stack file of the cell."""

    def write_image(self, app: str, image: str) -> None:
        """Changes the image of an app, and nothing else."""
        ...
