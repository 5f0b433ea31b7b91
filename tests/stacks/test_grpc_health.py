"""A cell whose only public app is a gRPC server: Route 53, which sends no gRPC requests, reads the
metric of its alarm."""

import pytest

from tests.shared_recordings import recorded
from tests.stacks.resources import inputs_of
from tools.preview.load_balancer import dns_line
from tools.recording import Recording
from tools.recording.record import ROOT

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CHECK = "aws:route53/healthCheck:HealthCheck"


@pytest.fixture
def grpc() -> Recording:
    return recorded("grpc", ROOT / "examples")


@pytest.mark.parametrize(
    ("name", "alarm"),
    [("traffic", "grpc/app/quotes/hosts"), ("internal-traffic", "grpc/app/admin/hosts-internal")],
)
def test_route_53_reads_the_alarm_on_healthy_pods(grpc: Recording, name: str, alarm: str) -> None:
    [check] = [each for each in grpc.of_type(CHECK) if each.name == name]
    inputs = inputs_of(check)
    assert inputs["type"] == "CLOUDWATCH_METRIC"
    assert (inputs["cloudwatchAlarmName"], inputs["cloudwatchAlarmRegion"]) == (alarm, "us-east-1")
    assert inputs["insufficientDataHealthStatus"] == "Unhealthy", "no target publishes no metric"
    [read] = [each for each in grpc.of_type(ALARM) if each.inputs["name"] == alarm]
    assert read.urn in grpc.before(check)


def test_no_second_alarm_reports_the_health_check(grpc: Recording) -> None:
    names = {str(each.inputs["name"]) for each in grpc.of_type(ALARM)}
    assert [name for name in names if name.startswith("grpc/health/")] == []


def test_preview_names_the_alarm_of_each_load_balancer(grpc: Recording) -> None:
    assert dns_line(grpc.settings) == (
        "traffic: api.example.com (Route 53 fails over on the metric of alarm app/quotes/hosts "
        "after 3 minutes), corp.example.com, admin.corp.example.com in the new private hosted zone "
        "(Route 53 fails over on the metric of alarm app/admin/hosts-internal after 3 minutes), "
        "weighted routing, weight 100"
    )
