"""Random stack files: each is refused with clear errors, or its recording has all properties.

A property is a test of MODULES with `recording` as its only parameter. A normal run tries the same
few files every time. `pytest --hypothesis-profile=long tests/stacks/test_random_stacks.py` tries
new files for about ten minutes.
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
from tests.shared_recordings import record_fast
from tests.stacks import (
    test_alarm_evaluation,
    test_alarm_sources,
    test_alarm_topics,
    test_alarms,
    test_aws_requests,
    test_cost,
    test_creation_order,
    test_creation_order_of_workloads,
    test_dashboard,
    test_disruption_budgets,
    test_headroom,
    test_helm_values_and_add_on_keys,
    test_images,
    test_manifests,
    test_migrations,
    test_network,
    test_network_policies,
    test_nodes,
    test_observability,
    test_providers_names_and_outputs,
    test_routes,
    test_security,
    test_shared_files_and_secrets,
    test_system_pods,
    test_workloads,
    test_zone_loss,
)
from tests.stacks.random_stacks import Config, broken_stacks, existing, stacks
from tests.stacks.test_network import COPIES, config_of
from tests.tools.deploy.policy import test_documents, test_tables
from tests.tools.rehearsal.clouds import cloud_for
from tools.recording import Recording
from tools.recording.manifests import Dumper
from tools.rehearsal.creation_order import check_orders

MODULES = (
    test_alarm_evaluation, test_alarm_sources, test_alarm_topics, test_alarms, test_aws_requests,
    test_cost, test_creation_order, test_creation_order_of_workloads, test_dashboard,
    test_disruption_budgets, test_documents, test_headroom, test_helm_values_and_add_on_keys,
    test_images, test_manifests, test_migrations, test_network, test_network_policies, test_nodes,
    test_observability, test_providers_names_and_outputs, test_routes, test_security,
    test_shared_files_and_secrets, test_system_pods, test_tables, test_workloads, test_zone_loss,
)  # fmt: skip
KNOWN = (*(f"{NAMESPACE}:{key}" for key in (*REQUIRED, *OPTIONAL)), "aws:")

ZONES = ("us-east-1a", "us-east-1b")
"""Zones of dev."""

MODES: dict[str, Config] = {
    "without NAT": {
        "nat": "none",
        "endpoints": [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES],
        "pods": {"cidr": "100.64.0.0/16"},
    },
    "a regional NAT": {"nat": "regional", "pods": {"cidr": "100.64.0.0/16"}},
    "an existing VPC": {"existing": existing(ZONES, ZONES)},
}


def with_examples(examples: int) -> settings:
    """Returns the Hypothesis settings of a test with a number of examples.

    A normal run tries the same examples every time. A long run tries 25 times as many new ones.
    """
    long = settings.get_current_profile_name() == "long"
    return settings(
        max_examples=examples * (25 if long else 1),
        derandomize=not long,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def properties(module: ModuleType) -> Iterator[tuple[str, Callable[[Recording], None]]]:
    """Yields name and function of each test whose only parameter is `recording`."""
    for name, test in vars(module).items():
        if name.startswith("test_") and [*inspect.signature(test).parameters] == ["recording"]:
            yield f"{module.__name__}.{name}", test


PROPERTIES = dict(each for module in MODULES for each in properties(module))


class _QuotingDumper(Dumper):
    """Quotes all strings, because a YAML reader would parse some of them as numbers."""


_QuotingDumper.add_representer(str, lambda _, text: yaml.ScalarNode(_STR, text, style='"'))
_STR = "tag:yaml.org,2002:str"


def recorded(config: Config) -> Recording:
    """Writes a config to a stack file and returns its recording."""
    with written(config) as file:
        assert read_stack_file(file) == config
        return record_fast("own", root=file.parent)


@contextmanager
def written(config: Config) -> Generator[Path]:
    """Yields the path of a temporary stack file with a config."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Pulumi.own.yaml"
        text = yaml.dump({"config": config}, Dumper=_QuotingDumper, allow_unicode=True)
        file.write_text(text, encoding="utf-8")
        yield file


def assume_accepted(config: Config) -> None:
    _, problems = check(config)
    event("refused" if problems else "accepted")
    assume(not problems)


def assert_clear(config: Config, problems: Sequence[Problem]) -> None:
    """Fails unless each problem is one line with file, line, key and message."""
    with written(config) as file:
        error = SettingsError(file, problems)
        assert_right_lines(file, error.problems)
    lines = str(error).split("\n")
    for line, problem in zip(lines, error.problems, strict=True):
        assert line.isprintable(), "the line has line breaks or terminal control characters"
        assert line.startswith(f"Pulumi.own.yaml:{problem.line}: {printable(problem.key)}: ")
        assert problem.message.strip()
        assert "not a valid value" not in problem.message, "the message is that of pydantic"
        assert problem.key.startswith((*KNOWN, *config)), (
            "the user would not find the key in the stack file"
        )


def assert_accepted_or_refused_clearly(config: Config) -> None:
    found, problems = check(config)
    assert (found is None) == bool(problems)
    if problems:
        assert_clear(config, problems)
    assert check(config) == (found, problems), "a second check would give another result"
    if found:
        for caution in cautions(found, date(2026, 11, 23)):
            assert str(caution).isprintable()


@with_examples(30)
@given(stacks())
def test_any_stack_file_is_accepted_or_refused_with_clear_errors(config: Config) -> None:
    assert_accepted_or_refused_clearly(config)


@with_examples(30)
@given(broken_stacks())
def test_any_broken_stack_file_is_accepted_or_refused_with_clear_errors(
    files: list[Config],
) -> None:
    for config in files:
        assert_accepted_or_refused_clearly(config)


def test_there_are_many_properties() -> None:
    assert len(PROPERTIES) > 70


@with_examples(5)
@given(stacks())
def test_every_accepted_stack_file_has_every_property(config: Config) -> None:
    assume_accepted(config)
    recording = recorded(config)
    for name, test in PROPERTIES.items():
        try:
            test(recording)
        except Exception as error:
            error.add_note(f"{name} of {config}")
            raise


@pytest.mark.parametrize("mode", MODES)
def test_no_dependency_is_missing_in_any_network_mode(mode: str) -> None:
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


@with_examples(1)
@given(stacks())
def test_no_dependency_of_an_accepted_stack_file_is_missing(config: Config) -> None:
    assume_accepted(config)
    recording = recorded(config)
    check_orders(recording, cloud_for)
