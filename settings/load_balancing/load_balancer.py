"""A load balancer of the cell: public or internal, with the routes that lead to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.availability.termination import MARGIN
from core.load_balancers import Kind, resource_name
from settings.load_balancing.load_balancing import BalancerSettings
from settings.reading.domains import uncovered
from settings.traffic.traffic import Names
from settings.workload.connections import Expose
from settings.workload.served import Served

_IDLE_TIMEOUT = 50
"""Lowest default of the idle timeout of a load balancer: less than the keep-alive time of 60
seconds that many servers have."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """A load balancer, and the workloads that it exposes."""

    kind: Kind
    settings: BalancerSettings
    """Its settings in the stack file."""
    key: str
    """Key of its settings in the stack file."""
    names: Names | None
    """Its domain and hosted zones; None: no DNS records."""
    names_key: str
    """Key of its domain and hosted zones in the stack file."""
    exposed: Mapping[str, Expose]
    """`expose` of each workload behind it, by name, with only the routes that lead to it."""
    served: Mapping[str, Served]
    """All workloads with a port, by name."""

    @property
    def internal(self) -> bool:
        """True if only the VPC and connected networks reach the load balancer."""
        return self.kind == "internal"

    @property
    def resource_name(self) -> str:
        """Name of the load balancer in Pulumi."""
        return resource_name(self.kind)

    @property
    def domain(self) -> str | None:
        """Domain whose record leads to the load balancer; None: there is none."""
        return self.names.domain if self.names else None

    @property
    def https(self) -> bool:
        """True if the load balancer has a certificate: an existing one, or that of the domain."""
        return bool(self.settings.certificate or self.requests_certificates)

    @property
    def requests_certificates(self) -> bool:
        """True if new certificates are requested, which ACM validates through public DNS."""
        return self.names is not None and not self.internal

    @property
    def idle_timeout_seconds(self) -> int:
        """Seconds after which the load balancer closes a connection without data: longer than the
        longest request."""
        requests = [self.served[name].longest_request_seconds for name in self.exposed]
        default = max(_IDLE_TIMEOUT, max(requests, default=0) + MARGIN)
        return self.settings.idle_timeout_seconds or default

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts of all routes and redirects beside the domain, sorted."""
        routes = [route for expose in self.exposed.values() for route in expose.all_routes]
        found = {each.host for each in routes if each.host} | {*self.settings.redirects}
        return tuple(sorted(found - {self.domain}))

    @property
    def recorded_hosts(self) -> tuple[str, ...]:
        """Hosts with a DNS record: the domain and `hosts`; none without a domain."""
        return (self.names.domain, *self.hosts) if self.names else ()

    @property
    def hosts_to_certify(self) -> list[str]:
        """Hosts that get a new certificate: no existing certificate, and no wildcard among the
        hosts, covers them."""
        if self.settings.certificate or not self.requests_certificates:
            return []
        wildcards = [host for host in self.hosts if host.startswith("*")]
        rest = uncovered(self.hosts, self.settings.certificates)
        return [host for host in rest if host in wildcards or uncovered([host], wildcards)]

    @property
    def health_check_apps(self) -> tuple[str, ...]:
        """Names of the workloads whose health determines the health of the cell for DNS failover:
        the exposed critical ones; if none is critical, the one at "/"; if none is at "/", all
        exposed ones."""
        critical = tuple(name for name in self.exposed if self.served[name].critical)
        at_root = tuple(name for name, expose in self.exposed.items() if expose.is_default)
        return critical or at_root or tuple(self.exposed)

    @property
    def read_by_metrics(self) -> bool:
        """True if the health checks of Route 53 read the metrics of alarms, and request no path.

        Route 53 does not reach the internal load balancer, and sends no gRPC requests.
        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
        """
        return self.internal or any(
            self.exposed[name].protocol == "grpc" for name in self.health_check_apps
        )

    @property
    def health_paths(self) -> dict[str, str]:
        """Path that Route 53 requests of each workload in `health_check_apps`, by name; empty
        without a domain, and if Route 53 reads metrics."""
        names = self.health_check_apps if self.names and not self.read_by_metrics else ()
        return {name: self.served[name].dns_health_path or "/" for name in names}
