"""What a stack is taken through: up, again, edits, an upgrade, and down."""

from collections.abc import Callable, Mapping

from pulumi.automation.errors import CommandError

from tools.recording import Recording
from tools.rehearsal.checks import (
    check_control_plane_first,
    check_inventory,
    check_touched,
    check_zone_after_zone,
    text_of,
    told_counts,
)
from tools.rehearsal.edits import EDITS, words
from tools.rehearsal.edits.cluster import UPGRADE, former_minor, unprotect
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.network import ZONE_BACK, ZONE_OUT, other_control_plane_zones
from tools.rehearsal.edits.nodes import BIGGER_POOL
from tools.rehearsal.fake_cloud.cloud import GROUP
from tools.rehearsal.run import SceneError, Stage, errors_in

_HELD = 7
"""Nodes that the autoscaler has in each group, if the group's maximum lets it."""


def first_up(stage: Stage, recording: Recording) -> None:
    """An empty stack comes up, and is what preview said."""

    def preview() -> str:
        counts = stage.engine.preview()
        if set(counts) != {"create"} or stage.cloud.journal:
            raise SceneError(f"a preview that does more than foresee: {dict(counts)}")
        return f"{counts['create']} to create, of an empty stack"

    stage.act("first up", "preview", preview)
    stage.act("first up", "up", lambda: whole(stage, recording))


def whole(stage: Stage, recording: Recording) -> str:
    """Brings an empty stack up."""
    counts = stage.engine.up()
    check_inventory(stage.cloud, recording)
    return f"{counts['create']} created; the inventory is what preflight planned"


def again(stage: Stage) -> None:
    """Nothing is changed by a second `up`, and nothing has drifted."""
    for what, run in (("up", stage.engine.up), ("refresh", stage.engine.refresh)):
        stage.act("again", what, lambda run=run: same(run))


def same(run: Callable[[], Mapping[str, int]]) -> str:
    """Runs the engine, which has nothing to do."""
    counts = run()
    if set(counts) != {"same"}:
        raise SceneError(f"not the same: {dict(counts)}")
    return f"{counts['same']} the same"


def edits(stage: Stage) -> None:
    """Every edit touches what it may, and replaces nothing that people are served by."""
    stage.news()
    for edit in EDITS:
        if not edit.fits(stage.engine.config):
            stage.act("edits", edit.name, lambda: "NOT PLAYED: this stack file has no place for it")
            continue
        if edit is BIGGER_POOL:
            stage.act("edits", "the autoscaler adds nodes", lambda: told_nodes(more_nodes(stage)))
        if edit in (ZONE_OUT, ZONE_BACK):
            told = "the autoscaler takes nodes away"
            stage.act("edits", told, lambda: told_nodes(fewest_nodes(stage)))
        apply(stage, "edits", edit)


def control_plane(stage: Stage) -> None:
    """Other control-plane zones are refused by a plain `up`, with the reason."""
    given = stage.engine.config
    change = other_control_plane_zones
    why = ("network.controlPlaneZones", "those of the cluster's creation: EKS takes subnets in no")
    stage.act("edits", "another control-plane zone", lambda: refused(stage, change, *why))
    stage.engine.edit(lambda config: config.update(given))


def refused(stage: Stage, change: Callable[[Config], None], *why: str) -> str:
    """A change that a plain `up` does not make: it says so in some words, and touches nothing."""
    stage.engine.edit(change)
    stage.news()
    try:
        stage.engine.up()
    except CommandError as error:
        told, done = errors_in(error), [text_of(each) for each in stage.news()]
        if done or [words for words in why if words not in told]:
            raise SceneError(f"not refused as it should be: {told} {done}") from error
        return f'refused, and nothing touched; it says "{why[-1]}"'
    raise SceneError("a plain up made it at once")


def upgrade(stage: Stage) -> None:
    """The control plane goes to the next minor first, then the nodes, zone after zone."""
    stage.engine.edit(former_minor)
    stage.act("upgrade", "up, one minor back", lambda: f"{stage.engine.up()['create']} created")
    stage.news()
    apply(stage, "upgrade", UPGRADE)


def apply(stage: Stage, scene: str, edit: Edit) -> None:
    """One edit, and an `up` that is held to it."""

    def run() -> str:
        before, nodes = stage.engine.config, nodes_of(stage)
        stage.engine.edit(edit.change)
        stage.engine.up()
        done = stage.news()
        check_touched(edit, done, words(before, stage.engine.config))
        check_zone_after_zone(done)
        check_control_plane_first(done)
        now = {urn: count for urn, count in nodes_of(stage).items() if urn in nodes}
        was = {urn: nodes[urn] for urn in now}
        if now != _within_bounds(stage, was):
            raise SceneError(f"nodes came or went: {told_nodes(now)}; before {told_nodes(was)}")
        same(stage.engine.preview)
        updated = any(each.type == GROUP and each.verb == "update" for each in done)
        nodes_told = f"; {told_nodes(now)} {'stay' if now == was else 'now'}" if updated else ""
        return told_counts(done) + nodes_told

    stage.act(scene, edit.name, run)


def destroy(stage: Stage) -> None:
    """The stack comes down as docs/teardown.md says, and nothing is left."""

    def run() -> str:
        stage.engine.edit(unprotect)
        stage.engine.up()
        return down(stage)

    stage.act("destroy", "protection off, destroy", run)


def down(stage: Stage) -> str:
    """Destroys what is not protected."""
    counts = stage.engine.destroy()
    resources = stage.cloud.resources.values()
    left = sorted(thing.urn for thing in resources if not thing.kept)
    if left:
        raise SceneError(f"left behind: {', '.join(left)}")
    stays = ", ".join(sorted(thing.name for thing in resources))
    return f"{counts['delete']} deleted; the inventory is empty{stays and f', but for {stays}'}"


def more_nodes(stage: Stage) -> Mapping[str, int]:
    """The autoscaler adds nodes, behind Pulumi's back; how many each group has then, by URN."""
    return _scale(stage, lambda size: max(size["desiredSize"], min(_HELD, size["maxSize"])))


def fewest_nodes(stage: Stage) -> Mapping[str, int]:
    """The autoscaler takes all nodes away that it may; how many each group has then, by URN."""
    return _scale(stage, lambda size: size["minSize"])


def _scale(stage: Stage, to: Callable[[Mapping[str, int]], int]) -> Mapping[str, int]:
    for group in stage.cloud.of_type(GROUP):
        for values in (group.inputs, group.outputs):
            size = values["scalingConfig"]
            values["scalingConfig"] = {**size, "desiredSize": to(size)}
    return nodes_of(stage)


def _within_bounds(stage: Stage, nodes: Mapping[str, int]) -> Mapping[str, int]:
    """What becomes of the nodes of groups: as many, or the nearest that their bounds allow."""
    sizes = {group.urn: group.inputs["scalingConfig"] for group in stage.cloud.of_type(GROUP)}
    return {
        urn: max(sizes[urn]["minSize"], min(count, sizes[urn]["maxSize"]))
        for urn, count in nodes.items()
    }


def nodes_of(stage: Stage) -> Mapping[str, int]:
    """Nodes of each group, by URN."""
    groups = stage.cloud.of_type(GROUP)
    return {group.urn: group.inputs["scalingConfig"]["desiredSize"] for group in groups}


def told_nodes(nodes: Mapping[str, int]) -> str:
    """Nodes of each group, for people."""
    return f"{', '.join(str(nodes[urn]) for urn in sorted(nodes))} nodes"
