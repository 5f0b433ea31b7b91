"""The status of each cell of a fleet, as a table or as JSON."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from settings import Settings
from settings.traffic.traffic import Traffic
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.captured import threads
from tools.deploy.upgrade_checks import live_version
from tools.fleet.health import health_of
from tools.fleet.interfaces import Health

WIDTH = 80
_COLUMNS = (16, 15, 6, 17, 11)
"""Widths of the columns, with a space; the last column has the rest."""
_TITLES = ("CELL", "REGION", "K8S", "UPDATED (UTC)", "ROLE", "HEALTH")


@dataclass(frozen=True, kw_only=True)
class CellStatus:
    """Status of a cell. Values that cannot be read are None, and `notes` has the reasons."""

    cell: str
    region: str
    kubernetes: str | None
    """Kubernetes version of the running cluster."""
    updated: str | None
    """Time of the last update by Pulumi."""
    role: str
    """Role or weight in the domain."""
    health: str
    """Health in a word or two."""
    notes: Sequence[str]
    """Reasons of alarms, and of values that cannot be read."""


def statuses(
    cells: Mapping[str, Settings],
    ask_of: Callable[[str], Ask],
    updates: Callable[[], Mapping[str, str]],
) -> Sequence[CellStatus]:
    """Returns the status of each cell.

    `ask_of` returns the AWS CLI of a cell, and `updates` the time of the last update by stack.
    """
    times = updates()
    with threads(len(cells)) as pool:
        found = [
            pool.submit(_status, cell, settings, ask_of, times.get(cell))
            for cell, settings in cells.items()
        ]
    return [each.result() for each in found]


def _status(
    cell: str, settings: Settings, ask_of: Callable[[str], Ask], updated: str | None
) -> CellStatus:
    assert settings.traffic  # fleet_of refuses other cells
    notes: list[str] = []
    kubernetes, health = None, "unknown"
    try:
        ask = ask_of(cell)
        kubernetes = live_version(ask, cell, notes.append)
        found = health_of(ask, cell, settings)
        health = _in_words(found)
        notes += _reasons(found)
    except AwsError as error:
        notes.append(str(error))
    return CellStatus(
        cell=cell,
        region=settings.aws.region,
        kubernetes=kubernetes,
        updated=updated,
        role=_role(settings.traffic),
        health=health,
        notes=notes,
    )


def _role(traffic: Traffic) -> str:
    if traffic.policy == "weighted":
        return f"weight {traffic.weight}"
    return traffic.role or traffic.policy


def _in_words(health: Health) -> str:
    """Returns the health of a cell in a word or two."""
    if health.impact:
        return "impact"
    if not health.serving:
        return "unhealthy"
    return health.out or "healthy"


def _reasons(health: Health) -> Iterator[str]:
    """Yields the states of alarms that are not OK, and why the cell gets no users."""
    if health.impact:
        yield f"the alarm impact is {health.impact}"
    if not health.serving:
        yield "Route 53 finds the cell unhealthy"
    if health.redundancy:
        yield f"the alarm redundancy is {health.redundancy}"
    if health.drained:
        yield "drained in AWS: Route 53 sends no users to this cell"
    if health.failed_over:
        yield "failed over: Route 53 sends no users to this cell until make failback"


def table(found: Sequence[CellStatus]) -> str:
    """Returns the status of all cells as a table, with the notes below."""
    lines = [_row(_TITLES)]
    for each in found:
        first = each.cell
        if len(first) >= _COLUMNS[0]:
            lines.append(first)
            first = ""
        lines.append(
            _row(
                (
                    first,
                    each.region,
                    each.kubernetes or "-",
                    (each.updated or "-").replace("T", " ")[:16],
                    each.role,
                    each.health,
                )
            )
        )
    notes = [
        line
        for each in found
        for note in each.notes
        for line in textwrap.wrap(f"{each.cell}: {note}", WIDTH, subsequent_indent="  ")
    ]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _row(values: Sequence[str]) -> str:
    *columns, last = values
    return (
        "".join(f"{value:{width}}" for value, width in zip(columns, _COLUMNS, strict=True)) + last
    )
