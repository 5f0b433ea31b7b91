"""What preview says and draws of pods that go."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from core.availability.termination import Drain, drain
from tests.conftest import recording_of
from tools.preview.report import report, timelines
from tools.preview.termination import drain_lines
from tools.recording import Recording

SVG = "{http://www.w3.org/2000/svg}"
WEB = drain(longest_request=15, shutdown=20, let_go=20)
BATCH = drain(longest_request=600, shutdown=600, let_go=None)


def test_every_app_s_timeline_is_told_with_its_seconds() -> None:
    lines = drain_lines(recording_of("prod").settings)
    assert lines[0] == (
        "a pod of web goes: 0 s deleted · 20 s load balancer and endpoints have let go, TERM · "
        "35 s last answer · 40 s exit, load balancer closes · 45 s KILL"
    )
    assert lines[1] == (
        "a pod of cache goes: 0 s deleted · 5 s endpoints have let go, TERM · 35 s last answer, "
        "exit · 40 s KILL"
    )


def test_what_holds_behind_a_load_balancer_is_told_of_those_that_are() -> None:
    [line] = drain_lines(recording_of("prod").settings)[2:]
    assert line == (
        "a pod of web counts within 84 s of its start; one that is dead gets nothing more after "
        "14 s, also while the controller is away"
    )


def test_the_report_says_what_preview_says(recording: Recording) -> None:
    page = report(recording, date(2026, 11, 23))
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    for name, app in recording.settings.apps.items():
        assert f"a pod of {name} goes: 0 s deleted" in text
        assert f"KILL {app.drain.grace} s" in text
    assert "<h1>" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_cautions_are_in_the_report_and_without_any_there_is_no_heading() -> None:
    assert "m7i.large is offered in 5 of 6 zones" in report(
        recording_of("prod"), date(2026, 11, 23)
    )
    assert "Cautions" not in report(recording_of("prod-standby"), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("drains", "longest", "seconds"),
    [
        ({"web": WEB}, 45, [20, 20, 5, 20, 20]),
        ({"web": WEB, "batch": BATCH}, 610, [20, 20, 5, 20, 20, 5, 600, 5, 5, 600]),
    ],
    ids=["one", "two, on one scale"],
)
def test_every_bar_is_as_long_as_what_it_stands_for(
    drains: dict[str, Drain], longest: int, seconds: list[int]
) -> None:
    bars = [*ElementTree.fromstring(timelines(drains)).iter(f"{SVG}rect")]
    widths = [int(bar.get("width", "")) for bar in bars]
    assert widths == pytest.approx([each * 820 / longest for each in seconds], abs=1)
    assert max(int(bar.get("x", "")) + int(bar.get("width", "")) for bar in bars) == 940


def test_names_and_figures_do_not_leave_the_page() -> None:
    drawn = timelines({"a&b": BATCH})
    assert ElementTree.fromstring(drawn).get("aria-label") == f"a&b: {BATCH}"
