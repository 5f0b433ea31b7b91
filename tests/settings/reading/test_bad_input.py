"""What people are told of a bad stack file: the shipped files, with one thing changed."""

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
    accepted,
    app,
    assert_one,
    changed,
    config_of,
    every_stack,
    fragment,
    pool,
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
        'unknown key; did you mean "zones"? All keys: docs/settings.md#ha-eks-network',
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
    "unknown key in probes": unknown((*WEB, "probes", "redyness"), "readiness"),
    "unknown key in a probe": unknown((*WEB, "probes", "liveness", "pth"), "path"),
    "unknown key in expose": unknown((*WEB, "expose", "pth"), "path"),
    "unknown key in loadBalancing": put_in(
        (LOAD_BALANCING,), "certifcate", 1,
        'unknown key; did you mean "certificate"? All keys: docs/settings.md#ha-eks-loadBalancing',
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
        (CLUSTER, "version"), 1.36, f"{CLUSTER}.version", 1.36, "must be text, not 1.36",
    ),
    "section that is a list": (
        (NETWORK,), ["zones"], NETWORK, ["zones"], "must be a mapping, not a list",
    ),
    "pool name": (
        (POOLS, "Gen_eral"), {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 1}},
        f"{POOLS}.Gen_eral", {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 1}},
        fragment("a-z"),
    ),
    "prefix of 99": (
        (NETWORK, "cidr"), "10.0.0.0/99", f"{NETWORK}.cidr", "10.0.0.0/99",
        fragment("IPv4 network"),
    ),
    "host bits": (
        (NETWORK, "cidr"), "10.0.0.1/16", f"{NETWORK}.cidr", "10.0.0.1/16", fragment("host bits"),
    ),
    "VPC too small": (
        (NETWORK, "cidr"), "10.0.0.0/21", f"{NETWORK}.cidr", "10.0.0.0/21", fragment("too small"),
    ),
    "VPC too large": (
        (NETWORK, "cidr"), "10.0.0.0/15", f"{NETWORK}.cidr", "10.0.0.0/15", fragment("too large"),
    ),
    "a single zone": (
        (NETWORK, "zones"), ["us-east-1a"], f"{NETWORK}.zones", ["us-east-1a"],
        "must have between 2 and 6 items, but has 1",
    ),
    "a zone twice": (
        (NETWORK, "zones"), ["us-east-1a", "us-east-1a"],
        f"{NETWORK}.zones", ["us-east-1a", "us-east-1a"], fragment("more than once"),
    ),
    "a local zone": (
        (NETWORK, "zones", 0), "us-west-2-lax-1a",
        f"{NETWORK}.zones[0]", "us-west-2-lax-1a", fragment("availability zone"),
    ),
    "a zone of another region": (
        (NETWORK, "zones", 1), "eu-central-1a",
        f"{NETWORK}.zones[1]", "eu-central-1a", fragment("aws:region"),
    ),
    "a control plane zone of another region": (
        (NETWORK, "controlPlaneZones", 0), "eu-central-1a",
        f"{NETWORK}.controlPlaneZones[0]", "eu-central-1a", fragment("aws:region"),
    ),
    "min above max": (
        (*PER_ZONE, "min"), 13, f"{POOLS}.general.perZone.min", 13, fragment("at most max"),
    ),
    "initial below min": (
        (*PER_ZONE, "initial"), 0, f"{POOLS}.general.perZone.initial", 0, fragment("min to max"),
    ),
    "initial above max": (
        (*PER_ZONE, "initial"), 13, f"{POOLS}.general.perZone.initial", 13, fragment("min to max"),
    ),
    "unknown version": (
        (CLUSTER, "version"), "1.12", f"{CLUSTER}.version", "1.12", fragment("1.36"),
    ),
    "endpoint open to all": (
        (CLUSTER, "publicAccessCidrs"), ["203.0.113.0/24", "0.0.0.0/0"],
        f"{CLUSTER}.publicAccessCidrs[1]", "0.0.0.0/0", fragment("publicAccessFromAnywhere: true"),
    ),
    "a malformed instance type": (
        (POOLS, "general", "instanceTypes"), ["large"],
        f"{POOLS}.general.instanceTypes[0]", "large", fragment("an instance type"),
    ),
    "spot of a single type": (
        (POOLS, "cheap"), pool(1, capacityType="SPOT", instanceTypes=["m7i.large"]),
        f"{POOLS}.cheap.instanceTypes", ["m7i.large"], fragment("two types"),
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem_with_key_value_and_what_is_allowed(
    tmp_path: Path, stack: str, case: str
):
    path, new, key, value, word = ONE_CHANGE[case]

    assert_one(refused(tmp_path, stack, changed(stack, (path, new))), key, value, word)


@every_stack
def test_a_misspelt_section_is_unknown_and_the_right_one_missing(tmp_path: Path, stack: str):
    config = config_of(stack)
    text = changed(
        stack,
        ((NETWORK,), ABSENT),
        ((APPS,), ABSENT),
        (("ha-eks:netwrk",), config[NETWORK]),
        (("ha-eks:aps",), config[APPS]),
    )

    keys = [p.key for p in refused(tmp_path, stack, text)]
    assert sorted(keys) == [APPS, "ha-eks:aps", NETWORK, "ha-eks:netwrk"]


@every_stack
@pytest.mark.parametrize(
    "changes",
    [
        [
            ((CLUSTER, "publicAccessCidrs"), ["0.0.0.0/0"]),
            ((CLUSTER, "publicAccessFromAnywhere"), True),
        ],
        [
            ((POOLS, "cheap"), pool(1, capacityType="SPOT")),
        ],
        [((*PER_ZONE, "initial"), 3)],
    ],
    ids=["open endpoint that says so", "spot of two types", "initial within min and max"],
)
def test_what_a_problem_says_is_allowed_is_accepted(
    tmp_path: Path, stack: str, changes: list[Change]
):
    accepted(tmp_path, stack, *changes)


@every_stack
def test_all_problems_of_shape_come_in_one_go(tmp_path: Path, stack: str):
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
    ((*CACHE, "near"), "nobody"),
    ((*CACHE, "pool"), "gpu"),
    ((*CACHE, "expose"), {"path": "/web/v2", "keepAliveSeconds": 50}),
    ((LOAD_BALANCING,), {}),
    ((TRAFFIC,), {"domain": "example.com", "hostedZoneId": "Z1", "policy": "failover"}),
]


@every_stack
def test_all_broken_rules_come_in_one_go(tmp_path: Path, stack: str):
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
        APPS,
        f"{TRAFFIC}.role",
    }


@every_stack
def test_a_problem_of_shape_hides_the_broken_rules(tmp_path: Path, stack: str):
    text = changed(stack, *BROKEN_RULES, ((CLUSTER, "version"), "1.12"))

    assert_one(refused(tmp_path, stack, text), f"{CLUSTER}.version", "1.12", fragment("1.36"))


@every_stack
@pytest.mark.parametrize(
    "cidr", ["10.0.0.0", "10.0.0.0/255.255.0.0", "10.0.0.0/016", "10.0.0.0/0.0.255.255"]
)
def test_only_cidr_notation_is_a_network(tmp_path: Path, stack: str, cidr: str):
    document = changed(stack, ((NETWORK, "cidr"), cidr))
    assert_one(
        refused(tmp_path, stack, document), f"{NETWORK}.cidr", cidr, fragment("CIDR notation")
    )


def test_half_of_the_internet_is_the_open_internet(tmp_path: Path):
    halves = ["0.0.0.0/1", "128.0.0.0/1"]
    document = changed("dev", ((CLUSTER, "publicAccessCidrs"), halves))
    problems = refused(tmp_path, "dev", document)
    assert [problem.value for problem in problems] == halves


def test_a_pool_may_be_named_like_one_of_its_settings(tmp_path: Path):
    pool = {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 2, "mx": 2}}
    document = changed("dev", ((POOLS,), {"taints": pool}))
    assert_one(
        refused(tmp_path, "dev", document),
        f"{POOLS}.taints.perZone.mx",
        2,
        'unknown key; did you mean "max"? All keys: docs/settings.md#ha-eks-pools',
    )


def test_an_app_may_be_named_like_one_of_its_settings(tmp_path: Path):
    replicas = {"needed": 1, "max": 3, "mx": 3}
    document = changed("dev", ((APPS, "requests"), app(replicas=replicas)))
    assert_one(
        refused(tmp_path, "dev", document),
        f"{APPS}.requests.replicas.mx",
        3,
        'unknown key; did you mean "max"? All keys: docs/settings.md#ha-eks-apps',
    )


@pytest.mark.parametrize("key", ["net\nwork", "net\u2028work", "\x1b[2J"])
def test_a_problem_is_one_printable_line_whatever_its_key(tmp_path: Path, key: str):
    document = changed("dev", ((f"ha-eks:{key}",), 1))
    (tmp_path / "Pulumi.dev.yaml").write_text(document, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        record("dev", root=tmp_path)
    assert str(caught.value).isprintable()
