"""Logs, alarms and who is told of them."""

import re
from collections.abc import Iterator

from settings.observability.observability import Protocol
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:observability"

_MAIL = (re.compile(r"[^@\s]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"), "an e-mail address")
_ENDPOINTS: dict[Protocol, tuple[re.Pattern[str], str]] = {
    "email": _MAIL,
    "email-json": _MAIL,
    "https": (re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/\S*)?"), "a URL with https://"),
    "lambda": (
        re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[\w-]+(:[\w$-]+)?"),
        "the ARN of a Lambda function",
    ),
    "sms": (re.compile(r"\+[1-9][0-9]{6,14}"), "a phone number with + and country: +4930123456"),
    "sqs": (
        re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[\w-]{1,80}"),
        "the ARN of an SQS queue that is not FIFO",
    ),
}
"""What the endpoint of each protocol looks like.
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"""


def _endpoints(settings: Settings) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(settings.observability.alarms.subscriptions):
        pattern, message = _ENDPOINTS[each.protocol]
        key = f"{_KEY}.alarms.subscriptions[{index}].endpoint"
        if not pattern.fullmatch(each.endpoint):
            yield Problem(key=key, value=each.endpoint, message=f"{message}, for {each.protocol}")
        elif (each.protocol, each.endpoint) in seen:
            yield Problem(key=key, value=each.endpoint, message="each once: it stands above")
        seen.add((each.protocol, each.endpoint))


def _kept_longer(settings: Settings) -> Iterator[Problem]:
    archive, days = settings.observability.archive, settings.observability.log_retention_days
    if archive and archive.days <= days:
        yield Problem(
            key=f"{_KEY}.archive.days",
            value=archive.days,
            message=f"more than the {days} that CloudWatch keeps them: logRetentionDays",
        )


def _lines_of_nobody(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        if app.logs.multiline and not app.logs.collected:
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.logs.multiline",
                value=app.logs.multiline,
                message="nothing: with collected false, no line of it is read",
            )


def _reachable_objectives(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        longest = app.longest_request_seconds * 1000
        if app.expose and app.expose.objective.p99_milliseconds > longest:
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.expose.objective.p99Milliseconds",
                value=app.expose.objective.p99_milliseconds,
                message=f"at most {longest}: longestRequestSeconds, which no request exceeds",
            )


RULES = (_endpoints, _kept_longer, _lines_of_nobody, _reachable_objectives)
"""Every rule of observability."""
