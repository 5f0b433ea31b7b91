"""Prices of choices: the difference to the cost of the same stack without the choice."""

from collections.abc import Callable
from datetime import date

import pytest

from core.cost.by_time import Cost
from core.cost.choices import Choice
from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tools.preview.cost import cost_of
from tools.preview.cost_of_choices import choices_of
from tools.recording import Recording
from tools.recording.record import ROOT

TODAY = date(2026, 11, 28)
NODE = 0.1008 + 50 * 0.08 / 730
"""An m7i.large with its volume, dollars an hour."""


def changed(stack: str, **sections: object) -> Recording:
    """A recording of a stack with changed sections."""
    config = config_of(stack)
    for section, values in sections.items():
        key = f"ha-eks:{section}"
        config[key] = {**config.get(key, {}), **values} if isinstance(values, dict) else values
    return recorded_config(stack, config)


def choices(recording: Recording) -> dict[str, Choice]:
    return {each.name: each for each in choices_of(recording, cost_of(recording, TODAY))}


def infrastructure(recording: Recording) -> float:
    """Dollars an hour of nodes, volumes, NAT gateways, addresses and endpoints."""
    cost: Cost = cost_of(recording, TODAY)
    return sum(
        item.per_hour
        for item in cost.items
        if item.group in ("nodes", "NAT gateways")
        or item.what in ("GiB of volumes", "public IPv4 address", "zonal interface endpoint")
    )


def test_the_choices_of_prod_by_hand(previewed: Callable[[str], Recording]) -> None:
    found = choices(previewed("prod"))
    prices = {name: each.per_hour for name, each in found.items()}
    assert prices == {
        "NAT in each zone": pytest.approx(2 * (0.045 + 0.005)),
        "headroom": pytest.approx(3 * NODE),
        # With 2 zones, 4 web and 4 headroom pods of 750m take a node each, and 1440m are free:
        # 9 nodes with the system pods, 18 instead of 9. A NAT gateway and 2 addresses less.
        "a third zone": pytest.approx(-9 * NODE + 0.045 + 2 * 0.005),
        "requests stay in their zone": pytest.approx(-100 * 2 / 3 * 0.02 / 730),
        "a second cell": pytest.approx(cost_of(previewed("prod"), TODAY).per_hour),
    }
    assert all(each.chosen for each in found.values())


def test_the_price_of_nat_is_that_of_the_stack_with_a_single_gateway() -> None:
    every, single = changed("prod"), changed("prod", network={"nat": "single"})
    price = choices(every)["NAT in each zone"].per_hour
    assert price == pytest.approx(infrastructure(every) - infrastructure(single))
    assert not choices(single)["NAT in each zone"].chosen
    assert "NAT in each zone" not in choices(recorded("private", ROOT / "examples"))


def test_the_price_of_headroom_is_that_of_the_stack_without_it() -> None:
    auto, none = changed("prod"), changed("prod", headroom={"size": "none"})
    price = choices(auto)["headroom"].per_hour
    assert price == pytest.approx(infrastructure(auto) - infrastructure(none))
    without = choices(none)["headroom"]
    assert (without.chosen, without.per_hour) == (False, pytest.approx(price))
    assert without.without == ("2 pods of a failed zone would wait up to 10 minutes for new nodes")


def test_headroom_that_fits_on_the_minimum_nodes_costs_nothing(
    previewed: Callable[[str], Recording],
) -> None:
    headroom = choices(previewed("dev"))["headroom"]
    assert headroom.per_hour == 0
    assert headroom.without == "no pods of a failed zone would wait for new nodes"


@pytest.mark.parametrize("nat", ["perZone", "regional", "single", "none"])
def test_the_price_of_a_third_zone_is_that_of_the_stack_with_two(nat: str) -> None:
    three, two = (with_zones(nat, letters) for letters in ("abc", "ab"))
    expected = infrastructure(three) - infrastructure(two)
    assert choices(three)["a third zone"].per_hour == pytest.approx(expected)
    third = choices(two)["a third zone"]
    assert (third.chosen, third.per_hour) == (False, pytest.approx(expected))


def with_zones(nat: str, letters: str) -> Recording:
    """A recording of prod with a NAT mode, some zones and larger pools."""
    config = config_of("prod")
    config["ha-eks:pools"]["general"]["perZone"] = {"min": 2, "max": 20}
    config["ha-eks:network"] |= {"nat": nat, "zones": [f"us-east-1{each}" for each in letters]}
    if nat == "none":
        config["ha-eks:network"]["endpoints"] = [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]
        registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com/copies"
        config["ha-eks:images"] = {"source": "copies", "registry": registry}
    return recorded_config("prod", config)


def test_a_third_zone_is_compared_by_pods_and_cpu_target(
    previewed: Callable[[str], Recording],
) -> None:
    assert choices(previewed("prod"))["a third zone"].without == (
        "a lost zone takes half of the pods, so that the CPU target is 45% instead of 60%, with 12 "
        "replicas instead of 9"
    )
    dev = choices(previewed("dev"))["a third zone"]
    assert not dev.chosen


def test_a_zone_that_is_out_is_no_choice() -> None:
    found = choices(changed("prod", network={"zonesOut": ["us-east-1c"]}))
    assert "a third zone" not in found
    one = choices(changed("prod", network={"zonesOut": ["us-east-1b", "us-east-1c"]}))
    assert [*one] == ["a second cell"]


def test_requests_to_other_zones_are_a_choice_of_apps_that_others_call(
    previewed: Callable[[str], Recording],
) -> None:
    cache = {**config_of("prod")["ha-eks:apps"]["cache"], "prefersSameZone": False}
    apps = {**config_of("prod")["ha-eks:apps"], "cache": cache}
    other = choices(changed("prod", apps=apps))["requests stay in their zone"]
    assert not other.chosen
    assert other.per_hour == choices(previewed("prod"))["requests stay in their zone"].per_hour
    shop = recorded("existing-vpc", ROOT / "examples")
    assert "requests stay in their zone" not in choices(shop)


def test_a_cell_without_a_domain_has_no_second_cell(previewed: Callable[[str], Recording]) -> None:
    assert not choices(previewed("dev"))["a second cell"].chosen


def test_an_unknown_price_of_nodes_is_unknown_and_not_zero() -> None:
    general = {**config_of("prod")["ha-eks:pools"]["general"], "instanceTypes": ["r9g.large"],
               "amiType": "AL2023_ARM_64_STANDARD"}  # fmt: skip
    found = choices(changed("prod", pools={"general": general}))
    unknown = [name for name, each in found.items() if each.per_hour is None]
    assert unknown == ["headroom", "a third zone", "a second cell"]
    assert found["headroom"].per_month is None
