"""Checks that a cell can serve the users of its domain again after a failover or a drain."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from settings import Settings
from tools.deploy.aws_cli import AwsError, why
from tools.deploy.check.result import Result
from tools.deploy.pod_watch import Read
from tools.fleet.interfaces import Health
from tools.fleet.rollout import counts_text

CHECKS = (
    "control plane",
    "node groups",
    "nodes",
    "pods",
    "system pods",
    "headroom",
    "targets",
    "requests",
    "zonal shift",
    "drift",
)
"""Checks of `make check` on which a failback depends. The check `drift` compares the cell
with the work tree."""


def no_failback(cell: str, health: Health) -> str | None:
    """Returns the reason why a cell is not ready for a failback by its health; None if it is."""
    if not health.drained and not health.failed_over:
        return f"{cell} is neither drained nor failed over: nothing to fail back"
    return health.problem and f"{cell} is not healthy: {health.problem}"


def failed_checks(results: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Yields a line for each check that is not ok, with its remedy."""
    for title, found in results.items():
        for each in found:
            if each.outcome == "NOT OK":
                remedy = f"; {each.remedy}" if each.remedy else ""
                yield f"{title}: {each.subject}: {each.figures}{remedy}"


def siblings(cells: Mapping[str, Settings], cell: str) -> Sequence[str]:
    """Returns the other cells of the domain of a cell."""
    domains = {name: each.traffic and each.traffic.main.domain for name, each in cells.items()}
    return [name for name in cells if name != cell and domains[name] == domains[cell]]


def other_versions(
    others: Sequence[str], preview: Callable[[str], Mapping[str, int]]
) -> Iterator[str]:
    """Yields a line for each cell that does not run the version of the work tree."""
    for other in others:
        changes = counts_text(preview(other))
        if changes != counts_text({}):
            yield (
                f"version: {other} serves another version than the work tree ({changes}); run "
                "make fleet-preview and make fleet-up first"
            )


def missing_capacity(
    settings: Settings, others: Sequence[str], reader: Callable[[str], Read], cell: str
) -> Iterator[str]:
    """Yields a line for each exposed app with fewer ready pods than in a cell that serves now.

    The autoscaler of this cell adds pods only after the users have arrived.
    """
    for app in settings.exposed:
        try:
            here = _ready_pods(reader(cell), app)
            there = {other: _ready_pods(reader(other), app) for other in others}
        except (AwsError, OSError, LookupError, TypeError, ValueError) as error:
            yield f"capacity: the pods of {app} cannot be read: {why(error)}"
            continue
        for other, pods in there.items():
            if here < pods:
                yield (
                    f"capacity: {app} has {here} ready pods, but {pods} in {other}, which serves "
                    f"now; raise replicas.needed of {app}, or wait until {other} has fewer"
                )


def _ready_pods(read: Read, app: str) -> int:
    """Returns the number of ready pods of an app, whose namespace has its name."""
    deployments, _ = read(app)
    return sum(each.get("status", {}).get("readyReplicas", 0) for each in deployments)
