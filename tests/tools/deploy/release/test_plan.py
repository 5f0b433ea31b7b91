"""A release of any workload of the example updates only what depends on its image."""

import pytest

from tools.deploy.release.plan import plan
from tools.deploy.release.stack_file import YamlStackFile
from tools.recording.record import ROOT

FILE = YamlStackFile(ROOT / "examples" / "Pulumi.workloads.yaml")
DIGEST = "@sha256:" + "1" * 64


def types(urns: list[str] | frozenset[str]) -> list[str]:
    """Returns the sorted types of URNs."""
    return sorted(urn.split("::")[2].rpartition(":")[2] for urn in urns)


@pytest.mark.parametrize("app", ["catalog", "jobs", "clock"], ids=["app", "worker", "singleton"])
def test_a_workload_is_released_alone(app: str) -> None:
    text = FILE.path.read_bytes()
    name = FILE.images()[app].rpartition(":")[0]
    release, _ = plan("workloads", app, name + DIGEST, FILE)
    assert all(app in urn.rpartition("::")[2] for urn in release.targets)
    assert types([*release.former_targets]) in (["Deployment"], ["CronJob"])
    assert release.former == FILE.images()[app]
    assert FILE.path.read_bytes() == text, "a plan changes the stack file"


def test_a_migration_is_new_and_its_former_job_stays() -> None:
    name = FILE.images()["storefront"].rpartition(":")[0]
    release, _ = plan("workloads", "storefront", name + DIGEST, FILE)
    assert types([*release.targets]) == ["Deployment", "Job"]
    assert types(release.new) == ["Job"]
    assert types([*release.former_targets]) == ["Deployment"], "a rollback would run a migration"
