"""Tests of the defaults of optional sections, and of problems in several sections at once."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    ABSENT,
    AUTOSCALING,
    LOAD_BALANCING,
    OBSERVABILITY,
    POOLS,
    RESILIENCE,
    TRAFFIC,
    WEB,
    Change,
    accepted,
    changed,
    config_of,
    every_stack,
    refused,
)


@every_stack
@pytest.mark.parametrize("state", ["absent", "empty", "without a value"])
def test_an_optional_section_has_its_defaults(tmp_path: Path, stack: str, state: str) -> None:
    sections = (LOAD_BALANCING, AUTOSCALING, OBSERVABILITY, TRAFFIC)
    present = config_of(stack)
    changes: list[Change]
    if state == "absent":
        changes = [((section,), ABSENT) for section in sections if section in present]
    else:
        changes = [((section,), {} if state == "empty" else None) for section in sections]

    settings = accepted(tmp_path, stack, *changes)

    balancer: dict[str, object] = {
        "certificate": None,
        "certificates": {},
        "ip_address_type": "ipv4",
        "source_ranges": None,
        "source_prefix_lists": (),
        "idle_timeout_seconds": None,
        "access_log_days": 30,
        "health_check_logs": False,
        "minimum_capacity_units": None,
        "waf": None,
        "redirects": {},
    }
    assert settings.load_balancing.model_dump() == {**balancer, "internal": balancer}
    assert settings.autoscaling.model_dump() == {
        "expander": "least-waste",
        "node_provision_minutes": 10,
        "version": None,
        "descheduler": True,
    }
    assert settings.observability.model_dump() == {
        "log_retention_days": 30,
        "archive": None,
        "agent": {"cpu": "250m", "memory": "512Mi"},
        "traces": {"sampled_percent": 5},
        "alarms": {"subscriptions": (), "runbooks": "docs"},
    }
    assert settings.traffic is None


@every_stack
def test_broken_rules_of_several_sections_are_all_reported(tmp_path: Path, stack: str) -> None:
    text = changed(
        stack,
        (
            (LOAD_BALANCING,),
            {"certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/0-1"},
        ),
        (
            (TRAFFIC,),
            {
                "domain": "app.example.com",
                "hostedZoneId": "Z0123456789",
                "policy": "failover",
                "weight": 1,
            },
        ),
        ((*WEB, "expose"), ABSENT),
        ((RESILIENCE,), {}),
        ((POOLS, "general", "taints"), [{"key": "for"}]),
    )

    problems = refused(tmp_path, stack, text)

    assert {each.key for each in problems} == {
        POOLS,
        TRAFFIC,
        f"{LOAD_BALANCING}.certificate",
        f"{TRAFFIC}.role",
        f"{TRAFFIC}.weight",
    }
    lines = [each.line for each in problems if each.line is not None]
    assert len(lines) == len(problems) == 5
    assert lines == sorted(lines), "the messages would jump back and forth in the file"
