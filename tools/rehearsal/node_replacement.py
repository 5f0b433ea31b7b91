"""Nodes are replaced: refused by a plain `up`, then zone by zone, killed after every step."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.deploy.replace_nodes.interfaces import Unit
from tools.deploy.replace_nodes.node_groups import units_of
from tools.deploy.replace_nodes.order import Bounds, Replacing
from tools.recording import record
from tools.rehearsal.edits.nodes import other_ami, other_layout
from tools.rehearsal.fake_cloud.cloud import GROUP
from tools.rehearsal.replacement_parts import Played
from tools.rehearsal.run import SceneError, Stage
from tools.rehearsal.scenarios import more_nodes, refused

_NO_PATIENCE = Bounds(nodes=0, whole=0)


class _KilledError(Exception):
    """The replacement is killed here."""


@dataclass
class _Killed:
    """Kills a replacement after the first step that none before it had come to."""

    steps: list[str] = field(default_factory=list[str])

    def tell(self, step: str) -> None:
        """Remembers a step that was done."""
        if step not in self.steps:
            self.steps.append(step)
            raise _KilledError


def replacing(stage: Stage) -> None:
    """Another operating system for a pool's nodes; then back, and back again half way. Then one
    node group over all zones instead of one in each, or the other way round, and back."""
    stage.act("replace", "up", lambda: f"{stage.engine.up()['create']} created")
    more_nodes(stage)
    nodes = _nodes(stage)
    why = ("make replace-nodes",)
    stage.act("replace", "another AMI by a plain up", lambda: refused(stage, other_ami, *why))
    stage.act("replace", "killed after every step", lambda: _killed(stage, nodes))
    stage.act("replace", "taken back half way", lambda: _taken_back(stage, nodes))
    stage.act(
        "replace",
        "another layout by a plain up",
        lambda: refused(stage, other_layout, "a pool keeps its layout"),
    )


def _killed(stage: Stage, nodes: Sequence[tuple[str, int]]) -> str:
    units = _units(stage)
    times = _run_killed(stage, units)
    _check(stage, units, nodes)
    return f"{len(units)} node groups, killed {times} times; whole, with all nodes"


def _run_killed(stage: Stage, units: Sequence[Unit]) -> int:
    """Replaces some units, killed after every step; how many times that was."""
    played, killed = Played(stage), _Killed()
    while True:
        try:
            Replacing(parts=played.parts, tell=killed.tell, bounds=_NO_PATIENCE).run(units)
        except _KilledError:
            continue
        return len(killed.steps)


def _taken_back(stage: Stage, nodes: Sequence[tuple[str, int]]) -> str:
    """The first zone goes back; then it is thought better of."""
    before = _units(stage)
    stage.engine.edit(other_ami)
    played = Played(stage)

    def stop(step: str) -> None:
        if step.endswith("is deleted"):
            raise _KilledError

    try:
        Replacing(parts=played.parts, tell=stop, bounds=_NO_PATIENCE).run(_units(stage))
    except _KilledError:
        stage.engine.edit(other_ami)
        done = Replacing(parts=played.parts, tell=lambda _: None, bounds=_NO_PATIENCE).run(before)
        # The launch template has come to a later version of the same, which the others roll to.
        stage.engine.up()
        _check(stage, before, nodes)
        return f"{done} of {len(before)} node groups made again, the others left alone"
    raise SceneError("there was nothing to replace")


def _check(stage: Stage, units: Sequence[Unit], nodes: Sequence[tuple[str, int]]) -> None:
    """Every group is there once, as the file has it, with as many nodes; `up` has nothing to do."""
    there = sorted(Played(stage).groups().values(), key=lambda each: (each.pool, each.zone))
    wanted = sorted(units, key=lambda each: (each.pool, each.zone))
    if [(each.zone, each.shape) for each in there] != [(each.zone, each.shape) for each in wanted]:
        raise SceneError(f"not what the file has: {there}")
    if _nodes(stage) != nodes:
        raise SceneError(f"not as many nodes: {_nodes(stage)}, before {nodes}")
    counts = stage.engine.up()
    if set(counts) != {"same"}:
        raise SceneError(f"a plain up still has something to do: {dict(counts)}")


def _units(stage: Stage) -> Sequence[Unit]:
    return units_of(record(stage.engine.stack, root=stage.engine.folder))


def _nodes(stage: Stage) -> Sequence[tuple[str, int]]:
    """Nodes of each group, by logical name."""
    groups = stage.cloud.of_type(GROUP)
    return sorted((each.name, each.inputs["scalingConfig"]["desiredSize"]) for each in groups)
