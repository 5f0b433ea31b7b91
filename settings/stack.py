"""All settings of a cell."""

from pydantic import BaseModel

from settings.app.apps import Apps
from settings.autoscaling.autoscaling import Autoscaling
from settings.aws import Aws
from settings.cluster.cluster import Cluster
from settings.headroom.headroom import Headroom
from settings.images.images import Images
from settings.load_balancing.load_balancing import LoadBalancing
from settings.network.network import Network
from settings.observability.observability import Observability
from settings.pool.pools import Pools
from settings.protected import Protected
from settings.reading.section import Section
from settings.traffic.traffic import Traffic

NAMESPACE = "ha-eks"
"""Namespace of this program's keys in a stack file: the name of the Pulumi project."""

AWS = "aws"
"""Namespace of the keys of the aws provider."""


class Settings(Section):
    """A checked stack file."""

    aws: Aws
    protected: Protected
    network: Network
    cluster: Cluster
    pools: Pools
    autoscaling: Autoscaling
    headroom: Headroom
    images: Images
    load_balancing: LoadBalancing
    apps: Apps
    observability: Observability
    traffic: Traffic | None
    """None if the cell serves no domain."""

    @property
    def https(self) -> bool:
        """True if the load balancer has a certificate: an existing one, or that of the domain."""
        return self.load_balancing.certificate is not None or self.traffic is not None

    @property
    def health_check_apps(self) -> tuple[str, ...]:
        """Names of the apps whose health determines the health of the cell for DNS failover: the
        exposed critical apps, or, if no exposed app is critical, the app at "/"."""
        exposed = {name: app.expose for name, app in self.apps.items() if app.expose}
        critical = tuple(name for name in exposed if self.apps[name].critical)
        return critical or tuple(name for name, expose in exposed.items() if expose.path == "/")

    @property
    def health_paths(self) -> dict[str, str]:
        """Path of the Route 53 health check of each app in `health_check_apps`, by name; empty
        without a domain."""
        names = self.health_check_apps if self.traffic else ()
        return {name: self.apps[name].probes.readiness.path or "/" for name in names}

    def callers(self, name: str) -> tuple[str, ...]:
        """Returns the names of the apps that have `name` in `talksTo`."""
        return tuple(other for other, app in self.apps.items() if name in app.talks_to)

    def prefers_same_zone(self, name: str) -> bool:
        """True if callers send their requests to pods of an app in their own zone.

        Default of the setting: true if the app and each of its callers have the same number of pods
        in every zone.
        """
        app, zones = self.apps[name], self.network.effective_zones
        if app.prefers_same_zone is not None:
            return app.prefers_same_zone
        both = (app, *(self.apps[other] for other in self.callers(name)))
        return all(each.minimum_replicas(zones) % zones == 0 for each in both)

    @property
    def scales_on_prometheus(self) -> bool:
        """True if an app scales on a Prometheus query."""
        return any(app.scaling.prometheus for app in self.apps.values())

    @property
    def traced_apps(self) -> tuple[str, ...]:
        """Names of the apps that send traces."""
        return tuple(name for name, app in self.apps.items() if app.traced)


REQUIRED: dict[str, type[BaseModel]] = {
    "network": Network,
    "cluster": Cluster,
    "pools": Pools,
    "apps": Apps,
}
"""Required keys, without their namespace."""

OPTIONAL: dict[str, type[BaseModel]] = {
    "autoscaling": Autoscaling,
    "headroom": Headroom,
    "images": Images,
    "loadBalancing": LoadBalancing,
    "observability": Observability,
    "protected": Protected,
    "traffic": Traffic,
}
"""Optional keys, without their namespace. An absent section is `{}`; without `traffic` there is no
Route 53 record."""
