"""HA8: rules about the control plane."""

from collections.abc import Iterator
from typing import Any

from tools.recording import Resource
from tools.rules.resources import Resources, subject_of
from tools.rules.rule import Evidence, Rule

_CLUSTER = "aws:eks/cluster:Cluster"
_AUDIT = "audit"
_ANYWHERE = {"0.0.0.0/0", "::/0"}


def _section(cluster: Resource, key: str) -> dict[str, Any]:  # Any: JSON
    return cluster.inputs.get(key) or {}


def _no_audit_log(resources: Resources) -> Iterator[Evidence]:
    for cluster in resources.of_type(_CLUSTER):
        if _AUDIT not in (cluster.inputs.get("enabledClusterLogTypes") or []):
            yield Evidence(
                resource=subject_of(cluster),
                field="enabledClusterLogTypes",
                text="no audit log is kept, so that after an outage no record shows who deleted or "
                "changed an object, and EKS finds no deprecated API before an upgrade; add audit",
            )


NO_AUDIT_LOG = Rule(
    id="HA805",
    claim="The control plane keeps an audit log.",
    why="The audit log is the only record of changes by clients of the Kubernetes API. "
    "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
    not_flagged=("other log types that are missing",),
    severity="warning",
    setting="cluster.logTypes",
    find=_no_audit_log,
)


def _open_api(resources: Resources) -> Iterator[Evidence]:
    for cluster in resources.of_type(_CLUSTER):
        network = _section(cluster, "vpcConfig")
        cidrs = network.get("publicAccessCidrs") or ["0.0.0.0/0"]
        if network.get("endpointPublicAccess", True) and _ANYWHERE & {*cidrs}:
            yield Evidence(
                resource=subject_of(cluster),
                field="vpcConfig.publicAccessCidrs",
                text="every address on the internet reaches the Kubernetes API; write the networks "
                "of the operators, or endpointPublicAccess: false",
            )


OPEN_API = Rule(
    id="HA806",
    claim="Only chosen networks reach the public endpoint of the Kubernetes API.",
    why="Attacks on an open endpoint need only one leaked credential or one flaw of the API "
    "server. https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
    not_flagged=("a public endpoint for chosen networks", "a private endpoint"),
    severity="caution",
    setting="cluster.publicAccessCidrs",
    find=_open_api,
)


def _only_public_api(resources: Resources) -> Iterator[Evidence]:
    for cluster in resources.of_type(_CLUSTER):
        if _section(cluster, "vpcConfig").get("endpointPrivateAccess", False) is False:
            yield Evidence(
                resource=subject_of(cluster),
                field="vpcConfig.endpointPrivateAccess",
                text="nodes reach the control plane through NAT gateways and the internet, so that "
                "a failed NAT gateway makes the nodes of its zone NotReady; write true",
            )


ONLY_PUBLIC_API = Rule(
    id="HA807",
    claim="Nodes reach the Kubernetes API inside the VPC.",
    why="Without a private endpoint, requests of nodes leave the VPC, and depend on more parts "
    "that can fail. "
    "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
    not_flagged=("a private endpoint beside a public one",),
    severity="warning",
    setting="The program always creates the private endpoint.",
    find=_only_public_api,
)

RULES = (NO_AUDIT_LOG, OPEN_API, ONLY_PUBLIC_API)
