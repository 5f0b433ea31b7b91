"""Route 53 over the resources of several fake clouds, in simulated time.

The rules are those of core/availability/dns_routing. Target health is left out: only health
checkers find out that a cell fails, which takes longest. Delays of metrics and events are left out
too: AWS publishes none.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from core.availability.dns_routing import (
    CalculatedCheck,
    EndpointCheck,
    FailoverRecord,
    HealthCheck,
    MetricCheck,
    answering_cell,
    statuses,
)
from core.facts.metrics import HEALTH_CHECK_STATUS
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.references import Values
from tools.rehearsal.run import ScenarioError
from tools.rehearsal.simulated_cloudwatch import SimulatedCloudWatch

STEP = 10
"""Seconds of simulated time between two states."""

_MINUTE = 60


class SimulatedRoute53:
    """Health checks and answers of Route 53 for one domain."""

    def __init__(self, clouds: Mapping[str, FakeCloud], domain: str) -> None:
        self.now = 0
        self.down = set[str]()
        """Cells whose load balancer does not answer."""
        self.cloudwatch_fails = False
        """True: CloudWatch in the region of Route 53 has no data and evaluates no alarm."""
        self._cells = {cell: _Cell(cell, cloud) for cell, cloud in clouds.items()}
        self._records = [
            record
            for cell, each in self._cells.items()
            for record in _records_of(cell, each.cloud, domain)
        ]
        self._statuses: Mapping[str, bool] = {}

    @property
    def serving(self) -> str:
        """The cell to which Route 53 sends all users."""
        return answering_cell(self._records, self._statuses)

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        for _ in range(int(seconds) // STEP):
            self._pass()

    def until(self, cell: str, limit: int) -> int:
        """Waits until a cell serves; returns the seconds. Raises ScenarioError after a limit."""
        start = self.now
        while self.serving != cell:
            if self.now - start >= limit:
                raise ScenarioError(f"{self.serving} serves after {limit}s, not {cell}")
            self._pass()
        return self.now - start

    def stays(self, cell: str, seconds: int) -> None:
        """Lets time pass in which only one cell may serve; raises ScenarioError otherwise."""
        end, start = self.now + seconds, self.now
        while self.now < end:
            self._pass()
            if self.serving != cell:
                raise ScenarioError(f"{self.serving} serves after {self.now - start}s, not {cell}")

    def ask(self, *arguments: str) -> Any:
        """Answers the commands of the AWS CLI of a failback."""
        if arguments[1] == "put-metric-data":
            options = dict(pairwise(arguments))
            data = dict(part.split("=") for part in options["--metric-data"].split(","))
            key = (options["--namespace"], data["MetricName"], None)
            for each in self._cells.values():
                each.cloudwatch.publish(key, float(data["Value"]), self.now)
            return None
        assert arguments[1] == "describe-alarms", arguments
        states = {
            name: state for each in self._cells.values() for name, state in each.states.items()
        }
        return {
            "MetricAlarms": [
                {"AlarmName": name, "StateValue": states[name]}
                for name in arguments
                if name in states
            ]
        }

    def _pass(self) -> None:
        self.now += STEP
        observed: dict[str, bool | None] = {}
        checks: dict[str, HealthCheck] = {}
        for cell, each in self._cells.items():
            checks |= each.checks
            answers, blind = cell not in self.down, self.cloudwatch_fails
            observed |= each.observe(self.now, answers=answers, blind=blind)
        self._statuses = statuses(checks, observed, self._statuses)
        if not self.cloudwatch_fails:
            for each in self._cells.values():
                each.report(self._statuses, self.now)


class _Cell:
    """Health checks of a cell, and what their checkers have seen."""

    def __init__(self, name: str, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.cloudwatch = SimulatedCloudWatch(cloud)
        self._inputs = {
            f"{name}/{each.id}": each.inputs
            for each in cloud.of_type("aws:route53/healthCheck:HealthCheck")
        }
        self.checks = {id_: _check_of(name, each) for id_, each in self._inputs.items()}
        self._healthy = dict.fromkeys(self.checks, True)
        self._different = dict.fromkeys(self.checks, 0)
        """Consecutive requests of each endpoint check whose result differs from its status."""

    @property
    def states(self) -> Mapping[str, str]:
        """State of each alarm, by name."""
        return self.cloudwatch.states

    def observe(self, now: int, *, answers: bool, blind: bool) -> Mapping[str, bool | None]:
        """Returns the result of each endpoint check and metric check."""
        found: dict[str, bool | None] = {}
        for id_, check in self.checks.items():
            if isinstance(check, EndpointCheck):
                found[id_] = self._request(id_, check, now, answers=answers)
            elif isinstance(check, MetricCheck):
                alarm = self.cloudwatch.alarm(self._inputs[id_]["cloudwatchAlarmName"])
                breaches = None if blind else self.cloudwatch.breaches(alarm, now)
                found[id_] = None if breaches is None else not breaches
        return found

    def report(self, healthy: Mapping[str, bool], now: int) -> None:
        """Publishes the metric of each health check, and evaluates the alarms each minute."""
        for id_ in self.checks:
            metric = HEALTH_CHECK_STATUS
            key = (metric.namespace, metric.name, id_.partition("/")[2])
            self.cloudwatch.publish(key, float(healthy[id_]), now)
        if now % _MINUTE == 0:
            self.cloudwatch.evaluate(now)

    def _request(self, id_: str, check: EndpointCheck, now: int, *, answers: bool) -> bool:
        """Requests an endpoint; the status changes after as many results as its threshold."""
        if now % check.request_interval == 0:
            differs = answers != self._healthy[id_]
            self._different[id_] = self._different[id_] + 1 if differs else 0
            if self._different[id_] >= check.failure_threshold:
                self._healthy[id_], self._different[id_] = answers, 0
        return self._healthy[id_]


def _check_of(cell: str, inputs: Values) -> HealthCheck:
    """Returns the health check of the inputs of a resource."""
    if inputs["type"] == "CALCULATED":
        return CalculatedCheck(
            children=[f"{cell}/{each}" for each in inputs["childHealthchecks"]],
            threshold=int(inputs["childHealthThreshold"]),
        )
    if inputs["type"] == "CLOUDWATCH_METRIC":
        return MetricCheck(missing_data=inputs["insufficientDataHealthStatus"])
    return EndpointCheck(
        request_interval=int(inputs["requestInterval"]),
        failure_threshold=int(inputs["failureThreshold"]),
    )


def _records_of(cell: str, cloud: FakeCloud, domain: str) -> list[FailoverRecord]:
    """Returns the records of failover of a domain."""
    return [
        FailoverRecord(
            cell=each.inputs["setIdentifier"],
            primary=each.inputs["failoverRoutingPolicies"][0]["type"] == "PRIMARY",
            check=f"{cell}/{each.inputs['healthCheckId']}",
        )
        for each in cloud.of_type("aws:route53/record:Record")
        if each.inputs["name"] == domain and each.inputs["type"] == "A"
    ]
