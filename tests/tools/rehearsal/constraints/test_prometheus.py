"""What KEDA and Prometheus refuse, on a plan in which apps follow queries."""

from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import (
    Inputs,
    build,
    cloud_for,
    created_by,
    delete,
    inputs_of,
    refused,
    update,
)
from tools.recording import Recording, Resource
from tools.rehearsal.constraints import prometheus as queries
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource

SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RELEASE = "kubernetes:helm.sh/v3:Release"
POLICY = "aws:iam/rolePolicy:RolePolicy"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
SCRAPER = "aws:amp/scraper:Scraper"
WORKSPACE = "aws:amp/workspace:Workspace"
CLUSTER = "aws:eks/cluster:Cluster"
SUBNET = "aws:ec2/subnet:Subnet"

APP = "app-2"
"""It follows queries."""


@pytest.fixture
def wide(previewed: object) -> Recording:
    recording: Recording = previewed("wide")  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
    return recording


@pytest.fixture
def cloud(wide: Recording) -> Cloud:
    return build(cloud_for(wide, constraints=queries.CONSTRAINTS), created_by(wide))


def named(recording: Recording, type_: str, name: str) -> Resource:
    [found] = [each for each in created_by(recording) if (each.type, each.name) == (type_, name)]
    return found


def there(cloud: Cloud, type_: str, name: str) -> CloudResource:
    [found] = [each for each in cloud.of_type(type_) if each.name == name]
    return found


def take_away(cloud: Cloud, type_: str, name: str) -> None:
    """As if it had not been made yet; no law is asked."""
    thing = there(cloud, type_, name)
    del cloud.resources[thing.type, thing.id]


def again(cloud: Cloud, recording: Recording, type_: str, name: str, **changes: object) -> None:
    each = named(recording, type_, name)
    cloud.create(each.type, each.urn, {**inputs_of(each), **changes})


@pytest.mark.parametrize("type_", [SCALED, AUTHENTICATION])
@pytest.mark.parametrize(
    ("missing", "name"),
    [(RELEASE, "queries-keda"), (POLICY, "queries-keda"), (IDENTITY, "queries-keda")],
)
def test_nothing_of_keda_comes_or_goes_without_its_operator(
    type_: str, missing: str, name: str, cloud: Cloud, wide: Recording
) -> None:
    take_away(cloud, missing, name)
    with refused("Timeout", "operator"):
        delete(cloud, there(cloud, type_, APP))
    take_away(cloud, type_, APP)
    with refused("Timeout", "operator"):
        again(cloud, wide, type_, APP)


def test_with_its_operator_all_of_it_comes_and_goes(cloud: Cloud, wide: Recording) -> None:
    for type_ in (SCALED, AUTHENTICATION):
        delete(cloud, there(cloud, type_, APP))
    for type_ in (AUTHENTICATION, SCALED):
        again(cloud, wide, type_, APP)


def test_a_scaled_object_scales_what_is_there(cloud: Cloud, wide: Recording) -> None:
    for type_ in (SCALED, DEPLOYMENT):
        take_away(cloud, type_, APP)
    with refused("Denied", f"no Deployment {APP}"):
        again(cloud, wide, SCALED, APP)


def test_a_scaled_object_asks_as_somebody_who_is_there(cloud: Cloud, wide: Recording) -> None:
    for type_ in (SCALED, AUTHENTICATION):
        take_away(cloud, type_, APP)
    with refused("Timeout", "TriggerAuthentication", APP):
        again(cloud, wide, SCALED, APP)


def beside(cloud: Cloud, recording: Recording, name: str, annotations: dict[str, str]) -> None:
    """Another autoscaler of the app's Deployment, as an app without queries has it."""
    of_another = inputs_of(named(recording, SCALER, "app-0"))
    metadata = {**of_another["metadata"], "name": name, "namespace": APP}
    target = {**of_another["spec"]["scaleTargetRef"], "name": APP}
    inputs: Inputs = {
        **of_another,
        "metadata": {**metadata, "annotations": annotations},
        "spec": {**of_another["spec"], "scaleTargetRef": target},
    }
    take_away(cloud, SCALED, APP)
    cloud.create(SCALER, f"urn:pulumi:test::ha-eks::{SCALER}::{name}", inputs)


def test_an_app_has_no_second_autoscaler(cloud: Cloud, wide: Recording) -> None:
    beside(cloud, wide, APP, {})
    with refused("Denied", "already managed by the hpa"):
        again(cloud, wide, SCALED, APP)


def test_one_that_keda_is_to_look_past_may_be_there_until_the_other_is(
    cloud: Cloud, wide: Recording
) -> None:
    beside(cloud, wide, APP, {"validations.keda.sh/hpa-ownership": "false"})
    again(cloud, wide, SCALED, APP)


@pytest.mark.parametrize("name", [APP, "another"])
def test_one_may_be_taken_over_by_its_name(name: str, cloud: Cloud, wide: Recording) -> None:
    beside(cloud, wide, APP, {})
    own = inputs_of(named(wide, SCALED, APP))
    own["metadata"]["annotations"]["scaledobject.keda.sh/transfer-hpa-ownership"] = "true"
    own["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] = name
    if name == APP:
        again(cloud, wide, SCALED, APP, **own)
        return
    with refused("Denied", "already managed"):
        again(cloud, wide, SCALED, APP, **own)


def test_an_autoscaler_of_another_app_is_nobody_s_business(cloud: Cloud, wide: Recording) -> None:
    del there(cloud, SCALER, "app-0").inputs["metadata"]["annotations"]
    take_away(cloud, SCALED, APP)
    again(cloud, wide, SCALED, APP)


def test_a_scraper_is_in_two_zones(cloud: Cloud, wide: Recording) -> None:
    source = deepcopy(there(cloud, SCRAPER, "prometheus").inputs["source"])
    source["eks"]["subnetIds"] = source["eks"]["subnetIds"][:1]
    take_away(cloud, SCRAPER, "prometheus")
    with refused("ValidationException", "two zones"):
        again(cloud, wide, SCRAPER, "prometheus", source=source)


def test_a_scraper_reaches_and_enters_a_cluster_that_is_there(
    cloud: Cloud, wide: Recording
) -> None:
    take_away(cloud, SCRAPER, "prometheus")
    cluster = there(cloud, CLUSTER, "cluster-eksCluster")
    own = cluster.inputs
    for key, value, word in (
        ("vpcConfig", {**own["vpcConfig"], "endpointPrivateAccess": False}, "private endpoint"),
        ("accessConfig", {"authenticationMode": "CONFIG_MAP"}, "access entries"),
    ):
        cluster.inputs = {**own, key: value}
        with refused("ValidationException", word):
            again(cloud, wide, SCRAPER, "prometheus")
    take_away(cloud, CLUSTER, "cluster-eksCluster")
    with refused("NotFound", "cluster/wide"):
        again(cloud, wide, SCRAPER, "prometheus")


def test_what_a_scraper_is_in_stays_until_it_is_gone(cloud: Cloud, wide: Recording) -> None:
    zone = wide.settings.network.control_plane_zones[0]
    for thing in cloud.resources.values():
        if thing.type != SCRAPER:
            thing.refers = set()
    for type_, name in (
        (CLUSTER, "cluster-eksCluster"), (SUBNET, f"network-control-plane-{zone}"),
        (WORKSPACE, "prometheus"),
    ):  # fmt: skip
        with refused("DependencyViolation", f"{SCRAPER}::queries"):
            delete(cloud, there(cloud, type_, name))


def test_a_scraper_s_configuration_changes_in_place(cloud: Cloud) -> None:
    scraper = there(cloud, SCRAPER, "prometheus")
    update(cloud, scraper, **{**scraper.inputs, "scrapeConfiguration": "global: {}"})
