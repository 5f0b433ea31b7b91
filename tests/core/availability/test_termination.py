"""A terminating pod serves until it is deregistered, and responds to every request."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.termination import (
    ENDPOINT_DEREGISTRATION,
    EarlyExit,
    EarlyTerm,
    Termination,
    termination,
)

many = settings(deadline=None, max_examples=300)
requests, extras = st.integers(1, 3500), st.integers(0, 3600)
deregistrations = st.none() | st.integers(5, 300)


@st.composite
def timelines(draw: st.DrawFn) -> Termination:
    """Timelines that drop no request."""
    longest, deregistration = draw(requests), draw(deregistrations)
    extra = draw(st.none() | st.integers(0, 300))
    return termination(
        longest_request=longest,
        shutdown=longest + draw(extras),
        load_balancer_deregistration=deregistration,
        pre_stop=(
            None if extra is None else max(deregistration or 0, ENDPOINT_DEREGISTRATION) + extra
        ),
    )


def test_the_timeline_of_a_pod_behind_a_load_balancer():
    web = termination(longest_request=15, shutdown=20, load_balancer_deregistration=20)

    assert (web.deregistered, web.pre_stop, web.shutdown) == (20, 20, 20)
    assert (web.last_response, web.exit, web.connections_closed, web.grace) == (35, 40, 40, 45)
    assert web.deregistration_delay == 20
    assert web.shortfall is None
    assert str(web) == "preStop 20s + shutdown 20s + 5s = 45s"


def test_the_timeline_of_a_pod_without_a_load_balancer():
    cache = termination(longest_request=30, shutdown=30, load_balancer_deregistration=None)

    assert (cache.deregistered, cache.pre_stop, cache.shutdown) == (5, 5, 30)
    assert (cache.last_response, cache.exit, cache.connections_closed, cache.grace) == (
        35, 35, 35, 40,
    )  # fmt: skip
    assert cache.deregistration_delay is None
    assert cache.shortfall is None
    assert str(cache) == "preStop 5s + shutdown 30s + 5s = 40s"


def test_term_comes_after_the_pre_stop_command():
    web = termination(longest_request=15, shutdown=20, load_balancer_deregistration=20, pre_stop=50)

    assert (web.deregistered, web.pre_stop, web.grace) == (20, 50, 75)
    assert str(web) == "preStop 50s + shutdown 20s + 5s = 75s"


def test_endpoints_are_deregistered_no_sooner_behind_a_faster_load_balancer():
    fast = termination(longest_request=1, shutdown=1, load_balancer_deregistration=1)

    assert fast.deregistered == ENDPOINT_DEREGISTRATION


@many
@given(timeline=timelines())
def test_no_request_arrives_after_term(timeline: Termination):
    assert timeline.shortfall is None
    assert timeline.deregistered <= timeline.pre_stop


@many
@given(timeline=timelines())
def test_a_request_that_arrives_right_before_deregistration_is_answered_before_exit(
    timeline: Termination,
):
    assert timeline.last_response <= timeline.exit


@many
@given(timeline=timelines())
def test_the_load_balancer_closes_connections_after_the_last_response_and_before_kill(
    timeline: Termination,
):
    delay = timeline.deregistration_delay
    assert (delay is None) == (not timeline.load_balanced)
    if delay is not None:
        assert delay >= timeline.longest_request + 5
        assert timeline.last_response < timeline.connections_closed <= timeline.grace


@many
@given(timeline=timelines())
def test_kill_comes_5_seconds_after_the_exit_and_the_sum_says_so(timeline: Termination):
    pre_stop, shutdown, grace = timeline.pre_stop, timeline.shutdown, timeline.grace
    assert grace == timeline.exit + 5
    assert str(timeline) == f"preStop {pre_stop}s + shutdown {shutdown}s + 5s = {grace}s"


@many
@given(timeline=timelines(), sidecars=st.integers(1, 300))
def test_sidecars_exit_after_the_app_and_5_seconds_before_kill(
    timeline: Termination, sidecars: int
):
    end = replace(timeline, sidecars=sidecars)
    assert end.exit == timeline.exit
    assert end.sidecars_exit == end.exit + sidecars
    assert end.grace == end.sidecars_exit + 5
    assert str(end) == (
        f"preStop {end.pre_stop}s + shutdown {end.shutdown}s + sidecars {sidecars}s + 5s = "
        f"{end.grace}s"
    )


@many
@given(longest=requests, deregistration=deregistrations, data=st.data())
def test_a_shutdown_shorter_than_the_longest_request_is_a_shortfall(
    longest: int, deregistration: int | None, data: st.DataObject
):
    shutdown = data.draw(st.integers(0, longest - 1))

    found = termination(
        longest_request=longest, shutdown=shutdown, load_balancer_deregistration=deregistration
    ).shortfall

    assert found == EarlyExit(longest_request=longest, shutdown=shutdown)


@many
@given(longest=requests, deregistration=deregistrations, data=st.data())
def test_a_pre_stop_command_shorter_than_the_deregistration_is_a_shortfall(
    longest: int, deregistration: int | None, data: st.DataObject
):
    deregistered = max(deregistration or 0, 5)
    pre_stop = data.draw(st.integers(0, deregistered - 1))

    found = termination(
        longest_request=longest,
        shutdown=data.draw(st.sampled_from([longest, longest - 1])),
        load_balancer_deregistration=deregistration,
        pre_stop=pre_stop,
    ).shortfall

    assert found == EarlyTerm(deregistered=deregistered, pre_stop=pre_stop)


@pytest.mark.parametrize(
    ("pre_stop", "shutdown", "shortfall"),
    [
        (20, 15, None),
        (19, 15, EarlyTerm(deregistered=20, pre_stop=19)),
        (20, 14, EarlyExit(longest_request=15, shutdown=14)),
    ],
)
def test_one_second_less_drops_requests(
    pre_stop: int, shutdown: int, shortfall: EarlyTerm | EarlyExit | None
):
    web = termination(
        longest_request=15, shutdown=shutdown, load_balancer_deregistration=20, pre_stop=pre_stop
    )

    assert web.shortfall == shortfall
