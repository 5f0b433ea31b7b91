"""Peers: the headless Service of a workload whose pods form a cluster, and their variables."""

from collections.abc import Iterator

import pulumi
from pulumi_kubernetes import core, meta

from core.labels import NAME
from settings.workload.replicated import Replicated
from settings.workload.workload import Workload


def peers_service(
    name: str, app: Replicated, metadata: meta.v1.ObjectMetaArgs, opts: pulumi.ResourceOptions
) -> core.v1.Service | None:
    """Creates the headless Service NAME-peers of the workload `name`; none without `peers`.

    The DNS name has the addresses of pods that are not ready, because a pod may become ready only
    after it has joined the cluster.
    https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#a-aaaa-records
    """
    if app.peers is None:
        return None
    metadata.name = _service_name(name)
    return core.v1.Service(
        _service_name(name),
        metadata=metadata,
        spec=core.v1.ServiceSpecArgs(
            type="ClusterIP",
            cluster_ip="None",
            publish_not_ready_addresses=True,
            selector={NAME: name},
            ports=[
                core.v1.ServicePortArgs(
                    name=port, port=app.ports[port], target_port=port, protocol="TCP"
                )
                for port in app.peers.ports
            ],
        ),
        opts=opts,
    )


def peers_environment(name: str, app: Workload) -> Iterator[core.v1.EnvVarArgs]:
    """Yields the variables of the workload `name`: none without `peers`."""
    if isinstance(app, Replicated) and app.peers:
        field = core.v1.ObjectFieldSelectorArgs(field_path="status.podIP")
        source = core.v1.EnvVarSourceArgs(field_ref=field)
        yield core.v1.EnvVarArgs(name="POD_IP", value_from=source)
        dns = f"{_service_name(name)}.{name}.svc.cluster.local"
        yield core.v1.EnvVarArgs(name="PEERS_DNS", value=dns)


def _service_name(name: str) -> str:
    return f"{name}-peers"
