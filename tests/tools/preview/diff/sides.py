"""Snapshots and comparisons for tests."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded_config
from tools.preview.diff.command import snapshot
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.resources import ResourceChange
from tools.preview.diff.snapshot import Snapshot
from tools.recording import Resource

TODAY = date(2026, 11, 28)
Edit = Callable[[Any], None]
"""Changes the config of a stack."""


def nothing(config: Any) -> None:
    """Changes nothing."""


def side(stack: str, edit: Edit = nothing, name: str = "before") -> Snapshot:
    config = deepcopy(config_of(stack))
    edit(config)
    return snapshot(name, recorded_config(stack, config), TODAY)


def comparison(stack: str, before: Edit, after: Edit) -> Comparison:
    return Comparison(
        stack=stack, before=side(stack, before), after=side(stack, after, name="after")
    )


def made(type_: str, name: str = "a", **values: Any) -> Resource:
    values = {
        "urn": f"urn:pulumi:test::ha-eks::{type_}::{name}",
        "inputs": {},
        "parent": None,
        "provider": None,
        "dependencies": (),
        "options": {},
        "transforms": (),
        **values,
    }
    return Resource(type=type_, name=name, custom=True, remote=False, **values)


def named(found: Comparison, action: Any) -> dict[str, ResourceChange]:
    """Returns the changes with an action by kind and name."""
    return {
        f"{each.resource.type.rpartition(':')[2]} {each.resource.name}": each
        for each in found.of(action)
    }
