"""A claim about availability, with everything that shows that the claim holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, get_args

from settings import Settings

Level = Literal["rule", "arithmetic", "test", "rehearsal", "drill", "experiment", "alarm"]
"""Kind of a proof. An alarm shows nothing in advance: it reports that a claim does not hold."""

LEVELS: Sequence[Level] = get_args(Level)
"""Kinds of proofs, in the order of the proof table."""


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """Promises of the recorded drill.

    `event`, `unit` and `subject` are patterns of the fields of a result, in which * stands for any
    text.
    """

    scenario: str
    """Name of the scenario of the drill."""
    event: str = "*"
    unit: str = "pods serve"
    subject: str = "*"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A fact that AWS or Kubernetes documents, and that this project does not show."""

    fact: str
    """One sentence."""
    url: str


def _always(_: Settings) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence about availability, and what shows that it holds."""

    id: str
    """Anchor of the claim on docs/proof.md."""
    text: str
    """The claim as one sentence."""
    page: str
    """Page of docs/ that makes the claim, with a link to its anchor on docs/proof.md."""
    applies: Callable[[Settings], bool] = _always
    """True if a stack makes the claim. Default: every stack does."""
    rules: Sequence[str] = ()
    """IDs of rules of the audit. They find stacks in which the claim does not hold."""
    refusals: Sequence[ModuleType] = ()
    """Modules of settings with rules that refuse such stack files."""
    arithmetic: Sequence[Callable[..., object]] = ()
    """Functions and classes of core that compute the figures of the claim."""
    tests: Sequence[str] = ()
    """Tests that show the claim, in the form of pytest: FILE::FUNCTION."""
    rehearsals: Sequence[str] = ()
    """Names of scenarios of the rehearsal."""
    drills: Sequence[Drilled] = ()
    experiments: Sequence[str] = ()
    """Names of templates of AWS FIS."""
    alarms: Sequence[str] = ()
    """Names of alarms without that of the cell. APP, POOL and ZONE stand for any name."""
    sources: Sequence[Source] = ()
    not_shown: str = ""
    """Sentences about what none of this shows."""

    def shown_by(self, level: Level) -> int:
        """Returns the number of proofs of a level."""
        proofs: dict[Level, Sequence[object]] = {
            "rule": (*self.rules, *self.refusals),
            "arithmetic": self.arithmetic,
            "test": self.tests,
            "rehearsal": self.rehearsals,
            "drill": self.drills,
            "experiment": self.experiments,
            "alarm": self.alarms,
        }
        return len(proofs[level])

    @property
    def is_run(self) -> bool:
        """True if a rehearsal or a recorded drill shows the claim."""
        return bool(self.rehearsals or self.drills)
