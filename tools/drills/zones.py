"""The zones of a drill: one KWOK process per zone, which plays the kubelets of the zone's nodes."""

import signal
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.labels import ZONE
from tools.control_plane.processes import Process, free_ports, start
from tools.drills.baseline_objects import PREFIX

_STAGES = Path(__file__).with_name("stages.yaml")
_USAGE = Path(__file__).with_name("usage.yaml")

LOST = "drill-lost"
"""Label of nodes that are lost, and that no process plays therefore."""

_LEASE_SECONDS = 8
"""Duration of a node lease, which a kubelet renews after a quarter of it."""


class Zones:
    """The processes of the zones."""

    def __init__(self, processes: Mapping[str, Process]) -> None:
        self._processes = processes
        self.lost: set[str] = set()
        """Zones that are lost at the moment."""
        self.shifted: set[str] = set()
        """Zones whose pods receive no requests at the moment because of a zonal shift."""

    @property
    def without_requests(self) -> Collection[str]:
        """Zones whose pods serve no requests at the moment."""
        return self.lost | self.shifted

    def lose(self, zone: str) -> None:
        """Stops a zone: its nodes renew no lease, and its pods neither start nor end."""
        self._processes[zone].send_signal(signal.SIGSTOP)
        self.lost.add(zone)

    def restore(self, zone: str) -> None:
        """Continues a zone that was lost."""
        self._processes[zone].send_signal(signal.SIGCONT)
        self.lost.discard(zone)


@contextmanager
def zones(kwok: Path, names: Sequence[str], folder: Path) -> Generator[Zones]:
    """Runs the zones; `folder` is the folder of the API server, with its kubeconfig.json."""
    ports = free_ports(len(names))
    with ExitStack() as processes:
        running = Zones(
            {
                name: start(
                    processes, folder / f"{name}.log", kwok,
                    "--kubeconfig", folder / "kubeconfig.json",
                    "--config", _STAGES, "--config", _USAGE,
                    "--manage-all-nodes=false",
                    "--manage-nodes-with-label-selector",
                    f"{ZONE} in ({name},{PREFIX}{name}),!{LOST}",
                    "--node-lease-duration-seconds", _LEASE_SECONDS,
                    "--cidr", f"10.{64 + number}.0.0/16",
                    # The port of the kubelets, from which metrics-server reads.
                    "--node-ip", "127.0.0.1", "--node-port", port,
                    "--server-address", f"127.0.0.1:{port}",
                    "--tls-cert-file", folder / "certificates" / "apiserver.crt",
                    "--tls-private-key-file", folder / "certificates" / "apiserver.key",
                )
                for number, (name, port) in enumerate(zip(names, ports, strict=True))
            }
        )  # fmt: skip
        try:
            yield running
        finally:
            for zone in [*running.lost]:
                running.restore(zone)
