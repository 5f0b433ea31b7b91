"""Quantities of a cell at rest on which the cost of its use depends."""

from collections import Counter

from core.cost.by_use import Use
from core.facts.system_pods import daemon_sets
from settings import Settings
from settings.availability import agent_requests, zone_model_of
from tools.preview.billed_nodes import nodes_per_zone
from tools.preview.billed_resources import gibibytes
from tools.recording import Recording

_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_REPOSITORY = "aws:ecr/repository:Repository"
_SCRAPER = "aws:amp/scraper:Scraper"

_AUTOSCALER_PODS = 2
"""Pods of the Cluster Autoscaler, which the scraper reads too."""


def use_of(recording: Recording) -> Use:
    """Returns the quantities of a cell at rest."""
    settings = recording.settings
    backup = settings.resilience.backup
    network, cluster, model = settings.network, settings.cluster, zone_model_of(settings)
    nodes = sum(nodes_per_zone(settings, "at rest").values()) * model.zones
    every_node = daemon_sets(agent_requests(settings), settings.optional_add_ons)
    pods = sum(load.pods for load in (*model.apps, *model.system))
    return Use(
        nodes=nodes,
        pods=pods + nodes * len(every_node),
        log_retention_days=settings.observability.log_retention_days,
        control_plane_retention_days=cluster.log_retention_days if cluster.log_types else None,
        load_balancers=len(recording.of_type(_LOAD_BALANCER)),
        connections=_connections(settings, model.zones),
        nat=network.nat != "none" and not network.existing,
        repositories=len(recording.of_type(_REPOSITORY)),
        scraped_pods=_scraped(settings) if recording.of_type(_SCRAPER) else 0,
        backed_up_gib=_backed_up_gib(settings),
        backup_days=backup.retention_days if backup else 0,
    )


def _backed_up_gib(settings: Settings) -> int:
    """Returns the size of all volumes, once for each region with backups."""
    backup = settings.resilience.backup
    sizes = [gibibytes(each.volume.size) for each in settings.singletons.values() if each.volume]
    return sum(sizes) * (2 if backup.copy_region else 1) if backup else 0


def _connections(settings: Settings, zones: int) -> float:
    """Returns the number of connections between workloads, each multiplied by the share of its
    requests to another zone."""
    callees = Counter(name for each in settings.workloads.values() for name in each.talks_to)
    other = sum(n for name, n in callees.items() if not settings.prefers_same_zone(name))
    return other * (zones - 1) / zones


def _scraped(settings: Settings) -> int:
    """Returns the number of pods that Prometheus scrapes."""
    zones = settings.network.effective_zones
    found = [each for each in settings.deployments.values() if each.metrics]
    return sum(each.minimum_replicas(zones) for each in found) + _AUTOSCALER_PODS
