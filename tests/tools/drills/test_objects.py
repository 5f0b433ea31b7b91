"""Nodes and system pods of a drill: those with which preview calculates."""

from collections import Counter
from typing import Any

import pytest

from core import labels
from core.availability.resources import Resources
from core.availability.zone_loss import nodes_at_rest
from core.tags import POOL
from settings import Settings
from settings.availability import zone_model_of
from settings.reading.quantities import mebibytes, millicores
from tests.conftest import STACKS, recording_of
from tests.examples.test_examples import EXAMPLES
from tests.shared_recordings import recorded as shared_recording
from tests.stacks.objects import of_kind
from tools.control_plane.manifest import Manifest
from tools.drills import objects
from tools.drills.node_templates import NodeTemplates
from tools.drills.objects import CHARTS, add_on_objects, stand_ins
from tools.recording import Recording


def system_objects(settings: Settings) -> list[Manifest]:
    charts = [each for chart in CHARTS for each in stand_ins(settings, chart)]
    return [*add_on_objects(settings), *charts]


@pytest.fixture(params=STACKS)
def recorded(request: pytest.FixtureRequest) -> Recording:
    return recording_of(request.param)


def amounts(quantities: Manifest) -> Resources:
    return Resources(
        cpu=millicores(quantities["cpu"]),
        memory=mebibytes(quantities["memory"]),
        storage=mebibytes(quantities.get("ephemeral-storage", "0Mi")),
        pods=int(quantities.get("pods", 1)),
    )


def requests_of(workload: Manifest) -> Resources:
    [container] = workload["spec"]["template"]["spec"]["containers"]
    return amounts(container["resources"]["requests"])


def test_a_drill_starts_with_the_nodes_of_a_cell_at_rest(recorded: Recording) -> None:
    nodes = [*NodeTemplates(recorded).at_rest()]
    per_zone = nodes_at_rest(zone_model_of(recorded.settings))
    found = Counter(
        (each["metadata"]["labels"][labels.POOL], each["metadata"]["labels"][labels.ZONE])
        for each in nodes
    )
    zones = recorded.settings.network.zones_in
    assert found == {(pool, zone): n for pool, n in per_zone.items() for zone in zones}
    assert len({each["metadata"]["name"] for each in nodes}) == len(nodes)


def test_nodes_have_labels_and_taints_of_their_node_group() -> None:
    recorded = recording_of("wide")
    inputs: list[Any] = [each.inputs for each in recorded.of_type("aws:eks/nodeGroup:NodeGroup")]
    groups = {each["tags"][POOL]: each for each in inputs}
    for each in NodeTemplates(recorded).at_rest():
        group = groups[each["metadata"]["labels"][labels.POOL]]
        assert group["labels"].items() <= each["metadata"]["labels"].items()
        assert len(each["spec"]["taints"]) == len(group.get("taints", []))


def test_the_free_capacity_of_a_node_is_what_preview_calculates_with(recorded: Recording) -> None:
    daemons = [
        requests_of(each) for each in system_objects(recorded.settings)
        if each["kind"] == "DaemonSet"
    ]  # fmt: skip
    templates = NodeTemplates(recorded)
    for each in templates.at_rest():
        free = amounts(each["status"]["allocatable"])
        for daemon in daemons:
            free = free - daemon
        assert free == templates.free(each["metadata"]["labels"][labels.POOL])


def test_the_system_has_the_pods_that_preview_calculates_with(recorded: Recording) -> None:
    deployments = {
        each["metadata"]["name"]: (each["spec"]["replicas"], requests_of(each))
        for each in system_objects(recorded.settings)
        if each["kind"] == "Deployment"
    }
    assert deployments == {
        each.pod.name: (each.pods, each.pod.requests)
        for each in zone_model_of(recorded.settings).system
    }


def test_requests_are_those_of_all_containers_as_the_api_server_writes_them() -> None:
    containers: list[Manifest] = [
        {"resources": {"requests": {"cpu": "1", "memory": "0", "ephemeral-storage": "1Gi"}}},
        {"resources": {"requests": {"cpu": "250m", "memory": "128Mi"}}},
        {"resources": {}},
    ]
    found = objects.requests_of({"spec": {"containers": containers}})
    assert found == Resources(cpu=1250, memory=128, storage=1024)


def test_requests_include_sidecars_and_the_largest_init_container() -> None:
    init_containers = [
        {"resources": {"requests": {"cpu": "2"}}},
        {"resources": {"requests": {"memory": "64Mi"}}, "restartPolicy": "Always"},
        {"resources": {"requests": {"memory": "128Mi"}}},
    ]
    containers = [{"resources": {"requests": {"cpu": "1", "memory": "16Mi"}}}]
    found = objects.requests_of(
        {"spec": {"initContainers": init_containers, "containers": containers}}
    )
    assert found == Resources(cpu=2000, memory=192, storage=0)


def test_a_ready_pod_of_a_deployment_serves_and_a_pod_of_a_job_does_not() -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    assert objects.is_serving({"metadata": {}, "status": status})
    for metadata in ({"ownerReferences": [{"kind": "Job"}]}, {"deletionTimestamp": "now"}):
        assert not objects.is_serving({"metadata": metadata, "status": status})


def test_nodes_of_a_drill_offer_the_accelerators_that_pods_request() -> None:
    recorded = shared_recording("gpu", EXAMPLES)
    for each in NodeTemplates(recorded).at_rest():
        accelerated = each["metadata"]["labels"][labels.POOL] == "gpu"
        assert each["status"]["allocatable"].get("nvidia.com/gpu") == ("1" if accelerated else None)
    [server] = [e for e in of_kind(recorded, "Deployment") if e["metadata"]["name"] == "llm"]
    assert objects.requests_of(server["spec"]["template"]).accelerators == 1
