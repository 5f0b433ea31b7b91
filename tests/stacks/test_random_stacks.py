"""Stack files of any kind: a plan that keeps every property comes out, or clear errors do.

The properties are all tests of this folder that look at a plan, whatever its stack. A normal run
tries the same few files every time; `pytest --hypothesis-profile=long
tests/stacks/test_random_stacks.py` takes some ten minutes over others, each time anew.
"""

import inspect
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from hypothesis import HealthCheck, assume, event, given, settings

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import Problem, SettingsError, check, read_stack_file
from settings.cautions import cautions
from settings.reading.problem import printable
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tests.settings.stack_files import assert_right_lines
from tests.stacks import (
    test_alarm_evaluation,
    test_alarms,
    test_creation_order,
    test_dashboard,
    test_disruption_budgets,
    test_images,
    test_manifests,
    test_network,
    test_network_policies,
    test_nodes,
    test_observability,
    test_properties,
    test_security,
    test_system_pods,
    test_upstream_keys,
    test_workloads,
    test_zone_loss,
)
from tests.stacks.random_stacks import Config, existing, stacks, wrong_stacks
from tests.stacks.test_network import COPIES, config_of
from tests.tools.rehearsal.clouds import cloud_for
from tools.recording import Recording, record
from tools.rehearsal.creation_order import check_orders

MODULES = (
    test_alarm_evaluation, test_alarms, test_creation_order, test_dashboard,
    test_disruption_budgets, test_images, test_manifests, test_network, test_network_policies,
    test_nodes, test_observability, test_properties, test_security, test_system_pods,
    test_upstream_keys, test_workloads, test_zone_loss,
)  # fmt: skip
KNOWN = (*(f"{NAMESPACE}:{key}" for key in (*REQUIRED, *OPTIONAL)), "aws:")

ZONES = ("us-east-1a", "us-east-1b")  # those of dev
MODES: dict[str, Config] = {
    "without NAT": {
        "nat": "none",
        "endpoints": [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES],
        "pods": {"cidr": "100.64.0.0/16"},
    },
    "a regional NAT": {"nat": "regional", "pods": {"cidr": "100.64.0.0/16"}},
    "a VPC that is there": {"existing": existing(ZONES, ZONES)},
}


def some(examples: int) -> settings:
    """That many files in a normal run, always the same; 25 times as many, others, in a long one."""
    long = settings.get_current_profile_name() == "long"
    return settings(
        max_examples=examples * (25 if long else 1),
        derandomize=not long,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def properties(module: ModuleType) -> Iterator[tuple[str, Callable[[Recording], None]]]:
    """What the tests of a module say of any plan, by name."""
    for name, test in vars(module).items():
        if name.startswith("test_") and [*inspect.signature(test).parameters] == ["recording"]:
            yield f"{module.__name__}.{name}", test


PROPERTIES = dict(each for module in MODULES for each in properties(module))


class _Quoting(yaml.SafeDumper):
    """Writes text as text: some of it YAML readers would take for numbers."""


_Quoting.add_representer(str, lambda to, text: to.represent_scalar(_STR, text, style='"'))
_STR = "tag:yaml.org,2002:str"


def recorded(config: Config) -> Recording:
    """The plan of a stack file that is written, and read again."""
    with written(config) as file:
        assert read_stack_file(file) == config
        return record("own", root=file.parent)


@contextmanager
def written(config: Config) -> Generator[Path]:
    """Writes a config to a stack file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Pulumi.own.yaml"
        text = yaml.dump({"config": config}, Dumper=_Quoting, allow_unicode=True)
        file.write_text(text, encoding="utf-8")
        yield file


def accepted(config: Config) -> None:
    _, problems = check(config)
    event("refused" if problems else "taken")
    assume(not problems)


def assert_clear(config: Config, problems: Sequence[Problem]) -> None:
    """Fails unless each problem is one line with file, line, key and message."""
    with written(config) as file:
        error = SettingsError(file, problems)
        assert_right_lines(file, error.problems)
    lines = str(error).split("\n")
    for line, problem in zip(lines, error.problems, strict=True):
        assert line.isprintable(), "more than one line, or characters that control a terminal"
        assert line.startswith(f"Pulumi.own.yaml:{problem.line}: {printable(problem.key)}: ")
        assert problem.message.strip()
        assert "not a valid value" not in problem.message, "a pydantic message without own words"
        assert problem.key.startswith((*KNOWN, *config)), "the user would not find the key"


def assert_answered(config: Config) -> None:
    found, problems = check(config)
    assert (found is None) == bool(problems)
    if problems:
        assert_clear(config, problems)
    again, told_again = check(config)
    assert (again, told_again) == (found, problems)
    if found:
        for caution in cautions(found, date(2026, 11, 23)):
            assert str(caution).isprintable()


@some(40)
@given(stacks())
def test_any_stack_file_is_taken_or_refused_line_by_line(config: Config) -> None:
    assert_answered(config)


@some(40)
@given(wrong_stacks())
def test_any_stack_file_with_something_wrong_is_answered(files: list[Config]) -> None:
    for config in files:
        assert_answered(config)


def test_the_properties_of_a_plan_are_those_of_its_tests() -> None:
    assert len(PROPERTIES) > 70


@some(6)
@given(stacks())
def test_every_property_holds_of_every_stack_file_that_is_taken(config: Config) -> None:
    accepted(config)
    recording = recorded(config)
    for name, holds in PROPERTIES.items():
        try:
            holds(recording)
        except Exception as error:
            error.add_note(f"{name} of {config}")
            raise


@pytest.mark.parametrize("mode", MODES)
def test_nothing_lacks_a_dependency_in_any_mode(mode: str) -> None:
    config = config_of()
    zones = config["ha-eks:network"]["zones"]
    config["ha-eks:network"] = {"zones": zones, "controlPlaneZones": zones, **MODES[mode]}
    config["ha-eks:images"] = COPIES
    config["ha-eks:pools"]["role"] = {
        "instanceTypes": ["m7i.large"],
        "layout": "spanning",
        "perZone": {"min": 0, "max": 2, "reserved": 1},
    }
    recording = recorded(config)
    check_orders(recording, cloud_for)


@some(1)
@given(stacks())
def test_nothing_of_a_stack_file_that_is_taken_lacks_a_dependency(config: Config) -> None:
    accepted(config)
    recording = recorded(config)
    check_orders(recording, cloud_for)
