"""Every example is a complete stack file that can be previewed."""

from pathlib import Path

import pytest
import yaml

from tests.shared_recordings import recorded
from tools.recording.record import ROOT

EXAMPLES = ROOT / "examples"
STACKS = sorted(file.name.split(".")[1] for file in EXAMPLES.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_an_example_previews_with_a_deployment_per_app(stack: str) -> None:
    recording = recorded(stack, EXAMPLES)
    deployed = {
        each.name
        for each in recording.of_type("kubernetes:apps/v1:Deployment")
        if each.parent and each.parent.endswith(f"ha-eks:index:App::{each.name}")
    }
    assert deployed == {*recording.settings.deployments}


def test_the_index_lists_every_example() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = [each for each in EXAMPLES.rglob("*.y*ml") if each.is_file()]
    assert len(files) == 8
    assert [
        str(f.relative_to(EXAMPLES)) for f in files if f"({f.relative_to(EXAMPLES)})" not in listed
    ] == []


def test_the_workflow_runs_targets_that_exist() -> None:
    path = Path("github-actions/ha-eks.yml")
    jobs = yaml.safe_load((EXAMPLES / path).read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    targets = {command.split()[1] for command in commands if command.startswith("make ")}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == {"lint", "test", "preview"}
    assert [target for target in targets if f"\n{target}:" not in makefile] == []
