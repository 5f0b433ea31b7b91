"""Constraints of Kubernetes on all objects."""

import json
from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import (
    Name,
    create_again,
    delete,
    find,
    inputs_of,
    recorded,
    refused,
    remove,
    update,
)
from tools.recording import Recording
from tools.recording.made_up_outputs import SECOND_OPERATOR
from tools.rehearsal.fake_cloud.cloud import FakeCloud

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
ACCESS_POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount"
PRIORITY_CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"

CONTROLLER = "lb-aws-load-balancer-controller"
AUTOSCALER = "autoscaling-cluster-autoscaler"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
NODE_GROUPS = tuple((NODE_GROUP, f"nodes-general-{zone}") for zone in ZONES)
ADMIN = (ACCESS_POLICY, "cluster-access-123456789012-role/deployer")

UNREACHABLE = ("Unreachable", "the Kubernetes API does not answer")
UNAUTHORIZED = (
    "Unauthorized",
    "arn:aws:iam::123456789012:role/deployer is no cluster administrator",
)
PENDING = ("Timeout", "the pods stay pending: no node accepts them")
NO_CONTROLLER = (
    "Timeout",
    "the webhook and the finalizer of the TargetGroupBinding need the controller",
)
WEBHOOK_FAILS = ("Forbidden", "the webhook for pods fails closed without the controller")

CASES: dict[str, tuple[tuple[Name, ...], Name, tuple[str, str]]] = {
    "an object without the cluster": (
        ((CLUSTER, "cluster-eksCluster"),), (NAMESPACE, "web"), UNREACHABLE,
    ),
    "an object without access of the deployer": ((ADMIN,), (NAMESPACE, "web"), UNAUTHORIZED),
    "a release without access of the deployer": ((ADMIN,), (RELEASE, AUTOSCALER), UNAUTHORIZED),
    "an object without its namespace": (
        ((NAMESPACE, "web"),), (BUDGET, "web"),
        ("NotFound", "namespace web does not exist"),
    ),
    "a release without its namespace": (
        ((NAMESPACE, AUTOSCALER),), (RELEASE, AUTOSCALER),
        ("NotFound", "namespace cluster-autoscaler does not exist"),
    ),
    "CoreDNS without nodes": (NODE_GROUPS, (ADD_ON, "cluster-add-ons-coredns"), PENDING),
    "the metrics server without nodes": (
        NODE_GROUPS, (ADD_ON, "autoscaling-metrics-server"), PENDING,
    ),
    "the EBS driver without nodes": (NODE_GROUPS, (ADD_ON, "storage-aws-ebs-csi-driver"), PENDING),
    "a release without nodes": (NODE_GROUPS, (RELEASE, CONTROLLER), PENDING),
    "an app without nodes": (NODE_GROUPS, (DEPLOYMENT, "cache"), PENDING),
    "an app without its service account": (
        ((SERVICE_ACCOUNT, "cache"),), (DEPLOYMENT, "cache"),
        ("Forbidden", "ServiceAccount cache does not exist"),
    ),
    "an app without its priority class": (
        ((PRIORITY_CLASS, "autoscaling-default"),), (DEPLOYMENT, "cache"),
        ("Forbidden", "PriorityClass ha-eks-default does not exist"),
    ),
    "pause pods without their priority class": (
        ((PRIORITY_CLASS, "autoscaling-headroom"),),
        (DEPLOYMENT, "overprovisioner-web-us-east-1a"),
        ("Forbidden", "PriorityClass ha-eks-headroom does not exist"),
    ),
    "a binding without the controller": (
        ((RELEASE, CONTROLLER),), (BINDING, "web"), NO_CONTROLLER,
    ),
    "a binding without nodes for the controller": (NODE_GROUPS, (BINDING, "web"), NO_CONTROLLER),
    "a binding without the Pod Identity association of the controller": (
        ((POD_IDENTITY, CONTROLLER),), (BINDING, "web"), NO_CONTROLLER,
    ),
    "a binding without the policy of the controller": (
        ((ROLE_POLICY, CONTROLLER),), (BINDING, "web"), NO_CONTROLLER,
    ),
    "a binding without its Service": (
        ((SERVICE, "web"),), (BINDING, "web"),
        ("NotFound", "Service web of the TargetGroupBinding does not exist"),
    ),
    "an exposed app without the controller": (
        ((RELEASE, CONTROLLER),), (DEPLOYMENT, "web"), WEBHOOK_FAILS,
    ),
    "an exposed app without its binding": (
        ((BINDING, "web"),), (DEPLOYMENT, "web"),
        ("NoReadinessGate", "pods in namespace web would start before their TargetGroupBinding"),
    ),
}  # fmt: skip
"""Resources that are missing, the resource that is created too early, and the error."""

TARGETS = sorted({target for _, target, _ in CASES.values()})


@pytest.mark.parametrize("case", CASES)
def test_an_object_that_is_created_too_early_is_refused(
    case: str, cloud: FakeCloud, prod: Recording
) -> None:
    missing, target, error = CASES[case]
    remove(cloud, target, *missing)
    before = set(cloud.resources)
    with refused(*error):
        create_again(cloud, prod, target)
    assert set(cloud.resources) == before, "the refused object exists"


@pytest.mark.parametrize("target", TARGETS, ids=" ".join)
def test_an_object_with_all_prerequisites_is_created(
    target: Name, cloud: FakeCloud, prod: Recording
) -> None:
    remove(cloud, target)
    resource = create_again(cloud, prod, target)
    assert cloud.resources[resource.type, resource.id] is resource


# Access.


def test_an_object_is_deleted_only_with_access_to_the_cluster(cloud: FakeCloud) -> None:
    budget = find(cloud, (BUDGET, "web"))
    remove(cloud, ADMIN)
    with refused(*UNAUTHORIZED):
        delete(cloud, budget)
    remove(cloud, (CLUSTER, "cluster-eksCluster"))
    with refused(*UNREACHABLE):
        delete(cloud, budget)


def test_the_view_policy_is_not_enough_for_the_deployer(cloud: FakeCloud) -> None:
    admin = find(cloud, ADMIN)
    admin.inputs = {**admin.inputs, "policyArn": "arn:aws:eks::aws:…/AmazonEKSViewPolicy"}
    with refused(*UNAUTHORIZED):
        delete(cloud, find(cloud, (BUDGET, "web")))


def test_the_access_of_another_principal_is_not_enough_for_the_caller(cloud: FakeCloud) -> None:
    cloud.made_up_outputs.caller = SECOND_OPERATOR
    with refused("Unauthorized", f"{SECOND_OPERATOR} is no cluster administrator"):
        delete(cloud, find(cloud, (BUDGET, "web")))


def test_an_editor_changes_only_workloads_in_its_namespaces(cloud: FakeCloud) -> None:
    cloud.made_up_outputs.caller = SECOND_OPERATOR
    entry = find(cloud, ADMIN)
    entry.inputs = {
        **entry.inputs,
        "principalArn": SECOND_OPERATOR,
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
        "accessScope": {"type": "namespace", "namespaces": ["web"]},
    }
    delete(cloud, find(cloud, ("kubernetes:apps/v1:Deployment", "web")))
    for other in ((BUDGET, "web"), ("kubernetes:apps/v1:Deployment", "cache")):
        with refused("Unauthorized", f"{SECOND_OPERATOR} is no cluster administrator"):
            delete(cloud, find(cloud, other))


def test_an_object_is_deleted_but_not_updated_without_its_namespace(cloud: FakeCloud) -> None:
    budget = find(cloud, (BUDGET, "web"))
    remove(cloud, (NAMESPACE, "web"))
    with refused("NotFound", "namespace web does not exist"):
        update(cloud, budget, **deepcopy(budget.inputs))
    delete(cloud, budget)


# Scheduling.


def taint(cloud: FakeCloud, effect: str) -> None:
    for each in cloud.of_type(NODE_GROUP):
        each.inputs["taints"] = [{"key": "data", "value": "only", "effect": effect}]


@pytest.mark.parametrize("effect", ["NO_SCHEDULE", "NO_EXECUTE"])
def test_pods_that_do_not_tolerate_a_taint_stay_pending(
    effect: str, cloud: FakeCloud, prod: Recording
) -> None:
    taint(cloud, effect)
    for name in (
        (DEPLOYMENT, "cache"), (RELEASE, AUTOSCALER), (ADD_ON, "cluster-add-ons-coredns"),
    ):  # fmt: skip
        remove(cloud, name)
        with refused(*PENDING):
            create_again(cloud, prod, name)
    app = recorded(prod, (DEPLOYMENT, "cache"))
    inputs = inputs_of(app)
    inputs["spec"]["template"]["spec"]["tolerations"] = [{"key": "data", "operator": "Exists"}]
    cloud.create(app.type, app.urn, inputs)


def test_a_taint_with_prefer_no_schedule_does_not_block_pods(
    cloud: FakeCloud, prod: Recording
) -> None:
    taint(cloud, "PREFER_NO_SCHEDULE")
    remove(cloud, (DEPLOYMENT, "cache"))
    create_again(cloud, prod, (DEPLOYMENT, "cache"))


def test_one_node_group_without_the_taint_is_enough(cloud: FakeCloud, prod: Recording) -> None:
    taint(cloud, "NO_SCHEDULE")
    find(cloud, NODE_GROUPS[2]).inputs["taints"] = []
    remove(cloud, (DEPLOYMENT, "cache"))
    create_again(cloud, prod, (DEPLOYMENT, "cache"))


@pytest.mark.parametrize(
    ("selector", "accepted"),
    [
        ({"ha-eks/pool": "other"}, False),
        ({"no-such-label": "x"}, False),
        ({"ha-eks/pool": "general", "topology.kubernetes.io/zone": ZONES[1]}, True),
    ],
    ids=str,
)
def test_a_node_selector_matches_the_labels_of_a_node_group_and_any_zone(
    selector: dict[str, str], accepted: bool, cloud: FakeCloud, prod: Recording
) -> None:
    app = recorded(prod, (DEPLOYMENT, "cache"))
    remove(cloud, (DEPLOYMENT, "cache"))
    inputs = inputs_of(app)
    inputs["spec"]["template"]["spec"]["nodeSelector"] = selector
    if accepted:
        cloud.create(app.type, app.urn, inputs)
    else:
        with refused(*PENDING):
            cloud.create(app.type, app.urn, inputs)


def test_resources_that_do_not_wait_for_pods_need_no_nodes(
    cloud: FakeCloud, prod: Recording
) -> None:
    pause_pods = (DEPLOYMENT, "overprovisioner-web-us-east-1a")
    agent = (ADD_ON, "cluster-add-ons-eks-node-monitoring-agent")
    proxy = (ADD_ON, "node-add-ons-kube-proxy")
    remove(cloud, *NODE_GROUPS, pause_pods, agent, proxy)
    for name in (pause_pods, agent, proxy):
        create_again(cloud, prod, name)


def test_a_service_for_which_pulumi_waits_needs_a_deployment_in_its_namespace(
    cloud: FakeCloud, prod: Recording
) -> None:
    name = (SERVICE, "cache")
    remove(cloud, name, (DEPLOYMENT, "cache"))
    create_again(cloud, prod, name)  # annotated with skipAwait
    remove(cloud, name)
    service = recorded(prod, name)
    inputs = inputs_of(service)
    del inputs["metadata"]["annotations"]
    with refused("Timeout", "the Service has no pod in namespace cache"):
        cloud.create(service.type, service.urn, inputs)
    create_again(cloud, prod, (DEPLOYMENT, "cache"))
    cloud.create(service.type, service.urn, inputs)


def test_releases_and_apps_are_deleted_but_not_updated_without_nodes(cloud: FakeCloud) -> None:
    remove(cloud, *NODE_GROUPS)
    for name in ((RELEASE, AUTOSCALER), (DEPLOYMENT, "cache")):
        resource = find(cloud, name)
        with refused(*PENDING):
            update(cloud, resource, **deepcopy(resource.inputs))
        delete(cloud, resource)


# Target group bindings and readiness gates.


def test_a_binding_is_deleted_only_while_its_controller_runs(
    cloud: FakeCloud, prod: Recording
) -> None:
    binding = find(cloud, (BINDING, "web"))
    remove(cloud, (RELEASE, CONTROLLER))
    with refused(*NO_CONTROLLER):
        delete(cloud, binding)
    create_again(cloud, prod, (RELEASE, CONTROLLER))
    remove(cloud, (SERVICE, "web"))  # only a new binding needs its Service
    delete(cloud, binding)


def test_a_binding_needs_permission_to_register_and_deregister_its_targets(
    cloud: FakeCloud, prod: Recording
) -> None:
    policy, binding = find(cloud, (ROLE_POLICY, CONTROLLER)), find(cloud, (BINDING, "web"))
    group, before = binding.inputs["spec"]["targetGroupARN"], policy.inputs["policy"]
    remove(cloud, (BINDING, "web"))
    for old, new in (
        ("RegisterTargets", "DescribeTargets"),
        ("DeregisterTargets", "DescribeTargets"),
        (":targetgroup/", ":targetgroup/of-others-"),
    ):
        document = json.loads(before)
        policy.inputs["policy"] = json.dumps(document).replace(old, new)
        assert policy.inputs["policy"] != before
        with refused("AccessDenied", f"no IAM policy allows to register targets in {group}"):
            create_again(cloud, prod, (BINDING, "web"))
    policy.inputs["policy"] = before
    create_again(cloud, prod, (BINDING, "web"))


def test_a_binding_keeps_its_target_group(cloud: FakeCloud) -> None:
    binding = find(cloud, (BINDING, "web"))
    other = f"{binding.inputs['spec']['targetGroupARN']}0"
    with refused("Forbidden", "update may not change spec.targetGroupARN"):
        update(
            cloud,
            binding,
            metadata=binding.inputs["metadata"],
            spec={**binding.inputs["spec"], "targetGroupARN": other},
        )


@pytest.mark.parametrize("resource", ["{}", ["arn:aws:s3:::logs", "{}"], "*"], ids=str)
def test_a_policy_may_name_the_target_group_alone_in_a_list_or_by_a_wildcard(
    resource: str | list[str], cloud: FakeCloud, prod: Recording
) -> None:
    policy, binding = find(cloud, (ROLE_POLICY, CONTROLLER)), find(cloud, (BINDING, "web"))
    group = binding.inputs["spec"]["targetGroupARN"]
    filled = json.loads(json.dumps(resource).replace("{}", group))
    document = json.loads(policy.inputs["policy"])
    for statement in document["Statement"]:
        if "elasticloadbalancing:RegisterTargets" in statement["Action"]:
            statement["Resource"] = filled
    policy.inputs["policy"] = json.dumps(document)
    remove(cloud, (BINDING, "web"))
    create_again(cloud, prod, (BINDING, "web"))


def test_an_exposed_app_is_deleted_but_not_updated_without_the_controller(
    cloud: FakeCloud,
) -> None:
    app = find(cloud, (DEPLOYMENT, "web"))
    remove(cloud, (RELEASE, CONTROLLER))
    with refused(*WEBHOOK_FAILS):
        update(cloud, app, **deepcopy(app.inputs))
    delete(cloud, app)


def test_an_app_that_is_not_exposed_needs_no_controller(cloud: FakeCloud, prod: Recording) -> None:
    remove(cloud, (RELEASE, CONTROLLER), (BINDING, "web"), (DEPLOYMENT, "cache"))
    create_again(cloud, prod, (DEPLOYMENT, "cache"))
