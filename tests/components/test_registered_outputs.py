"""Each component registers its outputs as the last step, after its children.

Pulumi shows the registered outputs, and regards the component as complete.
https://www.pulumi.com/docs/iac/concepts/components/
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.test_structure import files_of
from tools.recording.record import ROOT

OUTPUT = re.compile(r"((Mapping\[str, |Sequence\[)?pulumi\.Output\[|Ids\b)")
"""Beginning of the type of an attribute that Pulumi can show: a key of a mapping is a string."""


def components() -> Iterator[tuple[str, ast.ClassDef]]:
    """Yields place and class of each component."""
    for part in ("components", "extensions", "examples"):
        for file in files_of(part):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and "pulumi.ComponentResource" in map(
                    ast.unparse, node.bases
                ):
                    yield f"{file.relative_to(ROOT)}:{node.name}", node


def unregistered(component: ast.ClassDef) -> set[str]:
    """Returns the outputs that `__init__` does not register as its last statement."""
    attributes = {
        ast.unparse(each.target): ast.unparse(each.annotation)
        for each in component.body
        if isinstance(each, ast.AnnAssign)
    }
    outputs = {name for name, type_ in attributes.items() if OUTPUT.match(type_)}
    [init] = [
        each
        for each in component.body
        if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    ]
    match init.body[-1]:
        case ast.Expr(
            ast.Call(ast.Attribute(ast.Name("self"), "register_outputs"), [registered], [])
        ):
            written = ast.unparse(registered)
        case _:
            return {"all", *outputs}
    return {name for name in outputs if f"'{name}': self.{name}" not in written}


def test_a_component_registers_its_outputs_last() -> None:
    found = dict(components())
    wrong = {place: names for place, each in found.items() if (names := unregistered(each))}
    assert not wrong, "end __init__ with self.register_outputs, with these outputs"
    assert len(found) > 25


@pytest.mark.parametrize(
    ("last", "missing"),
    [
        ("self.register_outputs({})", {"arn"}),
        ("self.register_outputs({'arn': self.arn})", set[str]()),
        ("self.arn = role.arn", {"all", "arn"}),
    ],
)
def test_the_check_finds_what_is_missing(last: str, missing: set[str]) -> None:
    source = f"class Role:\n    arn: pulumi.Output[str]\n    def __init__(self):\n        {last}"
    [component] = ast.parse(source).body
    assert isinstance(component, ast.ClassDef)
    assert unregistered(component) == missing
