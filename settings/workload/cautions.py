"""Cautions about the pods of workloads."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from core.availability.zone_loss import pack_fullest_zone
from settings.availability import pools_of, zone_model_of
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.wording import counted, listed
from settings.stack import NAMESPACE, Settings

_HTTPS = 443


def _more_pods_than_nodes(settings: Settings, today: date) -> Iterator[Caution]:
    """Packs each workload at its maximum, with the others at their minimum and no headroom."""
    cell = replace(zone_model_of(settings), headroom={})
    for index, app in enumerate(cell.apps):
        name = app.pod.name
        maximum = settings.deployments[name].maximum_replicas
        apps = [*cell.apps]
        apps[index] = replace(app, pods=maximum)
        pending = sum(
            pod.name == name for pod in pack_fullest_zone(replace(cell, apps=apps)).pending
        )
        if pending:
            yield Caution(
                key=settings.key_of(name, "replicas.max"),
                text=f"about {pending * cell.zones} of {maximum} pods would stay pending, because "
                "its pools reach perZone.max first; raise perZone.max or lower "
                "replicas.max",
            )


def _all_at_maximum(settings: Settings, today: date) -> Iterator[Caution]:
    """Packs all workloads at their maximum, without headroom, if each fits on its own."""
    if any(_more_pods_than_nodes(settings, today)):
        return
    cell = replace(zone_model_of(settings), headroom={})
    maximum = {name: app.maximum_replicas for name, app in settings.deployments.items()}
    apps = [replace(app, pods=maximum[app.pod.name]) for app in cell.apps]
    pending = Counter(pod.name for pod in pack_fullest_zone(replace(cell, apps=apps)).pending)
    workloads = [
        f"{pods * cell.zones} of {maximum[name]} {name}"
        for name, pods in pending.items()
        if name in maximum
    ]
    if workloads:
        yield Caution(
            key=f"{NAMESPACE}:pools",
            text=f"if all workloads are at replicas.max, about {listed(workloads)} pods stay "
            "pending, because the pools reach perZone.max first; raise perZone.max, or lower "
            "replicas.max",
        )


def _architectures(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.workloads.items():
        pools = pools_of(settings, app)
        by_architecture = {pool.architecture: key for key, pool in pools.items()}
        if len(by_architecture) > 1:
            nodes = listed([f"{kind} (pool {key})" for kind, key in by_architecture.items()])
            for prefix in app.containers:
                yield Caution(
                    key=settings.key_of(name, f"{prefix}image"),
                    text=f"pods run on nodes of {nodes}, and do not start on nodes that the image "
                    "does not support; use an image for both architectures, or write a pool",
                )


def _kubelet_shutdown(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.deployments.items():
        for pool_name, pool in pools_of(settings, app).items():
            grace = pool.kubelet.app_grace
            if not pool.bottlerocket and app.termination.grace > grace:
                yield Caution(
                    key=settings.key_of(name, "shutdownSeconds"),
                    text=f"pods need {app.termination} from deletion to KILL, but have {grace}s "
                    f"when a node of pool {pool_name} shuts down without a drain, and may then "
                    "drop requests or jobs; lower shutdownSeconds or raise the pool's "
                    "kubelet.shutdownGraceSeconds",
                )


def _spread(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.replicated.items():
        if app.spread.zones == "preferred" and len(settings.network.zones_in) > 1:
            yield Caution(
                key=settings.key_of(name, "spread.zones"),
                text="after a burst, a rollout or the return of a zone, pods can stay spread "
                "unevenly, and the failure of the fullest zone can then leave fewer than "
                f"{counted(app.replicas.needed, 'needed pod')}; strict keeps the zones even",
            )
        if app.spread.nodes == "strict":
            yield Caution(
                key=settings.key_of(name, "spread.nodes"),
                text="one full node can keep new pods pending although other nodes have capacity, "
                "and the Cluster Autoscaler may not detect that a new node would help; the claim "
                "that the pods of a failed zone fit into the other zones does not cover these pods",
            )


def _policies_without_route(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.workloads.items():
        if app.policies and not any(each.port == _HTTPS for each in app.reaches):
            yield Caution(
                key=settings.key_of(name, "policies"),
                text="the pods have IAM policies, but network policies deny their connections "
                f"to AWS (port {_HTTPS}); add {{cidr: 0.0.0.0/0, port: {_HTTPS}}} or the "
                "subnets of VPC endpoints to reaches",
            )


def _queues_without_policies(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.replicated.items():
        if app.scaling.queues and not app.policies:
            yield Caution(
                key=settings.key_of(name, "scaling.queues"),
                text="KEDA reads the number of messages with its own role, but the pods have no "
                "IAM policies to receive and delete them; add an IAM policy to policies",
            )


def _storage_below_scratch(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.workloads.items():
        if app.ephemeral_storage < app.scratch_and_logs:
            yield Caution(
                key=settings.key_of(name, "requests.ephemeralStorage"),
                text=f"scratch and logs of a pod can use {app.scratch_and_logs}Mi; if the pods of "
                "a node together fill its disk, the kubelet evicts pods, also of other workloads",
            )


def _no_workload(settings: Settings, today: date) -> Iterator[Caution]:
    if not settings.deployments:
        yield Caution(
            key=f"{NAMESPACE}:apps",
            text="the stack file has no app, worker or singleton: headroom, alarms and the "
            "zone-loss proof cover system pods only; pods that another tool deploys, such as "
            "Argo CD, are not counted (docs/federation.md)",
        )


CAUTIONS = (
    CautionRule("HA957", "The stack file has the workloads of the cell.", _no_workload),
    CautionRule("HA915", "Pools can run a workload at its maximum.", _more_pods_than_nodes),
    CautionRule("HA936", "Pools can run all workloads at their maximum.", _all_at_maximum),
    CautionRule(
        "HA916", "The pods of a workload run on nodes of one architecture.", _architectures
    ),
    CautionRule(
        "HA917", "A node that shuts down leaves pods their grace period.", _kubelet_shutdown
    ),
    CautionRule("HA918", "Pods stay evenly spread over zones and are scheduled.", _spread),
    CautionRule("HA919", "Pods with IAM policies reach AWS.", _policies_without_route),
    CautionRule(
        "HA920", "Pods that scale on a queue have permission to read it.", _queues_without_policies
    ),
    CautionRule("HA921", "Pods request the disk space that they can use.", _storage_below_scratch),
)
