import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.nodes import ScalingGroup
from components.nodes.size import Size
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard.dashboard import METRICS, OF_WIDGET, WIDGETS
from components.observability.metric_sources import MetricSources
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


def app(**given: Any) -> App:
    defaults = {
        "image": "registry.example.com/app:1",
        "port": 8080,
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "replicas": {"needed": 4, "max": 18},
    }
    return App.model_validate({**defaults, **given})


def exposed(path: str = "/", **given: Any) -> App:
    return app(expose={"path": path}, **given)


def metric_sources(
    apps: Mapping[str, App], zones: tuple[str, ...] = ZONES, **given: Any
) -> MetricSources:
    defaults: Json = {
        "cell": "prod",
        "region": "eu-west-1",
        "apps": apps,
        "pools": {"general": POOL},
        "zones": zones,
        "claimed": len(zones),
        "headroom": Headroom(),
        "headroom_pods": HeadroomPods(
            pods={**dict.fromkeys(apps, 2), SYSTEM: 1},
            max_pods={},
            system=Resources(cpu=360, memory=798, pods=1),
        ),
        "load_balancer": "app/lb/1",
        "target_groups": {n: f"targetgroup/{n}/1" for n, each in apps.items() if each.expose},
        "scaling_groups": {
            ("general", zone): ScalingGroup(
                name=pulumi.Output.from_input(f"eks-{zone}"), size=Size(min=2, max=8, initial=2)
            )
            for zone in zones
        },
        "nat_gateways": {zone: f"nat-{zone}" for zone in zones},
        "log_groups": {
            kind: kind for kind in ("application", "host", "performance", "control-plane")
        },
        "health_checks": {},
    }
    return MetricSources(**{**defaults, **given})


def widgets(apps: Mapping[str, App], alarms: Json | None = None, **given: Any) -> list[Json]:
    def build() -> None:
        args = DashboardArgs(metric_sources=metric_sources(apps, **given), **(alarms or {}))
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


def test_a_dashboard_that_would_be_too_full_leaves_out_apps_and_says_which() -> None:
    apps = {f"own-{number}": app() for number in range(300)}
    apps |= {f"shown-{number}": exposed(f"/{number}") for number in range(40)}
    found = widgets(apps, zones=tuple(f"eu-west-1{letter}" for letter in "abcdef"))
    assert sum(entries(found)) <= METRICS
    assert max(entries(found)) <= OF_WIDGET
    assert len(found) <= WIDGETS
    assert sum(entries(found)) > METRICS * 0.85, "there is room for more"
    named = titled(found, "containers that were started anew")["metrics"]
    shown = {entry[-1]["label"] for entry in named}
    assert {f"shown-{number}" for number in range(40)} <= shown, "those that users meet come first"
    left_out = text(found).split(": ")[1].split(".")[0].split(", ")
    assert sorted([*shown, *left_out]) == sorted(apps)


def test_all_apps_are_shown_where_they_fit() -> None:
    found = widgets({f"app-{number}": exposed(f"/{number}") for number in range(20)})
    assert "Not on this dashboard" not in text(found)
    assert len(titled(found, "started anew")["metrics"]) == 20


def test_alarms_stand_above_all_a_hundred_in_a_widget() -> None:
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


def test_without_alarms_there_is_no_empty_widget_of_them() -> None:
    assert "alarm" not in {each["type"] for each in widgets({"web": exposed()})}


def test_what_users_are_promised_is_a_line_on_the_graph() -> None:
    promised = {"path": "/", "objective": {"errorPercent": 0.5, "p99Milliseconds": 250}}
    found = widgets({"web": app(expose=promised)})
    for title, value in {"5xx in percent": 0.5, "seconds until": 0.25}.items():
        [limit] = titled(found, title)["annotations"]["horizontal"]
        assert limit["value"] == value


def test_healthy_pods_are_held_against_what_is_needed_and_claimed() -> None:
    limits = titled(widgets({"web": exposed()}), "healthy pods")["annotations"]["horizontal"]
    assert [each["value"] for each in limits] == [4, 2]
    one = exposed(replicas={"needed": 1, "max": 6})
    limits = titled(widgets({"web": one}), "healthy pods")["annotations"]["horizontal"]
    assert [each["value"] for each in limits] == [1], "two pods are not in each of three zones"


def test_headroom_is_held_against_what_each_zone_holds() -> None:
    found = widgets({"web": exposed(), "cache": app()})
    [limit] = titled(found, "headroom: ready")["annotations"]["horizontal"]
    assert limit["value"] == 2 + 2 + 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"headroom": Headroom(mode="capacityBuffer")}, "capacitybuffers"),
        ({"headroom_pods": HeadroomPods(pods={}, max_pods={}, system=NONE)}, "None is held"),
    ],
)
def test_where_no_pods_hold_room_words_say_what_does(given: Json, says: str) -> None:
    found = widgets({"web": exposed()}, **given)
    assert says in text(found)
    assert "headroom: pending pods by zone" not in titles(found)


def test_an_app_whose_pods_cannot_become_more_is_not_always_at_its_maximum() -> None:
    kept = app(replicas={"needed": 1, "min": 1, "max": 1}, volume={"path": "/data", "size": "1Gi"})
    found = titled(widgets({"web": exposed(), "kept": kept}), "replicas.max")["metrics"]
    assert {entry[-1]["label"] for entry in found} == {"web"}
    fixed = exposed(replicas={"needed": 1, "min": 1, "max": 1})
    assert not any("replicas.max" in each for each in titles(widgets({"web": fixed})))


def test_one_gateway_for_all_zones_is_of_no_zone() -> None:
    found = titled(widgets({"web": exposed()}, nat_gateways={ZONES[0]: "nat-1"}), "NAT")
    assert [entry[-1]["label"] for entry in found["metrics"]] == ["spanning"]
    assert not any("NAT" in each for each in titles(widgets({"web": exposed()}, nat_gateways={})))


def test_route_53_is_asked_in_its_own_region() -> None:
    found = titled(widgets({"web": exposed()}, health_checks={"web": "check-1"}), "Route 53")
    assert found["region"] == "us-east-1"


def test_logs_that_are_not_kept_are_not_asked_for() -> None:
    quiet = exposed(logs={"collected": False})
    assert "errors of apps" not in titles(widgets({"web": quiet}))
    [shown] = [
        each["properties"]["query"]
        for each in widgets({"web": exposed(), "quiet": app(logs={"collected": False})})
        if each["properties"].get("title") == "errors of apps"
    ]
    assert '["web"]' in shown


def saved(apps: Mapping[str, App]) -> dict[str, Json]:
    found = deploy(
        lambda: Dashboard(
            "dashboard", DashboardArgs(metric_sources=metric_sources(apps)), with_aws()
        )
    ).of_type(QUERY)
    return {each.inputs["name"]: each.inputs for each in found}


def test_queries_are_saved_in_the_cell_s_folder_with_their_log_group() -> None:
    found = saved({"web": exposed()})
    assert all(name.startswith("prod/") for name in found)
    assert found["prod/ready pods by zone"]["logGroupNames"] == ["performance"]
    assert "eu-west-1[a-z]" in found["prod/ready pods by zone"]["queryString"]
    assert found["prod/nodes out of memory"]["logGroupNames"] == ["host"]
    assert found["prod/who moved pods"]["logGroupNames"] == ["control-plane"]


def test_no_query_asks_for_logs_of_nobody() -> None:
    quiet = {"web": exposed(logs={"collected": False})}
    assert set(saved({"web": exposed()})) - set(saved(quiet)) == {"prod/errors of apps"}
