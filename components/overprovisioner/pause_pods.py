"""A pod that holds room: it does nothing, and is shaped like the one that it stands in for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.images import Pulled
from components.labels import HOST, NAME, ZONE
from components.placement import on_pool, staying, tolerations
from components.pod_security import container_security, pod_security
from core.availability.zone_loss import SYSTEM, HeadroomPods
from core.facts.versions import PAUSE_IMAGE
from settings.app.apps import App
from settings.app.container import Requests
from settings.pool.pools import Pool

NAMESPACE = "headroom"
"""Namespace of all that holds room."""

_FOR = "ha-eks/headroom-for"
_IN = "ha-eks/headroom-in"
_NOBODY = 65535


@dataclass(frozen=True, kw_only=True)
class Held:
    """What room is held for."""

    name: str
    """An app, or SYSTEM."""
    pods: int
    """How many, in each zone."""
    max_pods: int | None
    """How many at most, if they grow with the cell."""
    requests: Requests
    """What one asks for."""
    pool: str | None
    """Pool that it is on; None: any without taints."""
    tolerations: Sequence[core.v1.TolerationArgs]
    """What it tolerates."""
    one_per_node: bool
    """Whether no two of them share a node."""

    def labels(self, zone: str) -> Mapping[str, str]:
        """Of the pods that hold its room in a zone."""
        return {_FOR: self.name, _IN: zone}


def held(
    headroom_pods: HeadroomPods, apps: Mapping[str, App], pools: Mapping[str, Pool]
) -> Iterator[Held]:
    """All that room is held for."""
    for name, app in apps.items():
        if pods := headroom_pods.pods.get(name):
            yield Held(
                name=name,
                pods=pods,
                max_pods=headroom_pods.max_pods.get(name),
                requests=app.requests,
                pool=app.pool,
                tolerations=tolerations(pools[app.pool] if app.pool else None),
                one_per_node=app.spread.one_per_node,
            )
    if pods := headroom_pods.pods.get(SYSTEM):
        requests = Requests(
            cpu=f"{headroom_pods.system.cpu}m", memory=f"{headroom_pods.system.memory}Mi"
        )
        yield Held(
            name=SYSTEM,
            pods=pods,
            max_pods=None,
            requests=requests,
            pool=None,
            tolerations=(),
            one_per_node=False,
        )


def pod_template(
    of: Held,
    zone: str,
    *,
    priority_class: pulumi.Input[str],
    priority: int | None = None,
    pulled: Pulled,
) -> core.v1.PodTemplateSpecArgs:
    """A pod that holds room in a zone. It gives way at once.

    The descheduler has nothing to balance: there is no spread constraint in the namespace.
    """
    spec = core.v1.PodSpecArgs(
        priority_class_name=priority_class,
        priority=priority,
        termination_grace_period_seconds=0,
        automount_service_account_token=False,
        enable_service_links=False,
        node_selector={ZONE: zone, **on_pool(of.pool)},
        # Off a lost zone they would be pending, and ask for nodes that cannot come there.
        tolerations=[*of.tolerations, *staying(None)],
        affinity=_apart(of),
        security_context=pod_security(_NOBODY, _NOBODY),
        containers=[
            core.v1.ContainerArgs(
                name="pause",
                image=pulled(PAUSE_IMAGE),
                resources=core.v1.ResourceRequirementsArgs(
                    requests={"cpu": of.requests.cpu, "memory": of.requests.memory},
                    limits={"memory": of.requests.memory},
                ),
                security_context=container_security(),
            )
        ],
    )
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(labels=of.labels(zone)), spec=spec
    )


def _apart(of: Held) -> core.v1.AffinityArgs:
    """On several nodes where that can be, so that one node does not take all room with it.

    If no two of an app share a node: off the nodes where the app, or room for it, is. A
    replacement could not start there.
    """
    headroom = _term(_FOR, of.name, NAMESPACE)
    if of.one_per_node:
        terms = core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=[
                _term(NAME, of.name, of.name), headroom,
            ]
        )  # fmt: skip
    else:
        terms = core.v1.PodAntiAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[
                core.v1.WeightedPodAffinityTermArgs(weight=100, pod_affinity_term=headroom)
            ]
        )
    return core.v1.AffinityArgs(pod_anti_affinity=terms)


def _term(key: str, name: str, namespace: str) -> core.v1.PodAffinityTermArgs:
    return core.v1.PodAffinityTermArgs(
        topology_key=HOST,
        namespaces=[namespace],
        label_selector=meta.v1.LabelSelectorArgs(match_labels={key: name}),
    )
