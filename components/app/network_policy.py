"""Who reaches an app's pods, and whom they reach: nobody, but for what is named here.

A kubelet always reaches the pods of its own node, so that probes do; and what answers a connection
that may be made may always go back. Ports of pods go by their names, since a rolling update can
change their numbers: the pods of each version are then reached on their own. The controller adds
the address of a Service to those of its pods if it selects by no other labels than the rule does.
https://github.com/aws/amazon-network-policy-controller-k8s/blob/v1.1.7/pkg/resolvers/endpoints.go
docs/decisions/0031-each-app-has-one-network-policy-with-named-ports.md
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, networking

from components.labels import NAME, NAMESPACE_NAME
from components.observability.agents import AGENT_LABELS, AGENT_NAMESPACE, AGENT_PORTS
from settings.app.apps import App
from settings.reading.names import MAIN_PORT

_V1 = networking.v1

_CREDENTIALS = "169.254.170.23/32"
"""EKS Pod Identity's agent, on port 80 of every node.
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html"""

_API = ("10.100.0.1/32", "172.20.0.1/32")
"""The Kubernetes API's Service, in whichever of two networks EKS has put it.
https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html"""

_HTTPS, _HTTP, _DNS = 443, 80, 53


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is around an app."""

    app: App
    """The stack file's settings of the app."""
    callers: Sequence[str]
    """Names of the apps that connect to this app."""
    callees: Mapping[str, Sequence[str]]
    """Names of the apps that this app connects to, each with the names of its ports."""
    load_balancer_cidrs: Sequence[str]
    """Where the load balancer is."""
    control_plane_cidrs: Sequence[str]
    """Where the Kubernetes API is, and whoever scrapes metrics."""
    scraped: bool
    """Whether somebody scrapes metrics."""


def network_policy(
    name: str,
    around: Surroundings,
    metadata: meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> networking.v1.NetworkPolicy:
    """The policy of everything in the namespace of the app `name`."""
    return _V1.NetworkPolicy(
        name,
        metadata=metadata,
        spec=_V1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(),
            policy_types=["Ingress", "Egress"],
            ingress=[*_ingress(around)],
            egress=[*_egress(around)],
        ),
        opts=opts,
    )


def _ingress(around: Surroundings) -> Iterator[networking.v1.NetworkPolicyIngressRuleArgs]:
    app = around.app
    if app.expose:
        yield _V1.NetworkPolicyIngressRuleArgs(
            from_=_networks(around.load_balancer_cidrs), ports=_both(app, MAIN_PORT)
        )
    if app.metrics and around.scraped:
        yield _V1.NetworkPolicyIngressRuleArgs(
            from_=_networks(around.control_plane_cidrs), ports=_both(app, app.metrics.port)
        )
    if around.callers:
        callers = [_pods(caller, {NAME: caller}) for caller in around.callers]
        yield _V1.NetworkPolicyIngressRuleArgs(from_=callers, ports=_ports(app.ports))


def _egress(around: Surroundings) -> Iterator[networking.v1.NetworkPolicyEgressRuleArgs]:
    app = around.app
    yield _V1.NetworkPolicyEgressRuleArgs(
        to=[_pods("kube-system", {"k8s-app": "kube-dns"})],
        ports=[*_ports([_DNS], "UDP"), *_ports([_DNS])],
    )
    for callee, ports in around.callees.items():
        yield _V1.NetworkPolicyEgressRuleArgs(
            to=[_pods(callee, {NAME: callee})], ports=_ports(ports)
        )
    if app.traced:
        yield _V1.NetworkPolicyEgressRuleArgs(
            to=[_pods(AGENT_NAMESPACE, AGENT_LABELS)], ports=_ports(AGENT_PORTS)
        )
    if app.policies:
        yield _out([_CREDENTIALS], _HTTP)
    if app.service_account_token:
        yield _out([*_API, *around.control_plane_cidrs], _HTTPS)
    for reach in app.reaches:
        yield _out([reach.cidr], reach.port)


def _out(cidrs: Sequence[str], port: int) -> networking.v1.NetworkPolicyEgressRuleArgs:
    return _V1.NetworkPolicyEgressRuleArgs(to=_networks(cidrs), ports=_ports([port]))


def _pods(namespace: str, labels: Mapping[str, str]) -> networking.v1.NetworkPolicyPeerArgs:
    """Pods with some labels, in a namespace."""
    return _V1.NetworkPolicyPeerArgs(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels={NAMESPACE_NAME: namespace}),
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=labels),
    )


def _networks(cidrs: Sequence[str]) -> Sequence[networking.v1.NetworkPolicyPeerArgs]:
    return [_V1.NetworkPolicyPeerArgs(ip_block=_V1.IPBlockArgs(cidr=cidr)) for cidr in cidrs]


def _both(app: App, port: str) -> Sequence[networking.v1.NetworkPolicyPortArgs]:
    """A port by name and by number: networks are let in before the controller has seen a pod."""
    return _ports([port, app.ports[port]])


def _ports(
    ports: Iterable[str | int], protocol: str = "TCP"
) -> Sequence[networking.v1.NetworkPolicyPortArgs]:
    return [_V1.NetworkPolicyPortArgs(port=port, protocol=protocol) for port in ports]
