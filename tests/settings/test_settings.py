"""What `settings.check` makes of good files, and that it answers to any input."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from pydantic import ValidationError

from settings import Settings, check, read_stack_file

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod", "prod-standby")
SHIPPED = {stack: read_stack_file(ROOT / f"Pulumi.{stack}.yaml") for stack in STACKS}

anything = profile(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def shipped(stack: str) -> Settings:
    settings, problems = check(SHIPPED[stack])
    assert settings is not None, problems
    return settings


def test_the_stacks_of_these_tests_are_all_that_are_shipped():
    files = sorted(file.name for file in ROOT.glob("Pulumi.*.yaml"))

    assert files == sorted(f"Pulumi.{stack}.yaml" for stack in STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_file_checks_clean(stack: str):
    settings, problems = check(SHIPPED[stack])

    assert problems == []
    assert settings is not None


def test_a_value_of_the_file_arrives_and_an_absent_one_gets_its_default():
    settings = shipped("prod-standby")

    assert settings.network.cidr == "10.1.0.0/16"
    assert settings.network.nat == "perZone"
    assert settings.cluster.deletion_protection is True
    assert settings.pools.root["general"].per_zone.max == 8


def test_keys_of_other_namespaces_are_none_of_ours():
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
    ],
)
def test_settings_are_frozen(stack: str, path: tuple[str, ...], field: str):
    section: Any = shipped(stack)
    for name in path:
        section = getattr(section, name)

    with pytest.raises(ValidationError, match="frozen"):
        setattr(section, field, None)


def test_a_pool_and_its_size_are_frozen():
    pool: Any = shipped("dev").pools.root["general"]

    with pytest.raises(ValidationError, match="frozen"):
        pool.disk_gib = 20
    with pytest.raises(ValidationError, match="frozen"):
        pool.per_zone.min = 0


def test_the_pools_are_frozen():
    pools: Any = shipped("dev").pools

    with pytest.raises(ValidationError, match="frozen"):
        pools.root = {}


# Any JSON-like value, with a taste for our own names: noise alone never gets past the first key.

words = st.sampled_from(
    [
        "us-east-1", "us-east-1a", "us-east-1b", "10.0.0.0/16", "0.0.0.0/0", "1.36", "perZone",
        "single", "m7i.large", "SPOT", "api", "arn:aws:iam::123456789012:role/ops", "{allowed}",
        "10.0.0.0/99", "us-west-2-lax-1a", "\n", "",
    ]
)  # fmt: skip
names = st.sampled_from(
    [
        "cidr", "zones", "controlPlaneZones", "nat", "version", "publicAccessCidrs", "admins",
        "logTypes", "logRetentionDays", "general", "taints", "labels", "instanceTypes", "perZone",
        "min", "max", "initial", "capacityType", "key", "value", "effect", "tags", "roleArn",
        "zone", "mx",
    ]
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | words
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names | st.text(), inner, max_size=5)
    ),
    max_leaves=15,
)
keys = st.sampled_from(
    [
        "ha-eks:network", "ha-eks:cluster", "ha-eks:pools", "ha-eks:netwrk", "ha-eks:", "ha-eks",
        "aws:region", "aws:profile", "aws:assumeRoles", "aws:defaultTags", "aws:regin", "aws",
    ]
)  # fmt: skip


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value inside of `value`."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [place for key, item in items for place in ((*at, key), *places(item, (*at, key)))]


def assert_answers(config: dict[str, Any]) -> None:
    settings, problems = check(config)
    assert (settings is None) == (problems != [])
    assert [
        p
        for p in problems
        if not p.key or not p.allowed or p.key.replace("\n", "\\n") not in str(p)
    ] == []


@anything
@given(config=st.dictionaries(keys, values))
def test_any_config_of_our_keys_is_answered_by_settings_or_problems(config: dict[str, Any]):
    assert_answers(config)


@anything
@given(stack=st.sampled_from(STACKS), data=st.data())
def test_a_shipped_file_with_any_values_changed_is_answered_too(stack: str, data: st.DataObject):
    config: Any = deepcopy(SHIPPED[stack])
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(places(config) or [("aws:region",)]))
        holder = config
        for step in path:
            holder = holder[step]
        holder[last] = data.draw(values)

    assert_answers(config)


@anything
@given(
    stack=st.sampled_from(STACKS),
    section=st.sampled_from(["ha-eks:network", "ha-eks:cluster"]),
    key=names | st.text(),
    value=values,
)
def test_a_shipped_file_with_any_key_added_is_answered_too(
    stack: str, section: str, key: str, value: object
):
    config: Any = deepcopy(SHIPPED[stack])
    config[section][key] = value

    assert_answers(config)
