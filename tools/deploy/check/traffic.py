"""Checks that clients reach the apps: the DNS record, and requests through the load balancer.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
"""

from collections.abc import Iterator

from core.listener_rules import Match
from settings import Settings
from settings.load_balancing.load_balancer import LoadBalancer
from settings.workload.connections import Expose
from settings.workload.route import Route
from tools.deploy.check.result import Object, Readings, Result, not_ok, ok, skipped
from tools.deploy.drained import drained_problems
from tools.recording import Recording

_FORBIDDEN = 403
_ZONE = "aws:route53/zone:Zone"
_NOT_FROM_HERE = "only the VPC and connected networks reach an internal load balancer"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def dns(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields results of the records of the cell, and of the domains."""
    balancers = recording.settings.load_balancers.values()
    if not any(each.names for each in balancers):
        yield skipped("record", "the stack file has no ha-eks:traffic, so no domain")
        return
    for balancer in balancers:
        dns_name = dns_name_of(balancer, readings)
        for host in balancer.recorded_hosts:
            yield _record_result(readings, balancer, host, recording.stack, dns_name)
    warnings: list[str] = []
    problems = [
        *drained_problems(readings.aws, recording.stack, recording.settings, warnings.append)
    ]
    for each in problems:
        yield not_ok("drained", "AWS has this cell drained, the stack file has not", each.message)
    for text in warnings:
        yield not_ok("drained", text, "fix the cause, and run this command again")
    for balancer in balancers:
        for host in [each for each in balancer.recorded_hosts if not each.startswith("*")]:
            if balancer.internal:
                yield skipped(host, _NOT_FROM_HERE)
            else:
                yield _resolves(recording.settings, balancer, readings, host)


def _record_result(
    readings: Readings, balancer: LoadBalancer, host: str, cell: str, dns_name: str
) -> Result:
    known = balancer.names and balancer.names.zone_of(host)
    zone = known or _output(readings, _ZONE, "internal-traffic", "zoneId")
    record = _record(readings, zone, host, cell)
    target = record["AliasTarget"]["DNSName"].rstrip(".").lower() if record else None
    if target is None:
        text = f"{host} has no record of this cell in zone {zone}"
    elif target.removeprefix("dualstack.") != dns_name.lower():
        text = f"{host} leads to {target}, not to {dns_name}"
    else:
        internal = "internal " if balancer.internal else ""
        return ok("record", f"{host} leads to the {internal}load balancer")
    return not_ok("record", text, f"run make up STACK={cell}")


def requests(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for a request to each exposed app, through each load balancer of the cell."""
    for balancer in recording.settings.load_balancers.values():
        for name, expose in balancer.exposed.items():
            if balancer.internal:
                yield skipped(f"app {name} (internal)", _NOT_FROM_HERE)
            else:
                yield _request(balancer, name, expose, readings)


def _request(balancer: LoadBalancer, name: str, expose: Expose, readings: Readings) -> Result:
    """Returns the result of a request to an app through the public load balancer."""
    if expose.protocol == "grpc":
        return skipped(f"app {name}", "this command sends no gRPC requests")
    route = expose.all_routes[0]
    host = route.host.replace("*", "any") if route.host else balancer.domain
    if balancer.https is (host is None):
        reason = (
            "the domain of loadBalancing.certificate is not in the stack file"
            if balancer.https
            else "this command requests hosts over HTTPS only"
        )
        return skipped(f"app {name}", reason)
    dns_name = dns_name_of(balancer, readings)
    path, limit = path_to(balancer.served[name].dns_health_path or "/", route)
    url = f"{'https' if balancer.https else 'http'}://{host or dns_name}{path}"
    try:
        status = readings.status(dns_name, path, host)
    except OSError as error:
        return not_ok(
            f"app {name}",
            f"{url}: {error}",
            "check the targets above, and that your network reaches the load balancer",
        )
    if status == _FORBIDDEN and expose.source_ranges:
        reason = f"{url} answers 403: your network is not in expose.sourceRanges"
        return skipped(f"app {name}", reason)
    if status < limit:
        return ok(f"app {name}", f"{url} answers {status}")
    return not_ok(
        f"app {name}",
        f"{url} answers {status}",
        "docs/alarms.md#load-balancer-errors; an app that checks the Host header must "
        "accept the domain",
    )


def dns_name_of(balancer: LoadBalancer, readings: Readings) -> str:
    """Returns the DNS name of a load balancer in the state."""
    return _output(readings, _BALANCER, balancer.resource_name, "dnsName")


def _output(readings: Readings, type_: str, name: str, output: str) -> str:
    """Returns an output of a resource in the state."""
    for each in readings.state():
        found = each["type"] == type_ and each["urn"].endswith(f"::{name}")
        if found and not each.get("delete"):
            return str(each["outputs"][output])
    raise LookupError(f"the state has no {type_} {name}")


def path_to(health: str, route: Route) -> tuple[str, int]:
    """Returns a path of a route, and a status; the app works if its response has a lower status.

    If the path of the readiness probe is not in the route, the load balancer can send it to another
    app. The check then uses the path of the route; 404 is also a valid response to it.
    """
    in_route = Match(host="*", path=route.path, exact=route.exact).matches("*", health)
    return (health, 400) if in_route else (route.path, 500)


def _record(readings: Readings, zone: str, host: str, cell: str) -> Object | None:
    answer = readings.aws(
        *("route53", "list-resource-record-sets", "--hosted-zone-id", zone),
        *("--start-record-name", host, "--start-record-type", "A"),
        *("--max-items", "100"),  # the records of the host come first
    )
    for each in answer["ResourceRecordSets"]:
        name = each["Name"].rstrip(".").replace("\\052", "*")
        same = name == host and each["Type"] == "A"
        if same and each.get("SetIdentifier") == cell:
            return each
    return None


def _resolves(settings: Settings, balancer: LoadBalancer, readings: Readings, host: str) -> Result:
    """Returns the result of a host, which must resolve to this cell if it is primary."""
    found = readings.addresses(host)
    zone = balancer.names and balancer.names.zone_of(host)
    if not found:
        return not_ok(
            host,
            "does not resolve",
            f"delegate the domain to the hosted zone {zone}: its name servers must be "
            "those of the parent zone",
        )
    addresses = ", ".join(sorted(found))
    if found & readings.addresses(dns_name_of(balancer, readings)):
        return ok(host, f"resolves to this cell: {addresses}")
    traffic = settings.traffic
    serves = traffic is not None and traffic.role == "primary" and not traffic.drained
    if serves:
        return not_ok(
            host,
            f"resolves to {addresses}, not to this cell, which is the primary",
            "docs/alarms.md#route-53-finds-the-cell-unhealthy; after a failover: "
            "docs/several-cells.md#failback",
        )
    return ok(host, f"resolves to another cell, as its policy allows: {addresses}")
