"""What people are told of logs, traces, alarms and who is told of those."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.availability.resources import Resources
from settings import check
from settings.availability import zone_model_of
from settings.cautions import cautions
from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CLUSTER,
    OBSERVABILITY,
    WEB,
    Case,
    Change,
    accepted,
    assert_one,
    changed,
    config_of,
    every_stack,
    fragment,
    put_at,
    put_in,
    refused,
)

TODAY = date(2026, 11, 1)
ALARMS, OBJECTIVE, LOGS = (OBSERVABILITY, "alarms"), (*WEB, "expose", "objective"), (*WEB, "logs")
SUBSCRIPTIONS = (*ALARMS, "subscriptions")
FIRST = f"{OBSERVABILITY}.alarms.subscriptions[0]"

WRONG_ENDPOINTS = {
    "email": (["oncall", "a@b", "a b@example.com", "@example.com"], "an e-mail address"),
    "email-json": (["https://example.com"], "an e-mail address"),
    "https": (["http://example.com", "example.com", "https://", "https://a b"], "https://"),
    "lambda": (["alarms", "arn:aws:sqs:eu-west-1:123456789012:alarms"], "Lambda function"),
    "sms": (["0301234", "+0301234", "+49 30 1234567", "+123"], "a phone number"),
    "sqs": (
        ["arn:aws:sqs:eu-west-1:123456789012:alarms.fifo", "arn:aws:sqs:eu-west-1:1:alarms"],
        "not FIFO",
    ),
}
ENDPOINTS = {
    "email": ["oncall@example.com", "o.n+call@a-b.example.co.uk"],
    "email-json": ["oncall@example.com"],
    "https": ["https://events.example.com/v2?key=a%20b", "https://example.com:8443"],
    "lambda": [
        "arn:aws:lambda:eu-west-1:123456789012:function:alarms",
        "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:alarms:live",
    ],
    "sms": ["+4930123456"],
    "sqs": ["arn:aws:sqs:eu-west-1:123456789012:alarms_a-b"],
}


def subscribed(protocol: str, *endpoints: str) -> Change:
    return (SUBSCRIPTIONS, [{"protocol": protocol, "endpoint": each} for each in endpoints])


def with_sections(stack: str, *changes: Change) -> list[Change]:
    """Changes below sections that a file may not have."""
    there = config_of(stack)
    given = there.get(OBSERVABILITY, {})
    whole: dict[str, Any] = {"alarms": {}, "agent": {}, **given, "traces": {}}
    return [
        ((OBSERVABILITY,), whole),
        (LOGS, {}),
        (OBJECTIVE, {}),
        ((CLUSTER, "logTypes"), ["audit"]),
        *changes,
    ]


SHAPES: dict[str, Case] = {
    "a log type that EKS has not": (
        (CLUSTER, "logTypes"), ["audit", "kubelet"], f"{CLUSTER}.logTypes[1]", "kubelet",
        'must be one of api, audit, authenticator, controllerManager, scheduler, not "kubelet"',
    ),
    "days that CloudWatch has not": (
        (OBSERVABILITY, "logRetentionDays"), 31, f"{OBSERVABILITY}.logRetentionDays", 31,
        'must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, '
        '1827, 2192, 2557, 2922, 3288, 3653, not 31',
    ),
    "days of the control plane that CloudWatch has not": (
        (CLUSTER, "logRetentionDays"), 0, f"{CLUSTER}.logRetentionDays", 0,
        'must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, '
        '1827, 2192, 2557, 2922, 3288, 3653, not 0',
    ),
    "a protocol that SNS has not": (
        SUBSCRIPTIONS, [{"protocol": "slack", "endpoint": "x"}], f"{FIRST}.protocol", "slack",
        'must be one of email, email-json, https, lambda, sms, sqs, not "slack"',
    ),
    "a subscription to nowhere": (
        SUBSCRIPTIONS, [{"protocol": "email"}], f"{FIRST}.endpoint", None, "required",
    ),
    "an unknown key in a subscription": (
        SUBSCRIPTIONS, [{"protocol": "email", "endpoint": "a@example.com", "endpont": "a"}],
        f"{FIRST}.endpont", "a",
        'unknown key; did you mean "endpoint"? All keys: docs/settings.md#ha-eks-observability',
    ),
    "one subscription without its list": (
        SUBSCRIPTIONS, {"protocol": "email", "endpoint": "a@example.com"},
        f"{OBSERVABILITY}.alarms.subscriptions",
        {"protocol": "email", "endpoint": "a@example.com"}, "must be a list, not a mapping",
    ),
    "runbooks with a slash at the end": put_in(
        ALARMS, "runbooks", "docs/", fragment("without / at its end"),
    ),
    "runbooks with spaces": put_in(ALARMS, "runbooks", "the docs", fragment("a URL or a path")),
    "an archive of no days": put_in(
        (OBSERVABILITY, "archive"), "days", 0, "must be between 1 and 36500, not 0",
    ),
    "an agent of no memory": put_in(
        (OBSERVABILITY, "agent"), "memory", "0Mi", fragment("a size such as"),
    ),
    "an agent with a number as CPU": put_in(
        (OBSERVABILITY, "agent"), "cpu", 1, "must be text, not 1",
    ),
    "more than all requests": put_in(
        (OBSERVABILITY, "traces"), "sampledPercent", 101, "must be between 0 and 100, not 101"
    ),
    "fewer than no requests": put_in(
        (OBSERVABILITY, "traces"), "sampledPercent", -1, "must be between 0 and 100, not -1"
    ),
    "a language without stack traces": put_in(
        LOGS, "multiline", "cobol", 'must be one of go, java, python, ruby, not "cobol"',
    ),
    "logs that are a word": put_in(LOGS, "collected", "no", 'must be true or false, not "no"'),
    "no errors at all": put_in(
        OBJECTIVE, "errorPercent", 0, "must be more than 0 and less than 100, not 0",
    ),
    "all errors": put_in(
        OBJECTIVE, "errorPercent", 100, "must be more than 0 and less than 100, not 100",
    ),
    "an objective of no time": put_in(
        OBJECTIVE, "p99Milliseconds", 0, "must be between 1 and 3500000, not 0"
    ),
    "traced by a word": (
        (*WEB, "traced"), "yes", f"{APPS}.web.traced", "yes", 'must be true or false, not "yes"',
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", SHAPES)
def test_one_bad_value_is_one_problem(tmp_path: Path, stack: str, case: str) -> None:
    path, value, key, shown, word = SHAPES[case]
    begun: list[Change] = [((OBSERVABILITY, "archive"), {"days": 400})]
    text = changed(stack, *with_sections(stack, *begun, (path, value)))
    assert_one(refused(tmp_path, stack, text), key, shown, word)


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [(name, each) for name, (wrong, _) in WRONG_ENDPOINTS.items() for each in wrong],
)
def test_a_malformed_subscription_is_refused(tmp_path: Path, protocol: str, endpoint: str) -> None:
    text = changed("prod", *with_sections("prod", subscribed(protocol, endpoint)))
    message = WRONG_ENDPOINTS[protocol][1]
    assert_one(
        refused(tmp_path, "prod", text), f"{FIRST}.endpoint", endpoint, fragment(message, protocol)
    )


def test_what_sns_takes_is_taken(tmp_path: Path) -> None:
    for protocol, endpoints in ENDPOINTS.items():
        changes = with_sections("dev", subscribed(protocol, *endpoints))
        found = accepted(tmp_path, "dev", *changes).observability.alarms.subscriptions
        assert [each.endpoint for each in found] == endpoints


def test_nobody_is_told_twice(tmp_path: Path) -> None:
    twice = subscribed("email", "a@example.com", "b@example.com", "a@example.com")
    text = changed("dev", *with_sections("dev", twice))
    key = f"{OBSERVABILITY}.alarms.subscriptions[2].endpoint"
    assert_one(refused(tmp_path, "dev", text), key, "a@example.com", fragment("each once"))
    apart: Change = (
        SUBSCRIPTIONS,
        [{"protocol": each, "endpoint": "a@example.com"} for each in ("email", "email-json")],
    )
    accepted(tmp_path, "dev", *with_sections("dev", apart))


def test_an_archive_keeps_logs_for_longer_than_cloudwatch(tmp_path: Path) -> None:
    def archive(days: int) -> list[Change]:
        own: Change = ((OBSERVABILITY,), {"logRetentionDays": 30, "archive": {"days": days}})
        return [own]

    key = f"{OBSERVABILITY}.archive.days"
    assert_one(
        refused(tmp_path, "dev", changed("dev", *archive(30))),
        key,
        30,
        fragment("more than the 30"),
    )
    accepted(tmp_path, "dev", *archive(31))


def test_lines_that_nobody_reads_are_not_put_together(tmp_path: Path) -> None:
    logs: Change = (LOGS, {"collected": False, "multiline": "java"})
    key = f"{APPS}.web.logs.multiline"
    assert_one(
        refused(tmp_path, "dev", changed("dev", logs)), key, "java", fragment("collected false")
    )
    accepted(tmp_path, "dev", (LOGS, {"multiline": "java"}))


def test_an_objective_is_within_the_longest_request(tmp_path: Path) -> None:
    def objective(milliseconds: int) -> list[Change]:
        return [
            ((*WEB, "longestRequestSeconds"), 2), (OBJECTIVE, {"p99Milliseconds": milliseconds})
        ]  # fmt: skip

    text = changed("dev", *objective(2001))
    key = f"{APPS}.web.expose.objective.p99Milliseconds"
    assert_one(refused(tmp_path, "dev", text), key, 2001, fragment("at most 2000"))
    accepted(tmp_path, "dev", *objective(2000))


def test_problems_of_all_rules_come_in_one_go(tmp_path: Path) -> None:
    text = changed(
        "dev",
        ((OBSERVABILITY,), {"archive": {"days": 7}}),
        subscribed_in_full("sms", "110"),
        (LOGS, {"collected": False, "multiline": "go"}),
        (OBJECTIVE, {"p99Milliseconds": 60_000}),
    )
    assert {each.key for each in refused(tmp_path, "dev", text)} == {
        f"{FIRST}.endpoint",
        f"{OBSERVABILITY}.archive.days",
        f"{APPS}.web.logs.multiline",
        f"{APPS}.web.expose.objective.p99Milliseconds",
    }


def subscribed_in_full(protocol: str, endpoint: str) -> Change:
    return (ALARMS, {"subscriptions": [{"protocol": protocol, "endpoint": endpoint}]})


def test_a_cell_with_a_domain_and_nobody_to_tell_is_told_of() -> None:
    def told(stack: str, *changes: Change) -> list[str]:
        config: Any = config_of(stack)
        for path, value in changes:
            put_at(config, path, value)
        settings, problems = check(config)
        assert settings, problems
        return [each.text for each in cautions(settings, TODAY) if each.key.endswith("ions")]

    [text] = told("prod", (SUBSCRIPTIONS, []))
    assert "nobody is told" in text
    assert told("prod") == []
    assert told("dev", ((OBSERVABILITY,), ABSENT)) == []


def test_what_the_agent_is_given_is_not_the_pods(tmp_path: Path) -> None:
    def free(**agent: str) -> Resources:
        changes = with_sections("dev", ((OBSERVABILITY, "agent"), agent))
        return zone_model_of(accepted(tmp_path, "dev", *changes)).pools["general"].free

    assert free() - free(cpu="300m", memory="1Gi") == Resources(cpu=50, memory=512, pods=0)
