"""Events of a drill, besides the outcomes of its scenarios."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CellReady:
    """A cell at rest, in which scenarios begin."""

    nodes: int
    """Number of its nodes, with those of the baseline."""
    seconds: float
    """Seconds from the start of the control plane until all pods were ready."""


@dataclass(frozen=True)
class Failure:
    """The end of a drill that cannot go on."""

    reason: str
