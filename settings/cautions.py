"""What a stack file may say, and people should know of before they rely on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.availability.zone_loss import auto_room, fullest
from core.facts.instance_types import HOST_PODS, instance_type, zones_of
from core.facts.versions import KUBERNETES
from core.image_names import host, is_kept
from core.network.subnet_capacity import addresses_for_pods, pods_allowed
from settings.app import scaling_rules as scaling
from settings.autoscaling import rules as autoscaling
from settings.availability import cell_of, pools_of
from settings.headroom import rules as headroom
from settings.images.image_sources import images
from settings.stack import NAMESPACE, Settings

_HTTPS = 443
_NOTICE = timedelta(days=60)
"""How long before the end of its support people are told of a Kubernetes version."""


@dataclass(frozen=True, kw_only=True)
class Caution:
    """One thing that is taken, and has a price."""

    key: str
    """Where: the config key and the path in it."""
    text: str
    """What it costs, and what to do."""

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.key}: {self.text}"


def cautions(settings: Settings, today: date) -> list[Caution]:
    """Every caution on a stack file, as of a day."""
    return [caution for find in _CAUTIONS for caution in find(settings, today)]


def _support_ends(settings: Settings, today: date) -> Iterator[Caution]:
    version = settings.cluster.version
    end = KUBERNETES[version]
    if today + _NOTICE >= end:
        yield Caution(
            key=f"{NAMESPACE}:cluster.version",
            text=f"standard support of {version} ends on {end}; EKS then upgrades the control "
            "plane by itself, at a time of its own: upgrade before (docs/upgrade.md)",
        )


def _offered(settings: Settings, today: date) -> Iterator[Caution]:
    region = settings.aws.region
    zones = zones_of(region)
    if zones is None:
        yield Caution(
            key="aws:region",
            text=f"which instance types {region} offers is not known (core/facts/instance_types): "
            "whether it has those of the pools was not checked",
        )
        return
    for name, pool in settings.pools.items():
        for index, each in enumerate(pool.instance_types):
            found = instance_type(each)
            offered = found.zones[region] if found else zones
            if offered < zones:
                yield Caution(
                    key=f"{NAMESPACE}:pools.{name}.instanceTypes[{index}]",
                    text=f"{each} is offered in {offered} of {zones} zones of {region}: see that "
                    "the cell's are among them (aws ec2 describe-instance-type-offerings "
                    "--location-type availability-zone)",
                )


def _spanning(settings: Settings, today: date) -> Iterator[Caution]:
    for name, pool in settings.pools.items():
        if pool.layout == "spanning":
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.layout",
                text="an update goes through all zones at once, and the autoscaler cannot add a "
                "node in a certain zone: headroom and volumes of a zone may wait for one",
            )


def _warm_pool_without_bound(settings: Settings, today: date) -> Iterator[Caution]:
    for name, pool in settings.pools.items():
        if pool.warm_pool and pool.warm_pool.max_prepared is None:
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.warmPool.maxPrepared",
                text=f"without it every zone holds {pool.per_zone.max} nodes and warm instances, "
                "its perZone.max, all the time",
            )


def _room_by_hand(settings: Settings, today: date) -> Iterator[Caution]:
    network = settings.network
    if len(network.zones_in) < 2:
        return
    share = auto_room(cell_of(settings).apps, network.claimed)
    for name, pods in settings.headroom.pods.items():
        if pods < share[name]:
            yield Caution(
                key=f"{NAMESPACE}:headroom.pods.{name}",
                text=f"a lost zone's pods of {name} are {share[name]} for each of the others: some "
                "would wait for new nodes",
            )


def _zones_out(settings: Settings, today: date) -> Iterator[Caution]:
    network, key = settings.network, f"{NAMESPACE}:network.zonesOut"
    if len(network.zones_in) == 1:
        yield Caution(
            key=key,
            text=f"all is in {network.zones_in[0]}, and nothing would be left if that were lost",
        )
    if network.zones_out:
        return
    out = network.model_copy(update={"zones_out": network.zones[-1:]})
    without = settings.model_copy(update={"network": out})
    for rule in (*scaling.RULES, *autoscaling.RULES, *headroom.RULES):
        for problem in rule(without):
            yield Caution(key=key, text=f"could not take a zone as this file is: {problem}")


def _beyond_the_nodes(settings: Settings, today: date) -> Iterator[Caution]:
    """Each app alone at its most, the others at their minimums, without headroom."""
    cell = replace(cell_of(settings), room={})
    for index, app in enumerate(cell.apps):
        most = settings.apps[app.pod.name].replicas.max
        apps = [*cell.apps]
        apps[index] = replace(app, pods=most)
        waiting = sum(pod.name == app.pod.name for pod in fullest(replace(cell, apps=apps)).pending)
        if waiting:
            yield Caution(
                key=f"{NAMESPACE}:apps.{app.pod.name}.replicas.max",
                text=f"of {most} pods {waiting * cell.zones} or so would find no node: its pools "
                "are at their most before",
            )


def _grace_of_a_shutdown(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        for pool_name, pool in pools_of(settings, app).items():
            given = pool.kubelet.app_grace
            if not pool.bottlerocket and app.drain.grace > given:
                yield Caution(
                    key=f"{NAMESPACE}:apps.{name}.shutdownSeconds",
                    text=f"{app.drain}, and a node of pool {pool_name} that shuts down without a "
                    f"drain gives {given} s",
                )


def _not_cached(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.images.source != "pullThrough":
        return
    for image, user in images(settings).items():
        if not is_kept(image):
            yield Caution(
                key=user,
                text=f"{image} is pulled from {host(image)} itself, as ECR does not keep it: a new "
                "node, and every pod on it, waits for that registry; copy it into ECR",
            )


def _strict_spread(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        key = f"{NAMESPACE}:apps.{name}.spread"
        if app.spread.zones == "strict":
            yield Caution(
                key=f"{key}.zones",
                text="while one zone has no room and gets no node, no pod more comes up in any; "
                "what becomes of a lost zone's pods counts with nodes that are gone, not with such",
            )
        if app.spread.nodes == "strict":
            yield Caution(
                key=f"{key}.nodes",
                text="one node that is full caps all others, and the autoscaler may not see that a "
                "new one would help; that a lost zone's pods fit on the others' nodes is not "
                "promised for this app",
            )


def _rights_without_a_way(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        if app.policies and not any(each.port == _HTTPS for each in app.reaches):
            yield Caution(
                key=f"{NAMESPACE}:apps.{name}.policies",
                text=f"it may ask AWS, and reaches nothing at port {_HTTPS}: add to `reaches` what "
                "AWS is found at, as {cidr: 0.0.0.0/0, port: 443} or an endpoint's subnets",
            )


def _volumes(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        if app.volume:
            yield Caution(
                key=f"{NAMESPACE}:apps.{name}.volume",
                text="one pod in one zone: it is away while its node is drained and while it is "
                "rolled, and with its zone until that is back (docs/stateful.md)",
            )


def _nobody_told(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.traffic and not settings.observability.alarms.subscriptions:
        yield Caution(
            key=f"{NAMESPACE}:observability.alarms.subscriptions",
            text="the cell serves a domain, and nobody is told when its users are hurt or its "
            "reserve is gone (docs/alarms.md)",
        )


def _pods_without_addresses(settings: Settings, today: date) -> Iterator[Caution]:
    pods = settings.network.pods
    if pods.cidr is None or pods.prefix_delegation:
        return
    for name, pool in settings.pools.items():
        types = [found for each in pool.instance_types if (found := instance_type(each))]
        most = pods_allowed(types) if types else 0
        few = [
            f"{each.name} has {addresses_for_pods(each)}"
            for each in types
            if addresses_for_pods(each) + HOST_PODS < most
        ]
        if few:
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                text=f"EKS may let {most} pods onto a node, of which all but {HOST_PODS} need an "
                f"address of network.pods.cidr: {', '.join(few)}, and pods beyond that wait for "
                "one; network.pods.prefixDelegation: true gives 16 times as many",
            )


_CAUTIONS: tuple[Callable[[Settings, date], Iterator[Caution]], ...] = (
    _support_ends,
    _offered,
    _spanning,
    _warm_pool_without_bound,
    _room_by_hand,
    _zones_out,
    _beyond_the_nodes,
    _grace_of_a_shutdown,
    _not_cached,
    _strict_spread,
    _rights_without_a_way,
    _volumes,
    _nobody_told,
    _pods_without_addresses,
)
