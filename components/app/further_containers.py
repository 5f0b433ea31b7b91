"""Init containers and sidecars of a pod."""

from collections.abc import Iterator, Mapping, Sequence

from pulumi_kubernetes import core

from components.app import environment, probes
from components.images import ImageResolver
from components.pod_security import container_security_context
from settings.workload.container import LOG_STORAGE
from settings.workload.containers import InitContainer, Sidecar
from settings.workload.deployed import Deployed
from settings.workload.workload import Workload

_STORAGE = {"ephemeral-storage": f"{LOG_STORAGE}Mi"}


def init_containers(
    app: Workload, resolve_image: ImageResolver, mounts: Sequence[core.v1.VolumeMountArgs]
) -> Iterator[core.v1.ContainerArgs]:
    """Yields init containers and sidecars in the order of their start.

    A sidecar is an init container that is always restarted:
    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    for each in app.before_program:
        args = _container(app, each, resolve_image, mounts)
        if isinstance(each, Sidecar):
            _run_beside(args, each, app.ports if isinstance(app, Deployed) else {})
        yield args


def _container(
    app: Workload,
    container: InitContainer | Sidecar,
    resolve_image: ImageResolver,
    mounts: Sequence[core.v1.VolumeMountArgs],
) -> core.v1.ContainerArgs:
    """Returns what init containers and sidecars have in common.

    The limit of ephemeral storage of a pod is the sum of the limits of its containers.
    """
    requests = container.requests
    storage_limit = _STORAGE if app.limits.ephemeral_storage else {}
    return core.v1.ContainerArgs(
        name=container.name,
        image=resolve_image(container.image),
        image_pull_policy="IfNotPresent",
        command=list(container.command) or None,
        args=list(container.args) or None,
        env=[*environment.variables(container)] or None,
        env_from=[*environment.sources(container)] or None,
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": requests.cpu, "memory": requests.memory, **_STORAGE},
            limits={"memory": requests.memory, **storage_limit},
        ),
        security_context=container_security_context(),
        volume_mounts=list(mounts) or None,
    )


def _run_beside(
    args: core.v1.ContainerArgs, sidecar: Sidecar, workload_ports: Mapping[str, int]
) -> None:
    """Adds what only sidecars have. Their probes can check ports of the workload."""
    args.restart_policy = "Always"
    args.ports = [
        core.v1.ContainerPortArgs(name=name, container_port=port, protocol="TCP")
        for name, port in sidecar.ports.items()
    ] or None
    args.startup_probe = probes.startup(sidecar, workload_ports)
    args.readiness_probe = probes.readiness(sidecar, workload_ports)
    args.liveness_probe = probes.liveness(sidecar, workload_ports)
