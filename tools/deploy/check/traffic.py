"""Checks that clients reach the apps: the DNS record, and requests through the load balancer.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
"""

from collections.abc import Iterator

from settings.traffic.traffic import Traffic
from tools.deploy.check.result import Object, Readings, Result, not_ok, ok, skipped
from tools.deploy.drained import drained_problems
from tools.recording import Recording

_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def dns(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields results of the record of the cell, and of the domain."""
    traffic = recording.settings.traffic
    if traffic is None:
        yield skipped("record", "the stack file has no ha-eks:traffic, so no domain")
        return
    balancer = dns_name(readings)
    record = _record(readings, traffic, recording.stack)
    target = record["AliasTarget"]["DNSName"].rstrip(".").lower() if record else None
    if target is None:
        yield not_ok(
            "record",
            f"{traffic.domain} has no record of this cell in zone {traffic.hosted_zone_id}",
            f"run make up STACK={recording.stack}",
        )
    elif target.removeprefix("dualstack.") != balancer.lower():
        yield not_ok(
            "record",
            f"{traffic.domain} leads to {target}, not to {balancer}",
            f"run make up STACK={recording.stack}",
        )
    else:
        yield ok("record", f"{traffic.domain} leads to the load balancer")
    warnings: list[str] = []
    problems = [
        *drained_problems(readings.aws, recording.stack, recording.settings, warnings.append)
    ]
    for each in problems:
        yield not_ok("drained", "AWS has this cell drained, the stack file has not", each.message)
    for text in warnings:
        yield not_ok("drained", text, "fix the cause, and run this command again")
    yield _resolves(recording, readings, traffic, balancer)


def requests(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for a request to each exposed app, through this cell's load balancer."""
    settings = recording.settings
    domain = settings.traffic.domain if settings.traffic else None
    balancer = dns_name(readings)
    for name, expose in settings.exposed.items():
        if settings.https and domain is None:
            yield skipped(
                f"app {name}", "the domain of loadBalancing.certificate is not in the stack file"
            )
            continue
        path, limit = path_to(settings.served[name].dns_health_path or "/", expose.path)
        url = f"{'https' if domain else 'http'}://{domain or balancer}{path}"
        try:
            status = readings.status(balancer, path, domain)
        except OSError as error:
            yield not_ok(
                f"app {name}",
                f"{url}: {error}",
                "check the targets above, and that your network reaches the load balancer",
            )
            continue
        if status < limit:
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
    for each in readings.state():
        if each["type"] == _BALANCER and not each.get("delete"):
            return str(each["outputs"]["dnsName"])
    raise LookupError("the state has no load balancer")


def path_to(health: str, exposed: str) -> tuple[str, int]:
    """Returns a path that the load balancer routes to an app, and a status; the app works if its
    response has a lower status.

    If the path of the readiness probe is not below the path of the app, the load balancer routes
    it to another app. The check then uses the path of the app; 404 is also a valid response to it.
    """
    below = exposed if exposed == "/" else f"{exposed}/"
    return (health, 400) if f"{health}/".startswith(below) else (exposed, 500)


def _record(readings: Readings, traffic: Traffic, cell: str) -> Object | None:
    answer = readings.aws(
        *("route53", "list-resource-record-sets", "--hosted-zone-id", traffic.hosted_zone_id),
        *("--start-record-name", traffic.domain, "--start-record-type", "A"),
        *("--max-items", "100"),  # the records of the domain come first
    )
    for each in answer["ResourceRecordSets"]:
        same = each["Name"].rstrip(".") == traffic.domain and each["Type"] == "A"
        if same and each.get("SetIdentifier") == cell:
            return each
    return None


def _resolves(recording: Recording, readings: Readings, traffic: Traffic, balancer: str) -> Result:
    """Returns the result of the domain. The domain must resolve to this cell if it is primary."""
    found = readings.addresses(traffic.domain)
    if not found:
        return not_ok(
            traffic.domain,
            "does not resolve",
            f"delegate the domain to the hosted zone {traffic.hosted_zone_id}: its name servers "
            "must be those of the parent zone",
        )
    addresses = ", ".join(sorted(found))
    if found & readings.addresses(balancer):
        return ok(traffic.domain, f"resolves to this cell: {addresses}")
    serves = traffic.role == "primary" and not traffic.drained
    if serves:
        return not_ok(
            traffic.domain,
            f"resolves to {addresses}, not to this cell, which is the primary",
            "docs/alarms.md#route-53-finds-the-cell-unhealthy",
        )
    return ok(traffic.domain, f"resolves to another cell, as its policy allows: {addresses}")
