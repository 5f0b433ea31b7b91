"""All settings of a cell."""

from pydantic import BaseModel

from settings.apps import Apps
from settings.autoscaling import Autoscaling
from settings.aws import Aws
from settings.cluster import Cluster
from settings.headroom import Headroom
from settings.load_balancing import LoadBalancing
from settings.network import Network
from settings.observability import Observability
from settings.pools import Pools
from settings.section import Section
from settings.traffic import Traffic

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
    load_balancing: LoadBalancing
    apps: Apps
    observability: Observability
    traffic: Traffic | None
    """None: the cell serves no domain."""

    @property
    def reads_queries(self) -> bool:
        """Whether an app follows a query of Prometheus."""
        return any(app.scaling.prometheus for app in self.apps.root.values())


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
    "loadBalancing": LoadBalancing,
    "observability": Observability,
    "traffic": Traffic,
}
"""Keys that may be absent, for which `{}` stands; a traffic of `{}` is none."""
