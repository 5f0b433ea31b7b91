"""What preview says of logs, traces and alarms."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from settings import check
from tests.settings.stack_files import APPS, config_of
from tools.preview.observability import watch_lines
from tools.preview.tree import headlines
from tools.recording import Recording, Resource

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def lines(stack: str, **sections: dict[str, Any]) -> list[str]:
    """What is said of a shipped file with some keys of its sections changed, and no resources."""
    config = config_of(stack)
    for section, values in sections.items():
        config[f"ha-eks:{section}"] = {**config.get(f"ha-eks:{section}", {}), **values}
    settings, problems = check(config)
    assert settings, problems
    return watch_lines(Recording(stack=stack, settings=settings, resources=(), outputs={}))


def made(type_: str, **inputs: object) -> Resource:
    return Resource(
        urn=type_, type=type_, name="a", custom=True, remote=False, inputs=inputs, parent=None,
        provider=None, dependencies=(), options={}, transforms=(),
    )  # fmt: skip


def test_the_logs_of_the_control_plane_are_named_with_what_a_gb_costs() -> None:
    [said] = [each for each in lines("prod") if "control plane" in each]
    assert said == (
        "logs of the control plane: api, audit, authenticator, controllerManager, scheduler, "
        "kept 90 days, each GB 0.59 $ in us-east-1"
    )
    few = lines("prod", cluster={"logTypes": ["audit"], "logRetentionDays": 365})
    assert "logs of the control plane: audit, kept 365 days, each GB 0.86 $ in us-east-1" in few
    assert "logs of the control plane: none" in lines("prod", cluster={"logTypes": []})


def test_logs_that_are_not_collected_or_kept_for_longer_are_told() -> None:
    assert "logs of nodes and pods: all, kept 30 days, each GB 0.53 $ in us-east-1" in lines("prod")
    cache = {**config_of("prod")[APPS]["cache"], "logs": {"collected": False}}
    own = lines("prod", apps={"cache": cache}, observability={"archive": {"days": 400}})
    assert any("all but of cache" in each and "in a bucket for 400" in each for each in own)


@pytest.mark.parametrize(
    ("subscriptions", "told"),
    [
        ([], "; nobody is told"),
        (
            [("sms", "+4930123456"), ("email", "a@example.com"), ("email", "b@example.com")],
            "; told are 2 by email and 1 by sms",
        ),
    ],
)
def test_who_is_told(subscriptions: list[tuple[str, str]], told: str) -> None:
    given = [{"protocol": protocol, "endpoint": endpoint} for protocol, endpoint in subscriptions]
    said = lines("prod", observability={"alarms": {"subscriptions": given}})
    assert said[-1].endswith(told)


def test_traces_are_told_where_there_are_any() -> None:
    assert "traces: 5 % of the requests to web" in lines("prod")
    assert "traces: 100 % of the requests to web" in lines("dev")
    web = {**config_of("prod")[APPS]["web"], "traced": False, "args": []}
    assert not any(each.startswith("traces") for each in lines("prod", apps={"web": web}))


def test_alarms_cost_what_their_metrics_do() -> None:
    settings, _ = check(config_of("prod"))
    assert settings
    query = {"metric": {"metricName": "a"}}
    resources = (
        made(ALARM, metricName="a"),
        made(ALARM, metricQueries=[query, query, {"expression": "a + b"}]),
        made("aws:cloudwatch/compositeAlarm:CompositeAlarm"),
        made("aws:cloudwatch/dashboard:Dashboard"),
    )
    recording = Recording(stack="prod", settings=settings, resources=resources, outputs={})
    assert watch_lines(recording)[-1].startswith(
        "watched by 2 alarms on 3 metrics, 1 composites and 1 dashboard, 3.80 $ a month"
    )


def test_preview_says_it(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    assert [each for each in watch_lines(recording) if each not in headlines(recording)] == []
    without = replace(recording, resources=())
    assert watch_lines(without)[-1] != watch_lines(recording)[-1]
