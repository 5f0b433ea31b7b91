"""Where scenes play: an engine, its cloud, and what is told of each act."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from pulumi.automation.errors import CommandError

from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import Cloud, Operation


class SceneError(Exception):
    """What a scene found; its text is for people."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """One step of a scene that went well."""

    scene: str
    what: str
    told: str
    seconds: float


@dataclass
class Stage:
    """An engine and its cloud, and what was seen on them."""

    engine: Engine
    cloud: Cloud
    tell: Callable[[Act], None]
    seen: int = field(default=0)
    """Operations of the journal that earlier acts have looked at."""

    def act(self, scene: str, what: str, run: Callable[[], str]) -> None:
        """Runs one step; what it returns is told."""
        start = time.monotonic()
        try:
            told = run()
        except CommandError as error:
            raise SceneError(f"{scene}, {what}: {errors_in(error)}") from error
        except SceneError as error:
            raise SceneError(f"{scene}, {what}: {error}") from error
        self.tell(Act(scene=scene, what=what, told=told, seconds=time.monotonic() - start))

    def news(self) -> Sequence[Operation]:
        """Operations since this was last asked."""
        new = self.cloud.journal[self.seen :]
        self.seen = len(self.cloud.journal)
        return new


Open = Callable[[], AbstractContextManager[Stage]]
"""Opens a stage: the stack's own file, and a cloud without anything."""


def errors_in(error: CommandError) -> str:
    """The lines of an engine's failure that say why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = [line[line.index("error:") :] for line in lines if "error:" in line]
    why = [line for line in dict.fromkeys(why) if line != "error: update failed"]
    return " | ".join(why) or lines[-1]
