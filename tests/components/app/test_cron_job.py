"""A cron job: schedule, pods, rights and history."""

from typing import Any

import pulumi

from components.app import CronJob, CronJobArgs
from settings.cron_job.cron_jobs import CronJob as CronJobSettings
from tests.components.app.deployed_apps import ACCOUNT, BUDGET, POOLS, drivers, shared_files
from tests.components.deploy import Deployed, context, copied, deploy, with_kubernetes

CRON_JOB = "kubernetes:batch/v1:CronJob"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
NAME = "app.kubernetes.io/name"


def deployed(callees: dict[str, list[str]] | None = None, **changes: Any) -> Deployed:
    required = {
        "image": "example.com/report:1.0",
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "schedule": "30 4 * * 1-5",
    }
    settings = CronJobSettings.model_validate({**required, **changes})

    def build() -> None:
        args = CronJobArgs(
            context=context(),
            cron_job=settings,
            callees=callees or {},
            resolve_image=copied,
            pool=POOLS[settings.pool] if settings.pool else None,
            control_plane_cidrs=["10.0.31.240/28"],
            priority_class=pulumi.Output.from_input("ha-eks-default"),
            before_pods=[],
            sampled_percent=5,
            drivers=drivers(),
            shared_files=shared_files(settings),
        )
        CronJob("report", args, with_kubernetes())

    return deploy(build)


def spec(**changes: Any) -> Any:
    return deployed(**changes).one(CRON_JOB).inputs["spec"]


def test_kubernetes_gets_the_schedule_of_the_stack_file() -> None:
    found = spec(
        timeZone="Europe/Berlin",
        concurrencyPolicy="replace",
        startingDeadlineSeconds=60,
        history={"successful": 1, "failed": 0},
    )

    found.pop("jobTemplate")
    assert found == {
        "schedule": "30 4 * * 1-5",
        "timeZone": "Europe/Berlin",
        "concurrencyPolicy": "Replace",
        "startingDeadlineSeconds": 60,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 0,
    }


def test_a_job_fails_after_its_deadline_or_retries_but_not_by_a_drain() -> None:
    job = spec(deadlineSeconds=60, retries=0)["jobTemplate"]["spec"]

    assert (job["activeDeadlineSeconds"], job["backoffLimit"]) == (60, 0)
    [rule] = job["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onPodConditions"][0]["type"]) == ("Ignore", "DisruptionTarget")


def test_the_pod_has_the_settings_of_the_cron_job() -> None:
    template = spec(
        command=("/report",),
        env={"A": "b"},
        pool="batch",
        shutdownSeconds=40,
        logs={"collected": False},
    )["jobTemplate"]["spec"]["template"]
    pod = template["spec"]
    [container] = pod["containers"]

    assert template["metadata"]["labels"][NAME] == "report"
    assert template["metadata"]["annotations"] == {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        "fluentbit.io/exclude": "true",
    }
    assert (container["command"], container["env"]) == (["/report"], [{"name": "A", "value": "b"}])
    assert "ports" not in container
    assert pod["restartPolicy"] == "Never"
    assert pod["terminationGracePeriodSeconds"] == 45
    assert pod["priorityClassName"] == "ha-eks-default"
    assert pod["nodeSelector"] == {"ha-eks/pool": "batch"}
    assert {"key": "batch", "operator": "Equal", "value": "yes", "effect": "NoSchedule"} in pod[
        "tolerations"
    ]


def test_the_pods_receive_nothing_and_reach_only_what_the_stack_file_names() -> None:
    found = deployed({"web": ["app"]}, policies=("arn:aws:iam::aws:policy/A",))
    policy = found.one(POLICY).inputs["spec"]

    assert policy["ingress"] == []
    [_, web, agent] = policy["egress"]
    assert web["to"][0]["podSelector"]["matchLabels"] == {NAME: "web"}
    assert agent["to"][0]["ipBlock"]["cidr"] == "169.254.170.23/32"


def test_a_cron_job_has_its_account_and_no_budget_that_could_block_a_drain() -> None:
    found = deployed(files={"/etc/report": "a"})

    assert found.one(ACCOUNT).inputs["metadata"]["namespace"] == "report"
    assert found.of_type(BUDGET) == []
    assert len(found.of_type("kubernetes:core/v1:ConfigMap")) == 1
