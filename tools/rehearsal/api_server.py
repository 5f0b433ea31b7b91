"""Scenario `api`: a real Kubernetes API server validates the recorded manifests and their pods."""

import json
import secrets
import socket
import subprocess
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

from tools.rehearsal.run import Step

Manifest = Mapping[str, Any]  # Any: a manifest is JSON of any shape

_TIMEOUT = 60
"""Seconds for the server to become ready, and for a new kind to be served."""


class ApiError(Exception):
    """The API server cannot be started or refuses manifests; one line per problem."""


class ApiServer:
    """Client of an API server, with the permissions of its administrator."""

    def __init__(self, url: str, token: str, certificate: Path) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy for the loopback interface
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.verify = str(certificate)

    def ready(self) -> bool:
        """True if the server is ready for requests."""
        try:
            return self._session.get(f"{self._url}/readyz", timeout=2).ok
        except (requests.RequestException, OSError):  # not started, or no certificate yet
            return False

    @cached_property
    def _kinds(self) -> Mapping[tuple[str, str], str]:
        """URL paths of all kinds, by apiVersion and kind; with {namespace} for namespaced kinds."""
        groups = self._session.get(f"{self._url}/apis", timeout=10).json()["groups"]
        versions = [v["groupVersion"] for group in groups for v in group["versions"]]
        paths: dict[tuple[str, str], str] = {}
        for version in ["v1", *versions]:
            base = f"/api/{version}" if version == "v1" else f"/apis/{version}"
            kinds = self._session.get(self._url + base, timeout=10).json()["resources"]
            for each in kinds:
                namespace = "/namespaces/{namespace}" if each["namespaced"] else ""
                if "/" not in each["name"]:
                    paths[version, each["kind"]] = f"{base}{namespace}/{each['name']}"
        return paths

    def wait_for_kind(self, definition: Manifest) -> None:
        """Waits until the server serves the kind of a CustomResourceDefinition."""
        spec = definition["spec"]
        kind = f"{spec['group']}/{spec['versions'][-1]['name']}", spec["names"]["kind"]
        deadline = time.monotonic() + _TIMEOUT
        while kind not in self._kinds:
            if time.monotonic() > deadline:
                raise ApiError(
                    f"CustomResourceDefinition {definition['metadata']['name']}: the API server "
                    f"does not serve the kind within {_TIMEOUT}s"
                )
            time.sleep(0.1)
            del self._kinds

    def serves(self, manifest: Manifest) -> bool:
        """True if the server serves the kind of an object."""
        return (manifest["apiVersion"], manifest["kind"]) in self._kinds

    def apply(self, manifest: Manifest) -> str | None:
        """Applies an object server-side with strict validation; returns the refusal or None."""
        answer = self._session.patch(
            self._url + self._object_path(manifest),
            params={"fieldManager": "ha-eks", "fieldValidation": "Strict"},
            data=json.dumps(manifest),
            headers={"Content-Type": "application/apply-patch+yaml"},
            timeout=10,
        )
        return None if answer.ok else str(answer.json().get("message", answer.text))

    def create(self, manifest: Manifest) -> str | None:
        """Creates an object with strict validation; returns the refusal or None."""
        answer = self._session.post(
            self._url + self._kind_path(manifest),
            params={"fieldValidation": "Strict"},
            json=manifest,
            timeout=10,
        )
        return None if answer.ok else str(answer.json().get("message", answer.text))

    def get(self, manifest: Manifest) -> Manifest | None:
        """Returns an object from the server; None if it does not exist."""
        answer = self._session.get(self._url + self._object_path(manifest), timeout=10)
        return answer.json() if answer.ok else None

    def set_status(self, manifest: Manifest, status: Manifest) -> None:
        """Sets the status of an object, as its controller does."""
        answer = self._session.patch(
            self._url + self._object_path(manifest) + "/status",
            data=json.dumps({"status": status}),
            headers={"Content-Type": "application/merge-patch+json"},
            timeout=10,
        )
        if not answer.ok:
            raise ApiError(f"{_name(manifest)}: status refused: {answer.text}")

    def delete_now(self, manifest: Manifest) -> None:
        """Deletes an object without a grace period, as a kubelet does when a pod has ended."""
        body = {"gracePeriodSeconds": 0}
        self._session.delete(self._url + self._object_path(manifest), json=body, timeout=10)

    def kubeconfig(self) -> str:
        """Returns a kubeconfig with the permissions of the administrator."""
        server = {"server": self._url, "certificate-authority": str(self._session.verify)}
        token = str(self._session.headers["Authorization"]).removeprefix("Bearer ")
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "rehearsal", "cluster": server}],
                "users": [{"name": "admin", "user": {"token": token}}],
                "contexts": [
                    {"name": "admin", "context": {"cluster": "rehearsal", "user": "admin"}}
                ],
                "current-context": "admin",
            }
        )

    def _object_path(self, manifest: Manifest) -> str:
        return f"{self._kind_path(manifest)}/{manifest['metadata']['name']}"

    def _kind_path(self, manifest: Manifest) -> str:
        path = self._kinds[manifest["apiVersion"], manifest["kind"]]
        return path.format(namespace=manifest["metadata"].get("namespace", "default"))


def check_manifests(server: ApiServer, manifests: Iterable[Manifest]) -> Step:
    """Applies all manifests in order, then creates one pod of each Deployment and PodTemplate.

    Raises ApiError with all refusals.
    """
    start = time.monotonic()
    applied: list[Manifest] = []
    refused: list[str] = []
    unknown: set[str] = set()
    for each in manifests:
        if not server.serves(each):
            unknown.add(each["kind"])
            continue
        applied.append(each)
        refusal = server.apply(each)
        refused += _problem(each, refusal)
        if each["kind"] == "CustomResourceDefinition" and not refusal:
            server.wait_for_kind(each)
    pods = [pod_of(each) for each in applied if each["kind"] in ("Deployment", "PodTemplate")]
    for each in pods:
        refused += _problem(each, server.create(each))
    if refused:
        raise ApiError("\n".join(refused))
    result = f"{len(applied)} objects and {len(pods)} pods accepted"
    if unknown:
        kinds = ", ".join(sorted(unknown))
        result += f"; not checked, because a Helm chart defines them: {kinds}"
    return Step(
        scenario="api",
        name="strict server-side apply, and pod security of the pods",
        result=result,
        seconds=time.monotonic() - start,
    )


def pod_of(workload: Manifest) -> Manifest:
    """Returns the pod that a Deployment or PodTemplate would create."""
    template = workload["spec"]["template"] if "spec" in workload else workload["template"]
    name, namespace = (workload["metadata"][key] for key in ("name", "namespace"))
    labels = {**template["metadata"]["labels"], "pod-template-hash": "rehearsal"}
    metadata = {"name": f"{name}-0", "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _problem(manifest: Manifest, refusal: str | None) -> list[str]:
    return [f"{_name(manifest)}: {refusal}"] if refusal else []


def _name(manifest: Manifest) -> str:
    """Returns kind, namespace and name of an object."""
    metadata = manifest["metadata"]
    name = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
    return f"{manifest['kind']} {name}"


@contextmanager
def api_server(etcd: Path, kube_apiserver: Path, folder: Path) -> Generator[ApiServer]:
    """Runs an API server and its etcd on the loopback interface, with their files in `folder`."""
    client, peer, secure = _free_ports(3)
    token = secrets.token_urlsafe(32)
    (folder / "tokens").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    certificates = folder / "certificates"
    key = certificates / "apiserver.key"  # created by the server; also signs service account tokens
    etcd_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    with ExitStack() as processes:
        _start(
            processes, folder / "etcd.log", etcd, "--unsafe-no-fsync",
            "--data-dir", folder / "etcd",
            "--listen-client-urls", etcd_url, "--advertise-client-urls", etcd_url,
            "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
            "--initial-cluster", f"default={peer_url}",
        )  # fmt: skip
        process = _start(
            processes, folder / "apiserver.log", kube_apiserver,
            "--etcd-servers", etcd_url,
            "--bind-address", "127.0.0.1", "--secure-port", secure,
            # No client uses the Service of the server. An address of the machine may be missing.
            "--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none",
            "--cert-dir", certificates, "--token-auth-file", folder / "tokens",
            "--authorization-mode", "Node,RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", key, "--service-account-signing-key-file", key,
            "--service-cluster-ip-range", "10.100.0.0/16",
            # No controller creates the default service accounts of namespaces.
            "--disable-admission-plugins", "ServiceAccount",
        )  # fmt: skip
        server = ApiServer(f"https://127.0.0.1:{secure}", token, certificates / "apiserver.crt")
        deadline = time.monotonic() + _TIMEOUT
        while not server.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                log = (folder / "apiserver.log").read_text(encoding="utf-8").strip()
                last_line = (log.splitlines() or ["its log is empty"])[-1]
                raise ApiError(f"kube-apiserver does not start: {last_line}")
            time.sleep(0.1)
        yield server


def _start(processes: ExitStack, log: Path, *command: object) -> "subprocess.Popen[bytes]":
    """Starts a process, which is stopped when `processes` is closed."""
    file = processes.enter_context(log.open("wb"))
    process = subprocess.Popen([str(part) for part in command], stdout=file, stderr=file)
    processes.callback(_stop, process)
    return process


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    """Returns unused ports of the loopback interface."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
