"""Lines of the summary about requests from outside: load balancer, source ranges and DNS."""

from collections.abc import Iterator

from core.availability.client_connections import CLIENT_KEEP_ALIVE
from settings import Settings
from settings.reading.wording import counted
from settings.traffic.traffic import Traffic


def load_balancer_lines(settings: Settings) -> Iterator[str]:
    """Yields the protocols of the load balancer, and the apps that accept some clients only."""
    balancing = settings.load_balancing
    yield f"load balancer: {_listeners(settings)}"
    if settings.exposed and not balancing.accepts_all:
        sources = [*(balancing.source_ranges or ()), *balancing.source_prefix_lists]
        checkers = " and the health checkers of Route 53" if settings.health_paths else ""
        yield f"load balancer: connections from {', '.join(sources)}{checkers} only"
    if settings.exposed:
        yield (
            f"load balancer: closes connections without data after {settings.idle_timeout_seconds}s"
            f", and connections of clients after {CLIENT_KEEP_ALIVE}s, so that clients follow a "
            "zonal shift"
        )
    for name, expose in settings.exposed.items():
        if expose.source_ranges:
            yield (
                f"{name}: requests from {' and '.join(expose.source_ranges)}; others receive "
                "status 403"
            )


def dns_line(settings: Settings) -> str:
    """Returns the hosts with DNS records, and their routing policy."""
    traffic = settings.traffic
    if traffic is None:
        return "traffic: no domain"
    hosts = ", ".join((traffic.domain, *settings.hosts))
    return f"traffic: {hosts}, {_routing(traffic)}{_internal(settings, traffic)}"


def _internal(settings: Settings, traffic: Traffic) -> str:
    """Returns the hosted zone and the health checks of an internal load balancer."""
    if not settings.load_balancing.internal:
        return ""
    zone = "existing" if traffic.hosted_zone_id else "new"
    alarms = " and ".join(f"app/{name}/hosts" for name in settings.health_check_apps)
    return (
        f", {zone} private hosted zone; Route 53 fails over on the metric of alarm {alarms} after "
        "3 minutes"
    )


def _listeners(settings: Settings) -> str:
    """Returns the protocols of the load balancer."""
    if not settings.exposed:
        return "none: no workload is exposed"
    existing = settings.load_balancing.certificate is not None
    hosts = settings.hosts_to_certify
    certificate = "existing certificate" if existing else "ACM certificate of the domain"
    if hosts:
        certificate += f", {counted(len(hosts), 'certificate')} of other hosts"
    https = f"HTTPS ({certificate}), HTTP redirects to HTTPS"
    protocols = https if settings.https else "HTTP only"
    internal = "internal, " if settings.load_balancing.internal else ""
    internal += "IPv4 and IPv6, " if settings.load_balancing.dualstack else ""
    return internal + protocols + (", WAF" if settings.load_balancing.waf else "")


def _routing(traffic: Traffic) -> str:
    """Returns the routing policy of the DNS record, with the role or weight of the cell."""
    if traffic.role:
        return f"{traffic.policy} routing, {traffic.role}"
    if traffic.weight is not None:
        return f"{traffic.policy} routing, weight {traffic.weight}"
    return f"{traffic.policy} routing"
