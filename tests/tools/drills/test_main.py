"""The command of drills: each bad input ends with one clear line."""

import dataclasses
import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import recording_of
from tests.tools.drills.fake_server import FakeServer, drill_on, pods_on
from tools.control_plane.manifest import ApiError, Manifest
from tools.control_plane.processes import ProcessError
from tools.drills import __main__ as command
from tools.drills import place, recorded, runner
from tools.drills.baseline import Baseline
from tools.drills.drill import Drill, DrillError
from tools.drills.figures import figures
from tools.drills.node_supply import node_supply
from tools.drills.node_templates import NodeTemplates
from tools.drills.result import Result
from tools.drills.scenarios import RECORDED, SCENARIOS, Scenario
from tools.recording import RecordingError
from tools.toolchain import ToolError

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Function that runs the command; the scenario `zones` can raise an error."""

    @contextmanager
    def cell(*_: object) -> Generator[Any]:
        yield FakeDrill()

    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "record", recording_of)
    monkeypatch.setattr(command, "find_programs", no_programs)
    monkeypatch.setattr(runner, "running_cell", cell)
    monkeypatch.setattr(runner, "return_to_rest", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(runner, "node_model", lambda *_: nullcontext())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr("signal.signal", lambda *_: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    def run_command(*arguments: str, error: BaseException | None = None) -> int:
        def scenario(drill: Drill) -> Iterator[Result]:
            if error:
                raise error
            yield Result(
                scenario="zone lost", subject="web", bound="at least", computed=4,
                unit="pods serve", seen=4,
            )  # fmt: skip

        scenarios = {**SCENARIOS, "zones": Scenario(scenario)}
        monkeypatch.setattr(command, "SCENARIOS", scenarios)
        monkeypatch.setattr(runner, "SCENARIOS", scenarios)
        monkeypatch.setattr("sys.argv", ["drills", *arguments])
        return command.main()

    return run_command


def no_programs(*_: object) -> dict[str, Path]:
    return {}


class FakeDrill:
    """A drill without a server."""

    def __init__(self) -> None:
        self.server = self.pods = self.baseline = self.templates = self
        self.timelines: dict[str, Any] = {}
        self.supply = node_supply(recording_of("prod"), {})

    def list(self, *_: str) -> list[Any]:
        return []

    def reset(self) -> None:
        pass


def test_a_drill_that_keeps_its_promises_succeeds(run: Run, tmp_path: Path) -> None:
    assert run("prod", "--scenarios", "zones") == 0
    assert (tmp_path / "build" / "prod" / "drills.json").exists()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ApiError("Deployment web/web: Invalid value"), "Deployment web/web: Invalid value"),
        (DrillError("drain of a: not within 900s"), "drain of a: not within 900s"),
        (
            ProcessError("scheduler: the process ended before the end: bind: address in use"),
            "scheduler: the process ended before the end: bind: address in use",
        ),
        (
            requests.ConnectionError("Connection refused"),
            "the API server does not answer: Connection refused",
        ),
        (OSError(28, "No space left on device", "/tmp/x"), "/tmp/x: No space left on device"),
        (MemoryError(), "the machine has too little memory for a drill"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_a_drill_that_ends_early_fails_with_one_line(
    error: BaseException, line: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("prod", "--scenarios", "zones", error=error) == 1
    assert capsys.readouterr().err == f"drilling zones …\n{line}\n"


def test_an_interrupted_drill_writes_its_results(run: Run, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run("prod", "--scenarios", "zones", error=KeyboardInterrupt())
    written = json.loads((tmp_path / "build" / "prod" / "drills.json").read_text())
    assert written["failure"] == "interrupted"


def test_ci_reports_the_scenarios_that_it_leaves_out(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(command, "is_present", lambda tool: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    assert run("prod", "--scenarios", "zones,termination") == 0
    assert "termination\n  NOT DRILLED: haproxy is not installed\n" in capsys.readouterr().out
    written = json.loads((tmp_path / "build" / "prod" / "drills.json").read_text())["scenarios"]
    assert written["termination"] == {"not_drilled": "haproxy is not installed"}
    assert "results" in written["zones"]


@pytest.mark.parametrize(("ci", "go", "status"), [("true", "", 0), ("", "", 1), ("true", "go", 1)])
def test_without_go_a_drill_does_not_run_which_fails_except_in_ci(
    ci: str, go: str, status: int, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if go:
        (tmp_path / "go").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)

    def find(*_: object) -> None:
        raise ToolError("etcd: Go is not on PATH")

    monkeypatch.setattr(command, "find_programs", find)
    assert run("prod") == status
    assert capsys.readouterr().err == "NOT DRILLED: etcd: Go is not on PATH\n"


def test_a_stack_that_preview_refuses_is_not_drilled(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(stack: str) -> None:
        raise RecordingError([f"Pulumi.{stack}.yaml: no such file"])

    monkeypatch.setattr(command, "record", refuse)
    assert run("prod") == 1
    assert capsys.readouterr().err == "Pulumi.prod.yaml: no such file\n"


def test_a_program_that_does_not_exist_is_not_drilled_with(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("prod", "--cluster-autoscaler", "/missing") == 1
    assert capsys.readouterr().err == "--cluster-autoscaler /missing: the file does not exist\n"


def test_an_object_that_the_api_server_refuses_is_named() -> None:
    class Server(FakeServer):
        def apply(self, manifest: Manifest) -> str | None:
            return "spec.selector: Invalid value" if manifest["kind"] == "DaemonSet" else None

    server: Any = Server()
    recording = recording_of("prod")
    cell = dataclasses.replace(
        drill_on(server),
        templates=NodeTemplates(recording),
        baseline=Baseline(server, pods_on(server), recording),
    )
    with pytest.raises(ApiError) as raised:
        place._create(cell)  # pyright: ignore[reportPrivateUsage]
    assert re.fullmatch(
        r"DaemonSet kube-system/[a-z-]+: spec\.selector: Invalid value", str(raised.value)
    )


def test_an_unknown_scenario_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        run("prod", "--scenarios", "zone")
    assert raised.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "python -m tools.drills: error: --scenarios: unknown: zone; known: " + ", ".join(SCENARIOS)
    )


def test_a_record_of_a_scenario_that_cannot_run_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_left_out_by_ci", lambda _: {"provider": "no provider"})  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(SystemExit) as raised:
        run("prod", "--record", "--scenarios", "zones,provider")
    assert raised.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "python -m tools.drills: error: --record: provider cannot run"
    )


def test_a_scenario_without_the_parts_that_it_needs_is_refused(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        run("prod", "--scenarios", "zones,readiness-gates")
    assert raised.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "python -m tools.drills: error: --scenarios: readiness-gates: it needs "
        "LOAD_BALANCER_CONTROLLER and CHARTS"
    )


def test_all_scenarios_are_those_for_which_no_part_is_missing() -> None:
    chosen, left_out = command._arguments(["prod"])[1:]  # pyright: ignore[reportPrivateUsage]
    assert left_out == {"readiness-gates": "it needs LOAD_BALANCER_CONTROLLER and CHARTS"}
    assert [*chosen] == RECORDED
    given = ["--load-balancer-controller", "program", "--charts", "charts"]
    assert [*command._arguments(["prod", *given])[1]] == [*SCENARIOS]  # pyright: ignore[reportPrivateUsage]


def test_a_run_of_some_scenarios_is_added_to_the_recorded_drill(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "ROOT", tmp_path)
    monkeypatch.setattr(recorded, "ran_on", lambda _: "0123456789ab")  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(recorded, "write_passages", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    old = {"date": "2026-11-01", "results": [1]}
    path = tmp_path / recorded.path_of("prod")
    path.parent.mkdir(parents=True)
    before = {
        "figures": figures(recording_of("prod").settings),
        "scenarios": {"gone": old, "zones": old, "drain": old},
    }
    path.write_text(json.dumps(before), encoding="utf-8")
    assert run("prod", "--record", "--scenarios", "zones") == 0
    scenarios = recorded.read("prod")["scenarios"]
    assert [*scenarios] == ["zones", "drain"]
    assert scenarios["drain"] == old
    zones = scenarios["zones"]
    assert (zones["ran_on"], len(zones["results"]), zones["real"]) == ("0123456789ab", 1, [])
    assert zones["date"] > "2026-11-01"


def test_a_record_of_some_scenarios_with_other_figures_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recorded, "ROOT", tmp_path)
    path = tmp_path / recorded.path_of("prod")
    path.parent.mkdir(parents=True)
    figures_now = figures(recording_of("prod").settings)
    path.write_text(json.dumps({"figures": {**figures_now, "zones": 2}}), encoding="utf-8")
    assert run("prod", "--record", "--scenarios", "zones") == 1
    assert capsys.readouterr().err == (
        "--record: run all scenarios, because zones: 2 in the recorded drill, 3 now\n"
    )
