"""The layout of a pool cannot change."""

import pytest

from core.tags import SPANNING
from live.cell import Live, NodeGroup, shape_of
from live.guard import pool_problems
from settings import Settings, check
from tests.settings.stack_files import POOLS, assert_problem, config_of, put_at

LAYOUT = (POOLS, "general", "layout")


def settings_with(layout: str) -> Settings:
    config = config_of("prod")
    put_at(config, LAYOUT, layout)
    settings, problems = check(config)
    assert settings, problems
    return settings


def live(*zones: str) -> Live:
    """Returns a cell with a node group of the pool of prod in each zone."""
    settings = settings_with("spanning" if zones == (SPANNING,) else "perZone")
    pool = settings.pools["general"]
    zones_of_groups = pool.node_groups(settings.network.zones)
    groups = [
        NodeGroup(
            name=f"general-{zone}",
            pool="general",
            zone=zone,
            subnets=(f"subnet-{zone}",),
            shape=shape_of(pool, zones_of_groups[zone]),
            version="1.36",
            status="ACTIVE",
            min=2,
            desired=2,
            max=8,
        )
        for zone in zones
    ]
    return Live(
        version="1.36",
        control_plane_zones=frozenset(zones),
        node_groups=groups,
        deployer=None,
        apps=frozenset(),
        exposed=frozenset(),
        load_balancers={},
        ipv6=False,
    )


@pytest.mark.parametrize(
    ("layout", "zones", "current"),
    [
        ("spanning", ("us-east-1a", "us-east-1b", "us-east-1c"), "perZone"),
        ("perZone", (SPANNING,), "spanning"),
    ],
)
def test_a_changed_layout_is_refused_with_the_current_layout_and_another_pool_as_remedy(
    layout: str, zones: tuple[str, ...], current: str
) -> None:
    assert_problem(
        list(pool_problems(settings_with(layout), live(*zones), "prod")),
        ".".join(LAYOUT),
        None,
        f"cannot change: node group general-{zones[0]} was created for layout {current}; write "
        f"{current}, or add another pool and then remove this one (docs/replace-nodes.md)",
    )


@pytest.mark.parametrize(
    ("layout", "zones"), [("spanning", (SPANNING,)), ("perZone", ("us-east-1a", "us-east-1b"))]
)
def test_the_current_layout_is_accepted(layout: str, zones: tuple[str, ...]) -> None:
    assert list(pool_problems(settings_with(layout), live(*zones), "prod")) == []
