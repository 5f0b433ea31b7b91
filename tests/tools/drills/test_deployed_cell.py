"""The cluster of a deployed cell follows the fake cloud."""

from typing import Any

import pytest

from tests.conftest import recording_of
from tests.tools.drills.fake_server import FakeServer
from tests.tools.rehearsal.clouds import inputs_of
from tools.drills.charts import Charts
from tools.drills.deployed_cell import CloudTemplates, Follower
from tools.drills.objects import CHARTS
from tools.rehearsal.empty_cloud import empty_cloud
from tools.rehearsal.fake_cloud.cloud import CLUSTER, NODE_GROUP
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import references_in

RELEASE = "kubernetes:helm.sh/v3:Release"


class Cluster:
    """A fake API server that follows a fake cloud."""

    def __init__(self) -> None:
        self.recording = recording_of("prod")
        self.cloud = empty_cloud(self.recording, constraints=())
        self.templates = CloudTemplates(self.recording, self.cloud)
        self.objects: dict[str, list[Any]] = {}
        server: Any = FakeServer(self.objects)
        follower = Follower(
            server, self.recording, self.cloud, self.templates, Charts(self.recording, {})
        )
        self.cloud.after_operation = follower.follow

    def create(self, type_: str, index: int = 0) -> CloudResource:
        """Creates a recorded resource, whose references exist."""
        resource = self.recording.of_type(type_)[index]
        inputs = inputs_of(resource)
        self.cloud.external |= references_in(inputs)
        return self.cloud.create(type_, resource.urn, inputs)

    def delete(self, resource: CloudResource) -> None:
        self.cloud.delete(resource.type, resource.id, resource.urn)

    def names(self, kind: str) -> list[str]:
        return [each["metadata"]["name"] for each in self.objects.get(kind, [])]


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_node_group_has_its_desired_nodes_until_it_is_deleted(cluster: Cluster) -> None:
    group = cluster.create(NODE_GROUP)
    assert cluster.names("Node") == ["general-us-east-1a-0", "general-us-east-1a-1"]
    size = {"minSize": 3, "maxSize": 12, "desiredSize": 3}
    cluster.cloud.update(NODE_GROUP, group.id, group.urn, {**group.inputs, "scalingConfig": size})
    assert len(cluster.names("Node")) == 3
    cluster.delete(group)
    assert cluster.names("Node") == []


def test_the_autoscaler_adds_nodes_only_to_existing_groups_that_may_grow(cluster: Cluster) -> None:
    assert cluster.templates.places == []
    group = cluster.create(NODE_GROUP)
    assert cluster.templates.places == [("general", "us-east-1a")]
    none = {"minSize": 0, "maxSize": 0, "desiredSize": 0}
    cluster.cloud.update(NODE_GROUP, group.id, group.urn, {**group.inputs, "scalingConfig": none})
    assert cluster.templates.places == []


def test_add_ons_exist_as_long_as_the_cluster(cluster: Cluster) -> None:
    resource = cluster.create(CLUSTER)
    assert "coredns" in cluster.names("Deployment")
    assert "kube-proxy" in cluster.names("DaemonSet")
    assert not {*cluster.names("Deployment")} & {*CHARTS}, "a chart is not installed yet"
    cluster.delete(resource)
    assert not any(cluster.objects.values())


def test_a_chart_brings_its_deployment_and_its_kinds(cluster: Cluster) -> None:
    releases = cluster.recording.of_type(RELEASE)
    [index] = [n for n, each in enumerate(releases) if each.name.startswith("lb-")]
    resource = cluster.create(RELEASE, index)
    name = "aws-load-balancer-controller"
    assert cluster.names("Deployment") == cluster.names("PodDisruptionBudget") == [name]
    kinds = ["targetgroupbindings.elbv2.k8s.aws"]
    assert cluster.names("CustomResourceDefinition") == kinds
    cluster.delete(resource)
    assert cluster.names("Deployment") == []
    assert cluster.names("CustomResourceDefinition") == kinds, "Helm keeps the kinds of a chart"


def test_a_refused_operation_changes_nothing(cluster: Cluster) -> None:
    cluster.cloud.fault = lambda number, verb, type_: "Throttling"
    with pytest.raises(Exception, match="Throttling"):
        cluster.create(NODE_GROUP)
    assert cluster.names("Node") == []
