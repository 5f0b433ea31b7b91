"""Objects that an informer has after changes on the server."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tools.control_plane.informer import Informer

Change = tuple[str, dict[str, Any]]


def pod(name: str, version: str) -> dict[str, Any]:
    return {"metadata": {"uid": name, "name": name, "resourceVersion": version}}


class Server:
    """Answers each watch with the next changes, and ends the last one."""

    def __init__(self, ended: threading.Event, *watches: list[Change]) -> None:
        self.ended, self.watches = ended, [*watches]
        self.listed = 0
        self.since: list[str] = []

    def snapshot(self, version: str, kind: str) -> tuple[list[dict[str, Any]], str]:
        self.listed += 1
        return [pod("old", "1"), pod("changed", "2")], f"listed {self.listed}"

    def changes(self, version: str, kind: str, since: str, seconds: int) -> Iterator[Change]:
        self.since.append(since)
        changes = self.watches.pop(0)
        if not self.watches:
            self.ended.set()
        yield from changes


def followed(*watches: list[Change]) -> tuple[Server, Informer]:
    ended = threading.Event()
    server: Any = Server(ended, *watches)
    informer = Informer(server, "v1", "Pod")
    informer.follow(ended)
    return server, informer


def versions(informer: Informer) -> dict[str, str]:
    return {
        each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in informer.objects()
    }


def test_objects_are_added_changed_and_deleted() -> None:
    _, informer = followed(
        [
            ("ADDED", pod("new", "3")),
            ("MODIFIED", pod("changed", "4")),
            ("DELETED", pod("old", "5")),
        ]
    )
    assert versions(informer) == {"changed": "4", "new": "3"}


def test_a_watch_continues_where_the_one_before_ended() -> None:
    bookmark = {"metadata": {"resourceVersion": "8"}}
    server, informer = followed([("ADDED", pod("new", "3"))], [("BOOKMARK", bookmark)], [])
    assert server.since == ["listed 1", "3", "8"]
    assert versions(informer) == {"old": "1", "changed": "2", "new": "3"}


def test_all_objects_are_listed_again_after_an_error_of_the_watch() -> None:
    expired = {"code": 410, "reason": "Expired"}
    server, informer = followed([("ADDED", pod("gone", "3"))], [("ERROR", expired)], [])
    assert server.since == ["listed 1", "3", "listed 2"]
    assert versions(informer) == {"old": "1", "changed": "2"}


def test_an_error_of_the_connection_is_raised_where_the_objects_are_read() -> None:
    ended = threading.Event()
    server: Any = Server(ended)
    informer = Informer(server, "v1", "Pod")

    def refuse(*_: object) -> Iterator[Change]:
        raise requests.ConnectionError("refused")

    server.changes = refuse
    informer.follow(ended)
    with pytest.raises(requests.ConnectionError, match="refused"):
        informer.objects()
