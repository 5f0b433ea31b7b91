"""The environment of a drill: a control plane, simulated nodes and the recorded objects."""

import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from tools.control_plane.api_server import api_server
from tools.control_plane.controllers import controllers
from tools.control_plane.informer import informer
from tools.control_plane.manifest import raise_refusal
from tools.drills import keda
from tools.drills.at_rest import create_nodes
from tools.drills.baseline import Baseline
from tools.drills.charts import Charts
from tools.drills.drill import Drill
from tools.drills.node_model import node_model
from tools.drills.node_supply import node_supply
from tools.drills.node_templates import NodeTemplates
from tools.drills.objects import add_on_objects
from tools.drills.recorded_chart import recorded_charts
from tools.drills.zones import zones
from tools.recording import Recording, manifests
from tools.toolchain import (
    ETCD,
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KWOK,
    Tool,
    find,
)

_SETTLED = 60.0
"""Seconds within which the pods of a new cell must be ready."""

_CREDENTIALS_POLICY = "ValidatingAdmissionPolicyBinding"
"""Kind of the policy that refuses pods without AWS credentials, which no webhook injects here."""


def find_programs(
    minor: str, further: Iterable[Tool], report: Callable[[str], None]
) -> Mapping[str, Path]:
    """Returns the paths of programs by name, which are built if necessary.

    These are the programs of a control plane with the minor version `minor` of Kubernetes, KWOK,
    and the programs `further`. Raises ToolError if a program is not found and cannot be built.
    """
    needed = (
        ETCD, KUBE_APISERVER[minor], KUBE_CONTROLLER_MANAGER[minor], KUBE_SCHEDULER[minor], KWOK,
        *further,
    )  # fmt: skip
    return {tool.name: find(tool, report) for tool in needed}


@contextmanager
def empty_cell(recording: Recording, programs: Mapping[str, Path]) -> Generator[Drill]:
    """Runs a control plane and the zones of a cell, without nodes and objects.

    All files are in a temporary folder, all ports are free ones of the loopback interface.
    """
    settings = recording.settings
    with (
        tempfile.TemporaryDirectory(prefix="ha-eks-drill-") as name,
        api_server(
            programs[ETCD.name], programs["kube-apiserver"], Path(name), controllers=True
        ) as server,
    ):
        folder = Path(name)
        (folder / "kubeconfig.json").write_text(server.kubeconfig(), encoding="utf-8")
        with (
            controllers(
                programs["kube-controller-manager"], programs["kube-scheduler"], folder
            ) as managers,
            zones(programs[KWOK.name], settings.network.zones_in, folder) as lost_zones,
            informer(server, "v1", "Pod") as pods,
            informer(server, "v1", "Node") as nodes,
        ):
            managers.start({})
            yield Drill(
                recording=recording,
                server=server,
                pods=pods,
                nodes=nodes,
                templates=NodeTemplates(recording),
                supply=node_supply(recording, programs),
                zones=lost_zones,
                baseline=Baseline(server, pods, recording),
                controllers=managers,
                folder=folder,
                programs=programs,
            )


@contextmanager
def running_cell(recording: Recording, programs: Mapping[str, Path]) -> Generator[Drill]:
    """Runs a cell at rest, with all pods ready, until the block ends.

    The block has to run the Cluster Autoscaler, or a model, if it needs further nodes.
    Raises ApiError if the API server refuses an object, and DrillError if the pods do not become
    ready.
    """
    with empty_cell(recording, programs) as drill:
        with node_model(drill.server, drill.pods, drill.templates):
            _create(drill)
            drill.wait_until_whole("all pods of the new cell ready", _SETTLED)
        with drill.baseline.running():
            yield drill


def _create(drill: Drill) -> None:
    """Creates the nodes, also those of the baseline, and then all objects of the cell.

    These are the objects of add-ons and charts and the recorded ones, except kinds that only
    add-ons define.
    """
    server, recording = drill.server, drill.recording
    recorded = [yaml.safe_load(text) for text in manifests(recording).values()]
    scaled = (keda.autoscaler_of(each) for each in recorded if each["kind"] == keda.KIND)
    charts, installed = Charts(recording, drill.programs), recorded_charts(recording)
    add_ons = [*add_on_objects(recording.settings)]
    for each in add_ons:
        if each["kind"] == "DaemonSet":
            raise_refusal(each, server.apply(each))
    for each in (each for chart in installed for each in charts.definitions(chart)):
        raise_refusal(each, server.apply(each))
        server.wait_for_kind(each)
    nodes = [*drill.templates.at_rest()]
    drill.baseline.create_nodes(len(nodes))
    create_nodes(drill, nodes)
    namespaces = [each for each in recorded if each["kind"] == "Namespace"]
    of_charts = (each for chart in installed for each in charts.objects(chart))
    for each in (*namespaces, *add_ons, *of_charts, *recorded, *scaled):
        if server.serves(each) and each["kind"] != _CREDENTIALS_POLICY:
            raise_refusal(each, server.apply(each))
