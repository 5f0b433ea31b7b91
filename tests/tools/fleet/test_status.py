"""The status of a fleet fits a terminal of 80 columns."""

from collections.abc import Callable
from typing import Any

import pytest

from settings import Settings
from tests.live.cells import settings_of
from tests.tools.fleet.test_health import Cloud
from tools.deploy.aws_cli import AwsError
from tools.fleet.status import CellStatus, statuses, table


def cell(name: str, **values: Any) -> CellStatus:
    defaults: dict[str, Any] = {
        "region": "ap-southeast-2",
        "kubernetes": "1.36",
        "updated": "2026-11-29T12:00:30.000Z",
        "role": "secondary",
        "health": "healthy",
        "notes": (),
    }
    return CellStatus(cell=name, **{**defaults, **values})


def test_the_table_fits_80_columns() -> None:
    long = "a-very-long-name-of-a-cell"
    why = "ALARM: Threshold Crossed: 3 out of the last 5 datapoints were greater than the threshold"
    text = table(
        [
            cell("one", role="weight 255", notes=[f"the alarm impact is {why}"], health="impact"),
            cell(long, updated=None, kubernetes=None),
        ]
    )
    assert text.splitlines() == [
        "CELL            REGION         K8S   UPDATED (UTC)    ROLE       HEALTH",
        "one             ap-southeast-2 1.36  2026-11-29 12:00 weight 255 impact",
        long,
        "                ap-southeast-2 -     -                secondary  healthy",
        "",
        "one: the alarm impact is ALARM: Threshold Crossed: 3 out of the last 5",
        "  datapoints were greater than the threshold",
    ]
    assert max(map(len, text.splitlines())) <= 80


def status(ask: Callable[..., Any], settings: Settings | None = None, **updates: str) -> CellStatus:
    [found] = statuses({"prod": settings or settings_of()}, lambda _: ask, lambda: updates)
    return found


def answers(cloud: Cloud) -> Callable[..., Any]:
    def ask(*arguments: str) -> Any:
        if arguments[:2] == ("eks", "describe-cluster"):
            return {"cluster": {"version": "1.36"}}
        return cloud.ask(*arguments)

    return ask


@pytest.mark.parametrize(
    ("check", "values", "states", "health", "notes"),
    [
        ("app", {}, {}, "healthy", []),
        ("drained", {}, {}, "drained",
         ["drained in AWS: Route 53 sends no users to this cell"]),
        ("app", {"a": [0.0]}, {}, "unhealthy", ["Route 53 finds the cell unhealthy"]),
        ("app", {}, {"prod/impact": "ALARM"}, "impact", ["the alarm impact is ALARM: why"]),
        ("app", {}, {"prod/redundancy": "ALARM"}, "healthy",
         ["the alarm redundancy is ALARM: why"]),
        ("app", {"a": []}, {}, "unknown",
         ["Route 53 has no data of its health checks for 5 minutes"]),
    ],
)  # fmt: skip
def test_the_health_is_told_in_a_word_with_its_reasons(
    check: str, values: Any, states: dict[str, str], health: str, notes: list[str]
) -> None:
    cloud = Cloud(check)
    cloud.values, cloud.states = values, {**cloud.states, **states}
    found = status(answers(cloud), prod="2026-11-29T12:00:30Z")
    assert (found.health, found.notes) == (health, notes)
    assert (found.kubernetes, found.role, found.region, found.updated) == (
        *("1.36", "primary", "us-east-1"),
        "2026-11-29T12:00:30Z",
    )


@pytest.mark.parametrize(
    ("policy", "role"),
    [({"policy": "weighted", "weight": 30}, "weight 30"), ({"policy": "latency"}, "latency")],
)
def test_cells_of_other_policies_have_a_weight_or_the_policy(
    policy: dict[str, Any], role: str
) -> None:
    traffic = {"domain": "app.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ", **policy}
    settings = settings_of((("ha-eks:traffic",), traffic))
    assert status(answers(Cloud("app")), settings).role == role


def test_a_cell_that_cannot_be_read_is_unknown_and_others_are_told() -> None:
    def ask(*arguments: str) -> Any:
        raise AwsError("aws: no valid credentials")

    found = status(ask)
    assert (found.health, found.kubernetes, found.updated) == ("unknown", None, None)
    assert found.notes[-1] == "aws: no valid credentials"
