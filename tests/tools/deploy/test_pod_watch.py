"""While `pulumi up` waits, the pods that do not become ready are named, each once."""

import base64
import json
import ssl
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import recording_of
from tests.live.cells import settings_of
from tests.tools.deploy.replace_nodes.scripts import Script
from tools.deploy import up
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.pod_problems import pod_problems
from tools.deploy.pod_watch import KubernetesApi, PodWatch, watching

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
PULL = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "web:2"'}
PULL_LINE = 'web: pod web-1, container web: ImagePullBackOff: Back-off pulling image "web:2"'
CREATING = {"reason": "ContainerCreating"}
WAITING = {"reason": "PodInitializing"}
RUNNING: Mapping[str, Any] = {"running": {"startedAt": "2026-11-28T11:58:00Z"}}


def ago(seconds: int) -> str:
    return (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(
    waiting: Mapping[str, str] | None = None,
    *,
    ready: bool = False,
    seconds: int = 10,
    scheduled: bool = True,
    exit_code: int | None = None,
    deleted: bool = False,
    init: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Returns a pod whose conditions have changed some seconds ago, with states of its init
    containers."""
    container: dict[str, Any] = {"name": "web", "state": {"waiting": waiting} if waiting else {}}
    if exit_code is not None:
        container["lastState"] = {"terminated": {"exitCode": exit_code, "reason": "Error"}}
    placed = {"type": "PodScheduled", "status": "True", "lastTransitionTime": ago(seconds)}
    if not scheduled:
        text = "0/6 nodes are available:\n6 Insufficient cpu."
        placed |= {"status": "False", "reason": "Unschedulable", "message": text}
    condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": ago(seconds)}
    return {
        "metadata": {"name": "web-1", **({"deletionTimestamp": ago(1)} if deleted else {})},
        "status": {
            "conditions": [placed, condition],
            "initContainerStatuses": [
                {"name": f"init-{number}", "state": state} for number, state in enumerate(init)
            ],
            "containerStatuses": [container] if scheduled else [],
        },
    }


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (pod(PULL), PULL_LINE),
        (
            pod({"reason": "CrashLoopBackOff", "message": "back-off 40s"}, exit_code=1),
            "web: pod web-1, container web: CrashLoopBackOff: exit code 1 (Error); back-off 40s",
        ),
        (pod({"reason": "InvalidImageName"}), "web: pod web-1, container web: InvalidImageName"),
        (pod(CREATING, seconds=61), "web: pod web-1, container web: ContainerCreating"),
        (
            pod(scheduled=False, seconds=61),
            "web: pod web-1: Unschedulable: 0/6 nodes are available: 6 Insufficient cpu.",
        ),
        (
            pod(seconds=85),
            "web: pod web-1: not ready: since 2026-11-28T11:58:35Z, although its containers run",
        ),
        (
            pod(WAITING, seconds=85, init=[RUNNING, RUNNING, {"waiting": WAITING}]),
            "web: pod web-1, container init-1: not completed: the containers after this one wait "
            "for it",
        ),
        (
            pod(WAITING, init=[RUNNING, {"waiting": PULL}]),
            PULL_LINE.replace("container web", "container init-1"),
        ),
    ],
    ids=[
        "pull", "crash", "name", "creation", "unschedulable", "not ready", "init", "pull of init",
    ],
)  # fmt: skip
def test_a_pod_that_does_not_become_ready_is_named_with_the_reason(
    found: dict[str, Any], line: str
) -> None:
    assert [str(each) for each in pod_problems("web", [found], 84, NOW)] == [line]


@pytest.mark.parametrize(
    "found",
    [
        pod(ready=True, seconds=9999), pod(seconds=84), pod(CREATING, seconds=60),
        pod(scheduled=False, seconds=60), pod(PULL, deleted=True),
        pod(WAITING, seconds=84, init=[RUNNING]),
    ],
    ids=["ready", "starting", "creation", "new node", "deleted", "init"],
)  # fmt: skip
def test_a_pod_that_may_still_become_ready_is_not_named(found: dict[str, Any]) -> None:
    assert [*pod_problems("web", [found], 84, NOW)] == []


def deployment(ready: int, refused: str | None = None) -> dict[str, Any]:
    conditions = [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                   "message": refused}] if refused else []  # fmt: skip
    return {"status": {"readyReplicas": ready, "conditions": conditions}}


class Cell:
    """Deployments and pods of web, and the reported lines."""

    def __init__(self, ready: int = 6, refused: str | None = None) -> None:
        self.pods: list[dict[str, Any]] = []
        self.deployment = deployment(ready, refused)
        self.error: Exception | None = None
        self.lines: list[str] = []
        self.watch = PodWatch(self.read, settings_of().apps, self.lines.append, up.AFTER_CTRL_C)

    def read(self, namespace: str) -> tuple[list[Any], list[Any]]:
        if self.error:
            raise self.error
        return ([self.deployment], self.pods) if namespace == "web" else ([], [])


SAFE = (
    "Ctrl-C (once) is safe while this up waits; then correct the app in the stack file and run "
    "the same command again"
)


def test_each_problem_is_reported_once_with_what_still_serves() -> None:
    cell = Cell()
    cell.watch.look(NOW)
    assert cell.lines == []
    cell.pods = [pod(PULL), pod(PULL)]
    cell.watch.look(NOW)
    expected = [
        PULL_LINE,
        f"web: 6 pods are ready and serve; {SAFE}",
    ]
    assert cell.lines == expected
    cell.pods = [*cell.pods, pod({"reason": "ErrImagePull", "message": "not found"})]
    cell.watch.look(NOW)
    cell.watch.look(NOW)
    assert cell.lines == [*expected, "web: pod web-1, container web: ErrImagePull: not found"]
    assert cell.watch.lines == cell.lines, "the lines cannot be repeated at the end"


def test_pods_that_kubernetes_refuses_to_create_are_reported() -> None:
    cell = Cell(0, "pods is forbidden: no AWS credentials")
    cell.watch.look(NOW)
    assert cell.lines == [
        "web: pod (not created): FailedCreate: pods is forbidden: no AWS credentials",
        f"web: no pod is ready; {SAFE}",
    ]


@pytest.mark.parametrize(
    "error",
    [AwsError("An error occurred (ResourceNotFoundException)"), KeyError("endpoint")],
    ids=["no cluster", "no endpoint"],
)
def test_a_cluster_that_is_being_created_is_not_an_error(error: Exception) -> None:
    cell = Cell()
    cell.error = error
    for _ in range(3):
        cell.watch.look(NOW)
    assert cell.lines == []


def test_pods_that_cannot_be_read_are_reported_once_and_read_again() -> None:
    cell = Cell()
    cell.error = OSError("timed out")
    cell.watch.look(NOW)
    assert cell.lines == [], "a single failure, for example because of Ctrl-C, would be reported"
    for _ in range(3):
        cell.watch.look(NOW)
    assert cell.lines == ["the pods cannot be watched: timed out"]
    cell.error, cell.pods = None, [pod(PULL)]
    cell.watch.look(NOW)
    assert len(cell.lines) == 3


def test_the_pods_are_read_until_the_up_ends() -> None:
    cell, seen = Cell(), threading.Event()
    cell.pods = [pod(PULL)]
    cell.watch = PodWatch(cell.read, settings_of().apps, lambda _: seen.set(), up.AFTER_CTRL_C)
    with watching(cell.watch, poll=0.001):
        assert seen.wait(10), "the operator does not learn why the up waits"
    assert [each.name for each in threading.enumerate() if "run" in each.name] == []


@pytest.mark.parametrize("status", [0, 255])
def test_the_lines_are_repeated_below_the_output_of_an_up_that_fails(
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    class Api:
        def __init__(self, ask: Ask, cell: str) -> None:
            assert cell == "prod"

        def read(self, namespace: str) -> tuple[list[Any], list[Any]]:
            return ([deployment(6)], [pod(PULL)]) if namespace == "web" else ([], [])

    monkeypatch.setattr(up, "KubernetesApi", Api)
    monkeypatch.setattr(up, "watching", partial(watching, poll=0.001))
    pulumi = Script(tmp_path, "pulumi")
    pulumi.prints(otherwise=f'[ "$1" = stack ] || {{ sleep 0.5; exit {status}; }}')
    tools = up.Ready(pulumi=str(pulumi.file), ask=AssertionError)
    assert up.deploy(tools, recording_of("prod")) == status
    lines = [PULL_LINE, f"web: 6 pods are ready and serve; {SAFE}"]
    repeated = ["pods during this up:", *lines] if status else []
    assert capfd.readouterr().err.splitlines() == [*lines, *repeated]
    assert pulumi.calls() == ["[stack][select][--create][prod]", "[up][--stack][prod]"]


class Kubernetes(BaseHTTPRequestHandler):
    """Answers with the path and the authorization of a request; breaks off for namespace `cut`."""

    def do_GET(self) -> None:
        self.send_response(200)
        if "/cut/" in self.path:
            self.send_header("Content-Length", "100000")
        self.end_headers()
        items = {"items": [self.path, self.headers["Authorization"]]}
        self.wfile.write(json.dumps(items).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Prints nothing."""


def test_the_kubernetes_api_is_read_with_the_credentials_of_the_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), Kubernetes)
    authorities: list[str] = []

    def context(cadata: str) -> None:
        authorities.append(cadata)

    monkeypatch.setattr(ssl, "create_default_context", context)

    def ask(*arguments: str) -> Any:
        asked.append(" ".join(arguments))
        if arguments[1] == "get-token":
            return {"status": {"token": "k8s-aws-v1.abc"}}
        data = base64.b64encode(b"PEM").decode()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        return {"cluster": {"endpoint": endpoint, "certificateAuthority": {"data": data}}}

    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        api = KubernetesApi(ask, "prod")
        for _ in range(2):
            assert api.read("web") == (
                ["/apis/apps/v1/namespaces/web/deployments", "Bearer k8s-aws-v1.abc"],
                ["/api/v1/namespaces/web/pods", "Bearer k8s-aws-v1.abc"],
            )
        with pytest.raises(OSError, match="IncompleteRead"):  # the watches go on after an OSError
            api.read("cut")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == ["eks describe-cluster --name prod", "eks get-token --cluster-name prod"]
    assert authorities == ["PEM"], "the certificate of the API would not be verified"
