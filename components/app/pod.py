"""A pod of an app: how it starts, where it goes, how it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.app import files, volume
from components.app.container import container
from components.app.telemetry import Telemetry
from components.labels import HOST, NAME, ZONE
from components.placement import pool_selector, taint_tolerations, unready_tolerations
from components.pod_security import pod_security_context
from settings.app.apps import App
from settings.pool.pools import Pool

_OF_ITS_VERSION = ["pod-template-hash"]

_OFF_ITS_ZONES, _OFF_ITS_NODES, _NEAR = 100, 10, 20
"""Weights, for each pod that is there; the first two count twice, as that pod has them too. So a
pod more in a zone weighs as much as ten more on a node, or ten of those to be near to."""


@dataclass(frozen=True, kw_only=True)
class PodArgs:
    """What a pod is given beside its app's settings."""

    image: pulumi.Input[str]
    """Its image, where it is pulled from."""
    pool: Pool | None
    """Pool that it is on, if the app names one."""
    priority_class: pulumi.Input[str]
    """Its PriorityClass."""
    files: pulumi.Input[str] | None
    """ConfigMap of its files, if it has any."""
    claim: pulumi.Input[str] | None
    """Claim to the volume that it keeps, if it has one."""
    telemetry: Telemetry
    """Where its traces go, if it is traced."""


def pod_spec(name: str, app: App, pod: PodArgs) -> core.v1.PodSpecArgs:
    """The pod of the app `name`."""
    return core.v1.PodSpecArgs(
        service_account_name=name,
        automount_service_account_token=app.service_account_token,
        enable_service_links=False,
        priority_class_name=pod.priority_class,
        termination_grace_period_seconds=app.termination.grace,
        node_selector=pool_selector(app.pool) or None,
        tolerations=[*taint_tolerations(pod.pool), *unready_tolerations(app.toleration_seconds)],
        topology_spread_constraints=[*_spread(name, app)],
        affinity=_affinity(name, app),
        security_context=pod_security_context(app.run_as_user, app.run_as_group),
        containers=[container(name, app, pod.image, pod.telemetry)],
        volumes=[
            *(
                core.v1.VolumeArgs(
                    name=f"scratch-{number}",
                    empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit=size),
                )
                for number, size in enumerate(app.scratch.values())
            ),
            *volume.volumes(pod.claim),
            *files.volumes(pod.files),
        ]
        or None,
    )


def _spread(name: str, app: App) -> Iterator[core.v1.TopologySpreadConstraintArgs]:
    """Evenly over zones: where that can be, or a pod would wait for a zone that is lost; and over
    nodes, if that has to be."""
    yield _over(name, ZONE, "DoNotSchedule" if app.spread.zones == "strict" else "ScheduleAnyway")
    if app.spread.nodes == "strict":
        yield _over(name, HOST, "DoNotSchedule")


def _over(name: str, key: str, otherwise: str) -> core.v1.TopologySpreadConstraintArgs:
    """Each version by itself, so that a rolling update ends even too.

    The descheduler evicts by it. With Honor, nodes that are cordoned or do not answer are none that
    pods are missing on, and a zone that has only those is none that they are missing in.
    """
    return core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=key,
        when_unsatisfiable=otherwise,
        node_taints_policy="Honor",
        label_selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
        match_label_keys=_OF_ITS_VERSION,
    )


def _affinity(name: str, app: App) -> core.v1.AffinityArgs:
    """A zone with fewer of the app before all else, then a node with fewer, then one that runs
    the app that it wants to be near.

    docs/decisions/0024-pods-spread-over-zones-before-nodes.md
    """
    return core.v1.AffinityArgs(
        pod_anti_affinity=core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=(
                [_term(name, HOST)] if app.spread.one_per_node else None
            ),
            preferred_during_scheduling_ignored_during_execution=[
                _weighted(_OFF_ITS_ZONES, _term(name, ZONE, _OF_ITS_VERSION)),
                _weighted(_OFF_ITS_NODES, _term(name, HOST, _OF_ITS_VERSION)),
            ],
        ),
        pod_affinity=core.v1.PodAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[
                _weighted(_NEAR, _term(app.near, HOST))
            ]
        )
        if app.near
        else None,
    )


def _weighted(
    weight: int, term: core.v1.PodAffinityTermArgs
) -> core.v1.WeightedPodAffinityTermArgs:
    return core.v1.WeightedPodAffinityTermArgs(weight=weight, pod_affinity_term=term)


def _term(app: str, key: str, version: Sequence[str] | None = None) -> core.v1.PodAffinityTermArgs:
    """The zones or nodes that run an app, which is in the namespace of its name."""
    return core.v1.PodAffinityTermArgs(
        topology_key=key,
        namespaces=[app],
        label_selector=meta.v1.LabelSelectorArgs(match_labels={NAME: app}),
        match_label_keys=version,
    )
