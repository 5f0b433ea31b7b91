"""Constraints of AWS on all resources: uniqueness, protection, IAM roles, prerequisites.

Error codes: botocore's service models; for EC2, the messages that users report.
"""

from typing import cast

from tools.rehearsal.constraints.network import can_join, pod_subnets
from tools.rehearsal.constraints.policy_documents import statements_of
from tools.rehearsal.fake_cloud.cloud import (
    CLUSTER,
    NODE_GROUP,
    Constraint,
    FakeCloud,
    RefusedError,
)
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values

_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_ADD_ON = "aws:eks/addon:Addon"
_ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

_WITH_PUBLIC_ADDRESSES = ("aws:ec2/natGateway:NatGateway", "aws:lb/loadBalancer:LoadBalancer")

_UNIQUE = {
    "aws:ec2/natGateway:NatGateway": ("allocationId",),
    "aws:ec2/route:Route": ("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("subnetId",),
    _ASSOCIATION: (
        "clusterName", "namespace", "serviceAccount",
    ),
    "aws:lb/listener:Listener": ("loadBalancerArn", "port"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": ("resourceArn",),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        "securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "fromPort",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        "securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "cidrIpv6", "prefixListId",
        "fromPort",
    ),
}  # fmt: skip
"""Inputs whose combination only one resource of a type can have."""

PROTECTIONS = {
    "deletionProtection": "InvalidRequestException",
    "enableDeletionProtection": "OperationNotPermitted",
}
"""Inputs that protect a resource from deletion, with the error code of a refused deletion."""

_ROLE_INPUTS = ("nodeRoleArn", "roleArn", "iamRoleArn")
"""Inputs with the ARN of the role that a resource uses."""

_CHARTS_WITH_ROLES = {"aws-load-balancer-controller", "cluster-autoscaler"}
"""Charts whose pods call AWS and need a role."""

_ADD_ONS_BEFORE_NODES = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
"""Add-ons without which nodes do not become ready."""


def _unique(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "create" or type_ not in _UNIQUE:
        return
    keys = _UNIQUE[type_]
    values = [inputs.get(key) for key in keys]
    for other in cloud.of_type(type_):
        if values == [other.inputs.get(key) for key in keys]:
            raise RefusedError("AlreadyExists", f"{other.label} has the same {', '.join(keys)}")


def _protected(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    for key, code in PROTECTIONS.items():
        if verb == "delete" and inputs.get(key):
            raise RefusedError(code, f"deletion protection is on ({key})")


def _internet_gateway(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Resources with public addresses need an internet gateway until they are deleted.

    Not if all their subnets are in an existing VPC.
    """
    subnets = cast("list[str]", inputs.get("subnets") or [])
    if inputs.get("internal") or (subnets and cloud.external.issuperset(subnets)):
        return
    gateways = cloud.of_type(_INTERNET_GATEWAY)
    if verb == "create" and type_ in _WITH_PUBLIC_ADDRESSES and not gateways:
        raise RefusedError("Gateway.NotAttached", "the VPC has no internet gateway")
    if verb == "delete" and type_ == _INTERNET_GATEWAY:
        others = cloud.of_type(*_WITH_PUBLIC_ADDRESSES)
        for other in [each for each in others if not each.inputs.get("internal")]:
            raise RefusedError("DependencyViolation", f"{other.label} has a public address")


def _role_has_policy(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A resource that uses a role can work only after the role has a policy."""
    if verb != "create" or type_ not in (CLUSTER, NODE_GROUP, _ADD_ON, _RELEASE, _FLOW_LOG):
        return
    associations = cast("list[Values]", inputs.get("podIdentityAssociations") or [])
    if type_ == _RELEASE:
        associations = [
            each.inputs for each in cloud.of_type(_ASSOCIATION)
            if each.inputs["namespace"] == inputs["namespace"]
        ]  # fmt: skip
        if not associations and inputs["chart"] in _CHARTS_WITH_ROLES:
            raise RefusedError("NoCredentials", f"{inputs['name']} has no Pod Identity association")
    roles = {*map(inputs.get, _ROLE_INPUTS), *(each["roleArn"] for each in associations)}
    for role in cloud.of_type("aws:iam/role:Role"):
        if role.outputs["arn"] in roles and not policies_of(cloud, role):
            raise RefusedError("AccessDenied", f"{role.label} has no policy")


def policies_of(cloud: FakeCloud, role: CloudResource) -> list[CloudResource]:
    """Returns the attached and inline policies of a role."""
    types = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/rolePolicy:RolePolicy")
    return [each for each in cloud.of_type(*types) if each.inputs["role"] == role.outputs["name"]]


def _nodes_join(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Nodes join the cluster only with some add-ons and a route to the EKS API."""
    if verb != "create" or type_ != NODE_GROUP:
        return
    add_ons = {each.inputs["addonName"] for each in cloud.of_type(_ADD_ON)}
    missing = sorted(_ADD_ONS_BEFORE_NODES - add_ons)
    if missing:
        raise RefusedError(
            "NodeCreationFailure", f"nodes do not become ready without {', '.join(missing)}"
        )
    subnets = cast("list[str]", inputs["subnetIds"])
    for subnet in (*subnets, *pod_subnets(cloud, subnets)):
        if not can_join(cloud, subnet):
            raise RefusedError(
                "NodeCreationFailure",
                f"nodes cannot join: {subnet} has neither a route to the internet nor all VPC "
                "endpoints",
            )


def _log_group_exists(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """EKS and the CloudWatch agents create a missing log group themselves, without retention."""
    if verb != "create":
        return
    if type_ == CLUSTER:
        needed = {f"/aws/eks/{inputs['name']}/cluster"}
    elif inputs.get("addonName") == "amazon-cloudwatch-observability":
        prefix = f"/aws/containerinsights/{inputs['clusterName']}"
        needed = {
            f"{prefix}/{each}" for each in ("application", "dataplane", "host", "performance")
        }
    else:
        return
    missing = sorted(needed - {each.inputs["name"] for each in cloud.of_type(_LOG_GROUP)})
    if missing:
        raise RefusedError(
            "LogGroupWithoutRetention",
            f"{', '.join(missing)} does not exist, and would be created without retention",
        )


def _policy_document(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Policy documents are JSON with at least one statement."""
    if type_ == _LIFECYCLE_POLICY or verb == "delete":
        return
    for key in ("assumeRolePolicy", "policy"):
        if key in inputs and not statements_of(inputs[key]):
            raise RefusedError("MalformedPolicyDocument", f"{key} has no statement")


CONSTRAINTS: tuple[Constraint, ...] = (
    _unique, _protected, _internet_gateway, _role_has_policy, _nodes_join, _log_group_exists,
    _policy_document,
)  # fmt: skip
