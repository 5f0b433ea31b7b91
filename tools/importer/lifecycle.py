"""Termination of a pod: grace period and preStop hook."""

import re
from typing import Any

from core.availability.termination import MARGIN
from tools.importer.fields import Fields
from tools.importer.report import SubjectReport

_GRACE = 30
"""Grace period without a value in the manifest.
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"""
_SLEEP = re.compile(r"(?:/bin/)?sleep ([0-9]+)s?")


def termination(pod: Fields, container: Fields, kind: str, report: SubjectReport) -> dict[str, Any]:
    """Returns the keys of a workload for its termination. Any: settings of the stack file."""
    hook = container.section("lifecycle").section("preStop")
    slept = 0
    if hook:
        slept = _sleep(hook)
        if slept:
            report.changed(hook.path, "the program calculates the sleep before TERM")
        else:
            report.lost(
                hook.path,
                "write preStop with the command and its duration in seconds",
            )
        hook.skip(*hook)
    grace = pod.number("terminationGracePeriodSeconds")
    if grace is None or grace == _GRACE:
        return {}
    seconds = max(1, grace - slept - MARGIN)
    if kind == "workers":
        return {"longestJobSeconds": seconds}
    key = "shutdownSeconds" if seconds >= _GRACE else "longestRequestSeconds"
    return {key: seconds}


def _sleep(hook: Fields) -> int:
    """Returns the seconds that a preStop hook sleeps; 0 if it does something else."""
    if "sleep" in hook:
        return hook.section("sleep").number("seconds") or 0
    words = hook.section("exec").texts("command")
    match = _SLEEP.fullmatch(words[-1] if words[:1] and len(words) == 3 else " ".join(words))
    return int(match[1]) if match else 0
