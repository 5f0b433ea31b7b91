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
from settings.reading.section import Section
from settings.traffic.traffic import Traffic

NAMESPACE = "ha-eks"
"""Namespace of our keys in a stack file: the project's name."""

AWS = "aws"
"""Namespace of the aws provider's keys."""


class Settings(Section):
    """A checked stack file."""

    aws: Aws
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
    """None: the cell serves no domain."""

    @property
    def https(self) -> bool:
        """Whether the load balancer has a certificate: one that is given, or the domain's."""
        return self.load_balancing.certificate is not None or self.traffic is not None

    @property
    def deciding(self) -> tuple[str, ...]:
        """Apps that decide on the cell's health: the exposed ones that are critical, or without
        any the one at "/"."""
        exposed = {name: app.expose for name, app in self.apps.items() if app.expose}
        critical = tuple(name for name in exposed if self.apps[name].critical)
        return critical or tuple(name for name, expose in exposed.items() if expose.path == "/")

    @property
    def health_paths(self) -> dict[str, str]:
        """Where Route 53 asks those apps, by name: nowhere without a domain."""
        deciding = self.deciding if self.traffic else ()
        return {name: self.apps[name].probes.readiness.path or "/" for name in deciding}

    def callers(self, name: str) -> tuple[str, ...]:
        """Apps that talk to one."""
        return tuple(other for other, app in self.apps.items() if name in app.talks_to)

    def prefers_same_zone(self, name: str) -> bool:
        """Whether those who talk to an app are sent to its pods in their own zone: as it says, or
        if it and all of them have as many pods in one zone as in any other."""
        app, zones = self.apps[name], self.network.effective_zones
        if app.prefers_same_zone is not None:
            return app.prefers_same_zone
        both = (app, *(self.apps[other] for other in self.callers(name)))
        return all(each.minimum_replicas(zones) % zones == 0 for each in both)

    @property
    def reads_queries(self) -> bool:
        """Whether an app follows a query of Prometheus."""
        return any(app.scaling.prometheus for app in self.apps.values())

    @property
    def traced(self) -> tuple[str, ...]:
        """Apps that send traces."""
        return tuple(name for name, app in self.apps.items() if app.traced)


REQUIRED: dict[str, type[BaseModel]] = {
    "network": Network,
    "cluster": Cluster,
    "pools": Pools,
    "apps": Apps,
}
"""Keys that every stack file has, without their namespace."""

OPTIONAL: dict[str, type[BaseModel]] = {
    "autoscaling": Autoscaling,
    "headroom": Headroom,
    "images": Images,
    "loadBalancing": LoadBalancing,
    "observability": Observability,
    "traffic": Traffic,
}
"""Keys that may be absent, for which `{}` stands; a traffic of `{}` is none."""
