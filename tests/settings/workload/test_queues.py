"""SQS queues that the number of pods follows: ARNs, regions, names, and what the pods may do."""

from pathlib import Path
from typing import Any

import pytest

from settings.workload.scaling import Queue
from tests.settings.stack_files import (
    APPS,
    WEB,
    WORKERS,
    Change,
    accepted,
    assert_problem,
    changed,
    refused,
    workers,
)
from tests.settings.workload.test_cautions import cautions_of

ARN = "arn:aws:sqs:us-east-1:123456789012:"
JOBS = f"{ARN}jobs"


def jobs(**changes: object) -> dict[str, Any]:
    return {"queues": {"jobs": {"queue": JOBS, "messagesPerPod": 20, **changes}}}


@pytest.mark.parametrize("name", ["jobs", "Jobs_1-a", "jobs.fifo", "a" * 80, f"{'a' * 75}.fifo"])
def test_a_queue_has_the_url_and_region_of_its_arn(tmp_path: Path, name: str) -> None:
    scaling = jobs(queue=f"{ARN}{name}")
    stack = accepted(tmp_path, "dev", workers(mailer={"scaling": scaling}))
    queue = stack.workers["mailer"].scaling.queues["jobs"]
    assert queue == Queue.model_validate({"queue": f"{ARN}{name}", "messagesPerPod": 20})
    assert queue.region == "us-east-1"
    assert queue.url == f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}"


@pytest.mark.parametrize(
    "value",
    [
        "jobs", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs", ARN, f"{ARN}a.b",
        f"{ARN}.fifo", f"{ARN}{'a' * 81}", f"{ARN}{'a' * 76}.fifo", f"{JOBS}\n",
        "arn:aws:sns:us-east-1:123456789012:jobs", "arn:aws:sqs:us-east-1:1234:jobs",
    ],
)  # fmt: skip
def test_a_queue_is_an_arn(tmp_path: Path, value: str) -> None:
    scaling: Change = ((*WEB, "scaling"), jobs(queue=value))
    assert_problem(
        refused(tmp_path, "dev", changed("dev", scaling)),
        f"{APPS}.web.scaling.queues.jobs.queue",
        value,
        "must be the ARN of an SQS queue such as arn:aws:sqs:us-east-1:123456789012:jobs",
    )


def test_a_queue_of_another_region_is_refused(tmp_path: Path) -> None:
    arn = JOBS.replace("us-east-1", "eu-west-1")
    mailer = {"scaling": jobs(queue=arn)}
    assert_problem(
        refused(tmp_path, "dev", changed("dev", workers(mailer=mailer))),
        f"{WORKERS}.mailer.scaling.queues.jobs.queue",
        arn,
        "the queue is in eu-west-1, but the cell is in us-east-1, and must not depend on another "
        "region; write a queue in us-east-1, or move the workload to a cell in eu-west-1",
    )


def test_a_query_and_a_queue_have_different_names(tmp_path: Path) -> None:
    query = {"query": "sum(a)", "targetPerPod": 1}
    web: Change = ((*WEB, "scaling"), {"prometheus": {"jobs": query}, **jobs()})
    metrics: Change = ((*WEB, "metrics"), {})
    assert_problem(
        refused(tmp_path, "dev", changed("dev", web, metrics)),
        f"{APPS}.web.scaling.queues.jobs",
        jobs()["queues"]["jobs"],
        "scaling.prometheus has the same name; write another name",
    )


def test_the_policy_of_keda_has_space_for_75_queues(tmp_path: Path) -> None:
    def scaling(number: int) -> Change:
        queue = {"messagesPerPod": 1}
        queues = {f"q{n}": {"queue": f"{ARN}{n}", **queue} for n in range(number)}
        again = {"again": {"queue": f"{ARN}0", **queue}}
        return workers(mailer={"scaling": {"queues": {**queues, **again}}})

    assert len(accepted(tmp_path, "dev", scaling(75)).queues) == 75
    assert_problem(
        refused(tmp_path, "dev", changed("dev", scaling(76))),
        f"{WORKERS}.mailer.scaling.queues.q75",
        {"queue": f"{ARN}75", "messagesPerPod": 1},
        "the cell scales on 76 queues, but the IAM policy of KEDA has space for 75; scale fewer "
        "workers on queues",
    )


def test_a_queue_needs_keda_but_no_prometheus(tmp_path: Path) -> None:
    stack = accepted(tmp_path, "dev", workers(mailer={"scaling": jobs()}))
    assert (stack.uses_keda, stack.scales_on_prometheus, stack.queues) == (True, False, (JOBS,))
    assert not accepted(tmp_path, "dev").uses_keda


def test_pods_that_scale_on_a_queue_need_a_policy_to_receive_its_messages() -> None:
    scaling: Change = ((*WEB, "scaling"), jobs(queue=JOBS.replace("us-east-1", "us-west-2")))
    assert cautions_of(scaling) == {
        f"{APPS}.web.scaling.queues": "KEDA reads the number of messages with its own role, but "
        "the pods have no IAM policies to receive and delete them; add an IAM policy to policies"
    }
    policies: Change = ((*WEB, "policies"), ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"])
    reaches: Change = ((*WEB, "reaches"), [{"cidr": "0.0.0.0/0", "port": 443}])
    assert cautions_of(scaling, policies, reaches) == {}
