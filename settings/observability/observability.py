"""`ha-eks:observability`: logs, metrics, traces and alarms of nodes and apps."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.observability.retention import RetentionDays
from settings.reading.quantities import Bytes, Cpu
from settings.reading.section import Section, refuse

Protocol = Literal["email", "email-json", "https", "lambda", "sms", "sqs"]

_RUNBOOKS = re.compile(r"[\w.~:/%+@=-]{1,200}")


def _runbooks(value: str) -> str:
    if not _RUNBOOKS.fullmatch(value) or value.endswith("/"):
        raise refuse("must be a URL or a path without a trailing /, at most 200 characters")
    return value


class Subscription(Section):
    """A subscriber of alarm notifications."""

    protocol: Protocol
    """SNS protocol: `email`, `email-json`, `https`, `lambda`, `sms` or `sqs`. Required."""
    endpoint: str
    """Endpoint of the protocol: an email address, a URL with `https://`, the ARN of a Lambda
    function, a phone number such as `+4930123456`, or the ARN of a standard SQS queue. Email and
    HTTPS endpoints must confirm the subscription before they receive notifications. Required."""


class Alarms(Section):
    """Notifications of impact alarms (users are affected) and redundancy alarms (reserve capacity
    is lost)."""

    subscriptions: tuple[Subscription, ...] = ()
    """Subscribers of all alarms. Default: none, so that alarms are visible on the dashboard
    only."""
    runbooks: Annotated[str, AfterValidator(_runbooks)] = "docs"
    """URL or path of the folder `docs/` of this project, for the links to runbooks in alarms,
    without a trailing /, at most 200 characters. Default: `docs`."""


class Archive(Section):
    """An S3 bucket that stores the logs of apps for longer than CloudWatch."""

    days: Annotated[int, Field(ge=1, le=36500)]
    """Retention of the archived logs in days, 1 to 36500, and more than `logRetentionDays`.
    Required."""
    deletion_protection: bool = True
    """True: the bucket cannot be deleted with the cell while it contains logs. Default: true."""


class Agent(Section):
    """Requests of the CloudWatch agent, which runs on every node."""

    cpu: Cpu = "250m"
    """CPU request of the agent on each node. Default: `250m`."""
    memory: Bytes = "512Mi"
    """Memory request and limit of the agent on each node. The agent needs more memory if its node
    has more pods; the agent of one node needs more if the cluster has more pods. Default:
    `512Mi`."""


class Traces(Section):
    """Traces of the apps with `traced: true`."""

    sampled_percent: Annotated[float, Field(ge=0, le=100)] = 5
    """Percentage of requests that are traced, 0 to 100, if the caller made no sampling decision.
    Default: 5."""


class Observability(Section):
    """Container Insights, logs of nodes and pods, traces, alarms and a dashboard."""

    log_retention_days: RetentionDays = 30
    """Retention of the logs of nodes and pods in CloudWatch in days, one of the values that
    CloudWatch supports. Default: 30."""
    archive: Archive | None = None
    """S3 bucket that stores the logs of apps for longer. Default: no archive."""
    agent: Agent = Agent()
    """Requests of the CloudWatch agent. Default: 250m CPU and 512Mi memory on each node."""
    traces: Traces = Traces()
    """Sampling of traces. Default: 5% of the requests."""
    alarms: Alarms = Alarms()
    """Subscribers of alarms and the location of the runbooks. Default: no subscribers."""
