"""Resources that exist and are not effective yet."""

import pytest

from tests.tools.rehearsal.clouds import (
    Name,
    create_again,
    delete,
    find,
    inputs_of,
    make,
    recorded,
    refused,
    remove,
)
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud

ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
BUDGET = ("kubernetes:policy/v1:PodDisruptionBudget", "web")
ADMIN = (ACCESS, "cluster-access-123456789012-role/deployer")
GROUPS = tuple((NODE_GROUP, f"nodes-general-us-east-1{zone}") for zone in "abc")

NEW_ACCESS = ("Unauthorized", "the access policy of the deployer is not effective yet")


def test_the_kubernetes_api_refuses_a_new_administrator(cloud: FakeCloud, prod: Recording) -> None:
    remove(cloud, ADMIN, BUDGET)
    create_again(cloud, prod, ADMIN)
    with refused(*NEW_ACCESS):
        create_again(cloud, prod, BUDGET)
    with refused(*NEW_ACCESS):
        delete(cloud, find(cloud, ("kubernetes:core/v1:Service", "web")))


def test_access_takes_effect_while_one_node_group_is_created(
    cloud: FakeCloud, prod: Recording
) -> None:
    remove(cloud, ADMIN, BUDGET, GROUPS[0])
    create_again(cloud, prod, ADMIN)
    create_again(cloud, prod, GROUPS[0])
    create_again(cloud, prod, BUDGET)


def test_one_effective_administrator_is_enough(cloud: FakeCloud, prod: Recording) -> None:
    principal = "arn:aws:iam::111122223333:role/new"
    remove(cloud, BUDGET)
    create_again(cloud, prod, ADMIN, principalArn=principal)
    create_again(cloud, prod, BUDGET)


ADMISSION = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
POLICY, BINDING = (ADMISSION, "pod-credentials"), (f"{ADMISSION}Binding", "pod-credentials")
RELEASE = ("kubernetes:helm.sh/v3:Release", "autoscaling-cluster-autoscaler")
ADD_ON = ("aws:eks/addon:Addon", "storage-aws-ebs-csi-driver")
CACHE = ("kubernetes:apps/v1:Deployment", "cache")
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def no_credentials(name: str) -> tuple[str, str]:
    return "NoCredentials", f"pods of {name} are created before their association works"


@pytest.mark.parametrize("missing", [POLICY, BINDING])
@pytest.mark.parametrize(
    ("target", "name"), [(RELEASE, "cluster-autoscaler"), (ADD_ON, "aws-ebs-csi-driver")]
)
def test_pods_that_no_policy_refuses_never_get_credentials(
    cloud: FakeCloud, prod: Recording, missing: Name, target: Name, name: str
) -> None:
    remove(cloud, target, missing)
    with refused(*no_credentials(name)):
        create_again(cloud, prod, target)


def test_a_policy_that_only_warns_refuses_no_pods(cloud: FakeCloud, prod: Recording) -> None:
    find(cloud, BINDING).inputs["spec"]["validationActions"] = ["Warn"]
    remove(cloud, RELEASE)
    with refused(*no_credentials("cluster-autoscaler")):
        create_again(cloud, prod, RELEASE)


@pytest.mark.parametrize("key", ["ha-eks/identity", "other"])
def test_pods_need_the_annotation_with_their_association(
    cloud: FakeCloud, prod: Recording, key: str
) -> None:
    [association] = [each for each in cloud.of_type(ASSOCIATION) if each.name == RELEASE[1]]
    value = association.id if key == "other" else "the id of another association"
    remove(cloud, RELEASE)
    values = {**inputs_of(recorded(prod, RELEASE))["values"], "podAnnotations": {key: value}}
    with refused(*no_credentials("cluster-autoscaler")):
        create_again(cloud, prod, RELEASE, values=values)


def test_an_app_that_gets_its_first_policy_needs_the_annotation(
    cloud: FakeCloud, prod: Recording
) -> None:
    role = cloud.of_type(ASSOCIATION)[0].inputs["roleArn"]
    account = {"namespace": "cache", "serviceAccount": "cache"}
    make(cloud, ASSOCIATION, "cache", clusterName="prod", roleArn=role, **account)
    remove(cloud, CACHE)
    with refused(*no_credentials("cache")):
        create_again(cloud, prod, CACHE)


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_the_pods_of_jobs_need_the_annotation_too(
    cloud: FakeCloud, prod: Recording, kind: str
) -> None:
    type_, metadata = f"kubernetes:batch/v1:{kind}", {"name": "nightly", "namespace": "cache"}
    role = cloud.of_type(ASSOCIATION)[0].inputs["roleArn"]
    account = {"namespace": "cache", "serviceAccount": "cache"}
    made = make(cloud, ASSOCIATION, "cache", clusterName="prod", roleArn=role, **account)
    template = inputs_of(recorded(prod, CACHE))["spec"]["template"]
    template["metadata"]["annotations"] = {"ha-eks/identity": "another"}
    with refused(*no_credentials("cache")):
        make(cloud, type_, "nightly", metadata=metadata, spec={"template": template})
    template["metadata"]["annotations"] = {"ha-eks/identity": made.id}
    make(cloud, type_, "nightly", metadata=metadata, spec={"template": template})


def test_the_pods_of_an_add_on_before_nodes_are_created_later(
    cloud: FakeCloud, prod: Recording
) -> None:
    cni = ("aws:eks/addon:Addon", "node-add-ons-vpc-cni")
    remove(cloud, cni, POLICY, *GROUPS)
    create_again(cloud, prod, cni)


BUCKET = "lb-access-logs"
BUCKET_POLICY = ("aws:s3/bucketPolicy:BucketPolicy", BUCKET)
EXPIRY = ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", BUCKET)
LOAD_BALANCER = ("aws:lb/loadBalancer:LoadBalancer", "lb")


def test_a_load_balancer_refuses_a_bucket_with_a_new_policy(
    cloud: FakeCloud, prod: Recording
) -> None:
    remove(cloud, LOAD_BALANCER, BUCKET_POLICY, EXPIRY)
    bucket = create_again(cloud, prod, BUCKET_POLICY).inputs["bucket"]
    with refused("InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}"):
        create_again(cloud, prod, LOAD_BALANCER)
    create_again(cloud, prod, LOAD_BALANCER, accessLogs={"bucket": "", "enabled": False})
    remove(cloud, LOAD_BALANCER)
    create_again(cloud, prod, EXPIRY)
    create_again(cloud, prod, LOAD_BALANCER)
