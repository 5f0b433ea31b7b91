"""What AWS and Kubernetes refuse of the parts of a cell, and of their order.

Error codes: botocore's service models, and for EC2 the messages that users report.
"""

import fnmatch
import json
from collections.abc import Mapping
from typing import cast

from tools.rehearsal.constraints.network import joins, pod_subnets
from tools.rehearsal.fake_cloud.cloud import (
    CLUSTER,
    GROUP,
    Cloud,
    CloudResource,
    Constraint,
    RefusedError,
    Values,
    namespace_of,
)

_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_ADD_ON = "aws:eks/addon:Addon"
_ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
_SPACE = "kubernetes:core/v1:Namespace"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
_BINDER = "aws-load-balancer-controller"
_GATE = "elbv2.k8s.aws/pod-readiness-gate-inject"

_ONCE = {
    "aws:ec2/natGateway:NatGateway": ("allocationId",),
    "aws:ec2/route:Route": ("routeTableId", "destinationCidrBlock"),
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
        "securityGroupId", "referencedSecurityGroupId", "cidrIpv4", "fromPort",
    ),
}  # fmt: skip
"""Inputs that together may stand on one resource of a type only."""

PROTECTIONS = {
    "deletionProtection": "InvalidRequestException",
    "enableDeletionProtection": "OperationNotPermitted",
}
"""Inputs that protect a resource from deletion, with the code that says so."""

_ROLES = ("nodeRoleArn", "roleArn", "iamRoleArn")
"""Inputs that are the ARN of a role to work with."""

_CALL_AWS = {"aws-load-balancer-controller", "cluster-autoscaler"}
"""Charts whose pods do nothing without a role."""

_NEEDED_TO_JOIN = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
_ON_EVERY_NODE = _NEEDED_TO_JOIN | {"eks-node-monitoring-agent"}
"""Add-ons of daemon sets only, which are active without a node."""


def _taken_once(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "create" or type_ not in _ONCE:
        return
    own = [inputs.get(key) for key in _ONCE[type_]]
    for other in cloud.of_type(type_):
        if own == [other.inputs.get(key) for key in _ONCE[type_]]:
            raise RefusedError("AlreadyExists", f"{other.urn} has {', '.join(map(str, own))}")


def _protected(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    for key, code in PROTECTIONS.items():
        if verb == "delete" and inputs.get(key):
            raise RefusedError(code, "deletion protection is on")


def _public_addresses(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    public = ("aws:ec2/natGateway:NatGateway", "aws:lb/loadBalancer:LoadBalancer")
    gateways = cloud.of_type("aws:ec2/internetGateway:InternetGateway")
    subnets = cast("list[str]", inputs.get("subnets") or [])
    if subnets and cloud.outside.issuperset(subnets):
        return
    if verb == "create" and type_ in public and not gateways:
        raise RefusedError("Gateway.NotAttached", "the VPC has no internet gateway")
    if verb == "delete" and type_ == "aws:ec2/internetGateway:InternetGateway":
        for other in cloud.of_type(*public):
            raise RefusedError("DependencyViolation", f"mapped public addresses: {other.urn}")


def _roles_can(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """Whoever begins to work with a role may do something by then."""
    if verb != "create" or type_ not in (CLUSTER, GROUP, _ADD_ON, _RELEASE, _FLOW_LOG):
        return
    identities = cast("list[Values]", inputs.get("podIdentityAssociations") or [])
    if type_ == _RELEASE:
        identities = [
            each.inputs for each in cloud.of_type(_ASSOCIATION)
            if each.inputs["namespace"] == inputs["namespace"]
        ]  # fmt: skip
        if not identities and inputs["chart"] in _CALL_AWS:
            raise RefusedError("NoCredentials", f"{inputs['name']} has no Pod Identity yet")
    given = {*map(inputs.get, _ROLES), *(each["roleArn"] for each in identities)}
    for role in cloud.of_type("aws:iam/role:Role"):
        if role.outputs["arn"] in given and not _policies(cloud, role):
            raise RefusedError("AccessDenied", f"{role.urn} has no policy")


def _policies(cloud: Cloud, role: CloudResource) -> list[CloudResource]:
    kinds = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/rolePolicy:RolePolicy")
    return [each for each in cloud.of_type(*kinds) if each.inputs["role"] == role.outputs["name"]]


def _nodes_join(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "create" or type_ != GROUP:
        return
    missing = _NEEDED_TO_JOIN - {each.inputs["addonName"] for each in cloud.of_type(_ADD_ON)}
    if missing:
        raise RefusedError("NodeCreationFailure", f"not ready without {', '.join(sorted(missing))}")
    subnets = cast("list[str]", inputs["subnetIds"])
    for subnet in (*subnets, *pod_subnets(cloud, subnets)):
        if not joins(cloud, subnet):
            raise RefusedError(
                "NodeCreationFailure", f"{subnet}: no way out, and nodes cannot join"
            )


def _cluster_answers(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if not type_.startswith("kubernetes:"):
        return
    entries = cloud.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    admins = [each for each in entries if each.inputs["policyArn"].endswith("ClusterAdminPolicy")]
    if not cloud.of_type(CLUSTER):
        raise RefusedError("Unreachable", "the cluster does not answer")
    if not admins:
        raise RefusedError("Unauthorized", "the server has asked for the client to log in")
    space = namespace_of(inputs)
    if verb != "delete" and space and space not in _names(cloud, _SPACE):
        raise RefusedError("NotFound", f"namespace {space} does not exist")


def _names(cloud: Cloud, type_: str, space: str | None = None) -> set[str]:
    """Names of the objects of a type, in a namespace."""
    return {
        each.inputs["metadata"]["name"]
        for each in cloud.of_type(type_)
        if namespace_of(each.inputs) == space
    }


def _pods_run(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """What waits for pods fails unless a node lets them on."""
    if verb == "delete":
        return
    if type_ == _RELEASE or (type_ == _ADD_ON and inputs["addonName"] not in _ON_EVERY_NODE):
        _schedule(cloud, {})
        return
    waits = inputs.get("metadata", {}).get("annotations", {}).get("pulumi.com/skipAwait") != "true"
    space = namespace_of(inputs)
    if type_ == "kubernetes:core/v1:Service" and waits and not _names(cloud, _DEPLOYMENT, space):
        raise RefusedError("Timeout", "no pod is behind the Service")
    if type_ != _DEPLOYMENT:
        return
    pod = inputs["spec"]["template"]["spec"]
    for kind, name, where in (
        ("core/v1:ServiceAccount", pod.get("serviceAccountName"), space),
        ("scheduling.k8s.io/v1:PriorityClass", pod.get("priorityClassName"), None),
    ):
        if name and name not in _names(cloud, f"kubernetes:{kind}", where):
            raise RefusedError("Forbidden", f"there is no {kind} {name}")
    if waits:
        _schedule(cloud, pod)


def _schedule(cloud: Cloud, pod: Values) -> None:
    """A node for a pod, or a refusal."""
    wanted: Mapping[str, str] = pod.get("nodeSelector") or {}
    tolerated = {each["key"] for each in cast("list[Values]", pod.get("tolerations") or [])}
    for group in cloud.of_type(GROUP):
        labels: Values = group.inputs.get("labels") or {}
        own = {key: value for key, value in wanted.items() if key != "topology.kubernetes.io/zone"}
        taints = cast("list[Values]", group.inputs.get("taints") or [])
        repels = {each["key"] for each in taints if each["effect"] != "PREFER_NO_SCHEDULE"}
        if own.items() <= labels.items() and repels <= tolerated:
            return
    raise RefusedError("Timeout", "the pods are pending: no node lets them on")


def _gates(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """The load balancer controller: bindings need it alive, and so do pods in its namespaces."""
    space = namespace_of(inputs)
    gated = [
        each.inputs["metadata"]["name"]
        for each in cloud.of_type(_SPACE)
        if _GATE in each.inputs["metadata"].get("labels", {})
    ]
    if type_ == _BINDING and not controller_lives(cloud, _BINDER):
        raise RefusedError("Timeout", "the binding's webhook and finalizer need the controller")
    if type_ == _BINDING and not _may_register(cloud, inputs["spec"]["targetGroupARN"]):
        raise RefusedError("AccessDenied", "the controller may not register in the target group")
    services = _names(cloud, "kubernetes:core/v1:Service", space)
    if type_ == _BINDING and verb == "create" and inputs["metadata"]["name"] not in services:
        raise RefusedError("NotFound", "the binding's Service does not exist")
    if type_ == _DEPLOYMENT and space in gated and verb != "delete":
        if not controller_lives(cloud, _BINDER):
            raise RefusedError("Forbidden", "the pods' webhook fails closed and does not answer")
        if space not in {namespace_of(each.inputs) for each in cloud.of_type(_BINDING)}:
            raise RefusedError("NoReadinessGate", f"pods of {space} come up before their binding")


def _may_register(cloud: Cloud, target_group: str) -> bool:
    """Whether some policy lets pods be registered in a target group, and deregistered."""
    wanted = {f"elasticloadbalancing:{verb}Targets" for verb in ("Register", "Deregister")}
    for each in cloud.of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(each.inputs["policy"])["Statement"]:
            resource = statement["Resource"]
            resources = cast("list[str]", resource if isinstance(resource, list) else [resource])
            if wanted <= set(statement["Action"]) and any(
                fnmatch.fnmatchcase(target_group, pattern) for pattern in resources
            ):
                return True
    return False


def controller_lives(cloud: Cloud, name: str) -> bool:
    """Whether a controller runs, on a node, with its role."""
    runs = [each for each in cloud.of_type(_RELEASE) if each.inputs["chart"] == name]
    associations = cloud.of_type(_ASSOCIATION)
    roles = {each.inputs["roleArn"] for each in associations if each.inputs["namespace"] == name}
    able = [
        role
        for role in cloud.of_type("aws:iam/role:Role")
        if role.outputs["arn"] in roles and _policies(cloud, role)
    ]
    return bool(runs and able and cloud.of_type(GROUP))


def _logs_are_ours(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """Whoever finds no log group makes its own, kept for ever."""
    if verb != "create":
        return
    if type_ == CLUSTER:
        wanted = {f"/aws/eks/{inputs['name']}/cluster"}
    elif inputs.get("addonName") == "amazon-cloudwatch-observability":
        base = f"/aws/containerinsights/{inputs['clusterName']}"
        wanted = {f"{base}/{each}" for each in ("application", "dataplane", "host", "performance")}
    else:
        return
    there = {each.inputs["name"] for each in cloud.of_type("aws:cloudwatch/logGroup:LogGroup")}
    if wanted - there:
        raise RefusedError("LogGroupNotOurs", f"{', '.join(sorted(wanted - there))} is not there")


def _documents(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """IAM documents are JSON with statements."""
    if type_ == _LIFECYCLE:
        return
    for key in ("assumeRolePolicy", "policy"):
        if key in inputs and verb != "delete" and not json.loads(inputs[key]).get("Statement"):
            raise RefusedError("MalformedPolicyDocument", key)


CONSTRAINTS: tuple[Constraint, ...] = (
    _taken_once, _protected, _public_addresses, _roles_can, _nodes_join, _cluster_answers,
    _pods_run, _gates, _logs_are_ours, _documents,
)  # fmt: skip
"""Those of the cell as a whole."""
