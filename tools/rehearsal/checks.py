"""Checks of the resources and operations in the fake cloud."""

import fnmatch
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tools.recording import Recording
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.fake_cloud.cloud import CLUSTER, NODE_GROUP, FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import Operation
from tools.rehearsal.run import ScenarioError

NEVER_REPLACED = (
    "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:eks/cluster:Cluster",
    "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup",
)  # fmt: skip
"""Types of resources that no edit may replace, because a replacement interrupts users."""

DISPLAY_UPDATES = ("update Dashboard dashboard", "update QueryDefinition dashboard-*")
"""Updates that every edit may cause, because dashboard and saved queries list parts of the cell."""

Inventory = Counter[tuple[str, str]]


def inventory(cloud: FakeCloud) -> Inventory:
    """Counts the resources in the cloud by type and logical name."""
    return Counter((resource.type, resource.name) for resource in cloud.resources.values())


def check_inventory(cloud: FakeCloud, recording: Recording) -> None:
    """Checks that the cloud contains exactly the recorded resources, by type and logical name."""
    recorded = Counter((each.type, each.name) for each in recording.cloud_resources)
    existing = inventory(cloud)
    for problem, names in (
        ("missing", recorded - existing),
        ("not in the recording", existing - recorded),
    ):
        if names:
            texts = ", ".join(" ".join(name) for name in sorted(names))
            raise ScenarioError(f"{problem}: {texts}")


def check_operations(
    edit: Edit, operations: Sequence[Operation], placeholders: Mapping[str, str]
) -> None:
    """Checks that an edit caused all expected operations, no others, and no harmful replacement.

    `placeholders` are the values of the placeholders in the patterns of the edit.
    """
    texts = [str(each) for each in operations]
    expected = [_fill_in(each, placeholders) for each in edit.expected]
    optional = [_fill_in(each, placeholders) for each in edit.optional]
    allowed = (*expected, *optional, *DISPLAY_UPDATES)
    unexpected = {text for text in texts if not any(fnmatch.fnmatchcase(text, a) for a in allowed)}
    if unexpected:
        raise ScenarioError(f"unexpected operations: {', '.join(sorted(unexpected))}")
    missing = [pattern for pattern in expected if not fnmatch.filter(texts, pattern)]
    if missing:
        raise ScenarioError(f"expected operations are missing: {', '.join(missing)}")
    deleted = {each.urn for each in operations if each.verb == "delete"}
    for each in operations:
        if each.verb == "create" and each.urn in deleted and each.type in NEVER_REPLACED:
            raise ScenarioError(f"replaced, which interrupts users: {str(each).partition(' ')[2]}")


def _fill_in(pattern: str, placeholders: Mapping[str, str]) -> str:
    for placeholder, value in placeholders.items():
        pattern = pattern.replace(placeholder, value)
    return pattern


def check_one_zone_at_a_time(operations: Iterable[Operation]) -> None:
    """Checks that each update of a node group ends before the next one of the pool starts."""
    updates = sorted(
        (each for each in operations if each.type == NODE_GROUP and each.verb == "update"),
        key=lambda each: each.started,
    )
    for first, second in itertools.combinations(updates, 2):
        if second.started < first.ended and pool_of(first.name) == pool_of(second.name):
            raise ScenarioError(
                f"node groups of one pool were updated at the same time: {first.name} and "
                f"{second.name}"
            )


def check_control_plane_first(operations: Iterable[Operation]) -> None:
    """Checks that no update of a node group starts before the update of the cluster ends."""
    updates = [each for each in operations if each.verb == "update"]
    ready = max((each.ended for each in updates if each.type == CLUSTER), default=0.0)
    for each in updates:
        if each.type == NODE_GROUP and each.started < ready:
            raise ScenarioError(
                f"{each.name} was updated before the update of the control plane had ended"
            )


def pool_of(group: str) -> str:
    """Returns the logical name of a node group without its zone, such as "nodes-general"."""
    return re.sub(r"-[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", "", group)


def counts_by_verb(operations: Iterable[Operation]) -> str:
    """Returns the number of operations by verb, such as "2 created, 1 deleted"."""
    counts = Counter(operation.verb for operation in operations)
    texts = [f"{counts[verb]} {verb}d" for verb in ("create", "update", "delete") if counts[verb]]
    return ", ".join(texts) or "no operations"
