"""Keeps the objects of a kind as the API server has them, by a watch, as controllers do.

A list of all pods several times a second would use a fifth of a CPU core of the API server.
https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import Manifest

_WATCH_SECONDS = 2
"""Seconds after which the server ends a watch, and within which an informer ends."""


class Informer:
    """The objects of a kind."""

    def __init__(self, server: ApiServer, version: str, kind: str) -> None:
        self._server, self._version, self._kind = server, version, kind
        self._objects: dict[str, Manifest] = {}
        """Objects by unique id."""
        self._resource_version = ""
        self._error: Exception | None = None
        self._list()

    def objects(self) -> Sequence[Manifest]:
        """Returns all objects, some milliseconds late. While the server does not respond, these are
        the objects before.

        Raises the error that ended the watch.
        """
        if self._error:
            raise self._error
        return [*self._objects.values()]

    def follow(self, ended: threading.Event) -> None:
        """Follows the changes until `ended` is set."""
        try:
            while not ended.is_set():
                self._watch()
        except Exception as error:  # raised where the objects are read
            self._error = error

    def _list(self) -> None:
        objects, self._resource_version = self._server.snapshot(self._version, self._kind)
        self._objects = {each["metadata"]["uid"]: each for each in objects}

    def _watch(self) -> None:
        """Follows the changes until the server ends the watch."""
        for change, manifest in self._server.changes(
            self._version, self._kind, self._resource_version, _WATCH_SECONDS
        ):
            if change == "ERROR":  # such as a version that the server no longer has
                self._list()
                return
            self._resource_version = manifest["metadata"]["resourceVersion"]
            if change in ("ADDED", "MODIFIED"):
                self._objects[manifest["metadata"]["uid"]] = manifest
            elif change == "DELETED":
                self._objects.pop(manifest["metadata"]["uid"], None)


@contextmanager
def informer(server: ApiServer, version: str, kind: str) -> Generator[Informer]:
    """Runs an informer in a thread while the block runs."""
    running, ended = Informer(server, version, kind), threading.Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(running.follow, ended)
        try:
            yield running
        finally:
            ended.set()
