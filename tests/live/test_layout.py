"""A pool keeps its layout."""

import pytest

from core.tags import SPANNING
from live.cell import Live, NodeGroup, shape_of
from live.guard import pool_problems
from settings import Settings, check
from tests.settings.stack_files import POOLS, assert_one, config_of, fragment, put_at

LAYOUT = (POOLS, "general", "layout")


def settings_with(layout: str) -> Settings:
    config = config_of("prod")
    put_at(config, LAYOUT, layout)
    settings, problems = check(config)
    assert settings, problems
    return settings


def live(*zones: str) -> Live:
    """A cell with a node group of prod's pool in some zones."""
    settings = settings_with("spanning" if zones == (SPANNING,) else "perZone")
    pool = settings.pools["general"]
    parts = pool.node_groups(settings.network.zones)
    groups = [
        NodeGroup(
            name=f"general-{zone}",
            pool="general",
            zone=zone,
            subnets=(f"subnet-{zone}",),
            shape=shape_of(pool, parts[zone]),
            version="1.36",
            status="ACTIVE",
            min=2,
            desired=2,
            max=8,
        )
        for zone in zones
    ]
    return Live(version="1.36", control_plane_zones=frozenset(zones), node_groups=groups)


@pytest.mark.parametrize(
    ("layout", "zones"),
    [
        ("spanning", ("us-east-1a", "us-east-1b", "us-east-1c")),
        ("perZone", (SPANNING,)),
    ],
)
def test_another_layout_is_refused_and_another_pool_named(
    layout: str, zones: tuple[str, ...]
) -> None:
    problems = list(pool_problems(settings_with(layout), live(*zones), "prod"))
    told = f"that of general-{zones[0]}"
    assert_one(problems, ".".join(LAYOUT), layout, fragment(told, "bring another pool"))


@pytest.mark.parametrize(
    ("layout", "zones"), [("spanning", (SPANNING,)), ("perZone", ("us-east-1a", "us-east-1b"))]
)
def test_the_same_layout_is_taken(layout: str, zones: tuple[str, ...]) -> None:
    assert list(pool_problems(settings_with(layout), live(*zones), "prod")) == []
