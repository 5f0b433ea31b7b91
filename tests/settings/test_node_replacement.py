"""Tests of the environment variable with the step of a node group replacement."""

import pulumi
import pytest

from settings import replacement
from settings.node_replacement import VARIABLE, Replacement, Step

STEPS: tuple[Step, ...] = ("retain", "create")
GROUP = "nodes-general-us-east-1a"


@pytest.mark.parametrize("text", [None, ""])
def test_without_the_variable_nothing_is_replaced(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)
    assert replacement() is None


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("group", [GROUP, "nodes-a:b"])
def test_the_program_reads_the_step_from_the_variable(
    monkeypatch: pytest.MonkeyPatch, step: Step, group: str
) -> None:
    expected = Replacement(step=step, group=group)
    monkeypatch.setenv(VARIABLE, str(expected))
    assert replacement() == expected


def test_the_variable_has_the_name_and_format_of_the_runbooks() -> None:
    assert VARIABLE == "HA_EKS_REPLACE"
    assert str(Replacement(step="retain", group=GROUP)) == f"retain:{GROUP}"


@pytest.mark.parametrize(
    "text",
    ["retain", "retain:", "create:", ":", f":{GROUP}", GROUP, f"delete:{GROUP}", f"Retain:{GROUP}",
     f" retain:{GROUP}", "1"],
)  # fmt: skip
def test_a_malformed_variable_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(pulumi.RunError) as caught:
        replacement()
    assert str(caught.value) == (
        f"{VARIABLE}={text}: must be STEP:GROUP, with a STEP of retain or create"
    )
