"""The variable by which the program is told of a replacement."""

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
def test_what_is_written_into_the_variable_is_read_from_it(
    monkeypatch: pytest.MonkeyPatch, step: Step, group: str
) -> None:
    told = Replacement(step=step, group=group)
    monkeypatch.setenv(VARIABLE, str(told))
    assert replacement() == told


def test_the_variable_is_one_that_runbooks_can_name() -> None:
    assert VARIABLE == "HA_EKS_REPLACE"
    assert str(Replacement(step="retain", group=GROUP)) == f"retain:{GROUP}"


@pytest.mark.parametrize(
    "text",
    ["retain", "retain:", "create:", ":", f":{GROUP}", GROUP, f"delete:{GROUP}", f"Retain:{GROUP}",
     f" retain:{GROUP}", "1"],
)  # fmt: skip
def test_a_variable_of_another_form_is_an_error_and_not_ignored(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(pulumi.RunError) as caught:
        replacement()
    assert str(caught.value) == (
        f"{VARIABLE}={text}: must be STEP:GROUP, with a STEP of retain or create"
    )
