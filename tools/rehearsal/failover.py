"""Scenario `failover`: a primary cell fails, recovers, and serves again after `make failback`.

Records, health checks and alarms are those of the fake clouds of both cells. Route 53, CloudWatch
and time are simulated; the failback is the code of `make failback`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.availability.dns_failover import DnsFailover
from core.failover_latch import MINUTES
from settings import Settings, SettingsError
from tools.fleet.cells import fleet_of
from tools.fleet.failback import siblings
from tools.fleet.interfaces import FleetError
from tools.fleet.latch import latches_of, recent_failures, reset_latches, set_latches
from tools.recording import Recording, record
from tools.recording.record import ROOT
from tools.rehearsal.empty_cloud import empty_cloud
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.run import ScenarioError, Step
from tools.rehearsal.simulated_route53 import STEP, SimulatedRoute53

_SCENARIO = "failover"
_ROLES = {"primary", "secondary"}
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The primary and the secondary cell of a domain."""

    primary: str
    secondary: str
    settings: Settings
    """Settings of the primary cell."""
    clouds: Mapping[str, FakeCloud]
    """Fake cloud of each cell, with all of its resources."""

    @property
    def times(self) -> DnsFailover:
        """Computed timeline of a failover."""
        checks = self.clouds[self.primary].of_type("aws:route53/healthCheck:HealthCheck")
        check = next(each.inputs for each in checks if each.inputs["type"] == "HTTPS")
        return DnsFailover(
            interval=int(check["requestInterval"]), threshold=int(check["failureThreshold"])
        )

    def served(self) -> SimulatedRoute53:
        """Returns a simulation in which the primary cell has served for 20 minutes."""
        assert self.settings.traffic
        route53 = SimulatedRoute53(self.clouds, self.settings.traffic.main.domain)
        route53.wait(20 * _MINUTE)
        _expect(route53, self.primary)
        return route53


def failover(recording: Recording, report: Callable[[Step], None]) -> None:
    """Plays failover and failback of a stack and its sibling."""
    found = _pair_of(recording)
    if isinstance(found, str):
        step = Step(scenario=_SCENARIO, name="two cells", result=found, seconds=0, skipped=True)
        report(step)
        return
    play(found, report)


def play(pair: Pair, report: Callable[[Step], None]) -> None:
    """Plays failover and failback of two cells; raises ScenarioError."""
    assert pair.settings.traffic
    steps = {"the primary cell fails": _fails, "both cells fail": _both_fail}
    if pair.settings.traffic.fails_back_manually:
        steps |= {
            "the primary cell recovers": _recovers,
            "a short failure": _fails_shortly,
            "a failure again and again": _fails_again,
            "CloudWatch in us-east-1 fails too": _recovers_without_cloudwatch,
        }
    for name, action in steps.items():
        start = time.monotonic()
        try:
            result = action(pair)
        except ScenarioError as error:
            raise ScenarioError(f"{_SCENARIO}: {name}: {error}") from error
        seconds = time.monotonic() - start
        report(Step(scenario=_SCENARIO, name=name, result=result, seconds=seconds))


def created(recording: Recording) -> FakeCloud:
    """Returns a fake cloud with all resources of a recording."""
    cloud = empty_cloud(recording)
    for each in recording.cloud_resources:
        cloud.create(each.type, each.urn, dict(each.inputs))
    return cloud


def _pair_of(recording: Recording) -> Pair | str:
    """Returns the cells of the domain of a stack, or the reason why there are not two."""
    traffic = recording.settings.traffic
    if traffic is None or traffic.policy != "failover" or traffic.public is None:
        return "the stack file has no public domain with policy: failover"
    try:
        _, cells = fleet_of(ROOT)
    except (FleetError, SettingsError) as error:
        return str(error)
    others = siblings({**cells, recording.stack: recording.settings}, recording.stack)
    roles = {each: cells[each].traffic for each in others}
    others = [each for each, its in roles.items() if its and {its.role, traffic.role} == _ROLES]
    if not others:
        return "fleet.yaml has no other cell of the domain with the other role"
    recordings = {recording.stack: recording, others[0]: record(others[0])}
    [primary] = [
        name
        for name, each in recordings.items()
        if each.settings.traffic and each.settings.traffic.role == "primary"
    ]
    [secondary] = recordings.keys() - {primary}
    return Pair(
        primary=primary,
        secondary=secondary,
        settings=recordings[primary].settings,
        clouds={name: created(each) for name, each in recordings.items()},
    )


def _expect(route53: SimulatedRoute53, cell: str) -> None:
    if route53.serving != cell:
        raise ScenarioError(f"{route53.serving} serves, not {cell}")


def _fails(pair: Pair) -> str:
    route53, times = pair.served(), pair.times
    route53.down = {pair.primary}
    seconds = route53.until(pair.secondary, times.detected + STEP)
    if pair.settings.traffic and not pair.settings.traffic.fails_back_manually:
        route53.wait(_HOUR)
        route53.down = set()
        route53.until(pair.primary, times.detected + STEP)
    return (
        f"Route 53 answers with {pair.secondary} after {seconds}s, computed {times.detected}s; "
        f"with propagation and TTL, clients reach it within {times.complete}s"
    )


def _both_fail(pair: Pair) -> str:
    route53, detected = pair.served(), pair.times.detected + STEP
    route53.down = {pair.primary}
    route53.until(pair.secondary, detected)
    route53.wait(_HOUR)
    route53.down = {pair.primary, pair.secondary}
    route53.until(pair.primary, detected)
    route53.down = {pair.secondary}
    route53.stays(pair.primary, _HOUR)
    return f"all users get {pair.primary}, also when only {pair.secondary} still fails"


def _recovers(pair: Pair) -> str:
    """Lets the primary cell fail and recover; a failback is refused until it is stable."""
    route53 = _failed_over(pair)
    route53.stays(pair.secondary, 5 * _MINUTE)
    if not [*recent_failures(route53.ask, pair.primary, pair.settings)]:
        raise ScenarioError("make failback is allowed at once, so that the latch cannot be set")
    route53.stays(pair.secondary, _HOUR)
    _fail_back(pair, route53)
    route53.until(pair.primary, STEP)
    route53.stays(pair.primary, _HOUR)
    route53.down = {pair.primary}
    route53.wait(10 * _MINUTE)
    route53.down = set()
    route53.stays(pair.secondary, _HOUR)
    return (
        f"{pair.secondary} serves until make failback, an hour later; then {pair.primary}, "
        "whose next failure waits for a person again"
    )


def _fails_shortly(pair: Pair) -> str:
    route53, detected = pair.served(), pair.times.detected + STEP
    route53.down = {pair.primary}
    route53.wait(_MINUTE)
    _expect(route53, pair.secondary)
    route53.down = set()
    route53.until(pair.primary, detected)
    route53.stays(pair.primary, _HOUR)
    return f"after a failure of one minute, {pair.primary} serves again by itself"


def _fails_again(pair: Pair) -> str:
    route53 = pair.served()
    for _ in range(3):
        route53.down = {pair.primary}
        route53.wait(_MINUTE)
        route53.down = set()
        route53.wait(3 * _MINUTE)
    route53.stays(pair.secondary, _HOUR)
    return f"after three failures of one minute in {MINUTES} minutes, {pair.secondary} serves"


def _recovers_without_cloudwatch(pair: Pair) -> str:
    route53, detected = pair.served(), pair.times.detected + STEP
    route53.cloudwatch_fails = True
    route53.down = {pair.primary}
    route53.until(pair.secondary, detected)
    route53.stays(pair.secondary, _HOUR)
    route53.down = set()
    route53.until(pair.primary, detected)
    return f"{pair.secondary} serves; {pair.primary} fails back by itself: run make drain first"


def _failed_over(pair: Pair) -> SimulatedRoute53:
    """Returns a simulation in which the primary cell has failed for 10 minutes."""
    route53 = pair.served()
    route53.down = {pair.primary}
    route53.until(pair.secondary, pair.times.detected + STEP)
    route53.stays(pair.secondary, 10 * _MINUTE)
    route53.down = set()
    return route53


def _fail_back(pair: Pair, route53: SimulatedRoute53) -> None:
    """Runs the steps of `make failback` that end the failover."""
    failures = [*recent_failures(route53.ask, pair.primary, pair.settings)]
    if failures:
        raise ScenarioError(f"make failback is still refused: {failures[0]}")
    latches = set_latches(route53.ask, latches_of(pair.primary, pair.settings))
    if not latches:
        raise ScenarioError("no latch is set")
    try:
        reset_latches(route53.ask, latches, lambda text: None, route53.wait)
    except FleetError as error:
        raise ScenarioError(str(error)) from error
