"""Commands of the fleet against moto, which plays Route 53 and CloudWatch.

botocore sends the requests that the AWS CLI would send for the same arguments. Composite alarms are
answered here, because moto does not evaluate them.
"""

import json
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import xform_name
from botocore.model import ListShape, StructureShape

from tests.live.cells import settings_of
from tests.tools.deploy.check.aws_shapes import members_by_option, operation_of
from tools.deploy.drained import drained_problems, health_checks
from tools.deploy.remedies.drain import set_drained
from tools.drills.aws.local_aws import LocalAws, local_aws
from tools.fleet.health import health_of
from tools.fleet.latch import latches_of, recent_failures, reset_latches, set_latches

SETTINGS = settings_of()
LATCH, WEB = "prod/failed-over", "prod/failover/web"
COMPOSITE = [
    {"AlarmName": f"prod/{name}", "StateValue": "OK", "StateReason": "why"}
    for name in ("impact", "redundancy")
]


class Account:
    """An account in moto with the records of a primary cell."""

    def __init__(self, aws: LocalAws) -> None:
        self.clients = {name: aws.client(name) for name in ("route53", "cloudwatch")}
        self.route53, self.cloudwatch = self.clients["route53"], self.clients["cloudwatch"]
        zone = self.route53.create_hosted_zone(Name="example.com", CallerReference="zone")
        self.zone = zone["HostedZone"]["Id"].removeprefix("/hostedzone/")
        self.app = self.check("app", Type="HTTPS", FullyQualifiedDomainName="lb", Port=443)
        for name in (LATCH, WEB):
            self.cloudwatch.put_metric_alarm(
                AlarmName=name, ComparisonOperator="GreaterThanOrEqualToThreshold",
                EvaluationPeriods=1, Threshold=1, Namespace="ha-eks/prod", MetricName="FailedOver",
                Statistic="Maximum", Period=300,
            )  # fmt: skip
            self.set(name, "OK")
        self.latch = self.check("latch", Type="CLOUDWATCH_METRIC")
        self.children = [self.app, self.latch]

    def check(self, name: str, **config: object) -> str:
        created = self.route53.create_health_check(CallerReference=name, HealthCheckConfig=config)
        return created["HealthCheck"]["Id"]

    def set(self, alarm: str, state: str) -> None:
        self.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="test")

    def record(self, threshold: int) -> None:
        """Creates the record, whose health check needs so many healthy children."""
        check = self.check(
            f"all-{threshold}", Type="CALCULATED", ChildHealthChecks=self.children,
            HealthThreshold=threshold,
        )  # fmt: skip
        target = {"HostedZoneId": "ZELB", "DNSName": "lb", "EvaluateTargetHealth": True}
        record = {
            "Name": "app.example.com", "Type": "A", "SetIdentifier": "prod", "Failover": "PRIMARY",
            "HealthCheckId": check, "AliasTarget": target,
        }  # fmt: skip
        change = {"Action": "UPSERT", "ResourceRecordSet": record}
        self.route53.change_resource_record_sets(
            HostedZoneId=self.zone, ChangeBatch={"Changes": [change]}
        )

    def publish(self, value: float) -> None:
        """Publishes the status of the health check of the app."""
        dimensions = [{"Name": "HealthCheckId", "Value": self.app}]
        data = {
            "MetricName": "HealthCheckStatus",
            "Dimensions": dimensions,
            "Timestamp": datetime.now(UTC) - timedelta(minutes=1),
            "Value": value,
        }
        self.cloudwatch.put_metric_data(Namespace="AWS/Route53", MetricData=[data])

    def latch_values(self) -> list[float]:
        """Returns the values of the metric of the latch."""
        now = datetime.now(UTC)
        found = self.cloudwatch.get_metric_statistics(
            Namespace="ha-eks/prod", MetricName="FailedOver", Period=60, Statistics=["Maximum"],
            StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=5),
        )  # fmt: skip
        return [each["Maximum"] for each in found["Datapoints"]]

    def ask(self, *arguments: str) -> Any:
        """Answers a command of the AWS CLI."""
        if "CompositeAlarm" in arguments:
            return {"CompositeAlarms": COMPOSITE}
        zone = "Z0123456789ABCDEFGHIJ"  # that of the stack file; moto makes up others
        service, command, *options = (self.zone if each == zone else each for each in arguments)
        method = getattr(self.clients[service], xform_name(operation_of(service, command).name))
        answer = method(**dict(_members(service, command, options)))
        if answer.get("HealthCheck", {}).get("Id") == self.latch:  # moto does not keep the alarm
            alarm = {"Region": "us-east-1", "Name": LATCH}
            answer["HealthCheck"]["HealthCheckConfig"]["AlarmIdentifier"] = alarm
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _members(service: str, command: str, options: list[str]) -> Iterator[tuple[str, object]]:
    """Yields the members of a request by the options of the CLI."""
    names, shape = members_by_option(service, command), operation_of(service, command).input_shape
    assert isinstance(shape, StructureShape)
    groups: list[list[str]] = []
    for each in options:
        if each.startswith("--"):
            groups.append([each])
        else:
            groups[-1].append(each)
    for option, *values in groups:
        if option == "--region":
            assert values == ["us-east-1"], "the metrics of Route 53 are in us-east-1"
            continue
        member = names[option]
        if not isinstance(shape.members[member], ListShape):
            number = shape.members[member].type_name == "integer"
            yield member, int(values[0]) if number else values[0]
        elif values[0].startswith("["):
            yield member, json.loads(values[0])
        elif "=" in values[0]:  # shorthand
            fields = dict(each.split("=") for each in values[0].split(","))
            yield member, [{**fields, "Value": float(fields["Value"])}]
        else:
            yield member, values


@pytest.fixture(scope="module")
def account() -> Generator[Account]:
    with local_aws("us-east-1") as aws:
        yield Account(aws)


def test_a_failover_is_found_and_ended(account: Account) -> None:
    account.record(threshold=2)
    account.publish(1.0)
    health = health_of(account.ask, "prod", SETTINGS)
    assert (health.serving, health.drained, health.failed_over) == (True, False, False)
    account.set(LATCH, "ALARM")
    health = health_of(account.ask, "prod", SETTINGS)
    assert (health.serving, health.failed_over) == (True, True), "the latch is no app"

    latches = set_latches(account.ask, latches_of("prod", SETTINGS))
    assert [each.alarm for each in latches] == [LATCH]
    assert [*recent_failures(account.ask, "prod", SETTINGS)] == []
    reset_latches(account.ask, latches, lambda _: None, lambda _: account.set(LATCH, "OK"))
    assert account.latch_values() == [0.0]
    assert not health_of(account.ask, "prod", SETTINGS).failed_over


def test_a_drained_cell_is_found(account: Account) -> None:
    account.record(threshold=3)
    assert health_of(account.ask, "prod", SETTINGS).drained
    said: list[str] = []
    [problem] = drained_problems(account.ask, "prod", SETTINGS, said.append)
    assert (problem.key, said) == ("ha-eks:traffic.drained", [])


def test_an_app_that_fails_is_not_serving(account: Account) -> None:
    account.publish(0.0)
    assert not health_of(account.ask, "prod", SETTINGS).serving


def test_a_drain_makes_the_health_check_of_the_record_unhealthy(account: Account) -> None:
    account.record(threshold=2)
    assert SETTINGS.traffic
    set_drained(account.ask, "prod", SETTINGS.traffic, drained=True)
    [check] = health_checks(account.ask, "prod", SETTINGS.traffic.main)
    assert check["HealthCheckConfig"]["HealthThreshold"] == len(account.children) + 1
