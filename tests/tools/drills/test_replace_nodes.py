"""The model of node groups in a drill that replaces nodes."""

from dataclasses import replace
from typing import Any

from core.labels import NODE_GROUP
from settings.node_replacement import Replacement
from tests.conftest import recording_of
from tests.tools.drills.test_drill import drill
from tools.drills.node_templates import NodeTemplates
from tools.drills.scenarios.replace_nodes import Groups

POOL, ZONE = "general", "us-east-1a"


def groups() -> Groups:
    templates = NodeTemplates(recording_of("prod"))
    cell = replace(drill(nodes=(*templates.at_rest(),)), templates=templates)
    server: Any = cell.server
    server.objects["Node"] = [*templates.at_rest()]
    return Groups(cell, POOL, ZONE)


def sizes(model: Groups) -> dict[str, int]:
    return {name: group.desired for name, group in model.node_groups().items()}


def test_the_new_node_group_has_the_minimum_size_and_receives_further_nodes() -> None:
    model = groups()
    [former] = model.node_groups()
    model.up(Replacement(step="retain", group=former), [])
    assert sizes(model) == {former: 3}
    model.up(Replacement(step="create", group=former), [])
    assert model.node_group("") == f"{former}-new"
    assert sizes(model) == {former: 3, f"{former}-new": 2}
    added = model.drill.templates.new(POOL, ZONE)
    assert added["metadata"]["labels"][NODE_GROUP] == f"{former}-new", (
        "the autoscaler would add nodes to the node group that is deleted"
    )
    model.resize(model.node_groups()[f"{former}-new"], min=2, max=12, desired=3)
    assert sizes(model) == {former: 3, f"{former}-new": 3}


def test_only_the_former_node_group_differs_from_the_stack_file() -> None:
    model = groups()
    model.up(Replacement(step="create", group="general"), [])
    new = model.node_group("")
    differ = {name for name, each in model.node_groups().items() if each.shape != model.unit.shape}
    assert differ == {*model.node_groups()} - {new}
