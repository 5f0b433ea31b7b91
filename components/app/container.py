"""The container of a workload: image, environment, probes, resources and preStop hook."""

from collections.abc import Iterator, Mapping, Sequence

import pulumi
from pulumi_kubernetes import core

from components.app import (
    aws_secrets,
    environment,
    files,
    open_telemetry,
    probes,
    scratch,
    secret_files,
    shared_volume,
)
from components.app import volume as volumes
from components.app.open_telemetry import Telemetry
from components.app.peers import peers_environment
from components.pod_security import container_security_context
from settings.singleton.singletons import Singleton
from settings.workload.deployed import Deployed
from settings.workload.workload import Workload


def container(
    name: str, app: Deployed, image: pulumi.Input[str], telemetry: Telemetry
) -> core.v1.ContainerArgs:
    """Returns the container of the app `name`."""
    main = job_container(name, app, image, telemetry, command=app.command, args=app.args)
    main.ports = [
        core.v1.ContainerPortArgs(name=port_name, container_port=port, protocol="TCP")
        for port_name, port in app.ports.items()
    ] or None
    main.startup_probe = probes.startup(app, {})
    main.readiness_probe = probes.readiness(app, {})
    main.liveness_probe = probes.liveness(app, {})
    main.lifecycle = _lifecycle(app)
    main.volume_mounts = mounts(app) or None
    return main


def job_container(
    name: str,
    app: Workload,
    image: pulumi.Input[str],
    telemetry: Telemetry,
    *,
    command: Sequence[str],
    args: Sequence[str],
) -> core.v1.ContainerArgs:
    """Returns a container of the workload `name` that runs to its end: without ports, probes,
    preStop hook and persistent volume."""
    return core.v1.ContainerArgs(
        name=name,
        image=image,
        image_pull_policy="IfNotPresent",
        command=list(command) or None,
        args=list(args) or None,
        env=[*_environment(name, app, telemetry)] or None,
        env_from=[*environment.sources(app)] or None,
        resources=core.v1.ResourceRequirementsArgs(
            requests=app.container_requests,
            limits={"memory": app.requests.memory, **app.devices, **_storage_limit(app)},
        ),
        security_context=container_security_context(),
        volume_mounts=mounts(app, volume=False) or None,
    )


def mounts(app: Workload, *, volume: bool = True) -> list[core.v1.VolumeMountArgs]:
    """Returns the mounts of every container of a pod, with the persistent volume if it has one."""
    kept = app.volume if volume and isinstance(app, Singleton) else None
    return [
        *scratch.mounts(app),
        *volumes.mounts(kept),
        *files.mounts(app.files),
        *secret_files.mounts(app.secret_files),
        *aws_secrets.mounts(app),
        *shared_volume.mounts(app.shared_volume),
    ]


def _storage_limit(app: Workload) -> Mapping[str, str]:
    limit = app.limits.ephemeral_storage
    return {"ephemeral-storage": limit} if limit else {}


def _environment(name: str, app: Workload, telemetry: Telemetry) -> Iterator[core.v1.EnvVarArgs]:
    """Yields the variables of peers and OpenTelemetry that the app does not set, then the app's
    variables, which can contain references to earlier variables."""
    added = (*peers_environment(name, app), *open_telemetry.environment(name, app, telemetry))
    yield from (each for each in added if each.name not in app.variables)
    yield from environment.variables(app)


def _lifecycle(app: Deployed) -> core.v1.LifecycleArgs | None:
    """Returns the preStop hook, which runs before TERM: a command, or a sleep until the pod is
    deregistered."""
    seconds = app.termination.pre_stop
    if app.pre_stop:
        command = core.v1.ExecActionArgs(command=list(app.pre_stop.command))
        hook = core.v1.LifecycleHandlerArgs(exec_=command)
    elif seconds:
        hook = core.v1.LifecycleHandlerArgs(sleep=core.v1.SleepActionArgs(seconds=seconds))
    else:
        return None
    return core.v1.LifecycleArgs(pre_stop=hook)
