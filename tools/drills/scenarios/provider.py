"""The whole life of a stack, with the real engine and the real Kubernetes provider."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pulumi.automation.errors import CommandError

from tools.control_plane.manifest import Manifest
from tools.deploy.down.cell import protected
from tools.drills.deployed_cell import DeployedCell
from tools.drills.drill import DrillError
from tools.drills.provider_router import NOT_REAL
from tools.drills.result import Result
from tools.rehearsal.edits.protection import disable_deletion_protection
from tools.rehearsal.run import errors_in

_SETTLED = 120.0
"""Seconds within which all pods of a new cell must be ready."""
_GONE = 60.0
"""Seconds within which the nodes of a deleted cell must be gone."""


def life_of_a_stack(cell: DeployedCell) -> Iterator[Result]:
    """Preview, up, up without changes, refresh and destroy, with the real Kubernetes provider."""
    engine, every = cell.engine, len(cell.recording.resources)
    yield _counted("preview of an empty stack", every, engine.preview, "create")
    yield _counted("up", every, engine.up, "create")
    cell.drill.wait_until_whole("all pods of the new cell ready", _SETTLED)
    yield _counted("up without changes", every, engine.up, "same")
    yield _counted("refresh", every, engine.refresh, "same")
    objects = [*_objects(engine.resources())]
    run("turn off the protection", lambda: _turn_off_protection(cell))
    yield _counted("destroy", every, engine.destroy, "delete")
    yield _left(cell, objects)


def first_up(cell: DeployedCell) -> None:
    """Deploys the stack, and waits until all pods are ready."""
    run("first up", cell.engine.up)
    cell.drill.wait_until_whole("all pods of the new cell ready", _SETTLED)


def run(what: str, command: Callable[[], Mapping[str, int]]) -> tuple[Mapping[str, int], float]:
    """Runs an engine command; returns the resources by operation, and the seconds.

    Raises DrillError with the errors of the engine if the command fails.
    """
    began = time.monotonic()
    try:
        counts = command()
    except CommandError as error:
        raise DrillError(f"{what}: {errors_in(error)}") from error
    return counts, time.monotonic() - began


def _counted(
    what: str, expected: int, command: Callable[[], Mapping[str, int]], operation: str
) -> Result:
    counts, seconds = run(what, command)
    others = ", ".join(f"{each}: {count}" for each, count in counts.items() if each != operation)
    return Result(
        scenario="real Kubernetes provider",
        subject=what,
        bound="at least",
        computed=expected,
        unit=f"resources with operation {operation}",
        seen=counts.get(operation, 0),
        detail=f"in {seconds:.1f}s{others and f'; {others}'}",
    )


def _turn_off_protection(cell: DeployedCell) -> Mapping[str, int]:
    """Turns off the protection of the cell and its data, as `make down` requires."""
    cell.engine.edit(disable_deletion_protection)
    return cell.engine.up([*protected(cell.engine.resources())] or None)


def _objects(resources: Sequence[Mapping[str, Any]]) -> Iterator[Manifest]:
    """Yields the Kubernetes objects in the state of a stack."""
    for each in resources:
        if str(each["type"]).startswith("kubernetes:") and each["type"] not in NOT_REAL:
            yield each["outputs"]


def _left(cell: DeployedCell, objects: Sequence[Manifest]) -> Result:
    """Counts the objects that a destroy has deleted, nodes included.

    The kinds that charts define remain, as after `helm uninstall`.
    """
    server = cell.drill.server
    cell.drill.wait("all nodes gone", lambda: not server.list("v1", "Node"), _GONE)
    left = [each["metadata"]["name"] for each in objects if server.get(each)]
    return Result(
        scenario="real Kubernetes provider",
        subject="after destroy",
        bound="at least",
        computed=len(objects),
        unit="Kubernetes objects are gone",
        seen=len(objects) - len(left),
        detail=f"left: {', '.join(left)}" if left else "",
    )
