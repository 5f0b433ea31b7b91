"""Rules for ha-eks:resilience: resources and alarms of zonal autoshift, and windows that meet."""

from collections.abc import Iterator, Sequence

from core.load_balancers import Kind
from settings.load_balancing.rules import no_route
from settings.reading.problem import Problem
from settings.resilience.autoshift import PRACTICE_RUN_MINUTES, Practiced, Windows, meeting
from settings.resilience.practiced import has_stop_alarm, practiced
from settings.stack import NAMESPACE, Settings

_AUTOSHIFT = f"{NAMESPACE}:resilience.autoshift"
_WINDOWS = f"{_AUTOSHIFT}.practiceWindows"

_BALANCERS: Sequence[tuple[str, Practiced, Kind]] = (
    ("load_balancer", "loadBalancer", "public"),
    ("internal_load_balancer", "internalLoadBalancer", "internal"),
)
"""Field, key and kind of each load balancer with windows."""


def _resources(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for windows of a resource that the cell does not have, or cannot shift."""
    autoshift, found = settings.resilience.autoshift, practiced(settings)
    if autoshift is None:
        return
    if not found:
        yield Problem(
            key=_AUTOSHIFT,
            message="the cell has nothing to shift: no workload has expose, and cluster.zonalShift "
            "is false; write zonalShift: true, or remove autoshift",
        )
        return
    written = autoshift.practice_windows.model_fields_set
    for field, resource, kind in _BALANCERS:
        if field in written and resource not in found:
            balancer = settings.load_balancer(kind)
            yield Problem(
                key=f"{_WINDOWS}.{resource}",
                message=f"{no_route(balancer)}, or remove {resource}",
            )
    if "cluster" in written and "cluster" not in found:
        yield Problem(
            key=f"{_WINDOWS}.cluster",
            message="cluster.zonalShift is false, so that ARC cannot shift the cluster; write "
            "zonalShift: true, or remove cluster",
        )


def _alarms(settings: Settings) -> Iterator[Problem]:
    """Yields a problem if no alarm can stop a practice run, which ARC requires."""
    if settings.resilience.autoshift is not None and not has_stop_alarm(settings):
        yield Problem(
            key=_AUTOSHIFT,
            message="ARC requires an alarm that stops a practice run, and the cell has none: no "
            "app has expose, and there is no worker; add one of them, or remove autoshift",
        )


def _windows(settings: Settings) -> Iterator[Problem]:
    autoshift = settings.resilience.autoshift
    if autoshift is None:
        return
    windows: dict[Practiced, Windows] = {
        each: autoshift.practice_windows.of(each) for each in practiced(settings)
    }
    for resource, index, other, window in meeting(windows):
        yield Problem(
            key=f"{_WINDOWS}.{resource}[{index}]",
            message=f"is less than {PRACTICE_RUN_MINUTES} minutes, the duration of a practice run, "
            f"from {window} of {other}: ARC could shift both away from different zones at the same "
            "time; write another day or time",
        )


RULES = (_resources, _alarms, _windows)
