"""The migration of a workload: a Job before the rollout, once per version."""

from typing import Any

from tests.components.app.deployed_apps import DEPLOYMENT, SERVICE, app, deployed, singleton, worker
from tests.components.deploy import Deployed

JOB = "kubernetes:batch/v1:Job"
NAME = "app.kubernetes.io/name"
MIGRATION = {"command": ("/migrate",), "args": ("all",)}


def migrated(migration: dict[str, Any] | None = None, **changes: Any) -> Deployed:
    return app(migration={**MIGRATION, **(migration or {})}, **changes)


def job_of(found: Deployed) -> Any:
    return found.one(JOB).inputs


def test_the_job_runs_the_command_with_the_environment_of_the_workload() -> None:
    found = migrated(
        env={"A": "b"},
        files={"/etc/a": "b"},
        scratch={"/tmp": "1Mi"},
        shutdownSeconds=40,
        runAsUser=7,
    )
    pod = job_of(found)["spec"]["template"]["spec"]
    [container] = pod["containers"]
    [deployment] = found.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]["containers"]

    assert (container["command"], container["args"]) == (["/migrate"], ["all"])
    for key in ("image", "env", "resources", "volumeMounts", "securityContext"):
        assert container[key] == deployment[key]
    for key in ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
        assert key not in container, "the job would be probed, or would serve"
    assert pod["restartPolicy"] == "Never"
    assert pod["serviceAccountName"] == "web"
    assert pod["securityContext"]["runAsUser"] == 7
    assert "topologySpreadConstraints" not in pod
    assert "affinity" not in pod


def test_a_migration_with_only_arguments_has_the_command_of_the_workload() -> None:
    found = app(migration={"args": ("migrate",)}, command=("/app",), args=("serve",))

    [container] = job_of(found)["spec"]["template"]["spec"]["containers"]
    assert (container["command"], container["args"]) == (["/app"], ["migrate"])


def test_nothing_that_selects_the_pods_of_the_workload_selects_those_of_the_job() -> None:
    found = migrated()

    assert job_of(found)["spec"]["template"]["metadata"]["labels"][NAME] == "web-migration"
    assert found.one(SERVICE).inputs["spec"]["selector"] == {NAME: "web"}


def test_the_job_fails_after_its_deadline_or_retries_but_not_by_a_drain() -> None:
    spec = job_of(migrated({"deadlineSeconds": 900, "retries": 1}))["spec"]

    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (900, 1)
    assert spec["podFailurePolicy"] == {
        "rules": [
            {
                "action": "Ignore",
                "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
            }
        ]
    }
    assert "ttlSecondsAfterFinished" not in spec, "Pulumi would run the migration again"
    annotations = spec["template"]["metadata"]["annotations"]
    assert annotations == {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}


def names(**changes: Any) -> tuple[str, str]:
    """Returns the logical name and the Kubernetes name of the Job."""
    [job] = migrated(**changes).of_type(JOB)
    return job.name, job.inputs["metadata"]["name"]


def test_a_new_image_or_command_is_a_new_job() -> None:
    first = names()
    for changes in (
        {"image": "example.com/web:1.1"},
        {"migration": {"command": ("/other",)}},
        {"migration": {"args": ("some",)}},
    ):
        changed = names(**changes)
        assert changed[0] != first[0], "the migration of the new version would not run"
        assert changed[1] != first[1]


def test_other_changes_run_no_migration() -> None:
    """The logical name stays, and Pulumi ignores the changes. A Job that does not exist gets
    another Kubernetes name: the API server would refuse to change an existing one."""
    first = names()
    for changes in ({"env": {"A": "b"}}, {"migration": {"deadlineSeconds": 60}}):
        changed = names(**changes)
        assert changed[0] == first[0], "the migration would run again"
        assert changed[1] != first[1], "a rollback would fail: spec.template is immutable"
    assert names() == first, "a rollback would run the former migration"


def test_a_singleton_migrates_without_its_volume() -> None:
    volume = {"path": "/data", "size": "1Gi"}

    found = deployed(singleton(migration=MIGRATION, volume=volume))

    pod = job_of(found)["spec"]["template"]["spec"]
    assert "volumes" not in pod, "the old pod still uses the volume"


def test_a_worker_migrates() -> None:
    assert job_of(deployed(worker(migration=MIGRATION)))["spec"]["backoffLimit"] == 2
