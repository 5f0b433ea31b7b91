"""A client of a real Kubernetes API server, with the permissions of its administrator."""

import json
import signal
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import requests

from tools.control_plane.manifest import ApiError, Manifest, name_of
from tools.control_plane.processes import Process

_KIND_SECONDS = 60
"""Seconds within which the server serves a new kind."""
_ANSWER_SECONDS = 60
"""Seconds within which the server answers a request. Drills suspend the server for 30 seconds."""


class ApiServer:
    """Client of an API server, with the permissions of its administrator."""

    def __init__(self, url: str, token: str, certificate: Path, process: Process) -> None:
        self._url, self._process = url, process
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy for the loopback interface
        self._session.headers["Authorization"] = f"Bearer {token}"
        # The server compresses long lists otherwise, which takes longer than a loopback connection.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.verify = str(certificate)

    def ready(self) -> bool:
        """True if the server is ready for requests."""
        try:
            return self._session.get(f"{self._url}/readyz", timeout=2).ok
        except (requests.RequestException, OSError):  # not started, or no certificate yet
            return False

    @contextmanager
    def suspended(self) -> Generator[None]:
        """Suspends the server while the block runs: the server responds to no request."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @cached_property
    def _kinds(self) -> Mapping[tuple[str, str], str]:
        """URL paths of all kinds, by apiVersion and kind; with {namespace} for namespaced kinds."""
        groups = self._session.get(f"{self._url}/apis", timeout=_ANSWER_SECONDS).json()["groups"]
        versions = [v["groupVersion"] for group in groups for v in group["versions"]]
        paths: dict[tuple[str, str], str] = {}
        for version in ["v1", *versions]:
            base = f"/api/{version}" if version == "v1" else f"/apis/{version}"
            kinds = self._session.get(self._url + base, timeout=_ANSWER_SECONDS).json()["resources"]
            for each in kinds:
                namespace = "/namespaces/{namespace}" if each["namespaced"] else ""
                if "/" not in each["name"]:
                    paths[version, each["kind"]] = f"{base}{namespace}/{each['name']}"
        return paths

    def wait_for_kind(self, definition: Manifest) -> None:
        """Waits until the server serves the kind of a CustomResourceDefinition."""
        spec = definition["spec"]
        kind = f"{spec['group']}/{spec['versions'][-1]['name']}", spec["names"]["kind"]
        deadline = time.monotonic() + _KIND_SECONDS
        while kind not in self._kinds:
            if time.monotonic() > deadline:
                raise ApiError(
                    f"CustomResourceDefinition {definition['metadata']['name']}: the API server "
                    f"does not serve the kind within {_KIND_SECONDS}s"
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
            timeout=_ANSWER_SECONDS,
        )
        return None if answer.ok else str(answer.json().get("message", answer.text))

    def create(self, manifest: Manifest) -> str | None:
        """Creates an object with strict validation; returns the refusal or None."""
        answer = self._session.post(
            self._url + self._kind_path(manifest),
            params={"fieldValidation": "Strict"},
            json=manifest,
            timeout=_ANSWER_SECONDS,
        )
        return None if answer.ok else str(answer.json().get("message", answer.text))

    def get(self, manifest: Manifest) -> Manifest | None:
        """Returns an object from the server; None if it does not exist."""
        answer = self._session.get(self._url + self._object_path(manifest), timeout=_ANSWER_SECONDS)
        return answer.json() if answer.ok else None

    def has_items(self, path: str) -> bool:
        """True if the server answers the URL path of a list, and the list is not empty."""
        answer = self._session.get(self._url + path, timeout=_ANSWER_SECONDS)
        return answer.ok and bool(answer.json()["items"])

    def set_status(self, manifest: Manifest, status: Manifest) -> None:
        """Sets the status of an object, as its controller does."""
        answer = self._session.patch(
            self._url + self._object_path(manifest) + "/status",
            data=json.dumps({"status": status}),
            headers={"Content-Type": "application/merge-patch+json"},
            timeout=_ANSWER_SECONDS,
        )
        if not answer.ok:
            raise ApiError(f"{name_of(manifest)}: status refused: {answer.text}")

    def list(self, version: str, kind: str, **selectors: str) -> Sequence[Manifest]:
        """Returns all objects of a kind, with selectors such as `labelSelector`."""
        return self._list(version, kind, selectors)[0]

    def snapshot(self, version: str, kind: str) -> tuple[Sequence[Manifest], str]:
        """Returns all objects of a kind, and the resource version from which `changes` follow."""
        return self._list(version, kind, {})

    def changes(
        self, version: str, kind: str, since: str, seconds: int
    ) -> Iterator[tuple[str, Manifest]]:
        """Yields the changes of objects after a resource version, for some seconds.

        Each is ADDED, MODIFIED or DELETED, with the object after the change; BOOKMARK, with a later
        resource version only; or ERROR, with a Status.
        """
        parameters = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": since,
            "timeoutSeconds": str(seconds),
        }
        with self._session.get(
            self._url + self._list_path(version, kind),
            params=parameters,
            timeout=_ANSWER_SECONDS,
            stream=True,
        ) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines(chunk_size=65536):
                event = json.loads(line)
                yield event["type"], {"apiVersion": version, "kind": kind, **event["object"]}

    def patch(self, manifest: Manifest, change: Manifest) -> None:
        """Changes an object with a merge patch."""
        answer = self._session.patch(
            self._url + self._object_path(manifest),
            data=json.dumps(change),
            headers={"Content-Type": "application/merge-patch+json"},
            timeout=_ANSWER_SECONDS,
        )
        if not answer.ok:
            raise ApiError(f"{name_of(manifest)}: change refused: {answer.text}")

    def evict(self, pod: Manifest) -> bool:
        """Evicts a pod; False if a disruption budget does not allow the eviction now."""
        metadata = {key: pod["metadata"][key] for key in ("name", "namespace")}
        answer = self._session.post(
            f"{self._url}{self._object_path(pod)}/eviction",
            json={"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata},
            timeout=_ANSWER_SECONDS,
        )
        if answer.status_code == requests.codes.too_many_requests:
            return False
        if not answer.ok and answer.status_code != requests.codes.not_found:
            raise ApiError(f"{name_of(pod)}: eviction refused: {answer.text}")
        return True

    def delete(self, manifest: Manifest) -> None:
        """Deletes an object, with the grace period of a pod."""
        answer = self._session.delete(
            self._url + self._object_path(manifest), timeout=_ANSWER_SECONDS
        )
        if not answer.ok and answer.status_code != requests.codes.not_found:
            raise ApiError(f"{name_of(manifest)}: deletion refused: {answer.text}")

    def delete_now(self, manifest: Manifest) -> None:
        """Deletes an object without a grace period, as a kubelet does when a pod has ended."""
        body = {"gracePeriodSeconds": 0}
        self._session.delete(
            self._url + self._object_path(manifest), json=body, timeout=_ANSWER_SECONDS
        )

    def kubeconfig(self) -> str:
        """Returns a kubeconfig with the permissions of the administrator."""
        server = {"server": self._url, "certificate-authority": str(self._session.verify)}
        token = str(self._session.headers["Authorization"]).removeprefix("Bearer ")
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "loopback", "cluster": server}],
                "users": [{"name": "admin", "user": {"token": token}}],
                "contexts": [
                    {"name": "admin", "context": {"cluster": "loopback", "user": "admin"}}
                ],
                "current-context": "admin",
            }
        )

    def _list(
        self, version: str, kind: str, selectors: Mapping[str, str]
    ) -> tuple[Sequence[Manifest], str]:
        """Returns the objects of a kind, and their resource version."""
        path = self._url + self._list_path(version, kind)
        answer = self._session.get(path, params=selectors, timeout=_ANSWER_SECONDS)
        answer.raise_for_status()
        found = answer.json()
        objects = [{"apiVersion": version, "kind": kind, **each} for each in found["items"]]
        return objects, found["metadata"]["resourceVersion"]

    def _list_path(self, version: str, kind: str) -> str:
        return self._kinds[version, kind].replace("/namespaces/{namespace}", "")

    def _object_path(self, manifest: Manifest) -> str:
        return f"{self._kind_path(manifest)}/{manifest['metadata']['name']}"

    def _kind_path(self, manifest: Manifest) -> str:
        path = self._kinds[manifest["apiVersion"], manifest["kind"]]
        return path.format(namespace=manifest["metadata"].get("namespace", "default"))
