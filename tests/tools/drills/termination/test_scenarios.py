"""The results of the scenarios termination and impairment, from given responses."""

import dataclasses
from typing import Any

import yaml

from core.availability.dropped_requests import Timing
from tests.conftest import recording_of
from tools.drills.scenarios import impairment, termination
from tools.drills.termination.impaired import LOSSY, SLOWER, UNRESPONSIVE, Impaired
from tools.drills.termination.load import Response, Summary
from tools.drills.termination.plan import (
    BY_DEFAULT,
    CLOSED_EARLY,
    DERIVED,
    EARLY_CLOSE,
    EARLY_KILL,
    KEPT_ALIVE,
    plan,
)
from tools.recording import manifests

PROD = recording_of("prod")
WEB = PROD.settings.apps["web"]
SEEN = {
    DERIVED: Summary(requests=1_000_100),
    BY_DEFAULT: Summary(requests=20_000, dropped=1000, errors=frozenset({"503 Unavailable"})),
    EARLY_KILL: Summary(requests=300, dropped=20, errors=frozenset({"502 Bad Gateway"})),
    EARLY_CLOSE: Summary(requests=300, dropped=20, errors=frozenset({"502 Bad Gateway"})),
    KEPT_ALIVE: Summary(requests=3000),
    CLOSED_EARLY: Summary(requests=6000, dropped=60, errors=frozenset({"EOF"})),
}


def results(**seen: Summary) -> list[Any]:
    assert WEB.expose
    planned = plan(
        WEB.termination,
        Timing(pre_stop=20, grace=45, deregistration_delay=20),
        pods=6,
        keep_alive=60,
        idle_timeout=50,
    )
    changed = {**SEEN, **{name.replace("_", "-"): each for name, each in seen.items()}}
    return [*termination.results("web", WEB.expose, planned, changed)]


def broken(**seen: Summary) -> list[str]:
    return [each.subject for each in results(**seen) if not each.kept]


def test_the_timing_of_the_recorded_objects_is_the_derived_one() -> None:
    [deployment] = [
        each
        for each in map(yaml.safe_load, manifests(PROD).values())
        if each["kind"] == "Deployment" and each["metadata"]["name"] == "web"
    ]
    derived = WEB.termination
    assert termination.deployed_timing(deployment, PROD, "web", WEB) == Timing(
        pre_stop=derived.pre_stop,
        grace=derived.grace,
        deregistration_delay=derived.deregistration_delay or 0,
    )


def test_the_exposed_app_that_terminates_the_slowest_is_drilled() -> None:
    drill: Any = dataclasses.make_dataclass("Drill", ["settings"])(PROD.settings)
    name, app, expose = termination.slowest_exposed_app(drill)
    assert (name, app, expose) == ("web", WEB, WEB.expose)


def test_no_dropped_request_as_deployed_and_some_with_each_wrong_timing_is_a_success() -> None:
    assert [(each.subject, each.bound, each.computed, each.seen) for each in results()] == [
        ("web, as deployed", "at least", 1_000_000, 1_000_100),
        ("web, as deployed (preStop 20s, grace 45s)", "at most", 0, 0),
        ("web, defaults (preStop 0s, grace 30s)", "at least", 850, 1000),
        ("web, KILL after 27s", "at least", 18, 20),
        ("web, deregistration delay 7s", "at least", 18, 20),
        ("web, keep-alive 60s with an idle timeout of 50s", "at most", 0, 0),
        ("web, keep-alive 5s", "at least", 1, 60),
    ]
    assert broken() == []
    assert [each.baseline for each in results() if each.baseline] == [50_000, 10_000]


def test_one_dropped_request_in_a_million_is_a_failure() -> None:
    dropped = Summary(requests=1_000_100, dropped=1, errors=frozenset({"EOF"}))
    assert broken(derived=dropped) == ["web, as deployed (preStop 20s, grace 45s)"]
    assert broken(derived=Summary(requests=999_999)) == ["web, as deployed"]
    assert broken(kept_alive=Summary(requests=3000, dropped=1)) == [
        "web, keep-alive 60s with an idle timeout of 50s"
    ]


def test_a_drill_in_which_a_wrong_timing_drops_nothing_is_a_failure() -> None:
    for group, subject in (
        ("defaults", "web, defaults (preStop 0s, grace 30s)"),
        ("early_kill", "web, KILL after 27s"),
        ("early_close", "web, deregistration delay 7s"),
        ("closed_early", "web, keep-alive 5s"),
    ):
        assert broken(**{group: Summary(requests=10_000)}) == [subject]


def impaired(slow: int = 33, unhealthy: int = 0, last: float = 12.0) -> Impaired:
    def responses(count: int) -> list[Response]:
        return [
            Response(sent=float(n), ok=True, seconds=1.0 if n < count else 0.001)
            for n in range(100)
        ]

    unanswered = [
        Response(sent=50.0 + last, ok=False, seconds=5.0),
        Response(sent=50.0 + last + 1, ok=True, seconds=0.5),
    ]
    return Impaired(
        before={SLOWER: responses(slow), LOSSY: responses(11), UNRESPONSIVE: unanswered},
        after={SLOWER: responses(0), LOSSY: responses(0), UNRESPONSIVE: []},
        unhealthy={SLOWER: unhealthy, LOSSY: 0, UNRESPONSIVE: 1},
        stopped=50.0,
    )


def impairment_results(seen: Impaired) -> list[Any]:
    return [*impairment.results("us-east-1a: web", [1, 1, 1], seen)]


def test_a_slow_zone_slows_its_share_and_health_checks_see_nothing() -> None:
    found = impairment_results(impaired())
    assert [(each.unit, round(each.computed), round(each.seen)) for each in found] == [
        ("% of requests are slow", 33, 33),
        ("pods fail their health checks", 0, 0),
        ("% of requests are slow", 12, 11),
        ("pods fail their health checks", 0, 0),
        ("s until the pods receive no requests", 14, 12),
    ]
    assert all(each.kept for each in found)


def test_more_slow_requests_failed_checks_and_late_detection_are_failures() -> None:
    for seen, failed in (
        (impaired(slow=50), 0),
        (impaired(unhealthy=1), 1),
        (impaired(last=16.0), 4),
    ):
        assert [n for n, each in enumerate(impairment_results(seen)) if not each.kept] == [failed]
