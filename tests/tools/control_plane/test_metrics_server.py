"""metrics-server beside an API server."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tools.control_plane import metrics_server as module
from tools.control_plane.manifest import ApiError, Manifest
from tools.control_plane.metrics_server import metrics_server


class Server:
    """An API server with figures after some requests."""

    def __init__(self, requests: int, refusal: str | None = None) -> None:
        self.requests, self.refusal = requests, refusal
        self.objects: list[str] = []

    def apply(self, manifest: Manifest) -> str | None:
        self.objects.append(manifest["kind"])
        return self.refusal

    def delete_now(self, manifest: Manifest) -> None:
        self.objects.remove(manifest["kind"])

    def has_items(self, path: str) -> bool:
        assert path == "/apis/metrics.k8s.io/v1beta1/pods"
        self.requests -= 1
        return self.requests < 0


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_block_begins_with_figures_and_leaves_no_object(tmp_path: Path, program: Path) -> None:
    server: Any = Server(requests=1)
    with metrics_server(program, server, tmp_path):
        assert server.requests < 0
        assert server.objects == ["ClusterRole", "ClusterRoleBinding", "Service", "APIService"]
    assert not server.objects, "controllers wait for an API that does not answer"


def test_a_program_that_ends_is_an_error_with_its_last_line(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho first; echo last >&2; exit 1\n", encoding="utf-8")
    program.chmod(0o755)
    server: Any = Server(requests=1000)
    with (
        pytest.raises(ApiError, match=r"^metrics-server has no figures: last$"),
        metrics_server(program, server, tmp_path),
    ):
        pass
    assert server.requests > 900, "the error comes only when the time is over"


def test_a_program_without_figures_is_an_error(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.0)
    server: Any = Server(requests=1000)
    with (
        pytest.raises(ApiError, match=r"^metrics-server has no figures: its log is empty$"),
        metrics_server(program, server, tmp_path),
    ):
        pass


def test_a_refused_object_is_an_error(tmp_path: Path, program: Path) -> None:
    server: Any = Server(requests=0, refusal="denied")
    with (
        pytest.raises(ApiError, match=r"^ClusterRole usage: denied$"),
        metrics_server(program, server, tmp_path),
    ):
        pass
