"""Scenarios `lifecycle` and `upgrade`: create, no change, edits and upgrade."""

from collections.abc import Callable, Mapping

from pulumi.automation.errors import CommandError

from tools.recording import Recording
from tools.rehearsal.checks import (
    check_control_plane_first,
    check_inventory,
    check_one_zone_at_a_time,
    check_operations,
    counts_by_verb,
    pool_of,
)
from tools.rehearsal.edits import EDITS, placeholders_of
from tools.rehearsal.edits.cluster import UPGRADE, set_previous_minor
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.network import RETURN_ZONE, TAKE_ZONE_OUT, change_control_plane_zones
from tools.rehearsal.edits.nodes import RAISE_MAXIMUM
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.fake_cloud.cloud_resource import logical_name
from tools.rehearsal.run import Run, ScenarioError, errors_in
from tools.rehearsal.teardown import destroy

_SCALED_UP_NODES = 7
"""Nodes to which the autoscaler scales each node group up, if the maximum of the group allows."""


def lifecycle(run: Run, recording: Recording) -> None:
    """Creates the stack, runs `up` again, applies all edits and destroys the stack."""
    first_up(run, recording)
    second_up(run)
    apply_edits(run)
    refuse_control_plane_zones(run)
    destroy(run)


def first_up(run: Run, recording: Recording) -> None:
    """Creates the stack, and checks that the resources are the recorded ones."""

    def preview() -> str:
        counts = run.engine.preview()
        if set(counts) != {"create"}:
            raise ScenarioError(f"expected only resources to create, found {dict(counts)}")
        if run.cloud.operations:
            raise ScenarioError(f"the preview changed the cloud: {run.cloud.operations[0]}")
        return f"{counts['create']} resources to create"

    run.step("lifecycle", "preview of an empty stack", preview)
    run.step("lifecycle", "first up", lambda: up_as_recorded(run, recording))


def up_as_recorded(run: Run, recording: Recording) -> str:
    """Creates the stack, and checks that the resources are the recorded ones."""
    counts = run.engine.up()
    check_inventory(run.cloud, recording)
    return f"{counts['create']} resources created, exactly those of make preview"


def second_up(run: Run) -> None:
    """Checks that a second `up` and a refresh find nothing to change."""
    for name, command in (("second up", run.engine.up), ("refresh", run.engine.refresh)):
        run.step("lifecycle", name, lambda command=command: check_unchanged(command))


def check_unchanged(command: Callable[[], Mapping[str, int]]) -> str:
    """Runs an engine command, and checks that it changes nothing."""
    counts = command()
    if set(counts) != {"same"}:
        raise ScenarioError(f"expected no changes, found {dict(counts)}")
    return f"{counts['same']} resources unchanged"


def apply_edits(run: Run) -> None:
    """Applies all edits that the stack file allows, one after another.

    The autoscaler scales the node groups up or down before the edits that depend on it.
    """
    run.new_operations()
    for edit in EDITS:
        if not edit.applies(run.engine.config):
            run.skip("lifecycle", _step_name(edit), "does not apply to this stack file")
            continue
        if edit is RAISE_MAXIMUM:
            run.step("lifecycle", "autoscaler scales up", lambda: nodes_text(scale_up(run)))
        if edit in (TAKE_ZONE_OUT, RETURN_ZONE):
            run.step(
                "lifecycle",
                "autoscaler scales down to the minimum",
                lambda: nodes_text(scale_down(run)),
            )
        apply_edit(run, "lifecycle", _step_name(edit), edit)


def _step_name(edit: Edit) -> str:
    return f'edit "{edit.name}"'


def refuse_control_plane_zones(run: Run) -> None:
    """Checks that `up` refuses other control-plane zones."""
    before = run.engine.config
    run.step(
        "lifecycle",
        'edit "change a control-plane zone"',
        lambda: check_refused(run, change_control_plane_zones, "network.controlPlaneZones"),
    )
    run.engine.edit(lambda config: config.update(before))


def check_refused(run: Run, change: Callable[[Config], None], *texts: str) -> str:
    """Changes the stack file, and checks that `up` fails and changes nothing.

    The error must contain all of `texts`.
    """
    run.engine.edit(change)
    run.new_operations()
    try:
        run.engine.up()
    except CommandError as error:
        message = errors_in(error)
        missing = [text for text in texts if text not in message]
        if missing:
            raise ScenarioError(f"the error lacks {', '.join(missing)}: {message}") from error
        operations = [str(each) for each in run.new_operations()]
        if operations:
            raise ScenarioError(f"refused after changes: {', '.join(operations)}") from error
        return f"refused by up without any change; the error names {' and '.join(texts)}"
    raise ScenarioError("up made the change, but had to refuse it")


def upgrade(run: Run) -> None:
    """Upgrades Kubernetes: the control plane first, then the nodes zone after zone."""
    run.engine.edit(set_previous_minor)
    run.step(
        "upgrade",
        "up with the previous minor version",
        lambda: f"{run.engine.up()['create']} resources created",
    )
    run.new_operations()
    apply_edit(run, "upgrade", UPGRADE.name, UPGRADE)


def apply_edit(run: Run, scenario: str, name: str, edit: Edit) -> None:
    """Applies one edit with `up`, and checks the operations and the nodes of all node groups."""

    def action() -> str:
        config, nodes = run.engine.config, desired_nodes(run)
        run.engine.edit(edit.change)
        run.engine.up()
        operations = run.new_operations()
        check_operations(edit, operations, placeholders_of(config, run.engine.config))
        check_one_zone_at_a_time(operations)
        check_control_plane_first(operations)
        after = {urn: count for urn, count in desired_nodes(run).items() if urn in nodes}
        before = {urn: nodes[urn] for urn in after}
        if after != _within_limits(run, before):
            raise ScenarioError(
                f"the edit changed the number of nodes: before {nodes_text(before)}, "
                f"after {nodes_text(after)}"
            )
        check_unchanged(run.engine.preview)
        updated = any(each.type == NODE_GROUP and each.verb == "update" for each in operations)
        if not updated:
            return counts_by_verb(operations)
        kept = "still" if after == before else "now"
        return f"{counts_by_verb(operations)}; {kept} {nodes_text(after)}"

    run.step(scenario, name, action)


def scale_up(run: Run) -> Mapping[str, int]:
    """Scales all node groups up as the Cluster Autoscaler does, outside of Pulumi.

    Returns the desired nodes of each node group, by URN.
    """
    return _scale(
        run, lambda size: max(size["desiredSize"], min(_SCALED_UP_NODES, size["maxSize"]))
    )


def scale_down(run: Run) -> Mapping[str, int]:
    """Scales all node groups down to their minimum, outside of Pulumi.

    Returns the desired nodes of each node group, by URN.
    """
    return _scale(run, lambda size: size["minSize"])


def _scale(run: Run, desired: Callable[[Mapping[str, int]], int]) -> Mapping[str, int]:
    for group in run.cloud.of_type(NODE_GROUP):
        for values in (group.inputs, group.outputs):
            size = values["scalingConfig"]
            values["scalingConfig"] = {**size, "desiredSize": desired(size)}
    return desired_nodes(run)


def _within_limits(run: Run, nodes: Mapping[str, int]) -> Mapping[str, int]:
    """Returns numbers of nodes, each limited to minimum and maximum of its node group."""
    sizes = {group.urn: group.inputs["scalingConfig"] for group in run.cloud.of_type(NODE_GROUP)}
    return {
        urn: max(sizes[urn]["minSize"], min(count, sizes[urn]["maxSize"]))
        for urn, count in nodes.items()
    }


def desired_nodes(run: Run) -> Mapping[str, int]:
    """Returns the desired nodes of each node group, by URN."""
    groups = run.cloud.of_type(NODE_GROUP)
    return {group.urn: group.inputs["scalingConfig"]["desiredSize"] for group in groups}


def nodes_text(nodes: Mapping[str, int]) -> str:
    """Returns the nodes of each pool by zone, such as "extra 1 + 1, general 3 + 3 nodes"."""
    pools: dict[str, list[str]] = {}
    for urn in sorted(nodes):
        pool = pool_of(logical_name(urn)).removeprefix("nodes-")
        pools.setdefault(pool, []).append(str(nodes[urn]))
    return ", ".join(f"{pool} {' + '.join(counts)}" for pool, counts in pools.items()) + " nodes"
