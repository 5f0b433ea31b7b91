"""Tests of the problems of a bad stack file: the shipped files with some changes."""

from pathlib import Path

import pytest

from settings import SettingsError
from tests.settings.stack_files import (
    ABSENT,
    APPS,
    AUTOSCALING,
    CACHE,
    CLUSTER,
    LOAD_BALANCING,
    NETWORK,
    OBSERVABILITY,
    PER_ZONE,
    POOLS,
    TRAFFIC,
    WEB,
    Case,
    Change,
    app,
    assert_problem,
    changed,
    config_of,
    every_stack,
    put_in,
    refused,
    unknown,
)
from tools.recording import record

ONE_CHANGE: dict[str, Case] = {
    "unknown key at the top": (
        ("ha-eks:netwrk",), {}, "ha-eks:netwrk", {},
        'unknown key; did you mean "network"? All keys: docs/settings.md',
    ),
    "unknown aws key": (
        ("aws:regin",), "us-east-1", "aws:regin", "us-east-1",
        'unknown key; did you mean "region"? All keys: docs/settings.md#aws',
    ),
    "unknown key in network": (
        (NETWORK, "zone"), [], f"{NETWORK}.zone", [],
        'unknown key; did you mean "zones" or "zonesOut"? All keys: '
        "docs/settings.md#ha-eks-network",
    ),
    "unknown key in perZone": (
        (*PER_ZONE, "mx"), 3, f"{POOLS}.general.perZone.mx", 3,
        'unknown key; did you mean "max"? All keys: docs/settings.md#ha-eks-pools',
    ),
    "apps misspelt": (
        ("ha-eks:aps",), {}, "ha-eks:aps", {},
        'unknown key; did you mean "apps"? All keys: docs/settings.md',
    ),
    "unknown key in an app": unknown((*WEB, "imag"), "image"),
    "unknown key in replicas": unknown((*WEB, "replicas", "mx"), "max"),
    "unknown key in requests": unknown((*WEB, "requests", "memry"), "memory"),
    "unknown key in probes": unknown((*WEB, "probes", "redyness"), "readiness", "liveness"),
    "unknown key in a probe": unknown((*WEB, "probes", "liveness", "pth"), "path"),
    "unknown key in expose": unknown((*WEB, "expose", "pth"), "path"),
    "unknown key in loadBalancing": put_in(
        (LOAD_BALANCING,), "certifcate", 1,
        'unknown key; did you mean "certificate" or "certificates"? All keys: '
        "docs/settings.md#ha-eks-loadBalancing",
    ),
    "unknown key in observability": put_in(
        (OBSERVABILITY,), "logRetention", 1,
        'unknown key; did you mean "logRetentionDays"? All keys: '
        'docs/settings.md#ha-eks-observability',
    ),
    "unknown key in autoscaling": put_in(
        (AUTOSCALING,), "expandr", 1,
        'unknown key; did you mean "expander"? All keys: docs/settings.md#ha-eks-autoscaling',
    ),
    "unknown key like no other": (
        (CLUSTER, "qqqq"), 1, f"{CLUSTER}.qqqq", 1,
        "unknown key. All keys: docs/settings.md#ha-eks-cluster",
    ),
    "missing section": ((NETWORK,), ABSENT, NETWORK, None, "required"),
    "missing region": (("aws:region",), ABSENT, "aws:region", None, "required"),
    "missing version": ((CLUSTER, "version"), ABSENT, f"{CLUSTER}.version", None, "required"),
    "missing instanceTypes": (
        (POOLS, "general", "instanceTypes"), ABSENT,
        f"{POOLS}.general.instanceTypes", None, "required",
    ),
    "quoted number": (
        (*PER_ZONE, "min"), "2", f"{POOLS}.general.perZone.min", "2",
        'must be a whole number, not "2"',
    ),
    "number as version": (
        (CLUSTER, "version"), 1.36, f"{CLUSTER}.version", 1.36,
        'must be text, not 1.36; write "1.36" in quotes',
    ),
    "section that is a list": (
        (NETWORK,), ["zones"], NETWORK, ["zones"],
        "must be a mapping with zones and controlPlaneZones, not a list",
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
):
    path, new, key, value, message = ONE_CHANGE[case]

    assert_problem(refused(tmp_path, stack, changed(stack, (path, new))), key, value, message)


@every_stack
def test_a_misspelled_section_is_an_unknown_key_and_a_missing_key(tmp_path: Path, stack: str):
    config = config_of(stack)
    text = changed(
        stack,
        ((NETWORK,), ABSENT),
        ((POOLS,), ABSENT),
        (("ha-eks:netwrk",), config[NETWORK]),
        (("ha-eks:pols",), config[POOLS]),
    )

    keys = [p.key for p in refused(tmp_path, stack, text)]
    assert sorted(keys) == [NETWORK, "ha-eks:netwrk", "ha-eks:pols", POOLS]


@every_stack
def test_all_problems_of_shape_are_reported_at_once(tmp_path: Path, stack: str):
    text = changed(
        stack,
        (("ha-eks:netwrk",), {}),
        (("aws:region",), "mars"),
        ((NETWORK, "cidr"), "10.0.0.0/21"),
        ((CLUSTER, "version"), ABSENT),
        ((*PER_ZONE, "min"), "2"),
        ((*WEB, "image"), "redis"),
        ((*WEB, "requests", "cpu"), ABSENT),
        ((APPS, "default"), app()),
        ((LOAD_BALANCING,), {"certificate": "mine"}),
        ((AUTOSCALING,), {"nodeProvisionMinutes": 3}),
        ((OBSERVABILITY,), {"logRetentionDays": 8}),
        ((TRAFFIC,), {"domain": "localhost", "hostedZoneId": "Z1", "policy": "latency"}),
    )

    assert {p.key for p in refused(tmp_path, stack, text)} == {
        "ha-eks:netwrk",
        "aws:region",
        f"{NETWORK}.cidr",
        f"{CLUSTER}.version",
        f"{POOLS}.general.perZone.min",
        f"{APPS}.web.image",
        f"{APPS}.web.requests.cpu",
        f"{APPS}.default",
        f"{LOAD_BALANCING}.certificate",
        f"{AUTOSCALING}.nodeProvisionMinutes",
        f"{OBSERVABILITY}.logRetentionDays",
        f"{TRAFFIC}.domain",
    }


BROKEN_RULES: list[Change] = [
    ((NETWORK, "zones", 0), "eu-central-1a"),
    ((*PER_ZONE, "min"), 13),
    ((POOLS, "general", "capacityType"), "SPOT"),
    ((CLUSTER, "publicAccessCidrs"), ["0.0.0.0/0"]),
    ((*WEB, "otherPorts"), {"admin": 9898}),
    ((*WEB, "replicas", "max"), 1),
    ((*WEB, "shutdownSeconds"), 14),
    ((*WEB, "expose"), {"path": "/web"}),
    ((*CACHE, "near"), "missing"),
    ((*CACHE, "pool"), "gpu"),
    ((*CACHE, "expose"), {"path": "/web", "keepAliveSeconds": 50}),
    ((LOAD_BALANCING,), {}),
    ((TRAFFIC,), {"domain": "example.com", "hostedZoneId": "Z1", "policy": "failover"}),
]


@every_stack
def test_all_broken_rules_are_reported_at_once(tmp_path: Path, stack: str):
    assert {p.key for p in refused(tmp_path, stack, changed(stack, *BROKEN_RULES))} == {
        f"{NETWORK}.zones[0]",
        f"{POOLS}.general.perZone.min",
        f"{POOLS}.general.instanceTypes",
        f"{CLUSTER}.publicAccessCidrs[0]",
        f"{APPS}.web.otherPorts.admin",
        f"{APPS}.web.replicas.max",
        f"{APPS}.web.pool",
        f"{APPS}.web.shutdownSeconds",
        f"{APPS}.cache.near",
        f"{APPS}.cache.pool",
        f"{APPS}.cache.expose.path",
        f"{APPS}.cache.expose.keepAliveSeconds",
        f"{APPS}.cache.probes.readiness.path",
        f"{TRAFFIC}.role",
    }


@every_stack
def test_rules_are_not_checked_if_a_shape_is_wrong(tmp_path: Path, stack: str):
    text = changed(stack, *BROKEN_RULES, ((CLUSTER, "version"), "1.12"))

    assert_problem(
        refused(tmp_path, stack, text),
        f"{CLUSTER}.version",
        "1.12",
        'must be a Kubernetes version with standard support ("1.34", "1.35", "1.36")',
    )


def test_a_pool_can_have_the_name_of_a_pool_setting(tmp_path: Path):
    pool = {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 2, "mx": 2}}
    document = changed("dev", ((POOLS,), {"taints": pool}))
    assert_problem(
        refused(tmp_path, "dev", document),
        f"{POOLS}.taints.perZone.mx",
        2,
        'unknown key; did you mean "max"? All keys: docs/settings.md#ha-eks-pools',
    )


def test_an_app_can_have_the_name_of_an_app_setting(tmp_path: Path):
    replicas = {"needed": 1, "max": 3, "mx": 3}
    document = changed("dev", ((APPS, "requests"), app(replicas=replicas)))
    assert_problem(
        refused(tmp_path, "dev", document),
        f"{APPS}.requests.replicas.mx",
        3,
        'unknown key; did you mean "max"? All keys: docs/settings.md#ha-eks-apps',
    )


@pytest.mark.parametrize("key", ["net\nwork", "net\u2028work", "\x1b[2J"])
def test_a_problem_with_an_unprintable_key_is_one_printable_line(tmp_path: Path, key: str):
    document = changed("dev", ((f"ha-eks:{key}",), 1))
    (tmp_path / "Pulumi.dev.yaml").write_text(document, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        record("dev", root=tmp_path)
    assert str(caught.value).isprintable()
