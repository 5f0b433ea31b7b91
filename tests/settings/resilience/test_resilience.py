"""Tests of ha-eks:resilience: windows and dates of practice runs, and what cannot be practiced."""

import pytest

from settings.resilience.autoshift import PracticeWindows, window_of
from tests.settings.stack_files import (
    APPS,
    CLUSTER,
    RESILIENCE,
    Change,
    app,
    cautions_of,
    problems_of,
    singletons,
    unknown_key,
    workers,
)

AUTOSHIFT = f"{RESILIENCE}.autoshift"
WINDOWS = f"{AUTOSHIFT}.practiceWindows"
SPAN = "must be a time span of one day in UTC, from earlier to later, such as Tue:13:00-Tue:17:00"
DATE = 'must be a date in quotes, such as "2026-12-24"'
FAR = "is less than 30 minutes, the duration of a practice run, from {} of {}: ARC could shift "
FAR += "both away from different zones at the same time; write another day or time"


def autoshift(**values: object) -> Change:
    return (RESILIENCE,), {"autoshift": values}


def only(*changes: Change) -> tuple[str, str]:
    [problem] = problems_of(*changes)
    return problem.key, problem.message


@pytest.mark.parametrize(
    "window",
    ["Tue:13:00-Wed:13:00", "Tue:13:00-Tue:13:00", "Tue:17:00-Tue:13:00", "Tue:24:00-Tue:25:00",
     "Tue:1:00-Tue:2:00", "tue:13:00-tue:17:00", "Tue-13:00-Tue-17:00", "Tue:13:60-Tue:17:00"],
)  # fmt: skip
def test_malformed_windows_are_refused(window: str) -> None:
    found = only(autoshift(practiceWindows={"cluster": [window]}))
    assert found == (f"{WINDOWS}.cluster[0]", SPAN)


def test_arc_accepts_15_windows_and_dates() -> None:
    windows = [f"Tue:{hour:02}:00-Tue:{hour:02}:30" for hour in range(16)]
    dates = [f"2026-12-{day:02}" for day in range(1, 17)]
    for changes, key in (
        ({"practiceWindows": {"cluster": windows}}, f"{WINDOWS}.cluster"),
        ({"blockedDates": dates}, f"{AUTOSHIFT}.blockedDates"),
    ):
        assert [each.key for each in problems_of(autoshift(**changes))] == [key]
    allowed = {"practiceWindows": {"cluster": windows[:15]}, "blockedDates": dates[:15]}
    assert problems_of(autoshift(**allowed)) == []


@pytest.mark.parametrize("day", ["2026-02-30", "24.12.2026", "2026-1-1", "20261224"])
def test_malformed_dates_are_refused(day: str) -> None:
    assert only(autoshift(blockedDates=[day])) == (f"{AUTOSHIFT}.blockedDates[0]", DATE)


def test_unknown_keys_are_refused_with_the_nearest_one() -> None:
    assert only(autoshift(practiceOny=True)) == (
        f"{AUTOSHIFT}.practiceOny",
        unknown_key(RESILIENCE, "practiceOnly", "practiceWindows"),
    )
    key, message = only(autoshift(blockedWindows=["Mon:00:00-Mon:10:00"]))
    assert key == f"{AUTOSHIFT}.blockedWindows"
    assert "practiceWindows" in message, "ARC has such a list, so that users look for it"


@pytest.mark.parametrize(
    ("cluster", "balancer", "apart"),
    [
        ("Tue:13:00-Tue:17:00", "Tue:17:30-Tue:18:00", True),
        ("Tue:13:00-Tue:17:00", "Tue:17:29-Tue:18:00", False),
        ("Tue:17:30-Tue:18:00", "Tue:13:00-Tue:17:00", True),
        ("Tue:17:29-Tue:18:00", "Tue:13:00-Tue:17:00", False),
        ("Tue:10:00-Tue:18:00", "Tue:13:00-Tue:14:00", False),
        ("Tue:13:00-Tue:14:00", "Tue:10:00-Tue:18:00", False),
        ("Sun:23:00-Sun:23:59", "Mon:00:00-Mon:01:00", False),
        ("Mon:00:00-Mon:01:00", "Sun:23:00-Sun:23:59", False),
        ("Sun:23:00-Sun:23:30", "Mon:00:00-Mon:01:00", True),
        ("Tue:13:00-Tue:17:00", "Wed:13:00-Wed:17:00", True),
    ],
)
def test_windows_of_two_resources_are_apart_by_the_duration_of_a_practice_run(
    cluster: str, balancer: str, *, apart: bool
) -> None:
    assert window_of(cluster).meets(window_of(balancer)) is not apart
    problems = problems_of(
        autoshift(practiceWindows={"cluster": [cluster], "loadBalancer": [balancer]})
    )
    expected = [] if apart else [(f"{WINDOWS}.loadBalancer[0]", FAR.format(cluster, "cluster"))]
    assert [(each.key, each.message) for each in problems] == expected


def test_the_default_windows_are_apart() -> None:
    windows = PracticeWindows()
    spans = [
        window_of(each)
        for of_resource in (windows.cluster, windows.load_balancer, windows.internal_load_balancer)
        for each in of_resource
    ]
    assert not [(a, b) for a in spans for b in spans if a != b and a.meets(b)]


def test_windows_of_a_resource_that_the_cell_does_not_have_are_refused() -> None:
    window = ["Fri:13:00-Fri:17:00"]
    assert only(autoshift(practiceWindows={"internalLoadBalancer": window})) == (
        f"{WINDOWS}.internalLoadBalancer",
        "the cell has no internal load balancer, because no route is internal; write expose: "
        "{internal: true} in an app, or remove internalLoadBalancer",
    )
    without_shift = ((CLUSTER, "zonalShift"), False)
    assert only(without_shift, autoshift(practiceWindows={"cluster": window})) == (
        f"{WINDOWS}.cluster",
        "cluster.zonalShift is false, so that ARC cannot shift the cluster; write zonalShift: "
        "true, or remove cluster",
    )
    assert problems_of(without_shift, autoshift()) == [], "the load balancer can be shifted"


NOT_EXPOSED: Change = ((APPS,), {"web": app()})


def config_without_traffic() -> list[Change]:
    return [NOT_EXPOSED, (("ha-eks:traffic",), {})]


def test_a_cell_without_an_alarm_that_stops_practice_runs_is_refused() -> None:
    assert only(*config_without_traffic(), autoshift()) == (
        AUTOSHIFT,
        "ARC requires an alarm that stops a practice run, and the cell has none: no app has "
        "expose, and there is no worker; add one of them, or remove autoshift",
    )
    assert problems_of(*config_without_traffic(), workers(jobs={}), autoshift()) == []


def test_a_cell_with_nothing_to_shift_is_refused() -> None:
    changes = [*config_without_traffic(), workers(jobs={}), ((CLUSTER, "zonalShift"), False)]
    assert only(*changes, autoshift()) == (
        AUTOSHIFT,
        "the cell has nothing to shift: no workload has expose, and cluster.zonalShift is false; "
        "write zonalShift: true, or remove autoshift",
    )


def test_a_singleton_with_requests_is_a_caution() -> None:
    with_port = singletons(store={"port": 6379})
    assert "singleton store receives no requests" in cautions_of(with_port)[AUTOSHIFT]
    assert AUTOSHIFT not in cautions_of(with_port, ((RESILIENCE,), {}))
    assert AUTOSHIFT not in cautions_of(singletons(store={})), "no workload sends it requests"
