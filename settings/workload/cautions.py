"""Cautions about the pods of workloads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from core.availability.zone_loss import pack_fullest_zone
from settings.availability import pools_of, zone_model_of
from settings.reading.caution import Caution
from settings.reading.wording import counted, listed
from settings.stack import Settings

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


CAUTIONS = (
    _more_pods_than_nodes,
    _architectures,
    _kubelet_shutdown,
    _spread,
    _policies_without_route,
    _queues_without_policies,
    _storage_below_scratch,
)
