"""Existing stacks keep their resources: same URNs, same inputs, same order.

Type tokens and logical names are a public contract from 0.1.0 on: a changed URN makes Pulumi delete
and create the resource. The baseline is the tree before the renames of 0.1.0, which RENAMED lists.
A change of inputs that is intended is recorded by `python -m tests.contract.baseline`.
"""

import dataclasses
import re
from collections.abc import Callable

import pytest

from tests.contract.baseline import STACKS, Entry, entries, read
from tools.recording import Recording
from tools.rehearsal.fake_cloud.replaces import replacing_inputs

RENAMED = (
    (r"ha-eks:index:Autoscaling\$ha-eks:index:Headroom", "ha-eks:index:Overprovisioner"),
    (r"^(ha-eks:index:Overprovisioner.*::)autoscaling-headroom", r"\1overprovisioner"),
    (r"ha-eks:index:Queries", "ha-eks:index:Prometheus"),
    (r"^(ha-eks:index:Prometheus.*::)queries", r"\1prometheus"),
    (r"ha-eks:index:Logs", "ha-eks:index:LogKey"),
    (r"^(ha-eks:index:LogKey.*::)logs$", r"\1log-key"),
    (r"::dashboard-nodes-by-when-they-were-last-heard$", "::dashboard-nodes-by-last-report"),
    (r"::dashboard-pods-that-are-pending$", "::dashboard-pending-pods"),
    (r"::dashboard-errors-of-apps$", "::dashboard-app-errors"),
    (r"::dashboard-what-the-autoscaler-refused$", "::dashboard-autoscaler-no-scale-up"),
    (r"::dashboard-who-moved-pods$", "::dashboard-pod-deletions-and-evictions"),
    (r"::dashboard-what-the-kubernetes-api-refused$", "::dashboard-failed-kubernetes-api-requests"),
    (
        r"::dashboard-who-asks-the-kubernetes-api-most$",
        "::dashboard-kubernetes-api-requests-by-client",
    ),
    (r"::dashboard-errors-of-dns$", "::dashboard-dns-errors"),
)
"""Renames of 0.1.0: pattern in the URN of the baseline, and its replacement."""

TEXTS = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"alarmDescription"},
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {"alarmDescription"},
    "aws:cloudwatch/dashboard:Dashboard": {"dashboardBody"},
    "kubernetes:scheduling.k8s.io/v1:PriorityClass": {"description"},
    "aws:cloudwatch/queryDefinition:QueryDefinition": {"name", "queryString"},
}
"""Inputs that only people read, by type: they may change. A query names its result columns."""


def renamed(urn: str) -> str:
    for pattern, replacement in RENAMED:
        urn = re.sub(pattern, replacement, urn)
    return urn


def by_urn(recording: Recording) -> dict[str, Entry]:
    found = entries(map(dataclasses.asdict, recording.resources))
    return {entry.urn: entry for entry in found}


def closure(resources: dict[str, Entry]) -> dict[str, set[str]]:
    """URNs that exist before each resource."""
    before: dict[str, set[str]] = {}

    def visit(urn: str) -> set[str]:
        if urn not in before:
            before[urn] = set()
            for other in resources[urn].after:
                before[urn] |= {other} | (visit(other) if other in resources else set())
        return before[urn]

    for urn in resources:
        visit(urn)
    return before


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_of_the_baseline_keeps_its_urn(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    now = by_urn(previewed(stack))
    gone = [urn for entry in read(stack) if (urn := renamed(entry.urn)) not in now]
    assert gone == [], "Pulumi would delete these resources of existing stacks"


@pytest.mark.parametrize("stack", STACKS)
def test_no_input_changes_but_texts_for_people(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    now = by_urn(previewed(stack))
    changed = [
        f"{urn}: {key}"
        for entry in read(stack)
        if (urn := renamed(entry.urn)) in now
        for key in sorted({*entry.inputs, *now[urn].inputs} - TEXTS.get(_type(urn), set()))
        if entry.inputs.get(key) != now[urn].inputs.get(key)
    ]
    assert changed == [], "an `up` would change these inputs of existing stacks"


@pytest.mark.parametrize("stack", STACKS)
def test_every_order_constraint_still_holds(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    now = by_urn(previewed(stack))
    before = closure(now)
    lost = [
        f"{urn} no longer waits for {renamed(other)}"
        for entry in read(stack)
        if (urn := renamed(entry.urn)) in now
        for other in entry.after
        if renamed(other) not in before[urn]
    ]
    assert lost == [], "resources would be created too early, or deleted too late"


def test_no_text_for_people_replaces_its_resource() -> None:
    for type_, keys in TEXTS.items():
        for key in keys:
            assert not replacing_inputs(type_, {key: "a"}, {key: "b"}), f"{type_}: {key}"


def _type(urn: str) -> str:
    return urn.partition("::")[0].rpartition("$")[2]
