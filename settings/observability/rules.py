"""Rules for observability: subscribers, the archive, and the logs and objectives of apps."""

import re
from collections.abc import Iterator

from settings.observability.observability import Protocol
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:observability"

_MAIL = (re.compile(r"[^@\s]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"), "an email address")
_ENDPOINTS: dict[Protocol, tuple[re.Pattern[str], str]] = {
    "email": _MAIL,
    "email-json": _MAIL,
    "https": (
        re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/\S*)?"),
        "a URL that begins with https://",
    ),
    "lambda": (
        re.compile(r"arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[\w-]+(:[\w$-]+)?"),
        "the ARN of a Lambda function",
    ),
    "sms": (
        re.compile(r"\+[1-9][0-9]{6,14}"),
        "a phone number with + and country code, such as +4930123456",
    ),
    "sqs": (
        re.compile(r"arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[\w-]{1,80}"),
        "the ARN of a standard SQS queue, not of a FIFO queue",
    ),
}
"""Pattern and description of the endpoints of each protocol.
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"""


def _subscriptions(settings: Settings) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for index, each in enumerate(settings.observability.alarms.subscriptions):
        pattern, description = _ENDPOINTS[each.protocol]
        key = f"{_KEY}.alarms.subscriptions[{index}].endpoint"
        position = first.setdefault((each.protocol, each.endpoint), index)
        if not pattern.fullmatch(each.endpoint):
            message = (
                f'"{each.endpoint}" is not an endpoint of {each.protocol}; write {description}'
            )
            yield Problem(key=key, message=message)
        elif position != index:
            yield Problem(
                key=key,
                message=f"{each.endpoint} is listed in subscriptions[{position}] too; remove one "
                "of them",
            )


def _archive(settings: Settings) -> Iterator[Problem]:
    observability = settings.observability
    archive, days = observability.archive, observability.log_retention_days
    if archive and archive.days <= days:
        default = "" if "log_retention_days" in observability.model_fields_set else ", its default"
        yield Problem(
            key=f"{_KEY}.archive.days",
            message=f"CloudWatch retains the logs as long or longer (logRetentionDays: {days}"
            f"{default}); write more than {days}, or remove archive",
        )


def _multiline_of_collected_logs(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.workloads.items():
        if app.logs.multiline and not app.logs.collected:
            yield Problem(
                key=settings.key_of(name, "logs.multiline"),
                message="has no effect with collected: false; remove multiline, or write "
                "collected: true",
            )


def _reachable_objectives(settings: Settings) -> Iterator[Problem]:
    for name, expose in settings.exposed.items():
        app = settings.served[name]
        longest = app.longest_request_seconds
        if expose.objective.p99_milliseconds > longest * 1000:
            default = "" if "longest_request_seconds" in app.model_fields_set else ", its default"
            yield Problem(
                key=settings.key_of(name, "expose.objective.p99Milliseconds"),
                message=f"no request takes longer than longestRequestSeconds ({longest}s{default})"
                f"; write {longest * 1000} or less",
            )


RULES = (_subscriptions, _archive, _multiline_of_collected_logs, _reachable_objectives)
