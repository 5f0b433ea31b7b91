"""The environment of a drill: a control plane, simulated nodes and the recorded objects."""

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.control_plane.api_server import ApiError, ApiServer, Manifest, api_server, name_of
from tools.control_plane.controllers import controllers
from tools.drills.drill import Drill, is_ready
from tools.drills.node_model import node_model
from tools.drills.objects import NodeTemplates, system_objects
from tools.drills.zones import zones
from tools.recording import Recording, manifests
from tools.toolchain import (
    ETCD,
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KWOK,
    find,
)

_SETTLED = 60.0
"""Seconds within which the nodes, and then the pods of a new cell, must be ready."""

_CREDENTIALS_POLICY = "ValidatingAdmissionPolicyBinding"
"""Kind of the policy that refuses pods without AWS credentials, which no webhook injects here."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """Paths of the programs of a control plane and of simulated kubelets."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kube_scheduler: Path
    kwok: Path


def find_programs(minor: str, report: Callable[[str], None]) -> Programs:
    """Returns the programs for a minor version of Kubernetes, built if necessary.

    Raises ToolError if a program is not found and cannot be built.
    """
    return Programs(
        etcd=find(ETCD, report),
        kube_apiserver=find(KUBE_APISERVER[minor], report),
        kube_controller_manager=find(KUBE_CONTROLLER_MANAGER[minor], report),
        kube_scheduler=find(KUBE_SCHEDULER[minor], report),
        kwok=find(KWOK, report),
    )


@contextmanager
def running_cell(recording: Recording, programs: Programs) -> Generator[Drill]:
    """Runs a cell at rest, with all pods ready, until the block ends.

    All files are in a temporary folder, all ports are free ones of the loopback interface. Raises
    ApiError if the API server refuses an object, and DrillError if the pods do not become ready.
    """
    settings = recording.settings
    with (
        tempfile.TemporaryDirectory(prefix="ha-eks-drill-") as name,
        api_server(programs.etcd, programs.kube_apiserver, Path(name), controllers=True) as server,
    ):
        folder = Path(name)
        (folder / "kubeconfig.json").write_text(server.kubeconfig(), encoding="utf-8")
        templates = NodeTemplates(recording)
        with (
            controllers(
                programs.kube_controller_manager, programs.kube_scheduler, folder
            ) as managers,
            zones(programs.kwok, settings.network.zones_in, folder) as lost_zones,
            node_model(server, templates),
        ):
            managers.start({})
            drill = Drill(
                settings=settings,
                server=server,
                zones=lost_zones,
                controllers=managers,
            )
            _create_nodes(drill, templates)
            _apply(server, recording)
            drill.wait_until_whole("all pods of the new cell ready", _SETTLED)
            yield drill


def _create_nodes(drill: Drill, templates: NodeTemplates) -> None:
    for node in templates.at_rest():
        _raise_refusal(node, drill.server.create(node))
    drill.wait(
        "all nodes ready", lambda: all(map(is_ready, drill.server.list("v1", "Node"))), _SETTLED
    )


def _apply(server: ApiServer, recording: Recording) -> None:
    """Applies the objects of the system and the recorded ones, except kinds that charts define."""
    recorded = (yaml.safe_load(text) for text in manifests(recording).values())
    for each in (*system_objects(recording.settings), *recorded):
        if server.serves(each) and each["kind"] != _CREDENTIALS_POLICY:
            _raise_refusal(each, server.apply(each))


def _raise_refusal(manifest: Manifest, refusal: str | None) -> None:
    if refusal:
        raise ApiError(f"{name_of(manifest)}: {refusal}")
