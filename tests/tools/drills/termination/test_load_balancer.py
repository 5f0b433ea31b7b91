"""The configuration of haproxy, and its commands."""

import socket
import threading
from pathlib import Path

import pytest

from tools.drills.drill import DrillError
from tools.drills.termination.load_balancer import (
    LoadBalancer,
    TargetGroup,
    configuration,
    load_balancer,
)

GROUP = TargetGroup(
    name="derived",
    port=1234,
    targets=[Path("/d/derived-0.sock"), Path("/d/derived-1.sock")],
    registered=1,
    idle_timeout=50,
    time_factor=0.5,
)


def test_a_target_group_has_the_timeouts_of_the_load_balancer_and_its_health_checks() -> None:
    text = configuration([GROUP], Path("/d/haproxy.sock"))
    assert text.split("  http-reuse always\n")[1] == (
        "frontend derived-port\n"
        "  bind 127.0.0.1:1234\n"
        "  default_backend derived\n"
        "backend derived\n"
        "  balance roundrobin\n"
        "  timeout server 50000ms\n"
        "  timeout check 2000ms\n"
        "  option httpchk GET /readyz\n"
        "  default-server check inter 2500ms fastinter 2500ms rise 2 fall 2 "
        "pool-purge-delay 500ms\n"
        "  server derived-0 unix@/d/derived-0.sock\n"
        "  server derived-1 unix@/d/derived-1.sock disabled\n"
    )
    assert "  retries 0\n" in text, "haproxy would send a dropped request again"


class FakeHaproxy:
    """A control socket that answers each command with the next answer."""

    def __init__(self, path: Path, *answers: str) -> None:
        self.commands: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._run, args=(answers,))
        self._thread.start()

    def _run(self, answers: tuple[str, ...]) -> None:
        for answer in answers:
            connection, _ = self._socket.accept()
            with connection:
                self.commands.append(connection.recv(4096).decode())
                connection.sendall(answer.encode())

    def end(self) -> None:
        self._thread.join(5)
        self._socket.close()


def test_targets_are_registered_and_deregistered_by_commands(tmp_path: Path) -> None:
    fake = FakeHaproxy(tmp_path / "s", "\n", "\n\n", "\n")
    balancer = LoadBalancer(tmp_path / "s")
    balancer.register("derived", GROUP.targets[1:])
    balancer.deregister("derived", GROUP.targets)
    balancer.close_connections("derived", GROUP.targets[:1])
    fake.end()
    assert fake.commands == [
        "set server derived/derived-1 state ready\n",
        "set server derived/derived-0 state maint; set server derived/derived-1 state maint\n",
        "shutdown sessions server derived/derived-0\n",
    ]


def test_a_refused_command_is_an_error(tmp_path: Path) -> None:
    fake = FakeHaproxy(tmp_path / "s", "No such server.\n")
    with pytest.raises(DrillError, match=r"^haproxy: No such server\.$"):
        LoadBalancer(tmp_path / "s").register("derived", GROUP.targets)
    fake.end()


def test_requests_and_failed_health_checks_are_counted(tmp_path: Path) -> None:
    rows = (
        "# pxname,svname,req_tot,chkdown\n"
        "derived-port,FRONTEND,17,\n"
        "derived,derived-0,,1\n"
        "derived,derived-1,,2\n"
        "derived,BACKEND,,3\n"
        "other-port,FRONTEND,1,\n"
    )
    fake = FakeHaproxy(tmp_path / "s", rows, rows)
    balancer = LoadBalancer(tmp_path / "s")
    assert balancer.requests("derived") == 17
    assert balancer.unhealthy("derived") == 3
    fake.end()


def test_a_haproxy_that_does_not_start_is_an_error_with_its_last_line(tmp_path: Path) -> None:
    program = tmp_path / "haproxy"
    program.write_text("#!/bin/sh\necho '[ALERT] cannot bind socket'\nexit 1\n")
    program.chmod(0o755)
    with (
        pytest.raises(DrillError) as raised,
        load_balancer(program, [GROUP], tmp_path),
    ):
        raise AssertionError("haproxy runs")
    assert str(raised.value) == "haproxy does not start: [ALERT] cannot bind socket"
