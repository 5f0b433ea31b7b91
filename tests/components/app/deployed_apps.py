"""Deploys an app, a worker or a singleton for tests of its resources."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.app import App, AppArgs, Migrations
from components.autoscaling import PriorityClasses
from components.file_systems import SharedFiles
from components.load_balancing import Target
from components.prometheus import Source
from core.facts.versions.add_ons import OPTIONAL_ADD_ONS
from core.load_balancers import Kind
from settings.app.apps import App as AppSettings
from settings.pool.pools import Pool
from settings.singleton.singletons import Singleton
from settings.worker.workers import Worker
from settings.workload.served import Served
from settings.workload.workload import Workload
from tests.components.deploy import Deployed, context, copied, deploy, show, with_kubernetes

NAMESPACE = "kubernetes:core/v1:Namespace"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
SERVICE = "kubernetes:core/v1:Service"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1"
CIDRS: dict[Kind, str] = {"public": "10.0.16.0/22", "internal": "10.0.20.0/22"}
"""Subnet of each load balancer."""

EXPOSED: dict[str, Any] = {"expose": {"path": "/"}}
POOLS = {
    "batch": Pool.model_validate(
        {
            "instanceTypes": ("m7i.large",),
            "perZone": {"min": 1, "max": 3},
            "taints": (
                {"key": "batch", "value": "yes", "effect": "NO_SCHEDULE"},
                {"key": "gone", "effect": "NO_EXECUTE"},
                {"key": "rather", "effect": "PREFER_NO_SCHEDULE"},
            ),
        }
    )
}
_REQUIRED = {
    "image": "example.com/web:1.0",
    "requests": {"cpu": "250m", "memory": "128Mi"},
}


def settings(**changes: Any) -> AppSettings:
    defaults = {"port": 8080, "replicas": {"needed": 4, "max": 60}}
    return AppSettings.model_validate({**_REQUIRED, **defaults, **changes})


def worker(**changes: Any) -> Worker:
    return Worker.model_validate({**_REQUIRED, "replicas": {"needed": 4, "max": 60}, **changes})


def singleton(**changes: Any) -> Singleton:
    return Singleton.model_validate({**_REQUIRED, **changes})


def app(
    zones: int = 3,
    name: str = "web",
    *,
    scraped: bool = False,
    same_zone: bool = False,
    **changes: Any,
) -> Deployed:
    """Deploys an app, with a target group if it is exposed."""
    return deployed(settings(**changes), zones, name, scraped=scraped, same_zone=same_zone)


def deployed(
    workload: AppSettings | Worker | Singleton,
    zones: int = 3,
    name: str = "web",
    *,
    scraped: bool = False,
    same_zone: bool = False,
    load_balancers: Sequence[Kind] = ("public",),
) -> Deployed:
    """Deploys a workload, with a target group if it is exposed."""
    exposed = isinstance(workload, Served) and workload.expose

    def build() -> None:
        arn = pulumi.Output.from_input(GROUP)
        address = pulumi.Output.from_input("https://aps")
        args = AppArgs(
            context=context(),
            app=workload,
            callers={},
            callees={},
            resolve_image=copied,
            zones=zones,
            effective_zones=zones,
            awaited=True,
            pool=POOLS[workload.pool] if workload.pool else None,
            node_provision_minutes=10,
            prefers_same_zone=same_zone,
            control_plane_cidrs=["10.0.31.240/28"],
            storage=[],
            before_pods=[],
            priority_classes=PriorityClasses(
                critical=pulumi.Output.from_input("ha-eks-critical"),
                default=pulumi.Output.from_input("ha-eks-default"),
                headroom=pulumi.Output.from_input("ha-eks-headroom"),
            ),
            targets=[
                Target(kind=kind, arn=arn, cidrs=[CIDRS[kind]], ready=[])
                for kind in (load_balancers if exposed else ())
            ],
            source=Source(address=address, region="us-east-1", ready=[]) if scraped else None,
            keda=None,
            sampled_percent=5,
            migrations=Migrations(provider=kubernetes.Provider("migrations")),
            drivers=drivers(),
            shared_files=shared_files(workload),
        )
        component = App(name, args, with_kubernetes())
        show(serving=[resource.urn for resource in component.serving])

    return deploy(build)


def drivers() -> dict[str, pulumi.Resource]:
    """Returns the optional CSI drivers."""
    return {name: pulumi.ComponentResource("test:index:Driver", name) for name in OPTIONAL_ADD_ONS}


def shared_files(workload: Workload) -> SharedFiles | None:
    """Returns the access point of a workload with a shared volume."""
    if workload.shared_volume is None:
        return None
    target = pulumi.ComponentResource("test:index:MountTarget", "target")
    handle = pulumi.Output.from_input("fs-0123456789abcdef0::fsap-0123456789abcdef0")
    return SharedFiles(handle=handle, ready=[target])


def pod(**changes: Any) -> dict[str, Any]:
    return app(**changes).one(DEPLOYMENT).inputs["spec"]["template"]["spec"]


def container(**changes: Any) -> dict[str, Any]:
    (only,) = pod(**changes)["containers"]
    return only
