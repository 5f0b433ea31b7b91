"""Checks of a running cell that is well, or that has nothing to check."""

import dataclasses

import pytest

from settings.workload.route import Route
from tests.conftest import recording_of
from tests.live.cells import settings_of
from tests.settings.stack_files import TRAFFIC, WEB, Change
from tests.tools.deploy.check.cell import BALANCER, Cell, Json
from tools.deploy.check.__main__ import CHECKS
from tools.deploy.check.alarms import alarms
from tools.deploy.check.credentials import credentials
from tools.deploy.check.network_policy import network_policies
from tools.deploy.check.pods import system_pods
from tools.deploy.check.result import Result, not_ok, ok, skipped
from tools.deploy.check.scaling import headroom
from tools.deploy.check.targets import targets
from tools.deploy.check.traffic import dns, path_to, requests
from tools.recording import Recording


@pytest.mark.parametrize("title", CHECKS)
def test_a_cell_as_recorded_is_well(recording: Recording, title: str) -> None:
    results = Cell(recording).check(CHECKS[title])
    assert results, "the check prints no line"
    assert [each for each in results if each.outcome == "NOT OK"] == []


def test_metrics_that_exist_only_with_requests_or_errors_may_have_no_data() -> None:
    cell = Cell(recording_of("prod"))
    [_, data] = cell.check(alarms)
    every = int(data.figures.split()[0])
    cell.silent = {"HTTPCode_Target_5XX_Count", "TargetResponseTime", "AutoscalerUnschedulable"}
    cell.silent.add("FailedOver")
    assert cell.check(alarms) == [
        ok(f"{len(cell.alarms)} alarms in us-east-1", "none is missing, none is in alarm"),
        ok("data in us-east-1", f"{every - 5} of {every} metrics in the last 25 minutes"),
        ok(
            "no data, as expected",
            "AutoscalerUnschedulable (only with errors), FailedOver (only with a failover), "
            "HTTPCode_Target_5XX_Count (only with errors), TargetResponseTime (only with requests)",
        ),
    ]


def test_a_cell_without_a_domain_says_so_and_is_requested_over_http() -> None:
    cell = Cell(recording_of("dev"))
    reason = "the stack file has no ha-eks:traffic, so no domain"
    assert cell.check(dns) == [skipped("record", reason)]
    assert cell.check(requests) == [ok("app web", f"http://{BALANCER}/readyz answers 200")]
    assert cell.requests == [(BALANCER, "/readyz", None)]


def test_requests_go_to_the_load_balancer_of_the_cell_for_its_domain() -> None:
    cell = Cell(recording_of("prod"))
    cell.check(requests)
    assert cell.requests == [(BALANCER, "/readyz", "app.example.com")]


def test_a_secondary_cell_does_not_answer_for_the_domain() -> None:
    cell = Cell(recording_of("prod-standby"))
    cell.hosts["app.example.com"] = frozenset({"198.51.100.1"})
    found = "resolves to another cell, as its policy allows: 198.51.100.1"
    assert ok("app.example.com", found) in cell.check(dns)


def test_a_drained_primary_cell_does_not_answer_for_the_domain() -> None:
    cell = Cell(with_settings(((TRAFFIC, "drained"), True)))
    cell.hosts["app.example.com"] = frozenset({"198.51.100.1"})
    found = "resolves to another cell, as its policy allows: 198.51.100.1"
    assert ok("app.example.com", found) in cell.check(dns)


def with_settings(*changes: Change) -> Recording:
    """Returns the recording of prod with other settings, for checks that read only them."""
    return dataclasses.replace(recording_of("prod"), settings=settings_of(*changes))


NOTHING_TO_CHECK: list[tuple[str, Change, Result]] = [
    (
        "headroom", (("ha-eks:headroom",), {"size": "none"}),
        skipped("headroom", "the stack file reserves none"),
    ),
    (
        "zonal shift", (("ha-eks:cluster", "zonalShift"), False),
        skipped("cluster", "cluster.zonalShift is false"),
    ),
    (
        "subscribers", (("ha-eks:observability",), {}),
        skipped(
            "subscribers",
            "the stack file has none, so that alarms are only on the dashboard",
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("title", "change", "line"), NOTHING_TO_CHECK)
def test_a_line_is_skipped_if_the_stack_file_has_nothing_to_check(
    title: str, change: Change, line: Result
) -> None:
    assert line in Cell(with_settings(change)).check(CHECKS[title])


def test_network_policies_are_skipped_if_the_stack_file_switches_them_off() -> None:
    recording = recording_of("prod")
    resources = [
        dataclasses.replace(each, inputs={**each.inputs, "configurationValues": "{}"})
        if each.inputs.get("addonName") == "vpc-cni"
        else each
        for each in recording.resources
    ]
    cell = Cell(dataclasses.replace(recording, resources=tuple(resources)))
    reason = "cluster.addOns.vpc-cni switches them off"
    assert cell.check(network_policies) == [skipped("network policies", reason)]


def buffer(name: str, zone: str, *conditions: tuple[str, str]) -> Json:
    return {
        "metadata": {
            "labels": {"ha-eks/headroom-for": name, "ha-eks/headroom-in": zone},
        },
        "status": {
            "conditions": [
                {"type": type_, "status": status, "message": "quota"}
                for type_, status in conditions
            ]
        },
    }


READY = (("ReadyForProvisioning", "True"), ("Provisioning", "True"))


def test_capacity_buffers_hold_headroom_while_the_autoscaler_provisions_them() -> None:
    cell = Cell(with_settings((("ha-eks:headroom",), {"mode": "capacityBuffer"})))
    cell.objects["capacitybuffers.autoscaling.x-k8s.io"] = [
        buffer("web", "us-east-1a", *READY),
        buffer("web", "us-east-1b", ("ReadyForProvisioning", "True"), ("Provisioning", "False")),
        buffer("web", "us-east-1c"),
        *(buffer(name, zone, *READY) for name in ("cache", "system") for zone in cell.zones),
    ]
    found = (
        "us-east-1b: not Provisioning (quota); us-east-1c: not ReadyForProvisioning "
        "(no such condition)"
    )
    remedy = (
        "new nodes take up to 10 minutes; then kubectl -n headroom describe capacitybuffers "
        "(docs/alarms.md#headroom-is-used-up)"
    )
    assert cell.check(headroom) == [
        not_ok("headroom of web", found, remedy),
        ok("headroom of cache", "1 pod in each of 3 zones"),
        ok("headroom of system", "1 pod in each of 3 zones"),
    ]


def test_pods_that_have_ended_or_terminate_do_not_matter() -> None:
    cell = Cell(recording_of("prod"))
    for name, phase in (("done", "Succeeded"), ("evicted", "Failed"), ("old", "Running")):
        pod = cell.add_pod("kube-system", name, "aws-node")
        pod["status"] = {"phase": phase}
        if name == "old":
            pod["metadata"]["deletionTimestamp"] = "2026-11-28T00:00:00Z"
    assert cell.check(system_pods) == [ok("Deployments and DaemonSets", "8 ready")]
    assert ok("aws-node", "1 pod with credentials") in cell.check(credentials)


@pytest.mark.parametrize(
    ("health", "exposed", "requested"),
    [
        ("/readyz", "/", ("/readyz", 400)),
        ("/api/readyz", "/api", ("/api/readyz", 400)),
        ("/api", "/api", ("/api", 400)),
        ("/readyz", "/api", ("/api", 500)),
        ("/apiary", "/api", ("/api", 500)),
        ("/api/readyz", "/api!", ("/api", 500)),
        ("/api", "/api!", ("/api", 400)),
    ],
)
def test_a_request_reaches_the_app_itself(
    health: str, exposed: str, requested: tuple[str, int]
) -> None:
    """An exclamation mark stands for an exact path."""
    route = {"path": exposed.removesuffix("!"), "exact": exposed.endswith("!")}
    assert path_to(health, Route.model_validate(route)) == requested


ROUTES: Change = (
    (*WEB, "expose"),
    {"routes": [{"host": "*.app.example.com"}, {"host": "www.app.example.com"}]},
)


def test_every_host_has_a_record_and_resolves() -> None:
    cell = Cell(with_settings(ROUTES))
    hosts = ("app.example.com", "*.app.example.com", "www.app.example.com")
    found = cell.check(dns)
    assert found[:3] == [ok("record", f"{host} leads to the load balancer") for host in hosts]
    assert [each.subject for each in found[3:]] == ["app.example.com", "www.app.example.com"]


def test_a_host_without_a_record_is_reported() -> None:
    cell = Cell(with_settings(ROUTES))
    cell.records.remove("*.app.example.com")
    del cell.hosts["www.app.example.com"]
    text = "*.app.example.com has no record of this cell in zone Z0123456789ABCDEFGHIJ"
    assert not_ok("record", text, "run make up STACK=prod") in cell.check(dns)
    unknown = "www.app.example.com does not resolve"
    assert unknown in [f"{each.subject} {each.figures}" for each in cell.check(dns)]


def test_the_first_route_of_an_app_is_requested() -> None:
    cell = Cell(with_settings(ROUTES))
    assert cell.check(requests) == [ok("app web", "https://any.app.example.com/readyz answers 200")]
    assert cell.requests == [(BALANCER, "/readyz", "any.app.example.com")]


def test_an_app_with_source_ranges_may_refuse_this_network() -> None:
    cell = Cell(with_settings(((*WEB, "expose", "sourceRanges"), ["203.0.113.0/24"])))
    cell.statuses["/readyz"] = 403
    url = "https://app.example.com/readyz"
    reason = f"{url} answers 403: your network is not in expose.sourceRanges"
    assert cell.check(requests) == [skipped("app web", reason)]
    cell = Cell(recording_of("prod"))
    cell.statuses["/readyz"] = 403
    assert [each.outcome for each in cell.check(requests)] == ["NOT OK"]


@pytest.mark.parametrize("state", ["draining", "unhealthy.draining"])
def test_targets_of_terminating_pods_do_not_matter(state: str) -> None:
    cell = Cell(recording_of("prod"))
    request = ("elbv2", "describe-target-health")
    found = cell.ask(*request, "--target-group-arn", "lb-web")
    draining = {**found["TargetHealthDescriptions"][0], "TargetHealth": {"State": state}}
    found["TargetHealthDescriptions"].append(draining)
    cell.changed[" ".join(request)] = found
    figures = "6 healthy, minimum 6; us-east-1a=2, us-east-1b=2, us-east-1c=2"
    assert cell.check(targets) == [ok("app web", figures)]


def test_a_grpc_app_is_not_requested() -> None:
    cell = Cell(with_settings(((*WEB, "expose"), {"protocol": "grpc"})))
    assert cell.check(requests) == [skipped("app web", "this command sends no gRPC requests")]
    assert cell.requests == []


def test_an_internal_load_balancer_is_not_requested() -> None:
    names = {"domain": "app.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ"}
    traffic = {"policy": "latency", "internal": names}
    cell = Cell(with_settings(((*WEB, "expose", "internal"), True), ((TRAFFIC,), traffic)))
    for each in cell.state:
        if each["type"] == "aws:lb/loadBalancer:LoadBalancer":
            each["urn"] = each["urn"].replace("::lb", "::ilb")
    reason = "only the VPC and connected networks reach an internal load balancer"
    assert cell.check(requests) == [skipped("app web (internal)", reason)]
    assert cell.check(dns) == [
        ok("record", "app.example.com leads to the internal load balancer"),
        skipped("app.example.com", reason),
    ]


def test_a_host_without_https_is_not_requested() -> None:
    cell = Cell(with_settings(ROUTES, ((TRAFFIC,), {})))
    reason = "this command requests hosts over HTTPS only"
    assert cell.check(requests) == [skipped("app web", reason)]


def test_gates_of_no_pod_are_not_reported_as_open() -> None:
    cell = Cell(recording_of("prod"))
    cell.objects["pods"] = [e for e in cell.objects["pods"] if e["metadata"]["namespace"] != "web"]
    assert [each.subject for each in cell.check(CHECKS["pods"])] == ["app web", "app cache"]


def test_a_cron_job_has_no_pod_between_two_jobs() -> None:
    cell = Cell(recording_of("wide"))
    names = [*cell.recording.settings.cron_jobs]
    assert names
    idle = [each for each in cell.check(credentials) if each.figures == "no job runs now"]
    assert {each.subject for each in idle} == {*names}
    idle = [each for each in cell.check(network_policies) if each.figures == "no job runs now"]
    assert {each.subject for each in idle} == {f"policy {name}/{name}" for name in names}
