"""`ha-eks:observability`: logs, metrics and traces of nodes and applications, and who is told."""

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
        raise refuse("a URL or a path without / at its end, at most 200 characters")
    return value


class Subscription(Section):
    """Somebody who is told of alarms."""

    protocol: Protocol
    """How (API SNS Subscribe)."""
    endpoint: str
    """Where: what the protocol says. E-mail and HTTPS confirm once before they are told."""


class Alarms(Section):
    """Who is told when users are hurt, or the reserve is gone."""

    subscriptions: tuple[Subscription, ...] = ()
    """Subscriptions to every alarm; default: none, and alarms are seen on the dashboard only."""
    runbooks: Annotated[str, AfterValidator(_runbooks)] = "docs"
    """Where people find the folder docs/ of this project, for the links in alarms; default: docs,
    as in the repository."""


class Archive(Section):
    """A bucket that keeps application logs for longer than CloudWatch."""

    days: Annotated[int, Field(ge=1, le=36500)]
    """How long, in days."""
    deletion_protection: bool = True
    """Whether logs that are in it keep it from being deleted with the cell."""


class Agent(Section):
    """What the CloudWatch agent asks of every node."""

    cpu: Cpu = "250m"
    """CPU that it is given."""
    memory: Bytes = "512Mi"
    """Memory that it is given, and its limit: it grows with the pods of its node, and on one node
    with those of the cluster."""


class Traces(Section):
    """Traces of the apps that are `traced`."""

    sampled_percent: Annotated[float, Field(ge=0, le=100)] = 5
    """How many of the requests that nobody decided on before are traced."""


class Observability(Section):
    """Container Insights, the logs of nodes and pods, traces, alarms and a dashboard."""

    log_retention_days: RetentionDays = 30
    """How long CloudWatch keeps logs of nodes and pods."""
    archive: Archive | None = None
    """Where application logs are kept for longer; default: nowhere."""
    agent: Agent = Agent()
    traces: Traces = Traces()
    alarms: Alarms = Alarms()
