"""Keys of alarms that an experiment names."""

import pytest

from core.experiments.alarm_keys import key_pattern


@pytest.mark.parametrize(
    ("key", "alarms"),
    [
        ("impact", ["impact"]),
        ("apps-below-need", ["apps-below-need", "apps-below-need/2"]),
        ("balancer/errors", ["balancer/errors", "balancer/errors-internal"]),
        ("app/*/hosts", ["app/web/hosts", "app/web/hosts-internal"]),
    ],
)
def test_a_key_names_the_alarms_of_both_load_balancers_but_not_those_of_zones(
    key: str, alarms: list[str]
) -> None:
    known = [
        "impact", "apps-below-need", "apps-below-need/2", "balancer/errors", "app/web/errors",
        "balancer/errors-internal", "app/web/hosts", "app/web/hosts-internal",
        "app/web/hosts/us-east-1a",
    ]  # fmt: skip
    assert [each for each in known if key_pattern(key).fullmatch(each)] == alarms
