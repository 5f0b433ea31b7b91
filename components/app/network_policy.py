"""The NetworkPolicy of an app: only connections that the stack file names are allowed.

Kubernetes always allows connections from the kubelet to the pods of its node, so probes work, and
replies of allowed connections. Rules between pods name ports, because a rolling update can change
port numbers: each version is then reached on its own port. The network policy controller adds the
address of a Service to the rule if the Service has the same label selector as the rule.
https://github.com/aws/amazon-network-policy-controller-k8s/blob/v1.1.7/pkg/resolvers/endpoints.go
docs/decisions/0031-each-app-has-one-network-policy-with-named-ports.md
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, networking

from components.observability.agents import AGENT_LABELS, AGENT_NAMESPACE, AGENT_PORTS
from core.labels import NAME, NAMESPACE_NAME
from settings.workload.deployed import Deployed
from settings.workload.replicated import Replicated
from settings.workload.served import Served
from settings.workload.workload import Workload

_V1 = networking.v1

_POD_IDENTITY_AGENT = "169.254.170.23/32"
"""Address of the EKS Pod Identity agent, on port 80 of every node.
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html"""

_API_SERVICES = ("10.100.0.1/32", "172.20.0.1/32")
"""Address of the Kubernetes API's Service, in the two Service CIDRs from which EKS chooses.
https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html"""

_HTTPS, _HTTP, _DNS = 443, 80, 53


@dataclass(frozen=True, kw_only=True)
class NetworkPolicyArgs:
    """Connections of an app."""

    app: Workload
    """The workload in the stack file."""
    callers: Mapping[str, Sequence[str]]
    """Workloads that connect to this app, each with the values of the label NAME of its pods."""
    callees: Mapping[str, Sequence[str]]
    """Names of the apps that this app connects to, each with the names of its ports."""
    load_balancer_cidrs: Sequence[str]
    """CIDRs of the load balancers that expose the app."""
    control_plane_cidrs: Sequence[str]
    """CIDRs of the Kubernetes API and of the Prometheus scraper."""
    scraped: bool
    """True if the cell has a Prometheus scraper."""


def network_policy(
    name: str,
    args: NetworkPolicyArgs,
    metadata: meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> networking.v1.NetworkPolicy:
    """Creates the policy of all pods in the namespace of the app `name`."""
    return _V1.NetworkPolicy(
        name,
        metadata=metadata,
        spec=_V1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(),
            policy_types=["Ingress", "Egress"],
            ingress=[*_ingress(name, args)],
            egress=[*_egress(name, args)],
        ),
        opts=opts,
    )


def _ingress(
    name: str, args: NetworkPolicyArgs
) -> Iterator[networking.v1.NetworkPolicyIngressRuleArgs]:
    app = args.app
    if isinstance(app, Served) and app.expose:
        names = app.balanced_ports
        ports = [each for name in names for each in _port_by_name_and_number(app, name)]
        yield _V1.NetworkPolicyIngressRuleArgs(from_=_cidrs(args.load_balancer_cidrs), ports=ports)
    if not isinstance(app, Deployed):
        return
    if app.metrics and args.scraped:
        yield _V1.NetworkPolicyIngressRuleArgs(
            from_=_cidrs(args.control_plane_cidrs),
            ports=_port_by_name_and_number(app, app.metrics.port),
        )
    peers = app.peers if isinstance(app, Replicated) else None
    if peers:
        yield _V1.NetworkPolicyIngressRuleArgs(
            from_=[_pods(name, {NAME: name})], ports=_ports(peers.ports)
        )
    if args.callers:
        callers = [
            _pods(caller, {NAME: label})
            for caller, labels in args.callers.items()
            for label in labels
        ]
        yield _V1.NetworkPolicyIngressRuleArgs(from_=callers, ports=_ports(app.ports))


def _egress(
    name: str, args: NetworkPolicyArgs
) -> Iterator[networking.v1.NetworkPolicyEgressRuleArgs]:
    app = args.app
    yield dns_egress()
    for callee, ports in args.callees.items():
        yield _V1.NetworkPolicyEgressRuleArgs(
            to=[_pods(callee, {NAME: callee})], ports=_ports(ports)
        )
    peers = app.peers if isinstance(app, Replicated) else None
    if peers:
        yield _V1.NetworkPolicyEgressRuleArgs(
            to=[_pods(name, {NAME: name})], ports=_ports(peers.ports)
        )
    if app.traced:
        yield _V1.NetworkPolicyEgressRuleArgs(
            to=[_pods(AGENT_NAMESPACE, AGENT_LABELS)], ports=_ports(AGENT_PORTS)
        )
    if app.policies:
        yield _egress_rule([_POD_IDENTITY_AGENT], _HTTP)
    if app.service_account_token:
        yield api_egress(args.control_plane_cidrs)
    for reach in app.reaches:
        yield _egress_rule([reach.cidr], reach.port)


def api_egress(control_plane_cidrs: Sequence[str]) -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Returns the rule that allows connections to the Kubernetes API."""
    return _egress_rule([*_API_SERVICES, *control_plane_cidrs], _HTTPS)


def dns_egress() -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Returns the rule that allows connections to CoreDNS."""
    return _V1.NetworkPolicyEgressRuleArgs(
        to=[_pods("kube-system", {"k8s-app": "kube-dns"})],
        ports=[*_ports([_DNS], "UDP"), *_ports([_DNS])],
    )


def _egress_rule(cidrs: Sequence[str], port: int) -> networking.v1.NetworkPolicyEgressRuleArgs:
    return _V1.NetworkPolicyEgressRuleArgs(to=_cidrs(cidrs), ports=_ports([port]))


def _pods(namespace: str, labels: Mapping[str, str]) -> networking.v1.NetworkPolicyPeerArgs:
    """Returns the pods with some labels in a namespace."""
    return _V1.NetworkPolicyPeerArgs(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels={NAMESPACE_NAME: namespace}),
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=labels),
    )


def _cidrs(cidrs: Sequence[str]) -> Sequence[networking.v1.NetworkPolicyPeerArgs]:
    return [_V1.NetworkPolicyPeerArgs(ip_block=_V1.IPBlockArgs(cidr=cidr)) for cidr in cidrs]


def _port_by_name_and_number(
    app: Deployed, port: str
) -> Sequence[networking.v1.NetworkPolicyPortArgs]:
    """Returns a port by name and by number.

    By number, CIDRs have access before the controller has resolved the port name of a pod.
    """
    return _ports([port, app.ports[port]])


def _ports(
    ports: Iterable[str | int], protocol: str = "TCP"
) -> Sequence[networking.v1.NetworkPolicyPortArgs]:
    return [_V1.NetworkPolicyPortArgs(port=port, protocol=protocol) for port in ports]
