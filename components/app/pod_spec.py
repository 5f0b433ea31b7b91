"""The pod of an app: scheduling, security and volumes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.app import aws_secrets, files, scratch, secret_files, shared_volume, volume
from components.app.container import container, job_container, mounts
from components.app.further_containers import init_containers
from components.app.open_telemetry import Telemetry
from components.images import ImageResolver
from components.observability.agents import EXCLUDED
from components.placement import pool_selector, taint_tolerations, unready_tolerations
from components.pod_security import pod_security_context
from core.labels import HOST, NAME, ZONE
from core.pod_identity import ASSOCIATION
from settings.pool.pools import Pool
from settings.workload.deployed import Deployed
from settings.workload.placement import Spread, TolerationSeconds
from settings.workload.replicated import Replicated
from settings.workload.workload import Workload

_SAME_VERSION = ["pod-template-hash"]
"""Match label keys that restrict a constraint to the pods of one version."""

_ZONE_WEIGHT, _NODE_WEIGHT, _NEAR_WEIGHT = 100, 10, 20
"""Weights per existing pod. The scheduler adds the first two twice, because the existing pod has
the same anti-affinity. One pod more in a zone therefore weighs as much as ten more pods on a node,
or as ten pods of the app that this app wants to be near."""


@dataclass(frozen=True, kw_only=True)
class PodArgs:
    """Values of a pod that are not in the settings of its app."""

    resolve_image: ImageResolver
    """Returns the address that nodes pull an image from."""
    pool: Pool | None
    """Pool that the app names; None: any pool without taints."""
    priority_class: pulumi.Input[str]
    """Name of the PriorityClass."""
    files: pulumi.Input[str] | None
    """Name of the ConfigMap with the app's files; None: no files."""
    claim: pulumi.Input[str] | None
    """Name of the volume claim; None: no volume."""
    shared_claim: pulumi.Input[str] | None
    """Name of the claim of the shared volume; None: no shared volume."""
    telemetry: Telemetry
    """Settings of traces."""
    association_id: pulumi.Output[str] | None
    """ID of the Pod Identity association, if the workload has an IAM role. Without it, Kubernetes
    would accept pods without AWS credentials, and another ID would roll out no new pods."""


@dataclass(frozen=True, kw_only=True)
class JobPodArgs:
    """Settings of the pod of a job."""

    command: Sequence[str]
    """Program and first arguments; none: the entrypoint of the image."""
    args: Sequence[str]
    """Arguments of the entrypoint; none: the arguments of the image."""
    grace: int
    """Seconds from TERM to KILL, when the pod is evicted or its job has passed its deadline."""
    toleration_seconds: TolerationSeconds
    """Time that the pod stays on a failed node."""


def pod_annotations(app: Workload, pod: PodArgs) -> Mapping[str, pulumi.Input[str]]:
    """Returns the annotations of all pods of a workload: the association, and the exclusion from
    log collection."""
    association = {ASSOCIATION: pod.association_id} if pod.association_id else {}
    return {**association, **({} if app.logs.collected else EXCLUDED)}


def pod_spec(name: str, app: Deployed, pod: PodArgs) -> core.v1.PodSpecArgs:
    """Returns the pod of the workload `name`."""
    main = container(name, app, pod.resolve_image(app.image), pod.telemetry)
    spec = _pod(name, app, pod, main, app.toleration_seconds)
    spec.termination_grace_period_seconds = app.termination.grace
    if isinstance(app, Replicated):
        spec.topology_spread_constraints = [*_spread(name, app.spread)]
    spec.affinity = _affinity(name, app)
    return spec


def job_pod_spec(name: str, app: Workload, pod: PodArgs, job: JobPodArgs) -> core.v1.PodSpecArgs:
    """Returns a pod of the workload `name` that runs to its end."""
    main = job_container(
        name, app, pod.resolve_image(app.image), pod.telemetry, command=job.command, args=job.args
    )
    spec = _pod(name, app, pod, main, job.toleration_seconds)
    spec.termination_grace_period_seconds = job.grace
    spec.restart_policy = "Never"
    return spec


def _pod(
    name: str,
    app: Workload,
    pod: PodArgs,
    main: core.v1.ContainerArgs,
    toleration_seconds: TolerationSeconds,
) -> core.v1.PodSpecArgs:
    """Returns what all pods of the workload `name` have.

    The sidecars of a migration listen on ports of the workload too.
    """
    ports = app.ports.values() if isinstance(app, Deployed) else ()
    return core.v1.PodSpecArgs(
        service_account_name=name,
        automount_service_account_token=app.service_account_token,
        enable_service_links=False,
        priority_class_name=pod.priority_class,
        node_selector=pool_selector(app.pool) or None,
        tolerations=[
            *taint_tolerations(pod.pool, app.requests.device),
            *unready_tolerations(toleration_seconds),
        ],
        security_context=pod_security_context(
            app.run_as_user, app.run_as_group, ports=[*ports, *app.sidecar_ports]
        ),
        init_containers=[
            *init_containers(app, pod.resolve_image, mounts(app, volume=pod.claim is not None))
        ]
        or None,
        containers=[main],
        image_pull_secrets=[
            core.v1.LocalObjectReferenceArgs(name=secret) for secret in app.image_pull_secrets
        ]
        or None,
        volumes=[
            *scratch.volumes(app),
            *volume.volumes(pod.claim),
            *files.volumes(pod.files),
            *secret_files.volumes(app.secret_files),
            *aws_secrets.volumes(name, app),
            *shared_volume.volumes(pod.shared_claim),
        ]
        or None,
    )


def _spread(name: str, spread: Spread) -> Iterator[core.v1.TopologySpreadConstraintArgs]:
    """Yields the spread over zones, and over nodes if `spread.nodes` is strict.

    With a strict spread, the pods of a failed zone start in the others when Kubernetes has tainted
    its nodes.
    """
    yield _spread_over(
        name, ZONE, "DoNotSchedule" if spread.zones == "strict" else "ScheduleAnyway"
    )
    if spread.nodes == "strict":
        yield _spread_over(name, HOST, "DoNotSchedule")


def _spread_over(
    name: str, key: str, when_unsatisfiable: str
) -> core.v1.TopologySpreadConstraintArgs:
    """Returns a spread of the pods of each version, so that they are even after a rollout.

    The descheduler evicts by these constraints. With node_taints_policy Honor, both ignore nodes
    that are cordoned or not reachable, and zones with only such nodes.
    """
    return core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=key,
        when_unsatisfiable=when_unsatisfiable,
        node_taints_policy="Honor",
        label_selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
        match_label_keys=_SAME_VERSION,
    )


def _affinity(name: str, app: Deployed) -> core.v1.AffinityArgs:
    """Returns preferences in this order: zones with fewer pods of the app, nodes with fewer pods of
    the app, nodes with pods of the app `near`.

    docs/decisions/0024-pods-spread-over-zones-before-nodes.md
    """
    return core.v1.AffinityArgs(
        pod_anti_affinity=core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=(
                [_term(name, HOST)] if app.one_per_node else None
            ),
            preferred_during_scheduling_ignored_during_execution=[
                _weighted(_ZONE_WEIGHT, _term(name, ZONE, _SAME_VERSION)),
                _weighted(_NODE_WEIGHT, _term(name, HOST, _SAME_VERSION)),
            ],
        ),
        pod_affinity=core.v1.PodAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[
                _weighted(_NEAR_WEIGHT, _term(app.near, HOST))
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
    """Returns a term for the zones or nodes (`key`) that run pods of an app."""
    return core.v1.PodAffinityTermArgs(
        topology_key=key,
        namespaces=[app],
        label_selector=meta.v1.LabelSelectorArgs(match_labels={NAME: app}),
        match_label_keys=version,
    )
