"""Startup, liveness and readiness probes of a container.

https://kubernetes.io/docs/concepts/workloads/pods/probes/
"""

from collections.abc import Mapping

from pulumi_kubernetes import core

from settings.workload.containers import Sidecar
from settings.workload.deployed import Deployed
from settings.workload.probes import Probe

_STARTUP_PERIOD_SECONDS = 2

Ports = Mapping[str, int]
"""Numbers of ports, by name."""


def startup(app: Deployed | Sidecar, shared: Ports) -> core.v1.ProbeArgs | None:
    """Returns the startup probe: the liveness request every 2 seconds, or per timeout if longer.

    `shared` are ports of other containers of the pod, which the probe can name too.
    """
    probe = app.liveness
    if probe is None:
        return None
    period = max(_STARTUP_PERIOD_SECONDS, probe.timeout_seconds)
    return _probe(app.ports, shared, probe, period, -(-app.probes.startup_seconds // period))


def liveness(app: Deployed | Sidecar, shared: Ports) -> core.v1.ProbeArgs | None:
    """Returns the liveness probe: the kubelet restarts a container that fails it."""
    probe = app.liveness
    return probe and _probe(app.ports, shared, probe, probe.period_seconds, probe.failures)


def readiness(app: Deployed | Sidecar, shared: Ports) -> core.v1.ProbeArgs | None:
    """Returns the readiness probe: a pod that fails it receives no requests."""
    probe = app.readiness
    return probe and _probe(app.ports, shared, probe, probe.period_seconds, probe.failures)


def _probe(
    own: Ports, shared: Ports, probe: Probe, period: int, failures: int
) -> core.v1.ProbeArgs:
    """Returns a probe. The kubelet knows the names of the ports of the container only, and gRPC
    probes accept numbers only."""
    args = core.v1.ProbeArgs(
        period_seconds=period,
        timeout_seconds=probe.timeout_seconds,
        failure_threshold=failures,
    )
    if probe.command:
        args.exec_ = core.v1.ExecActionArgs(command=list(probe.command))
        return args
    if probe.grpc is not None:
        number = {**shared, **own}[probe.port]
        args.grpc = core.v1.GRPCActionArgs(port=number, service=probe.grpc)
        return args
    port = probe.port if probe.port in own else shared[probe.port]
    if probe.path:
        args.http_get = core.v1.HTTPGetActionArgs(path=probe.path, port=port)
    else:
        args.tcp_socket = core.v1.TCPSocketActionArgs(port=port)
    return args
