"""Deploys the load balancer and its controller for tests of their resources."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.load_balancing import LoadBalancing, LoadBalancingArgs
from components.network.vpc import BalancerSubnets
from core.load_balancers import Kind
from settings.app.apps import App as AppSettings
from settings.load_balancing.load_balancing import BalancerSettings
from settings.traffic.traffic import Names
from tests.components.deploy import Deployed, context, copied, deploy, show, with_kubernetes
from tests.components.given_balancer import GivenBalancer

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
PODS = "sg-pods"


def app(path: str | None = "/", **changes: Any) -> AppSettings:
    defaults = {
        "image": "example.com/web:1.0",
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "replicas": {"needed": 4, "max": 60},
        "probes": {"readiness": {"path": "/readyz"}},
    }
    expose = {"path": path, **changes.pop("expose", {})} if path else None
    return AppSettings.model_validate({**defaults, **changes, "expose": expose})


def balancing(
    *,
    apps: dict[str, AppSettings] | None = None,
    kind: Kind = "public",
    domain: str | None = None,
    health_paths: dict[str, str] | None = None,
    hosts: Sequence[str] = (),
    zones: Mapping[str, str] = {},
    protected: bool = True,
    **changes: Any,
) -> Deployed:
    """Deploys LoadBalancing with one load balancer; `changes` are keys of `loadBalancing`."""
    served = apps or {"web": app()}
    names = {"domain": domain, "hostedZoneId": "Z0123456789", "zones": zones}
    balancer = GivenBalancer(
        kind=kind,
        settings=BalancerSettings.model_validate(changes),
        key="ha-eks:loadBalancing",
        names=Names.model_validate(names) if domain else None,
        names_key="ha-eks:traffic",
        exposed={name: each.expose for name, each in served.items() if each.expose},
        served=served,
        given_hosts=hosts,
        given_paths=health_paths or {},
    )

    def build() -> None:
        args = LoadBalancingArgs(
            before_pods=[],
            load_balancers={kind: balancer},
            protected=protected,
            context=context(),
            vpc_id="vpc-1",
            subnets={
                kind: BalancerSubnets(
                    ids={
                        zone: pulumi.Output.from_input(subnet)
                        for zone, subnet in (("us-east-1a", "subnet-a"), ("us-east-1b", "subnet-b"))
                    },
                    cidrs=[],
                )
            },
            pod_security_group_id=PODS,
            resolve_image=copied,
        )
        component = LoadBalancing("lb", args, with_kubernetes())
        created = component.balancers[kind]
        targets = {name: target for name, [target] in component.targets.items()}
        show(
            dns_name=created.dns_name,
            zone_id=created.zone_id,
            urls=created.urls,
            arns={name: target.arn for name, target in targets.items()},
            ready={
                name: [resource.urn for resource in target.ready]
                for name, target in targets.items()
            },
        )

    return deploy(build)


APPS = {"web": app(), "api": app("/api"), "docs": app("/docs/v1"), "cache": app(None)}
"""Apps at "/" and at two other paths, and one that is not exposed."""


def listener(lb: Deployed, port: int) -> dict[str, Any]:
    (found,) = [each.inputs for each in lb.of_type(LISTENER) if each.inputs["port"] == port]
    return found


def arn_of(lb: Deployed, app_name: str) -> str | None:
    """Returns the ARN of the target group of an app."""
    return lb.id_of(lb.one(GROUP, f"lb-{app_name}"))


def rules(lb: Deployed) -> list[dict[str, Any]]:
    """Returns the inputs of all listener rules, in the order of their priorities."""
    return sorted((each.inputs for each in lb.of_type(RULE)), key=lambda rule: rule["priority"])
