"""Pause pods of the overprovisioner: they do nothing, and reserve capacity until preempted.

A pause pod has the requests, pool and tolerations of the pod for which it reserves capacity.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.images import ImageResolver
from components.placement import pool_selector, taint_tolerations, unready_tolerations
from components.pod_security import container_security_context, pod_security_context
from core.availability.zone_loss import SYSTEM, HeadroomPods
from core.facts.versions.images import PAUSE_IMAGE
from core.labels import HEADROOM_FOR, HEADROOM_IN, HOST, NAME, ZONE
from settings.pool.pools import Pool
from settings.workload.deployed import Deployed

NAMESPACE = "headroom"
"""Namespace of the pause pods and CapacityBuffers."""

_USER_ID = 65535


@dataclass(frozen=True, kw_only=True)
class ReservedPods:
    """Pods of an app, or of SYSTEM, for which each zone reserves capacity."""

    name: str
    """Name of the app, or SYSTEM."""
    pods: int
    """Number of pods in each zone."""
    max_pods: int | None
    """Maximum number in each zone if headroom is proportional; None: fixed."""
    requests: Mapping[str, str]
    """Resource requests of one pod, by the names of Kubernetes."""
    devices: Mapping[str, str]
    """Limit of the accelerator that the pods request, by the name of Kubernetes; empty: none."""
    pool: str | None
    """Pool of the pods; None: any pool without taints."""
    tolerations: Sequence[core.v1.TolerationArgs]
    """Tolerations of the pods."""
    one_per_node: bool
    """True if no two pods of the app share a node."""

    def labels(self, zone: str) -> Mapping[str, str]:
        """Returns the labels of the pause pods in a zone."""
        return {HEADROOM_FOR: self.name, HEADROOM_IN: zone}


def reserved_pods(
    headroom_pods: HeadroomPods, apps: Mapping[str, Deployed], pools: Mapping[str, Pool]
) -> Iterator[ReservedPods]:
    """Yields the apps, and SYSTEM, for which the zones reserve capacity."""
    for name, app in apps.items():
        if pods := headroom_pods.pods.get(name):
            yield ReservedPods(
                name=name,
                pods=pods,
                max_pods=headroom_pods.max_pods.get(name),
                requests=app.resource_requests,
                devices=app.devices,
                pool=app.pool,
                tolerations=taint_tolerations(
                    pools[app.pool] if app.pool else None, app.requests.device
                ),
                one_per_node=app.one_per_node,
            )
    if pods := headroom_pods.pods.get(SYSTEM):
        system = headroom_pods.system_requests
        yield ReservedPods(
            name=SYSTEM,
            pods=pods,
            max_pods=None,
            requests={"cpu": f"{system.cpu}m", "memory": f"{system.memory}Mi"},
            devices={},
            pool=None,
            tolerations=(),
            one_per_node=False,
        )


def pod_template(
    reserved: ReservedPods,
    zone: str,
    *,
    priority_class: pulumi.Input[str],
    priority: int | None = None,
    resolve_image: ImageResolver,
) -> core.v1.PodTemplateSpecArgs:
    """Returns the template of a pause pod in a zone.

    A preempted pause pod terminates immediately (grace period 0). The pods have no spread
    constraint, so the descheduler never evicts them.
    """
    spec = core.v1.PodSpecArgs(
        priority_class_name=priority_class,
        priority=priority,
        termination_grace_period_seconds=0,
        automount_service_account_token=False,
        enable_service_links=False,
        node_selector={ZONE: zone, **pool_selector(reserved.pool)},
        # Evicted from a failed zone, the pods would request nodes that cannot start there.
        tolerations=[*reserved.tolerations, *unready_tolerations(None)],
        affinity=_anti_affinity(reserved),
        security_context=pod_security_context(_USER_ID, _USER_ID),
        containers=[
            core.v1.ContainerArgs(
                name="pause",
                image=resolve_image(PAUSE_IMAGE),
                resources=core.v1.ResourceRequirementsArgs(
                    requests=reserved.requests,
                    limits={"memory": reserved.requests["memory"], **reserved.devices},
                ),
                security_context=container_security_context(),
            )
        ],
    )
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(labels=reserved.labels(zone)), spec=spec
    )


def _anti_affinity(reserved: ReservedPods) -> core.v1.AffinityArgs:
    """Spreads pause pods over nodes if possible, so that a node failure does not remove all.

    If no two pods of the app share a node, a pause pod must not share a node with a pod
    of the app or with another pause pod for the app: a replacement could not start there.
    """
    headroom = _term(HEADROOM_FOR, reserved.name, NAMESPACE)
    if reserved.one_per_node:
        terms = core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=[
                _term(NAME, reserved.name, reserved.name), headroom,
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
