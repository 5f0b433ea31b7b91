"""Migrations of each stack: order, rights of their pods, and what Pulumi does with their Jobs."""

from typing import Any

from tests.stacks.objects import Object, object_in_namespace, of_kind
from tests.stacks.resources_of_apps import DEPLOYMENT, of_app
from tests.stacks.test_network_policies import is_pod, policies
from tools.recording import Recording

JOB = "kubernetes:batch/v1:Job"


def labels(job: Object) -> dict[str, str]:
    return job["spec"]["template"]["metadata"]["labels"]


def test_each_migration_has_one_job_that_pulumi_keeps_and_never_changes(
    recording: Recording,
) -> None:
    jobs = recording.of_type(JOB)
    assert len(jobs) == len(recording.settings.migrations)
    [*providers] = [
        each
        for each in recording.of_type("pulumi:providers:kubernetes")
        if each.inputs.get("upsertExistingObjects")
    ]
    assert len(providers) == bool(jobs), "only migrations may take over existing objects"
    for job in jobs:
        assert job.options["retainOnDelete"], "a rollback would run the former migration again"
        assert job.options["ignoreChanges"] == ["metadata", "spec"], "a new setting would run it"
        assert str(job.provider).startswith(providers[0].urn), "a rollback would fail: Job exists"


def test_new_pods_start_after_the_migration(recording: Recording) -> None:
    for name, app in recording.settings.deployments.items():
        before = recording.before(of_app(recording, DEPLOYMENT, name))
        for migrated in recording.settings.migrations:
            if migrated not in (name, app.migrated_by):
                continue
            assert of_app(recording, JOB, migrated).urn in before


def test_pulumi_waits_longer_than_a_migration_can_take(recording: Recording) -> None:
    for name, migration in recording.settings.migrations.items():
        timeouts: Any = of_app(recording, JOB, name).options["customTimeouts"]
        for operation in ("create", "update"):
            assert int(timeouts[operation][:-1]) > migration.deadline_seconds + 30


def test_no_selector_of_a_workload_matches_the_pods_of_its_migration(recording: Recording) -> None:
    for job in of_kind(recording, "Job"):
        namespace = job["metadata"]["namespace"]
        deployment = object_in_namespace(recording, "Deployment", namespace)
        budget = object_in_namespace(recording, "PodDisruptionBudget", namespace)
        selectors = [each["spec"]["selector"]["matchLabels"] for each in (deployment, budget)]
        selectors += [
            each["spec"]["selector"]
            for each in of_kind(recording, "Service")
            if each["metadata"]["namespace"] == namespace
        ]
        for selector in selectors:
            assert not selector.items() <= labels(job).items()


def test_a_migration_connects_to_what_its_workload_talks_to(recording: Recording) -> None:
    for job in of_kind(recording, "Job"):
        name = job["metadata"]["namespace"]
        for callee in recording.settings.deployments[name].talks_to:
            rules = policies(recording)[callee]["ingress"]
            peers = [peer for rule in rules for peer in rule["from"]]
            assert any(is_pod(peer, name, labels(job)) for peer in peers)
