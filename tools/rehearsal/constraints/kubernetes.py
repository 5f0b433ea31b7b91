"""Constraints of Kubernetes on all objects: access, namespaces, scheduling, target group bindings.

A Kubernetes API that cannot be reached, missing access and missing prerequisites end in the errors
that kubectl and the Pulumi provider report.
"""

from collections.abc import Mapping
from typing import cast

from core.facts.versions.add_ons import SECRETS_DRIVER
from core.labels import ZONE
from tools.rehearsal.constraints.aws import policies_of
from tools.rehearsal.constraints.policy_documents import covers, statements_of
from tools.rehearsal.fake_cloud.cloud import (
    CLUSTER,
    JOB,
    NODE_GROUP,
    Constraint,
    FakeCloud,
    RefusedError,
)
from tools.rehearsal.fake_cloud.references import Values, namespace_of

_ADD_ON = "aws:eks/addon:Addon"
_ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_NAMESPACE = "kubernetes:core/v1:Namespace"
_SERVICE = "kubernetes:core/v1:Service"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
_CONTROLLER = "aws-load-balancer-controller"
_READINESS_GATE_LABEL = "elbv2.k8s.aws/pod-readiness-gate-inject"

_WORKLOADS = ("kubernetes:apps/", "kubernetes:batch/")
"""Types that an editor may change."""

_DAEMON_SET_ADD_ONS = {
    "vpc-cni", "kube-proxy", "eks-pod-identity-agent", "eks-node-monitoring-agent", SECRETS_DRIVER,
}  # fmt: skip
"""Add-ons with only DaemonSets, which become active without any node."""


def _api_access(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Kubernetes objects need the cluster, access of the caller, and their namespace.

    An editor changes workloads in the namespaces of its access entry:
    https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
    """
    if not type_.startswith("kubernetes:"):
        return
    entries = cloud.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    admins = {
        each.inputs["principalArn"]
        for each in entries
        if each.inputs["policyArn"].endswith("ClusterAdminPolicy")
    }
    if not cloud.of_type(CLUSTER):
        raise RefusedError("Unreachable", "the Kubernetes API does not answer")
    caller, namespace = cloud.made_up_outputs.caller, namespace_of(inputs)
    edits = type_.startswith(_WORKLOADS) and any(
        each.inputs["principalArn"] == caller
        and each.inputs["policyArn"].endswith("EKSEditPolicy")
        and namespace in each.inputs["accessScope"].get("namespaces", ())
        for each in entries
    )
    if caller not in admins and not edits:
        raise RefusedError("Unauthorized", f"{caller} is no cluster administrator")
    if verb != "delete" and namespace and namespace not in _names(cloud, _NAMESPACE):
        raise RefusedError("NotFound", f"namespace {namespace} does not exist")


def _names(cloud: FakeCloud, type_: str, namespace: str | None = None) -> set[str]:
    """Returns the names of the objects of a type in a namespace."""
    return {
        each.inputs["metadata"]["name"]
        for each in cloud.of_type(type_)
        if namespace_of(each.inputs) == namespace
    }


def _pods_are_scheduled(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Resources for whose pods Pulumi or EKS waits need nodes that accept the pods."""
    if verb == "delete":
        return
    if type_ == _RELEASE or (type_ == _ADD_ON and inputs["addonName"] not in _DAEMON_SET_ADD_ONS):
        _schedule(cloud, {})
        return
    waits = inputs.get("metadata", {}).get("annotations", {}).get("pulumi.com/skipAwait") != "true"
    namespace = namespace_of(inputs)
    if type_ == _SERVICE and waits and not _names(cloud, _DEPLOYMENT, namespace):
        raise RefusedError("Timeout", f"the Service has no pod in namespace {namespace}")
    if type_ not in (_DEPLOYMENT, JOB):
        return
    pod = inputs["spec"]["template"]["spec"]
    for kind, name, where in (
        ("core/v1:ServiceAccount", pod.get("serviceAccountName"), namespace),
        ("scheduling.k8s.io/v1:PriorityClass", pod.get("priorityClassName"), None),
    ):
        if name and name not in _names(cloud, f"kubernetes:{kind}", where):
            raise RefusedError("Forbidden", f"{kind.partition(':')[2]} {name} does not exist")
    if waits:
        _schedule(cloud, pod)


def _schedule(cloud: FakeCloud, pod: Values) -> None:
    """Raises RefusedError unless the nodes of a node group accept a pod."""
    selector: Mapping[str, str] = pod.get("nodeSelector") or {}
    selected = {key: value for key, value in selector.items() if key != ZONE}
    tolerated = {each["key"] for each in cast("list[Values]", pod.get("tolerations") or [])}
    for group in cloud.of_type(NODE_GROUP):
        labels: Values = group.inputs.get("labels") or {}
        taints = cast("list[Values]", group.inputs.get("taints") or [])
        repelling = {each["key"] for each in taints if each["effect"] != "PREFER_NO_SCHEDULE"}
        if selected.items() <= labels.items() and repelling <= tolerated:
            return
    raise RefusedError("Timeout", "the pods stay pending: no node accepts them")


def _target_group_binding(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A TargetGroupBinding needs the running load balancer controller until it is deleted.

    The controller needs permission to register targets. A new binding needs its Service.
    """
    if type_ != _BINDING:
        return
    if not controller_runs(cloud, _CONTROLLER):
        raise RefusedError(
            "Timeout", "the webhook and the finalizer of the TargetGroupBinding need the controller"
        )
    target_group = inputs["spec"]["targetGroupARN"]
    if not _can_register(cloud, target_group):
        raise RefusedError(
            "AccessDenied", f"no IAM policy allows to register targets in {target_group}"
        )
    name, namespace = inputs["metadata"]["name"], namespace_of(inputs)
    for other in cloud.of_type(_BINDING) if verb != "delete" else ():
        same = (other.inputs["metadata"]["name"], namespace_of(other.inputs)) == (name, namespace)
        if same and other.inputs["spec"]["targetGroupARN"] != target_group:
            raise RefusedError("Forbidden", "update may not change spec.targetGroupARN")
    service = inputs["spec"]["serviceRef"]["name"]
    if verb == "create" and service not in _names(cloud, _SERVICE, namespace):
        raise RefusedError(
            "NotFound", f"Service {service} of the TargetGroupBinding does not exist"
        )


def _readiness_gate(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Pods in a namespace with readiness gates need the controller and a TargetGroupBinding."""
    namespace = namespace_of(inputs)
    gated = [
        each.inputs["metadata"]["name"]
        for each in cloud.of_type(_NAMESPACE)
        if _READINESS_GATE_LABEL in each.inputs["metadata"].get("labels", {})
    ]
    if type_ != _DEPLOYMENT or namespace not in gated or verb == "delete":
        return
    if not controller_runs(cloud, _CONTROLLER):
        raise RefusedError("Forbidden", "the webhook for pods fails closed without the controller")
    if namespace not in {namespace_of(each.inputs) for each in cloud.of_type(_BINDING)}:
        raise RefusedError(
            "NoReadinessGate",
            f"pods in namespace {namespace} would start before their TargetGroupBinding",
        )


def _can_register(cloud: FakeCloud, target_group: str) -> bool:
    """True if an IAM policy allows to register and deregister targets in a target group."""
    actions = {f"elasticloadbalancing:{verb}Targets" for verb in ("Register", "Deregister")}
    return any(
        actions <= set(statement["Action"]) and covers(statement, target_group)
        for policy in cloud.of_type("aws:iam/rolePolicy:RolePolicy")
        for statement in statements_of(policy.inputs["policy"])
    )


def controller_runs(cloud: FakeCloud, chart: str) -> bool:
    """True if the release of a controller, its role with a policy, and nodes exist."""
    releases = [each for each in cloud.of_type(_RELEASE) if each.inputs["chart"] == chart]
    associations = cloud.of_type(_ASSOCIATION)
    arns = {each.inputs["roleArn"] for each in associations if each.inputs["namespace"] == chart}
    roles = [
        role
        for role in cloud.of_type("aws:iam/role:Role")
        if role.outputs["arn"] in arns and policies_of(cloud, role)
    ]
    return bool(releases and roles and cloud.of_type(NODE_GROUP))


CONSTRAINTS: tuple[Constraint, ...] = (
    _api_access, _pods_are_scheduled, _target_group_binding, _readiness_gate,
)  # fmt: skip
