"""A change goes through the cells one after another, and stops at the first failed gate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.tools.fleet.fleet_cells import ALARM, CELLS, HEALTHY, FleetOfCells, KilledError
from tools.deploy.aws_cli import AwsError
from tools.fleet.interfaces import FleetError, Health
from tools.fleet.rollout import WAITS

DRAINED = Health(serving=True, drained=True, impact=None, redundancy=None)
NO_REDUNDANCY = Health(serving=True, drained=False, impact=None, redundancy="ALARM: two zones")
UNHEALTHY = Health(serving=False, drained=False, impact=None, redundancy=None)
GATE_BEFORE = [f"read {each}" for each in CELLS]
RECORDS_OF_A_RUN = 14
"""Records from `started` to `finished`: four for each of three cells."""


@pytest.fixture
def fleet(tmp_path: Path) -> FleetOfCells:
    found = FleetOfCells(tmp_path)
    found.previewed()
    return found


def refused(fleet: FleetOfCells, status: int = 1, *, resume: bool = False) -> str:
    """Runs a command, which must stop; returns its message."""
    with pytest.raises(FleetError) as caught:
        fleet.resume() if resume else fleet.start()
    assert caught.value.status == status
    return str(caught.value)


def test_a_good_change_reaches_all_cells_in_order_with_a_gate_before_and_after_each(
    fleet: FleetOfCells,
) -> None:
    start = fleet.now
    fleet.start()
    assert fleet.events == [
        *(*GATE_BEFORE, "up one"),
        *(*GATE_BEFORE, "up two", "read two"),  # one is read by its bake and by the gate
        *(*GATE_BEFORE, "up three", "read three"),
    ]
    assert fleet.now - start == timedelta(minutes=30), "each cell bakes for ten minutes"
    assert fleet.events_of_journal() == [
        *("previewed", "started"),
        *(
            f"{step} {cell} {result}"
            for cell in CELLS
            for step in ("up", "bake")
            for result in ("started", "passed")
        ),
        "finished",
    ]
    assert len(fleet.events_of_journal()) == RECORDS_OF_A_RUN + 1


def test_a_bad_change_reaches_one_cell_only(fleet: FleetOfCells) -> None:
    fleet.after_up = lambda cell: fleet.health.update({cell: ALARM})
    assert refused(fleet) == (
        "one: not healthy after its update: the alarm impact is ALARM: errors; unchanged: two, "
        "three; what to do: docs/fleet.md#if-the-run-stops"
    )
    assert fleet.ups() == ["one"], "users of the other cells would be affected too"
    assert fleet.events_of_journal()[-2:] == ["bake one failed", "stopped"]


def test_a_cell_that_becomes_unhealthy_in_the_last_minute_of_the_bake_stops_the_run(
    fleet: FleetOfCells,
) -> None:
    end = fleet.now + timedelta(minutes=10)

    def sleep(seconds: float) -> None:
        fleet.now += timedelta(seconds=seconds)
        if fleet.now >= end:
            fleet.health["one"] = UNHEALTHY

    fleet.sleep = sleep
    assert "Route 53 finds the cell unhealthy" in refused(fleet)
    assert fleet.ups() == ["one"]


@pytest.mark.parametrize("unhealthy", CELLS)
def test_no_cell_is_updated_while_any_cell_is_unhealthy(
    fleet: FleetOfCells, unhealthy: str
) -> None:
    fleet.health[unhealthy] = UNHEALTHY
    message = refused(fleet)
    assert message.startswith(f"one: not updated, because {unhealthy} is not healthy: Route 53")
    assert fleet.ups() == [], "the cell may serve the users of the unhealthy cell"
    fleet.health.clear()
    fleet.resume()
    assert fleet.ups() == [*CELLS]


def test_an_emergency_updates_an_unhealthy_fleet_but_the_bake_must_end_healthy(
    fleet: FleetOfCells,
) -> None:
    fleet.health["three"] = UNHEALTHY
    fleet.after_up = lambda cell: fleet.health.update({cell: HEALTHY})
    fleet.start(emergency="the fix")
    assert fleet.ups() == [*CELLS]
    assert fleet.journal.records()[1]["emergency"] == "the fix"


def test_a_cell_that_stays_unhealthy_in_an_emergency_stops_the_run_at_the_end_of_the_bake(
    fleet: FleetOfCells,
) -> None:
    fleet.health["one"], start = UNHEALTHY, fleet.now
    with pytest.raises(FleetError, match="one: not healthy after its update"):
        fleet.start(emergency="the fix")
    assert fleet.now - start == timedelta(minutes=10)
    assert fleet.ups() == ["one"]


def test_a_failed_update_stops_the_run_and_resume_repeats_it(fleet: FleetOfCells) -> None:
    fleet.failing["two"] = "the stack two is locked: anna@laptop (pid 7); wait"
    assert refused(fleet) == (
        "two: the update failed: the stack two is locked: anna@laptop (pid 7); wait; unchanged: "
        "three; fix the cause and run make fleet-resume; docs/fleet.md#if-the-run-stops"
    )
    fleet.failing.clear()
    fleet.resume()
    assert fleet.ups() == ["one", "two", "two", "three"]


@pytest.mark.parametrize("records", range(1, RECORDS_OF_A_RUN))
def test_a_run_that_is_killed_after_any_record_resumes_with_its_step(
    fleet: FleetOfCells, records: int
) -> None:
    fleet.kill_after = records
    with pytest.raises(KilledError):
        fleet.start()
    done = fleet.events_of_journal()
    fleet.kill_after = None
    fleet.resume()
    after = fleet.events_of_journal()[len(done) :]
    assert after[0] == "resumed"
    assert after[-1] == "finished"
    for cell in CELLS:
        for step in ("up", "bake"):
            passed = f"{step} {cell} passed"
            assert (passed in after) is (passed not in done), "a step is lost or repeated"
    assert [*dict.fromkeys(fleet.ups())] == [*CELLS]


def test_a_run_that_is_killed_during_an_update_repeats_the_update(fleet: FleetOfCells) -> None:
    def kill(cell: str) -> None:
        fleet.after_up = lambda cell: None
        raise KilledError

    fleet.after_up = kill
    with pytest.raises(KilledError):
        fleet.start()
    fleet.resume()
    assert fleet.ups() == ["one", "one", "two", "three"]


def test_ctrl_c_is_recorded_and_resume_bakes_the_whole_time_again(fleet: FleetOfCells) -> None:
    sleep = fleet.sleep

    def interrupt(seconds: float) -> None:
        fleet.sleep = sleep
        raise KeyboardInterrupt

    fleet.sleep = interrupt
    with pytest.raises(KeyboardInterrupt) as caught:
        fleet.start()
    assert caught.value.__notes__ == ["make fleet-resume continues with this step"]
    assert fleet.journal.records()[-1]["text"] == "interrupted"
    start = fleet.now
    fleet.resume()
    assert fleet.ups() == [*CELLS]
    assert fleet.now - start == timedelta(minutes=30), (
        "the cell was not checked during the interruption"
    )


def test_the_second_of_two_concurrent_runs_is_refused_with_the_holder(
    fleet: FleetOfCells,
) -> None:
    with fleet.journal.locked(), pytest.raises(FleetError) as caught, fleet.journal.locked():
        pass
    assert str(caught.value).startswith("another run is in progress: ")
    assert f"since {fleet.now.isoformat()}; wait until it ends" in str(caught.value)
    with fleet.journal.locked():
        pass  # the lock ends with the run


@pytest.mark.parametrize("change", ["revision", "settings"])
def test_a_change_since_the_preview_is_refused(fleet: FleetOfCells, change: str) -> None:
    if change == "revision":
        fleet.revision = "b" * 40
    else:
        fleet.edit("three")
    message = refused(fleet)
    assert message.startswith("changed since the preview of 2026-11-24T12:00:00+00:00: ")
    assert {
        "revision": "the revision is bbbbbbbbb, not aaaaaaaaa",
        "settings": "the settings of three have changed in Pulumi.three.yaml",
    }[change] in message
    assert fleet.events == [], "a change that was not previewed would be deployed"


def test_a_change_during_the_run_is_refused_before_the_next_cell(fleet: FleetOfCells) -> None:
    fleet.after_up = lambda cell: fleet.edit("two")
    assert "the settings of two have changed" in refused(fleet)
    assert fleet.ups() == ["one"]
    assert "the settings of two" in refused(fleet, resume=True)


def test_an_edit_of_a_cell_that_is_done_does_not_stop_the_others(fleet: FleetOfCells) -> None:
    """`make drain` edits the stack file of a cell that is done."""
    fleet.after_up = lambda cell: fleet.edit("one") if cell == "two" else None
    fleet.start()
    assert fleet.ups() == [*CELLS]


def test_an_edit_of_a_cell_that_is_done_does_not_prevent_a_resume(fleet: FleetOfCells) -> None:
    fleet.failing["two"] = "no network"
    refused(fleet)
    fleet.failing.clear()
    fleet.edit("one")
    fleet.resume()
    assert fleet.ups() == ["one", "two", "two", "three"]


def test_each_cell_after_the_first_waits_for_approval(fleet: FleetOfCells) -> None:
    fleet.file = {"approval": True}
    assert refused(fleet, WAITS) == ("two: waits for approval; run make fleet-resume APPROVE=two")
    assert fleet.ups() == ["one"]
    refused(fleet, WAITS, resume=True)
    with pytest.raises(FleetError, match="three: waits for approval"):
        fleet.resume(approved="two")
    fleet.health["one"] = UNHEALTHY
    with pytest.raises(FleetError, match="three: not updated, because one is not healthy"):
        fleet.resume(approved="three")
    fleet.health.clear()
    fleet.resume()
    assert fleet.ups() == [*CELLS], "a person would have to approve twice"


def test_no_cell_begins_in_frozen_hours_except_in_an_emergency(fleet: FleetOfCells) -> None:
    windows = ({"days": ("friday",), "start": "16:00"}, {"days": ("saturday", "sunday")})
    fleet.file = {"frozen": {"timeZone": "Europe/Berlin", "windows": windows}}
    fleet.now = datetime(2026, 11, 27, 14, 55, tzinfo=UTC)  # Friday, 15:55 in Berlin
    assert refused(fleet, WAITS) == (
        "two: not updated, because these are frozen hours until Monday 2026-11-30 00:00 CET; then "
        "run make fleet-resume, or make fleet-resume EMERGENCY='REASON' now"
    )
    assert fleet.ups() == ["one"], "the bake of a cell that has begun goes on"
    fleet.resume(emergency="users cannot pay")
    assert fleet.ups() == [*CELLS]


def test_an_update_that_was_interrupted_is_repaired_in_frozen_hours(fleet: FleetOfCells) -> None:
    fleet.file = {"frozen": {"timeZone": "Etc/UTC", "windows": ({"days": ("saturday",)},)}}
    fleet.failing["one"] = "no network"
    refused(fleet)
    fleet.failing.clear()
    fleet.now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert "two: not updated, because these are frozen hours" in refused(fleet, WAITS, resume=True)
    assert fleet.ups() == ["one", "one"]


def test_reads_that_fail_for_a_minute_stop_the_run(fleet: FleetOfCells) -> None:
    fleet.after_up = lambda cell: fleet.health.update({cell: AwsError("no network")})
    start = fleet.now
    assert "one: not healthy after its update: the health cannot be read: no network" in refused(
        fleet
    )
    assert fleet.now - start == timedelta(minutes=3), "one failed read would stop the run"


def test_one_failed_read_does_not_stop_the_run_but_the_last_read_must_succeed(
    fleet: FleetOfCells,
) -> None:
    sleep, start = fleet.sleep, fleet.now

    def sleep_then_fail(seconds: float) -> None:
        sleep(seconds)
        number = (fleet.now - start).seconds // 60
        if number in (5, 10):
            fleet.health["one"] = AwsError("no network")
        else:
            fleet.health.pop("one", None)

    fleet.sleep = sleep_then_fail
    assert refused(fleet).startswith("one: not healthy after its update: the health cannot be read")
    assert fleet.now - start == timedelta(minutes=10)


def test_failed_reads_count_only_in_a_row(fleet: FleetOfCells) -> None:
    sleep, start = fleet.sleep, fleet.now

    def sleep_then_fail(seconds: float) -> None:
        sleep(seconds)
        failed = (fleet.now - start).seconds // 60 in (2, 3, 4, 6, 7, 8)
        fleet.health["one"] = AwsError("no network") if failed else HEALTHY

    fleet.sleep = sleep_then_fail
    fleet.start()
    assert fleet.ups() == [*CELLS]


def test_the_alarm_on_redundancy_is_reported_once_and_is_no_gate(fleet: FleetOfCells) -> None:
    fleet.health["one"] = NO_REDUNDANCY
    fleet.start()
    assert fleet.ups() == [*CELLS]
    text = "one: the alarm redundancy is ALARM: two zones; it does not stop the run"
    assert fleet.lines.count(text) == 1


@pytest.mark.parametrize(
    ("health", "out"),
    [(DRAINED, "drained"), (replace(DRAINED, drained=False, failed_over=True), "failed over")],
)
def test_a_cell_without_users_is_updated_and_others_are_with_a_caution(
    fleet: FleetOfCells, health: Health, out: str
) -> None:
    fleet.health["two"] = health
    fleet.start()
    assert fleet.ups() == [*CELLS]
    cautions = [each for each in fleet.lines if each.startswith("caution")]
    assert cautions == [
        f"caution: two is {out}, so that one may serve its users",
        f"caution: two is {out}, so that three may serve its users",
    ]


def test_a_preview_is_used_once(fleet: FleetOfCells) -> None:
    fleet.failing["two"] = "no network"
    refused(fleet)
    assert refused(fleet) == (
        "the run of 2026-11-24T12:00:00+00:00 has stopped at two: up; run make "
        "fleet-resume, or make fleet-preview to begin again with the first cell"
    )
    fleet.failing.clear()
    fleet.resume()
    assert "is deployed; run make fleet-preview again" in refused(fleet)
    assert "is finished; there is nothing to resume" in refused(fleet, resume=True)


def test_without_a_preview_nothing_starts_and_nothing_resumes(tmp_path: Path) -> None:
    fleet = FleetOfCells(tmp_path)
    assert "has no preview; run make fleet-preview first" in refused(fleet)
    assert "has no run to resume; run make fleet-up" in refused(fleet, resume=True)


def test_a_preview_of_other_cells_is_refused(fleet: FleetOfCells) -> None:
    fleet.journal.append(
        "previewed", run="other", source=fleet.source().data(), cells={"one": {}, "three": {}}
    )
    assert refused(fleet) == (
        "fleet.yaml has the cells one, two, three, but the preview of other has one, three; run "
        "make fleet-preview again"
    )


def test_files_that_change_during_the_preview_are_refused(tmp_path: Path) -> None:
    fleet = FleetOfCells(tmp_path)
    original = fleet.preview

    def edit(cell: str) -> object:
        fleet.edit("one")
        return original(cell)

    fleet.preview = edit  # type: ignore[method-assign, assignment]  # for this instance
    with pytest.raises(FleetError, match="changed during the preview: the settings of one"):
        fleet.previewed()
