"""Room that each zone holds for the pods of a lost one: pods that do nothing, and give way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.labels import HOST, NAME, ZONE
from components.placement import on_pool, tolerations
from components.restricted import container_security, namespace, pod_security
from core.images import copied
from core.versions import PAUSE_IMAGE
from settings.apps import App
from settings.pools import Pool

_FOR = "ha-eks/headroom-for"
_IN = "ha-eks/headroom-in"
_NOBODY = 65535
_NAMESPACE = "headroom"


@dataclass(frozen=True, kw_only=True)
class HeadroomArgs:
    """What the headroom of a cell needs."""

    apps: Mapping[str, App]
    """The apps that room is held for, by name."""
    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    zones: Sequence[str]
    """The zones, each of which holds room."""
    room: Mapping[str, int]
    """Pods that each zone holds room for, by app, and SYSTEM."""
    priority_class: pulumi.Input[str]
    """Priority below that of every other pod."""
    registry: str | None = None
    """Registry with copies of the system's images; default: each image's own."""


class Headroom(pulumi.ComponentResource):
    """A Deployment of pause pods for every app and zone, each pod shaped like one of the app's."""

    def __init__(
        self, name: str, args: HeadroomArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Headroom", name, None, opts)
        space = namespace(name, _NAMESPACE, pulumi.ResourceOptions(parent=self))
        for app_name, app in args.apps.items():
            if not args.room.get(app_name):
                continue
            for zone in args.zones:
                labels = {_FOR: app_name, _IN: zone}
                apps.v1.Deployment(
                    f"{name}-{app_name}-{zone}",
                    metadata=meta.v1.ObjectMetaArgs(
                        name=f"{app_name}-{zone}",
                        namespace=space.metadata.name,
                        labels=labels,
                        # Pods that gave way are pending, which is what they are for.
                        annotations={"pulumi.com/skipAwait": "true"},
                    ),
                    spec=apps.v1.DeploymentSpecArgs(
                        replicas=args.room[app_name],
                        selector=meta.v1.LabelSelectorArgs(match_labels=labels),
                        template=core.v1.PodTemplateSpecArgs(
                            metadata=meta.v1.ObjectMetaArgs(labels=labels),
                            spec=_pod(args, app_name, app, zone),
                        ),
                    ),
                    opts=pulumi.ResourceOptions(parent=self),
                )
        self.register_outputs({})


def _pod(args: HeadroomArgs, name: str, app: App, zone: str) -> core.v1.PodSpecArgs:
    requests = {"cpu": app.requests.cpu, "memory": app.requests.memory}
    return core.v1.PodSpecArgs(
        priority_class_name=args.priority_class,
        termination_grace_period_seconds=0,
        automount_service_account_token=False,
        enable_service_links=False,
        node_selector={ZONE: zone, **on_pool(app.pool)},
        tolerations=tolerations(args.pools[app.pool] if app.pool else None) or None,
        affinity=_alone(name) if app.one_per_node else None,
        security_context=pod_security(_NOBODY, _NOBODY),
        containers=[
            core.v1.ContainerArgs(
                name="pause",
                image=copied(PAUSE_IMAGE, args.registry),
                resources=core.v1.ResourceRequirementsArgs(
                    requests=requests, limits={"memory": app.requests.memory}
                ),
                security_context=container_security(),
            )
        ],
    )


def _alone(name: str) -> core.v1.AffinityArgs:
    """Off the nodes where the app, or room for it, is: a replacement could not start there."""

    def off(key: str, namespaces: Sequence[str]) -> core.v1.PodAffinityTermArgs:
        return core.v1.PodAffinityTermArgs(
            topology_key=HOST,
            namespaces=namespaces,
            label_selector=meta.v1.LabelSelectorArgs(match_labels={key: name}),
        )

    return core.v1.AffinityArgs(
        pod_anti_affinity=core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=[
                off(NAME, [name]),
                off(_FOR, [_NAMESPACE]),
            ]
        )
    )
