"""Tests of the headroom in figures: reserved capacity per zone, cost in nodes, and effect."""

from dataclasses import replace

from core.availability.headroom import (
    AppHeadroom,
    ReservedHeadroom,
    SystemHeadroom,
    headroom_effect,
    reserved_headroom,
)
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM
from tests.core.availability.test_zone_loss import app, zone_model

TWO_APPS = zone_model([app("web", 720, 4, 3), app("cache", 100, 2, 3, one_per_node=True)], 3)


def test_each_app_and_the_system_reserve_capacity_for_the_pods_of_a_failed_zone() -> None:
    assert reserved_headroom(TWO_APPS) == ReservedHeadroom(
        apps=[
            AppHeadroom(app="web", reserved=1, required=1, in_fullest_zone=2),
            AppHeadroom(app="cache", reserved=1, required=1, in_fullest_zone=1),
        ],
        system=SystemHeadroom(requests=Resources(cpu=200, memory=600), in_fullest_zone=3),
    )


def test_headroom_from_the_stack_file_is_compared_with_the_required_headroom() -> None:
    model = replace(zone_model([app("web", 10, 8, 3)], 3), headroom={"web": 1, SYSTEM: 1})
    [web] = reserved_headroom(model).apps
    assert (web.reserved, web.required, web.in_fullest_zone) == (1, 2, 4)


def test_without_headroom_no_capacity_is_reserved() -> None:
    bare = reserved_headroom(replace(TWO_APPS, headroom={}))
    assert bare == ReservedHeadroom(apps=[], system=None)


def test_headroom_costs_the_nodes_that_only_headroom_requires() -> None:
    effect = headroom_effect(zone_model([app("web", 1000, 4, 3)], 3))
    assert effect.extra_nodes == {"general": 3}
    assert (effect.pending_without_headroom, effect.pending_with_headroom) == (2, 0)


def test_headroom_that_fits_on_the_minimum_nodes_costs_no_node() -> None:
    effect = headroom_effect(zone_model([app("web", 100, 1, 2)], 2, min_nodes=3))
    assert effect.extra_nodes == {}
    assert effect.pending_without_headroom == 0


def test_pods_for_which_headroom_is_too_small_stay_pending() -> None:
    model = zone_model([app("web", 1440, 8, 3)], 3)
    assert (
        headroom_effect(replace(model, headroom={"web": 1}, system=())).pending_with_headroom == 2
    )
