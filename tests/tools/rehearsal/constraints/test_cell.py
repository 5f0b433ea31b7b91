"""What the stand-in cloud refuses, and that it takes every plan as it is."""

import json
from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    inputs_of,
    names_in,
    refused,
    update,
)
from tools.recording import Recording, Resource
from tools.rehearsal.constraints import CONSTRAINTS, apps, images, network, nodes, observability
from tools.rehearsal.constraints import alarms as watching
from tools.rehearsal.constraints import capacity_buffers as buffers
from tools.rehearsal.constraints import load_balancing as balancing
from tools.rehearsal.constraints import prometheus as queries
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource, RefusedError

GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
TABLE_OF = "aws:ec2/routeTableAssociation:RouteTableAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = "aws:iam/rolePolicy:RolePolicy"
CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
ADMIN = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
WAY_IN = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
WAY_OUT = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RELEASE = "kubernetes:helm.sh/v3:Release"
SPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"

Name = tuple[str, str]
"""Type and logical name."""

CONTROLLER = "lb-aws-load-balancer-controller"
SCALER = "autoscaling-cluster-autoscaler"
AGENTS = "observability-amazon-cloudwatch-observability"
DRIVER = (ADD_ON, "storage-aws-ebs-csi-driver")
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
GROUPS = tuple((GROUP, f"nodes-general-{zone}") for zone in ZONES)
FIRST = GROUPS[0]

CASES: dict[str, tuple[tuple[Name, ...], Name, str, str]] = {
    "a NAT gateway before the internet gateway": (
        ((GATEWAY, "network-internet"),), (NAT, "network-nat-us-east-1a"),
        "Gateway.NotAttached", "internet gateway",
    ),
    "a load balancer before the internet gateway": (
        ((GATEWAY, "network-internet"),), (BALANCER, "lb"),
        "Gateway.NotAttached", "internet gateway",
    ),
    "a cluster whose role may nothing": (
        ((ATTACHMENT, "cluster-role-policy"),), (CLUSTER, "cluster-eksCluster"),
        "AccessDenied", "cluster-role",
    ),
    "nodes whose role may nothing": (
        tuple((ATTACHMENT, f"nodes-role-{each}") for each in ("worker", "pull", "ssm")), FIRST,
        "AccessDenied", "nodes-role",
    ),
    "an add-on whose role may nothing": (
        ((ATTACHMENT, "node-add-ons-vpc-cni"),), (ADD_ON, "node-add-ons-vpc-cni"),
        "AccessDenied", "vpc-cni",
    ),
    "the volumes' driver whose role may nothing": (
        ((ATTACHMENT, "storage-aws-ebs-csi-driver"),), DRIVER,
        "AccessDenied", "storage",
    ),
    "the volumes' driver before the nodes": (
        GROUPS, DRIVER,
        "Timeout", "pending",
    ),
    "a controller whose role may nothing": (
        ((POLICY, SCALER),), (RELEASE, SCALER),
        "AccessDenied", SCALER,
    ),
    "a controller without an identity": (
        ((IDENTITY, SCALER),), (RELEASE, SCALER),
        "NoCredentials", "Pod Identity",
    ),
    "nodes before the network of pods": (
        ((ADD_ON, "node-add-ons-vpc-cni"),), FIRST,
        "NodeCreationFailure", "vpc-cni",
    ),
    "nodes before the proxy": (
        ((ADD_ON, "node-add-ons-kube-proxy"),), FIRST,
        "NodeCreationFailure", "kube-proxy",
    ),
    "nodes before the agent that gives pods their roles": (
        ((ADD_ON, "node-add-ons-eks-pod-identity-agent"),), FIRST,
        "NodeCreationFailure", "eks-pod-identity-agent",
    ),
    "nodes before the route out": (
        ((ROUTE, "network-private-us-east-1a-egress"),), FIRST,
        "NodeCreationFailure", "no way out",
    ),
    "nodes in a subnet that the route is not for": (
        ((TABLE_OF, "network-private-us-east-1a"),), FIRST,
        "NodeCreationFailure", "no way out",
    ),
    "nodes before the NAT gateway": (
        ((NAT, "network-nat-us-east-1a"),), FIRST,
        "NodeCreationFailure", "no way out",
    ),
    "nodes before the NAT gateway's own route out": (
        ((ROUTE, "network-public-internet"),), FIRST,
        "NodeCreationFailure", "no way out",
    ),
    "nodes before that route is for the NAT gateway's subnet": (
        ((TABLE_OF, "network-public-us-east-1a"),), FIRST,
        "NodeCreationFailure", "no way out",
    ),
    "an object before the cluster": (
        ((CLUSTER, "cluster-eksCluster"),), (SPACE, "web"),
        "Unreachable", "does not answer",
    ),
    "an object before we are let in": (
        ((ADMIN, "cluster-admin-deployer"),), (SPACE, "web"),
        "Unauthorized", "log in",
    ),
    "a release before we are let in": (
        ((ADMIN, "cluster-admin-deployer"),), (RELEASE, SCALER),
        "Unauthorized", "log in",
    ),
    "an object before its namespace": (
        ((SPACE, "web"),), (BUDGET, "web"),
        "NotFound", "namespace web",
    ),
    "a release before its namespace": (
        ((SPACE, SCALER),), (RELEASE, SCALER),
        "NotFound", "namespace cluster-autoscaler",
    ),
    "DNS before the nodes": (
        GROUPS, (ADD_ON, "cluster-add-ons-coredns"),
        "Timeout", "pending",
    ),
    "metrics before the nodes": (
        GROUPS, (ADD_ON, "autoscaling-metrics-server"),
        "Timeout", "pending",
    ),
    "a release before the nodes": (
        GROUPS, (RELEASE, CONTROLLER),
        "Timeout", "pending",
    ),
    "an app before the nodes": (
        GROUPS, (DEPLOYMENT, "cache"),
        "Timeout", "pending",
    ),
    "an app before its service account": (
        ((ACCOUNT, "cache"),), (DEPLOYMENT, "cache"),
        "Forbidden", "ServiceAccount cache",
    ),
    "an app before its priority": (
        ((PRIORITY, "autoscaling-default"),), (DEPLOYMENT, "cache"),
        "Forbidden", "PriorityClass ha-eks-default",
    ),
    "headroom before its priority": (
        ((PRIORITY, "autoscaling-headroom"),),
        (DEPLOYMENT, "overprovisioner-web-us-east-1a"),
        "Forbidden", "PriorityClass ha-eks-headroom",
    ),
    "a binding before its controller": (
        ((RELEASE, CONTROLLER),), (BINDING, "web"),
        "Timeout", "webhook",
    ),
    "a binding before the nodes of its controller": (
        GROUPS, (BINDING, "web"),
        "Timeout", "webhook",
    ),
    "a binding before the identity of its controller": (
        ((IDENTITY, CONTROLLER),), (BINDING, "web"),
        "Timeout", "webhook",
    ),
    "a binding before the policy of its controller": (
        ((POLICY, CONTROLLER),), (BINDING, "web"),
        "Timeout", "webhook",
    ),
    "a binding before its service": (
        ((SERVICE, "web"),), (BINDING, "web"),
        "NotFound", "Service",
    ),
    "an exposed app before the controller": (
        ((RELEASE, CONTROLLER),), (DEPLOYMENT, "web"),
        "Forbidden", "fails closed",
    ),
    "an exposed app before its binding": (
        ((BINDING, "web"),), (DEPLOYMENT, "web"),
        "NoReadinessGate", "pods of web",
    ),
    "a cluster before its log group": (
        ((LOGS, "cluster-logs"),), (CLUSTER, "cluster-eksCluster"),
        "LogGroupNotOurs", "/aws/eks/prod/cluster",
    ),
    **{
        f"the agents before the log group {kind}": (
            ((LOGS, f"observability-{kind}"),), (ADD_ON, AGENTS),
            "LogGroupNotOurs", f"/aws/containerinsights/prod/{kind}",
        )
        for kind in ("application", "dataplane", "host", "performance")
    },
}  # fmt: skip
"""What is missing, what is created nevertheless, and what the cloud says to it."""

TARGETS = sorted({target for _, target, _, _ in CASES.values()})


@pytest.fixture
def prod(previewed: Callable[[str], Recording]) -> Recording:
    return previewed("prod")


@pytest.fixture
def cloud(prod: Recording) -> Cloud:
    """Everything of prod, made under all laws."""
    return build(cloud_for(prod), created_by(prod))


def named(recording: Recording, name: Name) -> Resource:
    [found] = [each for each in created_by(recording) if (each.type, each.name) == name]
    return found


def there(cloud: Cloud, name: Name) -> CloudResource:
    [found] = [each for each in cloud.of_type(name[0]) if each.urn.rpartition("::")[2] == name[1]]
    return found


def take_away(cloud: Cloud, *names: Name) -> None:
    """As if these had not been made yet; no law is asked."""
    for name in names:
        thing = there(cloud, name)
        del cloud.resources[thing.type, thing.id]


def again(cloud: Cloud, recording: Recording, name: Name) -> CloudResource:
    resource = named(recording, name)
    return cloud.create(resource.type, resource.urn, inputs_of(resource))


def unprotect(cloud: Cloud) -> None:
    for thing in list(cloud.resources.values()):
        off = {"deletionProtection": False, "enableDeletionProtection": False, "forceDestroy": True}
        changed = {key: value for key, value in off.items() if key in thing.inputs}
        if changed:
            update(cloud, thing, **{**deepcopy(thing.inputs), **changed})


def test_every_plan_is_taken_from_first_to_last_and_back_again(recording: Recording) -> None:
    cloud, resources = cloud_for(recording), created_by(recording)
    for number, each in enumerate(resources):
        try:
            cloud.create(each.type, each.urn, inputs_of(each))
        except RefusedError as error:
            pytest.fail(f"an up would stop at {number}, {each.type} {each.name}: {error}")
    assert names_in(cloud) == {(each.type, each.name) for each in resources}
    assert len(cloud.resources) == len(resources) > 80, "an identity was taken twice, unnoticed"
    unprotect(cloud)
    for each in reversed(resources):
        [thing] = [thing for thing in cloud.resources.values() if thing.urn == each.urn]
        try:
            delete(cloud, thing)
        except RefusedError as error:
            pytest.fail(f"a destroy would stop at {each.type} {each.name}: {error}")
    assert cloud.resources == {}, "a destroy would leave something that costs money"
    assert not [each for each in cloud.journal if each.refused]


def test_every_plan_can_be_updated_as_it_is(recording: Recording) -> None:
    cloud = build(cloud_for(recording), created_by(recording))
    for thing in list(cloud.resources.values()):
        before = deepcopy(thing.outputs)
        update(cloud, thing, **deepcopy(thing.inputs))
        if thing.type != "aws:ec2/launchTemplate:LaunchTemplate":  # each update is a new version
            assert thing.outputs == before, f"{thing.urn} would drift though nothing was changed"


@pytest.mark.parametrize("case", CASES)
def test_what_is_made_too_early_is_refused(case: str, cloud: Cloud, prod: Recording) -> None:
    missing, target, code, word = CASES[case]
    take_away(cloud, target, *missing)
    before = set(cloud.resources)
    with refused(code, word):
        again(cloud, prod, target)
    assert set(cloud.resources) == before, "what was refused is there nevertheless"


@pytest.mark.parametrize("target", TARGETS, ids=" ".join)
def test_what_is_made_in_time_is_taken(target: Name, cloud: Cloud, prod: Recording) -> None:
    take_away(cloud, target)
    thing = again(cloud, prod, target)
    assert cloud.resources[thing.type, thing.id] is thing, "a right stack could not be rehearsed"


def test_each_law_has_something_to_refuse_by_itself(prod: Recording) -> None:
    refusing: set[str] = set()

    def hold(cloud: Cloud, verb: str, type_: str, inputs: dict[str, object]) -> None:
        for law in CONSTRAINTS:
            try:
                law(cloud, verb, type_, inputs)
            except RefusedError:
                refusing.add(law.__name__)

    for missing, target, _, _ in CASES.values():
        cloud = build(cloud_for(prod), created_by(prod))
        take_away(cloud, target, *missing)
        hold(cloud, "create", target[0], inputs_of(named(prod, target)))
    cloud = build(cloud_for(prod), created_by(prod))
    cluster, listener = there(cloud, (CLUSTER, "cluster-eksCluster")), there(cloud, TWICE[0])
    hold(cloud, "delete", cluster.type, cluster.inputs)
    hold(cloud, "create", listener.type, listener.inputs)
    hold(cloud, "create", POLICY, {"policy": "{}"})
    others = (network, nodes, apps, buffers, queries, balancing, images, observability, watching)
    elsewhere = {law.__name__ for each in others for law in each.CONSTRAINTS}
    here = {law.__name__ for law in CONSTRAINTS} - elsewhere
    assert refusing - elsewhere == here, "a law that nothing here is about"


TWICE: tuple[Name, ...] = (
    (LISTENER, "lb-https"),
    (NAT, "network-nat-us-east-1a"),
    (ROUTE, "network-private-us-east-1a-egress"),
    (TABLE_OF, "network-private-us-east-1a"),
    (IDENTITY, SCALER),
    (WAY_OUT, "lb-to-pods-9898"),
    (WAY_IN, "lb-into-pods-9898"),
)

KEYS = {
    LISTENER: ("loadBalancerArn", "port"),
    NAT: ("allocationId",),
    ROUTE: ("routeTableId", "destinationCidrBlock"),
    TABLE_OF: ("subnetId",),
    IDENTITY: ("clusterName", "namespace", "serviceAccount"),
    WAY_OUT: ("securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "fromPort"),
    WAY_IN: ("securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "fromPort"),
}


@pytest.mark.parametrize("name", TWICE, ids=" ".join)
def test_what_may_be_there_once_is_refused_a_second_time(name: Name, cloud: Cloud) -> None:
    thing = there(cloud, name)
    changed = {**deepcopy(thing.inputs), "description": "another"}
    with refused("AlreadyExists", thing.urn):
        cloud.create(thing.type, f"{thing.urn}-again", changed)
    update(cloud, thing, **changed)  # it is not in its own way


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in TWICE for key in KEYS[name[0]]],
)  # fmt: skip
def test_it_is_taken_a_second_time_if_one_thing_about_it_differs(
    name: Name, key: str, cloud: Cloud
) -> None:
    thing = there(cloud, name)
    cloud.outside |= {"another"}
    cloud.create(thing.type, f"{thing.urn}-again", {**deepcopy(thing.inputs), key: "another"})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ((CLUSTER, "cluster-eksCluster"), "InvalidRequestException"),
        ((BALANCER, "lb"), "OperationNotPermitted"),
    ],
)
def test_what_is_protected_is_not_deleted_until_protection_is_off(
    name: Name, code: str, prod: Recording
) -> None:
    cloud, resources = cloud_for(prod), created_by(prod)
    last = next(number for number, each in enumerate(resources) if (each.type, each.name) == name)
    build(cloud, resources[: last + 1])
    thing = there(cloud, name)
    with refused(code, "protection is on"):
        delete(cloud, thing)
    unprotect(cloud)
    delete(cloud, thing)
    assert thing.id not in {each.id for each in cloud.resources.values()}


def test_nodes_join_from_a_public_subnet_too(cloud: Cloud, prod: Recording) -> None:
    group = named(prod, FIRST)
    public = there(cloud, (SUBNET, "network-public-us-east-1b")).id
    take_away(cloud, FIRST, *((NAT, f"network-nat-{zone}") for zone in ZONES))
    cloud.create(group.type, group.urn, {**inputs_of(group), "subnetIds": [public]})


def test_every_subnet_of_a_group_needs_a_way_out(cloud: Cloud, prod: Recording) -> None:
    group = named(prod, FIRST)
    first, second = (there(cloud, (SUBNET, f"network-private-{zone}")).id for zone in ZONES[:2])
    take_away(cloud, FIRST, (ROUTE, f"network-private-{ZONES[1]}-egress"))
    with refused("NodeCreationFailure", second):
        cloud.create(group.type, group.urn, {**inputs_of(group), "subnetIds": [first, second]})


def test_the_internet_gateway_goes_after_all_public_addresses(cloud: Cloud) -> None:
    unprotect(cloud)
    gateway = there(cloud, (GATEWAY, "network-internet"))
    take_away(cloud, (ROUTE, "network-public-internet"))  # it refers to the gateway by its id
    public = [each for each in cloud.resources.values() if each.type in (NAT, BALANCER)]
    assert len(public) == 4
    for each in public:
        with refused("DependencyViolation", "public addresses"):
            delete(cloud, gateway)
        del cloud.resources[each.type, each.id]
    delete(cloud, gateway)


def test_a_binding_ends_only_while_its_controller_lives(cloud: Cloud, prod: Recording) -> None:
    binding = there(cloud, (BINDING, "web"))
    take_away(cloud, (RELEASE, CONTROLLER))
    with refused("Timeout", "finalizer"):
        delete(cloud, binding)
    again(cloud, prod, (RELEASE, CONTROLLER))
    take_away(cloud, (SERVICE, "web"))  # only a new binding needs its Service
    delete(cloud, binding)


def test_a_binding_needs_a_policy_that_is_for_its_target_group(
    cloud: Cloud, prod: Recording
) -> None:
    policy = there(cloud, (POLICY, CONTROLLER))
    before = policy.inputs["policy"]
    take_away(cloud, (BINDING, "web"))
    for old, new in (
        ("RegisterTargets", "DescribeTargets"),
        ("DeregisterTargets", "DescribeTargets"),
        (":targetgroup/", ":targetgroup/of-others-"),
    ):
        document = json.loads(before)
        policy.inputs["policy"] = json.dumps(document).replace(old, new)
        assert policy.inputs["policy"] != before
        with refused("AccessDenied", "register"):
            again(cloud, prod, (BINDING, "web"))
    policy.inputs["policy"] = before
    again(cloud, prod, (BINDING, "web"))


def test_a_policy_is_for_a_target_group_by_a_list_too_or_by_itself(
    cloud: Cloud, prod: Recording
) -> None:
    policy, binding = there(cloud, (POLICY, CONTROLLER)), there(cloud, (BINDING, "web"))
    group = binding.inputs["spec"]["targetGroupARN"]
    for resource in (group, ["arn:aws:s3:::logs", group], "*"):
        document = json.loads(policy.inputs["policy"])
        for statement in document["Statement"]:
            if "elasticloadbalancing:RegisterTargets" in statement["Action"]:
                statement["Resource"] = resource
        policy.inputs["policy"] = json.dumps(document)
        take_away(cloud, (BINDING, "web"))
        again(cloud, prod, (BINDING, "web"))


def test_an_exposed_app_is_updated_and_deleted_as_the_webhook_has_it(cloud: Cloud) -> None:
    app = there(cloud, (DEPLOYMENT, "web"))
    take_away(cloud, (RELEASE, CONTROLLER))
    with refused("Forbidden", "fails closed"):
        update(cloud, app, **deepcopy(app.inputs))
    delete(cloud, app)


def test_an_app_that_is_not_exposed_needs_no_controller(cloud: Cloud, prod: Recording) -> None:
    take_away(cloud, (RELEASE, CONTROLLER), (BINDING, "web"), (DEPLOYMENT, "cache"))
    again(cloud, prod, (DEPLOYMENT, "cache"))


def repel(cloud: Cloud, effect: str) -> None:
    for each in cloud.of_type(GROUP):
        each.inputs["taints"] = [{"key": "data", "value": "only", "effect": effect}]


@pytest.mark.parametrize("effect", ["NO_SCHEDULE", "NO_EXECUTE"])
def test_a_taint_keeps_pods_off_that_do_not_tolerate_it(
    effect: str, cloud: Cloud, prod: Recording
) -> None:
    repel(cloud, effect)
    for name in ((DEPLOYMENT, "cache"), (RELEASE, SCALER), (ADD_ON, "cluster-add-ons-coredns")):
        take_away(cloud, name)
        with refused("Timeout", "pending"):
            again(cloud, prod, name)
    app = named(prod, (DEPLOYMENT, "cache"))
    inputs = inputs_of(app)
    inputs["spec"]["template"]["spec"]["tolerations"] = [{"key": "data", "operator": "Exists"}]
    cloud.create(app.type, app.urn, inputs)


def test_a_taint_that_only_prefers_keeps_nobody_off(cloud: Cloud, prod: Recording) -> None:
    repel(cloud, "PREFER_NO_SCHEDULE")
    take_away(cloud, (DEPLOYMENT, "cache"))
    again(cloud, prod, (DEPLOYMENT, "cache"))


def test_pods_go_only_to_nodes_with_their_labels_in_whatever_zone(
    cloud: Cloud, prod: Recording
) -> None:
    app = named(prod, (DEPLOYMENT, "cache"))
    take_away(cloud, (DEPLOYMENT, "cache"))
    for label, fits in (
        ({"ha-eks/pool": "other"}, False),
        ({"no-such-label": "x"}, False),
        ({"ha-eks/pool": "general", "topology.kubernetes.io/zone": ZONES[1]}, True),
    ):
        inputs = inputs_of(app)
        inputs["spec"]["template"]["spec"]["nodeSelector"] = label
        if fits:
            cloud.create(app.type, app.urn, inputs)
        else:
            with refused("Timeout", "pending"):
                cloud.create(app.type, app.urn, inputs)


def test_one_pool_that_lets_pods_on_is_enough(cloud: Cloud, prod: Recording) -> None:
    repel(cloud, "NO_SCHEDULE")
    there(cloud, GROUPS[2]).inputs["taints"] = []
    take_away(cloud, (DEPLOYMENT, "cache"))
    again(cloud, prod, (DEPLOYMENT, "cache"))


def test_who_does_not_wait_for_pods_needs_no_nodes(cloud: Cloud, prod: Recording) -> None:
    headroom = (DEPLOYMENT, "overprovisioner-web-us-east-1a")
    agent = (ADD_ON, "cluster-add-ons-eks-node-monitoring-agent")
    network = (ADD_ON, "node-add-ons-kube-proxy")
    take_away(cloud, *GROUPS, headroom, agent, network)
    for name in (headroom, agent, network):
        again(cloud, prod, name)


def test_a_service_that_waits_needs_pods_in_its_namespace(cloud: Cloud, prod: Recording) -> None:
    name = (SERVICE, "cache")
    take_away(cloud, name, (DEPLOYMENT, "cache"))
    again(cloud, prod, name)  # as it is: it does not wait
    take_away(cloud, name)
    service = named(prod, name)
    inputs = inputs_of(service)
    del inputs["metadata"]["annotations"]
    with refused("Timeout", "no pod"):
        cloud.create(service.type, service.urn, inputs)
    again(cloud, prod, (DEPLOYMENT, "cache"))
    cloud.create(service.type, service.urn, inputs)


def test_a_release_or_an_app_is_updated_only_while_a_node_takes_its_pods(cloud: Cloud) -> None:
    take_away(cloud, *GROUPS)
    for name in ((RELEASE, SCALER), (DEPLOYMENT, "cache")):
        thing = there(cloud, name)
        with refused("Timeout", "pending"):
            update(cloud, thing, **deepcopy(thing.inputs))
        delete(cloud, thing)


def test_objects_are_deleted_only_while_the_cluster_lets_us_in(cloud: Cloud) -> None:
    budget = there(cloud, (BUDGET, "web"))
    take_away(cloud, (ADMIN, "cluster-admin-deployer"))
    with refused("Unauthorized"):
        delete(cloud, budget)
    take_away(cloud, (CLUSTER, "cluster-eksCluster"))
    with refused("Unreachable"):
        delete(cloud, budget)


def test_who_only_looks_on_lets_no_deployer_in(cloud: Cloud) -> None:
    admin = there(cloud, (ADMIN, "cluster-admin-deployer"))
    admin.inputs = {**admin.inputs, "policyArn": "arn:aws:eks::aws:…/AmazonEKSViewPolicy"}
    with refused("Unauthorized"):
        delete(cloud, there(cloud, (BUDGET, "web")))


def test_a_principal_s_new_scope_comes_after_the_old_one_is_gone(
    cloud: Cloud, prod: Recording
) -> None:
    with refused("AlreadyExists"):
        again(cloud, prod, (ADMIN, "cluster-admin-deployer"))


def test_an_object_is_deleted_though_its_namespace_is_gone(cloud: Cloud) -> None:
    budget = there(cloud, (BUDGET, "web"))
    take_away(cloud, (SPACE, "web"))
    with refused("NotFound", "namespace web"):
        update(cloud, budget, **deepcopy(budget.inputs))
    delete(cloud, budget)


def test_only_new_clusters_and_agents_ask_for_their_log_groups(cloud: Cloud) -> None:
    names = [(LOGS, each.urn.rpartition("::")[2]) for each in cloud.of_type(LOGS)]
    take_away(cloud, *names)
    for name in ((CLUSTER, "cluster-eksCluster"), (ADD_ON, AGENTS)):
        thing = there(cloud, name)
        update(cloud, thing, **deepcopy(thing.inputs))
    delete(cloud, there(cloud, (ADD_ON, AGENTS)))


@pytest.mark.parametrize(
    ("type_", "key"), [(ROLE, "assumeRolePolicy"), (POLICY, "policy")]
)  # fmt: skip
def test_a_document_without_statements_is_refused(type_: str, key: str, cloud: Cloud) -> None:
    there_is = cloud.of_type(type_)[0]
    for document in ({}, {"Statement": []}):
        wrong = {**there_is.inputs, key: json.dumps(document)}
        with refused("MalformedPolicyDocument", key):
            cloud.create(type_, f"{there_is.urn}-again", wrong)
        with refused("MalformedPolicyDocument", key):
            update(cloud, there_is, **wrong)
    there_is.inputs = wrong
    for each in list(cloud.resources.values()):
        if each is not there_is:
            del cloud.resources[each.type, each.id]
    delete(cloud, there_is)  # whatever it is, it can go


def test_what_was_just_deleted_can_be_deleted_once_more(recording: Recording) -> None:
    cloud = build(cloud_for(recording), created_by(recording))
    unprotect(cloud)
    told: dict[str, str] = {}
    for thing in reversed(list(cloud.resources.values())):
        delete(cloud, thing)
        try:
            delete(cloud, thing)
        except (RefusedError, LookupError) as error:
            told[thing.type] = repr(error)
    assert told == {}, "an engine that was killed between the two would never get past it"
