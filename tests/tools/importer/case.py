"""Small manifests, and the result of the command for them."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tools.importer.command import main

Object = dict[str, Any]

REACHES = (
    "not carried over: all workloads: network policies deny connections to addresses outside of "
    "the cell; write reaches for databases, AWS and other services"
)
SECURE: Object = {"runAsUser": 1000, "readOnlyRootFilesystem": True}


class Result(NamedTuple):
    status: int
    entries: Object
    """Keys of the stack file."""
    notes: list[str]
    """Lines of standard error, without the general one at the end."""


def deployment(
    name: str = "web",
    container: Object | None = None,
    pod: Object | None = None,
    spec: Object | None = None,
    template: Object | None = None,
) -> Object:
    """Returns a Deployment that is carried over as it is, with changes."""
    labels = {"app": name}
    containers = [
        {
            "name": name,
            "image": "registry.example.org/web:1.0",
            "ports": [{"containerPort": 8080}],
            "resources": {
                "requests": {"cpu": "100m", "memory": "128Mi"},
                "limits": {"memory": "128Mi"},
            },
            "securityContext": SECURE,
            **(container or {}),
        }
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels, **(template or {})},
                "spec": {"containers": containers, **(pod or {})},
            },
            **(spec or {}),
        },
    }


def service(name: str = "web", **spec: object) -> Object:
    ports = [{"port": 80, "targetPort": 8080}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": ports, **spec},
    }


def imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *documents: Object | str
) -> Result:
    """Imports one file with some objects, or with a text."""
    texts = [each if isinstance(each, str) else yaml.safe_dump(each) for each in documents]
    file = tmp_path / "web.yaml"
    file.write_text("---\n".join(texts), encoding="utf-8")
    return result(capsys, str(file))


def result(capsys: pytest.CaptureFixture[str], *files: str) -> Result:
    """Runs the command."""
    status = main(files)
    captured = capsys.readouterr()
    lines = [each for each in captured.err.splitlines() if each != REACHES]
    entries = yaml.safe_load(f"config:\n{captured.out}")["config"] or {}
    return Result(status, entries, lines)
