"""Lines of the summary about requests from outside: load balancer, source ranges and DNS."""

from collections.abc import Iterator

from core.availability.client_connections import CLIENT_KEEP_ALIVE
from core.load_balancers import suffix_of
from settings import Settings
from settings.load_balancing.load_balancer import LoadBalancer
from settings.reading.wording import counted, listed
from settings.traffic.traffic import Names, Traffic


def load_balancer_lines(settings: Settings) -> Iterator[str]:
    """Yields the protocols of each load balancer, and the apps that accept some clients only."""
    if not settings.exposed:
        yield "load balancer: none: no workload is exposed"
    for balancer in settings.load_balancers.values():
        title = "internal load balancer" if balancer.internal else "load balancer"
        yield f"{title}: {_listeners(balancer)}"
        if not balancer.settings.accepts_all:
            ranges = balancer.settings.source_ranges or ()
            sources = [*ranges, *balancer.settings.source_prefix_lists]
            checkers = " and the health checkers of Route 53" if balancer.health_paths else ""
            yield f"{title}: connections from {', '.join(sources)}{checkers} only"
        yield (
            f"{title}: closes connections without data after {balancer.idle_timeout_seconds}s"
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
    parts = [
        _hosts(balancer, balancer.names)
        for balancer in settings.load_balancers.values()
        if balancer.names
    ]
    return f"traffic: {', '.join([*parts, _routing(traffic)])}"


def _hosts(balancer: LoadBalancer, names: Names) -> str:
    """Returns the hosts of a load balancer, with what differs from a public HTTP load balancer."""
    text = ", ".join(balancer.recorded_hosts)
    if balancer.internal:
        text += f" in the {'existing' if names.hosted_zone_id else 'new'} private hosted zone"
    if balancer.read_by_metrics:
        suffix = suffix_of(balancer.kind)
        alarms = [f"app/{name}/hosts{suffix}" for name in balancer.health_check_apps]
        text += f" (Route 53 fails over on the metric of alarm {listed(alarms)} after 3 minutes)"
    return text


def _listeners(balancer: LoadBalancer) -> str:
    """Returns the protocols of a load balancer."""
    existing = balancer.settings.certificate is not None
    hosts = balancer.hosts_to_certify
    certificate = "existing certificate" if existing else "ACM certificate of the domain"
    if hosts:
        certificate += f", {counted(len(hosts), 'certificate')} of other hosts"
    https = f"HTTPS ({certificate}), HTTP redirects to HTTPS"
    protocols = https if balancer.https else "HTTP only"
    ip = "IPv4 and IPv6, " if balancer.settings.dualstack else ""
    return ip + protocols + (", WAF" if balancer.settings.waf else "")


def _routing(traffic: Traffic) -> str:
    """Returns the routing policy of the DNS record, with the role or weight of the cell."""
    if traffic.role:
        return f"{traffic.policy} routing, {traffic.role}"
    if traffic.weight is not None:
        return f"{traffic.policy} routing, weight {traffic.weight}"
    return f"{traffic.policy} routing"
