"""Scenario `policy` with a fake engine: each check finds a wrong result."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from pulumi.automation.events import PolicyEvent

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded
from tests.tools.rehearsal.clouds import empty_cloud
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.engine import Engine
from tools.rehearsal.policy_pack import policy_pack
from tools.rehearsal.run import Run, ScenarioError, Step

ADVISORY = [("HA905", "advisory"), ("HA912", "advisory")]
NAT = "urn:pulumi:prod::ha-eks::ha-eks:index:Network$aws:ec2/natGateway:NatGateway::nat-a"


class FakeEngine:
    """An engine that answers with prepared violations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: Config = config_of("prod")
        self.planned = ADVISORY
        self.succeeds = True
        self.refused = [("HA801", "mandatory", NAT)]
        self.in_state = ADVISORY

    def edit(self, change: Any) -> None:
        changed = {**self.config, "ha-eks:network": dict(self.config["ha-eks:network"])}
        change(changed)
        self.config = changed

    def preview_policies(self, _: Path) -> tuple[Sequence[PolicyEvent], bool]:
        shared = self.config["ha-eks:network"].get("nat") == "single"
        found = self.refused if shared else [(*each, "") for each in self.planned]
        events = [PolicyEvent("", "", rule, "", "", "", level, urn) for rule, level, urn in found]
        return events, self.succeeds and not shared

    def up(self) -> dict[str, int]:
        return {"create": 1}

    def run(self, *arguments: str) -> str:
        assert arguments[:2] == ("policy", "analyze")
        events: list[dict[str, Any]] = [
            {"policyEvent": {"policyName": rule, "enforcementLevel": level}}
            for rule, level in self.in_state
        ]
        return "\n".join(json.dumps(each) for each in [*events, {"summaryEvent": {}}])


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    (tmp_path / "bin").mkdir()
    return FakeEngine(tmp_path)


def _rehearse(engine: FakeEngine) -> list[Step]:
    steps: list[Step] = []
    recording = recorded("prod")
    run = Run(cast("Engine", engine), empty_cloud(), steps.append)
    policy_pack(run, recording)
    return steps


def test_all_steps_succeed_with_the_findings_of_the_preview(engine: FakeEngine) -> None:
    steps = _rehearse(engine)
    assert [each.name for each in steps] == [
        "preview of an empty stack",
        "preview of one NAT gateway for all zones",
        "up",
        "analysis of the state",
    ]
    assert engine.config == config_of("prod")
    assert (engine.folder / "bin" / "pulumi-analyzer-policy-python").stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("attribute", "value", "problem"),
    [
        ("planned", ADVISORY[:1], "found .*HA905 advisory; make preview finds .*HA912"),
        ("succeeds", False, "the preview fails with"),
        ("refused", [("HA801", "advisory", NAT)], "expected a mandatory violation of HA801"),
        (
            "refused",
            [("HA801", "mandatory", NAT.replace("natGateway:NatGateway", "eip:Eip"))],
            "expected a mandatory",
        ),
        ("in_state", [*ADVISORY, ("HA101", "advisory")], "found .*HA101"),
    ],
)
def test_other_violations_fail_the_scenario(
    engine: FakeEngine, attribute: str, value: Any, problem: str
) -> None:
    setattr(engine, attribute, value)
    with pytest.raises(ScenarioError, match=problem):
        _rehearse(engine)
