"""Pod termination in the lines of preview and in the report."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.availability.termination import Termination, termination
from tests.conftest import recording_of
from tests.settings.stack_files import WEB as WEB_APP
from tests.settings.stack_files import accepted, further
from tools.preview.report import report, timelines
from tools.preview.termination import termination_lines
from tools.recording import Recording

SVG = "{http://www.w3.org/2000/svg}"
WEB = termination(longest_request=15, shutdown=20, load_balancer_deregistration=20)
BATCH = termination(longest_request=600, shutdown=600, load_balancer_deregistration=None)


def test_preview_prints_the_termination_timeline_of_every_app_and_when_new_pods_are_ready() -> None:
    assert [*termination_lines(recording_of("prod").settings)] == [
        "web pod termination: 0s deleted, 20s deregistered and TERM, 35s last in-flight response, "
        "40s exit, 45s KILL",
        "cache pod termination: 0s deleted, 5s deregistered and TERM, 35s last in-flight response "
        "and exit, 40s KILL",
        "new web pods receive traffic within 84s",
        "unresponsive pods behind the load balancer receive no new requests after 14s, even "
        "while the AWS Load Balancer Controller is unavailable",
    ]


def test_preview_prints_events_in_chronological_order_and_the_slow_start(tmp_path: Path) -> None:
    settings = accepted(
        tmp_path,
        "prod",
        ((*WEB_APP, "shutdownSeconds"), 90),
        ((*WEB_APP, "preStop"), {"command": ["/leave"], "seconds": 60}),
        ((*WEB_APP, "expose"), {"slowStartSeconds": 30}),
    )
    lines = [*termination_lines(settings)]
    assert lines[0] == (
        "web pod termination: 0s deleted, 20s deregistered, 35s last in-flight response, 60s TERM, "
        "150s exit, 155s KILL"
    )
    assert lines[2] == (
        "new web pods receive traffic within 84s, and their full share 30s later (slow start)"
    )


def test_preview_prints_when_sidecars_exit_and_how_long_init_containers_delay_a_pod(
    tmp_path: Path,
) -> None:
    sidecars = [further("proxy", shutdownSeconds=10), further("logs")]
    settings = accepted(
        tmp_path,
        "prod",
        ((*WEB_APP, "sidecars"), sidecars),
        ((*WEB_APP, "initContainers"), [further("assets", longestSeconds=50)]),
    )
    lines = [*termination_lines(settings)]
    assert lines[0] == (
        "web pod termination: 0s deleted, 20s deregistered and TERM, 35s last in-flight response, "
        "40s exit, 55s exit of the sidecars, 60s KILL"
    )
    assert lines[2] == "new web pods receive traffic within 134s"


def test_the_report_contains_the_lines_of_preview_and_a_timeline(recording: Recording) -> None:
    page = report(recording, date(2026, 11, 23))
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    for line in termination_lines(recording.settings):
        assert f"<li>{line}</li>" in text
    for app in recording.settings.deployments.values():
        assert f">KILL {app.termination.grace}s</text>" in text
    assert "<h1>Preview of " in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_report_has_a_heading_for_findings_only_if_findings_exist() -> None:
    page = report(recording_of("prod"), date(2026, 11, 23))
    place = "<h2>Audit</h2><ul><li>caution HA905 ha-eks:pools.general.instanceTypes[0]: EC2 offers"
    assert place in page
    assert "<h2>Audit</h2>" not in report(recording_of("prod-standby"), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("terminations", "longest", "seconds"),
    [
        ({"web": WEB}, 45, [20, 20, 5, 20, 20]),
        ({"web": WEB, "batch": BATCH}, 610, [20, 20, 5, 20, 20, 5, 600, 5, 5, 600]),
        ({"web": replace(WEB, sidecars=15)}, 60, [20, 20, 15, 5, 20, 20]),
    ],
    ids=["one", "two, on one scale", "sidecars"],
)
def test_every_bar_is_as_long_as_its_time_span(
    terminations: dict[str, Termination], longest: int, seconds: list[int]
) -> None:
    bars = [*ElementTree.fromstring(timelines(terminations)).iter(f"{SVG}rect")]
    widths = [int(bar.get("width", "")) for bar in bars]
    assert widths == pytest.approx([each * 820 / longest for each in seconds], abs=1)
    assert max(int(bar.get("x", "")) + int(bar.get("width", "")) for bar in bars) == 940


def test_the_label_of_the_image_escapes_names_and_contains_the_sums() -> None:
    image = timelines({"a&b": BATCH})
    assert ElementTree.fromstring(image).get("aria-label") == f"a&b: {BATCH}"
