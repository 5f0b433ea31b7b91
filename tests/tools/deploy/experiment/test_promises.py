"""Words for the promises of an experiment."""

import pytest

from tools.deploy.experiment.promises import unit_of


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("balancer/errors", "%"),
        ("app/web/errors-internal", "%"),
        ("app/hosts/latency", " s"),
        ("app/web/hosts", " pods"),
        ("apps-below-need", ""),
    ],
)
def test_values_have_the_unit_of_their_alarm(key: str, unit: str) -> None:
    assert unit_of(key) == unit
