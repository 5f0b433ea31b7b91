import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.nodes import ScalingGroup
from components.nodes.node_group_size import Size
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard.dashboard import (
    MAX_METRICS,
    MAX_METRICS_PER_WIDGET,
    MAX_WIDGETS,
)
from components.observability.metric_sources import MetricSources, TargetGroup
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, HeadroomPods
from settings.app.apps import App
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool
from tests.components.deploy import deploy, with_aws

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
POOL = Pool.model_validate({"instanceTypes": ("m7i.large",), "perZone": {"min": 2, "max": 8}})
NONE = Resources(cpu=0, memory=0, pods=0)
Json = dict[str, Any]


def app(**changes: Any) -> App:
    defaults = {
        "image": "registry.example.com/app:1",
        "port": 8080,
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "replicas": {"needed": 4, "max": 18},
    }
    return App.model_validate({**defaults, **changes})


def exposed(path: str = "/", **changes: Any) -> App:
    return app(expose={"path": path}, **changes)


def metric_sources(
    apps: Mapping[str, App], zones: tuple[str, ...] = ZONES, **changes: Any
) -> MetricSources:
    defaults: Json = {
        "cell": "prod",
        "region": "eu-west-1",
        "apps": apps,
        "pools": {"general": POOL},
        "zones": zones,
        "effective_zones": len(zones),
        "headroom": Headroom(),
        "headroom_pods": HeadroomPods(
            pods={**dict.fromkeys(apps, 2), SYSTEM: 1},
            max_pods={},
            system_requests=Resources(cpu=360, memory=798, pods=1),
        ),
        "load_balancers": {"public": "app/lb/1"},
        "target_groups": [
            TargetGroup(
                app=name,
                kind="public",
                name=f"targetgroup/{name}/1",
                objective=each.expose.objective,
            )
            for name, each in apps.items()
            if each.expose
        ],
        "scaling_groups": {
            ("general", zone): ScalingGroup(
                name=pulumi.Output.from_input(f"eks-{zone}"), size=Size(min=2, max=8, initial=2)
            )
            for zone in zones
        },
        "nat_gateways": {zone: f"nat-{zone}" for zone in zones},
        "certificates": {},
        "log_groups": {
            kind: kind for kind in ("application", "host", "performance", "control-plane")
        },
        "cron_jobs": {},
        "health_checks": {},
    }
    return MetricSources(**{**defaults, **changes})


def widgets(apps: Mapping[str, App], alarms: Json | None = None, **changes: Any) -> list[Json]:
    def build() -> None:
        args = DashboardArgs(sources=metric_sources(apps, **changes), **(alarms or {}))
        Dashboard("dashboard", args, with_aws())

    return json.loads(deploy(build).one(DASHBOARD).inputs["dashboardBody"])["widgets"]


def titled(found: list[Json], title: str) -> Json:
    [one] = [e["properties"] for e in found if title in e["properties"].get("title", "")]
    return one


def titles(found: list[Json]) -> list[str]:
    return [each["properties"].get("title", "") for each in found]


def entries(found: list[Json]) -> list[int]:
    return [len(each["properties"].get("metrics", [])) for each in found]


def text(found: list[Json]) -> str:
    return "\n".join(each["properties"].get("markdown", "") for each in found)


def test_a_dashboard_over_the_limits_leaves_out_apps_and_lists_them() -> None:
    apps = {f"internal-{number}": app() for number in range(300)}
    apps |= {f"shown-{number}": exposed(f"/{number}") for number in range(40)}
    found = widgets(apps, zones=tuple(f"eu-west-1{letter}" for letter in "abcdef"))
    assert sum(entries(found)) <= MAX_METRICS
    assert max(entries(found)) <= MAX_METRICS_PER_WIDGET
    assert len(found) <= MAX_WIDGETS
    assert sum(entries(found)) > MAX_METRICS * 0.85, "more apps would fit"
    restarts = titled(found, "container restarts by app")["metrics"]
    shown = {entry[-1]["label"] for entry in restarts}
    assert {f"shown-{number}" for number in range(40)} <= shown, "exposed apps are shown first"
    left_out = [name for name in apps if name not in shown]
    assert found[0]["properties"]["markdown"] == (
        f"**Apps that are not on this dashboard**: {', '.join(left_out)}. CloudWatch allows 2,500 "
        "metrics per dashboard. The alarms of these apps are shown."
    )


def test_all_apps_are_shown_if_they_fit() -> None:
    found = widgets({f"app-{number}": exposed(f"/{number}") for number in range(20)})
    assert "not on this dashboard" not in text(found)
    assert len(titled(found, "container restarts by app")["metrics"]) == 20


def test_alarms_are_at_the_top_with_at_most_100_per_widget() -> None:
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{}".format
    alarms = {
        "composites": {each: arn(each) for each in ("impact", "redundancy")},
        "alarms": {f"a{number}": arn(number) for number in range(130)},
    }
    found = widgets({"web": exposed()}, alarms)
    states = [each["properties"]["alarms"] for each in found if each["type"] == "alarm"]
    assert states[0] == [arn("impact"), arn("redundancy")]
    assert [len(each) for each in states[1:]] == [100, 30]
    assert [each["type"] for each in found[:4]] == ["text", "alarm", "alarm", "alarm"]


def test_without_alarms_there_is_no_alarm_widget() -> None:
    assert "alarm" not in {each["type"] for each in widgets({"web": exposed()})}


def limits_of(found: list[Json], title: str) -> dict[str, float]:
    """Returns the values of the horizontal annotations of a graph, by label."""
    limits = titled(found, title)["annotations"]["horizontal"]
    return {each["label"]: each["value"] for each in limits}


def test_objectives_are_annotations_of_the_graphs() -> None:
    objective = {"path": "/", "objective": {"errorPercent": 0.5, "p99Milliseconds": 250}}
    found = widgets({"web": app(expose=objective)})
    assert limits_of(found, "web: 5xx responses in percent of requests") == {
        "objective: at most 0.5%": 0.5
    }
    assert limits_of(found, "web: response time") == {"objective: p99 at most 0.25s": 0.25}


def test_healthy_pods_are_compared_with_needed_and_expected_pods() -> None:
    assert limits_of(widgets({"web": exposed()}), "web: healthy pods by zone") == {
        "needed in all zones together: 4": 4,
        "expected in each zone: at least 2": 2,
    }
    one = exposed(replicas={"needed": 1, "max": 6})
    assert limits_of(widgets({"web": one}), "web: healthy pods by zone") == {
        "needed in all zones together: 1": 1
    }, "two pods cannot be in each of three zones"


def test_pause_pods_are_compared_with_the_headroom_of_each_zone() -> None:
    found = widgets({"web": exposed(), "cache": app()})
    assert limits_of(found, "headroom: ready pause pods by zone") == {"minimum in each zone: 5": 5}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"headroom": Headroom(mode="capacityBuffer")},
            "**headroom: capacity buffers**\n\nThe Cluster Autoscaler holds headroom with "
            "CapacityBuffers. They have no pods and no metrics. Their state: `kubectl -n headroom "
            "get capacitybuffers`. Nodes that are starting for them: graph *nodes: desired but not "
            "in service*.",
        ),
        (
            {"headroom_pods": HeadroomPods(pods={}, max_pods={}, system_requests=NONE)},
            "**headroom: none**\n\nThe setting `ha-eks:headroom` of the stack file reserves no "
            "capacity.",
        ),
    ],
)
def test_without_pause_pods_a_text_explains_the_headroom(changes: Json, expected: str) -> None:
    found = widgets({"web": exposed()}, **changes)
    texts = [each["properties"].get("markdown", "") for each in found]
    assert [each for each in texts if each.startswith("**headroom")] == [expected]
    assert not [each for each in titles(found) if "pause pods by zone" in each]


def test_apps_that_cannot_scale_are_not_compared_with_their_maximum() -> None:
    stateful = app(replicas={"needed": 1, "min": 1, "max": 1})
    found = titled(widgets({"web": exposed(), "stateful": stateful}), "replicas.max")["metrics"]
    assert {entry[-1]["label"] for entry in found} == {"web"}
    fixed = exposed(replicas={"needed": 1, "min": 1, "max": 1})
    assert not any("replicas.max" in each for each in titles(widgets({"web": fixed})))


def test_a_single_nat_gateway_has_the_neutral_color_of_all_zones() -> None:
    found = titled(widgets({"web": exposed()}, nat_gateways={ZONES[0]: "nat-1"}), "NAT")
    assert [entry[-1]["label"] for entry in found["metrics"]] == ["spanning"]
    assert not any("NAT" in each for each in titles(widgets({"web": exposed()}, nat_gateways={})))


def test_health_check_metrics_are_read_from_us_east_1() -> None:
    found = titled(widgets({"web": exposed()}, health_checks={"web": "check-1"}), "Route 53")
    assert found["region"] == "us-east-1"


def test_apps_without_collected_logs_are_not_queried() -> None:
    quiet = exposed(logs={"collected": False})
    assert "app errors" not in titles(widgets({"web": quiet}))
    [shown] = [
        each["properties"]["query"]
        for each in widgets({"web": exposed(), "quiet": app(logs={"collected": False})})
        if each["properties"].get("title") == "app errors"
    ]
    assert '["web"]' in shown


def saved(apps: Mapping[str, App]) -> dict[str, Json]:
    found = deploy(
        lambda: Dashboard("dashboard", DashboardArgs(sources=metric_sources(apps)), with_aws())
    ).of_type(QUERY)
    return {each.inputs["name"]: each.inputs for each in found}


def test_queries_are_saved_in_the_folder_of_the_cell_with_their_log_group() -> None:
    found = saved({"web": exposed()})
    assert all(name.startswith("prod/") for name in found)
    assert found["prod/ready pods by zone"]["logGroupNames"] == ["performance"]
    assert "eu-west-1[a-z]" in found["prod/ready pods by zone"]["queryString"]
    assert found["prod/nodes out of memory"]["logGroupNames"] == ["host"]
    assert found["prod/pod deletions and evictions"]["logGroupNames"] == ["control-plane"]


def test_without_collected_logs_there_is_no_query_for_app_errors() -> None:
    quiet = {"web": exposed(logs={"collected": False})}
    assert set(saved({"web": exposed()})) - set(saved(quiet)) == {"prod/app errors"}
