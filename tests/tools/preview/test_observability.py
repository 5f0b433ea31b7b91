"""Lines of preview on logs and their price, traces, alarms and the subscribers of alarms."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from settings import check
from tests.settings.stack_files import APPS, config_of
from tools.preview.observability import observability_lines
from tools.preview.tree import headlines
from tools.recording import Recording, Resource

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def lines(stack: str, **sections: dict[str, Any]) -> list[str]:
    """Lines for a shipped stack file with changed sections and no resources."""
    config = config_of(stack)
    for section, values in sections.items():
        config[f"ha-eks:{section}"] = {**config.get(f"ha-eks:{section}", {}), **values}
    settings, problems = check(config)
    assert settings, problems
    return observability_lines(Recording(stack=stack, settings=settings, resources=(), outputs={}))


def resource(type_: str, **inputs: object) -> Resource:
    return Resource(
        urn=type_, type=type_, name="a", custom=True, remote=False, inputs=inputs, parent=None,
        provider=None, dependencies=(), options={}, transforms=(),
    )  # fmt: skip


def test_control_plane_logs_are_listed_with_the_price_of_a_gb() -> None:
    [line] = [each for each in lines("prod") if "control plane" in each]
    assert line == (
        "control plane logs: api, audit, authenticator, controllerManager, scheduler; "
        "retention 90 days; $0.59 per GB in us-east-1 (ingestion and storage)"
    )
    changed = lines("prod", cluster={"logTypes": ["audit"], "logRetentionDays": 365})
    assert (
        "control plane logs: audit; retention 365 days; $0.86 per GB in us-east-1 (ingestion and "
        "storage)"
    ) in changed
    assert "control plane logs: none" in lines("prod", cluster={"logTypes": []})


def test_apps_without_logs_and_the_archive_are_listed() -> None:
    assert (
        "node and pod logs: all; retention 30 days; $0.53 per GB in us-east-1 (ingestion and "
        "storage)"
    ) in lines("prod")
    cache = {**config_of("prod")[APPS]["cache"], "logs": {"collected": False}}
    changed = lines("prod", apps={"cache": cache}, observability={"archive": {"days": 400}})
    assert (
        "node and pod logs: all except cache; retention 30 days; $0.53 per GB in us-east-1 "
        "(ingestion and storage); archived in S3 for 400 days"
    ) in changed


@pytest.mark.parametrize(
    ("subscriptions", "subscribers"),
    [
        ([], "; subscribers: none"),
        (
            [("sms", "+4930123456"), ("email", "a@example.com"), ("email", "b@example.com")],
            "; subscribers: 2 email, 1 sms",
        ),
    ],
)
def test_subscribers_are_counted(subscriptions: list[tuple[str, str]], subscribers: str) -> None:
    configured = [
        {"protocol": protocol, "endpoint": endpoint} for protocol, endpoint in subscriptions
    ]
    printed = lines("prod", observability={"alarms": {"subscriptions": configured}})
    assert printed[-1].endswith(subscribers)


def test_traces_are_listed_if_an_app_is_traced() -> None:
    assert "traces: 5% of requests to web" in lines("prod")
    assert "traces: 100% of requests to web" in lines("dev")
    web = {**config_of("prod")[APPS]["web"], "traced": False, "args": []}
    assert not any(each.startswith("traces") for each in lines("prod", apps={"web": web}))


def test_alarms_are_counted() -> None:
    settings, _ = check(config_of("prod"))
    assert settings
    resources = (
        resource(ALARM, metricName="a"),
        resource(ALARM, metricName="b"),
        resource("aws:cloudwatch/compositeAlarm:CompositeAlarm"),
        resource("aws:cloudwatch/dashboard:Dashboard"),
    )
    recording = Recording(stack="prod", settings=settings, resources=resources, outputs={})
    assert observability_lines(recording)[-1] == (
        "alarms: 2 metric alarms, 1 composite alarm; dashboard: 1; subscribers: 1 email"
    )


def test_preview_prints_every_line(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    assert [
        each
        for each in observability_lines(recording)
        if each not in headlines(recording, date(2026, 11, 28))
    ] == []
    without = replace(recording, resources=())
    assert observability_lines(without)[-1] != observability_lines(recording)[-1]
