"""A real Kubernetes API server, and what it says of a plan's manifests and of their pods."""

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

from tools.rehearsal.run import Act

Object = Mapping[str, Any]  # Any: a manifest is JSON of any shape

_START = 60
"""Seconds that the server may take to be ready."""


class ApiError(Exception):
    """What the API server did not take, or why there is none; a line each."""


class ApiServer:
    """A client of the server, as its admin."""

    def __init__(self, url: str, token: str, certificate: Path) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy: it is on loopback
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.verify = str(certificate)

    def ready(self) -> bool:
        """Whether it answers yet."""
        try:
            return self._session.get(f"{self._url}/readyz", timeout=2).ok
        except (requests.RequestException, OSError):  # not yet, or no certificate yet
            return False

    @cached_property
    def _kinds(self) -> Mapping[tuple[str, str], str]:
        """Path of each kind's objects, by apiVersion and kind; {namespace} where it has one."""
        groups = self._session.get(f"{self._url}/apis", timeout=10).json()["groups"]
        versions = [v["groupVersion"] for group in groups for v in group["versions"]]
        paths: dict[tuple[str, str], str] = {}
        for version in ["v1", *versions]:
            base = f"/api/{version}" if version == "v1" else f"/apis/{version}"
            listed = self._session.get(self._url + base, timeout=10).json()["resources"]
            for each in listed:
                inside = "/namespaces/{namespace}" if each["namespaced"] else ""
                if "/" not in each["name"]:
                    paths[version, each["kind"]] = f"{base}{inside}/{each['name']}"
        return paths

    def learn(self, definition: Object) -> None:
        """Waits until the server has the kinds of a CustomResourceDefinition that it was given."""
        spec = definition["spec"]
        kind = f"{spec['group']}/{spec['versions'][-1]['name']}", spec["names"]["kind"]
        until = time.monotonic() + _START
        while kind not in self._kinds:
            if time.monotonic() > until:
                raise ApiError(f"{definition['metadata']['name']} is never served")
            time.sleep(0.1)
            del self._kinds

    def knows(self, manifest: Object) -> bool:
        """Whether the server has the kind of an object."""
        return (manifest["apiVersion"], manifest["kind"]) in self._kinds

    def apply(self, manifest: Object) -> str | None:
        """Applies an object, server-side and strictly; what the server has against it."""
        answer = self._session.patch(
            self._url + self._own_path(manifest),
            params={"fieldManager": "ha-eks", "fieldValidation": "Strict"},
            data=json.dumps(manifest),
            headers={"Content-Type": "application/apply-patch+yaml"},
            timeout=10,
        )
        return None if answer.ok else str(answer.json().get("message", answer.text))

    def create(self, manifest: Object) -> str | None:
        """Creates an object, strictly; what the server has against it."""
        answer = self._session.post(
            self._url + self._path(manifest),
            params={"fieldValidation": "Strict"},
            json=manifest,
            timeout=10,
        )
        return None if answer.ok else str(answer.json().get("message", answer.text))

    def get(self, manifest: Object) -> Object | None:
        """An object as the server has it; None if it has none."""
        answer = self._session.get(self._url + self._own_path(manifest), timeout=10)
        return answer.json() if answer.ok else None

    def report(self, manifest: Object, status: Object) -> None:
        """Sets the status of an object, as whoever runs it would."""
        answer = self._session.patch(
            self._url + self._own_path(manifest) + "/status",
            data=json.dumps({"status": status}),
            headers={"Content-Type": "application/merge-patch+json"},
            timeout=10,
        )
        if not answer.ok:
            raise ApiError(f"status of {manifest['metadata']['name']}: {answer.text}")

    def end(self, manifest: Object) -> None:
        """Takes an object away at once, as a kubelet does with a pod that has ended."""
        body = {"gracePeriodSeconds": 0}
        self._session.delete(self._url + self._own_path(manifest), json=body, timeout=10)

    def kubeconfig(self) -> str:
        """A kubeconfig for kubectl, as the server's admin."""
        server = {"server": self._url, "certificate-authority": str(self._session.verify)}
        token = str(self._session.headers["Authorization"]).removeprefix("Bearer ")
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "rehearsal", "cluster": server}],
                "users": [{"name": "admin", "user": {"token": token}}],
                "contexts": [{"name": "it", "context": {"cluster": "rehearsal", "user": "admin"}}],
                "current-context": "it",
            }
        )

    def _own_path(self, manifest: Object) -> str:
        return f"{self._path(manifest)}/{manifest['metadata']['name']}"

    def _path(self, manifest: Object) -> str:
        path = self._kinds[manifest["apiVersion"], manifest["kind"]]
        return path.format(namespace=manifest["metadata"].get("namespace", "default"))


def check(server: ApiServer, manifests: Iterable[Object]) -> Act:
    """Applies all manifests in order, then makes a pod of every Deployment.

    Raises ApiError with everything that the server refused.
    """
    start = time.monotonic()
    known: list[Object] = []
    refused: list[str] = []
    unknown: set[str] = set()
    for each in manifests:
        if not server.knows(each):
            unknown.add(each["kind"])
            continue
        known.append(each)
        refusal = server.apply(each)
        refused += _told(each, refusal)
        if each["kind"] == "CustomResourceDefinition" and not refusal:
            server.learn(each)
    pods = [pod_of(each) for each in known if each["kind"] in ("Deployment", "PodTemplate")]
    for each in pods:
        refused += _told(each, server.create(each))
    if refused:
        raise ApiError("\n".join(refused))
    told = f"{len(known)} objects and {len(pods)} pods taken"
    if unknown:
        told += f"; not checked, their CRDs come with a chart: {', '.join(sorted(unknown))}"
    return Act(
        scene="API server",
        what="apply, strictly; pods under pod security",
        told=told,
        seconds=time.monotonic() - start,
    )


def pod_of(workload: Object) -> Object:
    """The pod that would be made of a Deployment, or of a PodTemplate."""
    template = workload["spec"]["template"] if "spec" in workload else workload["template"]
    name, namespace = (workload["metadata"][key] for key in ("name", "namespace"))
    labels = {**template["metadata"]["labels"], "pod-template-hash": "rehearsal"}
    metadata = {"name": f"{name}-0", "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _told(manifest: Object, refusal: str | None) -> list[str]:
    metadata = manifest["metadata"]
    name = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
    return [f"{manifest['kind']} {name}: {refusal}"] if refusal else []


@contextmanager
def api_server(etcd: Path, kube_apiserver: Path, folder: Path) -> Generator[ApiServer]:
    """A server on loopback with an etcd of its own, both in `folder` and both gone afterwards."""
    client, peer, secure = _free_ports(3)
    token = secrets.token_urlsafe(32)
    (folder / "tokens").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    certificates = folder / "certificates"
    key = certificates / "apiserver.key"  # the server makes it, and signs service accounts with it
    etcd_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    with ExitStack() as running:
        _start(
            running, folder / "etcd.log", etcd, "--unsafe-no-fsync",
            "--data-dir", folder / "etcd",
            "--listen-client-urls", etcd_url, "--advertise-client-urls", etcd_url,
            "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
            "--initial-cluster", f"default={peer_url}",
        )  # fmt: skip
        process = _start(
            running, folder / "apiserver.log", kube_apiserver,
            "--etcd-servers", etcd_url,
            "--bind-address", "127.0.0.1", "--secure-port", secure,
            # Nobody calls it by a Service, and a machine without a network has no other address.
            "--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none",
            "--cert-dir", certificates, "--token-auth-file", folder / "tokens",
            "--authorization-mode", "Node,RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", key, "--service-account-signing-key-file", key,
            "--service-cluster-ip-range", "10.100.0.0/16",
            # Nothing here makes the service accounts that pods without one of their own have.
            "--disable-admission-plugins", "ServiceAccount",
        )  # fmt: skip
        server = ApiServer(f"https://127.0.0.1:{secure}", token, certificates / "apiserver.crt")
        until = time.monotonic() + _START
        while not server.ready():
            if process.poll() is not None or time.monotonic() > until:
                log = (folder / "apiserver.log").read_text(encoding="utf-8").strip()
                raise ApiError(f"kube-apiserver does not start: {log.splitlines()[-1:]}")
            time.sleep(0.1)
        yield server


def _start(running: ExitStack, log: Path, *command: object) -> "subprocess.Popen[bytes]":
    """Starts a process that ends with the stack."""
    file = running.enter_context(log.open("wb"))
    process = subprocess.Popen([str(part) for part in command], stdout=file, stderr=file)
    running.callback(_stop, process)
    return process


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    with ExitStack() as open_:
        found = [open_.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in found]
