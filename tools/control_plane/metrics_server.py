"""A real metrics-server, which gives the pod autoscaler the usage that kubelets report."""

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError, Manifest, raise_refusal
from tools.control_plane.processes import free_ports, last_line, start

RESOLUTION_SECONDS = 10
"""Seconds between two reads of a kubelet. metrics-server accepts no lower value; its manifests have
15. https://github.com/kubernetes-sigs/metrics-server/blob/v0.9.0/manifests/base/deployment.yaml"""

RESOURCE_METRICS_PATH = "metrics.k8s.io/resource-metrics-path"
"""Annotation of a node with the path from which metrics-server reads its usage."""

_TIMEOUT = 60.0
"""Seconds within which metrics-server must have figures."""

_GROUP, _VERSION = "metrics.k8s.io", "v1beta1"


@contextmanager
def metrics_server(program: Path, server: ApiServer, folder: Path) -> Generator[None]:
    """Runs metrics-server while the block runs, as the API `metrics.k8s.io` of an API server.

    The block begins when metrics-server has figures of pods. `folder` is the folder of the API
    server, with its kubeconfig.json.
    """
    [port] = free_ports(1)
    kubeconfig, log = folder / "kubeconfig.json", folder / "metrics-server.log"
    objects = [*_permission(), _service(), _api_service(port)]
    with ExitStack() as processes:
        process = start(
            processes, log, program,
            "--kubeconfig", kubeconfig,
            "--authentication-kubeconfig", kubeconfig, "--authorization-kubeconfig", kubeconfig,
            "--bind-address", "127.0.0.1", "--secure-port", port,
            "--cert-dir", folder / "metrics-server",
            # The API server has no front proxy certificate: its requests are anonymous.
            "--authentication-skip-lookup", "--authorization-always-allow-paths", "/*",
            "--kubelet-insecure-tls", "--kubelet-use-node-status-port",
            "--kubelet-preferred-address-types", "InternalIP",
            "--kubelet-request-timeout", "4s",
            "--metric-resolution", f"{RESOLUTION_SECONDS}s",
        )  # fmt: skip
        for each in objects:
            raise_refusal(each, server.apply(each))
        deadline = time.monotonic() + _TIMEOUT
        while not server.has_items(f"/apis/{_GROUP}/{_VERSION}/pods"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ApiError(f"metrics-server has no figures: {last_line(log)}")
            time.sleep(0.2)
        try:
            yield
        finally:
            for each in objects:  # controllers wait for an API that does not answer
                server.delete_now(each)


def _permission() -> Iterator[Manifest]:
    """Yields the permission of anonymous users to read usage."""
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "usage"}}
    rule = {"apiGroups": [_GROUP], "resources": ["*"], "verbs": ["get", "list"]}
    group = "rbac.authorization.k8s.io"
    yield {**kind, "kind": "ClusterRole", "rules": [rule]}
    yield {
        **kind,
        "kind": "ClusterRoleBinding",
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "usage"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "system:anonymous"}],
    }


def _service() -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "metrics-server", "namespace": "kube-system"},
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    }


def _api_service(port: int) -> Manifest:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"{_VERSION}.{_GROUP}"},
        "spec": {
            "group": _GROUP,
            "version": _VERSION,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"name": "metrics-server", "namespace": "kube-system", "port": port},
        },
    }
