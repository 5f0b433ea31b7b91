"""Probes of an app's container, each of one question.

https://kubernetes.io/docs/concepts/workloads/pods/probes/
"""

from collections.abc import Mapping

from pulumi_kubernetes import core

from settings.app.apps import App
from settings.app.probes import Probe

_STARTUP_PERIOD = 2


def startup(app: App) -> core.v1.ProbeArgs:
    """What liveness asks, every 2 s, or as slowly as it may be answered."""
    asked = app.probes.liveness
    period = max(_STARTUP_PERIOD, asked.timeout_seconds)
    return _probe(app.ports, asked, period, -(-app.probes.startup_seconds // period))


def liveness(app: App) -> core.v1.ProbeArgs:
    """Whether a restart would help."""
    asked = app.probes.liveness
    return _probe(app.ports, asked, asked.period_seconds, asked.failures)


def readiness(app: App) -> core.v1.ProbeArgs:
    """Whether the pod can serve."""
    asked = app.probes.readiness
    return _probe(app.ports, asked, asked.period_seconds, asked.failures)


def _probe(ports: Mapping[str, int], asked: Probe, period: int, failures: int) -> core.v1.ProbeArgs:
    given = core.v1.ProbeArgs(
        period_seconds=period,
        timeout_seconds=asked.timeout_seconds,
        failure_threshold=failures,
    )
    if asked.command:
        given.exec_ = core.v1.ExecActionArgs(command=list(asked.command))
    elif asked.grpc is not None:  # the only one that takes no name of a port
        given.grpc = core.v1.GRPCActionArgs(port=ports[asked.port], service=asked.grpc)
    elif asked.path:
        given.http_get = core.v1.HTTPGetActionArgs(path=asked.path, port=asked.port)
    else:
        given.tcp_socket = core.v1.TCPSocketActionArgs(port=asked.port)
    return given
