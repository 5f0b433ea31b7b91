"""Contract with existing stacks: URNs, inputs and creation order of their resources.

Type tokens and logical names are a public contract from 0.1.0 on: a changed URN makes Pulumi delete
and create the resource. The baseline is the tree before the renames of 0.1.0, which RENAMED lists.
Record an intended change of inputs with `python -m tests.contract.baseline`.
"""

import dataclasses
import re
from collections.abc import Callable

import pytest

from core.facts.replacements import replacing_inputs
from tests.contract.baseline import STACKS, Entry, entries, read
from tools.recording import Recording

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
"""Inputs that are only displayed and may change, by type. A saved query names its columns."""


def renamed(urn: str) -> str:
    for pattern, replacement in RENAMED:
        urn = re.sub(pattern, replacement, urn)
    return urn


def by_urn(recording: Recording) -> dict[str, Entry]:
    found = entries(map(dataclasses.asdict, recording.resources))
    return {entry.urn: entry for entry in found}


def requirements(resources: dict[str, Entry]) -> dict[str, set[str]]:
    """Returns the URNs of all direct and indirect requirements of each resource."""
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
    current = by_urn(previewed(stack))
    missing = [urn for entry in read(stack) if (urn := renamed(entry.urn)) not in current]
    assert missing == [], "Pulumi would delete these resources of existing stacks"


@pytest.mark.parametrize("stack", STACKS)
def test_only_displayed_texts_change(previewed: Callable[[str], Recording], stack: str) -> None:
    current = by_urn(previewed(stack))
    changed = [
        f"{urn}: {key}"
        for entry in read(stack)
        if (urn := renamed(entry.urn)) in current
        for key in sorted({*entry.inputs, *current[urn].inputs} - TEXTS.get(_type(urn), set()))
        if entry.inputs.get(key) != current[urn].inputs.get(key)
    ]
    assert changed == [], "`pulumi up` would change these inputs of existing stacks"


@pytest.mark.parametrize("stack", STACKS)
def test_resources_are_created_in_the_order_of_the_baseline(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    current = by_urn(previewed(stack))
    before = requirements(current)
    violations = [
        f"{urn} no longer depends on {renamed(other)}"
        for entry in read(stack)
        if (urn := renamed(entry.urn)) in current
        for other in entry.after
        if renamed(other) not in before[urn]
    ]
    assert violations == [], "resources would be created too early, or deleted too late"


def test_a_changed_text_replaces_no_resource() -> None:
    for type_, keys in TEXTS.items():
        for key in keys:
            replacing = replacing_inputs(type_, {key: "a"}, {key: "b"})
            assert not replacing, f"{type_}: a new {key} would delete and create the resource"


def _type(urn: str) -> str:
    return urn.partition("::")[0].rpartition("$")[2]
