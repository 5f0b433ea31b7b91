from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pulumi_aws import cloudwatch

from components.route53 import Traffic, TrafficArgs
from settings.load_balancing.load_balancing import BalancerSettings
from settings.traffic.traffic import Traffic as TrafficSettings
from settings.workload.connections import Expose
from tests.components.deploy import REGION, Deployed, context, deploy, with_aws
from tests.components.given_balancer import GivenBalancer
from tools.recording.made_up_outputs.account import Account, Inputs
from tools.recording.made_up_outputs.invokes import INVOKES

CHECK = "aws:route53/healthCheck:HealthCheck"
RECORD = "aws:route53/record:Record"

FAILOVER = {"policy": "failover", "role": "primary", "failback": "automatic"}
WEIGHTED = {"policy": "weighted", "weight": 200}
LATENCY = {"policy": "latency"}

POLICIES = {"failoverRoutingPolicies", "weightedRoutingPolicies", "latencyRoutingPolicies"}


ONE = {"web": "/readyz"}
SEVERAL = {"web": "/readyz", "api": "/api/ready", "drained": "/d/ready"}
"""Health paths by app. One app has the name of a suffix that the component uses."""


def traffic(
    changes: dict[str, Any] = LATENCY,
    target_groups: int = 1,
    health_paths: dict[str, str] = ONE,
    hosts: Sequence[str] = (),
    alarms: Mapping[str, str] = {},
    deciding: Sequence[str] = (),
    dualstack: bool = False,
) -> Deployed:
    domain = {"domain": "app.example.com"}
    if "hostedZoneId" not in changes:
        domain["hostedZoneId"] = "Z0123456789"
    settings = TrafficSettings.model_validate({**domain, **changes})
    assert settings.public
    expose = {f"app-{number}": Expose() for number in range(target_groups)}
    balancing = {"ipAddressType": "dualstack" if dualstack else "ipv4"}
    args = TrafficArgs(
        awaited_apps={},
        record_awaits_apps=True,
        traffic=settings,
        balancer=GivenBalancer(
            kind="internal" if alarms else "public",
            settings=BalancerSettings.model_validate(balancing),
            key="ha-eks:loadBalancing",
            names=settings.public,
            names_key="ha-eks:traffic",
            exposed=expose,
            served={},
            given_hosts=hosts,
            given_apps=deciding,
            given_paths=health_paths,
        ),
        names=settings.public,
        context=context(),
        dns_name="lb-1.us-east-1.elb.amazonaws.com",
        zone_id="ZELB",
        alarms={},
        vpc_id="vpc-1",
    )

    def program() -> Traffic:
        created = {app: alarm(name) for app, name in alarms.items()}
        return Traffic("traffic", replace(args, alarms=created), with_aws())

    return deploy(program)


def alarm(name: str) -> cloudwatch.MetricAlarm:
    return cloudwatch.MetricAlarm(
        name,
        name=name,
        comparison_operator="LessThanThreshold",
        evaluation_periods=3,
        threshold=4,
        dimensions={"TargetGroup": "targetgroup/web/1"},
        opts=with_aws(),
    )


def record(changes: dict[str, Any] = LATENCY, target_groups: int = 1) -> dict[str, Any]:
    return traffic(changes, target_groups).one(RECORD).inputs


def test_each_host_has_a_record_like_that_of_the_domain() -> None:
    zones = {"example.org": "ZORG", "a.example.org": "ZA"}
    hosts = ["*.example.org", "a.example.org", "example.org", "x.app.example.com"]
    records = traffic({**FAILOVER, "zones": zones}, hosts=hosts).of_type(RECORD)
    assert {each.name: (each.inputs["name"], each.inputs["zoneId"]) for each in records} == {
        "traffic": ("app.example.com", "Z0123456789"),
        "traffic-*.example.org": ("*.example.org", "ZORG"),
        "traffic-a.example.org": ("a.example.org", "ZA"),
        "traffic-example.org": ("example.org", "ZORG"),
        "traffic-x.app.example.com": ("x.app.example.com", "Z0123456789"),
    }
    rest = [{**each.inputs, "name": "", "zoneId": ""} for each in records]
    assert all(each == rest[0] for each in rest), "a host would fail over without the domain"


def test_a_dual_stack_load_balancer_has_records_of_both_types() -> None:
    records = traffic(FAILOVER, hosts=["x.app.example.com"], dualstack=True).of_type(RECORD)
    types = {each.name: each.inputs["type"] for each in records}
    assert types == {
        "traffic": "A",
        "traffic-aaaa": "AAAA",
        "traffic-x.app.example.com": "A",
        "traffic-x.app.example.com-aaaa": "AAAA",
    }
    rest = [{**each.inputs, "name": "", "type": ""} for each in records]
    assert all(each == rest[0] for each in rest), "IPv6 clients would not fail over"


def test_the_record_is_an_alias_of_the_load_balancer() -> None:
    record_inputs = record()
    assert record_inputs["zoneId"] == "Z0123456789"
    assert record_inputs["name"] == "app.example.com"
    assert record_inputs["type"] == "A"
    (alias,) = record_inputs["aliases"]
    assert alias["name"] == "lb-1.us-east-1.elb.amazonaws.com"
    assert alias["zoneId"] == "ZELB"


@pytest.mark.parametrize(
    ("changes", "policy"),
    [
        (FAILOVER, {"failoverRoutingPolicies": [{"type": "PRIMARY"}]}),
        (
            {"policy": "failover", "role": "secondary"},
            {"failoverRoutingPolicies": [{"type": "SECONDARY"}]},
        ),
        (WEIGHTED, {"weightedRoutingPolicies": [{"weight": 200}]}),
        (
            {"policy": "weighted", "weight": 0},
            {"weightedRoutingPolicies": [{"weight": 0}]},
        ),
        (LATENCY, {"latencyRoutingPolicies": [{"region": REGION}]}),
    ],
)
def test_the_record_has_one_routing_policy(changes: dict[str, Any], policy: dict[str, Any]) -> None:
    record_inputs = record(changes)
    assert {key: record_inputs[key] for key in POLICIES & set(record_inputs)} == policy


@pytest.mark.parametrize("changes", [FAILOVER, WEIGHTED, LATENCY])
def test_the_record_has_a_health_check_with_every_routing_policy(
    changes: dict[str, Any],
) -> None:
    cell = traffic(changes)
    record_inputs = cell.one(RECORD).inputs
    assert record_inputs["healthCheckId"] == cell.id_of(cell.one(CHECK, "traffic-all"))
    assert record_inputs["setIdentifier"] == "prod", (
        "cells would overwrite the record of each other"
    )


def test_the_health_check_requests_the_load_balancer_over_https() -> None:
    check = traffic().one(CHECK, "traffic").inputs
    assert check["type"] == "HTTPS"
    assert check["port"] == 443
    assert check["enableSni"] is True
    assert check["fqdn"] == "lb-1.us-east-1.elb.amazonaws.com", (
        "the failure of one cell would fail the checks of all cells"
    )
    assert check["resourcePath"] == "/readyz"


def test_a_health_check_fails_after_30_seconds() -> None:
    check = traffic().one(CHECK, "traffic").inputs
    assert check["requestInterval"] * check["failureThreshold"] == 30
    assert check["failureThreshold"] == 3, "one lost response would fail the cell over"


def test_the_health_check_is_named_after_cell_and_domain() -> None:
    assert traffic().one(CHECK, "traffic").inputs["tags"] == {"Name": "prod app.example.com"}


@pytest.mark.parametrize(("target_groups", "evaluated"), [(1, True), (2, False), (5, False)])
def test_target_health_is_evaluated_only_with_one_target_group(
    target_groups: int, evaluated: bool
) -> None:
    (alias,) = record(target_groups=target_groups)["aliases"]
    assert alias["evaluateTargetHealth"] is evaluated


@pytest.mark.parametrize("changes", [FAILOVER, WEIGHTED, LATENCY], ids=lambda each: each["policy"])
def test_a_drained_cell_is_unhealthy_even_if_its_check_passes(
    changes: dict[str, Any],
) -> None:
    cell = traffic({**changes, "drained": True})
    own, drained = cell.one(CHECK, "traffic"), cell.one(CHECK, "traffic-all")
    assert drained.inputs["type"] == "CALCULATED"
    assert drained.inputs["childHealthchecks"] == [cell.id_of(own)]
    assert drained.inputs["childHealthThreshold"] == 2, "the threshold must be unreachable"
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(drained)


def test_a_drain_changes_only_the_threshold_which_make_drain_sets_without_pulumi() -> None:
    serving, drained = (traffic({**LATENCY, "drained": value}) for value in (False, True))
    assert [each.inputs for each in serving.of_type(RECORD)] == [
        each.inputs for each in drained.of_type(RECORD)
    ]
    for one, other in zip(serving.of_type(CHECK), drained.of_type(CHECK), strict=True):
        differing = {key for key in one.inputs if one.inputs[key] != other.inputs[key]}
        assert differing == ({"childHealthThreshold"} if one.name == "traffic-all" else set())


@pytest.mark.parametrize(("drained", "threshold"), [(False, 2), (True, 3)])
def test_a_primary_cell_that_waits_for_a_person_is_unhealthy_while_its_latch_is_set(
    drained: bool, threshold: int
) -> None:
    cell = traffic({"policy": "failover", "role": "primary", "drained": drained})
    own, latch = cell.one(CHECK, "traffic"), cell.one(CHECK, "traffic-latch")
    deciding = cell.one(CHECK, "traffic-all")
    assert deciding.inputs["childHealthchecks"] == [cell.id_of(own), cell.id_of(latch)]
    assert deciding.inputs["childHealthThreshold"] == threshold
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(deciding)


@pytest.mark.parametrize(
    "changes", [FAILOVER, {"policy": "failover", "role": "secondary"}, WEIGHTED, LATENCY]
)
def test_other_cells_have_no_latch(changes: dict[str, Any]) -> None:
    assert {each.name for each in traffic(changes).of_type(CHECK)} == {"traffic", "traffic-all"}


def test_each_app_that_decides_on_health_has_a_check_of_its_path() -> None:
    cell = traffic(health_paths=SEVERAL)
    for app, path in SEVERAL.items():
        check = cell.one(CHECK, f"traffic-app-{app}").inputs
        assert (check["type"], check["port"], check["enableSni"]) == ("HTTPS", 443, True)
        assert check["fqdn"] == "lb-1.us-east-1.elb.amazonaws.com"
        assert check["resourcePath"] == path
        assert check["requestInterval"] * check["failureThreshold"] == 30
        assert check["tags"] == {"Name": f"prod app.example.com {app}"}, (
            "the console would show checks with one name"
        )


def test_the_cell_is_healthy_while_all_apps_that_decide_on_health_are() -> None:
    cell = traffic(health_paths=SEVERAL)
    both = cell.one(CHECK, "traffic-all")
    own = [cell.id_of(cell.one(CHECK, f"traffic-app-{app}")) for app in SEVERAL]
    assert both.inputs["type"] == "CALCULATED"
    assert both.inputs["childHealthchecks"] == own
    assert both.inputs["childHealthThreshold"] == len(SEVERAL)
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(both)
    assert len(cell.of_type(CHECK)) == len(SEVERAL) + 1, "each health check has a price"


def test_a_single_app_decides_on_the_health_of_the_cell() -> None:
    cell = traffic(health_paths={"api": "/api/ready"})
    own, all_ = cell.one(CHECK, "traffic"), cell.one(CHECK, "traffic-all").inputs
    assert own.inputs["resourcePath"] == "/api/ready"
    assert (all_["childHealthchecks"], all_["childHealthThreshold"]) == ([cell.id_of(own)], 1)


def test_a_drained_cell_with_several_apps_is_unhealthy() -> None:
    cell = traffic({**LATENCY, "drained": True}, health_paths=SEVERAL)
    drained = cell.one(CHECK, "traffic-all")
    children = drained.inputs["childHealthchecks"]
    assert children == [cell.id_of(cell.one(CHECK, f"traffic-app-{app}")) for app in SEVERAL]
    assert drained.inputs["childHealthThreshold"] == len(children) + 1
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(drained)
    kinds = [each.inputs["type"] for each in cell.of_type(CHECK)]
    assert kinds.count("CALCULATED") == 1, "another calculated check would cost and decide nothing"


def test_the_name_of_a_health_check_fits_into_a_tag() -> None:
    domain = f"{'a.' * 120}example.com"
    checks = traffic({**LATENCY, "domain": domain}, health_paths=SEVERAL).of_type(CHECK)
    assert len(checks) == len(SEVERAL) + 1
    for check in checks:
        name = check.inputs["tags"]["Name"]
        assert name.startswith("prod a.a.")
        assert len(name) <= 256, "AWS refuses the tag, and the cell has no record"


ZONE = "aws:route53/zone:Zone"
ALARMS = {"web": "prod/app/web/hosts"}
INTERNAL: dict[str, Any] = {"health_paths": {}, "alarms": ALARMS, "deciding": ["web"]}


def test_route_53_reads_the_metric_of_an_alarm_if_the_load_balancer_is_internal() -> None:
    assert traffic(**INTERNAL).one(CHECK, "traffic").inputs == {
        "type": "CLOUDWATCH_METRIC",
        "cloudwatchAlarmName": "prod/app/web/hosts",
        "cloudwatchAlarmRegion": REGION,
        "insufficientDataHealthStatus": "Unhealthy",
        "triggers": {"threshold": "4", "TargetGroup": "targetgroup/web/1"},
        "tags": {"Name": "prod app.example.com"},
    }


def test_an_internal_cell_can_be_drained() -> None:
    both: dict[str, Any] = {
        "alarms": {**ALARMS, "api": "prod/app/api/hosts"},
        "deciding": ["web", "api"],
    }
    checks = traffic({**LATENCY, "drained": True}, health_paths={}, **both).of_type(CHECK)
    assert {each.inputs["type"] for each in checks} == {"CLOUDWATCH_METRIC", "CALCULATED"}
    [drained] = [each for each in checks if each.inputs["type"] == "CALCULATED"]
    assert drained.inputs["childHealthThreshold"] == 3


def test_without_a_hosted_zone_a_private_one_is_created() -> None:
    hosts = ["x.app.example.com", "x.example.org"]
    new = {**FAILOVER, "hostedZoneId": None, "zones": {"example.org": "ZORG"}}
    made = traffic(new, hosts=hosts, **INTERNAL)
    zone = made.one(ZONE)
    assert zone.inputs["name"] == "app.example.com"
    assert zone.inputs["vpcs"] == [{"vpcId": "vpc-1", "vpcRegion": REGION}]
    zones = {each.inputs["name"]: each.inputs["zoneId"] for each in made.of_type(RECORD)}
    own = made.id_of(zone)
    assert zones == {"app.example.com": own, "x.app.example.com": own, "x.example.org": "ZORG"}


def test_an_existing_hosted_zone_creates_none() -> None:
    assert traffic(**INTERNAL).of_type(ZONE) == []


def test_a_public_hosted_zone_is_refused_for_an_internal_load_balancer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public: dict[str, object] = {"id": "Z0123456789", "privateZone": False}

    def look_up(account: Account, args: Inputs) -> dict[str, object]:
        return public

    monkeypatch.setitem(INVOKES, "aws:route53/getZone:getZone", look_up)
    with pytest.raises(pulumi.RunError, match=r"Z0123456789 is public.* in hostedZoneId or zones"):
        traffic(**INTERNAL)
    traffic()
