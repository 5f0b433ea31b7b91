"""Outages of a drill: the API server, a webhook, and a zonal shift."""

import time

import pytest
import requests

from tests.tools.drills.fake_server import pod
from tests.tools.drills.test_drill import A, B, drill, watch
from tools.drills.drill import DrillError, Sample
from tools.drills.repeat import repeated


def test_pods_of_a_shifted_zone_receive_no_requests() -> None:
    cell = drill(pod("web", A), pod("web", B))
    cell.zones.shifted.add("us-east-1a")
    assert cell.sample(0).serving["web"] == {"us-east-1b": 1}
    assert not cell.zones.lost, "the zone is not lost"


def test_an_action_is_repeated_if_the_server_does_not_respond() -> None:
    calls: list[int] = []

    def action() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise requests.ReadTimeout

    with repeated(action, 0.01):
        deadline = time.monotonic() + 5
        while len(calls) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(calls) > 1


def test_other_errors_of_a_repeated_action_end_the_drill() -> None:
    def action() -> None:
        raise requests.HTTPError

    with pytest.raises(requests.HTTPError), repeated(action, 0.01):
        time.sleep(0.1)


def test_the_error_of_a_repeated_action_comes_before_what_it_causes() -> None:
    def action() -> None:
        raise requests.HTTPError

    def waits() -> None:
        time.sleep(0.1)
        raise DrillError("replicas for a burst: not within 82s")

    with pytest.raises(requests.HTTPError), repeated(action, 0.01):
        waits()


def test_the_fullest_zone_of_each_moment_is_left_out() -> None:
    samples = watch(0, 0)
    samples.samples = [
        Sample(seconds=0, serving={"web": {"a": 2, "b": 2, "c": 2}}),
        Sample(seconds=1, serving={"web": {"a": 1, "b": 4, "c": 2}}),
    ]
    assert samples.lowest_without_a_zone("web") == 3
    assert samples.lowest_without_a_zone("absent") == 0
