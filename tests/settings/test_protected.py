"""Tests of `protected`: a cell is protected unless its stack file says false."""

import pytest

from settings import check
from tests.settings.stack_files import ABSENT, assert_problem, config_of, put_at

PROTECTED = "ha-eks:protected"


def config(value: object) -> dict[str, object]:
    """Returns the config of dev with a value of `protected`."""
    changed = config_of("dev")
    put_at(changed, (PROTECTED,), value)
    return changed


@pytest.mark.parametrize(
    ("value", "protected"),
    [(ABSENT, True), (None, True), (True, True), ("true", True), (False, False), ("false", False)],
    ids=["absent", "null", "true", "text true", "false", "text false"],
)
def test_a_cell_is_protected_unless_the_stack_file_says_false(
    value: object, protected: bool
) -> None:
    settings, problems = check(config(value))
    assert problems == []
    assert settings
    assert bool(settings.protected) is protected, "the program gets text, and preview a boolean"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("no", '"no"'), ("True", '"True"'), (0, "0"), ({}, "a mapping"), ([], "a list")],
)
def test_a_value_other_than_true_and_false_is_refused(value: object, shown: str) -> None:
    problems = check(config(value))[1]
    assert_problem(problems, PROTECTED, value, f"must be true or false, not {shown}")
