"""Changes of load balancers that fail or interrupt requests are refused, or cautioned about."""

from dataclasses import replace

import pytest

from core.load_balancers import Kind
from live.cell import Live, RunningBalancer
from live.load_balancers import address_cautions, move_cautions, protection_problems
from settings import Settings
from tests.live.cells import live, settings_of
from tests.settings.stack_files import ABSENT

EXPOSE = ("ha-eks:apps", "web", "expose")
INTERNAL = {"internal": True}
BOTH = {"routes": [{"path": "/"}, {"path": "/", "internal": True}]}


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs each test as the program of prod."""
    monkeypatch.setattr("pulumi.get_stack", lambda: "prod")


def exposing(expose: object) -> Settings:
    """Prod without a domain and zonal autoshift, and with another `expose` of web."""
    without = [((key,), ABSENT) for key in ("ha-eks:traffic", "ha-eks:resilience")]
    return settings_of((EXPOSE, expose), *without)


def served_by(*kinds: Kind) -> Live:
    """A cell in which some load balancers expose web."""
    return replace(live(), exposed=frozenset(("web", kind) for kind in kinds))


def moves(expose: object, *kinds: Kind) -> list[str]:
    return [str(each) for each in move_cautions(exposing(expose), served_by(*kinds))]


def moved(before: str, after: str) -> str:
    return (
        f"ha-eks:apps.web.expose: web moves from the {before} to the {after} load balancer in one "
        "step, so that requests fail until clients use the new address; deploy routes of both "
        "first (docs/requests.md#internal-load-balancer)"
    )


def test_an_app_that_moves_to_the_other_load_balancer_in_one_step_is_a_caution() -> None:
    assert moves(INTERNAL, "public") == [moved("public", "internal")]
    assert moves({}, "internal") == [moved("internal", "public")]
    assert moves({"routes": [{"path": "/a", "internal": True}]}, "public") == [
        moved("public", "internal")
    ], "routes move apps too"


@pytest.mark.parametrize(
    ("expose", "kinds"),
    [
        ({}, ["public"]), (BOTH, ["public"]), (INTERNAL, ["public", "internal"]),
        (ABSENT, ["public"]), (INTERNAL, []),
    ],
)  # fmt: skip
def test_no_caution_if_clients_can_reach_the_app_all_the_time_or_no_app_moves(
    expose: object, kinds: list[Kind]
) -> None:
    assert moves(expose, *kinds) == []


def test_the_last_route_of_a_protected_load_balancer_cannot_be_removed() -> None:
    problems = [*protection_problems(exposing(INTERNAL), live())]
    assert [str(each) for each in problems] == [
        "ha-eks:protected: no route leads to the public load balancer, and AWS refuses to delete "
        "it while it is protected; write its last route again and protected: false, run make up "
        "STACK=prod, then remove the route"
    ]
    assert [*protection_problems(exposing(BOTH), live())] == []
    free = {"public": RunningBalancer(protected=False, dualstack=False)}
    assert [*protection_problems(exposing(INTERNAL), replace(live(), load_balancers=free))] == []


def test_a_load_balancer_that_loses_its_ipv6_addresses_is_a_caution() -> None:
    dualstack = {"public": RunningBalancer(protected=True, dualstack=True)}
    cell = replace(live(), load_balancers=dualstack)
    assert [str(each) for each in address_cautions(settings_of(), cell)] == [
        "ha-eks:loadBalancing.ipAddressType: the public load balancer loses its IPv6 addresses, "
        "which resolvers keep for up to 60s; meanwhile, requests of IPv6 clients fail unless the "
        "clients try IPv4 too, as browsers do"
    ]
    stays = settings_of((("ha-eks:loadBalancing",), {"ipAddressType": "dualstack"}))
    assert [*address_cautions(stays, cell)] == []
    assert [*address_cautions(settings_of(), live())] == []
    assert [*address_cautions(exposing(INTERNAL), cell)] == [], "the load balancer is deleted"
