"""What is held against the stand-in cloud: edits, zones, the inventory."""

from collections.abc import Callable

import pytest

from tests.tools.rehearsal.clouds import build, cloud_for, created_by, make, urn_of
from tools.recording import Recording
from tools.rehearsal.checks import (
    CLUSTER,
    GROUP,
    KEEP,
    check_control_plane_first,
    check_inventory,
    check_touched,
    check_zone_after_zone,
    text_of,
    told_counts,
)
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.fake_cloud.cloud import Operation
from tools.rehearsal.run import SceneError

RECORD = "aws:route53/record:Record"
SERVICE = "kubernetes:core/v1:Service"
WORDS = {"APP": "web", "ZONE": "us-east-1c"}


def done(verb: str, type_: str, name: str, began: float = 0, ended: float = 1) -> Operation:
    return Operation(
        verb=verb, type=type_, urn=urn_of(type_, name), began=began, ended=ended, refused=None
    )


def edit(*may: str, might: tuple[str, ...] = ()) -> Edit:
    return Edit(name="edit", change=lambda config: None, may=may, might=might)


UP_A = done("update", GROUP, "nodes-general-us-east-1a")
UP_B = done("update", GROUP, "nodes-general-us-east-1b")
NEW = done("create", SERVICE, "web")


def test_an_operation_is_told_as_edits_write_it() -> None:
    assert text_of(UP_A) == "update NodeGroup nodes-general-us-east-1a"
    assert text_of(NEW) == "create Service web"


@pytest.mark.parametrize(
    "allowed",
    [
        edit("update NodeGroup nodes-*", "create Service web"),
        edit("update NodeGroup nodes-*", might=("create * web", "delete * other")),
        edit("* NodeGroup *", "create Service web", "create *"),
        edit("update NodeGroup nodes-general-us-east-1[ab]", "create Service web"),
    ],
)
def test_an_edit_that_touches_what_it_may_is_right(allowed: Edit) -> None:
    check_touched(allowed, [UP_A, UP_B, NEW], WORDS)


@pytest.mark.parametrize(
    ("allowed", "beyond"),
    [
        (edit("create Service web"), "update NodeGroup nodes-general-us-east-1a, update NodeGroup "
                                     "nodes-general-us-east-1b"),
        (edit("update NodeGroup nodes-*"), "create Service web"),
        (edit("update NodeGroup nodes-*", "delete Service web"), "create Service web"),
        (edit("update NodeGroup nodes-*", "create Service we"), "create Service web"),
        (edit("update NodeGroup nodes-*", "create service web"), "create Service web"),
    ],
)  # fmt: skip
def test_what_an_edit_touches_beyond_is_told(allowed: Edit, beyond: str) -> None:
    with pytest.raises(SceneError) as caught:
        check_touched(allowed, [UP_B, UP_A, NEW, NEW], WORDS)
    assert str(caught.value) == f"touched as well: {beyond}"


def test_what_an_edit_should_have_touched_is_told() -> None:
    allowed = edit("create Service web", "delete * web", "update Cluster *", might=("update *",))
    with pytest.raises(SceneError) as caught:
        check_touched(allowed, [UP_A, NEW], WORDS)
    assert str(caught.value) == "not touched: delete * web, update Cluster *"
    check_touched(edit(might=("update *",)), [], WORDS)


def test_what_shows_the_cell_may_change_with_any_edit_but_not_go() -> None:
    shown = "aws:cloudwatch/dashboard:Dashboard"
    changed, gone = done("update", shown, "dashboard"), done("delete", shown, "dashboard")
    check_touched(edit("create Service web"), [NEW, changed], WORDS)
    with pytest.raises(SceneError, match="touched as well: delete Dashboard dashboard"):
        check_touched(edit("create Service web"), [NEW, gone], WORDS)


def test_words_of_an_edit_are_said_in_all_its_patterns() -> None:
    allowed = edit("delete * net-ZONE", "update Service APP", might=("delete NodeGroup x-*-ZONE",))
    gone, group = done("delete", SERVICE, "net-us-east-1c"), done("delete", GROUP, "x-y-us-east-1c")
    changed = done("update", SERVICE, "web")
    check_touched(allowed, [gone, group, changed], WORDS)
    other = done("delete", GROUP, "x-y-us-east-1a")
    with pytest.raises(SceneError, match=r"touched as well: delete NodeGroup x-y-us-east-1a"):
        check_touched(allowed, [gone, group, changed, other], WORDS)
    with pytest.raises(SceneError, match=r"not touched: delete \* net-us-east-1c$"):
        check_touched(allowed, [group, changed], WORDS)


@pytest.mark.parametrize("type_", KEEP)
def test_what_people_are_served_by_is_not_replaced_by_any_edit(type_: str) -> None:
    new, old = done("create", type_, "one"), done("delete", type_, "one")
    for order in ([old, new], [new, old]):
        with pytest.raises(SceneError, match=r"^replaced: create .* one$"):
            check_touched(edit("* * one"), order, WORDS)
    check_touched(edit("* * *"), [old, done("create", type_, "other")], WORDS)
    check_touched(edit("* * *"), [done("update", type_, "one"), old], WORDS)


def test_what_stands_again_at_once_may_be_replaced() -> None:
    check_touched(edit("* Record one"), [done("delete", RECORD, "one"),
                                         done("create", RECORD, "one")], WORDS)  # fmt: skip


def test_what_no_edit_may_replace_is_what_holds_addresses_and_people() -> None:
    kept = {each.rpartition(":")[2] for each in KEEP}
    assert kept >= {"Vpc", "Subnet", "Cluster", "LoadBalancer", "TargetGroup"}


def group(name: str, began: float, ended: float, verb: str = "update") -> Operation:
    return done(verb, GROUP, name, began, ended)


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [group("nodes-general-us-east-1a", 0, 1)],
        [group("nodes-general-us-east-1a", 0, 1), group("nodes-general-us-east-1b", 1, 2)],
        [group("nodes-general-us-east-1b", 3, 4), group("nodes-general-us-east-1a", 0, 1)],
        [
            group("nodes-general-us-east-1a", 0, 3),
            group("nodes-general-us-east-1b", 1, 2, "create"),
        ],
        [
            group("nodes-general-us-east-1a", 0, 3),
            done("update", "aws:ec2/launchTemplate:LaunchTemplate", "nodes-general", 1, 2),
        ],
    ],
)
def test_zones_one_after_the_other_are_right(operations: list[Operation]) -> None:
    check_zone_after_zone(operations)


@pytest.mark.parametrize(
    "operations",
    [
        [group("nodes-general-us-east-1a", 0, 2), group("nodes-general-us-east-1b", 1, 3)],
        [group("nodes-general-us-east-1b", 1, 3), group("nodes-general-us-east-1a", 0, 2)],
        [group("nodes-general-us-east-1a", 0, 5), group("nodes-general-us-east-1b", 1, 2)],
        [
            group("nodes-general-us-east-1c", 5, 6),
            group("nodes-general-us-east-1b", 1, 3),
            group("nodes-general-us-east-1a", 0, 2),
        ],
        [
            group("nodes-general-us-east-1a", 0, 9),
            group("nodes-batch-us-east-1a", 1, 2),
            group("nodes-general-us-east-1b", 3, 4),
        ],
    ],
)
def test_two_zones_at_a_time_are_told(operations: list[Operation]) -> None:
    with pytest.raises(SceneError) as caught:
        check_zone_after_zone(operations)
    told = "nodes-general-us-east-1b was updated while nodes-general-us-east-1a was"
    assert str(caught.value) == told, "an update could take two zones from under people"


def test_pools_do_not_wait_for_one_another() -> None:
    check_zone_after_zone(
        [
            group("nodes-general-eu-west-1a", 0, 2),
            group("nodes-batch-eu-west-1a", 0, 2),
            group("nodes-general-eu-west-1b", 2, 4),
            group("nodes-batch-eu-west-1b", 2, 4),
        ]
    )


def test_an_inventory_is_right_that_is_what_was_planned(recording: Recording) -> None:
    check_inventory(build(cloud_for(recording), created_by(recording)), recording)


def test_what_is_missing_in_an_inventory_is_told(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    cloud = build(cloud_for(recording), created_by(recording))
    for thing in list(cloud.resources.values()):
        if thing.urn.endswith("::cache") and "Service" in thing.type:
            del cloud.resources[thing.type, thing.id]
    with pytest.raises(SceneError) as caught:
        check_inventory(cloud, recording)
    account = "kubernetes:core/v1:ServiceAccount"
    assert str(caught.value) == f"missing: {SERVICE} cache, {account} cache"


def test_what_nobody_planned_is_told(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    for name in ("one-more", "network-nat-us-east-1a"):  # the second is there twice
        cloud = build(cloud_for(recording), created_by(recording))
        make(cloud, "aws:ec2/eip:Eip", name)
        with pytest.raises(SceneError) as caught:
            check_inventory(cloud, recording)
        assert str(caught.value) == f"not planned: aws:ec2/eip:Eip {name}"


def test_counts_are_told_by_verb() -> None:
    operations = [UP_A, NEW, UP_B, done("delete", SERVICE, "web")]
    assert told_counts(operations) == "1 × create, 1 × delete, 2 × update"
    assert told_counts([]) == ""


def test_nodes_that_are_updated_before_the_control_plane_are_told() -> None:
    control_plane = done("update", CLUSTER, "cluster-eksCluster", 1, 3)
    check_control_plane_first([control_plane, group("nodes-general-us-east-1a", 3, 4)])
    check_control_plane_first([group("nodes-general-us-east-1a", 0, 1)])
    with pytest.raises(SceneError, match="nodes-general-us-east-1a was updated before"):
        check_control_plane_first([control_plane, group("nodes-general-us-east-1a", 2, 4)])
