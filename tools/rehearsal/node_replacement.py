"""Scenario `replacement`: node groups are replaced zone by zone, with a kill after each action."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.deploy.replace_nodes.interfaces import Unit
from tools.deploy.replace_nodes.node_groups import units_of
from tools.deploy.replace_nodes.order import Limits, Replacing
from tools.recording import record
from tools.rehearsal.edits.nodes import change_ami_type, change_layout
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.run import Run, ScenarioError
from tools.rehearsal.scenarios import check_refused, scale_up
from tools.rehearsal.simulated_parts import SimulatedParts

_NO_WAITING = Limits(nodes=0, healthy=0)


class _KilledError(Exception):
    """The replacement is killed here."""


@dataclass
class _Killer:
    """Kills a replacement after each action that was not completed before."""

    actions: list[str] = field(default_factory=list[str])
    """Messages of the actions that were completed."""

    def report(self, action: str) -> None:
        """Kills the replacement unless the action was completed before."""
        if action not in self.actions:
            self.actions.append(action)
            raise _KilledError


def replacement(run: Run) -> None:
    """Replaces the node groups of a pool, and rolls a replacement back halfway.

    The replacement changes the AMI type. `up` must refuse this and a change of the layout.
    """
    scenario = "replacement"
    run.step(scenario, "first up", lambda: f"{run.engine.up()['create']} resources created")
    scale_up(run)
    nodes = _nodes_by_group(run)
    run.step(
        scenario,
        "another AMI type",
        lambda: check_refused(run, change_ami_type, "amiType", "make replace-nodes"),
    )
    run.step(
        scenario,
        "replacement with a kill after each action",
        lambda: _replace_with_kills(run, nodes),
    )
    run.step(scenario, "rollback after the first zone", lambda: _roll_back(run, nodes))
    run.step(
        scenario,
        "another layout",
        lambda: check_refused(run, change_layout, "layout"),
    )


def _replace_with_kills(run: Run, nodes: Sequence[tuple[str, int]]) -> str:
    units = _units(run)
    simulated, killer = SimulatedParts(run), _Killer()
    while True:
        try:
            Replacing(parts=simulated.parts, report=killer.report, limits=_NO_WAITING).run(units)
            break
        except _KilledError:
            continue
    _check_result(run, units, nodes)
    return f"{len(units)} node groups replaced with all nodes, after {len(killer.actions)} kills"


def _roll_back(run: Run, nodes: Sequence[tuple[str, int]]) -> str:
    """Kills a replacement after the first zone, and returns to the AMI type from before."""
    before = _units(run)
    run.engine.edit(change_ami_type)
    simulated = SimulatedParts(run)

    def stop(action: str) -> None:
        if action.endswith(": deleted"):
            raise _KilledError

    try:
        Replacing(parts=simulated.parts, report=stop, limits=_NO_WAITING).run(_units(run))
    except _KilledError:
        run.engine.edit(change_ami_type)
        replacing = Replacing(parts=simulated.parts, report=lambda _: None, limits=_NO_WAITING)
        count = replacing.run(before)
        # The launch template has a later version with the same content: this updates the others.
        run.engine.up()
        _check_result(run, before, nodes)
        return f"{count} of {len(before)} node groups replaced back, the others not replaced"
    raise ScenarioError("no node group was replaced")


def _check_result(run: Run, units: Sequence[Unit], nodes: Sequence[tuple[str, int]]) -> None:
    """Checks node groups and their nodes, and that `up` changes nothing."""
    groups = SimulatedParts(run).groups().values()
    existing = [(each.pool, each.zone, each.shape) for each in groups]
    expected = [(each.pool, each.zone, each.shape) for each in units]
    if sorted(existing, key=str) != sorted(expected, key=str):
        raise ScenarioError(f"node groups {existing}, in the stack file {expected}")
    if _nodes_by_group(run) != nodes:
        raise ScenarioError(f"nodes {_nodes_by_group(run)}, before the replacement {nodes}")
    counts = run.engine.up()
    if set(counts) != {"same"}:
        raise ScenarioError(f"up after the replacement finds changes: {dict(counts)}")


def _units(run: Run) -> Sequence[Unit]:
    return units_of(record(run.engine.stack, root=run.engine.folder))


def _nodes_by_group(run: Run) -> Sequence[tuple[str, int]]:
    """Returns the desired nodes of each node group, by logical name."""
    groups = run.cloud.of_type(NODE_GROUP)
    return sorted((each.name, each.inputs["scalingConfig"]["desiredSize"]) for each in groups)
