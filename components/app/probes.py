"""Startup, liveness and readiness probes of an app's container.

https://kubernetes.io/docs/concepts/workloads/pods/probes/
"""

from collections.abc import Mapping

from pulumi_kubernetes import core

from settings.workload.deployed import Deployed
from settings.workload.probes import Probe

_STARTUP_PERIOD_SECONDS = 2


def startup(app: Deployed) -> core.v1.ProbeArgs | None:
    """Returns the startup probe: the liveness request every 2 seconds, or per timeout if longer."""
    probe = app.liveness
    if probe is None:
        return None
    period = max(_STARTUP_PERIOD_SECONDS, probe.timeout_seconds)
    return _probe(app.ports, probe, period, -(-app.probes.startup_seconds // period))


def liveness(app: Deployed) -> core.v1.ProbeArgs | None:
    """Returns the liveness probe: the kubelet restarts a container that fails it."""
    probe = app.liveness
    return probe and _probe(app.ports, probe, probe.period_seconds, probe.failures)


def readiness(app: Deployed) -> core.v1.ProbeArgs | None:
    """Returns the readiness probe: a pod that fails it receives no requests."""
    probe = app.readiness
    return probe and _probe(app.ports, probe, probe.period_seconds, probe.failures)


def _probe(ports: Mapping[str, int], probe: Probe, period: int, failures: int) -> core.v1.ProbeArgs:
    args = core.v1.ProbeArgs(
        period_seconds=period,
        timeout_seconds=probe.timeout_seconds,
        failure_threshold=failures,
    )
    if probe.command:
        args.exec_ = core.v1.ExecActionArgs(command=list(probe.command))
    elif probe.grpc is not None:  # gRPC probes accept port numbers only
        args.grpc = core.v1.GRPCActionArgs(port=ports[probe.port], service=probe.grpc)
    elif probe.path:
        args.http_get = core.v1.HTTPGetActionArgs(path=probe.path, port=probe.port)
    else:
        args.tcp_socket = core.v1.TCPSocketActionArgs(port=probe.port)
    return args
