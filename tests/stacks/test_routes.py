"""Hosts and paths of every stack: requests reach the app of the most specific route."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import Any

from settings.reading.domains import covers
from tests.stacks.resources import by_id, inputs_of
from tools.recording import Recording

LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
GROUP = "aws:lb/targetGroup:TargetGroup"
CERTIFICATE = "aws:acm/certificate:Certificate"
RECORD = "aws:route53/record:Record"


ELSEWHERE = "192.0.2.1"
"""Address of a client that is in no source range."""


def receiver(
    recording: Recording, balancer: str, host: str, path: str, client: str = ELSEWHERE
) -> str | None:
    """Returns the app that a load balancer sends a request to, as AWS applies rules."""
    apps = {
        arn: each.name.removeprefix(f"{balancer}-") for arn, each in by_id(recording, GROUP).items()
    }
    of_balancer = [
        each for each in recording.of_type(RULE) if each.name.startswith(f"{balancer}-rule-")
    ]
    found = sorted(map(inputs_of, of_balancer), key=lambda rule: rule["priority"])
    actions = [
        rule["actions"][0]
        for rule in found
        if all(_holds(condition, host, path, client) for condition in rule["conditions"])
    ]
    listeners = {each.name: each for each in recording.of_type(LISTENER)}
    listener = listeners.get(f"{balancer}-https") or listeners[f"{balancer}-http"]
    action = [*actions, *inputs_of(listener)["defaultActions"]][0]
    return apps[action["targetGroupArn"]] if action["type"] == "forward" else None


def _holds(condition: dict[str, Any], host: str, path: str, client: str) -> bool:
    [(kind, each)] = condition.items()
    if kind == "sourceIp":
        return any(ip_address(client) in ip_network(network) for network in each["values"])
    value = {"hostHeader": host, "pathPattern": path}[kind]
    return any(fnmatchcase(value, pattern) for pattern in each["values"])


def routes(recording: Recording) -> Iterator[tuple[str, str, str, str, bool]]:
    """Yields load balancer, app, host, path and `exact` of each route."""
    for balancer in recording.settings.load_balancers.values():
        for name, expose in balancer.exposed.items():
            for route in expose.all_routes:
                host = (route.host or "unknown.test").replace("*", "wildcard")
                yield balancer.resource_name, name, host, route.path, route.exact


def test_each_route_leads_to_its_app(recording: Recording) -> None:
    for balancer, name, host, path, exact in routes(recording):
        ranges = recording.settings.exposed[name].source_ranges
        for client in [str(ip_network(each)[1]) for each in ranges or ()] or [ELSEWHERE]:
            assert receiver(recording, balancer, host, path, client) == name
            if not exact and path != "/":
                assert receiver(recording, balancer, host, f"{path}/below", client) == name


def test_an_app_receives_no_request_from_outside_of_its_source_ranges(recording: Recording) -> None:
    for balancer, name, host, path, _ in routes(recording):
        if recording.settings.exposed[name].source_ranges:
            assert receiver(recording, balancer, host, path) is None


def test_health_checks_of_the_cell_reach_their_app(recording: Recording) -> None:
    """Route 53 requests the DNS name of the load balancer."""
    for name, path in recording.settings.load_balancer("public").health_paths.items():
        assert receiver(recording, "lb", str(recording.outputs["loadBalancer"]), path) == name


def test_each_host_has_a_record_and_a_certificate(recording: Recording) -> None:
    records = recording.of_type(RECORD)
    names = {str(each.inputs["domainName"]) for each in recording.of_type(CERTIFICATE)}
    for balancer in recording.settings.load_balancers.values():
        name = "internal-traffic" if balancer.internal else "traffic"
        of_balancer = [each for each in records if re.match(rf"{name}(-|$)", each.name)]
        found = {each.inputs["name"]: each.inputs for each in of_balancer}
        assert {*found} == {*balancer.recorded_hosts}
        for host in balancer.recorded_hosts[1:]:
            domain, record = found[balancer.recorded_hosts[0]], found[host]
            assert record["healthCheckId"] == domain["healthCheckId"]
            assert record["aliases"] == domain["aliases"]
            balancing = balancer.settings
            covered = any(covers(each, host) for each in names | {*balancing.certificates})
            assert covered or balancing.certificate or balancer.internal
