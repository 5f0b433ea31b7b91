"""Reads the cell: with the AWS CLI, kubectl, the Pulumi CLI, DNS and HTTP."""

import functools
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from tools.deploy.aws_cli import Ask
from tools.deploy.check.result import Object, Readings
from tools.deploy.kubernetes_objects import KubernetesObjects
from tools.deploy.preview_steps import preview_steps
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState

_P = ParamSpec("_P")
_T = TypeVar("_T")

_SECONDS = 10.0
"""Limit for a connection and for a response."""


def readings(
    ask: Ask, kubernetes: KubernetesObjects, state: StackState, pulumi: Sequence[str], folder: Path
) -> Readings:
    """Returns functions that read the cell. Objects and state are read once.

    `pulumi` is the command of the Pulumi CLI with its stack, which runs in `folder`.
    """

    reachable = _once(kubernetes.probe)

    def objects(kind: str) -> Sequence[Object]:
        reachable()
        return kubernetes.items(kind, "--all-namespaces")

    return Readings(
        aws=ask,
        objects=_once(objects),
        state=_once(state.resources),
        changes=functools.partial(_changes, pulumi, folder),
        addresses=_addresses,
        status=_status,
    )


def _once(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Returns a function that reads each thing once, although checks run at the same time.

    A read that failed is not repeated: it can take minutes.
    """
    lock = threading.Lock()

    @functools.cache
    def result(*arguments: _P.args, **names: _P.kwargs) -> tuple[_T | None, ProgramError | None]:
        try:
            return read(*arguments, **names), None
        except ProgramError as error:
            return None, error

    def locked(*arguments: _P.args, **names: _P.kwargs) -> _T:
        with lock:
            found, error = result(*arguments, **names)
        if error:
            raise error
        return cast("_T", found)

    return locked


def _changes(pulumi: Sequence[str], folder: Path) -> Sequence[Object]:
    """Returns the steps of a preview; raises ProgramError with the first error of the program."""
    return preview_steps([*pulumi, "preview", "--refresh"], folder)


def _addresses(name: str) -> frozenset[str]:
    try:
        found = socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)
    except socket.gaierror:
        return frozenset()
    return frozenset(str(each[4][0]) for each in found)


def _status(name: str, path: str, domain: str | None) -> int:
    """Returns the HTTP status of a request to a DNS name; with a domain, over HTTPS for it."""
    connection = (
        _HttpsFor(name, domain) if domain else http.client.HTTPConnection(name, timeout=_SECONDS)
    )
    try:
        connection.request("GET", path, headers={"Host": domain or name})
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(str(error) or type(error).__name__) from error
    finally:
        connection.close()


class _HttpsFor(http.client.HTTPSConnection):
    """A connection to a host that presents the certificate of another domain."""

    def __init__(self, host: str, domain: str) -> None:
        super().__init__(host, timeout=_SECONDS)
        self._domain = domain

    def connect(self) -> None:
        """Connects, and verifies the certificate for the domain."""
        plain = socket.create_connection((self.host, self.port), _SECONDS)
        context = ssl.create_default_context()
        self.sock = cast(
            "Any", context.wrap_socket(plain, server_hostname=self._domain)
        )  # Any: the stubs expect a plain socket
