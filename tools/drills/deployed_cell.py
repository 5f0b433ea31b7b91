"""A cell that the real Pulumi engine deploys: on the control plane of a drill, and a fake AWS."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core import labels
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import Manifest, raise_refusal
from tools.drills.charts import Charts
from tools.drills.drill import Drill
from tools.drills.node_model import node_model
from tools.drills.node_templates import NodeTemplates
from tools.drills.objects import add_on_objects
from tools.drills.place import empty_cell
from tools.drills.provider_router import provider_router
from tools.drills.recorded_chart import RELEASE, chart_of
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.rehearsal.empty_cloud import empty_cloud
from tools.rehearsal.engine import Engine, open_engine
from tools.rehearsal.fake_cloud.cloud import CLUSTER, NODE_GROUP, FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import Operation
from tools.toolchain import PULUMI, PULUMI_KUBERNETES


@dataclass(frozen=True, kw_only=True)
class DeployedCell:
    """A drill whose objects the engine creates."""

    drill: Drill
    engine: Engine
    cloud: FakeCloud
    recording: Recording


class CloudTemplates(NodeTemplates):
    """The nodes that the node groups of a fake cloud can have at the moment."""

    def __init__(self, recording: Recording, cloud: FakeCloud) -> None:
        super().__init__(recording)
        self._cloud = cloud

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Pool and zone of each node group that exists and may have nodes."""
        growing = {
            group.name
            for group in self._cloud.of_type(NODE_GROUP)
            if group.inputs["scalingConfig"]["maxSize"] > 0
        }
        return [place for place in super().places if self.group(*place) in growing]


@dataclass(frozen=True)
class Follower:
    """Makes the cluster follow the fake cloud: nodes, add-ons and charts."""

    server: ApiServer
    recording: Recording
    cloud: FakeCloud
    templates: NodeTemplates
    charts: Charts

    def follow(self, number: int) -> None:
        """Performs in the cluster what AWS or Helm does after an operation, by its number."""
        operation = self.cloud.operations[number - 1]
        if operation.error:
            return
        if operation.type == NODE_GROUP:
            self._follow_nodes(operation)
        elif operation.type == CLUSTER and operation.verb != "update":
            self._follow_objects(operation, add_on_objects(self.recording.settings))
        elif operation.type == RELEASE and operation.verb != "update":
            chart = chart_of(self.recording.get(operation.urn))
            if operation.verb == "create":
                for definition in self.charts.definitions(chart):
                    self._apply(definition)
                    self.server.wait_for_kind(definition)
            self._follow_objects(operation, self.charts.objects(chart))

    def _follow_nodes(self, operation: Operation) -> None:
        """Creates missing nodes of a node group, or deletes all nodes if the group is deleted."""
        selector = f"{labels.NODE_GROUP}={operation.name}"
        nodes = self.server.list("v1", "Node", labelSelector=selector)
        if operation.verb == "delete":
            for node in nodes:
                self.server.delete_now(node)
            return
        [group] = [each for each in self.cloud.of_type(NODE_GROUP) if each.urn == operation.urn]
        places = [
            place for place in self.templates.places if self.templates.group(*place) == group.name
        ]
        for number in range(len(nodes), group.inputs["scalingConfig"]["desiredSize"]):
            node = self.templates.new(*places[number % len(places)])
            raise_refusal(node, self.server.create(node))

    def _follow_objects(self, operation: Operation, objects: Iterable[Manifest]) -> None:
        for each in objects:
            if operation.verb == "create":
                self._apply(each)
            else:
                self.server.delete_now(each)

    def _apply(self, manifest: Manifest) -> None:
        raise_refusal(manifest, self.server.apply(manifest))


@contextmanager
def deployed_cell(recording: Recording, programs: Mapping[str, Path]) -> Generator[DeployedCell]:
    """Runs a control plane, and an engine with the stack file, which has deployed nothing yet."""
    # The Kubernetes objects are not in the fake cloud. Its constraints are part of a rehearsal.
    cloud = empty_cloud(recording, constraints=())
    templates = CloudTemplates(recording, cloud)
    with (
        empty_cell(recording, programs) as drill,
        node_model(drill.server, drill.pods, templates),
    ):
        follower = Follower(drill.server, recording, cloud, templates, Charts(recording, programs))
        cloud.after_operation = follower.follow
        program = programs[PULUMI_KUBERNETES.name]
        with (
            provider_router(program, drill.folder, drill.server.kubeconfig(), cloud) as port,
            open_engine(
                recording.stack, ROOT, cloud, programs[PULUMI.name], {"kubernetes": port}
            ) as engine,
        ):
            yield DeployedCell(drill=drill, engine=engine, cloud=cloud, recording=recording)
