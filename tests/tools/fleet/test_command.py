"""Runs `python -m tools.fleet` with fake `git`, `pulumi` and `aws` programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from core.failover_latch import LatchNames
from tests.command_machine import Machine
from tools.deploy.check.result import not_ok, ok
from tools.fleet import __main__ as command
from tools.fleet.interfaces import Health
from tools.fleet.pulumi_cli import locked_by

COMMAND = "tools.fleet"
TRAFFIC = """ha-eks:traffic:
    domain: app.own.test
    hostedZoneId: Z0A
    policy: failover
    role: primary"""
RECORDS = {
    "ResourceRecordSets": [
        {"Name": "app.own.test.", "Type": "A", "SetIdentifier": "own", "HealthCheckId": "h"}
    ]
}
CONFIG = {"Type": "CALCULATED", "ChildHealthChecks": ["a"], "HealthThreshold": 1}
CHECK = {"HealthCheck": {"Id": "h", "HealthCheckConfig": CONFIG}}
VERSION = {"cluster": {"version": "1.36"}}
GIT = f'[ "$1" = rev-parse ] && echo {40 * "a"}; exit 0'
PULUMI = r"""
case "$1 $2" in
preview*) printf '{"steps": [{"op": "read", "urn": "a"}, {"op": "update", "urn": "b"}]}' ;;
'stack ls') printf '[{"name": "own", "lastUpdate": "2026-11-29T12:00:30Z"}]' ;;
esac
"""


def alarms(state: str) -> str:
    described = [
        {"AlarmName": f"own/{name}", "StateValue": state, "StateReason": "why"}
        for name in ("impact", "redundancy")
    ]
    return text({"CompositeAlarms": described, "MetricAlarms": []})


def text(value: object) -> str:
    return f"printf '%s' '{json.dumps(value)}'"


@pytest.fixture
def fleet(machine: Machine) -> Machine:
    """A fleet of the cell `own`, which is healthy."""
    machine.setting(TRAFFIC)
    (machine.project / "fleet.yaml").write_text("cells: [own]\nbakeMinutes: 10\n", encoding="utf-8")
    machine.has("git", GIT)
    machine.has("pulumi", PULUMI)
    machine.aws(
        describe_cluster=text(VERSION),
        list_resource_record_sets=text(RECORDS),
        get_health_check=text(CHECK),
        update_health_check=text(CHECK),
        describe_alarms=alarms("OK"),
        get_metric_data=text({"MetricDataResults": [{"Values": [1.0]}]}),
    )
    return machine


def run(machine: Machine, *arguments: str, status: int = 0) -> str:
    """Runs a command of the fleet, and returns its output; or its errors if it must fail."""
    done = machine.runs(COMMAND, *arguments)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if status else done.stdout


def journal(machine: Machine) -> list[dict[str, object]]:
    file = machine.project / "build" / "fleet" / "journal.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_status_of_all_cells_is_printed(fleet: Machine) -> None:
    assert run(fleet, "status").splitlines() == [
        "CELL            REGION         K8S   UPDATED (UTC)    ROLE       HEALTH",
        "own             us-east-1      1.36  2026-11-29 12:00 primary    healthy",
    ]
    [cell] = json.loads(run(fleet, "status", "--json"))
    assert (cell["cell"], cell["health"], cell["notes"]) == ("own", "healthy", [])


def test_a_preview_records_the_source_and_the_changes_of_each_cell(fleet: Machine) -> None:
    [line] = run(fleet, "preview", "--json").splitlines()
    [record] = journal(fleet)
    assert json.loads(line) == record
    assert (record["event"], record["cells"]) == ("previewed", {"own": {"update": 1}})
    call = f"pulumi [preview][--stack][own][--json][--non-interactive] in {fleet.project}"
    assert call in fleet.calls()


def test_a_cell_that_is_not_deployed_is_no_cell_of_a_fleet(fleet: Machine) -> None:
    fleet.has("pulumi", "echo \"error: no stack named 'own' found\" >&2; exit 255")
    assert run(fleet, "preview", status=1).splitlines()[-1] == (
        "own: pulumi preview: error: no stack named 'own' found; deploy the cell first: make up "
        "STACK=own"
    )


def test_a_bake_time_that_is_too_short_for_the_alarms_is_refused(fleet: Machine) -> None:
    file = fleet.project / "fleet.yaml"
    file.write_text("cells: [own]\nbakeMinutes: 9\n", encoding="utf-8")
    assert run(fleet, "preview", status=1).splitlines()[-1] == (
        "own: fleet.yaml:2: bakeMinutes: must be at least 10: own/impact evaluates a change of the "
        "cell after up to 10 minutes"
    )


def test_an_update_that_finds_the_stack_locked_names_the_holder(fleet: Machine) -> None:
    run(fleet, "preview")
    lock = "s3://state/.pulumi/locks/organization/ha-eks/own/1.json: created by anna@laptop (pid 7)"
    fleet.has(
        "pulumi",
        f"""[ "$1" = up ] || exit 0
        echo 'error: the stack is currently locked by 1 lock(s). Either wait' >&2
        echo '  {lock} at 2026-11-29T12:00:00Z' >&2; exit 255""",
    )
    errors = run(fleet, "up", status=1)
    assert errors.splitlines()[-1] == (
        "own: the update failed: the stack own is locked: created by anna@laptop (pid 7) at "
        "2026-11-29T12:00:00Z; wait until that update ends; fix the cause and run make "
        "fleet-resume; docs/fleet.md#if-the-run-stops"
    )
    assert [each["event"] for each in journal(fleet)] == [
        "previewed", "started", "up", "up", "stopped",
    ]  # fmt: skip
    assert f"pulumi [up][--yes][--skip-preview][--stack][own] in {fleet.project}" in fleet.calls()
    assert "another update" not in errors


def test_an_unhealthy_cell_is_not_updated(fleet: Machine) -> None:
    run(fleet, "preview")
    fleet.aws(
        describe_cluster=text(VERSION),
        list_resource_record_sets=text(RECORDS),
        get_health_check=text(CHECK),
        describe_alarms=alarms("ALARM"),
        get_metric_data=text({"MetricDataResults": [{"Values": [1.0]}]}),
    )
    assert "own: not updated, because own is not healthy: the alarm impact is ALARM: why" in run(
        fleet, "up", status=1
    )
    assert not [each for each in fleet.calls() if each.startswith("pulumi [up]")]


CLOUD = "error: [409] Conflict: Another update is currently in progress."
BUCKET = "error: the stack is currently locked by 1 lock(s). Either wait"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["Updating (own):"], None),
        ([CLOUD], "the stack own is locked: another update is in progress; wait until it ends"),
        ([BUCKET, "  s3://state/.pulumi/locks/1.json: created by a@b (pid 7) at 12:00"],
         "the stack own is locked: created by a@b (pid 7) at 12:00; wait until that update ends"),
        ([BUCKET], f"the stack own is locked: {BUCKET}; wait until that update ends"),
    ],
)  # fmt: skip
def test_the_lock_of_pulumi_is_found_in_its_error_output(
    lines: list[str], message: str | None
) -> None:
    assert locked_by(lines, "own") == message


@pytest.mark.parametrize(("remedy", "threshold"), [("drain", 2), ("undrain", 1)])
def test_a_cell_is_drained_as_make_drain_does(fleet: Machine, remedy: str, threshold: int) -> None:
    run(fleet, remedy, "own")
    [update] = [each for each in fleet.calls() if "[update-health-check]" in each]
    assert f"[--health-check-id][h][--health-threshold][{threshold}]" in update
    [record] = journal(fleet)
    assert (record["event"], record["cell"]) == (f"{remedy}ed", "own")


def returning(value: object) -> Callable[..., object]:
    def function(*arguments: object) -> object:
        return value

    return function


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        ({"drained": True}, ["undrain own"]),
        ({"failed_over": True}, ["open own/failed-over"]),
        ({"drained": True, "failed_over": True}, ["open own/failed-over", "undrain own"]),
    ],
)
def test_a_failback_checks_the_cell_and_returns_its_users(
    fleet: Machine,
    monkeypatch: pytest.MonkeyPatch,
    health: Mapping[str, bool],
    expected: Sequence[str],
) -> None:
    """Runs in this process, because the checks need a Kubernetes API."""
    found = replace(Health(serving=True, drained=False, impact=None, redundancy=None), **health)
    results = {"pods": [ok("app web", "2 ready")]}
    failures: list[str] = []
    latch = LatchNames(cell="own", internal=False)
    done: list[str] = []

    def undrain(remedy: str, cell: str) -> None:
        done.append(f"{remedy} {cell}")

    def reset_all(ask: object, latches: Sequence[LatchNames], say: object) -> None:
        done.extend(f"open {each.alarm}" for each in latches)

    for name, value in {
        "_ask_of": None, "record": None, "health_of": found, "recent_failures": failures,
        "check_cell": results, "missing_capacity": (), "set_latches": [latch],
    }.items():  # fmt: skip
        monkeypatch.setattr(command, name, returning(value))
    monkeypatch.setattr(command, "ROOT", fleet.project)
    monkeypatch.setattr(command, "FOLDER", fleet.project / "build" / "fleet")
    monkeypatch.setattr(command, "drain", undrain)
    monkeypatch.setattr(command, "reset_latches", reset_all)
    monkeypatch.setattr("sys.argv", ["fleet", "failback", "own"])
    assert command.main() == 0
    assert done == expected
    assert [each["event"] for each in journal(fleet)] == ["failback"]
    failures.append("latch: not ready to be set again")
    assert command.main() == 1
    failures.clear()
    results["pods"].append(not_ok("app web", "1 ready", "wait"))
    assert command.main() == 1
    assert done == expected, "users would be sent to a cell that is not ready"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("drain", "owm"), "owm is not in fleet.yaml; the cells are own"),
        (("failback", "owm"), "owm is not in fleet.yaml; the cells are own"),
        (
            ("failback", "own"),
            "own is neither drained nor failed over: nothing to fail back",
        ),
        (("resume", "--approve", "owm"), "owm is not in fleet.yaml; the cells are own"),
        (("up",), "the journal has no preview; run make fleet-preview first"),
        (("resume",), "the journal has no run to resume; run make fleet-up"),
    ],
)
def test_a_command_that_cannot_work_is_refused_in_one_line(
    fleet: Machine, arguments: tuple[str, ...], message: str
) -> None:
    assert run(fleet, *arguments, status=1).splitlines()[-1] == message


def test_without_fleet_yaml_every_command_is_refused(fleet: Machine) -> None:
    (fleet.project / "fleet.yaml").unlink()
    for arguments in (("status",), ("preview",), ("up",), ("resume",), ("drain", "own")):
        [line] = run(fleet, *arguments, status=1).splitlines()
        assert line.startswith("fleet.yaml: file: not found; list the cells in it")


def test_a_journal_of_another_revision_is_refused(fleet: Machine) -> None:
    run(fleet, "preview")
    fleet.has("git", GIT.replace(40 * "a", 40 * "b"))
    [line] = run(fleet, "up", status=1).splitlines()
    assert line.startswith("changed since the preview of ")
    assert "the revision is bbbbbbbbb, not aaaaaaaaa" in line


@pytest.mark.parametrize("command", ["up", "resume"])
def test_make_passes_the_reason_of_an_emergency_on(fleet: Machine, command: str) -> None:
    done = fleet.make(f"fleet-{command}", "EMERGENCY=web can't serve")
    assert done.returncode == 0, done.stderr
    [call] = fleet.calls()
    assert f"[tools.fleet][{command}][--emergency][web can't serve]" in call
