"""Scenarios with a fake engine: each check finds a wrong result."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

import pytest
from pulumi.automation.errors import CommandError

from tests.settings.stack_files import config_of
from tests.tools.rehearsal.clouds import delete, empty_cloud, make, update
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.nodes import RAISE_MAXIMUM
from tools.rehearsal.edits.protection import disable_deletion_protection
from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.run import Run, ScenarioError, Step
from tools.rehearsal.scenarios import (
    apply_edit,
    apply_edits,
    check_refused,
    check_unchanged,
    refuse_control_plane_zones,
    scale_up,
)
from tools.rehearsal.teardown import (
    destroy_unprotected,
    refuse_destroy,
    release_data,
    turn_off_protection,
)

RECORD = "aws:route53/record:Record"


class FakeEngine:
    """An engine without a program; `up` and `destroy` call `action`."""

    def __init__(self, action: Callable[[], object]) -> None:
        self.config: Config = config_of("dev")
        self.action = action
        self.counts: Mapping[str, int] = {"same": 1}
        self.ups: list[Config] = []
        """Configuration at each `up`."""
        self.targets: Sequence[str] | None = None
        """Targets of the last `up`."""
        self.state: list[dict[str, Any]] = []
        self.stack = "dev"

    def edit(self, change: Callable[[Config], None]) -> None:
        changed = deepcopy(self.config)
        change(changed)
        self.config = changed

    def resources(self) -> list[dict[str, Any]]:
        return self.state

    def up(self, targets: Sequence[str] | None = None) -> Mapping[str, int]:
        self.ups.append(self.config)
        self.targets = targets
        self.action()
        return self.counts

    def preview(self) -> Mapping[str, int]:
        return self.counts

    def destroy(self) -> Mapping[str, int]:
        self.action()
        return {"delete": 1}


def node_group(cloud: FakeCloud, name: str, *, nodes: int = 2, maximum: int = 8) -> CloudResource:
    size = {"minSize": 1, "maxSize": maximum, "desiredSize": nodes}
    return make(cloud, NODE_GROUP, f"nodes-{name}", clusterName="dev", scalingConfig=size)


def record(cloud: FakeCloud) -> CloudResource:
    return make(cloud, RECORD, "traffic", zoneId="Z", name="n", type="A")


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud("dev")


def open_run(
    cloud: FakeCloud, action: Callable[[], object] = lambda: None
) -> tuple[Run, list[Step]]:
    """Returns a run with a fake engine, and the list of its steps."""
    steps: list[Step] = []
    return Run(cast("Engine", FakeEngine(action)), cloud, steps.append), steps


def fail_with(text: str) -> Callable[[], object]:
    """Returns an action that fails as the engine does."""

    def fail() -> None:
        raise CommandError(cast("Any", f"up failed\nerror: {text}"))

    return fail


def fails(action: Callable[[], object]) -> str:
    """Returns the message of an action that fails."""
    with pytest.raises(ScenarioError) as caught:
        action()
    return str(caught.value)


# Nodes of the autoscaler.


def test_the_autoscaler_scales_up_to_seven_nodes_or_the_maximum(cloud: FakeCloud) -> None:
    for name, nodes, maximum in (("a", 2, 8), ("b", 2, 4), ("c", 9, 12), ("d", 7, 7)):
        node_group(cloud, name, nodes=nodes, maximum=maximum)
    run, _ = open_run(cloud)
    assert [*scale_up(run).values()] == [7, 4, 9, 7]
    for each, expected in zip(cloud.of_type(NODE_GROUP), (7, 4, 9, 7), strict=True):
        assert each.inputs["scalingConfig"]["desiredSize"] == expected
        assert each.outputs["scalingConfig"]["desiredSize"] == expected, "a refresh reads outputs"


def raise_maximum(cloud: FakeCloud, desired: int | None) -> Callable[[], object]:
    """Returns an action that raises the maximum, and sets the desired nodes unless it is None."""

    def up() -> None:
        for each in cloud.of_type(NODE_GROUP):
            size = {**each.inputs["scalingConfig"], "maxSize": 10}
            size["desiredSize"] = size["desiredSize"] if desired is None else desired
            update(cloud, each, **{**each.inputs, "scalingConfig": size})

    return up


def test_an_edit_that_keeps_the_nodes_of_the_autoscaler_passes(cloud: FakeCloud) -> None:
    node_group(cloud, "a")
    node_group(cloud, "b", maximum=4)
    run, steps = open_run(cloud, raise_maximum(cloud, None))
    scale_up(run)
    run.new_operations()
    apply_edit(run, "lifecycle", "edit", RAISE_MAXIMUM)
    assert [step.result for step in steps] == ["2 updated; still a 7, b 4 nodes"]


def test_an_edit_that_removes_nodes_of_the_autoscaler_is_reported(cloud: FakeCloud) -> None:
    node_group(cloud, "a")
    run, steps = open_run(cloud, raise_maximum(cloud, 2))
    scale_up(run)
    run.new_operations()
    assert fails(lambda: apply_edit(run, "lifecycle", "edit", RAISE_MAXIMUM)) == (
        "lifecycle: edit: the edit changed the number of nodes: before a 7 nodes, after a 2 nodes"
    )
    assert steps == []


def test_an_edit_may_create_and_delete_node_groups(cloud: FakeCloud) -> None:
    first = node_group(cloud, "a")

    def up() -> None:
        delete(cloud, first)
        node_group(cloud, "b", nodes=5)

    run, steps = open_run(cloud, up)
    run.new_operations()
    edit = Edit(name="edit", change=lambda config: None, expected=("* NodeGroup *",))
    apply_edit(run, "lifecycle", "edit", edit)
    assert [step.result for step in steps] == ["1 created, 1 deleted"]


# Refusals.


def test_a_refusal_without_changes_passes_and_is_reported_with_its_reason(
    cloud: FakeCloud,
) -> None:
    run, _ = open_run(cloud, fail_with("key: unknown; did you mean y?"))
    result = check_refused(run, lambda config: config.clear(), "key", "did you mean y?")
    assert result == "refused by up without any change; the error names key and did you mean y?"
    assert cast("Any", run.engine).ups == [{}], "up ran without the change"


def test_a_refusal_without_the_expected_reason_is_reported(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud, fail_with("key: unknown"))
    message = fails(lambda: check_refused(run, lambda config: None, "key", "did you mean y?"))
    assert message == "the error lacks did you mean y?: error: key: unknown"


def test_a_refusal_after_changes_is_reported(cloud: FakeCloud) -> None:
    def up() -> None:
        record(cloud)
        fail_with("reason")()

    run, _ = open_run(cloud, up)
    message = fails(lambda: check_refused(run, lambda config: None, "reason"))
    assert message == "refused after changes: create Record traffic"


def test_a_change_that_is_not_refused_is_reported(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud)
    message = fails(lambda: check_refused(run, lambda config: None))
    assert message == "up made the change, but had to refuse it"


def test_other_control_plane_zones_are_refused_and_then_restored(cloud: FakeCloud) -> None:
    run, steps = open_run(cloud, fail_with("ha-eks:network.controlPlaneZones: other zones"))
    before = run.engine.config
    refuse_control_plane_zones(run)
    [changed] = cast("Any", run.engine).ups
    assert changed["ha-eks:network"]["controlPlaneZones"] == ["us-east-1a", "us-east-1c"]
    assert run.engine.config == before, "later edits would be refused too"
    assert [step.name for step in steps] == ['edit "change a control-plane zone"']


def test_another_error_than_the_refusal_of_control_plane_zones_is_reported(
    cloud: FakeCloud,
) -> None:
    run, _ = open_run(cloud, fail_with("no quota"))
    assert fails(lambda: refuse_control_plane_zones(run)) == (
        'lifecycle: edit "change a control-plane zone": the error lacks network.controlPlaneZones: '
        "error: no quota"
    )


# Edits, unchanged stacks, destroy.


def test_edits_that_do_not_apply_are_reported_and_not_made(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(config: Config) -> None:
        raise AssertionError

    one = Edit(name="one", change=fail, expected=(), applies=lambda config: False)
    two = Edit(name="two", change=lambda config: config.update({"two": 2}), expected=())
    monkeypatch.setattr("tools.rehearsal.scenarios.EDITS", (one, two))
    run, steps = open_run(cloud)
    apply_edits(run)
    assert [(step.name, step.result, step.skipped) for step in steps] == [
        ('edit "one"', "does not apply to this stack file", True),
        ('edit "two"', "no operations", False),
    ]
    assert run.engine.config["two"] == 2


def test_changes_of_an_unchanged_stack_are_reported() -> None:
    assert check_unchanged(lambda: {"same": 4}) == "4 resources unchanged"
    message = fails(lambda: check_unchanged(lambda: {"same": 4, "update": 1}))
    assert message == "expected no changes, found {'same': 4, 'update': 1}"


def test_resources_that_destroy_leaves_are_reported(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud, lambda: record(cloud))
    assert fails(lambda: destroy_unprotected(run)) == "not deleted: Record traffic"


def test_a_shared_record_may_remain_after_destroy(cloud: FakeCloud) -> None:
    own = record(cloud)
    run, _ = open_run(cloud, lambda: delete(cloud, own))
    assert destroy_unprotected(run) == "1 resources deleted, none left"
    make(cloud, RECORD, "shared", zoneId="Z", name="n", type="CNAME", allowOverwrite=True)
    run, _ = open_run(cloud)
    result = "1 resources deleted, none left except retained Record shared"
    assert destroy_unprotected(run) == result


def test_resources_that_the_state_retains_may_remain_after_destroy(cloud: FakeCloud) -> None:
    kept = record(cloud)
    run, _ = open_run(cloud)
    state = [{"urn": kept.urn, "type": RECORD, "retainOnDelete": True}]
    cast("Any", run.engine).state = state
    assert destroy_unprotected(run).endswith("none left except retained Record traffic")


def guard(run: Run, *, protect: bool) -> str:
    """Sets the state to a deletion guard; returns its URN."""
    urn = "urn:pulumi:dev::ha-eks::ha-eks:index:DeletionGuard::deletion-guard"
    state = [{"urn": urn, "type": "ha-eks:index:DeletionGuard", "protect": protect}]
    cast("Any", run.engine).state = state
    return urn


def test_only_protected_resources_are_targets_of_make_down(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud, lambda: guard(run, protect=False))
    urn = guard(run, protect=True)
    assert turn_off_protection(run) == "no operations"
    engine = cast("Any", run.engine)
    assert (engine.targets, engine.config["ha-eks:protected"]) == ([urn], False)
    assert turn_off_protection(run) == "the cell is not protected"


def test_a_protection_that_make_down_does_not_turn_off_is_reported(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud)
    urn = guard(run, protect=True)
    assert fails(lambda: turn_off_protection(run)) == f"still protected: {urn}"


def test_other_changes_of_make_down_are_reported(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud, lambda: record(cloud))
    guard(run, protect=True)
    assert fails(lambda: turn_off_protection(run)) == (
        "changed without being protected: create Record traffic"
    )


def test_protected_data_that_stops_make_down_is_reported(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud)
    assert release_data(run) == "no data is protected"
    bucket: dict[str, Any] = {
        "urn": "urn::b::archive",
        "type": "aws:s3/bucket:Bucket",
        "inputs": {},
    }
    cast("Any", run.engine).state = [bucket]
    assert fails(lambda: release_data(run)) == (
        "make down refuses: the bucket archive is protected; copy its objects if you need them, "
        "set ha-eks:observability.archive.deletionProtection to false, run make up STACK=dev, then "
        "make down STACK=dev again"
    )


def test_a_destroy_of_a_protected_cell_must_be_refused_by_the_guard_first(cloud: FakeCloud) -> None:
    run, _ = open_run(cloud, fail_with("deletion-guard is protected"))
    assert refuse_destroy(run) == "refused, nothing deleted"
    run, _ = open_run(cloud, fail_with("no quota"))
    assert fails(lambda: refuse_destroy(run)) == "refused for another reason: error: no quota"
    run, _ = open_run(cloud)
    assert fails(lambda: refuse_destroy(run)) == "destroy deleted a protected cell"

    def delete_first() -> None:
        record(cloud)
        fail_with("deletion-guard is protected")()

    run, _ = open_run(cloud, delete_first)
    assert fails(lambda: refuse_destroy(run)) == "refused after changes: create Record traffic"


def test_deletion_protection_is_turned_off_for_every_stack_file() -> None:
    config = config_of("prod")
    disable_deletion_protection(config)
    assert config["ha-eks:protected"] is False
