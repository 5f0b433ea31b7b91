"""A release of any workload of the example updates only what depends on its image."""

from pathlib import Path

import pytest

from tests.shared_recordings import recorded
from tools.deploy.release.plan import plan
from tools.deploy.release.stack_file import YamlStackFile
from tools.recording import Recording
from tools.recording.record import ROOT

FILE = YamlStackFile(ROOT / "examples" / "Pulumi.workloads.yaml")
PLATFORM = YamlStackFile(ROOT / "examples" / "Pulumi.platform.yaml")
DIGEST = "@sha256:" + "1" * 64


@pytest.fixture(autouse=True)
def shared_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records the stack file before a release once for all tests."""

    def shared(stack: str, *, root: Path) -> Recording:
        return recorded(stack, root)

    monkeypatch.setattr("tools.deploy.release.plan.record", shared)


def types(urns: list[str] | frozenset[str]) -> list[str]:
    """Returns the sorted types of URNs."""
    return sorted(urn.split("::")[2].rpartition(":")[2] for urn in urns)


@pytest.mark.parametrize(
    ("file", "app", "kind"),
    [
        (FILE, "catalog", "Deployment"),
        (FILE, "jobs", "Deployment"),
        (FILE, "clock", "Deployment"),
        (PLATFORM, "invoices", "CronJob"),
    ],
    ids=["app", "worker", "singleton", "cron job"],
)
def test_a_workload_is_released_alone(file: YamlStackFile, app: str, kind: str) -> None:
    text = file.path.read_bytes()
    name, stack = file.images()[app].rpartition(":")[0], file.path.name.split(".")[1]
    release, _ = plan(stack, app, name + DIGEST, file)
    assert all(app in urn.rpartition("::")[2] for urn in release.targets)
    assert types([*release.former_targets]) == types([*release.targets]) == [kind]
    [paths] = release.paths.values()
    assert [path.rpartition(".")[2] for path in paths] == ["image"], "other values would change"
    assert release.former == file.images()[app]
    assert release.scheduled is (kind == "CronJob"), "an alarm would be watched without a new pod"
    assert file.path.read_bytes() == text, "a plan changes the stack file"


def test_an_image_of_a_shared_file_is_released_in_one_cell() -> None:
    file = YamlStackFile(ROOT / "Pulumi.prod.yaml")
    shared = (ROOT / "apps.yaml").read_bytes()
    release, recording = plan("prod", "web", "ghcr.io/stefanprodan/podinfo" + DIGEST, file)
    assert types([*release.targets]) == ["Deployment"]
    assert release.former == file.images()["web"]
    assert recording.settings.apps["web"].image.endswith(DIGEST)
    assert (ROOT / "apps.yaml").read_bytes() == shared


def test_a_migration_is_new_and_its_former_job_stays() -> None:
    name = FILE.images()["storefront"].rpartition(":")[0]
    release, _ = plan("workloads", "storefront", name + DIGEST, FILE)
    assert types([*release.targets]) == ["Deployment", "Job"]
    assert types(release.new) == ["Job"]
    assert types([*release.former_targets]) == ["Deployment"], "a rollback would run a migration"
