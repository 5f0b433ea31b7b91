"""Pods of an app that do not become ready, with the reason that Kubernetes states."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.deploy.kubernetes_objects import condition

_STARTING = frozenset({"ContainerCreating", "PodInitializing"})
"""Reasons of a container that waits without a problem."""

_PATIENCE = 60
"""Seconds that a pod may be unschedulable, or its containers be in creation, without a report."""


@dataclass(frozen=True, kw_only=True)
class PodProblem:
    """A pod that does not become ready."""

    app: str
    pod: str
    """Name of a pod; other pods of the app may have the same problem."""
    container: str | None
    """Container with the problem; None: the whole pod."""
    reason: str
    """Reason, such as ImagePullBackOff."""
    message: str
    """Message of Kubernetes."""

    @property
    def key(self) -> tuple[str, str | None, str]:
        """Equal for pods with the same problem."""
        return self.app, self.container, self.reason

    def __str__(self) -> str:
        """Returns one line."""
        container = f", container {self.container}" if self.container else ""
        detail = f": {' '.join(self.message.split())}" if self.message else ""
        return f"{self.app}: pod {self.pod}{container}: {self.reason}{detail}"


def pod_problems(
    app: str, pods: Sequence[Any], startup: int, now: datetime
) -> Iterator[PodProblem]:
    """Yields the problems of the pods of an app, in the format of the Kubernetes API.

    `startup` is the time in seconds from the start of a pod's first container until the pod is
    ready.
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
    """
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        for container, reason, message in _problems(pod, startup, now):
            yield PodProblem(
                app=app,
                pod=pod["metadata"]["name"],
                container=container,
                reason=reason,
                message=message,
            )


def refused_pods(app: str, deployment: Mapping[str, Any]) -> Iterator[PodProblem]:
    """Yields a problem if Kubernetes refuses to create pods of a Deployment."""
    failure = condition(deployment, "ReplicaFailure")
    if failure and failure["status"] == "True":
        yield PodProblem(
            app=app,
            pod="(not created)",
            container=None,
            reason=str(failure.get("reason")),
            message=str(failure.get("message", "")),
        )


def _problems(pod: Any, startup: int, now: datetime) -> Iterator[tuple[str | None, str, str]]:
    """Yields container, reason and message of each problem of a pod."""
    scheduled, ready = condition(pod, "PodScheduled") or {}, condition(pod, "Ready") or {}
    if scheduled.get("status") == "False":
        if _seconds_since(scheduled, now) > _PATIENCE:
            yield None, str(scheduled.get("reason")), str(scheduled.get("message", ""))
        return
    waiting = [*_waiting(pod)]
    problems = [each for each in waiting if each[1] not in _STARTING]
    yield from problems
    seconds = _seconds_since(ready, now) if ready.get("status") == "False" else 0
    running = _last_init_container(pod)
    if waiting and not problems and running:
        if seconds > startup:
            yield running, "not completed", "the containers after this one wait for it"
    elif waiting and not problems and seconds > _PATIENCE:
        yield from waiting
    elif not waiting and seconds > startup:
        since = ready["lastTransitionTime"]
        message = f"since {since}, although its containers run; {ready.get('message', '')}"
        yield None, "not ready", message.rstrip("; ")


def _waiting(pod: Any) -> Iterator[tuple[str, str, str]]:
    """Yields name, reason and message of the containers that wait."""
    status = pod["status"]
    for each in [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]:
        state = each.get("state", {}).get("waiting")
        if state:
            ended = each.get("lastState", {}).get("terminated")
            exit_ = f"exit code {ended['exitCode']} ({ended.get('reason')}); " if ended else ""
            message = f"{exit_}{state.get('message', '')}".rstrip("; ")
            yield each["name"], str(state.get("reason")), message


def _last_init_container(pod: Any) -> str | None:
    """Returns the name of the last init container or sidecar that runs; None if none runs."""
    statuses = pod["status"].get("initContainerStatuses", ())
    running = [each["name"] for each in statuses if "running" in each.get("state", {})]
    return running[-1] if running else None


def _seconds_since(condition: Mapping[str, Any], now: datetime) -> float:
    return (now - datetime.fromisoformat(condition["lastTransitionTime"])).total_seconds()
