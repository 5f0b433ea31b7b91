"""What is held against the cloud's inventory and journal."""

import fnmatch
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from tools.recording import Recording
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.fake_cloud.cloud import CLUSTER, GROUP, Cloud, Operation
from tools.rehearsal.run import SceneError

KEEP = (
    "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:eks/cluster:Cluster",
    "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup",
)  # fmt: skip
"""What no edit may replace."""

SHOWS = ("update Dashboard dashboard", "update QueryDefinition dashboard-*")
"""What shows the cell, and changes with whatever it shows; nothing runs by it."""

Inventory = Counter[tuple[str, str]]


def inventory(cloud: Cloud) -> Inventory:
    """What exists, by type and logical name."""
    return Counter((thing.type, thing.name) for thing in cloud.resources.values())


def check_inventory(cloud: Cloud, recording: Recording) -> None:
    """What exists is what was planned, type by type and name by name."""
    planned = Counter((each.type, each.name) for each in recording.made)
    there = inventory(cloud)
    for which, names in (("missing", planned - there), ("not planned", there - planned)):
        if names:
            raise SceneError(f"{which}: {', '.join(' '.join(name) for name in sorted(names))}")


def check_touched(edit: Edit, done: Iterable[Operation], words: Mapping[str, str]) -> None:
    """Operations are those that an edit may bring, beside what shows the cell, and no more; `words`
    stand in its patterns."""
    texts = [text_of(operation) for operation in done]
    may, might = ([_said(each, words) for each in those] for those in (edit.may, edit.might))
    allowed = (*may, *might, *SHOWS)
    beyond = [text for text in texts if not any(fnmatch.fnmatchcase(text, a) for a in allowed)]
    if beyond:
        raise SceneError(f"touched as well: {', '.join(sorted(set(beyond)))}")
    missing = [a for a in may if not fnmatch.filter(texts, a)]
    if missing:
        raise SceneError(f"not touched: {', '.join(missing)}")
    gone = {each.urn for each in done if each.verb == "delete"}
    for each in done:
        if each.verb == "create" and each.urn in gone and each.type in KEEP:
            raise SceneError(f"replaced: {text_of(each)}")


def _said(pattern: str, words: Mapping[str, str]) -> str:
    for word, means in words.items():
        pattern = pattern.replace(word, means)
    return pattern


def check_zone_after_zone(done: Iterable[Operation]) -> None:
    """Node groups of a pool are updated one after the other, each finished first."""
    updates = sorted(
        (each for each in done if each.type == GROUP and each.verb == "update"),
        key=lambda each: each.began,
    )
    for first, second in itertools.combinations(updates, 2):
        if second.began < first.ended and _pool(first) == _pool(second):
            raise SceneError(f"{second.name} was updated while {first.name} was")


def check_control_plane_first(done: Iterable[Operation]) -> None:
    """No node group is updated before the control plane has been."""
    updates = [each for each in done if each.verb == "update"]
    ready = max((each.ended for each in updates if each.type == CLUSTER), default=0.0)
    for each in updates:
        if each.type == GROUP and each.began < ready:
            raise SceneError(f"{each.name} was updated before the control plane")


def _pool(group: Operation) -> str:
    """Name of a node group without its zone."""
    return re.sub(r"-[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", "", group.name)


def text_of(operation: Operation) -> str:
    """An operation as edits write it."""
    return f"{operation.verb} {operation.type.rpartition(':')[2]} {operation.name}"


def told_counts(done: Iterable[Operation]) -> str:
    """How many of each verb."""
    counts = Counter(operation.verb for operation in done)
    return ", ".join(f"{count} × {verb}" for verb, count in sorted(counts.items()))
