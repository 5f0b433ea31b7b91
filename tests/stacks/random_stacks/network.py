"""Random networks and sources of images."""

from collections.abc import Sequence
from typing import get_args

from hypothesis import strategies as st

from core.facts.instance_types import zones_of
from core.facts.regions import last_letter
from core.facts.vpc_endpoints import (
    NEEDED_FOR_QUERIES,
    NEEDED_FOR_QUEUES,
    NEEDED_FOR_SECRETS,
    NEEDED_FOR_TRACES,
    NEEDED_WITHOUT_NAT,
    Service,
)
from core.network.subnets import ZONE_LETTERS
from settings.images.images import Source
from tests.stacks.random_stacks.drawing import RETENTION, Config, Draw, maybe, some
from tools.recording.made_up_outputs import digest


def zones_in(draw: Draw, region: str, maximum: int) -> list[str]:
    """Returns zones of a region; rarely also some that the region does not have."""
    last = last_letter(region) or ZONE_LETTERS[-1]
    existing_letters = ZONE_LETTERS[: ZONE_LETTERS.index(last) + 1]
    letters = ZONE_LETTERS if draw(st.integers(0, 19)) == 19 else existing_letters
    count = min(maximum, zones_of(region) or maximum)
    return [f"{region}{letter}" for letter in draw(some(letters, 2, count))]


def network_of(draw: Draw, region: str, zones: list[str]) -> Config:
    control_plane_zones = zones_in(draw, region, 3)
    network: Config = {"zones": zones, "controlPlaneZones": control_plane_zones}
    if draw(st.integers(0, 4)) == 4:
        network["zonesOut"] = draw(some(zones, 1, len(zones) - 1))
    prefixes = maybe(draw, {}, prefixDelegation=st.booleans())
    if draw(st.integers(0, 2)) == 2:
        network["existing"] = existing(zones, control_plane_zones)
        return maybe(draw, network, pods=st.just(prefixes))
    pods = maybe(draw, prefixes, cidr=st.sampled_from(["100.64.0.0/16", "100.127.192.0/18"]))
    flow_logs = maybe(
        draw, {}, traffic=st.sampled_from(["REJECT", "ALL", "none"]), retentionDays=RETENTION,
        aggregationSeconds=st.sampled_from([60, 600]),
    )  # fmt: skip
    maybe(
        draw, network,
        cidr=st.sampled_from(["10.0.0.0/16", "172.31.0.0/17", "100.64.0.0/16", "192.168.0.0/16"]),
        endpoints=some(get_args(Service)), pods=st.just(pods),
        flowLogs=st.just(flow_logs),
        nat=st.sampled_from(["perZone", "regional", "single", "none", "none"]),
    )  # fmt: skip
    if network.get("nat") == "none":
        endpoints = network.get("endpoints", [])
        needed = (
            *NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES, *NEEDED_FOR_QUERIES, *NEEDED_FOR_QUEUES,
            *NEEDED_FOR_SECRETS,
        )  # fmt: skip
        network["endpoints"] = [*endpoints, *(each for each in needed if each not in endpoints)]
    return network


def images_of(draw: Draw, region: str, network: Config) -> Config:
    without_nat = network.get("nat") == "none" and "existing" not in network
    source = "copies" if without_nat else draw(st.sampled_from(get_args(Source)))
    if source == "copies":
        registry = f"123456789012.dkr.ecr.{region}.amazonaws.com/copies"
        return {"source": source, "registry": registry}
    if source == "upstream":
        return {"source": source}
    secret = f"arn:aws:secretsmanager:{region}:123456789012:secret:ecr-pullthroughcache"
    return {"credentials": {each: f"{secret}/{each}-AbCdEf" for each in ("docker.io", "ghcr.io")}}


def existing(zones: Sequence[str], control_plane_zones: Sequence[str]) -> Config:
    """Returns the `existing` section for a VPC with a subnet of each role in each zone."""
    subnets = {
        role: {zone: f"subnet-{digest(role + zone)}" for zone in role_zones}
        for role, role_zones in (
            ("privateSubnets", zones),
            ("publicSubnets", zones),
            ("controlPlaneSubnets", control_plane_zones),
        )
    }
    return {"vpcId": "vpc-0123456789abcdef0", **subnets}


def in_existing_vpc(config: Config) -> Config:
    """Returns the stack file with its network replaced by an existing VPC."""
    zones = config["ha-eks:network"]["zones"]
    network = {"zones": zones, "controlPlaneZones": zones, "existing": existing(zones, zones)}
    return {**config, "ha-eks:network": network}
