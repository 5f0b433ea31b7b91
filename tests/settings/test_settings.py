"""Tests of the check of stack files: valid files and frozen settings."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from settings import Settings, check, read_stack_file
from settings.reading.section import Section
from tests.settings.stack_files import ROOT, STACKS
from tools.bench import SIZES
from tools.wide_stack import write_wide

SHIPPED = {stack: read_stack_file(ROOT / f"Pulumi.{stack}.yaml") for stack in STACKS}


def shipped(stack: str) -> Settings:
    settings, problems = check(SHIPPED[stack])
    assert settings is not None, problems
    return settings


@pytest.mark.parametrize(("apps", "pools"), SIZES)
def test_the_stack_files_of_the_benchmark_are_accepted(tmp_path: Path, apps: int, pools: int):
    file = write_wide(tmp_path, apps=apps, pools=pools)

    _, problems = check(read_stack_file(file))

    assert problems == []


def test_the_tests_cover_all_shipped_stack_files():
    files = sorted(file.name for file in ROOT.glob("Pulumi.*.yaml"))

    assert files == sorted(f"Pulumi.{stack}.yaml" for stack in STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_stack_file_has_no_problems(stack: str):
    settings, problems = check(SHIPPED[stack])

    assert problems == []
    assert settings is not None


def test_settings_have_the_values_of_the_file_and_defaults_for_missing_keys():
    settings = shipped("prod-standby")

    assert settings.network.cidr == "10.1.0.0/16"
    assert settings.network.nat == "perZone"
    assert bool(settings.protected) is True
    assert settings.pools["general"].per_zone.max == 12
    assert settings.apps["web"].requests.cpu == "750m"
    assert settings.apps["web"].expose is not None
    assert settings.apps["cache"].expose is None
    assert settings.load_balancer("public").idle_timeout_seconds == 50
    assert settings.autoscaling.descheduler is True
    assert settings.headroom.size == "auto"
    assert settings.observability.log_retention_days == 30
    assert settings.traffic is not None
    assert settings.traffic.role == "secondary"


def test_keys_of_other_namespaces_are_ignored():
    settings, problems = check({**SHIPPED["dev"], "other:network": {"zone": 1}})

    assert problems == []
    assert settings == shipped("dev")


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ((), "network"),
        (("aws",), "region"),
        (("network",), "zones"),
        (("cluster",), "version"),
        (("autoscaling",), "expander"),
        (("headroom",), "size"),
        (("load_balancing",), "certificate"),
        (("observability",), "log_retention_days"),
    ],
)
def test_settings_are_frozen(stack: str, path: tuple[str, ...], field: str):
    section: Any = shipped(stack)
    for name in path:
        section = getattr(section, name)

    with pytest.raises(ValidationError, match="frozen"):
        setattr(section, field, None)


def test_a_pool_and_its_size_are_frozen():
    general: Any = shipped("dev").pools["general"]

    with pytest.raises(ValidationError, match="frozen"):
        general.disk_gib = 20
    with pytest.raises(ValidationError, match="frozen"):
        general.per_zone.min = 0


def test_an_app_and_its_parts_are_frozen():
    web: Any = shipped("dev").apps["web"]

    probes = (web.probes, web.probes.liveness, web.probes.readiness)
    parts: list[Section] = [web.requests, web.replicas, *probes, web.expose, web.spread, web]
    for part in parts:
        for field in type(part).model_fields:
            with pytest.raises(ValidationError, match="frozen"):
                setattr(part, field, None)


def test_traffic_is_frozen():
    traffic: Any = shipped("prod").traffic

    with pytest.raises(ValidationError, match="frozen"):
        traffic.domain = "example.com"


@pytest.mark.parametrize("named", ["pools", "apps"])
def test_the_mappings_of_pools_and_apps_are_frozen(named: str):
    section: Any = getattr(shipped("dev"), named)

    with pytest.raises(ValidationError, match="frozen"):
        section.root = {}
