"""Prices of the choices of a stack that make it highly available, and what each of them buys."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.availability.cpu_target import cpu_target
from core.availability.headroom import headroom_effect
from core.availability.zone_loss import SYSTEM, ZoneModel, auto_headroom, nodes_at_rest
from core.cost.by_time import ENDPOINT, Cost
from core.cost.by_use import ASSUMED
from core.cost.choices import Choice
from core.facts.prices import HOURS_PER_MONTH, data_transfer, nat_gateway, public_ipv4, volumes
from core.facts.prices.instances import most_expensive
from core.network.subnets import ZONE_LETTERS
from settings import Settings
from settings.availability import zone_model_of
from settings.reading.wording import counted, listed
from tools.preview.billed_nodes import volume_sizes
from tools.recording import Recording

_EGRESS = nat_gateway.HOUR + public_ipv4.HOUR
"""Dollars an hour of a NAT gateway with its address."""


def choices_of(recording: Recording, at_rest: Cost) -> Iterator[Choice]:
    """Yields the choices, with the price at rest."""
    network = recording.settings.network
    if len(network.zones_in) > 1:
        yield from _nat(recording.settings)
        yield _headroom(recording)
        if not network.zones_out:
            yield from _third_zone(recording, at_rest)
        yield from _same_zone(recording.settings)
    yield _second_cell(recording.settings, at_rest)


def _nat(settings: Settings) -> Iterator[Choice]:
    network = settings.network
    if network.existing or network.nat == "none":
        return
    zones = len(network.zones)
    yield Choice(
        name="NAT in each zone",
        chosen=network.nat != "single",
        per_hour=(zones - 1) * _EGRESS,
        without=f"the loss of the zone of the only NAT gateway, 1 of {zones}, cuts all zones off "
        "the internet",
        setting="ha-eks:network.nat",
        part_of_the_cell=True,
    )


def _headroom(recording: Recording) -> Choice:
    """Returns the choice of the headroom; without any, that of the automatic headroom."""
    settings, model = recording.settings, zone_model_of(recording.settings)
    automatic = {**auto_headroom(model.apps, model.zones), SYSTEM: 1}
    effect = headroom_effect(replace(model, headroom=model.headroom or automatic))
    waiting, minutes = effect.pending_without_headroom, settings.autoscaling.node_provision_minutes
    pods = f"{counted(waiting, 'pod')} of a failed zone would wait up to {minutes} minutes"
    return Choice(
        name="headroom",
        chosen=bool(model.headroom),
        per_hour=_price(recording, effect.extra_nodes),
        without=f"{pods if waiting else 'no pods of a failed zone would wait'} for new nodes",
        setting="ha-eks:headroom",
        part_of_the_cell=True,
    )


def _third_zone(recording: Recording, at_rest: Cost) -> Iterator[Choice]:
    """Yields the choice of three zones or more against one zone less; of two zones, against
    three."""
    settings, zones = recording.settings, len(recording.settings.network.zones)
    fewer = max(2, zones - 1)
    if fewer + 1 > len(ZONE_LETTERS):
        return
    endpoints = sum(each.per_hour for each in at_rest.items if each.what == ENDPOINT) / zones
    price, less = (_of_zones(recording, count, endpoints) for count in (fewer + 1, fewer))
    share = {2: "half", 3: "a third", 4: "a quarter"}.get(fewer, f"1 of {fewer}")
    replicas = [
        sum(each.minimum_replicas(count) for each in settings.replicated.values())
        for count in (fewer, fewer + 1)
    ]
    yield Choice(
        name={2: "a third zone", 3: "a fourth zone"}.get(fewer, f"zone {fewer + 1}"),
        chosen=zones > 2,
        per_hour=None if price is None or less is None else price - less,
        without=f"a lost zone takes {share} of the pods, so that the CPU target is "
        f"{cpu_target(fewer)}% instead of {cpu_target(fewer + 1)}%, with {replicas[0]} replicas "
        f"instead of {replicas[1]}",
        setting="ha-eks:network.zones",
    )


def _of_zones(recording: Recording, zones: int, endpoints: float) -> float | None:
    """Returns dollars an hour of all that depends on the number of zones; None: unknown.

    `endpoints` are dollars an hour of the interface endpoints in each zone.
    """
    settings = recording.settings
    network = settings.network
    region = network.zones[0][:-1]
    names = [*network.zones, *(f"{region}{letter}" for letter in ZONE_LETTERS)]
    first = tuple(dict.fromkeys(names))[:zones]
    resized = settings.model_copy(update={"network": network.model_copy(update={"zones": first})})
    model = _unlimited(zone_model_of(resized))
    nodes = _price(recording, {name: each * zones for name, each in nodes_at_rest(model).items()})
    if nodes is None:
        return None
    gateways = {"perZone": zones, "regional": zones, "single": 1}.get(network.nat, 0)
    public = zones if "public" in settings.load_balancers else 0
    egress = 0 if network.existing else gateways * _EGRESS
    return nodes + egress + public * public_ipv4.HOUR + zones * endpoints


def _unlimited(model: ZoneModel) -> ZoneModel:
    """Returns the model with pools that have no maximum."""
    return replace(
        model, pools={name: replace(pool, max=sys.maxsize) for name, pool in model.pools.items()}
    )


def _same_zone(settings: Settings) -> Iterator[Choice]:
    """Yields the choice to send the requests between workloads to pods in the same zone."""
    zones = settings.network.effective_zones
    callees = [name for name in settings.apps if settings.callers(name)]
    if not callees:
        return
    chosen = [name for name in callees if settings.prefers_same_zone(name)]
    connections = sum(len(settings.callers(name)) for name in chosen or callees)
    gigabytes = connections * ASSUMED.connection_gb * (zones - 1) / zones
    yield Choice(
        name="requests stay in their zone",
        chosen=bool(chosen),
        per_hour=-gigabytes * 2 * data_transfer.ZONE_GB_EACH_WAY / HOURS_PER_MONTH,
        without=f"{zones - 1} of {zones} requests to {listed(chosen or callees)} go to another "
        f"zone ({gigabytes:,.0f} GB a month assumed), and fail if either of the two zones does",
        setting="ha-eks:apps.NAME.prefersSameZone",
    )


def _second_cell(settings: Settings, at_rest: Cost) -> Choice:
    return Choice(
        name="a second cell",
        chosen=settings.traffic is not None,
        per_hour=None if at_rest.without_price else at_rest.per_hour,
        without="the loss of the region, or a bad change of this cell, takes all pods (price: this "
        "cell again)",
        setting="ha-eks:traffic",
    )


def _price(recording: Recording, nodes: Mapping[str, int]) -> float | None:
    """Returns dollars an hour of nodes with their volumes, by pool; None: a price is unknown."""
    sizes, total = volume_sizes(recording), 0.0
    for name, count in nodes.items():
        price = most_expensive(recording.settings.pools[name].instance_types)
        if price is None:
            return None
        total += count * (price + sizes[name] * volumes.GP3_GIB_MONTH / HOURS_PER_MONTH)
    return total
