"""A release is applied, watched, and rolled back; only in memory."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tools.deploy.preview_steps import Step
from tools.deploy.release.alarm import AlarmWatch
from tools.deploy.release.interfaces import Release, ReleaseError
from tools.deploy.release.order import ImpactWatch, Releasing

URN = "urn:pulumi:prod::ha-eks::ha-eks:index:App$kubernetes:apps/v1:Deployment::web"
JOB = "urn:pulumi:prod::ha-eks::ha-eks:index:App$kubernetes:batch/v1:Job::web-migration"
OLD, NEW = "web@sha256:" + "0" * 64, "web@sha256:" + "1" * 64
CAUTION = "caution: the cell has no alarm on impact; only the rollout is watched"
WATCHED = (
    "web: all pods run the new image; prod/impact is watched for 0.001 minutes; Ctrl-C ends the "
    "watch and keeps the release"
)


def release(former: str | None = OLD) -> Release:
    return Release(
        stack="prod",
        app="web",
        image=NEW,
        former=former,
        paths={URN: frozenset({"image"}), JOB: frozenset({""})},
        new=frozenset({JOB}),
    )


class Cell:
    """Pulumi, the stack file, the pods and the alarm, which record what happens."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.lines: list[str] = []
        self.statuses: Sequence[int | type[BaseException]] = [0]
        self.steps: Sequence[Step] = ()
        self.refreshed = True
        self.alarm: Callable[[], str | None] = lambda: None

    def preview(self, urns: Sequence[str]) -> Sequence[Step]:
        self.done.append(f"preview {self._names(urns)}")
        return self.steps

    def up(self, urns: Sequence[str], stop: threading.Event) -> int:
        self.done.append(f"up {self._names(urns)}")
        status, *self.statuses = self.statuses
        if isinstance(status, int):
            if status == 255:
                assert stop.wait(10), "the alarm does not stop Pulumi"
            return status
        raise status

    def refresh(self, urns: Sequence[str]) -> bool:
        self.done.append(f"refresh {self._names(urns)}")
        return self.refreshed

    def write_image(self, app: str, image: str) -> None:
        self.done.append(f"write {app} {image[11:13]}")

    def look(self, now: datetime) -> None:
        """Looks at the pods."""

    def _names(self, urns: Sequence[str]) -> str:
        return " ".join(urn.rpartition(":")[2] for urn in urns)

    def run(self, what: Release, *, alarm: bool = True, minutes: float = 0.001) -> None:
        impact = None
        if alarm:
            watch = AlarmWatch(lambda: self.alarm(), self.lines.append)
            impact = ImpactWatch(name="prod/impact", watch=watch, minutes=minutes)
        report = self.lines.append
        parts = Releasing(
            engine=self, file=self, pods=self, impact=impact, report=report, poll=0.001
        )
        parts.run(what)

    def fails(self, what: Release, **options: Any) -> str:
        with pytest.raises(ReleaseError) as error:
            self.run(what, **options)
        return str(error.value)


@pytest.fixture
def cell() -> Cell:
    return Cell()


RELEASED = ["preview web", "write web 11", "up web web-migration"]
APPLIED = ["preview web web-migration", *RELEASED[1:]]
ROLLED_BACK = ["write web 00", "up web"]


def test_an_image_is_written_applied_and_watched(cell: Cell) -> None:
    cell.run(release())
    assert cell.done == RELEASED
    assert cell.lines == [WATCHED]


def test_a_cell_without_an_alarm_is_not_watched_after_the_rollout(cell: Cell) -> None:
    cell.run(release(), alarm=False)
    assert (cell.done, cell.lines) == (RELEASED, [CAUTION])


def test_a_cron_job_is_not_watched_and_says_so(cell: Cell) -> None:
    cell.run(replace(release(), scheduled=True), alarm=False)
    assert (cell.done, cell.lines) == (
        RELEASED,
        ["web: the next job runs the new image; nothing is watched"],
    )


def changed(urn: str, path: str) -> Mapping[str, Any]:
    return {
        "op": "update",
        "urn": urn,
        "oldState": {"inputs": {path: 1}},
        "newState": {"inputs": {path: 2}},
    }


def test_other_edits_of_the_app_are_refused_before_any_change(cell: Cell) -> None:
    cell.steps = [changed(URN, each) for each in ("cpu", "image", "a", "b", "c", "d")]
    assert cell.fails(release()) == (
        "web: the stack file has edits that are not deployed: Deployment web: cpu, Deployment web: "
        "image, Deployment web: a, Deployment web: b, Deployment web: c and 1 more; undo them, or "
        "run make up STACK=prod first"
    )
    assert cell.done == ["preview web"]


def test_an_image_that_the_stack_file_has_already_is_only_applied(cell: Cell) -> None:
    cell.steps = [changed(URN, "image")]
    cell.run(release(former=None))
    assert cell.done == APPLIED
    cell.steps = [changed(URN, "cpu")]
    assert cell.fails(release(former=None)).startswith(
        "web: the stack file has edits that are not deployed: Deployment web: cpu; undo"
    )


def test_a_failed_rollout_is_rolled_back_without_jobs(cell: Cell) -> None:
    cell.statuses = [1, 0]
    assert cell.fails(release()) == f"web: the rollout failed; rolled back to {OLD}"
    assert cell.done == [*RELEASED, *ROLLED_BACK]
    assert cell.lines == [f"web: the rollout failed; rolling back to {OLD} …"]


def test_a_failed_rollback_names_the_next_step(cell: Cell) -> None:
    cell.statuses = [1, 1]
    assert cell.fails(release()) == (
        "web: the rollout failed; the rollback failed too, see the output; the stack file has the "
        "former image: fix the cause and run make up STACK=prod"
    )


def test_a_release_without_a_former_image_is_not_rolled_back(cell: Cell) -> None:
    cell.statuses = [1]
    assert cell.fails(release(former=None)) == (
        "web: the rollout failed; not rolled back, because the stack file had this image before; "
        "write the former image into the stack file and run make up STACK=prod"
    )
    assert cell.done == APPLIED


def test_an_alarm_after_the_rollout_rolls_back(cell: Cell) -> None:
    cell.statuses = [0, 0]
    cell.alarm = lambda: "errors" if cell.lines else None
    expected = f"web: prod/impact went off: errors; rolled back to {OLD}"
    assert cell.fails(release(), minutes=1) == expected
    assert cell.done == [*RELEASED, *ROLLED_BACK]


def test_an_alarm_during_the_rollout_stops_it_and_reads_the_state(cell: Cell) -> None:
    cell.statuses = [255, 0]
    cell.alarm = lambda: "errors" if len(cell.done) > 2 else None
    expected = f"web: prod/impact went off: errors; rolled back to {OLD}"
    assert cell.fails(release(), minutes=1) == expected
    refresh = "refresh web web-migration"
    assert cell.done == [*RELEASED, refresh, *ROLLED_BACK], "a rollback would change nothing"
    assert not [each for each in cell.lines if "all pods run the new image" in each]


def test_a_state_that_cannot_be_read_is_not_rolled_back(cell: Cell) -> None:
    cell.statuses, cell.refreshed = [255], False
    cell.alarm = lambda: "errors" if len(cell.done) > 2 else None
    assert cell.fails(release()) == (
        "web: prod/impact went off, and the running image cannot be read; run pulumi refresh -s "
        f"prod, then go back with make release STACK=prod APP=web IMAGE={OLD}"
    )


def test_an_alarm_before_the_release_does_not_stop_it(cell: Cell) -> None:
    cell.alarm = lambda: "errors"
    cell.run(release())
    assert cell.done == RELEASED
    assert cell.lines == [
        "caution: prod/impact is in alarm already: errors; the release is rolled back only if the "
        "alarm is OK and then goes off again",
        WATCHED,
    ]


@pytest.mark.parametrize(
    ("former", "way_back"),
    [
        (OLD, f"go back with make release STACK=prod APP=web IMAGE={OLD}"),
        ("web:1", "write web:1 into the stack file and run make up STACK=prod"),
        (None, "write the former image into the stack file and run make up STACK=prod"),
    ],
)
def test_ctrl_c_reads_the_state_and_keeps_the_image(
    cell: Cell, former: str | None, way_back: str
) -> None:
    cell.statuses = [KeyboardInterrupt]
    with pytest.raises(KeyboardInterrupt):
        cell.run(release(former))
    assert cell.done == [*(RELEASED if former else APPLIED), "refresh web web-migration"]
    assert cell.lines == [
        "stopped: web may run the former and the new image; run the same command again to "
        f"continue, or {way_back}"
    ]


def test_ctrl_c_during_the_watch_keeps_the_release(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout == 60:
            raise KeyboardInterrupt
        return wait(event, timeout)

    wait = threading.Event.wait
    monkeypatch.setattr(threading.Event, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cell.run(release(), minutes=1)
    assert cell.done == RELEASED
    assert cell.lines[-1] == "web: released, but not watched to the end"


def test_ctrl_c_during_a_rollback_names_the_next_step(cell: Cell) -> None:
    cell.statuses, cell.refreshed = [1, KeyboardInterrupt], False
    with pytest.raises(KeyboardInterrupt):
        cell.run(release())
    assert cell.lines[-2:] == [
        "the running image cannot be read; run pulumi refresh -s prod",
        "web: rollback stopped; run make up STACK=prod",
    ]
