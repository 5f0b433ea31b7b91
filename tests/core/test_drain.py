"""A pod serves until nobody sends it anything, and ends what it has begun."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.drain import ENDPOINTS_LET_GO, LOAD_BALANCER_LETS_GO, drain

everything = settings(deadline=None, max_examples=200)
requests, extras = st.integers(1, 3500), st.integers(0, 3600)


def test_the_timeline_of_an_app_behind_a_load_balancer():
    timeline = drain(longest_request=15, shutdown=20, load_balanced=True)

    assert timeline.pre_stop == 20
    assert timeline.shutdown == 20
    assert timeline.deregistration_delay == 20
    assert timeline.grace == 45
    assert str(timeline) == ("preStop 20 s + shutdown 20 s + 5 s = grace 45 s; deregistration 20 s")


def test_the_timeline_of_an_app_without_one():
    timeline = drain(longest_request=30, shutdown=30, load_balanced=False)

    assert timeline.pre_stop == 5
    assert timeline.shutdown == 30
    assert timeline.deregistration_delay is None
    assert timeline.grace == 40
    assert str(timeline) == "preStop 5 s + shutdown 30 s + 5 s = grace 40 s"


@everything
@given(longest=requests, extra=extras, load_balanced=st.booleans())
def test_the_sum_holds_and_leaves_5_seconds_before_kill(
    longest: int, extra: int, load_balanced: bool
):
    timeline = drain(longest_request=longest, shutdown=longest + extra, load_balanced=load_balanced)

    assert timeline.shutdown == longest + extra
    assert timeline.grace == timeline.pre_stop + timeline.shutdown + 5
    assert str(timeline).startswith(
        f"preStop {timeline.pre_stop} s + shutdown {timeline.shutdown} s + 5 s "
        f"= grace {timeline.grace} s"
    )


@everything
@given(longest=requests, extra=extras)
def test_a_load_balancer_closes_no_request_and_is_let_go_before_term(longest: int, extra: int):
    timeline = drain(longest_request=longest, shutdown=longest + extra, load_balanced=True)

    assert timeline.pre_stop == LOAD_BALANCER_LETS_GO
    assert timeline.deregistration_delay == longest + 5
    assert str(timeline).endswith(f"; deregistration {longest + 5} s")


@everything
@given(longest=requests, extra=extras)
def test_without_a_load_balancer_there_is_no_deregistration(longest: int, extra: int):
    timeline = drain(longest_request=longest, shutdown=longest + extra, load_balanced=False)

    assert timeline.pre_stop == ENDPOINTS_LET_GO
    assert timeline.deregistration_delay is None
    assert "deregistration" not in str(timeline)


@everything
@given(longest=requests, load_balanced=st.booleans(), data=st.data())
def test_a_shutdown_shorter_than_the_longest_request_is_no_timeline(
    longest: int, load_balanced: bool, data: st.DataObject
):
    shutdown = data.draw(st.integers(0, longest - 1))

    with pytest.raises(ValueError, match=f"shutdown of {shutdown} s is shorter .* {longest}"):
        drain(longest_request=longest, shutdown=shutdown, load_balanced=load_balanced)


def test_a_timeline_is_frozen():
    timeline: Any = drain(longest_request=1, shutdown=1, load_balanced=False)

    with pytest.raises(FrozenInstanceError):
        timeline.grace = 0
