"""Checks of the resources and operations in the fake cloud."""

from collections.abc import Callable

import pytest

from tests.tools.rehearsal.clouds import build, cloud_for, created_by, make, urn_of
from tools.recording import Recording
from tools.rehearsal.checks import (
    CLUSTER,
    NEVER_REPLACED,
    NODE_GROUP,
    check_control_plane_first,
    check_inventory,
    check_one_zone_at_a_time,
    check_operations,
    counts_by_verb,
)
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.fake_cloud.cloud_resource import Operation
from tools.rehearsal.run import ScenarioError

RECORD = "aws:route53/record:Record"
SERVICE = "kubernetes:core/v1:Service"
PLACEHOLDERS = {"APP": "web", "ZONE": "us-east-1c"}


def operation(verb: str, type_: str, name: str, started: float = 0, ended: float = 1) -> Operation:
    urn = urn_of(type_, name)
    return Operation(verb=verb, type=type_, urn=urn, started=started, ended=ended, error=None)


def edit(*expected: str, optional: tuple[str, ...] = ()) -> Edit:
    return Edit(name="edit", change=lambda config: None, expected=expected, optional=optional)


UPDATE_A = operation("update", NODE_GROUP, "nodes-general-us-east-1a")
UPDATE_B = operation("update", NODE_GROUP, "nodes-general-us-east-1b")
CREATE = operation("create", SERVICE, "web")


def fails(check: Callable[[], None]) -> str:
    """Returns the message of a check that fails."""
    with pytest.raises(ScenarioError) as caught:
        check()
    return str(caught.value)


# Operations of an edit.


def test_an_operation_has_the_form_of_the_patterns() -> None:
    assert str(UPDATE_A) == "update NodeGroup nodes-general-us-east-1a"
    assert str(CREATE) == "create Service web"


@pytest.mark.parametrize(
    "allowed",
    [
        edit("update NodeGroup nodes-*", "create Service web"),
        edit("update NodeGroup nodes-*", optional=("create * web", "delete * other")),
        edit("* NodeGroup *", "create Service web", "create *"),
        edit("update NodeGroup nodes-general-us-east-1[ab]", "create Service web"),
    ],
)
def test_expected_and_optional_operations_pass(allowed: Edit) -> None:
    check_operations(allowed, [UPDATE_A, UPDATE_B, CREATE], PLACEHOLDERS)


@pytest.mark.parametrize(
    ("allowed", "unexpected"),
    [
        (edit("create Service web"), "update NodeGroup nodes-general-us-east-1a, update NodeGroup "
                                     "nodes-general-us-east-1b"),
        (edit("update NodeGroup nodes-*"), "create Service web"),
        (edit("update NodeGroup nodes-*", "delete Service web"), "create Service web"),
        (edit("update NodeGroup nodes-*", "create Service we"), "create Service web"),
        (edit("update NodeGroup nodes-*", "create service web"), "create Service web"),
    ],
)  # fmt: skip
def test_all_unexpected_operations_are_reported(allowed: Edit, unexpected: str) -> None:
    operations = [UPDATE_B, UPDATE_A, CREATE, CREATE]
    message = fails(lambda: check_operations(allowed, operations, PLACEHOLDERS))
    assert message == f"unexpected operations: {unexpected}"


def test_all_missing_expected_operations_are_reported() -> None:
    allowed = edit("create Service web", "delete * web", "update Cluster *", optional=("update *",))
    message = fails(lambda: check_operations(allowed, [UPDATE_A, CREATE], PLACEHOLDERS))
    assert message == "expected operations are missing: delete * web, update Cluster *"
    check_operations(edit(optional=("update *",)), [], PLACEHOLDERS)


def test_every_edit_may_update_but_not_delete_the_dashboard() -> None:
    dashboard = "aws:cloudwatch/dashboard:Dashboard"
    updated = operation("update", dashboard, "dashboard")
    deleted = operation("delete", dashboard, "dashboard")
    allowed = edit("create Service web")
    check_operations(allowed, [CREATE, updated], PLACEHOLDERS)
    message = fails(lambda: check_operations(allowed, [CREATE, deleted], PLACEHOLDERS))
    assert message == "unexpected operations: delete Dashboard dashboard"


def test_placeholders_are_filled_in_in_all_patterns() -> None:
    allowed = edit(
        "delete * net-ZONE", "update Service APP", optional=("delete NodeGroup x-*-ZONE",)
    )
    deleted = operation("delete", SERVICE, "net-us-east-1c")
    group = operation("delete", NODE_GROUP, "x-y-us-east-1c")
    updated = operation("update", SERVICE, "web")
    check_operations(allowed, [deleted, group, updated], PLACEHOLDERS)
    other = operation("delete", NODE_GROUP, "x-y-us-east-1a")
    operations = [deleted, group, updated, other]
    message = fails(lambda: check_operations(allowed, operations, PLACEHOLDERS))
    assert message == "unexpected operations: delete NodeGroup x-y-us-east-1a"
    message = fails(lambda: check_operations(allowed, [group, updated], PLACEHOLDERS))
    assert message == "expected operations are missing: delete * net-us-east-1c"


# Replacements.


@pytest.mark.parametrize("type_", NEVER_REPLACED)
def test_no_edit_replaces_a_resource_that_serves_users(type_: str) -> None:
    create, delete = operation("create", type_, "one"), operation("delete", type_, "one")
    for order in ([delete, create], [create, delete]):
        message = fails(lambda order=order: check_operations(edit("* * one"), order, PLACEHOLDERS))
        assert message == f"replaced, which interrupts users: {type_.rpartition(':')[2]} one"
    check_operations(edit("* * *"), [delete, operation("create", type_, "other")], PLACEHOLDERS)
    check_operations(edit("* * *"), [operation("update", type_, "one"), delete], PLACEHOLDERS)


def test_an_edit_may_replace_a_dns_record() -> None:
    operations = [operation("delete", RECORD, "one"), operation("create", RECORD, "one")]
    check_operations(edit("* Record one"), operations, PLACEHOLDERS)


def test_vpc_subnets_cluster_and_load_balancer_are_never_replaced() -> None:
    types = {each.rpartition(":")[2] for each in NEVER_REPLACED}
    assert types >= {"Vpc", "Subnet", "Cluster", "LoadBalancer", "TargetGroup"}


# Order of updates.


def group(name: str, started: float, ended: float, verb: str = "update") -> Operation:
    return operation(verb, NODE_GROUP, name, started, ended)


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
            operation("update", "aws:ec2/launchTemplate:LaunchTemplate", "nodes-general", 1, 2),
        ],
    ],
)
def test_updates_of_one_zone_at_a_time_pass(operations: list[Operation]) -> None:
    check_one_zone_at_a_time(operations)


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
def test_updates_of_two_zones_of_a_pool_at_the_same_time_are_reported(
    operations: list[Operation],
) -> None:
    assert fails(lambda: check_one_zone_at_a_time(operations)) == (
        "node groups of one pool were updated at the same time: nodes-general-us-east-1a and "
        "nodes-general-us-east-1b"
    ), "an update could drain two zones at once"


def test_two_pools_may_be_updated_at_the_same_time() -> None:
    check_one_zone_at_a_time(
        [
            group("nodes-general-eu-west-1a", 0, 2),
            group("nodes-batch-eu-west-1a", 0, 2),
            group("nodes-general-eu-west-1b", 2, 4),
            group("nodes-batch-eu-west-1b", 2, 4),
        ]
    )


def test_an_update_of_nodes_before_the_control_plane_is_reported() -> None:
    control_plane = operation("update", CLUSTER, "cluster-eksCluster", 1, 3)
    check_control_plane_first([control_plane, group("nodes-general-us-east-1a", 3, 4)])
    check_control_plane_first([group("nodes-general-us-east-1a", 0, 1)])
    early = [control_plane, group("nodes-general-us-east-1a", 2, 4)]
    assert fails(lambda: check_control_plane_first(early)) == (
        "nodes-general-us-east-1a was updated before the update of the control plane had ended"
    )


# Inventory.


def test_the_inventory_of_a_recording_passes(recording: Recording) -> None:
    check_inventory(build(cloud_for(recording), created_by(recording)), recording)


def test_missing_resources_are_reported(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    cloud = build(cloud_for(recording), created_by(recording))
    for resource in list(cloud.resources.values()):
        if resource.name == "cache" and "Service" in resource.type:
            del cloud.resources[resource.type, resource.id]
    account = "kubernetes:core/v1:ServiceAccount"
    message = fails(lambda: check_inventory(cloud, recording))
    assert message == f"missing: {SERVICE} cache, {account} cache"


@pytest.mark.parametrize("name", ["one-more", "network-nat-us-east-1a"])
def test_additional_resources_are_reported_also_with_a_recorded_name(
    name: str, previewed: Callable[[str], Recording]
) -> None:
    recording = previewed("dev")
    cloud = build(cloud_for(recording), created_by(recording))
    make(cloud, "aws:ec2/eip:Eip", name)
    message = fails(lambda: check_inventory(cloud, recording))
    assert message == f"not in the recording: aws:ec2/eip:Eip {name}"


def test_operations_are_counted_by_verb() -> None:
    operations = [UPDATE_A, CREATE, UPDATE_B, operation("delete", SERVICE, "web")]
    assert counts_by_verb(operations) == "1 created, 2 updated, 1 deleted"
    assert counts_by_verb([UPDATE_A]) == "1 updated"
    assert counts_by_verb([]) == "no operations"
