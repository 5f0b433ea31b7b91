"""Runs an experiment in a cell: what starts it, follows it, stops it, and what it has shown."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.tools.deploy.experiment.experiment_cell import (
    CLOUD,
    LISTED,
    START,
    ExperimentCell,
    play_pulumi,
)
from tools.deploy.experiment import metric_values, update_lock
from tools.deploy.experiment.fis import ExperimentError
from tools.deploy.programs import ProgramError


def records(folder: Path) -> list[dict[str, object]]:
    return json.loads((folder / "experiments.json").read_text())


def test_a_run_that_keeps_its_promises(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at[3] = lambda: cell.goes_off("redundancy", ends=20)
    has_data = (START + timedelta(minutes=4), "app/web/errors", "INSUFFICIENT_DATA", "OK")
    cell.history.append(has_data)
    status, record = cell.runs_experiment(tmp_path, lines)
    assert status == 0
    promises = [each for each in lines if each.startswith(("kept", "BROKEN"))]
    assert "kept    impact: never in alarm" in promises
    assert "kept    app/web/hosts: at least 4 pods; lowest 6 pods at 12:01" in promises
    assert "kept    app/web/errors: at most 1%; highest 0.25% at 12:01" in promises
    assert f"lose-a-zone: all {len(promises)} promises kept, which proves: The pods" in "".join(
        lines
    )
    assert "other alarms that went off: redundancy" in lines
    for line in (
        "03:00  alarm redundancy: in alarm",
        "05:00  notice: completed",
        "05:00  shift-zone: running",
        "20:00  alarm redundancy: OK again",
        "30:00  lose-a-zone: completed",
    ):
        assert line in lines
    assert records(tmp_path) == [record]
    assert (record["id"], record["result"], record["other_alarms"]) == (
        "EXP1", "kept", ["redundancy"],
    )  # fmt: skip
    assert len(record["promises"]) == len(promises)
    hosts = next(each for each in record["promises"] if each["alarm"] == "app/web/hosts")
    assert (hosts["worst"], hosts["in_alarm"]) == (["2026-11-29T12:01:00+00:00", 6.0], [])
    assert "seen    app cache: lowest 2 ready pods at 12:02; 2 needed" in lines
    assert record["ready_pods"][0] == {
        "app": "web", "needed": 4, "lowest": ["2026-11-29T12:01:00+00:00", 5.0],
    }  # fmt: skip
    assert cell.now - START >= timedelta(minutes=30 + 5), "alarms evaluate the end of the run later"


def test_an_alarm_that_goes_off_breaks_a_promise(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at[6] = lambda: cell.goes_off("app/web/hosts", ends=9)
    cell.at[6.5] = lambda: cell.goes_off("impact")
    status, record = cell.runs_experiment(tmp_path, lines)
    assert (status, record["result"]) == (1, "broken")
    assert "BROKEN  impact: in alarm since 12:06" in lines
    assert (
        "BROKEN  app/web/hosts: at least 4 pods; lowest 6 pods at 12:01; in alarm 12:06 to 12:09"
        in lines
    )
    assert any(re.match(r"lose-a-zone: 2 of \d+ promises broken", each) for each in lines)
    assert not [each for each in lines if "other alarms" in each]


def test_an_alarm_counts_that_goes_off_after_an_alarm_has_stopped_the_run(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.ends["EXP1"] = {"after": 10, "status": "stopped", "reason": "stop condition"}
    cell.at[12] = lambda: cell.goes_off("impact", ends=13)
    status, record = cell.runs_experiment(tmp_path, lines)
    assert (status, record["result"], record["status"]) == (1, "broken", "stopped")


def test_an_alarm_counts_that_goes_off_after_the_end_of_the_run(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at[32] = lambda: cell.goes_off("impact", ends=34)
    status, _ = cell.runs_experiment(tmp_path, lines)
    assert (status, "BROKEN  impact: in alarm 12:32 to 12:34" in lines) == (1, True)


def test_a_run_that_fails_has_no_result(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    error = {"code": "Unauthorized", "location": "stop-nodes"}
    cell.ends["EXP1"] = {"after": 1, "status": "failed", "reason": "Action failed", "error": error}
    status, record = cell.runs_experiment(tmp_path, lines)
    assert (status, record["result"]) == (2, "none")
    assert (
        "lose-a-zone: no result, because the run EXP1 is failed: Action failed, Unauthorized, "
        "stop-nodes"
    ) in lines


def test_the_announcement_names_claim_alarms_duration_and_price(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.runs_experiment(tmp_path, lines)
    first = lines.index("experiment lose-a-zone in prod, zone us-east-1a")
    text = "\n".join(lines[first : lines.index("started EXP1")])
    for part in (
        "  proves        The pods in the other zones",
        "  must stay OK  impact\n",
        "  may go off    redundancy\n",
        "  takes         30 minutes, and",
        f"  costs         ${cell.experiment.dollars():.2f}",
        "  before        No other zonal shift may be active",
    ):
        assert part in text


def lever(cell: ExperimentCell) -> None:
    cell.lever = {"status": "engaged", "reason": "incident 7"}


def other_run(cell: ExperimentCell) -> None:
    tags = {**cell.templates[1]["tags"], "experiment": "delete-pods"}
    cell.templates.append({"id": "EXT3", "tags": tags})
    cell.began().update(experimentTemplateId="EXT3", tags=tags)


def redundancy(cell: ExperimentCell) -> None:
    cell.alarm("redundancy").update(StateValue="INSUFFICIENT_DATA", StateReason="new")


def shift(cell: ExperimentCell) -> None:
    shifted = {"appliedStatus": "APPLIED", "awayFrom": "use1-az1", "zonalShiftId": "7"}
    cell.changed["arc-zonal-shift get-managed-resource"] = {"zonalShifts": [shifted]}


def autoshift(cell: ExperimentCell) -> None:
    found = {"awayFrom": "use1-az1", "startTime": "2026-11-29T11:00:00Z"}
    cell.changed["arc-zonal-shift list-autoshifts"] = {"items": [found]}


def pending(cell: ExperimentCell) -> None:
    cell.add_pod("web", "web-9", "web")["status"]["phase"] = "Pending"


def no_headroom(cell: ExperimentCell) -> None:
    [first, *_] = [e for e in cell.objects["deployments"] if "headroom" in str(e["metadata"])]
    first["status"]["readyReplicas"] = 0


def updating(cell: ExperimentCell) -> None:
    cell.changed["eks describe-nodegroup"] = {
        "nodegroup": {"status": "UPDATING", "health": {"issues": []}}
    }


@pytest.mark.parametrize(
    ("breaks", "line"),
    [
        (lever, "safety lever   FIS                             NOT OK  engaged: incident 7"),
        (other_run, "experiments    delete-pods                     NOT OK  EXP1 is running since"),
        (redundancy, "prod/redundancy                 NOT OK  INSUFFICIENT_DATA: new"),
        (shift, "zonal shift    load balancer                   NOT OK  shifted out of use1-az1"),
        (autoshift, "autoshifts     use1-az1                        NOT OK  AWS finds this zone"),
        (
            pending,
            "pending pods   pending pods                    NOT OK  1 pod, such as web/web-9",
        ),
        (no_headroom, "headroom       headroom of"),
        (updating, "NOT OK  UPDATING"),
    ],
)
def test_a_cell_that_is_not_ready_is_left_alone(
    cell: ExperimentCell,
    tmp_path: Path,
    lines: list[str],
    breaks: Callable[[ExperimentCell], None],
    line: str,
) -> None:
    breaks(cell)
    assert re.match(r"not started: \d+ checks? above", cell.refuses(tmp_path, lines))
    [table] = lines
    assert line in table, table
    assert not (tmp_path / "experiments.json").exists()


@pytest.mark.parametrize(
    ("backend", "bucket", "line"),
    [
        (CLOUD, None, "NOT OK  an update of the stack is in progress"),
        ("s3://state?region=us-east-2", "", "NOT OK  locked since 2026"),
        ("s3://state/teams/a", "teams/a/", "NOT OK  locked since 2026"),
    ],
)
def test_an_update_in_progress_is_waited_for(
    cell: ExperimentCell,
    tmp_path: Path,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    backend: str,
    bucket: str | None,
    line: str,
) -> None:
    play_pulumi(monkeypatch, backend, [{**LISTED[1], "name": "prod"}])
    cell.locks = [{"Key": "1.json", "LastModified": "2026-11-29T11:59:00+00:00"}]
    cell.refuses(tmp_path, lines)
    assert f"updates        Pulumi                          {line}" in lines[0]
    if bucket is not None:
        [request] = cell.requests_of("list-objects-v2")
        assert f"{bucket}.pulumi/locks/organization/ha-eks/prod/" in request


def test_locks_that_cannot_be_read_or_do_not_exist_stop_nothing(
    cell: ExperimentCell, tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    play_pulumi(monkeypatch, "s3://state?region=us-east-2")
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    assert (
        "updates        Pulumi                          ok      no update in progress" in lines[0]
    )
    fail(cell, "list-objects-v2")
    assert cell.runs_experiment(tmp_path, lines)[0] == 0


@pytest.mark.parametrize("answer", [{"user": "a"}, [], ProgramError("pulumi whoami: log in")])
def test_a_backend_that_pulumi_does_not_name_stops_nothing(
    cell: ExperimentCell, tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch,
    answer: object,
) -> None:  # fmt: skip
    def json_of(*_: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(update_lock, "json_of", json_of)
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    assert "updates        Pulumi                          skipped updates cannot be" in lines[0]


def test_an_experiment_without_a_template_names_the_setting(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.templates[1]["tags"] = {**cell.templates[1]["tags"], "experiment": "delete-pods"}
    assert cell.refuses(tmp_path, lines) == (
        "prod has no template of lose-a-zone: add lose-a-zone to "
        "ha-eks:resilience.experiments.enabled in Pulumi.prod.yaml, and run make up STACK=prod "
        "(docs/experiments.md#enable-experiments)"
    )


def fail(cell: ExperimentCell, *commands: str) -> None:
    """Makes commands of the AWS CLI fail from now on."""
    cell.fails = commands


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_stops_the_run_and_says_what_is_left(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at[7] = interrupt
    cell.at[7.5] = lambda: shift(cell)
    status, record = cell.runs_experiment(tmp_path, lines)
    assert (status, record["result"], record["status"]) == (130, "interrupted", "stopped")
    assert cell.requests_of("stop-experiment") == [("fis", "stop-experiment", "--id", "EXP1")]
    assert "08:00  lose-a-zone: stopped: stopped" in lines
    assert lines[-1].startswith("left behind:\n")
    assert "when the zone works again: aws arc-zonal-shift cancel-zonal-shift" in lines[-1]
    assert records(tmp_path) == [record]


def test_a_second_ctrl_c_leaves_while_the_run_stops(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at = {7: interrupt, 7.5: interrupt}
    assert cell.runs_experiment(tmp_path, lines) == (130, {})
    assert lines[-1] == "EXP1 is still stopping: aws fis get-experiment --id EXP1"


def test_ctrl_c_before_the_start_stops_nothing(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    assert cell.running(tmp_path, lines, interrupt).execute(lines.append) == (130, {})
    assert lines[-1] == "interrupted; no run is in progress"
    assert not cell.requests_of("stop-experiment")


@pytest.mark.parametrize("killed_after", [10, 33], ids=["running", "ended"])
def test_a_killed_command_is_continued(
    cell: ExperimentCell, tmp_path: Path, lines: list[str], killed_after: float
) -> None:
    class KilledError(BaseException):
        pass

    def kill() -> None:
        raise KilledError

    cell.at[killed_after] = kill
    with pytest.raises(KilledError):
        cell.runs_experiment(tmp_path, lines)
    status, record = cell.runs_experiment(tmp_path, lines)
    assert (status, record["result"]) == (0, "kept")
    assert len(cell.requests_of("start-experiment")) == 1
    assert "EXP1, started 2026-11-29 12:00 UTC, has no result yet" in lines
    assert records(tmp_path) == [record]
    assert cell.runs_experiment(tmp_path, lines)[1]["id"] == "EXP2", "then a new run starts"


def test_a_run_from_the_console_is_followed(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.began()["tags"] = {}
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    assert not cell.requests_of("start-experiment")


def test_an_alarm_that_is_in_alarm_before_and_all_through_a_run_breaks_a_promise(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.goes_off("impact")
    cell.sleep(60)
    cell.began()["tags"] = {}
    assert cell.runs_experiment(tmp_path, lines)[0] == 1
    assert "BROKEN  impact: in alarm all the time" in lines


def test_a_cell_that_cannot_be_read_for_a_while_is_followed(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at = {5: lambda: fail(cell, "describe-alarms", "get-experiment"), 8: lambda: fail(cell)}
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    assert "05:15  the run cannot be read: aws fis get-experiment: no access" in lines
    cell.at = {45: lambda: fail(cell, "describe-alarms"), 45.25: lambda: fail(cell)}
    cell.at |= {50: lambda: fail(cell, "describe-alarms"), 51: lambda: fail(cell)}
    lines.clear()
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    unread = [each for each in lines if each.endswith("cannot be read at present: no access")]
    assert len(unread) == 1, "one failed read is no news"


def test_single_failed_reads_do_not_add_up(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    for minute in range(1, 26):
        cell.at[minute] = lambda: fail(cell, "get-experiment")
        cell.at[minute + 0.25] = lambda: fail(cell, "describe-alarms")
        cell.at[minute + 0.5] = lambda: fail(cell)
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    assert not [each for each in lines if "cannot be read" in each]


def test_a_run_that_cannot_be_read_for_minutes_is_named(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at[5] = lambda: fail(cell, "get-experiment")
    with pytest.raises(ExperimentError) as error:
        cell.runs_experiment(tmp_path, lines)
    assert str(error.value) == (
        "EXP1 may still be running, but cannot be read: aws fis get-experiment: no access; fix the "
        "cause, then run make experiment STACK=prod NAME=lose-a-zone again, which follows this run"
    )
    assert cell.now - START == timedelta(minutes=5 + 19 / 4), "the command gives up after 5 minutes"


def test_pods_and_silence_are_reported(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    pod = cell.pods("web")[0]
    ready = [{"type": "Ready", "status": "False"}]
    cell.at[2] = lambda: pod["status"].update(conditions=ready)
    cell.runs_experiment(tmp_path, lines)
    number = len(cell.pods("web"))
    assert f"00:00  app web: {number} of {number} pods ready, 4 needed" in lines
    assert f"02:00  app web: {number - 1} of {number} pods ready, 4 needed" in lines
    assert "10:00  lose-a-zone: running, no change for 5 minutes" in lines


def test_values_of_many_alarms_are_read_in_parts(
    cell: ExperimentCell, tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_values, "_GROUPS", 1)
    cell.runs_experiment(tmp_path, lines)
    assert "kept    app/web/hosts: at least 4 pods; lowest 6 pods at 12:01" in lines
    assert "seen    app cache: lowest 2 ready pods at 12:02; 2 needed" in lines


def test_a_cell_without_the_alarms_has_no_result(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.experiment = replace(cell.experiment, holds=("app/*",))
    status, record = cell.runs_experiment(tmp_path, lines)
    assert (status, record["result"]) == (2, "none")
    assert (
        "lose-a-zone: no result, because the cell has no alarm that must stay OK: app/*"
    ) in lines
