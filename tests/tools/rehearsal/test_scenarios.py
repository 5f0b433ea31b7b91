"""The scenes, over engines that do what a test has them do: what goes wrong is found."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, cast

import pytest
from pulumi.automation.errors import CommandError

from tests.settings.stack_files import config_of
from tests.tools.rehearsal.clouds import delete, empty_cloud, make, update
from tools.rehearsal.edits.cluster import unprotect
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.nodes import BIGGER_POOL
from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import GROUP, Cloud
from tools.rehearsal.run import Act, SceneError, Stage
from tools.rehearsal.scenarios import apply, control_plane, down, edits, more_nodes, refused, same

RECORD = "aws:route53/record:Record"


class Played:
    """An engine without a program: `does` is what an `up` does."""

    def __init__(self, does: Callable[[], object]) -> None:
        self.config: Config = config_of("dev")
        self.does = does
        self.counts: Mapping[str, int] = {"same": 1}
        self.ups: list[Config] = []

    def edit(self, change: Callable[[Config], None]) -> None:
        now = deepcopy(self.config)
        change(now)
        self.config = now

    def up(self) -> Mapping[str, int]:
        self.ups.append(self.config)
        self.does()
        return self.counts

    def preview(self) -> Mapping[str, int]:
        return self.counts

    def destroy(self) -> Mapping[str, int]:
        self.does()
        return {"delete": 1}


def group(cloud: Cloud, name: str, *, nodes: int = 2, most: int = 8) -> Any:
    size = {"minSize": 1, "maxSize": most, "desiredSize": nodes}
    return make(cloud, GROUP, f"nodes-{name}", clusterName="dev", scalingConfig=size)


@pytest.fixture
def cloud() -> Cloud:
    return empty_cloud("dev")


def stage_of(cloud: Cloud, does: Callable[[], object] = lambda: None) -> tuple[Stage, list[Act]]:
    acts: list[Act] = []
    return Stage(cast("Engine", Played(does)), cloud, acts.append), acts


def sizes(cloud: Cloud) -> list[int]:
    return [each.inputs["scalingConfig"]["desiredSize"] for each in cloud.of_type(GROUP)]


def fails(text: str) -> Callable[[], object]:
    def fail() -> None:
        raise CommandError(cast("Any", f"up failed\nerror: {text}"))

    return fail


# The autoscaler's nodes.


def test_the_autoscaler_holds_seven_nodes_where_the_maximum_lets_it(cloud: Cloud) -> None:
    for name, nodes, most in (("a", 2, 8), ("b", 2, 4), ("c", 9, 12), ("d", 7, 7)):
        group(cloud, name, nodes=nodes, most=most)
    stage, _ = stage_of(cloud)
    assert [*more_nodes(stage).values()] == sizes(cloud) == [7, 4, 9, 7]
    outputs = [each.outputs["scalingConfig"]["desiredSize"] for each in cloud.of_type(GROUP)]
    assert outputs == [7, 4, 9, 7], "a refresh would not see them"


def bigger(cloud: Cloud, desired: int | None) -> Callable[[], object]:
    """An `up` for a bigger pool, which sets a number of nodes, or leaves it."""

    def up() -> None:
        for each in cloud.of_type(GROUP):
            size = {**each.inputs["scalingConfig"], "maxSize": 10}
            size["desiredSize"] = size["desiredSize"] if desired is None else desired
            update(cloud, each, **{**each.inputs, "scalingConfig": size})

    return up


def test_an_edit_that_takes_the_autoscaler_s_nodes_is_found(cloud: Cloud) -> None:
    one = group(cloud, "a")
    stage, acts = stage_of(cloud, bigger(cloud, None))
    more_nodes(stage)
    stage.news()
    apply(stage, "edits", BIGGER_POOL)
    assert [act.told for act in acts] == ["1 × update; 7 nodes stay"]
    stage, acts = stage_of(cloud, bigger(cloud, 2))
    stage.news()
    with pytest.raises(SceneError, match="came or went: 2 nodes; before 7 nodes"):
        apply(stage, "edits", BIGGER_POOL)
    assert acts == []
    assert one.inputs["scalingConfig"]["desiredSize"] == 2


def test_groups_may_come_and_go_with_an_edit(cloud: Cloud) -> None:
    first = group(cloud, "a")

    def up() -> None:
        delete(cloud, first)
        group(cloud, "b", nodes=5)

    stage, acts = stage_of(cloud, up)
    stage.news()
    edit = Edit(name="e", change=lambda config: None, may=("* NodeGroup *",))
    apply(stage, "edits", edit)
    assert [act.told for act in acts] == ["1 × create, 1 × delete"]


# What is refused.


def test_what_a_plain_up_refuses_is_told_with_why(cloud: Cloud) -> None:
    stage, _ = stage_of(cloud, fails("key: 'x'; allowed: y"))
    told = refused(stage, lambda config: config.clear(), "key", "allowed: y")
    assert told == 'refused, and nothing touched; it says "allowed: y"'
    assert cast("Any", stage.engine).ups == [{}], "the change was not in the file"


def test_a_refusal_that_does_not_say_why_is_found(cloud: Cloud) -> None:
    stage, _ = stage_of(cloud, fails("key: 'x'; allowed: y"))
    with pytest.raises(SceneError, match="not refused as it should be: error: key"):
        refused(stage, lambda config: None, "key", "allowed: z")


def test_a_refusal_after_something_was_touched_is_found(cloud: Cloud) -> None:
    def up() -> None:
        make(cloud, RECORD, "traffic", zoneId="Z", name="n", type="A")
        fails("why")()

    stage, _ = stage_of(cloud, up)
    with pytest.raises(SceneError, match="create Record traffic"):
        refused(stage, lambda config: None, "why")


def test_what_is_done_instead_of_refused_is_found(cloud: Cloud) -> None:
    stage, _ = stage_of(cloud)
    with pytest.raises(SceneError, match="made it at once"):
        refused(stage, lambda config: None)


def test_other_control_plane_zones_are_asked_for_once_and_taken_back(cloud: Cloud) -> None:
    why = "network.controlPlaneZones: ['us-east-1c']; allowed: [us-east-1a, us-east-1b], those of "
    stage, acts = stage_of(cloud, fails(f"{why}the cluster's creation: EKS takes subnets in no"))
    given = stage.engine.config
    control_plane(stage)
    [asked] = cast("Any", stage.engine).ups
    assert asked["ha-eks:network"]["controlPlaneZones"] == ["us-east-1a", "us-east-1c"]
    assert stage.engine.config == given, "what comes after would be refused"
    assert [act.what for act in acts] == ["another control-plane zone"]
    stage, _ = stage_of(cloud, fails("no quota"))
    with pytest.raises(SceneError, match="no quota"):
        control_plane(stage)


# The rest.


def test_edits_that_do_not_fit_are_told_and_not_made(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(config: Config) -> None:
        raise AssertionError

    one = Edit(name="one", change=wrong, may=(), fits=lambda config: False)
    two = Edit(name="two", change=lambda config: config.update({"two": 2}), may=())
    monkeypatch.setattr("tools.rehearsal.scenarios.EDITS", (one, two))
    stage, acts = stage_of(cloud)
    edits(stage)
    assert [act.told.partition(":")[0] for act in acts] == ["NOT PLAYED", ""]
    assert stage.engine.config["two"] == 2


def test_what_is_not_the_same_is_told() -> None:
    assert same(lambda: {"same": 4}) == "4 the same"
    with pytest.raises(SceneError, match="'update': 1"):
        same(lambda: {"same": 4, "update": 1})


def test_what_is_left_behind_is_told(cloud: Cloud) -> None:
    one = make(cloud, RECORD, "traffic", zoneId="Z", name="n", type="A")
    stage, _ = stage_of(cloud, lambda: delete(cloud, one))
    assert down(stage) == "1 deleted; the inventory is empty"
    stage, _ = stage_of(cloud, lambda: make(cloud, RECORD, "t", zoneId="Z", name="n", type="A"))
    with pytest.raises(SceneError, match=r"left behind: .*::t$"):
        down(stage)


def test_protection_goes_off_whatever_the_file_says() -> None:
    config = config_of("prod")
    unprotect(config)
    assert config["ha-eks:cluster"]["deletionProtection"] is False
    assert config["ha-eks:loadBalancing"]["deletionProtection"] is False
