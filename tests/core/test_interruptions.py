"""Changes of load balancers in which requests fail, and no others, are found."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from core.interruptions import Interruption, interruptions
from tests.shared_recordings import recorded
from tools.recording import Resource
from tools.recording.record import ROOT

BOOKING, PAYROLL = "ilb-booking", "ilb-payroll"
RULE = "ilb-rule-6903"
"""Rule of booking.apps.corp.example.com on the internal load balancer."""
Resources = Sequence[Resource]


@cache
def cell() -> Resources:
    """A cell in which both load balancers expose booking, and the internal one also payroll."""
    return recorded("internal", ROOT / "examples").resources


def changed(name: str, **values: Any) -> Resources:
    """Returns the cell with other inputs of a resource of a load balancer."""
    return [
        replace(each, inputs={**each.inputs, **values})
        if each.name == name and each.type.startswith("aws:lb/")
        else each
        for each in cell()
    ]


@cache
def group_of(name: str) -> str:
    [found] = [e.urn for e in cell() if e.name == name and e.type.endswith(":TargetGroup")]
    return found


def forwarding(name: str, key: str, urn: str) -> Resources:
    """Returns the cell with a rule or listener that sends requests to another target group."""
    return [
        replace(each, sources={**each.sources, key: (urn,)}) if each.name == name else each
        for each in cell()
    ]


def found(after: Resources, before: Resources | None = None) -> list[str]:
    return [str(each) for each in interruptions(before or cell(), after)]


def test_an_unchanged_cell_and_a_new_cell_interrupt_nothing() -> None:
    assert found(cell()) == found(cell(), [cell()[0]]) == found([cell()[0]]) == []


def test_another_protocol_replaces_the_target_group() -> None:
    assert found(changed(BOOKING, protocolVersion="GRPC")) == [
        "booking: another protocol needs a new target group, so that requests for "
        "booking.apps.corp.example.com/ fail with status 503 until pods with this protocol are "
        "registered and healthy, at least 9s; deploy an app with the other protocol first, then "
        "move the routes to it"
    ]
    assert found(changed(BOOKING, protocolVersion="HTTP1")) == [], "the default of AWS"


def test_a_route_that_moves_to_an_app_without_pods_there_fails() -> None:
    urn = group_of(BOOKING).replace(BOOKING, "ilb-new")
    [old] = [each for each in cell() if each.urn == group_of(BOOKING)]
    after = [*forwarding(RULE, "actions", urn), replace(old, urn=urn, name="ilb-new")]
    assert found(after) == [
        "new: requests for booking.apps.corp.example.com/ move to this app before it has pods "
        "there, and fail with status 503 until its first pods are ready; deploy it with another "
        "route first, then move the route"
    ]
    assert found(forwarding(RULE, "actions", group_of(PAYROLL))) == [], "payroll has pods there"


def test_a_route_that_moves_to_the_other_load_balancer_fails() -> None:
    """The app stays on both load balancers."""
    assert found(part_moved()) == [
        "booking: requests for booking.apps.corp.example.com/ move from the internal to the public "
        "load balancer in one step, and fail until clients use the new address, up to 60s after "
        "the update for clients that can reach it; deploy the routes of both first "
        "(docs/requests.md#internal-load-balancer)"
    ]


def test_a_route_that_both_load_balancers_have_can_leave_one() -> None:
    [rule] = [each for each in cell() if each.name == RULE]
    sources = {**rule.sources, "actions": (group_of("lb-booking"),)}
    public = replace(
        rule, name="lb-rule-6903", urn=rule.urn.replace("::ilb", "::lb"), sources=sources
    )
    assert found([*without(RULE), public], [*cell(), public]) == []
    assert found([*cell(), public], cell()) == [], "the first step"


def without(name: str) -> Resources:
    return [each for each in cell() if each.name != name]


def part_moved() -> Resources:
    """Returns the cell after the internal host of booking has moved to the public one."""
    return forwarding(RULE, "actions", group_of("lb-booking"))


def moved_app() -> list[Interruption]:
    """Returns the changes of a cell in which booking leaves the internal load balancer."""
    before, after = without("lb-booking"), without(BOOKING)
    public = group_of("lb-booking")
    after = [
        replace(each, sources={**each.sources, "actions": (public,)}) if each.name == RULE else each
        for each in after
    ]
    return [*interruptions(before, after)]


def test_an_app_that_moves_as_a_whole_is_marked() -> None:
    assert [(each.app, each.moves_app) for each in moved_app()] == [("booking", True)]
    [part] = interruptions(cell(), part_moved())
    assert not part.moves_app
    after = [each for each in part_moved() if each.name != BOOKING]
    [part] = interruptions(cell(), after)
    assert not part.moves_app, "clients of the other load balancer are served all the time"


def test_another_health_check_applies_to_running_pods() -> None:
    [group] = [each for each in cell() if each.urn == group_of(BOOKING)]
    check = {**group.inputs["healthCheck"], "port": "8081", "path": "/live"}
    assert found(changed(BOOKING, healthCheck=check)) == [
        "booking: the internal load balancer checks the running pods by another port and path "
        "before new pods exist; if they do not answer it, they are unhealthy after 14s, and the "
        "first new pods get all requests; deploy a version that answers both checks first"
    ]
    slower = {**group.inputs["healthCheck"], "interval": 10}
    assert found(changed(BOOKING, healthCheck=slower)) == []
    both = changed(BOOKING, healthCheck=check, protocolVersion="GRPC")
    assert len(found(both)) == 1, "a new target group has no running pods"


def test_target_groups_of_an_extension_are_left_to_the_extension() -> None:
    def named(version: str) -> Resources:
        renamed = {BOOKING: "own-booking"}
        return [
            replace(each, urn=each.urn.replace(BOOKING, "own-booking"), name=renamed[each.name])
            if each.urn == group_of(BOOKING)
            else each
            for each in changed(BOOKING, protocolVersion=version)
        ]

    assert found(named("GRPC"), named("HTTP2")) == []
