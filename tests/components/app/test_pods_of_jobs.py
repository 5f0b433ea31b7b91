"""Pods of migrations and cron jobs: their AWS credentials and ports; and Services of singletons."""

from typing import Any

from tests.components.app import test_cron_job as cron_job
from tests.components.app.deployed_apps import SERVICE, deployed, singleton
from tests.components.app.test_migration import JOB, migrated
from tests.components.app.test_sidecars import further
from tests.components.deploy import Deployed

ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
POLICIES: Any = {"policies": ("arn:aws:iam::aws:policy/A",)}


def assert_identified(found: Deployed, template: Any) -> None:
    [association] = found.of_type(ASSOCIATION)
    annotation = template["metadata"]["annotations"].get("ha-eks/identity")
    assert annotation == found.id_of(association), "Kubernetes accepts pods without credentials"


def test_the_pods_of_a_migration_start_with_aws_credentials_only() -> None:
    found = migrated(**POLICIES)
    assert_identified(found, found.one(JOB).inputs["spec"]["template"])


def test_the_pods_of_a_cron_job_start_with_aws_credentials_only() -> None:
    found = cron_job.deployed(**POLICIES)
    job = found.one(cron_job.CRON_JOB).inputs["spec"]["jobTemplate"]
    assert_identified(found, job["spec"]["template"])


def test_the_sidecars_of_a_migration_listen_on_ports_of_the_workload_without_root() -> None:
    found = migrated(port=80, sidecars=(further("proxy", probes={"liveness": {"port": "app"}}),))
    pod = found.one(JOB).inputs["spec"]["template"]["spec"]
    [sysctl] = pod["securityContext"].get("sysctls", [{"value": "no port below 1024"}])
    assert sysctl["value"] == "80", "the sidecar would not start, and the migration would not run"


def test_a_singleton_without_a_port_has_no_service() -> None:
    ports = {"otherPorts": {"metrics": 9100}, "metrics": {"port": "metrics"}}
    assert deployed(singleton(**ports)).of_type(SERVICE) == [], "no workload can call it"
    assert len(deployed(singleton(port=8080)).of_type(SERVICE)) == 1
