"""Constraints of KEDA and Prometheus, with a stack in which apps scale on queries."""

from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import (
    Inputs,
    build,
    cloud_for,
    create_again,
    created_by,
    delete,
    find,
    inputs_of,
    recorded,
    refused,
    remove,
    update,
    urn_of,
)
from tools.recording import Recording
from tools.rehearsal.constraints import prometheus
from tools.rehearsal.fake_cloud.cloud import FakeCloud

AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"

APP = "app-2"
"""An app that scales on queries."""
OTHER_APP = "app-0"
"""An app that does not."""

SCALED_OBJECT = ("kubernetes:keda.sh/v1alpha1:ScaledObject", APP)
AUTHENTICATION = ("kubernetes:keda.sh/v1alpha1:TriggerAuthentication", APP)
DEPLOYMENT = ("kubernetes:apps/v1:Deployment", APP)
SCRAPER = ("aws:amp/scraper:Scraper", "prometheus")
WORKSPACE = ("aws:amp/workspace:Workspace", "prometheus")
CLUSTER = ("aws:eks/cluster:Cluster", "cluster-eksCluster")
KEDA_PARTS = [
    ("kubernetes:helm.sh/v3:Release", "keda"),
    ("aws:iam/rolePolicy:RolePolicy", "keda"),
    ("aws:eks/podIdentityAssociation:PodIdentityAssociation", "keda"),
]

IGNORED_BY_KEDA = {"validations.keda.sh/hpa-ownership": "false"}


@pytest.fixture
def cloud(wide: Recording) -> FakeCloud:
    return build(cloud_for(wide, constraints=prometheus.CONSTRAINTS), created_by(wide))


# The operator of KEDA.


@pytest.mark.parametrize("name", [SCALED_OBJECT, AUTHENTICATION], ids=" ".join)
@pytest.mark.parametrize("missing", KEDA_PARTS, ids=" ".join)
def test_objects_of_keda_are_created_and_deleted_only_while_the_operator_runs(
    name: tuple[str, str], missing: tuple[str, str], cloud: FakeCloud, wide: Recording
) -> None:
    remove(cloud, missing)
    error = ("Timeout", "kinds and finalizers of KEDA need the KEDA operator")
    with refused(*error):
        delete(cloud, find(cloud, name))
    remove(cloud, name)
    with refused(*error):
        create_again(cloud, wide, name)


def test_objects_of_keda_are_deleted_and_created_while_the_operator_runs(
    cloud: FakeCloud, wide: Recording
) -> None:
    for name in (SCALED_OBJECT, AUTHENTICATION):
        delete(cloud, find(cloud, name))
    for name in (AUTHENTICATION, SCALED_OBJECT):
        create_again(cloud, wide, name)


# ScaledObjects.


def test_a_scaled_object_needs_its_deployment(cloud: FakeCloud, wide: Recording) -> None:
    remove(cloud, SCALED_OBJECT, DEPLOYMENT)
    with refused("Denied", "Deployment app-2 does not exist"):
        create_again(cloud, wide, SCALED_OBJECT)


def test_a_scaled_object_needs_its_trigger_authentication(
    cloud: FakeCloud, wide: Recording
) -> None:
    authentication = find(cloud, AUTHENTICATION).inputs["metadata"]["name"]
    remove(cloud, SCALED_OBJECT, AUTHENTICATION)
    message = (
        f"the ScaledObject does not become ready: TriggerAuthentication {authentication} does not "
        "exist"
    )
    with refused("Timeout", message):
        create_again(cloud, wide, SCALED_OBJECT)


def add_autoscaler(
    cloud: FakeCloud, recording: Recording, name: str, annotations: dict[str, str]
) -> None:
    """Adds a HorizontalPodAutoscaler for the Deployment, and removes the ScaledObject."""
    other = inputs_of(recorded(recording, (AUTOSCALER, OTHER_APP)))
    metadata = {
        **other["metadata"], "name": name, "namespace": APP, "annotations": annotations,
    }  # fmt: skip
    target = {**other["spec"]["scaleTargetRef"], "name": APP}
    inputs: Inputs = {
        **other, "metadata": metadata, "spec": {**other["spec"], "scaleTargetRef": target},
    }  # fmt: skip
    remove(cloud, SCALED_OBJECT)
    cloud.create(AUTOSCALER, urn_of(AUTOSCALER, name), inputs)


ALREADY_SCALED = ("Denied", "app-2 is already scaled by HorizontalPodAutoscaler app-2")


def test_a_deployment_has_only_one_autoscaler(cloud: FakeCloud, wide: Recording) -> None:
    add_autoscaler(cloud, wide, APP, {})
    with refused(*ALREADY_SCALED):
        create_again(cloud, wide, SCALED_OBJECT)


def test_an_autoscaler_that_keda_ignores_may_exist_beside_a_scaled_object(
    cloud: FakeCloud, wide: Recording
) -> None:
    add_autoscaler(cloud, wide, APP, IGNORED_BY_KEDA)
    create_again(cloud, wide, SCALED_OBJECT)


@pytest.mark.parametrize("name", [APP, "another"])
def test_a_scaled_object_takes_over_only_the_autoscaler_that_it_names(
    name: str, cloud: FakeCloud, wide: Recording
) -> None:
    add_autoscaler(cloud, wide, APP, {})
    inputs = inputs_of(recorded(wide, SCALED_OBJECT))
    annotation = "scaledobject.keda.sh/transfer-hpa-ownership"
    inputs["metadata"]["annotations"][annotation] = "true"
    inputs["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] = name
    if name == APP:
        create_again(cloud, wide, SCALED_OBJECT, **inputs)
        return
    with refused(*ALREADY_SCALED):
        create_again(cloud, wide, SCALED_OBJECT, **inputs)


def test_the_autoscaler_of_another_app_does_not_conflict(cloud: FakeCloud, wide: Recording) -> None:
    del find(cloud, (AUTOSCALER, OTHER_APP)).inputs["metadata"]["annotations"]
    remove(cloud, SCALED_OBJECT)
    create_again(cloud, wide, SCALED_OBJECT)


# The scraper.


def test_a_scraper_needs_subnets_in_two_zones(cloud: FakeCloud, wide: Recording) -> None:
    source = deepcopy(find(cloud, SCRAPER).inputs["source"])
    source["eks"]["subnetIds"] = source["eks"]["subnetIds"][:1]
    remove(cloud, SCRAPER)
    with refused("ValidationException", "a scraper needs subnets in two zones"):
        create_again(cloud, wide, SCRAPER, source=source)


def test_a_scraper_needs_a_cluster_with_private_endpoint_and_access_entries(
    cloud: FakeCloud, wide: Recording
) -> None:
    remove(cloud, SCRAPER)
    cluster = find(cloud, CLUSTER)
    inputs = cluster.inputs
    for changes, message in (
        (
            {"vpcConfig": {**inputs["vpcConfig"], "endpointPrivateAccess": False}},
            "the cluster has no private endpoint",
        ),
        (
            {"accessConfig": {"authenticationMode": "CONFIG_MAP"}},
            "the cluster does not use access entries",
        ),
    ):
        cluster.inputs = {**inputs, **changes}
        with refused("ValidationException", message):
            create_again(cloud, wide, SCRAPER)
    remove(cloud, CLUSTER)
    with refused("NotFound", f"{cluster.outputs['arn']} does not exist"):
        create_again(cloud, wide, SCRAPER)


def test_cluster_subnets_and_workspace_are_deleted_after_the_scraper(
    cloud: FakeCloud, wide: Recording
) -> None:
    zone = wide.settings.network.control_plane_zones[0]
    for resource in cloud.resources.values():
        if (resource.type, resource.name) != SCRAPER:
            resource.references = set()
    subnet = ("aws:ec2/subnet:Subnet", f"network-control-plane-{zone}")
    for name in (CLUSTER, subnet, WORKSPACE):
        resource = find(cloud, name)
        message = f"{resource.id} is in use by Scraper prometheus"
        with refused("DependencyViolation", message):
            delete(cloud, resource)


def test_the_scrape_configuration_is_updated_in_place(cloud: FakeCloud) -> None:
    scraper = find(cloud, SCRAPER)
    update(cloud, scraper, **{**scraper.inputs, "scrapeConfiguration": "global: {}"})
