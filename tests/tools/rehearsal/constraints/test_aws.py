"""Constraints of AWS on all resources."""

import json
from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import (
    Name,
    build,
    cloud_for,
    create_again,
    created_by,
    delete,
    disable_protection,
    find,
    inputs_of,
    recorded,
    refused,
    remove,
    update,
)
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import FakeCloud

INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
ACCESS_POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RELEASE = "kubernetes:helm.sh/v3:Release"

AUTOSCALER = "autoscaling-cluster-autoscaler"
AGENTS = "observability-amazon-cloudwatch-observability"
EBS_DRIVER = (ADD_ON, "storage-aws-ebs-csi-driver")
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
FIRST_GROUP = (NODE_GROUP, f"nodes-general-{ZONES[0]}")


def without_retention(*groups: str) -> tuple[str, str]:
    text = f"{', '.join(groups)} does not exist, and would be created without retention"
    return "LogGroupWithoutRetention", text


NO_ROUTE = (
    "NodeCreationFailure",
    "nodes cannot join: {subnet} has neither a route to the internet nor all VPC endpoints",
)
NO_GATEWAY = ("Gateway.NotAttached", "the VPC has no internet gateway")

CASES: dict[str, tuple[tuple[Name, ...], Name, tuple[str, str]]] = {
    "a NAT gateway without the internet gateway": (
        ((INTERNET_GATEWAY, "network-internet"),),
        (NAT_GATEWAY, "network-nat-us-east-1a"),
        NO_GATEWAY,
    ),
    "a load balancer without the internet gateway": (
        ((INTERNET_GATEWAY, "network-internet"),),
        (LOAD_BALANCER, "lb"),
        NO_GATEWAY,
    ),
    "a cluster without the policy of its role": (
        ((ATTACHMENT, "cluster-role-policy"),),
        (CLUSTER, "cluster-eksCluster"),
        ("AccessDenied", "Role cluster-role has no policy"),
    ),
    "nodes without the policies of their role": (
        tuple((ATTACHMENT, f"nodes-role-{each}") for each in ("worker", "pull", "ssm")),
        FIRST_GROUP,
        ("AccessDenied", "Role nodes-role has no policy"),
    ),
    "an add-on without the policy of its role": (
        ((ATTACHMENT, "node-add-ons-vpc-cni"),),
        (ADD_ON, "node-add-ons-vpc-cni"),
        ("AccessDenied", "Role node-add-ons-vpc-cni has no policy"),
    ),
    "the EBS driver without the policy of its role": (
        ((ATTACHMENT, "storage-aws-ebs-csi-driver"),),
        EBS_DRIVER,
        ("AccessDenied", "Role storage-aws-ebs-csi-driver has no policy"),
    ),
    "a controller without the policy of its role": (
        ((ROLE_POLICY, AUTOSCALER),),
        (RELEASE, AUTOSCALER),
        ("AccessDenied", f"Role {AUTOSCALER} has no policy"),
    ),
    "a controller without its Pod Identity association": (
        ((POD_IDENTITY, AUTOSCALER),),
        (RELEASE, AUTOSCALER),
        ("NoCredentials", "cluster-autoscaler has no Pod Identity association"),
    ),
    **{
        f"nodes without the add-on {add_on}": (
            ((ADD_ON, f"node-add-ons-{add_on}"),),
            FIRST_GROUP,
            ("NodeCreationFailure", f"nodes do not become ready without {add_on}"),
        )
        for add_on in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
    },
    "nodes without a default route": (
        ((ROUTE, "network-private-us-east-1a-egress"),), FIRST_GROUP, NO_ROUTE,
    ),
    "nodes whose subnet has no route table": (
        ((ROUTE_TABLE_ASSOCIATION, "network-private-us-east-1a"),), FIRST_GROUP, NO_ROUTE,
    ),
    "nodes without the NAT gateway": (
        ((NAT_GATEWAY, "network-nat-us-east-1a"),), FIRST_GROUP, NO_ROUTE,
    ),
    "nodes whose NAT gateway has no default route": (
        ((ROUTE, "network-public-internet"),), FIRST_GROUP, NO_ROUTE,
    ),
    "nodes whose NAT gateway is in a subnet without a route table": (
        ((ROUTE_TABLE_ASSOCIATION, "network-public-us-east-1a"),), FIRST_GROUP, NO_ROUTE,
    ),
    "a cluster without its log group": (
        ((LOG_GROUP, "cluster-logs"),),
        (CLUSTER, "cluster-eksCluster"),
        without_retention("/aws/eks/prod/cluster"),
    ),
    **{
        f"the agents without the log group {kind}": (
            ((LOG_GROUP, f"observability-{kind}"),),
            (ADD_ON, AGENTS),
            without_retention(f"/aws/containerinsights/prod/{kind}"),
        )
        for kind in ("application", "dataplane", "host", "performance")
    },
}  # fmt: skip
"""Resources that are missing, the resource that is created too early, and the error."""

TARGETS = sorted({target for _, target, _ in CASES.values()})


@pytest.mark.parametrize("case", CASES)
def test_a_resource_that_is_created_too_early_is_refused(
    case: str, cloud: FakeCloud, prod: Recording
) -> None:
    missing, target, (code, message) = CASES[case]
    subnet = find(cloud, (SUBNET, f"network-private-{ZONES[0]}")).id
    remove(cloud, target, *missing)
    before = set(cloud.resources)
    with refused(code, message.format(subnet=subnet)):
        create_again(cloud, prod, target)
    assert set(cloud.resources) == before, "the refused resource exists"


@pytest.mark.parametrize("target", TARGETS, ids=" ".join)
def test_a_resource_with_all_prerequisites_is_created(
    target: Name, cloud: FakeCloud, prod: Recording
) -> None:
    remove(cloud, target)
    resource = create_again(cloud, prod, target)
    assert cloud.resources[resource.type, resource.id] is resource


# Uniqueness.


UNIQUE: dict[Name, tuple[str, ...]] = {
    (LISTENER, "lb-https"): ("loadBalancerArn", "port"),
    (NAT_GATEWAY, "network-nat-us-east-1a"): ("allocationId",),
    (ROUTE, "network-private-us-east-1a-egress"): (
        "routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock",
    ),
    (ROUTE_TABLE_ASSOCIATION, "network-private-us-east-1a"): ("subnetId",),
    (POD_IDENTITY, AUTOSCALER): ("clusterName", "namespace", "serviceAccount"),
    (EGRESS_RULE, "lb-to-pods-9898"): (
        "securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "fromPort",
    ),
    (INGRESS_RULE, "lb-into-pods-9898"): (
        "securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "cidrIpv6", "prefixListId",
        "fromPort",
    ),
}  # fmt: skip
"""Resources, and the inputs whose combination must be unique."""


@pytest.mark.parametrize("name", UNIQUE, ids=" ".join)
def test_a_second_resource_with_the_same_unique_inputs_is_refused(
    name: Name, cloud: FakeCloud
) -> None:
    resource = find(cloud, name)
    changed = {**deepcopy(resource.inputs), "description": "another"}
    message = f"{resource.label} has the same {', '.join(UNIQUE[name])}"
    with refused("AlreadyExists", message):
        cloud.create(resource.type, f"{resource.urn}-again", changed)
    update(cloud, resource, **changed)  # an update does not conflict with the resource itself


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in UNIQUE for key in UNIQUE[name]])
def test_a_second_resource_is_accepted_if_one_unique_input_differs(
    name: Name, key: str, cloud: FakeCloud
) -> None:
    resource = find(cloud, name)
    cloud.external |= {"another"}
    changed = {**deepcopy(resource.inputs), key: "another"}
    cloud.create(resource.type, f"{resource.urn}-again", changed)


def test_an_access_policy_association_is_created_only_after_the_old_one_is_deleted(
    cloud: FakeCloud, prod: Recording
) -> None:
    name = (ACCESS_POLICY, "cluster-access-123456789012-role/deployer")
    resource = find(cloud, name)
    message = f"{resource.id} is already in use by {resource.label}"
    with refused("AlreadyExists", message):
        create_again(cloud, prod, name)


# Protection.


@pytest.mark.parametrize(
    ("name", "code", "key"),
    [
        ((CLUSTER, "cluster-eksCluster"), "InvalidRequestException", "deletionProtection"),
        ((LOAD_BALANCER, "lb"), "OperationNotPermitted", "enableDeletionProtection"),
    ],
)
def test_a_protected_resource_is_deleted_only_after_its_protection_is_off(
    name: Name, code: str, key: str, prod: Recording
) -> None:
    cloud, resources = cloud_for(prod), created_by(prod)
    last = next(number for number, each in enumerate(resources) if (each.type, each.name) == name)
    build(cloud, resources[: last + 1])
    resource = find(cloud, name)
    with refused(code, f"deletion protection is on ({key})"):
        delete(cloud, resource)
    disable_protection(cloud)
    delete(cloud, resource)
    assert resource.id not in {each.id for each in cloud.resources.values()}


# Nodes.


def test_nodes_in_a_public_subnet_can_join(cloud: FakeCloud, prod: Recording) -> None:
    public = find(cloud, (SUBNET, "network-public-us-east-1b")).id
    remove(cloud, FIRST_GROUP, *((NAT_GATEWAY, f"network-nat-{zone}") for zone in ZONES))
    create_again(cloud, prod, FIRST_GROUP, subnetIds=[public])


def test_every_subnet_of_a_node_group_needs_a_route_to_the_internet(
    cloud: FakeCloud, prod: Recording
) -> None:
    first, second = (find(cloud, (SUBNET, f"network-private-{zone}")).id for zone in ZONES[:2])
    remove(cloud, FIRST_GROUP, (ROUTE, f"network-private-{ZONES[1]}-egress"))
    with refused(NO_ROUTE[0], NO_ROUTE[1].format(subnet=second)):
        create_again(cloud, prod, FIRST_GROUP, subnetIds=[first, second])


# Internet gateway.


def test_the_internet_gateway_is_deleted_after_all_resources_with_public_addresses(
    cloud: FakeCloud,
) -> None:
    disable_protection(cloud)
    gateway = find(cloud, (INTERNET_GATEWAY, "network-internet"))
    remove(cloud, (ROUTE, "network-public-internet"))  # it refers to the gateway by its ID
    public = cloud.of_type(NAT_GATEWAY, LOAD_BALANCER)
    assert len(public) == 4
    for each in public:
        with refused("DependencyViolation", f"{each.label} has a public address"):
            delete(cloud, gateway)
        del cloud.resources[each.type, each.id]
    delete(cloud, gateway)


# Log groups and policy documents.


def test_updates_and_deletions_of_cluster_and_agents_need_no_log_group(cloud: FakeCloud) -> None:
    remove(cloud, *((LOG_GROUP, each.name) for each in cloud.of_type(LOG_GROUP)))
    for name in ((CLUSTER, "cluster-eksCluster"), (ADD_ON, AGENTS)):
        resource = find(cloud, name)
        update(cloud, resource, **deepcopy(resource.inputs))
    delete(cloud, find(cloud, (ADD_ON, AGENTS)))


@pytest.mark.parametrize(("type_", "key"), [(ROLE, "assumeRolePolicy"), (ROLE_POLICY, "policy")])
def test_a_policy_document_without_a_statement_is_refused(
    type_: str, key: str, cloud: FakeCloud, prod: Recording
) -> None:
    resource = cloud.of_type(type_)[0]
    inputs = inputs_of(recorded(prod, (type_, resource.name)))
    documents: list[dict[str, list[str]]] = [{}, {"Statement": []}]
    for document in documents:
        inputs[key] = json.dumps(document)
        with refused("MalformedPolicyDocument", f"{key} has no statement"):
            cloud.create(type_, f"{resource.urn}-again", inputs)
        with refused("MalformedPolicyDocument", f"{key} has no statement"):
            update(cloud, resource, **inputs)
    resource.inputs = inputs
    for each in list(cloud.resources.values()):
        if each is not resource:
            del cloud.resources[each.type, each.id]
    delete(cloud, resource)  # a deletion does not read the document
