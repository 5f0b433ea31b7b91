"""Requests that a terminating pod drops, compared with a simulation second by second."""

from hypothesis import given
from hypothesis import strategies as st

from core.availability.dropped_requests import (
    DEFAULTS,
    Timing,
    interrupted_seconds,
    refused_seconds,
)
from core.availability.termination import Termination, termination

APP = termination(longest_request=15, shutdown=20, load_balancer_deregistration=20)
SECONDS = st.integers(0, 60)


def derived(app: Termination) -> Timing:
    assert app.deregistration_delay
    return Timing(
        pre_stop=app.pre_stop,
        grace=app.grace,
        deregistration_delay=app.deregistration_delay,
    )


@given(
    longest=st.integers(1, 60), later=SECONDS, deregistration=st.integers(5, 60), pre_stop=SECONDS
)
def test_the_derived_timing_drops_no_request(
    longest: int, later: int, deregistration: int, pre_stop: int
) -> None:
    app = termination(
        longest_request=longest,
        shutdown=longest + later,
        load_balancer_deregistration=deregistration,
        pre_stop=deregistration + pre_stop,
    )
    assert refused_seconds(app, derived(app)) == interrupted_seconds(app, derived(app)) == 0


@given(pre_stop=SECONDS, grace=SECONDS, delay=SECONDS, longest=st.integers(1, 60), shutdown=SECONDS)
def test_interrupted_requests_are_those_that_end_after_the_pod_or_its_connections(
    pre_stop: int, grace: int, delay: int, longest: int, shutdown: int
) -> None:
    timing = Timing(pre_stop=pre_stop, grace=grace, deregistration_delay=delay)
    app = termination(longest_request=longest, shutdown=shutdown, load_balancer_deregistration=20)
    end = min(grace, pre_stop + shutdown, 20 + delay)
    accepted = range(min(pre_stop, 20))
    # A request of second n arrives between n and n + 1.
    assert interrupted_seconds(app, timing) == sum(n + longest >= end for n in accepted)


def test_with_the_defaults_a_pod_refuses_requests_until_health_checks_fail() -> None:
    assert refused_seconds(APP, DEFAULTS) == 5
    assert interrupted_seconds(APP, DEFAULTS) == 0, "TERM comes before any request is accepted"


def test_a_short_pre_stop_refuses_requests_until_the_pod_is_deregistered() -> None:
    timing = Timing(pre_stop=18, grace=45, deregistration_delay=20)
    assert refused_seconds(APP, timing) == 2
