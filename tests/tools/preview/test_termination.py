"""Pod termination in the lines of preview and in the report."""

from pathlib import Path

from tests.conftest import recording_of
from tests.settings.stack_files import WEB as WEB_APP
from tests.settings.stack_files import accepted, further
from tools.preview.termination import termination_lines


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
