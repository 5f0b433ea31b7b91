"""A cell whose workloads another tool deploys, such as Argo CD."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from settings import read_stack_file
from settings.cautions import cautions
from tools.preview.build_folder import write_build
from tools.preview.results import preview_of
from tools.preview.screen import headline, screen
from tools.preview.zone_loss_details import loss_details
from tools.recording import Recording, manifests, record
from tools.recording.record import ROOT

TODAY = date(2026, 11, 28)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, object]], Recording]:
    def run(more: dict[str, object]) -> Recording:
        folder: Path = tmp_path_factory.mktemp("stack")
        config = read_stack_file(ROOT / "Pulumi.prod.yaml")
        removed = ("ha-eks:apps", "ha-eks:traffic", "ha-eks:resilience")
        left = {key: value for key, value in config.items() if key not in removed}
        text = yaml.safe_dump({"config": {**left, **more}})
        (folder / "Pulumi.prod.yaml").write_text(text, encoding="utf-8")
        return record("prod", root=folder)

    return run


CRON_JOB: dict[str, object] = {
    "ha-eks:cronJobs": {
        "nightly": {
            "image": "ghcr.io/x/y:1",
            "schedule": "30 4 * * *",
            "requests": {"cpu": "100m", "memory": "64Mi"},
            "deadlineSeconds": 600,
        }
    }
}


@pytest.mark.parametrize("more", [{}, {"ha-eks:apps": {}}, CRON_JOB], ids=("none", "empty", "jobs"))
def test_the_cell_previews_with_its_system(
    recorded: Callable[[dict[str, object]], Recording], tmp_path: Path, more: dict[str, object]
) -> None:
    recording = recorded(more)
    types = {each.type for each in recording.resources}
    assert "aws:eks/cluster:Cluster" in types
    assert "aws:lb/loadBalancer:LoadBalancer" not in types
    assert any("headroom" in name for name in manifests(recording))
    preview = preview_of(recording, ROOT / "Pulumi.prod.yaml", TODAY)
    assert headline(recording, preview.proof, preview.findings)
    assert screen(preview.proof, preview.cost)
    assert [*loss_details(preview.proof, recording.settings)]
    write_build(preview, tmp_path / "build")
    [caution] = [each for each in cautions(recording.settings, TODAY) if "no app" in each.text]
    assert caution.key == "ha-eks:apps"
