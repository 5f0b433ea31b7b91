"""Preview states what a stack costs at rest."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tools.preview.cost import cost_lines, dollars
from tools.preview.tree import headlines
from tools.recording import Recording
from tools.recording.record import ROOT

TODAY = date(2026, 11, 28)
PROD = (
    "cost at rest: $1.27 an hour ($924 a month) at list prices of us-east-1, without traffic, logs "
    "and metrics (rounded): 9 × m7i.large $0.91, 1 control plane $0.10, 3 NAT gateways $0.14, 1 "
    "load balancer $0.02, 6 public IPv4 addresses $0.03, 450 GiB of volumes $0.05, 3 KMS keys, 3 "
    "health checks, 2 health check options (HTTPS, 10s interval), 54 alarm metrics, 2 composite "
    "alarms and 1 dashboard, together $0.02"
)


def test_the_cost_of_prod_is_stated_with_its_parts(previewed: Callable[[str], Recording]) -> None:
    assert cost_lines(previewed("prod"), TODAY) == [PROD]


def test_the_options_of_health_checks_are_those_that_the_cost_names(
    previewed: Callable[[str], Recording],
) -> None:
    for check in previewed("prod").of_type("aws:route53/healthCheck:HealthCheck"):
        if check.inputs["type"] not in {"CALCULATED", "CLOUDWATCH_METRIC"}:
            assert check.inputs["type"] == "HTTPS"
            assert check.inputs["requestInterval"] == 10
            assert not check.inputs.get("measureLatency")


def test_the_derived_figures_contain_the_cost(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    assert PROD in headlines(recording, TODAY)


def test_spot_nodes_are_priced_as_on_demand_nodes() -> None:
    [line] = cost_lines(recorded("spot", ROOT / "examples"), TODAY)
    assert line == (
        "cost at rest: $0.94 an hour ($687 a month) at list prices of us-east-1, without traffic, "
        "logs and metrics (rounded): 3 × m7i.large $0.30, 3 × m7i.large or m6i.large or m5.large "
        "(spot, at the on-demand price) $0.30, 1 control plane $0.10, 3 NAT gateways $0.14, 1 load "
        "balancer $0.02, 6 public IPv4 addresses $0.03, 300 GiB of volumes $0.03, 3 KMS keys, 49 "
        "alarm metrics, 2 composite alarms and 1 dashboard, together $0.02"
    )


def test_instances_without_a_known_price_are_named() -> None:
    config = config_of("prod")
    general = config["ha-eks:pools"]["general"]
    general |= {"instanceTypes": ["r9g.large"], "amiType": "AL2023_ARM_64_STANDARD"}
    [line] = cost_lines(recorded_config("prod", config), TODAY)
    assert line.startswith("cost at rest: $0.36 an hour ($262 a month) at list prices of us-east-1")
    assert line.endswith(" and 1 dashboard, together $0.02; price unknown: 9 × r9g.large")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.045, "$0.05"),
        (0.135, "$0.14"),
        (0.004, "$0.00"),
        (0.9072, "$0.91"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_are_rounded_to_cents(amount: float, text: str) -> None:
    assert dollars(amount) == text
