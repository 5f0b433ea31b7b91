"""HA3: rules about the termination of pods."""

import re
from collections.abc import Iterator

from tools.manifests.fields import Fields
from tools.rules.objects import Objects
from tools.rules.rule import Evidence, Rule

_DEFAULT_GRACE = 30
_SLEEP = re.compile(r"(?:^|[\s;&/])sleep\s+(\d+)s?(?:$|[\s;&])")


def _no_grace(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        grace = workload.pod.number("terminationGracePeriodSeconds")
        if workload.long_running and grace == 0 and not objects.holds_headroom(workload):
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.pod_path}.terminationGracePeriodSeconds",
                text="0 kills the processes at once, so that their requests and jobs fail; write "
                "the seconds that they need, or remove the field for the default of 30",
            )


NO_GRACE = Rule(
    id="HA301",
    claim="Pods have time to finish their requests.",
    why="Every drain, rollout and scale-down deletes pods. Without a grace period, the kubelet "
    "kills their processes in the middle of requests and jobs.",
    not_flagged=(
        "pods that hold headroom (images named pause): they do no work",
        "Jobs, cron jobs and pods without a controller",
    ),
    severity="error",
    setting="apps.NAME.shutdownSeconds",
    find=_no_grace,
)


def _long_pre_stop(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        written = workload.pod.number("terminationGracePeriodSeconds")
        grace = _DEFAULT_GRACE if written is None else written
        for container in workload.containers if workload.long_running and grace else []:
            seconds = _sleep_seconds(container.at("lifecycle.preStop"))
            if seconds is not None and seconds >= grace:
                yield Evidence(
                    resource=workload.subject,
                    field=f"{workload.path_of(container)}.lifecycle.preStop",
                    text=f"sleeps {seconds}s, but the grace period is {grace}s, so that the "
                    "process is killed before it can finish its requests; raise "
                    "terminationGracePeriodSeconds above the sleep and the longest request",
                )


def _sleep_seconds(hook: Fields) -> int | None:
    """Returns the seconds that a preStop hook sleeps; None if that cannot be read from it."""
    if "sleep" in hook:
        return hook.section("sleep").number("seconds")
    command = " ".join(hook.section("exec").texts("command"))
    found = _SLEEP.findall(command)
    return sum(map(int, found)) if found else None


LONG_PRE_STOP = Rule(
    id="HA302",
    claim="The grace period is longer than the sleep before TERM.",
    why="The grace period contains the preStop hook. If the hook uses all of it, the process is "
    "killed at about the time of TERM, and its in-flight requests fail.",
    not_flagged=("hooks that run programs whose duration the manifest does not show",),
    severity="error",
    setting="apps.NAME.expose.deregistrationSeconds",
    find=_long_pre_stop,
)

RULES = (NO_GRACE, LONG_PRE_STOP)
