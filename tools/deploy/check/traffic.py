"""Checks that clients reach the apps: the DNS record, and requests through the load balancer.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
"""

from collections.abc import Iterator

from core.listener_rules import Match
from settings.traffic.traffic import Traffic
from settings.workload.route import Route
from tools.deploy.check.result import Object, Readings, Result, not_ok, ok, skipped
from tools.deploy.drained import drained_problems
from tools.recording import Recording

_FORBIDDEN = 403
_ZONE = "aws:route53/zone:Zone"
_NOT_FROM_HERE = "only the VPC and connected networks reach an internal load balancer"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def dns(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields results of the record of the cell, and of the domain."""
    traffic = recording.settings.traffic
    if traffic is None:
        yield skipped("record", "the stack file has no ha-eks:traffic, so no domain")
        return
    balancer = dns_name(readings)
    hosts = (traffic.domain, *recording.settings.hosts)
    for host in hosts:
        yield _record_result(readings, traffic, host, recording.stack, balancer)
    warnings: list[str] = []
    problems = [
        *drained_problems(readings.aws, recording.stack, recording.settings, warnings.append)
    ]
    for each in problems:
        yield not_ok("drained", "AWS has this cell drained, the stack file has not", each.message)
    for text in warnings:
        yield not_ok("drained", text, "fix the cause, and run this command again")
    for host in [each for each in hosts if not each.startswith("*")]:
        if recording.settings.load_balancing.internal:
            yield skipped(host, _NOT_FROM_HERE)
        else:
            yield _resolves(readings, traffic, host, balancer)


def _record_result(
    readings: Readings, traffic: Traffic, host: str, cell: str, balancer: str
) -> Result:
    zone = traffic.zone_of(host) or _output(readings, _ZONE, "zoneId")
    record = _record(readings, zone, host, cell)
    target = record["AliasTarget"]["DNSName"].rstrip(".").lower() if record else None
    if target is None:
        text = f"{host} has no record of this cell in zone {zone}"
    elif target.removeprefix("dualstack.") != balancer.lower():
        text = f"{host} leads to {target}, not to {balancer}"
    else:
        return ok("record", f"{host} leads to the load balancer")
    return not_ok("record", text, f"run make up STACK={cell}")


def requests(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for a request to each exposed app, through this cell's load balancer."""
    settings = recording.settings
    domain = settings.traffic.domain if settings.traffic else None
    balancer = dns_name(readings)
    for name, expose in settings.exposed.items():
        if settings.load_balancing.internal:
            yield skipped(f"app {name}", _NOT_FROM_HERE)
            continue
        route = expose.all_routes[0]
        host = route.host.replace("*", "any") if route.host else domain
        if settings.https is (host is None):
            reason = (
                "the domain of loadBalancing.certificate is not in the stack file"
                if settings.https
                else "this command requests hosts over HTTPS only"
            )
            yield skipped(f"app {name}", reason)
            continue
        path, limit = path_to(settings.served[name].dns_health_path or "/", route)
        url = f"{'https' if settings.https else 'http'}://{host or balancer}{path}"
        try:
            status = readings.status(balancer, path, host)
        except OSError as error:
            yield not_ok(
                f"app {name}",
                f"{url}: {error}",
                "check the targets above, and that your network reaches the load balancer",
            )
            continue
        if status == _FORBIDDEN and expose.source_ranges:
            reason = f"{url} answers 403: your network is not in expose.sourceRanges"
            yield skipped(f"app {name}", reason)
        elif status < limit:
            yield ok(f"app {name}", f"{url} answers {status}")
        else:
            yield not_ok(
                f"app {name}",
                f"{url} answers {status}",
                "docs/alarms.md#load-balancer-errors; an app that checks the Host header must "
                "accept the domain",
            )


def dns_name(readings: Readings) -> str:
    """Returns the DNS name of the load balancer in the state."""
    return _output(readings, _BALANCER, "dnsName")


def _output(readings: Readings, type_: str, name: str) -> str:
    """Returns an output of the resource of a type in the state."""
    for each in readings.state():
        if each["type"] == type_ and not each.get("delete"):
            return str(each["outputs"][name])
    raise LookupError(f"the state has no {type_}")


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


def _resolves(readings: Readings, traffic: Traffic, host: str, balancer: str) -> Result:
    """Returns the result of a host, which must resolve to this cell if it is primary."""
    found = readings.addresses(host)
    if not found:
        return not_ok(
            host,
            "does not resolve",
            f"delegate the domain to the hosted zone {traffic.zone_of(host)}: its name servers "
            "must be those of the parent zone",
        )
    addresses = ", ".join(sorted(found))
    if found & readings.addresses(balancer):
        return ok(host, f"resolves to this cell: {addresses}")
    serves = traffic.role == "primary" and not traffic.drained
    if serves:
        return not_ok(
            host,
            f"resolves to {addresses}, not to this cell, which is the primary",
            "docs/alarms.md#route-53-finds-the-cell-unhealthy",
        )
    return ok(host, f"resolves to another cell, as its policy allows: {addresses}")
