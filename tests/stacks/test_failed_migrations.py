"""A failed migration stops the rollout and leaves the old version; a rollback runs none.

Pulumi changes no resource that depends on a failed one.
"""

from typing import Any

import yaml

from tests.settings.stack_files import APPS, ROOT, SINGLETONS, WORKERS
from tests.shared_recordings import recorded_config
from tools.deploy.preview_steps import short
from tools.deploy.release.dependents import dependents
from tools.recording import Recording, Resource

JOB = "kubernetes:batch/v1:Job"
OF_ONE_IMAGE = ((APPS, "storefront"), (WORKERS, "jobs"), (SINGLETONS, "clock"))
"""A Rails application: all three wait for the migration of the first."""


def version(tag: str) -> Recording:
    file = ROOT / "examples" / "Pulumi.workloads.yaml"
    config: Any = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    for section, name in OF_ONE_IMAGE:
        workload = config[section][name]
        workload["image"] = f"{workload['image'].rpartition(':')[0]}:{tag}"
    return recorded_config("workloads", config)


def migration(recording: Recording) -> Resource:
    [job] = recording.of_type(JOB)
    return job


def kubernetes_name(job: Resource) -> object:
    metadata: Any = job.inputs["metadata"]
    return metadata["name"]


def test_all_changes_of_a_version_wait_for_its_migration() -> None:
    old, new = version("1"), version("2")
    changed = {*dependents(old, new)} - {migration(old).urn, migration(new).urn}
    assert {short(urn) for urn in changed} == {f"Deployment {name}" for _, name in OF_ONE_IMAGE}
    for urn in changed:
        assert migration(new).urn in new.before(new.get(urn)), (
            "pods of the new version would start after a failed migration"
        )


def test_a_corrected_image_does_not_find_the_failed_job() -> None:
    failed, corrected = migration(version("2")), migration(version("3"))
    assert corrected.urn != failed.urn
    assert kubernetes_name(corrected) != kubernetes_name(failed)


def test_a_rollback_finds_the_completed_job_of_the_former_version() -> None:
    old, new = migration(version("1")), migration(version("2"))
    assert old.urn not in {each.urn for each in version("2").resources}, "nothing to find"
    assert old.options["retainOnDelete"], "the next version would delete the completed Job"
    assert new.provider == old.provider, "the rollback would fail: the Job exists"
