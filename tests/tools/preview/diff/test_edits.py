"""A comparison shows the operations that the real Pulumi engine performs in rehearsals of edits."""

from typing import Any

import pytest

from core.interruptions import interruptions
from tests.shared_recordings import recorded_config
from tests.tools.rehearsal.test_edits import edits_of, placeholders_of
from tools.preview.diff.resources import ResourceChange, resource_changes
from tools.rehearsal.checks import check_operations
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.fake_cloud.cloud_resource import Operation

_INTERRUPTING: frozenset[str] = frozenset()
"""Edits in which requests fail until the update is complete."""


def operations(change: ResourceChange) -> list[Operation]:
    """Returns the operations of the engine for a change; none for providers, which have none."""
    resource = change.resource
    verbs = {
        "added": ["create"],
        "changed": ["update"],
        "replaced": ["create", "delete"],
        "removed": ["delete"],
    }[change.action]
    if change.stays:
        verbs = [each for each in verbs if each != "delete"]
    if resource.type.startswith("pulumi:"):
        return []
    type_, urn = resource.type, resource.urn
    return [
        Operation(verb=verb, type=type_, urn=urn, started=0, ended=0, error=None) for verb in verbs
    ]


@pytest.mark.parametrize(
    ("stack", "edit", "before", "after"),
    [pytest.param(*each, id=each[1].name) for each in edits_of("prod")],
)
def test_the_operations_of_an_edit_are_those_of_its_rehearsal(
    stack: str, edit: Edit, before: dict[str, Any], after: dict[str, Any]
) -> None:
    old, new = (recorded_config(stack, each).resources for each in (before, after))
    failing = [each.app for each in interruptions(old, new)]
    assert bool(failing) is (edit.name in _INTERRUPTING), f"requests of {failing} fail"
    found = resource_changes(*([each for each in side if each.custom] for side in (old, new)))
    check_operations(
        edit, [each for change in found for each in operations(change)],
        placeholders_of(before, after),
    )  # fmt: skip
