"""Probes: one question each, asked of a port that there is, readiness before liveness."""

from collections.abc import Iterator

from settings.app.apps import App
from settings.app.probes import Probe
from settings.reading.names import MAIN_PORT
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _probes(settings: Settings) -> Iterator[tuple[str, App, str, Probe]]:
    """Key, app, name and settings of each probe."""
    for name, app in settings.apps.items():
        for which, probe in (
            ("liveness", app.probes.liveness),
            ("readiness", app.probes.readiness),
        ):
            yield f"{NAMESPACE}:apps.{name}.probes.{which}", app, which, probe


def _questions(settings: Settings) -> Iterator[Problem]:
    for key, app, _, probe in _probes(settings):
        asked = [
            name
            for name, given in (
                ("path", probe.path is not None),
                ("grpc", probe.grpc is not None),
                ("command", bool(probe.command)),
            )
            if given
        ]
        if len(asked) > 1:
            yield Problem(key=key, value=asked, message="at most one of path, grpc and command")
        if probe.port not in app.ports:
            ports = ", ".join(sorted(app.ports))
            yield Problem(key=f"{key}.port", value=probe.port, message=f"one of its ports: {ports}")
        if probe.timeout_seconds > probe.period_seconds:
            yield Problem(
                key=f"{key}.timeoutSeconds",
                value=probe.timeout_seconds,
                message=f"at most periodSeconds, {probe.period_seconds} s: the next question would "
                "come before the answer",
            )


def _readiness_first(settings: Settings) -> Iterator[Problem]:
    for key, app, which, probe in _probes(settings):
        readiness = app.probes.readiness
        if which == "liveness" and probe.detection_seconds <= readiness.detection_seconds:
            yield Problem(
                key=key,
                value=probe.detection_sum,
                message=f"more than readiness takes, {readiness.detection_sum}: "
                "requests stop coming before the container is restarted",
            )


def _asked_by_the_load_balancer(settings: Settings) -> Iterator[Problem]:
    for key, app, which, probe in _probes(settings):
        if app.expose is None or which != "readiness":
            continue
        if probe.path is None:
            yield Problem(
                key=f"{key}.path",
                value=None,
                message="a path: the load balancer asks there whether a pod can serve",
            )
        elif probe.port in app.ports and probe.port != MAIN_PORT:
            yield Problem(
                key=f"{key}.port",
                value=probe.port,
                message=f"{MAIN_PORT}, its main port: the load balancer reaches no other",
            )


RULES = (_questions, _readiness_first, _asked_by_the_load_balancer)
