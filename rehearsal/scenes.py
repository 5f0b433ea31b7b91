"""What a stack is taken through: up, again, edits, an upgrade, and down."""

from collections.abc import Callable, Mapping

from plan import Plan
from rehearsal.checks import (
    check_control_plane_first,
    check_inventory,
    check_touched,
    check_zone_after_zone,
    told_counts,
)
from rehearsal.cloud import GROUP
from rehearsal.edits import (
    BIGGER_POOL,
    DRAINED,
    EDITS,
    FURTHER,
    UPGRADE,
    Config,
    Edit,
    former_minor,
)
from rehearsal.stage import SceneError, Stage


def first_up(stage: Stage, plan: Plan) -> None:
    """An empty stack comes up, and is what preview said."""

    def preview() -> str:
        counts = stage.engine.preview()
        if set(counts) != {"create"} or stage.cloud.journal:
            raise SceneError(f"a preview that does more than foresee: {dict(counts)}")
        return f"{counts['create']} to create, of an empty stack"

    def up() -> str:
        counts = stage.engine.up()
        check_inventory(stage.cloud, plan)
        return f"{counts['create']} created; the inventory is what preflight planned"

    stage.act("first up", "preview", preview)
    stage.act("first up", "up", up)


def again(stage: Stage) -> None:
    """Nothing is changed by a second `up`, and nothing has drifted."""

    def same(run: Callable[[], Mapping[str, int]], what: str) -> Callable[[], str]:
        def check() -> str:
            counts = run()
            if set(counts) != {"same"}:
                raise SceneError(f"{what}: {dict(counts)}")
            return f"{counts['same']} the same"

        return check

    stage.act("again", "up", same(stage.engine.up, "not the same"))
    stage.act("again", "refresh", same(stage.engine.refresh, "drift"))


def edits(stage: Stage) -> None:
    """Every edit touches what it may, and replaces nothing that people are served by."""
    stage.news()
    for edit in EDITS:
        nodes = more_nodes(stage) if edit is BIGGER_POOL else None
        apply(stage, "edits", edit)
        if nodes and nodes != _nodes(stage):
            raise SceneError(f"the autoscaler's nodes went: {_nodes(stage)}, not {nodes}")
    if len(stage.cloud.of_type("kubernetes:policy/v1:PodDisruptionBudget")) > 1:  # one an app
        apply(stage, "edits", FURTHER)
    if stage.cloud.of_type("aws:route53/record:Record"):
        apply(stage, "edits", DRAINED)


def upgrade(stage: Stage) -> None:
    """The control plane goes to the next minor first, then the nodes, zone after zone."""
    stage.engine.edit(former_minor)
    stage.act("upgrade", "up, one minor back", lambda: f"{stage.engine.up()['create']} created")
    stage.news()
    apply(stage, "upgrade", UPGRADE)


def apply(stage: Stage, scene: str, edit: Edit) -> None:
    """One edit, and an `up` that is held to it."""

    def run() -> str:
        stage.engine.edit(edit.change)
        stage.engine.up()
        done = stage.news()
        check_touched(edit, done, stage.engine.app)
        check_zone_after_zone(done)
        check_control_plane_first(done)
        if set(stage.engine.preview()) != {"same"}:
            raise SceneError("a second up would change something again")
        return told_counts(done)

    stage.act(scene, edit.name, run)


def destroy(stage: Stage) -> None:
    """The stack comes down as docs/teardown.md says, and nothing is left."""

    def down() -> str:
        stage.engine.edit(unprotect)
        stage.engine.up()
        counts = stage.engine.destroy()
        if stage.cloud.things:
            left = ", ".join(sorted(thing.urn for thing in stage.cloud.things.values()))
            raise SceneError(f"left behind: {left}")
        return f"{counts['delete']} deleted; the inventory is empty"

    stage.act("destroy", "protection off, destroy", down)


def unprotect(config: Config) -> None:
    """What docs/teardown.md has people change first."""
    config["ha-eks:cluster"]["deletionProtection"] = False
    config.setdefault("ha-eks:loadBalancing", {})["deletionProtection"] = False


def more_nodes(stage: Stage) -> Mapping[str, int]:
    """The autoscaler adds nodes, behind Pulumi's back; how many each group has then, by URN."""
    for group in stage.cloud.of_type(GROUP):
        for values in (group.inputs, group.outputs):
            size = values["scalingConfig"]
            values["scalingConfig"] = {**size, "desiredSize": size["maxSize"]}
    return _nodes(stage)


def _nodes(stage: Stage) -> Mapping[str, int]:
    groups = stage.cloud.of_type(GROUP)
    return {group.urn: group.inputs["scalingConfig"]["desiredSize"] for group in groups}
