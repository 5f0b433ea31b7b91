"""What headroom takes and buys, told in a sentence that is true."""

from dataclasses import replace

from core.availability.headroom import explained, headroom_effect
from core.availability.zone_loss import SYSTEM, system_headroom
from tests.core.availability.test_zone_loss import app, cell

OF_TWO = cell([app("web", 720, 4, 3), app("cache", 100, 2, 3, one_per_node=True)], 3)


def test_room_is_told_with_what_it_is_for() -> None:
    of_system = system_headroom(OF_TWO.system, 3)
    assert explained(OF_TWO) == (
        f"each zone holds room for 1 web, 1 cache and {of_system} of the system: what a lost one "
        "of 3 zones runs, 2 web, 1 cache and 3 of the system, over the other 2"
    )


def test_room_by_hand_is_told_beside_what_would_be_the_share() -> None:
    assert "1 web (its share is 2)" in explained(
        replace(cell([app("web", 10, 8, 3)], 3), headroom={"web": 1, SYSTEM: 1})
    )


def test_no_room_is_told() -> None:
    assert explained(replace(OF_TWO, headroom={})).startswith("none: ")


def test_room_takes_the_nodes_that_there_would_not_be_without_it() -> None:
    of = headroom_effect(cell([app("web", 1000, 4, 3)], 3))
    assert of.nodes == {"general": 3}
    assert (of.pending_without, of.pending_with) == (2, 0)


def test_room_on_nodes_that_are_there_anyway_takes_none() -> None:
    of = headroom_effect(cell([app("web", 100, 1, 2)], 2, least=3))
    assert of.nodes == {}
    assert of.pending_without == 0


def test_what_waits_in_spite_of_room_is_told() -> None:
    of = cell([app("web", 1440, 8, 3)], 3)
    assert headroom_effect(replace(of, headroom={"web": 1}, system=())).pending_with == 2
