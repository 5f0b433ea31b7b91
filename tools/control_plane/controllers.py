"""The controllers and the scheduler of Kubernetes, for an API server on the loopback interface."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.control_plane.processes import Process, free_ports, start, stop

_OFTEN = ("--kube-api-qps", "200", "--kube-api-burst", "400")
"""Requests per second, so that no controller waits for its own client."""


class ControllerManager:
    """The kube-controller-manager, which can be started again with other options."""

    def __init__(self, processes: ExitStack, program: Path, folder: Path) -> None:
        self._processes, self._program, self._folder = processes, program, folder
        self._process: Process | None = None

    def start(self, options: Mapping[str, str]) -> None:
        """Starts the controllers with options of kube-controller-manager, by name.

        https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
        """
        self.stop()
        [port] = free_ports(1)
        certificates = self._folder / "certificates"
        self._process = start(
            self._processes, self._folder / "controller-manager.log", self._program,
            "--kubeconfig", self._folder / "kubeconfig.json",
            "--bind-address", "127.0.0.1", "--secure-port", port,
            "--cert-dir", self._folder / "controller-manager",
            "--service-account-private-key-file", certificates / "apiserver.key",
            "--root-ca-file", certificates / "apiserver.crt",
            "--leader-elect=false", *_OFTEN,
            *(f"--{name}={value}" for name, value in options.items()),
        )  # fmt: skip

    def stop(self) -> None:
        """Stops the controllers, as when they cannot renew their lease."""
        if self._process:
            stop(self._process)


@contextmanager
def controllers(
    controller_manager: Path, scheduler: Path, folder: Path
) -> Generator[ControllerManager]:
    """Runs the scheduler; yields the controllers, which are not started yet.

    `folder` is the folder of the API server and contains its kubeconfig.json.
    """
    [port] = free_ports(1)
    with ExitStack() as processes:
        start(
            processes, folder / "scheduler.log", scheduler,
            "--kubeconfig", folder / "kubeconfig.json",
            "--bind-address", "127.0.0.1", "--secure-port", port,
            "--cert-dir", folder / "scheduler",
            "--leader-elect=false", *_OFTEN,
        )  # fmt: skip
        yield ControllerManager(processes, controller_manager, folder)
