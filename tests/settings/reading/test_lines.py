"""Tests of the lines of problems in a stack file."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime.config import CONFIG

import settings
from settings import Problem, SettingsError
from settings.reading.lines import with_lines
from tests.settings.stack_files import APPS, NETWORK, PER_ZONE, WEB, changed, refused
from tools.recording.record import ROOT

TEXT = """\
config:
  aws:region: us-east-1
  # a comment
  ha-eks:network:
    zones: [us-east-1a, us-east-1b]

    controlPlaneZones:
      - us-east-1a
      - us-east-1b
  "ha-eks:apps":
    web:
      scratch: {/tmp: 1Gi, /var/run.d/x: 2Gi}
      port: 8080
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Pulumi.own.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def line_of(file: Path, key: str, value: object) -> int | None:
    [problem] = with_lines(file, [Problem(key=key, message="wrong", value=value)])
    return problem.line


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("aws:region", "us-east-1", 2),
        ("ha-eks:network.zones", ["us-east-1a", "us-east-1b"], 5),
        ("ha-eks:network.zones[1]", "us-east-1b", 5),
        ("ha-eks:network.controlPlaneZones", ["us-east-1a", "us-east-1b"], 7),
        ("ha-eks:network.controlPlaneZones[1]", "us-east-1b", 9),
        ("ha-eks:apps.web.port", 8080, 13),
        ("ha-eks:apps.web.scratch./tmp", "1Gi", 12),
        ("ha-eks:apps.web.scratch./var/run.d/x", "2Gi", 12),
        (
            "ha-eks:apps.web",
            {"scratch": {"/tmp": "1Gi", "/var/run.d/x": "2Gi"}, "port": "8080"},
            11,
        ),
    ],
)
def test_a_value_has_the_line_of_its_key_or_item(
    file: Path, key: str, value: object, line: int
) -> None:
    assert line_of(file, key, value) == line


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("ha-eks:cluster", 1),
        ("aws:profile", 1),
        ("ha-eks:network.nat", 4),
        ("ha-eks:apps.web.requests.cpu", 11),
        ("ha-eks:network.controlPlaneZones[2]", 7),
    ],
)
def test_a_missing_key_has_the_line_of_the_nearest_key_above(
    file: Path, key: str, line: int
) -> None:
    assert line_of(file, key, None) == line


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:region", "eu-central-1"),
        ("aws:region", None),
        ("ha-eks:apps.web.port", 9090),
        ("ha-eks:network.nat", "single"),
        ("ha-eks:network.zones", ["us-east-1b", "us-east-1a"]),
    ],
)
def test_a_value_that_the_file_does_not_have_has_no_line(
    file: Path, key: str, value: object
) -> None:
    assert line_of(file, key, value) is None


@pytest.mark.parametrize("text", ["", "config: [", "- config\n", "config: {a: &b {c: *b}}\n"])
def test_without_a_readable_config_there_are_no_lines(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    assert line_of(file, "ha-eks:apps.web.port", 8080) is None


def test_without_a_file_there_are_no_lines(tmp_path: Path) -> None:
    missing = tmp_path / "Pulumi.own.yaml"
    assert line_of(missing, "aws:region", "us-east-1") is None


@pytest.mark.parametrize(("written", "value"), [("2", "2"), ("true", "true"), ("[1]", [1])])
def test_a_scalar_that_pulumi_hands_over_as_text_is_the_value_of_the_file(
    file: Path, written: str, value: object
) -> None:
    file.write_text(f"config:\n  ha-eks:apps: {written}\n", encoding="utf-8")
    assert line_of(file, "ha-eks:apps", value) == 2


def test_the_preview_prints_the_line_of_each_problem(tmp_path: Path) -> None:
    text = changed("dev", ((*PER_ZONE, "mx"), 3), ((*WEB, "port"), 0))
    rows = text.splitlines()
    problems = refused(tmp_path, "dev", text)
    assert {(each.key, rows[(each.line or 0) - 1].strip()) for each in problems} == {
        ("ha-eks:pools.general.perZone.mx", "mx: 3"),
        ("ha-eks:apps.web.port", "port: 0"),
    }


# The running program: Pulumi passes the values and the folder of the project.


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sets the stack name `own` and a project folder; returns the path of the stack file."""
    monkeypatch.setattr(pulumi, "get_stack", lambda: "own")
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(tmp_path))
    return tmp_path / "Pulumi.own.yaml"


@pytest.fixture
def configure() -> Iterator[Callable[[dict[str, object]], None]]:
    """Yields a function that sets the config of the running stack."""
    token = CONFIG.set({})

    def texts(config: dict[str, object]) -> None:
        CONFIG.set({k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()})

    yield texts
    CONFIG.reset(token)


def test_the_program_prints_the_line_of_each_problem(
    program: Path, configure: Callable[[dict[str, object]], None]
) -> None:
    text = changed("dev", ((NETWORK, "natt"), "single"))
    program.write_text(text, encoding="utf-8")
    configure(settings.read_stack_file(program))
    with pytest.raises(SettingsError) as caught:
        settings.load()
    line = text.splitlines().index("    natt: single") + 1
    assert str(caught.value) == (
        f'Pulumi.own.yaml:{line}: ha-eks:network.natt: unknown key; did you mean "nat"? '
        "All keys: docs/settings.md#ha-eks-network"
    )


def test_the_program_prints_no_line_for_a_value_that_the_file_does_not_have(
    program: Path, configure: Callable[[dict[str, object]], None]
) -> None:
    program.write_text((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    config = settings.read_stack_file(program)
    configure({**config, "aws:region": "mars"})
    with pytest.raises(SettingsError) as caught:
        settings.load()
    [problem] = caught.value.problems
    assert str(caught.value) == (
        "Pulumi.own.yaml: aws:region: must be an AWS region such as us-east-1"
    )
    assert (problem.value, problem.line) == ("mars", None)


def test_a_problem_that_is_found_while_the_program_runs_has_value_and_line(
    program: Path, configure: Callable[[dict[str, object]], None]
) -> None:
    program.write_text(TEXT, encoding="utf-8")
    configure({"aws:region": "us-east-1", APPS: {"web": {"port": 8080}}})
    error = settings.refusal([Problem(key="ha-eks:apps.web.port", message="wrong")])
    assert str(error) == "Pulumi.own.yaml:13: ha-eks:apps.web.port: wrong"
    assert [each.value for each in error.problems] == [8080]
