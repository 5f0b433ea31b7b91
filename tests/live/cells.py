"""Running cells as test data, and the settings that are compared with them."""

import dataclasses
from typing import Any

from live.cell import Live, NodeGroup, RunningBalancer, Shape
from settings import Settings, check
from tests.settings.stack_files import Change, config_of, put_at

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
SHAPE = Shape(
    ami_type="AL2023_x86_64_STANDARD", capacity_type="ON_DEMAND", instance_types=(), zones=()
)
"""Shape of the pool of prod, without zones."""


def settings_of(*changes: Change) -> Settings:
    """Returns the settings of prod with valid changes."""
    config = config_of("prod")
    for path, value in changes:
        put_at(config, path, value)
    settings, problems = check(config)
    assert problems == []
    assert settings is not None
    return settings


def group(
    zone: str = ZONES[0], shape: Shape = SHAPE, zones: tuple[str, ...] = (), **changes: Any
) -> NodeGroup:
    """Returns a node group of the pool `general` of prod, with subnets in its own zone."""
    defaults: dict[str, Any] = {
        "name": f"nodes-general-{zone}-0000001",
        "pool": "general",
        "zone": zone,
        "subnets": tuple(f"subnet-{each[-1] * 8}" for each in zones or (zone,)),
        "shape": dataclasses.replace(shape, zones=zones or (zone,)),
        "version": "1.36",
        "status": "ACTIVE",
        "min": 2,
        "desired": 2,
        "max": 8,
    }
    return NodeGroup(**{**defaults, **changes})


def live(*groups: NodeGroup, version: str = "1.36", zones: tuple[str, ...] = ZONES) -> Live:
    """Returns a cell with some node groups, by default those of prod."""
    return Live(
        version=version,
        control_plane_zones=frozenset(zones),
        node_groups=groups or tuple(group(zone) for zone in ZONES),
        deployer=None,
        apps=frozenset({"web", "cache"}),
        exposed=frozenset({("web", "public")}),
        load_balancers={"public": RunningBalancer(protected=True, dualstack=False)},
        ipv6=False,
    )
