"""A pod serves until nobody sends it anything, and ends what it has begun."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.termination import ENDPOINTS_LET_GO, Drain, drain

everything = settings(deadline=None, max_examples=300)
requests, extras = st.integers(1, 3500), st.integers(0, 3600)
let_gos = st.none() | st.integers(5, 300)


@st.composite
def drains(draw: st.DrawFn) -> Drain:
    longest, let_go = draw(requests), draw(let_gos)
    own = draw(st.none() | st.integers(0, 300))
    return drain(
        longest_request=longest,
        shutdown=longest + draw(extras),
        let_go=let_go,
        pre_stop=None if own is None else max(let_go or 0, ENDPOINTS_LET_GO) + own,
    )


def test_the_timeline_of_an_app_behind_a_load_balancer():
    timeline = drain(longest_request=15, shutdown=20, let_go=20)

    assert (timeline.let_go, timeline.pre_stop, timeline.shutdown) == (20, 20, 20)
    assert timeline.deregistration_delay == 20
    assert timeline.grace == 45
    assert str(timeline) == "preStop 20 s + shutdown 20 s + 5 s = grace 45 s; deregistration 20 s"
    assert [(moment.at, moment.what) for moment in timeline.moments] == [
        (0, "deleted"),
        (20, "load balancer and endpoints have let go"),
        (20, "TERM"),
        (35, "last answer"),
        (40, "exit"),
        (40, "load balancer closes"),
        (45, "KILL"),
    ]


def test_the_timeline_of_an_app_without_one():
    timeline = drain(longest_request=30, shutdown=30, let_go=None)

    assert (timeline.let_go, timeline.pre_stop, timeline.shutdown) == (5, 5, 30)
    assert timeline.deregistration_delay is None
    assert timeline.grace == 40
    assert str(timeline) == "preStop 5 s + shutdown 30 s + 5 s = grace 40 s"
    assert [(moment.at, moment.what) for moment in timeline.moments] == [
        (0, "deleted"),
        (5, "endpoints have let go"),
        (5, "TERM"),
        (35, "last answer"),
        (35, "exit"),
        (40, "KILL"),
    ]


def test_term_waits_for_a_command_of_the_app_s_own():
    timeline = drain(longest_request=15, shutdown=20, let_go=20, pre_stop=50)

    assert (timeline.let_go, timeline.pre_stop, timeline.grace) == (20, 50, 75)
    assert str(timeline).startswith("preStop 50 s + shutdown 20 s + 5 s = grace 75 s")


def test_the_endpoints_let_go_no_sooner_for_a_faster_load_balancer():
    assert drain(longest_request=1, shutdown=1, let_go=1).let_go == ENDPOINTS_LET_GO


@everything
@given(timeline=drains())
def test_no_request_begins_after_term(timeline: Drain):
    assert timeline.let_go <= timeline.pre_stop


@everything
@given(timeline=drains())
def test_what_begins_right_before_the_pod_is_let_go_is_answered_before_its_exit(timeline: Drain):
    assert timeline.let_go + timeline.longest_request <= timeline.pre_stop + timeline.shutdown


@everything
@given(timeline=drains())
def test_the_load_balancer_closes_nothing_that_is_under_way_and_all_before_kill(timeline: Drain):
    delay = timeline.deregistration_delay
    assert (delay is None) == (not timeline.load_balanced)
    if delay is not None:
        assert delay >= timeline.longest_request + 5
        assert timeline.let_go + delay <= timeline.grace


@everything
@given(timeline=drains())
def test_kill_comes_5_seconds_after_the_exit_and_the_sum_says_so(timeline: Drain):
    assert timeline.grace == timeline.pre_stop + timeline.shutdown + 5
    assert str(timeline).startswith(
        f"preStop {timeline.pre_stop} s + shutdown {timeline.shutdown} s + 5 s "
        f"= grace {timeline.grace} s"
    )


@everything
@given(timeline=drains())
def test_the_moments_are_in_order_from_deletion_to_kill(timeline: Drain):
    moments = timeline.moments
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert (moments[0].what, moments[-1].what) == ("deleted", "KILL")
    assert moments[-1].at == timeline.grace


@everything
@given(longest=requests, let_go=let_gos, data=st.data())
def test_a_shutdown_shorter_than_the_longest_request_is_no_timeline(
    longest: int, let_go: int | None, data: st.DataObject
):
    shutdown = data.draw(st.integers(0, longest - 1))
    lets_go = max(let_go or 0, 5)
    sums = (
        f"{longest} or more: .* let go {lets_go} s \\+ {longest} s = {lets_go + longest} s .* "
        f"preStop {lets_go} s \\+ shutdown {shutdown} s = {lets_go + shutdown} s"
    )

    with pytest.raises(ValueError, match=sums):
        drain(longest_request=longest, shutdown=shutdown, let_go=let_go)


@everything
@given(longest=requests, let_go=let_gos, data=st.data())
def test_a_command_shorter_than_the_pod_is_sent_requests_is_no_timeline(
    longest: int, let_go: int | None, data: st.DataObject
):
    lets_go = max(let_go or 0, 5)
    own = data.draw(st.integers(0, lets_go - 1))

    with pytest.raises(ValueError, match=f"{lets_go} or more: .* for {lets_go} s, .* {own} s"):
        drain(longest_request=longest, shutdown=longest, let_go=let_go, pre_stop=own)
