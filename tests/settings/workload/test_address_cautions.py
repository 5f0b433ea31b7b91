"""Addresses of other workloads in environment variables and arguments."""

import pytest

from tests.settings.stack_files import WEB, Change, cautions_of

UNQUALIFIED = "the pods do not find cache, because it is in another namespace; write cache.cache"
DENIED = "network policies deny connections to cache; add cache to talksTo"
BOTH = (
    "the pods do not find cache, because it is in another namespace, and network policies deny "
    "connections to cache; write cache.cache, and add cache to talksTo"
)
ARGUMENTS: Change = ((*WEB, "args"), [])
APART: Change = ((*WEB, "talksTo"), [])


def caution(variable: str, value: str, *changes: Change) -> str | None:
    """Returns the caution on a variable of `web`."""
    found = cautions_of(ARGUMENTS, ((*WEB, "env"), {variable: value}), *changes)
    return found.get(f"ha-eks:apps.web.env.{variable}")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BROKER", "redis://cache"),
        ("BROKER", "redis://:password@cache:6379/0"),
        ("BROKER", "tcp://cache:9999"),
        ("BROKER", "other:1,cache:6379"),
        ("REDIS_HOST", "cache"),
    ],
)
def test_a_name_without_namespace_is_not_found(variable: str, value: str) -> None:
    assert caution(variable, value) == UNQUALIFIED
    assert caution(variable, value, APART) == BOTH


@pytest.mark.parametrize(
    "value", ["cache.cache", "redis://cache.cache/0", "cache.cache.svc.cluster.local:6379"]
)
def test_connections_to_a_workload_that_is_not_in_talks_to_are_denied(value: str) -> None:
    assert caution("BROKER", value) is None, "web has cache in talksTo"
    assert caution("BROKER", value, APART) == DENIED


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KIND", "cache"),
        ("REDIS_HOST", "cache.example.com"),
        ("REDIS_HOST", "my-cache"),
        ("IMAGE", "cache:7"),
        ("MODELS", "s3://cache/models"),
        ("PATHS", "/var/cache:6379"),
        ("MY_URL", "http://web:9898"),
    ],
)
def test_other_texts_are_no_address_of_a_workload(variable: str, value: str) -> None:
    assert caution(variable, value, APART) is None


def test_an_argument_can_contain_an_address() -> None:
    found = cautions_of(((*WEB, "args"), ["--cache-server=tcp://cache:6379"]))
    assert found["ha-eks:apps.web.args[0]"] == UNQUALIFIED
