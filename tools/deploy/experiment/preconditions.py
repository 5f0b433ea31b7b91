"""Checks that must pass before an experiment starts: the cell is healthy, and no change is running.

https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_ListAutoshifts.html
"""

from collections.abc import Iterator, Mapping

from tools.deploy.check.cluster import control_plane, node_groups, nodes, zonal_shifts
from tools.deploy.check.pods import app_pods, is_running, system_pods
from tools.deploy.check.result import Check, Readings, Result, count, name_of, not_ok, ok
from tools.deploy.check.scaling import headroom
from tools.deploy.experiment.fis import Fis
from tools.deploy.experiment.update_lock import update_in_progress
from tools.deploy.release.alarm import composite_states
from tools.recording import Recording


def _safety_lever(recording: Recording, readings: Readings) -> Iterator[Result]:
    status, reason = Fis(readings.aws, recording.stack).safety_lever()
    if status == "disengaged":
        yield ok("FIS", "disengaged")
    else:
        yield not_ok(
            "FIS",
            f"{status}: {reason}",
            "ask the person who engaged the lever; then: aws fis update-safety-lever-state --id "
            "default --state status=disengaged,reason=REASON",
        )


def _experiments(recording: Recording, readings: Readings) -> Iterator[Result]:
    running = [each for each in Fis(readings.aws, recording.stack).runs() if not each.ended]
    for each in running:
        yield not_ok(
            each.name,
            f"{each.id} is {each.status} since {each.start:%H:%M %Z}",
            f"wait until it ends, or follow it: make experiment STACK={recording.stack} "
            f"NAME={each.name}",
        )
    if not running:
        yield ok("experiments", "none is running in this cell")


def _alarms(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields the state of each composite alarm; a state without data is not OK."""
    kinds = ("impact", "redundancy")
    names = [f"{recording.stack}/{each}" for each in kinds]
    states = composite_states(readings.aws, names, recording.settings.aws.region)
    for name, (state, reason) in zip(names, states, strict=True):
        if state == "OK":
            yield ok(name, "OK")
        else:
            yield not_ok(
                name,
                f"{state}: {reason}",
                f"make check STACK={recording.stack} names the alarms (docs/alarms.md)",
            )


def _autoshifts(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields the autoshifts of AWS in the region, also those that do not reach this cell."""
    found = readings.aws("arc-zonal-shift", "list-autoshifts", "--status", "ACTIVE")["items"]
    for each in found:
        yield not_ok(
            str(each["awayFrom"]),
            f"AWS finds this zone impaired since {each['startTime']}",
            "wait until AWS ends the autoshift",
        )
    if not found:
        yield ok("autoshifts of AWS", "none is active in this region")


def _pending_pods(recording: Recording, readings: Readings) -> Iterator[Result]:
    pods = [each for each in readings.objects("pods") if is_running(each)]
    pending = [name_of(each) for each in pods if each["status"].get("phase") == "Pending"]
    if pending:
        place, _, name = pending[0].partition("/")
        yield not_ok(
            "pending pods",
            f"{count(len(pending), 'pod')}, such as {pending[0]}",
            f"kubectl -n {place} describe pod {name} (docs/alarms.md#app-pods-are-pending)",
        )
    else:
        yield ok("pending pods", "none")


PRECONDITIONS: Mapping[str, Check] = {
    "safety lever": _safety_lever,
    "experiments": _experiments,
    "updates": update_in_progress,
    "control plane": control_plane,
    "node groups": node_groups,
    "alarms": _alarms,
    "zonal shift": zonal_shifts,
    "autoshifts": _autoshifts,
    "nodes": nodes,
    "pods": app_pods,
    "system pods": system_pods,
    "pending pods": _pending_pods,
    "headroom": headroom,
}
"""Checks by title, in the order of the table."""

AFTERWARDS: Mapping[str, Check] = {
    "zonal shift": zonal_shifts,
    "nodes": nodes,
    "pods": app_pods,
    "system pods": system_pods,
    "headroom": headroom,
}
"""Checks that show what an experiment has left behind."""
