"""A cell whose only public app is a gRPC server: Route 53, which sends no gRPC requests, reads the
metric of its alarm."""

from pathlib import Path

import pytest
import yaml

from tests.shared_recordings import recorded_config
from tests.stacks.resources import inputs_of
from tools.preview.load_balancer import dns_line
from tools.recording import Recording
from tools.recording.record import ROOT

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CHECK = "aws:route53/healthCheck:HealthCheck"


@pytest.fixture(scope="module")
def grpc() -> Recording:
    """Returns the recording of the minimal stack with gRPC, a domain and a secondary cell."""
    file = Path(ROOT, "examples", "Pulumi.minimal.yaml")
    config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    web = config["ha-eks:apps"]["web"]
    web["probes"] = {"readiness": {"grpc": ""}}
    web["expose"] = {"protocol": "grpc", "keepAliveSeconds": 75}
    config["ha-eks:traffic"] = {
        "domain": "api.example.org", "hostedZoneId": "Z0123456789", "policy": "failover",
        "role": "primary",
    }  # fmt: skip
    return recorded_config("grpc", config)


def test_route_53_reads_the_alarm_on_healthy_pods(grpc: Recording) -> None:
    checks = {each.name: inputs_of(each) for each in grpc.of_type(CHECK)}
    assert [each["type"] for each in checks.values()].count("HTTPS") == 0
    check = checks["traffic"]
    assert check["type"] == "CLOUDWATCH_METRIC"
    assert check["cloudwatchAlarmName"] == "grpc/app/web/hosts"
    assert check["cloudwatchAlarmRegion"] == "us-east-1"
    assert check["insufficientDataHealthStatus"] == "Unhealthy", "no target publishes no metric"
    [alarm] = [each for each in grpc.of_type(ALARM) if each.inputs["name"] == "grpc/app/web/hosts"]
    [of_alarm] = [each for each in grpc.of_type(CHECK) if each.name == "traffic"]
    assert alarm.urn in grpc.before(of_alarm)


def test_no_second_alarm_reports_the_health_check(grpc: Recording) -> None:
    names = {str(each.inputs["name"]) for each in grpc.of_type(ALARM)}
    assert "grpc/health/web" not in names
    assert "grpc/failover/web" in names, "the latch of the failback reads the health check"


def test_preview_names_the_alarm(grpc: Recording) -> None:
    assert dns_line(grpc.settings) == (
        "traffic: api.example.org (Route 53 fails over on the metric of alarm app/web/hosts after "
        "3 minutes), failover routing, primary"
    )
