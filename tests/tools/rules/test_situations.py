"""Fifty situations of manifests: ten kinds of application, each in five states.

Each file of the folder `situations` has the states of one kind. A line `#: STATE: FINDINGS` begins
a state and lists all findings on it, so that any further finding is a false positive.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.tools.rules.case import audited

FOLDER = Path(__file__).parent / "situations"
STATES = ["bare", "half done", "well done", "done otherwise", "broken in one place"]
Situation = tuple[str, str, list[str], str]


def _situations() -> Iterator[Situation]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for part in file.read_text(encoding="utf-8").split("#: ")[1:]:
            head, _, text = part.partition("\n")
            state, _, findings = head.partition(":")
            expected = sorted(filter(None, (each.strip() for each in findings.split(","))))
            yield file.stem, state, expected, text


SITUATIONS = [*_situations()]


def test_there_are_ten_kinds_in_five_states() -> None:
    kinds = sorted({kind for kind, *_ in SITUATIONS})
    assert len(kinds) == 10
    places = [(kind, state) for kind, state, *_ in SITUATIONS]
    assert places == [(kind, state) for kind in kinds for state in STATES]


@pytest.mark.parametrize(
    ("kind", "state", "expected", "text"),
    SITUATIONS,
    ids=[f"{kind}, {state}" for kind, state, *_ in SITUATIONS],
)
def test_a_situation_has_its_findings_and_no_others(
    kind: str, state: str, expected: list[str], text: str
) -> None:
    lines = audited([each for each in yaml.safe_load_all(text) if each])
    found = [line.split(" ", 1)[1].split(":")[0] for line in lines]
    assert sorted(found) == expected
    assert (not found) == (state in ("well done", "done otherwise")), kind
