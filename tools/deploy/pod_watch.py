"""Reports pods that do not become ready while `pulumi up` waits for them."""

import base64
import http.client
import json
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

from core.availability.health_checks import seconds_until_ready
from settings.workload.deployed import Deployed
from tools.deploy.aws_cli import Ask, AwsError, why
from tools.deploy.pod_problems import PodProblem, pod_problems, refused_pods

POLL = 15.0
"""Seconds between two reads."""
_TIMEOUT = 10
"""Seconds for an answer of the Kubernetes API."""
_TOKEN_SECONDS = 600
"""Seconds that a token is used; it is valid for 15 minutes.
https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html"""

Read = Callable[[str], tuple[list[Any], list[Any]]]  # Any: JSON of the Kubernetes API
"""Returns the Deployments and the pods of a namespace; raises AwsError, OSError or ValueError."""


class KubernetesApi:
    """Reads from the Kubernetes API with a token of the AWS CLI."""

    def __init__(self, ask: Ask, cell: str) -> None:
        self._ask, self._cell = ask, cell
        self._expires, self._token = 0.0, ""

    def read(self, namespace: str) -> tuple[list[Any], list[Any]]:
        """Returns the Deployments and the pods of a namespace."""
        return (
            self._items(f"apis/apps/v1/namespaces/{namespace}/deployments"),
            self._items(f"api/v1/namespaces/{namespace}/pods"),
        )

    def _items(self, path: str) -> list[Any]:
        if time.monotonic() > self._expires:
            cluster = self._ask("eks", "describe-cluster", "--name", self._cell)["cluster"]
            self._endpoint = str(cluster["endpoint"])
            authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
            self._context = ssl.create_default_context(cadata=authority)
            answer = self._ask("eks", "get-token", "--cluster-name", self._cell)
            self._token = str(answer["status"]["token"])
            self._expires = time.monotonic() + _TOKEN_SECONDS
        request = urllib.request.Request(
            f"{self._endpoint}/{path}", headers={"Authorization": f"Bearer {self._token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT, context=self._context) as answer:
                return json.load(answer)["items"]
        except http.client.HTTPException as error:  # such as an answer that breaks off
            raise OSError(str(error) or type(error).__name__) from error


class PodWatch:
    """Reports each problem of the pods of some apps once."""

    def __init__(
        self, read: Read, apps: Mapping[str, Deployed], report: Callable[[str], None], advice: str
    ) -> None:
        """Takes the advice to print after the first problem of an app."""
        self._read, self._apps, self._report, self._advice = read, apps, report, advice
        self._seen: set[tuple[str, str | None, str]] = set()
        self._failures = 0
        self.lines: list[str] = []
        """All reported lines."""

    def look(self, now: datetime) -> None:
        """Reads the pods of all apps, and reports new problems."""
        try:
            for name, app in self._apps.items():
                deployments, pods = self._read(name)
                startup = seconds_until_ready(app.startup_seconds)
                found = [*pod_problems(name, pods, startup, now)]
                for deployment in deployments:
                    found += refused_pods(name, deployment)
                ready = sum(each.get("status", {}).get("readyReplicas", 0) for each in deployments)
                self._tell(name, found, ready)
            self._failures = 0
        except (AwsError, OSError, LookupError, TypeError, ValueError) as error:
            self._failures += 1  # a new cell has no cluster yet, and Ctrl-C ends the AWS CLI too
            if self._failures == 2 and not _has_no_cluster(error):
                self._say(f"the pods cannot be watched: {why(error)}")

    def _tell(self, app: str, found: list[PodProblem], ready: int) -> None:
        new = {each.key: each for each in reversed(found) if each.key not in self._seen}
        for problem in reversed(new.values()):
            self._say(str(problem))
        if new and not any(key[0] == app for key in self._seen):
            serving = f"{ready} pods are ready and serve" if ready else "no pod is ready"
            self._say(f"{app}: {serving}; {self._advice}")
        self._seen |= {*new}

    def _say(self, line: str) -> None:
        self.lines.append(line)
        self._report(line)


def _has_no_cluster(error: Exception) -> bool:
    """True if the cluster does not exist yet, or is being created and has no endpoint."""
    return isinstance(error, LookupError) or "ResourceNotFoundException" in str(error)


class Watch(Protocol):
    """Something to look at at regular intervals."""

    def look(self, now: datetime) -> None:
        """Reads the present state, and reports changes."""
        ...


@contextmanager
def watching(*watches: Watch, poll: float = POLL) -> Generator[None]:
    """Looks at the pods or alarms at regular intervals, in a thread, until the block ends."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(poll):
            for watch in watches:
                watch.look(datetime.now(UTC))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=_TIMEOUT)
