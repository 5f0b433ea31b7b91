"""Builds the tree that preview prints: a summary, then all components."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from rich.markup import escape
from rich.tree import Tree

from core.facts.versions.add_ons import ADD_ONS
from settings import Settings
from settings.images.images import Source
from settings.network.network import Nat, Network
from settings.workload.replicated import Replicated
from tools.preview.cost import cost_lines
from tools.preview.headroom import headroom_lines
from tools.preview.jobs import job_lines
from tools.preview.load_balancer import dns_line, load_balancer_lines
from tools.preview.observability import observability_lines
from tools.preview.report.failover import failover_of, failover_sentence
from tools.preview.singletons import singleton_lines
from tools.preview.storage import storage_lines
from tools.preview.termination import termination_lines
from tools.preview.zone_failure import zone_failure_lines
from tools.recording import Recording, Resource

_NAT: dict[Nat, str] = {
    "perZone": "one NAT gateway per zone",
    "regional": "one regional NAT gateway",
    "single": "a single NAT gateway",
    "none": "no NAT gateway, VPC endpoints only",
}


def tree(recording: Recording, today: date) -> Tree:
    """Returns a tree with a branch for each component, and the number of resources of each type."""
    stack = next(resource for resource in recording.resources if resource.parent is None)
    total = sum(resource.custom for resource in recording.resources)
    root = Tree(f"[bold]{escape(recording.stack)}[/]: {total} resources")
    summary = root.add("[bold]summary[/]")
    for line in headlines(recording, today):
        summary.add(escape(line))
    _grow(root, stack, _Contents(recording))
    return root


class _Contents:
    """Index of the resources of a recording by the components that contain the resources."""

    def __init__(self, recording: Recording) -> None:
        self.resources = recording.resources
        self.children: dict[str, list[Resource]] = defaultdict(list)
        """Direct children of each resource, by URN."""
        self.inside: dict[str, list[Resource]] = defaultdict(list)
        """Resources at any depth below each component that are not components, by URN."""
        for resource in recording.resources:
            if resource.parent:
                self.children[resource.parent].append(resource)
            above = resource.parent if resource.custom else None
            while above:
                self.inside[above].append(resource)
                above = recording.get(above).parent


def _grow(branch: Tree, parent: Resource, contents: _Contents) -> None:
    children = contents.children[parent.urn]
    components = {
        child.urn: child for child in children if not child.custom and contents.inside[child.urn]
    }
    for urn in _in_order_of_creation(components, contents):
        component = components[urn]
        kind = component.type.rsplit(":", 1)[-1]
        if component.remote:
            kind = f"{component.type.partition(':')[0]}:{kind}"
        count = len(contents.inside[urn])
        subtree = branch.add(f"[bold]{escape(component.name)}[/] ({kind}): {count}")
        _grow(subtree, component, contents)
    counts = Counter(child.type for child in children if child.custom)
    for type_, count in sorted(counts.items()):
        branch.add(f"{count} × {escape(type_)}")


def _in_order_of_creation(components: Mapping[str, Resource], contents: _Contents) -> Sequence[str]:
    """Returns the URNs of components, sorted by the number of components that each depends on."""
    if len(components) < 2:
        return [*components]
    bits = {urn: 1 << number for number, urn in enumerate(components)}
    bit_of = {each.urn: bits[urn] for urn in components for each in contents.inside[urn]}
    before: dict[str, int] = {}
    for resource in contents.resources:
        mask = 0
        for urn in resource.prerequisites:
            mask |= before.get(urn, 0) | bit_of.get(urn, 0)
        before[resource.urn] = mask

    def others(urn: str) -> int:
        mask = 0
        for resource in contents.inside[urn]:
            mask |= before[resource.urn]
        return (mask & ~bits[urn]).bit_count()

    return sorted(components, key=lambda urn: (others(urn), components[urn].name))


def headlines(recording: Recording, today: date) -> list[str]:
    """Returns the lines of the summary: settings and derived figures for availability and cost."""
    settings = recording.settings
    network, cluster = settings.network, settings.cluster
    nat = "existing VPC" if network.existing else _NAT[network.nat]
    public = ", ".join(cluster.public_access_cidrs) or "none"
    lines = [
        f"region {settings.aws.region}, {len(network.zones)} zones, {nat}"
        f"{_out_of_service(network)}",
        f"Kubernetes {cluster.version}, public API endpoint: {public}",
    ]
    for name, pool in settings.pools.items():
        size = pool.per_zone
        types = ", ".join(pool.instance_types)
        spanning = ", one node group over all zones" if pool.layout == "spanning" else ""
        lines.append(f"pool {name}: {types}, {size.min} to {size.max} nodes per zone{spanning}")
    lines += _workloads(settings)
    failover = failover_of(recording)
    lines += [failover_sentence(failover)] if failover else []
    lines += observability_lines(recording)
    lines += cost_lines(recording, today)
    unpinned = [
        name
        for add_on in recording.of_type("aws:eks/addon:Addon")
        if (name := str(add_on.inputs["addonName"])) not in ADD_ONS[cluster.version]
        and not (name in cluster.add_ons and cluster.add_ons[name].version)
    ]
    if unpinned:
        lines.append(
            "add-ons without a pinned version (EKS default when you deploy): "
            f"{', '.join(sorted(unpinned))}"
        )
    return lines


def _out_of_service(network: Network) -> str:
    return f", {' and '.join(network.zones_out)} out of service" if network.zones_out else ""


_SOURCES: dict[Source, str] = {
    "pullThrough": "pulled through ECR, which caches images of upstream registries",
    "copies": "pulled from your registry of copies",
    "upstream": "pulled from upstream registries; every new node depends on these registries",
}


def _targets(app: Replicated, zones: int) -> str:
    """Returns the scaling targets of the pod autoscaler of a workload."""
    scaling = app.scaling
    targets = [f"CPU target {scaling.cpu_target(zones)}%"]
    if scaling.memory_percent:
        targets.append(f"memory target {scaling.memory_percent}%")
    if scaling.prometheus:
        targets.append(f"Prometheus queries {' and '.join(sorted(scaling.prometheus))}")
    if scaling.queues:
        targets.append(f"SQS queues {' and '.join(sorted(scaling.queues))}")
    return ", ".join(targets)


def _workloads(settings: Settings) -> list[str]:
    zones = settings.network.effective_zones
    lines: list[str] = []
    for name, each in settings.replicated.items():
        kind = "app" if name in settings.apps else "worker"
        lines.append(
            f"{kind} {name}: {each.minimum_replicas(zones)} to {each.maximum_replicas} replicas "
            f"({each.needed} needed), {_targets(each, zones)}"
        )
    lines += singleton_lines(settings)
    lines += job_lines(settings)
    lines += storage_lines(settings)
    lines += termination_lines(settings)
    lines += zone_failure_lines(settings)
    lines += headroom_lines(settings)
    lines += load_balancer_lines(settings)
    lines.append(f"images: {_SOURCES[settings.images.source]}")
    lines.append(dns_line(settings))
    return lines
