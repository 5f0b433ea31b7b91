"""The report of a rehearsal: terminal and `rehearsal.json`."""

import json
from pathlib import Path

import pytest

from tools.rehearsal.report import Report
from tools.rehearsal.run import Step

UP = Step(scenario="lifecycle", name="first up", result="191 resources created", seconds=14.93)
SKIPPED = Step(
    scenario="lifecycle", name='edit "x"', result="does not apply [x]", seconds=0, skipped=True
)
API = Step(scenario="api", name="apply", result="80 objects accepted", seconds=2)


def report(folder: Path, failure: str | None = None) -> None:
    own = Report("dev")
    for step in (UP, SKIPPED, API):
        own.add(step)
    own.write(folder, failure)


def test_steps_are_printed_below_their_scenario_with_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path)
    assert capsys.readouterr().out == (
        "rehearsal of stack dev: Pulumi engine against a fake cloud\n"
        "\n"
        "lifecycle\n"
        "  ✓ first up: 191 resources created (14.9s)\n"
        '  - edit "x": skipped, does not apply [x]\n'
        "\n"
        "api\n"
        "  ✓ apply: 80 objects accepted (2.0s)\n"
        "\n"
        "passed: 2 steps passed, 1 skipped, in 17s\n"
    )


def test_the_verdict_of_a_failure_is_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path, "api: refused")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "failed: 2 steps passed, 1 skipped, in 17s"


@pytest.mark.parametrize("failure", [None, "api: refused"])
def test_the_json_file_contains_all_steps_and_the_failure(
    tmp_path: Path, failure: str | None
) -> None:
    report(tmp_path / "build", failure)
    document = json.loads((tmp_path / "build" / "rehearsal.json").read_text(encoding="utf-8"))
    assert document["stack"] == "dev"
    assert document["failure"] == failure
    assert document["steps"][1:] == [
        {
            "scenario": "lifecycle",
            "name": 'edit "x"',
            "result": "does not apply [x]",
            "seconds": 0,
            "skipped": True,
        },
        {
            "scenario": "api",
            "name": "apply",
            "result": "80 objects accepted",
            "seconds": 2,
            "skipped": False,
        },
    ]
