"""Tests of ha-eks:observability: retention, archive, agent, traces, and subscribers of alarms."""

from pathlib import Path
from typing import Any

import pytest

from core.availability.resources import Resources
from settings.availability import zone_model_of
from tests.settings.stack_files import (
    ABSENT,
    APPS,
    OBSERVABILITY,
    WEB,
    Case,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    config_of,
    every_stack,
    put,
    put_in,
    refused,
    unknown_key,
)

ALARMS, OBJECTIVE, LOGS = (OBSERVABILITY, "alarms"), (*WEB, "expose", "objective"), (*WEB, "logs")
SUBSCRIPTIONS = (*ALARMS, "subscriptions")
FIRST = f"{OBSERVABILITY}.alarms.subscriptions[0]"
RETENTION = (
    "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, "
    "2192, 2557, 2922, 3288, 3653"
)
RUNBOOKS = "must be a URL or a path without a trailing /, at most 200 characters"

WRONG_ENDPOINTS = {
    "email": (["oncall", "a@b", "a b@example.com", "@example.com"], "an email address"),
    "email-json": (["https://example.com"], "an email address"),
    "https": (
        ["http://example.com", "example.com", "https://", "https://a b"],
        "a URL that begins with https://",
    ),
    "lambda": (
        ["alarms", "arn:aws:sqs:eu-west-1:123456789012:alarms"],
        "the ARN of a Lambda function",
    ),
    "sms": (
        ["0301234", "+0301234", "+49 30 1234567", "+123"],
        "a phone number with + and country code, such as +4930123456",
    ),
    "sqs": (
        ["arn:aws:sqs:eu-west-1:123456789012:alarms.fifo", "arn:aws:sqs:eu-west-1:1:alarms"],
        "the ARN of a standard SQS queue, not of a FIFO queue",
    ),
}
ENDPOINTS = {
    "email": ["oncall@example.com", "o.n+call@a-b.example.co.uk"],
    "email-json": ["oncall@example.com"],
    "https": ["https://events.example.com/v2?key=a%20b", "https://example.com:8443"],
    "lambda": [
        "arn:aws:lambda:eu-west-1:123456789012:function:alarms",
        "arn:aws:lambda:eu-west-1:123456789012:function:alarms:live",
    ],
    "sms": ["+4930123456"],
    "sqs": ["arn:aws:sqs:eu-west-1:123456789012:alarms_a-b"],
}


def subscribed(protocol: str, *endpoints: str) -> Change:
    return (SUBSCRIPTIONS, [{"protocol": protocol, "endpoint": each} for each in endpoints])


def with_sections(stack: str, *changes: Change) -> list[Change]:
    """Returns changes after further changes that add the sections which the stack file lacks."""
    present = config_of(stack).get(OBSERVABILITY, {})
    whole: dict[str, Any] = {"alarms": {}, "agent": {}, **present, "traces": {}}
    return [((OBSERVABILITY,), whole), (LOGS, {}), (OBJECTIVE, {}), *changes]


SHAPES: dict[str, Case] = {
    "a retention of 31 days": put(
        (OBSERVABILITY, "logRetentionDays"), 31, f"{RETENTION}; found 31"
    ),
    "a retention of 0 days": put((OBSERVABILITY, "logRetentionDays"), 0, f"{RETENTION}; found 0"),
    "an unknown protocol": (
        SUBSCRIPTIONS, [{"protocol": "slack", "endpoint": "x"}], f"{FIRST}.protocol", "slack",
        'must be one of email, email-json, https, lambda, sms, sqs; found "slack"',
    ),
    "a subscription without an endpoint": (
        SUBSCRIPTIONS, [{"protocol": "email"}], f"{FIRST}.endpoint", None, "required",
    ),
    "a misspelled key of a subscription": (
        SUBSCRIPTIONS, [{"protocol": "email", "endpoint": "a@example.com", "endpont": "a"}],
        f"{FIRST}.endpont", "a", unknown_key(OBSERVABILITY, "endpoint"),
    ),
    "a misspelled key": put(
        (OBSERVABILITY, "logRetention"), 1, unknown_key(OBSERVABILITY, "logRetentionDays")
    ),
    "a subscription outside a list": put(
        SUBSCRIPTIONS, {"protocol": "email", "endpoint": "a@example.com"},
        "must be a list, not a mapping",
    ),
    "runbooks with a trailing slash": put_in(ALARMS, "runbooks", "docs/", RUNBOOKS),
    "runbooks with a space": put_in(ALARMS, "runbooks", "the docs", RUNBOOKS),
    "an archive for 0 days": put_in(
        (OBSERVABILITY, "archive"), "days", 0, "must be between 1 and 36500, not 0"
    ),
    "an agent without memory": put_in(
        (OBSERVABILITY, "agent"), "memory", "0Mi", "must be a size such as 128Mi or 2Gi"
    ),
    "agent CPU without quotes": put_in(
        (OBSERVABILITY, "agent"), "cpu", 1,
        'must be a CPU quantity such as 250m, "1" or "0.5" (numbers in quotes)',
    ),
    "101% of the requests": put_in(
        (OBSERVABILITY, "traces"), "sampledPercent", 101, "must be between 0 and 100, not 101"
    ),
    "-1% of the requests": put_in(
        (OBSERVABILITY, "traces"), "sampledPercent", -1, "must be between 0 and 100, not -1"
    ),
    "multiline logs of an unknown language": put_in(
        LOGS, "multiline", "cobol", 'must be one of go, java, python, ruby; found "cobol"'
    ),
    "collected as text": put_in(LOGS, "collected", "no", 'must be true or false, not "no"'),
    "an objective of 0% errors": put_in(
        OBJECTIVE, "errorPercent", 0, "must be more than 0 and less than 100, not 0"
    ),
    "an objective of 100% errors": put_in(
        OBJECTIVE, "errorPercent", 100, "must be more than 0 and less than 100, not 100"
    ),
    "an objective of 0 milliseconds": put_in(
        OBJECTIVE, "p99Milliseconds", 0, "must be between 1 and 3500000, not 0"
    ),
    "traced as text": put((*WEB, "traced"), "yes", 'must be true or false, not "yes"'),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", SHAPES)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, message = SHAPES[case]
    archive: Change = ((OBSERVABILITY, "archive"), {"days": 400})
    text = changed(stack, *with_sections(stack, archive, (path, new)))
    assert_problem(refused(tmp_path, stack, text), key, value, message)


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [(name, each) for name, (wrong, _) in WRONG_ENDPOINTS.items() for each in wrong],
)
def test_a_malformed_endpoint_is_refused(tmp_path: Path, protocol: str, endpoint: str) -> None:
    text = changed("prod", *with_sections("prod", subscribed(protocol, endpoint)))
    description = WRONG_ENDPOINTS[protocol][1]
    message = f'"{endpoint}" is not an endpoint of {protocol}; write {description}'
    assert_problem(refused(tmp_path, "prod", text), f"{FIRST}.endpoint", endpoint, message)


def test_endpoints_that_sns_supports_are_accepted(tmp_path: Path) -> None:
    for protocol, endpoints in ENDPOINTS.items():
        changes = with_sections("dev", subscribed(protocol, *endpoints))
        found = accepted(tmp_path, "dev", *changes).observability.alarms.subscriptions
        assert [each.endpoint for each in found] == endpoints


def test_a_subscriber_is_listed_once(tmp_path: Path) -> None:
    twice = subscribed("email", "a@example.com", "b@example.com", "a@example.com")
    assert_problem(
        refused(tmp_path, "dev", changed("dev", *with_sections("dev", twice))),
        f"{OBSERVABILITY}.alarms.subscriptions[2].endpoint",
        "a@example.com",
        "a@example.com is listed in subscriptions[0] too; remove one of them",
    )
    two_protocols: Change = (
        SUBSCRIPTIONS,
        [{"protocol": each, "endpoint": "a@example.com"} for each in ("email", "email-json")],
    )
    accepted(tmp_path, "dev", *with_sections("dev", two_protocols))


@pytest.mark.parametrize(
    ("observability", "days"),
    [({"logRetentionDays": 14}, "14"), ({}, "30, its default")],
    ids=["written", "default"],
)
def test_an_archive_must_retain_logs_for_longer_than_cloudwatch(
    tmp_path: Path, observability: dict[str, object], days: str
) -> None:
    number = int(days.partition(",")[0])
    with_archive = {**observability, "archive": {"days": number}}
    assert_problem(
        refused(tmp_path, "dev", changed("dev", ((OBSERVABILITY,), with_archive))),
        f"{OBSERVABILITY}.archive.days",
        number,
        f"CloudWatch retains the logs as long or longer (logRetentionDays: {days}); write more "
        f"than {number}, or remove archive",
    )
    accepted(
        tmp_path, "dev", ((OBSERVABILITY,), {**observability, "archive": {"days": number + 1}})
    )


def test_multiline_without_collected_logs_is_refused(tmp_path: Path) -> None:
    logs: Change = (LOGS, {"collected": False, "multiline": "java"})
    assert_problem(
        refused(tmp_path, "dev", changed("dev", logs)),
        f"{APPS}.web.logs.multiline",
        "java",
        "has no effect with collected: false; remove multiline, or write collected: true",
    )
    accepted(tmp_path, "dev", (LOGS, {"multiline": "java"}))


@pytest.mark.parametrize(
    ("longest", "milliseconds", "shown"), [(2, 2000, "2s"), (None, 30_000, "30s, its default")]
)
def test_a_latency_objective_above_the_longest_request_is_refused(
    tmp_path: Path, longest: int | None, milliseconds: int, shown: str
) -> None:
    def objective(p99: int) -> list[Change]:
        return [
            ((*WEB, "longestRequestSeconds"), longest or ABSENT),
            ((*WEB, "shutdownSeconds"), 40),
            (OBJECTIVE, {"p99Milliseconds": p99}),
        ]

    assert_problem(
        refused(tmp_path, "dev", changed("dev", *objective(milliseconds + 1))),
        f"{APPS}.web.expose.objective.p99Milliseconds",
        milliseconds + 1,
        f"no request takes longer than longestRequestSeconds ({shown}); write {milliseconds} or "
        "less",
    )
    accepted(tmp_path, "dev", *objective(milliseconds))


def test_broken_rules_of_several_kinds_are_all_reported(tmp_path: Path) -> None:
    text = changed(
        "dev",
        ((OBSERVABILITY,), {"archive": {"days": 7}}),
        (ALARMS, {"subscriptions": [{"protocol": "sms", "endpoint": "110"}]}),
        (LOGS, {"collected": False, "multiline": "go"}),
        (OBJECTIVE, {"p99Milliseconds": 60_000}),
    )
    assert {each.key for each in refused(tmp_path, "dev", text)} == {
        f"{FIRST}.endpoint",
        f"{OBSERVABILITY}.archive.days",
        f"{APPS}.web.logs.multiline",
        f"{APPS}.web.expose.objective.p99Milliseconds",
    }


def test_a_domain_without_a_subscriber_is_a_caution() -> None:
    key = ".".join(SUBSCRIPTIONS)
    assert cautions_of((SUBSCRIPTIONS, []), stack="prod")[key] == (
        "the cell serves a domain, but impact alarms and redundancy alarms have no subscriber; "
        "write a subscription (docs/alarms.md)"
    )
    assert key not in cautions_of(stack="prod")
    assert key not in cautions_of(((OBSERVABILITY,), ABSENT), stack="dev")


def test_requests_of_the_agent_are_not_allocatable_to_other_pods(tmp_path: Path) -> None:
    def free(**agent: str) -> Resources:
        changes = with_sections("dev", ((OBSERVABILITY, "agent"), agent))
        return zone_model_of(accepted(tmp_path, "dev", *changes)).pools["general"].free

    assert free() - free(cpu="300m", memory="1Gi") == Resources(cpu=50, memory=512, pods=0)
